"""The look that all figures share: colours that colour-blind readers tell apart, and how one or
many networks are drawn.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette.
TASKS = {"perception": "#0072B2", "decision": "#D55E00"}
INPUTS = ("#009E73", "#CC79A7")
TARGET = "#000000"
UNTRAINED = "#777777"
STATES = {"untrained": "before", "trained": "after"}  # names of the axis `when`
TRAINED_FIRST = dict(reversed(STATES.items()))
ONE_NETWORK = {"linewidth": 0.8, "alpha": 0.55}
MANY = 30  # more lines than this hide each other
# quantiles over networks, and how opaque the band between them is
BANDS = ((0.05, 0.95, 0.16), (0.25, 0.75, 0.36))
MEAN = {"linewidth": 2.2}

RC = {
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


@contextmanager
def panels(
    rows: int, columns: int, *, size: tuple[float, float], **options
) -> Iterator[tuple[Figure, list[list[Axes]]]]:
    """A figure with rows x columns axes, `size` in inches; not kept open, so that a page shows
    it once.
    """
    with plt.rc_context(RC):
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
        yield figure, axes
        plt.close(figure)


@contextmanager
def grid(
    n: int, columns: int, *, width: float = 8.5, height: float, **options
) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure with n axes, row after row, `height` inches each row; without n an empty one."""
    rows = max(math.ceil(n / columns), 1)
    with panels(rows, columns, size=(width, height * rows), **options) as (figure, axes):
        flat = [axis for row in axes for axis in row]
        for axis in flat[n:]:
            axis.set_axis_off()
        yield figure, flat[:n]


def each_network(
    axis: Axes, x: np.ndarray, curves: np.ndarray, *, color: str, label: str | None = None, **style
) -> None:
    """One thin line for each of up to `MANY` networks; of more, bands that hold 50 % and 90 % of
    them at every point.

    Parameters
    ----------
    axis : Axes
        Its scale is set before: on a logarithmic one a line ends where it falls to zero, and a band
        reaches down to it.
    x : ndarray (point,)
    curves : ndarray (network, point)
        A band is over the networks that have a value, and has a gap where none has or where its end
        is infinite.
    label : str, in the legend, once; it gets the bands' shares
    style : of the lines; the bands keep the style of the line at their edges
    """
    if len(curves) <= MANY:
        shown = np.where(curves > 0, curves, np.nan) if axis.get_yscale() == "log" else curves
        lines = axis.plot(x, shown.T, color=color, **ONE_NETWORK | style)
        plt.setp(lines[:1], label=label)
        return
    edge = {"edgecolor": (color, 0.5), "linewidth": 0.6, "linestyle": style.get("linestyle", "-")}
    for (low, high, opacity), name in zip(
        BANDS, (None, label and f"{label}, 50 % and 90 %"), strict=True
    ):
        ends = quantiles_over_networks(curves, (low, high))
        axis.fill_between(x, *ends, facecolor=(color, opacity), label=name, **edge)


def quantiles_over_networks(curves: np.ndarray, q: tuple[float, ...]) -> np.ndarray:
    """Quantiles (q, point) of (network, point) over the networks that have a value; NaN where
    none has one.
    """
    some = ~np.isnan(curves).all(axis=0)
    found = np.full((len(q), len(some)), np.nan)
    with np.errstate(invalid="ignore"):  # between two infinite values
        found[:, some] = np.nanquantile(curves[:, some], q, axis=0)
    return found


def mean_of_whole(curves: np.ndarray) -> np.ndarray:
    """Mean (point,) over the networks that have a value at every point, (network, point); NaN
    if none has.
    """
    whole = curves[np.isfinite(curves).all(axis=1)]
    return whole.mean(axis=0) if len(whole) else np.full(curves.shape[1], np.nan)


def mean_as_far_as_all(curves: np.ndarray) -> np.ndarray:
    """Mean (point,) over the networks that have any value, (network, point); NaN where one of
    them has none.
    """
    some = curves[np.isfinite(curves).any(axis=1)]
    return some.mean(axis=0) if len(some) else np.full(curves.shape[1], np.nan)


def each_dot(
    axis: Axes,
    places: np.ndarray,
    values: np.ndarray,
    *,
    color: str,
    label: str,
    width: float,
    **style,
) -> None:
    """Values (network, place) as one dot for each network, or as boxes of this width if they
    are too many for lines.
    """
    if len(values) <= MANY:
        axis.plot(
            np.tile(places, len(values)),
            values.ravel(),
            color=color,
            label=label,
            **{"linestyle": ""} | style,
        )
        return
    sides = np.asarray(places)[:, None] + width * np.array([-0.5, 0.5, np.nan])
    each_network(axis, sides.ravel(), np.repeat(values, 3, axis=1), color=color, label=label)


def dot_size(n_networks: int, *, largest: float) -> float:
    """Size of the marker of one network among many."""
    return largest * max(0.25, min(1, np.sqrt(MANY / max(n_networks, 1))))


def which_networks(n_networks: int) -> str:
    """Names the networks whose units are shown, where those of all would cover each other."""
    return "all networks" if n_networks <= MANY else f"first {MANY} of {n_networks} networks"
