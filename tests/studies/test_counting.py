"""Counts of equilibria against closed forms, an independent search, and a formula that counts
nothing.
"""

import numpy as np
import pytest
from scipy.optimize import brentq, root
from scipy.stats import norm

from studies.chaos.counting import (
    growth_rate,
    random_weights,
    relu_counts,
    tanh_counts,
    tanh_equilibria,
)
from studies.chaos.kac_rice import complexity, mean_equilibria


def rng(seed=0):
    return np.random.default_rng(seed)


def test_without_gain_there_is_one():
    assert (tanh_counts(5, 1e-9, n_networks=10, n_starts=20, rng=rng()).points == 1).all()
    assert (relu_counts(5, 1e-9, n_networks=10, rng=rng()).points == 1).all()


def test_independent_bistable_units():
    """Each unit has three equilibria of its own, so that n have 3^n."""
    gains = np.array([1.2, 1.5, 2.0])
    (found,) = tanh_equilibria(np.diag(gains)[None], n_starts=2000, rng=rng())
    levels = [brentq(lambda r, g=g: np.tanh(g * r) - r, 1e-3, 1) for g in gains]
    exact = {
        tuple(signs)
        for signs in np.stack(np.meshgrid(*3 * [[-1, 0, 1]]), -1).reshape(-1, 3).tolist()
    }
    assert len(found.rates) == 27
    assert {tuple(signs) for signs in np.sign(found.rates.round(6)).astype(int).tolist()} == exact
    np.testing.assert_allclose(
        np.abs(found.rates), np.where(found.rates.round(6), levels, 0), atol=1e-8
    )


def test_two_units_by_hand():
    """Units that excite each other agree, with rate tanh(2 r) = r; a unit that excites the one
    that inhibits it has no choice.
    """
    mutual, loop = tanh_equilibria(
        np.array([[[0, 2.0], [2.0, 0]], [[0, 2.0], [-2.0, 0]]]), n_starts=50, rng=rng()
    )
    high = brentq(lambda r: np.tanh(2 * r) - r, 0.1, 1)
    np.testing.assert_allclose(
        sorted(mutual.rates.tolist()), [[-high, -high], [0, 0], [high, high]], atol=1e-8
    )
    assert loop.rates.tolist() == [[0, 0]]


def test_the_same_points_as_by_a_general_solver():
    W = random_weights(4, 4, 3.0, rng=rng(1))
    for w, found in zip(W, tanh_equilibria(W, n_starts=400, rng=rng()), strict=True):
        ends = [
            root(lambda r, w=w: np.tanh(w @ r) - r, start, tol=1e-12)
            for start in rng(2).uniform(-1, 1, (400, 4))
        ]
        ends = np.unique(
            [end.x.round(6) + 0.0 for end in ends if np.abs(end.fun).max() < 1e-9], axis=0
        )
        np.testing.assert_allclose(np.unique(found.rates.round(6) + 0.0, axis=0), ends, atol=2e-6)
    assert (np.abs(found.rates - np.tanh(found.rates @ w.T)) < 1e-9).all()
    assert len(found.rates) == 2 * len(found.first_hit) + 1  # zero, and pairs


def test_what_was_missed_shows():
    """Seven bistable units have 2187 equilibria; starts too few find new ones to their end."""
    few, many = (
        tanh_equilibria(np.diag(np.full(n, 2.0))[None], n_starts=100, rng=rng())[0] for n in (7, 2)
    )
    assert len(few.rates) < 200 and (few.first_hit >= 50).mean() > 0.25
    assert len(many.rates) == 9 and (many.first_hit < 50).all()


@pytest.mark.parametrize("gain", [0.5, 1.5, 4.0])
def test_relu_networks_have_one_on_average(gain):
    points = relu_counts(4, gain, n_networks=1500, rng=rng()).points
    assert abs(points.mean() - 1) <= 4 * points.std() / len(points) ** 0.5
    assert (points == 1).mean() > 0.9 if gain == 0.5 else (points == 0).mean() > 0.1


def test_growth_rate_of_a_planted_exponential():
    sizes = [4, 8, 12]
    planted = np.exp(0.3 * np.array(sizes))[:, None]
    exact = growth_rate(sizes, planted * np.ones(20))
    np.testing.assert_allclose(exact[:3], 0.3, atol=1e-12)
    # Lognormal with the same spread at every size: the factor of the mean drops out of the slope.
    noisy = growth_rate(sizes, planted * rng(3).lognormal(0, 0.5, (3, 400)))
    assert noisy.low < 0.3 < noisy.high and noisy.high - noisy.low < 0.05


@pytest.mark.parametrize("gain", [0.7, 1.5, 3.0])
def test_kac_rice_of_one_unit(gain):
    """A unit with a weight above 1 on itself has three equilibria, others one."""
    found = mean_equilibria(1, gain, n_intervals=200, rng=rng())
    assert (
        found.value == pytest.approx(1 + 2 * norm.sf(1 / gain), abs=4 * found.error)
        and found.error < 1e-3
    )


def test_kac_rice_against_counting():
    formula = mean_equilibria(5, 2.0, n_draws=2000, rng=rng())
    counted = tanh_counts(5, 2.0, n_networks=400, n_starts=60, rng=rng()).points
    assert formula.value == pytest.approx(
        counted.mean(), abs=4 * np.hypot(formula.error, counted.std() / 20)
    )
    assert formula.error < 0.05


def test_complexity_is_the_slope_of_the_logarithm():
    found, again = complexity(2.0, sizes=(4, 8), rng=rng()), rng()
    small, large = (mean_equilibria(n, 2.0, rng=again) for n in (4, 8))
    assert (
        found.mean == pytest.approx(np.log(large.value / small.value) / 4)
        and found.low < found.mean < found.high
    )


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="n_networks is 0"):
        tanh_counts(4, 1.0, n_networks=0, rng=rng())
    with pytest.raises(ValueError, match="gain of 0 or more"):
        relu_counts(4, -1.0, n_networks=3, rng=rng())
    with pytest.raises(ValueError, match="two or more of both"):
        growth_rate([4], np.ones((1, 5)))
    with pytest.raises(ValueError, match="no logarithm"):
        growth_rate([4, 6], np.array([[1, 1], [0, 0]]))
    with pytest.raises(ValueError, match="gain above 0"):
        mean_equilibria(4, 0.0, rng=rng())
    with pytest.raises(ValueError, match="a smaller and a larger"):
        complexity(2.0, sizes=(8, 8), rng=rng())
