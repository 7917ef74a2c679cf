"""The gated network of `studies.architectures.networks` under constant input: its fixed points,
their stability, and its largest exponent.

    F(r) = g * (-r + tanh(x)),   x = W (g r) + c,   g = s(W_g r + c_g)

Where the gates are open at all, F = 0 is r = tanh(x), whose Jacobian by r is

    A = -I + D W (diag(g) + diag(r) G),   D = diag(1 - tanh(x)^2),   G = diag(g (1 - g)) W_g.

At a fixed point the Jacobian of F is diag(g) A: a step of length a multiplies small differences by
I + a diag(g) A.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from taskrnn.analysis.fixed_points.newton import solve_each
from taskrnn.analysis.fixed_points.points import FixedPoints, distinct
from taskrnn.analysis.stability.kinks import MARGINAL, growths

AT_REST = 1e-10  # of the square root of the number of units: the speed of a point that is fixed
SAME = 1e-6  # relative distance of two ends that are one point
HALVINGS = 12  # of a Newton step, before a start is left


class Flow(NamedTuple):
    """F, its factors and its Jacobian at states (start, unit)."""

    gate: np.ndarray  # (start, unit)
    residual: np.ndarray  # -r + tanh(x), (start, unit)
    by_rates: np.ndarray  # A, (start, unit, unit)
    jacobian: np.ndarray  # of F, (start, unit, unit)


def flow(W: np.ndarray, c: np.ndarray, rates: np.ndarray) -> Flow:
    """Where states go; the rows of W (row, unit) and c (row,) are those of the gate first."""
    of_gate, of_unit = np.split(W, 2)
    to_gate, to_unit = np.split(c, 2)
    gate = expit(rates @ of_gate.T + to_gate)
    value = np.tanh((gate * rates) @ of_unit.T + to_unit)
    bend = (gate * (1 - gate))[..., None] * of_gate
    eye = np.eye(len(of_gate))
    inner = gate[..., None] * eye + rates[..., None] * bend
    A = (1 - value**2)[..., None] * (of_unit @ inner) - eye
    residual = value - rates
    return Flow(gate, residual, A, gate[..., None] * A + residual[..., None] * bend)


def gated_points(
    W: np.ndarray, c: np.ndarray, starts: np.ndarray, *, alpha: float, max_iter: int = 50
) -> FixedPoints:
    """Fixed points that Newton's method for r = tanh(x) finds from states (start, unit), its steps
    halved until the residual falls.

    Raises
    ------
    FloatingPointError
        Weights that are not finite.
    """
    rates, live = starts.copy(), np.arange(len(starts))
    if not np.isfinite(W).all():
        raise FloatingPointError("its weights are not finite")
    for _ in range(max_iter):
        now = flow(W, c, rates[live])
        q = (now.residual**2).sum(axis=1)
        step = solve_each(now.by_rates, -now.residual[..., None])[..., 0]
        open_ = np.flatnonzero(np.isfinite(step).all(axis=1) & (q > 0))
        moved = np.zeros(len(live), dtype=bool)
        for share in 0.5 ** np.arange(HALVINGS):
            trial = rates[live[open_]] + share * step[open_]
            better = (residual(W, c, trial) ** 2).sum(axis=1) < (1 - 1e-4 * share) * q[open_]
            rates[live[open_[better]]] = trial[better]
            moved[open_[better]] = True
            open_ = open_[~better]
        live = live[moved]
        if not live.size:
            break
    speed = np.linalg.norm(residual(W, c, rates), axis=1)
    fixed = np.flatnonzero(speed <= AT_REST * rates.shape[1] ** 0.5)
    return described(W, c, rates[fixed], fixed, alpha=alpha, n_starts=len(starts))


def residual(W: np.ndarray, c: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """-r + tanh(x) at states (start, unit), without the Jacobians of `flow`."""
    (of_gate, of_unit), (to_gate, to_unit) = np.split(W, 2), np.split(c, 2)
    gate = expit(rates @ of_gate.T + to_gate)
    return np.tanh((gate * rates) @ of_unit.T + to_unit) - rates


def described(W, c, ends, starts, *, alpha: float, n_starts: int) -> FixedPoints:
    """FixedPoints of ends (end, unit) of searches from the starts with these numbers (end,)."""
    member, kept = distinct(ends, SAME)
    hits = np.bincount(member, minlength=len(kept))
    order = np.argsort(-hits, kind="stable")
    rates = ends[kept][order]
    at = flow(W, c, rates)
    eigenvalues = np.linalg.eigvals(at.jacobian)
    rates_of_growth = growths(1 + eigenvalues, alpha)
    growth = [of.max(axis=1, initial=-np.inf) for of in rates_of_growth]
    unstable = [(of > MARGINAL).sum(axis=1) for of in rates_of_growth]
    return FixedPoints(
        rates=rates,
        hits=hits[order],
        first_hit=starts[kept][order],
        growth_map=growth[0],
        growth_ode=growth[1],
        unstable_map=unstable[0],
        unstable_ode=unstable[1],
        continuum=np.zeros(len(rates), dtype=int),
        index=np.linalg.slogdet(-at.by_rates).sign.astype(int),
        speed=np.linalg.norm(at.residual, axis=1),
        kink_distance=np.full(len(rates), np.inf),
        n_starts=n_starts,
        n_failed=n_starts - len(starts),
    )


def largest_exponent(
    W: np.ndarray,
    c: np.ndarray,
    starts: np.ndarray,
    kicks: np.ndarray,
    *,
    alpha: float,
    transient: int,
    alignment: int,
    n_steps: int,
) -> tuple[float, float]:
    """Largest Lyapunov exponent of the map from several states (start, unit), and its drift, both
    in 1/tau, of the start that has the largest; see `taskrnn.analysis.stability.side_by_side`.
    """
    rates, kick = starts.copy(), kicks.copy()
    logs = np.zeros((2, len(rates)))
    first, half = transient + alignment, n_steps // 2
    for t in range(first + 2 * half):
        if t >= transient:
            kick += alpha * (flow(W, c, rates).jacobian @ kick[..., None])[..., 0]
            length = np.linalg.norm(kick, axis=1)
            kick /= length[:, None]
            if t >= first:
                logs[(t - first) // half] += np.log(length)
        gate = expit(rates @ W[: len(W) // 2].T + c[: len(c) // 2])
        rates += alpha * gate * residual(W, c, rates)
    exponents = logs / (half * alpha)
    most = exponents.mean(axis=0).argmax()
    return float(exponents[:, most].mean()), float(np.diff(exponents[:, most])[0])
