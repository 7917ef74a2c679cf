"""Figures of the chapter on chaos and stability."""

import numpy as np
from matplotlib.figure import Figure

from taskrnn.figures.style import MEAN, TASKS, UNTRAINED, each_network, mean_of_whole, panels
from taskrnn.statistics import Interval, interval


def spectra(exponents: dict[str, dict[str, np.ndarray]]) -> Figure:
    """The whole spectrum of every network before and after training; {task: {"before" or "after": (network, number)}}, 1/tau."""
    with panels(1, len(exponents), size=(8.4, 3.4), sharey=True) as (figure, axes):
        for axis, (task, pair) in zip(axes[0], exponents.items(), strict=True):
            for when, values in pair.items():
                share = (np.arange(values.shape[1]) + 0.5) / values.shape[1]
                colour = TASKS[task] if when == "after" else UNTRAINED
                each_network(axis, share, np.where(np.isfinite(values), values, np.nan), color=colour, label=f"{when} training")
            axis.axhline(0, color="black", linestyle="--", linewidth=1)
            axis.set(title=task, xlabel="number of the exponent, of all")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("Lyapunov exponent (1/tau)")
    return figure


def convergence(estimates: dict[str, dict[str, np.ndarray]], *, taus: np.ndarray) -> Figure:
    """Estimate of the largest exponent from the run so far; {task: {"before" or "after": (network, sample)}}, 1/tau."""
    with panels(1, len(estimates), size=(8.4, 3.0), sharey=True) as (figure, axes):
        for axis, (task, pair) in zip(axes[0], estimates.items(), strict=True):
            for when, values in pair.items():
                each_network(axis, taus, values, color=TASKS[task] if when == "after" else UNTRAINED, label=f"{when} training")
            axis.set(title=task, xlabel="length of the run (tau)")
            axis.legend(fontsize=8)
        axes[0][0].set_ylabel("largest exponent (1/tau)")
    return figure


def phases(growth: dict[str, np.ndarray], diverging: dict[str, np.ndarray], *, gains: np.ndarray, input_sds: np.ndarray) -> Figure:
    """Mean growth rate over gain and input, where it is zero, and where activity has no bound.

    Parameters
    ----------
    growth : {activation: (network, gain, input)}, 1/tau
    diverging : {activation: (gain, input)}, share of networks whose activity diverges
    gains, input_sds : ndarray (gain,) and (input,)
    """
    with panels(1, len(growth), size=(8.6, 3.6), sharey=True) as (figure, axes):
        reach = np.nanquantile(np.abs(np.concatenate([g.ravel() for g in growth.values()])), 0.95)
        # Equal steps for inputs that double: where there is none is not far from where there is little.
        places = np.arange(len(input_sds))
        for axis, (name, values) in zip(axes[0], growth.items(), strict=True):
            # A network whose activity overflows has no rate, and the others' mean is shown.
            mean = np.ma.masked_invalid(values).mean(axis=0).filled(np.nan).T
            image = axis.pcolormesh(gains, places, mean, cmap="RdBu_r", vmin=-reach, vmax=reach, shading="nearest")
            axis.contour(gains, places, mean, levels=[0], colors="black", linewidths=1.5)
            where = np.argwhere(diverging[name].T > 0.5)
            axis.plot(gains[where[:, 1]], where[:, 0], "x", color="black", markersize=5)
            axis.set(title=name, xlabel="gain g")
            axis.set_yticks(places, [f"{sd:g}" for sd in input_sds])
        axes[0][0].set_ylabel("standard deviation of the input")
        axes[0][0].plot([], [], color="black", label="zero")
        axes[0][0].plot([], [], "x", color="black", linestyle="", label="activity without bound")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
        figure.colorbar(image, ax=axes[0], label="largest exponent (1/tau)")
    return figure


def equilibria(
    ln_means: dict[str, np.ndarray], sizes: dict[str, np.ndarray], rates: dict[str, list[Interval]], exponents: np.ndarray, *, gains: np.ndarray
) -> Figure:
    """ln of the mean number of equilibria against the number of units, and its slope beside the largest exponent.

    Parameters
    ----------
    ln_means : {activation: (gain, size)}
    sizes : {activation: (size,)}
    rates : {how: one Interval for each gain}, of the growth of the mean number of equilibria of tanh networks with N
    exponents : ndarray (network, gain), 1/tau, tanh
    gains : ndarray (gain,)
    """
    shades = [str(shade) for shade in np.linspace(0.8, 0, len(gains))]
    with panels(1, 3, size=(9.5, 3.5)) as (figure, axes):
        for axis, (name, curves) in zip(axes[0], ln_means.items(), strict=False):
            for gain, curve, shade in zip(gains, curves, shades, strict=True):
                axis.plot(sizes[name], curve, "o-", color=shade, markersize=4, label=f"g = {gain:g}")
            axis.set(title=name, xlabel="units N", ylabel="ln(mean number of equilibria)")
            axis.set_xticks(sizes[name])
        axes[0][1].axhline(0, color=TASKS["decision"], linestyle="--", linewidth=1)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=len(gains), fontsize=8)
        last = axes[0][2]
        for (how, growths), look in zip(rates.items(), ("o", "s"), strict=True):
            middle, low, high = np.array([rate[:3] for rate in growths]).T
            bars = {"color": "black", "fillstyle": "none" if look == "s" else "full", "markersize": 5, "linewidth": 1, "capsize": 2}
            last.errorbar(gains, middle, [middle - low, high - middle], fmt=look, label=f"growth rate, {how} (1/unit)", **bars)
        large = [interval(column) for column in exponents.T]
        last.fill_between(gains, [l.low for l in large], [l.high for l in large], color=TASKS["perception"], alpha=0.3, linewidth=0)
        last.plot(gains, [l.mean for l in large], color=TASKS["perception"], label="largest exponent (1/tau)")
        last.axhline(0, color="black", linestyle="--", linewidth=1)
        last.set(title="tanh", xlabel="gain g", ylabel="rate")
        last.margins(y=0.3)
        last.legend(fontsize=8, loc="upper left")
    return figure


def attractors(dimension: np.ndarray, entropy: np.ndarray, *, gains: np.ndarray) -> Figure:
    """Kaplan-Yorke dimension and entropy rate, both for each unit, against the gain; (network, gain)."""
    labels = ("Kaplan-Yorke dimension / N", "entropy rate / N (nats per tau)")
    with panels(1, 2, size=(8, 3.2)) as (figure, axes):
        for axis, values, label in zip(axes[0], (dimension, entropy), labels, strict=True):
            each_network(axis, gains, values, color=TASKS["perception"], label="networks", marker=".")
            axis.plot(gains, mean_of_whole(values), color="black", label="mean", **MEAN)
            axis.set(xlabel="gain g", ylabel=label)
        axes[0][0].legend(fontsize=8)
    return figure


def reservoirs(
    loss: dict[str, dict[str, np.ndarray]], exponent: dict[str, dict[str, np.ndarray]], trained: dict[str, np.ndarray], *, gains: np.ndarray
) -> Figure:
    """Test loss of reservoirs against the gain, beside that of the trained networks, and their largest exponents.

    Parameters
    ----------
    loss, exponent : {task: {activation: (network, gain)}}, the exponent driven, in 1/tau
    trained : {task: (network,)}
    gains : ndarray (gain,)
    """
    looks = {"ReLU": "-", "tanh": "--"}
    with panels(2, len(loss), size=(8.6, 5.6), sharex=True, sharey="row") as (figure, axes):
        for column, (task, kinds) in enumerate(loss.items()):
            top, bottom = axes[0][column], axes[1][column]
            top.set_yscale("log")
            for kind, values in kinds.items():
                colour = TASKS[task] if kind == "ReLU" else UNTRAINED
                each_network(top, gains, values, color=colour, label=f"reservoir, {kind}", linestyle=looks[kind])
                each_network(bottom, gains, exponent[task][kind], color=colour, linestyle=looks[kind])
            if np.isfinite(trained[task]).any():
                ends = np.nanmin(trained[task]), np.nanmax(trained[task])
                top.axhspan(*ends, color="black", alpha=0.25, linewidth=0.8, label="trained networks")
            top.set(title=task)
            bottom.axhline(0, color="black", linestyle="--", linewidth=1)
            bottom.set(xlabel="gain g")
        axes[0][0].set_ylabel("test loss")
        axes[1][0].set_ylabel("largest exponent, driven (1/tau)")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure
