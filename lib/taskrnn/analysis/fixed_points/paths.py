"""Paths of fixed points of (leaky) ReLU networks, followed exactly while the constant input changes
along a line.

Every state is a fixed point of the network under some other constant input.  That input is changed
to the real one, ``c + s g`` from s = 1 to s = 0, and the fixed point is followed.  Its total input
is a straight line in every region,

    x(s) = C (c + s g),   C = (I - W D)^-1,   r = f(x),

up to the border where one unit reaches its threshold.  There one slope of D changes, dx/ds by a
share of one column of M = C W, M by a matrix of rank one, and s goes on, or turns round if det(I -
W D) changes its sign: the path goes round a fold, as an eigenvalue of W D passes 1.  Where it meets
s = 0 it is at a fixed point of the real network; it goes on beyond, and often comes back to others,
whose determinants have either sign in turn.  It may also close: a region holds one piece of one
path, so that a path back in its first region has nothing more to meet.  This is how Lemke (1965)
solves linear complementarity problems; the fixed points of a ReLU network are one.

A border needs one row and one column of M and no product with it.  M is changed by many of these
matrices at once (one product, instead of a pass over it for each); until then they stand beside it.
"""

import numpy as np

from taskrnn.analysis.fixed_points.newton import SINGULAR, bound, response

AT_ZERO = 1e-9  # of the way from the first input to the real one: nearer, the path is there
MEMORY = 2**22  # numbers in the matrices of the paths that are followed side by side
WAITING = 16  # changes of rank one beside a matrix


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
    limit = 1 / (SINGULAR * bound(W[None])[0])
    x, regions = totals.copy(), totals > 0
    D = np.where(regions, 1.0, slope)
    M = np.array([response(W, slopes) for slopes in D])
    responses = Responses(M)
    along = x - c - (M @ (D * c)[..., None])[..., 0]  # dx / ds, with C = I + M D
    s, direction, last = np.ones(len(x)), -np.ones(len(x)), np.full(len(x), -1)
    first, live, met = regions.copy(), np.arange(len(x)), []
    # A singular first region has no path out of it, but may be one of fixed points.
    size = [np.linalg.norm(np.eye(len(c)) + of * slopes) for of, slopes in zip(M, D, strict=True)]
    going = np.array(size) < limit
    met += [(live[i], regions[i].copy()) for i in np.flatnonzero(~going)]
    for _ in range(max_regions):
        if not going.all():
            live, x, regions, first, along, s, direction, last = (
                a[going] for a in (live, x, regions, first, along, s, direction, last)
            )
            responses.keep(going)
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
        column = responses.column(unit)
        turn = 1 - change * column[row, unit]  # the ratio of the determinants
        singular = np.abs(turn) < SINGULAR
        met += [(live[i], regions[i].copy()) for i in np.flatnonzero(going & singular)]
        going &= ~singular
        column *= (change / np.where(singular, 1.0, turn))[:, None]
        along += column * along[row, unit][:, None]
        responses.add(column, responses.row(unit))
        direction *= np.sign(turn)
        last = unit
        # Only from beyond s = 1: at a corner, rounding may lead back over the border just crossed.
        going &= ~((s > 1) & (direction < 0) & (regions == first).all(axis=1))
    return met


class Responses:
    """Matrices ``M + sum_k left_k right_k^T``, M of shape (path, unit, unit), of the paths that are
    followed.
    """

    def __init__(self, M):
        self.M, self.path, self.n_waiting = M, np.arange(len(M)), 0
        self.left, self.right = np.empty((2, len(M), WAITING, M.shape[-1]))

    def column(self, unit):
        """The columns of these units, one for each path, (path, unit)."""
        return self.M[self.path, :, unit] + self._waiting(self.right, self.left, unit)

    def row(self, unit):
        """The rows of these units, one for each path, (path, unit)."""
        return self.M[self.path, unit] + self._waiting(self.left, self.right, unit)

    def _waiting(self, at, along, unit):
        shares = at[np.arange(len(unit)), : self.n_waiting, unit][:, None]
        return (shares @ along[:, : self.n_waiting])[:, 0]

    def add(self, left, right):
        """Add ``left right^T``, both (path, unit)."""
        self.left[:, self.n_waiting], self.right[:, self.n_waiting] = left, right
        self.n_waiting += 1
        if self.n_waiting == WAITING:
            for path, *change in zip(self.path, self.left.mT, self.right, strict=True):
                self.M[path] += np.matmul(*change)
            self.n_waiting = 0

    def keep(self, paths):
        """Leave out the other paths."""
        # The matrices stay where they are: they are large.
        self.path, self.left, self.right = self.path[paths], self.left[paths], self.right[paths]
