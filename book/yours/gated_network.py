"""A gated network: the minimal gated unit of Zhou et al. (2016).

It is a GRU that has one gate instead of two.
"""

import math
from dataclasses import dataclass

import numpy as np

from taskrnn.networks.network import Network, Weights
from taskrnn.networks.quiet_tensorflow import tf


@dataclass(frozen=True, kw_only=True)
class GatedNetwork(Network):
    """r <- (1 - a g) r + a g tanh(W (g r) + U u + b + noise)

    with the gate g = s(W_g r + U_g u + b_g), s the logistic function,
    and a = dt / tau. The rows of the weights are those of the gate and
    then those of the units.
    """

    gain: float = 1.0

    def draw(
        self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator
    ) -> Weights:
        n = self.n_units
        return Weights(
            recurrent=self.gain
            / math.sqrt(n)
            * rng.standard_normal((2 * n, n)),
            input=rng.standard_normal((2 * n, n_inputs)),
            bias=np.concatenate([np.ones(n), np.zeros(n)]),
            readout=rng.standard_normal((n_outputs, n)) / math.sqrt(n),
        )

    def step(self, weights: Weights, rates, inputs, xi):
        of_gate, of_unit = tf.split(weights.recurrent, 2, axis=1)
        drive = (
            tf.matmul(inputs, weights.input, transpose_b=True)
            + weights.bias[:, None]
        )
        to_gate, to_unit = tf.split(drive, 2, axis=2)
        gate = tf.sigmoid(
            tf.matmul(rates, of_gate, transpose_b=True) + to_gate
        )
        x = tf.matmul(gate * rates, of_unit, transpose_b=True) + to_unit
        x += math.sqrt(2 / self.alpha) * self.sigma * xi
        return (
            1 - self.alpha * gate
        ) * rates + self.alpha * gate * tf.tanh(x)
