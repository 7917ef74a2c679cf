import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from taskrnn.fixed_points import fixed_points
from taskrnn.steady_states import steady_states

seeds = st.integers(0, 2**32 - 1)


def network(rng, n, gain):
    W = gain / np.sqrt(n) * rng.standard_normal((n, n))
    np.fill_diagonal(W, 0)
    return W, 0.5 * rng.standard_normal(n)


def enumerate_all(W, c, theta):
    """Every fixed point, by solving all 2^N regions one by one; rows in lexical order."""
    points = []
    for region in itertools.product([0, 1], repeat=len(c)):
        D = np.where(region, 1.0, math.tan(theta))
        r = np.linalg.solve(np.eye(len(c)) - D[:, None] * W, D * c)
        if ((W @ r + c > 0) == np.array(region, dtype=bool)).all():
            points.append(r)
    return lexical(np.array(points).reshape(-1, len(c)))


def lexical(points):
    return points[np.lexsort(points.round(9).T[::-1])]


@pytest.mark.parametrize("gain", [1.2, 2.0, 3.0])
@pytest.mark.parametrize("theta", [0.0, 0.3])
def test_all_fixed_points_of_small_networks(gain, theta):
    rng = np.random.default_rng(0)
    for _ in range(3):
        W, c = network(rng, 8, gain)
        result = fixed_points(W, c, rng=rng, theta=theta, n_starts=200)
        assert lexical(result.rates) == pytest.approx(enumerate_all(W, c, theta))
        assert result.n_starts == 200


def test_all_fixed_points_of_a_larger_network():
    rng = np.random.default_rng(7)
    W, c = network(rng, 12, 3.0)
    assert lexical(fixed_points(W, c, rng=rng).rates) == pytest.approx(enumerate_all(W, c, 0.0))


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


def test_line_of_fixed_points_is_kept_whole():
    # x = max(0, x) on both units: every state with equal, non-negative rates is a fixed point. A start goes to the nearest.
    states = np.linspace(0, 3, 1001)[:, None] + np.array([0.5, -0.5])
    W, c = np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(2)
    result = fixed_points(W, c, rng=np.random.default_rng(3), n_starts=0, states=states[states.min(axis=1) > 0])
    assert np.sort(result.rates[:, 0]) == pytest.approx(states.mean(axis=1)[states.min(axis=1) > 0])
    assert (result.continuum == 1).all() and (result.unstable_ode == 0).all()
    assert (result.n_failed, result.hits.max()) == (0, 1)


def test_network_without_fixed_point():
    result = fixed_points(np.array([[2.0]]), np.array([1.0]), rng=np.random.default_rng(4), n_starts=20)
    assert result.rates.shape == (0, 1) and result.n_failed == 20


def test_near_points_do_not_chain():
    # The second is near the first, the third near the second but not near the first: it must stay.
    W, c = np.array([[0.0, -2.0], [-2.0, 0.0]]), np.ones(2)
    states = np.array([[1.0, 0.0], [1 / 3, 1 / 3], [0.0, 1.0]])
    result = fixed_points(W, c, rng=np.random.default_rng(5), n_starts=0, states=states, tol=1.0)
    assert result.rates == pytest.approx(states[[0, 2]])
    assert (result.hits.tolist(), result.first_hit.tolist()) == ([2, 1], [0, 2])


@settings(max_examples=15, deadline=None)
@given(seeds, st.floats(0.01, 100))
def test_fixed_points_follow_units_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    W, c = network(rng, 6, 2.0)
    order = rng.permutation(6)
    # Enough starts to begin in each of the 64 regions: some points are reached from their own region only.
    one = fixed_points(W, c, rng=np.random.default_rng(0), n_starts=2500, max_iter=3)
    two = fixed_points(W[order][:, order], scale * c[order], rng=np.random.default_rng(1), n_starts=2500, max_iter=3)
    assert lexical(two.rates / scale) == pytest.approx(lexical(one.rates[:, order]), abs=1e-9)
    assert np.sort(two.growth_ode) == pytest.approx(np.sort(one.growth_ode), abs=1e-9)


def simulate(W, c, theta, n_steps, alpha=0.1):
    r = np.zeros_like(c)
    for _ in range(n_steps):
        total = r @ W.T + c
        r = (1 - alpha) * r + alpha * np.maximum(total, math.tan(theta) * total)
    return r


@pytest.mark.parametrize("theta", [0.0, 0.2])
def test_steady_states_equal_a_long_simulation(theta):
    rng = np.random.default_rng(6)
    W, b = (np.stack(x) for x in zip(*(network(rng, 40, 0.9) for _ in range(3)), strict=True))
    W_in, inputs = rng.standard_normal((3, 40, 2)), rng.uniform(0, 2, (15, 2))
    result = steady_states(W, W_in, b, inputs, rng=rng, theta=theta)
    assert result.converged.all()
    for k in range(3):
        assert result.rates[k] == pytest.approx(simulate(W[k], inputs @ W_in[k].T + b[k], theta, 5000), abs=1e-9)


def test_slow_spiral_is_finished_by_the_solve():
    # Decay of 0.001 / tau on both units: 100 tau are far too short.
    W = np.array([[[0.0, -1.4, 0.0], [1.4, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    W[0, :2, :2] += 0.9 * np.eye(2)
    point = np.array([3.0, 4.0, 1.0])
    c = point - W[0] @ point
    result = steady_states(W, np.zeros((1, 3, 1)), c[None], np.zeros((1, 1)), rng=np.random.default_rng(0))
    assert result.converged.all()
    assert result.rates[0, 0] == pytest.approx(point)


def test_bistable_network_goes_where_the_input_pushes():
    W, b = np.array([[[0.0, -2.0], [-2.0, 0.0]]]), np.ones((1, 2))
    inputs = np.array([[0.1, 0.0], [0.0, 0.1]])
    result = steady_states(W, np.eye(2)[None], b, inputs, rng=np.random.default_rng(0))
    assert result.rates[0] == pytest.approx(np.array([[1.1, 0.0], [0.0, 1.1]]))


def test_divergence_and_oscillation_are_not_steady():
    diverging = np.array([[0.0, 3.0], [3.0, 0.0]])
    cycle = np.array([[1.5, -4.0], [4.0, 1.5]])
    result = steady_states(
        np.stack([diverging, cycle]), np.zeros((2, 2, 1)), np.array([[1.0, 1.0], [1.0, 0.1]]), np.zeros((1, 1)),
        rng=np.random.default_rng(0),
    )
    assert not result.converged.any()
    assert np.isfinite(result.rates).all()


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="one network, one constant input"):
        fixed_points(np.zeros((2, 3, 3)), np.zeros((2, 3)), rng=rng)
    with pytest.raises(ValueError, match=r"must be \(network, unit, unit\)"):
        steady_states(np.zeros((3, 3)), np.zeros((3, 1)), np.zeros(3), np.zeros((5, 1)), rng=rng)
