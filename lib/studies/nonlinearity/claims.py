"""Claims N1 to N5: training makes the dynamics more nonlinear (Figures 4 and 6)."""

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.nonlinearity.comparison import random_mean
from taskrnn.analysis.statistics import (
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Interval,
    against,
    conjunction,
    finite,
    interval,
    paired,
    verdict,
)
from taskrnn.variables import WHEN


def n1(networks: dict[str, xr.Dataset], changes: dict[str, xr.Dataset]) -> Result:
    """Judge N1 from the mean weight (network, update) and the weight changes of each task.

    Parameters
    ----------
    networks : {task: from `taskrnn.ensembles.ensemble`}
    changes : `studies.nonlinearity.comparison.weight_changes`
    """
    null_name = "2.5 % quantile of an equal-norm random change"
    return by_task("N1", _falls, networks, changes, null_name=null_name)


def _falls(networks: xr.Dataset, changes: xr.Dataset) -> tuple[list[Statistic], str]:
    start, end = (finite(networks.mean_weight.isel(update=i)) for i in (0, -1))
    low = finite(random_mean(changes))
    negative = verdict(against(end), claimed="below")
    falls = verdict(paired(start, end), claimed="below", chance=low)
    change = end - start
    rows = [
        statistic("mean weight after training", end, holds=end < 0),
        statistic("change of the mean weight", change, holds=change < low, null=low),
    ]
    return rows, conjunction([negative, falls])


def n2(changes: dict[str, xr.Dataset]) -> Result:
    """Judge N2 from the weight changes of "perception" and "decision".

    The norm that N2 asks for is the root mean square. The Frobenius norm is shown beside it and
    does not decide: of two changes with the same distribution of entries the larger matrix has the
    larger Frobenius norm.
    """
    by_statistic = {
        "change of the mean weight": {},
        "the same per root mean square change": {},
        "the same per Frobenius norm": {},
    }
    for task, change in changes.items():
        mean, size, n = finite(change["mean"]), finite(change.norm), change.n_weights.item()
        per_norm = np.divide(mean, size, out=np.full_like(mean, np.nan), where=size > 0)
        for name, values in zip(by_statistic, (mean, per_norm * n**0.5, per_norm), strict=True):
            by_statistic[name][task] = values
    parts = {
        name: separated(by_statistic[name]["decision"], by_statistic[name]["perception"])
        for name in list(by_statistic)[:2]
    }
    rows = [
        statistic(f"{task}: {name}", values, holds=values < 0)
        for name, tasks in by_statistic.items()
        for task, values in tasks.items()
    ]
    return Result(claim="N2", statistics=tuple(rows), null_name="no null", parts=parts)


def separated(lower: np.ndarray, upper: np.ndarray) -> str:
    """Verdict on the claim that the interval of one group of networks is below that of another."""
    a, b = interval(lower), interval(upper)
    if a.high < b.low:
        return SUPPORTED
    return CONTRADICTED if a.low > b.high else UNDECIDED


def n3(found: dict[str, xr.Dataset]) -> Result:
    """Judge N3 from `studies.nonlinearity.comparison.with_differences`."""
    return by_task("N3", _below_at_zero, found, null_name="minus the restart spread")


def _below_at_zero(found: xr.Dataset) -> tuple[list[Statistic], str]:
    gap, chance = found.difference.isel(theta=0).values, -found.restart_spread.values
    name = "PI after less before (nats)"
    rows = [statistic(name, gap, holds=gap < chance, null=chance)]
    return rows, verdict(against(gap), claimed="below", chance=chance)


def n4(found: dict[str, xr.Dataset]) -> Result:
    """Judge N4 from `studies.nonlinearity.comparison.with_differences` of both tasks.

    Each network is judged at the largest theta at which it is stable before and after training, so
    that none drops out.
    """
    last = {task: of_task.at_last.values for task, of_task in found.items()}
    at_last = "PI after less before at the largest stable theta (nats)"
    rows = [statistic(f"{task}: {at_last}", gap, holds=gap > 0) for task, gap in last.items()]
    for task, gap in last.items():
        angle = found[task].crossing_theta.values
        name = f"{task}: crossing angle (degrees), of the networks that cross"
        rows.append(statistic(name, angle, holds=np.isfinite(angle), missing=np.isnan(gap)))
    parts = {
        "perception overtakes": verdict(against(last["perception"]), claimed="above"),
        "decision meets": holds_zero(interval(last["decision"])),
    }
    return Result(claim="N4", statistics=tuple(rows), null_name="no null", parts=parts)


def holds_zero(found: Interval) -> str:
    """Verdict on the claim that an interval holds 0; undecided if it is not defined."""
    if np.isnan(found.low):
        return UNDECIDED
    return SUPPORTED if found.low <= 0 <= found.high else CONTRADICTED


def n5(use: dict[str, xr.Dataset]) -> Result:
    """Judge N5 from the measure `rectification` of each task, with the noise of training."""
    names = {
        "below": "share of (unit, time) below threshold",
        "crossing": "share of units that cross it in a trial",
    }
    rows, parts = [], {}
    for task, of_task in use.items():
        noisy = of_task.sel(noise="as in training")
        for name, label in names.items():
            before, after = (noisy[name].sel(when=when).values for when in WHEN)
            parts[f"{task}, {label}"] = verdict(paired(before, after), claimed="above")
            rows.append(statistic(f"{task}: {label}", after, holds=after > before, null=before))
    return Result(claim="N5", statistics=tuple(rows), null_name="untrained", parts=parts)
