"""The table of verdicts of the front page: each claim, with what decides it."""

from collections.abc import Mapping

from studies.criteria import CLAIMS, Claim
from studies.in_markdown import InMarkdown
from studies.judging import standing
from studies.ledger import Result, sentence_case
from studies.marks import NOT_ANALYSED
from studies.other_books import Kept, otherwise
from taskrnn.analysis.verdicts import SUPPORTED


def n_supported(results: Mapping[str, Result], kept: Kept) -> int:
    """How many claims are supported, in this build and in every kept book."""
    words = standing.standing(standing.own_words(results), kept)
    return sum(word == SUPPORTED for word in words.values())


class VerdictTable(InMarkdown):
    """All claims with their verdicts, as a table for the front page; what decides each unfolds."""

    def __init__(self, results: dict[str, Result], kept: Kept):
        self.results, self.kept = results, kept
        self.words = standing.standing(standing.own_words(results), kept)

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
        """How it stands, and where it came out otherwise."""
        if not (result := self.results.get(claim.id)):
            return NOT_ANALYSED
        said = f"**{self.words[claim.id]}**, {result.n_networks}"
        if others := otherwise(claim.id, result.verdict, self.kept):
            said += f". **Does not stand**: {result.verdict} in this build; {others}"
        if result.as_written:
            said += f" (by the criterion as written: {result.as_written})"
        return said
