"""Fixed points at constant inputs: the exact search, and what is kept of what it finds."""

import numpy as np
import xarray as xr

from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.points import FixedPoints
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.network import Weights

KEPT = 6  # points of one input whose rates are kept
FOUND = {
    "found": "fixed points found",
    "unstable": "of them, unstable in the computed steps",
    "continua": "of them, in a line or plane of fixed points",
    "index": "sum of their indices",
    "last_new": "last start that found a new point",
    "failed": "starts that ended nowhere",
    "kink_distance": "smallest total input of a unit at any point",
    "time_constant": "longest time constant at the least stable point",
    "growth": "growth in the computed steps at the least stable point",
}
UNITS = {"time_constant": "tau", "growth": "1/tau"}


def follow(w: Weights, inputs, experiment, *, trajectory, n_starts, rng) -> list[FixedPoints]:
    """Fixed points at each input of a path (step, channel), sought from those before it too."""
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    at_rest = np.zeros((1, len(b)))
    nearby = (
        at_rest
        if trajectory is None
        else trajectory[:, :: len(trajectory[0]) // 3].reshape(-1, len(b))
    )
    found = []
    for u in inputs:
        found.append(
            search(W, W_in @ u + b, experiment.network, n_starts=n_starts, states=nearby, rng=rng)
        )
        nearby = np.concatenate([at_rest, found[-1].rates])
    return found


def described(w: Weights, inputs, path: list[FixedPoints]) -> xr.Dataset:
    """What `FOUND` names along a path, and the share of units that are switched by it."""
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    rows = [at_one_input(points) for points in path]
    # Where there is no point at some input of the path, no unit can be said to have switched.
    above = [
        W @ p.rates[0] + W_in @ u + b > 0 for p, u in zip(path, inputs, strict=True) if len(p.rates)
    ]
    switched = np.mean(above[0] != above[-1]) if len(above) == len(inputs) else np.nan
    return xr.Dataset(
        {
            name: (
                "step",
                [row[name] for row in rows],
                {"long_name": text, "units": UNITS.get(name, "1")},
            )
            for name, text in FOUND.items()
        }
        | {
            "switched": (
                (),
                switched,
                {"long_name": "share of units that change sides between the ends of the path"},
            )
        }
    )


def points_kept(w: Weights, inputs, path: list[FixedPoints], experiment) -> dict[str, tuple]:
    """Variables rates, direction and unstable_directions, of the KEPT points of each input."""
    W, W_in, b, settings = (
        w.recurrent[0].astype(float),
        w.input[0].astype(float),
        w.bias[0],
        experiment.network,
    )
    rates, direction = (
        np.full((len(inputs), KEPT, len(b)), np.nan, dtype=np.float32) for _ in range(2)
    )
    directions = np.full((len(inputs), KEPT), -1)
    for k, (u, points) in enumerate(zip(inputs, path, strict=True)):
        n = min(KEPT, len(points.hits))
        first = points.rates[:n]
        modes = linearise(
            W,
            W_in,
            W_in @ u + b,
            first,
            activation=leaky_relu(settings.theta),
            alpha=settings.alpha,
            n_modes=1,
        )
        rates[k, :n], direction[k, :n], directions[k, :n] = (
            first,
            modes.right[:, 0].real,
            points.unstable_map[:n],
        )
    over = ("step", "point", "unit")
    return {
        "rates": (over, rates, {"long_name": "rates at the fixed points", "units": "1"}),
        "direction": (over, direction, {"long_name": "mode that decays least, real part"}),
        "unstable_directions": (
            over[:2],
            directions,
            {"long_name": "directions that grow in the computed steps"},
        ),
    }


def search(W, c, settings, *, n_starts, states, rng) -> FixedPoints:
    """The exact search of one constant input."""
    return fixed_points(
        W,
        c,
        rng=rng,
        theta=settings.theta,
        alpha=settings.alpha,
        n_starts=n_starts,
        states=states,
        max_iter=50,
    )


def at_one_input(points: FixedPoints) -> dict[str, float]:
    """What `FOUND` names, of the points of one input.

    The time constant is that of the mode that decays least, infinite if it grows.
    """
    if not len(points.hits):
        return dict.fromkeys(FOUND, np.nan) | {
            "found": 0,
            "unstable": 0,
            "continua": 0,
            "index": 0,
            "last_new": -1,
            "failed": points.n_failed,
        }
    growth = points.growth_map.max()
    return {
        "found": len(points.hits),
        "unstable": int((points.unstable_map > 0).sum()),
        "continua": int((points.continuum > 0).sum()),
        "index": int(points.index.sum()),
        "last_new": int(points.first_hit.max()),
        "failed": points.n_failed,
        "kink_distance": points.kink_distance.min(),
        "time_constant": -1 / growth if growth < 0 else np.inf,
        "growth": growth,
    }


def ends_of_epochs(w, trials, trajectory, experiment, *, n_starts, rng) -> dict[str, tuple]:
    """How far each epoch's last state is from the nearest fixed point of its input.

    Returns
    -------
    dict with variables (trial, epoch)
        end_distance : over the distance from the epoch's first state; 0 in an epoch that begins and
            ends in a fixed point
        end_found : number of points found
    """
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    distance, found = (
        np.full(trials.values.shape[:2], np.nan),
        np.zeros(trials.values.shape[:2], dtype=int),
    )
    for trial, (values, edges) in enumerate(zip(trials.values, trials.edges, strict=True)):
        # A trial starts at rest, before its first step.
        states = np.concatenate([np.zeros((1, len(b))), trajectory[trial]])
        for epoch, u in enumerate(values):
            first, last = states[edges[epoch]], states[edges[epoch + 1]]
            points = search(
                W, W_in @ u + b, experiment.network, n_starts=n_starts, states=last[None], rng=rng
            )
            found[trial, epoch] = len(points.hits)
            if len(points.hits):
                nearest, way = (
                    np.linalg.norm(points.rates - last, axis=1).min(),
                    np.linalg.norm(last - first),
                )
                distance[trial, epoch] = nearest / way if way else 0.0 if nearest == 0 else np.nan
    return {
        "end_distance": (
            ("trial", "epoch"),
            distance,
            {"long_name": "distance from the nearest point, of the way of the epoch"},
        ),
        "end_found": (
            ("trial", "epoch"),
            found,
            {"long_name": "fixed points found at the input of the epoch"},
        ),
    }
