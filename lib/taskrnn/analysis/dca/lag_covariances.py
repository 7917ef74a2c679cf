"""Lag covariances of activity (reading A8), such that every finite session has a predictive
information.

    C[k] = E[x(t + k) x(t).T] + floor I [k = 0],   k = 0 ... 2T - 1

floor  `FLOOR` times the largest variance of a unit: each unit is seen through independent noise of
that variance

Without a floor the joint covariance of a window is singular as soon as one unit is a sum of others,
two units are equal, or a unit only decays after its few events. The predictive information is then
that of the rounding. With it all eigenvalues are at least the floor, the information is bounded,
and it depends neither on the unit of measurement nor on the order of the units.
"""

from typing import NamedTuple

import numpy as np
from scipy.fft import irfft, rfft
from scipy.linalg import eigvalsh, lapack
from scipy.signal.windows import tukey

from taskrnn import checks
from taskrnn.missing import Unmeasurable

FLOOR = 1e-6  # of the largest variance; 0.1 % of the standard deviation
TAPERED = 0.1  # share of a session in which it fades in or out


class LagCovariances(NamedTuple):
    """Result of `lag_covariances`.

    C : ndarray of shape (lag, unit, unit), ``C[k] = E[x(t + k) x(t).T]``, the floor included; zero
        for silent units
    added : float, what is added to the variance of every active unit: the floor, and for trials
        what else makes all eigenvalues reach it
    active : ndarray of bool of shape (unit,), False for the silent units, whose variance is not
        above the floor
    """

    C: np.ndarray
    added: float
    active: np.ndarray


def lag_covariances(X, n_lags, *, floor=FLOOR):
    """Lag covariances of a session, or of trials.

    A session is one long stretch of a stationary process. It fades in and out (a cosine bell,
    Tukey's window), and the sum is over all pairs of its steps: such an estimate has no negative
    eigenvalue, wherever the session begins and ends. (Averages over windows, as in ``dca``, have
    some if it does not end where it began.)

    Trials are too short to fade. Their estimate is that of ``dca`` 1.1.0: every window of `n_lags`
    steps inside a trial counts once, and the joint covariance is averaged along its block
    diagonals. Where that leaves negative eigenvalues, the least of them is made up for on the
    diagonal, and reported.

    Parameters
    ----------
    X : ndarray of shape (time, unit), a session; or (trial, time, unit), or list of ndarrays of
        shape (time, unit), trials
    n_lags : int
        2T; the session, and every trial, must be longer.
    floor : float
        Share of the largest variance.

    Returns
    -------
    LagCovariances

    Raises
    ------
    ValueError
        Wrong shape, a trial too short, or a floor that is not above 0.
    Unmeasurable
        Values that are not finite or too large to be squared, or no unit that varies.
    """
    n_lags = checks.whole("n_lags", n_lags)
    trials = (
        [checks.array("X", x) for x in X] if isinstance(X, (list, tuple)) else checks.array("X", X)
    )
    session = isinstance(trials, np.ndarray) and trials.ndim < 3
    trials = [trials] if session else list(trials)
    if not trials or any(x.ndim != 2 or x.shape[1] != trials[0].shape[1] for x in trials):
        raise ValueError(
            "X must be (time, unit), (trial, time, unit) or a list of (time, unit) with the same "
            "units."
        )
    if (shortest := min(map(len, trials))) <= n_lags:
        raise ValueError(
            f"A trial has {shortest} steps and the window {n_lags}: give longer trials or a "
            "smaller T."
        )
    if not floor > 0:
        raise ValueError(
            f"floor is {floor}; without one above 0 the predictive information can be infinite."
        )
    joined = trials[0] if session else np.concatenate(trials)
    if not np.isfinite(joined).all():
        raise Unmeasurable(
            "The activity holds values that are not finite, so that it has no covariance."
        )
    lengths = np.array([len(trial) for trial in trials])
    # The size is taken out, so that products of very small or large rates are numbers like any
    # others.
    with np.errstate(over="ignore"):
        size = np.ptp(joined, axis=0).max(initial=0)
        square = size**2
    if not size:
        raise Unmeasurable("No unit varies, so that there is nothing to predict.")
    if not 1e-300 < square < np.inf:
        raise Unmeasurable(
            f"The activity varies by {size:.2g}, the square of which is no number: give it in "
            "another unit."
        )
    scaled = joined / size
    x = faded(scaled) if session else scaled - scaled.mean(axis=0)
    if session:
        inner = _all_pairs(x, n_lags) / len(x)
    else:
        inner = _lag_products(x, lengths, n_lags) / ((lengths - n_lags + 1).sum() - 1)
    variance = inner[0].diagonal()
    active = variance > floor * variance.max()
    inner = inner[:, active][:, :, active]
    added = floor * variance.max()
    if not session:
        added += _deficit(inner)
    inner[0] += added * np.eye(len(inner[0]))
    C = np.zeros((n_lags, len(active), len(active)))
    C[np.ix_(np.arange(n_lags), active, active)] = inner * square
    return LagCovariances(C, float(added * square), active)


def faded(x):
    """A session (time, unit) less its mean, with half-cosine ramps at both ends, so scaled that
    variances are those of the session.
    """
    weight = tukey(len(x) + 2, TAPERED)[1:-1, None]
    x = x - np.average(x, axis=0, weights=weight[:, 0] ** 2)
    x *= weight
    x *= np.sqrt(len(x) / (weight**2).sum())
    return x


def _lag_products(x, lengths, n_lags):
    """Sum over windows and over the pairs of steps k apart in them of ``x(s + k) x(s).T``, per
    pair, (lag, unit, unit).
    """
    products = _all_pairs(x, n_lags)
    for k in range(n_lags):
        weight = np.zeros(len(x) - k)
        for length, end in zip(lengths, lengths.cumsum(), strict=True):
            s = np.arange(length - k)
            # How many windows hold both s and s + k; none does across the end of a trial.
            windows = np.minimum.reduce(
                [s + 1, length - k - s, np.full_like(s, min(n_lags - k, length - n_lags + 1))]
            )
            weight[end - length : end - k] = windows / (n_lags - k)
        # Nearly all pairs have weight 1, so it is cheaper to take from the sum of all what a few
        # count less.
        few = np.flatnonzero(weight != 1)
        products[k] -= x[few + k].T @ ((1 - weight[few])[:, None] * x[few])
    return products


def _all_pairs(x, n_lags):
    """Sum over all pairs of steps k apart of ``x(s + k) x(s).T``, (lag, unit, unit).

    By blocks of steps: for each frequency one product, of the transforms of all blocks with those
    of the same blocks and the `n_lags` steps after them.  That is exact, and takes half the time of
    one product for each lag.
    """
    block = 3 * n_lags
    size, n_blocks = block + n_lags, -(-len(x) // block)
    padded = np.zeros(((n_blocks + 1) * block + n_lags, x.shape[1]))
    padded[: len(x)] = x
    step, unit = padded.strides
    blocks = np.lib.stride_tricks.as_strided(
        padded, (size, n_blocks, x.shape[1]), (step, block * step, unit), writeable=False
    )
    after, before = rfft(blocks, axis=0), rfft(blocks[:block], n=size, axis=0)
    return irfft(after.swapaxes(1, 2) @ before.conj(), n=size, axis=0)[:n_lags]


def _deficit(C):
    """By how much the least eigenvalue of the joint covariance is below 0."""
    # Cholesky is ten times as fast as eigenvalues, and enough to know that all of them are
    # positive.
    if lapack.dpotrf(_block_toeplitz(C).T, lower=True, overwrite_a=True)[1] == 0:
        return 0.0
    return max(0.0, -float(eigvalsh(_block_toeplitz(C), subset_by_index=(0, 0))[0]))


def _block_toeplitz(C):
    n_lags, n_units, _ = C.shape
    both = np.concatenate([C[:0:-1].transpose(0, 2, 1), C])
    lag = np.subtract.outer(np.arange(n_lags), np.arange(n_lags)) + n_lags - 1
    return both[lag].transpose(0, 2, 1, 3).reshape(n_lags * n_units, -1)
