"""Figures of the chapter on complexity."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.complexity.claims import FEW, WELL, Ladder, along
from studies.complexity.measures import leak
from studies.complexity.tangents import ENOUGH
from studies.counting.figures import CASES, marks
from studies.dimension.figures import RULE, along_dimensions, colours
from studies.style import TARGET, UNTRAINED, each_network, panels

TRAINED = CASES["after"][1]
SIZES = ("#E69F00", TRAINED, "#009E73")  # fewest units first
BORDER = {"color": "0.7", "linestyle": "--", "linewidth": 1}


def linear_models(models: Ladder, targets: Ladder) -> Figure:
    """R2 against the number of linear models, and the number that is enough against d.

    Parameters
    ----------
    models : {dimension: `studies.complexity.linear_models.linear_models`}
    targets : {dimension: of `studies.complexity.linear_models.of_targets`}
    """
    with panels(1, 2, size=(9.5, 3.8)) as (figure, [axes]):
        draw_curves(axes[0], models, targets)
        axis, x = axes[1], np.array(list(models), dtype=float)
        axis.set_xscale("log", base=2)
        axis.set_yscale("log", base=2)
        for when, label, colour, shift in (
            ("before", "untrained", UNTRAINED, -0.15),
            ("after", "trained", TRAINED, 0.15),
        ):
            k90 = along(models, "k90", when=when)
            marks(axis, x * 2**shift, k90, colour=colour, label=label)
        axis.plot(x, [float(targets[d].k90) for d in models], label="target function", **RULE)
        along_dimensions(axis, dict(models))
        ticks = 4.0 ** np.arange(7)
        axis.set_yticks(ticks, [f"{tick:.0f}" for tick in ticks])
        axis.set_yticks([], minor=True)
        axis.set(ylim=(0.7, 12_000), ylabel=f"linear models until R2 is {ENOUGH}, K$_{{90}}$")
        axis.legend(fontsize=8, loc="upper left")
    return figure


def draw_curves(axis: Axes, models: Ladder, targets: Ladder) -> None:
    """R2 of every trained network and of the target function, a colour for each d."""
    axis.set_xscale("log", base=2)
    for (d, of), colour in zip(models.items(), colours(dict(models)).values(), strict=True):
        trained = of.r2.sel(when="after").values
        wide = {"color": colour, "linewidth": 4, "alpha": 0.35, "label": f"d = {d}"}
        axis.plot(targets[d].number, targets[d].r2, **wide)
        each_network(axis, of.number.values, trained, color=colour, linewidth=0.8, alpha=0.9)
    axis.axhline(ENOUGH, **BORDER)
    ticks = 4.0 ** np.arange(7)
    axis.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axis.set(xlabel="number of linear models, K", ylabel="R2 of the output, median over draws")
    axis.set(ylim=(-1, 1.03), title="wide: the distance itself; thin: networks")
    axis.legend(fontsize=8, loc="lower right")


def information(ladders: Mapping[str, Ladder], sizes: Mapping[int, Ladder], alpha: float) -> Figure:
    """Predictive information above the leak along both ladders, and all of it against the number of
    active units.

    Parameters
    ----------
    ladders : {"distance", "memory": {rung: `studies.complexity.measures.at_points`}}
    sizes : {units: {dimension: the same}}, of the distance, those of the ladder too
    alpha : float, dt / tau
    """
    with panels(1, 3, size=(10.5, 3.6)) as (figure, [axes]):
        axes[0].sharey(axes[1])
        along_dimensions(axes[0], dict(ladders["distance"]))
        along_bits(axes[1], ladders["memory"])
        for axis, ladder in zip(axes, ladders.values(), strict=False):
            draw_cases(axis, ladder, "excess")
        axes[0].set(ylabel="information above the leak (nats)", title="distance")
        axes[1].set(ylabel="information above the leak (nats)", title="memory")
        axes[0].legend(fontsize=8)
        axis, most = axes[2], 0.0
        for (n, ladder), colour in zip(sorted(sizes.items()), SIZES, strict=True):
            active, nats = (along(ladder, name, case="after") for name in ("active", "information"))
            axis.plot(active.ravel(), nats.ravel(), "o", color=colour, markersize=3.5, alpha=0.7)
            axis.plot([], [], "o", color=colour, markersize=3.5, label=f"{n} units")
            most = max(most, np.nanmax(active, initial=1.0))
        fine = np.array([0, 1.05 * most])
        axis.plot(fine, leak(alpha) * fine, color=TARGET, linewidth=1, label="leak alone")
        axis.set(xlabel="active units", ylabel="predictive information (nats)")
        axis.set_title("distance, trained, three sizes")
        axis.legend(fontsize=8, loc="upper left")
    return figure


def draw_cases(axis: Axes, ladder: Ladder, name: str) -> None:
    """A number of every network against the rung, trained, untrained and randomly changed; the
    scale of the axis is set before.
    """
    x = np.array(list(ladder), dtype=float)
    for case, (label, colour, shift) in CASES.items():
        place = x * 2 ** (1.5 * shift) if axis.get_xscale() == "log" else x + shift
        marks(axis, place, along(ladder, name, case=case), colour=colour, label=label)


def along_bits(axis: Axes, ladder: Ladder) -> None:
    """A tick for each number of bits."""
    axis.set_xticks(list(ladder))
    axis.set_xlim(min(ladder) - 0.4, max(ladder) + 0.4)
    axis.set_xlabel("bits to remember, k")


def truncations(ladders: Mapping[str, Ladder]) -> Figure:
    """States of the truncated linear models, and how well these respond, along both ladders.

    Parameters
    ----------
    ladders : {"distance", "memory": {rung: `studies.complexity.measures.at_points`}}
    """
    with panels(2, 2, size=(8.5, 6.0), sharey="row") as (figure, axes):
        for column, (name, ladder) in enumerate(ladders.items()):
            states, fit = axes[0][column], axes[1][column]
            for axis, what, border in ((states, "order", FEW), (fit, "r2", WELL)):
                if name == "distance":
                    along_dimensions(axis, dict(ladder))
                else:
                    along_bits(axis, ladder)
                draw_cases(axis, ladder, what)
                axis.axhline(border, **BORDER)
            states.set(title=name, ylabel="states that are kept")
            fit.set(ylabel="R2 of the response to a step")
        lowest = [np.nanmin(along(of, "r2", case="after"), initial=0.8) for of in ladders.values()]
        axes[1][0].set_ylim(max(min(lowest), 0) - 0.02, 1.01)
        axes[0][0].legend(fontsize=8)
    return figure
