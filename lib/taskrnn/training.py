"""Training by gradient descent: Adam on the masked squared error over time (note, section 2; readings A5 and A7).

The loss of a network is the mean of (z - target)^2 over the trials, the outputs and the steps that count. Only the
recurrent weights are trained; their diagonal is zero and stays zero. Each network of the batch has its own loss, its own
trials and its own noise, all functions of its seed.

The gradient is written by hand. With x the argument of f, and g_t = dL/dr_t including all later times,

    delta_t = alpha f'(x_t) g_t
    g_{t-1} = (1 - alpha) g_t + W^T delta_t + W_out^T dL/dz_{t-1}
    dL/dW   = sum_t delta_t r_{t-1}^T
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from taskrnn.network import Network, Weights, noise, stack, untrained_weights
from taskrnn.quiet_tensorflow import tf
from taskrnn.simulation import drive, forward, outputs, simulate
from taskrnn.streams import generator
from taskrnn.tasks.trials import Task, Trials, answers
from taskrnn.training_settings import Training


class Trained(NamedTuple):
    """Result for a batch of networks.

    before : Weights
    recurrent : ndarray (network, unit, unit), the trained recurrent weights
    loss : ndarray (network, updates + 1), before each update and after the last; NaN once a network has stopped
    mean_weight : ndarray (network, updates + 1), mean of the off-diagonal recurrent weights at the same moments
    stopped : ndarray of int (network,), the update at which `stop_error` was reached, else the number of updates
    failed : ndarray of int (network,), the first update with a loss that is not finite; the last one if the loss ended
        above its start (the network diverged); -1 if all is well
    """

    before: Weights
    recurrent: np.ndarray
    loss: np.ndarray
    mean_weight: np.ndarray
    stopped: np.ndarray
    failed: np.ndarray


def gradient(weights: Weights, trials: Trials, xi, *, network: Network):
    """Loss of each network and its gradient, as graph operations.

    Parameters
    ----------
    weights : Weights of Tensors
    trials : Trials of Tensors with leading axes (network, time, trial)
    xi : Tensor (network, time, trial, unit or 1)

    Returns
    -------
    loss : Tensor (network,)
    gradient : Tensor (network, unit, unit), zero on the diagonal
    """
    k, n_steps, n_trials, _ = trials.inputs.shape
    n, n_outputs = weights.recurrent.shape[-1], weights.readout.shape[1]
    alpha, slope = network.alpha, network.slope
    initial = tf.zeros([k, n_trials, n], weights.recurrent.dtype)
    rates, total = forward(weights.recurrent, drive(weights, trials.inputs), xi, initial, network=network, slope=slope)
    n_turns = rates.shape[0]
    steps = n_steps // n_turns

    z = tf.einsum("ckjn,kon->ckjo", rates, weights.readout)
    by_turn = [n_turns, steps, n_trials]
    mask = tf.reshape(trials.mask, [k, *by_turn, 1])
    error = tf.reshape(tf.transpose(z, [1, 0, 2, 3]), [k, *by_turn, n_outputs])
    error = (error - tf.reshape(trials.targets, error.shape)) * mask
    count = n_outputs * tf.reduce_sum(mask, [1, 2, 3, 4])
    loss = tf.reduce_sum(error**2, [1, 2, 3, 4]) / count
    from_output = 2 * error / count[:, None, None, None, None]

    # Rates before each turn: the start of the trial, then the last rates of the turn before.
    first = tf.concat([initial[None], rates[:-1, :, -n_trials:]], 0)

    def turn(i, g, dw):
        deltas = []
        dz = tf.unstack(from_output[:, i], axis=1)
        slopes = tf.split(tf.where(total[i] > 0, tf.cast(alpha, g.dtype), tf.cast(alpha * slope, g.dtype)), steps, axis=1)
        for t in reversed(range(steps)):
            g = g + tf.matmul(dz[t], weights.readout)
            delta = slopes[t] * g
            deltas.insert(0, delta)
            g = (1 - alpha) * g + tf.matmul(delta, weights.recurrent)
        previous = tf.concat([first[i], rates[i, :, :-n_trials]], 1)
        return i - 1, g, dw + tf.matmul(tf.concat(deltas, 1), previous, transpose_a=True)

    start = (tf.constant(n_turns - 1), tf.zeros_like(initial), tf.zeros_like(weights.recurrent))
    _, _, dw = tf.while_loop(lambda i, *_: i >= 0, turn, start, parallel_iterations=1)
    return loss, tf.linalg.set_diag(dw, tf.zeros([k, n], dw.dtype))


def batch(task: Task, network: Network, *, seeds: list[int], purpose: str, place: int, n_trials: int):
    """Trials and noise of each network: Trials with leading axes (network, time, trial), and xi."""
    drawn = []
    for seed in seeds:
        rng = generator(seed, purpose, place)
        trials = task.sample(n_trials, dt=network.dt, rng=rng)
        drawn.append((trials, noise(network, n_trials, trials.inputs.shape[1], rng=rng)))
    inputs, targets, mask = (
        np.stack([getattr(t, name).swapaxes(0, 1) for t, _ in drawn]).astype(np.float32)
        for name in ("inputs", "targets", "mask")
    )
    values, edges = (np.stack([getattr(t, name) for t, _ in drawn]) for name in ("values", "edges"))
    return Trials(inputs, targets, mask, values, edges), np.stack([xi for _, xi in drawn])


def task_errors(weights: Weights, task: Task, network: Network, *, seeds: list[int], place: int) -> np.ndarray:
    """Error of each network in its task (network,), on 100 trials drawn for deciding when to stop."""
    trials, xi = batch(task, network, seeds=seeds, purpose="stop", place=place, n_trials=100)
    z = outputs(weights, simulate(weights, trials.inputs.swapaxes(1, 2), network=network, xi=xi))
    return np.array([task.error(v, answers(y, e)) for v, y, e in zip(trials.values, z, trials.edges, strict=True)])


def train(
    task: Task,
    network: Network,
    training: Training,
    *,
    seeds: list[int],
    progress: Callable[[int, float], None] = lambda update, loss: None,
) -> Trained:
    """Train one network per seed.

    A network's result depends on its own seed alone. It is the same to the last bit whichever networks are trained beside
    it, on one machine with one TensorFlow thread (`taskrnn.ensembles` sees to that).

    Parameters
    ----------
    progress : callable(update, loss)
        Called after every update with the mean loss of the networks whose loss is finite.
    """
    before = stack([untrained_weights(network, n_inputs=task.n_inputs, n_outputs=task.n_outputs, seed=s) for s in seeds])
    recurrent = tf.Variable(before.recurrent)
    optimizer = tf.keras.optimizers.Adam(training.learning_rate)
    optimizer.build([recurrent])
    constants = Weights(None, *(tf.constant(w) for w in before[1:]))

    @tf.function(autograph=False)
    def loss_and_gradient(inputs, targets, mask, xi):
        trials = Trials(inputs, targets, mask, None, None)
        return gradient(constants._replace(recurrent=recurrent.read_value()), trials, xi, network=network)

    @tf.function(autograph=False)
    def apply(dw):
        optimizer.apply([dw], [recurrent])

    n = network.n_units
    shape = (len(seeds), training.updates + 1)
    loss, mean_weight = np.full(shape, np.nan), np.full(shape, np.nan)
    stopped = np.full(len(seeds), training.updates)
    after = np.empty_like(before.recurrent)
    running = np.full(len(seeds), True)
    for update in range(training.updates + 1):
        w = recurrent.numpy()
        if training.stop_error is not None and update % 25 == 0:
            errors = task_errors(before._replace(recurrent=w), task, network, seeds=seeds, place=update)
            done = running & (errors <= training.stop_error)
            after[done], stopped[done] = w[done], update
            running &= ~done
        trials, xi = batch(
            task, network, seeds=seeds, purpose="training", place=update, n_trials=training.trials_per_update
        )
        value, dw = loss_and_gradient(trials.inputs, trials.targets, trials.mask, xi)
        loss[:, update] = value.numpy()
        mean_weight[:, update] = w.sum(axis=(1, 2), dtype=float) / (n * (n - 1))
        if update == training.updates or not running.any():
            break
        apply(dw)
        finite = np.isfinite(loss[:, update])
        progress(update + 1, float(loss[finite, update].mean()) if finite.any() else float("nan"))
    after[running] = recurrent.numpy()[running]
    for k, last in enumerate(stopped):
        loss[k, last + 1 :] = mean_weight[k, last + 1 :] = np.nan
    return Trained(before, after, loss, mean_weight, stopped, failures(loss, stopped))


def failures(loss: np.ndarray, stopped: np.ndarray) -> np.ndarray:
    """The update at which each network failed, -1 if it did not; see `Trained`."""
    failed = np.full(len(loss), -1)
    for k, (curve, last) in enumerate(zip(loss, stopped, strict=True)):
        bad = ~np.isfinite(curve[: last + 1])
        if bad.any():
            failed[k] = np.argmax(bad)
        elif curve[last] > curve[0]:
            failed[k] = last
    return failed
