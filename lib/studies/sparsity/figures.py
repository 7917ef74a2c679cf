"""Figures of the chapter on sparsity."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from studies.sparsity.experiments import STRENGTHS, TASKS, of_kind
from studies.sparsity.measures import MASKS, SMALL
from studies.style import UNTRAINED, dot_size, panels

COLOURS = ("#56B4E9", "#0072B2", "#000000")  # of the thresholds, the strongest last
SUBGRADIENT = "#D55E00"
THRESHOLDS = {
    kind: (f"threshold {strength}", colour)
    for (kind, strength), colour in zip(STRENGTHS.items(), COLOURS, strict=True)
}
ANEW = dict(
    zip(
        MASKS,
        (("found", "#009E73", "^"), ("random", "#CC79A7", "v"), ("largest", "#E69F00", "s")),
        strict=True,
    )
)
SHARES = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)  # of zeros, on the axis


def losses(sparse: Mapping[str, xr.Dataset], masks: Mapping[str, xr.Dataset]) -> Figure:
    """Final loss of every network against the share of its weights that are zero.

    Parameters
    ----------
    sparse : {experiment: `studies.sparsity.measures.sparseness`}
    masks : {task: `studies.sparsity.measures.masked`}
    """
    with panels(1, len(TASKS), size=(9.5, 4.4), sharey=True) as (figure, axes):
        for axis, task in zip(axes[0], TASKS, strict=True):
            axis.set(xscale="log", yscale="log", title=task)
            of_task = {kind: of_kind(sparse, kind)[task] for kind in ("dense", *THRESHOLDS)}
            dense = of_task["dense"]
            marks(axis, dense.zeros, dense.loss, "o", UNTRAINED, "no penalty")
            for kind, (label, colour) in THRESHOLDS.items():
                of = of_task[kind]
                marks(axis, of.zeros, of.loss, "o", colour, label)
            if (name := f"{task}_subgradient") in sparse:
                of = sparse[name]
                marks(axis, of.zeros, of.loss, "x", SUBGRADIENT, "subgradient, zero")
                marks(axis, of.small, of.loss, "+", SUBGRADIENT, "subgradient, below 0.01 sd")
            zeros = of_task[list(THRESHOLDS)[-1]].zeros
            for mask, (label, colour, marker) in ANEW.items():
                marks(
                    axis,
                    zeros,
                    masks[task].loss.sel(mask=mask),
                    marker,
                    colour,
                    f"anew, {label} mask",
                )
            finish(axis, {kind: 1 - float(of_task[kind].thresholded.mean()) for kind in THRESHOLDS})
        axes[0][0].set_ylabel("final loss")
        axes[0][0].plot([], [], ":", color="black", label="untrained weights less the budget")
        handles = axes[0][0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=4, fontsize=8.5)
    return figure


def marks(
    axis: Axes, zeros: xr.DataArray, loss: xr.DataArray, marker: str, colour: str, label: str
) -> None:
    """One mark for each network, at the share of weights that are left."""
    size = dot_size(len(zeros), largest=5.5)
    look = {"markersize": size, "alpha": 0.75, "label": label, "linestyle": ""}
    axis.plot(1 - zeros.values, loss.values, marker, color=colour, markerfacecolor="none", **look)


def finish(axis: Axes, cuts: Mapping[str, float]) -> None:
    """The axis of shares, on which the last few weights have as much room as the first many, and
    the share that each budget alone leaves; one beyond the axis is drawn at its end.
    """
    left = np.concatenate([line.get_xdata() for line in axis.lines])
    end = 0.5 * np.min(left, where=left > 0, initial=1)
    for kind, cut in cuts.items():
        axis.axvline(max(cut, end), color=THRESHOLDS[kind][1], linestyle=":", linewidth=1.3)
    shares = [share for share in SHARES if 1 - share >= end]
    axis.set_xticks([1 - share for share in shares], [f"{100 * share:g} %" for share in shares])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlim(1.2, 0.97 * end)
    axis.set_xlabel("share of recurrent weights that are zero")


def weights(sizes: Mapping[str, xr.Dataset]) -> Figure:
    """Absolute weights of one perception network by size, before training and after each way.

    Parameters
    ----------
    sizes : {experiment: `studies.sparsity.small_measures.sizes`}
    """
    first = {name: of.isel(network=0) for name, of in sizes.items()}
    ways = {
        "untrained": (first["perception_dense"].sel(when="before"), UNTRAINED, "-"),
        "no penalty": (first["perception_dense"].sel(when="after"), "#009E73", "--"),
        "subgradient": (first["perception_subgradient"].sel(when="after"), SUBGRADIENT, "-"),
    }
    for kind, (label, colour) in THRESHOLDS.items():
        ways[label] = first[f"perception_{kind}"].sel(when="after"), colour, "-"
    with panels(1, 1, size=(7, 4)) as (figure, [[axis]]):
        axis.set(xscale="log", yscale="log")
        for label, (of, colour, style) in ways.items():
            there = np.isfinite(of["size"].values)
            ends = [(of.left.item(), of.smallest.item())] if there.any() else []  # of the weights
            points = [*zip(of["rank"].values[there], of["size"].values[there], strict=True), *ends]
            axis.plot(*np.reshape(points, (-1, 2)).T, style, color=colour, label=label)
            if 0 < of.left < 1:
                axis.plot(of.left, of.smallest, "o", color=colour, markersize=4)
        axis.axhline(SMALL, color="0.6", linestyle=":", linewidth=1, label="nearly zero, 0.01 sd")
        axis.set_xlabel("rank of the weight by size, as a share of all weights")
        axis.set_ylabel("absolute weight (sd of the untrained)")
        axis.legend(fontsize=8.5)
    return figure
