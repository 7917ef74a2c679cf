"""Activity for the analyses: the rates of networks in their sessions (`taskrnn.sessions`)."""

import dataclasses
from typing import NamedTuple

import numpy as np

from taskrnn.experiment import Experiment
from taskrnn.network import Weights
from taskrnn.sessions import DISCARD, N_STEPS, draw
from taskrnn.simulation import simulate


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
    n_steps: int = N_STEPS,
    discard: int = DISCARD,
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
    drawn = [draw(experiment, seed, n_steps=n_steps, discard=discard) for seed in seeds]
    inputs, values, epoch, xi = (np.stack(part) for part in zip(*drawn, strict=True))
    rates = simulate(weights, inputs[:, None], network=network, xi=xi)[:, 0]
    return Session(rates[:, discard:], inputs[:, discard:], values[:, discard:], epoch[:, discard:])
