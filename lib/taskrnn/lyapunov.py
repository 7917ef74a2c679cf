"""Lyapunov exponents of the discrete map, autonomous or driven (claim G1).

    r_t = (1 - alpha) r_{t-1} + alpha f(x_t),   x_t = W r_{t-1} + drive_t
    J_t = (1 - alpha) I + alpha diag(f'(x_t)) W

A frame of k orthonormal perturbations is carried along by J_t and made orthonormal again by QR (Benettin
et al. 1980); the exponents are the mean log stretch per step over alpha = dt / tau, so they are in 1/tau
(nats).  For a linear network they are ``ln|1 + alpha (l - 1)| / alpha``, l the eigenvalues of W.
"""

from typing import NamedTuple

import numpy as np

from taskrnn.activation import Activation, leaky_relu


class Exponents(NamedTuple):
    """Lyapunov exponents of a batch of networks.

    exponents : ndarray of shape (network, k), 1/tau, falling; -inf where a direction was lost
    drift : ndarray of shape (network, k), 1/tau, the second half of the run minus the first: the error to expect
    log_zeros : ndarray of shape (network,), how many stretches were exactly zero (a singular Jacobian)
    """

    exponents: np.ndarray
    drift: np.ndarray
    log_zeros: np.ndarray


@np.errstate(over="ignore", invalid="ignore")  # a network that diverges is named below
def lyapunov(
    W, drive, *, rng, theta=0.0, activation=None, alpha=0.1, n_exponents=1, initial=None, transient=300, alignment=300, qr_every=1
):
    """Largest Lyapunov exponents along one trajectory of each network.

    Parameters
    ----------
    W : ndarray of shape (network, unit, unit)
    drive : ndarray of shape (network, time, unit)
        Everything added to ``W r`` inside f: input, bias and noise, one realisation.  Autonomous:
        ``np.broadcast_to(b[:, None], (n_networks, n_steps, n_units))``, which takes no memory.
    rng : numpy.random.Generator
        Draws the first frame, the same for every network.
    theta : float
        Angle of the leaky ReLU in radians, 0 to pi/4.
    alpha : float
        dt / tau.
    n_exponents : int
        How many, from the largest; the number of units for the whole spectrum.
    initial : ndarray of shape (network, unit), optional
        Rates before the first step; zero if not given.
    transient : int
        Steps before the first QR, for the activity to reach its attractor.
    alignment : int
        Steps after the first QR that do not count, for the frame to turn into the leading directions.
    qr_every : int
        Steps between two QRs: more is faster for many exponents, as long as the frame stays well conditioned.

    Returns
    -------
    Exponents

    Raises
    ------
    ValueError
        If shapes do not fit, or too few steps are left to count.
    FloatingPointError
        If the activity of a network diverges: its exponent is that of no attractor.
    """
    W, drive = np.asarray(W, dtype=float), np.asarray(drive)
    if W.ndim != 3 or drive.ndim != 3 or W.shape != (len(drive), drive.shape[2], drive.shape[2]):
        raise ValueError(f"W {W.shape} must be (network, unit, unit) and drive {drive.shape} (network, time, unit).")
    n_networks, n_steps, n_units = drive.shape
    first = transient + alignment
    n_counts = (n_steps - first) // qr_every
    if n_counts < 2:
        raise ValueError(
            f"{n_steps} steps of drive leave no two stretches to count after transient + alignment = {first}."
        )
    if not 1 <= n_exponents <= n_units:
        raise ValueError(f"n_exponents is {n_exponents}; it must be 1 to the number of units, {n_units}.")

    activation: Activation = leaky_relu(theta) if activation is None else activation
    # Rates and frame share one product with W, which is what the time goes into.
    state = np.zeros((n_networks, n_units, 1 + n_exponents))
    if initial is not None:
        state[..., 0] = initial
    frame, _ = np.linalg.qr(rng.standard_normal((n_units, n_exponents)))
    log_stretch = np.empty((n_counts, n_networks, n_exponents))

    def step(state, now):
        product = W @ state
        total = product[..., 0] + now
        product *= activation.slope(total)[..., None]
        product[..., 0] = activation.value(total)
        return (1 - alpha) * state + alpha * product

    for t in range(transient):
        state[..., :1] = step(state[..., :1], drive[:, t])
    state[..., 1:] = frame
    end = first + n_counts * qr_every
    for t in range(transient, end):
        state = step(state, drive[:, t])
        # Counted from the end, so that every counted stretch has the same length.
        if (end - t - 1) % qr_every == 0:
            if not np.isfinite(state).all():
                bad = np.flatnonzero(~np.isfinite(state).all(axis=(1, 2)))
                raise FloatingPointError(f"Networks {bad.tolist()} diverge: leave them out and report them.")
            state[..., 1:], R = np.linalg.qr(state[..., 1:])
            count = (t + 1 - first) // qr_every - 1
            if count >= 0:
                diagonal = np.abs(np.diagonal(R, axis1=1, axis2=2))
                log_stretch[count] = np.log(diagonal, out=np.full(diagonal.shape, -np.inf), where=diagonal > 0)

    def rate(part):
        return part.mean(axis=0) / (qr_every * alpha)

    exponents = rate(log_stretch)
    order = np.argsort(-exponents, axis=1)
    lost = np.isneginf(log_stretch)
    finite = np.where(lost.any(axis=0), 0.0, log_stretch)
    drift = np.where(lost.any(axis=0), np.nan, rate(finite[n_counts // 2 :]) - rate(finite[: n_counts // 2]))
    return Exponents(
        np.take_along_axis(exponents, order, axis=1),
        np.take_along_axis(drift, order, axis=1),
        lost.sum(axis=(0, 2)),
    )
