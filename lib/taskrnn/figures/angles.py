"""Figures of angles by dimension: subspaces before and after training, of two conditions, and against the readout."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taskrnn.figures.style import INPUTS, MEAN, TASKS, UNTRAINED, each_network, mean_of_whole, panels

DEGREES = "angle (degrees)"
DIMENSION = "dimension d of the subspaces"


class Null(NamedTuple):
    """A null by dimension, (dimension,) each, in degrees: its middle and a 95 % band."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def pooled(draws: np.ndarray) -> Null:
    """Median and 95 % band over the draws of all networks that have some, from (network, dimension, draw)."""
    whole = draws[np.isfinite(draws).all(axis=(1, 2))]
    if not len(whole):
        return Null(*np.full((3, draws.shape[1]), np.nan))
    return Null(*np.quantile(whole, (0.5, 0.025, 0.975), axis=(0, 2)))


def draw_networks(
    axis: Axes, dimensions: np.ndarray, angles: np.ndarray, *, colour: str, label: str, style: str = "-", each: str | None = None
) -> None:
    """Each network, (network, dimension), and their mean over the networks that have a value; `each` names the networks."""
    each_network(axis, dimensions, angles, color=colour, label=each, linestyle=style)
    axis.plot(dimensions, mean_of_whole(angles), style, color=colour, label=label, **MEAN)


def draw_null(axis: Axes, dimensions: np.ndarray, null: Null, *, label: str, colour: str, hatch: str | None = None) -> None:
    """The band of a null and its middle."""
    axis.fill_between(dimensions, null.low, null.high, facecolor=colour, alpha=0.25, edgecolor=colour, hatch=hatch, linewidth=0)
    axis.plot(dimensions, null.middle, ":", color=colour, linewidth=1.5, label=label)


def finish(axis: Axes, dimensions: np.ndarray, *, title: str, first: bool, last: bool = True) -> None:
    """Title and axes, the same for every panel of angles."""
    axis.set(title=title, ylim=(0, 92), yticks=range(0, 91, 15), xticks=dimensions)
    axis.set(ylabel=DEGREES if first else "", xlabel=DIMENSION if last else "")


def before_after(
    tasks: dict[str, dict[str, np.ndarray]], nulls: dict[str, dict[str, Null]], *, dimensions: np.ndarray
) -> Figure:
    """Figure 9: principal angles between the subspaces before and after training.

    Parameters
    ----------
    tasks : {task: {"mean", "smallest", "floor": (network, dimension)}}
        Mean and smallest principal angle, and the largest angle between good starts.
    nulls : {task: {"uniform", "matched": Null}}
        Of the mean principal angle.
    """
    with panels(1, len(tasks), size=(9, 4.4), sharey=True) as (figure, axes):
        for column, (task, angles) in enumerate(tasks.items()):
            axis = axes[0][column]
            draw_null(axis, dimensions, nulls[task]["uniform"], label="chance: any subspaces", colour="0.55")
            draw_null(axis, dimensions, nulls[task]["matched"], label="chance: activity's covariance", colour=INPUTS[0], hatch="///")
            draw_networks(axis, dimensions, angles["mean"], colour=TASKS[task], label="mean principal angle", each="networks")
            draw_networks(axis, dimensions, angles["smallest"], colour=TASKS[task], label="smallest principal angle", style="--")
            draw_networks(axis, dimensions, angles["floor"], colour="black", label="restarts (floor)")
            finish(axis, dimensions, title=task, first=column == 0)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure


def between_conditions(
    tasks: dict[str, dict[str, dict[str, np.ndarray]]], nulls: dict[str, Null], *, dimensions: np.ndarray, margin: float
) -> Figure:
    """Figure 10: angles between the conditions, trained and untrained, and the difference within each network.

    Parameters
    ----------
    tasks : {task: {"trained" or "untrained": {"between", "within", "restart": (network, dimension)}}}
    nulls : {task: Null}
        Mean principal angle of random subspaces.
    margin : float, degrees, of claim S7
    """
    with panels(len(tasks), 3, size=(9.5, 3.1 * len(tasks) + 0.7)) as (figure, axes):
        for row, (task, states) in enumerate(tasks.items()):
            last = row == len(tasks) - 1
            for column, (state, angles) in enumerate(states.items()):
                axis, colour = axes[row][column], TASKS[task] if state == "trained" else UNTRAINED
                draw_null(axis, dimensions, nulls[task], label="chance: any subspaces", colour="0.55")
                draw_networks(axis, dimensions, angles["between"], colour=colour, label="between conditions", each="networks")
                draw_networks(axis, dimensions, angles["within"], colour=INPUTS[1], label="within a condition", style="--")
                draw_networks(axis, dimensions, angles["restart"], colour="black", label="restarts (floor)")
                finish(axis, dimensions, title=f"{task}, {state}", first=column == 0, last=last)
            axis = axes[row][2]
            change = states["trained"]["between"] - states["untrained"]["between"]
            axis.axhspan(-margin, margin, color="0.88", label="margin of the claim")
            axis.axhline(0, color="black", linewidth=0.8)
            draw_networks(axis, dimensions, change, colour=TASKS[task], label="mean", each="networks")
            axis.set(title=f"{task}, trained - untrained", xticks=dimensions, xlabel=DIMENSION if last else "")
            axis.set_ylabel("difference (degrees)")
            axis.legend(fontsize=8)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=9)
    return figure


def to_readout(
    tasks: dict[str, dict[str, dict[str, np.ndarray]]], nulls: dict[str, dict[str, dict[str, Null]]], *, dimensions: np.ndarray
) -> Figure:
    """Figure 11: angles of the readout by dimension on the same axes everywhere, and each network's mean before and after.

    Parameters
    ----------
    tasks : {task: {"trained" or "untrained": {"dca", "pca": (network, dimension)}}}
    nulls : {task: {"trained" or "untrained": {"uniform", "matched": Null}}}
    """
    with panels(len(tasks), 3, size=(9.5, 3.4 * len(tasks) + 0.7), width_ratios=(3, 3, 2)) as (figure, axes):
        for row, (task, states) in enumerate(tasks.items()):
            last = row == len(tasks) - 1
            kinds = {"dca": (TASKS[task], "-"), "pca": (INPUTS[1], "--")}
            for column, (state, angles) in enumerate(states.items()):
                axis, chance = axes[row][column], nulls[task][state]
                draw_null(axis, dimensions, chance["uniform"], label="chance: any subspace", colour="0.55")
                draw_null(axis, dimensions, chance["matched"], label="chance: activity's covariance", colour=INPUTS[0], hatch="///")
                for kind, (colour, style) in kinds.items():
                    each = "networks" if kind == "dca" else None
                    draw_networks(axis, dimensions, angles[kind], colour=colour, label=kind.upper(), style=style, each=each)
                finish(axis, dimensions, title=f"{task}, {state}", first=column == 0, last=last)
            axis = axes[row][2]
            for kind, (colour, style) in kinds.items():
                ends = np.stack([states[state][kind].mean(axis=1) for state in ("untrained", "trained")], axis=1)
                each_network(axis, [0, 1], ends, color=colour, linestyle=style, marker="o", markersize=3)
                axis.plot([0, 1], mean_of_whole(ends), style, color=colour, **MEAN)
            axis.set(title="mean over d", xticks=[0, 1], xticklabels=["untrained", "trained"], xlim=(-0.3, 1.3))
            axis.set(yticks=range(0, 91, 15))
        lowest = min(np.nanmin(kind, initial=90) for states in tasks.values() for angles in states.values() for kind in angles.values())
        for axis in (axis for row in axes for axis in row):
            axis.set_ylim(15 * np.floor(lowest / 15), 92)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure
