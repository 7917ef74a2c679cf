"""One small figure for each question: every network in the statistics that answer it."""

import textwrap
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.criteria import CLAIMS
from studies.ledger import Result
from studies.style import INPUTS, UNTRAINED, dot_size, panels

ROW, HEAD = 0.36, 0.75  # inches for a statistic, and for the title and axis of a panel
WIDE = 30.0  # a ratio of the largest to the smallest number that asks for a logarithmic axis
LINE = 46  # characters of a statistic's name


def answers(results: Mapping[str, Result], question: str) -> Figure:
    """The statistics of all claims that answer a question: networks, mean and interval, null.

    Parameters
    ----------
    results : {claim: Result}, those that this build has judged
    question : str, of `studies.criteria.QUESTIONS`
    """
    judged = [results[c.id] for c in CLAIMS.values() if c.question == question and c.id in results]
    heights = [HEAD + ROW * len(result.statistics) for result in judged]
    with panels(
        len(judged), 1, size=(8.5, sum(heights)), gridspec_kw={"height_ratios": heights}
    ) as (figure, axes):
        for (axis,), result in zip(axes, judged, strict=True):
            statistics(axis, result)
    return figure


def statistics(axis: Axes, result: Result) -> None:
    """One row for each statistic of a claim."""
    names = [textwrap.fill(row.name, LINE) for row in result.statistics]
    known = [value for row in result.statistics for value in (*row.values, *row.null)]
    known = np.array([value for value in known if np.isfinite(value)])
    if len(known) and known.min() > 0 and known.max() > WIDE * known.min():
        axis.set_xscale("log")
    for place, row in enumerate(result.statistics):
        size = dot_size(len(row.values), largest=5)
        for values, at, colour in ((row.null, 0.2, UNTRAINED), (row.values, -0.1, INPUTS[0])):
            if len(values):
                heights = np.full(len(values), place + at)
                axis.plot(values, heights, "o", ms=size, mfc="none", mec=colour, alpha=0.7)
        mean, low, high = row.interval[:3]
        if np.isfinite(low):
            axis.plot([low, high], [place - 0.1] * 2, color="black", linewidth=2.2)
            axis.plot(mean, place - 0.1, "|", color="black", ms=9)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(axis="x", alpha=0.3)
    axis.set_title(f"{result.claim}: {result.verdict}", fontweight="bold")
    null = f"; grey, {result.null_name}" if any(row.null for row in result.statistics) else ""
    axis.set_xlabel(f"the statistic, in its unit{null}", fontsize=8)
