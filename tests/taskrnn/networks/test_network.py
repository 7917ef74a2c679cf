"""Settings, untrained weights and the simulated step against a plain loop and closed forms."""

import dataclasses
import math

import numpy as np
import pytest
from plain_loop import plain_loop

from taskrnn.networks.network import Weights, noise, stack, untrained_weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate

SETTINGS = RateNetwork(n_units=6, input_sd=0.5, bias_sd=0.5)


def as_float64(weights):
    return Weights(*(w.astype(float) for w in weights))


@pytest.mark.parametrize("kind", ["independent", "shared", "outside"])
@pytest.mark.parametrize("theta", [0.0, 0.3, math.pi / 4])
@pytest.mark.parametrize("n_steps", [50, 31])
def test_simulation_is_the_equation(kind, theta, n_steps):
    network = dataclasses.replace(SETTINGS, noise=kind, theta=theta, sigma=0.3)
    weights = as_float64(
        stack([untrained_weights(network, n_inputs=2, n_outputs=1, seed=s) for s in (1, 2, 3)])
    )
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((2, n_steps, 2))
    xi = np.stack([noise(network, 2, n_steps, rng=rng) for _ in range(3)]).astype(float)
    np.testing.assert_allclose(
        simulate(weights, inputs, network=network, xi=xi),
        plain_loop(weights, inputs, xi, network),
        rtol=1e-12,
        atol=1e-13,
    )


def test_a_single_linear_unit_relaxes_geometrically():
    network = dataclasses.replace(SETTINGS, n_units=2, theta=math.pi / 4)
    # Unit 0 drives itself by w = 0.5 here; unit 1 is silent.
    w, u = 0.5, 0.7
    recurrent = np.zeros((1, 2, 2))
    recurrent[0, 0, 0] = w
    weights = Weights(recurrent, np.array([[[1.0], [0.0]]]), np.zeros((1, 2)), np.ones((1, 1, 2)))
    t = np.arange(1, 201)
    factor = 1 + network.alpha * (w - 1)
    expected = u / (1 - w) * (1 - factor**t)
    rates = simulate(weights, np.full((1, 200, 1), u), network=network)
    np.testing.assert_allclose(rates[0, 0, :, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(outputs(weights, rates)[0, 0, :, 0], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "scale"), [("independent", 1.0), ("outside", 1.0), ("shared", 1.0)]
)
def test_noise_has_the_variance_of_the_equation(kind, scale):
    """A linear unit without input is AR(1): its variance is alpha^2 (2 / alpha) sigma^2 / (1 - (1 -
    alpha)^2).
    """
    n = 400
    network = dataclasses.replace(SETTINGS, n_units=n, theta=math.pi / 4, noise=kind, sigma=0.01)
    weights = Weights(
        np.zeros((1, n, n)), np.zeros((1, n, 1)), np.zeros((1, n)), np.ones((1, 1, n))
    )
    xi = noise(network, 8, 500, rng=np.random.default_rng(0))[None]
    rates = simulate(weights, np.zeros((8, 500, 1)), network=network, xi=xi)[0, :, 100:]
    alpha = network.alpha
    expected = 2 * alpha * network.sigma**2 / (1 - (1 - alpha) ** 2)
    independent = 8 * (1 if kind == "shared" else n) * 400 * alpha / 2
    assert rates.var() == pytest.approx(expected, rel=5 * math.sqrt(2 / independent))
    correlation = np.corrcoef(rates[0, :, 0], rates[0, :, 1])[0, 1]
    assert (correlation > 0.999) == (kind == "shared")


def test_a_start_from_given_rates_continues_a_trial():
    weights = as_float64(untrained_weights(SETTINGS, n_inputs=1, n_outputs=1, seed=0))
    inputs = np.random.default_rng(0).standard_normal((2, 60, 1))
    whole = simulate(weights, inputs, network=SETTINGS)
    second = simulate(weights, inputs[:, 30:], network=SETTINGS, initial=whole[:, :, 29])
    np.testing.assert_allclose(second, whole[:, :, 30:], rtol=1e-12)


@pytest.mark.parametrize(
    ("fields", "recurrent_sd"),
    [({}, 1.2 / 16), ({"gain": 1.0}, 1 / 16), ({"gain": 1.0, "gain_power": 0.25}, 1 / 4)],
)
def test_untrained_weights_follow_readings_a1_a2_a4(fields, recurrent_sd):
    for readout in ("uniform", "gaussian"):
        network = RateNetwork(n_units=256, input_sd=0.25, bias_sd=0.5, readout=readout, **fields)
        w = untrained_weights(network, n_inputs=2, n_outputs=1, seed=5)
        assert not np.diagonal(w.recurrent[0]).any()
        off = w.recurrent[0][~np.eye(256, dtype=bool)]
        assert off.std() == pytest.approx(recurrent_sd, rel=0.02)
        assert abs(off.mean()) < 4 * recurrent_sd / 256
        assert w.input.std() == pytest.approx(0.25, rel=0.15)
        assert w.bias.std() == pytest.approx(0.5, rel=0.2)
        if readout == "uniform":
            assert w.readout.min() >= 0 and w.readout.max() <= 1 / 16
            assert w.readout.mean() == pytest.approx(1 / 32, rel=0.2)
        else:
            assert w.readout.std() == pytest.approx(recurrent_sd, rel=0.2)


def test_the_literal_variance_has_spectral_radius_of_a_quarter_power():
    network = RateNetwork(n_units=256, input_sd=1, bias_sd=1, gain=1.0, gain_power=0.25)
    w = untrained_weights(network, n_inputs=1, n_outputs=1, seed=0).recurrent[0]
    assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(256**0.25, rel=0.1)


def test_where_the_step_is_the_time_constant_there_is_no_leak():
    network = dataclasses.replace(SETTINGS, dt=SETTINGS.tau, sigma=0.0)
    w = untrained_weights(network, n_inputs=1, n_outputs=1, seed=0)
    inputs = np.random.default_rng(0).standard_normal((2, 30, 1)).astype(np.float32)
    expected, r = [], np.zeros((2, network.n_units), np.float32)
    for u in inputs.swapaxes(0, 1):
        r = np.maximum(r @ w.recurrent[0].T + u @ w.input[0].T + w.bias[0], 0)
        expected.append(r)
    rates = simulate(w, inputs, network=network)[0].swapaxes(0, 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_units": 1},
        {"dt": 100.1},
        {"dt": 0.0},
        {"theta": -0.01},
        {"theta": 0.8},
        {"sigma": -1.0},
        {"readout": "ones"},
        {"noise": "none"},
    ],
)
def test_impossible_networks_are_refused_in_one_sentence(wrong):
    with pytest.raises(ValueError, match=f"RateNetwork.{next(iter(wrong))}") as caught:
        dataclasses.replace(SETTINGS, **wrong)
    assert "\n" not in str(caught.value)


def test_inputs_with_the_wrong_number_of_channels_are_refused():
    weights = untrained_weights(SETTINGS, n_inputs=1, n_outputs=1, seed=0)
    with pytest.raises(ValueError, match="the network takes"):
        simulate(weights, np.zeros((1, 10, 2)), network=SETTINGS)
