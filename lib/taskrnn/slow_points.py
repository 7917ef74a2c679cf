"""Stand-in for the search for points of smooth networks where nothing moves: Newton from many starts."""

from typing import NamedTuple

import numpy as np

from taskrnn.activation import TANH


class FixedPoints(NamedTuple):
    rates: np.ndarray  # (point, unit)
    hits: np.ndarray
    first_hit: np.ndarray


class SlowPoints(NamedTuple):
    fixed: FixedPoints


def slow_points(W, c, starts, *, activation=TANH, alpha=0.1, tol=1e-9, max_iter=200):
    return [SlowPoints(one(*net, activation, tol, max_iter)) for net in zip(W, c, starts, strict=True)]


def one(W, c, starts, activation, tol, max_iter):
    n = len(c)
    r = np.array(starts, float)
    eye = np.eye(n)

    def residual(r):
        return activation.value(r @ W.T + c) - r

    F = residual(r)
    size = np.linalg.norm(F, axis=1)
    for _ in range(max_iter):
        todo = np.flatnonzero((size > tol * 1e-3) & np.isfinite(size))
        if not todo.size:
            break
        slope = activation.slope(r[todo] @ W.T + c)
        J = slope[:, :, None] * W - eye
        step = -np.linalg.solve(J, F[todo][..., None])[..., 0]
        t = np.ones(len(todo))
        for _ in range(12):
            new = r[todo] + t[:, None] * step
            new_size = np.linalg.norm(residual(new), axis=1)
            worse = ~(new_size < size[todo])
            if not worse.any():
                break
            t[worse] /= 2
        gone = todo[worse]
        r[todo] = np.where(worse[:, None], r[todo], new)
        F = residual(r)
        size = np.linalg.norm(F, axis=1)
        size[gone] = np.where(size[gone] > tol, np.nan, size[gone])
        F[gone] = np.where(np.isnan(size[gone])[:, None], np.nan, F[gone])
        if np.isnan(size).any():
            r[np.isnan(size)] = np.nan
    kept, hits, first = [], [], []
    for k in np.flatnonzero(size <= tol):
        near = [i for i, p in enumerate(kept) if np.abs(p - r[k]).max() < 1e-5]
        if near:
            hits[near[0]] += 1
        else:
            kept.append(r[k]), hits.append(1), first.append(k)
    return FixedPoints(np.array(kept).reshape(-1, n), np.array(hits, int), np.array(first, int))
