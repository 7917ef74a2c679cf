"""Figures of the chapter on the latent space: three that stand still; those that turn are `rotatable`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taskrnn.figures.rotatable import Curve, rotatable
from taskrnn.figures.style import INPUTS, MANY, MEAN, TASKS, UNTRAINED, each_network, mean_of_whole, panels, which_networks
from taskrnn.latent import RANDOM_TO_LINE, RANDOM_TO_PLANE, Layers
from taskrnn.measures.latent_space import Angles

CONTOURS = (TASKS["perception"], TASKS["decision"])  # blue and red, in turn
EXTREME = "#000000"


def layers_in_space(points: dict[str, np.ndarray], inputs: np.ndarray) -> dict:
    """Figure 2 of the note: isocontours of each input, a row for each input and a column for each key.

    Parameters
    ----------
    points : {"trained" or "untrained": (network, input 1, input 2, 3)}
        Projected steady states; turned to their own principal axes, since DCA leaves the axes open.
    inputs : ndarray (input,), the values of both inputs
    """
    titles = [f"{key}: lines of equal input {i}" for i in (1, 2) for key in points]

    def curves_of(k: int) -> list[Curve]:
        turned = [principal_axes(each[k]) for each in points.values()]
        return [
            curve
            for i in (0, 1)
            for column, p in enumerate(turned)
            for curve in isocontours(p, inputs, held=i, panel=i * len(points) + column)
        ]

    n_networks = len(next(iter(points.values())))
    hover = "input 1: %{customdata[0]:.1f}<br>input 2: %{customdata[1]:.1f}<extra></extra>"
    axes = ("axis 1 (rate)", "axis 2 (rate)", "axis 3 (rate)")
    return rotatable(curves_of, n_networks, titles=titles, columns=len(points), hover=hover, axes=axes)


def isocontours(points: np.ndarray, inputs: np.ndarray, *, held: int, panel: int) -> list[Curve]:
    """Curves on which input `held` keeps its value, alternating in colour, black at both extremes."""
    pairs = np.stack(np.meshgrid(inputs, inputs, indexing="ij"), axis=-1)
    if held == 1:
        points, pairs = points.swapaxes(0, 1), pairs.swapaxes(0, 1)
    last = len(inputs) - 1
    kinds = {
        "lowest and highest value": (EXTREME, [0, last]),
        "values in between": (CONTOURS[0], range(1, last, 2)),
        "values in between, every other": (CONTOURS[1], range(2, last, 2)),
    }
    gap = np.full((1, 3), np.nan)
    return [
        Curve(
            panel, name, colour,
            np.concatenate([part for line in lines for part in (points[line], gap)]),
            np.concatenate([part for line in lines for part in (pairs[line], gap[:, :2])]),
        )
        for name, (colour, lines) in kinds.items()
    ]  # fmt: skip


def principal_axes(points: np.ndarray) -> np.ndarray:
    """Points (..., 3) about their mean along their principal axes, the last point positive; unchanged if any is NaN."""
    flat = points.reshape(-1, 3)
    if not np.isfinite(flat).all():
        return points
    flat = flat - flat.mean(axis=0)
    turned = flat @ np.linalg.svd(flat, full_matrices=False)[2].T
    return (turned * np.where(turned[-1] < 0, -1, 1)).reshape(points.shape)


def paths_in_space(
    paths: dict[str, np.ndarray], steady: dict[str, np.ndarray], normals: dict[str, np.ndarray], *, seconds: np.ndarray,
    inputs: np.ndarray, epoch: int, every: int = 2,
) -> dict:  # fmt: skip
    """Figure 3 of the note, in axes of its own: along the fixed points, in their plane, and off it.

    Parameters
    ----------
    paths : {column: (network, start, time, 3)}, projected
    steady : {column: (network, level, 3)}, projected steady states, the fixed points first and last
    normals : {column: (network, 3)}, of the plane; a network without a plane shows nothing
    seconds, inputs : ndarray (time,) and (start, time)
    epoch, every : int, steps of the start-up, and of the path between two points of the picture
    """

    def curves_of(k: int) -> list[Curve]:
        curves = []
        for panel, key in enumerate(normals):
            path, points = in_plane_axes(paths[key][k], steady[key][k], normals[key][k])
            for start in (0, 1):
                for part, colour, name in (
                    (slice(0, epoch, every), INPUTS[start], f"start-up, input {inputs[start, 0]:g}"),
                    (slice(epoch - 1, None, every), UNTRAINED if start else EXTREME, f"switching, from {inputs[start, 0]:g}"),
                ):
                    values = np.column_stack([seconds[part], inputs[start, part]])
                    curves.append(Curve(panel, name, colour, path[start, part], values))
            ends = np.column_stack([np.zeros(2), inputs[:, 0]])
            curves.append(Curve(panel, "fixed points", TASKS["decision"], points[[0, -1]], ends, mode="markers"))
        return curves

    n_networks = len(next(iter(normals.values())))
    hover = "time: %{customdata[0]:.2f} s<br>input: %{customdata[1]:.1f}<extra>%{fullData.name}</extra>"
    axes = ("along fixed points (rate)", "in plane (rate)", "off plane (rate)")
    return rotatable(curves_of, n_networks, titles=list(normals), columns=len(normals), hover=hover, axes=axes)


def in_plane_axes(path: np.ndarray, steady: np.ndarray, normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Path and steady states (..., 3) about the middle of the fixed points: along their line, in the plane, along its normal."""
    ends = steady[[0, -1]]
    line = (ends[1] - ends[0]) / max(np.linalg.norm(ends[1] - ends[0]), np.finfo(float).tiny)
    axes = np.stack([line, np.cross(normal, line), normal], axis=1)
    return (path - ends.mean(axis=0)) @ axes, (steady - ends.mean(axis=0)) @ axes


def layer_ratios(trained: dict[str, Layers], untrained: dict[str, Layers], *, sheet: float) -> Figure:
    """Gap over thickness before and after training in each space, and how far two Gaussians beat one (DCA).

    Parameters
    ----------
    trained, untrained : {"DCA", "PCA": Layers}
    sheet : float, the ratio of a flat sheet without layers
    """
    with panels(1, 3, size=(8.4, 3.4)) as (figure, axes):
        axes[0][1].sharey(axes[0][0])  # before anything is drawn, or the limits of the first would hide lines of the second
        for axis, (space, before) in zip(axes[0], untrained.items(), strict=False):
            before_and_after(axis, before.ratio, trained[space].ratio)
            axis.axhline(sheet, color=EXTREME, linestyle="--", linewidth=1, label="flat sheet, no layers")
            axis.set(title=f"{space} space", ylabel="gap / thickness")
            axis.legend(fontsize=8)
        axes[0][2].set_yscale("symlog", linthresh=10)
        before_and_after(axes[0][2], untrained["DCA"].delta_bic, trained["DCA"].delta_bic)
        axes[0][2].axhline(0, color=EXTREME, linestyle="--", linewidth=1)
        axes[0][2].set(title="one or two Gaussians, DCA", ylabel="BIC of one less BIC of two")
    return figure


def transient_angles(trained: Angles, untrained: Angles) -> Figure:
    """Angles of the first transient before and after training, with mean and 95 % of a random direction in 3-D."""
    sine = np.degrees(np.arcsin([0.025, 0.975]))
    kinds = {
        "to_plane": ("plane nearest to the path", RANDOM_TO_PLANE, sine),
        "to_steady_plane": ("plane nearest to steady states", RANDOM_TO_PLANE, sine),
        "to_line": ("line of the fixed points", RANDOM_TO_LINE, 90 - sine[::-1]),
    }
    with panels(1, 3, size=(8.4, 3.4), sharey=True) as (figure, axes):
        for axis, (field, (title, mean, band)) in zip(axes[0], kinds.items(), strict=True):
            axis.axhspan(*band, color="0.92", label="random direction, 95 %")
            axis.axhline(mean, color=EXTREME, linestyle="--", linewidth=1, label=f"its mean, {mean:.1f}")
            before_and_after(axis, getattr(untrained, field), getattr(trained, field), colour=TASKS["perception"])
            axis.set(title=title, ylim=(0, 92))
        axes[0][0].set_ylabel("angle of the transient (degrees)")
        axes[0][0].legend(fontsize=7, loc="upper left")
    return figure


def before_and_after(axis: Axes, before: np.ndarray, after: np.ndarray, *, colour: str = TASKS["decision"]) -> None:
    """Each network, and the mean of those that have both values."""
    both = np.stack([before, after], axis=1)
    each_network(axis, [0, 1], both, color=colour, label="networks", marker="o", markersize=4)
    axis.plot([0, 1], mean_of_whole(both), color=EXTREME, marker="o", **MEAN)
    axis.set(xticks=[0, 1], xlim=(-0.25, 1.25))
    axis.set_xticklabels(["untrained", "trained"])


def starts_by_dimension(searches: dict[str, tuple], dimensions: np.ndarray, *, near: float, angle: float) -> Figure:
    """PI of every start, its shortfall from the best, and its angle to the best, against the dimension.

    Parameters
    ----------
    searches : {title: (pi, angle, initial angle), each (network, dimension, start)}
        Of more than `MANY` networks the first are drawn.
    near, angle : float, what L3 asks: largest share of the PI that may be missing, and largest angle in degrees
    """
    with panels(3, len(searches), size=(10, 7.5), sharex=True, sharey="row") as (figure, axes):
        shape = next(iter(searches.values()))[0].shape
        jitter = np.random.default_rng(0).uniform(-0.3, 0.3, (min(shape[0], MANY), *shape[1:]))
        places = np.asarray(dimensions)[None, :, None] + jitter
        for column, (title, search) in enumerate(searches.items()):
            pi, angles, initial = (values[:MANY] for values in search)
            colour = UNTRAINED if "untrained" in title else TASKS[title.split(",")[0]]
            dots = {"linestyle": "", "marker": ".", "markersize": 1.5, "alpha": 0.5}
            missing = 1 - pi / pi.max(axis=-1, keepdims=True)
            top, middle, bottom = (row[column] for row in axes)
            top.plot(places.ravel(), pi.ravel(), color=colour, **dots)
            middle.plot(places.ravel(), np.maximum(missing, 1e-9).ravel(), color=colour, **dots)
            bottom.plot(places.ravel(), initial.ravel(), color="#E69F00", label="before the search", **dots)
            bottom.plot(places.ravel(), np.maximum(angles, 1e-4).ravel(), color=colour, label="after it", **dots)
            middle.axhline(near, color=EXTREME, linestyle="--", linewidth=1)
            bottom.axhline(angle, color=EXTREME, linestyle="--", linewidth=1)
            top.set(title=title)
            middle.set_yscale("log")
            bottom.set_yscale("log")
            bottom.set(xlabel="dimension d", xticks=[1, 4, 7, 10])
        axes[0][0].set_ylabel("PI (nats)")
        axes[1][0].set_ylabel("missing share of the best PI")
        axes[2][0].set_ylabel("angle to the best (degrees)")
        axes[2][-1].legend(fontsize=8, markerscale=6)
        figure.supxlabel(f"a dot is a start; {which_networks(shape[0])}", fontsize=9)
    return figure
