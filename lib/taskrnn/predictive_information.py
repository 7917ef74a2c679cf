"""Dynamical components analysis: the subspace whose past says most about its future (claims L3, N3, N4, S6, S7, R1).

    PI(V) = ln det S_T - 1/2 ln det S_2T                                            (Clark, Livezey, Bouchard 2019)

PI   predictive information of a stationary Gaussian process between T steps and the next T, nats
S_n  block-Toeplitz covariance of n steps of ``V.T x``; its block (i, j) is ``V.T C[i - j] V``, ``C[-k] = C[k].T``
C    lag covariances, ``C[k] = E[x(t + k) x(t).T]``, k = 0 ... 2T - 1

The definitions are those of the package ``dca`` 1.1.0 (PyPI: DynamicalComponentsAnalysis), and so is the interface of
`DynamicalComponentsAnalysis`.  The search for the best V differs in three ways that change no optimum: the gradient is
analytic; V is sought in coordinates in which the one-step prediction errors are white (in them PI is nearly
the log variance, which L-BFGS climbs in a tenth of the steps); and no penalty holds V orthonormal, because PI
depends on the subspace alone.  And it goes on to `tol` 1e-9: at the package's 1e-6 starts that end in
the same optimum stop as much as 12 degrees apart.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh, eigvalsh, lapack, subspace_angles
from scipy.optimize import minimize

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


class Starts(NamedTuple):
    """Where the search ended from every random start, in the order of the starts.

    pi : ndarray of shape (start,), nats
    subspaces : ndarray of shape (start, unit, d), orthonormal columns
    angle : ndarray of shape (start,), largest principal angle in degrees to the subspace of the largest PI
    initial_angle : ndarray of shape (start,), the same angle before the search
    """

    pi: np.ndarray
    subspaces: np.ndarray
    angle: np.ndarray
    initial_angle: np.ndarray


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
    session = isinstance(X, np.ndarray) and X.ndim == 2
    trials = [np.asarray(x, dtype=float) for x in ([X] if session else X)]
    if any(x.ndim != 2 or x.shape[1] != trials[0].shape[1] for x in trials):
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
    inner = np.stack([_lag_products(x, lengths, n_lags, k) for k in range(n_lags)]) / (n_windows - 1)
    if session:
        mean = np.stack([x[i : i + n_windows].mean(axis=0) for i in range(n_lags)])
        for k in range(n_lags):
            inner[k] -= n_windows / (n_windows - 1) * (mean[k:].T @ mean[: n_lags - k]) / (n_lags - k)
    added = _rectification(_block_toeplitz(inner))
    inner[0] += added * np.eye(len(inner[0]))
    C[np.ix_(np.arange(n_lags), active, active)] = inner
    return LagCovariances(C, added, active)


def predictive_information(C, V):
    """PI in nats of the projection on the columns of V, which need not be orthonormal.

    Parameters
    ----------
    C : ndarray of shape (2T, unit, unit)
    V : ndarray of shape (unit, d)

    Raises
    ------
    ValueError
        The projection has no positive definite covariance.
    """
    return Objective(C)(V)[0]


class Objective:
    """PI of a projection, and its gradient, for lag covariances C of shape (2T, unit, unit).

    Called with V of shape (unit, d) it returns the PI in nats and its gradient of shape (unit, d),
    ``2 sum_ij C[i - j] V G_ij.T`` with ``G = dPI / dS``, the inverse of S_T less half of the inverse of S_2T.
    """

    def __init__(self, C):
        C = np.asarray(C, dtype=float)
        n_lags, n_units = C.shape[:2]
        if C.shape != (n_lags, n_units, n_units) or n_lags % 2:
            raise ValueError(f"C must have shape (2T, unit, unit), not {C.shape}: use lag_covariances(X, 2 * T).C.")
        # (unit, lag * unit) for the lags 1 - 2T ... 2T - 1: then all products with C are one matrix product.
        both = np.concatenate([C[:0:-1].transpose(0, 2, 1), C])
        self.C = np.ascontiguousarray(both.transpose(1, 0, 2)).reshape(n_units, -1)
        self.lag = np.subtract.outer(np.arange(n_lags), np.arange(n_lags)) + n_lags - 1
        self.same_lag = (self.lag.reshape(-1, 1) == np.arange(2 * n_lags - 1)).astype(float)

    def __call__(self, V):
        n_units, d = V.shape
        n_lags = len(self.lag)
        half = n_lags * d // 2
        CV = (V.T @ self.C).reshape(-1, n_units)
        blocks = (CV @ V).reshape(d, -1, d)[:, self.lag]
        S = blocks.transpose(1, 0, 2, 3).reshape(2 * half, 2 * half)
        factor, failed = lapack.dpotrf(S, lower=True)
        if failed:
            raise ValueError("The projected covariance is not positive: V has dependent columns or silent units alone.")
        log = np.log(np.diag(factor))
        G = -0.5 * _inverse(factor)
        G[:half, :half] += _inverse(factor[:half, :half])
        by_lag = G.reshape(n_lags, d, n_lags, d).transpose(3, 1, 0, 2).reshape(d * d, -1) @ self.same_lag
        return log[:half].sum() - log[half:].sum(), 2 * (by_lag.reshape(d, -1) @ CV).T


def search(C, d, *, rng, n_starts=50, tol=1e-9):
    """Maximise the PI over d-dimensional subspaces from random starts.

    Subspaces live in the space of the active units (nonzero variance).  The PI has no slope in the weight of a silent
    one, so ``dca`` keeps there what its random start had, and all angles of its subspaces are partly those of the starts.

    Parameters
    ----------
    C : ndarray of shape (2T, unit, unit)
    d : int
    rng : numpy.random.Generator
        Draws the starts, uniform over the subspaces of the active units.
    n_starts : int
    tol : float
        A search ends when a step raises the PI by less than this share of it.

    Returns
    -------
    Starts
    """
    active = C[0].diagonal() > 0
    if not 1 <= d <= active.sum():
        raise ValueError(f"A subspace of {d} dimensions does not exist among {active.sum()} active units: choose d.")
    inner = C[np.ix_(np.arange(len(C)), active, active)]
    # One-step prediction errors; the floor only guards against rounding.
    errors, axes = eigh(inner[0] - inner[1] @ np.linalg.solve(inner[0], inner[1].T))
    scale = np.sqrt(np.maximum(errors, np.finfo(float).eps * errors[-1]))
    whitening = axes / scale
    white, original = Objective(whitening.T @ inner @ whitening), Objective(inner)

    def negative(w):
        value, gradient = white(w.reshape(-1, d))
        return -value, -gradient.ravel()

    pi, ends, initial = [], [], []
    for _ in range(n_starts):
        start = _orthonormal(rng.standard_normal((len(errors), d)))
        w = _orthonormal(scale[:, None] * (axes.T @ start)).ravel()
        w = minimize(negative, w, jac=True, method="L-BFGS-B", options={"ftol": tol, "maxiter": 10_000}).x
        end = _orthonormal(whitening @ w.reshape(-1, d))
        pi.append(original(end)[0])
        ends.append(end)
        initial.append(start)
    best = ends[np.argmax(pi)]
    angle, initial_angle = (np.array([np.degrees(subspace_angles(V, best)[0]) for V in Vs]) for Vs in (ends, initial))
    subspaces = np.zeros((n_starts, len(active), d))
    subspaces[:, active] = ends
    return Starts(np.array(pi), subspaces, angle, initial_angle)


def principal_subspace(C, d):
    """Orthonormal basis (unit, d) of the d leading principal components, from the same lag covariances."""
    n_units = len(C[0])
    return eigh(C[0], subset_by_index=(n_units - d, n_units - 1))[1][:, ::-1]


class DynamicalComponentsAnalysis:
    """The class of the package ``dca`` (its ``fit``, ``transform``, ``score``, ``coef_``), without torch.

    Parameters
    ----------
    d : int
        Dimension of the subspace.
    T : int
        Half of the joint window, in steps.
    rng : numpy.random.Generator
    n_init : int
        Random starts; the best is kept in ``coef_`` and all of them in ``starts_``.
    tol : float
        See `search`.

    Attributes
    ----------
    coef_ : ndarray of shape (unit, d), orthonormal columns; defined up to a rotation, so compare subspaces
    mean_ : ndarray of shape (1, unit)
    cross_covs : ndarray of shape (2T, unit, unit)
    added_ : float, see `LagCovariances`
    starts_ : Starts
    """

    def __init__(self, d, T, *, rng, n_init=1, tol=1e-9):
        self.d, self.T, self.rng, self.n_init, self.tol = d, T, rng, n_init, tol

    def estimate_data_statistics(self, X):
        """Mean and lag covariances of X, which `fit_projection` can then use for several d."""
        self.cross_covs, self.added_, _ = lag_covariances(X, 2 * self.T)
        self.mean_ = (X if isinstance(X, np.ndarray) and X.ndim == 2 else np.concatenate(X)).mean(axis=0, keepdims=True)
        return self

    def fit_projection(self, d=None):
        """Search the subspace, of dimension `d` if given."""
        d = self.d if d is None else d
        self.starts_ = search(self.cross_covs, d, rng=self.rng, n_starts=self.n_init, tol=self.tol)
        self.coef_ = self.starts_.subspaces[np.argmax(self.starts_.pi)]
        return self

    def fit(self, X):
        """`estimate_data_statistics`, then `fit_projection`; X as in `lag_covariances`."""
        return self.estimate_data_statistics(X).fit_projection()

    def transform(self, X):
        """X without the mean of the data of the fit, projected: the shape of X with d for unit."""
        if isinstance(X, list):
            return [self.transform(x) for x in X]
        return (X - self.mean_) @ self.coef_

    def fit_transform(self, X):
        """`fit`, then `transform`."""
        return self.fit(X).transform(X)

    def score(self, X=None):
        """PI in nats of X in the subspace; of the data of the fit, which is optimistic, if X is not given."""
        C = self.cross_covs if X is None else lag_covariances(X, 2 * self.T).C
        return predictive_information(C, self.coef_)


def _lag_products(x, lengths, n_lags, k):
    """Sum over windows and over the pairs of steps k apart in them of ``x(s + k) x(s).T``, per pair."""
    weight = np.zeros(len(x))
    for length, end in zip(lengths, lengths.cumsum(), strict=True):
        s = np.arange(length - k)
        # How many windows hold both s and s + k; none does across the end of a trial.
        windows = np.minimum.reduce([s + 1, length - k - s, np.full_like(s, min(n_lags - k, length - n_lags + 1))])
        weight[end - length : end - k] = windows / (n_lags - k)
    return x[k:].T @ (weight[: len(x) - k, None] * x[: len(x) - k])


def _block_toeplitz(C):
    n_lags, n_units, _ = C.shape
    both = np.concatenate([C[:0:-1].transpose(0, 2, 1), C])
    lag = np.subtract.outer(np.arange(n_lags), np.arange(n_lags)) + n_lags - 1
    return both[lag].transpose(0, 2, 1, 3).reshape(n_lags * n_units, -1)


def _rectification(S):
    rounding = len(S) * np.finfo(float).eps * S.diagonal().max()
    # Cholesky is ten times as fast as eigenvalues and enough to know that all of them are positive.
    if lapack.dpotrf(S - rounding * np.eye(len(S)), lower=True)[1] == 0:
        return 0.0
    smallest = eigvalsh(S)[0]
    return float(EPSILON - smallest) if smallest <= 0 else 0.0


def _inverse(factor):
    lower = np.tril(lapack.dpotri(factor, lower=True)[0])
    return lower + np.tril(lower, -1).T


def _orthonormal(V):
    return np.linalg.qr(V)[0]
