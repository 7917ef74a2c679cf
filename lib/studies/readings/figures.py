"""The words and the numbers of all claims under all readings, as pictures."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studies.marks import MARKS
from studies.readings.summary import NOT_JUDGED, claims_in, word
from studies.style import panels

COLUMNS = 3


def matrix(found: Sequence[dict]) -> Figure:
    """Claims from left to right, readings from top to bottom; in each place the sign of the word,
    on its colour where it is another than that of the recovered recipe, the first row.
    """
    claims = claims_in(found)
    with panels(1, 1, size=(0.27 * max(len(claims), 4) + 3, 0.27 * len(found) + 0.8)) as (
        figure,
        [[axis]],
    ):
        for row, of in enumerate(found):
            for column, claim in enumerate(claims):
                said = word(of, claim)
                mark, colour = MARKS.get(said, ("-", "#5f5f5f"))
                other = said not in (word(found[0], claim), NOT_JUDGED)
                if other:
                    axis.add_patch(
                        Rectangle((column - 0.5, row - 0.5), 1, 1, color=colour, alpha=0.22, lw=0)
                    )
                weight = "bold" if other else "normal"
                axis.text(column, row, mark, color=colour, ha="center", va="center", weight=weight)
        axis.set(xlim=(-0.5, max(len(claims), 1) - 0.5), ylim=(max(len(found), 1) - 0.5, -0.5))
        axis.set_xticks(range(len(claims)), claims, rotation=90)
        axis.set_yticks(range(len(found)), names(found))
        axis.tick_params(length=0)
        axis.xaxis.tick_top()
    return figure


def effects(found: Sequence[dict]) -> Figure:
    """The first statistic of every claim under every reading: its mean, its interval, and the null,
    in the colour of the word.

    Each claim has a scale of its own, since statistics have different units.
    """
    claims = claims_in(found)
    rows = max(math.ceil(len(claims) / COLUMNS), 1)
    height = rows * (0.15 * len(found) + 0.7)
    with panels(rows, COLUMNS, size=(8.5, height), sharey=True) as (figure, axes):
        flat = [axis for row in axes for axis in row]
        for axis, claim in zip(flat, claims, strict=False):
            one(axis, found, claim)
        for axis in flat[len(claims) :]:
            axis.set_axis_off()
        for row in axes:
            row[0].set_yticks(range(len(found)), names(found), fontsize=8)
            row[0].set_ylim(max(len(found), 1) - 0.5, -0.5)
    return figure


def one(axis: Axes, found: Sequence[dict], claim: str) -> None:
    """A claim under every reading that judges it."""
    axis.set_title(claim)
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


def names(found: Sequence[dict]) -> list[str]:
    """The readings, each with its point in the table of readings."""
    return [f"{of['point']} {of['name']}".strip() for of in found]
