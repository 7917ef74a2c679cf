"""Principal angles between subspaces, in degrees (claims S6, S7, R1, R2).

The angles come from `scipy.linalg.subspace_angles`, good to about 2e-6 degrees.
"""

import numpy as np
from scipy.linalg import subspace_angles

from taskrnn import checks
from taskrnn.analysis.units import unitless


def principal_angles(A, B):
    """Principal angles between the column spaces of A and B, in degrees, falling.

    Parameters
    ----------
    A, B : ndarray of shape (..., unit, d) and (..., unit, e) Leading axes are broadcast.  The
        columns need not be orthonormal, but must be independent.  Complex ones (eigenvectors, say)
        span complex subspaces, whose angles are those of their Hermitian products.

    Returns
    -------
    ndarray of shape (..., min(d, e))
    """
    A, B = _basis(A, "A"), _basis(B, "B")
    if A.shape[-2] != B.shape[-2]:
        raise ValueError(
            f"A {A.shape} and B {B.shape} must have the same number of units in the last axis but "
            "one."
        )
    batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    pairs = (np.broadcast_to(X, batch + X.shape[-2:]).reshape(-1, *X.shape[-2:]) for X in (A, B))
    angles = [subspace_angles(a, b) for a, b in zip(*pairs, strict=True)]
    return np.degrees(angles).reshape(*batch, min(A.shape[-1], B.shape[-1]))


def angle_to_subspace(vector, B):
    """Angle in degrees, 0 to 90, of a vector to the column space of B: the arc cosine of the length
    of its projection.

    For a readout and a latent space, or for a direction and a plane (two columns).  The angle to a
    plane is 90 degrees less the angle to its normal.

    Parameters
    ----------
    vector : ndarray of shape (..., unit)
    B : ndarray of shape (..., unit, d)

    Returns
    -------
    ndarray of shape (...,)
    """
    return principal_angles(checks.array("vector", vector, dtype=complex)[..., None], B)[..., 0]


def _basis(X, name):
    X = checks.array(name, X, dtype=complex)
    if X.ndim < 2 or X.shape[-1] > X.shape[-2] or not X.size:
        raise ValueError(
            f"{name} must be (..., unit, d) with d at most the number of units, not {X.shape}."
        )
    if not np.isfinite(X).all():
        raise ValueError(
            f"{name} holds values that are not finite: leave failed networks out and report them."
        )
    X = X / np.exp2(unitless(np.maximum(np.abs(X.real), np.abs(X.imag)), axis=-2)[1])
    norm = np.linalg.norm(X, axis=-2, keepdims=True)
    if not norm.all() or np.linalg.matrix_rank(X / norm).min() < X.shape[-1]:
        raise ValueError(
            f"{name} has dependent columns (or a zero vector), which span no {X.shape[-1]}-d "
            "subspace."
        )
    return X
