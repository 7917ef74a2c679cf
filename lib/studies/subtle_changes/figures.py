"""Figures of what training changes in the weights (Figure 7); all take {task: Dataset}."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from studies.style import (
    INPUTS,
    MANY,
    MEAN,
    TASKS,
    UNTRAINED,
    each_network,
    mean_of_whole,
    panels,
    which_networks,
)
from studies.subtle_changes import summary
from studies.subtle_changes.claims import NORM, RANK, RESTORED, loss_ratio

RANDOM = "#E69F00"
BIN = 0.25  # of the density of weight changes, in units of their root mean square
N_SINGULAR = 30  # singular values that are drawn
NORMS = {
    NORM: "real Schur, no diagonal",
    "henrici": "Henrici ratio",
    "numerical_abscissa": "numerical abscissa",
}


def weight_changes(entries: dict[str, xr.DataArray]) -> Figure:
    """Figure 7, top: the weight changes of every network, and how much of it few weights hold.

    Parameters
    ----------
    entries : {task: `studies.subtle_changes.summary.weight_changes`}
    """
    looks = {
        "factors": (INPUTS[1], "factors shuffled"),
        "gaussian": (UNTRAINED, "Gaussian, same norm"),
        "trained": (None, "training"),
    }
    with panels(len(entries), 2, size=(9, 3.2 * len(entries))) as (figure, axes):
        for (left, right), (task, changes) in zip(axes, entries.items(), strict=True):
            left.set_yscale("log")
            one_weight = 1 / changes.sizes["entry"]
            right.set(xscale="log", xlim=(0.7 * one_weight, 1.4))
            size = np.sqrt(np.mean(changes.sel(kind="trained").values ** 2, axis=1, keepdims=True))
            for kind, (colour, label) in looks.items():
                of_kind, colour = (
                    known(ratio(changes.sel(kind=kind).values, size)),
                    colour or TASKS[task],
                )
                if len(of_kind):
                    each_network(left, *densities(of_kind), color=colour, label=label)
                    each_network(right, *shares_of_the_square(of_kind), color=colour)
            right.axvline(0.01, color="black", linestyle="--", linewidth=1)
            left.set(title=task, ylabel="density", ylim=(one_weight / BIN / 2, None))
            right.set(title=task, ylabel="share of the squared change", ylim=(0, 1.02))
        axes[-1][0].set_xlabel("weight change (root mean square = 1)")
        axes[-1][1].set_xlabel("share of the weights, largest change first")
        handles = axes[0][0].get_legend_handles_labels()
        opaque(figure.legend(*handles, loc="outside lower center", ncols=len(looks), fontsize=8))
    return figure


def eigenvalues(changes: dict[str, xr.Dataset]) -> Figure:
    """Figure 7, below: eigenvalues, their displacement, and the modulus of the displaced.

    Parameters
    ----------
    changes : {task: `studies.subtle_changes.measures.changes`}
    """
    with panels(len(changes), 3, size=(10, 3.5 * len(changes)), width_ratios=(3, 3, 2)) as (
        figure,
        axes,
    ):
        for (plane, moved, modulus), (task, found) in zip(axes, changes.items(), strict=True):
            draw_plane(plane, found, TASKS[task])
            plane.set_title(f"{task}: {which_networks(found.sizes['network'])}")
            moved.set(xscale="log", yscale="log")
            random = found.random_displacement.stack(pooled=("draw", "unit"))
            for distances, colour, label in (
                (random, RANDOM, "random change"),
                (found.displacement, TASKS[task], "training"),
            ):
                if (distances := known(distances.values)).any():
                    each_network(moved, *shares_beyond(distances), color=colour, label=label)
            moved.axhline(
                0.1, color="black", linestyle="--", linewidth=1, label="10 % of eigenvalues"
            )
            moved.set(
                title=task,
                ylabel="share displaced further",
                ylim=(1 / random.sizes["pooled"] / 2, None),
            )
            if (thresholds := known(found.threshold.values[:, None])).size:
                moved.axvspan(
                    thresholds.min(), thresholds.max(), color=RANDOM, alpha=0.25, linewidth=0
                )
            opaque(moved.legend(fontsize=8, loc="lower left"))
            kinds = {"training": "trained", "random": "gaussian"}
            ends = {name: found.modulus.sel(kind=kind).values for name, kind in kinds.items()}
            pairs(modulus, ends, (TASKS[task], RANDOM))
            modulus.set(title="the displaced ones", ylabel="mean modulus")
        axes[-1][0].set_xlabel("real part")
        axes[-1][1].set_xlabel("displacement in the complex plane")
    return figure


def draw_plane(axis: Axes, found: xr.Dataset, colour: str) -> None:
    """Eigenvalues of the first `MANY` networks; pairs displaced beyond the threshold are joined."""
    shown = found.isel(network=slice(MANY))
    before, after = summary.eigenvalues(shown)
    far = (shown.displacement > shown.threshold).values
    axis.plot(
        after.real.ravel(), after.imag.ravel(), ".", color=colour, markersize=2, label="after"
    )
    # On top, since those after training would hide them.
    ring = {"color": UNTRAINED, "markersize": 2, "markeredgewidth": 0.5, "fillstyle": "none"}
    axis.plot(before.real.ravel(), before.imag.ravel(), "o", label="before", **ring)
    joined = np.stack([before[far], after[far], np.full(far.sum(), np.nan)], axis=1).ravel()
    axis.plot(joined.real, joined.imag, color=colour, linewidth=0.8, alpha=0.7)
    moved = after[far]
    axis.plot(moved.real, moved.imag, "o", color=colour, markersize=4, label="after, displaced")
    axis.set(ylabel="imaginary part")
    axis.set_aspect("equal", adjustable="datalim")
    axis.legend(fontsize=8, markerscale=2, loc="upper left")


def pairs(axis: Axes, groups: dict[str, np.ndarray], colours: tuple[str, ...]) -> None:
    """Every network from before to after, two places for each group; {name: (network, 2)}."""
    ticks = {}
    for i, ((name, ends), colour) in enumerate(zip(groups.items(), colours, strict=True)):
        places = [2.4 * i, 2.4 * i + 1]
        labels = (None, None) if i else ("networks", "mean")
        each_network(axis, places, ends, color=colour, label=labels[0], marker="o", markersize=3)
        axis.plot(places, mean_of_whole(ends), color=colour, label=labels[1], **MEAN)
        ticks |= {places[0]: "before", places[1]: f"after\n{name}"}
    axis.set_xticks(list(ticks), list(ticks.values()), fontsize=8)
    axis.margins(x=0.12)


def low_rank(changes: dict[str, xr.Dataset], losses: dict[str, xr.Dataset]) -> Figure:
    """Singular values over the edge of a shuffled change, and the loss if a part of it is kept.

    Parameters
    ----------
    changes, losses : {task: of `studies.subtle_changes.measures`}
    """
    with panels(len(changes), 3, size=(10, 3.2 * len(changes))) as (figure, axes):
        for (left, middle, right), (task, found) in zip(axes, changes.items(), strict=True):
            colour, of = TASKS[task], losses[task]
            for axis in (left, middle, right):
                axis.set_yscale("log")
            singular = ratio(found.singular_value.values, found.edge.values[:, None])[
                :, :N_SINGULAR
            ]
            each_network(
                left, np.arange(1, singular.shape[1] + 1), singular, color=colour, label="networks"
            )
            left.axhline(1, color=UNTRAINED, linestyle="--", label="edge of a shuffled change")
            # Below lie the silent units, whose change is rounding.
            left.set(title=task, ylabel="singular value over the edge", ylim=(1e-3, None))
            left.legend(fontsize=8)
            # A linear step at 0 so that the untrained network is on the logarithmic axis.
            middle.set_xscale("symlog", linthresh=10)
            each_network(middle, of["rank"].values, loss_ratio(of), color=colour)
            middle.axvline(
                RANK, color=UNTRAINED, linestyle=":", linewidth=1.5, label=f"rank {RANK}"
            )
            ranks = [0, 2, 4, 6, 8, 10, 30, 100]
            middle.set_xticks(ranks, [str(rank) for rank in ranks], fontsize=8)
            right.set_xscale("log")
            each_network(right, of.share.values, loss_ratio(of, "sparse"), color=colour)
            for axis in (middle, right):
                axis.axhline(
                    RESTORED, color="black", linestyle="--", linewidth=1, label="within 10 %"
                )
            middle.set_ylabel("loss over trained loss")
            middle.legend(fontsize=8)
        axes[-1][0].set_xlabel("number of the singular value")
        axes[-1][1].set_xlabel("rank of the change that is kept")
        axes[-1][2].set_xlabel("share of weights whose change is kept")
    return figure


def non_normality(changes: dict[str, xr.Dataset]) -> Figure:
    """Measures of non-normality of every network, before, and after training or a random change.

    Parameters
    ----------
    changes : {task: `studies.subtle_changes.measures.changes`}
    """
    kinds = {"training": "after", "Gaussian": "gaussian", "rank-matched": "rank"}
    with panels(len(changes), len(NORMS), size=(3.4 * len(NORMS), 3.1 * len(changes))) as (
        figure,
        axes,
    ):
        for row, (task, found) in zip(axes, changes.items(), strict=True):
            for axis, (norm, label) in zip(row, NORMS.items(), strict=True):
                states = found.non_normality.sel(norm=norm)
                groups = {
                    name: states.sel(state=["before", state]).values
                    for name, state in kinds.items()
                }
                pairs(axis, groups, (TASKS[task], RANDOM, INPUTS[0]))
                axis.set(title=task, ylabel=label)
        handles = axes[0][0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=2, fontsize=8)
    return figure


def densities(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middles of bins (bin,), and each network's density of its entries in them (network, bin)."""
    edges = np.arange(-20, 20 + BIN, BIN)
    found = [np.histogram(row, bins=edges, density=True)[0] for row in entries]
    return (edges[1:] + edges[:-1]) / 2, np.array(found)


def shares_of_the_square(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the entries (point,), and what the largest of them hold (network, point)."""
    n_entries = entries.shape[1]
    ranks = np.unique(np.geomspace(1, n_entries, 300).round().astype(int))
    sums = np.array([np.sort(row**2)[::-1].cumsum()[ranks - 1] for row in entries])
    return ranks / n_entries, sums / sums[:, -1:]


def shares_beyond(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances (point,), and the share of at least so large ones (network, point)."""
    x = np.geomspace(distances[distances > 0].min(), distances.max(), 400)
    below = [np.searchsorted(np.sort(row), x) for row in distances]
    return x, 1 - np.array(below) / distances.shape[1]


def ratio(values: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Values in a unit of each network's own; NaN for a network whose unit is zero."""
    return np.divide(values, unit, out=np.full(np.shape(values), np.nan), where=unit > 0)


def known(values: np.ndarray) -> np.ndarray:
    """The rows without NaN: a failed network has no line, and the claim's table counts it."""
    return values[np.isfinite(values).all(axis=1)]


def opaque(legend: Legend) -> None:
    """Its lines become less pale than those of single networks."""
    for line in legend.get_lines():
        line.set(alpha=1, linewidth=2)
