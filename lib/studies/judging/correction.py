"""What is left of the words if all tests of the book are corrected together (Holm 1979)."""

from collections.abc import Mapping

import numpy as np

from studies.ledger import Result
from taskrnn.analysis.verdicts import LEVEL, UNDECIDED, Verdict, conjunction, holm, p_behind


def corrected(results: Mapping[str, Result]) -> dict[str, Verdict]:
    """The word of each claim after the correction.

    Every part of every claim is a test, and one that is undecided has a p of 1. A part without a
    test keeps its word.
    """
    places = [(claim, part) for claim, result in results.items() for part in result.parts]
    words = [results[claim].parts[part] for claim, part in places]
    tested = [word == UNDECIDED or not np.isnan(p_behind(word)) for word in words]
    p = [1.0 if word == UNDECIDED else p_behind(word) for word in words]
    after = iter(holm([value for value, test in zip(p, tested, strict=True) if test]))
    found: dict[str, list[Verdict]] = {claim: [] for claim in results}
    for (claim, _), word, test in zip(places, words, tested, strict=True):
        stands = not test or next(after) < LEVEL
        found[claim].append(Verdict(word, p_behind(word)) if stands else Verdict(UNDECIDED))
    return {claim: conjunction(parts) for claim, parts in found.items()}


def n_tests(results: Mapping[str, Result]) -> int:
    """Parts of all claims that a test stands behind."""
    parts = (word for result in results.values() for word in result.parts.values())
    return sum(word == UNDECIDED or not np.isnan(p_behind(word)) for word in parts)
