"""Dynamical components analysis: the subspace whose past says most about its future (claims L3, N3,
N4, S6, S7, R1).

    PI(V) = ln det S_T - 1/2 ln det S_2T                        (Clark, Livezey, Bouchard 2019)

PI   predictive information of a stationary Gaussian process between T steps and the next T, nats
S_n  block-Toeplitz covariance of n steps of ``V.T x``; its block (i, j) is ``V.T C[i - j] V``,
     ``C[-k] = C[k].T``
C    lag covariances, see `taskrnn.analysis.dca.lag_covariances`

The definitions are those of the package ``dca`` 1.1.0 (PyPI: DynamicalComponentsAnalysis), and so
is the interface of `benchmarks.dynamical_components`.  The search for the best V differs in ways
that change no optimum: the gradient is analytic; V is sought in coordinates in which the one-step
prediction errors are white (in them PI is nearly the log variance, which BFGS climbs in a tenth of
the steps); no penalty holds V orthonormal, because PI depends on the subspace alone; and all starts
climb side by side, because what an evaluation costs is reading C. And it goes on to `tol` 1e-9: at
the package's 1e-6 starts that end in the same optimum stop as much as 12 degrees apart.
"""

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh, lapack

from taskrnn import checks
from taskrnn.analysis.dca.maximise import maximise
from taskrnn.missing import Unmeasurable

NO_COVARIANCE = "C is the lag covariance of no process: use lag_covariances, whose estimate is one."


class Starts(NamedTuple):
    """Where the search ended from every random start, in the order of the starts.

    pi : ndarray of shape (start,), nats
    subspaces : ndarray of shape (start, unit, d), orthonormal columns
    angle : ndarray of shape (start,), largest principal angle in degrees to the subspace of the
        largest PI
    initial_angle : ndarray of shape (start,), the same angle before the search
    """

    pi: np.ndarray
    subspaces: np.ndarray
    angle: np.ndarray
    initial_angle: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """The subspace of the largest PI (unit, d)."""
        return self.subspaces[np.argmax(self.pi)]


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
    objective, V = Objective(C), checks.array("V", V)
    if (
        V.ndim != 2
        or len(V) != len(objective.C)
        or not 1 <= V.shape[1] <= len(V)
        or not np.isfinite(V).all()
    ):
        raise ValueError(
            f"V must be finite, of shape (unit, d) with {len(objective.C)} units and 1 <= d <= "
            f"units, not {V.shape}."
        )
    pi = float(objective(V[None])[0][0])
    if pi == -np.inf:
        raise ValueError(
            "The projected covariance is not positive: V has dependent columns or silent units "
            "alone."
        )
    return pi


class Objective:
    """PI of projections, and its gradients, for lag covariances C of shape (2T, unit, unit).

    Called with V of shape (projection, unit, d) it returns the PI in nats (projection,) and its
    gradient of the shape of V, ``2 sum_ij C[i - j] V G_ij.T`` with ``G = dPI / dS``, the inverse of
    S_T less half of the inverse of S_2T. A projection whose covariance is not positive has the PI
    -inf: for a search that is a wall, not an error.
    """

    def __init__(self, C):
        C = self.checked(C)
        n_lags, n_units, _ = C.shape
        # (unit, lag * unit) for the lags 1 - 2T ... 2T - 1: then all products with C are one matrix
        # product.
        both = np.concatenate([C[:0:-1].transpose(0, 2, 1), C])
        self.C = np.ascontiguousarray(both.transpose(1, 0, 2)).reshape(n_units, -1)
        self.lag = np.subtract.outer(np.arange(n_lags), np.arange(n_lags)) + n_lags - 1
        self.same_lag = (self.lag.reshape(-1, 1) == np.arange(2 * n_lags - 1)).astype(float)

    @staticmethod
    def checked(C):
        """C as an array of floats; ValueError if it is not finite, or not of the shape (2T, unit,
        unit).
        """
        C = checks.array("C", C)
        if C.ndim != 3 or C.shape[1] != C.shape[2] or len(C) % 2 or 0 in C.shape:
            raise ValueError(
                f"C must have shape (2T, unit, unit), not {C.shape}: use lag_covariances(X, 2 * "
                "T).C."
            )
        return checks.finite("C", C)

    def __call__(self, V):
        p, n_units, d = V.shape
        n_lags = len(self.lag)
        half = n_lags * d // 2
        CV = (V.swapaxes(1, 2).reshape(p * d, n_units) @ self.C).reshape(
            p, -1, n_units
        )  # (p, d * lag, unit)
        blocks = (CV @ V).reshape(p, d, -1, d)[:, :, self.lag]
        S = blocks.transpose(0, 2, 1, 3, 4).reshape(p, 2 * half, 2 * half)
        root, positive = _choleskies(S)
        log = np.log(root.diagonal(axis1=1, axis2=2))
        # With S = L L^T, and L_T the first half of it, S_T^-1 is of the first rows of L^-1 alone:
        # G is half of their product less that of the others.
        for L in root:
            lapack.dtrtri(L.T, overwrite_c=True)  # in place: the transpose is in Fortran's order
        first, second = root[:, :half, :half], root[:, half:]
        G = -0.5 * (second.mT @ second)
        G[:, :half, :half] += 0.5 * (first.mT @ first)
        by_lag = (
            G.reshape(p, n_lags, d, n_lags, d).transpose(0, 4, 2, 1, 3).reshape(p, d * d, -1)
            @ self.same_lag
        )
        gradient = 2 * (by_lag.reshape(p, d, -1) @ CV).swapaxes(1, 2)
        return np.where(
            positive, log[:, :half].sum(axis=1) - log[:, half:].sum(axis=1), -np.inf
        ), gradient


class Whitened:
    """Lag covariances in the coordinates of the search: what searches of several dimensions share.

    C is of shape (2T, unit, unit); raises ValueError if it is no covariance.
    """

    def __init__(self, C):
        C = Objective.checked(C)
        self.active = C[0].diagonal() > 0
        inner = C[np.ix_(np.arange(len(C)), self.active, self.active)]
        if not inner.size:
            return
        inner = inner / inner[0].diagonal().max()  # PI has no unit
        try:
            errors, self.axes = eigh(
                inner[0] - inner[1] @ np.linalg.solve(inner[0], inner[1].T)
            )  # of the prediction by one step
        except np.linalg.LinAlgError:
            raise ValueError(NO_COVARIANCE) from None
        if errors[0] <= np.finfo(float).eps:
            raise ValueError(NO_COVARIANCE)
        self.scale = np.sqrt(errors)
        self.whitening = self.axes / self.scale
        self.pi = Objective(self.whitening.T @ inner @ self.whitening)


def search(C, d, *, rng, n_starts=50, tol=1e-9):
    """Maximise the PI over d-dimensional subspaces from random starts.

    Subspaces live in the space of the active units (nonzero variance).  The PI has no slope in the
    weight of a silent one, so ``dca`` keeps there what its random start had, and all angles of its
    subspaces are partly those of the starts.

    Parameters
    ----------
    C : ndarray of shape (2T, unit, unit), or Whitened
    d : int
    rng : numpy.random.Generator
        Draws the starts, uniform over the subspaces of the active units.
    n_starts : int
    tol : float
        A search ends when a step raises the PI by less than this share of it.

    Returns
    -------
    Starts

    Raises
    ------
    ValueError
        C or a number is none, or C is no covariance.
    Unmeasurable
        Fewer units are active than the subspace has dimensions.
    """
    white = C if isinstance(C, Whitened) else Whitened(C)
    d, n_starts = checks.whole("d", d), checks.whole("n_starts", n_starts)
    if not tol > 0:
        raise ValueError(f"tol is {tol}; a search ends only with a tolerance above 0.")
    n_active = white.active.sum()
    if d > n_active:
        raise Unmeasurable(
            f"A subspace of {d} dimensions does not exist among {n_active} active units."
        )
    starts = _orthonormal(rng.standard_normal((n_starts, n_active, d)))

    def flat(w):
        values, gradients = white.pi(w.reshape(len(w), -1, d))
        return values, gradients.reshape(len(w), -1)

    w = _orthonormal(white.scale[:, None] * (white.axes.T @ starts)).reshape(n_starts, -1)
    if d < n_active:  # else there is one subspace, and its PI has no slope but rounding
        w = maximise(flat, w, tol=tol)
    pi = flat(w)[0]
    if pi.max() == -np.inf:
        raise ValueError(NO_COVARIANCE)
    ends = _orthonormal(white.whitening @ w.reshape(n_starts, -1, d))
    best = ends[np.argmax(pi)]
    subspaces = np.zeros((n_starts, len(white.active), d))
    subspaces[:, white.active] = ends
    return Starts(pi, subspaces, _largest_angles(ends, best), _largest_angles(starts, best))


def principal_subspace(C, d):
    """Orthonormal basis (unit, d) of the d leading principal components, from the same lag
    covariances.
    """
    n_units = len(C[0])
    return eigh(C[0], subset_by_index=(n_units - d, n_units - 1))[1][:, ::-1]


def _choleskies(S):
    """Cholesky factors of a batch (..., n, n), the identity for those that are not positive, and
    which are (...,).
    """
    try:
        return np.linalg.cholesky(S), np.ones(len(S), bool)
    except np.linalg.LinAlgError:
        roots, positive = np.tile(np.eye(S.shape[-1]), (len(S), 1, 1)), np.zeros(len(S), bool)
        for i, one in enumerate(S):
            with suppress(np.linalg.LinAlgError):
                roots[i], positive[i] = np.linalg.cholesky(one), True
        return roots, positive


def _largest_angles(Vs, V):
    """Largest principal angle in degrees of each of a batch of subspaces (..., unit, d) to V (unit,
    d), all of orthonormal columns.
    """
    along = V.T @ Vs
    sine = np.linalg.svd(Vs - V @ along, compute_uv=False)[..., 0]
    cosine = np.linalg.svd(along, compute_uv=False)[..., -1]
    return np.degrees(np.arctan2(sine, cosine))


def _orthonormal(V):
    return np.linalg.qr(V)[0]
