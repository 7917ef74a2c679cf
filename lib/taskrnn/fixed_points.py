"""Fixed points of ReLU and leaky ReLU networks under constant input, solved exactly (claims L1, G1).

Where the units S are above threshold, f is linear with slopes ``D`` (1 on S, tan(theta) elsewhere), so a
fixed point there is the solution of ``(I - D W) r = D c`` with ``c = W_in u + b``, and it is one only if its own
total input ``W r + c`` is positive on S and on no other unit.  Replacing S by the units for which it is
positive and solving again is the search of SCYFI (Eisenmann et al. 2023).  The fixed points of the map with
``alpha = dt / tau`` and of the ODE coincide; their stability does not:
map ``|1 + alpha (l - 1)| < 1``, ODE ``Re l < 1``, for every eigenvalue l of ``D W``.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class FixedPoints:
    """The fixed points found for one network and one constant input, most often hit first; shape (point,)."""

    rates: np.ndarray  # (point, unit)
    hits: np.ndarray  # starts that ended there
    first_hit: np.ndarray  # the first of them: sorted, the saturation curve
    growth_map: np.ndarray  # 1/tau, largest ln|1 + alpha (l - 1)| / alpha; below 0 is stable
    growth_ode: np.ndarray  # 1/tau, largest Re l - 1; below 0 is stable
    speed: np.ndarray  # 1/tau, norm of -r + f(W r + c): the error of the solution
    kink_distance: np.ndarray  # smallest |W r + c| over units; near 0 the growths hold on one side of the kink only
    n_starts: int
    n_failed: int  # starts that ended nowhere


def fixed_points(W, c, *, rng, theta=0.0, alpha=0.1, n_starts=100, states=None, max_iter=300, tol=1e-6):
    """Search one network's fixed points from random regions and from given states; returns FixedPoints.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c : ndarray of shape (unit,), the constant input ``W_in u + b``
    rng : numpy.random.Generator
    theta, alpha : float
        Angle of the leaky ReLU in radians, 0 to pi/4, and dt / tau.
    n_starts, max_iter : int
        Random starts, and region solves for each.  Every start draws its own share of active units: with equal
        odds for each unit nearly every start would have half of them active.
    states : ndarray of shape (state, unit), optional
        Further starts, taken from trajectories; they alone miss points.
    tol : float
        Two solutions nearer than `tol` times the largest norm of a solution are one point.
    """
    W, c = np.asarray(W, dtype=float), np.asarray(c, dtype=float)
    if W.shape != (c.size, c.size) or c.ndim != 1:
        raise ValueError(f"W {W.shape} must be (unit, unit) and c {c.shape} (unit,): one network, one constant input.")
    slope = math.tan(theta)
    regions = rng.random((n_starts, c.size)) < rng.random((n_starts, 1))
    if states is not None:
        regions = np.concatenate([regions, np.asarray(states) @ W.T + c > 0])

    solved = {}
    found = [_search(W, c, region, slope, rng, solved, max_iter) for region in regions]
    ends = [(start, r) for start, r in enumerate(found) if r is not None]
    kept, first, hits = [], [], []
    scale = max((np.linalg.norm(r) for _, r in ends), default=0.0)
    for start, r in ends:
        # Compared with points that are kept, never with ones that were merged: those chain.
        near = [k for k, other in enumerate(kept) if np.linalg.norm(r - other) <= tol * scale]
        if near:
            hits[near[0]] += 1
        else:
            kept.append(r), first.append(start), hits.append(1)

    order = np.argsort(-np.array(hits, dtype=int), kind="stable")
    rates = np.array(kept).reshape(-1, c.size)[order]
    total = rates @ W.T + c
    growth = np.array([_growth(W, x > 0, slope, alpha) for x in total]).reshape(-1, 2)
    return FixedPoints(
        rates=rates,
        hits=np.array(hits, dtype=int)[order],
        first_hit=np.array(first, dtype=int)[order],
        growth_map=growth[:, 0],
        growth_ode=growth[:, 1],
        speed=np.linalg.norm(np.maximum(total, slope * total) - rates, axis=1),
        kink_distance=np.abs(total).min(axis=1),
        n_starts=len(regions),
        n_failed=len(regions) - len(ends),
    )


class SteadyStates(NamedTuple):
    """States, (network, condition, unit), and whether each is a steady state, (network, condition)."""

    rates: np.ndarray
    converged: np.ndarray


def steady_states(W, W_in, b, inputs, *, rng, theta=0.0, alpha=0.1, block=100, max_steps=1000):
    """Where the noise-free network settles from r = 0 under each constant input.

    The network is simulated in blocks of steps; after each, the fixed point of the region it is in is solved
    for, and taken if it exists, lies within 1 % of the state and the block went towards it.  Near criticality
    settling takes hundreds of tau: after the last block the fixed point that region solves lead to from the
    state is taken if it is stable.

    Parameters
    ----------
    W, W_in, b : ndarray of shape (network, unit, unit), (network, unit, input), (network, unit)
    inputs : ndarray of shape (condition, input)
    rng : numpy.random.Generator, breaks cycles of region solves
    theta, alpha : float
        Angle of the leaky ReLU in radians, 0 to pi/4, and dt / tau.
    block, max_steps : int, steps between two solves, and at most

    Returns
    -------
    SteadyStates
        Where no such point is found, ``converged`` is False and the state is the last one simulated: the
        network oscillates, is chaotic or diverges, or, rarely and near criticality, the region solves went astray.
    """
    W, W_in, b, inputs = (np.asarray(a, dtype=float) for a in (W, W_in, b, inputs))
    if W_in.shape[:-1] != b.shape or W.shape != (*b.shape, b.shape[-1]) or inputs.shape[1:] != W_in.shape[2:]:
        raise ValueError(
            f"W {W.shape}, W_in {W_in.shape}, b {b.shape} and inputs {inputs.shape} must be (network, unit, unit), "
            "(network, unit, input), (network, unit) and (condition, input)."
        )
    slope = math.tan(theta)
    results = [_settle(*net, inputs, rng, slope, alpha, block, max_steps) for net in zip(W, W_in, b, strict=True)]
    return SteadyStates(*(np.stack(part) for part in zip(*results, strict=True)))


def _settle(W, W_in, b, inputs, rng, slope, alpha, block, max_steps):
    c = inputs @ W_in.T + b
    rates, converged = np.zeros(c.shape), np.zeros(len(c), dtype=bool)
    # Far beyond any activity of interest, and far below overflow within the next block.
    ceiling = 1e6 * (1 + np.abs(c).max())
    for _ in range(0, max_steps, block):
        open_ = np.flatnonzero(~converged & (np.abs(rates).max(axis=1) < ceiling))
        if not open_.size:
            break
        before = r = rates[open_]
        for _ in range(block):
            total = r @ W.T + c[open_]
            r = (1 - alpha) * r + alpha * np.maximum(total, slope * total)
        active = r @ W.T + c[open_] > 0
        regions, member = np.unique(active, axis=0, return_inverse=True)
        point = np.full(r.shape, np.nan)
        for k, region in enumerate(regions):
            point[member == k] = _solve(W, c[open_][member == k], region, slope)
        distance = np.linalg.norm(r - point, axis=1)
        settled = (
            _agrees(point @ W.T + c[open_], active).all(axis=1)
            & (distance <= 0.01 * np.linalg.norm(point, axis=1))
            & (distance <= np.linalg.norm(before - point, axis=1))
        )
        rates[open_] = np.where(settled[:, None], point, r)
        converged[open_] = settled
    for k in np.flatnonzero(~converged & (np.abs(rates).max(axis=1) < ceiling)):
        point = _search(W, c[k], W @ rates[k] + c[k] > 0, slope, rng, {}, max_iter=300)
        if point is not None and _growth(W, W @ point + c[k] > 0, slope, alpha)[0] < 0:
            rates[k], converged[k] = point, True
    return rates, converged


def _search(W, c, region, slope, rng, solved, max_iter):
    """Rates of the fixed point that region solves lead to from `region`, or None."""
    visited = set()
    for _ in range(max_iter):
        key = region.tobytes()
        if key not in solved:
            r = _solve(W, c[None], region, slope)[0]
            solved[key] = r, W @ r + c
        r, total = solved[key]
        if _agrees(total, region).all():
            return r
        if not np.isfinite(r).all():
            return None
        # A cycle of regions is left by moving a random half of the units that are on the wrong side.
        region = region ^ (((total > 0) != region) & ((rng.random(c.size) < 0.5) | (key not in visited)))
        visited.add(key)
    return None


def _solve(W, c, region, slope):
    """Solutions of ``(I - D W) r = D c``, (condition, unit), for c of the same shape; nan if D W has eigenvalue 1."""
    D = np.where(region, 1.0, slope)
    try:
        return np.linalg.solve(np.eye(len(W)) - D[:, None] * W, (D * c).T).T
    except np.linalg.LinAlgError:
        return np.full(c.shape, np.nan)


def _growth(W, region, slope, alpha):
    """Largest growth rates of the map and of the ODE in a region, 1/tau."""
    eigenvalues = np.linalg.eigvals(np.where(region, 1.0, slope)[:, None] * W)
    return np.log(np.abs(1 + alpha * (eigenvalues - 1)).max()) / alpha, eigenvalues.real.max() - 1


def _agrees(total, active):
    # A unit exactly at threshold belongs to both sides; rounding must not decide.
    at_threshold = np.abs(total) <= 1e-12 * np.abs(total).max(axis=-1, keepdims=True)
    return np.isfinite(total) & ((total > 0) == active) | at_threshold
