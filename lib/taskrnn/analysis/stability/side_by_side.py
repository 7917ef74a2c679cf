"""Largest Lyapunov exponents of variants of one network under several drives, side by side (claims
G1, G3, N3).

    r_t = (1 - alpha) r_{t-1} + alpha f(x_t),   x_t = gain W r_{t-1} + drive_t

Variants differ in the gain of their weights or in f.  `taskrnn.analysis.stability.lyapunov` has
whole spectra; here one perturbation of each is carried along by the Jacobians, and one product with
W moves the rates and the perturbations of all: a product with a single vector takes nearly as long
as one with a dozen.
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.analysis.stability.kinks import at_kink
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import RELU

EVERY = 10  # steps between two measurements of the length of a perturbation
# A silent unit decays without end, and processors are very slow with the smallest numbers there
# are.
NOTHING = 1e-250


class Largest(NamedTuple):
    """Of each variant under each drive, all of shape (variant, drive).

    exponents : 1/tau; -inf where the perturbation was lost, NaN where the activity overflows
    drift : 1/tau, the second half of the run minus the first: the error to expect
    log_zeros : in how many measurements of its length the perturbation was lost
    largest_rate : absolute, of all steps
    """

    exponents: np.ndarray
    drift: np.ndarray
    log_zeros: np.ndarray
    largest_rate: np.ndarray


def largest_exponents(
    W,
    drive,
    kicks,
    *,
    gain=1.0,
    activation=RELU,
    alpha=0.1,
    initial=None,
    transient=300,
    alignment=300,
):
    """Largest Lyapunov exponent of every variant of one network under every drive.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    drive : ndarray of shape (drive, time, unit)
        Everything added to ``gain W r`` inside f; see `taskrnn.analysis.stability.lyapunov`.
    kicks : ndarray of shape (variant, drive, unit)
        The first perturbations, of any length above 0.
    gain : float, or ndarray of shape (variant,)
    activation : Activation
        f and its slope, of arrays (variant, drive, unit).
    alpha : float
        dt / tau.
    initial : ndarray of shape (variant, drive, unit), optional
        Rates before the first step; zero if not given.
    transient, alignment : int
        Steps that do not count: the activity reaches its attractor, and the perturbation turns into
        the leading direction.

    Returns
    -------
    Largest

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or fewer than two steps are left to count.
    Unmeasurable
        Units that project to each other rest exactly at threshold, where there is no Jacobian.
    """
    W, kicks = checks.finite("W", W), checks.finite("kicks", kicks)
    drive, gain = checks.array("drive", drive, dtype=None), checks.finite("gain", gain)
    initial = np.zeros(kicks.shape) if initial is None else checks.finite("initial", initial)
    if (
        drive.ndim != 3
        or W.shape != 2 * drive.shape[2:]
        or kicks.shape != (len(kicks), *drive.shape[::2])
        or initial.shape != kicks.shape
        or gain.shape not in ((), kicks.shape[:1])
    ):
        raise ValueError(
            f"W {W.shape}, drive {drive.shape}, kicks {kicks.shape}, initial {initial.shape} and "
            f"gain {gain.shape} must be (unit, unit), (drive, time, unit), twice (variant, drive, "
            "unit), and a number or (variant,)."
        )
    length = np.linalg.norm(kicks, axis=-1, keepdims=True)
    if not (length.all() and 0 < alpha <= 1):
        raise ValueError(f"alpha is {alpha}, which must lie in (0, 1], or a first kick is zero.")
    transient = checks.whole("transient", transient, least=0)
    first = transient + checks.whole("alignment", alignment, least=0)
    if (counted := drive.shape[1] - first) < 2:
        raise ValueError(f"{drive.shape[1]} steps of drive leave {counted} to count; give more.")
    ends = [transient, first, first + (counted + 1) // 2]
    parts = np.split(np.arange(drive.shape[1]), ends)
    state = np.stack([initial, kicks / length])
    logs, n_lost, largest, rest = _carried(W, drive, state, parts, gain, activation, alpha)
    at_threshold = [W[np.ix_(units, units)].any() for units in rest.reshape(-1, len(W))]
    if any(at_threshold) and at_kink(np.zeros((1, 1)), activation):
        raise Unmeasurable(
            "Units that project to each other rest exactly at threshold, where f has two slopes: "
            "begin from another state."
        )
    early, late = (alpha * len(part) for part in parts[2:])
    with np.errstate(invalid="ignore"):  # of perturbations that were lost
        drift = logs[1] / late - logs[0] / early
    exponents, finite = logs.sum(axis=0) / (early + late), np.isfinite(largest)
    exponents, drift = (np.where(finite, found, np.nan) for found in (exponents, drift))
    return Largest(exponents, drift, n_lost, largest)


# Activity that overflows has no exponent, and a perturbation that was lost has no logarithm.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _carried(W, drive, state, parts, gain, activation, alpha):
    """Log stretches (half, variant, drive), how often each perturbation was lost, the largest rate,
    and the units that stay at threshold (variant, drive, unit).

    A state is (2, variant, drive, unit), rates and perturbations; parts are steps (time,): the
    transient, after which the first perturbation is put back, the alignment, and two halves.
    """
    rates, kick = state
    both = state.reshape(-1, len(W))
    # BLAS takes two rows fastest by the rows of W, and more by its columns.
    to_rows = W.T if len(both) == 2 else np.ascontiguousarray(W.T)
    product, factor = np.empty(both.shape), gain[..., None, None]
    total, push = moved = product.reshape(state.shape)
    logs, n_lost = np.zeros((2, *rates.shape[:2])), np.zeros(rates.shape[:2], dtype=int)
    largest, rest = np.abs(rates), np.ones(rates.shape, dtype=bool)
    first = kick.copy()
    for half, part in enumerate(parts, start=-2):
        if half == -1:
            kick[:] = first
        for block in np.split(part, range(EVERY, len(part), EVERY)):
            for t in block:
                np.matmul(both, to_rows, out=product)
                moved *= factor
                total += drive[:, t]
                push *= alpha * activation.slope(total)
                both *= 1 - alpha
                rates += alpha * activation.value(total)
                kick += push
                np.maximum(largest, np.abs(rates), out=largest)
            state[np.abs(state) < NOTHING] = 0.0
            length = np.linalg.norm(kick, axis=-1)
            kick /= np.where(length > 0, length, 1.0)[..., None]
            if half >= 0:
                logs[half] += np.log(length)
                n_lost += length == 0
                rest &= total == 0
    return logs, n_lost, largest.max(axis=-1), rest
