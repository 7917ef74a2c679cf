"""Claims F1 to F4: the slow points of the two tasks, and what inputs and training do to them."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.rules import every_network, in_most_networks
from taskrnn.analysis.statistics import paired
from taskrnn.analysis.verdicts import Verdict, conjunction, verdict

MOST = 3  # points at one input, F1
NEAR = 0.1  # of the way of an epoch, F1

Landscapes = dict[
    str, xr.Dataset
]  # {task: from `studies.slow_points.measures`, with a network axis}


def f1(tasks: Landscapes) -> Result:
    """Judge F1: few points at every input, and every epoch ends near one, in most networks."""
    result = by_task("F1", _near_a_few_points, tasks, null_name="untrained")
    return replace(result, as_written=_in_every_network(map(near_a_few_points, tasks.values())))


def _near_a_few_points(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    most, distance = most_points(found), largest_distance(found)
    rows = [
        _after("most points at one input", most, holds=most <= MOST),
        _after("largest distance at an epoch's end", distance, holds=distance <= NEAR),
    ]
    return rows, _in_most_networks(*near_a_few_points(found))


def near_a_few_points(found: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Where F1 holds, and where nobody knows; bool (when, network)."""
    most = most_points(found)
    return (most <= MOST) & (largest_distance(found) <= NEAR), most.isnull()


def largest_distance(found: xr.Dataset) -> xr.DataArray:
    """Of the ends of all epochs from the nearest point.

    NaN, which is not near, where an epoch has no point to end at; in a missing network the number
    of points is NaN too.
    """
    return found.end_distance.max(["trial", "epoch"], skipna=False)


def _after(name: str, values: xr.DataArray, *, holds: xr.DataArray) -> Statistic:
    """A statistic (when, network) after training, beside the untrained networks."""
    before, after = (values.sel(when=when).values for when in ("before", "after"))
    return statistic(name, after, holds=holds.sel(when="after").values, null=before)


def _in_most_networks(holds: xr.DataArray, missing: xr.DataArray) -> Verdict:
    """Verdict on what must hold after training, and then more often; bool (when, network)."""
    before, after = (holds.sel(when=when).values for when in ("before", "after"))
    return in_most_networks(after, missing=missing.sel(when="after").values, before=before)


def _in_every_network(tasks: Iterable[tuple[xr.DataArray, xr.DataArray]]) -> str:
    """The word of the criterion as written, from the same of each task."""
    return conjunction(
        every_network(
            holds.sel(when="after").values,
            null_holds=holds.sel(when="before").values,
            missing=missing.sel(when="after").values,
        )
        for holds, missing in tasks
    )


def most_points(found: xr.Dataset) -> xr.DataArray:
    """The largest number of points at any input tried, along the path and in the trials."""
    return np.maximum(found.found.max("step"), found.end_found.max(["trial", "epoch"]))


def f2(tasks: Landscapes) -> Result:
    """Judge F2: exactly one point at each input of the path, and stable, in most networks."""
    result = by_task("F2", _one_stable_point, tasks, null_name="untrained")
    return replace(result, as_written=_in_every_network(map(one_stable_point, tasks.values())))


def _one_stable_point(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    single, missing = one_stable_point(found)
    share = stable_and_single(found).mean("step").where(~missing)
    rows = [_after("share of inputs with one stable point", share, holds=single)]
    return rows, _in_most_networks(single, missing)


def stable_and_single(found: xr.Dataset) -> xr.DataArray:
    """Where there is one stable point and no other, bool (when, network, step)."""
    return (found.found == 1) & (found.unstable == 0) & (found.continua == 0)


def one_stable_point(found: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Where F2 holds, and where nobody knows; bool (when, network)."""
    return stable_and_single(found).all("step"), ~found.found.notnull().all("step")


def f3(tasks: Landscapes) -> Result:
    """Judge F3: the longest time constant rises, and more than under a random change.

    It is the mean logarithm over the path. A network has no value if it has no stable point, or an
    unstable one, at any input of the path.
    """
    return by_task("F3", _slower, tasks, null_name="random change")


def _slower(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    random = log_time(found.random_time_constant).mean("draw")
    name = "ln of the longest time constant (tau), after - before"
    return _rise(name, log_time(found.time_constant), random)


def _rise(name: str, values: xr.DataArray, random: xr.DataArray) -> tuple[list[Statistic], Verdict]:
    """Whether (when, network) rises in training, and more than in a random change."""
    before, after = (values.sel(when=when).values for when in ("before", "after"))
    null = random.values - before
    row = statistic(name, after - before, holds=after > before, null=null)
    return [row], verdict(paired(before, after), claimed="above", chance=null)


def log_time(time: xr.DataArray) -> xr.DataArray:
    """Mean over the path of ln(time constant); NaN if any is missing or infinite."""
    return np.log(time.where(np.isfinite(time))).mean("step", skipna=False)


def f4(tasks: Landscapes) -> Result:
    """Judge F4: more units change sides along the path, and more than after a random change."""
    return by_task("F4", _more_switch, tasks, null_name="random change")


def _more_switch(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    name = "share of units that change sides, after - before"
    return _rise(name, found.switched, found.random_switched.mean("draw"))
