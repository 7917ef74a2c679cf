"""Whether small perturbations of a state grow, also where units sit at a kink of f.

A perturbation d of a state with total input x obeys

    d/dt d = -d + g(W d),   g_i(y) = f'(x_i +) y above 0 and f'(x_i -) y below

Where f is smooth both slopes are one, and d grows as the eigenvalues l of D W say: at ``Re l - 1``
in the ODE, and at ``ln|1 + alpha (l - 1)| / alpha`` in the map with ``alpha = dt / tau``.  Where k
units are at a kink, 2^k linear pieces meet, each with its own D, in the cone of those d whose ``W
d`` has its signs at these units.  An eigenvalue of a piece is a growth rate of the network only if
the network cannot leave that piece by it, which is certain of two kinds:

- a real one whose eigenvector, or its negative, lies in the piece's own cone: the ray is not left;
- any one whose left eigenvector is zero at the k units: no piece differs in what it says of that
  mode.

The growth is the largest of these.  If no piece has an eigenvalue that grows faster, that decides
it, but for rare networks of three units and more whose pieces all decay and which grow by going
from one to the other (Carmona et al. 2006).  If one has, a perturbation may gain before it leaves
that piece; whether it loses as much in the others no eigenvalue says (the two halves of a spiral,
for example), and the growth is then the larger of the above and of the mean growth of perturbations
that are followed, good to 1 % where they turn within some tens of tau.  So it is too where more
than `PIECES` units are at a kink (a network without any input, for one), and the pieces are too
many to be looked at: a lower bound, which misses what grows from special directions only.
"""

import itertools
from typing import NamedTuple

import numpy as np
from scipy.linalg import eig

MARGINAL = 1e-8  # 1/tau: nearer to 0, a growth rate is neither growth nor decay
KINK = 1e-10  # of the largest total input of a state: nearer to a kink, a unit is at it
ROUNDING = 1e-12  # of the size of other states, likewise
PIECES = 8  # units at a kink whose pieces are all looked at
INSIDE = 1e-9  # of a unit vector's image: an eigenvector so far outside of a cone is in it
FOLLOWED, STEPS = 32, 4000  # perturbations, and their steps, of which the second half counts
MEAN, RAY = 1e-2, 1e-6  # relative error of their mean growth, and of a direction that is kept


class Growths(NamedTuple):
    """Growth rates in 1/tau, of the shape of the eigenvalues."""

    map: np.ndarray
    ode: np.ndarray


class Stability(NamedTuple):
    """How perturbations of states grow.

    slopes : ndarray of shape (point, unit), of f; at a kink those of the piece in which the growth
        of the ODE is
    eigenvalues : ndarray of shape (point, unit), of D W with these slopes, in no special order
    growth : Growths of shape (point,), of the perturbation that grows most; below 0 is stable
    unstable : Growths of int, shape (point,), number of directions that grow; at a kink in that
        piece, and 1 or more if any does
    """

    slopes: np.ndarray
    eigenvalues: np.ndarray
    growth: Growths
    unstable: Growths


def stability(W, total, *, activation, alpha, size=0.0, eigenvalues=None):
    """Stability of one network, W (unit, unit), at states with these total inputs (point, unit).

    `size` is that of the states from which they were sought, beside which rounding is to be judged;
    `eigenvalues` (point, unit) are those of D W with the slopes f' has there, if they are known
    already.
    """
    slopes, kinks = activation.slope(total), at_kink(total, activation, size)
    eigenvalues = spectrum(W, slopes) if eigenvalues is None else eigenvalues
    rates = growths(eigenvalues, alpha)
    growth = np.array([of.max(axis=1, initial=-np.inf) for of in rates])
    unstable = np.array([(of > MARGINAL).sum(axis=1) for of in rates])
    for i, *sides in kinks:
        slopes[i], growth[:, i] = largest_growth(W, *sides, alpha)
        eigenvalues[i] = spectrum(W, slopes[i : i + 1])[0]
        n = [(of > MARGINAL).sum() for of in growths(eigenvalues[i], alpha)]
        unstable[:, i] = np.where(growth[:, i] > MARGINAL, np.maximum(n, 1), 0)
    return Stability(slopes, eigenvalues, Growths(*growth), Growths(*unstable))


def at_kink(total, activation, size=0.0):
    """Rows of total inputs (point, unit) that have a unit at a kink, with the slopes (unit,) of f
    just above and just below.
    """
    step = KINK * np.abs(total).max(axis=1, keepdims=True, initial=np.finfo(float).tiny / KINK)
    step = np.maximum(step, ROUNDING * size)
    up, down = activation.slope(total + step), activation.slope(total - step)
    # A smooth f has hardly changed its slope over so short a step.
    differs = np.abs(up - down) > 1e-3 * np.abs(up + down)
    return [
        (i, np.where(differs[i], up[i], down[i]), down[i])
        for i in np.flatnonzero(differs.any(axis=1))
    ]


def largest_growth(W, up, down, alpha):
    """Slopes (unit,) of the piece with the largest growth in the ODE, and the growths (2,) in the
    map and the ODE.
    """
    kink = np.flatnonzero(
        (up != down) & W.any(axis=1)
    )  # a unit that receives nothing stays where it is
    if len(kink) > PIECES:
        return followed(W, up, down, alpha)
    best, growth, reached = up, np.full(2, -np.inf), np.full(2, -np.inf)
    for sides in itertools.product([True, False], repeat=len(kink)):
        slopes = up.copy()
        slopes[kink] = np.where(sides, up[kink], down[kink])
        values, kept = invariant(W, slopes, kink, np.array(sides))
        rates = np.array(growths(values, alpha))
        reached = np.maximum(reached, rates.max(axis=1))
        own = rates[:, kept].max(axis=1, initial=-np.inf)
        best = slopes if own[1] > growth[1] + MARGINAL else best
        growth = np.maximum(growth, own)
    if (reached > growth + MARGINAL).any():
        along, mean = followed(W, up, down, alpha)
        more = mean > growth + MEAN * (1 + np.abs(mean))
        best, growth = along if more[1] else best, np.where(more, mean, growth)
    return best, growth


def invariant(W, slopes, kink, sides):
    """Eigenvalues (unit,) of a piece, and whether the network that starts in such a mode is sure to
    keep it.
    """
    values, left, right = eig(slopes[:, None] * W, left=True)
    inside = INSIDE * (np.linalg.norm(W) or 1.0)
    at = (W[kink] @ right) * np.where(sides, 1, -1)[:, None]
    stays = (values.imag == 0) & (
        (at.real >= -inside).all(axis=0) | (at.real <= inside).all(axis=0)
    )
    return values, stays | (np.abs(left[kink]) <= INSIDE).all(axis=0)


def followed(W, up, down, alpha):
    """Mean growths (2,) in map and ODE of the perturbation that grows most of many, and before it
    the slopes (unit,) of its piece.
    """

    def slopes(d):
        return np.where(d @ W.T > 0, up, down)

    def flow(d):
        return slopes(d) * (d @ W.T) - d

    def rk4(d):
        one = flow(d)
        two = flow(d + h / 2 * one)
        three = flow(d + h / 2 * two)
        return d + h / 6 * (one + 2 * two + 2 * three + flow(d + h * three))

    h, found = min(0.1, 0.5 / (1 + np.linalg.norm(W, 2))), []
    for which, (step, dt) in enumerate(((lambda d: d + alpha * flow(d), alpha), (rk4, h))):
        d, mean = most_grown(step, len(W))
        image = slopes(d) * (W @ d)
        rayleigh = d @ image
        # On a ray the rate is known without the error of the steps.
        exact = np.linalg.norm(image - rayleigh * d) <= RAY * np.linalg.norm(image)
        found.append(growths(rayleigh, alpha)[which] if exact else mean / dt)
    return slopes(d), np.array(found)


def most_grown(step, n_units):
    """Of many perturbations the one (unit,) that grows most, of length 1 in the end, and its mean
    log growth over a step.
    """
    d = np.random.default_rng(0).standard_normal((FOLLOWED, n_units))
    logs = np.zeros(len(d))
    for k in range(STEPS):
        length = np.linalg.norm(d, axis=1)
        d /= np.where(length > 0, length, 1.0)[:, None]
        if k >= STEPS // 2:
            with np.errstate(divide="ignore"):  # one that the map forgets in one step: -inf
                logs += np.log(length)
        d = step(d)
    best = logs.argmax()
    return d[best] / (np.linalg.norm(d[best]) or 1.0), logs[best] / (STEPS - STEPS // 2)


def growths(eigenvalues, alpha):
    """Growths of modes with eigenvalues of D W of any shape."""
    with np.errstate(divide="ignore"):  # a mode that the map forgets in one step: -inf
        return Growths(np.log(np.abs(1 + alpha * (eigenvalues - 1))) / alpha, eigenvalues.real - 1)


def spectrum(W, slopes):
    """Eigenvalues (row, unit) of D W for each row of slopes (row, unit), in no special order.

    Those of the units with a slope are the ones of their block; the others are 0.
    """
    values = np.zeros(slopes.shape, dtype=complex)
    for row, D in enumerate(slopes):
        on = np.flatnonzero(D)
        values[row, : len(on)] = np.linalg.eigvals(D[on, None] * W[np.ix_(on, on)])
    return values
