"""The gradient of the loss by the recurrent weights, written by hand.

With x the argument of f, and g_t = dL/dr_t including all later
times,

    delta_t = f'(x_t) g_t
    g_{t-1} = (1 - alpha) g_t + alpha W^T delta_t + W_out^T dL/dz_{t-1}
    dL/dW   = alpha sum_t delta_t r_{t-1}^T
"""

from taskrnn.networks.network import Weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import forward, rectify_gradient, turns
from taskrnn.tasks.trials import Trials


def gradient(weights: Weights, trials: Trials, xi, *, network: RateNetwork):
    """Loss of each network and its gradient, as graph operations.

    Parameters
    ----------
    weights : Weights of Tensors
    trials : Trials of Tensors with leading axes (time, network, trial)
    xi : Tensor (time, network, trial, unit or 1)

    Returns
    -------
    loss : Tensor (network,)
    gradient : Tensor (network, unit, unit), zero on the diagonal
    """
    n_steps, k, n_trials, _ = trials.inputs.shape
    n, alpha, slope = weights.recurrent.shape[-1], network.alpha, network.slope
    n_turns, steps = turns(n_steps)
    zero = tf.zeros([k, n_trials, n], weights.recurrent.dtype)
    rates, active = forward(weights, trials.inputs, xi, zero, network=network, slope=slope)
    back = alpha * weights.recurrent
    count = weights.readout.shape[1] * tf.reduce_sum(trials.mask, [0, 2])
    targets, mask = trials.targets, trials.mask[..., None]

    def from_output(rates, targets, mask):
        """The summed squared error (network,) at some rates (network, any, unit), and its gradient
        by the rates.
        """
        error = (tf.matmul(rates, weights.readout, transpose_b=True) - targets) * mask
        return tf.reduce_sum(error**2, [1, 2]), tf.matmul(
            2 * error / count[:, None, None], weights.readout
        )

    def by_turn(x):
        """What belongs to the rates *before* each step, of which the first are no output: (turn,
        network, step * trial, channel).
        """
        x = tf.reshape(
            tf.concat([tf.zeros_like(x[:1]), x[:-1]], 0), [n_turns, steps, k, n_trials, -1]
        )
        return tf.reshape(tf.transpose(x, [0, 2, 1, 3, 4]), [n_turns, k, steps * n_trials, -1])

    earlier_targets, earlier_mask = by_turn(targets), by_turn(mask)

    def turn(i, g, dw, loss):
        previous = tf.concat([rates.read(i * steps + s) for s in range(steps)], 1)
        squared, outer = from_output(previous, earlier_targets[i], earlier_mask[i])
        outer, deltas = tf.split(outer, steps, axis=1), []
        for s in reversed(range(steps)):
            delta = rectify_gradient(g, active.read(i * steps + s), slope)
            deltas.insert(0, delta)
            g = tf.add_n([(1 - alpha) * g, tf.matmul(delta, back), outer[s]])
        return (
            i - 1,
            g,
            dw + tf.matmul(tf.concat(deltas, 1), previous, transpose_a=True),
            loss + squared,
        )

    loss, g = from_output(rates.read(n_steps), targets[-1], mask[-1])
    start = (tf.constant(n_turns - 1), g, tf.zeros_like(weights.recurrent), loss)
    _, _, dw, loss = tf.while_loop(lambda i, *_: i >= 0, turn, start, parallel_iterations=1)
    return loss / count, tf.linalg.set_diag(alpha * dw, tf.zeros([k, n], dw.dtype))
