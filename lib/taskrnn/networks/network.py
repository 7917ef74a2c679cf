"""What every recurrent network has: its size and time step, its weights and its noise.

An architecture is a frozen dataclass below `Network` with settings of its own and two methods,
`draw` and `step`. It is simulated and trained without further code: the gradient is taken by
TensorFlow's tape. `taskrnn.networks.rate` is the one of the note, for which both are written by
hand and faster.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.random_numbers import generator, standard_normal


class Weights(NamedTuple):
    """Weights of a batch of networks, float32; `recurrent` is what training changes.

    The shapes are those of rate networks. In another architecture the rows of the first three, and
    the columns of `recurrent`, are what its `step` takes them for, such as gates times units.

    recurrent : (network, unit, unit), [k, i, j] is from unit j to unit i
    input : (network, unit, input)
    bias : (network, unit)
    readout : (network, output, unit), the output is z = readout @ rates in every architecture
    """

    recurrent: np.ndarray
    input: np.ndarray
    bias: np.ndarray
    readout: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Network:
    """Settings that every network has.

    Parameters
    ----------
    n_units : int
        Number of units N, which is the length of the state.
    sigma : float
        Strength of the noise.
    tau, dt : float
        Time constant and time step in ms; where they are equal there is no leak.
    """

    n_units: int
    sigma: float = 0.01
    tau: float = 100.0
    dt: float = 10.0

    def __post_init__(self):
        require_numbers(self)
        name = type(self).__name__
        if self.n_units < 2:
            raise ValueError(
                f"{name}.n_units is {self.n_units}; a recurrent network needs at least 2 units."
            )
        if not 0 < self.dt <= self.tau:
            raise ValueError(
                f"{name}.dt is {self.dt} ms; it must be above 0 and not above tau = {self.tau} ms."
            )
        if self.sigma < 0:
            raise ValueError(
                f"{name}.sigma is {self.sigma}; the strength of the noise cannot be negative."
            )

    @property
    def alpha(self) -> float:
        """dt / tau."""
        return self.dt / self.tau

    @property
    def noise_channels(self) -> int:
        """How many independent standard normal numbers a step takes."""
        return self.n_units

    @property
    def self_connections(self) -> bool:
        """Whether training changes the diagonal of the recurrent weights."""
        return True

    @property
    def outputs_are_positive(self) -> bool:
        """Whether no output can be below 0, whatever the weights that are trained."""
        return False

    @property
    def rectifies(self) -> bool:
        """Whether a unit below threshold passes nothing on, neither signal nor noise."""
        return False

    def draw(self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Weights:
        """Untrained weights of one network, without the `network` axis."""
        raise NotImplementedError

    def step(self, weights: Weights, rates, inputs, xi):
        """The rates after one step, as graph operations of TensorFlow.

        Parameters
        ----------
        weights : Weights of Tensors, with the `network` axis
        rates : Tensor (network, trial, unit)
        inputs : Tensor (network, trial, input)
        xi : Tensor (network, trial, unit or 1), standard normal
        """
        raise NotImplementedError


def untrained_weights(network: Network, *, n_inputs: int, n_outputs: int, seed: int) -> Weights:
    """Random weights of one network, float32, with a leading `network` axis of length 1.

    Raises
    ------
    ValueError
        The network's `draw` gives other shapes than its `step` and the readout can take.
    """
    rng = generator(seed, "initial weights")
    drawn = network.draw(n_inputs=n_inputs, n_outputs=n_outputs, rng=rng)
    weights = Weights(*(np.asarray(w)[None].astype(np.float32) for w in drawn))
    rows = weights.recurrent.shape[1:2]
    right = {
        "recurrent": weights.recurrent.ndim == 3,
        "input": weights.input.shape[1:] == (*rows, n_inputs),
        "bias": weights.bias.shape[1:] == rows,
        "readout": weights.readout.shape[1:] == (n_outputs, network.n_units),
    }
    if wrong := [name for name, fits in right.items() if not fits]:
        shapes = ", ".join(f"{name} {w.shape[1:]}" for name, w in weights._asdict().items())
        raise ValueError(
            f"{type(network).__name__}.draw made {shapes}, of which {', '.join(wrong)} does not "
            "fit; they must be recurrent (row, column), input (row, input), bias (row,) and "
            "readout (output, unit)."
        )
    return weights


def stack(weights: list[Weights]) -> Weights:
    """Join batches of networks along the `network` axis."""
    return Weights(*(np.concatenate(parts) for parts in zip(*weights, strict=True)))


def noise(network: Network, n_trials: int, n_steps: int, *, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers xi for one network, float32, (time, trial, unit), or (time, trial, 1)
    if all units share them.

    Time comes first because the simulation reads it step by step.
    """
    return standard_normal((n_steps, n_trials, network.noise_channels), rng=rng)
