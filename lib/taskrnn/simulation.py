"""Activity of a batch of networks, in TensorFlow.

The step is that of `taskrnn.network`. What costs time at these sizes is starting small operations, not arithmetic, so
several steps are written out in each turn of the loop. Inside, arrays are (network, time * trial, unit), time slowest:
then a step is a slice and the gradient's sum over time is one matrix product.

oneDNN's matrix products are left on (TensorFlow's default): they are 2.6 times as fast here as Eigen's.
"""

import dataclasses
from functools import cache

import numpy as np

from taskrnn.network import Network, Weights
from taskrnn.quiet_tensorflow import tf

STEPS_PER_TURN = 25


def turns(n_steps: int) -> tuple[int, int]:
    """How many turns of the loop, and how many steps in each: the largest divisor up to STEPS_PER_TURN."""
    steps = max(s for s in range(1, STEPS_PER_TURN + 1) if n_steps % s == 0)
    return n_steps // steps, steps


def forward(recurrent, drive, xi, initial, *, network: Network, slope):
    """Rates and total inputs of all units, as graph operations.

    Parameters
    ----------
    recurrent : Tensor (network, unit, unit)
    drive : Tensor (network, time, trial, unit), W_in u + b
    xi : Tensor (network, time, trial, unit or 1), standard normal
    initial : Tensor (network, trial, unit), rates before the first step
    slope : of f below zero, a number or a scalar Tensor; that of `network` is not used

    Returns
    -------
    rates, total : Tensor (turn, network, step * trial, unit)
        Rates after each step, and the argument of f that led to them.
    """
    k, n_steps, n_trials, n = drive.shape
    n_turns, steps = turns(n_steps)
    alpha = network.alpha
    # Row vectors times the transpose: written out once, not at every step.
    to_rows = tf.transpose(recurrent, [0, 2, 1])
    outside = network.noise == "outside"
    scaled = xi * ((2 * alpha) ** 0.5 if outside else (2 / alpha) ** 0.5) * network.sigma
    if not outside:
        drive = drive + scaled

    def by_turn(x):
        return tf.unstack(tf.reshape(x, [k, steps, n_trials, x.shape[-1]]), axis=1)

    def turn(i, r, rates, total):
        now, argument = [], []
        here = slice(i * steps, (i + 1) * steps)
        kicks = by_turn(scaled[:, here]) if outside else [None] * steps
        for c, kick in zip(by_turn(drive[:, here]), kicks, strict=True):
            x = tf.matmul(r, to_rows) + c
            r = (1 - alpha) * r + alpha * tf.maximum(x, slope * x)
            if outside:
                r += kick
            now.append(r)
            argument.append(x)
        return i + 1, r, rates.write(i, tf.concat(now, 1)), total.write(i, tf.concat(argument, 1))

    arrays = [
        tf.TensorArray(drive.dtype, n_turns, element_shape=[k, steps * n_trials, n], name=name)
        for name in ("rates", "total")
    ]
    _, _, rates, total = tf.while_loop(
        lambda i, *_: i < n_turns, turn, (tf.constant(0), initial, *arrays), parallel_iterations=1
    )
    return rates.stack(), total.stack()


def drive(weights: Weights, inputs):
    """W_in u + b as a Tensor (network, time, trial, unit), from inputs (network, time, trial, input)."""
    return tf.einsum("ktbi,kni->ktbn", inputs, weights.input) + tf.convert_to_tensor(weights.bias)[:, None, None]


@cache
def _simulation(network: Network):
    """The graph for one network's settings but its slope, kept: a function of TensorFlow's own would be traced again for every equal copy."""

    @tf.function(autograph=False)
    def rates(weights, inputs, xi, initial, slope):
        after, _ = forward(weights.recurrent, drive(weights, inputs), xi, initial, network=network, slope=slope)
        n_turns, k, _, n = after.shape
        after = tf.reshape(after, [n_turns, k, -1, initial.shape[1], n])
        # (turn, network, step, trial, unit) -> (network, trial, turn, step, unit)
        return tf.reshape(tf.transpose(after, [1, 3, 0, 2, 4]), [k, initial.shape[1], -1, n])

    return rates


def simulate(
    weights: Weights,
    inputs: np.ndarray,
    *,
    network: Network,
    xi: np.ndarray | None = None,
    initial: np.ndarray | None = None,
) -> np.ndarray:
    """Rates of every network in every trial.

    Parameters
    ----------
    weights : Weights
    inputs : ndarray (network, trial, time, input), or (trial, time, input) if all networks receive the same
    network : Network
    xi : ndarray (network, time, trial, unit or 1), optional
        Standard normal numbers, see `taskrnn.network.noise`; without them there is no noise.
    initial : ndarray (network, trial, unit), optional
        Rates before the first step; zero if not given.

    Returns
    -------
    ndarray (network, trial, time, unit), of the dtype of the weights
    """
    k, n, _ = weights.recurrent.shape
    dtype = weights.recurrent.dtype
    inputs = np.broadcast_to(inputs, (k, *inputs.shape[-3:])).swapaxes(1, 2).astype(dtype)
    n_steps, n_trials, n_inputs = inputs.shape[1:]
    if n_inputs != weights.input.shape[-1]:
        raise ValueError(
            f"The inputs have {n_inputs} channels, the network takes {weights.input.shape[-1]}; the last axis is the input."
        )
    xi = np.zeros((k, n_steps, n_trials, 1)) if xi is None else xi
    initial = np.zeros((k, n_trials, n)) if initial is None else initial
    simulation = _simulation(dataclasses.replace(network, theta=0.0))
    return simulation(weights, inputs, xi.astype(dtype), initial.astype(dtype), np.asarray(network.slope, dtype)).numpy()


def outputs(weights: Weights, rates: np.ndarray) -> np.ndarray:
    """z = W_out r, (network, trial, time, output)."""
    return np.einsum("kbtn,kon->kbto", rates, weights.readout, optimize=True)
