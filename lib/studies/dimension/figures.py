"""Figures of the chapter on higher dimensions."""

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from studies.dimension.claims import PARTIAL, Ladder
from studies.dimension.measures import CRITERION
from studies.style import TASKS, UNTRAINED, each_network, mean_of_whole, panels
from studies.training.claims import ACCURACY

NETWORKS = TASKS["perception"]
DOT = {"marker": "o", "markersize": 3.5}
RULE = {"marker": "_", "markersize": 16, "markeredgewidth": 2, "linestyle": "", "color": "black"}


def colours(ladder: Ladder) -> dict[int, tuple]:
    """A colour for each rung, from dark to light."""
    shades = matplotlib.colormaps["viridis"](np.linspace(0, 0.85, len(ladder)))
    return dict(zip(ladder, map(tuple, shades), strict=True))


def learning(distances: Ladder, comparisons: Ladder, learned: Ladder) -> Figure:
    """Loss during training in both tasks, and updates until the distance is learned.

    Parameters
    ----------
    distances, comparisons : {d: ensemble}
    learned : {d: `studies.dimension.measures.updates_to_criterion`}
    """
    with panels(1, 3, size=(10.5, 3.4)) as (figure, [axes]):
        for axis, title, ladder in (
            (axes[0], "distance", distances),
            (axes[1], "which is farther", comparisons),
        ):
            draw_losses(axis, ladder)
            axis.set(title=title, xlabel="update", ylabel="loss (masked mean squared error)")
        axes[0].legend(fontsize=8)
        draw_updates(axes[2], learned)
    return figure


def draw_losses(axis: Axes, ladder: Ladder) -> None:
    """Loss of every network, and the geometric mean of each rung."""
    axis.set_yscale("log")
    for (d, networks), colour in zip(ladder.items(), colours(ladder).values(), strict=True):
        loss = networks.loss.transpose("network", "update").values
        each_network(axis, np.arange(loss.shape[1]), loss, color=colour, linewidth=0.4, alpha=0.15)
        mean = np.exp(mean_of_whole(np.log(loss)))
        edge = [withStroke(linewidth=3, foreground="white")]
        axis.plot(mean, color=colour, label=f"d = {d}", linewidth=1.4, path_effects=edge, zorder=3)


def draw_updates(axis: Axes, learned: Ladder) -> None:
    """Updates of every network against d; a cross where the criterion is not met."""
    updates, reached = (
        np.stack([of[name].values.astype(float) for of in learned.values()], axis=1)
        for name in ("updates", "reached")
    )
    axis.set_yscale("log")
    each_network(axis, list(learned), updates, color=NETWORKS, label="networks", **DOT)
    d = np.broadcast_to(list(learned), updates.shape)
    short = reached == 0
    axis.plot(d[short], updates[short], "x", color="black", label="not reached, all updates")
    along_dimensions(axis, learned)
    axis.set(title="distance", ylabel=f"updates until R2 is {CRITERION}")
    ticks = [10, 20, 50, 100, 200, 500, 1000]
    axis.set_yticks(ticks, [f"{tick}" for tick in ticks])
    axis.set_yticks([], minor=True)
    axis.set_ylim(np.nanmin(updates, initial=50) / 1.3, np.nanmax(updates, initial=60) * 1.8)
    axis.legend(fontsize=8)


def answers(distances: Ladder) -> Figure:
    """Answers of one trained network to every distance of the test trials, on each rung.

    Parameters
    ----------
    distances : {d: `studies.dimension.scores.of_distances`}
    """
    size = (2.5 * len(distances) + 0.4, 3.0)
    with panels(1, len(distances), size=size, sharex=True, sharey=True) as (figure, [axes]):
        for axis, (d, of), colour in zip(
            axes, distances.items(), colours(distances).values(), strict=True
        ):
            one = of.isel(network=0).sel(when="after")
            right, given = one.distance.values.ravel(), one.answer.values.ravel()
            ends = [right.min(), right.max()]
            axis.plot(right, given, ".", color=colour, markersize=4, alpha=0.6)
            axis.plot(ends, ends, "--", color="black", linewidth=1)
            score = f"R2 = {float(one.r2):.3f}" if np.isfinite(one.r2) else "no answers"
            axis.set(title=f"d = {d}, {score}", xlabel="distance")
        axes[0].set_ylabel("answer")
    return figure


def scores(distances: Ladder, comparisons: Ladder) -> Figure:
    """What D1 to D3 ask, of every network against d, beside what the rule gives that is affine in
    the absolute coordinates.

    Parameters
    ----------
    distances : {d: `studies.dimension.scores.of_distances`}
    comparisons : {d: `studies.dimension.scores.of_comparisons`}
    """
    higher = {d: of for d, of in distances.items() if d > 1}
    pairs = {d: of for d, of in comparisons.items() if d > 1}
    with panels(2, 2, size=(8.5, 6.2)) as (figure, [top, bottom]):
        draw_scores(top[0], distances, "r2", rule="affine_r2", border=CRITERION)
        top[0].set(title="distance: all answers", ylabel="R2")
        draw_scores(top[1], higher, "partial", border=PARTIAL)
        top[1].set(title="distance: given the sum", ylabel="partial correlation")
        draw_scores(bottom[0], comparisons, "accuracy", rule="affine_accuracy", border=ACCURACY)
        bottom[0].set(title="which is farther: clear differences", ylabel="accuracy")
        draw_scores(bottom[1], pairs, "share", rule="affine_share", border=0.5)
        bottom[1].set(title="which is farther: misleading sums", ylabel="share by distance")
        # Untrained R2 goes down to minus hundreds; a line that leaves the panel says so.
        trained = [of.r2.sel(when="after").values for of in distances.values()]
        rules = [float(of.affine_r2) for of in distances.values()]
        lowest = min(np.nanmin(values, initial=0.9) for values in (*trained, rules))
        top[0].set_ylim(max(lowest, -1) - 0.02, 1.01)
        figure.legend(
            *bottom[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
        )
    return figure


def draw_scores(
    axis: Axes, ladder: Ladder, name: str, *, border: float, rule: str | None = None
) -> None:
    """A score of every network against d, before training too if there is one, the border of its
    claim, and that of the affine rule.
    """
    values = xr.concat([of[name] for of in ladder.values()], "d").transpose("network", "d", ...)
    axis.axhline(border, color="0.7", linestyle="--", linewidth=1, label="border of the claim")
    if "when" in values.dims:
        before = values.sel(when="before").values
        each_network(axis, list(ladder), before, color=UNTRAINED, label="untrained", **DOT)
        values = values.sel(when="after")
    each_network(axis, list(ladder), values.values, color=NETWORKS, label="trained", **DOT)
    if rule:
        by_rule = [float(of[rule]) for of in ladder.values()]
        axis.plot(list(ladder), by_rule, label="best affine rule", **RULE)
    along_dimensions(axis, ladder)


def along_dimensions(axis: Axes, ladder: Ladder) -> None:
    """Equal steps where the number of dimensions doubles."""
    axis.set_xscale("log", base=2)
    axis.set_xticks(list(ladder), [f"{d}" for d in ladder])
    axis.set_xlim(min(ladder) / 1.3, max(ladder) * 1.3)
    axis.set_xlabel("dimensions d")
