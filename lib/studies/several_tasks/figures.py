"""Figures of the chapter on several tasks in one network."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.several_tasks.claims import HALF, LINEAR, OWN, TWICE
from studies.several_tasks.experiments import NOTE
from studies.style import TARGET, TASKS, UNTRAINED, each_dot, panels

TRAINED, NULL = "#0072B2", "#CC79A7"
SETS = {  # of networks whose overlaps are compared
    "untrained": ("both tasks,\nuntrained", UNTRAINED),
    "trained": ("both tasks,\ntrained", TRAINED),
    "pairs": ("pairs with\none task each", NULL),
}
ENDS = ("#009E73", "#D55E00")  # of points that are found in the first and in the second context
CASES = {
    "before": ("untrained", UNTRAINED, -0.2),
    "after": ("trained", TRAINED, 0.0),
    "random change": ("random change", NULL, 0.2),
}
SHOWN = (0.35, 0.95)  # outputs; the answers are 0.5 and 0.8
LOWEST = -1.0  # R2 that is shown as it is
DOT = {"marker": "o", "markersize": 4, "alpha": 0.7}
LIMIT = {"color": TARGET, "linewidth": 0.8, "linestyle": ":"}


def dots(axis: Axes, place: float, values: np.ndarray, *, color: str, label: str, **style) -> None:
    """Values (network,) at one place of the axis."""
    look = {"width": 0.15} | DOT | style
    each_dot(axis, np.array([place]), values[:, None], color=color, label=label, **look)


def sharing(overlaps: Mapping[str, xr.Dataset], lesions: xr.Dataset) -> Figure:
    """Overlaps of the active units, and what silencing the units of a task does to both.

    Parameters
    ----------
    overlaps : {"trained", "untrained", "pairs": `studies.several_tasks.measures.overlaps`}
    lesions : `studies.several_tasks.lesions.lesions`
    """
    with panels(1, 2, size=(9.5, 3.8)) as (figure, [[left, right]]):
        for place, (name, (_, colour)) in enumerate(SETS.items()):
            of = overlaps[name]
            for side, kind, face in ((-0.15, "within", colour), (0.15, "between", "none")):
                label = f"{kind} tasks" if name == "trained" else "_"
                values = of[kind].values
                dots(left, place + side, values, color=colour, label=label, markerfacecolor=face)
        left.set_xticks(range(len(SETS)), [text for text, _ in SETS.values()])
        left.set(ylabel="Jaccard overlap of active units", ylim=(0, 1.02), title="units in use")
        left.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)
        for k in range(len(NOTE)):
            for j, (of, side) in enumerate(zip(NOTE, (-0.15, 0.15), strict=True)):
                values = lesions.ratio.isel({"task": k, "of": j}).values
                label = f"units of {of} silenced" if k == 0 else "_"
                dots(right, k + side, values, color=TASKS[of], label=label)
        right.axhline(0, color=TARGET, linewidth=0.8)
        right.axhline(TWICE, **LIMIT)
        right.annotate("ln 2", (1.45, TWICE), fontsize=8, va="bottom", ha="right")
        right.set_xticks(range(len(NOTE)), [f"loss of {task}" for task in NOTE])
        right.set(
            xlim=(-0.5, 1.5), ylabel="ln ratio of losses", title="silenced, over random units"
        )
        right.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)
    return figure


def memories(found: Mapping[str, xr.Dataset], network: int = 0) -> Figure:
    """Outputs at the points of one network along the context, for each strength; and the shares of
    all networks.

    Parameters
    ----------
    found : {strength: `studies.several_tasks.memories.continuation`}
    """
    n = len(found)
    size = (2.1 * n + 3, 3.8)
    with panels(1, n + 1, size=size) as (figure, [axes]):
        for axis, (strength, of) in zip(axes[:-1], found.items(), strict=True):
            draw_ways(axis, of.isel(network=network))
            axis.set(title=f"context {strength}", xlabel="context: first to second")
            axis.tick_params(labelleft=axis is axes[0])  # all have one scale
        axes[0].set_ylabel("output, between pulses")
        last = axes[-1]
        for place, of in enumerate(found.values()):
            for (name, label, colour), side in zip(
                (("share", "context", TRAINED), ("random", "random input", NULL)),
                (-0.15, 0.15),
                strict=True,
            ):
                text = label if place == 0 else "_"
                dots(last, place + side, of[name].values, color=colour, label=text)
        last.axhline(HALF, **LIMIT)
        last.set_xticks(range(n), list(found))
        last.set(xlabel="strength of the context", ylim=(-0.05, 1.05), xlim=(-0.5, n - 0.5))
        last.set(ylabel="share of stable points that go on", title="all networks")
        last.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.17))
        handles = axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower left", ncols=4, fontsize=8)
    return figure


def draw_ways(axis: Axes, of: xr.Dataset) -> None:
    """The points of one network along the context, with a mark where one ends in a fold."""
    s = np.linspace(0, 1, of.sizes["step"])
    for k, colour in enumerate(ENDS):
        label = ("found in the first context", "found in the second")[k]
        width, dash = ((2.6, (0, (2, 1))), (1.1, (0, (5, 2))))[k]
        for way, unstable in zip(of.output[k].values, of.unstable[k].values, strict=True):
            if not unstable >= 0:
                continue
            known = np.isfinite(way)
            style = {"linestyle": "-" if unstable == 0 else dash, "linewidth": width}
            axis.plot(s, way, color=colour, label=label, alpha=0.8, **style)
            label = "_"
            if known.any() and not known.all():
                last = np.flatnonzero(known)[0 if k else -1]
                axis.plot(s[last], way[last], "x", color=TARGET, markersize=6)
    axis.plot([], [], "x", color=TARGET, label="fold")
    axis.plot([], [], color="0.5", linestyle=(0, (3, 2)), label="unstable")
    axis.set(xlim=(-0.02, 1.02), ylim=SHOWN)


def modulation(found: Mapping[str, xr.Dataset], ladder: Mapping[int, xr.Dataset]) -> Figure:
    """How much inputs change the Jacobian in each task, and R2 of the network and of its linear
    model.

    Parameters
    ----------
    found : {task: `studies.several_tasks.jacobians.modulation`}
    ladder : {d: the same}, of the distances
    """
    with panels(1, 2, size=(9.5, 3.8)) as (figure, [[left, right]]):
        for place, of in enumerate(found.values()):
            for case, (label, colour, side) in CASES.items():
                values = of.change.sel(case=case).values
                text = label if place == 0 else "_"
                dots(left, place + side, values, color=colour, label=text)
        left.set_xticks(range(len(found)), [name.replace(", ", ",\n") for name in found])
        left.set(ylabel="relative change of the Jacobian by an input", title="modulation")
        left.set_ylim(bottom=0)
        left.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3)
        for place, of in enumerate(ladder.values()):
            after = of.sel(case="after")
            for name, label, colour, side in (
                ("r2", "network", TRAINED, -0.15),
                ("linear_r2", "linear model at input 0", ENDS[1], 0.15),
            ):
                values = after[name].values
                text = label if place == 0 else "_"
                dots(right, place + side, np.maximum(values, LOWEST), color=colour, label=text)
        for border in (LINEAR, OWN):
            right.axhline(border, **LIMIT)
        right.set_xticks(range(len(ladder)), [f"d = {d}" for d in ladder])
        right.set(ylabel="R2 of the distance", title="answers", xlim=(-0.5, len(ladder) - 0.5))
        right.set_ylim(LOWEST - 0.07, 1.05)
        right.set_yticks([LOWEST, -0.5, 0, LINEAR, OWN], ["-1 or less", "-0.5", "0", LINEAR, OWN])
        right.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)
    return figure
