"""Figures of the centralities and their ranks (Figure 8); all take {task: Dataset}."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from studies.style import INPUTS, MANY, TASKS, UNTRAINED, each_dot, grid, panels, which_networks
from studies.subtle_changes.figures import RANDOM, ratio

COLUMNS = 3


def centralities(found: dict[str, xr.Dataset]) -> Figure:
    """Figure 8: final against initial centrality of all networks, in units of each one's mean.

    Parameters
    ----------
    found : {task: `studies.subtle_changes.centrality_change.centrality_change`}
        Of more than `MANY` networks the first are drawn.
    """
    shown = [(task, measure) for task, of in found.items() for measure in of.measure.values]
    with grid(len(shown), COLUMNS, height=2.6) as (figure, axes):
        for axis, (task, measure) in zip(axes, shown, strict=True):
            x, y = (
                ratio(c, c.mean(axis=-1, keepdims=True))
                for c in before_and_after(found[task], measure)
            )
            axis.plot(x.ravel(), y.ravel(), ".", color=TASKS[task], markersize=2, alpha=0.5)
            axis.axline((1, 1), slope=1, color=UNTRAINED, linewidth=0.8)
            axis.set(title=f"{task}, {measure}")
        which = which_networks(next(iter(found.values())).sizes["network"])
        figure.supxlabel(f"centrality before training (mean = 1), {which}", fontsize=10)
        figure.supylabel("centrality after training (mean = 1)", fontsize=10)
    return figure


def before_and_after(found: xr.Dataset, measure: str) -> np.ndarray:
    """Centralities (when, network, unit) by one measure, in the first `MANY` networks."""
    scores = found.centrality.sel(part="all", measure=measure).isel(network=slice(MANY))
    return scores.transpose("when", "network", "unit").values


def pairings(found: dict[str, xr.Dataset], *, measure: str = "betweenness") -> Figure:
    """One measure, final against initial, beside what chance makes of it.

    Parameters
    ----------
    found : {task: `studies.subtle_changes.centrality_change.centrality_change`}
        Of more than `MANY` networks the first are drawn.
    """
    rng = np.random.default_rng(0)
    with panels(len(found), 3, size=(9.6, 2.9 * len(found)), sharex="row", sharey="row") as (
        figure,
        axes,
    ):
        for row, (task, of) in zip(axes, found.items(), strict=True):
            before, after = before_and_after(of, measure)
            at_random = of.random.isel(draw=0, network=slice(MANY)).sel(measure=measure).values
            kinds = {
                "training": after,
                "paired at random": rng.permuted(after, axis=1),
                "random change": at_random,
            }
            for axis, (title, y) in zip(row, kinds.items(), strict=True):
                colour = TASKS[task] if title == "training" else RANDOM
                axis.plot(before.ravel(), y.ravel(), ".", color=colour, markersize=3, alpha=0.5)
                axis.set(title=f"{task}, {title}")
            row[0].set_ylabel(f"{measure} after\n{which_networks(of.sizes['network'])}")
        for axis in axes[-1]:
            axis.set_xlabel(f"{measure} before")
    return figure


def rank_correlations(ranks: dict[str, xr.Dataset]) -> Figure:
    """Spearman's rho of initial and final centrality of every network, by measure.

    Parameters
    ----------
    ranks : {task: `studies.subtle_changes.rank_correlations.by_setting`}
    """
    with panels(1, len(ranks), size=(9.5, 3.9), sharey=True) as (figure, axes):
        for axis, (task, of) in zip(axes[0], ranks.items(), strict=True):
            places = np.arange(of.sizes["measure"])
            low, high = permuted_band(of)
            axis.bar(
                places,
                high - low,
                bottom=low,
                width=0.9,
                color="0.85",
                label="permuted pairing, 95 %",
            )
            kinds = {
                "all units": (of.rho, TASKS[task], "o"),
                "active units": (of.alternative.sel(setting="active"), INPUTS[1], "s"),
                "random change, all units": (of.random, RANDOM, "^"),
            }
            for offset, (label, (rho, colour, marker)) in zip(
                (-0.25, 0.0, 0.25), kinds.items(), strict=True
            ):
                look = {"color": colour, "marker": marker, "markersize": 4, "alpha": 0.5}
                each_dot(axis, places + offset, rho.values, label=label, width=0.2, **look)
            axis.axhline(0, color="black", linewidth=0.8)
            axis.set_xticks(places, of.measure.values, rotation=30, ha="right")
            axis.set(title=task, ylim=(-1.05, 1.05))
        axes[0][0].set_ylabel("Spearman's rho, before and after")
        handles = axes[0][0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=4, fontsize=9)
    return figure


def permuted_band(ranks: xr.Dataset) -> np.ndarray:
    """Where 95 % of one network's rho lie if its units are paired at random, (2, measure)."""
    whole = ranks.permuted[:, np.isfinite(ranks.rho).all("measure").values].values
    pooled = whole.reshape(-1, whole.shape[-1])
    return (
        np.quantile(pooled, [0.025, 0.975], axis=0)
        if len(pooled)
        else np.full((2, whole.shape[-1]), np.nan)
    )
