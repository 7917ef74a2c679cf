"""The claims with few and with many networks, side by side."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.ledger import Result
from studies.marks import MARKS
from studies.more_networks.comparison import in_all
from studies.style import grid
from taskrnn.analysis.statistics import of_known

COLUMNS = 3
FEW, MANY = "#777777", "#000000"


def forest(few: Mapping[str, Result], many: Mapping[str, Result]) -> Figure:
    """The first statistic of every claim: mean and 95 % interval of few networks above those of
    many, and the null.

    Each has a scale of its own, since statistics have different units.
    """
    claims = in_all({"few": few, "many": many})
    with grid(len(claims), COLUMNS, height=1.15) as (figure, axes):
        for axis, claim in zip(axes, claims, strict=True):
            one(axis, few[claim], many[claim])
    return figure


def one(axis: Axes, few: Result, many: Result) -> None:
    """A claim: its words, and both intervals."""
    for place, result, colour in ((1, few, FEW), (0, many, MANY)):
        row = result.statistics[0]
        axis.plot([row.interval.low, row.interval.high], [place] * 2, "-", color=colour, lw=2.5)
        axis.plot(row.interval.mean, place, "D", color=colour, markersize=5)
        null = of_known(np.mean, row.null)
        axis.plot(null, place, "o", color=colour, markerfacecolor="none", markersize=6)
        mark, shade = MARKS[result.verdict]
        axis.annotate(
            mark, (1.02, place), xycoords=("axes fraction", "data"), color=shade, va="center"
        )
    axis.set(yticks=[0, 1], ylim=(-0.6, 1.6), title=few.claim)
    axis.set_yticklabels([str(len(r.statistics[0].values)) for r in (many, few)], fontsize=8)
    axis.tick_params(axis="x", labelsize=8)
    axis.locator_params(axis="x", nbins=4)
