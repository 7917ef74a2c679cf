"""A network of one's own: the note's, with tanh for the rectifier."""

import math
from dataclasses import dataclass

import numpy as np

from taskrnn.networks.network import Network, Weights
from taskrnn.networks.quiet_tensorflow import tf


@dataclass(frozen=True, kw_only=True)
class TanhNetwork(Network):
    """r <- (1 - alpha) r + alpha tanh(W r + W_in u + b + noise)

    All weights are Gaussian, the recurrent ones with standard
    deviation gain / sqrt(N).
    """

    gain: float = 1.2

    def draw(
        self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator
    ) -> Weights:
        n = self.n_units
        return Weights(
            recurrent=self.gain
            / math.sqrt(n)
            * rng.standard_normal((n, n)),
            input=rng.standard_normal((n, n_inputs)),
            bias=0.1 * rng.standard_normal(n),
            readout=rng.standard_normal((n_outputs, n)) / math.sqrt(n),
        )

    def step(self, weights: Weights, rates, inputs, xi):
        x = tf.matmul(rates, weights.recurrent, transpose_b=True)
        x += (
            tf.matmul(inputs, weights.input, transpose_b=True)
            + weights.bias[:, None]
        )
        x += math.sqrt(2 / self.alpha) * self.sigma * xi
        return (1 - self.alpha) * rates + self.alpha * tf.tanh(x)
