"""All claims of the book in one picture, grouped by what the note proposes and asks."""

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from studies.criteria import CLAIMS, HYPOTHESES, QUESTIONS, Claim
from studies.in_markdown import InMarkdown
from studies.judging import standing
from studies.ledger import Result, Statistic, sentence_case
from studies.marks import MARKS, NOT_ANALYSED, in_colour
from studies.other_books import Kept
from studies.tables import number, spread
from taskrnn.analysis.statistics import of_known
from taskrnn.analysis.verdicts import SUPPORTED

FARTHEST = 100.0  # half-widths, at the ends of the scale
# Per cent of the width, where the scale begins and ends; book.css draws the null and the band to 1.
LEFT, RIGHT = 3.0, 88.0
APART = 14.0  # per cent of the width, between two names on one line


class Overview(InMarkdown):
    """Each hypothesis, question and further chapter with its claims as marks on a scale: the size
    of the effect in half-widths of its interval, and the word that stands as sign and colour.

    Style sheets place the marks (`book.css`); without them they stand one after another.
    """

    def __init__(self, results: dict[str, Result], kept: Kept):
        self.results = results
        self.words = standing.standing(standing.own_words(results), kept)

    def _repr_markdown_(self) -> str:
        lines = [f"| what the note proposes or asks | {scale()} |", "| --- | --- |"]
        for name, sentence in HYPOTHESES.items():
            claims = [claim for claim in CLAIMS.values() if claim.hypothesis == name]
            summary = headline([self.words.get(claim.id, NOT_ANALYSED) for claim in claims])
            lines.append(f"| **{name}** {sentence} **{summary}** | {self.marks(claims)} |")
        for name, sentence in QUESTIONS.items():
            claims = [claim for claim in CLAIMS.values() if claim.question == name]
            words = [self.words.get(claim.id, NOT_ANALYSED) for claim in claims]
            summary = f"{words.count(SUPPORTED)} of {len(words)} supported"
            lines.append(f"| **{name}** {sentence} **{summary}** | {self.marks(claims)} |")
        others = [c for c in CLAIMS.values() if not (c.hypothesis or c.question)]
        for chapter in dict.fromkeys(claim.chapter for claim in others):
            claims = [claim for claim in others if claim.chapter == chapter]
            link = f"[{sentence_case(chapter.replace('_', ' '))}](book/{chapter}.md)"
            lines.append(f"| Other claims of *{link}* | {self.marks(claims)} |")
        return "\n".join(lines)

    def marks(self, claims: Sequence[Claim]) -> str:
        """The claims on their scale; names that would cover each other get lines of their own."""
        places = {claim: place(effect(self.first(claim))) for claim in claims}
        ends: list[float] = []  # where the last name of each line stands
        found = []
        for claim in sorted(claims, key=places.__getitem__):
            free = (i for i, end in enumerate(ends) if places[claim] - end >= APART)
            line = next(free, len(ends))
            ends[line:] = [places[claim], *ends[line + 1 :]]
            found.append(self.mark(claim, f"--place: {places[claim]:.1f}%; --line: {line}"))
        return f'<span class="claims" style="--lines: {len(ends)}">{" ".join(found)}</span>'

    def mark(self, claim: Claim, style: str) -> str:
        """One claim: the sign of its word and its name, with what it says as a title."""
        word = self.words.get(claim.id, NOT_ANALYSED)
        said = escape(f"{word}: {claim.sentence}. {in_words(self.first(claim))}".replace("|", "/"))
        begin = f'<span class="claim" style="{in_colour(word)}; {style}" title="{said}">'
        return f"{begin}{MARKS[word][0]} [{claim.id}](book/{claim.chapter}.md)</span>"

    def first(self, claim: Claim) -> Statistic | None:
        """The first statistic of a claim, if it has been judged."""
        result = self.results.get(claim.id)
        return result.statistics[0] if result else None


def effect(row: Statistic | None) -> float:
    """How far the mean lies from its null, or from zero where it has none, in half-widths of its
    95 % interval; infinite where all networks have one number, and 0 where nothing is known.
    """
    if row is None or not math.isfinite(row.interval.mean):
        return 0.0
    null = of_known(np.mean, row.null) if row.null else 0.0
    away, half = abs(row.interval.mean - null), (row.interval.high - row.interval.low) / 2
    if not math.isfinite(away) or away == 0:
        return 0.0
    return away / half if half > 0 else math.inf


def place(effect: float) -> float:
    """Per cent of the width; the scale is logarithmic far from its begin, the null."""
    share = math.log1p(min(effect, FARTHEST)) / math.log1p(FARTHEST)
    return LEFT + (RIGHT - LEFT) * share


def in_words(row: Statistic | None) -> str:
    """The statistic for a reader who points at a mark."""
    if row is None:
        return ""
    null = f", null {number(of_known(np.mean, row.null))}" if row.null else ""
    return (
        f"{sentence_case(row.name)}: {number(row.interval.mean)} ({spread(row.interval)}){null}, "
        f"holds in {row.count} networks."
    )


def scale() -> str:
    """The numbers of the scale, and what the signs mean."""
    legend = " ".join(
        f'<span style="{in_colour(word)}">{sign} {word}</span>'
        for word, (sign, _) in MARKS.items()
        if word != NOT_ANALYSED
    )
    names = {0: "0", 1: "1", 3: "3", 10: "10", 30: "30", FARTHEST: f"≥ {FARTHEST:g}"}
    ticks = "".join(
        f'<span class="tick" style="--place: {place(x):.1f}%">{name}</span>'
        for x, name in names.items()
    )
    return f'<span class="words">{legend}</span><span class="claims scale">{ticks}</span>'


def headline(verdicts: Sequence[str]) -> str:
    """What the verdicts on its claims make of a hypothesis: all, some or none of them supported."""
    if NOT_ANALYSED in verdicts:
        return f"open, {verdicts.count(NOT_ANALYSED)} of {len(verdicts)} claims {NOT_ANALYSED}"
    n = verdicts.count(SUPPORTED)
    if n == len(verdicts):
        return SUPPORTED
    return f"partly supported, {n} of {len(verdicts)}" if n else "not supported"
