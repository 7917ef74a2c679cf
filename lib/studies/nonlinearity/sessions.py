"""Sessions of one network with leaky rectifiers of many angles, side by side.

They have the inputs and the noise of `taskrnn.activity.session`, which takes one angle at a time.
Here one product with the recurrent weights moves the rates of all.
"""

import numpy as np

from taskrnn.activity.inputs import DISCARD, Drawn
from taskrnn.analysis.reservoir import BOUND, NOTHING, SETTLED
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.networks.activation import Activation
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator

EXPONENT_STEPS, ALIGNMENT = 4000, 600


@np.errstate(over="ignore", invalid="ignore")  # activity that grows without end is told apart later
def sessions(w: Weights, network: RateNetwork, drawn: Drawn, thetas: np.ndarray) -> np.ndarray:
    """Rates (theta, time, unit) of one network, float32, at angles (theta,) in radians."""
    alpha, below = np.float32(network.alpha), np.tan(thetas).astype(np.float32)[:, None]
    xi = np.float32((2 / alpha) ** 0.5 * network.sigma) * drawn.xi[:, 0]
    drive, outside = drawn.inputs.astype(np.float32) @ w.input[0].T + w.bias[0], None
    if network.noise == "outside":
        outside = alpha * xi
    else:
        drive += xi
    to_rows = np.ascontiguousarray(w.recurrent[0].T)
    rates = np.empty((len(thetas), *drive.shape), np.float32)
    r = np.zeros(rates[:, 0].shape, np.float32)
    for t, now in enumerate(drive):
        total = r @ to_rows
        total += now
        r *= 1 - alpha
        r += alpha * np.maximum(total, below * total)
        if outside is not None:
            r += outside[t]
        if t % SETTLED == 0:
            r[np.abs(r) < NOTHING] = 0.0
        rates[:, t] = r
    return rates[:, DISCARD:]


def bounded(rates: np.ndarray) -> np.ndarray:
    """Whether rates (theta, time, unit) are finite and within `BOUND`, bool (theta,)."""
    return np.array([np.abs(of).max() < BOUND for of in rates])


def growth_rates(
    w: Weights, network: RateNetwork, drawn: Drawn, rates: np.ndarray, *,
    thetas: np.ndarray, seed: int, number: int,
) -> np.ndarray:  # fmt: skip
    """Largest Lyapunov exponent in 1/tau (theta,) of one network along its session.

    By its inputs and new noise; inf if the run overflows. Before and after training, with numbers 0
    and 1, only the first perturbation differs.
    """
    rng = generator(seed, "nonlinearity.frame")
    inputs = drawn.inputs[DISCARD:][: EXPONENT_STEPS + ALIGNMENT]
    xi = noise(network, 1, len(inputs), rng=rng)[:, 0]
    strength = (2 / network.alpha) ** 0.5 * network.sigma
    drive = inputs @ w.input[0].T + w.bias[0] + strength * xi
    # Where the activity grows without end, from rest: the rate does not depend on where it begins.
    initial = np.where(bounded(rates)[:, None], rates[:, 0], 0)[:, None]
    below = np.tan(thetas)[:, None, None]
    leaky = Activation(
        "leaky ReLU", lambda x: np.maximum(x, below * x), lambda x: np.where(x > 0, 1.0, below)
    )
    kick = rng.standard_normal((2, len(w.bias[0])))[number]
    kicks = np.broadcast_to(kick, initial.shape)
    options = {"activation": leaky, "alpha": network.alpha, "initial": initial}
    found = largest_exponents(
        w.recurrent[0], drive[None], kicks, transient=0, alignment=ALIGNMENT, **options
    )
    return np.where(np.isnan(found.exponents), np.inf, found.exponents)[:, 0]
