"""What training does to the recurrent matrix: eigenvalues, singular values, non-normality,
concentration.

The matrices are stacks ``W`` of shape ``(network, unit, unit)`` with ``W[..., i, j]`` the weight
from unit j to unit i and a zero diagonal; a change is ``dW = W_after - W_before``.  Nothing here
draws a null model except `shuffled_edge`: to judge a number, pass the same function an equal-norm
random change.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import schur
from scipy.optimize import linear_sum_assignment

from taskrnn import checks
from taskrnn.analysis.units import unitless


class Matched(NamedTuple):
    """Eigenvalues in matched order, each of shape (network, unit)."""

    before: np.ndarray
    after: np.ndarray
    displacement: np.ndarray


class Displaced(NamedTuple):
    """Share of displaced eigenvalues and their mean modulus, nan if there are none; each of shape
    (network,).
    """

    share: np.ndarray
    modulus_before: np.ndarray
    modulus_after: np.ndarray


class NonNormality(NamedTuple):
    """Measures of `non_normality`, each of shape (network,)."""

    real_schur: np.ndarray
    upper_frobenius: np.ndarray
    upper_2norm: np.ndarray
    henrici: np.ndarray
    numerical_abscissa: np.ndarray


class Concentration(NamedTuple):
    """Measures of `concentration`, each of shape (network,)."""

    top_share: np.ndarray
    excess_kurtosis: np.ndarray


def match_eigenvalues(W_before, W_after):
    """Pair the eigenvalues of two matrices so that the summed distance in the complex plane is
    least.

    Pairing by rank (of the modulus, say) reports the reshuffling of ranks as displacement.

    Takes two ndarrays of shape (network, unit, unit).  Returns Matched: ``before`` in the order of
    falling modulus, ``after`` in the order of its partners, and the distances ``|after - before|``.
    """
    W_before, W_after = (
        checks.square("W_before", W_before, axes="network"),
        checks.square("W_after", W_after, axes="network"),
    )
    if W_before.shape != W_after.shape:
        raise ValueError(
            f"W_before has shape {W_before.shape} and W_after {W_after.shape}: give the same "
            "networks."
        )
    before, after = (
        np.linalg.eigvals(W_before).astype(complex),
        np.linalg.eigvals(W_after).astype(complex),
    )
    before = np.take_along_axis(before, np.argsort(-np.abs(before), axis=1, kind="stable"), axis=1)
    partner = np.stack(
        [
            linear_sum_assignment(np.abs(x[:, None] - y))[1]
            for x, y in zip(before, after, strict=True)
        ]
    )
    after = np.take_along_axis(after, partner, axis=1)
    return Matched(before, after, np.abs(after - before))


def displaced(matched, threshold):
    """Share of eigenvalues displaced by more than `threshold`, and their modulus before and after
    (claim S2).

    The threshold, a float or an ndarray of shape (network,), is for claim S2 the 99th percentile of
    the displacement under an equal-norm random change.  Returns Displaced.
    """
    threshold = checks.finite("threshold", threshold)
    if threshold.shape not in ((), (1,), matched.displacement.shape[:1]):
        raise ValueError(
            f"threshold {threshold.shape} must be one number, or (network,) = "
            f"{matched.displacement.shape[:1]}."
        )
    moved = matched.displacement > np.reshape(threshold, (-1, 1))
    count = moved.sum(axis=1)

    moduli = (
        _ratio((np.abs(values) * moved).sum(axis=1), count)
        for values in (matched.before, matched.after)
    )
    return Displaced(moved.mean(axis=1), *moduli)


def singular_values(dW):
    """Singular values of shape (network, unit), falling."""
    return np.linalg.svd(checks.square("dW", dW, axes="network"), compute_uv=False)


def shuffled_edge(dW, *, rng, n_shuffles=20):
    """Edge of the singular values of the same entries placed at random (claim S3).

    The off-diagonal entries are centred, then permuted.  Without the centring their mean m survives
    every shuffle as one singular value of about ``N |m|``, and the edge is that of the mean and not
    of the bulk. The edge is the largest value of all shuffles: a change without structure is above
    it with probability ``1 / (n_shuffles + 1)``; of the mean over shuffles it would be above half
    of the time.

    Parameters
    ----------
    dW : ndarray of shape (network, unit, unit)
    rng : numpy.random.Generator
    n_shuffles : int

    Returns
    -------
    ndarray of shape (network,), about ``2 sigma sqrt(N)`` for Gaussian entries and large N
    """
    dW, n_shuffles = checks.square("dW", dW, axes="network"), checks.whole("n_shuffles", n_shuffles)
    entries = _off_diagonal(dW)
    entries = entries - entries.mean(axis=1, keepdims=True)
    off = ~np.eye(dW.shape[-1], dtype=bool)
    shuffled = np.zeros_like(dW)
    edge = np.zeros(len(dW))
    for _ in range(n_shuffles):
        shuffled[:, off] = rng.permuted(entries, axis=1)
        edge = np.maximum(edge, np.linalg.norm(shuffled, 2, axis=(1, 2)))
    return edge


def count_above(values, edge):
    """Number of singular values (network, unit) above the edge (network,), of shape (network,)."""
    values, edge = checks.finite("values", values), checks.finite("edge", edge)
    if values.ndim != 2 or edge.shape not in ((), values.shape[:1]):
        raise ValueError(
            f"values {values.shape} and edge {edge.shape} must be (network, unit) and (network,)."
        )
    return (values > np.reshape(edge, (-1, 1))).sum(axis=1)


def truncate(dW, rank):
    """Best approximation of `dW` of the given rank (Eckart and Young 1936), shape (network, unit,
    unit).

    Its diagonal is not zero although that of dW is: setting it to zero again would undo the rank.
    Rank 0 is the zero matrix.
    """
    dW = checks.square("dW", dW, axes="network")
    rank = checks.whole("rank", rank, least=0, most=dW.shape[-1])
    U, s, Vt = np.linalg.svd(dW)
    return (U[..., :rank] * s[..., None, :rank]) @ Vt[..., :rank, :]


def non_normality(W):
    """Non-normality of each matrix (claim S5).

    Takes an ndarray of shape (network, unit, unit).

    Returns
    -------
    NonNormality
        ``real_schur``: Frobenius norm of the real Schur form minus its diagonal, the note's number
        (reading A11).  It counts the rotation blocks too, so it is above zero for a normal matrix
        with complex eigenvalues.  ``upper_frobenius`` and ``upper_2norm``: norms of the strict
        upper triangle of the complex Schur form, zero if and only if W is normal.  Only the
        Frobenius norm is a property of W: the 2-norm changes with the order of the eigenvalues, by
        about 0.5 % at N = 256. ``henrici``: upper_frobenius over the Frobenius norm of W (Henrici
        1962), nan for W = 0; 1/sqrt(2) for a Ginibre matrix. ``numerical_abscissa``: largest
        eigenvalue of ``(W + W.T) / 2``; the linear flow ``-r + W r`` can grow at first, at the rate
        of this minus one in 1/tau (Trefethen and Embree 2005).
    """
    W, exponent = unitless(checks.square("W", W, axes="network"), axis=(1, 2))
    rows = []
    for w in W:
        real = schur(w, output="real")[0]
        upper = np.triu(schur(w, output="complex")[0], 1)
        rows.append(
            (
                np.linalg.norm(real - np.diag(np.diag(real))),
                np.linalg.norm(upper),
                np.linalg.norm(upper, 2),
            )
        )
    real_schur, frobenius, two = np.array(rows).T
    henrici = _ratio(frobenius, np.linalg.norm(W, axis=(1, 2)))
    abscissa = np.linalg.eigvalsh((W + W.swapaxes(1, 2)) / 2)[:, -1]
    real_schur, frobenius, two, abscissa = (
        np.ldexp(of, exponent[:, 0, 0]) for of in (real_schur, frobenius, two, abscissa)
    )
    return NonNormality(real_schur, frobenius, two, henrici, abscissa)


def concentration(dW, *, top=0.01):
    """Share of the squared change in the `top` share of weights, and the excess kurtosis (claim
    S1).

    Only off-diagonal entries count, since the diagonal is held at zero.

    Parameters
    ----------
    dW : ndarray of shape (network, unit, unit)
    top : float
        Share of the weights, by absolute change, above 0 and at most 1.

    Returns
    -------
    Concentration
        For Gaussian entries of mean zero 0.0845 (at ``top=0.01``) and 0.  The share is of the raw
        square; the kurtosis is about the mean.  Both are nan for a change that is zero (kurtosis:
        constant).
    """
    if not 0 < top <= 1:
        raise ValueError(f"top is {top} and must be a share of the weights, above 0 and at most 1.")
    entries, _ = unitless(_off_diagonal(checks.square("dW", dW, axes="network")), axis=1)
    square = np.sort(entries**2, axis=1)[:, ::-1]
    n_top = max(1, round(top * square.shape[1]))
    # The mean of equal entries differs from them by rounding.
    centred = (entries - entries.mean(axis=1, keepdims=True)) * (np.ptp(entries, axis=1) > 0)[
        :, None
    ]
    variance = (centred**2).mean(axis=1)
    return Concentration(
        _ratio(square[:, :n_top].sum(axis=1), square.sum(axis=1)),
        _ratio((centred**4).mean(axis=1), variance**2) - 3,
    )


def _ratio(part, whole):
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _off_diagonal(W):
    if W.shape[-1] < 2:
        raise ValueError("A network of one unit has no connections between units.")
    return W[:, ~np.eye(W.shape[-1], dtype=bool)]
