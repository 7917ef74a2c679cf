"""Fixed and slow points of rate networks with any activation under constant input: minima of a
state's squared speed.

    q(r) = 1/2 |F|^2,   F = -r + f(W r + c),   gradient = (-I + D W)^T F,   D = diag(f'(W r + c))

(Sussillo and Barak 2013).  A minimum with q = 0 is a fixed point; one with q > 0 is a slow point,
where the network lingers and which has no neighbour that is slower.  Two methods follow each other:
Newton's for F = 0, damped so that q falls with every step, and from where it gets stuck Newton's
for the minimum of q, kept to steps in which q falls as predicted by adding to the Hessian
(Levenberg 1944, Marquardt 1963).
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.analysis.fixed_points.newton import bound, solve_and_probe, solve_each, split
from taskrnn.analysis.fixed_points.points import FixedPoints, collect
from taskrnn.networks.activation import RELU, Activation

ROUNDING = 1e-15  # of the size of the states: no speed is known better
HALVINGS = 12  # of a Newton step, before Newton's method is stuck
SUFFICIENT = 1e-4  # of the decrease that the gradient promises
# of the largest gradient that this speed could have: a gradient below is zero, and so is a
# curvature
FLAT = 1e-8
DIFFERENCE = 1e-5  # of the largest total input, or of 1 if that is larger, for the curvature of f
NUDGE = 1e-3  # of the size of the states, off a saddle of q
GENTLE, STUCK = (
    1e-3,
    1e8,
)  # damping relative to the largest curvature: at first, and where there is no way down


class SlowPoints(NamedTuple):
    """What the starts of one network ended in, each start in one of three.

    fixed : FixedPoints, with speed zero to the tolerance
    slow : FixedPoints, the same of the minima of q with a speed above it
    unconverged : int ndarray of shape (k,), numbers of the starts that ended in neither
    ends : ndarray of shape (k, unit), where those were left
    """

    fixed: FixedPoints
    slow: FixedPoints
    unconverged: np.ndarray
    ends: np.ndarray


def slow_points(
    W, c, starts, *, activation=RELU, alpha=0.1, tol=1e-9, max_iter=200, tol_unique=1e-6
):
    """Minimise the squared speed of a batch of networks, from many starts each.

    Parameters
    ----------
    W : ndarray of shape (network, unit, unit)
    c : ndarray of shape (network, unit), the constant input ``W_in u + b``
    starts : ndarray of shape (network, start, unit), states
    activation : Activation
    alpha : float
        dt / tau.
    tol : float
        A point is fixed if its speed is at most `tol` times the largest of its norm, those of the
        starts and that of c.
    max_iter : int
        Steps of each of the two methods.
    tol_unique : float
        Two ends nearer than this, relative to the larger of their norms, are one point.

    Returns
    -------
    list of SlowPoints, one for each network

    Raises
    ------
    ValueError
        If shapes do not fit, there is no start, a number is not finite, or a tolerance is not
        positive.
    """
    W, c, starts = (checks.finite(name, a) for name, a in (("W", W), ("c", c), ("starts", starts)))
    if (
        c.ndim != 2
        or W.shape != (*c.shape, c.shape[-1])
        or starts.ndim != 3
        or starts.shape[::2] != c.shape
    ):
        raise ValueError(
            f"W {W.shape}, c {c.shape} and starts {starts.shape} must be (network, unit, unit), "
            "(network, unit) "
            "and (network, start, unit)."
        )
    if not starts.size:
        raise ValueError(
            f"starts {starts.shape} holds no state; give at least one for each network."
        )
    max_iter = checks.whole("max_iter", max_iter)
    if not (0 < tol < 1 and 0 < tol_unique < 1 and 0 < alpha <= 1):
        raise ValueError(
            f"tol is {tol}, tol_unique {tol_unique} and alpha {alpha}; all must be above 0, the "
            "first two below 1, alpha at most 1."
        )
    search, rates, fixed, slow = ends(W, c, starts, activation, tol, max_iter)
    found = []
    for k in range(len(W)):
        common = {
            "activation": activation,
            "alpha": alpha,
            "tol": tol_unique,
            "n_starts": starts.shape[1],
            "size": search.size[k],
        }
        sets = [
            collect(
                W[k],
                c[k],
                rates[k][one[k]],
                np.flatnonzero(one[k]),
                **common,
                n_elsewhere=int(other[k].sum()),
            )
            for one, other in ((fixed, slow), (slow, fixed))
        ]
        unconverged = np.flatnonzero(~fixed[k] & ~slow[k])
        found.append(SlowPoints(*sets, unconverged, rates[k][unconverged]))
    return found


def ends(W, c, starts, activation, tol, max_iter):
    """The search, where all starts end (network, start, unit), and which of them are at fixed and
    which at slow points, both (network, start); arguments as in `slow_points`.
    """
    size = np.maximum(np.linalg.norm(starts, axis=-1).max(axis=1), np.linalg.norm(c, axis=1))
    search = Search(W, c, activation, size)
    rates = search.newton(starts, np.ones(starts.shape[:2], dtype=bool), max_iter)
    stuck = ~search.at_rest(rates, tol)
    slow = np.zeros_like(stuck)
    for rows in split(np.flatnonzero(stuck), c.shape[1]):
        at = np.unravel_index(rows, stuck.shape)
        rates[at], slow[at] = search.descend(at[0], rates[at], tol, max_iter)
    fixed = search.at_rest(rates, tol)
    rates = search.newton(rates, fixed & stuck, max_iter)
    return search, rates, fixed, slow & ~fixed


class Search(NamedTuple):
    """The networks, and the size (network,) of their states, beside which a speed is small or
    large.
    """

    W: np.ndarray
    c: np.ndarray
    activation: Activation
    size: np.ndarray

    def flow(self, rates):
        """F and slopes D, both (network, start, unit)."""
        total = rates @ self.W.mT + self.c[:, None]
        return self.activation.value(total) - rates, self.activation.slope(total)

    def at_rest(self, rates, tol):
        """Whether the speed is at most `tol` times the size of the states, (network, start)."""
        return self.rests(self.flow(rates)[0], rates, tol)

    def rests(self, F, rates, tol):
        """`at_rest` where F is known."""
        speed = np.linalg.norm(F, axis=-1)
        return speed <= tol * np.maximum(self.size[:, None], np.linalg.norm(rates, axis=-1))

    def newton(self, rates, live, max_iter):
        """Ends (network, start, unit) of Newton's method for F = 0 from the starts that are live,
        (network, start).

        Steps are halved until q falls; a start is left where it does not, or where I - D W is
        singular.
        """
        rates = rates.copy()
        F, D = self.flow(rates)
        q = (F**2).sum(axis=-1)
        for _ in range(max_iter):
            live = live & ~self.rests(F, rates, ROUNDING)
            if not live.any():
                break
            # Without slopes there is no block to solve, so the other starts cost next to nothing.
            step, singular = solve_and_probe(self.W, np.where(live[..., None], D, 0.0), F)
            live &= ~singular
            open_, share = live.copy(), 1.0
            for _ in range(HALVINGS):
                some = np.flatnonzero(open_.any(axis=0))
                if not some.size:
                    break
                trial = rates[:, some] + np.where(open_[:, some, None], share * step[:, some], 0.0)
                F_trial, D_trial = self.flow(trial)
                q_trial = (F_trial**2).sum(axis=-1)
                good = open_[:, some] & (q_trial < (1 - 2 * SUFFICIENT * share) * q[:, some])
                net, k = np.nonzero(good)
                at = net, some[k]
                rates[at], F[at], D[at], q[at] = (
                    new[net, k] for new in (trial, F_trial, D_trial, q_trial)
                )
                open_[at], share = False, share / 2
            live &= ~open_
        return rates

    def descend(self, net, rates, tol, max_iter):
        """Ends (row, unit) of damped Newton steps for the minimum of q, and whether the gradient is
        zero at a minimum.
        """
        W, c, size = self.W[net], self.c[net], self.size[net]
        steep = bound(W)
        damping, minimum = GENTLE * steep**2, np.zeros(len(rates), dtype=bool)
        q, gradient, H = self.expand(W, c, rates)
        for _ in range(max_iter):
            speed = np.sqrt(2 * q)
            moving = (
                ~minimum
                & (speed > tol * np.maximum(size, np.linalg.norm(rates, axis=-1)))
                & (damping < STUCK * steep**2)
            )
            step = np.zeros_like(rates)
            flat = moving & (np.linalg.norm(gradient, axis=-1) <= FLAT * steep * speed)
            for row in np.flatnonzero(flat):
                curvatures, directions = np.linalg.eigh(H[row])
                minimum[row] = curvatures[0] >= -FLAT * steep[row] ** 2
                # A saddle or a maximum is left along the direction that falls off most.
                step[row] = NUDGE * size[row] * directions[:, 0]
            rows = np.flatnonzero(moving & ~flat)
            damped = H[rows] + damping[rows, None, None] * np.eye(W.shape[-1])
            step[rows] = -solve_each(damped, gradient[rows, :, None])[..., 0]
            rows = np.flatnonzero(moving & ~minimum)
            if not rows.size:
                break
            step, g = step[rows], gradient[rows]
            promised = -np.einsum("ru,ru->r", step, g + np.einsum("ruv,rv->ru", H[rows], step) / 2)
            new = self.expand(W[rows], c[rows], rates[rows] + step)
            # Where H is so far from positive that the step does not promise a descent, it is damped
            # more.
            kept = np.where(promised > 0, q[rows] - new[0], -1.0) / np.where(
                promised > 0, promised, 1.0
            )
            damping[rows] *= np.select([kept > 0.75, kept > 0.25], [0.2, 1.0], 4.0)
            good = kept > SUFFICIENT
            rates[rows[good]] += step[good]
            for old, value in zip((q, gradient, H), new, strict=True):
                old[rows[good]] = value[good]
        return rates, minimum

    def expand(self, W, c, rates):
        """q, its gradient and its Hessian ``J^T J + W^T diag(F f'') W``, J = -I + D W, row by
        row.
        """
        total = (W @ rates[..., None])[..., 0] + c
        F = self.activation.value(total) - rates
        J = self.activation.slope(total)[..., None] * W - np.eye(W.shape[-1])
        step = DIFFERENCE * np.minimum(np.abs(total).max(axis=-1, keepdims=True), 1.0)
        step = np.where(step > 0, step, DIFFERENCE)
        bend = (
            F
            * (self.activation.slope(total + step) - self.activation.slope(total - step))
            / (2 * step)
        )
        return (
            (F**2).sum(axis=-1) / 2,
            (J.mT @ F[..., None])[..., 0],
            J.mT @ J + W.mT @ (bend[..., None] * W),
        )
