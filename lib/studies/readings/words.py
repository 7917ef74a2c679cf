"""The words of all claims under all readings, as a table of signs."""

from collections.abc import Sequence
from html import escape

from studies.in_markdown import InMarkdown
from studies.marks import MARKS, in_colour
from studies.readings.summary import NOT_JUDGED, claims_in, name, word
from studies.tables import number


class Words(InMarkdown):
    """Claims from left to right, readings from top to bottom; in each place the sign of the word,
    on a coloured ground where it is another than under the first reading, the recovered recipe.
    Who points at a sign gets the number behind it.
    """

    def __init__(self, found: Sequence[dict]):
        self.found = found

    def _repr_markdown_(self) -> str:
        if not self.found:
            return "None was run."
        claims = claims_in(self.found)
        lines = [f"| reading | {' | '.join(claims)} |", f"| --- {'| :-: ' * len(claims)}|"]
        for of in self.found:
            cells = (self.cell(of, claim) for claim in claims)
            lines.append(f"| {name(of)} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def cell(self, of: dict, claim: str) -> str:
        """The sign of one word, with what is behind it as a title."""
        said = word(of, claim)
        if said == NOT_JUDGED:
            return "-"
        other = " other" if said != word(self.found[0], claim) else ""
        title = escape(f"{claim}, {name(of)}: {said}. {behind(of['claims'][claim])}")
        style = f'class="word{other}" style="{in_colour(said)}"'
        return f'<span {style} title="{title}">{MARKS[said][0]}</span>'


def behind(result: dict) -> str:
    """The first statistic of a claim under one reading, in words."""
    first = result["statistics"][0]
    mean, low, high = map(number, first["interval"][:3])
    null = "" if first["null"] is None else f", null {number(first['null'])}"
    said = f"{first['name']}: {mean} ({low} to {high}){null}".replace("|", "/")
    return f"{said}; holds in {first['holds']} of {first['networks']} networks."
