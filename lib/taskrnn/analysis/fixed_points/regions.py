"""The regions in which a (leaky) ReLU network is linear: each has the units S above threshold and
one linear equation to solve.

There f has slopes D (1 on S, tan(theta) elsewhere), so a fixed point solves ``(I - D W) r = D c``,
and it is one only if its own total input ``W r + c`` is positive on S and on no other unit.
"""

import numpy as np
from scipy.optimize import linprog

from taskrnn.analysis.fixed_points.newton import (
    SINGULAR,
    nearest_solution,
    response,
    solve_and_probe,
)

MANY = 16  # regions, for which it pays to solve the one in their midst first
FAR = 1e3  # by which its solution may stretch: no more than three digits are lost
FEASIBLE, INFEASIBLE, UNBOUNDED = 0, 2, 3  # status of SciPy's linprog
LINPROG = 1e-5  # well above its tolerance, 1e-7, for what is of order 1
THRESHOLD = 1e-12  # of the largest total input of a state: nearer to 0, a unit is at threshold


def solve_regions(W, c, regions, slope, near):
    """Solutions of one network's regions, whether they lie in them or not.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c : ndarray of shape (unit,) or (region, unit), constant input
    regions : bool ndarray of shape (region, unit), units above threshold
    slope : float, below threshold
    near : ndarray of shape (region, unit), states: where a line or plane solves a region, the
        solution nearest to it is taken

    Returns
    -------
    rates : ndarray of shape (region, unit), NaN where the equations contradict each other
    dimension : int ndarray of shape (region,), of the solutions: 0 for one, 1 for a line
    """
    D = np.where(regions, 1.0, slope)
    W_from, c_from, E = from_majority(W, np.broadcast_to(c, D.shape), D)
    changes, suspects = (
        found[0] for found in solve_and_probe(W_from[None], E[None], (E * c_from)[None])
    )
    rates = D * (c_from + changes @ W_from.T)
    dimension = np.zeros(len(regions), dtype=int)
    for i in np.flatnonzero(suspects):
        rates[i], null = nearest_solution(np.eye(len(W)) - D[i, :, None] * W, (D * c)[i], near[i])
        dimension[i] = null.shape[1]
    return rates, dimension


def from_majority(W, c, D):
    """The same equations in fewer unknowns: weights, constant inputs, and slopes E beyond those
    that most regions share.

    The total input is ``x = c + W D x``.  With slopes D0 shared by most regions, ``E = D - D0`` and
    ``M = (I - W D0)^-1 W`` it is ``x = (c + M D0 c) + M E x``, an equation of the same form with as
    few unknowns as E has entries.
    """
    if len(D) < MANY:
        return W, c, D
    shared = np.sort(D, axis=0)[len(D) // 2]
    M = response(W, shared)
    if not np.linalg.norm(M) <= FAR * np.linalg.norm(W):
        return W, c, D
    return M, c + (shared * c) @ M.T, D - shared


def agrees(total, regions):
    """Whether each unit of total inputs (..., unit) is on its region's side; at threshold it
    belongs to both.
    """
    # Rounding must not decide.
    at_threshold = np.abs(total) <= THRESHOLD * np.abs(total).max(axis=-1, keepdims=True)
    return np.isfinite(total) & ((total > 0) == regions) | at_threshold


def holds_continuum(W, c, region, slope, rates):
    """Whether more than one of the solutions around `rates` (unit,) of a singular region lies in it
    or on its border.

    Those in it are a polytope; a linear function in no special direction has its least and its
    largest value at different points of it, unless it is one point or none.
    """
    D = np.where(region, 1.0, slope)
    _, null = nearest_solution(np.eye(len(c)) - D[:, None] * W, D * c, rates)
    total, along = W @ rates + c, W @ null
    scale = np.abs(total).max() or 1.0
    outward = np.where(region, -1.0, 1.0)
    steep = np.abs(along).max(axis=1) / np.abs(along).max() if along.any() else np.ones(len(c))
    steep = np.where(
        steep > SINGULAR, steep, 1.0
    )  # of each inequality: the tolerance of linprog is absolute
    objective = np.random.default_rng(0).standard_normal(null.shape[1])
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * objective,
            A_ub=(outward / steep)[:, None] * along,
            b_ub=-outward / steep * total / scale,
            bounds=(None, None),
        )
        if found.status == UNBOUNDED:
            return True
        if found.status == INFEASIBLE:
            return False
        if found.x is None:
            raise ValueError(
                "Weights of so many orders of magnitude leave it open whether a region's solutions "
                "are one or many."
            )
        ends.append(found.x @ objective)
    return ends[1] - ends[0] > LINPROG * np.linalg.norm(objective)


def meet(W, c, slopes, total, flow):
    """Whether the solutions of two regions, with slopes (2, unit) and the flow -r + f(W r + c) =
    `flow`, have a point in common.

    There the units that are on different sides are at threshold, and both regions' equations are
    one.  `total` (unit,) is the total input of a solution, for its size.
    """
    size, n = np.abs(total).max() or 1.0, len(c)
    at_threshold = slopes[0] != slopes[1]
    equations = np.concatenate([np.eye(n) - slopes[0][:, None] * W, W[at_threshold]])
    right = np.concatenate([slopes[0] * c - flow, -c[at_threshold]])
    outward = np.where(total > 0, -1.0, 1.0)[~at_threshold]
    # Each equation by its own size: the tolerance of linprog is absolute.
    scale = np.maximum(np.abs(equations).max(axis=1), np.finfo(float).tiny)
    inside = outward[:, None] * W[~at_threshold], -outward * c[~at_threshold]
    steep = np.maximum(np.abs(inside[0]).max(axis=1, initial=0.0), 1.0)
    found = linprog(
        np.zeros(n),
        A_eq=equations / scale[:, None],
        b_eq=right / scale / size,
        A_ub=inside[0] / steep[:, None],
        b_ub=inside[1] / steep / size,
        bounds=(None, None),
    )
    return found.status == FEASIBLE
