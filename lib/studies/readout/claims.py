"""Claims R1 and R2: where the predictive subspace lies against the readout (Figure 11).

A network's statistic is the mean over d = 1 ... 10 of the angle of its readout vector to the
d-dimensional subspace, so that no dimension is picked. Both claims are about both tasks.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from taskrnn.analysis.statistics import against, of_known
from taskrnn.analysis.verdicts import Verdict, conjunction, verdict
from taskrnn.variables import WHEN

NULLS = {"shuffled": "readout dealt out anew", "matched": "covariance-matched subspaces"}
RANDOM = {"gaussian": "Gaussian change of the weights", "rank": "rank-matched change"}
CHANGE = "after - before (deg)"


def r1(angles: dict[str, xr.Dataset], random: dict[str, xr.Dataset]) -> Result:
    """Judge R1: the angle is larger after training in both tasks, and by more than of a readout
    that is dealt out anew, and of subspaces drawn with the activity's covariance.

    The null that the claim names is the same before and after, so the change is judged against 0.
    The other rows do not decide.

    Parameters
    ----------
    angles : {task: `studies.readout.measures.readout_angles`}
    random : {task: `studies.predictive_subspaces.random_changes`}, with a network axis
    """
    result = by_task("R1", _moved, angles, random, null_name="null as named")
    as_written = conjunction(
        verdict(against(change(of, "dca")), claimed="above") for of in angles.values()
    )
    return replace(result, as_written=as_written)


def change(angles: xr.Dataset, name: str) -> np.ndarray:
    """After less before (network,), of the mean over dimensions."""
    mean = over_dimensions(angles)[name]
    return (mean.sel(when="after") - mean.sel(when="before")).values


def _moved(angles: xr.Dataset, random: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    moved, mean = change(angles, "dca"), over_dimensions(angles)
    rows = []
    for name, label in NULLS.items():
        null = change(angles, name)
        rows.append(statistic(f"{CHANGE} ({label})", moved, holds=moved > null, null=null))
    for kind, label in RANDOM.items():
        null = random.readout.sel(kind=kind).mean("dimension", skipna=False).values
        rows.append(statistic(f"{CHANGE} ({label})", moved, holds=moved > null, null=null))
    for when in WHEN:
        at = mean.sel(when=when)
        angle, null, apart = at.dca.values, at.uniform.values, np.abs(at.dca - at.again).values
        rows += [
            statistic(f"{when} (deg; random subspace)", angle, holds=angle > null, null=null),
            statistic(f"{when}, two sessions apart by (deg)", apart, holds=apart < np.abs(moved)),
        ]
    active, null = change(angles, "active"), change(angles, "uniform_active")
    label = "after - before, active units' readout (deg; random subspace)"
    rows.append(statistic(label, active, holds=active > 0, null=null))
    word = conjunction(
        verdict(against(moved), claimed="above", chance=change(angles, name)) for name in NULLS
    )
    return rows, word


def towards(angles: xr.Dataset) -> str:
    """In words, on which side of random subspaces of the same covariance the readout lies, before
    and after training: nearer to the predictive subspace than to those, or further.
    """
    mean, places = over_dimensions(angles), []
    for when in WHEN:
        at = mean.sel(when=when)
        apart = of_known(np.mean, at.dca - at.matched)
        places.append(f"{abs(apart):.1f} degrees {'further' if apart > 0 else 'nearer'} {when}")
    return " and ".join(places)


def r2(angles: dict[str, xr.Dataset]) -> Result:
    """Judge R2: after training the DCA subspace is further from the readout than the PCA subspace,
    in both tasks.
    """
    return by_task("R2", _further, angles, null_name="before training")


def _further(angles: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    mean = over_dimensions(angles)
    old, new = ((mean.dca - mean.pca).sel(when=when).values for when in ("before", "after"))
    other = (mean.again - mean.pca).sel(when="after").values
    rows = [
        statistic("DCA - PCA after training (deg)", new, holds=new > 0, null=old),
        statistic("the same, DCA of another session (deg)", other, holds=other > 0),
    ]
    return rows, verdict(against(new), claimed="above")


def over_dimensions(angles: xr.Dataset) -> xr.Dataset:
    """Mean over the dimensions, and over draws, (network, when); NaN if one is missing."""
    return angles.drop_vars("band").mean(["dimension", "draw"], skipna=False)
