import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.stability.kinks import PIECES, stability
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.networks.activation import TANH, leaky_relu

seeds = st.integers(0, 2**32 - 1)
EXCITING = np.array([[0.0, 3.0], [3.0, 0.0]])


@pytest.mark.parametrize("theta", [0.0, 0.3])
def test_two_units_at_threshold_that_excite_each_other_grow(theta):
    found = fixed_points(EXCITING, np.zeros(2), rng=np.random.default_rng(0), theta=theta)
    assert found.rates.tolist() == [[0, 0]]
    # Along (1, 1) both stay above threshold: eigenvalue 3.
    assert found.growth_ode == pytest.approx([2]) and found.growth_map == pytest.approx(
        [math.log(1.2) / 0.1]
    )
    assert found.unstable_ode.tolist() == found.unstable_map.tolist() == [1]
    modes = linearise(
        EXCITING,
        np.ones((2, 1)),
        np.zeros(2),
        np.zeros((1, 2)),
        activation=leaky_relu(theta),
        n_modes=1,
    )
    assert modes.growth_ode[0] == pytest.approx([2, -4]) and modes.unstable_ode.tolist() == [1]
    assert np.abs(modes.right[0, 0]) == pytest.approx([0.5**0.5] * 2)


@pytest.mark.parametrize(
    ("W", "growth"),
    [
        (
            -EXCITING,
            -1,
            # that of (1, -1) has eigenvalue 3, but its units would have to be above threshold
            # together
        ),
        (np.kron(np.eye(PIECES), EXCITING), 2),  # more pieces than are looked at
        (
            np.array([[1.5, -4.0], [4.0, 1.5]]),
            0.5,
        ),  # the spiral ends on the axis on which only unit 2 is active
        (np.zeros((3, 3)), -1),
        (2 * np.eye(3), 1),
        (np.array([[0.5]]), -0.5),
    ],
)
def test_growth_of_the_silent_state_without_input(W, growth):
    found = fixed_points(W, np.zeros(len(W)), rng=np.random.default_rng(0), n_starts=5)
    assert found.growth_ode == pytest.approx([growth])


@given(st.floats(0.2, 1.9), st.floats(1, 5), st.floats(0, 0.6))
@settings(max_examples=6)
def test_a_spiral_cut_by_a_kink_turns_half_on_either_side(a, b, theta):
    # Unit 1 at threshold, unit 2 above. Half a turn of a linear spiral takes pi / omega on
    # whichever line it begins.
    W, x = np.array([[a, -b], [b, a]]), np.array([[0.0, 1.0]])
    values = [np.linalg.eigvals(np.diag([slope, 1.0]) @ W) for slope in (1.0, math.tan(theta))]
    times = [np.pi / np.abs(v[0].imag) if v[0].imag else math.inf for v in values]
    if max(times) < 10:
        expected = sum(t * (v[0].real - 1) for t, v in zip(times, values, strict=True)) / sum(times)
        found = stability(W, x, activation=leaky_relu(theta), alpha=0.1)
        assert found.growth.ode == pytest.approx([expected], abs=0.02)
        assert (found.unstable.ode[0] > 0) == (found.growth.ode[0] > 0)


@given(seeds, st.integers(2, 5), st.sampled_from([0.0, 0.3]))
@settings(max_examples=20)
def test_growth_at_a_kink_is_that_of_what_the_network_does(seed, n, theta):
    rng, f = np.random.default_rng(seed), leaky_relu(theta)
    W, x = 1.5 * rng.standard_normal((n, n)), rng.standard_normal(n)
    x[rng.permutation(n)[: rng.integers(1, n + 1)]] = 0.0
    r = f.value(x)
    c = x - W @ r
    growth = stability(W, x[None], activation=f, alpha=0.1).growth.map[0]
    # So small a perturbation meets no other kink, and far larger ones than rounding.
    d, rates = 1e-5 * rng.standard_normal((100, n)), []
    for _ in range(100):
        length, after = np.linalg.norm(d, axis=1), d
        for _ in range(20):
            after = 0.9 * (r + after) + 0.1 * f.value((r + after) @ W.T + c) - r
        rates.append(np.log(np.linalg.norm(after, axis=1) / length) / 2)
        d = 1e-5 * after / np.linalg.norm(after, axis=1)[:, None]
    seen = np.mean(rates[10:], axis=0).max()
    if abs(growth) > 0.3:
        assert (growth > 0) == (seen > 0)
    # No perturbation does better, but for the last turn of a slow spiral.
    assert seen < growth + 0.2


def test_a_smooth_activation_has_no_kink():
    W, x = EXCITING, np.zeros((1, 2))
    found = stability(W, x, activation=TANH, alpha=0.1)
    assert found.slopes.tolist() == [[1, 1]] and found.growth.ode == pytest.approx([2])


@given(seeds, st.floats(1e-12, 1e12))
@settings(max_examples=4)
def test_growth_does_not_depend_on_the_unit_of_the_rates(seed, scale):
    rng = np.random.default_rng(seed)
    W, x = rng.standard_normal((4, 4)), rng.standard_normal((3, 4))
    x[0, 0] = x[1, :3] = 0.0
    one, two = (stability(W, s * x, activation=leaky_relu(0.0), alpha=0.1) for s in (1, scale))
    assert (
        two.growth.ode == pytest.approx(one.growth.ode)
        and (two.unstable.map == one.unstable.map).all()
    )


def test_a_trajectory_that_rests_at_threshold_has_no_jacobians():
    silent = np.zeros((1, 100, 2))
    with pytest.raises(ValueError, match="rest exactly at threshold"):
        lyapunov(EXCITING[None], silent, rng=np.random.default_rng(0), transient=0, alignment=0)
    # Units that are not connected have, and so have those of a smooth activation.
    dead = lyapunov(
        0 * EXCITING[None], silent, rng=np.random.default_rng(0), transient=0, alignment=0
    )
    assert dead.exponents[0] == pytest.approx([math.log(0.9) / 0.1])
    smooth = lyapunov(
        EXCITING[None],
        silent,
        rng=np.random.default_rng(0),
        activation=TANH,
        transient=0,
        alignment=50,
    )
    assert smooth.exponents[0] == pytest.approx([math.log(1.2) / 0.1])


def test_a_search_that_ends_beside_a_kink_by_rounding_ends_at_it():
    starts = np.random.default_rng(0).standard_normal((1, 20, 2))
    for W, growth in ((EXCITING, 2), (EXCITING / 6, -0.5), (-EXCITING, -1)):
        found = slow_points(W[None], np.zeros((1, 2)), starts)[0].fixed
        assert np.abs(found.rates).max() < 1e-12 and found.growth_ode == pytest.approx(
            np.full(len(found.rates), growth)
        )
