"""Claims S6 and S7: what training does to the predictive subspaces (Figures 9 and 10).

An angle of two d-dimensional subspaces is the mean of their d principal angles, and a network's
statistic is the mean of that over d = 1 ... 10, so that no dimension is picked. Both claims are
about both tasks.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.predictive_subspaces.measures import of_active_units
from taskrnn.analysis.nulls import vector_angle_quantiles
from taskrnn.analysis.statistics import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    against,
    equivalent,
    interval,
    of_known,
    paired,
    side,
    verdict,
)

MARGIN = 5.0  # of S7, degrees


def s6(moved: dict[str, xr.Dataset]) -> Result:
    """Judge S6 for both tasks: above the restart floor, and then against the matched null.

    Above that null is `supported`; not to be told from it is `not distinguishable from chance`,
    because then any two subspaces of this activity would be as far apart; below it is
    `contradicted`, because then the two share more than chance gives.

    Parameters
    ----------
    moved : {task: `studies.predictive_subspaces.measures.moved`}
    """
    return by_task("S6", _moved, moved, null_name="covariance-matched")


def _moved(moved: xr.Dataset) -> tuple[list[Statistic], str]:
    angles = moved.assign(matched=moved.matched.mean("draw", skipna=False))
    names = ("mean", "largest", "floor", "matched")
    mean, largest, floor, matched = (over_dimensions(angles[name]) for name in names)
    found = verdict(against(largest, floor), claimed="above")
    if found == SUPPORTED:
        beyond = side(against(mean, matched).excess)
        found = {"above": SUPPORTED, "across": CHANCE, "below": CONTRADICTED}[beyond]
    above, holds = "largest principal angle above restarts (deg)", mean >= matched
    rows = [
        statistic("mean principal angle (deg)", mean, holds=holds, null=matched),
        statistic("the same, above the null (deg)", mean - matched, holds=holds),
        statistic(above, largest - floor, holds=largest > floor),
    ]
    return rows, found


def s7(aligned: dict[str, xr.Dataset]) -> Result:
    """Judge S7 for both tasks: the angle between the conditions changes by at most 5 degrees.

    The last row of a task does not decide. It takes the floor's own change out: the angle between
    conditions also changes when training makes the subspace of a single condition harder to
    estimate.

    Parameters
    ----------
    aligned : {task: `studies.predictive_subspaces.measures.aligned`}
    """
    return by_task("S7", _kept, aligned, null_name="two sessions of one condition")


def _kept(aligned: xr.Dataset) -> tuple[list[Statistic], str]:
    (before, after), (within_before, within) = (
        times(aligned[name]) for name in ("between", "within")
    )
    above = "above two sessions of one condition, after - before (deg)"
    rows = [
        change_row("angle between conditions, after - before (deg)", before, after),
        statistic("angle before (deg)", before, holds=before > within_before, null=within_before),
        statistic("angle after (deg)", after, holds=after > within, null=within),
        change_row(above, before - within_before, after - within),
    ]
    return rows, equivalent(paired(before, after), margin=MARGIN)


def change_row(name: str, before: np.ndarray, after: np.ndarray) -> Statistic:
    """The change of each network, and in how many it lies within the margin of S7."""
    return statistic(name, after - before, holds=np.abs(after - before) <= MARGIN)


def over_dimensions(angles: xr.DataArray) -> np.ndarray:
    """Mean over the dimensions (network,), from (network, dimension); NaN if one is missing."""
    return angles.mean("dimension", skipna=False).values


def times(angles: xr.DataArray) -> list[np.ndarray]:
    """`over_dimensions` of (network, when, dimension), before and after training."""
    return [over_dimensions(angles.sel(when=when)) for when in ("before", "after")]


def by_dimension(moved: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of S6 by task and dimension, means over networks."""
    columns = {"mean": "mean", "smallest": "smallest", "restarts": "floor", "largest": "largest"}
    rows = []
    for task, angles in moved.items():
        for d in angles.dimension.values.tolist():
            at = angles.sel(dimension=d).mean("draw", skipna=False)
            means = (of_known(np.mean, at[name]) for name in (*columns.values(), "matched"))
            rows.append([task, d, *(f"{mean:.1f}" for mean in means)])
    return ["task", "d", *columns, "covariance-matched, mean"], rows


def numbers(
    networks: dict[str, xr.Dataset],
    found: dict[str, xr.Dataset],
    moved: dict[str, xr.Dataset],
    aligned: dict[str, xr.Dataset],
) -> dict[str, SimpleNamespace]:
    """Numbers of the text by task: in degrees, and means over networks, if not said otherwise.

    units, lines : number of units, and the median angle of two random directions of them
    matched, active : random subspaces drawn with the activity's covariances, and of active units
    floor : largest angle between good starts of one fit, in the largest dimension
    change, within, excess : of training in the angle between the conditions, in that between two
        sessions of one condition, and in what the first has more; Intervals
    nested : its change in the smallest angle between the conditions; an Interval
    """
    said = {}
    for task, angles in moved.items():
        units, change = found[task].sizes["unit"], trained_less_untrained(aligned[task])
        active = of_active_units(networks[task], found[task])
        said[task] = SimpleNamespace(
            units=units,
            lines=float(vector_angle_quantiles(units, 1, q=0.5)),
            matched=of_known(np.mean, over_dimensions(angles.matched.mean("draw", skipna=False))),
            active=of_known(np.mean, active),
            floor=of_known(np.mean, angles.floor.isel(dimension=-1)),
            change=interval(change["between"]),
            within=interval(change["within"]),
            excess=interval(change["between"] - change["within"]),
            nested=interval(change["smallest"]),
        )
    return said


def trained_less_untrained(aligned: xr.Dataset) -> dict[str, np.ndarray]:
    """The change of `over_dimensions` in training (network,), by the name of the angle."""
    ends = {name: times(angles) for name, angles in aligned.items()}
    return {name: after - before for name, (before, after) in ends.items()}
