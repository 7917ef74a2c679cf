"""Paths of fixed points of (leaky) ReLU networks, followed exactly while the constant input changes
along a line.

Every state is a fixed point of the network under some other constant input.  That input is changed
to the real one, ``c + s g`` from s = 1 to s = 0, and the fixed point is followed.  Its total input
is a straight line in every region,

    x(s) = C (c + s g),   C = (I - W D)^-1,   r = f(x),

up to the border where one unit reaches its threshold.  There one slope of D changes, C by a matrix
of rank one, and s goes on, or turns round if det(I - W D) changes its sign: the path goes round a
fold, as an eigenvalue of W D passes 1.  Where it meets s = 0 it is at a fixed point of the real
network; it goes on beyond, and often comes back to others, whose determinants have either sign in
turn.  This is how Lemke (1965) solves linear complementarity problems; the fixed points of a ReLU
network are one.

A matrix is changed by many of these at once (one product, instead of a pass over the matrix for
each); until then they stand beside it.
"""

import numpy as np

from taskrnn.analysis.fixed_points.newton import SINGULAR, bound, solve_each

AT_ZERO = 1e-9  # of the way from the first input to the real one: nearer, the path is there
# numbers in the inverses of the paths that are followed side by side: they should stay in the cache
MEMORY = 2**19
WAITING = 32  # changes of rank one beside an inverse


def follow(W, c, totals, slope, max_regions):
    """Regions in which the paths of many states meet the real network's fixed points, to be solved.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c : ndarray of shape (unit,), the constant input
    totals : ndarray of shape (start, unit), total inputs ``W r + c`` of the states
    slope : float, below threshold
    max_regions : int, that a path passes

    Returns
    -------
    starts : int ndarray of shape (k,), whose path it is; rising
    regions : bool ndarray of shape (k, unit), units above threshold
    """
    size = max(1, MEMORY // len(c) ** 2)
    met = [
        (first + start, region)
        for first in range(0, len(totals), size)
        for start, region in follow_some(W, c, totals[first : first + size], slope, max_regions)
    ]
    met.sort(key=lambda one: one[0])
    starts, regions = zip(*met, strict=True) if met else ((), ())
    return np.array(starts, dtype=int), np.array(regions, dtype=bool).reshape(-1, len(c))


def follow_some(W, c, totals, slope, max_regions):
    """Pairs (start, region) of paths that are followed side by side."""
    columns, limit = np.ascontiguousarray(W.T), 1 / (SINGULAR * bound(W[None])[0])
    x, regions = totals.copy(), totals > 0
    A = np.eye(len(c)) - W * np.where(regions, 1.0, slope)[:, None]
    inverse = Inverse(solve_each(A, np.broadcast_to(np.eye(len(c)), A.shape)))
    along = x - inverse.times(np.broadcast_to(c, x.shape))  # dx / ds
    s, direction, last = np.ones(len(x)), -np.ones(len(x)), np.full(len(x), -1)
    live, met = np.arange(len(x)), []
    # A singular first region has no path out of it, but may be one of fixed points.
    going = np.linalg.norm(inverse.C, axis=(-2, -1)) < limit
    met += [(live[i], regions[i].copy()) for i in np.flatnonzero(~going)]
    for _ in range(max_regions):
        if not going.all():
            live, x, regions, along, s, direction, last = (
                a[going] for a in (live, x, regions, along, s, direction, last)
            )
            inverse.keep(going)
        if not live.size:
            break
        row = np.arange(len(live))
        speed = direction[:, None] * along
        towards = np.where(regions, speed < 0, speed > 0)
        towards[row, last] &= (
            last < 0
        )  # rounding must not send it back over the border that it has just crossed
        length = np.full(x.shape, np.inf)
        np.divide(-x, speed, out=length, where=towards)
        unit = length.argmin(axis=1)
        step = np.maximum(length[row, unit], 0.0)
        ahead = -s * direction  # to s = 0
        met += [
            (live[i], regions[i].copy())
            for i in np.flatnonzero((ahead > AT_ZERO) & (ahead <= step + AT_ZERO))
        ]
        going = np.isfinite(step)  # else no border is ahead: the path goes to infinity
        step = np.where(going, step, 0.0)
        x += step[:, None] * speed
        x[row, unit] = 0.0
        s += step * direction
        change = np.where(regions[row, unit], slope - 1, 1 - slope)
        regions[row, unit] ^= True
        column = inverse.times(columns[unit])
        turn = 1 - change * column[row, unit]  # the ratio of the determinants
        singular = np.abs(turn) < SINGULAR
        met += [(live[i], regions[i].copy()) for i in np.flatnonzero(going & singular)]
        going &= ~singular
        column *= (change / np.where(singular, 1.0, turn))[:, None]
        along += column * along[row, unit][:, None]
        inverse.add(column, inverse.row(unit))
        direction *= np.sign(turn)
        last = unit
    return met


class Inverse:
    """Matrices ``C + sum_k left_k right_k^T``, C of shape (path, unit, unit), of the paths that are
    followed.
    """

    def __init__(self, C):
        self.C, self.n_waiting = C, 0
        self.left, self.right = np.empty((2, len(C), WAITING, C.shape[-1]))

    def times(self, vectors):
        """The product with a vector for each path, (path, unit)."""
        left, right = self.left[:, : self.n_waiting], self.right[:, : self.n_waiting]
        found = (self.C @ vectors[..., None])[..., 0]
        return found + ((right @ vectors[..., None]).mT @ left)[:, 0]

    def row(self, unit):
        """The rows of these units, one for each path, (path, unit)."""
        path = np.arange(len(self.C))
        shares = self.left[path, : self.n_waiting, unit][:, None]
        return self.C[path, unit] + (shares @ self.right[:, : self.n_waiting])[:, 0]

    def add(self, left, right):
        """Add ``left right^T``, both (path, unit)."""
        self.left[:, self.n_waiting], self.right[:, self.n_waiting] = left, right
        self.n_waiting += 1
        if self.n_waiting == WAITING:
            self.C += self.left.mT @ self.right
            self.n_waiting = 0

    def keep(self, paths):
        """Leave out the other paths."""
        self.C, self.left, self.right = self.C[paths], self.left[paths], self.right[paths]
