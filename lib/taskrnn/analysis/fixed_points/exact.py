"""Fixed points of ReLU and leaky ReLU networks under constant input, solved exactly from many
starts (claims L1, G1).

Two methods follow each other.  A region's own solution (see
`taskrnn.analysis.fixed_points.regions`) need not lie in it: replacing the region by the one that it
lies in and solving again is the search of SCYFI (Eisenmann et al. 2023).  A few solves lead all
starts of a network near to a contraction to its one point; if they do not, paths of fixed points
are followed from all starts (see `taskrnn.analysis.fixed_points.paths`).  The fixed points of the
map with ``alpha = dt / tau`` and of the ODE coincide; their stability does not: map ``|1 + alpha (l
- 1)| < 1``, ODE ``Re l < 1``, for every eigenvalue l of ``D W``.
"""

import numpy as np

from taskrnn import checks
from taskrnn.analysis.fixed_points.paths import follow
from taskrnn.analysis.fixed_points.points import collect, distinct
from taskrnn.analysis.fixed_points.regions import agrees, solve_regions
from taskrnn.networks.activation import leaky_relu

SOLVES = 20  # of regions, for each start


def fixed_points(
    W, c, *, rng, theta=0.0, alpha=0.1, n_starts=100, states=None, max_iter=300, tol=1e-6
):
    """Search one network's fixed points from random regions and from given states; returns
    taskrnn.analysis.fixed_points.points.FixedPoints.

    Where a line or plane of fixed points solves a region, the one nearest to the start is taken;
    all that lie on one continuum are one point (see `FixedPoints`).

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c : ndarray of shape (unit,), the constant input ``W_in u + b``
    rng : numpy.random.Generator
    theta, alpha : float
        Angle of the leaky ReLU in radians, 0 to pi/4, and dt / tau.
    n_starts : int
        Random starts.  Every one draws its own share of active units: with equal odds for each unit
        nearly every start would have half of them active.  Total inputs are normal, of the size of
        the largest constant input.
    max_iter : int
        Regions that a path passes at most, or four for each unit if that is more.
    states : ndarray of shape (state, unit), optional
        Further starts, taken from trajectories; they alone miss points.
    tol : float
        Two solutions nearer than `tol` times the larger of their norms are one point.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, there is no start, or `tol`, `alpha` or
        `max_iter` is not positive.
    """
    W, c = checks.finite("W", W), checks.finite("c", c)
    if c.ndim != 1 or not c.size or W.shape != (c.size, c.size):
        raise ValueError(
            f"W {W.shape} must be (unit, unit) and c {c.shape} (unit,): one network, one constant "
            "input."
        )
    states = np.empty((0, c.size)) if states is None else checks.finite("states", states)
    if states.shape[1:] != c.shape:
        raise ValueError(
            f"states {states.shape} must be (state, unit), with {c.size} units as in W."
        )
    n_starts = checks.whole("n_starts", n_starts, least=0)
    max_iter = checks.whole("max_iter", max_iter)
    if not n_starts + len(states):
        raise ValueError(
            f"n_starts is {n_starts} and there are {len(states)} states; give at least one start."
        )
    if not (0 < tol < 1 and 0 < alpha <= 1):
        raise ValueError(
            f"tol is {tol} and alpha {alpha}; both must be above 0, tol below 1 and alpha at most "
            "1."
        )
    activation = leaky_relu(theta)
    slope = float(activation.slope(np.array(-1.0)))
    regions = rng.random((n_starts, c.size)) < rng.random((n_starts, 1))
    drawn = np.abs(rng.standard_normal(regions.shape)) * (np.abs(c).max() or 1.0)
    totals = np.concatenate([np.where(regions, drawn, -drawn), states @ W.T + c])
    starts = np.concatenate([activation.value(totals[:n_starts]), states])

    ends = search(
        W,
        np.broadcast_to(c, totals.shape),
        totals > 0,
        starts,
        slope=slope,
        rng=rng,
        max_iter=SOLVES,
    )
    number = np.flatnonzero(np.isfinite(ends).all(axis=1))
    rates = ends[number]
    if len(number) < len(ends) or len(distinct(rates, tol)[1]) > 1:
        path, met = follow(W, c, totals, slope, max(max_iter, 4 * c.size))
        solved, _ = solve_regions(W, c, met, slope, starts[path])
        real = agrees(solved @ W.T + c, met).all(axis=1)
        rates, number = np.concatenate([rates, solved[real]]), np.concatenate([number, path[real]])
    order = np.argsort(number, kind="stable")
    return collect(
        W,
        c,
        rates[order],
        number[order],
        activation=activation,
        alpha=alpha,
        tol=tol,
        n_starts=len(ends),
    )


def search(W, c, regions, starts, *, slope, rng, max_iter):
    """Rates (start, unit) of the fixed points that region solves lead to, NaN from where they lead
    to none.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c : ndarray of shape (start, unit)
    regions : bool ndarray of shape (start, unit), in which each begins
    starts : ndarray of shape (start, unit), states: of a line or plane of solutions the one nearest
        to it is taken
    slope : float, below threshold
    rng : numpy.random.Generator, breaks cycles of region solves
    max_iter : int, solves for each start
    """
    ends = np.full(c.shape, np.nan)
    inputs = np.unique(c, axis=0, return_inverse=True)[1].ravel()
    regions, live = regions.copy(), np.arange(len(c))
    solved, visited = {}, set()
    for _ in range(max_iter):
        if not live.size:
            break
        packed = np.packbits(regions[live], axis=1)
        keys = [(k, row.tobytes()) for k, row in zip(inputs[live], packed, strict=True)]
        rates = solve_new(W, c[live], regions[live], starts[live], slope, keys, solved)
        total = rates @ W.T + c[live]
        through = agrees(total, regions[live]).all(axis=1)
        ends[live[through]] = rates[through]
        # A cycle of regions is left by moving a random half of the units that are on the wrong
        # side.
        again = np.array([visit in visited for visit in zip(live, keys, strict=True)])
        visited.update(zip(live, keys, strict=True))
        kept = (rng.random(total.shape) < 0.5) & again[:, None]
        regions[live] ^= ((total > 0) != regions[live]) & ~kept
        live = live[~through & np.isfinite(rates).all(axis=1)]
    return ends


def solve_new(W, c, regions, starts, slope, keys, solved):
    """Solutions (row, unit) of regions; those in the dictionary `solved` are looked up, and the
    others are added to it.
    """
    rows = list({key: row for row, key in enumerate(keys) if key not in solved}.values())
    rates, dimension = solve_regions(W, c[rows], regions[rows], slope, starts[rows])
    # Of a line or plane of solutions every start has its own, so there is none to look up.
    solved.update(
        (keys[row], None if n else r) for row, r, n in zip(rows, rates, dimension, strict=True)
    )
    own = [row for row, key in enumerate(keys) if solved[key] is None]
    found = np.array([c[0] if solved[key] is None else solved[key] for key in keys])
    if own:
        found[own], _ = solve_regions(W, c[own], regions[own], slope, starts[own])
    return found
