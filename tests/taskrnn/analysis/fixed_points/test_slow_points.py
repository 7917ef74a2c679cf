import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import competing, index_sum, lexical, network

from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.networks.activation import RELU, TANH, leaky_relu

seeds = st.integers(0, 2**32 - 1)


def search(W, c, starts, **options):
    """`slow_points` of one network."""
    return slow_points(
        np.asarray(W, float)[None],
        np.asarray(c, float)[None],
        np.asarray(starts, float)[None],
        **options,
    )[0]


def in_every_region(W, c, rng):
    """States (start, unit) whose total inputs have all combinations of signs, drawn at the size of
    the rates.
    """
    signs = np.array(list(itertools.product([-1, 1], repeat=len(c))))
    return np.linalg.solve(W, (signs * np.abs(rng.standard_normal(signs.shape)) - c).T).T


def test_three_independent_units_have_27_fixed_points():
    # x = tanh(1.5 x) has the solutions 0 and +-x1.
    starts = np.random.default_rng(0).uniform(-1.5, 1.5, (500, 3))
    result = search(1.5 * np.eye(3), np.zeros(3), starts, activation=TANH)
    points = result.fixed
    assert (len(points.rates), len(result.slow.rates), len(result.unconverged)) == (27, 0, 0)
    n_unstable = (np.abs(points.rates) < 1e-9).sum(axis=1)
    assert np.bincount(n_unstable).tolist() == [8, 12, 6, 1]
    assert (points.unstable_ode == n_unstable).all() and (points.unstable_map == n_unstable).all()
    assert points.speed.max() < 1e-14
    assert index_sum(1.5 * np.eye(3), TANH.slope(1.5 * points.rates)) == 1
    assert points.hits.sum() == 500
    assert np.diff(points.hits).max() <= 0


@settings(max_examples=25)
@given(seeds, st.integers(1, 4), st.floats(0.5, 4))
def test_indices_of_a_bounded_network_add_up_to_one(seed, n, gain):
    # -r + t tanh(W r + c) has no zero on the border of [-1, 1]^N for any t from 0 to 1, so the
    # degree is that of -r.
    rng = np.random.default_rng(seed)
    W, c = network(rng, n, gain)
    result = search(W + np.eye(n), c, rng.uniform(-1, 1, (400, n)), activation=TANH)
    assert index_sum(W + np.eye(n), TANH.slope(result.fixed.rates @ (W + np.eye(n)).T + c)) == 1


@pytest.mark.parametrize("theta", [0.0, 0.3])
@pytest.mark.parametrize("kind", [network, competing])
def test_every_point_is_in_the_enumeration_and_none_is_missed_from_its_own_region(kind, theta):
    rng = np.random.default_rng(0)
    for _ in range(50):
        W, c = kind(rng, int(rng.integers(2, 7)), rng.uniform(0.5, 3))
        result = search(W, c, in_every_region(W, c, rng), activation=leaky_relu(theta))
        assert lexical(result.fixed.rates) == pytest.approx(
            lexical(enumerate_fixed_points(W, c, theta=theta).rates)
        )


@given(seeds, st.integers(2, 6))
def test_a_batch_is_its_networks(seed, n):
    rng = np.random.default_rng(seed)
    W, c = (np.stack(a) for a in zip(*(network(rng, n, 2.0) for _ in range(3)), strict=True))
    starts = rng.standard_normal((3, 5, n))
    for together, *alone in zip(
        slow_points(W, c, starts, activation=TANH), W, c, starts, strict=True
    ):
        one = search(*alone, activation=TANH)
        assert together.fixed.rates == pytest.approx(one.fixed.rates, abs=1e-9)
        assert together.unconverged.tolist() == one.unconverged.tolist()


@pytest.mark.parametrize("past", [1e-3, 0.05, 0.3])
def test_the_ghost_of_two_points_that_have_met_is_a_slow_point(past):
    # r = tanh(w r + c): where the slope of the right side is 1, -r + tanh(w r + c) has its maximum;
    # it is above 0 past the fold.
    w = 1.5
    x = -math.atanh(math.sqrt(1 - 1 / w))
    c = x - w * math.tanh(x) + past
    result = search([[w]], [c], np.linspace(-1.5, 1.5, 40)[:, None], activation=TANH)
    ghost = (x - c) / w
    assert result.slow.rates == pytest.approx(np.array([[ghost]]), abs=1e-7)
    assert result.slow.speed == pytest.approx([math.tanh(x) - ghost])
    assert result.slow.growth_ode == pytest.approx([0], abs=1e-7)
    assert len(result.fixed.rates) == 1 and result.fixed.rates[0, 0] > 0.5
    assert result.fixed.hits.sum() + result.slow.hits.sum() + len(result.unconverged) == 40


LINE = np.array([[0.0, 1.0], [1.0, 0.0]])


def test_line_attractor_is_one_point():
    starts = np.linspace(0.5, 3, 1000)[:, None] + np.zeros(2)
    for beside in (0.0, 0.3):
        found = search(LINE, [0, 0], starts + np.array([beside, -beside])).fixed
        assert (found.hits.tolist(), found.continuum.tolist(), found.unstable_ode.tolist()) == (
            [1000],
            [1],
            [0],
        )
        assert found.rates[0, 0] == pytest.approx(found.rates[0, 1])


def test_slow_line_is_one_point():
    # The same line on which everything drifts at speed 0.01 for each unit.
    starts = np.linspace(0.5, 3, 1000)[:, None] + np.array([0.3, -0.3])
    result = search(LINE, [0.01, 0.01], starts)
    assert len(result.fixed.rates) == 0 and result.slow.hits.tolist() == [1000]
    assert result.slow.speed == pytest.approx([0.01 * math.sqrt(2)])
    assert result.slow.continuum.tolist() == [1]


def test_starts_that_do_not_converge_are_apart():
    # r = max(0, 2 r + 1) has no solution, and the smallest speed is on the kink, where it has no
    # gradient.
    result = search([[2.0]], [1.0], [[0.1], [2.0], [-3.0]])
    assert (len(result.fixed.rates), len(result.slow.rates)) == (0, 0)
    assert (
        result.unconverged.tolist() == [0, 1, 2]
        and result.fixed.n_failed == result.slow.n_failed == 3
    )
    assert result.ends == pytest.approx(np.full((3, 1), -0.5), abs=1e-3)
    # Too few steps.
    result = search([[0.5]], [0.3], [[30.0]], activation=TANH, max_iter=1)
    assert result.unconverged.tolist() == [0]


@settings(max_examples=20)
@given(seeds)
def test_points_without_bias_come_in_pairs(seed):
    rng = np.random.default_rng(seed)
    W, _ = network(rng, 8, 2.5)
    starts = rng.uniform(-1, 1, (20, 8))
    result = search(W, np.zeros(8), np.concatenate([starts, -starts]), activation=TANH)
    for found in (result.fixed.rates, result.slow.rates):
        # Every point has its mirror image.
        apart = np.linalg.norm(found[:, None] + found[None], axis=-1)
        assert len(found) == 0 or apart.min(axis=1).max() < 1e-6


@settings(max_examples=20)
@given(seeds, st.floats(0.01, 100))
def test_points_follow_units_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    W, c = competing(rng, 5, 2.0)
    starts, order = in_every_region(W, c, rng), rng.permutation(5)
    one = search(W, c, starts).fixed.rates
    two = search(W[order][:, order], scale * c[order], scale * starts[:, order]).fixed.rates
    assert lexical(two / scale) == pytest.approx(lexical(one[:, order]), abs=1e-9)


def test_bad_input_is_named():
    W, c, starts = np.zeros((1, 2, 2)), np.zeros((1, 2)), np.zeros((1, 3, 2))
    for arguments, options, message in (
        ((W[0], c, starts), {}, r"must be \(network, unit, unit\)"),
        ((W, c, starts[..., :1]), {}, r"must be \(network, unit, unit\)"),
        ((W, c, starts[:, :0]), {}, "give at least one for each network"),
        ((np.full_like(W, np.inf), c, starts), {}, "W must hold finite numbers"),
        ((W, c, starts), {"tol": 0}, "tol is 0"),
        ((W, c, starts), {"max_iter": 0}, "max_iter is 0"),
        ((W, c, starts), {"alpha": 2}, "alpha 2"),
    ):
        with pytest.raises(ValueError, match=message):
            slow_points(*arguments, activation=RELU, **options)
