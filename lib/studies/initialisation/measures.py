"""How fast one network learns from each of its starts, and what each start is (T1 to T3)."""

from functools import partial

import numpy as np
import xarray as xr

from studies.counting.measures import at_input
from studies.initialisation.experiments import LADDER, TARGETS, other_seed
from studies.initialisation.learning import first_losses, some, updates_needed
from studies.initialisation.starts import STARTS, mean_shifted, starts
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.network import Weights, stack, untrained_weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.variables import variable

MOST = 500  # updates at most
N_STARTS = 100  # random starts of each search for points
FEWER = ("1 point", "3 points", "1 point, same loss")  # starts of T2 that are not in T1


@needs(network=RateNetwork)
def learned(
    experiment: Experiment, network: xr.Dataset, *, most: int = MOST, n_starts: int = N_STARTS
) -> xr.Dataset:
    """Updates that another network needs to learn this one's task, from every start of `STARTS`.

    Parameters
    ----------
    network : Dataset of one network, which gives its weights
    most : int, updates at most
    n_starts : int, random starts of each search for points

    Returns
    -------
    Dataset with, along `start`,
        updates : until the task is learned, `most` where it is not; NaN where there is no such
            start
        reached : whether it is learned
        loss : in the trials of the first update, infinite where rates grow beyond all bounds
        found, index : number of points at zero input, and the sum of their indices
        time_constant : tau, longest of the leading modes of all points, growing or decaying
    """
    own = other_weights(experiment, network)
    seed = other_seed(experiment, network)
    made = starts(
        own,
        weights(network, "before"),
        weights(network, "after"),
        losses=partial(first_losses, experiment, seed=seed),
        rng=generator(seed, "initialisation.starts"),
    )
    return described(experiment, made, list(STARTS), seed=seed, most=most, n_starts=n_starts)


@needs(task=FlipFlop, network=RateNetwork)
def learned_from_fewer(
    experiment: Experiment, network: xr.Dataset, *, most: int = MOST, n_starts: int = N_STARTS
) -> xr.Dataset:
    """The same from weights and bias of networks with fewer points than the task needs, and from
    those of one with 1 point whose mean is shifted to the first loss of the start with 9.

    Parameters
    ----------
    network : Dataset of one network of `studies.initialisation.experiments.with_ladder`

    Returns
    -------
    Dataset, as `learned`, with `FEWER` along `start`
    """
    own = other_weights(experiment, network)
    seed = other_seed(experiment, network)
    losses = partial(first_losses, experiment, seed=seed)
    most_points = weights(network, "after")
    nine = own._replace(recurrent=most_points.recurrent, bias=most_points.bias)
    recurrent, bias = network.fewer_recurrent.values[0], network.fewer_bias.values[0]
    one, three = (
        own._replace(recurrent=recurrent[[k]], bias=bias[[k]]) for k in range(len(LADDER) - 1)
    )
    shifted = mean_shifted(one, losses(nine)[0], losses=losses)
    made = stack([one, three, shifted])
    return described(experiment, made, list(FEWER), seed=seed, most=most, n_starts=n_starts)


def other_weights(experiment: Experiment, network: xr.Dataset) -> Weights:
    """What the network that learns draws by itself."""
    task = experiment.task
    return untrained_weights(
        experiment.network,
        n_inputs=task.n_inputs,
        n_outputs=task.n_outputs,
        seed=other_seed(experiment, network),
    )


def described(
    experiment: Experiment, made: Weights, names: list[str], *, seed: int, most: int, n_starts: int
) -> xr.Dataset:
    """What `learned` returns of some starts; those with NaN in their weights are missing."""
    there = np.flatnonzero(np.isfinite(made.recurrent).all(axis=(1, 2)))
    real = some(made, there)
    needed, met = updates_needed(
        experiment, real, seed=seed, criterion=TARGETS[experiment.name].criterion, most=most
    )
    nothing, rng = np.zeros(experiment.task.n_inputs), generator(seed, "initialisation.points")
    points = [
        at_input(some(real, [k]), nothing, experiment, n_starts=n_starts, rng=rng)
        for k in range(len(there))
    ]
    with np.errstate(divide="ignore"):
        slowest = [1 / np.abs(of.growth_map).min() if len(of.hits) else np.nan for of in points]
    columns = {
        "updates": (needed, "updates until the task is learned", "1"),
        "reached": (met, "whether it is learned", "1"),
        "loss": (first_losses(experiment, real, seed=seed), "loss before the first update", "1"),
        "found": ([len(of.hits) for of in points], "points at zero input", "1"),
        "index": ([of.index.sum() for of in points], "sum of their indices", "1"),
        "time_constant": (slowest, "longest time constant at a point", "tau"),
    }
    found = {}
    for name, (values, text, units) in columns.items():
        row = np.full(len(names), np.nan)
        row[there] = values
        found[name] = variable("start", row, text, units)
    lost = [name for k, name in enumerate(names) if k not in there]
    without = [names[k] for k, of in zip(there, points, strict=True) if not len(of.hits)]
    reasons = {
        "its weights are not finite, or no shift of the mean gives the first loss": lost,
        "no fixed point is found at the start": without,
    }
    reason = "; ".join(f"{why} ({', '.join(of)})" for why, of in reasons.items() if of)
    return xr.Dataset(found, {"start": names}, attrs={"reason": reason})
