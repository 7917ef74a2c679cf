"""What is left of the words if all tests of the book are corrected together (Holm 1979)."""

from collections.abc import Mapping

import numpy as np

from studies.ledger import Result
from taskrnn.analysis.verdicts import LEVEL, UNDECIDED, Verdict, after_holm, conjunction


def corrected(results: Mapping[str, Result]) -> dict[str, Verdict]:
    """The word of each claim after the correction.

    Every part of every claim is a test, and one that is undecided has a p of 1. A part without a
    test keeps its word.
    """
    parts = [(claim, word) for claim, of in results.items() for word in of.parts.values()]
    found: dict[str, list[str]] = {claim: [] for claim in results}
    for (claim, word), p in zip(parts, after_holm([word for _, word in parts]), strict=True):
        found[claim].append(UNDECIDED if p >= LEVEL else word)
    return {claim: conjunction(words) for claim, words in found.items()}


def n_tests(results: Mapping[str, Result]) -> int:
    """Parts of all claims that a test stands behind."""
    words = [word for result in results.values() for word in result.parts.values()]
    return int(np.isfinite(after_holm(words)).sum())
