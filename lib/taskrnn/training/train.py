"""Training by gradient descent on the masked squared error over time (note, section 2; readings A5
and A7).

The loss of a network is the mean of (z - target)^2 over the trials, the outputs and the steps that
count. Only the recurrent weights are trained; in rate networks their diagonal is zero and stays
zero. Each network of the batch has its own loss, its own trials and its own noise, all functions of
its seed.

The gradient of a rate network is written by hand (`taskrnn.training.gradient`). That of any other
network, and of any with penalties, is TensorFlow's (`taskrnn.training.tape`).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from taskrnn.networks.network import Network, Weights, stack, untrained_weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.tasks.trials import Task, Trials
from taskrnn.training.batches import batch
from taskrnn.training.gradient import gradient
from taskrnn.training.settings import Training
from taskrnn.training.tape import gradient_by_tape


class Trained(NamedTuple):
    """Result for a batch of networks.

    before : Weights
    recurrent : ndarray (network, unit, unit), the trained recurrent weights
    loss : ndarray (network, updates + 1), before each update and after the last; NaN once a network
        has stopped
    mean_weight : ndarray (network, updates + 1), mean of the recurrent weights at the same moments,
        without those of a diagonal
    stopped : ndarray of int (network,), the update at which `stop_error` was reached, else the
        number of updates
    failed : ndarray of int (network,), the first update with a loss that is not finite; the last
        one if the loss ended above its start (the network diverged); -1 if all is well
    """

    before: Weights
    recurrent: np.ndarray
    loss: np.ndarray
    mean_weight: np.ndarray
    stopped: np.ndarray
    failed: np.ndarray


class State(NamedTuple):
    """Where training stands before an update; a training that continues from here ends like one
    that was never stopped.

    update : int, number of updates made
    recurrent : ndarray (network, unit, unit), the weights now
    momentum, velocity : ndarrays (network, unit, unit), the moments of Adam; of gradient
        descent the first is the step, and the second 0
    after : ndarray (network, unit, unit), the final weights of the networks that have stopped
    loss, mean_weight, stopped : as in `Trained`, NaN from this update on; a network that runs has
        not `stopped` before the last update
    """

    update: int
    recurrent: np.ndarray
    momentum: np.ndarray
    velocity: np.ndarray
    after: np.ndarray
    loss: np.ndarray
    mean_weight: np.ndarray
    stopped: np.ndarray


def task_errors(
    weights: Weights, task: Task, network: Network, *, seeds: list[int], place: int
) -> np.ndarray:
    """Error of each network in its task (network,), on 100 trials drawn for deciding when to
    stop.
    """
    drawn, trials, xi = batch(task, network, seeds=seeds, purpose="stop", place=place, n_trials=100)
    z = outputs(
        weights,
        simulate(weights, np.moveaxis(trials.inputs, 0, 2), network=network, xi=xi.swapaxes(0, 1)),
    )
    return np.array([task.error(own, y) for own, y in zip(drawn, z, strict=True)])


def train(
    task: Task,
    network: Network,
    training: Training,
    *,
    seeds: list[int],
    start: Weights | None = None,
    trained: np.ndarray | None = None,
    state: State | None = None,
    progress: Callable[[int, float, Callable[[], State]], None] = lambda update, loss, state: None,
) -> Trained:
    """Train one network per seed.

    A network's result depends on its own seed alone. A rate network is the same to the last bit
    whichever are trained beside it, on one machine with one TensorFlow thread; others have to be
    trained one by one for that (`taskrnn.ensembles.ensemble` sees to both).

    Parameters
    ----------
    start : Weights, optional
        What the networks begin with instead of what they draw.
    trained : bool ndarray (network, unit, unit), optional
        Which recurrent weights training may change; the others stay what they are.
    state : State, optional
        Of these networks, to continue from.
    progress : callable(update, loss, state)
        Called after every update with the mean loss of the networks whose loss is finite, and a
        function that returns the state.
    """
    drawn = stack(
        [
            untrained_weights(network, n_inputs=task.n_inputs, n_outputs=task.n_outputs, seed=s)
            for s in seeds
        ]
    )
    before = started(drawn, start, trained)
    begun = untouched(before, training.updates) if state is None else state
    recurrent, moments, loss_and_gradient, apply = compiled(
        before, begun, trained, network=network, training=training
    )

    def stand(update):
        now = (variable.numpy() for variable in (recurrent, *moments))
        curves = (x.copy() for x in (after, loss, mean_weight, stopped))
        return State(update, *now, *curves)

    after, loss, mean_weight, stopped = (x.copy() for x in begun[4:])
    for update in range(begun.update, training.updates + 1):
        w, running = recurrent.numpy(), stopped == training.updates
        if training.stop_error is not None and update % 25 == 0:
            errors = task_errors(
                before._replace(recurrent=w), task, network, seeds=seeds, place=update
            )
            done = running & (errors <= training.stop_error)
            after[done], stopped[done] = w[done], update
            running = stopped == training.updates
        _, trials, xi = batch(
            task,
            network,
            seeds=seeds,
            purpose="training",
            place=update,
            n_trials=training.trials_per_update,
        )
        value, dw = loss_and_gradient(trials.inputs, trials.targets, trials.mask, xi)
        loss[:, update] = value.numpy()
        mean_weight[:, update] = mean_off_diagonal(w)
        if update == training.updates or not running.any():
            break
        apply(dw)
        finite = np.isfinite(loss[:, update])
        mean_loss = float(loss[finite, update].mean()) if finite.any() else float("nan")
        progress(update + 1, mean_loss, partial(stand, update + 1))
    running = stopped == training.updates
    after[running] = recurrent.numpy()[running]
    for k, last in enumerate(stopped):
        loss[k, last + 1 :] = mean_weight[k, last + 1 :] = np.nan
    return Trained(before, after, loss, mean_weight, stopped, failures(loss, stopped))


def started(drawn: Weights, start: Weights | None, trained: np.ndarray | None) -> Weights:
    """The weights to start with, float32; ValueError unless they, and which of them are trained,
    have the shapes of those drawn.
    """
    if trained is not None and np.shape(trained) != drawn.recurrent.shape:
        raise ValueError(
            f"Which weights are trained has the shape {np.shape(trained)} and must have that of "
            f"the recurrent weights, {drawn.recurrent.shape}."
        )
    if start is None:
        return drawn
    shapes = [(np.shape(a), np.shape(b)) for a, b in zip(start, drawn, strict=True)]
    if any(a != b for a, b in shapes):
        named = zip(Weights._fields, shapes, strict=True)
        raise ValueError(
            "The weights to start with do not fit the networks: "
            + "; ".join(f"{name} is {a} and must be {b}" for name, (a, b) in named if a != b)
            + "."
        )
    return Weights(*(np.asarray(w, np.float32) for w in start))


def compiled(
    before: Weights,
    begun: State,
    trained: np.ndarray | None,
    *,
    network: Network,
    training: Training,
):
    """What an update consists of, as graphs: the trained weights and the optimizer's two moments of
    them (variables), the function (inputs, targets, mask, xi) -> loss and gradient, and the
    function that makes a step along a gradient.
    """
    recurrent = tf.Variable(begun.recurrent)
    optimizer = optimizer_of(training)
    optimizer.build([recurrent])
    iterations, _, *moments = optimizer.variables
    # Gradient descent has one, or none without momentum.
    moments = [*moments, tf.Variable(begun.momentum), tf.Variable(begun.velocity)][:2]
    for variable, value in zip(
        (iterations, *moments), (begun.update, begun.momentum, begun.velocity), strict=True
    ):
        variable.assign(value)
    constants = Weights(*map(tf.constant, before))
    by_hand = isinstance(network, RateNetwork) and not training.penalties
    threshold = training.learning_rate * training.shrink

    @tf.function(autograph=False)
    def loss_and_gradient(inputs, targets, mask, xi):
        trials = Trials(inputs, targets, mask)
        weights = constants._replace(recurrent=recurrent.read_value())
        if by_hand:
            return gradient(weights, trials, xi, network=network)
        return gradient_by_tape(weights, trials, xi, network=network, penalties=training.penalties)

    @tf.function(autograph=False)
    def apply(dw):
        optimizer.apply([dw if trained is None else dw * tf.cast(trained, dw.dtype)], [recurrent])
        if threshold:
            # The proximal step of an L1 penalty; its subgradient through Adam gives no zeros.
            w = recurrent.read_value()
            less = tf.sign(w) * tf.maximum(tf.abs(w) - threshold, 0.0)
            recurrent.assign(less if trained is None else tf.where(trained, less, w))
        if training.weight_decay and trained is not None:  # the optimizer knows nothing of it
            recurrent.assign(tf.where(trained, recurrent.read_value(), constants.recurrent))

    return recurrent, moments, loss_and_gradient, apply


def optimizer_of(training: Training) -> tf.keras.optimizers.Optimizer:
    """Keras's optimizer with the settings of training."""
    rate, decay = training.learning_rate, training.weight_decay or None
    if training.optimizer == "sgd":
        return tf.keras.optimizers.SGD(rate, momentum=training.momentum, weight_decay=decay)
    return tf.keras.optimizers.Adam(rate, epsilon=training.epsilon, weight_decay=decay)


def mean_off_diagonal(recurrent: np.ndarray) -> np.ndarray:
    """Mean of matrices (network, row, column) over their entries, of square ones without the
    diagonal, (network,).
    """
    total, (rows, columns) = recurrent.sum(axis=(1, 2), dtype=float), recurrent.shape[1:]
    if rows != columns:
        return total / (rows * columns)
    return (total - recurrent.trace(axis1=1, axis2=2, dtype=float)) / (rows * (rows - 1))


def untouched(before: Weights, updates: int) -> State:
    """The state in which training begins."""
    w = before.recurrent
    loss, mean_weight = np.full((2, len(w), updates + 1), np.nan)
    zero = np.zeros_like(w)
    return State(0, w, zero, zero, zero.copy(), loss, mean_weight, np.full(len(w), updates))


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
