"""The questions with which the note ends, and the claims that answer them."""

from collections.abc import Mapping

from studies.criteria import CLAIMS, QUESTIONS
from studies.judging.front_page import NOT_ANALYSED


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
