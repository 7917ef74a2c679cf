"""Activity of a batch of networks, in TensorFlow.

Any network is simulated by its `step` (`by_steps`). For the rate network there is a faster route
(`forward`). Its step is that of `taskrnn.networks.rate`, with alpha taken into the weights: f is
positively homogeneous, so

    r_t = (1 - alpha) r_{t-1} + f(alpha W r_{t-1} + alpha (W_in u_t + b) + sqrt(2 alpha) sigma xi_t)

Half of the time goes into the products with W, at nearly the speed of large ones; the rest into
passes over memory and into starting small operations. So several steps are written out in each turn
of the loop, what is made for a turn is small enough to stay in the cache, and time is the slowest
axis, (time, network, trial, unit): then a step is a view and not a copy.

oneDNN's matrix products are left on (TensorFlow's default): they are 2.6 times as fast here as
Eigen's.
"""

import dataclasses
from functools import cache

import numpy as np

from taskrnn import checks
from taskrnn.networks.network import Network, Weights, untrained_weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.rate import RateNetwork

STEPS_PER_TURN = 10


def turns(n_steps: int) -> tuple[int, int]:
    """How many turns of the loop, and how many steps in each: the largest divisor up to
    STEPS_PER_TURN.
    """
    steps = max(s for s in range(1, STEPS_PER_TURN + 1) if n_steps % s == 0)
    return n_steps // steps, steps


def rectify(x, slope):
    """f(x); a slope that is a number is known to be zero while the graph is made."""
    return tf.nn.relu(x) if isinstance(slope, float) and slope == 0 else tf.maximum(x, slope * x)


def rectify_gradient(g, a, slope: float):
    """f'(x) g, from f(x) = a, which is above zero where x is."""
    return (
        tf.raw_ops.ReluGrad(gradients=g, features=a)
        if slope == 0
        else g * tf.where(a > 0, tf.ones([], g.dtype), slope)
    )


def forward(weights: Weights, inputs, xi, initial, *, network: RateNetwork, slope):
    """Rates and activations of all units, as graph operations.

    Parameters
    ----------
    weights : Weights of Tensors
    inputs : Tensor (time, network, trial, input)
    xi : Tensor (time, network, trial, unit or 1), standard normal
    initial : Tensor (network, trial, unit), rates before the first step
    slope : of f below zero, a number or a scalar Tensor; that of `network` is not used

    Returns
    -------
    rates : TensorArray (time + 1,) of (network, trial, unit), the initial ones first
    active : TensorArray (time,) of (network, trial, unit), f of the equation above
    """
    n_turns, steps = turns(inputs.shape[0])
    alpha, outside = network.alpha, network.noise == "outside"
    # Row vectors times the transpose, which is written out once and not at every step.
    to_rows = alpha * tf.transpose(weights.recurrent, [0, 2, 1])
    # The bias is the weight of an input that is one.
    inward = alpha * tf.concat([weights.input, weights.bias[..., None]], -1)
    inputs = tf.concat([inputs, tf.ones_like(inputs[..., :1])], -1)

    def turn(i, r, rates, active):
        here = slice(i * steps, (i + 1) * steps)
        # Not by tf.matmul, which crashes when it has to broadcast (TensorFlow 2.21 with oneDNN).
        drive, kicks = (
            tf.einsum("tkbi,kni->tkbn", inputs[here], inward),
            (2 * alpha) ** 0.5 * network.sigma * xi[here],
        )
        if not outside:
            drive += kicks
        for s, (c, kick) in enumerate(
            zip(tf.unstack(drive, steps), tf.unstack(kicks, steps), strict=True)
        ):
            a = rectify(tf.matmul(r, to_rows) + c, slope)
            r = (1 - alpha) * r + a
            if outside:
                r += kick
            rates, active = rates.write(i * steps + s + 1, r), active.write(i * steps + s, a)
        return i + 1, r, rates, active

    rates, active = (
        tf.TensorArray(initial.dtype, size, element_shape=initial.shape, name=name)
        for name, size in (("rates", n_turns * steps + 1), ("active", n_turns * steps))
    )
    start = (tf.constant(0), initial, rates.write(0, initial), active)
    _, _, rates, active = tf.while_loop(
        lambda i, *_: i < n_turns, turn, start, parallel_iterations=1
    )
    return rates, active


def by_steps(weights: Weights, inputs, xi, initial, *, network: Network):
    """Rates after every step by `network.step`, as graph operations, (time, network, trial, unit).

    Parameters
    ----------
    weights, inputs, xi, initial
        As in `forward`.
    """

    def one(i, r, rates):
        r = network.step(weights, r, inputs[i], xi[i])
        return i + 1, r, rates.write(i, r)

    n_steps = inputs.shape[0]
    rates = tf.TensorArray(initial.dtype, n_steps, element_shape=initial.shape)
    _, _, rates = tf.while_loop(
        lambda i, *_: i < n_steps, one, (tf.constant(0), initial, rates), parallel_iterations=1
    )
    return rates.stack()


@cache
def _simulation(network: Network):
    """The graph for one network's settings but the slope of its rectifier, kept: a function of
    TensorFlow's own would be traced again for every equal copy.
    """

    @tf.function(autograph=False)
    def rates(weights, inputs, xi, initial, slope):
        if isinstance(network, RateNetwork):
            after, _ = forward(weights, inputs, xi, initial, network=network, slope=slope)
            after = after.stack()[1:]
        else:
            after = by_steps(weights, inputs, xi, initial, network=network)
        # (time, network, trial, unit) -> (network, trial, time, unit)
        return tf.transpose(after, [1, 2, 0, 3])

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
    inputs : ndarray (network, trial, time, input), or (trial, time, input) if all networks receive
        the same
    network : Network
    xi : ndarray (network, time, trial, unit or 1), optional
        Standard normal numbers, see `taskrnn.networks.network.noise`; there is no noise without.
    initial : ndarray (network, trial, unit), optional
        Rates before the first step; zero if not given.

    Returns
    -------
    ndarray (network, trial, time, unit), float32, or float64 if some of the weights are

    Raises
    ------
    ValueError
        Shapes do not fit, or something is no array of real numbers.
    """
    weights = of_one_kind(weights, network=network)
    k, _, n_inputs = weights.input.shape
    n = weights.readout.shape[-1]
    dtype = weights.recurrent.dtype
    inputs = checks.array("inputs", inputs)
    if (
        inputs.ndim not in (3, 4)
        or inputs.shape[-1] != n_inputs
        or 0 in inputs.shape
        or (inputs.ndim == 4 and len(inputs) != k)
    ):
        raise ValueError(
            f"The inputs must have shape ({k}, trial, time, {n_inputs}), or the same without the "
            f"first axis, not {inputs.shape};"
            f" the last axis is the input, of which the network takes {n_inputs}."
        )
    inputs = np.moveaxis(np.broadcast_to(inputs, (k, *inputs.shape[-3:])), 2, 0)
    n_steps, _, n_trials, _ = inputs.shape
    xi = np.zeros((k, n_steps, n_trials, 1)) if xi is None else checks.array("xi", xi, dtype=None)
    if xi.shape not in ((k, n_steps, n_trials, n), (k, n_steps, n_trials, 1)):
        raise ValueError(
            f"xi must have shape ({k}, {n_steps}, {n_trials}, {n} or 1), not {xi.shape}."
        )
    initial = np.zeros((k, n_trials, n)) if initial is None else checks.array("initial", initial)
    if initial.shape != (k, n_trials, n):
        raise ValueError(
            f"initial must have shape (network, trial, unit) = {(k, n_trials, n)}, not "
            f"{initial.shape}."
        )
    slope = 0.0
    if isinstance(network, RateNetwork):
        # One graph for all slopes, which it takes as an argument.
        slope, network = network.slope, dataclasses.replace(network, theta=0.0)
    with np.errstate(
        over="ignore"
    ):  # what is beyond the precision is infinite, and so is the activity
        inputs, xi, initial = (
            np.ascontiguousarray(x, dtype) for x in (inputs, xi.swapaxes(0, 1), initial)
        )
    simulation = _simulation(network)
    return simulation(weights, inputs, xi, initial, np.asarray(slope, dtype)).numpy()


def of_one_kind(weights: Weights, *, network: Network) -> Weights:
    """The weights in one precision; ValueError unless their shapes are those of one batch of
    networks.
    """
    arrays = Weights(
        *(checks.array(f"weights.{name}", w, dtype=None) for name, w in weights._asdict().items())
    )
    # In other architectures rows and columns are what their steps take them for.
    row, column, unit = (1, 1, 1) if isinstance(network, RateNetwork) else (1, 4, 5)
    axes = {
        "recurrent": (0, row, column),
        "input": (0, row, 2),
        "bias": (0, row),
        "readout": (0, 3, unit),
    }
    sizes: dict[int, int] = {}
    for name, of in axes.items():
        shape = getattr(arrays, name).shape
        if (
            len(shape) != len(of)
            or 0 in shape
            or any(sizes.setdefault(axis, n) != n for axis, n in zip(of, shape, strict=True))
        ):
            found = ", ".join(f"{name} {w.shape}" for name, w in arrays._asdict().items())
            raise ValueError(
                f"The weights ({found}) must be recurrent (network, unit, unit), input (network, "
                "unit, input), bias (network, unit)"
                " and readout (network, output, unit): for one network give each a first axis of "
                "length 1."
            )
    if not isinstance(network, RateNetwork):
        sizes_of = {"n_inputs": arrays.input.shape[2], "n_outputs": arrays.readout.shape[1]}
        drawn = untrained_weights(network, **sizes_of, seed=0)
        wrong = [
            f"{name} {own.shape[1:]} for {of.shape[1:]}"
            for name, own, of in zip(Weights._fields, arrays, drawn, strict=True)
            if own.shape[1:] != of.shape[1:]
        ]
        if wrong:
            raise ValueError(
                f"The weights are not those of a {type(network).__name__} with {network.n_units} "
                f"units, whose `draw` makes other shapes: {', '.join(wrong)}."
            )
    dtype = np.float64 if any(w.dtype.itemsize > 4 for w in arrays) else np.float32
    with np.errstate(over="ignore"):
        return Weights(*(w.astype(dtype, copy=False) for w in arrays))


def outputs(weights: Weights, rates: np.ndarray) -> np.ndarray:
    """z = W_out r, (network, trial, time, output)."""
    return np.einsum("kbtn,kon->kbto", rates, weights.readout, optimize=True)
