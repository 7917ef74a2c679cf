"""Steady states: where noise-free (leaky) ReLU networks settle from rest under constant inputs
(claims L1, G1).
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.analysis.fixed_points.exact import search
from taskrnn.analysis.fixed_points.regions import agrees, solve_regions
from taskrnn.analysis.stability.kinks import stability
from taskrnn.networks.activation import leaky_relu


class SteadyStates(NamedTuple):
    """States, (network, condition, unit), and whether each is a steady state, (network,
    condition).
    """

    rates: np.ndarray
    converged: np.ndarray


def steady_states(W, W_in, b, inputs, *, rng, theta=0.0, alpha=0.1, block=100, max_steps=1000):
    """Where the noise-free network settles from r = 0 under each constant input.

    The network is simulated in blocks of steps; after each, the fixed point of the region it is in
    is solved for, and taken if it exists, lies within 1 % of the state and the block went towards
    it.  Near criticality settling takes hundreds of tau: after the last block the fixed point that
    region solves lead to from the state is taken if it is stable.

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
        Where no such point is found, ``converged`` is False and the state is the last one
        simulated: the network oscillates, is chaotic or diverges, or, rarely and near criticality,
        the region solves went astray. A network at rest in a fixed point stays there, though the
        least push may drive it away.

    Raises
    ------
    ValueError
        If shapes do not fit, there is no network or no condition, or a keyword is out of its range.
    """
    W, W_in, b, inputs = (
        checks.array(name, a)
        for name, a in (("W", W), ("W_in", W_in), ("b", b), ("inputs", inputs))
    )
    known = b.ndim == 2 and b.size and inputs.ndim == 2 and len(inputs)
    if (
        not known
        or W_in.shape[:-1] != b.shape
        or W.shape != (*b.shape, b.shape[1])
        or inputs.shape[1:] != W_in.shape[2:]
    ):
        raise ValueError(
            f"W {W.shape}, W_in {W_in.shape}, b {b.shape} and inputs {inputs.shape} must be "
            "(network, unit, unit), "
            "(network, unit, input), (network, unit) and (condition, input)."
        )
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    block, max_steps = checks.whole("block", block), checks.whole("max_steps", max_steps)
    activation = leaky_relu(theta)
    results = [
        _settle(*net, inputs, rng, activation, alpha, block, max_steps)
        for net in zip(W, W_in, b, strict=True)
    ]
    return SteadyStates(*(np.stack(part) for part in zip(*results, strict=True)))


@np.errstate(over="ignore", invalid="ignore")  # a network that diverges is one that does not settle
def _settle(W, W_in, b, inputs, rng, activation, alpha, block, max_steps):
    slope = float(activation.slope(np.array(-1.0)))
    c = inputs @ W_in.T + b
    rates, converged = np.zeros(c.shape), np.zeros(len(c), dtype=bool)
    # Far beyond any activity of interest, and far below overflow within the next block.
    ceiling = 1e6 * (np.abs(c).max() or 1.0)
    for _ in range(0, max_steps, block):
        open_ = np.flatnonzero(~converged & (np.abs(rates).max(axis=1) < ceiling))
        if not open_.size:
            break
        before = r = rates[open_]
        for _ in range(block):
            total = r @ W.T + c[open_]
            r = (1 - alpha) * r + alpha * activation.value(total)
        active = r @ W.T + c[open_] > 0
        point, _ = solve_regions(W, c[open_], active, slope, r)
        distance = np.linalg.norm(r - point, axis=1)
        settled = (
            agrees(point @ W.T + c[open_], active).all(axis=1)
            & (distance <= 0.01 * np.linalg.norm(point, axis=1))
            & (distance <= np.linalg.norm(before - point, axis=1))
        )
        rates[open_] = np.where(settled[:, None], point, r)
        converged[open_] = settled
    open_ = np.flatnonzero(~converged & (np.abs(rates).max(axis=1) < ceiling))
    point = search(
        W,
        c[open_],
        rates[open_] @ W.T + c[open_] > 0,
        rates[open_],
        slope=slope,
        rng=rng,
        max_iter=300,
    )
    found = np.isfinite(point).all(axis=1)
    open_, point = open_[found], point[found]
    stable = stability(W, point @ W.T + c[open_], activation=activation, alpha=alpha).growth.map < 0
    rates[open_[stable]], converged[open_[stable]] = point[stable], True
    return rates, converged
