"""Rules of this book for what must hold in every network."""

import numpy as np
import xarray as xr

from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
    Verdict,
    conjunction,
    in_share,
    more_often,
)

RATE = 2 / 3  # of networks: what must hold in every one; the largest that ten of ten can show


def every_network(holds: np.ndarray, *, null_holds: np.ndarray, missing: np.ndarray) -> str:
    """The word by a criterion as it was written: that it must hold in every network, and one
    contradicts it; bool (network,), under the null too.

    A missing network does not contradict it. But with one the claim is undecided at best: nobody
    knows that it holds in every network.
    """
    if not np.all(holds | missing):
        return CONTRADICTED
    if np.any(missing):
        return UNDECIDED
    return CHANCE if np.all(null_holds) else SUPPORTED


def in_most_networks(
    holds: np.ndarray, *, missing: np.ndarray, before: np.ndarray | None = None, rate: float = RATE
) -> Verdict:
    """Verdict on what must hold in a share of the networks above `rate`, from bool (network,).

    With `before`, where it holds before training, it must also hold in more networks than there.
    """
    found = in_share(holds, rate=rate, missing=missing)
    if found != SUPPORTED or before is None:
        return found
    gained = more_often(before & ~missing, holds & ~missing)
    if gained == SUPPORTED:
        return conjunction([found, gained])
    return Verdict(WEAKER, gained.p) if gained == CONTRADICTED else Verdict(CHANCE, found.p)


def without_sign(at: xr.Dataset) -> np.ndarray:
    """Where a largest Lyapunov exponent is no larger than its drift and its sign not certain, bool
    of the shape of `exponent` and `drift`.
    """
    return np.abs(at.exponent.values) <= np.abs(at.drift.values)


def decays(at: xr.Dataset) -> np.ndarray:
    """Where the exponent is certainly below 0; see `without_sign`."""
    return (at.exponent.values < 0) & ~without_sign(at)


def grows(at: xr.Dataset) -> np.ndarray:
    """Where it is certainly above 0: chaos, where activity is bounded."""
    return (at.exponent.values > 0) & ~without_sign(at)
