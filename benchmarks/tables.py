"""Medians with their spread, and tables on the screen."""

from collections.abc import Iterable
from statistics import median


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, least and largest, to four digits."""
    values = list(values)
    return {
        name: rounded(of(values)) for name, of in (("median", median), ("min", min), ("max", max))
    }


def rounded(value: float) -> float:
    """Four digits."""
    return float(f"{value:.4g}")


def show(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print(f"\n{title}")
    for name, *cells in (header, *rows):
        print(
            "  ".join(
                [
                    name.ljust(widths[0]),
                    *(cell.rjust(w) for cell, w in zip(cells, widths[1:], strict=True)),
                ]
            )
        )
