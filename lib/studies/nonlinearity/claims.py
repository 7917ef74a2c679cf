"""Claims N1 to N5b: training makes the dynamics more nonlinear (Figures 4 and 6)."""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.nonlinearity.comparison import random_mean
from taskrnn.analysis.statistics import Interval, against, finite, interval, paired
from taskrnn.analysis.verdicts import (
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Verdict,
    conjunction,
    equivalent,
    separated,
    verdict,
)
from taskrnn.variables import WHEN

MARGIN = 0.1  # of N4: share of the untrained PI within which two are met
RECTIFIER = {  # what N5 joined by 'and', with its label
    "N5a": ("below", "share of (unit, time) below threshold"),
    "N5b": ("crossing", "share of units that cross it in a trial"),
}


def n1(networks: dict[str, xr.Dataset], changes: dict[str, xr.Dataset]) -> Result:
    """Judge N1 from the mean weight (network, update) and the weight changes of each task.

    Parameters
    ----------
    networks : {task: from `taskrnn.ensembles.ensemble`}
    changes : `studies.nonlinearity.comparison.weight_changes`
    """
    null_name = "2.5 % quantile of the mean of equal-norm random changes"
    result = by_task("N1", _falls, networks, changes, null_name=null_name)
    as_written = conjunction(
        falls(networks[task], finite(random_mean(change))) for task, change in changes.items()
    )
    return replace(result, as_written=as_written)


def _falls(networks: xr.Dataset, changes: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    start, end = ends(networks)
    change = end - start
    low = of_mean(finite(random_mean(changes)), known=np.isfinite(change))
    rows = [
        statistic("mean weight after training", end, holds=end < 0),
        statistic("change of the mean weight", change, holds=change < low, null=low),
    ]
    return rows, falls(networks, low)


def of_mean(low: np.ndarray, *, known: np.ndarray) -> np.ndarray:
    """The quantile of the mean of independent normal numbers whose own quantiles are `low`, of the
    `known` networks, in the place of each (network,).
    """
    n = max(int(known.sum()), 1)
    return np.where(known, -(np.sum(low[known] ** 2) ** 0.5) / n, np.nan)


def ends(networks: xr.Dataset) -> list[np.ndarray]:
    """The mean weight before and after training (network,)."""
    return [finite(networks.mean_weight.isel(update=i)) for i in (0, -1)]


def falls(networks: xr.Dataset, low: np.ndarray) -> Verdict:
    """Verdict on N1 in one task, with this bound (network,) for the fall by chance."""
    start, end = ends(networks)
    negative = verdict(against(end), claimed="below")
    return conjunction([negative, verdict(paired(start, end), claimed="below", chance=low)])


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


def n3(found: dict[str, xr.Dataset]) -> Result:
    """Judge N3 from `studies.nonlinearity.comparison.with_differences`."""
    return by_task("N3", _below_at_zero, found, null_name="minus the restart spread")


def _below_at_zero(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    gap, chance = found.difference.isel(theta=0).values, -found.restart_spread.values
    name = "PI after less before (nats)"
    matched = found.matched.values[:, 0]
    at_equal = f"{name}, at the smallest exponent of both"
    rows = [
        statistic(name, gap, holds=gap < chance, null=chance),
        statistic(at_equal, matched, holds=matched < 0),
    ]
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
        matched = found[task].matched.values[:, 1]
        name = f"{task}: PI after less before at the largest exponent of both (nats)"
        rows.append(statistic(name, matched, holds=matched > 0))
    meets = found["decision"].relative_at_last.values
    name = "decision: PI after less before at the largest stable theta, over that before"
    rows.append(statistic(name, meets, holds=np.abs(meets) <= MARGIN))
    overtakes = verdict(against(last["perception"]), claimed="above")
    parts = {
        "perception overtakes": overtakes,
        "decision meets": equivalent(against(meets), margin=MARGIN),
    }
    as_written = conjunction([overtakes, holds_zero(interval(last["decision"]))])
    return Result(
        claim="N4", statistics=tuple(rows), null_name="no null", parts=parts, as_written=as_written
    )


def holds_zero(found: Interval) -> str:
    """Verdict on the claim that an interval holds 0; undecided if it is not defined."""
    if np.isnan(found.low):
        return UNDECIDED
    return SUPPORTED if found.low <= 0 <= found.high else CONTRADICTED


def n5a(use: dict[str, xr.Dataset]) -> Result:
    """Judge N5a from the measure `rectification` of each task, with the noise of training."""
    return _more_use("N5a", use)


def n5b(use: dict[str, xr.Dataset]) -> Result:
    """Judge N5b from the same."""
    return _more_use("N5b", use)


def _more_use(claim: str, use: dict[str, xr.Dataset]) -> Result:
    rows, words = [], {}
    for task, of_task in use.items():
        noisy = of_task.sel(noise="as in training")
        for of_claim, (name, label) in RECTIFIER.items():
            before, after = (noisy[name].sel(when=when).values for when in WHEN)
            words[of_claim, task] = verdict(paired(before, after), claimed="above")
            if of_claim == claim:
                rows.append(statistic(f"{task}: {label}", after, holds=after > before, null=before))
    return Result(
        claim=claim,
        statistics=tuple(rows),
        null_name="untrained",
        parts={task: words[claim, task] for task in use},
        as_written=conjunction(words.values()),
    )
