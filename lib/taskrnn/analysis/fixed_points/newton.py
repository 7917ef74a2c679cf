"""Newton's linear equations of rate networks, ``(I - D W) d = b``, for many slope matrices D at
once.

D = diag(f'(W r + c)).  Where a unit's slope is 0 (a ReLU below threshold) its row says ``d = b``,
so only the block of the units with a slope is solved for.
"""

import numpy as np

BLOCK = 2**18  # numbers in the matrices that are solved at once: they should stay in the cache
SINGULAR = 1e-10  # of the largest singular value: those below count as zero
# by which a matrix and its inverse together stretch a probe: from here on the singular values are
# looked at
SUSPECT = 1e8


def solve(W, D, b):
    """Solutions d of ``(I - D W) d = b``; NaN where a matrix is exactly singular.

    Parameters
    ----------
    W : ndarray of shape (network, unit, unit)
    D : ndarray of shape (network, row, unit), slopes
    b : ndarray of shape (k, network, row, unit), k right-hand sides for each matrix

    Returns
    -------
    ndarray of the shape of b
    """
    sloped = D != 0
    right = b + D * (np.where(sloped, 0.0, b) @ W.mT)
    d = b.copy()
    count = sloped.sum(axis=-1)
    rising = np.argsort(count, axis=None)
    for rows in split(rising[np.searchsorted(count.flat[rising], 1) :], D.shape[-1]):
        net, row = np.unravel_index(rows, count.shape)
        # Rows come with rising numbers of sloped units, which come first in `units`: the block of
        # the last row's holds them all.
        units = np.argsort(~sloped[net, row], axis=1, kind="stable")[:, : count[net[-1], row[-1]]]
        at = net[:, None], row[:, None], units
        # By numbers in all of W: NumPy takes twice as long with three indices.
        row_of = (net[:, None] * D.shape[-1] + units) * D.shape[-1]
        A = W.take(row_of[:, :, None] + units[:, None, :])
        A *= -D[at][:, :, None]
        if count[net[0], row[0]] < units.shape[1]:
            A *= sloped[at][:, None, :]  # the others in the block are in the right side already
        diagonal = np.arange(units.shape[1])
        A[:, diagonal, diagonal] += 1
        d[:, *at] = np.moveaxis(solve_each(A, np.moveaxis(right[:, *at], 0, -1)), -1, 0)
    return d


def split(rows, n_units):
    """Rows in parts whose matrices (row, unit, unit) have about BLOCK numbers."""
    size = max(1, BLOCK // n_units**2)
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def solve_each(A, b):
    """`np.linalg.solve` of a batch, with NaN where a matrix is exactly singular instead of an error
    for all.
    """
    try:
        return np.linalg.solve(A, b)
    except np.linalg.LinAlgError:
        singular = (np.linalg.slogdet(A).sign == 0)[:, None, None]
        return np.where(
            singular, np.nan, np.linalg.solve(np.where(singular, np.eye(A.shape[-1]), A), b)
        )


def response(W, D):
    """The matrix ``(I - W D)^-1 W`` of one network, W (unit, unit), for its slopes D (unit,); NaN
    where I - W D is exactly singular.

    Only the rows of the units with a slope are solved for: the others follow from them.
    """
    on = np.flatnonzero(D)
    block = np.eye(len(on)) - W[np.ix_(on, on)] * D[on]
    return W + (W[:, on] * D[on]) @ solve_each(block[None], W[on][None])[0]


def solve_and_probe(W, D, b):
    """Solutions (network, row, unit), and whether the matrix may be singular, (network, row).

    The inverse of a nearly singular matrix stretches nearly every vector: one in no special
    direction shows it.
    """
    probe = np.random.default_rng(0).standard_normal(D.shape[-1])
    d, stretched = solve(W, D, np.stack([b, np.broadcast_to(probe, D.shape)]))
    growth = np.linalg.norm(stretched, axis=-1) / np.linalg.norm(probe) * bound(W)[:, None]
    return d, ~(growth < SUSPECT)


def bound(W):
    """A bound (network,) on the norm of every I - D W whose slopes are at most 1."""
    return 1 + np.linalg.norm(W, axis=(-2, -1))


def nearest_solution(A, b, start):
    """The solution of ``A d = b`` nearest to `start`, and what may be added to it; A (unit, unit)
    may be singular.

    Returns
    -------
    d : ndarray of shape (unit,), NaN if the equations contradict each other or are not finite
    null : ndarray of shape (unit, dimension), an orthonormal basis of the differences of two
        solutions
    """
    if not (np.isfinite(A).all() and np.isfinite(b).all()):
        return np.full(len(b), np.nan), np.empty((len(b), 0))
    U, s, Vt = np.linalg.svd(A)
    rank = int((s > SINGULAR * s[0]).sum())
    d = start + Vt[:rank].T @ ((U[:, :rank].T @ (b - A @ start)) / s[:rank])
    size = np.linalg.norm(b) + s[0] * np.linalg.norm(d)
    consistent = np.linalg.norm(A @ d - b) <= SINGULAR * size
    return (d if consistent else np.full(len(b), np.nan)), Vt[rank:].T
