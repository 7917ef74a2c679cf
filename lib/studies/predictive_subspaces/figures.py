"""Figures of angles by dimension: subspaces before and after training, and of two conditions."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.predictive_subspaces.claims import MARGIN, RANDOM
from studies.style import (
    INPUTS,
    MEAN,
    TASKS,
    TRAINED_FIRST,
    UNTRAINED,
    each_network,
    mean_of_whole,
    panels,
)

DEGREES = "angle (degrees)"
DIMENSION = "dimension d of the subspaces"
ANY = {"label": "chance: any subspaces", "colour": "0.55"}
MATCHED = {"label": "chance: activity's covariance", "colour": INPUTS[0], "hatch": "///"}


class Null(NamedTuple):
    """A null by dimension, (dimension,) each, in degrees: its middle and a 95 % band."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def pooled(draws: np.ndarray) -> Null:
    """Median and 95 % band over the draws (network, dimension, draw) of networks that have some."""
    whole = draws[np.isfinite(draws).all(axis=(1, 2))]
    if not len(whole):
        return Null(*np.full((3, draws.shape[1]), np.nan))
    return Null(*np.quantile(whole, (0.5, 0.025, 0.975), axis=(0, 2)))


def draw_networks(
    axis: Axes,
    dimensions: np.ndarray,
    angles: np.ndarray,
    *,
    colour: str,
    label: str,
    style: str = "-",
    each: str | None = None,
) -> None:
    """Each network, (network, dimension), and the mean of those that have a value.

    `each` names the networks in the legend.
    """
    each_network(axis, dimensions, angles, color=colour, label=each, linestyle=style)
    axis.plot(dimensions, mean_of_whole(angles), style, color=colour, label=label, **MEAN)


def draw_null(
    axis: Axes,
    dimensions: np.ndarray,
    null: Null,
    *,
    label: str,
    colour: str,
    hatch: str | None = None,
) -> None:
    """The band of a null and its middle."""
    axis.fill_between(
        dimensions,
        null.low,
        null.high,
        facecolor=colour,
        alpha=0.25,
        edgecolor=colour,
        hatch=hatch,
        linewidth=0,
    )
    axis.plot(dimensions, null.middle, ":", color=colour, linewidth=1.5, label=label)


def finish(
    axis: Axes, dimensions: np.ndarray, *, title: str, first: bool, last: bool = True
) -> None:
    """Title and axes, the same for every panel of angles."""
    axis.set(title=title, ylim=(0, 92), yticks=range(0, 91, 15), xticks=dimensions)
    axis.set(ylabel=DEGREES if first else "", xlabel=DIMENSION if last else "")


def before_after(
    moved: dict[str, xr.Dataset], uniform: dict[str, xr.DataArray], random: dict[str, xr.Dataset]
) -> Figure:
    """Figure 9: principal angles between the subspaces before and after training.

    Parameters
    ----------
    moved : {task: `studies.predictive_subspaces.measures.moved`}
    uniform : {task: (dimension, draw)}, `studies.predictive_subspaces.measures.any_subspaces`
    random : {task: `studies.predictive_subspaces.random_changes`}, with a network axis
    """
    lines = {
        "mean": {"label": "mean principal angle", "each": "networks"},
        "smallest": {"label": "smallest principal angle", "style": "--"},
        "sessions": {"label": "two sessions (floor)"},
    }
    marks = {"gaussian": "o", "rank": "s"}
    with panels(1, len(moved), size=(9, 4.4), sharey=True) as (figure, axes):
        for column, (task, angles) in enumerate(moved.items()):
            axis, dimensions = axes[0][column], angles.dimension.values
            draw_null(axis, dimensions, of_any(uniform[task]), **ANY)
            matched = pooled(angles.matched.transpose("network", "dimension", "draw").values)
            draw_null(axis, dimensions, matched, **MATCHED)
            for name, style in lines.items():
                colour = "black" if name == "sessions" else TASKS[task]
                draw_networks(axis, dimensions, by_network(angles[name]), colour=colour, **style)
            for kind, mark in marks.items():
                turned = mean_of_whole(by_network(random[task].turned.sel(kind=kind)))
                label = f"after a {RANDOM[kind]}"
                look = {"color": "0.25", "marker": mark, "markersize": 4}
                axis.plot(dimensions, turned, ":", label=label, **look)
            finish(axis, dimensions, title=task, first=column == 0)
        labels = axes[0][0].get_legend_handles_labels()
        figure.legend(*labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def between_conditions(aligned: dict[str, xr.Dataset], uniform: dict[str, xr.DataArray]) -> Figure:
    """Figure 10: angles between the conditions, trained and untrained, and the difference.

    Parameters
    ----------
    aligned : {task: `studies.predictive_subspaces.measures.aligned`}
    uniform : {task: (dimension, draw)}, `studies.predictive_subspaces.measures.any_subspaces`
    """
    with panels(len(aligned), 3, size=(9.5, 3.1 * len(aligned) + 0.7)) as (figure, axes):
        for row, (task, angles) in enumerate(aligned.items()):
            dimensions, last = angles.dimension.values, row == len(aligned) - 1
            for column, (state, when) in enumerate(TRAINED_FIRST.items()):
                axis, colour = axes[row][column], TASKS[task] if when == "after" else UNTRAINED
                draw_null(axis, dimensions, of_any(uniform[task]), **ANY)
                draw_conditions(axis, angles.sel(when=when), colour=colour)
                finish(axis, dimensions, title=f"{task}, {state}", first=column == 0, last=last)
            draw_change(axes[row][2], angles.between, colour=TASKS[task])
            title = f"{task}, trained - untrained"
            axes[row][2].set(title=title, xlabel=DIMENSION if last else "")
        labels = axes[0][0].get_legend_handles_labels()
        figure.legend(*labels, loc="outside lower center", ncols=5, fontsize=9)
    return figure


def draw_conditions(axis: Axes, angles: xr.Dataset, *, colour: str) -> None:
    """Angles (network, dimension) between and within the conditions, and of restarts."""
    lines = {
        "between": {"colour": colour, "label": "between conditions", "each": "networks"},
        "within": {"colour": INPUTS[1], "label": "within a condition", "style": "--"},
        "restart": {"colour": "black", "label": "restarts (floor)"},
    }
    for name, style in lines.items():
        draw_networks(axis, angles.dimension.values, by_network(angles[name]), **style)


def draw_change(axis: Axes, between: xr.DataArray, *, colour: str) -> None:
    """What training changes in the angle between conditions, and the margin of S7."""
    dimensions = between.dimension.values
    change = by_network(between.sel(when="after") - between.sel(when="before"))
    axis.axhspan(-MARGIN, MARGIN, color="0.88", label="margin of the claim")
    axis.axhline(0, color="black", linewidth=0.8)
    draw_networks(axis, dimensions, change, colour=colour, label="mean", each="networks")
    axis.set(xticks=dimensions, ylabel="difference (degrees)")
    axis.legend(fontsize=8)


def by_network(angles: xr.DataArray) -> np.ndarray:
    """The angles as (network, dimension)."""
    return angles.transpose("network", "dimension").values


def of_any(draws: xr.DataArray) -> Null:
    """The null of random subspaces, from (dimension, draw)."""
    return pooled(draws.transpose("dimension", "draw").values[None])
