"""How the verdicts come out under other roundings and other constants, from what `python -m
benchmarks machines` kept.
"""

from collections.abc import Mapping, Sequence

from studies.criteria import CLAIMS
from studies.ledger import VERDICTS, Result
from studies.other_books import BASE, paper_runs, words
from taskrnn.analysis.verdicts import conjunction

Table = tuple[list[str], list[list[str]]]


def changed(runs: Mapping[str, Mapping]) -> dict[str, list[str]]:
    """Claims whose word is not that of the base in every run, with the runs in which it is
    another.
    """
    base = words(runs[BASE]) if runs else {}
    found = {
        claim: [name for name, run in runs.items() if words(run).get(claim) != word]
        for claim, word in base.items()
    }
    return {claim: names for claim, names in found.items() if names}


def rows(runs: Mapping[str, Mapping], own: Mapping[str, Result]) -> Table:
    """Header and rows, one per claim: the word of this build, of the base, and of the other runs,
    with the parts that differ from the base there.
    """
    table, base = [], runs[BASE]["verdicts"] if runs else {}
    for claim in CLAIMS:
        if claim not in base:
            continue
        cells = [claim, own[claim].verdict if claim in own else "-"]
        for name, run in runs.items():
            parts = run["verdicts"].get(claim, {})
            word = conjunction(parts.values()) if parts else "-"
            differing = [
                part for part, verdict in parts.items() if verdict != base[claim].get(part)
            ]
            bold = word != conjunction(base[claim].values())
            cells.append(
                (f"**{word}**" if bold else word)
                + (f" ({few(differing, parts)})" if differing and name != BASE else "")
            )
        table.append(cells)
    return ["claim", "this build", *runs], table


def few(differing: list[str], parts: Mapping[str, str]) -> str:
    """The parts that differ with their verdicts, or how many if they are many."""
    if len(differing) > 2:
        counts = {word: sum(parts[part] == word for part in differing) for word in VERDICTS}
        return ", ".join(f"{n} parts now {word}" for word, n in counts.items() if n)
    return "; ".join(f"{part}: {parts[part]}" for part in differing)


def missing_rows(runs: Sequence[Mapping]) -> Table:
    """Header and rows, one per measure and reason: the networks with missing numbers, by book."""
    found: dict[tuple, dict[str, set[int]]] = {}
    for run in runs:
        for one in run["missing"]:
            which = "in part" if one["in_part"] else "all"
            key = (one["task"], one["measure"].replace("_", " "), which, one["reason"])
            book = ", ".join((run["name"], *({run["profile"]} - {"paper"}), run["commit"]))
            found.setdefault(key, {}).setdefault(book, set()).add(one["network"])
    rows = [
        [
            *key,
            "; ".join(f"{name}: {', '.join(map(str, sorted(of)))}" for name, of in by_book.items()),
        ]
        for key, by_book in found.items()
    ]
    return ["task", "measure", "numbers", "why", "networks of each book"], rows


def books(runs: Sequence[Mapping]) -> Table:
    """Header and rows, one per run: whether it ended with a whole book."""
    rows = [
        [
            run["name"],
            run["profile"],
            run["commit"],
            "yes" if run["whole"] else "**no**",
            str(len(run["missing"])),
        ]
        for run in runs
    ]
    return ["book", "profile", "commit", "whole", "results with missing numbers"], rows


def headline(runs: Sequence[Mapping]) -> str:
    """What other roundings change, and how many runs ended with a whole book."""
    found = answer(paper_runs(runs, kind="rounding"), what="other roundings on one machine")
    books = [run["whole"] for run in runs if "verdicts" in run]
    return f"{found} Of {len(books)} runs, {sum(books)} ended with a whole book." if runs else found


def answer(runs: Mapping[str, Mapping], *, what: str) -> str:
    """Which words change between the runs, in sentences; that nobody knows, if there is nothing to
    compare.
    """
    if len(runs) < 2:
        return f"Nobody knows yet: no run with {what} is kept in this repository."
    claims, n = changed(runs), len(runs[BASE]["verdicts"])
    found = f"With {what}, the words of {len(claims)} of {n} claims change"
    return f"{found}: {', '.join(claims)}." if claims else f"{found}."
