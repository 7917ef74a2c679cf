"""What a whole Lyapunov spectrum says of the attractor: its dimension, and how fast it makes
information.

With exponents l_1 >= l_2 >= ... and j the last index up to which their sum is not negative, the
Kaplan-Yorke dimension is ``j + (l_1 + ... + l_j) / |l_{j+1}|`` (Kaplan and Yorke 1979): of a volume
of that dimension, growth and shrinkage balance. The sum of the positive exponents bounds the
entropy rate from above (Ruelle 1978), and equals it where Pesin's formula holds.
"""

import numpy as np

from taskrnn import checks


def kaplan_yorke(exponents) -> np.ndarray:
    """Dimension of the attractor (network,) from whole spectra (network, unit) in any unit of time.

    0 if the largest exponent is negative, a stable state; the number of units if volumes do not
    shrink; -inf is a direction that is lost at once.

    Raises
    ------
    ValueError
        The spectra do not fall, or hold NaN or +inf.
    """
    spectra = _spectra(exponents)
    sums = np.cumsum(spectra, axis=1)
    n = (sums >= 0).sum(
        axis=1
    )  # falling exponents: their sums rise and then fall, and stay negative once they are
    found = n.astype(float)
    between = (n > 0) & (n < spectra.shape[1])
    rows, n = np.flatnonzero(between), n[between]
    found[between] += sums[rows, n - 1] / np.abs(spectra[rows, n])
    return found


def entropy_rate(exponents) -> np.ndarray:
    """Sum of the positive exponents (network,), nats per tau for exponents (network, unit) in
    1/tau; raises as `kaplan_yorke`.
    """
    return np.maximum(_spectra(exponents), 0).sum(axis=1)


def _spectra(exponents) -> np.ndarray:
    spectra = checks.array("exponents", exponents)
    if spectra.ndim != 2 or not spectra.size:
        raise ValueError(
            f"The exponents {spectra.shape} must be (network, unit), with the whole spectrum of "
            "every network."
        )
    if np.isnan(spectra).any() or np.isposinf(spectra).any():
        raise ValueError(
            "Exponents must be finite or -inf; leave out networks whose activity diverges."
        )
    if (spectra[:, 1:] > spectra[:, :-1]).any():
        raise ValueError(
            "The exponents of each network must fall from the largest to the smallest; sort them."
        )
    return spectra
