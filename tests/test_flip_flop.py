import numpy as np
import pytest
from flip_flop import FlipFlop, held

from taskrnn.fixed_points import fixed_points
from taskrnn.network import Network, Weights
from taskrnn.simulation import simulate
from taskrnn.slow_points import slow_points
from taskrnn.training import train
from taskrnn.training_settings import Training


def test_trials_hold_the_sign_of_the_last_pulse():
    trials = FlipFlop().sample(20, dt=10.0, rng=np.random.default_rng(0))
    for inputs, targets in zip(trials.inputs, trials.targets, strict=True):
        state = np.zeros(3)
        for pulses, target in zip(inputs, targets, strict=True):
            state = np.where(pulses == 0, state, pulses)
            assert target.tolist() == (0.5 * state).tolist()
    assert FlipFlop().error(trials.values, held(trials.values)) == 0


@pytest.fixture(scope="module")
def trained():
    """A network that has learned the task, and its states at the end of some trials."""
    network = Network(n_units=100, input_sd=1.0, bias_sd=0.3, readout="gaussian", gain=0.8)
    found = train(FlipFlop(), network, Training(updates=400, trials_per_update=20, learning_rate=0.002), seeds=[0])
    weights = Weights(found.recurrent, *found.before[1:])
    trials = FlipFlop().sample(100, dt=network.dt, rng=np.random.default_rng(1))
    rates = simulate(weights, trials.inputs, network=network)[0, :, -1].astype(float)
    return Weights(*(w[0].astype(float) for w in weights)), rates


def test_every_memory_is_a_stable_point_with_saddles_between(trained):
    weights, states = trained
    result = fixed_points(weights.recurrent, weights.bias, rng=np.random.default_rng(2), n_starts=200, states=states)
    stable = result.unstable_map == 0
    outputs = result.rates[stable] @ weights.readout.T
    assert len(np.unique(np.sign(outputs), axis=0)) == len(outputs) == 8
    assert np.abs(outputs) == pytest.approx(0.5, abs=0.2)
    # As in the cube of three switches: a saddle on every edge and every side, and one inside.
    assert np.bincount(result.unstable_map).tolist() == [8, 12, 6, 1]


def test_the_minima_of_speed_near_the_trials_are_among_the_points(trained):
    weights, states = trained
    exact = fixed_points(weights.recurrent, weights.bias, rng=np.random.default_rng(2), n_starts=200, states=states).rates
    result = slow_points(weights.recurrent[None], weights.bias[None], states[None])[0]
    assert (result.fixed.unstable_map == 0).sum() == 8
    apart = np.linalg.norm(result.fixed.rates[:, None] - exact[None], axis=-1)
    assert apart.min(axis=1) == pytest.approx(0, abs=1e-9)
