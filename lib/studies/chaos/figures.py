"""Figures of the chapter on chaos and stability; datasets have a network axis."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from studies.chaos.summary import Rates, attractors_per_unit, known
from studies.style import MEAN, TASKS, UNTRAINED, each_network, mean_of_whole, panels
from taskrnn.analysis.statistics import finite, interval
from taskrnn.variables import WHEN


def spectra(spectra: dict[str, xr.Dataset]) -> Figure:
    """The whole spectrum of every network; {task: `studies.chaos.measures.spectrum`}."""
    with panels(1, len(spectra), size=(8.4, 3.4), sharey=True) as (figure, axes):
        for axis, (task, found) in zip(axes[0], spectra.items(), strict=True):
            for when in WHEN:
                values = finite(found.exponent.sel(when=when).values)
                share = (np.arange(values.shape[1]) + 0.5) / values.shape[1]
                colour = TASKS[task] if when == "after" else UNTRAINED
                each_network(axis, share, values, color=colour, label=f"{when} training")
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            axis.set(title=task, xlabel="number of the exponent, of all")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("Lyapunov exponent (1/tau)")
    return figure


def convergence(spectra: dict[str, xr.Dataset]) -> Figure:
    """Estimates of the largest exponent on the way; {task: `studies.chaos.measures.spectrum`}."""
    with panels(1, len(spectra), size=(8.4, 3.0), sharey=True) as (figure, axes):
        for axis, (task, found) in zip(axes[0], spectra.items(), strict=True):
            taus = found.time.max(["network", "when"]).values  # NaN in networks that diverge
            for when in WHEN:
                colour = TASKS[task] if when == "after" else UNTRAINED
                estimates = found.largest.sel(when=when).values
                each_network(axis, taus, estimates, color=colour, label=f"{when} training")
            axis.set(title=task, xlabel="length of the run (tau)")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("largest exponent (1/tau)")
    return figure


def phases(random: xr.Dataset) -> Figure:
    """Mean growth rate over gain and input, where it is zero, and where activity has no bound.

    Parameters
    ----------
    random : Dataset, `studies.chaos.random_networks`
        Activity has no bound where that of most networks diverges.
    """
    gains, input_sds = random.phase_gain.values, random.input_sd.values
    growth = random.growth.transpose("activation", "network", "phase_gain", "input_sd")
    diverging = (
        random.diverges.mean("network").transpose("activation", "input_sd", "phase_gain").values
    )
    with panels(1, len(growth), size=(8.6, 3.6), sharey=True) as (figure, axes):
        reach = np.nanquantile(np.abs(growth.values), 0.95)
        # Equal steps for inputs that double: none is not far from little.
        places = np.arange(len(input_sds))
        for axis, of, share in zip(axes[0], growth, diverging, strict=True):
            # A network whose activity overflows has no rate, and the others' mean is shown.
            mean = np.ma.masked_invalid(of.values).mean(axis=0).filled(np.nan).T
            colours = {"cmap": "RdBu_r", "vmin": -reach, "vmax": reach, "shading": "nearest"}
            image = axis.pcolormesh(gains, places, mean, **colours)
            axis.contour(gains, places, mean, levels=[0], colors="black", linewidths=1.5)
            where = np.argwhere(share > 0.5)
            axis.plot(gains[where[:, 1]], where[:, 0], "x", color="black", markersize=5)
            axis.set(title=of.activation.item(), xlabel="gain g")
            axis.set_yticks(places, [f"{sd:g}" for sd in input_sds])
        axes[0][0].set_ylabel("standard deviation of the input")
        axes[0][0].plot([], [], color="black", label="zero")
        axes[0][0].plot([], [], "x", color="black", linestyle="", label="activity without bound")
        legend = axes[0][0].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower center", ncols=2, fontsize=9)
        figure.colorbar(image, ax=axes[0], label="largest exponent (1/tau)")
    return figure


def equilibria(random: xr.Dataset, counted: Rates, formula: Rates) -> Figure:
    """ln of the mean number of equilibria against size, and its slope beside the largest exponent.

    Parameters
    ----------
    random : Dataset, `studies.chaos.random_networks`
    counted, formula : growth rates by `studies.chaos.summary`
    """
    gains, seen, exponents = random.gain.values, known(random), random.tanh_exponent
    counts = {"tanh": (seen.tanh_points, "size"), "ReLU": (seen.relu_points, "relu_size")}
    shades = [str(shade) for shade in np.linspace(0.8, 0, len(gains))]
    with panels(1, 3, size=(9.5, 3.5)) as (figure, axes):
        for axis, (name, (points, size)) in zip(axes[0], counts.items(), strict=False):
            sizes = points[size].values
            curves = np.log(points.mean(["network", "draw"]).transpose("gain", size).values)
            for gain, curve, shade in zip(gains, curves, shades, strict=True):
                axis.plot(sizes, curve, "o-", color=shade, markersize=4, label=f"g = {gain:g}")
            axis.set(title=name, xlabel="units N", ylabel="ln(mean number of equilibria)")
            axis.set_xticks(sizes)
        axes[0][1].axhline(0, color=TASKS["decision"], linestyle="--", linewidth=1)
        legend = axes[0][0].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower center", ncols=len(gains), fontsize=8)
        last, bars = axes[0][2], {"color": "black", "markersize": 5, "linewidth": 1, "capsize": 2}
        for how, growths, look in (("counted", counted, "o"), ("formula", formula, "s")):
            middle, low, high = np.array([rate[:3] for rate in growths.values()]).T
            bars |= {"fmt": look, "fillstyle": "none" if look == "s" else "full"}
            ends, name = [middle - low, high - middle], f"growth rate, {how} (1/unit)"
            last.errorbar(list(growths), middle, ends, label=name, **bars)
        mean, low, high = np.array(
            [interval(exponents.sel(gain=gain).values)[:3] for gain in gains]
        ).T
        last.fill_between(gains, low, high, color=TASKS["perception"], alpha=0.3, linewidth=0)
        last.plot(gains, mean, color=TASKS["perception"], label="largest exponent (1/tau)")
        last.axhline(0, color="black", linestyle="--", linewidth=1)
        last.set(title="tanh", xlabel="gain g", ylabel="rate")
        last.margins(y=0.3)
        last.legend(fontsize=8, loc="upper left")
    return figure


def attractors(random: xr.Dataset) -> Figure:
    """Kaplan-Yorke dimension and entropy rate of random networks, for each unit, by gain."""
    found = attractors_per_unit(random)
    labels = {
        "dimension": "Kaplan-Yorke dimension / N",
        "entropy": "entropy rate / N (nats per tau)",
    }
    with panels(1, 2, size=(8, 3.2)) as (figure, axes):
        for axis, (name, label) in zip(axes[0], labels.items(), strict=True):
            values, gains = found[name].values, found.gain.values
            each_network(
                axis, gains, values, color=TASKS["perception"], label="networks", marker="."
            )
            axis.plot(gains, mean_of_whole(values), color="black", label="mean", **MEAN)
            axis.set(xlabel="gain g", ylabel=label)
        axes[0][0].legend(fontsize=8)
    return figure


def reservoirs(reservoirs: dict[str, xr.Dataset]) -> Figure:
    """Test loss of reservoirs and of trained networks, and the reservoirs' largest exponents.

    Parameters
    ----------
    reservoirs : {task: `studies.chaos.reservoir`}
    """
    looks = {"ReLU": "-", "tanh": "--"}
    with panels(2, len(reservoirs), size=(8.6, 5.6), sharex=True, sharey="row") as (figure, axes):
        for column, (task, found) in enumerate(reservoirs.items()):
            top, bottom = axes[0][column], axes[1][column]
            top.set_yscale("log")
            for kind, style in looks.items():
                look = {"color": TASKS[task] if kind == "ReLU" else UNTRAINED, "linestyle": style}
                at, gains = found.sel(activation=kind), found.gain.values
                loss, exponent = (
                    of.transpose("network", "gain").values
                    for of in (at.squared_error, at.exponent.sel(drive="driven"))
                )
                each_network(top, gains, loss, label=f"reservoir, {kind}", **look)
                each_network(bottom, gains, exponent, **look)
            trained = found.own_squared_error.sel(when="after", readout="own").values
            if np.isfinite(trained).any():
                ends = np.nanmin(trained), np.nanmax(trained)
                band = {"color": "black", "alpha": 0.25, "linewidth": 0.8}
                top.axhspan(*ends, label="trained networks", **band)
            top.set(title=task)
            bottom.axhline(0, color="black", linestyle="--", linewidth=1)
            bottom.set(xlabel="gain g")
        axes[0][0].set_ylabel("test loss")
        axes[1][0].set_ylabel("largest exponent, driven (1/tau)")
        legend = axes[0][0].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower center", ncols=3, fontsize=9)
    return figure
