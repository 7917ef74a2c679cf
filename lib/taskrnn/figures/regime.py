"""Figures of the chapter on the regime."""

import numpy as np
from matplotlib.figure import Figure

from taskrnn.figures.style import MEAN, TASKS, UNTRAINED, dot_size, each_dot, each_network, mean_of_whole, panels

WHEN = ("before", "after")


def exponents(rates: dict[str, dict[str, np.ndarray]], exact: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Every network's largest exponent before and after training, with the exact rates as circles.

    Parameters
    ----------
    rates, exact : {task: {drive: (2, network)}}, before and after training, 1/tau
    """
    with panels(1, len(rates), size=(8, 3.8), sharey=True) as (figure, axes):
        for axis, (task, drives) in zip(axes[0], rates.items(), strict=True):
            ticks, labels = [], []
            for place, (drive, pair) in enumerate(drives.items()):
                x = 2.4 * place + np.arange(2)
                once = place == 0
                each_network(axis, x, pair.T, color=TASKS[task], label="networks" if once else None, marker=".")
                axis.plot(x, mean_of_whole(pair.T), color="black", label="mean" if once else None, **MEAN)
                label = "exact, fixed points" if once else None
                circle = {"marker": "o", "fillstyle": "none", "markersize": 5}
                each_dot(axis, x, exact[task][drive].T, color="0.35", label=label, width=0.12, **circle)
                ticks += x.tolist()
                labels += [f"{drive}\n{when}" for when in WHEN]
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            axis.set(title=task, xlim=(-0.5, ticks[-1] + 0.5))
            axis.set_xticks(ticks, labels, fontsize=8)
        axes[0][0].set_ylabel("largest Lyapunov exponent (1/tau)")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
    return figure


def eigenvalues(spectra: dict[str, dict[str, np.ndarray]], *, alpha: float, gain: float) -> Figure:
    """Eigenvalues of D W at a fixed point with the bounds of stability of the map and of the ODE.

    Parameters
    ----------
    spectra : {task: {"before" or "after": complex (unit,)}}
    alpha : float, dt / tau
    gain : float, standard deviation of the untrained weights times sqrt(N)
    """
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 2000))
    map_bound = 1 + (circle - 1) / alpha
    with panels(len(spectra), 2, size=(8, 6.6), sharex=True, sharey=True) as (figure, axes):
        for row, (task, pair) in zip(axes, spectra.items(), strict=True):
            for axis, (when, values) in zip(row, pair.items(), strict=True):
                for radius, shade, units in ((gain, "0.8", "all units on"), (gain / np.sqrt(2), "0.5", "half of them on")):
                    ring = radius * circle
                    axis.plot(ring.real, ring.imag, color=shade, linewidth=1, label=f"radius {radius:.2f}: {units}")
                axis.axvline(1, color="black", linestyle="--", linewidth=1, label="bound of the ODE")
                axis.plot(map_bound.real, map_bound.imag, color="black", linewidth=1, label="bound of the map")
                axis.plot(values.real, values.imag, ".", color=TASKS[task] if when == "after" else UNTRAINED, markersize=4)
                axis.set(title=f"{task}, {when} training")
        largest = [np.abs(values).max() for pair in spectra.values() for values in pair.values()]
        reach = 1.1 * np.nanmax([gain, *largest])
        for row in axes:
            row[0].set(ylabel="imaginary part", ylim=(-reach, reach))
            for axis in row:
                axis.set_aspect("equal")
        for axis in axes[-1]:
            axis.set(xlabel="real part", xlim=(-reach, reach))
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    return figure


def copies(
    distance: dict[str, dict[str, np.ndarray]], routes: dict[str, tuple[np.ndarray, np.ndarray]], *, taus: np.ndarray
) -> Figure:
    """Two tests without Jacobians: copies that start far apart, and the growth of a real perturbation.

    Parameters
    ----------
    distance : {task: {"before" or "after": (network, sample)}}, relative to the first
    routes : {task: (exponents, growth of a perturbation)}, 1/tau, any shape
    taus : ndarray (sample,)
    """
    with panels(1, len(distance) + 1, size=(8.6, 3.4)) as (figure, axes):
        for axis, (task, pair) in zip(axes[0], distance.items(), strict=False):
            for when, curves in pair.items():
                colour = TASKS[task] if when == "after" else UNTRAINED
                axis.set_yscale("log")
                each_network(axis, taus, curves, color=colour, label=when)
            # Below that, only rounding is left.
            axis.set_ylim(bottom=1e-17)
            axis.set(title=f"{task}, driven", xlabel="time (tau)", ylabel="distance of two copies (of the first)")
            axis.legend(fontsize=8, title="training", title_fontsize=8, loc="upper right")
        last = axes[0][-1]
        for task, (jacobians, real) in routes.items():
            dot = dot_size(np.size(real), largest=6)
            last.plot(np.ravel(jacobians), np.ravel(real), ".", color=TASKS[task], markersize=dot, label=task)
        both = np.concatenate([np.ravel(route) for pair in routes.values() for route in pair])
        ends = [np.nanmin(both), np.nanmax(both)] if np.isfinite(both).any() else [0, 1]
        last.plot(ends, ends, color="black", linestyle="--", linewidth=1)
        last.set(title="two routes", xlabel="exponent, Jacobians (1/tau)", ylabel="growth of a perturbation (1/tau)")
        last.legend(fontsize=8)
    return figure


def gains(growths: dict[str, np.ndarray], *, gains: np.ndarray, recipe: float) -> Figure:
    """Growth rate against the gain of the weights; {task: (network, gain)} in 1/tau."""
    with panels(1, len(growths), size=(8, 3.2), sharey=True) as (figure, axes):
        for axis, (task, curves) in zip(axes[0], growths.items(), strict=True):
            each_network(axis, gains, curves, color=TASKS[task], label="networks", marker=".")
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            for gain in (recipe, np.sqrt(2)):
                axis.axvline(gain, color="0.4", linestyle=":", linewidth=1)
            axis.set(title=f"{task}, untrained", xlabel="gain g (standard deviation times sqrt(N))")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("growth at the fixed point (1/tau)")
    return figure
