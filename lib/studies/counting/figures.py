"""Figures of the chapter on numbers of points."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from studies.counting.claims import most_points
from studies.counting.experiments import in_bits
from studies.counting.measures import N_STARTS
from studies.interactive import Interactive
from studies.rotatable import Curve, rotatable
from studies.style import INPUTS, MANY, TARGET, UNTRAINED, each_dot, panels

TRAINED, SADDLE, RANDOM = "#0072B2", "#D55E00", "#CC79A7"
NEAR = 0.1  # of the points, in outputs: what is shown of trials
COLOURS = (TRAINED, "#009E73", "#D55E00", "#CC79A7")
CASES = {
    "after": ("trained", TRAINED, 0.0),
    "before": ("untrained", UNTRAINED, -0.12),
    "random change": ("random change", RANDOM, 0.12),
}


def numbers_of_points(
    memories: Mapping[int, xr.Dataset], ladders: Mapping[str, Mapping[int, xr.Dataset]]
) -> Figure:
    """Points of memories against their bits, and of tasks without memory against their dimension.

    Parameters
    ----------
    memories : {bits: `studies.counting.measures.points`}
    ladders : {name: {dimension: `studies.counting.measures.points_by_input`}}
    """
    bits = np.array(list(memories))
    with panels(1, 3, size=(9.5, 3.6), sharey=True) as (figure, axes):
        for axis, name in zip(axes[0], ("found", "stable"), strict=False):
            fine = np.linspace(bits.min() - 0.2, bits.max() + 0.2, 50)
            base = 3 if name == "found" else 2
            axis.plot(fine, float(base) ** fine, color=TARGET, linewidth=1, linestyle=":")
            axis.annotate(f"{base}$^k$", (fine[-1], base ** fine[-1]), fontsize=9)
            for case, (label, colour, shift) in CASES.items():
                n = np.array([of[name].sel(case=case).values for of in memories.values()]).T
                marks(axis, bits + shift, n, colour=colour, label=label)
            axis.set_xticks(bits)
            axis.set(xlabel="bits to remember, k", yscale="log")
            axis.set_title("all points" if name == "found" else "stable points")
        axes[0][0].set_ylabel("fixed points")
        for (name, ladder), colour, shift in zip(
            ladders.items(), COLOURS[1:], (-0.06, 0.06), strict=False
        ):
            dimension = np.array(list(ladder), dtype=float)
            n = most_points(ladder, "after")
            marks(axes[0][2], dimension * 2**shift, n, colour=colour, label=name)
            axes[0][2].set_xscale("log", base=2)
            axes[0][2].set_xticks(dimension, [f"{d:.0f}" for d in dimension])
        axes[0][2].set(xlabel="dimensions of the task, d", title="most points at one input")
        ticks = [1, 3, 9, 27, 81]
        axes[0][0].yaxis.set_major_locator(FixedLocator(ticks))
        axes[0][0].yaxis.set_minor_locator(NullLocator())
        axes[0][0].set_yticks(ticks, [str(tick) for tick in ticks])
        axes[0][0].set_ylim(0.7, 110)
        axes[0][0].legend(fontsize=8, loc="upper left")
        axes[0][2].legend(fontsize=8, loc="upper left")
    return figure


def marks(axis: Axes, x: np.ndarray, n: np.ndarray, *, colour: str, label: str) -> None:
    """One mark for each network (network, rung), beside each other where they are equal."""
    if len(n) > MANY:
        each_dot(axis, x, n, color=colour, label=label, width=0.1)
        return
    spread = np.linspace(-0.035, 0.035, len(n)) if len(n) > 1 else np.zeros(1)
    if axis.get_xscale() == "log" or x.max() > 4.5:
        places = x * 2 ** spread[:, None]
    else:
        places = x + spread[:, None]
    axis.plot(places.ravel(), n.ravel(), "o", color=colour, markersize=3.5, alpha=0.7, label=label)


def growth(found: Mapping[int, xr.Dataset]) -> Figure:
    """Largest exponents against the bits, without input and driven.

    Parameters
    ----------
    found : {bits: `studies.counting.measures.exponents`}
    """
    bits = np.array(list(found), dtype=float)
    with panels(1, 1, size=(5.5, 3.2)) as (figure, axes):
        axis = axes[0][0]
        drives = next(iter(found.values())).drive.values.tolist()
        for drive, colour, shift in zip(drives, COLOURS, (-0.08, 0.08), strict=False):
            rates = np.array([of.exponent.sel(drive=drive).values for of in found.values()]).T
            marks(axis, bits + shift, rates, colour=colour, label=drive)
        axis.axhline(0, color=TARGET, linewidth=0.8)
        axis.annotate("chaos above", (bits[0] - 0.3, 0.01), fontsize=8)
        axis.set_xticks(bits)
        low = np.nanmin([of.exponent.min() for of in found.values()], initial=-0.1)
        axis.set(
            xlabel="bits to remember, k",
            ylabel="largest exponent (1/tau)",
            xlim=(bits[0] - 0.4, bits[-1] + 0.4),
            ylim=(1.1 * low, max(0.1, -0.15 * low)),
        )
        axis.legend(fontsize=8)
    return figure


def saturation(memories: Mapping[int, xr.Dataset]) -> Figure:
    """How many different points the first starts of a search have found, a line for each trained
    network.

    Parameters
    ----------
    memories : {bits: `studies.counting.measures.points`}
    """
    with panels(1, 1, size=(5.5, 3.2)) as (figure, axes):
        axis = axes[0][0]
        for (bits, of), colour in zip(memories.items(), COLOURS, strict=False):
            for k, hits in enumerate(of.first_hit.values[:MANY]):
                # A network that was not measured has NaN.
                first = np.sort(hits[hits >= 0])
                label = in_bits(bits) if k == 0 else None
                count = np.arange(1, len(first) + 1)
                # The last start that is shown found nothing new.
                starts, found = np.append(first + 1, N_STARTS), np.append(count, len(first))
                axis.step(starts, found, where="post", color=colour, alpha=0.5, label=label)
        axis.set(
            xlabel="random starts", ylabel="different points found", xscale="log", yscale="log"
        )
        ticks = [1, 3, 9, 27, 81]
        axis.set_yticks(ticks, [str(tick) for tick in ticks])
        axis.legend(fontsize=8)
    return figure


def cube(found: xr.Dataset) -> Interactive:
    """The points of a memory in the space of three outputs, with saddles and trajectories.

    Parameters
    ----------
    found : Dataset, `studies.counting.measures.points` of a memory of up to three bits
    """
    return rotatable(
        lambda k: curves(found.isel(network=k)),
        found.sizes["network"],
        titles=["outputs of one trained network at zero input"],
        columns=1,
        hover="%{customdata[0]:.0f} unstable directions<extra>%{fullData.name}</extra>",
        axes=("output 1", "output 2", "output 3"),
    )


def curves(found: xr.Dataset) -> list[Curve]:
    """One network; see `cube`. Outputs that a memory of fewer bits lacks are 0."""

    def in_space(values: np.ndarray) -> np.ndarray:
        return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, 3 - values.shape[-1])])

    at, unstable = in_space(found.place.values), found.unstable.values
    drawn = []
    # Pulses and the way from rest lead far away from where a memory is kept.
    near = (found.trajectory >= found.place.min() - NEAR) & (
        found.trajectory <= found.place.max() + NEAR
    )
    paths = in_space(found.trajectory.where(near.all("output")).values)
    path = np.pad(paths, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).reshape(-1, 3)
    none = np.full((len(path), 1), np.nan)
    drawn.append(Curve(0, "trials without noise", UNTRAINED, path, none, width=1.5))
    lines = in_space(found.growing.transpose("point", "side", "output").values)
    ends = np.pad(lines, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)[unstable > 0]
    values = np.repeat(unstable[unstable > 0], 3)[:, None]
    drawn.append(Curve(0, "direction that grows most", SADDLE, ends.reshape(-1, 3), values))
    for name, kind, colour in (
        ("stable", unstable == 0, INPUTS[0]),
        ("1 unstable direction", unstable == 1, SADDLE),
        ("2 or more", unstable > 1, TARGET),
    ):
        values = unstable[kind][:, None]
        drawn.append(Curve(0, name, colour, at[kind], values, mode="markers"))
    return drawn
