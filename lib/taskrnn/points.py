"""Points of rest of one network, each once, with what is known of each."""

from dataclasses import dataclass

import numpy as np

from taskrnn.linearisation import MARGINAL, growths, spectrum
from taskrnn.newton import SINGULAR

ROUNDING = 1e-12  # of the largest point's norm: what two searches that end in one point may differ by


@dataclass(frozen=True)
class FixedPoints:
    """The points found for one network and one constant input, most often hit first; shape (point,)."""

    rates: np.ndarray  # (point, unit)
    hits: np.ndarray  # starts that led there; one may lead to several points
    first_hit: np.ndarray  # the first of them: sorted, the saturation curve
    growth_map: np.ndarray  # 1/tau, largest ln|1 + alpha (l - 1)| / alpha; below 0 is stable
    growth_ode: np.ndarray  # 1/tau, largest Re l - 1; below 0 is stable
    unstable_map: np.ndarray  # number of directions that grow in the map
    unstable_ode: np.ndarray  # and in the ODE
    continuum: np.ndarray  # dimension of the line, plane ... of fixed points around it, to first order; 0 for an isolated one
    speed: np.ndarray  # 1/tau, norm of -r + f(W r + c): the error of the solution
    kink_distance: np.ndarray  # smallest |W r + c| over units; near 0 the growths hold on one side of the kink only
    n_starts: int
    n_failed: int  # starts that led to no point at all


def collect(W, c, ends, starts, *, activation, alpha, tol, n_starts, n_elsewhere=0):
    """FixedPoints from the ends (end, unit) of searches, and the numbers (end,) of their starts, in rising order.

    `n_elsewhere` starts ended at points of another kind.
    """
    member, kept = distinct(ends, tol)
    starts = np.asarray(starts, dtype=int)
    # A start that comes to a point twice counts once.
    hits = np.bincount(np.unique(np.stack([member, starts]), axis=1)[0], minlength=len(kept))
    order = np.argsort(-hits, kind="stable")
    rates = ends[kept][order]
    total = rates @ W.T + c
    slopes = activation.slope(total)
    eigenvalues = spectrum(W, slopes)
    growth = growths(eigenvalues, alpha)
    return FixedPoints(
        rates=rates,
        hits=hits[order],
        first_hit=starts[kept][order],
        growth_map=growth.map.max(axis=1, initial=-np.inf),
        growth_ode=growth.ode.max(axis=1, initial=-np.inf),
        unstable_map=(growth.map > MARGINAL).sum(axis=1),
        unstable_ode=(growth.ode > MARGINAL).sum(axis=1),
        continuum=np.array([nullity(W, D, l) for D, l in zip(slopes, eigenvalues, strict=True)], dtype=int),
        speed=np.linalg.norm(activation.value(total) - rates, axis=1),
        kink_distance=np.abs(total).min(axis=1),
        n_starts=n_starts,
        n_failed=n_starts - n_elsewhere - len(np.unique(starts)),
    )


def distinct(points, tol):
    """Which point each is, (point,), and the first of each, in their order.

    Two are one if they are nearer than `tol` times the larger of their norms. Points are compared with those that are kept,
    never with ones that were merged: those chain, until one is left of a whole line.
    """
    norms = np.linalg.norm(points, axis=1)
    floor = ROUNDING * norms.max(initial=0.0)
    kept, member = [], np.empty(len(points), dtype=int)
    store = np.empty_like(points)
    for i, (point, norm) in enumerate(zip(points, norms, strict=True)):
        apart = np.linalg.norm(store[: len(kept)] - point, axis=1)
        near = np.flatnonzero(apart <= tol * np.maximum(norms[kept], norm) + floor)
        if near.size:
            member[i] = near[0]
        else:
            member[i] = len(kept)
            store[len(kept)] = point
            kept.append(i)
    return member, kept


def nullity(W, slopes, eigenvalues):
    """Dimension of the null space of I - D W; the eigenvalues of D W spare the singular values if none is near 1."""
    # Those of a defective matrix are accurate to a root of the rounding only.
    if not (np.abs(eigenvalues - 1) < 1e-4 * (1 + np.abs(eigenvalues).max())).any():
        return 0
    s = np.linalg.svd(np.eye(len(W)) - slopes[:, None] * W, compute_uv=False)
    return int((s <= SINGULAR * s[0]).sum())
