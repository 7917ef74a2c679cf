"""Growth along trajectories without a Jacobian (claim G1).

    r_t = (1 - alpha) r_{t-1} + alpha f(W r_{t-1} + drive_t)

In double precision and in NumPy: a difference of a millionth is followed. W is (unit, unit), a
drive (time, unit) holds input, bias and noise, and time is in tau.
"""

import numpy as np

from taskrnn.analysis.stability.side_by_side import NOTHING
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.rate import RateNetwork

EVERY = 10  # steps between two measurements of a distance
SMALL = 1e-6  # of a perturbation, in units of the rates


def steps(rates, W, drive, *, network: RateNetwork) -> np.ndarray:
    """Rates of copies (..., unit) of a network after the steps of drives (time, ..., unit)."""
    f, to_rows = leaky_relu(network.theta).value, W.T
    for now in drive:
        product = (rates.reshape(-1, len(W)) @ to_rows).reshape(rates.shape)
        rates = (1 - network.alpha) * rates + network.alpha * f(product + now)
    return rates


@np.errstate(over="ignore", invalid="ignore")  # copies that diverge have no distance
def perturbed(
    W, drives, kicks, *, network: RateNetwork, skip: int
) -> tuple[np.ndarray, np.ndarray]:
    """Growth rates (drive,) in 1/tau of the difference of two trajectories, and the last rates.

    Drives are (drive, time, unit), kicks and rates (drive, unit). Every EVERY steps the second
    trajectory is brought back near to the first; `skip` steps do not count.
    """
    small = np.full((len(drives), 1), SMALL)
    pairs = np.zeros((2, *kicks.shape))
    pairs[1] = small * kicks / np.linalg.norm(kicks, axis=1, keepdims=True)
    in_time, logs = drives.swapaxes(0, 1), []
    for start in range(0, len(in_time) - EVERY + 1, EVERY):
        pairs = steps(pairs, W, in_time[start : start + EVERY], network=network)
        apart = pairs[1] - pairs[0]
        distance = np.linalg.norm(apart, axis=1, keepdims=True)
        logs.append(np.log(distance / small))
        # Relative to the rates: beside large ones a fixed distance drowns in rounding.
        small = SMALL * (1 + np.linalg.norm(pairs[0], axis=1, keepdims=True))
        pairs[1] = pairs[0] + apart * (small / distance)
        pairs[np.abs(pairs) < NOTHING] = 0.0
    return np.mean(logs[skip // EVERY :], axis=0)[:, 0] / (EVERY * network.alpha), pairs[0]


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
