"""Slow points, spectra and random networks of one network, by routes that must agree."""

import numpy as np
import pytest
import xarray as xr
from test_regime import network

from taskrnn.activation import RELU
from taskrnn.ensembles import weights
from taskrnn.enumeration import enumerate_fixed_points
from taskrnn.measures import random_networks as random
from taskrnn.measures import regime, slow_points, spectrum
from taskrnn.simulation import simulate
from taskrnn.tasks.trials import spread

SETTINGS = {"n_path": 5, "n_trials": 2, "n_starts": 60, "n_descents": 20, "n_draws": 2}


@pytest.fixture
def found(experiment) -> xr.Dataset:
    return slow_points.landscape(experiment, network(experiment, scale=1.5), **SETTINGS)


def test_the_points_along_the_path_are_all_there_are(experiment, found):
    for when in ("before", "after"):
        w = weights(network(experiment, scale=1.5), when)
        W, b = w.recurrent[0].astype(float), w.bias[0]
        for k, u in enumerate(found.input.values):
            truth = enumerate_fixed_points(W, w.input[0].astype(float) @ u + b).rates
            at = found.sel(when=when).isel(step=k)
            assert int(at.found) == len(truth)
            stored = at.rates.values[np.isfinite(at.rates.values).all(axis=1)]
            assert all(np.linalg.norm(truth - point, axis=1).min() < 1e-5 for point in stored)
            radii = [np.abs(np.linalg.eigvals((W @ r + w.input[0] @ u + b > 0)[:, None] * W) * 0.1 + 0.9).max() for r in truth]
            assert int(at.unstable) == sum(radius > 1 for radius in radii)
            assert float(at.growth) == pytest.approx(np.log(max(radii)) / 0.1, abs=1e-6)


def test_the_routes_agree(found):
    assert (found.only_descent == 0).all() and (found.agreed >= 1).all()


def test_an_epoch_ends_where_a_plain_simulation_says(experiment, found):
    one = network(experiment, scale=1.5)
    trials = experiment.task.sample(2, dt=experiment.network.dt, rng=slow_points.generator(experiment.seed, "analysis", slow_points.TRIALS))
    np.testing.assert_array_equal(trials.values, found.trial_input)
    for when in ("before", "after"):
        w = weights(one, when)
        states = simulate(w, spread(trials.values, trials.edges), network=experiment.network)[0]
        rest = simulate(w, np.repeat(trials.values[:, 1:], 3000, axis=1), network=experiment.network)[0][:, -1]
        for trial in range(2):
            way = np.linalg.norm(states[trial, -1] - states[trial, trials.edges[trial, 1] - 1])
            left = np.linalg.norm(states[trial, -1] - rest[trial])
            # The nearest point may be nearer than the one it runs to.
            assert found.end_distance.sel(when=when)[trial, 1] <= left / way + 1e-4


def test_no_training_is_no_change_and_so_is_the_random_one(experiment):
    one = network(experiment)
    one["recurrent_after"] = one.recurrent_before
    found = slow_points.landscape(experiment, one, **SETTINGS)
    for name in ("time_constant", "switched"):
        before, after = found[name].sel(when="before"), found[name].sel(when="after")
        np.testing.assert_allclose(before, after)
        for draw in range(2):
            np.testing.assert_allclose(found[f"random_{name}"].isel(draw=draw), before)


def test_the_path_crosses_the_border_between_the_answers(experiment):
    path = slow_points.path(experiment.task, 5)
    assert path.shape == (5, experiment.task.n_inputs)
    if experiment.task.n_inputs == 2:
        assert (path[2] == path[2, 0]).all() and (path == path[::-1, ::-1]).all()


def test_the_spectrum_begins_with_the_exponent_of_the_regime(experiment):
    one = network(experiment)
    whole = spectrum.spectrum(experiment, one, n_steps=4000)
    assert (np.diff(whole.exponent, axis=1) <= 0).all()
    alone = regime.regime(experiment, one, n_steps=4000, n_inputs=1, n_starts=2, n_joint=1000)
    np.testing.assert_allclose(whole.exponent[:, 0], alone.exponent.sel(drive="driven"), atol=0.01)


def test_random_networks_are_the_untrained_ones_at_other_gains(experiment):
    one = network(experiment)
    sizes = {"tanh_sizes": (2, 4), "relu_sizes": (2, 3), "n_draws": 3, "n_starts": 20, "n_large": 8, "n_spectrum": 6, "n_steps": 300}
    found = random.random_networks(experiment, one, **sizes)
    own = found.exponent.sel(activation="ReLU", phase_gain=1.2, input_sd=0.0)
    alone = regime.regime(experiment, one, n_steps=4000, n_inputs=1, n_starts=2, n_joint=1000)
    assert float(own) == pytest.approx(float(alone.exponent.sel(when="before", drive="autonomous")), abs=0.02)
    assert (found.tanh_points % 2 == 1).all() and (found.relu_points >= 0).all()
    assert (found.spectrum.diff("number") <= 0).all()
    other = random.random_networks(experiment, one, **sizes)
    assert found.identical(other)


def test_a_network_that_diverges_has_no_spectrum():
    W = 3 * np.ones((1, 4, 4))
    drive = np.ones((1, 2000, 4))
    found = spectrum.one_state(W, drive, rng=np.random.default_rng(0), activation=RELU, transient=50, alignment=20)
    assert np.isnan(found.exponent).all() and found.exponent.shape == (4,)
