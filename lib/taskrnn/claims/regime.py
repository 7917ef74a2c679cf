"""Claim G1: networks start in the stable fixed-point regime and stay in it (section 6).

The criterion is 'all < 0': the largest Lyapunov exponent of every network, before and after training, autonomous and driven.
An exponent that is no larger than its own drift has no certain sign; there the exact growth rate at the fixed points decides,
of the least stable point that was found at zero input (autonomous) or at any constant input of the task (driven).
"""

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

from taskrnn.claims.ledger import Result, every_network, statistic

STABLE = 0.0  # 1/tau; G1 asks for rates below it

Regimes = dict[str, xr.Dataset]  # {task: from `taskrnn.measures.regime`, with a network axis}


def g1(regimes: Regimes) -> Result:
    """Judge G1 by task: every network must be stable, before and after training, autonomous and driven.

    One whose rates grow beyond all bounds has no exponent and is not stable; one that was not measured is missing.
    """
    exponents, points = [], []
    holds, unknown = ({task: [] for task in regimes} for _ in range(2))
    for task, when, measured in each(regimes):
        unknown[task].append(missing(measured))
        for drive in measured.drive.values:
            holds[task].append(stable(measured, drive))
            name = f"largest Lyapunov exponent, {task}, {drive}, {when} training (1/tau)"
            exponents.append(statistic(name, measured.exponent.sel(drive=drive).values, holds=holds[task][-1]))
        worst = measured.growth_map.max("condition", skipna=False).values
        name = f"growth at the least stable fixed point found, {task}, {when} training (1/tau)"
        points.append(statistic(name, worst, holds=worst < STABLE))
    everywhere = {task: np.all(conditions, axis=0) for task, conditions in holds.items()}
    parts = {
        task: every_network(networks, null_holds=np.zeros_like(networks), missing=np.any(unknown[task], axis=0))
        for task, networks in everywhere.items()
    }
    return Result(claim="G1", statistics=(*exponents, *points), null_name="no null named", parts=parts)


def each(regimes: Regimes) -> Iterator[tuple[str, str, xr.Dataset]]:
    """(task, "before" or "after", what was measured then)."""
    for task, regime in regimes.items():
        for when in regime.when.values.tolist():
            yield task, when, regime.sel(when=when)


def missing(measured: xr.Dataset) -> np.ndarray:
    """Networks that were not measured, bool (network,): of the others at least the number of fixed points is known."""
    return measured.found.isnull().all("condition").values


def stable(measured: xr.Dataset, drive: str) -> np.ndarray:
    """In which networks the rate is below 0, bool (network,); a network without a value is not stable."""
    exponent = measured.exponent.sel(drive=drive).values
    return np.where(uncertain(measured, drive), exact(measured, drive), exponent) < STABLE


def uncertain(measured: xr.Dataset, drive: str) -> np.ndarray:
    """Where the sign of an exponent is not certain, because it is no larger than its drift: bool (network,)."""
    at = measured.sel(drive=drive)
    return np.abs(at.exponent.values) <= np.abs(at.drift.values)


def exact(measured: xr.Dataset, drive: str) -> np.ndarray:
    """Growth rate at the least stable fixed point found, (network,): at zero input, or at any other constant input."""
    conditions = slice(0, 1) if drive == "autonomous" else slice(1, None)
    return measured.growth_map.isel(condition=conditions).max("condition", skipna=False).values


def not_stable(measured: xr.Dataset, drive: str) -> np.ndarray:
    """The opposite of `stable` in the networks that were measured."""
    return ~stable(measured, drive) & ~missing(measured)


def named(regimes: Regimes, *, which: Callable[[xr.Dataset, str], np.ndarray]) -> str:
    """The networks and settings for which `which(measured, drive)` is true, as text; "none" if there are none."""
    names = [
        f"{task} network {k} ({drive}, {when} training)"
        for task, when, measured in each(regimes)
        for drive in measured.drive.values
        for k in np.flatnonzero(which(measured, drive))
    ]
    return ", ".join(names) if names else "none"


def escapes(regimes: Regimes) -> str:
    """A sentence for each network whose rates grow without bound, with the exact rate beside its exponent; or that none does."""
    lines = [
        f"- {task} network {k}, {drive}, {when} training: exact rate {at.escape[k]:.4f}, exponent {at.exponent[k]:.4f} per tau."
        for task, when, measured in each(regimes)
        for drive in measured.drive.values
        for at in [measured[["escape", "exponent"]].sel(drive=drive)]
        for k in np.flatnonzero(np.isfinite(at.escape.values))
    ]
    return "\n".join(lines) if lines else "There is no such network in this build."


def unbounded(regimes: Regimes) -> str:
    """The networks in which some states far out grow, as text; "none" if there are none."""
    names = [
        f"{task} network {k} ({when} training)"
        for task, when, measured in each(regimes)
        for k in np.flatnonzero((measured.far_growth > 0).any("direction").values)
    ]
    return ", ".join(names) if names else "none"
