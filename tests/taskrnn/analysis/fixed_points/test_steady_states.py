import math

import numpy as np
import pytest
from small_networks import network

from taskrnn.analysis.fixed_points.steady import steady_states


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
        assert result.rates[k] == pytest.approx(
            simulate(W[k], inputs @ W_in[k].T + b[k], theta, 5000), abs=1e-9
        )


def test_slow_spiral_is_finished_by_the_solve():
    # Decay of 0.001 / tau on both units: 100 tau are far too short.
    W = np.array([[[0.0, -1.4, 0.0], [1.4, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    W[0, :2, :2] += 0.9 * np.eye(2)
    point = np.array([3.0, 4.0, 1.0])
    c = point - W[0] @ point
    result = steady_states(
        W, np.zeros((1, 3, 1)), c[None], np.zeros((1, 1)), rng=np.random.default_rng(0)
    )
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
        np.stack([diverging, cycle]),
        np.zeros((2, 2, 1)),
        np.array([[1.0, 1.0], [1.0, 0.1]]),
        np.zeros((1, 1)),
        rng=np.random.default_rng(0),
    )
    assert not result.converged.any()
    assert np.isfinite(result.rates).all()


def test_weights_that_are_not_finite_settle_nowhere():
    rng = np.random.default_rng(0)
    result = steady_states(
        np.full((1, 3, 3), np.nan), np.ones((1, 3, 1)), np.zeros((1, 3)), np.ones((4, 1)), rng=rng
    )
    assert not result.converged.any()


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"must be \(network, unit, unit\)"):
        steady_states(np.zeros((3, 3)), np.zeros((3, 1)), np.zeros(3), np.zeros((5, 1)), rng=rng)
