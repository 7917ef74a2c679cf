"""Figures of the chapter on what training changes in the recurrent weights."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taskrnn.figures.style import INPUTS, MEAN, ONE_NETWORK, TASKS, UNTRAINED, panels

RANDOM = "#E69F00"


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
            size = np.sqrt(np.nanmean(changes["trained"] ** 2, axis=1, keepdims=True)) if known(changes["trained"]).size else 1
            for name, (colour, label) in looks.items():
                colour = colour or TASKS[task]
                for k, entries in enumerate(known(changes[name] / size)):
                    label_once = label if k == 0 else None
                    density, edges = np.histogram(entries, bins=np.linspace(-20, 20, 161), density=True)
                    middle = (edges[1:] + edges[:-1]) / 2
                    left.semilogy(middle, np.where(density > 0, density, np.nan), color=colour, label=label_once, **ONE_NETWORK)
                    square = np.sort(entries**2)[::-1].cumsum()
                    share = np.arange(1, len(square) + 1) / len(square)
                    right.semilogx(share, square / square[-1], color=colour, **ONE_NETWORK)
            right.axvline(0.01, color="black", linestyle="--", linewidth=1)
            left.set(title=f"{task}: every network", ylabel="density")
            right.set(title=task, ylabel="share of the squared change", ylim=(0, 1.02))
            opaque_legend(left)
        axes[-1][0].set_xlabel("weight change (root mean square = 1)")
        axes[-1][1].set_xlabel("share of the weights, largest change first")
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
            plane.set_title(f"{task}: all networks")
            for kind, colour, label in (("random", RANDOM, "random change"), ("displacement", TASKS[task], "training")):
                for k, values in enumerate(known(found[kind].reshape(len(found[kind]), -1))):
                    ordered = np.sort(values)[::-1]
                    beyond = np.arange(1, len(ordered) + 1) / len(ordered)
                    moved.loglog(ordered, beyond, color=colour, label=label if k == 0 else None, **ONE_NETWORK)
            moved.axhline(0.1, color="black", linestyle="--", linewidth=1, label="10 % of eigenvalues")
            moved.set(title=f"{task}: every network", ylabel="share displaced further")
            thresholds = known(found["threshold"][:, None])
            if thresholds.size:
                moved.axvspan(thresholds.min(), thresholds.max(), color=RANDOM, alpha=0.25, linewidth=0)
            opaque_legend(moved)
            pairs(modulus, {"training": found["modulus"], "random": found["random_modulus"]}, (TASKS[task], RANDOM))
            modulus.set(title="the displaced ones", ylabel="mean modulus")
        axes[-1][0].set_xlabel("real part")
        axes[-1][1].set_xlabel("displacement in the complex plane")
    return figure


def draw_plane(axis: Axes, found: dict[str, np.ndarray], colour: str) -> None:
    """Eigenvalues of all networks; matched pairs that are displaced beyond the threshold are joined."""
    before, after = found["before"], found["after"]
    axis.plot(before.real.ravel(), before.imag.ravel(), ".", color=UNTRAINED, markersize=2, label="before")
    axis.plot(after.real.ravel(), after.imag.ravel(), ".", color=colour, markersize=2, label="after")
    far = found["displacement"] > found["threshold"][:, None]
    ends = np.stack([before[far], after[far]])
    axis.plot(ends.real, ends.imag, color=colour, linewidth=0.8, alpha=0.7)
    axis.plot(ends[1].real, ends[1].imag, "o", color=colour, markersize=4, label="after, displaced")
    axis.set(ylabel="imaginary part")
    axis.set_aspect("equal", adjustable="datalim")
    axis.legend(fontsize=8, markerscale=2, loc="upper left")


def pairs(axis: Axes, groups: dict[str, np.ndarray], colours: tuple[str, ...]) -> None:
    """Every network's line from before to after, one pair of places for each group; {name: (2, network)}."""
    ticks = []
    for i, ((name, ends), colour) in enumerate(zip(groups.items(), colours, strict=True)):
        places = [2.4 * i, 2.4 * i + 1]
        axis.plot(places, ends, color=colour, marker="o", markersize=3, **ONE_NETWORK)
        whole = known(ends.T)
        if whole.size:
            axis.plot(places, whole.mean(axis=0), color=colour, **MEAN)
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
            scaled = (found["singular"] / found["edge"][:, None])[:, :n_shown]
            left.semilogy(np.arange(1, scaled.shape[1] + 1), scaled.T, color=TASKS[task], **ONE_NETWORK)
            left.axhline(1, color=UNTRAINED, linestyle="--", label="edge of a shuffled change")
            # Below lie the silent units, whose change is rounding.
            left.set(title=task, ylabel="singular value over the edge", ylim=(1e-3, None))
            left.legend(fontsize=8)
            # A linear step at 0 so that the untrained network is on the logarithmic axis.
            middle.plot(found["ranks"], found["ratio"].T, color=TASKS[task], **ONE_NETWORK)
            middle.axvline(rank, color=UNTRAINED, linestyle=":", linewidth=1.5, label=f"rank {rank}")
            middle.set_xscale("symlog", linthresh=10)
            middle.set_xticks([0, 2, 4, 6, 8, 10, 30, 100], ["0", "2", "4", "6", "8", "10", "30", "100"], fontsize=8)
            right.semilogx(found["shares"], found["sparse"].T, color=TASKS[task], **ONE_NETWORK)
            for axis in (middle, right):
                axis.set_yscale("log")
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
    """
    with panels(len(tasks), len(measures), size=(2.0 * len(measures), 2.3 * len(tasks) + 0.5)) as (figure, axes):
        for row, (task, states) in enumerate(tasks.items()):
            x, y = (values / values.mean(axis=-1, keepdims=True) for values in states)
            for column, measure in enumerate(measures):
                axis = axes[row][column]
                axis.plot(x[:, column].ravel(), y[:, column].ravel(), ".", color=TASKS[task], markersize=2, alpha=0.5)
                axis.axline((1, 1), slope=1, color=UNTRAINED, linewidth=0.8)
                axis.set(title=measure, xlim=(0, None), ylim=(0, None))
            axes[row][0].set_ylabel(f"{task}\nafter (mean = 1)")
        figure.supxlabel("centrality before training (mean = 1)", fontsize=10)
    return figure


def pairings(tasks: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]], *, measure: str) -> Figure:
    """One measure, final against initial, beside what chance makes of it; {task: {title: (before, after) (network, unit)}}."""
    n_columns = len(next(iter(tasks.values())))
    with panels(len(tasks), n_columns, size=(3.2 * n_columns, 2.9 * len(tasks)), sharex="row", sharey="row") as (figure, axes):
        for row, (task, kinds) in enumerate(tasks.items()):
            for column, (title, (before, after)) in enumerate(kinds.items()):
                axis = axes[row][column]
                axis.plot(before.ravel(), after.ravel(), ".", color=TASKS[task] if column == 0 else RANDOM, markersize=3, alpha=0.5)
                axis.set(title=f"{task}, {title}")
            axes[row][0].set_ylabel(f"{measure} after")
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
                lines = axis.plot(places + offset, found[kind].T, marker, color=colour, markersize=4, alpha=0.5, linestyle="")
                lines[0].set_label(label)
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
    return figure


def known(values: np.ndarray) -> np.ndarray:
    """The rows without NaN: a failed network has no line, and the claim's table counts it."""
    return values[np.isfinite(values).all(axis=1)]


def opaque_legend(axis: Axes) -> None:
    """A legend whose lines are not as pale as those of single networks."""
    for line in axis.legend(fontsize=8).get_lines():
        line.set(alpha=1, linewidth=2)
