"""Figures that answer a question: every network in the statistics of its claims."""

import re
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.ledger import Result, Statistic
from studies.style import INPUTS, UNTRAINED, dot_size, panels

TEXT, ROW, HEAD = 0.14, 0.12, 0.75  # inches: a line, the space around it, title and axis
WIDE = 30.0  # a ratio of the largest to the smallest number that asks for a logarithmic axis
FAR = 100.0  # a size, with zero in between, that asks for an axis logarithmic on both sides
LINE = 46  # characters of a label, and half of those below an axis
# "memory, k = 1: largest exponent (1/tau)" has a case, what is measured, and a note.
NAME = re.compile(r"(?:(?P<case>.*): )?(?P<what>.*?)(?: \((?P<note>[^()]*)\))?")
# The quantity comes first in what is measured: ln(updates) in "ln(updates), start with 1 point".
QUANTITY = re.compile(r"(?:[^(]|\([^)]*\))+?(?=, | of | \(| less |$)")


def answers(results: Mapping[str, Result], *claims: str) -> Figure:
    """The statistics of claims: networks, mean and interval, null. Each quantity has an axis.

    Parameters
    ----------
    results : {claim: Result}, those that this build has judged
    claims : one that is not judged is left out; of none the figure is empty
    """
    shown = [
        (result, rows, *labels(rows))
        for result in (results[claim] for claim in claims if claim in results)
        for rows in by_quantity(result)
    ]
    heights = [
        HEAD + sum(ROW + TEXT * (1 + name.count("\n")) for name in names) for *_, names, _ in shown
    ]
    if not shown:
        return Figure(figsize=(8.5, HEAD))
    with panels(
        len(shown), 1, size=(8.5, sum(heights)), gridspec_kw={"height_ratios": heights}
    ) as (figure, axes):
        for (axis,), (result, rows, names, quantity) in zip(axes, shown, strict=True):
            statistics(axis, rows)
            axis.set_yticks(range(len(rows)), names, fontsize=8)
            null = f"; grey, {result.null_name}" if any(row.null for row in rows) else ""
            axis.set_xlabel(textwrap.fill(quantity + null, 2 * LINE), fontsize=8)
            if rows[0] is result.statistics[0]:
                axis.set_title(f"{result.claim}: {result.verdict}", fontweight="bold")
    return figure


def by_quantity(result: Result) -> list[list[Statistic]]:
    """The statistics of a claim, those together that are of one quantity."""
    found: dict[str, list[Statistic]] = {}
    for row in result.statistics:
        quantity = QUANTITY.match(NAME.fullmatch(row.name)["what"])[0]
        found.setdefault(quantity, []).append(row)
    return list(found.values())


def labels(rows: Sequence[Statistic]) -> tuple[list[str], str]:
    """A label for each of these statistics, and one for their axis: what they share stands there
    alone.
    """
    parts = [NAME.fullmatch(row.name).groupdict(default="") for row in rows]
    (what, *others), notes = ({of[part]: 0 for of in parts} for part in ("what", "note"))
    if others:
        return [textwrap.fill(row.name, LINE) for row in rows], QUANTITY.match(what)[0]
    if len(notes) == 1:
        (note,) = notes
        return [of["case"] for of in parts], f"{what} ({note})" if note else what
    both = (f"{of['case']} ({of['note']})".strip() for of in parts)
    return [textwrap.fill(each, LINE) for each in both], what


def statistics(axis: Axes, rows: Sequence[Statistic]) -> None:
    """One row for each statistic."""
    known = [value for row in rows for value in (*row.values, *row.null)]
    known = np.array([value for value in known if np.isfinite(value)])
    if len(known) and known.min() > 0 and known.max() > WIDE * known.min():
        axis.set_xscale("log")
    elif len(known) and known.min() <= 0 and np.abs(known).max() > FAR:
        axis.set_xscale("symlog", linthresh=1)
    for place, row in enumerate(rows):
        size = dot_size(len(row.values), largest=5)
        for values, at, colour in ((row.null, 0.2, UNTRAINED), (row.values, -0.1, INPUTS[0])):
            if len(values):
                heights = np.full(len(values), place + at)
                axis.plot(values, heights, "o", ms=size, mfc="none", mec=colour, alpha=0.7)
        mean, low, high = row.interval[:3]
        if np.isfinite(low):
            axis.plot([low, high], [place - 0.1] * 2, color="black", linewidth=2.2)
            axis.plot(mean, place - 0.1, "|", color="black", ms=9)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.grid(axis="x", alpha=0.3)
