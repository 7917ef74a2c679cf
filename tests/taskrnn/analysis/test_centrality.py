from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from taskrnn.analysis import centrality

seeds = st.integers(0, 2**32 - 1)


def weights(rng, n, density=1.0):
    W = rng.standard_normal((n, n)) * (rng.random((n, n)) < density)
    np.fill_diagonal(W, 0)
    return W


def networkx_betweenness(W):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(W)))
    graph.add_edges_from(
        (j, i, {"length": 1 / abs(W[i, j])}) for i, j in zip(*np.nonzero(W), strict=True)
    )
    return np.array(list(nx.betweenness_centrality(graph, weight="length").values()))


# 0 -> 1 -> 2 with a weak shortcut 0 -> 2, one of the weights negative.
CHAIN = np.zeros((3, 3))
CHAIN[1, 0], CHAIN[2, 1], CHAIN[2, 0] = -2.0, 1.0, 0.1


def test_chain_by_hand():
    assert centrality.in_strength(CHAIN) == pytest.approx([0, 2, 1.1])
    assert centrality.out_strength(CHAIN) == pytest.approx([2.1, 1, 0])
    # The way over 1 has length 1/2 + 1, the shortcut 10; one pair of the (3 - 1)(3 - 2).
    assert centrality.betweenness(CHAIN) == pytest.approx([0, 0.5, 0])
    # No cycles: attenuation 1/2 over the largest in-strength, 2.
    katz = np.array([1, 1 + 0.25 * 2, 1 + 0.25 * (1 * 1.5 + 0.1 * 1)])
    assert centrality.katz(CHAIN) == pytest.approx(katz / np.linalg.norm(katz))
    assert np.argsort(centrality.pagerank(CHAIN)).tolist() == [0, 1, 2]


def test_equal_paths_share_a_diamond():
    diamond = np.zeros((4, 4))
    diamond[1, 0] = diamond[2, 0] = diamond[3, 1] = diamond[3, 2] = 1
    assert centrality.betweenness(diamond) == pytest.approx([0, 0.5 / 6, 0.5 / 6, 0])


def test_a_hub_is_central_for_what_it_receives():
    n = 6
    W = np.full((n, n), 0.1)
    W[0, 1:] = -1.0
    np.fill_diagonal(W, 0)
    for name in ("in-strength", "eigenvector", "Katz", "PageRank"):
        assert np.argmax(centrality.MEASURES[name](W)) == 0
    for name in ("in-strength", "eigenvector", "Katz"):
        assert np.argmin(centrality.MEASURES[name](W.T)) == 0


def test_linear_measures_solve_their_equations():
    W = weights(np.random.default_rng(0), 20)
    A = np.abs(W)
    radius = np.abs(np.linalg.eigvals(A)).max()
    x = centrality.eigenvector(W)
    assert A @ x == pytest.approx(radius * x)
    x = np.linalg.solve(np.eye(20) - 0.5 / radius * A, np.ones(20))
    assert centrality.katz(W) == pytest.approx(x / np.linalg.norm(x))
    x = np.linalg.solve(np.eye(20) - 0.85 * A / A.sum(axis=0), np.full(20, 0.15 / 20))
    assert centrality.pagerank(W) == pytest.approx(x)


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from([0.1, 0.3, 1.0]), st.booleans())
def test_betweenness_equals_networkx(seed, density, ties):
    W = weights(np.random.default_rng(seed), 15, density)
    W = np.sign(W) if ties else W
    assert centrality.betweenness(W) == pytest.approx(networkx_betweenness(W), abs=1e-12)


def test_betweenness_equals_networkx_on_a_dense_network():
    W = weights(np.random.default_rng(1), 64)
    assert centrality.betweenness(W) == pytest.approx(networkx_betweenness(W), abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_every_measure_ignores_sign_and_follows_the_units(seed):
    rng = np.random.default_rng(seed)
    W = weights(rng, 12)
    order = rng.permutation(12)
    other = -W[order][:, order]
    once, again = centrality.centralities(W[None]), centrality.centralities(other[None])
    assert list(once) == list(centrality.MEASURES)
    for name in once:
        assert once[name].shape == (1, 12)
        assert again[name][0] == pytest.approx(once[name][0, order], abs=1e-10), name


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(-30, 30), st.booleans())
def test_scale_matters_for_strength_only(seed, exponent, counts):
    W, scale = weights(np.random.default_rng(seed), 20, 0.5), 10**exponent
    W = np.ceil(5 * W) if counts else W
    for name, measure in centrality.MEASURES.items():
        factor = scale if "strength" in name else 1
        assert measure(scale * W) / factor == pytest.approx(measure(W), rel=1e-9, abs=1e-10), name


def exact_betweenness(W):
    """Brandes (2001) with fractions."""
    n = len(W)
    length = {
        (j, i): Fraction(1) / Fraction(float(abs(W[i, j])))
        for i, j in zip(*np.nonzero(W), strict=True)
    }
    result = [Fraction(0)] * n
    for source in range(n):
        distance, paths, queue, order = {source: Fraction(0)}, [0] * n, {source}, []
        paths[source] = 1
        while queue:
            u = min(queue, key=distance.get)
            queue.remove(u), order.append(u)
            for v in range(n):
                if (u, v) in length and v not in order:
                    d = distance[u] + length[u, v]
                    if v not in distance or d < distance[v]:
                        distance[v], paths[v] = d, 0
                        queue.add(v)
                    paths[v] += paths[u] * (d == distance[v])
        dependency = [Fraction(0)] * n
        for v in reversed(order[1:]):
            for u in order:
                if (u, v) in length and distance[u] + length[u, v] == distance[v]:
                    dependency[u] += Fraction(paths[u], paths[v]) * (1 + dependency[v])
            result[v] += dependency[v]
    return np.array([float(b) for b in result]) / ((n - 1) * (n - 2))


def test_a_third_and_a_sixth_are_a_half():
    W = np.array([[0, 2, 0, 0], [2, 0, 5, 3], [6, 0, 0, 1], [0, 0, 0, 0.0]])
    assert centrality.betweenness(W) == pytest.approx([1 / 4, 5 / 12, 1 / 6, 0])


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(2, 12), st.sampled_from([6, 60]), st.sampled_from([1.0, 1e9, 1e-7]))
def test_betweenness_of_counts_is_that_of_exact_arithmetic(seed, n, largest, unit):
    rng = np.random.default_rng(seed)
    W = rng.integers(0, largest, (n, n)) * (rng.random((n, n)) < 0.6)
    np.fill_diagonal(W, 0)
    expected = exact_betweenness(W) if n > 2 else np.zeros(2)
    assert centrality.betweenness(unit * W) == pytest.approx(expected, abs=1e-12)


def test_steps_that_are_lost_in_a_distance_are_taken_in_order():
    # 0 -> 2 -> 1 -> 3, the first step 1e24 times as long as the others: all distances from 0 are
    # equal in floating-point numbers.
    W = np.zeros((4, 4))
    W[2, 0], W[1, 2], W[3, 1] = 1e-12, 1e12, 1e12
    assert centrality.betweenness(W) == pytest.approx([0, 2 / 6, 2 / 6, 0]) == exact_betweenness(W)


def test_centralities_of_networks_without_cycles_and_in_parts():
    # Walks end in unit 2, whose eigenvalue is 0 as all others are.
    assert centrality.eigenvector(CHAIN) == pytest.approx([0, 0, 1], abs=1e-9)
    assert centrality.eigenvector(np.zeros((4, 4))) == pytest.approx([0.5] * 4)
    ring = np.roll(np.eye(3), 1, axis=0)
    assert centrality.eigenvector(np.kron(np.diag([1, 2]), ring)) == pytest.approx(
        [0, 0, 0] + [3**-0.5] * 3, abs=1e-9
    )
    for measure in centrality.MEASURES.values():
        assert np.ptp(measure(np.zeros((4, 4)))) == pytest.approx(0)


def test_signs_apart_add_up():
    W = weights(np.random.default_rng(2), 5)
    excitatory, inhibitory = centrality.split_signs(W)
    assert (excitatory - inhibitory == W).all() and (excitatory * inhibitory == 0).all()


def test_rank_change_of_reversed_equal_and_masked_units():
    x = np.arange(100.0)
    result = centrality.rank_change(
        np.stack([x, x, x]), np.stack([-x, np.exp(x / 10), np.roll(x, 50)])
    )
    assert result.rho[:2] == pytest.approx([-1, 1])
    assert result.fate_of_top == pytest.approx([2 / 99, 97 / 99, 47 / 99])
    assert result.origin_of_top == pytest.approx([2 / 99, 97 / 99, 47 / 99])
    mask = np.zeros((1, 100), dtype=bool)
    mask[0, 10:60] = True
    silent = np.where(mask, -x, 1e6)
    assert centrality.rank_change(x[None], silent, mask=mask).rho == pytest.approx([-1])
    assert centrality.rank_change(x[None], silent).rho > -0.9


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_rank_correlation_is_spearmans(seed):
    x, y = np.random.default_rng(seed).integers(0, 8, (2, 1, 30)).astype(float)
    assert centrality.rank_change(x, y).rho == pytest.approx([spearmanr(x[0], y[0]).statistic])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="use centralities"):
        centrality.in_strength(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match="finite"):
        centrality.katz(np.full((2, 2), np.inf))
    with pytest.raises(ValueError, match="must all have shape"):
        centrality.rank_change(np.zeros((1, 4)), np.zeros((1, 5)))
    with pytest.raises(ValueError, match="fewer than 3 units"):
        centrality.rank_change(
            np.zeros((1, 4)), np.zeros((1, 4)), mask=np.zeros((1, 4), dtype=bool)
        )
    x = np.arange(8.0)[None]
    with pytest.raises(ValueError, match="top is 5"):
        centrality.rank_change(x, x, top=5)
    with pytest.raises(ValueError, match="after must hold finite"):
        centrality.rank_change(x, np.where(x == 3, np.nan, x))
