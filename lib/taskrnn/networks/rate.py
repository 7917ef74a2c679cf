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
from typing import Literal

import numpy as np

from taskrnn.networks.network import Network, Weights


@dataclass(frozen=True, kw_only=True)
class RateNetwork(Network):
    """Settings of a rate network; the defaults are the recovered recipe (readings A1 to A4).

    Parameters (beside those of `Network`)
    ----------
    input_sd, bias_sd : float
        Standard deviations of the Gaussian input weights and biases.
    gain, gain_power : float
        The recurrent weights are Gaussian with standard deviation gain / N ** gain_power (reading
        A1; the alternatives are gain 1, and gain 1 with power 1/4, which is the variance 1 /
        sqrt(N) as written); their diagonal is zero.
    readout : {"uniform", "gaussian"}
        Uniform on [0, 1 / sqrt(N)], or from the distribution of the recurrent weights (reading A2).
    noise : {"independent", "shared", "outside"} Inside f and new for every unit; inside f and one
        number for all units of a trial at each step; or added to the rates outside f as sqrt(2
        alpha) sigma xi, new for every unit (reading A3).
    theta : float
        Angle of the leaky ReLU in radians, 0 to pi/4.
    """

    input_sd: float
    bias_sd: float
    gain: float = 1.2
    gain_power: float = 0.5
    readout: Literal["uniform", "gaussian"] = "uniform"
    noise: Literal["independent", "shared", "outside"] = "independent"
    theta: float = 0.0

    def __init_subclass__(cls):
        raise TypeError(
            f"{cls.__name__} is below RateNetwork, whose gradient is written by hand and knows "
            "nothing of it; put it below taskrnn.networks.network.Network."
        )

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.theta <= math.pi / 4:
            raise ValueError(
                f"RateNetwork.theta is {self.theta} rad; it must lie in [0, pi/4] = [0, "
                f"{math.pi / 4:.4f}]."
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
    def slope(self) -> float:
        """Slope of f below zero, tan(theta)."""
        return math.tan(self.theta)

    @property
    def recurrent_sd(self) -> float:
        """Standard deviation of the untrained recurrent weights."""
        return self.gain / self.n_units**self.gain_power

    @property
    def noise_channels(self) -> int:
        return 1 if self.noise == "shared" else self.n_units

    @property
    def self_connections(self) -> bool:
        return False

    @property
    def outputs_are_positive(self) -> bool:
        return self.rectifies and self.readout == "uniform"

    @property
    def rectifies(self) -> bool:
        return self.theta == 0 and self.noise != "outside"

    def draw(self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Weights:
        n = self.n_units
        recurrent = self.recurrent_sd * rng.standard_normal((n, n))
        np.fill_diagonal(recurrent, 0)
        return Weights(
            recurrent=recurrent,
            input=self.input_sd * rng.standard_normal((n, n_inputs)),
            bias=self.bias_sd * rng.standard_normal(n),
            readout=(
                rng.uniform(0, 1 / math.sqrt(n), (n_outputs, n))
                if self.readout == "uniform"
                else self.recurrent_sd * rng.standard_normal((n_outputs, n))
            ),
        )

    def step(self, weights: Weights, rates, inputs, xi):
        """The equation above, term by term. Simulation and training take faster routes to the same
        (`taskrnn.networks.simulation.forward`, `taskrnn.training.gradient`), which the tests
        compare with this one.
        """
        # here, because TensorFlow is slow to load and settings are needed without it
        from taskrnn.networks.quiet_tensorflow import tf

        x = tf.matmul(rates, weights.recurrent, transpose_b=True)
        x += tf.matmul(inputs, weights.input, transpose_b=True) + weights.bias[:, None]
        if self.noise != "outside":
            x += (2 / self.alpha) ** 0.5 * self.sigma * xi
        rates = (1 - self.alpha) * rates + self.alpha * tf.maximum(x, self.slope * x)
        if self.noise == "outside":
            rates += (2 * self.alpha) ** 0.5 * self.sigma * xi
        return rates
