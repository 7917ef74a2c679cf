"""Where random networks are stable, over the gain of their weights and the strength of their input.

    r_t = (1 - alpha) r_{t-1} + alpha f(gain W r_{t-1} + b + sqrt(2 / alpha) strength xi_t)

W         weights at gain 1, Gaussian of variance 1 / N
b         bias, an input that is constant in time
xi        standard normal numbers, new for every unit and step
strength  of the noise, as `sigma` of `taskrnn.networks.rate`

The input is white and independent for every unit: what is known to suppress chaos is drive that
changes in time and differs from unit to unit (Molgedey et al. 1992, white noise in discrete time;
Rajan et al. 2010, oscillations with random phases; Engelken et al. 2022, who find that input common
to all units hardly does). Without it, the limit of many units is known: tanh networks without bias
become chaotic at gain 1 (Sompolinsky et al. 1988), and the activity of ReLU networks, whose
excitation nothing balances, has no bound beyond sqrt(2) (Kadmon and Sompolinsky 2015). In all
conditions a network receives the same xi, so that conditions differ by nothing else.
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.networks.activation import RELU

EVERY = 10  # steps between two measurements of the length of a perturbation
BOUND = 1e3  # activity larger than this times its scale, 1 + |b| + strength, has diverged


class PhaseDiagram(NamedTuple):
    """Stability of networks over gain and strength of input; all arrays (network, gain, strength).

    exponents : largest Lyapunov exponents, 1/tau; NaN where the activity diverges
    diverges : bool, whether it does
    growth : 1/tau, the same as `exponents`, and where the activity diverges the rate at which a
        small difference grows, which crosses zero at the same gain; NaN if the activity overflows
    """

    exponents: np.ndarray
    diverges: np.ndarray
    growth: np.ndarray


def phase_diagram(
    W, b, gains, strengths, *, rng, activation=RELU, alpha=0.1, transient=1000, n_steps=3000
):
    """Largest exponent of every network at every gain and strength of input.

    Parameters
    ----------
    W : ndarray of shape (network, unit, unit)
        Weights at gain 1.
    b : ndarray of shape (network, unit)
    gains, strengths : ndarray of shape (gain,) and (strength,)
    rng : numpy.random.Generator
        Draws first rates, first perturbation and noise, for each network in turn.
    activation : Activation
    alpha : float, dt / tau
    transient, n_steps : int
        Steps that do not count, and that do.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    ValueError
        Shapes do not fit, numbers are not finite, a strength is negative, or there are fewer than
        10 steps to count.
    """
    W, b, gains, strengths = (
        checks.finite(n, a)
        for n, a in (("W", W), ("b", b), ("gains", gains), ("strengths", strengths))
    )
    if b.ndim != 2 or not b.size or W.shape != (*b.shape, b.shape[1]):
        raise ValueError(
            f"W {W.shape} and b {b.shape} must be (network, unit, unit) and (network, unit)."
        )
    if gains.ndim != 1 or strengths.ndim != 1 or not gains.size * strengths.size:
        raise ValueError(
            f"gains {gains.shape} and strengths {strengths.shape} must be lists"
            " of at least one number."
        )
    if (strengths < 0).any():
        raise ValueError("A strength is the standard deviation of noise and cannot be negative.")
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    transient = checks.whole("transient", transient, least=0)
    n_steps = checks.whole("n_steps", n_steps, least=EVERY)
    shape = (len(b), len(gains), len(strengths))
    gain, strength = (a.ravel() for a in np.meshgrid(gains, strengths, indexing="ij"))
    growth, largest = np.empty((2, len(b), gain.size))
    for k, network in enumerate(zip(W, b, strict=True)):
        growth[k], largest[k] = _conditions(
            *network, gain, strength, rng, activation, alpha, transient, n_steps
        )
    scale = 1 + np.abs(b).max(axis=1)[:, None] + strength
    diverges = ~(largest <= BOUND * scale)
    return PhaseDiagram(
        *(a.reshape(shape) for a in (np.where(diverges, np.nan, growth), diverges, growth))
    )


# Activity that overflows is reported as diverging.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _conditions(W, b, gain, strength, rng, activation, alpha, transient, n_steps):
    """Growth of a perturbation in 1/tau and largest last rate, (condition,), in all at once."""
    n, n_conditions = len(W), gain.size
    # Rates of all conditions, then perturbations of them: one product with W for all.
    state = np.repeat(rng.standard_normal((2, n)), n_conditions, axis=0).T.copy()
    rates, kick = state[:, :n_conditions], state[:, n_conditions:]
    noise_sd, factor = np.sqrt(2 / alpha) * strength, np.tile(gain, 2)
    logs = np.zeros(n_conditions)
    lead, n_counted = -(-transient // EVERY), n_steps // EVERY
    for turn in range(lead + n_counted):
        for xi in rng.standard_normal((EVERY, n)):
            product = W @ state
            product *= factor
            total = product[:, :n_conditions]
            total += b[:, None] + xi[:, None] * noise_sd
            product[:, n_conditions:] *= activation.slope(total)
            total[:] = activation.value(total)
            state *= 1 - alpha
            product *= alpha
            state += product
        length = np.linalg.norm(kick, axis=0)
        kick /= length
        if turn >= lead:
            logs += np.log(length)
    largest = np.abs(rates).max(axis=0)
    return np.where(np.isfinite(largest), logs / (n_counted * EVERY * alpha), np.nan), largest


def critical_gain(gains, growth):
    """Gain (network, ...) at which the exponent first rises through zero, interpolated linearly.

    Stable small networks need not become chaotic there: a tanh network may oscillate up to far
    larger gains, and its exponent is then zero within the error of a finite run.

    Parameters
    ----------
    gains : ndarray of shape (gain,), rising
    growth : ndarray of shape (network, gain, ...)
        Largest exponents; where activity may diverge, `PhaseDiagram.growth`, since the exponents
        end before they cross.

    Returns
    -------
    ndarray
        NaN where it does not cross zero from one gain to the next.
    """
    gains, growth = checks.finite("gains", gains), checks.array("growth", growth)
    if gains.ndim != 1 or len(gains) < 2 or not (np.diff(gains) > 0).all():
        raise ValueError(
            f"The gains, of shape {gains.shape}, must be a list of at least two numbers that rise."
        )
    if growth.ndim < 2 or growth.shape[1] != len(gains):
        raise ValueError(
            f"growth {growth.shape} must be (network, gain, ...), with {len(gains)} gains along its"
            " second axis."
        )
    growth = np.moveaxis(growth, 1, 0)
    crosses = (growth[:-1] < 0) & (growth[1:] >= 0)
    first = np.argmax(crosses, axis=0)
    below, above = (
        np.take_along_axis(growth, place[None], axis=0)[0] for place in (first, first + 1)
    )
    # Where it does not cross there is nothing to divide by.
    share = np.divide(
        below, below - above, out=np.full(below.shape, np.nan), where=crosses.any(axis=0)
    )
    return gains[first] + share * (gains[first + 1] - gains[first])
