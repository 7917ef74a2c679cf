"""Figures of the chapter on architectures."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, ScalarFormatter

from studies.architectures.claims import KINDS, Kinds, common_layout, growth_rates
from studies.architectures.experiments import ARCHITECTURES
from studies.architectures.random_matrices import CORRELATIONS
from studies.counting.experiments import in_bits, in_words
from studies.style import TARGET, UNTRAINED, panels
from taskrnn.analysis.statistics import finite, interval

FAMILIES = dict(zip(CORRELATIONS, ("#0072B2", "#E69F00", "#CC79A7"), strict=True))
BITS = ("#56B4E9", "#009E73", "#0072B2", "#000000")  # of memories, by their number less one
OTHERS = dict(zip(ARCHITECTURES, ("#D55E00", "#CC79A7", "#009E73"), strict=True))
COUNTS = (1, 3, 9, 27, 81)


def quadrants(
    found: xr.Dataset,
    memories: Mapping[int, xr.Dataset],
    rates: Mapping[int, xr.Dataset],
    random: Mapping[int, xr.Dataset],
) -> Figure:
    """How points multiply against how perturbations grow: random families, and memories beside
    random networks of their moments.

    Parameters
    ----------
    found : Dataset, `studies.architectures.random_matrices.families`
    memories, rates, random : what `studies.architectures.claims.g10` takes
    """
    with panels(1, 2, size=(9.2, 3.9)) as (figure, axes):
        left, right = axes[0]
        for correlation, colour in FAMILIES.items():
            y = growth_rates(found, correlation)
            x = found.exponent.sel(correlation=correlation).max("draw").values
            left.plot(x, y, "o", color=colour, markersize=4, alpha=0.6, label=KINDS[correlation])
            middle, low, high = interval(finite(y))[:3]
            if np.isfinite(low):
                ends = [[middle - low], [high - middle]]
                centre = np.nanmedian(x) if np.isfinite(x).any() else np.nan
                left.errorbar(centre, middle, ends, color=colour, fmt="D", markersize=6, capsize=3)
        left.axhline(0, color=TARGET, linewidth=0.8)
        left.xaxis.set_major_locator(MaxNLocator(5))
        size = int(found["size"][-1])
        left.set(
            xlabel=f"largest exponent of a batch, N = {size} (1/tau)",
            ylabel="growth of ln(mean number of points)\n(1/unit)",
            title="random networks with inhibition",
        )
        left.legend(fontsize=8, title="weights", title_fontsize=8)
        for bits, of in memories.items():
            colour = BITS[bits - 1]
            x = rates[bits].exponent.sel(drive="zero input").values
            right.plot(x, of.found.sel(case="after"), "o", color=colour, markersize=5, alpha=0.7)
            drawn = random[bits]
            right.plot(
                drawn.exponent.values.ravel(),
                drawn.points.where(drawn.points > 0).values.ravel(),
                "x",
                color=colour,
                markersize=4,
                alpha=0.5,
            )
        right.set(yscale="log", xlabel="largest exponent at zero input (1/tau)")
        right.set(ylabel="fixed points at zero input", title="memories, and random networks")
        count_ticks(right, top=3 ** max(memories))
        handles = [dot(BITS[bits - 1], in_bits(bits)) for bits in memories]
        handles += [dot(UNTRAINED, "trained"), dot(UNTRAINED, "random, same moments", marker="x")]
        right.legend(handles=handles, fontsize=8)
        for axis in axes[0]:
            axis.axvline(0, color=TARGET, linewidth=0.8)
            axis.annotate(
                " chaos \N{RIGHTWARDS ARROW}",
                (0, 0.96),
                xycoords=("data", "axes fraction"),
                fontsize=8,
            )
    return figure


def dot(colour: str, label: str, *, marker: str = "o") -> Line2D:
    """A mark for a legend."""
    return Line2D([], [], color=colour, marker=marker, linestyle="", markersize=5, label=label)


def count_ticks(axis: Axes, *, top: int) -> None:
    """Powers of three on a logarithmic axis of numbers of points."""
    ticks = [n for n in COUNTS if n <= top]
    axis.set_yticks(ticks, [str(n) for n in ticks])
    axis.set_yticks([], minor=True)
    axis.set_ylim(0.75, 1.5 * top)


def mean_numbers(found: xr.Dataset, symmetric: xr.Dataset) -> Figure:
    """Mean numbers of points of random families against size, and of networks with symmetric signs.

    Parameters
    ----------
    found, symmetric : Dataset, `studies.architectures.random_matrices.families` and
        `sign_symmetric`
    """
    with panels(1, 2, size=(9.2, 3.4)) as (figure, axes):
        left, right = axes[0]
        for correlation, colour in FAMILIES.items():
            mean = found.points.sel(correlation=correlation).mean("draw", skipna=False)
            sizes, values = found["size"].values, mean.transpose("network", "size").values
            left.plot(sizes, values.T, color=colour, linewidth=0.7, alpha=0.35)
            average = np.nanmean(values, axis=0) if np.isfinite(values).any() else values[0]
            left.plot(sizes, average, "o-", color=colour, linewidth=2, label=KINDS[correlation])
        left.set(yscale="log", xlabel="units N", ylabel="mean number of fixed points")
        left.set_xticks(sizes)
        left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        left.yaxis.set_major_formatter(ScalarFormatter())
        left.yaxis.set_minor_locator(NullLocator())
        left.set_title("with inhibition: batches thin, all thick")
        left.legend(fontsize=8, title="weights", title_fontsize=8)
        cells = [(gain, c) for gain in symmetric.gain.values.tolist() for c in CORRELATIONS]
        for place, (gain, correlation) in enumerate(cells):
            points = symmetric.points.sel(gain=gain, correlation=correlation)
            values = points.mean("draw", skipna=False).values
            colour = FAMILIES[correlation]
            right.plot(
                np.full(len(values), place), values, "o", color=colour, markersize=3, alpha=0.5
            )
            middle, low, high = interval(finite(values))[:3]
            if np.isfinite(low):
                ends = [[middle - low], [high - middle]]
                right.errorbar(place + 0.2, middle, ends, color=colour, fmt="D", capsize=3)
        right.axhline(1, color=TARGET, linewidth=0.8)
        gains = symmetric.gain.values
        middles = len(CORRELATIONS) * (np.arange(len(gains)) + 0.5) - 0.4
        right.set_xticks(middles, [f"{gain:g}" for gain in gains])
        right.set(ylabel="mean number of fixed points", xlabel="gain")
        right.set_title("symmetric signs, colours as on the left")
    return figure


def other_architectures(
    references: Mapping[str, xr.DataArray], found: Mapping[str, Kinds]
) -> Figure:
    """Points and largest exponents of every trained network of other architectures, by task.

    Parameters
    ----------
    references, found : what `studies.architectures.claims.u1a` takes
    """
    tasks = list(references)
    with panels(1, 2, size=(9.2, 3.6)) as (figure, axes):
        left, right = axes[0]
        top = 1.0
        for place, task in enumerate(tasks):
            layout = common_layout(references[task])
            if layout is not None:
                n = float(layout.sum("direction").max())
                top = max(top, n)
                left.plot([place - 0.4, place + 0.4], [n, n], color=TARGET, linewidth=1)
            for step, (kind, of) in enumerate(found[task].items()):
                n_networks = of.sizes["network"]
                x = place + 0.25 * (step - 1) + np.linspace(-0.08, 0.08, n_networks)
                most = of.found.max("input", skipna=False)
                look = {"color": OTHERS[kind], "markersize": 4, "alpha": 0.7, "linestyle": ""}
                label = kind if place == 0 else None
                left.plot(x, most.sel(case="before"), marker="_", **look | {"alpha": 0.5})
                left.plot(x, most.sel(case="after"), marker="o", label=label, **look)
                right.plot(x, of.exponent.values, marker="o", **look)
                top = max(top, float(most.max()) if most.notnull().any() else 1.0)
        left.plot([], [], "_", color=UNTRAINED, label="untrained")
        left.plot([], [], color=TARGET, linewidth=1, label="most ReLU networks")
        left.set(yscale="log", ylabel="most fixed points at one input", title="fixed points")
        count_ticks(left, top=max(3, int(top)))
        left.legend(fontsize=8)
        right.axhline(0, color=TARGET, linewidth=0.8)
        right.set(ylabel="largest exponent (1/tau)", title="growth of a small perturbation")
        for axis in axes[0]:
            axis.set_xticks(
                range(len(tasks)), [in_words(task).replace(" of ", "\nof ") for task in tasks]
            )
            axis.set_xlabel("task")
    return figure
