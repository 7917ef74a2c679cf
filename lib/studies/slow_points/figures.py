"""Figures of the chapter on slow points."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.interactive import Interactive
from studies.rotatable import Curve, rotatable
from studies.slow_points.claims import log_time
from studies.style import (
    INPUTS,
    MANY,
    STATES,
    TASKS,
    UNTRAINED,
    each_network,
    panels,
    which_networks,
)
from taskrnn.variables import WHEN

SADDLE = "#D55E00"
DIRECTION = (
    0.15  # length of the line along an unstable direction, of the largest extent of the picture
)


def along_path(found: dict[str, xr.Dataset], outputs: dict[str, xr.DataArray]) -> Figure:
    """Output at every fixed point along the path of inputs; bifurcations are marked below.

    Parameters
    ----------
    found : {task: `studies.slow_points.measures.landscape`}
    outputs : {task: `studies.slow_points.summary.outputs`}
    """
    with panels(len(found), len(STATES), size=(8.5, 3.2 * len(found))) as (figure, axes):
        for row, (task, of) in zip(axes, found.items(), strict=True):
            for axis, (state, when) in zip(row, STATES.items(), strict=True):
                both = outputs[task], of.unstable_directions
                z, unstable = (
                    values.sel(when=when).transpose("network", "step", "point").values
                    for values in both
                )
                colour = UNTRAINED if state == "untrained" else TASKS[task]
                draw_path(axis, of.input.values[:, 0], z, unstable > 0, colour)
                axis.set(title=f"{task}, {state}, {which_networks(len(z))}", xlabel="first input")
            row[0].set_ylabel("output at the fixed point")
        marks = {
            "stable": ".",
            "unstable": "x",
            "a point appears, vanishes or changes stability": "^",
        }
        for label, marker in marks.items():
            axes[0][0].plot([], [], marker, color="black", label=label)
        handles = axes[0][0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def draw_path(
    axis: Axes, level: np.ndarray, z: np.ndarray, unstable: np.ndarray, colour: str
) -> None:
    """Outputs z (network, step, point) at inputs (step,) of the first `MANY` networks."""
    x = np.broadcast_to(level[:, None], z[0].shape)
    for points, unsafe in zip(z[:MANY], unstable[:MANY], strict=True):
        axis.plot(x[~unsafe], points[~unsafe], ".", color=colour, markersize=4, alpha=0.5)
        axis.plot(x[unsafe], points[unsafe], "x", color="black", markersize=5)
    changes = np.diff(np.isfinite(z).sum(axis=2) + 100 * unstable.sum(axis=2), axis=1) != 0
    marks = np.broadcast_to((level[1:] + level[:-1]) / 2, changes.shape)[changes]
    place = {"transform": axis.get_xaxis_transform()}
    axis.plot(marks, np.full(marks.shape, 0.03), "^", color="black", **place)
    # Unstable points can lie far from where the network works.
    axis.set_yscale("symlog", linthresh=1)
    ticks = [-5, -2, -1, 0, 0.5, 1, 2, 5, 10, 20]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ylim(min(0, np.nanmin(z, initial=0.0)) - 0.05, 1.1 * np.nanmax(z, initial=1.0))


def topology(found: xr.Dataset) -> Interactive:
    """Fixed points along the path of inputs, with their unstable directions, and trajectories.

    Parameters
    ----------
    found : Dataset, `studies.slow_points.summary.in_spaces` of one task
    """
    views = {
        f"{state}, {space.upper()}": found.sel(space=space, when=when)
        for space in found.space.values.tolist()
        for state, when in STATES.items()
    }
    return rotatable(
        lambda k: [
            curve
            for panel, view in enumerate(views.values())
            for curve in curves(view.isel(network=k), panel)
        ],
        found.sizes["network"],
        titles=list(views),
        columns=len(STATES),
        hover="%{customdata[0]:.2f}<extra>%{fullData.name}</extra>",
        axes=("axis 1 (rate)", "axis 2 (rate)", "axis 3 (rate)"),
    )


def curves(found: xr.Dataset, panel: int) -> list[Curve]:
    """One network in one space at one time; see `topology`."""
    at = found.points.transpose("step", "point", "axis").values
    ahead = found.ahead.transpose("step", "point", "axis").values
    paths = found.trajectory.transpose("trial", "time", "axis").values
    directions = found.unstable_directions.transpose("step", "point").values
    level = np.broadcast_to(found.input.values[:, :1], directions.shape)
    path = np.pad(paths, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).reshape(-1, 3)
    time = np.tile([*found.time.values, np.nan], len(paths))
    drawn = [Curve(panel, "trajectories (seconds)", UNTRAINED, path, time[:, None], width=2.0)]
    known = np.isfinite(at).all(axis=-1)
    stable, saddles = (directions == 0) & known, (directions > 0) & known
    for name, kind, colour in (("stable", stable, INPUTS[0]), ("unstable", saddles, SADDLE)):
        label = f"{name} points (first input)"
        drawn.append(Curve(panel, label, colour, at[kind], level[kind][:, None], mode="markers"))
    everything = np.concatenate([at.reshape(-1, 3), paths.reshape(-1, 3)])
    whole = everything[np.isfinite(everything).all(axis=1)]
    extent = np.ptp(whole, axis=0).max() if len(whole) else 0.0
    step = ahead[saddles] - at[saddles]
    length = np.linalg.norm(step, axis=-1, keepdims=True)
    step = DIRECTION * extent * step / np.maximum(length, np.finfo(float).tiny)
    ends = np.stack([at[saddles] - step, at[saddles] + step, np.full_like(step, np.nan)], axis=1)
    values = np.repeat(level[saddles], 3)[:, None]
    return [*drawn, Curve(panel, "unstable directions", SADDLE, ends.reshape(-1, 3), values)]


def changes(found: dict[str, xr.Dataset]) -> Figure:
    """Time constants and units that change sides: after a random change, before and after training.

    Parameters
    ----------
    found : {task: `studies.slow_points.measures.landscape`}
    """
    statistics = {
        "ln of the longest time constant (tau)": {
            task: with_random(log_time(of.time_constant), log_time(of.random_time_constant))
            for task, of in found.items()
        },
        "share of units that change sides": {
            task: with_random(of.switched, of.random_switched) for task, of in found.items()
        },
    }
    places = ("random\nchange", *WHEN)
    starts = 3.6 * np.arange(len(found))
    with panels(1, len(statistics), size=(8.5, 3.4)) as (figure, axes):
        for axis, (label, tasks) in zip(axes[0], statistics.items(), strict=True):
            for start, (task, values) in zip(starts, tasks.items(), strict=True):
                look = {"color": TASKS[task], "marker": "o", "markersize": 3}
                each_network(axis, start + np.arange(3.0), values, label=task, **look)
            ticks = (starts[:, None] + np.arange(3)).ravel()
            axis.set_xticks(ticks, places * len(tasks), fontsize=8)
            axis.set(ylabel=label)
        axes[0][0].legend(fontsize=8)
    return figure


def with_random(values: xr.DataArray, random: xr.DataArray) -> np.ndarray:
    """After random changes (network, draw), before and after training (network, when)."""
    return np.stack([random.mean("draw"), *(values.sel(when=when) for when in WHEN)], axis=1)
