"""Figures of the chapter on nonlinearity."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.nonlinearity.comparison import random_mean
from studies.style import (
    MANY,
    MEAN,
    TASKS,
    UNTRAINED,
    dot_size,
    each_network,
    mean_as_far_as_all,
    mean_of_whole,
    panels,
)
from taskrnn.analysis.statistics import interval
from taskrnn.variables import WHEN

SHARES = {
    "below": "(unit, time) below threshold",
    "crossing": "units that cross in a trial",
    "silent": "units never above",
}


def mean_weights(networks: dict[str, xr.Dataset], changes: dict[str, xr.Dataset]) -> Figure:
    """Figure 4: mean recurrent weight of every network by update, and its final change.

    Beside the 95 % band of a random change with the same norm.

    Parameters
    ----------
    networks : {task: Dataset with mean_weight (network, update)}
    changes : `studies.nonlinearity.comparison.weight_changes`
    """
    n = len(networks)
    options = {"size": (9, 3.2), "width_ratios": [1.3] * n + [1]}
    with panels(1, n + 1, **options) as (figure, axes):
        *left, right = axes[0]
        for i, (axis, (task, of_task)) in enumerate(zip(left, networks.items(), strict=True)):
            curve = of_task.mean_weight.transpose("network", "update").values
            axis.sharey(left[0])
            updates = np.arange(curve.shape[1])
            each_network(axis, updates, curve * 1e3, color=TASKS[task], label="networks")
            axis.plot(mean_of_whole(curve) * 1e3, color="black", label="mean", **MEAN)
            axis.axhline(0, color="0.6", linewidth=0.8)
            axis.set(title=task, xlabel="update")
            axis.legend(fontsize=8)
            place, low = i + np.linspace(-0.3, 0.3, len(curve)), random_mean(changes[task]) * 1e3
            bar = {"color": UNTRAINED, "linewidth": 3 * min(1, MANY / len(place)), "alpha": 0.5}
            right.vlines(place, low, -low, **bar)
            dot = {"color": TASKS[task], "markersize": dot_size(len(place), largest=4)}
            right.plot(place, (curve[:, -1] - curve[:, 0]) * 1e3, "o", **dot)
        left[0].set_ylabel("mean recurrent weight (0.001)")
        bar = {"color": UNTRAINED, "linewidth": 3, "alpha": 0.5}
        right.plot([], [], label="random change,\nequal norm, 95 %", **bar)
        right.axhline(0, color="0.6", linewidth=0.8)
        right.set(title="final change", ylabel="change of the mean (0.001)")
        right.set_xticks(range(n), list(networks))
        right.legend(fontsize=8)
    return figure


def leaky_relu(degrees: list[float]) -> Figure:
    """Figure 5: the activation function for some angles theta, in degrees."""
    with panels(1, 1, size=(4, 3.2)) as (figure, [[axis]]):
        x = np.array([-1.0, 0.0, 1.0])
        for i, theta in enumerate(degrees):
            y = np.maximum(x, np.tan(np.radians(theta)) * x)
            grey = str(0.75 * i / max(len(degrees) - 1, 1))
            axis.plot(x, y, color=grey, label=f"{theta:.0f} degrees")
        axis.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        axis.set(xlabel="total input x", ylabel="f(x)", aspect="equal")
        axis.legend(title="theta")
    return figure


def along_theta(found: dict[str, xr.Dataset]) -> Figure:
    """Figure 6: PI before and after training along theta, their difference, and what is stable.

    Stable is decided by the growth rate.

    Parameters
    ----------
    found : `studies.nonlinearity.comparison.with_differences`
    """
    labels = ("PI (nats)", "PI, trained less untrained (nats)", "largest Lyapunov exponent (1/tau)")
    options = {"size": (8.5, 8.5), "sharex": True, "sharey": "row"}
    with panels(3, len(found), **options) as (figure, axes):
        for column, (task, of_task) in enumerate(found.items()):
            top, middle, bottom = (row[column] for row in axes)
            degrees = of_task.theta.values
            states = zip(WHEN, (UNTRAINED, TASKS[task]), ("untrained", "trained"), strict=True)
            for when, colour, name in states:
                at = of_task.sel(when=when).transpose("network", "theta", ...)
                for axis, values in ((top, at.best.values), (bottom, at.exponent.values)):
                    each_network(axis, degrees, values, color=colour, marker=".", markersize=3)
                    mean = mean_as_far_as_all(values)
                    axis.plot(degrees, mean, color=colour, label=f"{name}, mean", **MEAN)
            draw_difference(middle, of_task, colour=TASKS[task])
            for axis in (middle, bottom):
                axis.axhline(0, color="black", linewidth=0.8, linestyle="--")
            top.set_title(task)
            bottom.set_xlabel("theta (degrees)")
            for axis in (top, middle, bottom):
                axis.margins(y=0.12)
                axis.legend(fontsize=8, loc="upper left")
        for row, label in zip(axes, labels, strict=True):
            row[0].set_ylabel(label)
    return figure


def draw_difference(axis: Axes, of_task: xr.Dataset, *, colour: str) -> None:
    """PI after less before of one task along theta, and the number of pairs that are stable."""
    degrees, gap = of_task.theta.values, of_task.difference.transpose("network", "theta").values
    # One network near its instability would flatten all others.
    axis.set_yscale("symlog", linthresh=5)
    each_network(axis, degrees, gap, color=colour, label="networks", marker=".", markersize=3)
    label = "mean, where all pairs are stable"
    axis.plot(degrees, mean_as_far_as_all(gap), color="black", label=label, **MEAN)
    crossing = interval(of_task.crossing_theta.values)
    if np.isfinite(crossing.low):
        axis.axvspan(crossing.low, crossing.high, color="0.85", zorder=0, label="crossing, 95 %")
    where = {"xycoords": ("data", "axes fraction"), "ha": "center", "fontsize": 8}
    for theta, n in zip(degrees, np.isfinite(gap).sum(axis=0), strict=True):
        axis.annotate(str(n), (theta, 0.02), **where)
    ticks = [-5, -2, 0, 2, 5, 10, 20, 50]
    axis.set_yticks(ticks, map(str, ticks))


def rectifier_use(use: dict[str, xr.Dataset]) -> Figure:
    """Every network before and after training: shares of `measures.rectification` in training."""
    with panels(1, len(SHARES), size=(8.5, 3.4)) as (figure, axes):
        for axis, (name, title) in zip(axes[0], SHARES.items(), strict=True):
            for i, (task, of_task) in enumerate(use.items()):
                x, noisy = np.array([0.0, 1.0]) + 2 * i, of_task[name].sel(noise="as in training")
                ends = noisy.sel(when=list(WHEN)).transpose("network", "when").values
                label = None if i else "networks"
                style = {"color": TASKS[task], "marker": ".", "markersize": 4}
                each_network(axis, x, ends, label=label, **style)
                axis.plot(x, mean_of_whole(ends), color=TASKS[task], label=f"{task}, mean", **MEAN)
            axis.set_title(title)
            axis.set_xticks(range(2 * len(use)), list(WHEN) * len(use))
            axis.margins(y=0.05)
        axes[0][0].set_ylabel("share")
        handles = axes[0][0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=3, fontsize=8)
    return figure
