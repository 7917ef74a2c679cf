"""Figures of the chapter on nonlinearity."""

import numpy as np
from matplotlib.figure import Figure

from taskrnn.figures.style import MANY, MEAN, TASKS, UNTRAINED, dot_size, each_network, mean_as_far_as_all, mean_of_whole, panels
from taskrnn.statistics import Interval


def mean_weights(curves: dict[str, np.ndarray], random_low: dict[str, np.ndarray]) -> Figure:
    """Figure 4: mean recurrent weight of every network by update, and its final change beside that of a random change.

    Parameters
    ----------
    curves : {task: (network, update)}
    random_low : {task: (network,)}, lower end of the 95 % band of an equal-norm random change
    """
    with panels(1, len(curves) + 1, size=(9, 3.2), width_ratios=[1.3] * len(curves) + [1]) as (figure, axes):
        *left, right = axes[0]
        for i, (axis, (task, curve)) in enumerate(zip(left, curves.items(), strict=True)):
            axis.sharey(left[0])
            each_network(axis, np.arange(curve.shape[1]), curve * 1e3, color=TASKS[task], label="networks")
            axis.plot(mean_of_whole(curve) * 1e3, color="black", label="mean", **MEAN)
            axis.axhline(0, color="0.6", linewidth=0.8)
            axis.set(title=task, xlabel="update")
            axis.legend(fontsize=8)
            place = i + np.linspace(-0.3, 0.3, len(curve))
            bar = {"color": UNTRAINED, "linewidth": 3 * min(1, MANY / len(place)), "alpha": 0.5}
            right.vlines(place, random_low[task] * 1e3, -random_low[task] * 1e3, **bar)
            dot = dot_size(len(place), largest=4)
            right.plot(place, (curve[:, -1] - curve[:, 0]) * 1e3, "o", color=TASKS[task], markersize=dot)
        left[0].set_ylabel("mean recurrent weight (0.001)")
        right.plot([], [], color=UNTRAINED, linewidth=3, alpha=0.5, label="random change,\nequal norm, 95 %")
        right.axhline(0, color="0.6", linewidth=0.8)
        right.set(title="final change", ylabel="change of the mean (0.001)", xticks=range(len(curves)), xticklabels=list(curves))
        right.legend(fontsize=8)
    return figure


def leaky_relu(degrees: list[float]) -> Figure:
    """Figure 5: the activation function for some angles theta, in degrees."""
    with panels(1, 1, size=(4, 3.2)) as (figure, [[axis]]):
        x = np.array([-1.0, 0.0, 1.0])
        for i, theta in enumerate(degrees):
            y = np.maximum(x, np.tan(np.radians(theta)) * x)
            axis.plot(x, y, color=str(0.75 * i / max(len(degrees) - 1, 1)), label=f"{theta:.0f} degrees")
        axis.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        axis.set(xlabel="total input x", ylabel="f(x)", aspect="equal")
        axis.legend(title="theta")
    return figure


def along_theta(
    degrees: np.ndarray,
    pi: dict[str, np.ndarray],
    gap: dict[str, np.ndarray],
    exponent: dict[str, np.ndarray],
    crossing: dict[str, Interval],
) -> Figure:
    """Figure 6: PI before and after training along theta, their difference, and the growth rate that decides what is stable.

    Parameters
    ----------
    degrees : ndarray (theta,)
    pi, exponent : {task: (network, condition, theta)}, before and after; nats, 1/tau
    gap : {task: (network, theta)}, PI after less before, nats; NaN where not both are stable
    crossing : {task: Interval}, of the angle in degrees
    """
    with panels(3, len(pi), size=(8.5, 8.5), sharex=True, sharey="row") as (figure, axes):
        for column, task in enumerate(pi):
            top, middle, bottom = (row[column] for row in axes)
            for k, (colour, name) in enumerate([(UNTRAINED, "untrained"), (TASKS[task], "trained")]):
                for axis, values in ((top, pi[task][:, k]), (bottom, exponent[task][:, k])):
                    each_network(axis, degrees, values, color=colour, marker=".", markersize=3)
                    axis.plot(degrees, mean_as_far_as_all(values), color=colour, label=f"{name}, mean", **MEAN)
            middle.set_yscale("symlog", linthresh=5)  # one network near its instability would flatten all others
            each_network(middle, degrees, gap[task], color=TASKS[task], label="networks", marker=".", markersize=3)
            middle.plot(degrees, mean_as_far_as_all(gap[task]), color="black", label="mean, where all pairs are stable", **MEAN)
            if np.isfinite(crossing[task].low):
                middle.axvspan(crossing[task].low, crossing[task].high, color="0.85", zorder=0, label="crossing, 95 %")
            for theta, n in zip(degrees, np.isfinite(gap[task]).sum(axis=0), strict=True):
                middle.annotate(str(n), (theta, 0.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
            for axis in (middle, bottom):
                axis.axhline(0, color="black", linewidth=0.8, linestyle="--")
            middle.set_yticks([-5, 0, 5, 10, 20, 50], ["-5", "0", "5", "10", "20", "50"])
            top.set_title(task)
            bottom.set_xlabel("theta (degrees)")
            for axis in (top, middle, bottom):
                axis.margins(y=0.12)
                axis.legend(fontsize=8, loc="upper left")
        for row, label in zip(axes, ("PI (nats)", "PI, trained less untrained (nats)", "largest Lyapunov exponent (1/tau)"), strict=True):
            row[0].set_ylabel(label)
    return figure


def rectifier_use(shares: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]) -> Figure:
    """Every network before and after training; {statistic: {task: (before (network,), after (network,))}}, shares of 1."""
    with panels(1, len(shares), size=(8.5, 3.4)) as (figure, axes):
        for axis, (label, tasks) in zip(axes[0], shares.items(), strict=True):
            for i, (task, (before, after)) in enumerate(tasks.items()):
                x = np.array([0.0, 1.0]) + 2 * i
                ends = np.stack([before, after], axis=1)
                each_network(axis, x, ends, color=TASKS[task], label=None if i else "networks", marker=".", markersize=4)
                axis.plot(x, mean_of_whole(ends), color=TASKS[task], label=f"{task}, mean", **MEAN)
            axis.set(title=label, xticks=range(2 * len(tasks)), xticklabels=["before", "after"] * len(tasks))
            axis.margins(y=0.05)
        axes[0][0].set_ylabel("share")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
    return figure
