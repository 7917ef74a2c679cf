"""Statistics over networks: the network is the unit, never the trial or the weight.

A network that failed has the value NaN.  Nothing here drops it silently: intervals are over the
networks that have a value, and carry the number of those that have none; a failed network never
counts as one in which the sign holds.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import bootstrap

from taskrnn import checks
from taskrnn.analysis.units import unitless

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
UNDECIDED = "undecided"
CHANCE = "not distinguishable from chance"


class Interval(NamedTuple):
    """Mean over networks and the 95 % bootstrap interval of that mean; `n_failed` networks have no
    value.
    """

    mean: float
    low: float
    high: float
    n_failed: int = 0

    def __format__(self, spec: str) -> str:
        return format(self.mean, spec)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A statistic per network, and its null.

    values, null : tuple of float (network,); `null` is empty if there is none
    interval : Interval, of the values
    excess : Interval, of the values minus their null, paired; equal to `interval` if there is none
    n_above, n_below : int, networks in which the excess is above and below 0
    """

    values: tuple[float, ...]
    null: tuple[float, ...]
    interval: Interval
    excess: Interval
    n_above: int
    n_below: int


def interval(values: np.ndarray) -> Interval:
    """Mean and 95 % percentile bootstrap interval over networks.

    The percentile interval, because it is defined for any number of networks above one, for equal
    values too, and keeps to the range of the data; BCa is undefined for equal values, and at n = 10
    its acceleration is mostly noise.  Both are somewhat too narrow for few networks: of normal
    values the interval covers the mean 90 % of the time at n = 10.

    Parameters
    ----------
    values : ndarray (network,)
        NaN for a failed network.

    Returns
    -------
    Interval
        Over the networks that have a value; its ends are NaN if fewer than two have, and so is the
        mean if none has.
    """
    values = _per_network(values, "values")
    valid = values[~np.isnan(values)]
    n_failed = len(values) - len(valid)
    if len(valid) < 2:
        return Interval(float(valid[0]) if len(valid) else math.nan, math.nan, math.nan, n_failed)
    scaled, exponent = unitless(valid)
    found = bootstrap(
        (scaled,), np.mean, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    mean, low, high = np.ldexp([scaled.mean(), found.low, found.high], exponent)
    # The bootstrap's means of equal values differ from them by rounding.
    low, high = np.clip([low, high], valid.min(), valid.max())
    return Interval(float(mean), float(low), float(high), n_failed)


def of_known(function: Callable[[np.ndarray], float], values: np.ndarray) -> float:
    """A function, such as `np.median`, of the finite ones among values of any shape; NaN if there
    are none.
    """
    values = np.asarray(values, dtype=float)
    known = values[np.isfinite(values)]
    return float(function(known)) if known.size else math.nan


def finite(values: np.ndarray) -> np.ndarray:
    """The values, NaN where infinite: such a network has no number that could be averaged, as when
    its rates overflow.
    """
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def against(values: np.ndarray, null: float | np.ndarray | None = None) -> Comparison:
    """Compare a statistic with a constant, or with its value per network under a null.

    Parameters
    ----------
    values : ndarray (network,)
        NaN for a failed network.
    null : float or ndarray (network,), optional
        For a null that was drawn many times, its mean over draws for each network.  0 if not given.
    """
    values = _per_network(values, "values")
    if null is None:
        reference = np.zeros(len(values))
    elif np.ndim(null) == 0:
        reference = np.full(len(values), float(checks.array("null", null)))
    else:
        reference = _per_network(null, "null")
    if len(reference) != len(values):
        raise ValueError(
            f"There are {len(values)} values and {len(reference)} under the null: give one per "
            "network."
        )
    excess = values - reference
    return Comparison(
        values=tuple(values.tolist()),
        null=() if null is None else tuple(reference.tolist()),
        interval=interval(values),
        excess=interval(excess),
        n_above=int(np.sum(excess > 0)),
        n_below=int(np.sum(excess < 0)),
    )


def paired(
    before: np.ndarray, after: np.ndarray, *, null: float | np.ndarray | None = None
) -> Comparison:
    """Compare the change ``after - before`` of each network with 0, or with the change under a
    null.

    Parameters
    ----------
    before, after : ndarray (network,)
    null : float or ndarray (network,), optional
        The same change under the null (an equal-norm random change, say), not the value itself.
    """
    before, after = _per_network(before, "before"), _per_network(after, "after")
    if len(before) != len(after):
        raise ValueError(
            f"There are {len(before)} values before and {len(after)} after: pair the same networks."
        )
    return against(after - before, null)


def verdict(
    comparison: Comparison,
    *,
    claimed: Literal["above", "below"],
    chance: float | np.ndarray | None = None,
) -> str:
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
    str
        ``supported``: the interval lies on the claimed side, of chance too; ``contradicted``: it
        lies on the other; ``undecided``: it holds 0, or fewer than two networks have a value; ``not
        distinguishable from chance``: it lies on the claimed side, but not clear of chance.
    """
    if claimed not in ("above", "below"):
        raise ValueError(f"claimed is {claimed!r}; choose 'above' or 'below'.")
    sides = {"above": SUPPORTED, "below": CONTRADICTED}
    if claimed == "below":
        sides = {"below": SUPPORTED, "above": CONTRADICTED}
    found = sides.get(side(comparison.excess), UNDECIDED)
    if found == SUPPORTED and chance is not None:
        beyond = against(np.array(comparison.values), chance)
        return SUPPORTED if side(beyond.excess) == claimed else CHANCE
    return found


def side(interval: Interval) -> Literal["above", "below", "across"]:
    """On which side of 0 the interval lies; across it if it touches 0 or is not defined."""
    if interval.low > 0:
        return "above"
    return "below" if interval.high < 0 else "across"


def equivalent(comparison: Comparison, *, margin: float) -> str:
    """Judge a claim of no difference: supported if the interval of the excess lies within ± margin
    (claim S7).

    Contradicted if the interval lies wholly outside, undecided if it crosses the margin or is not
    defined.
    """
    if not margin > 0:
        raise ValueError(f"margin is {margin} and must be above 0: no interval lies within it.")
    low, high = comparison.excess.low, comparison.excess.high
    if -margin <= low and high <= margin:
        return SUPPORTED
    return CONTRADICTED if low > margin or high < -margin else UNDECIDED


def conjunction(verdicts: Iterable[str]) -> str:
    """Judge a claim whose parts must all hold: one that is contradicted contradicts it, and the
    weakest of the others decides.
    """
    found = set(verdicts)
    return next((word for word in (CONTRADICTED, UNDECIDED, CHANCE) if word in found), SUPPORTED)


def _per_network(values, name):
    values = checks.array(name, values)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(
            f"{name} must have one number per network, shape (network,), not {values.shape}."
        )
    if (np.abs(values) > checks.LARGEST).any():
        raise ValueError(
            f"{name} holds infinite values, or ones above {checks.LARGEST:.0e}: mark failed "
            "networks with NaN."
        )
    return values
