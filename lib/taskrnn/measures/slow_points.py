"""Which slow points a network computes with, and how inputs and training change them (claims F1 to F4).

Fixed points are solved for exactly, region by region, from random regions and from states of the trajectories. A second route, the
minimisation of speed, starts from states of the trajectories and random ones, and is free to find what the first has missed.
"""

import numpy as np
import xarray as xr

from taskrnn import nulls
from taskrnn.activation import leaky_relu
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.fixed_points import fixed_points
from taskrnn.linearisation import linearise
from taskrnn.missing import Unmeasurable
from taskrnn.network import Weights
from taskrnn.checks import LARGEST
from taskrnn.points import FixedPoints
from taskrnn.simulation import simulate
from taskrnn.slow_points import slow_points
from taskrnn.streams import generator
from taskrnn.tasks.trials import ConstantInputTask, spread

PLACE = 51  # in the stream "analysis"
TRIALS = 52
N_STARTS = 20  # random starts of the exact search of one input
KEPT = 6  # points of one input whose rates are kept
EVERY = 5  # steps between two states of a trajectory that are kept
WHEN = ("before", "after")

FOUND = {
    "found": "fixed points found",
    "unstable": "of them, unstable in the computed steps",
    "continua": "of them, in a line or plane of fixed points",
    "last_new": "last start that found a new point",
    "failed": "starts that ended nowhere",
    "kink_distance": "smallest total input of a unit at any point",
    "time_constant": "longest time constant at the least stable point",
    "growth": "growth in the computed steps at the least stable point",
}
UNITS = {"time_constant": "tau", "growth": "1/tau"}


def landscape(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_path: int = 13,
    n_trials: int = 4,
    n_starts: int = N_STARTS,
    n_descents: int = 40,
    n_draws: int = 2,
) -> xr.Dataset:
    """The fixed points of one network before and after training, along a path of inputs and where trials end.

    Parameters
    ----------
    network : Dataset of one network
    n_path : int, inputs from one end of the path to the other; see `path`
    n_trials : int, trials without noise, the same for all networks
    n_starts : int, random starts of the search of one input
    n_descents : int, starts of the minimisation of speed of one input: half of them states of the trajectories, half random
    n_draws : int, random changes of the weights with the norm of the trained one

    Returns
    -------
    Dataset with, along `when` ("before", "after"),
        what `FOUND` names (step,) along the path; rates and direction (step, point, unit), of the KEPT points most often hit
        and of the mode that decays least at each, with unstable_directions (step, point); NaN and -1 beyond the points found;
        switched, the share of units above threshold at the first end of the path and not at the last, or the reverse;
        trajectory (trial, time, unit), and end_distance, end_found (trial, epoch), see `ends_of_epochs`;
        what `SECOND` names (step_2,), of the second route at both ends of the path;
        input (step, channel), second_input (step_2, channel), trial_input (trial, epoch, channel)
    and under random changes, along `draw`: random_time_constant (draw, step), random_switched (draw,)

    Raises
    ------
    Unmeasurable
        Rates that grow beyond all bounds in a trial without noise.
    """
    settings, task = experiment.network, experiment.task
    rng = generator(int(network.seed[0]), "analysis", PLACE)
    trials = experiment.task.sample(n_trials, dt=settings.dt, rng=generator(experiment.seed, "analysis", TRIALS))
    inputs = path(task, n_path)
    states = []
    for when in WHEN:
        w = weights(network, when)
        trajectory = simulate(w, spread(trials.values, trials.edges), network=settings)[0].astype(float)
        if not (np.abs(trajectory) <= LARGEST).all():
            raise Unmeasurable(f"{when} training its rates grow beyond all bounds in trials without noise")
        along = follow(w, inputs, experiment, trajectory=trajectory, n_starts=n_starts, rng=rng)
        ends = ends_of_epochs(w, trials, trajectory, experiment, n_starts=n_starts, rng=rng)
        second = second_route(w, inputs[[0, -1]], experiment, trajectory=trajectory, found=(along[0], along[-1]), n=n_descents, rng=rng)
        kept = {"trajectory": (("trial", "time", "unit"), trajectory[:, ::EVERY].astype(np.float32))}
        kept |= points_kept(w, inputs, along, experiment)
        states.append(described(w, inputs, along).assign(ends | second | kept))
    found = xr.concat(states, "when").assign_coords(when=list(WHEN))
    before, after = (weights(network, when) for when in WHEN)
    random = []
    for _ in range(n_draws):
        change = nulls.gaussian_change((after.recurrent - before.recurrent).astype(float), rng=rng)
        changed = before._replace(recurrent=before.recurrent + change)
        along = follow(changed, inputs, experiment, trajectory=None, n_starts=n_starts, rng=rng)
        random.append(described(changed, inputs, along)[["time_constant", "switched"]])
    random = xr.concat(random, "draw")
    none = {when: int((found.found.sel(when=when) == 0).sum()) for when in WHEN}
    reason = "; ".join(f"{when} training no fixed point is found for {k} of {n_path} inputs" for when, k in none.items() if k)
    return found.assign_attrs(reason=reason).assign(random_time_constant=random.time_constant, random_switched=random.switched).assign_coords(
        input=(("step", "channel"), inputs), trial_input=(("trial", "epoch", "channel"), trials.values)
    )


def path(task: ConstantInputTask, n: int) -> np.ndarray:
    """Inputs (step, channel) from low to high; of two inputs the second goes the other way, through where they are equal."""
    level = np.linspace(task.low, task.high, n)
    return np.stack([level, level[::-1]][: task.n_inputs], axis=1)


def follow(w: Weights, inputs, experiment, *, trajectory, n_starts, rng) -> list[FixedPoints]:
    """Fixed points at each input of a path (step, channel), each also sought from the points of the input before."""
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    at_rest = np.zeros((1, len(b)))
    nearby = at_rest if trajectory is None else trajectory[:, :: len(trajectory[0]) // 3].reshape(-1, len(b))
    found = []
    for u in inputs:
        found.append(search(W, W_in @ u + b, experiment.network, n_starts=n_starts, states=nearby, rng=rng))
        nearby = np.concatenate([at_rest, found[-1].rates])
    return found


def described(w: Weights, inputs, path: list[FixedPoints]) -> xr.Dataset:
    """What is known of the points along a path, without their rates: what `FOUND` names, and switched."""
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    rows = [summary(points) for points in path]
    # Where there is no point at some input of the path, no unit can be said to have switched.
    above = [W @ p.rates[0] + W_in @ u + b > 0 for p, u in zip(path, inputs, strict=True) if len(p.rates)]
    switched = np.mean(above[0] != above[-1]) if len(above) == len(inputs) else np.nan
    return xr.Dataset(
        {name: ("step", [row[name] for row in rows], {"long_name": text, "units": UNITS.get(name, "1")}) for name, text in FOUND.items()}
        | {"switched": ((), switched, {"long_name": "share of units that change sides between the ends of the path"})}
    )


def points_kept(w: Weights, inputs, path: list[FixedPoints], experiment) -> dict[str, tuple]:
    """Variables rates, direction (step, point, unit) and unstable_directions (step, point), of the KEPT points of each input."""
    W, W_in, b, settings = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0], experiment.network
    rates, direction = (np.full((len(inputs), KEPT, len(b)), np.nan, dtype=np.float32) for _ in range(2))
    directions = np.full((len(inputs), KEPT), -1)
    for k, (u, points) in enumerate(zip(inputs, path, strict=True)):
        n = min(KEPT, len(points.hits))
        first = points.rates[:n]
        modes = linearise(W, W_in, W_in @ u + b, first, activation=leaky_relu(settings.theta), alpha=settings.alpha, n_modes=1)
        rates[k, :n], direction[k, :n], directions[k, :n] = first, modes.right[:, 0].real, points.unstable_map[:n]
    over = ("step", "point", "unit")
    return {
        "rates": (over, rates, {"long_name": "rates at the fixed points", "units": "1"}),
        "direction": (over, direction, {"long_name": "mode that decays least, real part"}),
        "unstable_directions": (over[:2], directions, {"long_name": "directions that grow in the computed steps"}),
    }


def search(W, c, settings, *, n_starts, states, rng) -> FixedPoints:
    """The exact search of one constant input."""
    return fixed_points(W, c, rng=rng, theta=settings.theta, alpha=settings.alpha, n_starts=n_starts, states=states, max_iter=50)


def summary(points: FixedPoints) -> dict[str, float]:
    """What `FOUND` names, of the points of one input; the time constant is that of the mode that decays least, infinite if it grows."""
    if not len(points.hits):
        return dict.fromkeys(FOUND, np.nan) | {"found": 0, "unstable": 0, "continua": 0, "last_new": -1, "failed": points.n_failed}
    growth = points.growth_map.max()
    return {
        "found": len(points.hits),
        "unstable": int((points.unstable_map > 0).sum()),
        "continua": int((points.continuum > 0).sum()),
        "last_new": int(points.first_hit.max()),
        "failed": points.n_failed,
        "kink_distance": points.kink_distance.min(),
        "time_constant": -1 / growth if growth < 0 else np.inf,
        "growth": growth,
    }


def ends_of_epochs(w, trials, trajectory, experiment, *, n_starts, rng) -> dict[str, tuple]:
    """How far each epoch's last state is from the nearest fixed point of its input, over the distance from its first state.

    It is 0 in an epoch that begins and ends in a fixed point.
    Returns variables end_distance and end_found, the number of points found there, (trial, epoch).
    """
    W, W_in, b = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0]
    distance, found = np.full(trials.values.shape[:2], np.nan), np.zeros(trials.values.shape[:2], dtype=int)
    for trial, (values, edges) in enumerate(zip(trials.values, trials.edges, strict=True)):
        # A trial starts at rest, before its first step.
        states = np.concatenate([np.zeros((1, len(b))), trajectory[trial]])
        for epoch, u in enumerate(values):
            first, last = states[edges[epoch]], states[edges[epoch + 1]]
            points = search(W, W_in @ u + b, experiment.network, n_starts=n_starts, states=last[None], rng=rng)
            found[trial, epoch] = len(points.hits)
            if len(points.hits):
                nearest, way = np.linalg.norm(points.rates - last, axis=1).min(), np.linalg.norm(last - first)
                distance[trial, epoch] = nearest / way if way else 0.0 if nearest == 0 else np.nan
    return {
        "end_distance": (("trial", "epoch"), distance, {"long_name": "distance from the nearest point, of the way of the epoch"}),
        "end_found": (("trial", "epoch"), found, {"long_name": "fixed points found at the input of the epoch"}),
    }


SECOND = {
    "agreed": "points, both routes",
    "only_exact": "points, regions only",
    "only_descent": "points, speed only",
    "slow": "slow points",
    "slowest": "their least speed",
    "unconverged": "starts without end",
}


def second_route(w, inputs, experiment, *, trajectory, found, n, rng, near: float = 1e-5) -> dict[str, tuple]:
    """What minimisation of speed finds at a few inputs (step_2, channel), beside the points that were found exactly.

    A slow point is a minimum of speed that is no fixed point; its speed is in units of the largest norm of a start, in 1/tau.
    """
    W, W_in, b, settings = w.recurrent[0].astype(float), w.input[0].astype(float), w.bias[0], experiment.network
    flat = trajectory.reshape(-1, len(b))
    starts = np.concatenate([
        flat[rng.integers(0, len(flat), n // 2)],
        # Random ones as large as those, with every share of active units.
        np.sqrt((flat**2).mean()) * np.abs(rng.standard_normal((n - n // 2, len(b)))) * (rng.random((n - n // 2, len(b))) < rng.random((n - n // 2, 1))),
    ])  # fmt: skip
    batch = np.broadcast_to(W, (len(inputs), *W.shape)), inputs @ W_in.T + b, np.broadcast_to(starts, (len(inputs), *starts.shape))
    rows = []
    for ended, exact in zip(slow_points(*batch, activation=leaky_relu(settings.theta), alpha=settings.alpha), found, strict=True):
        both = [np.linalg.norm(exact.rates - r, axis=1).min(initial=np.inf) <= near * np.linalg.norm(r) for r in ended.fixed.rates]
        size = np.linalg.norm(starts, axis=1).max()
        agreed = int(np.sum(both))
        rows.append((
            agreed, len(exact.rates) - agreed, len(both) - agreed, len(ended.slow.rates),
            ended.slow.speed.min(initial=np.inf) / size, len(ended.unconverged),
        ))  # fmt: skip
    return {name: ("step_2", np.array(column), {"long_name": SECOND[name]}) for name, column in zip(SECOND, zip(*rows, strict=True), strict=True)}
