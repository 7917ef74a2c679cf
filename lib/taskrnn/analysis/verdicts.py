"""Words for how a claim came out, and the rules that give them.

Every word that a test stands behind carries the probability `p` of that test, two-sided, so that
intervals of 95 % and p below 0.05 are one rule, and a correction for many tests can be made.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from scipy.stats import binom, binomtest
from scipy.stats import t as student

from taskrnn.analysis.statistics import Comparison, Interval, against, p_value, side

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
UNDECIDED = "undecided"
CHANCE = "not distinguishable from chance"
WEAKER = "weaker than chance"
LEVEL = 0.05


class Verdict(str):
    """One of the words, with the `p` of the test behind it; NaN where it is undecided, or has no
    test.
    """

    p: float

    def __new__(cls, word: str, p: float = math.nan):
        self = super().__new__(cls, word)
        self.p = float(p)
        return self


def verdict(
    comparison: Comparison,
    *,
    claimed: Literal["above", "below"],
    chance: float | np.ndarray | None = None,
) -> Verdict:
    """Judge a claim from the interval of the excess over its null.

    Parameters
    ----------
    comparison : Comparison
        Its null is what the claim is measured against; 0 for a change.
    claimed : {"above", "below"}
        Where the claim says the statistic lies.
    chance : float or ndarray (network,), optional
        The same statistic under a null that could produce the effect without any training.  The
        claim must also lie clear of this one, on the claimed side.

    Returns
    -------
    Verdict
        ``supported``: the interval lies on the claimed side, of chance too; ``contradicted``: it
        lies on the other; ``undecided``: it holds 0, or fewer than two networks have a value, under
        chance too.  If it lies on the claimed side of the null and not of chance: ``weaker than
        chance`` where it is clear of chance on the other side, else ``not distinguishable from
        chance``.
    """
    if claimed not in ("above", "below"):
        raise ValueError(f"claimed is {claimed!r}; choose 'above' or 'below'.")
    found, p = side(comparison.excess), p_of(comparison)
    if found == "across":
        return Verdict(UNDECIDED)
    if found != claimed:
        return Verdict(CONTRADICTED, p)
    if chance is None:
        return Verdict(SUPPORTED, p)
    beyond = against(np.array(comparison.values), chance)
    if math.isnan(beyond.excess.low):
        return Verdict(UNDECIDED)
    there = side(beyond.excess)
    if there == claimed:
        return Verdict(SUPPORTED, max(p, p_of(beyond)))
    return Verdict(CHANCE, p) if there == "across" else Verdict(WEAKER, p_of(beyond))


def p_of(comparison: Comparison) -> float:
    """The p of the excess of a comparison."""
    return p_value(excesses(comparison))


def excesses(comparison: Comparison) -> np.ndarray:
    """The values less their null (network,)."""
    return np.array(comparison.values) - (np.array(comparison.null) if comparison.null else 0.0)


def equivalent(comparison: Comparison, *, margin: float) -> Verdict:
    """Judge a claim of no difference: supported if the interval of the excess lies within ± margin
    (claim S7).

    Contradicted if the interval lies wholly outside, undecided if it crosses the margin or is not
    defined.
    """
    if not margin > 0:
        raise ValueError(f"margin is {margin} and must be above 0: no interval lies within it.")
    low, high = comparison.excess.low, comparison.excess.high
    excess = excesses(comparison)
    # Each end of the margin is a test of its own; of the two the worse one counts.
    ends = p_value(excess - margin), p_value(excess + margin)
    if -margin <= low and high <= margin:
        # Equal values that lie on an end are within it, whatever a test of that end says.
        return Verdict(SUPPORTED, max(ends) if low < high else 0.0)
    if low > margin or high < -margin:
        return Verdict(CONTRADICTED, ends[0] if low > margin else ends[1])
    return Verdict(UNDECIDED)


def at_most(values: np.ndarray, bound: float) -> Verdict:
    """Judge the claim that values (network,) are at most the bound, which is included, on
    average.
    """
    low, high = against(values, bound).excess[1:3]
    p = p_value(np.asarray(values, dtype=float) - bound)
    if high <= 0:
        return Verdict(SUPPORTED, p if low < 0 else 0.0)
    return Verdict(CONTRADICTED, p) if low > 0 else Verdict(UNDECIDED)


def separated(lower: np.ndarray, upper: np.ndarray) -> Verdict:
    """Judge the claim that the interval of one group of networks lies below that of another.

    Its p is that of Welch's test, to which intervals apart are the stricter rule.
    """
    a, b = against(lower).interval, against(upper).interval
    if a.high < b.low:
        return Verdict(SUPPORTED, welch(lower, upper))
    return Verdict(CONTRADICTED, welch(lower, upper)) if a.low > b.high else Verdict(UNDECIDED)


def welch(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p of Welch's test of two groups (network,), NaN left out."""
    a, b = (np.asarray(x, dtype=float)[np.isfinite(x)] for x in (a, b))
    errors = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    if not errors.sum() > 0:
        return float(a.mean() == b.mean())
    freedom = errors.sum() ** 2 / (errors**2 / [len(a) - 1, len(b) - 1]).sum()
    return float(2 * student.sf(abs(a.mean() - b.mean()) / errors.sum() ** 0.5, freedom))


def share_interval(holds: int, n: int) -> Interval:
    """Share of networks, and its exact 95 % interval (Clopper and Pearson 1934)."""
    low, high = binomtest(holds, n).proportion_ci(method="exact")
    return Interval(holds / n, float(low), float(high))


def in_share(holds: np.ndarray, *, rate: float, missing: np.ndarray | None = None) -> Verdict:
    """Judge the claim that more than this share of all networks hold, from bool (network,).

    A missing network holds neither for the claim nor against it.
    """
    unknown = np.zeros(len(holds), bool) if missing is None else missing
    n, k = len(holds), int(np.sum(holds & ~unknown))
    most = k + int(np.sum(unknown))
    if share_interval(k, n).low > rate:
        return Verdict(SUPPORTED, min(1.0, 2 * binom.sf(k - 1, n, rate)))
    if share_interval(most, n).high < rate:
        return Verdict(CONTRADICTED, min(1.0, 2 * binom.cdf(most, n, rate)))
    return Verdict(UNDECIDED)


def more_often(before: np.ndarray, after: np.ndarray) -> Verdict:
    """Judge the claim that more networks hold after training than before, from bool (network,): the
    exact paired test (McNemar 1947).

    Those that hold at both times, or at neither, say nothing.
    """
    gained, lost = int(np.sum(after & ~before)), int(np.sum(before & ~after))
    if not gained + lost:
        return Verdict(UNDECIDED)
    test = binomtest(gained, gained + lost)
    if test.pvalue >= LEVEL:
        return Verdict(UNDECIDED)
    return Verdict(SUPPORTED if gained > lost else CONTRADICTED, test.pvalue)


def conjunction(verdicts: Iterable[str]) -> Verdict:
    """Judge a claim whose parts must all hold: one that is contradicted contradicts it, and the
    weakest of the others decides.

    All parts must hold, so that the largest p counts; one is enough against it, and the least does.
    """
    found = list(verdicts)
    for word in (CONTRADICTED, WEAKER, UNDECIDED, CHANCE):
        if word in found:
            return Verdict(word, least(v for v in found if v == word))
    return Verdict(SUPPORTED, np.max([p_behind(v) for v in found]))


def least(verdicts: Iterable[str]) -> float:
    """The smallest p behind some words; NaN if none has one."""
    known = [p for p in map(p_behind, verdicts) if not math.isnan(p)]
    return min(known, default=math.nan)


def p_behind(word: str) -> float:
    """The p of a word; NaN for a plain one."""
    return word.p if isinstance(word, Verdict) else math.nan


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """The p of many tests, corrected so that the chance of any false word is below the level (Holm
    1979).
    """
    found = np.asarray(p, dtype=float)
    order = np.argsort(found, kind="stable")
    corrected = np.empty_like(found)
    corrected[order] = np.maximum.accumulate(found[order] * np.arange(len(found), 0, -1))
    return np.minimum(corrected, 1.0)


def after_holm(words: Sequence[str]) -> np.ndarray:
    """The p behind each word, corrected for all of them together; that of an undecided one is 1,
    and one without a test is NaN and not counted.
    """
    p = np.array([1.0 if word == UNDECIDED else p_behind(word) for word in words])
    tested = ~np.isnan(p)
    p[tested] = holm(p[tested])
    return p
