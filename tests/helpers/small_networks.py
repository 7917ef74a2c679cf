"""Small random networks, and slow ways to their fixed points, for the tests of several ways to find
them.
"""

import itertools
import math

import numpy as np


def network(rng, n, gain):
    """Random weights without self-connections, and constant input."""
    W = gain / np.sqrt(n) * rng.standard_normal((n, n))
    np.fill_diagonal(W, 0)
    return W, 0.5 * rng.standard_normal(n)


def competing(rng, n, gain):
    """Symmetric weights with inhibition on the whole, which have many fixed points."""
    W, c = network(rng, n, gain)
    W = (W + W.T) / math.sqrt(2) - 1 / math.sqrt(n)
    np.fill_diagonal(W, 0)
    return W, np.abs(c) + 0.5


def enumerate_all(W, c, theta):
    """Every fixed point, by solving all 2^N regions one by one; rows in lexical order."""
    points = []
    for region in itertools.product([0, 1], repeat=len(c)):
        D = np.where(region, 1.0, math.tan(theta))
        r = np.linalg.solve(np.eye(len(c)) - D[:, None] * W, D * c)
        if ((W @ r + c > 0) == np.array(region, dtype=bool)).all():
            points.append(r)
    return lexical(np.array(points).reshape(-1, len(c)))


def lexical(points):
    return points[np.lexsort(points.round(9).T[::-1])]


def index_sum(W, slopes):
    """Sum over points of the sign of det(I - D W); slopes (point, unit)."""
    return int(np.linalg.slogdet(np.eye(len(W)) - slopes[:, :, None] * W).sign.sum())
