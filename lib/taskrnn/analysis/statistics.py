"""Statistics over networks: the network is the unit, never the trial or the weight.

A network that failed has the value NaN.  Nothing here drops it silently: intervals are over the
networks that have a value, and carry the number of those that have none; a failed network never
counts as one in which the sign holds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import t as student

from taskrnn import checks
from taskrnn.analysis.units import unitless


class Interval(NamedTuple):
    """Mean over networks and the 95 % interval of that mean; `n_failed` networks have no
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
    """Mean and 95 % interval of Student's t over networks.

    Of normal values it covers the mean in 95 % of samples of any size. The percentile bootstrap
    covers it in 90 % at n = 10, and of skewed values both cover it less often.

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
    mean, error, exponent = _mean_and_error(valid)
    half = student.ppf(0.975, len(valid) - 1) * error
    mean, low, high = np.ldexp([mean, mean - half, mean + half], exponent)
    return Interval(float(mean), float(low), float(high), n_failed)


def p_value(values: np.ndarray) -> float:
    """Two-sided probability, by Student's t, of a mean so far from 0 if it were 0.

    NaN if fewer than two networks (network,) have a value.
    """
    values = _per_network(values, "values")
    valid = values[~np.isnan(values)]
    if len(valid) < 2:
        return math.nan
    mean, error, _ = _mean_and_error(valid)
    if error == 0:
        return float(mean == 0)
    return float(2 * student.sf(abs(mean) / error, len(valid) - 1))


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


def slopes(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Slope by least squares of every network (network,) of values (network, point) over x
    (point,); NaN where a value is missing.
    """
    x = x - x.mean()
    return values @ x / (x @ x)


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


def side(interval: Interval) -> Literal["above", "below", "across"]:
    """On which side of 0 the interval lies; across it if it touches 0 or is not defined."""
    if interval.low > 0:
        return "above"
    return "below" if interval.high < 0 else "across"


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


def _mean_and_error(valid):
    """Mean, its standard error, and the exponent of two that both are to be multiplied by."""
    scaled, exponent = unitless(valid)
    if (scaled == scaled[0]).all():  # whose mean differs from them by rounding
        return scaled[0], 0.0, exponent
    return scaled.mean(), scaled.std(ddof=1) / len(scaled) ** 0.5, exponent
