"""The gradient of the loss by the recurrent weights, by TensorFlow's tape: for any network, and
with penalties.
"""

from taskrnn.networks.network import Network, Weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.simulation import by_steps
from taskrnn.tasks.trials import Trials
from taskrnn.training.penalties import Penalty


def gradient_by_tape(
    weights: Weights, trials: Trials, xi, *, network: Network, penalties: tuple[Penalty, ...]
):
    """Loss of each network, and the gradient of the loss and the penalties, as graph operations.

    Parameters
    ----------
    weights : Weights of Tensors
    trials : Trials of Tensors with leading axes (time, network, trial)
    xi : Tensor (time, network, trial, unit or 1)

    Returns
    -------
    loss : Tensor (network,), without the penalties
    gradient : Tensor, of the shape of the recurrent weights
    """
    _, k, n_trials, _ = trials.inputs.shape
    _, n_outputs, n_units = weights.readout.shape

    def by_network(x):
        """From (time, network, trial, channel) to (network, time * trial, channel), so that no sum
        hangs on which networks are trained beside one.
        """
        return tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [k, -1, x.shape[-1]])

    targets, mask = by_network(trials.targets), by_network(trials.mask[..., None])
    initial = tf.zeros([k, n_trials, n_units], weights.recurrent.dtype)
    with tf.GradientTape() as tape:
        tape.watch(weights.recurrent)
        rates = by_steps(weights, trials.inputs, xi, initial, network=network)
        z = tf.matmul(by_network(rates), weights.readout, transpose_b=True)
        squared = tf.reshape(((z - targets) * mask) ** 2, [k, -1])
        loss = tf.reduce_sum(squared, 1) / (n_outputs * tf.reduce_sum(mask, [1, 2]))
        total = tf.add_n([loss, *(penalty.value(weights, rates) for penalty in penalties)])
    dw = tape.gradient(total, weights.recurrent)
    if not network.self_connections:
        dw = tf.linalg.set_diag(dw, tf.zeros([k, n_units], dw.dtype))
    return loss, dw
