"""Claims R1 and R2: where the predictive subspace lies against the readout (Figure 11).

A network's statistic is the mean over d = 1 ... 10 of the angle of its readout vector to the d-dimensional subspace, so that no
dimension is picked. Both claims are about both tasks.
"""

from typing import NamedTuple

import numpy as np

from taskrnn.claims.ledger import Result, statistic
from taskrnn.claims.predictive_subspaces import over_dimensions
from taskrnn.statistics import against, paired, verdict


class Readout(NamedTuple):
    """Angles of the readout of one task's networks before or after training, each (network, dimension), in degrees.

    dca, pca : to the predictive and to the principal subspace
    active : to the predictive subspace, of the readout of the active units alone
    matched : to random subspaces drawn with the activity's covariance, mean over draws
    shuffled : of the readout with its weights dealt out anew to the active units, to the predictive subspace
    uniform, uniform_active : medians for a random subspace of all units, and of the active units, (network, dimension)
    """

    dca: np.ndarray
    pca: np.ndarray
    active: np.ndarray
    matched: np.ndarray
    shuffled: np.ndarray
    uniform: np.ndarray
    uniform_active: np.ndarray


def r1(before: dict[str, Readout], after: dict[str, Readout]) -> Result:
    """Judge R1: the angle is larger after training in both tasks.

    The null that the claim names is the same before and after, so the change is judged against 0. The other rows do not decide:
    they say how much of the change the activity's covariance, the silent units and the sign of the weights account for.
    """
    rows, parts = [], {}
    for task in after:
        old, new = (Readout(*map(over_dimensions, angles[task])) for angles in (before, after))
        change = new.dca - old.dca
        parts[task] = verdict(paired(old.dca, new.dca), claimed="above")
        rows += [
            statistic(f"{task}: after - before (deg)", change, holds=change > 0, null=new.uniform - old.uniform),
            statistic(f"{task}: before (deg)", old.dca, holds=old.dca > old.uniform, null=old.uniform),
            statistic(f"{task}: after (deg)", new.dca, holds=new.dca > new.uniform, null=new.uniform),
        ]
        others = {
            "active units' readout": (new.active - old.active, new.uniform_active - old.uniform_active),
            "covariance-matched subspaces": (new.matched - old.matched, None),
            "shuffled readout": (new.shuffled - old.shuffled, None),
        }
        rows += [
            statistic(f"{task}: after - before, {name} (deg)", values, holds=values > 0, null=null)
            for name, (values, null) in others.items()
        ]
    return Result(claim="R1", statistics=tuple(rows), null_name="random subspace", parts=parts)


def r2(before: dict[str, Readout], after: dict[str, Readout]) -> Result:
    """Judge R2: after training the DCA subspace is further from the readout than the PCA subspace, in both tasks."""
    rows, parts = [], {}
    for task in after:
        old, new = (over_dimensions(angles[task].dca) - over_dimensions(angles[task].pca) for angles in (before, after))
        parts[task] = verdict(against(new), claimed="above")
        rows.append(statistic(f"{task}: DCA - PCA after training (deg)", new, holds=new > 0, null=old))
    return Result(claim="R2", statistics=tuple(rows), null_name="before training", parts=parts)
