"""Phase diagrams against closed forms, a plain tangent and known transitions."""

import math

import numpy as np
import pytest

from studies.chaos.phase_diagram import critical_gain, phase_diagram
from taskrnn.networks.activation import RELU, TANH, leaky_relu

LINEAR = leaky_relu(math.pi / 4)


def random_networks(n_networks, n_units, *, rng, bias_sd=0.0):
    """Weights (network, unit, unit) of gain 1 without self-connections, and biases (network,
    unit).
    """
    W = rng.standard_normal((n_networks, n_units, n_units)) / np.sqrt(n_units)
    W[:, range(n_units), range(n_units)] = 0
    return W, bias_sd * rng.standard_normal((n_networks, n_units))


def symmetric(rng, n_networks, n_units):
    W, b = random_networks(n_networks, n_units, rng=rng, bias_sd=0.3)
    return (W + W.swapaxes(1, 2)) / 2, b


def test_linear_network_in_closed_form_whatever_its_input():
    rng = np.random.default_rng(1)
    W, b = symmetric(rng, 3, 12)
    gains = np.array([0.3, 0.6, 2.5])
    found = phase_diagram(W, b, gains, [0, 0.1, 3], rng=rng, activation=LINEAR, n_steps=2000)
    eigenvalues = gains[:, None] * np.linalg.eigvalsh(W)[:, None]
    expected = np.log(np.abs(1 + 0.1 * (eigenvalues - 1)).max(axis=2)) / 0.1
    assert found.growth == pytest.approx(np.repeat(expected[..., None], 3, axis=2), abs=2e-3)
    assert (found.diverges == (expected > 0)[..., None]).all()
    assert (np.isnan(found.exponents) == found.diverges).all()
    assert found.exponents[~found.diverges] == pytest.approx(found.growth[~found.diverges])


@pytest.mark.parametrize("activation", [RELU, TANH], ids=lambda f: f.name)
def test_one_condition_is_that_network_with_that_input(activation):
    W, b = random_networks(1, 40, rng=np.random.default_rng(2), bias_sd=0.3)
    options = {"activation": activation, "transient": 500, "n_steps": 2000}
    found = phase_diagram(
        W, b, [0.5, 1.1], [0, 0.2], rng=np.random.default_rng(3), **options
    ).exponents[0, 1, 1]
    rng = np.random.default_rng(3)  # the same first rates, perturbation and noise as above
    (first, kick), W = rng.standard_normal((2, 40)), 1.1 * W[0]
    drive = b + math.sqrt(2 / 0.1) * 0.2 * rng.standard_normal((2500, 40))
    logs, rates = [], first
    for now in drive:
        total = W @ rates + now
        rates = 0.9 * rates + 0.1 * activation.value(total)
        kick = (0.9 * np.eye(40) + 0.1 * np.diag(activation.slope(total)) @ W) @ (
            kick / np.linalg.norm(kick)
        )
        logs.append(math.log(np.linalg.norm(kick)))
    assert found == pytest.approx(np.mean(logs[500:]) / 0.1, abs=1e-10)


def test_known_transitions():
    rng = np.random.default_rng(4)
    W, b = random_networks(4, 150, rng=rng)
    tanh = phase_diagram(W, b, [0.7, 6.0], [0, 0.5], rng=rng, activation=TANH)
    assert (tanh.exponents[:, 0] < 0).all()
    assert (tanh.exponents[:, 1, 0] > 0.1).all()
    assert not tanh.diverges.any()
    # Input that changes in time suppresses chaos.
    assert (tanh.exponents[:, 1, 1] < tanh.exponents[:, 1, 0] - 0.1).all()
    # Around sqrt(2), by more than networks of this size differ.
    relu = phase_diagram(W, b + 0.3 * rng.standard_normal(b.shape), [1.0, 2.0], [0, 0.2], rng=rng)
    assert (relu.exponents[:, 0] < 0).all()
    assert relu.diverges[:, 1].all()


def test_activity_that_overflows_has_no_growth():
    W, b = random_networks(1, 30, rng=np.random.default_rng(5), bias_sd=0.3)
    found = phase_diagram(W, b, [0.5, 50], [0], rng=np.random.default_rng(6))
    assert found.diverges[0, :, 0].tolist() == [False, True]
    assert np.isnan(found.growth[0, :, 0]).tolist() == [False, True]


def test_a_batch_is_its_networks_in_turn():
    W, b = random_networks(3, 15, rng=np.random.default_rng(7), bias_sd=0.3)
    options = {"transient": 50, "n_steps": 100}
    whole = phase_diagram(W, b, [0.5, 1.5], [0, 0.1, 1], rng=np.random.default_rng(8), **options)
    rng = np.random.default_rng(8)
    for k in range(3):
        one = phase_diagram(W[k : k + 1], b[k : k + 1], [0.5, 1.5], [0, 0.1, 1], rng=rng, **options)
        for together, alone in zip(whole, one, strict=True):
            assert np.array_equal(together[k], alone[0], equal_nan=True)


def test_critical_gain_of_lines():
    gains, critical = np.array([0.5, 1.0, 1.5, 3.0]), np.array([[0.8, 1.2], [2.0, 0.5], [4.0, 0.1]])
    growth = 2 * (gains[:, None] - critical[:, None])
    expected = np.where((critical > 0.5) & (critical <= 3), critical, np.nan)
    assert critical_gain(gains, growth) == pytest.approx(expected, nan_ok=True)
    assert critical_gain(gains, growth[..., 0]) == pytest.approx(expected[:, 0], nan_ok=True)
    # The first of two crossings; no number, no crossing.
    assert critical_gain(
        gains, [[-1, 1, -1, 1], [-1, np.nan, 1, 2], [np.nan, -1, 3, 1]]
    ) == pytest.approx([0.75, np.nan, 1.125], nan_ok=True)


def test_critical_gain_of_a_linear_network_is_that_of_its_largest_eigenvalue():
    rng = np.random.default_rng(9)
    W, b = symmetric(rng, 3, 12)
    gains = np.linspace(0.4, 1.6, 25)
    found = phase_diagram(W, b, gains, [0, 0.2], rng=rng, activation=LINEAR, n_steps=2000)
    expected = 1 / np.linalg.eigvalsh(W).max(axis=1)
    assert critical_gain(gains, found.growth) == pytest.approx(
        np.stack([expected, expected], axis=1), abs=3e-3
    )


def test_bad_input_is_named():
    W, b, rng = np.zeros((1, 3, 3)), np.zeros((1, 3)), np.random.default_rng(0)
    right = {"W": W, "b": b, "gains": [1], "strengths": [0]}
    wrong = {
        r"must be \(network, unit, unit\)": {"b": b[0]},
        "must be lists": {"gains": 1.0},
        "W must hold finite": {"W": W + np.inf},
        "cannot be negative": {"strengths": [-1]},
        "alpha is 2": {"alpha": 2},
        "n_steps is 9": {"n_steps": 9},
    }
    for sentence, options in wrong.items():
        with pytest.raises(ValueError, match=sentence):
            phase_diagram(**right | options, rng=rng)
    for gains, growth, sentence in [
        ([2, 1], [[0, 1]], "rise"),
        ([1, 2], [0, 1], "axis"),
        ([1, 2], [[0, 1, 2]], "axis"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            critical_gain(gains, growth)
