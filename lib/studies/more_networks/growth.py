"""What a thousand networks cost, and what the words of claims become on the way."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.ledger import Result
from studies.marks import MARKS
from studies.style import grid
from taskrnn.analysis.statistics import interval, of_known

COLUMNS, POINTS, FEWEST = 3, 40, 5


def means(results: Mapping[str, Result], steps: Sequence[Mapping]) -> Figure:
    """The first statistic of every claim, of the first 5 networks to all of them: its mean, its
    95 % interval and the mean of the null; above, the sign of the word where it was judged.
    """
    with grid(len(results), COLUMNS, height=2.3) as (figure, axes):
        for axis, (claim, result) in zip(axes, results.items(), strict=True):
            one(axis, result)
            axis.set_title(claim)
            for step in steps:
                mark, colour = MARKS[step["words"][claim]]
                place = (step["networks"], 1.02)
                style = {"color": colour, "ha": "center", "va": "bottom"}
                axis.annotate(mark, place, xycoords=("data", "axes fraction"), **style)
    return figure


def one(axis: Axes, result: Result) -> None:
    """A claim: mean, interval and null of the first networks."""
    row = result.statistics[0]
    counts = np.unique(np.geomspace(FEWEST, max(len(row.values), FEWEST), POINTS).astype(int))
    found = [interval(np.array(row.values[:n])) for n in counts]
    ends = ([of.low for of in found], [of.high for of in found])
    axis.set(xscale="log", xlabel="networks")
    axis.set_ylabel(fill(row.name.removeprefix("perception: "), 28), fontsize=8)
    axis.fill_between(counts, *ends, color="#bbbbbb", lw=0)
    axis.plot(counts, [of.mean for of in found], "-", color="#000000")
    if row.null:
        nulls = [of_known(np.mean, row.null[:n]) for n in counts]
        axis.plot(counts, nulls, "--", color="#777777")


def costs(steps: Sequence[Mapping]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: what ever more networks cost."""
    header = [
        "networks",
        "trained anew",
        "training, s",
        "measures, s",
        "claims, s",
        "core-seconds",
        "memory here, MB",
        "in a worker, MB",
        "on disk, MB",
    ]
    names = ("core_seconds", "here_mb", "worker_mb", "disk_mb")
    return header, [
        [
            str(of["networks"]),
            str(of["trained"]),
            *(f"{of['seconds'][part]:,.0f}" for part in ("training", "measures", "claims")),
            *(f"{of[name]:,.0f}" for name in names),
        ]
        for of in steps
    ]


def answer(steps: Sequence[Mapping]) -> str:
    """Which words of the most networks fewer have not, and what one network costs."""
    if not steps:
        return "Nobody knows yet: they were not trained."
    last = steps[-1]
    sentences = []
    for of in steps[:-1]:
        other = [claim for claim, word in last["words"].items() if of["words"][claim] != word]
        said = f"other words than {last['networks']} in {', '.join(other)}"
        sentences.append(f"{of['networks']} networks have {said if other else 'the same words'}")
    said = f"{'; '.join(sentences)}."
    if len(steps) > 1 and last["trained"] == last["networks"] - steps[-2]["networks"]:
        each = last["core_seconds"] / last["trained"]
        said += f" One network more takes {each:.1f} core-seconds."
    return said
