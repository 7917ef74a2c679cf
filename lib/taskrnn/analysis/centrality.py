"""Centrality of the units of a signed, directed network, and how ranks change in training (claim
S4).

`MEASURES` holds one function per measure named in claim S4; each takes one matrix ``W`` of shape
``(unit, unit)``, ``W[i, j]`` from unit j to unit i, and returns an array of shape ``(unit,)``.

All of them take the strength ``|W|``: on signed weights networkx fails, or silently returns numbers
that mean nothing.  Where it matters, a unit is central for what it *receives* (the convention of
networkx); pass ``W.T`` for what it sends.  Reading A10's alternative is ``split_signs``: each sign
a network of its own. None but the strengths depends on the unit of the weights.  On dense random
weights eigenvector, Katz and PageRank centrality are nearly in-strength (rank correlation above
0.99 at N = 256), so the measures are not independent witnesses.
"""

from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.stats import rankdata

from taskrnn import checks
from taskrnn.analysis.units import unitless

# of their length: paths that differ by less are equally long, for 1/2 is not 1/3 + 1/6 to the last
# digit
TIE = 1e-12
DOUBLINGS = 60  # of the length of walks


class RankChange(NamedTuple):
    """Change of ranks, each of shape (network,).

    ``rho``: Spearman's correlation of before and after.  ``fate_of_top``: mean rank after training,
    from 0 (least central) to 1 (most), of the units that were the most central before;
    ``origin_of_top``: mean rank before training of those that are the most central after.
    Unrelated ranks give 0, 1/2 and 1/2.
    """

    rho: np.ndarray
    fate_of_top: np.ndarray
    origin_of_top: np.ndarray


def in_strength(W):
    """Sum of ``|W[i, j]|`` over the sources j."""
    return np.abs(checked(W)).sum(axis=1)


def out_strength(W):
    """Sum of ``|W[i, j]|`` over the targets i."""
    return np.abs(checked(W)).sum(axis=0)


def eigenvector(W):
    """Perron vector of ``|W|``, of unit 2-norm: ``rho x_i = sum_j |W[i, j]| x_j`` (Bonacich 1972).

    Where it is not the only one (a network in parts that send nothing to each other) the one to
    which walks from all units alike lead; all units are equal if all weights are zero.

    By power iteration, in which the number of steps doubles: squares of ``1 + |W| / s`` with s the
    largest in-strength.  The sparse solver of networkx starts at random and does not repeat to the
    last digit.
    """
    strength = relative_strength(W)
    steps = np.eye(len(strength)) + strength / (strength.sum(axis=1).max() or 1.0)
    vector = np.full(len(strength), len(strength) ** -0.5)
    for _ in range(DOUBLINGS):
        previous, vector = vector, steps @ vector
        vector /= np.linalg.norm(vector)
        if np.abs(vector - previous).max() < 1e-13:
            return vector
        steps = steps @ steps
        steps /= steps.max()
    raise ValueError(
        "The power iteration for the eigenvector of |W| does not converge: leave this network out "
        "and report it."
    )


def katz(W):
    """Katz centrality ``x = 1 + a |W| x`` with ``a = 1 / (2 rho(|W|))``, of unit 2-norm (Katz
    1953).

    Beyond ``1 / rho`` the sum over walks diverges; half of it makes a walk of k steps count 2^-k.
    Without cycles rho is 0, and the largest in-strength, never below rho, is taken for it.
    """
    strength = relative_strength(W)
    radius = np.abs(np.linalg.eigvals(strength)).max() or strength.sum(axis=1).max()
    attenuation = 0.5 / radius if radius > 0 else 0.5
    return _values(nx.katz_centrality_numpy(_graph(strength), alpha=attenuation, weight="weight"))


def pagerank(W):
    """PageRank with damping 0.85, summing to one; a source shares its rank by ``|W|`` (Page et al.
    1999).
    """
    return _values(
        nx.pagerank(
            _graph(relative_strength(W)), alpha=0.85, tol=1e-12, max_iter=1000, weight="weight"
        )
    )


def betweenness(W):
    """Share of the shortest paths through each unit, with distance ``1 / |W|``, over ``(N - 1)(N -
    2)``.

    The accumulation of Brandes (2001) for all sources at once, endpoints left out.  Paths whose
    lengths differ by less than 1e-12 of them are equally long and share what passes: networkx's
    ``betweenness_centrality`` compares sums of floating-point numbers as they are, so that
    rounding, and the unit of the weights, decide between them.
    """
    strength = np.abs(checked(W)).T
    n_units, there = len(strength), strength > 0
    # Powers of two change no digit, and no length over- or underflows if the middle one is 1.
    sizes = np.frexp(strength[there])[1]
    middle = (int(sizes.min()) + int(sizes.max())) // 2 if sizes.size else 0
    length = np.divide(
        1, np.ldexp(strength, -middle), out=np.full(strength.shape, np.inf), where=there
    )
    # Sparse, because of a dense matrix it takes lengths below 1e-8 for no edge.
    distance, parent = dijkstra(csr_array(np.where(there, length, 0)), return_predecessors=True)
    source, into = np.arange(n_units), np.ascontiguousarray(length.T)
    # Where a step is lost in the distance, the order is that of the steps that Dijkstra's algorithm
    # took.
    order = np.lexsort((steps_from_source(parent), distance), axis=1)
    place = np.argsort(order, axis=1)

    def predecessors(unit):
        """(source, unit): the last step before ``unit[source]`` on a shortest path from the
        source.
        """
        end, step = distance[source, unit][:, None], into[unit]
        near = (distance + step <= (1 + TIE) * end) & (step > TIE * end) & np.isfinite(end)
        return near & (place < place[source, unit][:, None]) | (
            parent[source, unit][:, None] == source
        )

    paths = np.eye(n_units)
    for unit in order.T[1:]:
        paths[source, unit] = (paths * predecessors(unit)).sum(axis=1)
    dependency = np.zeros((n_units, n_units))
    for unit in order.T[:0:-1]:
        through = (1 + dependency[source, unit]) / np.maximum(paths[source, unit], 1)
        dependency += paths * predecessors(unit) * through[:, None]
    np.fill_diagonal(dependency, 0)
    return dependency.sum(axis=0) / max((n_units - 1) * (n_units - 2), 1)


def steps_from_source(parent):
    """Steps from each source to each unit (source, unit) in trees of predecessors (source, unit),
    negative where there is none.
    """
    steps, at = np.zeros(parent.shape, dtype=int), parent
    while (on := at >= 0).any():
        steps += on
        at = np.where(on, np.take_along_axis(parent, np.maximum(at, 0), axis=1), -1)
    return steps


MEASURES = {
    "in-strength": in_strength,
    "out-strength": out_strength,
    "eigenvector": eigenvector,
    "Katz": katz,
    "PageRank": pagerank,
    "betweenness": betweenness,
}


def centralities(W):
    """Every measure of `MEASURES` for a stack of networks.

    Parameters
    ----------
    W : ndarray of shape (network, unit, unit)

    Returns
    -------
    dict of str to ndarray of shape (network, unit)
    """
    W = checks.square("W", W, axes="network")
    return {name: np.stack([measure(w) for w in W]) for name, measure in MEASURES.items()}


def split_signs(W):
    """Excitatory ``max(W, 0)`` and inhibitory ``max(-W, 0)`` weights (reading A10)."""
    W = checks.array("W", W)
    return np.maximum(W, 0), np.maximum(-W, 0)


def rank_change(before, after, *, mask=None, top=0.05):
    """How the ranks of one measure change in training, per network.

    Parameters
    ----------
    before, after : ndarray of shape (network, unit)
    mask : ndarray of bool of shape (network, unit), optional
        Units that count (the active ones, say); all of them by default.  Report both.
    top : float
        Share of the units that are 'the most central'.

    Returns
    -------
    RankChange of shape (network,)
    """
    if not 0 < top <= 1:
        raise ValueError(f"top is {top} and must be a share of the units, above 0 and at most 1.")
    pairs = _ranks(before, after, mask)
    return RankChange(*np.array([_change(x, y, top) for x, y in pairs]).T)


def _ranks(before, after, mask):
    before, after = checks.finite("before", before), checks.finite("after", after)
    mask = (
        np.ones(before.shape, dtype=bool)
        if mask is None
        else checks.array("mask", mask).astype(bool)
    )
    if before.ndim != 2 or before.shape != after.shape or before.shape != mask.shape:
        raise ValueError(
            f"before {before.shape}, after {after.shape} and mask {mask.shape} must all have shape "
            "(network, unit)."
        )
    if not len(mask) or mask.sum(axis=1).min() < 3:
        raise ValueError(
            "A network has fewer than 3 units left by the mask, or there is none: leave it out and "
            "report it."
        )
    return [(rankdata(x[m]), rankdata(y[m])) for x, y, m in zip(before, after, mask, strict=True)]


def _change(before, after, top):
    x, y = before - before.mean(), after - after.mean()
    spread = np.sqrt((x @ x) * (y @ y))
    rho = x @ y / spread if spread > 0 else np.nan
    n_top = max(1, round(top * len(x)))
    fate, origin = (
        after[np.argsort(-before, kind="stable")[:n_top]],
        before[np.argsort(-after, kind="stable")[:n_top]],
    )
    return rho, (fate.mean() - 1) / (len(x) - 1), (origin.mean() - 1) / (len(x) - 1)


def _graph(strength):
    return nx.from_numpy_array(strength.T, create_using=nx.DiGraph)


def _values(scores):
    return np.array(list(scores.values()))


def relative_strength(W):
    """``|W|`` without its unit."""
    return unitless(np.abs(checked(W)))[0]


def checked(W):
    """W as an array of floats; ValueError if it is not one finite matrix (unit, unit) of two units
    or more.
    """
    W = checks.array("W", W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or len(W) < 2:
        raise ValueError(
            f"W must have shape (unit, unit), not {W.shape}, with 2 units or more: for several "
            "networks use centralities(W)."
        )
    return checks.finite("W", W)
