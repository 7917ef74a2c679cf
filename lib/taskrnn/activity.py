"""Activity for the analyses: one long session per network whose input switches at random times (reading A8).

A session has no joins between trials, so that it is one stationary process; its start is discarded. An epoch of
constant input lasts at least the schedule's margin and otherwise an exponential time, with the mean length of the epochs
in training.

A session ends in the steady state in which it begins, one near the middle of the activity: averaging lag covariances over the
places in a window is wrong by the difference of the products at the two ends, divided by the length. Where rates are large
that is more than the variance of the noise, which is all that keeps the covariance positive.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from taskrnn.experiment import Experiment
from taskrnn.network import Weights, noise
from taskrnn.simulation import simulate
from taskrnn.streams import generator
from taskrnn.tasks.trials import spread


class Session(NamedTuple):
    """Activity of a batch of networks; times are in steps of dt.

    rates : ndarray (network, time, unit)
    inputs : ndarray (network, time, input), what the network received, noise included
    values : ndarray (network, time, input), the same without noise
    epoch : ndarray of int (network, time), number of the epoch, counted from 0
    """

    rates: np.ndarray
    inputs: np.ndarray
    values: np.ndarray
    epoch: np.ndarray


def session(
    weights: Weights,
    experiment: Experiment,
    *,
    seeds: list[int],
    theta: float = 0.0,
    n_steps: int = 40_000,
    discard: int = 1000,
) -> Session:
    """Simulate one session per network.

    The inputs and the noise are functions of a network's seed alone: they are the same before and after training, and for
    every theta.

    Parameters
    ----------
    weights : Weights
        Before or after training.
    seeds : list of int
        Of the networks, in the order of the weights.
    theta : float
        Angle of the leaky ReLU in radians.
    n_steps, discard : int
        Steps that are kept, and steps before them that are not.
    """
    network = dataclasses.replace(experiment.network, theta=theta)
    total = discard + n_steps
    parts = []
    for seed in seeds:
        rng = generator(seed, "session")
        values, epoch = switching_values(experiment, total, settle=discard, rng=rng)
        inputs = values + experiment.task.input_noise * rng.standard_normal(values.shape)
        parts.append((inputs, values, epoch, noise(network, 1, total, rng=rng)))
    inputs, values, epoch, xi = (np.stack(part) for part in zip(*parts, strict=True))
    rates = simulate(weights, inputs[:, None], network=network, xi=xi)[:, 0]
    return Session(rates[:, discard:], inputs[:, discard:], values[:, discard:], epoch[:, discard:])


def switching_values(
    experiment: Experiment, n_steps: int, *, settle: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Input without noise (time, input) and the number of the epoch (time,), for n_steps steps.

    The first input, the one drawn nearest to the mean of all, lasts `settle` steps longer than the margin, and it comes back for
    the last `settle` steps: see above.
    """
    schedule, dt = experiment.task.schedule, experiment.network.dt
    n_epochs = int(n_steps * dt // schedule.margin) + 2
    lengths = schedule.margin + rng.exponential(schedule.duration / 2 - schedule.margin, n_epochs)
    lengths[0] = schedule.margin + settle * dt
    edges = np.minimum(np.rint(np.concatenate([[0], lengths.cumsum()]) / dt).astype(int), n_steps - settle)
    values = experiment.task.draw(1, n_epochs + 1, rng=rng)
    central = np.argmin(np.linalg.norm(values[0] - values[0].mean(axis=0), axis=1))
    values[0, [0, -1]] = values[0, central]
    edges = np.append(edges, n_steps)
    return spread(values, edges[None])[0], np.repeat(np.arange(n_epochs + 1), np.diff(edges))
