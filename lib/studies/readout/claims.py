"""Claims R1 and R2: where the predictive subspace lies against the readout (Figure 11).

A network's statistic is the mean over d = 1 ... 10 of the angle of its readout vector to the
d-dimensional subspace, so that no dimension is picked. Both claims are about both tasks.
"""

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from taskrnn.analysis.statistics import against, paired, verdict


def r1(angles: dict[str, xr.Dataset]) -> Result:
    """Judge R1: the angle is larger after training in both tasks.

    The null that the claim names is the same before and after, so the change is judged against 0.
    The other rows do not decide: they say how much of the change the activity's covariance, the
    silent units and the sign of the weights account for.

    Parameters
    ----------
    angles : {task: `studies.readout.measures.readout_angles`}
    """
    return by_task("R1", _moved, angles, null_name="random subspace")


def _moved(angles: xr.Dataset) -> tuple[list[Statistic], str]:
    mean = over_dimensions(angles)
    old, new = mean.sel(when="before"), mean.sel(when="after")

    def change(name: str) -> np.ndarray:
        return (new[name] - old[name]).values

    rows = [
        statistic(
            "after - before (deg)", change("dca"), holds=change("dca") > 0, null=change("uniform")
        )
    ]
    for when, at in (("before", old), ("after", new)):
        angle, null = at.dca.values, at.uniform.values
        rows.append(statistic(f"{when} (deg)", angle, holds=angle > null, null=null))
    others = {
        "active units' readout": "active",
        "covariance-matched subspaces": "matched",
        "shuffled readout": "shuffled",
    }
    for title, name in others.items():
        null = change("uniform_active") if name == "active" else None
        rows.append(
            statistic(
                f"after - before, {title} (deg)", change(name), holds=change(name) > 0, null=null
            )
        )
    return rows, verdict(paired(old.dca.values, new.dca.values), claimed="above")


def r2(angles: dict[str, xr.Dataset]) -> Result:
    """Judge R2: after training the DCA subspace is further from the readout than the PCA subspace,
    in both tasks.
    """
    return by_task("R2", _further, angles, null_name="before training")


def _further(angles: xr.Dataset) -> tuple[list[Statistic], str]:
    mean = over_dimensions(angles)
    old, new = ((mean.dca - mean.pca).sel(when=when).values for when in ("before", "after"))
    row = statistic("DCA - PCA after training (deg)", new, holds=new > 0, null=old)
    return [row], verdict(against(new), claimed="above")


def over_dimensions(angles: xr.Dataset) -> xr.Dataset:
    """Mean over the dimensions, and over draws, (network, when); NaN if one is missing."""
    return angles.drop_vars("band").mean(["dimension", "draw"], skipna=False)
