"""The numbers behind the words of claims under all readings, as a picture."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.marks import MARKS
from studies.readings.summary import claims_in, name, word
from studies.style import grid

COLUMNS = 3


def effects(found: Sequence[dict], claims: Sequence[str]) -> Figure:
    """The first statistic of claims under every reading: its mean, its interval, and the null, in
    the colour of the word.

    Each claim has a scale of its own, since statistics have different units.
    """
    claims = [claim for claim in claims if claim in claims_in(found)]
    height = 0.15 * len(found) + 0.9
    with grid(len(claims), COLUMNS, height=height, sharey=True) as (figure, axes):
        for axis, claim in zip(axes, claims, strict=True):
            one(axis, found, claim)
        for axis in axes[::COLUMNS]:
            axis.set_yticks(range(len(found)), [name(of) for of in found], fontsize=8)
            axis.set_ylim(len(found) - 0.5, -0.5)
    return figure


def one(axis: Axes, found: Sequence[dict], claim: str) -> None:
    """A claim under every reading that judges it."""
    axis.set_title(claim)
    judged = next(of["claims"][claim] for of in found if claim in of["claims"])
    axis.set_xlabel(fill(judged["statistics"][0]["name"], 32), fontsize=7)
    axis.locator_params(axis="x", nbins=3)
    axis.tick_params(axis="x", labelsize=8)
    for row, of in enumerate(found):
        if claim not in of["claims"]:
            continue
        first = of["claims"][claim]["statistics"][0]
        mean, low, high = first["interval"][:3]
        colour = MARKS[word(of, claim)][1]
        axis.plot([low, high], [row] * 2, "-", color=colour, lw=2)
        axis.plot(mean, row, "D", color=colour, markersize=4)
        if first["null"] is not None:
            axis.plot(
                first["null"], row, "o", color="#777777", markerfacecolor="none", markersize=4
            )
