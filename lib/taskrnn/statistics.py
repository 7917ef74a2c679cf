"""Statistics over networks: the network is the unit, never the trial or the weight."""

from typing import NamedTuple

import numpy as np
from scipy.stats import bootstrap


class Interval(NamedTuple):
    """Mean over networks and the 95 % bootstrap interval of that mean."""

    mean: float
    low: float
    high: float


def interval(values: np.ndarray) -> Interval:
    """Mean and 95 % percentile bootstrap interval over networks.

    The percentile interval, because it is defined for any number of networks and keeps to the range of the data. Values
    that are not finite (failed networks) make it NaN: they are never dropped.

    Parameters
    ----------
    values : ndarray (network,)
    """
    values = np.asarray(values, dtype=float)
    mean = float(values.mean())
    if len(values) < 2 or not np.isfinite(values).all():
        return Interval(mean, np.nan, np.nan)
    found = bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(0)).confidence_interval
    return Interval(mean, float(found.low), float(found.high))
