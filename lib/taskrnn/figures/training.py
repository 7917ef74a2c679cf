"""Figures of the chapter on training."""

import numpy as np
from matplotlib.figure import Figure

from taskrnn.figures.style import INPUTS, MEAN, TARGET, TASKS, UNTRAINED, each_network, mean_of_whole, panels


def example_trials(examples: dict[str, tuple], *, dt: float) -> Figure:
    """One trial of each task: inputs above, target and output below; steps that do not count are shaded.

    Parameters
    ----------
    examples : {task: (inputs (time, input), target (time,), mask (time,), output (time,))}
    dt : float, ms
    """
    with panels(2, len(examples), size=(8, 4.2), sharex=True) as (figure, axes):
        for column, (task, (inputs, target, mask, output)) in enumerate(examples.items()):
            seconds = np.arange(len(target)) * dt / 1000
            top, bottom = axes[0][column], axes[1][column]
            for i, channel in enumerate(inputs.T):
                top.plot(seconds, channel, color=INPUTS[i], linewidth=0.8, label=f"input {i + 1}")
            bottom.plot(seconds, target, color=TARGET, linestyle="--", linewidth=1, label="target")
            bottom.plot(seconds, output, color=TASKS[task], linewidth=1.5, label="output")
            bottom.fill_between(
                seconds, 0, 1, where=mask == 0, color="0.88", transform=bottom.get_xaxis_transform(), label="not counted"
            )
            top.set(title=task, ylabel="input" if column == 0 else "")
            bottom.set(xlabel="time (s)", ylabel="output" if column == 0 else "", ylim=(0.35, 0.95))
            top.legend(loc="upper right", ncols=2)
            bottom.legend(loc="upper right", ncols=3, fontsize=8)
            top.margins(y=0.25)
    return figure


def training_curves(loss: dict[str, np.ndarray]) -> Figure:
    """Loss of every network by update, and their geometric mean; {task: (network, update)}."""
    with panels(1, len(loss), size=(8, 3.2), sharey=True) as (figure, axes):
        for axis, (task, curves) in zip(axes[0], loss.items(), strict=True):
            axis.set_yscale("log")
            each_network(axis, np.arange(curves.shape[1]), curves, color=TASKS[task], label="networks")
            axis.plot(np.exp(mean_of_whole(np.log(curves))), color="black", label="geometric mean", **MEAN)
            axis.set(title=task, xlabel="update")
            axis.legend()
        axes[0][0].set_ylabel("loss (masked mean squared error)")
    return figure


def task_performance(
    decision: dict[str, tuple[np.ndarray, np.ndarray]],
    perception: dict[str, tuple[np.ndarray, np.ndarray]],
    *,
    centres: np.ndarray,
    seconds: np.ndarray,
    decision_targets: tuple[float, float],
    perception_levels: tuple[float, float],
) -> Figure:
    """Figure 1 of the note, one row per key ("trained", "untrained").

    Parameters
    ----------
    decision : {row: (mean answers (network, bin), their standard deviation over trials and networks (bin,))}
        Against the relative difference of the inputs, whose bins have these `centres`.
    perception : {row: (outputs after a switch up (network, time), after a switch down (network, time))}
        Means over trials around the switch of the input; `seconds` is 0 at the switch.
    decision_targets, perception_levels : the two right answers of each task
    """
    low, high = perception_levels
    with panels(len(decision), 2, size=(8, 3.1 * len(decision))) as (figure, axes):
        for row, name in enumerate(decision):
            left, right = axes[row]
            trained = name == "trained"
            means, spread = decision[name]
            colour = TASKS["decision"] if trained else UNTRAINED
            average = mean_of_whole(means)
            left.fill_between(centres, average - spread, average + spread, color="0.9", label="standard deviation")
            each_network(left, centres, means, color=colour, label="networks")
            left.plot(centres, average, color=colour, **MEAN)
            left.step([-1, 0, 1], [decision_targets[1], decision_targets[1], decision_targets[0]], "k--", linewidth=1)
            left.set(title=f"decision, {name}", ylabel="output")
            for curves, shade, label in zip(perception[name], INPUTS, (f"{low} to {high}", f"{high} to {low}"), strict=True):
                colour = shade if trained else UNTRAINED
                each_network(right, seconds, curves, color=colour)
                right.plot(seconds, mean_of_whole(curves), color=colour, label=label, **MEAN)
            for before, after in ((high, low), (low, high)):
                right.step([seconds[0], 0, seconds[-1]], [before, before, after], "k--", linewidth=1)
            right.set(title=f"perception, {name}")
            if trained:
                left.legend(fontsize=8)
                right.legend(title="input", loc="center right")
        axes[-1][0].set_xlabel("relative difference of the inputs, (u1 - u2) / (u1 + u2)")
        axes[-1][1].set_xlabel("time from the switch of the input (s)")
    return figure
