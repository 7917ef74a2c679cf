"""A penalty of one's own: the sum of the absolute weights."""

from dataclasses import dataclass

from taskrnn.networks.network import Weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.training.penalties import Penalty


@dataclass(frozen=True, kw_only=True)
class L1(Penalty):
    """`strength` times the sum of absolute weights, mean over units."""

    strength: float

    def value(self, weights: Weights, rates):
        return self.strength * tf.reduce_mean(
            tf.reduce_sum(tf.abs(weights.recurrent), axis=2), axis=1
        )
