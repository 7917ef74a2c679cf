"""The book in one picture: the task, the network, and what training changes in it."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from studies.style import INPUTS, TARGET, TASKS, UNTRAINED, panels
from studies.training.measures import held_out_trials, with_a_change
from taskrnn.experiments import Experiment

BESIDE = [["input", "network", "output", "weight"], ["input", "network", "spectrum", "states"]]
UNITS = 12  # that the drawing has
GREY = "0.55"


def abstract(experiment: Experiment, network: xr.Dataset, found: xr.Dataset) -> Figure:
    """One trial, the network as a drawing, and four things of it before and after training.

    Parameters
    ----------
    experiment : of the network
    network : Dataset of one network of an ensemble
    found : `studies.training.during.during` of it, without the network axis
    """
    colour = TASKS[experiment.name]
    mosaic = {"width_ratios": [1, 1.25, 1, 1]}
    with panels(1, 1, size=(11, 4.2)) as (figure, [[unused]]):
        unused.remove()
        axes = figure.subplot_mosaic(BESIDE, gridspec_kw=mosaic)
        trial(axes["input"], experiment, found)
        drawing(axes["network"], np.random.default_rng(0))
        looks = ((0, UNTRAINED, "before"), (-1, colour, "after training"))
        for k, look, name in looks:
            at = found.isel(update=k)
            style = {"color": look, "label": name}
            axes["output"].plot(found.time, at.output, **style)
            axes["spectrum"].plot(*at.eigenvalues.values.T, ".", markersize=3, **style)
            axes["states"].plot(*at.states.values.T, **style)
        axes["output"].plot(found.time, found.target, "--", color=TARGET, linewidth=1)
        axes["weight"].plot(network.mean_weight.values[0], color=colour)
        axes["weight"].axhline(0, color=GREY, linewidth=0.8)
        axes["output"].set(title="its answer", xlabel="time (s)")
        axes["weight"].set(title="its mean weight", xlabel="update")
        axes["spectrum"].set(title="its eigenvalues", xlabel="real part", ylabel="imaginary")
        axes["states"].set(
            title="its path in the trial", xlabel="component 1", ylabel="component 2"
        )
        axes["output"].legend(fontsize=8)
    return figure


def trial(axis: Axes, experiment: Experiment, found: xr.Dataset) -> None:
    """What the network receives, and what it must answer."""
    trials = held_out_trials(experiment)
    inputs = trials.inputs[with_a_change(trials)]
    for i, channel in enumerate(inputs.T):
        axis.plot(found.time, channel, color=INPUTS[i], linewidth=0.6, label=f"input {i + 1}")
    below = inputs.min() - 1.6 * np.ptp(found.target.values)
    axis.plot(found.time, found.target + below - found.target.min(), "--", color=TARGET)
    axis.annotate("right answer", (0, below), (0, -12), textcoords="offset points", fontsize=8)
    axis.set(title=f"the task: {experiment.name}", xlabel="time (s)", yticks=[])
    axis.margins(y=0.15)
    axis.legend(fontsize=8, loc="upper right")


def drawing(axis: Axes, rng: np.random.Generator) -> None:
    """Units in a ring, some of their connections, inputs from the left and the output to the
    right.
    """
    axis.set(aspect="equal", xlim=(-2, 2), ylim=(-1.8, 1.6), title="the network")
    axis.set_axis_off()
    angles = np.linspace(0, 2 * np.pi, UNITS, endpoint=False)
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for i, j in rng.integers(UNITS, size=(26, 2)):
        if i != j:
            arrow(axis, places[j], places[i], connectionstyle="arc3,rad=0.15", color=GREY)
    for place in places:
        axis.add_patch(Circle(place, 0.1, facecolor="white", edgecolor="black", zorder=3))
    arrow(axis, (-1.95, 0), (-1.2, 0), color="black", linewidth=1.5)
    arrow(axis, (1.2, 0), (1.95, 0), color="black", linewidth=1.5)
    for x, text in ((-1.6, "inputs"), (1.6, "output")):
        axis.text(x, 0.12, text, ha="center", fontsize=9)
    axis.text(0, -1.55, "only the weights in the ring are trained", ha="center", fontsize=9)


def arrow(axis: Axes, start: tuple, end: tuple, **style) -> None:
    """From one place to another."""
    look = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 6, "shrinkB": 6, **style}
    axis.add_patch(FancyArrowPatch(start, end, **look))
