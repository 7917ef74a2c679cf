"""Claims N1 to N5: training makes the dynamics more nonlinear (Figures 4 and 6)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import norm

from taskrnn.claims.ledger import Result, statistic
from taskrnn.measures.nonlinearity import DIMENSION, WINDOW, largest_stable
from taskrnn.statistics import CONTRADICTED, SUPPORTED, UNDECIDED, Interval, against, conjunction, finite, interval, paired, verdict

QUANTILE = 0.025  # of the null of N1: a random change falls lower than this once in forty


class Moments(NamedTuple):
    """Of the weight changes of an ensemble: mean off-diagonal entry and Frobenius norm, (network,), and the number of weights."""

    mean: np.ndarray
    norm: np.ndarray
    n_weights: int


def moments(changes: Iterable[np.ndarray]) -> Moments:
    """The moments of weight changes (unit, unit) that come one after another."""
    rows = []
    for change in changes:
        change = np.asarray(change, dtype=float)
        rows.append((change.sum(), np.linalg.norm(change)))
    total, size = np.array(rows).T
    n = len(change) * (len(change) - 1)
    return Moments(total / n, size, n)


def random_mean(change: Moments) -> np.ndarray:
    """The `QUANTILE` (network,) of the mean of a Gaussian change with the norm of each change.

    The mean is the norm / n times the projection of a random direction in n dimensions, whose standard deviation is 1.
    """
    return norm.ppf(QUANTILE) * change.norm / change.n_weights


def n1(curves: dict[str, np.ndarray], changes: dict[str, Moments]) -> Result:
    """Judge N1 from the mean weight (network, update) and the weight changes of each task."""
    rows, parts = [], {}
    for task, curve in curves.items():
        start, end, low = (finite(values) for values in (curve[:, 0], curve[:, -1], random_mean(changes[task])))
        parts[task] = conjunction(
            [verdict(against(end), claimed="below"), verdict(paired(start, end), claimed="below", chance=low)]
        )
        rows += [
            statistic(f"{task}: mean weight after training", end, holds=end < 0),
            statistic(f"{task}: change of the mean weight", end - start, holds=end - start < low, null=low),
        ]
    return Result(
        claim="N1", statistics=tuple(rows), null_name="2.5 % quantile of an equal-norm random change", parts=parts
    )


def n2(changes: dict[str, Moments]) -> Result:
    """Judge N2 from the weight changes of "perception" and "decision".

    The norm that N2 asks for is the root mean square. The Frobenius norm is shown beside it and does not decide: of two changes with
    the same distribution of entries the larger matrix has the larger Frobenius norm.
    """
    by_statistic = {"change of the mean weight": {}, "the same per root mean square change": {}, "the same per Frobenius norm": {}}
    for task, (mean, size, n) in changes.items():
        mean, size = finite(mean), finite(size)
        per_norm = np.divide(mean, size, out=np.full_like(mean, np.nan), where=size > 0)
        for name, values in zip(by_statistic, (mean, per_norm * n**0.5, per_norm), strict=True):
            by_statistic[name][task] = values
    judged_by = list(by_statistic)[:2]
    parts = {name: separated(by_statistic[name]["decision"], by_statistic[name]["perception"]) for name in judged_by}
    rows = [
        statistic(f"{task}: {name}", values, holds=values < 0)
        for name, tasks in by_statistic.items()
        for task, values in tasks.items()
    ]
    return Result(claim="N2", statistics=tuple(rows), null_name="no null", parts=parts)


def separated(lower: np.ndarray, upper: np.ndarray) -> str:
    """Verdict on the claim that the interval of one group of networks lies below that of another."""
    a, b = interval(lower), interval(upper)
    if a.high < b.low:
        return SUPPORTED
    return CONTRADICTED if a.low > b.high else UNDECIDED


def difference(pi: xr.DataArray, stable: xr.DataArray) -> np.ndarray:
    """PI after less before (network, theta), NaN beyond the last theta up to which both are stable; PI (network, condition, theta)."""
    last = largest_stable(stable.all("condition").values.astype(bool))
    gap = (pi.sel(condition="after") - pi.sel(condition="before")).transpose("network", "theta").values
    return np.where(np.arange(gap.shape[1]) <= last[:, None], gap, np.nan)


def at_last(gap: np.ndarray) -> np.ndarray:
    """The last value of each row (network, theta) that is not NaN; NaN if there is none."""
    last = np.isfinite(gap).sum(axis=1) - 1
    return np.where(last >= 0, gap[np.arange(len(gap)), last], np.nan)


def judged(measured: xr.Dataset) -> xr.DataArray:
    """The PI that N3 and N4 are judged by, (network, condition, theta): the best start."""
    return measured.pi.sel(dimension=DIMENSION).max("start")


def restart_spread(measured: xr.Dataset) -> np.ndarray:
    """Largest less smallest PI of the starts at theta = 0 (network,), of the condition where that is larger."""
    pi = measured.pi.sel(dimension=DIMENSION).isel(theta=0)
    return (pi.max("start") - pi.min("start")).max("condition").values


def crossings(degrees: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Theta (network,) at which a difference (network, theta) first goes from below 0 to 0 or above, between two angles by a straight line.

    NaN for networks in which it does not.
    """
    below, after = gap[:, :-1], gap[:, 1:]
    crosses = (below < 0) & (after >= 0)
    first = np.argmax(crosses, axis=1)
    rows = np.arange(len(gap))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = below[rows, first] / (below - after)[rows, first]
    angle = degrees[first] + share * np.diff(degrees)[first]
    return np.where(crosses.any(axis=1), angle, np.nan)


def n3(measured: dict[str, xr.Dataset]) -> Result:
    """Judge N3 from the measure `information` of each task."""
    rows, parts = [], {}
    for task, values in measured.items():
        gap = difference(judged(values), values.stable)[:, 0]
        spread = restart_spread(values)
        parts[task] = verdict(against(gap), claimed="below", chance=-spread)
        rows.append(statistic(f"{task}: PI after less before (nats)", gap, holds=gap < -spread, null=-spread))
    return Result(claim="N3", statistics=tuple(rows), null_name="minus the restart spread", parts=parts)


def n4(measured: dict[str, xr.Dataset]) -> Result:
    """Judge N4 from the measure `information` of "perception" and "decision".

    Each network is judged at the largest theta at which it is stable before and after training, so that none drops out.
    """
    gaps = {task: difference(judged(values), values.stable) for task, values in measured.items()}
    last = {task: at_last(gap) for task, gap in gaps.items()}
    rows = [
        statistic(f"{task}: PI after less before at the largest stable theta (nats)", gap, holds=gap > 0) for task, gap in last.items()
    ]
    for task, gap in gaps.items():
        angle = crossings(measured[task].theta.values, gap)
        name = f"{task}: crossing angle (degrees), of the networks that cross"
        rows.append(statistic(name, angle, holds=np.isfinite(angle), missing=np.isnan(last[task])))
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


def n5(measured: dict[str, xr.Dataset]) -> Result:
    """Judge N5 from the measure `rectification` of each task, with the noise of training."""
    names = {"below": "share of (unit, time) below threshold", "crossing": "share of units that cross it in a trial"}
    rows, parts = [], {}
    for task, values in measured.items():
        for name, label in names.items():
            before, after = (values[name].sel(condition=c, noise="as in training").values for c in ("before", "after"))
            parts[f"{task}, {label}"] = verdict(paired(before, after), claimed="above")
            rows.append(statistic(f"{task}: {label}", after, holds=after > before, null=before))
    return Result(claim="N5", statistics=tuple(rows), null_name="untrained", parts=parts)


def sensitivity(values: xr.Dataset) -> dict[str, tuple[Interval, Interval]]:
    """PI after less before at theta = 0 and at the largest stable theta, under other settings of the analysis."""
    kinds = {f"d = {d}, T = {WINDOW} steps": values.pi.sel(dimension=d).max("start") for d in values.dimension.values}
    kinds |= {f"d = {DIMENSION}, T = {T} steps, same subspace": values.pi_window.sel(window=T) for T in values.window.values}
    kinds["the units seen at theta = 0 alone"] = values.pi_same_units
    found = {}
    for name, pi in kinds.items():
        gap = difference(pi, values.stable)
        found[name] = interval(gap[:, 0]), interval(at_last(gap))
    nothing = Interval(np.nan, np.nan, np.nan)
    equal = values.pi_equal_number.sel(condition="after").values - values.pi_equal_number.sel(condition="before").values
    return found | {"equal numbers of units": (interval(equal), nothing)}
