"""What can be added to the loss: penalties on the weights or on the activity."""

from dataclasses import dataclass

from taskrnn.networks.network import Weights


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """Something that training makes small beside the error in the task.

    A penalty is a frozen dataclass below this one with its strength as a field and the method
    `value`. It goes into `Training.penalties`.
    """

    def value(self, weights: Weights, rates):
        """What is added to the loss of each network, as graph operations of TensorFlow.

        Parameters
        ----------
        weights : Weights of Tensors, with the `network` axis
        rates : Tensor (time, network, trial, unit), of the trials of the update

        Returns
        -------
        Tensor (network,)
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class RatePenalty(Penalty):
    """The mean absolute rate over units, trials and steps, times `strength`: activity is sparse
    where it is costly.
    """

    strength: float

    def value(self, weights: Weights, rates):
        # here, because TensorFlow is slow to load and settings are needed without it
        from taskrnn.networks.quiet_tensorflow import tf

        return self.strength * tf.reduce_mean(tf.abs(rates), [0, 2, 3])
