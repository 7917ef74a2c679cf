"""Rate networks linearised about states: Jacobians, growth rates, modes and their time constants.

    d/dt dr = (-I + D W) dr + D W_in du,   D = diag(f'(W r + c))

An eigenvalue l of ``D W`` grows at ``Re l - 1`` in the ODE, and at ``ln|1 + alpha (l - 1)| /
alpha`` in the map with ``alpha = dt / tau``, which is not the same: l = 0.9 + 2i decays in the ODE
and grows in the map at alpha = 0.1.

With units at a kink of f there is no Jacobian but several, one for each side of it.  Here it is
that of the piece in which a perturbation that keeps to the piece grows most
(`taskrnn.analysis.stability.kinks`): what grows at all, grows there.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eig

from taskrnn import checks
from taskrnn.analysis.stability.kinks import MARGINAL, growths, stability
from taskrnn.networks.activation import RELU


class Linearisation(NamedTuple):
    """A network linearised about states; eigenvalues l of D W with falling real part, and the modes
    of the first of them.

    recurrent : ndarray of shape (point, unit, unit), ``-I + D W``, 1/tau
    input : ndarray of shape (point, unit, input), ``D W_in``, 1/tau
    eigenvalues : ndarray of shape (point, unit), complex, of D W
    growth_map, growth_ode : ndarray of shape (point, unit), 1/tau
    unstable_map, unstable_ode : ndarray of shape (point,), number of growing directions
    time_map, time_ode : ndarray of shape (point, mode), tau, of the slowest modes, slowest first: 1
        over the absolute growth rate
    right : ndarray of shape (point, mode, unit), complex unit vectors, ``D W v = l v``: the
        directions that grow
    left : ndarray of shape (point, mode, unit), complex unit vectors, ``u D W = l u``: what drives
        them
    """

    recurrent: np.ndarray
    input: np.ndarray
    eigenvalues: np.ndarray
    growth_map: np.ndarray
    growth_ode: np.ndarray
    unstable_map: np.ndarray
    unstable_ode: np.ndarray
    time_map: np.ndarray
    time_ode: np.ndarray
    right: np.ndarray
    left: np.ndarray


def linearise(W, W_in, c, rates, *, activation=RELU, alpha=0.1, n_modes=3):
    """Linearise one network about states, fixed points or not.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    W_in : ndarray of shape (unit, input)
    c : ndarray of shape (unit,), or (point, unit) if it differs, the constant input ``W_in u + b``
    rates : ndarray of shape (point, unit)
    activation : Activation
    alpha : float
        dt / tau.
    n_modes : int
        Modes for which vectors and time constants are kept, at most the number of units.

    Returns
    -------
    Linearisation

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or alpha or n_modes is out of its range.
    """
    W, W_in, c, rates = (
        checks.finite(name, a) for name, a in (("W", W), ("W_in", W_in), ("c", c), ("rates", rates))
    )
    n = W.shape[-1] if W.ndim else 0
    if (
        W.shape != (n, n)
        or W_in.ndim != 2
        or W_in.shape[0] != n
        or rates.ndim != 2
        or rates.shape[1] != n
    ):
        shapes = f"W {W.shape}, W_in {W_in.shape} and rates {rates.shape}"
        raise ValueError(f"{shapes} must be (unit, unit), (unit, input) and (point, unit).")
    if c.shape not in ((n,), rates.shape):
        raise ValueError(f"c {c.shape} must be (unit,) or (point, unit), here {rates.shape}.")
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    n_modes = checks.whole("n_modes", n_modes, most=n)
    slopes = stability(W, rates @ W.T + c, activation=activation, alpha=alpha).slopes
    DW = slopes[..., None] * W
    values, left, right = (
        eig(DW, left=True) if len(DW) else (np.empty((0, n)), *np.empty((2, 0, n, n)))
    )
    # Falling real part; of a conjugate pair the one with the positive imaginary part first.
    order = np.lexsort((-values.imag, -values.real), axis=1)
    values = np.take_along_axis(values, order, axis=1)
    left, right = (
        np.take_along_axis(v, order[:, None], axis=2).mT[:, :n_modes] for v in (left, right)
    )
    growth = growths(values, alpha)
    return Linearisation(
        recurrent=DW - np.eye(n),
        input=slopes[..., None] * W_in,
        eigenvalues=values,
        growth_map=growth.map,
        growth_ode=growth.ode,
        unstable_map=(growth.map > MARGINAL).sum(axis=1),
        unstable_ode=(growth.ode > MARGINAL).sum(axis=1),
        time_map=slowest(growth.map, n_modes),
        time_ode=slowest(growth.ode, n_modes),
        right=right,
        left=left.conj(),  # SciPy's are those of the conjugate transpose
    )


def slowest(growth, n_modes):
    """Time constants (point, mode) in tau of the modes whose growth rate is nearest to 0."""
    rate = np.sort(np.abs(growth), axis=1)[:, :n_modes]
    with np.errstate(divide="ignore"):
        return 1 / np.where(rate > MARGINAL, rate, 0.0)
