"""The rate network: its settings and its untrained weights (note, section 2).

    r_t = (1 - alpha) r_{t-1} + alpha f(W r_{t-1} + W_in u_t + b + sqrt(2 / alpha) sigma xi_t)
    z_t = W_out r_t

r      rates of the N units, dimensionless   W      recurrent weights, W[i, j] from unit j to i
u      input                                 W_in   input weights
b      bias                                  W_out  readout
alpha  dt / tau                              xi     independent standard normal numbers
f      leaky ReLU of angle theta: slope 1 above zero and tan(theta) below; 0 is ReLU, pi/4 linear
z      output
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.random_numbers import generator, standard_normal


@dataclass(frozen=True, kw_only=True)
class RateNetwork:
    """Settings of a network; the defaults are the recovered recipe (readings A1 to A4).

    Parameters
    ----------
    n_units : int
        Number of units N.
    input_sd, bias_sd : float
        Standard deviations of the Gaussian input weights and biases.
    gain, gain_power : float
        The recurrent weights are Gaussian with standard deviation gain / N ** gain_power (reading
        A1; the alternatives are gain 1, and gain 1 with power 1/4, which is the variance 1 /
        sqrt(N) as written).
    readout : {"uniform", "gaussian"}
        Uniform on [0, 1 / sqrt(N)], or from the distribution of the recurrent weights (reading A2).
    noise : {"independent", "shared", "outside"} Inside f and new for every unit; inside f and one
        number for all units of a trial at each step; or added to the rates outside f as sqrt(2
        alpha) sigma xi, new for every unit (reading A3).
    sigma : float
        Strength of the noise.
    tau, dt : float
        Time constant and time step in ms.
    theta : float
        Angle of the leaky ReLU in radians, 0 to pi/4.
    """

    n_units: int
    input_sd: float
    bias_sd: float
    gain: float = 1.2
    gain_power: float = 0.5
    readout: Literal["uniform", "gaussian"] = "uniform"
    noise: Literal["independent", "shared", "outside"] = "independent"
    sigma: float = 0.01
    tau: float = 100.0
    dt: float = 10.0
    theta: float = 0.0

    def __post_init__(self):
        require_numbers(self)
        if self.n_units < 2:
            raise ValueError(
                f"RateNetwork.n_units is {self.n_units}; a recurrent network needs at least 2 "
                "units."
            )
        if not 0 < self.dt < self.tau:
            raise ValueError(
                f"RateNetwork.dt is {self.dt} ms; it must be above 0 and below tau = {self.tau} ms."
            )
        if not 0 <= self.theta <= math.pi / 4:
            raise ValueError(
                f"RateNetwork.theta is {self.theta} rad; it must lie in [0, pi/4] = [0, "
                f"{math.pi / 4:.4f}]."
            )
        if self.sigma < 0:
            raise ValueError(
                f"RateNetwork.sigma is {self.sigma}; the strength of the noise cannot be negative."
            )
        if self.readout not in ("uniform", "gaussian"):
            raise ValueError(
                f"RateNetwork.readout is {self.readout!r}; choose 'uniform' or 'gaussian'."
            )
        if self.noise not in ("independent", "shared", "outside"):
            raise ValueError(
                f"RateNetwork.noise is {self.noise!r}; choose 'independent', 'shared' or 'outside'."
            )

    @property
    def alpha(self) -> float:
        """dt / tau."""
        return self.dt / self.tau

    @property
    def slope(self) -> float:
        """Slope of f below zero, tan(theta)."""
        return math.tan(self.theta)

    @property
    def recurrent_sd(self) -> float:
        """Standard deviation of the untrained recurrent weights."""
        return self.gain / self.n_units**self.gain_power


class Weights(NamedTuple):
    """Weights of a batch of networks, float32.

    recurrent : (network, unit, unit), [k, i, j] is from unit j to unit i; the diagonal is zero
    input : (network, unit, input)
    bias : (network, unit)
    readout : (network, output, unit)
    """

    recurrent: np.ndarray
    input: np.ndarray
    bias: np.ndarray
    readout: np.ndarray


def untrained_weights(network: RateNetwork, *, n_inputs: int, n_outputs: int, seed: int) -> Weights:
    """Random weights of one network, with a leading `network` axis of length 1."""
    rng = generator(seed, "initial weights")
    n = network.n_units
    recurrent = network.recurrent_sd * rng.standard_normal((n, n))
    np.fill_diagonal(recurrent, 0)
    weights = Weights(
        recurrent=recurrent,
        input=network.input_sd * rng.standard_normal((n, n_inputs)),
        bias=network.bias_sd * rng.standard_normal(n),
        readout=(
            rng.uniform(0, 1 / math.sqrt(n), (n_outputs, n))
            if network.readout == "uniform"
            else network.recurrent_sd * rng.standard_normal((n_outputs, n))
        ),
    )
    return Weights(*(w[None].astype(np.float32) for w in weights))


def stack(weights: list[Weights]) -> Weights:
    """Join batches of networks along the `network` axis."""
    return Weights(*(np.concatenate(parts) for parts in zip(*weights, strict=True)))


def noise(
    network: RateNetwork, n_trials: int, n_steps: int, *, rng: np.random.Generator
) -> np.ndarray:
    """Standard normal numbers xi for one network, float32, (time, trial, unit), or (time, trial, 1)
    if shared.

    Time comes first because the simulation reads it step by step.
    """
    n = 1 if network.noise == "shared" else network.n_units
    return standard_normal((n_steps, n_trials, n), rng=rng)
