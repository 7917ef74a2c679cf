"""What chance alone gives: angles of random subspaces, random weight changes, permuted pairings.

Directions and subspaces are uniform (invariant under rotation) unless drawn with a covariance.
Angles are in degrees and lie between 0 and 90.  Every draw takes its generator by the keyword
``rng``.
"""

import numpy as np
from scipy.stats import beta, rankdata

from taskrnn import checks
from taskrnn.analysis.units import unitless

ASYMMETRY = 1e-8  # of a covariance, relative to its largest entry


def vector_angle_quantiles(n_units, d, q=(0.025, 0.5, 0.975)):
    """Quantiles of the angle of a vector to a random d-dimensional subspace: ``cos^2 ~ Beta(d / 2,
    (N - d) / 2)``.

    Exact, by symmetry for a fixed vector and a random subspace or the reverse (Cai, Fan, Jiang
    2013, for d = 1).

    Parameters
    ----------
    n_units, d : int
    q : float or sequence of float
        Quantiles of the angle; the default is the median and a 95 % band.

    Returns
    -------
    ndarray of the shape of q, degrees
    """
    n_units = checks.whole("n_units", n_units, least=2)
    d, q = checks.whole("d", d, most=n_units - 1), checks.array("q", q)
    if not ((q >= 0) & (q <= 1)).all():
        raise ValueError(f"q is {q.tolist()}; quantiles are asked for by shares from 0 to 1.")
    # A large angle is a small cosine: the quantile of one is the upper quantile of the other.
    return np.degrees(np.arccos(np.sqrt(beta.isf(q, d / 2, (n_units - d) / 2))))


def random_subspaces(n_units, d, *, rng, n_draws):
    """Uniform random subspaces: orthonormal bases of shape (draw, unit, d)."""
    n_units, n_draws = checks.whole("n_units", n_units), checks.whole("n_draws", n_draws)
    return np.linalg.qr(
        rng.standard_normal((n_draws, n_units, checks.whole("d", d, most=n_units)))
    )[0]


def covariance_subspaces(covariance, d, *, rng, n_draws):
    """Random subspaces drawn with the activity's covariance: spans of d samples of the Gaussian
    (claims S6, R1).

    They hold what any d directions share only because the activity lives in few dimensions; silent
    units are in none.

    Parameters
    ----------
    covariance : ndarray of shape (unit, unit), symmetric and without negative eigenvalues beyond
        rounding
    d : int
        At most the rank of the covariance.

    Returns
    -------
    ndarray of shape (draw, unit, d), orthonormal columns
    """
    covariance, _ = unitless(checks.square("covariance", covariance, axes=""))
    if np.abs(covariance - covariance.T).max() > ASYMMETRY:
        raise ValueError("The covariance is not symmetric: it is none.")
    d, n_draws = checks.whole("d", d), checks.whole("n_draws", n_draws)
    variance, axes = np.linalg.eigh(covariance)
    rounding = len(variance) * np.finfo(float).eps * max(variance[-1], 0)
    if variance[0] < -1e3 * rounding:
        raise ValueError(
            f"The covariance has the negative eigenvalue {variance[0]:.2g}: it is none."
        )
    if d > (rank := np.count_nonzero(variance > rounding)):
        raise ValueError(
            f"The covariance has rank {rank}: no subspace of {d} dimensions can be drawn with it."
        )
    root = axes * np.sqrt(np.maximum(variance, 0))
    return np.linalg.qr(root @ rng.standard_normal((n_draws, len(root), d)))[0]


def subspace_angles_of_chance(n_units, d, e, *, rng, n_draws):
    """Principal angles (draw, min(d, e)), falling, between uniform random subspaces of dimensions d
    and e.
    """
    e = checks.whole("e", e, most=n_units)
    # By symmetry one of the two may be fixed: the span of the first e units.
    cosines = np.linalg.svd(
        random_subspaces(n_units, d, rng=rng, n_draws=n_draws)[:, :e], compute_uv=False
    )
    return np.degrees(np.arccos(np.minimum(cosines, 1)))[:, ::-1]


def direction_angles(*, to, rng, n_draws):
    """Angles (draw,) of random directions in 3-D to a fixed plane or a fixed line (claim L2).

    The two are complements and not the same: to a *plane* the sine is uniform and the mean 32.7
    degrees (90 less one radian); to a *line*, such as the plane's normal, the cosine is uniform and
    the mean 57.3 degrees (one radian).

    Parameters
    ----------
    to : {"plane", "line"}
    """
    if to not in ("plane", "line"):
        raise ValueError(f"to is {to!r}; choose 'plane' or 'line'.")
    angles = np.degrees(np.arcsin(rng.random(checks.whole("n_draws", n_draws))))
    return angles if to == "plane" else 90 - angles


def gaussian_change(dW, *, rng):
    """Gaussian changes with the Frobenius norm of each dW and a zero diagonal; shape (network,
    unit, unit).
    """
    dW = checks.square("dW", dW)
    return _with_norm_of(dW, _without_diagonal(rng.standard_normal(dW.shape)))


def shuffled_change(dW, *, rng):
    """The off-diagonal entries of each dW at random places; shape (network, unit, unit), zero
    diagonal.
    """
    dW = checks.square("dW", dW)
    off = ~np.eye(dW.shape[-1], dtype=bool)
    shuffled = np.zeros_like(dW)
    shuffled[..., off] = rng.permuted(dW[..., off], axis=-1)
    return shuffled


def rank_matched_change(dW, rank, *, rng):
    """Changes of the same rank and singular values with shuffled factors (claims S1, S5).

    The left and the right singular vectors of the best approximation of dW of that rank are taken
    apart and their units are permuted, the same way for all vectors of one side.  So the factors
    keep how concentrated they are, and lose which units they join.  The diagonal is then set to
    zero and the norm of dW restored: both change the singular values slightly.

    Parameters
    ----------
    dW : ndarray of shape (network, unit, unit)
    rank : int

    Returns
    -------
    ndarray of shape (network, unit, unit)
    """
    dW = checks.square("dW", dW)
    rank = checks.whole("rank", rank, most=dW.shape[-1])
    left, strength, right = np.linalg.svd(dW)
    left = _permuted_rows(left[..., :rank] * strength[..., None, :rank], rng)
    right = _permuted_rows(right[..., :rank, :].swapaxes(-1, -2), rng)
    return _with_norm_of(dW, _without_diagonal(left @ right.swapaxes(-1, -2)))


def permuted_spearman(x, y, *, rng, n_draws=1000):
    """Spearman correlations of x with permuted y, shape (draw, network): the null for two unrelated
    rankings.

    Parameters
    ----------
    x, y : ndarray of shape (network, unit)
    """
    x, y, n_draws = checks.finite("x", x), checks.finite("y", y), checks.whole("n_draws", n_draws)
    if x.ndim != 2 or x.shape != y.shape or not x.size:
        raise ValueError(f"x {x.shape} and y {y.shape} must both have shape (network, unit).")
    x, y = (_standardised(rankdata(values, axis=1)) for values in (x, y))
    return np.stack([(x * rng.permuted(y, axis=1)).sum(axis=1) for _ in range(n_draws)])


def _standardised(ranks):
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    if not norm.all():
        raise ValueError(
            f"Networks {np.flatnonzero(norm == 0).tolist()} have equal values in all units: no "
            "ranking."
        )
    return centred / norm


def _permuted_rows(factor, rng):
    order = rng.permuted(np.broadcast_to(np.arange(factor.shape[-2]), factor.shape[:-1]), axis=-1)
    return np.take_along_axis(factor, order[..., None], axis=-2)


def _without_diagonal(W):
    return W * ~np.eye(W.shape[-1], dtype=bool)


def _with_norm_of(dW, change):
    (dW, unit), (change, _) = (unitless(W, axis=(-2, -1)) for W in (dW, change))
    wanted, norm = (np.linalg.norm(W, axis=(-2, -1), keepdims=True) for W in (dW, change))
    return np.ldexp(change * np.divide(wanted, norm, out=np.zeros_like(norm), where=norm > 0), unit)
