"""Angles by dimension: of subspaces to each other, of the readout to them, and what chance gives.

Axes are (network, dimension, unit, component). Subspaces have NaN beyond their dimension; angles
are in degrees and NaN where a network, or a dimension, has no subspace.
"""

import numpy as np

from taskrnn.analysis.nulls import covariance_subspaces, vector_angle_quantiles
from taskrnn.analysis.subspaces import angle_to_subspace, principal_angles
from taskrnn.random_numbers import generator

GOOD = 0.999  # starts within 0.1 % of the best PI (claim L3)


def angles_between(A, B, *, dimensions):
    """Principal angles (network, dimension, component), falling, of the subspaces of A and B."""
    found = np.full((len(A), len(dimensions), max(dimensions)), np.nan)
    for k, i, d in _places(A, dimensions):
        a, b = A[k, i, :, :d], B[k, i, :, :d]
        if np.isfinite(a).all() and np.isfinite(b).all():
            found[k, i, :d] = principal_angles(a, b)
    return found


def mean_angle(angles, *, dimensions):
    """Mean of the principal angles (..., dimension), from (..., dimension, component)."""
    return np.stack([angles[..., i, :d].mean(axis=-1) for i, d in enumerate(dimensions)], axis=-1)


def smallest_angle(angles, *, dimensions):
    """Smallest principal angle (..., dimension), from (..., dimension, component).

    It is that of the direction which the two subspaces come nearest to sharing.
    """
    return np.stack([angles[..., i, d - 1] for i, d in enumerate(dimensions)], axis=-1)


def angles_to_vector(vectors, subspaces, *, dimensions):
    """Angle (network, dimension) of each network's vector (network, unit) to its subspaces."""
    found = np.full((len(vectors), len(dimensions)), np.nan)
    for k, i, d in _places(subspaces, dimensions):
        basis = subspaces[k, i, :, :d]
        if np.isfinite(basis).all() and vectors[k].any():  # a vector of zeros has no direction
            found[k, i] = angle_to_subspace(vectors[k], basis)
    return found


def by_dimension(components, *, dimensions):
    """Nested subspaces of leading components (network, unit, component)."""
    nested = np.repeat(components[:, None, :, : max(dimensions)], len(dimensions), axis=1).astype(
        float
    )
    beyond = np.arange(max(dimensions)) >= np.array(dimensions)[:, None]
    return np.where(beyond[:, None], np.nan, nested)


def restart_floor(pi, angle):
    """Largest angle (network, dimension) of a good start to the best, from (..., start)."""
    good = pi >= GOOD * pi.max(axis=-1, keepdims=True)
    return np.where(np.isfinite(pi).all(axis=-1), np.where(good, angle, 0).max(axis=-1), np.nan)


def chance_between(before, after, *, dimensions, seeds, n_draws=100):
    """Mean principal angle (network, dimension, draw) of random subspaces.

    They are drawn with two covariances (network, unit, unit). With those of the activity before and
    after training they share what any directions of that activity share; with the identity of the
    active units, what any directions of those units share.
    """
    largest = max(dimensions)
    found = np.full((len(before), len(dimensions), n_draws), np.nan)
    for k, seed in enumerate(seeds):
        rng = generator(seed, "alignment.between")
        A, B = (
            _draws(covariance, largest, rng=rng, n_draws=n_draws)
            for covariance in (before[k], after[k])
        )
        products = A.swapaxes(1, 2) @ B
        for i, d in enumerate(dimensions):
            # The first d columns of a basis by QR span the first d samples: one draw serves all d.
            if np.isfinite(products).all():
                cosines = np.linalg.svd(products[:, :d, :d], compute_uv=False)
                found[k, i] = np.degrees(np.arccos(np.minimum(cosines, 1))).mean(axis=1)
    return found


def chance_to_vector(vectors, covariance, *, dimensions, seeds, n_draws=1000):
    """Angle (network, dimension, draw) of a vector (network, unit) to random subspaces.

    They are drawn with a covariance (network, unit, unit).
    """
    found = []
    for vector, matrix, seed in zip(vectors, covariance, seeds, strict=True):
        vector = vector if vector.any() else np.full_like(vector, np.nan)
        rng = generator(seed, "alignment.to vector")
        basis = _draws(matrix, max(dimensions), rng=rng, n_draws=n_draws)
        cosine2 = ((vector / np.linalg.norm(vector)) @ basis) ** 2
        angles = np.degrees(np.arccos(np.sqrt(np.minimum(cosine2.cumsum(axis=1), 1))))
        found.append(angles[:, np.array(dimensions) - 1].T)
    return np.array(found)


def chance_among(n_active, *, dimensions):
    """Median angle (network, dimension) of a vector to a random subspace of n_active units."""
    found = np.full((len(n_active), len(dimensions)), np.nan)
    for k, n in enumerate(n_active):  # NaN for a missing network
        for i, d in enumerate(dimensions):
            if d < n:
                found[k, i] = vector_angle_quantiles(int(n), d, q=0.5)
    return found


def shuffled_readout(readout, subspaces, *, dimensions, active, seeds, n_draws=50):
    """Mean angle (network, dimension) of shuffled readouts (network, unit) to the subspaces.

    The weights are dealt out anew to the active units. That keeps their sign and size and loses
    which unit has which: what is left is what a readout of that kind shares with the subspace.
    """
    found = np.full((len(readout), len(dimensions)), np.nan)
    for k, seed in enumerate(seeds):
        rng, where = generator(seed, "alignment.shuffled readout"), active[k].astype(bool)
        shuffled = np.repeat(readout[k][None].astype(float), n_draws, axis=0)
        shuffled[:, where] = rng.permuted(shuffled[:, where], axis=1)
        norm = np.linalg.norm(shuffled, axis=1, keepdims=True)
        shuffled = np.divide(shuffled, norm, out=np.full_like(shuffled, np.nan), where=norm > 0)
        for i, d in enumerate(dimensions):
            # The bases are orthonormal, so lengths of projections are cosines.
            cosines = np.linalg.norm(shuffled @ subspaces[k, i, :, :d], axis=1)
            found[k, i] = np.degrees(np.arccos(np.minimum(cosines, 1))).mean()
    return found


def _draws(covariance, d, *, rng, n_draws):
    if not np.isfinite(covariance).all() or np.linalg.matrix_rank(covariance, hermitian=True) < d:
        return np.full((n_draws, len(covariance), d), np.nan)
    return covariance_subspaces(covariance, d, rng=rng, n_draws=n_draws)


def _places(A, dimensions):
    return ((k, i, d) for k in range(len(A)) for i, d in enumerate(dimensions))
