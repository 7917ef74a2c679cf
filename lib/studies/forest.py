"""A verdict as a picture: of each statistic every network, the mean with its interval, and the
null.

Plain SVG, so that it is sharp, small, and a part of the text, in the colour of the text.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from studies.tables import number

if TYPE_CHECKING:
    from studies.ledger import Statistic

WIDTH, LEFT, RIGHT, ROW, LINE = 640, 80, 560, 54, 20
LOOK = {"network": 'fill="#0072b2" fill-opacity="0.45"', "null": 'fill="none" stroke="#888"'}


def forest(rows: Sequence["Statistic"], *, null_name: str) -> str:
    """SVG on one line, a row for each statistic. Each row has a scale of its own, whose ends are
    written beside it, with a tick at 0: statistics have different units.
    """
    shown = [row for row in rows if np.isfinite([*row.values, *row.null]).any()]
    if not shown:
        return ""
    drawn = "".join(one(row, ROW * i) for i, row in enumerate(shown))
    height = ROW * len(shown) + 2 * LINE + 6  # below the last line of text
    said = "; ".join(f"{row.name}: mean {number(row.interval.mean)}" for row in shown)
    with_null = null_name if any(row.null for row in shown) else ""
    return (
        f'<svg class="forest" viewBox="0 0 {WIDTH} {height}" font-size="13" fill="currentColor" '
        f'style="display: block; width: 100%; max-width: {WIDTH + 64}px" role="img" '
        f'aria-label="{escape(said)}">{drawn}{legend(ROW * len(shown) + LINE, with_null)}</svg>'
    )


def without_drawing(markdown: str) -> str:
    """Markdown without the picture, for a terminal."""
    return re.sub(r"<div><svg.*</svg></div>\n\n", "", markdown)


def one(row: "Statistic", top: float) -> str:
    """One statistic: its name, above its scale."""
    mean, low, high = row.interval[:3]
    numbers = np.array([*row.values, *row.null, mean, low, high])
    numbers = numbers[np.isfinite(numbers)]
    least, most = numbers.min(), numbers.max()
    middle, below = top + 27, top + 41

    def x(value: float) -> float:
        share = (value - least) / (most - least) if most > least else 0.5
        return LEFT + share * (RIGHT - LEFT)

    parts = [
        f'<text x="{LEFT}" y="{top + 13}">{escape(row.name)}</text>',
        f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{number(least)}</text>',
        f'<text x="{RIGHT + 8}" y="{middle + 4}">{number(most)}</text>',
        f'<path class="scale" stroke="#888" d="M{LEFT} {middle}H{RIGHT}"/>',
    ]
    if least < 0 < most:
        parts.append(
            f'<path class="scale" stroke="#888" d="M{x(0):.1f} {middle - 9}V{middle + 9}"/>'
        )
    parts += [dot(x(v), middle, "network") for v in row.values if np.isfinite(v)]
    parts += [dot(x(v), below, "null") for v in row.null if np.isfinite(v)]
    if np.isfinite(low):
        line = f"M{x(low):.1f} {middle}H{x(high):.1f}"
        parts.append(f'<path class="interval" stroke="currentColor" stroke-width="3" d="{line}"/>')
    if np.isfinite(mean):
        parts.append(diamond(x(mean), middle))
    return "".join(parts)


def dot(x: float, y: float, kind: str) -> str:
    """A network, or one of the null."""
    return f'<circle class="{kind}" {LOOK[kind]} cx="{x:.1f}" cy="{y}" r="4"/>'


def diamond(x: float, y: float) -> str:
    """The mean."""
    return f'<path class="mean" d="M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"/>'


def legend(y: float, null_name: str) -> str:
    """What the marks are."""
    parts = [
        dot(LEFT, y - 4, "network"),
        f'<text x="{LEFT + 10}" y="{y}">a network</text>',
        diamond(LEFT + 100, y - 4),
        f'<text x="{LEFT + 112}" y="{y}">mean and its 95 % interval</text>',
    ]
    if null_name:
        said = escape(null_name.removeprefix("null "))
        parts += [
            dot(LEFT, y + LINE - 4, "null"),
            f'<text x="{LEFT + 10}" y="{y + LINE}">null: {said}</text>',
        ]
    return "".join(parts)
