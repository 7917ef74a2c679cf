"""Claims F1 to F4: which slow points the two tasks use, and what inputs and training do to them (section 6)."""

import numpy as np
import xarray as xr

from taskrnn.claims.ledger import Result, every_network, statistic
from taskrnn.statistics import paired, verdict

MOST = 3  # points at one input, F1
NEAR = 0.1  # of the way of an epoch, F1

Landscapes = dict[str, xr.Dataset]  # {task: from `taskrnn.measures.slow_points`, with a network axis}


def f1(tasks: Landscapes) -> Result:
    """Judge F1: few points at every input, and every epoch ends near one, in every network of both tasks."""
    rows, parts = [], {}
    for task, found in tasks.items():
        few = most_points(found) <= MOST
        # NaN, which is not near, where an epoch has no point to end at; in a missing network the number of points is NaN too.
        distance = found.end_distance.max(["trial", "epoch"], skipna=False)
        near = distance <= NEAR
        holds = (few & near).transpose("when", "network")
        missing = np.isnan(most_points(found).sel(when="after").values)
        parts[task] = every_network(holds.sel(when="after").values, null_holds=holds.sel(when="before").values, missing=missing)
        for name, values, good in (("most points at one input", most_points(found), few), ("largest distance at an epoch's end", distance, near)):
            after, before = (values.sel(when=when).values for when in ("after", "before"))
            rows.append(statistic(f"{task}: {name}", after, holds=good.sel(when="after").values, null=before))
    return Result(claim="F1", statistics=tuple(rows), null_name="untrained", parts=parts)


def most_points(found: xr.Dataset) -> xr.DataArray:
    """The largest number of points at any input tried, along the path and in the trials."""
    return np.maximum(found.found.max("step"), found.end_found.max(["trial", "epoch"]))


def f2(tasks: Landscapes) -> Result:
    """Judge F2: exactly one point at each input of the path, and stable, in every network of both tasks."""
    rows, parts = [], {}
    for task, found in tasks.items():
        single = (found.found == 1) & (found.unstable == 0) & (found.continua == 0)
        everywhere, known = single.all("step"), found.found.notnull().all("step")
        missing = ~known.sel(when="after").values
        parts[task] = every_network(everywhere.sel(when="after").values, null_holds=everywhere.sel(when="before").values, missing=missing)
        after, before = (single.mean("step").where(known).sel(when=when).values for when in ("after", "before"))
        rows.append(statistic(f"{task}: share of inputs with one stable point", after, holds=after == 1, null=before))
    return Result(claim="F2", statistics=tuple(rows), null_name="untrained", parts=parts)


def f3(tasks: Landscapes) -> Result:
    """Judge F3: the longest time constant, as mean logarithm over the path, rises and more than under a random change.

    A network has no value if it has no stable point, or an unstable one, at any input of the path.
    """
    rows, parts = [], {}
    for task, found in tasks.items():
        before, after = (log_time(found.time_constant.sel(when=when)).values for when in ("before", "after"))
        random = log_time(found.random_time_constant).mean("draw").values
        parts[task] = verdict(paired(before, after), claimed="above", chance=random - before)
        name = f"{task}: ln of the longest time constant (tau), after - before"
        rows.append(statistic(name, after - before, holds=after > before, null=random - before))
    return Result(claim="F3", statistics=tuple(rows), null_name="random change", parts=parts)


def log_time(time: xr.DataArray) -> xr.DataArray:
    """Mean over the path of ln(time constant); NaN if any is missing or infinite."""
    return np.log(time.where(np.isfinite(time))).mean("step", skipna=False)


def f4(tasks: Landscapes) -> Result:
    """Judge F4: more units change sides of their threshold between the ends of the path, and more than under a random change."""
    rows, parts = [], {}
    for task, found in tasks.items():
        before, after = (found.switched.sel(when=when).values for when in ("before", "after"))
        random = found.random_switched.mean("draw").values
        parts[task] = verdict(paired(before, after), claimed="above", chance=random - before)
        name = f"{task}: share of units that change sides, after - before"
        rows.append(statistic(name, after - before, holds=after > before, null=random - before))
    return Result(claim="F4", statistics=tuple(rows), null_name="random change", parts=parts)
