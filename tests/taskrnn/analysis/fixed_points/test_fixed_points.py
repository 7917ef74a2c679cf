import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import competing, lexical, network

from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.exact import fixed_points

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("theta", [0.0, 0.3])
@pytest.mark.parametrize("kind", [network, competing])
def test_all_points_of_hundreds_of_networks_and_no_others(kind, theta):
    rng = np.random.default_rng(0)
    for _ in range(100):
        W, c = kind(rng, int(rng.integers(2, 9)), rng.uniform(0.5, 3))
        result = fixed_points(W, c, rng=rng, theta=theta, n_starts=300)
        truth = enumerate_fixed_points(W, c, theta=theta).rates
        assert lexical(result.rates) == pytest.approx(lexical(truth))


def test_all_points_of_a_network_with_many():
    W, c = competing(np.random.default_rng(0), 14, 2.0)
    truth = enumerate_fixed_points(W, c).rates
    result = fixed_points(W, c, rng=np.random.default_rng(1), n_starts=1000)
    assert lexical(result.rates) == pytest.approx(lexical(truth))
    assert (result.hits.sum() >= 1000 - result.n_failed) and (result.hits <= 1000).all()


def test_independent_switches_have_all_their_combinations():
    # Each pair of units inhibits each other: two stable points and a saddle between, 3^3 in all.
    pair = np.array([[0.0, -2.0], [-2.0, 0.0]])
    W, c = np.kron(np.eye(3), pair), np.ones(6)
    result = fixed_points(W, c, rng=np.random.default_rng(1), n_starts=1000)
    assert len(result.rates) == 27
    n_saddles = (np.isclose(result.rates, 1 / 3).sum(axis=1) // 2).astype(int)
    assert np.bincount(n_saddles).tolist() == [8, 12, 6, 1]
    assert ((result.growth_ode < 0) == (n_saddles == 0)).all()
    assert result.speed.max() < 1e-12
    # The saddle's unstable eigenvalue of W is 2, a growth of 1 / tau.
    assert result.growth_ode[n_saddles == 3] == pytest.approx([1.0])
    assert result.growth_map[n_saddles == 3] == pytest.approx([math.log(1.1) / 0.1])


def test_stable_flow_with_an_unstable_map():
    W = np.array([[0.9, -2.0], [2.0, 0.9]])
    c = np.array([3.0, 4.0]) - W @ np.array([3.0, 4.0])
    result = fixed_points(W, c, rng=np.random.default_rng(2))
    both_on = np.flatnonzero((result.rates > 0).all(axis=1))
    assert result.rates[both_on] == pytest.approx(np.array([[3.0, 4.0]]))
    assert result.growth_ode[both_on] == pytest.approx([-0.1])
    assert result.growth_map[both_on] == pytest.approx([math.log(abs(1 + 0.1 * (-0.1 + 2j))) / 0.1])
    assert result.growth_map[both_on] > 0


@pytest.mark.parametrize("n_starts", [20, 200])
@pytest.mark.parametrize(
    ("W", "c", "dimension"),
    [
        # Equal rates of two units: a ray, and its end at threshold.
        ([[0, 1], [1, 0]], [0, 0], 1),
        # Rates that add up to 1, and so a segment.
        ([[0, -1], [-1, 0]], [1, 1], 1),
        # A ray from 0 that has a bend where unit 2 reaches its threshold: r_2 = max(0, r_1 - 1),
        # r_3 = 2 r_2.
        ([[1, 0.2, -0.1], [1, 0, 0], [0, 2, 0]], [0, -1, 0], 1),
        # Three units that keep what they hold: an octant with its faces, edges and corner.
        (np.eye(3), [0, 0, 0], 3),
        (np.eye(20), np.zeros(20), 20),
    ],
)
def test_a_continuum_is_one_point_whatever_the_number_of_starts(W, c, dimension, n_starts):
    W, c = np.array(W, dtype=float), np.array(c, dtype=float)
    found = fixed_points(W, c, rng=np.random.default_rng(3), n_starts=n_starts)
    assert found.continuum.tolist() == [dimension]
    assert found.hits.tolist() == [n_starts] and found.first_hit.tolist() == [0]
    assert found.growth_ode == pytest.approx([0]) and found.unstable_ode.tolist() == [0]
    assert found.speed == pytest.approx([0], abs=1e-12)


def test_lines_beside_a_switch_are_all_found():
    line = np.array([[0.0, 1.0], [1.0, 0.0]])
    W, c = (
        np.kron(np.diag([1, 0]), line) - 2 * np.kron(np.diag([0, 1]), line),
        np.array([0.0, 0.0, 1.0, 1.0]),
    )
    result = fixed_points(W, c, rng=np.random.default_rng(4), n_starts=300)
    regions = np.unique(result.rates > 1e-12, axis=0)
    assert regions.tolist() == enumerate_fixed_points(W, c).continua.tolist()
    assert result.continuum.tolist() == [1, 1, 1]
    assert result.speed.max() < 1e-12


def test_network_without_fixed_point():
    result = fixed_points(
        np.array([[2.0]]), np.array([1.0]), rng=np.random.default_rng(4), n_starts=20
    )
    assert result.rates.shape == (0, 1) and result.n_failed == 20


@settings(max_examples=15, deadline=None)
@given(seeds, st.floats(0.01, 100))
def test_fixed_points_follow_units_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    W, c = network(rng, 6, 2.0)
    order = rng.permutation(6)
    # Enough starts to begin in each of the 64 regions: some points are reached from their own
    # region only.
    one = fixed_points(W, c, rng=np.random.default_rng(0), n_starts=2500, max_iter=3)
    two = fixed_points(
        W[order][:, order],
        scale * c[order],
        rng=np.random.default_rng(1),
        n_starts=2500,
        max_iter=3,
    )
    assert lexical(two.rates / scale) == pytest.approx(lexical(one.rates[:, order]), abs=1e-9)
    assert np.sort(two.growth_ode) == pytest.approx(np.sort(one.growth_ode), abs=1e-9)


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="one network, one constant input"):
        fixed_points(np.zeros((2, 3, 3)), np.zeros((2, 3)), rng=rng)
    W, c = np.zeros((2, 2)), np.zeros(2)
    for options, message in (
        ({"states": np.zeros((4, 3))}, "with 2 units as in W"),
        ({"states": np.full((4, 2), np.inf)}, "states must hold finite numbers"),
        ({"n_starts": 0}, "give at least one start"),
        ({"tol": 0.0}, "tol is 0.0"),
        ({"theta": 2}, "theta is 2"),
    ):
        with pytest.raises(ValueError, match=message):
            fixed_points(W, c, rng=rng, **options)
