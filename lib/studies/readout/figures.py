"""Figure 11: the angle of the readout to the subspaces."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.predictive_subspaces.figures import Null, draw_networks, draw_null, finish, pooled
from studies.style import INPUTS, MEAN, STATES, TASKS, each_network, mean_of_whole, panels


def to_readout(tasks: dict[str, xr.Dataset]) -> Figure:
    """Angles by dimension on the same axes everywhere, and each network's mean before and after.

    Parameters
    ----------
    tasks : {task: `studies.readout.measures.readout_angles`}
    """
    size = (9.5, 3.4 * len(tasks) + 0.7)
    with panels(len(tasks), 3, size=size, width_ratios=(3, 3, 2)) as (figure, axes):
        for row, (task, angles) in enumerate(tasks.items()):
            for column, (state, when) in enumerate(STATES.items()):
                axis = axes[row][column]
                by_dimension(axis, angles.sel(when=when), task)
                first, last = column == 0, row == len(tasks) - 1
                finish(
                    axis, angles.dimension.values, title=f"{task}, {state}", first=first, last=last
                )
            before_to_after(axes[row][2], angles, task)
        kinds = [angles[kind].values for angles in tasks.values() for kind in ("dca", "pca")]
        lowest = min(np.nanmin(values, initial=90) for values in kinds)
        for axis in (axis for row in axes for axis in row):
            axis.set_ylim(15 * np.floor(lowest / 15), 92)
        labels = axes[0][0].get_legend_handles_labels()
        figure.legend(*labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def kinds_of(task: str) -> dict[str, dict[str, str]]:
    """How the two kinds of subspace are drawn."""
    return {
        "dca": {"colour": TASKS[task], "style": "-"},
        "pca": {"colour": INPUTS[1], "style": "--"},
    }


def by_dimension(axis: Axes, at: xr.Dataset, task: str) -> None:
    """The angles at one time, and what chance gives."""
    dimensions = at.dimension.values
    matched = pooled(at.matched.transpose("network", "dimension", "draw").values)
    uniform = Null(*at.band.values)
    draw_null(axis, dimensions, uniform, label="chance: any subspace", colour="0.55")
    label = "chance: activity's covariance"
    draw_null(axis, dimensions, matched, label=label, colour=INPUTS[0], hatch="///")
    for kind, look in kinds_of(task).items():
        each = "networks" if kind == "dca" else None
        draw_networks(axis, dimensions, at[kind].values, label=kind.upper(), each=each, **look)


def before_to_after(axis: Axes, angles: xr.Dataset, task: str) -> None:
    """Each network's mean over the dimensions before and after training."""
    for kind, look in kinds_of(task).items():
        mean = angles[kind].mean("dimension", skipna=False)
        ends, line = mean.transpose("network", "when").values, {"linestyle": look["style"]}
        each_network(axis, [0, 1], ends, color=look["colour"], marker="o", markersize=3, **line)
        axis.plot([0, 1], mean_of_whole(ends), color=look["colour"], **line, **MEAN)
    axis.set(title="mean over d", xticks=[0, 1], xticklabels=list(STATES), xlim=(-0.3, 1.3))
    axis.set(yticks=range(0, 91, 15))
