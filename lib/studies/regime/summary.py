"""The regimes of all networks in tables and numbers, and what the claim and the figures share."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.regime.measures import DRIVES, WHEN
from taskrnn.analysis.statistics import of_known, paired

Regimes = dict[str, xr.Dataset]  # {task: `studies.regime.measures.regime` with a network axis}


def by_time(regimes: Regimes) -> Iterator[tuple[str, str, xr.Dataset]]:
    """(task, "before" or "after", what was measured then)."""
    for task, of_task in regimes.items():
        for when in of_task.when.values.tolist():
            yield task, when, of_task.sel(when=when)


def exact(found: xr.Dataset, drive: str) -> xr.DataArray:
    """Growth rate at the least stable point found: at zero input, or at any other if driven."""
    inputs = slice(0, 1) if drive == "autonomous" else slice(1, None)
    return found.growth_map.isel(input=inputs).max("input", skipna=False)


def first_eigenvalues(found: xr.Dataset) -> dict[str, np.ndarray]:
    """{when: complex (unit,)}, of D W at zero input in the first network that has both points."""
    first = int(np.argmax(found.eigenvalues.notnull().all(["when", "unit", "part"]).values))
    of_network = found.eigenvalues.isel(network=first)
    return {
        when: of_network.sel(when=when).values @ np.array([1, 1j])
        for when in found.when.values.tolist()
    }


def fixed_point_rows(regimes: Regimes) -> tuple[list[str], list[list]]:
    """Header and rows of the table of the searches, over networks and inputs."""
    header = [
        "task",
        "training",
        "searches",
        "points in each",
        "unstable points",
        "starts without end",
    ]
    header += ["last new point at start", "growth in the map (1/tau)"]
    rows = []
    for task, when, r in by_time(regimes):
        points, growths = (
            [float(end) for end in (a.min(), a.max())] for a in (r.found, r.growth_map)
        )
        counts = [
            f"{float(count):.0f}"
            for count in (r.unstable.sum(), r.unsettled.sum(), r.last_new.max())
        ]
        searches, spread = int(r.found.notnull().sum()), "{:.0f} to {:.0f}".format(*points)
        rows.append([task, when, searches, spread, *counts, "{:.3f} to {:.3f}".format(*growths)])
    return header, rows


def input_rows(regimes: Regimes) -> tuple[list[str], list[list]]:
    """Header and rows of the table of what inputs do: rates in 1/tau, means over networks."""
    header = ["task", "training", "autonomous", "inputs held constant", "driven"]
    header += ["driven minus autonomous, 95 % interval", "more stable when driven"]
    rows = []
    for task, when, r in by_time(regimes):
        still, driven = (r.exponent.sel(drive=drive) for drive in DRIVES)
        held = r.growth_map.isel(input=slice(1, None)).mean("input")
        moved = paired(still.values, driven.values)
        change = f"{moved.interval:.3f} ({moved.interval.low:.3f} to {moved.interval.high:.3f})"
        means = [f"{float(values.mean()):.3f}" for values in (still, held, driven)]
        rows.append([task, when, *means, change, f"{moved.n_below} of {still.size}"])
    return header, rows


def gain_rows(regimes: Regimes) -> tuple[list[str], list[list]]:
    """Header and rows of the table that counts networks with a stable point, for each gain."""
    gains = next(iter(regimes.values())).gain.values
    rows = [
        [task, *(r.gain_growth.transpose("network", "gain").values < 0).sum(axis=0)]
        for task, r in regimes.items()
    ]
    return ["stable, of all, at gain", *(f"{gain:g}" for gain in gains)], rows


def numbers(regimes: Regimes, *, gain: float) -> SimpleNamespace:
    """Numbers of the text; `gain` is that of the untrained weights.

    n_rates, n_negative, largest : exponents of all networks, those below 0, and the largest in
        1/tau
    gap : {"routes", "exact", "ode"}, largest difference in 1/tau from the exponent by a real
        perturbation, of the autonomous exponent from the exact rate, and of the rate in continuous
        time from that of the steps
    ode_differs : searches in which these two have other signs
    left : {drive: largest distance of two copies at the end, relative to the first}
    taus : length of the run of the copies
    active, predicted : {task: mean of the share s of units above threshold, and of gain sqrt(s)},
        zero input, before training
    radius : {task: (before, after)}, mean spectral radius of D W at zero input
    least_stable : largest exact rate at zero input before training, 1/tau
    """
    every, tasks = list(regimes.values()), {task: r.isel(input=0) for task, r in regimes.items()}
    rates = np.concatenate([r.exponent.values.ravel() for r in every])
    start = {task: zero.sel(when="before") for task, zero in tasks.items()}
    gap = {
        "routes": [r.exponent - r.perturbed for r in every],
        "exact": [
            zero.exponent.sel(drive="autonomous") - zero.growth_map for zero in tasks.values()
        ],
        "ode": [r.growth_ode - r.growth_map for r in every],
    }
    return SimpleNamespace(
        n_rates=rates.size,
        n_negative=int((rates < 0).sum()),
        largest=of_known(np.max, rates),
        gap={
            name: largest(np.abs(difference) for difference in differences)
            for name, differences in gap.items()
        },
        ode_differs=sum(int(((r.growth_ode < 0) != (r.growth_map < 0)).sum()) for r in every),
        left={
            drive: largest(r.distance.sel(drive=drive).isel(sample=-1) for r in every)
            for drive in DRIVES
        },
        taus=float(every[0].sample[-1]),
        active={task: of_known(np.mean, zero.active) for task, zero in start.items()},
        predicted={
            task: of_known(np.mean, gain * zero.active**0.5) for task, zero in start.items()
        },
        radius={
            task: [of_known(np.mean, zero.radius.sel(when=when)) for when in WHEN]
            for task, zero in tasks.items()
        },
        least_stable=largest(zero.growth_map for zero in start.values()),
    )


def largest(arrays: Iterable[xr.DataArray]) -> float:
    """The largest finite number in any of the arrays."""
    return of_known(np.max, np.concatenate([np.ravel(values) for values in arrays]))
