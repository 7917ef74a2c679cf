"""Growth along trajectories without a Jacobian (claim G1).

    r_t = (1 - alpha) r_{t-1} + alpha f(W r_{t-1} + drive_t)

In double precision and in NumPy: a difference of a millionth is followed. W is (unit, unit), a
drive (time, unit) holds input, bias and noise, and time is in tau.
"""

import numpy as np

from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.rate import RateNetwork

EVERY = 10  # steps between two measurements of a distance
SMALL = 1e-6  # of a perturbation, in units of the rates


def steps(rates, W, drive, *, network: RateNetwork) -> np.ndarray:
    """Rates of copies (copy, unit) of a network after the steps of one drive."""
    f = leaky_relu(network.theta).value
    for now in drive:
        rates = (1 - network.alpha) * rates + network.alpha * f(rates @ W.T + now)
    return rates


def perturbed(W, drive, *, network: RateNetwork, skip: int, rng) -> tuple[float, np.ndarray]:
    """Growth rate in 1/tau of the difference of two trajectories, and the last rates (unit,).

    Every EVERY steps the second is brought back near to the first; `skip` steps do not count.
    """
    kick = rng.standard_normal(len(W))
    small = SMALL
    pair = np.zeros((2, len(W)))
    pair[1] = small * kick / np.linalg.norm(kick)
    logs = []
    for start in range(0, len(drive) - EVERY + 1, EVERY):
        pair = steps(pair, W, drive[start : start + EVERY], network=network)
        apart = pair[1] - pair[0]
        distance = np.linalg.norm(apart)
        logs.append(np.log(distance / small))
        # Relative to the rates: beside large ones a fixed distance drowns in rounding.
        small = SMALL * (1 + np.linalg.norm(pair[0]))
        pair[1] = pair[0] + apart * (small / distance)
    return float(np.mean(logs[skip // EVERY :]) / (EVERY * network.alpha)), pair[0]


@np.errstate(over="ignore", invalid="ignore")  # copies that diverge have no distance
def joint_distance(W, drive, far, *, network: RateNetwork) -> np.ndarray:
    """Distance (sample,) of copies that start at rest and at `far` (unit,), relative to the first.

    A sample is taken at the start and after every EVERY steps.
    """
    pair = np.stack([np.zeros(len(W)), far])
    distance = [np.linalg.norm(far)]
    for start in range(0, len(drive) - EVERY + 1, EVERY):
        pair = steps(pair, W, drive[start : start + EVERY], network=network)
        distance.append(np.linalg.norm(pair[1] - pair[0]))
    return np.where(np.isfinite(distance), distance, np.nan) / distance[0]


@np.errstate(invalid="ignore")  # weights that are not finite have no rate
def far_growth(W, *, network: RateNetwork, n_steps: int, rng, n_directions: int = 10) -> np.ndarray:
    """Growth rates in 1/tau (direction,) of states so far out that the drive is nothing.

    Below 0 in all directions, every state comes back, whatever the drive; above 0, states far
    enough out do not. The length is made 1 after every step, which a network without drive does not
    notice, and the last fifth of the steps counts.
    """
    rates = np.abs(rng.standard_normal((n_directions, len(W))))
    logs = []
    for _ in range(n_steps):
        rates = steps(rates, W, np.zeros((1, len(W))), network=network)
        length = np.linalg.norm(rates, axis=1)
        rates = rates / length[:, None]
        logs.append(np.log(length))
    return np.mean(logs[-n_steps // 5 :], axis=0) / network.alpha


def escape_rate(W, rates, *, network: RateNetwork) -> float:
    """Exact rate in 1/tau at which rates (unit,) grow along one direction for ever, or NaN.

    Far out the drive is nothing, and without it the network is homogeneous: a direction v with f(W
    v) = l v and l > 1 is one along which rates grow for ever.
    """
    length = np.linalg.norm(rates)
    if not length:
        return np.nan
    v = rates / length
    image = leaky_relu(network.theta).value(W @ v)
    factor = v @ image
    if factor <= 1 or np.linalg.norm(image - factor * v) > SMALL:
        return np.nan
    return float(np.log(1 + network.alpha * (factor - 1)) / network.alpha)
