"""The tables of the front page: all claims at a glance, and each with its criterion."""

from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt

from studies.criteria import CLAIMS, HYPOTHESES, QUESTIONS, Claim
from studies.judging import standing
from studies.ledger import Result, sentence_case
from studies.marks import MARKS, NOT_ANALYSED
from taskrnn.analysis.verdicts import SUPPORTED


def n_supported(results: Mapping[str, Result], kept: standing.Kept) -> int:
    """How many claims are supported, in this build and in every kept book."""
    words = standing.standing(standing.own_words(results), kept)
    return sum(word == SUPPORTED for word in words.values())


class VerdictTable:
    """All claims with their verdicts, as a table for the front page; what decides each unfolds."""

    def __init__(self, results: dict[str, Result], kept: standing.Kept):
        self.results, self.kept = results, kept

    def _repr_html_(self) -> str:
        # JupyterLab takes what folds out of Markdown.
        return MarkdownIt("commonmark").enable("table").render(self._repr_markdown_())

    def _repr_markdown_(self) -> str:
        lines = ["| claim | what is claimed | verdict |", "| --- | --- | --- |"]
        for claim in CLAIMS.values():
            cells = (
                f"[{claim.id}](book/{claim.chapter}.md)",
                f"{claim.sentence} {self.decided(claim)}",
                self.verdict(claim),
            )
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def decided(self, claim: Claim) -> str:
        """What decides a claim, where the note has it, and the words of its parts, folded."""
        said = f"Supported if: {claim.decides}. Figure or section of the note: {claim.figure}."
        result = self.results.get(claim.id)
        if result and len({result.verdict, *result.parts.values()}) > 1:
            said += f" {sentence_case(result.breakdown)}."
        return f"<details><summary>What decides {claim.id}</summary>{said}</details>"

    def verdict(self, claim: Claim) -> str:
        """How it came out, and where it came out otherwise."""
        if not (result := self.results.get(claim.id)):
            return NOT_ANALYSED
        said = f"**{result.verdict}**, {result.n_networks}"
        if others := standing.otherwise(claim.id, result.verdict, self.kept):
            said += f". **Does not stand**: {others}"
        if result.as_written:
            said += f" (by the criterion as written: {result.as_written})"
        return said


class Overview:
    """All claims in one table: each hypothesis, question and further chapter with the words of its
    claims that stand, in words and colour, as links.
    """

    def __init__(self, results: dict[str, Result], kept: standing.Kept):
        self.words = standing.standing(standing.own_words(results), kept)

    def _repr_markdown_(self) -> str:
        lines = ["| what the note proposes or asks | how its claims stand |", "| --- | --- |"]
        for name, sentence in HYPOTHESES.items():
            claims = [claim for claim in CLAIMS.values() if claim.hypothesis == name]
            summary = headline([self.words.get(claim.id, NOT_ANALYSED) for claim in claims])
            lines.append(f"| **{name}** {sentence} **{summary}** | {self.by_word(claims)} |")
        for name, sentence in QUESTIONS.items():
            claims = [claim for claim in CLAIMS.values() if claim.question == name]
            lines.append(f"| **{name}** {sentence} | {self.by_word(claims)} |")
        others = [c for c in CLAIMS.values() if not (c.hypothesis or c.question)]
        for chapter in dict.fromkeys(claim.chapter for claim in others):
            claims = [claim for claim in others if claim.chapter == chapter]
            link = f"[{sentence_case(chapter.replace('_', ' '))}](book/{chapter}.md)"
            lines.append(f"| Other claims of *{link}* | {self.by_word(claims)} |")
        return "\n".join(lines)

    def by_word(self, claims: Sequence[Claim]) -> str:
        """The claims with one word together, those nearest to the claim first."""
        found = []
        for word, (mark, colour) in MARKS.items():
            links = [
                f"[{claim.id}](book/{claim.chapter}.md)"
                for claim in claims
                if self.words.get(claim.id, NOT_ANALYSED) == word
            ]
            if links:
                own = f"var(--verdict-{word.replace(' ', '-')}, {colour})"
                shown = f'<span style="color: {own}">**{mark} {word}**</span>'
                found.append(f"{shown} {', '.join(links)}")
        return "<br>".join(found)


def headline(verdicts: Sequence[str]) -> str:
    """What the verdicts on its claims make of a hypothesis: all, some or none of them supported."""
    if NOT_ANALYSED in verdicts:
        return f"open, {verdicts.count(NOT_ANALYSED)} of {len(verdicts)} claims {NOT_ANALYSED}"
    n = verdicts.count(SUPPORTED)
    if n == len(verdicts):
        return SUPPORTED
    return f"partly supported, {n} of {len(verdicts)}" if n else "not supported"
