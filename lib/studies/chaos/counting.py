"""How many equilibria random networks have, and how their number grows with size.

    r = f(W r + c),   W_ij independent, normal, standard deviation g / sqrt(N), the diagonal too

g  gain      N  number of units      c  constant input: 0 for tanh, standard normal for ReLU

For tanh the theory of large N (Wainrib and Touboul 2013) says that below g = 1 zero is the only
equilibrium, that above it the mean number grows like exp(C N), and that near g = 1 this C is the
largest Lyapunov exponent to leading order.  Counting at N <= 24 can show that equilibria multiply
with gain and size.  It cannot show where that begins: even below g = 1 a small network often has a
real eigenvalue above 1, and with it a pair of equilibria.  Nor can it tell C, for the mean is still
far from exponential in N, and in larger networks belongs to the few with very many;
`studies.chaos.kac_rice` has the mean without counting.

For ReLU the mean number is exactly 1 at every g and N.  Turning the sign of unit i, in its row,
column and input, leaves the distribution of W and c as it is.  So the solution of (I - W_SS) r_S =
c_S is positive with probability 2^-|S|, and then W_CS r_S + c_C is negative throughout with
probability 2^-|C|, where C are the units outside of S: each of the 2^N regions holds an equilibrium
with probability 2^-N.  What grows with the gain is the spread: ever more networks have none, and a
few have many.  The scale of c does not matter.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import DegenerateDataWarning, bootstrap

from taskrnn import checks
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.points import distinct
from taskrnn.analysis.fixed_points.slow import ends
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.analysis.statistics import Interval
from taskrnn.networks.activation import TANH

SAME = 1e-6  # largest difference in a rate between two solutions that are one equilibrium
# Newton's method needs fewer where it converges; starts that need more end in slow points, which
# do not count.
MAX_ITER = 20
AT_REST = 1e-9  # of the size of the states: the speed of a point that is fixed


class Counts(NamedTuple):
    """Equilibria of random networks of one size and gain.

    points : ndarray of int (network,)
    late : ndarray of int (network,), those that none of the first half of the starts found; where
        they are many, more are missing
    """

    points: np.ndarray
    late: np.ndarray


def random_weights(
    n_networks: int, n_units: int, gain: float, *, rng: np.random.Generator
) -> np.ndarray:
    """Recurrent weights, (network, unit, unit)."""
    n_networks, n_units = checks.whole("n_networks", n_networks), checks.whole("n_units", n_units)
    if not 0 <= gain < np.inf:
        raise ValueError(f"gain is {gain}; give a finite gain of 0 or more.")
    return gain / n_units**0.5 * rng.standard_normal((n_networks, n_units, n_units))


def relu_counts(n_units: int, gain: float, *, n_networks: int, rng: np.random.Generator) -> Counts:
    """Equilibria of random ReLU networks with random biases: all of them, so that none is late."""
    W = random_weights(n_networks, n_units, gain, rng=rng)
    c = rng.standard_normal((n_networks, n_units))
    points = [len(enumerate_fixed_points(*network).rates) for network in zip(W, c, strict=True)]
    return Counts(np.array(points), np.zeros(n_networks, int))


def tanh_counts(
    n_units: int, gain: float, *, n_networks: int, n_starts: int = 200, rng: np.random.Generator
) -> Counts:
    """Equilibria that are found of random tanh networks without input; there may be more."""
    found = tanh_equilibria(
        random_weights(n_networks, n_units, gain, rng=rng), n_starts=n_starts, rng=rng
    )
    late = [2 * int((one.first_hit >= n_starts / 2).sum()) for one in found]
    return Counts(np.array([len(one.rates) for one in found]), np.array(late))


class Equilibria(NamedTuple):
    """Equilibria of one tanh network: zero, one of each pair, then the others in that order.

    rates : ndarray (point, unit)
    first_hit : ndarray of int (pair,), the first start that ended in the pair
    """

    rates: np.ndarray
    first_hit: np.ndarray


def tanh_equilibria(W: np.ndarray, *, n_starts: int, rng: np.random.Generator) -> list[Equilibria]:
    """Search r = tanh(W r) for each network of W (network, unit, unit); with r there is -r.

    Starts are uniform in cubes of random size, up to the one in which the rates lie.
    """
    n_networks, n, _ = W.shape
    n_starts = checks.whole("n_starts", n_starts)
    starts = rng.uniform(-1, 1, (n_networks, n_starts, n)) * rng.random((n_networks, n_starts, 1))
    _, rates, fixed, _ = ends(W, np.zeros((n_networks, n)), starts, TANH, AT_REST, MAX_ITER)
    # What else `slow_points` says of each point, its stability above all, is not asked for.
    found = []
    for w, of_network, at_rest in zip(W, rates, fixed, strict=True):
        _, first = distinct(of_network[at_rest], SAME)
        found.append(in_pairs(w, of_network[at_rest][first], np.flatnonzero(at_rest)[first]))
    return found


def in_pairs(W: np.ndarray, rates: np.ndarray, first_hit: np.ndarray) -> Equilibria:
    """Equilibria among what a search found, each once, with their opposites."""
    at_rest = np.abs(np.tanh(rates @ W.T) - rates).max(axis=1) < SAME
    known, first = [np.zeros(len(W))], []
    for k in np.argsort(first_hit):
        # A search may take one solution for several, above all zero, beside which none is near.
        apart = np.abs(np.stack([known - rates[k], known + rates[k]])).max(axis=-1)
        if at_rest[k] and apart.min() > SAME:
            known.append(rates[k]), first.append(first_hit[k])
    known = np.array(known)
    return Equilibria(np.concatenate([known, -known[1:]]), np.array(first, int))


def growth_rate(sizes: Sequence[int], points: np.ndarray) -> Interval:
    """Slope of ln(mean number) over size, nats for each unit, with its 95 % interval over networks.

    The interval is a percentile bootstrap. It has an infinite end, or NaN, where networks with
    equilibria are so few that a sample may hold none.  It knows nothing of networks too rare to be
    in the sample, nor of equilibria that were not found.

    Parameters
    ----------
    sizes : sequence of int, two or more different ones
    points : ndarray of int (size, network)
    """
    sizes, points = checks.finite("sizes", sizes), checks.finite("points", points)
    if points.ndim != 2 or len(points) != len(sizes) or len(set(sizes)) < 2 or points.shape[1] < 2:
        raise ValueError(
            f"points {points.shape} must be (size, network), of {len(sizes)} sizes;"
            " give two or more of both."
        )
    if (points < 0).any():
        raise ValueError("points are numbers of equilibria and cannot be negative.")
    if not points.any(axis=1).all():
        raise ValueError(
            "At some size no network has an equilibrium, and the mean has no logarithm;"
            " count more networks."
        )
    apart = sizes - sizes.mean()

    def slope(*samples, axis=-1):
        return np.tensordot(
            apart / (apart**2).sum(), np.log([s.mean(axis=axis) for s in samples]), 1
        )

    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # Of a sample without any equilibrium, which has no logarithm.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        found = bootstrap(
            tuple(points), slope, method="percentile", rng=np.random.default_rng(0)
        ).confidence_interval
    return Interval(float(slope(*points)), float(found.low), float(found.high))


def tanh_exponents(
    gain: float,
    *,
    n_networks: int = 4,
    n_units: int = 512,
    n_steps: int = 5000,
    rng: np.random.Generator,
) -> np.ndarray:
    """Largest Lyapunov exponents (network,) in 1/tau of random tanh networks without input."""
    W = random_weights(n_networks, n_units, gain, rng=rng)
    drive = np.broadcast_to(0.0, (1, n_steps, n_units))
    initial = rng.uniform(-1, 1, (n_networks, 1, 1, n_units))
    options = {"activation": TANH, "transient": 1000, "alignment": 500}
    kicks = rng.standard_normal((1, 1, n_units))
    found = [
        largest_exponents(w, drive, kicks, initial=rates, **options).exponents.item()
        for w, rates in zip(W, initial, strict=True)
    ]
    return np.array(found)
