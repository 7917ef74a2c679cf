"""Figures of the chapter on oscillations, and a sound."""

from html import escape

import numpy as np
import xarray as xr
from IPython.display import HTML, Audio
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal.windows import tukey

from studies.oscillation.claims import R2
from studies.style import TARGET, TASKS, each_dot, each_network, panels
from taskrnn.networks.rate import RateNetwork
from taskrnn.tasks.frequency import Frequency

SHOWN = slice(None, None, 3)  # inputs whose outputs are drawn
SECONDS = slice(15.0, 17.0)
APART = 0.45  # of the outputs of two inputs
SPEED = 200  # of the sound
LOUD = 0.2  # amplitude of an output that is played as loud as can be


def amplitudes(reports: dict[str, xr.Dataset], tasks: dict[str, Frequency]) -> Figure:
    """R2 against the amplitude of the test, one line for each network.

    Parameters
    ----------
    reports : {name: `studies.oscillation.measures.reports`} of two kinds of training
    tasks : {name: task}, which says with which amplitudes it was trained
    """
    with panels(1, 1, size=(6.4, 3.9)) as (figure, [[axis]]):
        # Equal steps for errors that grow tenfold, because R2 falls without bound.
        axis.set_yscale("log")
        for (name, found), colour in zip(reports.items(), TASKS.values(), strict=True):
            ends = dict.fromkeys(f"{a:g}" for a in (tasks[name].lowest, tasks[name].highest))
            label = f"trained with amplitude {' to '.join(ends)}"
            error = 1 - found.r2.transpose("network", "amplitude").values
            look = {"color": colour, "label": label, "marker": "o", "markersize": 3}
            each_network(axis, found.amplitude.values, error, **look)
            axis.set_xticks(found.amplitude.values)
        axis.axhline(1 - R2, color=TARGET, linestyle="--", linewidth=1, label=f"R2 = {R2:g}")
        low, high = axis.get_ylim()
        ticks = 10.0 ** np.arange(-4, 4)
        axis.set_yticks(ticks, [f"{1 - tick:.4g}" for tick in ticks])
        axis.set_ylim(max(high, 2.0), min(low, 0.005))  # the best on top
        axis.minorticks_off()
        axis.set(xlabel="amplitude of the sine in the test", ylabel="R2 of the answers")
        figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure


def tuning_fork(generated: xr.Dataset, found: xr.Dataset, *, network: RateNetwork) -> Figure:
    """Outputs of the first network, frequencies of all, and the eigenvalues at the points of the
    first, after training.

    Parameters
    ----------
    generated, found : Dataset
        `studies.oscillation.measures.generation` and `points`, at many inputs.
    network : settings of the networks
    """
    outputs, at = (of.sel(when="after") for of in (generated, found))
    with panels(1, 3, size=(9.6, 4.2), width_ratios=(1.15, 1, 1)) as (figure, axes):
        left, middle, right = axes[0]
        draw_outputs(left, outputs.isel(network=0))
        draw_frequencies(middle, outputs, at)
        draw_eigenvalues(right, at.isel(network=0), alpha=network.alpha)
    return figure


def colours_of(asked: xr.DataArray) -> np.ndarray:
    """A colour for each frequency (input,), from slow to fast."""
    return colormaps["viridis"](np.linspace(0, 0.9, asked.size))


def draw_outputs(axis: Axes, found: xr.Dataset) -> None:
    """The output of one network at some inputs, one above the other, less its mean."""
    shown = found.isel(input=SHOWN).sel(time=SECONDS)
    rows = APART * np.arange(shown.sizes["input"])
    swing = shown.output - shown.output.mean("time")
    for row, colour, z in zip(rows, colours_of(found.asked)[SHOWN], swing.values, strict=True):
        axis.plot(shown.time.values, row + z, color=colour)
    end = float(shown.time.values[-1]) + 0.08
    amplitude = float(found.asked_amplitude)
    axis.plot([end, end], rows[0] + amplitude * np.array([-1, 1]), color=TARGET, linewidth=2)
    axis.text(end + 0.04, rows[0], f"{2 * amplitude:g}", va="center", fontsize=8)
    axis.set_yticks(rows, [f"{f:.1f} Hz" for f in shown.asked.values])
    axis.set(title="network 0", xlabel="time (s)", ylabel="output at the input that asks for")


def draw_frequencies(axis: Axes, outputs: xr.Dataset, found: xr.Dataset) -> None:
    """Frequencies of the output and of the linear model against those of the task, all networks."""
    asked = found.asked.values
    looks = {
        "output": (outputs, {"color": TASKS["perception"], "marker": "o", "fillstyle": "none"}),
        "linear model": (found, {"color": TASKS["decision"], "marker": "x"}),
    }
    for place, (label, (of, look)) in zip((-1, 1), looks.items(), strict=True):
        frequency, beside = of.frequency.transpose("network", "input").values, place * 0.015
        each_dot(axis, asked + beside, frequency, label=label, width=0.05, markersize=4, **look)
    axis.plot(asked, asked, color=TARGET, linestyle="--", linewidth=1)
    axis.set(title="all networks", xlabel="frequency of the task (Hz)", ylabel="frequency (Hz)")
    axis.legend(fontsize=8, loc="upper left")


def draw_eigenvalues(axis: Axes, found: xr.Dataset, *, alpha: float) -> None:
    """The eigenvalues of D W at the points of one network, and the border beyond which they
    grow.
    """
    real, imaginary = (
        found[name].values for name in ("real_part", "imaginary_part")
    )  # (input, unit)
    grows = np.hypot(1 + alpha * (real - 1), alpha * imaginary) > 1
    axis.plot(real[~grows], imaginary[~grows], ".", color="0.75", markersize=2)
    colours = colours_of(found.asked)
    for each, colour in zip(range(len(real)), colours, strict=True):
        at = real[each][grows[each]], imaginary[each][grows[each]]
        axis.plot(*at, "o", color=colour, markersize=5)
    angle = np.linspace(-0.25, 0.25, 101)
    axis.plot(
        1 + (np.cos(angle) - 1) / alpha,
        np.sin(angle) / alpha,
        color=TARGET,
        linestyle="--",
        linewidth=1,
        label="border of growth",
    )
    for f, colour in list(zip(found.asked.values, colours, strict=True))[:: len(colours) - 1]:
        axis.plot([], [], "o", color=colour, markersize=5, label=f"input for {f:.1f} Hz")
    axis.set(title="network 0", xlabel="real part", ylabel="imaginary part of eigenvalues of D W")
    axis.legend(fontsize=8, loc="lower left")


def sound(generated: xr.Dataset) -> HTML:
    """The outputs of the first network after training, one input after the other, as a sound.

    Parameters
    ----------
    generated : Dataset, `studies.oscillation.measures.generation`
    """
    one = generated.isel(network=0).sel(when="after")
    swing = (one.output - one.output.mean("time")).transpose("input", "time").values
    notes = np.clip(np.nan_to_num(swing) / LOUD, -1, 1) * tukey(swing.shape[1], 0.2)
    rate = round(SPEED / float(np.diff(one.time.values[:2])[0]))
    wave = Audio(notes.ravel().astype(float), rate=rate, normalize=False).src_attr()
    text = (
        f"{len(notes)} tones, from the input for {float(one.asked[0]):.1f} Hz to that for "
        f"{float(one.asked[-1]):.1f} Hz, each {one.sizes['time'] / rate:.2f} s long and "
        f"{SPEED} times as fast as the network"
    )
    return HTML(f'<audio controls aria-label="{escape(text)}" src="{wave}"></audio>')
