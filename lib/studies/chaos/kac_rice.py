"""The mean number of equilibria of random tanh networks by the formula of Kac and Rice.

    x = W phi,   phi = tanh(x),   W_ij independent, normal, standard deviation g / sqrt(N)

x  total input; the rates tanh(x) are the equilibria of `studies.chaos.counting`

At a given x, W phi is normal with standard deviation g sqrt(q) in each unit, q the mean of phi^2.
Given that it equals x, W is x phi^T / |phi|^2 plus independent normal weights that are zero along
phi.  So the mean number, zero left out, is

    integral dx  (2 pi g^2 q)^(-N/2) exp(-|x|^2 / (2 g^2 q))  E |det(I - W diag(1 - phi^2))|

which is exact for every N and is taken by Monte Carlo.  Here |x| / sqrt(N) is drawn evenly from
each of many intervals, the direction of x uniformly, and W as above.  The larger g and N, the fewer
draws carry the mean; the standard error shows that until it is itself carried by a few, as at g = 3
and N = 128.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from taskrnn import checks
from taskrnn.analysis.statistics import Interval


class Mean(NamedTuple):
    """Mean number of equilibria and the standard error of the Monte Carlo."""

    value: float
    error: float


def mean_equilibria(
    n_units: int,
    gain: float,
    *,
    n_intervals: int = 60,
    n_draws: int = 200,
    rng: np.random.Generator,
) -> Mean:
    """Mean number of equilibria over random networks of one size and gain.

    Parameters
    ----------
    n_intervals : int
        Of |x| / sqrt(N), from 0 to where the density has died out.
    n_draws : int
        In each interval.
    """
    n = n_units = checks.whole("n_units", n_units)
    n_intervals, n_draws = (
        checks.whole("n_intervals", n_intervals),
        checks.whole("n_draws", n_draws, least=2),
    )
    if not 0 < gain < np.inf:
        raise ValueError(f"gain is {gain}; give a finite gain above 0.")
    # |W phi| <= |W| sqrt(N): the length of a normal vector, g sqrt(N), and 8 of its standard
    # deviations, g / sqrt(2).
    edges = np.linspace(0, gain * (1 + 6 / n**0.5), n_intervals + 1)
    value, variance = 1.0, 0.0
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        size = rng.uniform(low, high, n_draws)
        direction = rng.standard_normal((n_draws, n))
        x = size[:, None] * n**0.5 * direction / np.linalg.norm(direction, axis=1, keepdims=True)
        # Area of the sphere of that radius, and the element of the radius.
        volume = np.log(2) + n / 2 * np.log(np.pi * n) - gammaln(n / 2) + (n - 1) * np.log(size)
        weight = (high - low) * np.exp(volume + log_density(x, gain, rng=rng))
        value += weight.mean()
        variance += weight.var(ddof=1) / n_draws
    return Mean(float(value), float(variance**0.5))


def log_density(x: np.ndarray, gain: float, *, rng: np.random.Generator) -> np.ndarray:
    """Logarithm of the integrand above at each x (draw, unit), with one W for each, (draw,)."""
    n_draws, n = x.shape
    phi = np.tanh(x)
    square = (phi**2).sum(axis=1)
    W = gain / n**0.5 * rng.standard_normal((n_draws, n, n))
    W += (x - np.einsum("dij,dj->di", W, phi))[:, :, None] * (phi / square[:, None])[:, None]
    variance = gain**2 * square / n
    _, log_determinant = np.linalg.slogdet(np.eye(n) - W * (1 - phi**2)[:, None])
    return (
        -n / 2 * np.log(2 * np.pi * variance)
        - (x**2).sum(axis=1) / (2 * variance)
        + log_determinant
    )


def complexity(
    gain: float, *, sizes: tuple[int, int] = (32, 64), rng: np.random.Generator, **settings
) -> Interval:
    """Growth of ln(mean number) over size, nats for each unit; the interval is by Monte Carlo."""
    small, large = sizes
    if not small < large:
        raise ValueError(f"sizes are {sizes}; give a smaller and a larger number of units.")
    one, two = (mean_equilibria(n, gain, rng=rng, **settings) for n in sizes)
    rate = np.log(two.value / one.value) / (large - small)
    error = 1.96 * np.hypot(one.error / one.value, two.error / two.value) / (large - small)
    return Interval(float(rate), float(rate - error), float(rate + error))
