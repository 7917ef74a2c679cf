"""Figures of the chapter on starts."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from studies.initialisation.claims import by_points, less_own
from studies.initialisation.experiments import IN_WORDS
from studies.initialisation.learning import EVERY
from studies.initialisation.starts import STARTS
from studies.style import TARGET, dot_size, panels
from taskrnn.analysis.statistics import interval

# Okabe and Ito's palette; what keeps the other network's trained weights is filled.
LOOKS = {
    "own": ("#777777", "o", "none"),
    "other": ("#0072B2", "o", "full"),
    "same loss": ("#D55E00", "D", "none"),
    "weights alone": ("#56B4E9", "s", "full"),
    "untrained": ("#009E73", "^", "none"),
    "shuffled": ("#E69F00", "v", "none"),
    "permuted": ("#CC79A7", "P", "full"),
}
FACTORS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


def differences(found: Mapping[str, xr.Dataset]) -> Figure:
    """Updates from every start over those from the own one: a mark for each network, and the mean
    with its interval, a panel for each task.

    Parameters
    ----------
    found : {task: `studies.initialisation.measures.learned`}
    """
    with panels(1, len(found), size=(10.5, 3.4), sharex=True, sharey=True) as (figure, [axes]):
        for axis, (task, of) in zip(axes, found.items(), strict=True):
            less = less_own(of)
            colours = {STARTS[start]: LOOKS[start][0] for start in less.start.values.tolist()}
            draw_rows(axis, less, colours)
            axis.set_title(IN_WORDS[task])
        limit(axes[0], *map(less_own, found.values()))
    return figure


def points(memory: xr.Dataset, fewer: xr.Dataset) -> Figure:
    """The same of the memory of two bits, by the number of points of the start.

    Parameters
    ----------
    memory, fewer : as `studies.initialisation.claims.by_points` takes them
    """
    less = by_points(memory, fewer).less
    looks = ("#CC79A7", "#009E73", LOOKS["other"][0], LOOKS["same loss"][0])
    colours = dict(zip(less.start.values.tolist(), looks, strict=True))
    with panels(1, 1, size=(6.4, 2.6)) as (figure, [[axis]]):
        draw_rows(axis, less, colours)
        limit(axis, less)
    return figure


def draw_rows(axis: Axes, less: xr.DataArray, colours: Mapping[str, str]) -> None:
    """A row for each start, from ln of the ratio (network, start); `colours` has their names."""
    rows = less.transpose("start", "network").values
    spread = np.linspace(-0.22, 0.22, rows.shape[1])
    axis.set_xscale("log")
    axis.axvline(1, color=TARGET, linewidth=0.8)
    for place, (values, colour) in enumerate(zip(rows, colours.values(), strict=True)):
        size = dot_size(len(values), largest=4)
        axis.plot(np.exp(values), place + spread, "o", color=colour, markersize=size, alpha=0.5)
        mean, low, high = np.exp(interval(values)[:3])
        axis.plot([low, high], [place, place], color=colour, linewidth=2.5)
        axis.plot(mean, place, "|", color=TARGET, markersize=13, markeredgewidth=1.8)
    axis.set_yticks(range(len(colours)), list(colours))
    axis.set_ylim(len(colours) - 0.5, -0.5)
    axis.set_xlabel("updates / updates of own start")
    axis.xaxis.set_major_locator(FixedLocator(FACTORS))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())


def limit(axis: Axes, *less: xr.DataArray) -> None:
    """Show all networks; a bar may go on beyond the axis."""
    known = np.concatenate([of.values[np.isfinite(of.values)] for of in less])
    axis.set_xlim(*np.exp([known.min(initial=-0.7) - 0.15, known.max(initial=0.7) + 0.15]))


def against_loss(found: Mapping[str, xr.Dataset], *, most: int) -> Figure:
    """Updates against the first loss, a mark for each start and network, a panel for each task.

    Parameters
    ----------
    found : {task: `studies.initialisation.measures.learned`}
    most : int, updates at which the count ends
    """
    with panels(1, len(found), size=(10.5, 4.2), sharey=True) as (figure, [axes]):
        for axis, (task, of) in zip(axes, found.items(), strict=True):
            axis.set(
                xscale="log",
                yscale="log",
                title=IN_WORDS[task],
                xlabel="first loss (mean squared error)",
            )
            shown = of.loss.values[np.isfinite(of.loss.values)]
            edge = 3 * shown.max(initial=1.0)  # where a loss is drawn that is infinite
            for start, text in STARTS.items():
                one = of.sel(start=start)
                look = marker(start, one.sizes["network"]) | {"label": text}
                loss, updates = one.loss.clip(max=edge), one.updates.clip(min=EVERY)
                axis.plot(loss, updates, alpha=0.8, **look)
            axis.axhline(most, color="0.6", linestyle=":", linewidth=1.2, label="count ends")
            ticks = [tick for tick in (10, 20, 50, 100, 200, 500) if tick <= most]
            axis.set_yticks(ticks, [f"{tick}" for tick in ticks])
            axis.set_yticks([], minor=True)
            axis.set_ylim(EVERY / 1.2, most * 1.2)
        axes[0].set_ylabel("updates until the task is learned")
        handles = axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def marker(start: str, n_networks: int) -> dict:
    """How the networks of a start are drawn."""
    colour, shape, fill = LOOKS[start]
    size = dot_size(n_networks, largest=5.5)
    return {
        "color": colour,
        "marker": shape,
        "fillstyle": fill,
        "linestyle": "",
        "markersize": size,
    }


def not_yet(found: Mapping[str, xr.Dataset], *, most: int) -> Figure:
    """Share of the networks that have not yet learned, against the updates, a line for each start;
    networks without such a start are left out.

    Parameters
    ----------
    found : {task: `studies.initialisation.measures.learned`}
    most : int, updates at which the count ends
    """
    asked = np.arange(0, most + 1, EVERY)
    with panels(1, len(found), size=(10.5, 3.9), sharex=True, sharey=True) as (figure, [axes]):
        for axis, (task, of) in zip(axes, found.items(), strict=True):
            for start, text in STARTS.items():
                one = of.sel(start=start)
                updates = one.updates.values[np.isfinite(one.updates.values)]
                ends = np.where(
                    one.reached.values[np.isfinite(one.updates.values)], updates, np.inf
                )
                left = [np.mean(ends > n) if len(ends) else np.nan for n in asked]
                style = "-" if LOOKS[start][2] == "full" else "--"
                axis.step(asked, left, style, where="post", color=LOOKS[start][0], label=text)
            axis.set(xlabel="update", title=IN_WORDS[task])
        axes[0].set_ylabel("share of networks still learning")
        handles = axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=3, fontsize=9)
    return figure
