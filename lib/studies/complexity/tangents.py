"""A function replaced by its tangents at K points, each used for the inputs that are nearest to its
own point (X2).

With few points the R2 can be below any bound, so it is never averaged: the number that counts is
how many points are needed.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

ENOUGH = 0.9  # R2 that K_90 asks for


class Tangents(NamedTuple):
    """at : ndarray of shape (point, input)
    value : ndarray of shape (point, output), of the function there
    slope : ndarray of shape (point, output, input), its gradient there
    """

    at: np.ndarray
    value: np.ndarray
    slope: np.ndarray


def of_distance(at: np.ndarray) -> Tangents:
    """The tangents of the distance from the origin at points (point, input), none of them there."""
    value = np.linalg.norm(at, axis=1, keepdims=True)
    return Tangents(at, value, (at / value)[:, None])


def half_octaves(most: int) -> np.ndarray:
    """Numbers (number,) from 1 up, each 2^(1/2) times the one before, rounded, up to `most`."""
    exponent = np.arange(0, 2 * np.log2(most) + 1e-9) / 2
    return np.unique(np.round(2**exponent).astype(int))


def nearest(
    at: np.ndarray,
    inputs: np.ndarray,
    numbers: np.ndarray,
    *,
    n_draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Which of the first K points of a random order lies nearest to each input.

    Parameters
    ----------
    at, inputs : ndarray of shape (point, input) and (trial, input)
    numbers : ndarray of int (number,), values of K, rising
    n_draws : int, random orders

    Returns
    -------
    ndarray of int (draw, number, trial), numbers of points
    """
    distance, trial = cdist(inputs, at), np.arange(len(inputs))
    found = np.empty((n_draws, len(numbers), len(inputs)), dtype=int)
    for draw in found:
        order, best, first = rng.permutation(len(at)), np.full(len(inputs), -1), 0
        for k, last in enumerate(numbers):
            new = order[first:last]
            new = new[distance[:, new].argmin(axis=1)]
            closer = (best < 0) | (distance[trial, new] < distance[trial, best])
            draw[k] = best = np.where(closer, new, best)
            first = last
    return found


def r2(
    tangents: Tangents, which: np.ndarray, inputs: np.ndarray, outputs: np.ndarray
) -> np.ndarray:
    """R2 (...) of the outputs (trial, output) at the inputs (trial, input), predicted by the
    tangents of these numbers (..., trial).
    """
    step = inputs - tangents.at[which]
    predicted = tangents.value[which] + np.einsum("...oi,...i->...o", tangents.slope[which], step)
    variance = ((outputs - outputs.mean(axis=0)) ** 2).mean(axis=0).sum()
    return 1 - ((predicted - outputs) ** 2).mean(axis=-2).sum(axis=-1) / variance


def fewest(curve: np.ndarray, numbers: np.ndarray) -> float:
    """K_90: the first of the numbers whose R2 (number,) is enough, twice the last if none is."""
    enough = np.flatnonzero(curve >= ENOUGH)
    return float(numbers[enough[0]] if enough.size else 2 * numbers[-1])
