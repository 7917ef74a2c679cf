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
    steps, changes = np.zeros((2, 0, *x.shape))  # (pair, start, variable), the oldest first
    for _ in range(max_iter):
        direction = _direction(gradient, steps, changes)
        new, new_value, new_gradient = _line_search(function, x, value, gradient, direction)
        rise = new_value - value
        done = rise <= tol * np.maximum(np.maximum(np.abs(value), np.abs(new_value)), 1)
        steps = np.concatenate([steps, [new - x]])[-MEMORY:]
        changes = np.concatenate([changes, [gradient - new_gradient]])[-MEMORY:]
        x, value, gradient = new, new_value, new_gradient
        ends[running] = x
        if done.all():
            break
        left = ~done
        running, x, value, gradient = running[left], x[left], value[left], gradient[left]
        steps, changes = steps[:, left], changes[:, left]
    return ends


def _direction(gradient, steps, changes):
    """The two-loop recursion; without history the gradient, made to have length 1."""
    if not len(steps):
        return gradient / np.maximum(_norm(gradient), np.finfo(float).tiny)
    curvature = (steps * changes).sum(axis=-1)
    # A pair in which the gradient did not fall along the step tells nothing of a maximum and is
    # passed over.
    useful = curvature > np.finfo(float).eps * (changes**2).sum(axis=-1)
    weight = np.divide(1, curvature, out=np.zeros_like(curvature), where=useful)
    q, shares = gradient.copy(), np.empty_like(curvature)
    for i in reversed(range(len(steps))):
        shares[i] = weight[i] * (steps[i] * q).sum(axis=-1)
        q -= shares[i, :, None] * changes[i]
    scale = np.ones(len(q))
    for i in range(len(steps)):
        scale = np.where(
            useful[i],
            curvature[i] / np.maximum((changes[i] ** 2).sum(axis=-1), np.finfo(float).tiny),
            scale,
        )
    q *= scale[:, None]
    for i in range(len(steps)):
        q += (shares[i] - weight[i] * (changes[i] * q).sum(axis=-1))[:, None] * steps[i]
    return q


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
