"""Maximisation from many starts at once by limited-memory BFGS (Nocedal and Wright 2006, algorithm
7.5).

The starts do not touch each other: each has its own history and its own step length, and one that
has converged is taken out of the batch. What they share are the evaluations, which cost far less
for many points in one call than for one at a time.
"""

from collections.abc import Callable

import numpy as np

MEMORY = 10  # pairs of steps and changes of the gradient
SUFFICIENT = 1e-4  # of the rise that the slope promises, to accept a step (Armijo)
SHORTEST = 1e-10  # of a step
TINY = np.finfo(float).tiny


def maximise(
    function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    x: np.ndarray,
    *,
    tol: float,
    max_iter: int = 10_000,
) -> np.ndarray:
    """Where each start ends, (start, variable).

    Parameters
    ----------
    function : callable(x) -> (value, gradient)
        For points of shape (point, variable): values (point,) and gradients (point, variable). A
        value of -inf is a wall: no step ends there.
    x : ndarray (start, variable), none of them in a wall
    tol : float
        A start has converged when a step raises its value by at most this share of it (of 1 if it
        is smaller), or when no step along its direction raises it.
    """
    ends = np.array(x, dtype=float)
    running = np.arange(len(ends))
    x, (value, gradient) = ends.copy(), function(ends)
    history, direction = History(*x.shape), gradient / np.maximum(_norm(gradient), TINY)
    for _ in range(max_iter):
        new, new_value, new_gradient = _line_search(function, x, value, gradient, direction)
        rise = new_value - value
        done = rise <= tol * np.maximum(np.maximum(np.abs(value), np.abs(new_value)), 1)
        step, change = new - x, gradient - new_gradient
        x, value, gradient = new, new_value, new_gradient
        ends[running] = x
        if done.all():
            break
        if done.any():
            left = ~done
            running, x, value, gradient = running[left], x[left], value[left], gradient[left]
            step, change = step[left], change[left]
            history.keep(left)
        direction = history.direction(step, change, gradient)
    return ends


class History:
    """The last `MEMORY` steps of each start and changes of its gradient, and their products.

    The two-loop recursion needs no more than the products of these vectors with each other and with
    the gradient (Chen et al. 2014): each of them is read twice for a direction, once for its
    products and once for its share.
    """

    def __init__(self, n_starts: int, n_variables: int):
        # Steps first, then changes.
        self.vectors = np.zeros((n_starts, 2 * MEMORY, n_variables))
        self.with_changes = np.zeros((n_starts, 2 * MEMORY, MEMORY))
        self.n_pairs = 0

    def keep(self, starts: np.ndarray) -> None:
        """Leave out the other starts."""
        self.vectors, self.with_changes = self.vectors[starts], self.with_changes[starts]

    def direction(self, step, change, gradient):
        """The direction (start, variable) at this gradient, after one more step and change."""
        new = self.n_pairs % MEMORY
        self.vectors[:, new], self.vectors[:, MEMORY + new] = step, change
        self.n_pairs += 1
        products = self.vectors @ np.stack([step, change, gradient], axis=-1)
        with_step, with_change, with_gradient = np.moveaxis(products, -1, 0)
        self.with_changes[:, :, new] = with_change
        self.with_changes[:, new] = with_step[:, MEMORY:]
        self.with_changes[:, MEMORY + new] = with_change[:, MEMORY:]
        scale, shares = self._shares(with_gradient)
        return scale[:, None] * gradient + (shares[:, None] @ self.vectors)[:, 0]

    def _shares(self, with_gradient):
        """Share of the gradient (start,) and of each vector (start, vector) in the direction."""
        steps, changes = self.with_changes[:, :MEMORY], self.with_changes[:, MEMORY:]
        curvature, size = (of.diagonal(axis1=1, axis2=2) for of in (steps, changes))
        # A pair in which the gradient did not fall along the step tells nothing of a maximum and is
        # passed over.
        useful = curvature > np.finfo(float).eps * size
        weight = np.divide(1, curvature, out=np.zeros(curvature.shape), where=useful)
        from_old = [k % MEMORY for k in range(max(self.n_pairs - MEMORY, 0), self.n_pairs)]
        taken, scale = np.zeros(curvature.shape), np.ones(len(curvature))
        for i in reversed(from_old):
            along = with_gradient[:, i] - (steps[:, i] * taken).sum(axis=-1)
            taken[:, i] = weight[:, i] * along
        for i in from_old:
            scale = np.where(useful[:, i], curvature[:, i] / np.maximum(size[:, i], TINY), scale)
        given = np.zeros(curvature.shape)
        for i in from_old:
            along = with_gradient[:, MEMORY + i] - (changes[:, i] * taken).sum(axis=-1)
            along = scale * along + (steps[:, :, i] * given).sum(axis=-1)
            given[:, i] = taken[:, i] - weight[:, i] * along
        return scale, np.concatenate([given, -scale[:, None] * taken], axis=1)


def _line_search(function, x, value, gradient, direction):
    """The first point along each direction that rises enough, by halving the step; the start itself
    if there is none.
    """
    slope = (gradient * direction).sum(axis=-1)
    length = np.ones(len(x))
    new, new_value, new_gradient = x.copy(), value.copy(), gradient.copy()
    trying = np.flatnonzero(slope > 0)
    while trying.size:
        points = x[trying] + length[trying, None] * direction[trying]
        values, gradients = function(points)
        enough = values >= value[trying] + SUFFICIENT * length[trying] * slope[trying]
        accepted = trying[enough]
        new[accepted], new_value[accepted], new_gradient[accepted] = (
            points[enough],
            values[enough],
            gradients[enough],
        )
        trying = trying[~enough]
        length[trying] /= 2
        trying = trying[length[trying] > SHORTEST]
    return new, new_value, new_gradient


def _norm(x):
    return np.linalg.norm(x, axis=-1, keepdims=True)
