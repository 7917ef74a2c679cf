"""Figures of the chapter on training."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from studies.style import (
    INPUTS,
    MEAN,
    TARGET,
    TASKS,
    TRAINED_FIRST,
    UNTRAINED,
    each_network,
    mean_of_whole,
    panels,
)
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception


def example_trials(examples: dict[str, xr.Dataset]) -> Figure:
    """One trial of each task: inputs above, target and output below; what does not count is grey.

    Parameters
    ----------
    examples : from `studies.training.measures.examples`
    """
    with panels(2, len(examples), size=(8, 4.2), sharex=True) as (figure, axes):
        for column, (task, trial) in enumerate(examples.items()):
            seconds = trial.time.values
            top, bottom = axes[0][column], axes[1][column]
            for i, channel in enumerate(trial.input.values.T):
                top.plot(seconds, channel, color=INPUTS[i], linewidth=0.8, label=f"input {i + 1}")
            bottom.plot(seconds, trial.target, "--", color=TARGET, linewidth=1, label="target")
            bottom.plot(seconds, trial.output, color=TASKS[task], linewidth=1.5, label="output")
            grey = {"color": "0.88", "transform": bottom.get_xaxis_transform()}
            ignored = trial.counted.values == 0
            bottom.fill_between(seconds, 0, 1, where=ignored, label="not counted", **grey)
            top.set(title=task, ylabel="input" if column == 0 else "")
            bottom.set(xlabel="time (s)", ylabel="output" if column == 0 else "")
            bottom.set_ylim(0.35, 0.95)
            top.legend(loc="upper right", ncols=2)
            bottom.legend(loc="upper right", ncols=3, fontsize=8)
            top.margins(y=0.25)
    return figure


def training_curves(networks: dict[str, xr.Dataset]) -> Figure:
    """Loss (network, update) of every network of each task, and their geometric mean."""
    with panels(1, len(networks), size=(8, 3.2), sharey=True) as (figure, axes):
        for axis, (task, of_task) in zip(axes[0], networks.items(), strict=True):
            loss = of_task.loss.transpose("network", "update").values
            axis.set_yscale("log")
            updates = np.arange(loss.shape[1])
            each_network(axis, updates, loss, color=TASKS[task], label="networks")
            mean = np.exp(mean_of_whole(np.log(loss)))
            axis.plot(mean, color="black", label="geometric mean", **MEAN)
            axis.set(title=task, xlabel="update")
            axis.legend()
        axes[0][0].set_ylabel("loss (masked mean squared error)")
    return figure


def task_performance(
    curves: xr.Dataset, around: xr.DataArray, *, decision: Decision, perception: Perception
) -> Figure:
    """Figure 1 of the note, one row for the trained networks and one for the untrained.

    Parameters
    ----------
    curves : from `studies.training.measures.decision_curves`
    around : DataArray (network, when, direction, since)
        Of `studies.training.measures.performance` in the perception task.
    decision, perception : the tasks, which know the right answers
    """
    centres, seconds = curves.bin.values, around.since.values
    low, high = perception.low, perception.high
    right_answers = [decision.second_larger, decision.second_larger, decision.first_larger]
    with panels(len(TRAINED_FIRST), 2, size=(8, 3.1 * len(TRAINED_FIRST))) as (figure, axes):
        for (left, right), (name, when) in zip(axes, TRAINED_FIRST.items(), strict=True):
            trained = when == "after"
            means = curves["mean"].sel(when=when).values
            average, spread = mean_of_whole(means), curves.spread.sel(when=when).values
            colour = TASKS["decision"] if trained else UNTRAINED
            band = {"color": "0.9", "label": "standard deviation"}
            left.fill_between(centres, average - spread, average + spread, **band)
            each_network(left, centres, means, color=colour, label="networks")
            left.plot(centres, average, color=colour, **MEAN)
            left.step([-1, 0, 1], right_answers, "k--", linewidth=1)
            left.set(title=f"decision, {name}", ylabel="output")
            titles = {"up": f"{low} to {high}", "down": f"{high} to {low}"}
            for shade, (direction, label) in zip(INPUTS, titles.items(), strict=True):
                outputs = around.sel(when=when, direction=direction).values
                colour = shade if trained else UNTRAINED
                each_network(right, seconds, outputs, color=colour)
                right.plot(seconds, mean_of_whole(outputs), color=colour, label=label, **MEAN)
            for before, after in ((high, low), (low, high)):
                right.step(
                    [seconds[0], 0, seconds[-1]], [before, before, after], "k--", linewidth=1
                )
            right.set(title=f"perception, {name}")
            if trained:
                left.legend(fontsize=8)
                right.legend(title="input", loc="center right")
        axes[-1][0].set_xlabel("relative difference of the inputs, (u1 - u2) / (u1 + u2)")
        axes[-1][1].set_xlabel("time from the switch of the input (s)")
    return figure
