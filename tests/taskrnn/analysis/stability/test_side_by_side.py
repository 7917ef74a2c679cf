"""Exponents side by side: those of one at a time, known ones, and those that are none."""

import math

import numpy as np
import pytest

from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import RELU, TANH, Activation, leaky_relu

LEAD = {"transient": 100, "alignment": 300}
GAINS = np.array([0.5, 1.0, 1.3])


def network(n=12, seed=0):
    """Weights (unit, unit) of gain 1, and two drives: one constant, one that changes."""
    rng = np.random.default_rng(seed)
    constant = np.broadcast_to(rng.standard_normal(n), (1400, n))
    drives = np.stack([constant, constant + 0.3 * rng.standard_normal((1400, n))])
    return rng.standard_normal((n, n)) / np.sqrt(n), drives, rng


@pytest.mark.parametrize("f", [RELU, leaky_relu(0.3), TANH])
def test_every_variant_has_the_exponent_that_it_has_alone(f):
    W, drives, _ = network()
    kick = np.random.default_rng(1).standard_normal((len(W), 1))
    kicks = np.broadcast_to(kick[:, 0], (3, 2, len(W)))
    options = {"activation": f, **LEAD}
    found = largest_exponents(W, drives, kicks, gain=GAINS, **options)
    for i, gain in enumerate(GAINS):
        twice = np.stack([gain * W] * 2)
        alone = lyapunov(twice, drives, rng=np.random.default_rng(1), **options)
        np.testing.assert_allclose(found.exponents[i], alone.exponents[:, 0], atol=1e-9)
        np.testing.assert_allclose(found.drift[i], alone.drift[:, 0], atol=1e-9)


def test_variants_of_another_slope():
    """Linear ones have the growth of their eigenvalues, whatever stands beside them."""
    W, drives, rng = network()
    W = (W + W.T) / 2
    below = np.tan([0.0, math.pi / 4])[:, None, None]
    f = Activation("", lambda x: np.maximum(x, below * x), lambda x: np.where(x > 0, 1, below))
    kicks = np.broadcast_to(rng.standard_normal((2, len(W))), (2, 2, len(W)))
    found = largest_exponents(W / 2, drives, kicks, activation=f, **LEAD).exponents
    exact = np.log(np.abs(1 + 0.1 * (np.linalg.eigvalsh(W / 2) - 1))).max() / 0.1
    np.testing.assert_allclose(found[1], exact, atol=1e-3)
    rectified = largest_exponents(W / 2, drives, kicks[:1], activation=RELU, **LEAD).exponents
    np.testing.assert_allclose(found[0], rectified[0], rtol=1e-10)


def test_a_variant_that_overflows_leaves_the_others_alone():
    W, drives, rng = network()
    kicks = rng.standard_normal((2, 2, len(W)))
    options = {"activation": leaky_relu(math.pi / 4), **LEAD}
    both = largest_exponents(W, drives, kicks, gain=np.array([0.5, 40.0]), **options)
    alone = largest_exponents(W, drives, kicks[:1], gain=0.5, **options)
    np.testing.assert_array_equal(both.exponents[0], alone.exponents[0])
    assert np.isnan(both.exponents[1]).all() and not (both.largest_rate[1] < 1e300).any()


def test_the_largest_rate_is_that_of_all_steps():
    W, drives, rng = network()
    drives[1, 5] += 50.0
    found = largest_exponents(0 * W, drives, rng.standard_normal((1, 2, len(W))), **LEAD)
    r, largest = np.zeros(len(W)), 0.0
    for now in drives[1]:
        r = 0.9 * r + 0.1 * np.maximum(now, 0)
        largest = max(largest, r.max())
    assert found.largest_rate[0, 1] == pytest.approx(largest)
    np.testing.assert_allclose(found.exponents, math.log(0.9) / 0.1)


def test_a_perturbation_that_is_lost():
    found = largest_exponents(np.zeros((2, 2)), -np.ones((1, 900, 2)), np.ones((1, 1, 2)), alpha=1)
    assert found.exponents.item() == -np.inf and found.log_zeros.item() > 0


def test_units_at_threshold_have_no_exponent():
    with pytest.raises(Unmeasurable, match="exactly at threshold"):
        largest_exponents(np.ones((2, 2)), np.zeros((1, 900, 2)), np.ones((1, 1, 2)))


def test_what_cannot_be_measured_is_refused():
    W, drives, rng = network()
    kicks = rng.standard_normal((3, 2, len(W)))
    for wrong, options in (
        ("must be", {"gain": np.ones(2)}),
        ("must be", {"initial": np.ones((2, len(W)))}),
        ("alpha is 2", {"alpha": 2}),
        ("leave 1 to count", {"transient": 1399, "alignment": 0}),
    ):
        with pytest.raises(ValueError, match=wrong):
            largest_exponents(W, drives, kicks, **options)
    with pytest.raises(ValueError, match="first kick is zero"):
        largest_exponents(W, drives, 0 * kicks)
