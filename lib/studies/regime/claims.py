"""Claim G1: networks start in the stable fixed-point regime and stay in it (section 6).

What must be below 0 is the largest Lyapunov exponent, before and after training, autonomous (zero
input, which the perception task never gives) and driven. An exponent that is no larger than its own
drift has no certain sign; there the exact growth rate at the fixed points decides, of the least
stable point that was found at zero input (autonomous) or at any constant input of the task
(driven).
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from studies.ledger import Result, statistic
from studies.regime.summary import Regimes, by_time, exact
from studies.rules import every_network, in_most_networks, without_sign
from taskrnn.analysis.verdicts import conjunction

STABLE = 0.0  # 1/tau; G1 asks for rates below it


def g1(regimes: Regimes) -> Result:
    """Judge G1 by task and drive: most networks are stable, before and after training.

    One whose rates grow beyond all bounds has no exponent and is not stable; one that was not
    measured is missing.
    """
    exponents, points = [], []
    holds: dict[tuple[str, str], list[np.ndarray]] = {}
    unknown: dict[str, list[np.ndarray]] = {task: [] for task in regimes}
    for task, when, measured in by_time(regimes):
        unknown[task].append(missing(measured))
        for drive in measured.drive.values.tolist():
            holds.setdefault((task, drive), []).append(stable(measured, drive))
            name = f"largest Lyapunov exponent, {task}, {drive}, {when} training (1/tau)"
            values = measured.exponent.sel(drive=drive).values
            exponents.append(statistic(name, values, holds=holds[task, drive][-1]))
        worst = measured.growth_map.max("input", skipna=False).values
        name = f"growth at the least stable fixed point found, {task}, {when} training (1/tau)"
        points.append(statistic(name, worst, holds=worst < STABLE))
    nobody = {task: np.any(rows, axis=0) for task, rows in unknown.items()}
    both_times = {key: np.all(rows, axis=0) for key, rows in holds.items()}
    parts = {
        f"{task}, {drive}": in_most_networks(networks, missing=nobody[task])
        for (task, drive), networks in both_times.items()
    }
    as_written = conjunction(
        every_network(networks, null_holds=np.zeros_like(networks), missing=nobody[task])
        for (task, _), networks in both_times.items()
    )
    return Result(
        claim="G1",
        statistics=(*exponents, *points),
        null_name="no null named",
        parts=parts,
        as_written=as_written,
    )


def missing(measured: xr.Dataset) -> np.ndarray:
    """Networks that were not measured, bool (network,): even numbers of points are missing."""
    return measured.found.isnull().all("input").values


def stable(measured: xr.Dataset, drive: str) -> np.ndarray:
    """Networks whose rate is below 0, bool (network,); one without a value is not stable."""
    exponent = measured.exponent.sel(drive=drive).values
    return np.where(uncertain(measured, drive), exact(measured, drive).values, exponent) < STABLE


def uncertain(measured: xr.Dataset, drive: str) -> np.ndarray:
    """Where an exponent is no larger than its drift and its sign not certain, bool (network,)."""
    return without_sign(measured.sel(drive=drive))


def not_stable(measured: xr.Dataset, drive: str) -> np.ndarray:
    """The opposite of `stable` in the networks that were measured."""
    return ~stable(measured, drive) & ~missing(measured)


def named(regimes: Regimes, *, which: Callable[[xr.Dataset, str], np.ndarray]) -> str:
    """Networks and settings for which `which(measured, drive)` is true, as text, or "none"."""
    names = [
        f"{task} network {k} ({drive}, {when} training)"
        for task, when, measured in by_time(regimes)
        for drive in measured.drive.values
        for k in np.flatnonzero(which(measured, drive))
    ]
    return ", ".join(names) if names else "none"


def escapes(regimes: Regimes) -> str:
    """A sentence for each network whose rates grow without bound, or that there is none."""
    lines = [
        f"- {task} network {k}, {drive}, {when} training:"
        f" exact rate {at.escape[k]:.4f}, exponent {at.exponent[k]:.4f} per tau."
        for task, when, measured in by_time(regimes)
        for drive in measured.drive.values
        for at in [measured[["escape", "exponent"]].sel(drive=drive)]
        for k in np.flatnonzero(np.isfinite(at.escape.values))
    ]
    return "\n".join(lines) if lines else "There is no such network in this build."


def unbounded(regimes: Regimes) -> str:
    """The networks in which some states far out grow, as text; "none" if there are none."""
    names = [
        f"{task} network {k} ({when} training)"
        for task, when, measured in by_time(regimes)
        for k in np.flatnonzero((measured.far_growth > 0).any("direction").values)
    ]
    return ", ".join(names) if names else "none"
