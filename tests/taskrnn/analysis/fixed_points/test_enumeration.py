import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag
from small_networks import competing, enumerate_all, index_sum, lexical, network

from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points

seeds = st.integers(0, 2**32 - 1)


@given(
    seeds,
    st.integers(1, 6),
    st.floats(0.5, 3),
    st.sampled_from([network, competing]),
    st.sampled_from([0.0, 0.3]),
)
def test_all_regions_one_by_one_give_the_same(seed, n, gain, kind, theta):
    W, c = kind(np.random.default_rng(seed), n, gain)
    found = enumerate_fixed_points(W, c, theta=theta)
    assert lexical(found.rates) == pytest.approx(enumerate_all(W, c, theta))
    assert found.continua.shape == (0, n)


@given(seeds, st.integers(1, 8), st.floats(0.5, 3), st.sampled_from([network, competing]))
def test_the_index_does_not_depend_on_the_input(seed, n, gain, kind):
    # No fixed point comes from infinity while the input changes, since at infinity it is nothing;
    # those that meet cancel.
    rng = np.random.default_rng(seed)
    W, _ = kind(rng, n, gain)
    c = rng.standard_normal((20, n))
    found = enumerate_fixed_points(np.broadcast_to(W, (20, n, n)), c)
    assert len({index_sum(W, (one.rates > 0).astype(float)) for one in found}) == 1


@given(seeds, st.integers(1, 8))
def test_a_contraction_has_one_fixed_point(seed, n):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((n, n))
    W *= 0.95 / np.linalg.norm(W, 2)
    found = enumerate_fixed_points(W, rng.standard_normal(n))
    assert len(found.rates) == 1
    assert index_sum(W, (found.rates > 0).astype(float)) == 1


LINE = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("W", "c", "points", "continua"),
    [
        # x = max(0, x) on both units: a ray from 0, which is its end and so no point of its own.
        (LINE, [0.0, 0.0], [], [[1, 1]]),
        # The rates of two units that inhibit each other add up to 1: a segment.
        (-LINE, [1.0, 1.0], [], [[1, 1]]),
        # The same line touches the states without negative rates in one point.
        (-LINE, [0.0, 0.0], [[0, 0]], []),
        # A singular region whose equations contradict each other.
        (LINE, [1.0, 1.0], [], []),
        (LINE, [-1.0, -1.0], [[0, 0]], []),
        # Beside a switch: every one of its three states has its line.
        (block_diag(LINE, -2 * LINE), [0, 0, 1, 1], [], [[1, 1, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1]]),
        # Three units that keep what they hold: every face of the octant.
        (
            np.eye(3),
            [0, 0, 0],
            [],
            [[0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]],
        ),
        # A third unit at threshold all along the line.
        (np.array([[0.0, 1, 0], [1, 0, 0], [1, -1, 0]]), [0, 0, 0], [], [[1, 1, 0], [1, 1, 1]]),
    ],
)
def test_continua_are_told_from_points(W, c, points, continua):
    found = enumerate_fixed_points(W, c)
    assert found.rates.tolist() == points
    assert found.continua.astype(int).tolist() == continua


@settings(max_examples=20)
@given(seeds, st.floats(0.01, 100))
def test_points_follow_units_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    W, c = competing(rng, 6, 2.0)
    order = rng.permutation(6)
    one = enumerate_fixed_points(W, c).rates
    two = enumerate_fixed_points(W[order][:, order], scale * c[order]).rates
    # Near a singular region a point lies far out, and so do its last digits.
    assert lexical(two / scale) == pytest.approx(lexical(one[:, order]), rel=1e-9, abs=1e-9)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="17 units have too many regions"):
        enumerate_fixed_points(np.zeros((17, 17)), np.zeros(17))
    with pytest.raises(ValueError, match=r"W \(3, 2\) and c \(3,\) must be"):
        enumerate_fixed_points(np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="W must hold finite numbers"):
        enumerate_fixed_points(np.full((2, 2), np.nan), np.zeros(2))
    with pytest.raises(ValueError, match="theta is 2"):
        enumerate_fixed_points(np.zeros((2, 2)), np.zeros(2), theta=2)
