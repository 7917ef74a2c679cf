"""The questions with which the note ends, and the claims that answer them."""

from collections.abc import Mapping
from pathlib import Path

from studies import ledger, provenance
from studies.criteria import CLAIMS, QUESTIONS
from studies.marks import NOT_ANALYSED


def judged(*, data: str | Path, profile: str) -> dict[str, ledger.Result]:
    """The results of this build by claim; the line under a figure says that it is made of them."""
    results = ledger.recorded(data=data, profile=profile)
    verdicts = f"{len(results)} verdicts of its chapters"
    provenance.made_from(f"profile {profile}; {verdicts}; commit {provenance.commit()}")
    return results


class QuestionTable:
    """Each question with its claims and how they stand. A ladder of tasks has a word of its own, so
    no word is made of all of them.

    words : {claim: word}
    """

    def __init__(self, words: Mapping[str, str]):
        self.words = words

    def _repr_markdown_(self) -> str:
        lines = ["| question | what was claimed, and how it stands |", "| --- | --- |"]
        for name, sentence in QUESTIONS.items():
            answers = "<br>".join(
                f"[{claim.id}]({claim.chapter}.md) {claim.sentence}: "
                f"**{self.words.get(claim.id, NOT_ANALYSED)}**"
                for claim in CLAIMS.values()
                if claim.question == name
            )
            lines.append(f"| {sentence} | {answers} |")
        return "\n".join(lines)
