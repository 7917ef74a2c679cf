"""Lag covariances of activity by the definition of ``dca`` 1.1.0, from the lag matrices alone (reading A8).

    C[k] = E[x(t + k) x(t).T],   k = 0 ... 2T - 1

The mean is over all windows of 2T steps and over the places in them at which the pair of steps can lie, which is the average of
the joint covariance of a window along its block diagonals.
"""

from typing import NamedTuple

import numpy as np
from scipy.fft import irfft, rfft
from scipy.linalg import eigvalsh, lapack

# A unit with less than this share of the largest variance (0.1 % of the standard deviation) is silent.  It crossed its
# threshold a few times, if at all, and its few bursts can make the joint covariance singular.
SILENT = 1e-6
# What `dca` leaves as the smallest eigenvalue when it rectifies; in units of activity squared.
EPSILON = 1e-6


class LagCovariances(NamedTuple):
    """Result of `lag_covariances`.

    C : ndarray of shape (lag, unit, unit), ``C[k] = E[x(t + k) x(t).T]``; zero for silent units
    added : float, the constant on the variance of every active unit that made the joint covariance positive; 0 if none
    active : ndarray of bool of shape (unit,), False for the silent units
    """

    C: np.ndarray
    added: float
    active: np.ndarray


def lag_covariances(X, n_lags):
    """Lag covariances by the definition of ``dca`` (toeplitzify, then rectify_spectrum), from the lag matrices alone.

    Every window of `n_lags` steps inside a trial counts once, so steps near the ends of a trial count less.  A session
    loses the mean of each step of the window too, trials only the common mean: so it is in ``dca``.

    Silent units are left out before the eigenvalues are looked at: ``dca`` would add 1e-6 to the variance of *all*
    units because of them.  On a trained network of 256 units that cost 5 % of the PI; a limit of silence ten times lower or
    higher changes it by less than 1 %.

    Parameters
    ----------
    X : ndarray of shape (time, unit) or (trial, time, unit), or list of ndarrays of shape (time, unit)
    n_lags : int
        2T; every trial must be longer.

    Returns
    -------
    LagCovariances

    Raises
    ------
    ValueError
        Wrong shape, a trial too short, values that are not finite, or no unit that varies.
    """
    session = isinstance(X, np.ndarray) and X.ndim < 3
    trials = [np.asarray(x, dtype=float) for x in ([X] if session else X)]
    if not trials or any(x.ndim != 2 or x.shape[1] != trials[0].shape[1] for x in trials):
        raise ValueError("X must be (time, unit), (trial, time, unit) or a list of (time, unit) with the same units.")
    if (shortest := min(map(len, trials))) <= n_lags:
        raise ValueError(f"A trial has {shortest} steps and the window {n_lags}: give longer trials or a smaller T.")
    joined = np.concatenate(trials)
    if not np.isfinite(joined).all():
        raise ValueError("X holds values that are not finite: leave diverged networks out and report them.")
    n_units = joined.shape[1]
    variance = joined.var(axis=0)
    active = variance > SILENT * variance.max()
    if not active.any():
        raise ValueError("No unit of X varies, so nothing can be predicted: leave this network out and report it.")
    # Least significant digits of rates that hardly leave their mean are lost if the mean is taken out later.
    x = joined[:, active] - joined[:, active].mean(axis=0)
    lengths = np.array([len(trial) for trial in trials])
    n_windows = (lengths - n_lags + 1).sum()

    C = np.zeros((n_lags, n_units, n_units))
    inner = _lag_products(x, lengths, n_lags) / (n_windows - 1)
    if session:
        mean = np.stack([x[i : i + n_windows].mean(axis=0) for i in range(n_lags)])
        for k in range(n_lags):
            inner[k] -= n_windows / (n_windows - 1) * (mean[k:].T @ mean[: n_lags - k]) / (n_lags - k)
    added = _rectification(inner)
    inner[0] += added * np.eye(len(inner[0]))
    C[np.ix_(np.arange(n_lags), active, active)] = inner
    return LagCovariances(C, added, active)


def _lag_products(x, lengths, n_lags):
    """Sum over windows and over the pairs of steps k apart in them of ``x(s + k) x(s).T``, per pair, (lag, unit, unit)."""
    products = _all_pairs(x, n_lags)
    for k in range(n_lags):
        weight = np.zeros(len(x) - k)
        for length, end in zip(lengths, lengths.cumsum(), strict=True):
            s = np.arange(length - k)
            # How many windows hold both s and s + k; none does across the end of a trial.
            windows = np.minimum.reduce([s + 1, length - k - s, np.full_like(s, min(n_lags - k, length - n_lags + 1))])
            weight[end - length : end - k] = windows / (n_lags - k)
        # Nearly all pairs have weight 1, so it is cheaper to take from the sum of all what a few count less.
        few = np.flatnonzero(weight != 1)
        products[k] -= x[few + k].T @ ((1 - weight[few])[:, None] * x[few])
    return products


def _all_pairs(x, n_lags):
    """Sum over all pairs of steps k apart of ``x(s + k) x(s).T``, (lag, unit, unit).

    By blocks of steps: for each frequency one product, of the transforms of all blocks with those of the same blocks and the
    `n_lags` steps after them.  That is exact, and takes half the time of one product for each lag.
    """
    block = 3 * n_lags
    size, n_blocks = block + n_lags, -(-len(x) // block)
    padded = np.zeros(((n_blocks + 1) * block + n_lags, x.shape[1]))
    padded[: len(x)] = x
    step, unit = padded.strides
    blocks = np.lib.stride_tricks.as_strided(padded, (size, n_blocks, x.shape[1]), (step, block * step, unit), writeable=False)
    after, before = rfft(blocks, axis=0), rfft(blocks[:block], n=size, axis=0)
    return irfft(after.swapaxes(1, 2) @ before.conj(), n=size, axis=0)[:n_lags]


def _block_toeplitz(C):
    n_lags, n_units, _ = C.shape
    both = np.concatenate([C[:0:-1].transpose(0, 2, 1), C])
    lag = np.subtract.outer(np.arange(n_lags), np.arange(n_lags)) + n_lags - 1
    return both[lag].transpose(0, 2, 1, 3).reshape(n_lags * n_units, -1)


def _rectification(C):
    S = _block_toeplitz(C)
    diagonal = np.einsum("ii->i", S)
    rounding = len(S) * np.finfo(float).eps * diagonal.max()
    # Cholesky is ten times as fast as eigenvalues and enough to know that all of them are positive.
    diagonal -= rounding
    if lapack.dpotrf(S.T, lower=True, overwrite_a=True)[1] == 0:
        return 0.0
    smallest = eigvalsh(_block_toeplitz(C), subset_by_index=(0, 0))[0]
    return float(EPSILON - smallest) if smallest <= 0 else 0.0
