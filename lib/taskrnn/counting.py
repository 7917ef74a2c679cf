"""How many equilibria random networks have, and how their number grows with size (Wainrib and Touboul 2013).

    r = f(W r + c),   W_ij independent, normal, standard deviation g / sqrt(N), the diagonal too

g      gain             N      number of units          c      constant input: 0 for tanh, standard normal for ReLU

For tanh the theory of large N says: below g = 1 zero is the only equilibrium; above it the mean number grows like exp(N C), and near
g = 1 the complexity C is the largest Lyapunov exponent to leading order. For N <= 50 one can see that equilibria multiply with
gain and with size; not where this sets in, for at g = 1 a small network often has a real eigenvalue above 1 and with it a pair
of equilibria; nor C itself, for the mean belongs to the rare networks with very many, of which a sample has too few.

For ReLU the mean number is exactly 1, for every g and N. Turning the sign of unit i, in row and column, changes
neither the distribution of W nor that of c. So the solution of (I - W_SS) r_S = c_S is positive with probability 2^-|S|, and then W_CS r_S + c_C
is nowhere positive with probability 2^-|C|: each of the 2^N regions holds an equilibrium with probability 2^-N. What grows with
the gain is the spread: most networks have none and a few have many. The size of c does not matter, for ReLU is homogeneous.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import bootstrap

from taskrnn.activation import TANH
from taskrnn.enumeration import enumerate_fixed_points
from taskrnn.lyapunov import lyapunov
from taskrnn.slow_points import slow_points
from taskrnn.statistics import Interval

SAME = 1e-6  # largest difference in a rate between two solutions that are one equilibrium


class Counts(NamedTuple):
    """Equilibria of random networks of one size and gain, (network,), and how many of them only the second half of the starts found.

    Where many are late, more are missing; an enumeration has none.
    """

    points: np.ndarray
    late: np.ndarray


def random_weights(n_units: int, gain: float, *, rng: np.random.Generator) -> np.ndarray:
    """Recurrent weights of one network, (unit, unit)."""
    if n_units < 1 or gain < 0:
        raise ValueError(f"n_units is {n_units} and gain {gain}; a network needs a unit or more and a gain of 0 or more.")
    return gain / n_units**0.5 * rng.standard_normal((n_units, n_units))


def relu_counts(n_units: int, gain: float, *, n_networks: int, rng: np.random.Generator) -> Counts:
    """Equilibria of random ReLU networks with random biases: all of them, from all 2^N regions."""
    points = [
        len(enumerate_fixed_points(random_weights(n_units, gain, rng=rng), rng.standard_normal(n_units)).rates) for _ in range(n_networks)
    ]
    return Counts(np.array(points), np.zeros(n_networks, int))


def tanh_counts(n_units: int, gain: float, *, n_networks: int, n_starts: int = 400, rng: np.random.Generator) -> Counts:
    """Equilibria found of random tanh networks without bias: a lower bound."""
    found = [tanh_equilibria(random_weights(n_units, gain, rng=rng), n_starts=n_starts, rng=rng) for _ in range(n_networks)]
    late = [2 * int((first >= n_starts / 2).sum()) for _, first in found]
    return Counts(np.array([len(points) for points, _ in found]), np.array(late))


def tanh_equilibria(W: np.ndarray, *, n_starts: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Equilibria of r = tanh(W r): zero, then pairs r and -r, (point, unit), and which start found each pair first (pair,).

    Starts have uniform directions and all lengths between zero and the corners of the cube in which the rates lie.
    """
    n = len(W)
    starts = rng.uniform(-1, 1, (n_starts, n)) * rng.random((n_starts, 1))
    found = slow_points(W[None], np.zeros((1, n)), starts[None], activation=TANH)[0].fixed
    at_rest = np.abs(np.tanh(found.rates @ W.T) - found.rates).max(axis=1, initial=0) < SAME
    pairs, first = [], []
    for r, start in sorted(zip(found.rates[at_rest], found.first_hit[at_rest], strict=True), key=lambda pair: pair[1]):
        if all(min(np.abs(r - s).max(), np.abs(r + s).max()) > SAME for s in (np.zeros(n), *pairs)):
            pairs.append(r), first.append(start)
    pairs = np.array(pairs).reshape(-1, n)
    return np.concatenate([np.zeros((1, n)), pairs, -pairs]), np.array(first, int)


class Proliferation(NamedTuple):
    """How equilibria multiply with the number of units, at one gain.

    points, late : ndarray (size, network), see `Counts`
    ln_mean : ndarray (size,), logarithm of the mean number
    rate : Interval, nats for each unit, see `growth_rate`
    """

    points: np.ndarray
    late: np.ndarray
    ln_mean: np.ndarray
    rate: Interval


def proliferation(counts: Callable[..., Counts], gain: float, sizes: Sequence[int], **settings) -> Proliferation:
    """Count, by `relu_counts` or `tanh_counts` with their settings, at several sizes."""
    found = [counts(n, gain, **settings) for n in sizes]
    points, late = (np.stack(part) for part in zip(*found, strict=True))
    return Proliferation(points, late, np.log(points.mean(axis=1)), growth_rate(sizes, points))


def growth_rate(sizes: Sequence[int], points: np.ndarray) -> Interval:
    """Slope of ln(mean number) over the number of units, nats for each unit, with a 95 % percentile bootstrap interval over networks.

    The interval knows nothing of networks that are too rare to be in the sample, nor of equilibria that were not found.

    Parameters
    ----------
    sizes : int, two or more different ones
    points : ndarray (size, network)
    """
    sizes, points = np.asarray(sizes, float), np.asarray(points)
    if points.ndim != 2 or len(points) != len(sizes) or len(set(sizes)) < 2 or points.shape[1] < 2:
        raise ValueError(f"points {points.shape} must be (size, network) for {len(sizes)} sizes; give two or more of both.")
    if not points.any(axis=1).all():
        raise ValueError("At some size no network has an equilibrium, so that the mean has no logarithm; count more networks.")
    centred = (sizes - sizes.mean()) / np.sum((sizes - sizes.mean()) ** 2)

    def slope(*samples, axis=-1):
        return np.tensordot(centred, np.log([s.mean(axis=axis) for s in samples]), 1)

    found = bootstrap(tuple(points), slope, method="percentile", rng=np.random.default_rng(0)).confidence_interval
    return Interval(float(slope(*points)), float(found.low), float(found.high))


def tanh_exponents(
    gain: float, *, n_units: int = 256, n_networks: int = 3, n_steps: int = 4000, rng: np.random.Generator
) -> np.ndarray:
    """Largest Lyapunov exponents in 1/tau of random tanh networks without bias, (network,), from a random state."""
    W = np.stack([random_weights(n_units, gain, rng=rng) for _ in range(n_networks)])
    drive = np.broadcast_to(0.0, (n_networks, n_steps, n_units))
    initial = rng.uniform(-1, 1, (n_networks, n_units))
    return lyapunov(W, drive, rng=rng, activation=TANH, initial=initial, transient=1000, alignment=500).exponents[:, 0]
