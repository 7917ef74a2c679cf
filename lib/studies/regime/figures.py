"""Figures of the chapter on the regime; all take {task: `studies.regime.measures.regime`}."""

import numpy as np
from matplotlib.figure import Figure

from studies.regime.measures import DRIVES, WHEN
from studies.regime.summary import Regimes, exact, first_eigenvalues
from studies.style import (
    MEAN,
    TASKS,
    UNTRAINED,
    dot_size,
    each_dot,
    each_network,
    mean_of_whole,
    panels,
)
from taskrnn.networks.rate import RateNetwork


def exponents(regimes: Regimes) -> Figure:
    """Every network's largest exponent before and after training; the exact rates are circles."""
    circle = {"marker": "o", "fillstyle": "none", "markersize": 5, "width": 0.12, "color": "0.35"}
    with panels(1, len(regimes), size=(8, 3.8), sharey=True) as (figure, axes):
        for axis, (task, regime) in zip(axes[0], regimes.items(), strict=True):
            ticks, ticklabels = [], []
            names = {"networks": "networks", "mean": "mean", "exact": "exact, fixed points"}
            for place, drive in enumerate(DRIVES):
                x = 2.4 * place + np.arange(2)
                rates, points = (
                    found.transpose("network", "when").values
                    for found in (regime.exponent.sel(drive=drive), exact(regime, drive))
                )
                colour = TASKS[task]
                each_network(axis, x, rates, color=colour, label=names.get("networks"), marker=".")
                axis.plot(x, mean_of_whole(rates), color="black", label=names.get("mean"), **MEAN)
                each_dot(axis, x, points, label=names.get("exact"), **circle)
                names = {}  # each is in the legend once
                ticks += x.tolist()
                ticklabels += [f"{drive}\n{when}" for when in WHEN]
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            axis.set(title=task, xlim=(-0.5, ticks[-1] + 0.5))
            axis.set_xticks(ticks, ticklabels, fontsize=8)
        axes[0][0].set_ylabel("largest Lyapunov exponent (1/tau)")
        legend = axes[0][0].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower center", ncols=3, fontsize=8)
    return figure


def eigenvalues(regimes: Regimes, network: RateNetwork) -> Figure:
    """Eigenvalues of D W at a fixed point with the bounds of stability of the map and of the ODE.

    The circles are those of the untrained weights of `network`, all units on or half of them.
    """
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 2000))
    map_bound = 1 + (circle - 1) / network.alpha
    gain, black = network.gain, {"color": "black", "linewidth": 1}
    rings = ((gain, "0.8", "all units on"), (gain / np.sqrt(2), "0.5", "half of them on"))
    spectra = {task: first_eigenvalues(regime) for task, regime in regimes.items()}
    with panels(len(spectra), 2, size=(8, 6.6), sharex=True, sharey=True) as (figure, axes):
        for row, (task, pair) in zip(axes, spectra.items(), strict=True):
            for axis, (when, values) in zip(row, pair.items(), strict=True):
                for radius, shade, units in rings:
                    ring, name = radius * circle, f"radius {radius:.2f}: {units}"
                    axis.plot(ring.real, ring.imag, color=shade, linewidth=1, label=name)
                axis.axvline(1, linestyle="--", label="bound of the ODE", **black)
                axis.plot(map_bound.real, map_bound.imag, label="bound of the map", **black)
                colour = TASKS[task] if when == "after" else UNTRAINED
                axis.plot(values.real, values.imag, ".", color=colour, markersize=4)
                axis.set(title=f"{task}, {when} training")
        largest = [np.abs(values).max() for pair in spectra.values() for values in pair.values()]
        reach = 1.1 * np.nanmax([gain, *largest])
        for row in axes:
            row[0].set(ylabel="imaginary part", ylim=(-reach, reach))
            for axis in row:
                axis.set_aspect("equal")
        for axis in axes[-1]:
            axis.set(xlabel="real part", xlim=(-reach, reach))
        legend = axes[0][0].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower center", ncols=4, fontsize=8)
    return figure


def copies(regimes: Regimes) -> Figure:
    """Two tests without Jacobians: copies that start far apart, and a real perturbation."""
    routes = {task: (r.exponent.values, r.perturbed.values) for task, r in regimes.items()}
    with panels(1, len(regimes) + 1, size=(8.6, 3.4)) as (figure, axes):
        for axis, (task, regime) in zip(axes[0], regimes.items(), strict=False):
            for when in WHEN:
                curves = regime.distance.sel(when=when, drive="driven").values
                colour = TASKS[task] if when == "after" else UNTRAINED
                axis.set_yscale("log")
                each_network(axis, regime.sample.values, curves, color=colour, label=when)
            # Below that, only rounding is left.
            axis.set_ylim(bottom=1e-17)
            axis.set(title=f"{task}, driven", xlabel="time (tau)")
            axis.set_ylabel("distance of two copies (of the first)")
            axis.legend(fontsize=8, title="training", title_fontsize=8, loc="upper right")
        last = axes[0][-1]
        for task, (jacobians, real) in routes.items():
            look = {"color": TASKS[task], "markersize": dot_size(np.size(real), largest=6)}
            last.plot(np.ravel(jacobians), np.ravel(real), ".", label=task, **look)
        both = np.concatenate([np.ravel(route) for pair in routes.values() for route in pair])
        ends = [np.nanmin(both), np.nanmax(both)] if np.isfinite(both).any() else [0, 1]
        last.plot(ends, ends, color="black", linestyle="--", linewidth=1)
        last.set(title="two routes", xlabel="exponent, Jacobians (1/tau)")
        last.set_ylabel("growth of a perturbation (1/tau)")
        last.legend(fontsize=8)
    return figure


def gains(regimes: Regimes, *, recipe: float) -> Figure:
    """Exact rate of untrained networks against the gain of their weights; `recipe` is their own."""
    with panels(1, len(regimes), size=(8, 3.2), sharey=True) as (figure, axes):
        for axis, (task, regime) in zip(axes[0], regimes.items(), strict=True):
            curves = regime.gain_growth.transpose("network", "gain").values
            colour = TASKS[task]
            each_network(
                axis, regime.gain.values, curves, color=colour, label="networks", marker="."
            )
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            for gain in (recipe, np.sqrt(2)):
                axis.axvline(gain, color="0.4", linestyle=":", linewidth=1)
            axis.set(title=f"{task}, untrained")
            axis.set_xlabel("gain g (standard deviation times sqrt(N))")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("growth at the fixed point (1/tau)")
    return figure
