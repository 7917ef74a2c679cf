"""Claims S6 and S7: what training does to the predictive subspaces (Figures 9 and 10).

An angle of two d-dimensional subspaces is the mean of their d principal angles, and a network's
statistic is the mean of that over d = 1 ... 10, so that no dimension is picked. Both claims are
about both tasks.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.predictive_subspaces.measures import of_active_units
from studies.predictive_subspaces.random_changes import KINDS
from taskrnn.analysis.nulls import vector_angle_quantiles
from taskrnn.analysis.statistics import against, interval, of_known, paired, side
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    Verdict,
    conjunction,
    equivalent,
    verdict,
)

MARGIN = 5.0  # of S7, degrees
RANDOM = {"gaussian": "Gaussian change", "rank": "rank-matched change"}


def s6(moved: dict[str, xr.Dataset], random: dict[str, xr.Dataset]) -> Result:
    """Judge S6 for both tasks: above two sessions of one network, and above every null.

    The nulls are random changes of the weights with the norm of the trained one, and subspaces
    drawn with the activity's covariances.

    Parameters
    ----------
    moved : {task: `studies.predictive_subspaces.measures.moved`}
    random : {task: `studies.predictive_subspaces.random_changes`}, with a network axis
    """
    result = by_task("S6", _moved, moved, random, null_name="null as named")
    return replace(result, as_written=conjunction(map(_as_written, moved.values())))


def _moved(moved: xr.Dataset, random: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    mean, sessions = (over_dimensions(moved[name]) for name in ("mean", "sessions"))
    turned = {kind: over_dimensions(random.turned.sel(kind=kind)) for kind in KINDS}
    nulls = {RANDOM[kind]: angles for kind, angles in turned.items()} | {
        "covariance-matched": over_dimensions(moved.matched.mean("draw", skipna=False))
    }
    name = "mean principal angle (deg)"
    rows = [
        statistic(f"{name} (two sessions)", mean, holds=mean > sessions, null=sessions),
        *(
            statistic(f"{name} ({null})", mean, holds=mean > angles, null=angles)
            for null, angles in nulls.items()
        ),
    ]
    above = against(mean, sessions)
    return rows, conjunction(
        verdict(above, claimed="above", chance=angles) for angles in nulls.values()
    )


def _as_written(moved: xr.Dataset) -> Verdict:
    """The word by restarts and the covariance-matched null alone; below it is contradicted."""
    angles = moved.assign(matched=moved.matched.mean("draw", skipna=False))
    names = ("mean", "largest", "floor", "matched")
    mean, largest, floor, matched = (over_dimensions(angles[name]) for name in names)
    found = verdict(against(largest, floor), claimed="above")
    if found != SUPPORTED:
        return found
    beyond = side(against(mean, matched).excess)
    return Verdict({"above": SUPPORTED, "across": CHANCE, "below": CONTRADICTED}[beyond])


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


def _kept(aligned: xr.Dataset) -> tuple[list[Statistic], Verdict]:
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


def by_dimension(
    moved: dict[str, xr.Dataset], random: dict[str, xr.Dataset]
) -> tuple[list[str], list[list]]:
    """Header and rows of the table of S6 by task and dimension, means over networks.

    Almost orthogonal is a dimension whose interval of the angle is not below the matched null.
    """
    columns = {"mean": "mean", "smallest": "smallest", "largest": "largest"}
    columns |= {"restarts": "floor", "two sessions": "sessions", "covariance-matched": "matched"}
    rows = []
    for task, angles in moved.items():
        for d in angles.dimension.values.tolist():
            at = angles.sel(dimension=d).mean("draw", skipna=False)
            means = [of_known(np.mean, at[name]) for name in columns.values()]
            means += [
                of_known(np.mean, random[task].turned.sel(dimension=d, kind=k)) for k in KINDS
            ]
            below = side(against(at["mean"].values, at.matched.values).excess) == "below"
            rows.append([task, d, *(f"{mean:.1f}" for mean in means), "no" if below else "yes"])
    return ["task", "d", *columns, *RANDOM.values(), "almost orthogonal"], rows


def numbers(
    networks: dict[str, xr.Dataset],
    found: dict[str, xr.Dataset],
    moved: dict[str, xr.Dataset],
    random: dict[str, xr.Dataset],
    aligned: dict[str, xr.Dataset],
) -> dict[str, SimpleNamespace]:
    """Numbers of the text by task: in degrees, and means over networks, if not said otherwise.

    units, lines : number of units, and the median angle of two random directions of them
    matched, active : random subspaces drawn with the activity's covariances, and of active units
    turned : before and after training, averaged over dimensions
    sessions : two sessions of one network, the larger of before and after training
    random : {kind: after a random change of the norm of the trained one}
    stable : in how many of all networks the one of its rank leaves a subspace
    floor : largest angle between good starts of one fit, in the largest dimension
    change, within, excess : of training in the angle between the conditions, in that between two
        sessions of one condition, and in what the first has more; Intervals
    nested : its change in the smallest angle between the conditions; an Interval
    """
    said = {}
    for task, angles in moved.items():
        units, change = found[task].sizes["unit"], trained_less_untrained(aligned[task])
        active = of_active_units(networks[task], found[task])
        known = random[task].turned.sel(kind="rank").notnull().all("dimension")
        said[task] = SimpleNamespace(
            units=units,
            lines=float(vector_angle_quantiles(units, 1, q=0.5)),
            matched=of_known(np.mean, over_dimensions(angles.matched.mean("draw", skipna=False))),
            active=of_known(np.mean, active),
            turned=of_known(np.mean, over_dimensions(angles["mean"])),
            sessions=of_known(np.mean, over_dimensions(angles.sessions)),
            stable=f"{int(known.sum())} of {known.size}",
            random={
                kind: of_known(np.mean, over_dimensions(random[task].turned.sel(kind=kind)))
                for kind in KINDS
            },
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
