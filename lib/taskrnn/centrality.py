"""Centrality of the units of a signed, directed network, and how ranks change in training (claim S4).

`MEASURES` holds one function per measure named in claim S4; each takes one matrix ``W`` of shape
``(unit, unit)``, ``W[i, j]`` from unit j to unit i, and returns an array of shape ``(unit,)``.

All of them take the strength ``|W|``: on signed weights networkx fails, or silently returns numbers that
mean nothing.  Where it matters, a unit is central for what it *receives* (the convention of networkx);
pass ``W.T`` for what it sends.  Reading A10's alternative is ``split_signs``: each sign a network of its own.
On dense random weights eigenvector, Katz and PageRank centrality are nearly in-strength (rank correlation
above 0.99 at N = 256), so the measures are not independent witnesses.
"""

from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.stats import rankdata


class RankChange(NamedTuple):
    """Change of ranks, each of shape (network,).

    ``rho``: Spearman's correlation of before and after.  ``fate_of_top``: mean rank after training, from
    0 (least central) to 1 (most), of the units that were the most central before; ``origin_of_top``: mean
    rank before training of those that are the most central after.  Unrelated ranks give 0, 1/2 and 1/2.
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

    Power iteration on ``|W| + 1``, as in networkx, which takes a second at N = 256; its sparse solver starts at random and
    does not repeat to the last digit.
    """
    strength = np.abs(checked(W))
    vector = np.full(len(strength), len(strength) ** -0.5)
    for _ in range(1000):
        previous, vector = vector, vector + strength @ vector
        vector /= np.linalg.norm(vector)
        if np.abs(vector - previous).sum() < len(vector) * 1e-12:
            return vector
    raise ValueError("The power iteration for the eigenvector of |W| does not converge in 1000 steps: leave this network out and report it.")


def katz(W):
    """Katz centrality ``x = 1 + a |W| x`` with ``a = 1 / (2 rho(|W|))``, of unit 2-norm (Katz 1953).

    Beyond ``1 / rho`` the sum over walks diverges; half of it makes a walk of k steps count 2^-k.
    """
    radius = np.abs(np.linalg.eigvals(np.abs(checked(W)))).max()
    # A graph without cycles has rho = 0: any attenuation is then below the bound.
    attenuation = 0.5 / radius if radius > 0 else 0.5
    return _values(nx.katz_centrality_numpy(_graph(W), alpha=attenuation, weight="weight"))


def pagerank(W):
    """PageRank with damping 0.85, summing to one; a source shares its rank by ``|W|`` (Page et al. 1999)."""
    return _values(nx.pagerank(_graph(W), alpha=0.85, tol=1e-12, max_iter=1000, weight="weight"))


def betweenness(W):
    """Share of the shortest paths through each unit, with distance ``1 / |W|``, over ``(N - 1)(N - 2)``.

    The accumulation of Brandes (2001) for all sources at once; equal to networkx's
    ``betweenness_centrality`` (endpoints left out), which takes most of a minute at N = 256.
    """
    strength = np.abs(checked(W))
    n_units = len(strength)
    length = np.divide(1, strength.T, out=np.zeros_like(strength), where=strength.T > 0)
    distance = dijkstra(length)
    step = np.where(length > 0, length, np.inf)
    source = np.arange(n_units)
    order = np.argsort(distance, axis=1, kind="stable")

    def predecessors(unit):
        """(source, unit): the last step before ``unit[source]`` on a shortest path from the source."""
        # Dijkstra's distances are sums along the path, so the comparison is exact and ties are found.
        reached = np.isfinite(distance[source, unit])
        return (distance + step[:, unit].T == distance[source, unit][:, None]) & reached[:, None]

    paths = np.eye(n_units)
    for unit in order.T[1:]:
        paths[source, unit] = (paths * predecessors(unit)).sum(axis=1)
    dependency = np.zeros((n_units, n_units))
    for unit in order.T[:0:-1]:
        through = (1 + dependency[source, unit]) / np.maximum(paths[source, unit], 1)
        dependency += paths * predecessors(unit) * through[:, None]
    np.fill_diagonal(dependency, 0)
    return dependency.sum(axis=0) / max((n_units - 1) * (n_units - 2), 1)


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
    W = np.asarray(W, dtype=float)
    if W.ndim != 3 or 0 in W.shape:
        raise ValueError(f"W must have shape (network, unit, unit), not {W.shape}: for one network pass W[None].")
    return {name: np.stack([measure(w) for w in W]) for name, measure in MEASURES.items()}


def split_signs(W):
    """Excitatory ``max(W, 0)`` and inhibitory ``max(-W, 0)`` weights (reading A10)."""
    return np.maximum(W, 0), np.maximum(-np.asarray(W), 0)


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
    pairs = _ranks(before, after, mask)
    return RankChange(*np.array([_change(x, y, top) for x, y in pairs]).T)


def _ranks(before, after, mask):
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    mask = np.ones(before.shape, dtype=bool) if mask is None else np.asarray(mask)
    if before.ndim != 2 or before.shape != after.shape or before.shape != mask.shape:
        raise ValueError(
            f"before {before.shape}, after {after.shape} and mask {mask.shape} must all have shape (network, unit)."
        )
    if mask.sum(axis=1).min() < 3:
        raise ValueError("A network has fewer than 3 units left by the mask: leave it out and report it.")
    return [(rankdata(x[m]), rankdata(y[m])) for x, y, m in zip(before, after, mask, strict=True)]


def _change(before, after, top):
    x, y = before - before.mean(), after - after.mean()
    spread = np.sqrt((x @ x) * (y @ y))
    rho = x @ y / spread if spread > 0 else np.nan
    n_top = max(1, round(top * len(x)))
    fate, origin = after[np.argsort(-before, kind="stable")[:n_top]], before[np.argsort(-after, kind="stable")[:n_top]]
    return rho, (fate.mean() - 1) / (len(x) - 1), (origin.mean() - 1) / (len(x) - 1)


def _graph(W):
    return nx.from_numpy_array(np.abs(checked(W)).T, create_using=nx.DiGraph)


def _values(scores):
    return np.array(list(scores.values()))


def checked(W):
    """W as an array of floats; ValueError if it is not one finite matrix (unit, unit) of two units or more."""
    W = np.asarray(W, dtype=float)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or len(W) < 2:
        raise ValueError(f"W must have shape (unit, unit), not {W.shape}, with 2 units or more: for several networks use centralities(W).")
    if not np.isfinite(W).all():
        raise ValueError("W holds values that are not finite: leave diverged networks out and report them.")
    return W
