"""How alike networks of one task are, beside networks of other tasks: the intraclass correlation.

    ICC(1) = (B - E) / (B + (n - 1) E)

B and E are the mean squares between and within groups of n (Shrout and Fleiss 1979); of groups of
unequal size, n is ``(N - sum n_i^2 / N) / (g - 1)``.
"""

import math

import numpy as np

from taskrnn.analysis.statistics import Interval


def intraclass_correlation(*groups: np.ndarray) -> np.ndarray:
    """ICC(1) of groups (..., member), two or more with two or more members; NaN where all values
    are the same.
    """
    sizes = np.array([group.shape[-1] for group in groups])
    total, g = sizes.sum(), len(groups)
    means = np.stack([group.mean(axis=-1) for group in groups], axis=-1)
    between = (sizes * (means - (means @ sizes / total)[..., None]) ** 2).sum(axis=-1) / (g - 1)
    within = sum(((of - of.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1) for of in groups)
    within = within / (total - g)
    n = (total - (sizes**2).sum() / total) / (g - 1)
    spread = between + (n - 1) * within
    return np.divide(
        between - within, spread, out=np.full(np.shape(spread), np.nan), where=spread > 0
    )


def interval(groups: list[np.ndarray], *, n_draws: int = 2000) -> Interval:
    """ICC of groups (member,) and its 95 % percentile bootstrap over members within groups.

    Without ends where a group has fewer than two members.
    """
    if min(map(len, groups)) < 2:
        return Interval(math.nan, math.nan, math.nan)
    rng = np.random.default_rng(0)
    samples = [of[rng.integers(len(of), size=(n_draws, len(of)))] for of in groups]
    found = intraclass_correlation(*samples)
    known = found[np.isfinite(found)]
    low, high = np.quantile(known, [0.025, 0.975]) if known.size else (math.nan, math.nan)
    return Interval(float(intraclass_correlation(*groups)), float(low), float(high))


def permuted(groups: list[np.ndarray], *, n_draws: int = 2000) -> np.ndarray:
    """ICC (draw,) with all members dealt out to the groups anew."""
    values, rng = np.concatenate(groups), np.random.default_rng(1)
    dealt = rng.permuted(np.broadcast_to(values, (n_draws, len(values))), axis=1)
    edges = np.cumsum([len(group) for group in groups])[:-1]
    return intraclass_correlation(*np.split(dealt, edges, axis=1))
