"""The tables of the front page: all claims with their verdicts, and the hypotheses."""

from collections.abc import Mapping, Sequence

from studies.criteria import CLAIMS, HYPOTHESES
from studies.judging import standing
from studies.ledger import Result
from taskrnn.analysis.verdicts import SUPPORTED

NOT_ANALYSED = "not yet analysed"


def n_supported(results: Mapping[str, Result], kept: standing.Kept) -> int:
    """How many claims are supported, in this build and in every kept book."""
    words = standing.standing(standing.own_words(results), kept)
    return sum(word == SUPPORTED for word in words.values())


class VerdictTable:
    """All claims with their verdicts, as a table for the front page."""

    def __init__(self, results: dict[str, Result], kept: standing.Kept):
        self.results, self.kept = results, kept

    def _repr_markdown_(self) -> str:
        lines = [
            "| claim | figure or section | what is claimed | supported if | verdict |",
            "| --- | --- | --- | --- | --- |",
        ]
        for claim in CLAIMS.values():
            result = self.results.get(claim.id)
            verdict = f"**{result.verdict}**, {result.n_networks}" if result else NOT_ANALYSED
            if result and len({result.verdict, *result.parts.values()}) > 1:
                verdict += f" ({result.breakdown})"
            if result and (others := standing.otherwise(claim.id, result.verdict, self.kept)):
                verdict += f". **Does not stand**: {others}"
            if result and result.as_written:
                verdict += f" (by the criterion as written: {result.as_written})"
            cells = (
                f"[{claim.id}](book/{claim.chapter}.md)",
                claim.figure,
                claim.sentence,
                claim.decides,
                verdict,
            )
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines)


class HypothesisTable:
    """The headline hypotheses, each with what its claims amount to that stand."""

    def __init__(self, results: dict[str, Result], kept: standing.Kept):
        self.words = standing.standing(standing.own_words(results), kept)

    def _repr_markdown_(self) -> str:
        lines = ["| hypothesis | verdict | claims |", "| --- | --- | --- |"]
        for name, sentence in HYPOTHESES.items():
            verdicts = {
                c.id: self.words.get(c.id, NOT_ANALYSED)
                for c in CLAIMS.values()
                if c.hypothesis == name
            }
            claims = ", ".join(f"{claim} {verdict}" for claim, verdict in verdicts.items())
            lines.append(
                f"| **{name}** {sentence} | **{headline(list(verdicts.values()))}** | {claims} |"
            )
        return "\n".join(lines)


def headline(verdicts: Sequence[str]) -> str:
    """What the verdicts on its claims make of a hypothesis: all, some or none of them supported."""
    if NOT_ANALYSED in verdicts:
        return f"open, {verdicts.count(NOT_ANALYSED)} of {len(verdicts)} claims {NOT_ANALYSED}"
    n = verdicts.count(SUPPORTED)
    if n == len(verdicts):
        return SUPPORTED
    return f"partly supported, {n} of {len(verdicts)}" if n else "not supported"
