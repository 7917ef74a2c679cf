"""A penalty on the weights that leaves none of them at zero, to be seen beside the soft threshold.

A file of its own, because it is part of what identifies the networks trained with it.
"""

from dataclasses import dataclass

from taskrnn.networks.network import Weights
from taskrnn.training.penalties import Penalty


@dataclass(frozen=True, kw_only=True)
class AbsoluteWeights(Penalty):
    """`strength` times the sum of the absolute recurrent weights.

    Its subgradient is `strength` times the sign of a weight. Adam divides a gradient by its own
    size, so that a weight without any other gradient moves by a learning rate in every update, past
    zero and back.
    """

    strength: float

    def value(self, weights: Weights, rates):
        # here, because TensorFlow is slow to load and settings are needed without it
        from taskrnn.networks.quiet_tensorflow import tf

        return self.strength * tf.reduce_sum(tf.abs(weights.recurrent), [1, 2])
