"""Reservoir computing: a random network stays as it is and only its readout is fitted (Jaeger 2001;
Maass et al. 2002).

    r_t = (1 - alpha) r_{t-1} + alpha f(W r_{t-1} + drive_t),   z_t = W_out r_t
    W_out = argmin  mean (z_t - target_t)^2 + penalty s |W_out|^2

alpha  dt / tau                          drive    input, bias and noise
s      mean of r^2 over steps and units, which makes the penalty a pure number
mean   over the steps that count in training and the outputs

There is no intercept, because the networks have none.  The penalty is chosen by cross-validation
over blocks of whole trials, not by the leave-one-out error of scikit-learn's RidgeCV: neighbouring
steps of a trial are nearly copies of each other.  All is solved from sums over steps, so that the
rates are needed one block at a time and every penalty costs one small equation.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg

from taskrnn import checks
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import RELU, Activation

BOUND = 1e3  # rates of a bounded network stay below it; those of the trained ones are near 1
# A silent unit decays without end, and processors are very slow with the smallest numbers there
# are.
NOTHING, SETTLED = 1e-30, 100  # rates that are taken for zero, and steps between two looks
PENALTIES = tuple(10.0**k for k in range(-8, 1))


@np.errstate(over="ignore", invalid="ignore")  # activity that diverges is named below
def run(
    W: np.ndarray, drive: np.ndarray, *, activation: Activation = RELU, alpha: float = 0.1
) -> np.ndarray:
    """Rates of one network from rest, in NumPy: `taskrnn.networks.simulation` knows no activation
    but the leaky ReLU.

    Parameters
    ----------
    W : ndarray (unit, unit)
    drive : ndarray (trial, time, unit), everything added to ``W r`` inside f; its dtype is that of
        the computation

    Returns
    -------
    ndarray (trial, time, unit)

    Raises
    ------
    FloatingPointError
        If a rate exceeds `BOUND`: the activity diverges.
    """
    W, drive = checks.array("W", W), checks.array("drive", drive, dtype=None)
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    if W.ndim != 2 or drive.ndim != 3 or W.shape != 2 * drive.shape[2:]:
        raise ValueError(
            f"W {W.shape} must be (unit, unit) and drive {drive.shape} (trial, time, unit): one "
            "network."
        )
    to_rows = np.ascontiguousarray(W.T, drive.dtype)
    rates = np.empty_like(drive)
    r = np.zeros_like(drive[:, 0])
    for t in range(drive.shape[1]):
        r = (1 - alpha) * r + alpha * activation.value(r @ to_rows + drive[:, t])
        if t % SETTLED == 0:
            r[np.abs(r) < NOTHING] = 0.0
        rates[:, t] = r
    if not (np.abs(rates) <= BOUND).all():
        raise FloatingPointError(
            f"Rates exceed {BOUND:g}: the activity of this network diverges; leave it out and "
            "report it."
        )
    return rates


class Moments(NamedTuple):
    """Sums over the steps of some trials that count; they are all that a fit, or its error, needs.

    gram : ndarray (unit, unit), of r r^T
    cross : ndarray (unit, output), of r target^T
    square : float, of target^2, over the outputs too
    n : int, steps times outputs
    """

    gram: np.ndarray
    cross: np.ndarray
    square: float
    n: int


def moments(rates: np.ndarray, targets: np.ndarray, mask: np.ndarray) -> Moments:
    """Moments of rates (trial, time, unit) and targets (trial, time, output) where mask (trial,
    time) is 1, in float64.
    """
    rates, targets, mask = (
        checks.array(name, x, dtype=None)
        for name, x in (("rates", rates), ("targets", targets), ("mask", mask))
    )
    if (
        rates.ndim != 3
        or targets.ndim != 3
        or not rates.shape[:2] == targets.shape[:2] == mask.shape
    ):
        raise ValueError(
            f"rates {rates.shape}, targets {targets.shape} and mask {mask.shape} must be (trial, "
            "time, unit),"
            " (trial, time, output) and (trial, time)."
        )
    r, t = checks.finite("rates", rates[mask > 0]), checks.finite("targets", targets[mask > 0])
    return Moments(r.T @ r, r.T @ t, float((t**2).sum()), t.size)


def joined(parts: list[Moments]) -> Moments:
    """Moments of all the trials of the parts."""
    gram, cross, square, n = (sum(part) for part in zip(*parts, strict=True))
    return Moments(np.asarray(gram), np.asarray(cross), square, n)


def ridge(m: Moments, penalty: float) -> np.ndarray:
    """The readout W_out (output, unit) for one penalty."""
    mean_square = np.trace(m.gram) / len(m.gram)
    if not mean_square > 0:
        raise Unmeasurable(
            "all rates are zero where the output counts: there is no activity to read out"
        )
    return linalg.solve(
        m.gram + penalty * mean_square * np.eye(len(m.gram)), m.cross, assume_a="pos"
    ).T


def squared_error(m: Moments, readout: np.ndarray) -> float:
    """Mean of (z - target)^2 over the steps that count and the outputs, with a readout (output,
    unit).
    """
    total = m.square - 2 * np.sum(readout.T * m.cross) + np.sum((readout @ m.gram) * readout)
    return float(total / m.n)


class Fit(NamedTuple):
    """A readout (output, unit), its penalty, and the cross-validated squared error of every penalty
    (penalty,).
    """

    readout: np.ndarray
    penalty: float
    errors: np.ndarray


def fit(folds: list[Moments], *, penalties: tuple[float, ...] = PENALTIES) -> Fit:
    """Fit the readout to all folds, with the penalty whose fits without one fold err least on that
    one, summed over the folds.

    Parameters
    ----------
    folds : list of Moments, each of other trials
    penalties : tuple of float, the grid

    Raises
    ------
    ValueError
        There are fewer than two folds, or the penalties are none or not all above 0.
    """
    if len(folds) < 2:
        raise ValueError(
            f"Cross-validation over {len(folds)} fold cannot be made; give two or more blocks of "
            "trials."
        )
    if not penalties or not all(p > 0 for p in penalties):
        raise ValueError(f"penalties are {penalties}; give one or more numbers above 0.")
    total = np.zeros(len(penalties))
    for k, held_out in enumerate(folds):
        rest = joined(folds[:k] + folds[k + 1 :])
        total += [held_out.n * squared_error(held_out, ridge(rest, p)) for p in penalties]
    whole = joined(folds)
    best = penalties[int(np.argmin(total))]
    return Fit(ridge(whole, best), best, total / whole.n)
