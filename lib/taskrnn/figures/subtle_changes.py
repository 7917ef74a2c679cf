"""Figures of the chapter on what training changes in the recurrent weights."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from taskrnn.figures.style import (
    INPUTS,
    MANY,
    MEAN,
    TASKS,
    UNTRAINED,
    each_dot,
    each_network,
    mean_of_whole,
    panels,
    which_networks,
)

RANDOM = "#E69F00"
BIN = 0.25  # of the density of weight changes, in units of their root mean square


def weight_changes(tasks: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Figure 7, top: distribution of the weight changes of every network, and how much of the change few weights hold.

    Parameters
    ----------
    tasks : {task: {"trained", "gaussian", "factors": (network, entry)}}
        Off-diagonal entries of dW in training and in one draw of each null.
    """
    looks = {
        "factors": (INPUTS[1], "factors shuffled"),
        "gaussian": (UNTRAINED, "Gaussian, same norm"),
        "trained": (None, "training"),
    }
    with panels(len(tasks), 2, size=(9, 3.2 * len(tasks))) as (figure, axes):
        for row, (task, changes) in enumerate(tasks.items()):
            left, right = axes[row]
            left.set_yscale("log")
            one_weight = 1 / changes["trained"].shape[1]
            right.set(xscale="log", xlim=(0.7 * one_weight, 1.4))
            size = np.sqrt(np.mean(changes["trained"] ** 2, axis=1, keepdims=True))
            for name, (colour, label) in looks.items():
                entries = known(ratio(changes[name], size))
                if len(entries):
                    each_network(left, *densities(entries), color=colour or TASKS[task], label=label)
                    each_network(right, *shares_of_the_square(entries), color=colour or TASKS[task])
            right.axvline(0.01, color="black", linestyle="--", linewidth=1)
            left.set(title=task, ylabel="density", ylim=(one_weight / BIN / 2, None))
            right.set(title=task, ylabel="share of the squared change", ylim=(0, 1.02))
        axes[-1][0].set_xlabel("weight change (root mean square = 1)")
        axes[-1][1].set_xlabel("share of the weights, largest change first")
        handles = axes[0][0].get_legend_handles_labels()
        opaque(figure.legend(*handles, loc="outside lower center", ncols=len(looks), fontsize=8))
    return figure


def eigenvalues(tasks: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Figure 7, middle and bottom: eigenvalues before and after, how far they move, and the modulus of those that move far.

    Parameters
    ----------
    tasks : {task: {"before", "after": complex (network, unit), matched; "displacement": (network, unit);
        "random": (network, draw, unit), displacement under the null; "threshold": (network,);
        "modulus": (2, network), mean modulus of the displaced, before and after; "random_modulus": the same, null}}
    """
    with panels(len(tasks), 3, size=(10, 3.5 * len(tasks)), width_ratios=(3, 3, 2)) as (figure, axes):
        for row, (task, found) in enumerate(tasks.items()):
            plane, moved, modulus = axes[row]
            draw_plane(plane, found, TASKS[task])
            plane.set_title(f"{task}: {which_networks(len(found['before']))}")
            moved.set(xscale="log", yscale="log")
            for kind, colour, label in (("random", RANDOM, "random change"), ("displacement", TASKS[task], "training")):
                distances = known(found[kind].reshape(len(found[kind]), -1))
                if distances.any():
                    each_network(moved, *shares_beyond(distances), color=colour, label=label)
            moved.axhline(0.1, color="black", linestyle="--", linewidth=1, label="10 % of eigenvalues")
            one_eigenvalue = 1 / found["random"][0].size
            moved.set(title=task, ylabel="share displaced further", ylim=(one_eigenvalue / 2, None))
            thresholds = known(found["threshold"][:, None])
            if thresholds.size:
                moved.axvspan(thresholds.min(), thresholds.max(), color=RANDOM, alpha=0.25, linewidth=0)
            opaque(moved.legend(fontsize=8, loc="lower left"))
            pairs(modulus, {"training": found["modulus"], "random": found["random_modulus"]}, (TASKS[task], RANDOM))
            modulus.set(title="the displaced ones", ylabel="mean modulus")
        axes[-1][0].set_xlabel("real part")
        axes[-1][1].set_xlabel("displacement in the complex plane")
    return figure


def draw_plane(axis: Axes, found: dict[str, np.ndarray], colour: str) -> None:
    """Eigenvalues of the first `MANY` networks; matched pairs that are displaced beyond the threshold are joined."""
    before, after, displacement, threshold = (found[name][:MANY] for name in ("before", "after", "displacement", "threshold"))
    axis.plot(before.real.ravel(), before.imag.ravel(), ".", color=UNTRAINED, markersize=2, label="before")
    axis.plot(after.real.ravel(), after.imag.ravel(), ".", color=colour, markersize=2, label="after")
    far = displacement > threshold[:, None]
    joined = np.stack([before[far], after[far], np.full(far.sum(), np.nan)], axis=1).ravel()
    axis.plot(joined.real, joined.imag, color=colour, linewidth=0.8, alpha=0.7)
    axis.plot(after[far].real, after[far].imag, "o", color=colour, markersize=4, label="after, displaced")
    axis.set(ylabel="imaginary part")
    axis.set_aspect("equal", adjustable="datalim")
    axis.legend(fontsize=8, markerscale=2, loc="upper left")


def pairs(axis: Axes, groups: dict[str, np.ndarray], colours: tuple[str, ...]) -> None:
    """Every network from before to after, one pair of places for each group; {name: (2, network)}."""
    ticks = []
    for i, ((name, ends), colour) in enumerate(zip(groups.items(), colours, strict=True)):
        places = [2.4 * i, 2.4 * i + 1]
        each_network(axis, places, ends.T, color=colour, label=None if i else "networks", marker="o", markersize=3)
        axis.plot(places, mean_of_whole(ends.T), color=colour, label=None if i else "mean", **MEAN)
        ticks += [(places[0], "before"), (places[1], f"after\n{name}")]
    axis.set_xticks([place for place, _ in ticks], [label for _, label in ticks], fontsize=8)
    axis.margins(x=0.12)


def low_rank(tasks: dict[str, dict[str, np.ndarray]], *, rank: int, restored: float, n_shown: int = 30) -> Figure:
    """Singular values of the change over the edge of its shuffle, and the loss that is left when a part of it is kept.

    Parameters
    ----------
    tasks : {task: {"singular": (network, unit), "edge": (network,), "ranks": (rank,), "ratio": (network, rank),
        "shares": (share,), "sparse": (network, share)}}
        Loss over the loss after training, with the best approximation of a rank, and with the largest entries.
    rank, restored : what S3 asks
    """
    with panels(len(tasks), 3, size=(10, 3.2 * len(tasks))) as (figure, axes):
        for row, (task, found) in enumerate(tasks.items()):
            left, middle, right = axes[row]
            scaled = ratio(found["singular"], found["edge"][:, None])[:, :n_shown]
            for axis in (left, middle, right):
                axis.set_yscale("log")
            each_network(left, np.arange(1, scaled.shape[1] + 1), scaled, color=TASKS[task], label="networks")
            left.axhline(1, color=UNTRAINED, linestyle="--", label="edge of a shuffled change")
            # Below lie the silent units, whose change is rounding.
            left.set(title=task, ylabel="singular value over the edge", ylim=(1e-3, None))
            left.legend(fontsize=8)
            # A linear step at 0 so that the untrained network is on the logarithmic axis.
            middle.set_xscale("symlog", linthresh=10)
            each_network(middle, found["ranks"], found["ratio"], color=TASKS[task])
            middle.axvline(rank, color=UNTRAINED, linestyle=":", linewidth=1.5, label=f"rank {rank}")
            middle.set_xticks([0, 2, 4, 6, 8, 10, 30, 100], ["0", "2", "4", "6", "8", "10", "30", "100"], fontsize=8)
            right.set_xscale("log")
            each_network(right, found["shares"], found["sparse"], color=TASKS[task])
            for axis in (middle, right):
                axis.axhline(restored, color="black", linestyle="--", linewidth=1, label="within 10 %")
            middle.set_ylabel("loss over trained loss")
            middle.legend(fontsize=8)
        axes[-1][0].set_xlabel("number of the singular value")
        axes[-1][1].set_xlabel("rank of the change that is kept")
        axes[-1][2].set_xlabel("share of weights whose change is kept")
    return figure


def centralities(tasks: dict[str, tuple[np.ndarray, np.ndarray]], measures: list[str]) -> Figure:
    """Figure 8: final against initial centrality, pooled over networks, each measure in units of its mean.

    Parameters
    ----------
    tasks : {task: (before, after), each (network, measure, unit)}
        Of more than `MANY` networks the first are drawn.
    """
    with panels(len(tasks), len(measures), size=(2.0 * len(measures), 2.3 * len(tasks) + 0.5)) as (figure, axes):
        for row, (task, states) in enumerate(tasks.items()):
            x, y = (ratio(values[:MANY], values[:MANY].mean(axis=-1, keepdims=True)) for values in states)
            for column, measure in enumerate(measures):
                axis = axes[row][column]
                axis.plot(x[:, column].ravel(), y[:, column].ravel(), ".", color=TASKS[task], markersize=2, alpha=0.5)
                axis.axline((1, 1), slope=1, color=UNTRAINED, linewidth=0.8)
                axis.set(title=measure, xlim=(0, None), ylim=(0, None))
            axes[row][0].set_ylabel(f"{task}\nafter (mean = 1)")
        which = which_networks(len(next(iter(tasks.values()))[0]))
        figure.supxlabel(f"centrality before training (mean = 1), {which}", fontsize=10)
    return figure


def pairings(tasks: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]], *, measure: str) -> Figure:
    """One measure, final against initial, beside what chance makes of it; {task: {title: (before, after) (network, unit)}}.

    Of more than `MANY` networks the first are drawn.
    """
    n_columns = len(next(iter(tasks.values())))
    with panels(len(tasks), n_columns, size=(3.2 * n_columns, 2.9 * len(tasks)), sharex="row", sharey="row") as (figure, axes):
        for row, (task, kinds) in enumerate(tasks.items()):
            for column, (title, (before, after)) in enumerate(kinds.items()):
                axis = axes[row][column]
                colour = TASKS[task] if column == 0 else RANDOM
                axis.plot(before[:MANY].ravel(), after[:MANY].ravel(), ".", color=colour, markersize=3, alpha=0.5)
                axis.set(title=f"{task}, {title}")
            axes[row][0].set_ylabel(f"{measure} after\n{which_networks(len(before))}")
        for axis in axes[-1]:
            axis.set_xlabel(f"{measure} before")
    return figure


def rank_correlations(tasks: dict[str, dict[str, np.ndarray]], measures: list[str]) -> Figure:
    """Spearman's rho of initial and final centrality of every network, by measure.

    Parameters
    ----------
    tasks : {task: {"all units", "active units", "random": (network, measure); "band": (2, measure)}}
        The band holds 95 % of one network's rho under permuted pairing.
    """
    with panels(1, len(tasks), size=(9.5, 3.9), sharey=True) as (figure, axes):
        for axis, (task, found) in zip(axes[0], tasks.items(), strict=True):
            places = np.arange(len(measures))
            low, high = found["band"]
            axis.bar(places, high - low, bottom=low, width=0.9, color="0.85", label="permuted pairing, 95 %")
            kinds = {"all units": (TASKS[task], "o", -0.25), "active units": (INPUTS[1], "s", 0.0), "random": (RANDOM, "^", 0.25)}
            for kind, (colour, marker, offset) in kinds.items():
                label = "random change, all units" if kind == "random" else kind
                style = {"marker": marker, "markersize": 4, "alpha": 0.5}
                each_dot(axis, places + offset, found[kind], color=colour, label=label, width=0.2, **style)
            axis.axhline(0, color="black", linewidth=0.8)
            axis.set_xticks(places, measures, rotation=30, ha="right")
            axis.set(title=task, ylim=(-1.05, 1.05))
        axes[0][0].set_ylabel("Spearman's rho, before and after")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def non_normality(tasks: dict[str, dict[str, dict[str, np.ndarray]]]) -> Figure:
    """Measures of non-normality of every network, before, and after training or a random change.

    Parameters
    ----------
    tasks : {task: {label of the measure: {"training", "Gaussian", "rank-matched": (2, network)}}}
    """
    n_columns = len(next(iter(tasks.values())))
    with panels(len(tasks), n_columns, size=(3.4 * n_columns, 3.1 * len(tasks))) as (figure, axes):
        for row, (task, norms) in enumerate(tasks.items()):
            for axis, (label, groups) in zip(axes[row], norms.items(), strict=True):
                pairs(axis, groups, (TASKS[task], RANDOM, INPUTS[0]))
                axis.set(title=task, ylabel=label)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    return figure


def densities(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middles of bins (bin,), and each network's density of its entries (network, entry) in them (network, bin)."""
    edges = np.arange(-20, 20 + BIN, BIN)
    found = [np.histogram(row, bins=edges, density=True)[0] for row in entries]
    return (edges[1:] + edges[:-1]) / 2, np.array(found)


def shares_of_the_square(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the entries (point,), evenly on a logarithmic axis, and what the largest of them hold (network, point)."""
    n_entries = entries.shape[1]
    ranks = np.unique(np.geomspace(1, n_entries, 300).round().astype(int))
    sums = np.array([np.sort(row**2)[::-1].cumsum()[ranks - 1] for row in entries])
    return ranks / n_entries, sums / sums[:, -1:]


def shares_beyond(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances (point,), evenly on a logarithmic axis, and each network's share of at least so large ones (network, point)."""
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
