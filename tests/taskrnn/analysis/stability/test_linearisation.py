import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_networks import network

from taskrnn.analysis.stability.kinks import spectrum
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.networks.activation import RELU, TANH, leaky_relu

seeds = st.integers(0, 2**32 - 1)


def flow(W, W_in, b, r, u, activation):
    return -r + activation.value(W @ r + W_in @ u + b)


@given(seeds, st.sampled_from([RELU, TANH, leaky_relu(0.3)]))
def test_jacobians_are_differences_of_the_flow(seed, activation):
    rng = np.random.default_rng(seed)
    W, b = network(rng, 5, 1.5)
    W_in, u, r = rng.standard_normal((5, 2)), rng.standard_normal(2), rng.standard_normal(5)
    found = linearise(W, W_in, W_in @ u + b, r[None], activation=activation)

    def difference(dr, du, h=1e-6):
        ends = [flow(W, W_in, b, r + s * dr, u + s * du, activation) for s in (h, -h)]
        return (ends[0] - ends[1]) / (2 * h)

    recurrent = [difference(e, 0) for e in np.eye(5)]
    driven = [difference(0, e) for e in np.eye(2)]
    # At a kink there is no derivative to compare with.
    if np.abs(W @ r + W_in @ u + b).min() > 1e-4 or activation is TANH:
        assert found.recurrent[0] == pytest.approx(np.array(recurrent).T, abs=1e-7)
        assert found.input[0] == pytest.approx(np.array(driven).T, abs=1e-7)


@given(seeds, st.integers(1, 6), st.integers(1, 4))
def test_modes_are_eigenvectors_from_both_sides(seed, n, n_points):
    rng = np.random.default_rng(seed)
    W, c = rng.standard_normal((n, n)), rng.standard_normal((n_points, n))
    found = linearise(
        W, np.ones((n, 1)), c, rng.standard_normal((n_points, n)), activation=TANH, n_modes=n
    )
    DW = found.recurrent + np.eye(n)
    values = found.eigenvalues[:, :, None]
    assert DW @ found.right.mT == pytest.approx((values * found.right).mT, abs=1e-9)
    assert found.left @ DW == pytest.approx(values * found.left, abs=1e-9)
    assert np.linalg.norm(found.right, axis=-1) == pytest.approx(np.ones((n_points, n)))
    assert np.linalg.norm(found.left, axis=-1) == pytest.approx(np.ones((n_points, n)))
    assert (np.diff(found.growth_ode) <= 1e-12).all()
    # Left and right vectors of different modes are orthogonal, unless their eigenvalues meet.
    for left, right, value in zip(found.left, found.right, found.eigenvalues, strict=True):
        gaps = np.abs(value[:, None] - value[None])
        assert np.abs(left @ right.T)[gaps > 1e-3] == pytest.approx(0, abs=1e-9)


def test_modes_of_independent_units():
    # Eigenvalues are the diagonal: unstable, neutral, slow and fast.
    W = np.diag([2.0, 0.0, 0.99, 1.0])
    found = linearise(W, np.eye(4), np.ones(4), np.ones((1, 4)), n_modes=4)
    assert found.eigenvalues[0].tolist() == [2, 1, 0.99, 0]
    assert found.growth_ode[0] == pytest.approx([1, 0, -0.01, -1])
    assert found.growth_map[0] == pytest.approx(
        [math.log(1.1) / 0.1, 0, math.log(0.999) / 0.1, math.log(0.9) / 0.1]
    )
    assert found.time_ode[0] == pytest.approx([math.inf, 100, 1, 1])
    assert found.time_map[0] == pytest.approx(
        [math.inf, -0.1 / math.log(0.999), 0.1 / math.log(1.1), 0.1 / math.log(1 / 0.9)]
    )
    assert (found.unstable_ode.tolist(), found.unstable_map.tolist()) == ([1], [1])
    assert (
        np.abs(found.right[0]).argmax(axis=1).tolist()
        == np.abs(found.left[0]).argmax(axis=1).tolist()
        == [0, 3, 2, 1]
    )


def test_stable_flow_with_an_unstable_map():
    W = np.array([[0.9, -2.0], [2.0, 0.9]])
    found = linearise(
        W, np.ones((2, 1)), np.array([3.0, 4.0]) - W @ [3.0, 4.0], np.array([[3.0, 4.0]]), n_modes=2
    )
    assert found.eigenvalues[0] == pytest.approx([0.9 + 2j, 0.9 - 2j])
    assert (found.unstable_ode[0], found.unstable_map[0]) == (0, 2)
    assert found.time_ode[0] == pytest.approx([10, 10])
    assert found.growth_map[0] == pytest.approx(np.full(2, math.log(abs(0.99 + 0.2j)) / 0.1))


@given(seeds, st.integers(1, 8))
def test_the_spectrum_is_that_of_the_block_of_sloped_units(seed, n):
    rng = np.random.default_rng(seed)
    W, slopes = rng.standard_normal((n, n)), rng.integers(0, 2, (3, n)).astype(float)
    for found, D in zip(spectrum(W, slopes), slopes, strict=True):
        assert np.poly(found) == pytest.approx(np.poly(D[:, None] * W), abs=1e-9)


def test_no_point_is_an_empty_answer():
    found = linearise(np.eye(4), np.ones((4, 2)), np.zeros(4), np.empty((0, 4)))
    assert (found.right.shape, found.input.shape, found.time_map.shape) == (
        (0, 3, 4),
        (0, 4, 2),
        (0, 3),
    )


def test_bad_input_is_named():
    W, W_in, c, rates = np.eye(3), np.ones((3, 1)), np.zeros(3), np.ones((2, 3))
    for arguments, options, message in (
        ((W[:2], W_in, c, rates), {}, r"must be \(unit, unit\)"),
        ((W, W_in, c[:2], rates), {}, r"c \(2,\) must be"),
        ((W, W_in, c, np.full((2, 3), np.nan)), {}, "rates must hold finite numbers"),
        ((W, W_in, c, rates), {"n_modes": 4}, "n_modes is 4"),
        ((W, W_in, c, rates), {"alpha": 0}, "alpha is 0"),
    ):
        with pytest.raises(ValueError, match=message):
            linearise(*arguments, **options)
