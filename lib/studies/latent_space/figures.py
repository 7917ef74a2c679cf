"""Figures 2 and 3, which turn, and three that stand still."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.interactive import Interactive
from studies.latent_space.claims import ANGLE, NEAR
from studies.latent_space.layers_and_planes import SPACES
from studies.latent_space.measures import EPOCH
from studies.rotatable import Curve, rotatable
from studies.style import (
    INPUTS,
    MANY,
    MEAN,
    TASKS,
    TRAINED_FIRST,
    UNTRAINED,
    each_network,
    mean_of_whole,
    panels,
    which_networks,
)
from taskrnn.analysis.geometry import RANDOM_TO_LINE, RANDOM_TO_PLANE

CONTOURS = (TASKS["perception"], TASKS["decision"])  # blue and red, in turn
EXTREME = "#000000"
INITIAL = "#E69F00"  # before a search


def layers_in_space(layers: xr.Dataset) -> Interactive:
    """Figure 2 of the note: isocontours of each input in DCA space, trained and untrained.

    A row for each input. Points are turned to their own principal axes: DCA leaves the axes open.

    Parameters
    ----------
    layers : Dataset (network, when, space, ...), `layers_and_planes.layered`
    """
    inputs, dca = layers.input_1.values, layers.points.sel(space="dca")
    points = [dca.sel(when=when).values for when in TRAINED_FIRST.values()]
    titles = [f"{state}: lines of equal input {i}" for i in (1, 2) for state in TRAINED_FIRST]

    def curves_of(k: int) -> list[Curve]:
        turned = [principal_axes(networks[k]) for networks in points]
        return [
            curve
            for i in (0, 1)
            for column, p in enumerate(turned)
            for curve in isocontours(p, inputs, held=i, panel=i * len(points) + column)
        ]

    hover = "input 1: %{customdata[0]:.1f}<br>input 2: %{customdata[1]:.1f}<extra></extra>"
    axes = ("axis 1 (rate)", "axis 2 (rate)", "axis 3 (rate)")
    options = {"titles": titles, "columns": len(TRAINED_FIRST), "hover": hover, "axes": axes}
    return rotatable(curves_of, layers.sizes["network"], **options)


def isocontours(points: np.ndarray, inputs: np.ndarray, *, held: int, panel: int) -> list[Curve]:
    """Curves of equal input `held`, alternating in colour, black at both extremes."""
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
    """Points (..., 3) about their mean along their principal axes, the last point positive.

    Unchanged if any is NaN.
    """
    flat = points.reshape(-1, 3)
    if not np.isfinite(flat).all():
        return points
    flat = flat - flat.mean(axis=0)
    turned = flat @ np.linalg.svd(flat, full_matrices=False)[2].T
    return (turned * np.where(turned[-1] < 0, -1, 1)).reshape(points.shape)


def paths_in_space(transients: xr.Dataset, *, epoch: int = EPOCH, every: int = 2) -> Interactive:
    """Figure 3 of the note, in axes of its own: along the fixed points, in their plane, and off it.

    Parameters
    ----------
    transients : Dataset (network, when, ...), `layers_and_planes.transients`
        A network without a plane shows nothing.
    epoch, every : int
        Steps of the start-up, and of the path between two points of the picture.
    """
    seconds, inputs = transients.time.values, transients.input.values
    fields = [transients[name] for name in ("paths", "steady", "normal")]
    columns = [[field.sel(when=when).values for field in fields] for when in TRAINED_FIRST.values()]
    start_up, switching = slice(0, epoch, every), slice(epoch - 1, None, every)

    def curves_of(k: int) -> list[Curve]:
        curves = []
        for panel, column in enumerate(columns):
            path, points = in_plane_axes(*(networks[k] for networks in column))
            for start, level in enumerate(inputs[:, 0]):
                grey = UNTRAINED if start else EXTREME
                for part, colour, name in (
                    (start_up, INPUTS[start], f"start-up, input {level:g}"),
                    (switching, grey, f"switching, from {level:g}"),
                ):
                    values = np.column_stack([seconds[part], inputs[start, part]])
                    curves.append(Curve(panel, name, colour, path[start, part], values))
            ends, both = np.column_stack([np.zeros(2), inputs[:, 0]]), points[[0, -1]]
            red = TASKS["decision"]
            curves.append(Curve(panel, "fixed points", red, both, ends, mode="markers"))
        return curves

    hover = (
        "time: %{customdata[0]:.2f} s<br>input: %{customdata[1]:.1f}<extra>%{fullData.name}</extra>"
    )
    axes = ("along fixed points (rate)", "in plane (rate)", "off plane (rate)")
    options = {
        "titles": list(TRAINED_FIRST),
        "columns": len(TRAINED_FIRST),
        "hover": hover,
        "axes": axes,
    }
    return rotatable(curves_of, transients.sizes["network"], **options)


def in_plane_axes(
    path: np.ndarray, steady: np.ndarray, normal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Path and steady states (..., 3) about the middle of the fixed points.

    Along their line, in the plane, and along its normal.
    """
    ends = steady[[0, -1]]
    line = (ends[1] - ends[0]) / max(np.linalg.norm(ends[1] - ends[0]), np.finfo(float).tiny)
    axes = np.stack([line, np.cross(normal, line), normal], axis=1)
    return (path - ends.mean(axis=0)) @ axes, (steady - ends.mean(axis=0)) @ axes


def layer_ratios(layers: xr.Dataset) -> Figure:
    """Gap over thickness before and after training, and how far two Gaussians beat one.

    Parameters
    ----------
    layers : Dataset (network, when, space), `layers_and_planes.layered`
    """
    with panels(1, 3, size=(8.4, 3.4)) as (figure, axes):
        # Before anything is drawn, or the limits of the first would hide lines of the second.
        axes[0][1].sharey(axes[0][0])
        sheet = {"color": EXTREME, "linestyle": "--", "linewidth": 1}
        for axis, space in zip(axes[0], SPACES, strict=False):
            before_and_after(axis, layers.ratio.sel(space=space))
            axis.axhline(layers.sheet.item(), label="flat sheet, no layers", **sheet)
            axis.set(title=f"{space.upper()} space", ylabel="gap / thickness")
            axis.legend(fontsize=8)
        axes[0][2].set_yscale("symlog", linthresh=10)
        before_and_after(axes[0][2], layers.delta_bic.sel(space="dca"))
        axes[0][2].axhline(0, **sheet)
        axes[0][2].set(title="one or two Gaussians, DCA", ylabel="BIC of one less BIC of two")
    return figure


def transient_angles(transients: xr.Dataset) -> Figure:
    """Angles of the first transient before and after training, and of a random direction in 3-D.

    Parameters
    ----------
    transients : Dataset (network, when), `layers_and_planes.transients`
    """
    sine = np.degrees(np.arcsin([0.025, 0.975]))
    kinds = {
        "to_plane": ("plane nearest to the path", RANDOM_TO_PLANE, sine),
        "to_steady_plane": ("plane nearest to steady states", RANDOM_TO_PLANE, sine),
        "to_line": ("line of the fixed points", RANDOM_TO_LINE, 90 - sine[::-1]),
    }
    with panels(1, 3, size=(8.4, 3.4), sharey=True) as (figure, axes):
        for axis, (field, (title, mean, band)) in zip(axes[0], kinds.items(), strict=True):
            axis.axhspan(*band, color="0.92", label="random direction, 95 %")
            label = f"its mean, {mean:.1f}"
            axis.axhline(mean, color=EXTREME, linestyle="--", linewidth=1, label=label)
            before_and_after(axis, transients[field], colour=TASKS["perception"])
            axis.set(title=title, ylim=(0, 92))
        axes[0][0].set_ylabel("angle of the transient (degrees)")
        axes[0][0].legend(fontsize=7, loc="upper left")
    return figure


def before_and_after(axis: Axes, values: xr.DataArray, *, colour: str = TASKS["decision"]) -> None:
    """Each network (network, when), and the mean of those that have both values."""
    both = values.sel(when=["before", "after"]).transpose("network", "when").values
    each_network(axis, [0, 1], both, color=colour, label="networks", marker="o", markersize=4)
    axis.plot([0, 1], mean_of_whole(both), color=EXTREME, marker="o", **MEAN)
    axis.set(xticks=[0, 1], xlim=(-0.25, 1.25))
    axis.set_xticklabels(["untrained", "trained"])


def starts_by_dimension(spaces: dict[str, xr.Dataset]) -> Figure:
    """PI of every start, its shortfall from the best, and its angle to the best, by dimension.

    Parameters
    ----------
    spaces : {task: Dataset with pi, angle, initial_angle (network, when, dimension, start)}
        `taskrnn.activity.subspaces.subspaces`; of more than `MANY` networks the first are drawn.
    """
    columns = [(task, state) for task in spaces for state in TRAINED_FIRST]
    first = next(iter(spaces.values()))
    n_networks, dimensions = first.sizes["network"], first.dimension.values
    shape = (min(n_networks, MANY), len(dimensions), first.sizes["start"])
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, shape)
    places = (dimensions[None, :, None] + jitter).ravel()
    with panels(3, len(columns), size=(10, 7.5), sharex=True, sharey="row") as (figure, axes):
        for (task, state), column in zip(columns, zip(*axes, strict=True), strict=True):
            colour = UNTRAINED if state == "untrained" else TASKS[task]
            at = spaces[task].sel(when=TRAINED_FIRST[state]).isel(network=slice(MANY))
            one_search(column, places, at, colour=colour)
            column[0].set(title=f"{task}, {state}")
        names = ("PI (nats)", "missing share of the best PI", "angle to the best (degrees)")
        for row, name in zip(axes, names, strict=True):
            row[0].set_ylabel(name)
        axes[2][-1].legend(fontsize=8, markerscale=6)
        figure.supxlabel(f"a dot is a start; {which_networks(n_networks)}", fontsize=9)
    return figure


def one_search(
    column: tuple[Axes, Axes, Axes], places: np.ndarray, found: xr.Dataset, *, colour: str
) -> None:
    """The starts of one task, before or after training, and what L3 asks of them."""
    top, middle, bottom = column
    dots = {"linestyle": "", "marker": ".", "markersize": 1.5, "alpha": 0.5}
    axes = ("network", "dimension", "start")
    pi, angles, initial = (
        found[name].transpose(*axes).values for name in ("pi", "angle", "initial_angle")
    )
    missing = np.maximum(1 - pi / pi.max(axis=-1, keepdims=True), 1e-9)
    angles = np.maximum(angles, 1e-4)
    top.plot(places, pi.ravel(), color=colour, **dots)
    middle.plot(places, missing.ravel(), color=colour, **dots)
    bottom.plot(places, initial.ravel(), color=INITIAL, label="before the search", **dots)
    bottom.plot(places, angles.ravel(), color=colour, label="after it", **dots)
    for axis, limit in ((middle, NEAR), (bottom, ANGLE)):
        axis.axhline(limit, color=EXTREME, linestyle="--", linewidth=1)
        axis.set_yscale("log")
    bottom.set(xlabel="dimension d", xticks=[1, 4, 7, 10])
