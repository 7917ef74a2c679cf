"""Trained less untrained networks: what N1 to N4 are judged by, and numbers of the text."""

from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
import xarray as xr
from scipy.stats import norm

from studies.nonlinearity.measures import DIMENSION, WHEN, WINDOW
from taskrnn.analysis.statistics import Interval, interval, of_known
from taskrnn.ensembles.members import each

QUANTILE = 0.025  # of the null of N1: a random change falls lower than this once in forty


def weight_changes(networks: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """The moments of what training changes in the recurrent weights, by task."""
    return {
        task: moments(
            (one.recurrent_after - one.recurrent_before).values[0] for one in each(of_task)
        )
        for task, of_task in networks.items()
    }


def moments(changes: Iterable[np.ndarray]) -> xr.Dataset:
    """The moments of weight changes (unit, unit) that come one after another.

    Returns
    -------
    Dataset with
        mean, norm (network,) : mean off-diagonal entry, and Frobenius norm
        n_weights : number of off-diagonal weights
    """
    rows = []
    for change in changes:
        change = np.asarray(change, dtype=float)
        rows.append((change.sum(), np.linalg.norm(change)))
    total, size = np.array(rows).T
    n = len(change) * (len(change) - 1)
    return xr.Dataset({"mean": ("network", total / n), "norm": ("network", size), "n_weights": n})


def random_mean(changes: xr.Dataset) -> np.ndarray:
    """The `QUANTILE` (network,) of the mean of a Gaussian change with the norm of each change.

    The mean is the norm / n times the projection of a random direction in n dimensions, whose
    standard deviation is 1.
    """
    return norm.ppf(QUANTILE) * changes.norm.values / changes.n_weights.item()


def with_differences(information: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """What `measures.information` gives, by task, and with it what N3 and N4 are judged by.

    Returns
    -------
    {task: Dataset} with also, in nats,
        best (network, when, theta) : PI of the best start
        difference (network, theta) : `best` after less before, see `difference`
        at_last (network,) : the same at the largest theta at which both are stable
        relative_at_last (network,) : that over the PI before training there
        matched (network, end) : PI after less before at equal exponents, see `at_equal_exponents`
        restart_spread (network,) : largest less smallest PI of the starts at theta = 0, before or
            after training, where that is larger
        last_theta, crossing_theta (network,) : that theta, and that of `crossings`, in degrees
    """
    return {task: _with_differences(found) for task, found in information.items()}


def _with_differences(found: xr.Dataset) -> xr.Dataset:
    pi, degrees = found.pi.sel(dimension=DIMENSION), found.theta.values
    best = pi.max("start").transpose("network", "when", "theta")
    at_zero = pi.isel(theta=0)
    spread = (at_zero.max("start") - at_zero.min("start")).max("when")
    gap = difference(best, found.stable)
    return found.assign(
        best=best,
        difference=(("network", "theta"), gap),
        at_last=("network", at_last(gap)),
        relative_at_last=("network", at_last(gap / best.sel(when="before").values)),
        matched=(("network", "end"), at_equal_exponents(best, found)),
        restart_spread=spread,
        last_theta=("network", at_last(np.where(np.isfinite(gap), degrees, np.nan))),
        crossing_theta=("network", crossings(degrees, gap)),
    )


def difference(pi: xr.DataArray, stable: xr.DataArray) -> np.ndarray:
    """PI after less before (network, theta), from PI (network, when, theta).

    NaN beyond the last theta up to which both are stable.
    """
    last = largest_stable(stable.all("when").transpose("network", "theta").values.astype(bool))
    gap = (pi.sel(when="after") - pi.sel(when="before")).transpose("network", "theta").values
    return np.where(np.arange(gap.shape[1]) <= last[:, None], gap, np.nan)


def largest_stable(stable: np.ndarray) -> np.ndarray:
    """Index (...,) of the last theta up to which a network is stable, from bool (..., theta).

    -1 if there is none.
    """
    return np.cumprod(stable, axis=-1).sum(axis=-1) - 1


def at_last(gap: np.ndarray) -> np.ndarray:
    """The last value of each row (network, theta) that is not NaN; NaN if there is none."""
    last = np.isfinite(gap).sum(axis=1) - 1
    return np.where(last >= 0, gap[np.arange(len(gap)), last], np.nan)


def at_equal_exponents(best: xr.DataArray, found: xr.Dataset) -> np.ndarray:
    """PI after less before where both networks have the same largest exponent, (network, end).

    PI grows without bound as the exponent nears 0, so that networks at equal theta are compared at
    unequal distances from instability. The ends are the smallest and the largest exponent that both
    reach while they are stable, by straight lines between the angles; NaN where they share none.
    """
    axes = ("network", "when", "theta")
    stable = found.stable.transpose(*axes).values.astype(bool)
    pi, exponent = best.transpose(*axes).values, found.exponent.transpose(*axes).values
    last, gaps = largest_stable(stable), np.full((len(pi), 2), np.nan)
    for k in range(len(pi)):
        curves = []
        for c in range(len(WHEN)):
            order = np.argsort(exponent[k, c, : last[k, c] + 1])
            curves.append((exponent[k, c, order], pi[k, c, order]))
        if min(len(x) for x, _ in curves) == 0:
            continue
        ends = np.array([max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves)])
        if ends[0] <= ends[1]:
            before, after = (np.interp(ends, x, y) for x, y in curves)
            gaps[k] = after - before
    return gaps


def crossings(degrees: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Theta (network,) at which a difference (network, theta) first goes from below 0 to above.

    To 0 counts too. Between two angles by a straight line. NaN for networks in which it does not.
    """
    below, after = gap[:, :-1], gap[:, 1:]
    crosses = (below < 0) & (after >= 0)
    first = np.argmax(crosses, axis=1)
    rows = np.arange(len(gap))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = below[rows, first] / (below - after)[rows, first]
    angle = degrees[first] + share * np.diff(degrees)[first]
    return np.where(crosses.any(axis=1), angle, np.nan)


def sensitivity(found: xr.Dataset) -> dict[str, tuple[Interval, Interval]]:
    """PI after less before under other settings of the analysis of `measures.information`.

    At theta = 0 and at the largest stable theta.
    """
    kinds = {
        f"d = {d}, T = {WINDOW} steps": found.pi.sel(dimension=d).max("start")
        for d in found.dimension.values
    }
    kinds |= {
        f"d = {DIMENSION}, T = {T} steps, same subspace": found.pi_window.sel(window=T)
        for T in found.window.values
    }
    kinds["the units seen at theta = 0 alone"] = found.pi_same_units
    intervals = {}
    for name, pi in kinds.items():
        gap = difference(pi, found.stable)
        intervals[name] = interval(gap[:, 0]), interval(at_last(gap))
    before, after = (found.pi_equal_number.sel(when=when).values for when in WHEN)
    nothing = Interval(np.nan, np.nan, np.nan)
    return intervals | {"equal numbers of units": (interval(after - before), nothing)}


def sensitivity_rows(found: dict[str, xr.Dataset]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table of `sensitivity`: means over networks and their intervals."""
    where = ("theta = 0", "largest stable theta")
    header = [
        "PI, trained less untrained (nats)",
        *(f"{task}, {at}" for task in found for at in where),
    ]
    of_tasks = [sensitivity(of_task) for of_task in found.values()]
    return header, [
        [name, *(written(i) for of in of_tasks for i in of[name])] for name in of_tasks[0]
    ]


def written(found: Interval) -> str:
    """The interval with its mean, '' if it has none."""
    if np.isnan(found.mean):
        return ""
    return f"{found.mean:+.2f} ({found.low:+.2f} to {found.high:+.2f})"


def stable_rows(found: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of how many networks are stable at each theta."""
    degrees = next(iter(found.values())).theta.values
    rows = []
    for task, of_task in found.items():
        n = (of_task.stable == 1).sum("network")
        for when, state in zip(WHEN, ("untrained", "trained"), strict=True):
            rows.append([f"{task}, {state}", *n.sel(when=when).values])
    return ["networks stable at theta (degrees)", *(f"{theta:.1f}" for theta in degrees)], rows


def numbers(found: dict[str, xr.Dataset], use: dict[str, xr.Dataset]) -> SimpleNamespace:
    """Numbers of the text, from what `with_differences` and `measures.rectification` give.

    pairs, linear, never : of all networks, those that are stable at the last theta before and after
        training, and those that are so at no theta
    last : {task: degrees}, mean of the largest theta at which both are stable
    units, rate : {task: (before, after)}, mean of the seen units, and of the exponent in 1/tau, at
        theta = 0
    below, crossing, quiet : {task: (before, after)}, mean share of (unit, time) below threshold, of
        units that cross it, and of those that do without noise
    """
    said = SimpleNamespace(
        pairs=0, linear=0, never=0, last={}, units={}, rate={}, below={}, crossing={}, quiet={}
    )
    for task, of_task in found.items():
        said.pairs += of_task.sizes["network"]
        said.linear += int((of_task.stable.isel(theta=-1) == 1).all("when").sum())
        said.never += int(np.isnan(of_task.difference).all("theta").sum())
        said.last[task] = of_known(np.mean, of_task.last_theta)
        at_zero, noisy = of_task.isel(theta=0), use[task].sel(noise="as in training")
        shown = {
            "units": at_zero.n_units,
            "rate": at_zero.exponent,
            "below": noisy.below,
            "crossing": noisy.crossing,
        }
        shown["quiet"] = use[task].crossing.sel(noise="none")
        for name, values in shown.items():
            getattr(said, name)[task] = [of_known(np.mean, values.sel(when=when)) for when in WHEN]
    return said
