"""The words of the books with other seeds, roundings or constants that are kept in the repository
(`python -m benchmarks machines`).
"""

from collections.abc import Mapping, Sequence

from studies.criteria import digest
from taskrnn.analysis.verdicts import UNDECIDED, conjunction

Kept = Mapping[str, Mapping[str, str]]  # {book: {claim: word}}
BASE = "as it is"  # the run that the others are compared with


def words(run: Mapping) -> dict[str, str]:
    """The verdict on each claim in one run."""
    return {claim: conjunction(parts.values()) for claim, parts in run["verdicts"].items()}


def kind_of(run: Mapping) -> str:
    """What is other in a book: "constant", "seeds" or "rounding"."""
    return "constant" if run["constant"] else "seeds" if "@" in run["profile"] else "rounding"


def rules_of(run: Mapping) -> str:
    """By what a book was judged: the hash of its criteria or, of books that were kept before there
    was one, its commit.
    """
    return run.get("criteria") or run["commit"]


def paper_runs(runs: Sequence[Mapping], *, kind: str) -> dict[str, Mapping]:
    """The books with verdicts by name, the base first: those of one `kind_of` that were judged by
    the rules of the last; none without a base by those rules.
    """
    judged = [run for run in runs if run.get("verdicts")]
    rules = [rules_of(run) for run in judged if run["name"] != BASE and kind_of(run) == kind]
    chosen = [
        run
        for run in judged
        if rules_of(run) in rules[-1:] and (run["name"] == BASE or kind_of(run) == kind)
    ]
    by_name = {run["name"]: run for run in sorted(chosen, key=lambda run: run["name"] != BASE)}
    return by_name if BASE in by_name else {}


def kept_books(runs: Sequence[Mapping]) -> dict[str, dict[str, str]]:
    """The words of the kept books with other seeds or another rounding that were judged by the
    present criteria.
    """
    kinds = (paper_runs(runs, kind=kind) for kind in ("seeds", "rounding"))
    return {
        name: words(run)
        for of_kind in kinds
        for name, run in of_kind.items()
        if run.get("criteria") == digest(run["verdicts"])
    }


def otherwise(claim: str, word: str, kept: Kept) -> str:
    """In which kept books the word is another, and which; '' if in none."""
    others = {name: of[claim] for name, of in kept.items() if of.get(claim, word) != word}
    return "; ".join(f"{other} in *{name}*" for name, other in others.items())


def does_not_stand(claim: str, word: str, kept: Kept) -> str:
    """A sentence for the page of a claim, if a kept book has another word; else ''."""
    others = otherwise(claim, word, kept)
    if others and word == UNDECIDED:
        return f"**{claim} is undecided here, and not everywhere**: {others}."
    return others and (
        f"**{claim} does not stand**: {word} in this build, {others}. It counts as undecided; "
        "*How claims are judged* says why."
    )
