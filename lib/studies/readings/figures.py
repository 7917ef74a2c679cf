"""The words of all claims under all readings, as one picture."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studies.marks import MARKS
from studies.readings.summary import NOT_JUDGED, claims_in, word
from studies.style import panels


def matrix(found: Sequence[dict]) -> Figure:
    """Claims from left to right, readings from top to bottom; in each place the sign of the word,
    on its colour where it is another than that of the recovered recipe, the first row.
    """
    claims = claims_in(found)
    with panels(1, 1, size=(0.27 * max(len(claims), 4) + 3, 0.27 * len(found) + 0.8)) as (
        figure,
        [[axis]],
    ):
        for row, of in enumerate(found):
            for column, claim in enumerate(claims):
                said = word(of, claim)
                mark, colour = MARKS.get(said, ("-", "#5f5f5f"))
                other = said not in (word(found[0], claim), NOT_JUDGED)
                if other:
                    axis.add_patch(
                        Rectangle((column - 0.5, row - 0.5), 1, 1, color=colour, alpha=0.22, lw=0)
                    )
                weight = "bold" if other else "normal"
                axis.text(column, row, mark, color=colour, ha="center", va="center", weight=weight)
        axis.set(xlim=(-0.5, max(len(claims), 1) - 0.5), ylim=(max(len(found), 1) - 0.5, -0.5))
        axis.set_xticks(range(len(claims)), claims, rotation=90)
        names = [f"{of['point']} {of['name']}".strip() for of in found]
        axis.set_yticks(range(len(found)), names)
        axis.tick_params(length=0)
        axis.xaxis.tick_top()
    return figure
