"""Points of rest of one network, each once, with what is known of each."""

import itertools
from dataclasses import dataclass

import numpy as np

from taskrnn.analysis.fixed_points.newton import SINGULAR
from taskrnn.analysis.fixed_points.regions import meet
from taskrnn.analysis.stability.kinks import spectrum, stability

ROUNDING = (
    1e-12  # of the largest point's norm: what two searches that end in one point may differ by
)


@dataclass(frozen=True)
class FixedPoints:
    """The points found for one network and one constant input, most often hit first; shape
    (point,).

    A line, plane ... of fixed points of a (leaky) ReLU network is one point, with all starts that
    ended anywhere on it, through however many regions it goes: its rates and growths are those of
    the end, in the region of most dimensions, that is farthest from a kink.  With a smooth f every
    end on a line is a point.
    """

    rates: np.ndarray  # (point, unit)
    hits: np.ndarray  # starts that led there; one may lead to several points
    first_hit: np.ndarray  # the first of them: sorted, the saturation curve
    # 1/tau, largest ln|1 + alpha (l - 1)| / alpha; below 0 is stable (at a kink see
    # taskrnn.analysis.stability.kinks)
    growth_map: np.ndarray
    growth_ode: np.ndarray  # 1/tau, largest Re l - 1; the same
    unstable_map: np.ndarray  # number of directions that grow in the map
    unstable_ode: np.ndarray  # and in the ODE
    # dimension of the line, plane ... of fixed points around it, to first order; 0 for an isolated
    # one
    continuum: np.ndarray
    # sign of det(I - D W), 0 in a continuum. Over all points of a network whose activity cannot
    # grow without bound they sum to 1 (degree theory): another sum says that points are missing.
    index: np.ndarray
    speed: np.ndarray  # 1/tau, norm of -r + f(W r + c): the error of the solution
    kink_distance: (
        np.ndarray
    )  # smallest |W r + c| over units: so far from the kink, perturbations obey one linear equation
    n_starts: int
    n_failed: int  # starts that led to no point at all


def collect(W, c, ends, starts, *, activation, alpha, tol, n_starts, size=0.0, n_elsewhere=0):
    """FixedPoints from the ends (end, unit) of searches, and the numbers (end,) of their starts, in
    rising order.

    `n_elsewhere` starts ended at points of another kind; `size` is that of the states they began
    from.
    """
    member, kept = distinct(ends, tol)
    starts, rates = np.asarray(starts, dtype=int), ends[kept]
    total = rates @ W.T + c
    slopes = activation.slope(total)
    eigenvalues = spectrum(W, slopes)
    continuum = np.array(
        [nullity(W, D, l) for D, l in zip(slopes, eigenvalues, strict=True)], dtype=int
    )
    flow, kink_distance = activation.value(total) - rates, np.abs(total).min(axis=1)
    whole = connected(W, c, rates, total, flow, activation=activation, continuum=continuum, tol=tol)
    # A start that comes to a point twice counts once.
    hits = np.bincount(
        np.unique(np.stack([whole[member], starts]), axis=1)[0], minlength=whole.max(initial=-1) + 1
    )
    first_hit = starts[np.unique(whole[member], return_index=True)[1]]
    order = np.argsort(-hits, kind="stable")
    shown = np.lexsort((-kink_distance, -continuum, whole))
    shown = shown[np.unique(whole[shown], return_index=True)[1]][order]
    found = stability(
        W,
        total[shown],
        activation=activation,
        alpha=alpha,
        size=size,
        eigenvalues=eigenvalues[shown],
    )
    continua = np.array(
        [nullity(W, D, l) for D, l in zip(found.slopes, found.eigenvalues, strict=True)], dtype=int
    )
    n = W.shape[0]
    signs = np.linalg.slogdet(np.eye(n) - found.slopes.reshape(-1, n, 1) * W)[0]
    return FixedPoints(
        rates=rates[shown],
        hits=hits[order],
        first_hit=first_hit[order],
        growth_map=found.growth.map,
        growth_ode=found.growth.ode,
        unstable_map=found.unstable.map,
        unstable_ode=found.unstable.ode,
        continuum=continua,
        index=np.where(continua > 0, 0, signs).astype(int),
        speed=np.linalg.norm(flow[shown], axis=1),
        kink_distance=kink_distance[shown],
        n_starts=n_starts,
        n_failed=n_starts - n_elsewhere - len(np.unique(starts)),
    )


def connected(W, c, rates, total, flow, *, activation, continuum, tol):
    """Which continuum each point (point,) belongs to, or which point it is by itself, numbered in
    the order of the first ones.

    Where f is linear on both sides of zero, a region's points of one flow (none, at fixed points)
    are a polytope, and all of one continuum; so are those of two regions whose polytopes meet.
    """
    slopes, size = (
        activation.slope(total),
        np.linalg.norm(rates, axis=1) + np.linalg.norm(total, axis=1),
    )
    linear = np.linalg.norm(activation.value(total) - slopes * total, axis=1) <= ROUNDING * size

    def alike(i, j):
        return np.linalg.norm(flow[i] - flow[j]) <= tol * max(size[i], size[j])

    label, first = np.arange(len(rates)), []
    for i in np.flatnonzero(linear) if continuum.any() else ():
        same = next((j for j in first if (slopes[i] == slopes[j]).all() and alike(i, j)), i)
        label[i] = same
        first += [i] if same == i else []
    for i, j in itertools.combinations(first, 2):
        if (
            label[i] != label[j]
            and continuum[[i, j]].any()
            and alike(i, j)
            and meet(W, c, slopes[[i, j]], total[i], flow[i])
        ):
            label[label == label[j]] = label[i]
    return np.unique(label, return_inverse=True)[1]


def distinct(points, tol):
    """Which point each is, (point,), and the first of each, in their order.

    Two are one if they are nearer than `tol` times the larger of their norms. Points are compared
    with those that are kept, never with ones that were merged: those chain, until one is left of a
    whole line.
    """
    norms = np.linalg.norm(points, axis=1)
    floor = ROUNDING * norms.max(initial=0.0)
    kept, member = [], np.empty(len(points), dtype=int)
    left = np.arange(len(points))
    while left.size:
        i = left[0]
        apart = np.linalg.norm(points[left] - points[i], axis=1)
        near = apart <= tol * np.maximum(norms[left], norms[i]) + floor
        near[0] = True  # a point that is not finite has no distance from itself
        member[left[near]] = len(kept)
        kept.append(int(i))
        left = left[~near]
    return member, kept


def nullity(W, slopes, eigenvalues):
    """Dimension of the null space of I - D W; the eigenvalues of D W spare the singular values if
    none is near 1.
    """
    # Those of a defective matrix are accurate to a root of the rounding only.
    if not (np.abs(eigenvalues - 1) < 1e-4 * (1 + np.abs(eigenvalues).max())).any():
        return 0
    s = np.linalg.svd(np.eye(len(W)) - slopes[:, None] * W, compute_uv=False)
    return int((s <= SINGULAR * s[0]).sum())
