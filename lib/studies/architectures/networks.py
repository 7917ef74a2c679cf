"""Three other architectures with the untrained weights of the note's recipe (U1a, U1b).

    tanh      r <- (1 - a) r + a tanh(x),             x = W r + W_in u + b + noise
    gated     r <- (1 - a g) r + a g tanh(x),         x = W (g r) + W_in u + b + noise
              g = s(W_g r + U_g u + b_g)
    low rank  r <- (1 - a) r + a max(x, 0),           x = M N^T r + W_in u + b + noise

a  dt / tau                     s     logistic function: the gate of the minimal gated unit (Zhou
W  recurrent weights                  et al. 2016), a GRU with one gate in place of two
M, N  (unit, rank) factors      noise  sqrt(2 / a) sigma xi, as in the note

Inputs, biases and readouts are drawn as in `taskrnn.networks.rate`; W has the standard deviation
gain / sqrt(N), M N^T too, and the gate's weights are drawn like W.
"""

import math
from dataclasses import dataclass

import numpy as np

from taskrnn.networks.network import Network, Weights


@dataclass(frozen=True, kw_only=True)
class ByRecipe(Network):
    """What the three have in common.

    Parameters (beside those of `Network`)
    ----------
    input_sd, bias_sd : float
        Standard deviations of the Gaussian input weights and biases.
    gain : float
        Times 1 / sqrt(N) the standard deviation of the untrained recurrent weights.
    """

    input_sd: float
    bias_sd: float
    gain: float = 1.2

    def drawn(
        self, recurrent: np.ndarray, *, n_inputs: int, n_outputs: int, rng: np.random.Generator
    ) -> Weights:
        """Weights with these recurrent ones and as many rows of inputs and biases."""
        rows, n = len(recurrent), self.n_units
        return Weights(
            recurrent=recurrent,
            input=self.input_sd * rng.standard_normal((rows, n_inputs)),
            bias=self.bias_sd * rng.standard_normal(rows),
            readout=rng.uniform(0, 1 / math.sqrt(n), (n_outputs, n)),
        )

    def total(self, product, weights: Weights, inputs):
        """A product with the recurrent weights plus input and bias, (network, trial, row)."""
        from taskrnn.networks.quiet_tensorflow import tf

        return product + tf.matmul(inputs, weights.input, transpose_b=True) + weights.bias[:, None]

    def kick(self, xi):
        """The noise inside f."""
        return math.sqrt(2 / self.alpha) * self.sigma * xi


@dataclass(frozen=True, kw_only=True)
class TanhNetwork(ByRecipe):
    """The note's network with tanh for the rectifier."""

    @property
    def self_connections(self) -> bool:
        return False

    def draw(self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Weights:
        n = self.n_units
        recurrent = self.gain / math.sqrt(n) * rng.standard_normal((n, n))
        np.fill_diagonal(recurrent, 0)
        return self.drawn(recurrent, n_inputs=n_inputs, n_outputs=n_outputs, rng=rng)

    def step(self, weights: Weights, rates, inputs, xi):
        from taskrnn.networks.quiet_tensorflow import tf

        product = tf.matmul(rates, weights.recurrent, transpose_b=True)
        x = self.total(product, weights, inputs) + self.kick(xi)
        return (1 - self.alpha) * rates + self.alpha * tf.tanh(x)


@dataclass(frozen=True, kw_only=True)
class GatedNetwork(ByRecipe):
    """The minimal gated unit; rows are those of the gate and then those of the units.

    The gate's biases have the mean 1, so that untrained gates are mostly open.
    """

    def draw(self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Weights:
        n = self.n_units
        recurrent = self.gain / math.sqrt(n) * rng.standard_normal((2 * n, n))
        drawn = self.drawn(recurrent, n_inputs=n_inputs, n_outputs=n_outputs, rng=rng)
        drawn.bias[:n] += 1.0
        return drawn

    def step(self, weights: Weights, rates, inputs, xi):
        from taskrnn.networks.quiet_tensorflow import tf

        of_gate, of_unit = tf.split(weights.recurrent, 2, axis=1)
        gate_in, unit_in = tf.split(self.total(0.0, weights, inputs), 2, axis=2)
        gate = tf.sigmoid(tf.matmul(rates, of_gate, transpose_b=True) + gate_in)
        x = tf.matmul(gate * rates, of_unit, transpose_b=True) + unit_in + self.kick(xi)
        gate *= self.alpha
        return (1 - gate) * rates + gate * tf.tanh(x)


@dataclass(frozen=True, kw_only=True)
class LowRankNetwork(ByRecipe):
    """The note's ReLU network with recurrent weights M N^T; the columns that are trained are those
    of M and then those of N.

    Parameters (beside those of `ByRecipe`)
    ----------
    rank : int
        Columns of M, and of N.
    """

    rank: int = 5

    @property
    def outputs_are_positive(self) -> bool:
        return True

    @property
    def rectifies(self) -> bool:
        return True

    def draw(self, *, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Weights:
        n, columns = self.n_units, 2 * self.rank
        sd = (self.gain**2 / (n * self.rank)) ** 0.25
        factors = sd * rng.standard_normal((n, columns))
        return self.drawn(factors, n_inputs=n_inputs, n_outputs=n_outputs, rng=rng)

    def step(self, weights: Weights, rates, inputs, xi):
        from taskrnn.networks.quiet_tensorflow import tf

        to, of = tf.split(weights.recurrent, 2, axis=2)
        product = tf.matmul(tf.matmul(rates, of), to, transpose_b=True)
        x = self.total(product, weights, inputs) + self.kick(xi)
        return (1 - self.alpha) * rates + self.alpha * tf.nn.relu(x)
