"""Lyapunov exponents of the discrete map, autonomous or driven (claim G1).

    r_t = (1 - alpha) r_{t-1} + alpha f(x_t),   x_t = W r_{t-1} + drive_t
    J_t = (1 - alpha) I + alpha diag(f'(x_t)) W

A frame of k orthonormal perturbations is carried along by J_t and made orthonormal again by QR
(Benettin et al. 1980); the exponents are the mean log stretch per step over alpha = dt / tau, so
they are in 1/tau (nats).  For a linear network they are ``ln|1 + alpha (l - 1)| / alpha``, l the
eigenvalues of W.

Two things make the whole spectrum fast, and both are exact.  The QR of a product of Jacobians has
the same stretches as a QR after each of them, as long as rounding does not drown the least
stretched direction in the most stretched one: so many steps lie between two QRs as keep the
condition number of the frame near `AIM`, and steps that bring it above `LIMIT` are gone over again
in smaller numbers.  And a ReLU unit below threshold only decays: what units that are silent from
one QR to the next send to the others is computed once.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from taskrnn import checks
from taskrnn.analysis.stability.kinks import at_kink
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import RELU

N_SAMPLES = 20  # of the running estimate; an even number, so that one is at half of the run
AIM, LIMIT = 1e5, 1e7  # condition number of the frame; times 1e-16, the relative error of a stretch
LONGEST = 50  # steps between two QRs, so that a single perturbation neither overflows nor vanishes


class Exponents(NamedTuple):
    """Lyapunov exponents of a batch of networks.

    exponents : ndarray of shape (network, k), 1/tau, falling; -inf where a direction was lost
    drift : ndarray of shape (network, k), 1/tau, the second half of the run minus the first: the
        error to expect
    log_zeros : ndarray of shape (network,), how many stretches were zero within rounding (singular
        Jacobians)
    running : ndarray of shape (network, sample, k), 1/tau, the estimates from the run up to
        `times`; the last are `exponents`
    times : ndarray of shape (sample,), tau, since the first step that counts
    interval : ndarray of shape (network,), mean number of steps between two QRs
    condition : ndarray of shape (network,), largest condition number of a frame in QR, estimated;
        inf if a Jacobian is singular
    """

    exponents: np.ndarray
    drift: np.ndarray
    log_zeros: np.ndarray
    running: np.ndarray
    times: np.ndarray
    interval: np.ndarray
    condition: np.ndarray


def lyapunov(
    W,
    drive,
    *,
    rng,
    activation=RELU,
    alpha=0.1,
    n_exponents=1,
    initial=None,
    transient=300,
    alignment=300,
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
    activation : Activation
        f and its slope.
    alpha : float
        dt / tau.
    n_exponents : int
        How many, from the largest; the number of units for the whole spectrum.
    initial : ndarray of shape (network, unit), optional
        Rates before the first step; zero if not given.
    transient : int
        Steps before the first QR, for the activity to reach its attractor.
    alignment : int
        Steps after the first QR that do not count, for the frame to turn into the leading
        directions.

    Returns
    -------
    Exponents

    Raises
    ------
    ValueError
        If shapes do not fit, weights or drive are not finite, too few steps are left to count, or
        units that project to each other rest exactly at threshold (a network without input that
        begins at zero): there is no Jacobian, see `taskrnn.analysis.stability.kinks`.
    FloatingPointError
        If the activity of a network diverges: its exponent is that of no attractor.
    """
    W, drive = checks.finite("W", W), checks.array("drive", drive, dtype=None)
    if (
        W.ndim != 3
        or drive.ndim != 3
        or W.shape != (len(drive), drive.shape[2], drive.shape[2])
        or not W.size
    ):
        raise ValueError(
            f"W {W.shape} must be (network, unit, unit) and drive {drive.shape} (network, time, "
            "unit)."
        )
    n_networks, n_steps, n_units = drive.shape
    initial = (
        np.zeros((n_networks, n_units)) if initial is None else checks.finite("initial", initial)
    )
    if initial.shape != (n_networks, n_units):
        raise ValueError(
            f"initial {initial.shape} must be (network, unit) = {(n_networks, n_units)}, as W and "
            "drive are."
        )
    if not np.isfinite(drive).all():
        raise ValueError(
            "drive must be finite; leave out networks that were not trained to the end."
        )
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    n_exponents = checks.whole("n_exponents", n_exponents, most=n_units)
    transient = checks.whole("transient", transient, least=0)
    first = transient + checks.whole("alignment", alignment, least=0)
    counted = n_steps - first
    if counted < N_SAMPLES:
        raise ValueError(
            f"{n_steps} steps of drive leave {counted} to count after transient + alignment = "
            f"{first}; give at least {first + N_SAMPLES}."
        )
    frame, _ = np.linalg.qr(rng.standard_normal((n_units, n_exponents)))
    samples = np.array_split(np.arange(first, n_steps), N_SAMPLES)
    blocks = [np.arange(transient), np.arange(transient, first), *samples]
    found = [
        _spectrum(*one, blocks, frame, activation, alpha)
        for one in zip(W, drive, initial, strict=True)
    ]
    if bad := [k for k, one in enumerate(found) if one is None]:
        raise FloatingPointError(f"Networks {bad} diverge: leave them out and report them.")

    times = alpha * np.cumsum([len(sample) for sample in samples])
    return _summary(found, times, counted)


def _summary(found, times, counted):
    """Exponents of all networks from `_spectrum` of each."""
    logs, n_lost, n_qr, condition = (np.array(part) for part in zip(*found, strict=True))
    order = np.argsort(-logs.sum(axis=1), axis=1)
    running = np.cumsum(np.take_along_axis(logs, order[:, None], axis=2), axis=1) / times[:, None]
    exponents, (half, whole) = running[:, -1], times[[N_SAMPLES // 2 - 1, -1]]
    first_half = running[:, N_SAMPLES // 2 - 1]
    with np.errstate(invalid="ignore"):  # of directions that were lost
        drift = (whole * exponents - half * first_half) / (whole - half) - first_half
    drift[np.isneginf(exponents)] = np.nan
    return Exponents(exponents, drift, n_lost, running, times, counted / n_qr, condition)


@np.errstate(over="ignore", invalid="ignore")  # a network that diverges is named by the caller
def _spectrum(W, drive, rates, blocks, frame, activation, alpha):
    """Log stretches (sample, k) of one network, number of lost ones and of QRs, largest condition;
    None if it diverges.

    Blocks are steps (time,): transient, alignment, and one for each sample; QRs are at their ends
    and between.
    """
    logs, n_lost, n_qr, worst, steps = np.zeros((len(blocks) - 2, frame.shape[1])), 0, 0, 1.0, 1
    for sample, block in enumerate(blocks, start=-2):
        total, rates = _follow(W, drive, rates, block, activation, alpha)
        if not np.isfinite(rates).all():
            return None
        rest = (total == 0).all(axis=0)
        if sample >= 0 and W[np.ix_(rest, rest)].any() and at_kink(np.zeros((1, 1)), activation):
            raise Unmeasurable(
                "Units that project to each other rest exactly at threshold, where f has two "
                "slopes: begin from another state."
            )
        slopes = activation.slope(total)
        done = 0 if sample > -2 else len(block)
        while done < len(block):
            part = slopes[done : done + steps]
            after, stretch, condition = _orthonormal(_carry(W, part, frame, alpha))
            if not condition <= LIMIT and len(part) > 1:
                steps = len(part) // 2
                continue
            if not np.isfinite(stretch).all():
                return None
            frame, done = after, done + len(part)
            # As many steps as would bring the condition to AIM at the rate of these.
            wanted = math.log(AIM) / max(math.log(condition), 1e-9) * len(part)
            steps = int(min(max(wanted, 1), 2 * len(part), LONGEST))
            if sample >= 0:
                logs[sample] += np.log(
                    stretch, out=np.full(stretch.shape, -np.inf), where=stretch > 0
                )
                n_lost, n_qr, worst = n_lost + (stretch == 0).sum(), n_qr + 1, max(worst, condition)
    return logs, n_lost, n_qr, worst


def _follow(W, drive, rates, block, activation, alpha):
    """Total input (time, unit) along a block of steps, and the rates after it."""
    total = np.empty((len(block), len(W)))
    for x, t in zip(total, block, strict=True):
        np.add(W @ rates, drive[t], out=x)
        rates = (1 - alpha) * rates + alpha * activation.value(x)
    return total, rates


def _carry(W, slopes, frame, alpha):
    """The frame (unit, k) after the Jacobians with these slopes (time, unit)."""
    active = slopes.any(axis=0)
    silent = W[np.ix_(active, ~active)] @ frame[~active]
    W, own = W[np.ix_(active, active)], frame[active]
    for slope in alpha * slopes[:, active, None]:
        change = W @ own
        change += silent
        change *= slope
        own *= 1 - alpha
        own += change
        silent *= 1 - alpha
    after = (1 - alpha) ** len(slopes) * frame
    after[active] = own
    return after


def _orthonormal(frame):
    """Q of the frame, its stretches (k,) and its condition number; stretches within rounding of
    zero are zero.
    """
    n_units, k = frame.shape
    room = 64 * n_units  # of work, for blocks as large as LAPACK likes
    qr, tau, _, _ = lapack.dgeqrf(np.asfortranarray(frame), lwork=room, overwrite_a=True)
    stretch = np.abs(qr.diagonal())
    largest = np.abs(qr[:k]).max()
    reciprocal, _ = lapack.dtrcon(qr[:k])
    stretch = np.where(stretch <= n_units * np.finfo(float).eps * largest, 0.0, stretch)
    Q, _, _ = lapack.dorgqr(qr, tau, lwork=room, overwrite_a=True)
    return np.ascontiguousarray(Q), stretch, 1 / reciprocal if reciprocal else math.inf
