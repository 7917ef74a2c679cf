"""Figures of the chapter on slow points."""

import numpy as np
from matplotlib.figure import Figure

from taskrnn.figures.rotatable import Curve, rotatable
from taskrnn.figures.style import INPUTS, MANY, TASKS, UNTRAINED, each_network, panels, which_networks

SADDLE = "#D55E00"
DIRECTION = 0.15  # length of the line along an unstable direction, of the largest extent of the picture


def along_path(
    levels: dict[str, np.ndarray], outputs: dict[str, dict[str, np.ndarray]], unstable: dict[str, dict[str, np.ndarray]]
) -> Figure:
    """Output at every fixed point along the path of inputs; bifurcations are marked on the lower edge.

    Parameters
    ----------
    levels : {task: (step,)}, first input
    outputs : {task: {column: (network, step, point)}}, NaN where there is no point
    unstable : {task: {column: (network, step, point)}}, directions that grow there
    """
    columns = list(next(iter(outputs.values())))
    with panels(len(outputs), len(columns), size=(8.5, 3.2 * len(outputs))) as (figure, axes):
        for row, (task, states) in zip(axes, outputs.items(), strict=True):
            for axis, (column, z) in zip(row, states.items(), strict=True):
                x, saddle = np.broadcast_to(levels[task][:, None], z[0].shape), unstable[task][column] > 0
                colour = UNTRAINED if column == "untrained" else TASKS[task]
                for points, unsafe in zip(z[:MANY], saddle[:MANY], strict=True):
                    axis.plot(x[~unsafe], points[~unsafe], ".", color=colour, markersize=4, alpha=0.5)
                    axis.plot(x[unsafe], points[unsafe], "x", color="black", markersize=5)
                changes = np.diff(np.isfinite(z).sum(axis=2) + 100 * saddle.sum(axis=2), axis=1) != 0
                at = (levels[task][1:] + levels[task][:-1]) / 2
                marks = np.broadcast_to(at, changes.shape)[changes]
                axis.plot(marks, np.full(marks.shape, 0.03), "^", color="black", transform=axis.get_xaxis_transform())
                # Unstable points can lie far from where the network works.
                axis.set_yscale("symlog", linthresh=1)
                axis.set_yticks([-5, -2, -1, 0, 0.5, 1, 2, 5, 10, 20], ["-5", "-2", "-1", "0", "0.5", "1", "2", "5", "10", "20"])
                axis.set_ylim(min(0, np.nanmin(z, initial=0.0)) - 0.05, 1.1 * np.nanmax(z, initial=1.0))
                axis.set(title=f"{task}, {column}, {which_networks(len(z))}", xlabel="first input")
            row[0].set_ylabel("output at the fixed point")
        for label, marker in (("stable", "."), ("unstable", "x"), ("a point appears, vanishes or changes stability", "^")):
            axes[0][0].plot([], [], marker, color="black", label=label)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure


def topology(
    points: dict[str, np.ndarray], ahead: dict[str, np.ndarray], unstable: dict[str, np.ndarray], trajectories: dict[str, np.ndarray],
    *, levels: np.ndarray, seconds: np.ndarray,
) -> dict:  # fmt: skip
    """Fixed points along the path of inputs, the unstable directions of those that have one, and the task's trajectories.

    Parameters
    ----------
    points, ahead : {title: (network, step, point, 3)}, projected points, and points plus their least stable mode
    unstable : {title: (network, step, point)}, directions that grow
    trajectories : {title: (network, trial, time, 3)}
    levels : ndarray (step,), first input
    seconds : ndarray (time,)
    """

    def curves_of(k: int) -> list[Curve]:
        curves = []
        for panel, title in enumerate(points):
            at, paths = points[title][k], trajectories[title][k]
            gap = np.full((1, 3), np.nan)
            path = np.concatenate([part for trial in paths for part in (trial, gap)])
            time = np.concatenate([part for _ in paths for part in (seconds, [np.nan])])
            curves.append(Curve(panel, "trajectories (seconds)", UNTRAINED, path, time[:, None], width=2.0))
            saddles = (unstable[title][k] > 0) & np.isfinite(at).all(axis=-1)
            stable = (unstable[title][k] == 0) & np.isfinite(at).all(axis=-1)
            level = np.broadcast_to(levels[:, None], stable.shape)
            for name, kind, colour in (("stable points", stable, INPUTS[0]), ("unstable points", saddles, SADDLE)):
                curves.append(Curve(panel, f"{name} (first input)", colour, at[kind], level[kind][:, None], mode="markers"))
            everything = np.concatenate([at.reshape(-1, 3), paths.reshape(-1, 3)])
            whole = everything[np.isfinite(everything).all(axis=1)]
            extent = np.ptp(whole, axis=0).max() if len(whole) else 0.0
            step = ahead[title][k][saddles] - at[saddles]
            step = DIRECTION * extent * step / np.maximum(np.linalg.norm(step, axis=-1, keepdims=True), np.finfo(float).tiny)
            ends = np.stack([at[saddles] - step, at[saddles] + step, np.full_like(step, np.nan)], axis=1).reshape(-1, 3)
            curves.append(Curve(panel, "unstable directions", SADDLE, ends, np.repeat(level[saddles], 3)[:, None]))
        return curves

    return rotatable(
        curves_of, len(next(iter(points.values()))), titles=list(points), columns=2,
        hover="%{customdata[0]:.2f}<extra>%{fullData.name}</extra>", axes=("axis 1 (rate)", "axis 2 (rate)", "axis 3 (rate)"),
    )  # fmt: skip


def changes(statistics: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Every network after a random change, before training and after it; {axis label: {task: (network, 3)}}."""
    places = ("random\nchange", "before", "after")
    with panels(1, len(statistics), size=(8.5, 3.4)) as (figure, axes):
        for axis, (label, tasks) in zip(axes[0], statistics.items(), strict=True):
            starts = 3.6 * np.arange(len(tasks))
            for start, (task, values) in zip(starts, tasks.items(), strict=True):
                each_network(axis, start + np.arange(3.0), values, color=TASKS[task], label=task, marker="o", markersize=3)
            axis.set_xticks((starts[:, None] + np.arange(3)).ravel(), places * len(tasks), fontsize=8)
            axis.set(ylabel=label)
        axes[0][0].legend(fontsize=8)
    return figure
