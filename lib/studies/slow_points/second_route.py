"""The second route to fixed and slow points: minimisation of speed.

It starts from states of the trajectories and random ones, and knows nothing of regions.
"""

import numpy as np

from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.networks.activation import leaky_relu

SECOND = {
    "agreed": "points, both routes",
    "only_exact": "points, regions only",
    "only_descent": "points, speed only",
    "slow": "slow points",
    "slowest": "their least speed",
    "unconverged": "starts without end",
}


def second_route(
    w, inputs, experiment, *, trajectory, found, n, rng, near: float = 1e-5
) -> dict[str, tuple]:
    """What minimisation of speed finds at a few inputs (step_2, channel), beside the exact points.

    A slow point is a minimum of speed that is no fixed point; its speed is in units of the largest
    norm of a start, in 1/tau.
    """
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    theta, alpha = experiment.network.theta, experiment.network.alpha
    starts = starting_points(trajectory.reshape(-1, len(b)), n, rng=rng)
    size = np.linalg.norm(starts, axis=1).max()
    searches = slow_points(
        np.broadcast_to(W, (len(inputs), *W.shape)),
        inputs @ W_in.T + b,
        np.broadcast_to(starts, (len(inputs), *starts.shape)),
        activation=leaky_relu(theta),
        alpha=alpha,
    )
    columns = {name: [] for name in SECOND}
    for ended, exact in zip(searches, found, strict=True):
        agreed = sum(is_among(rates, exact.rates, near=near) for rates in ended.fixed.rates)
        columns["agreed"].append(agreed)
        columns["only_exact"].append(len(exact.rates) - agreed)
        columns["only_descent"].append(len(ended.fixed.rates) - agreed)
        columns["slow"].append(len(ended.slow.rates))
        columns["slowest"].append(ended.slow.speed.min(initial=np.inf) / size)
        columns["unconverged"].append(len(ended.unconverged))
    return {
        name: ("step_2", np.array(column), {"long_name": SECOND[name]})
        for name, column in columns.items()
    }


def starting_points(states: np.ndarray, n: int, *, rng: np.random.Generator) -> np.ndarray:
    """Half of n starts are states (state, unit), half random and as large: (start, unit)."""
    drawn = states[rng.integers(0, len(states), n // 2)]
    shape = n - n // 2, states.shape[1]
    random = np.sqrt((states**2).mean()) * np.abs(rng.standard_normal(shape))
    # With every share of active units.
    active = rng.random(shape) < rng.random((shape[0], 1))
    return np.concatenate([drawn, random * active])


def is_among(rates: np.ndarray, points: np.ndarray, *, near: float) -> bool:
    """Whether rates (unit,) are at one of points (point, unit), within a share of their norm."""
    distance = np.linalg.norm(points - rates, axis=1).min(initial=np.inf)
    return bool(distance <= near * np.linalg.norm(rates))
