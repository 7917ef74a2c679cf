"""A flip-flop of three bits, trained by this library: a stable point for each of its eight
memories, and saddles between them.
"""

import itertools

import numpy as np
import pytest

from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.training.settings import Training
from taskrnn.training.train import train

TASK = FlipFlop(low=-1.0, high=1.0, duration=2000.0, interval=450.0, pause=200.0, settle=100.0)
NETWORK = RateNetwork(n_units=64, input_sd=1.0, bias_sd=0.5, readout="gaussian")
TRAINING = Training(updates=1000, trials_per_update=16, learning_rate=0.003)


@pytest.fixture(scope="module")
def trained():
    """The weights, and states of trials without noise, (state, unit)."""
    done = train(TASK, NETWORK, TRAINING, seeds=[0])
    w = Weights(done.recurrent, done.before.input, done.before.bias, done.before.readout)
    trials = TASK.sample(50, dt=NETWORK.dt, rng=np.random.default_rng(1))
    rates = simulate(w, trials.inputs, network=NETWORK)
    assert (np.sign(outputs(w, rates)[0]) == trials.targets)[trials.mask > 0].all()
    return Weights(*(part[0].astype(float) for part in w)), rates[0, :, ::20].reshape(
        -1, NETWORK.n_units
    )[:300].astype(float)


def test_both_routes_find_a_memory_for_every_corner_of_the_cube_and_saddles_between(trained):
    w, states = trained
    exact = fixed_points(
        w.recurrent, w.bias, rng=np.random.default_rng(0), n_starts=1000, states=states
    )
    descent = slow_points(w.recurrent[None], w.bias[None], states[None])[0]
    for found in (exact, descent.fixed):
        stable = found.rates[found.unstable_map == 0] @ w.readout.T
        corners = set(map(tuple, np.sign(stable).astype(int).tolist()))
        assert len(stable) == 8 and corners == set(itertools.product((-1, 1), repeat=3))
        np.testing.assert_allclose(np.abs(stable), 1, atol=0.2)
        assert (found.unstable_map == 1).sum() >= 8
    # What minimisation finds is among what is solved for exactly.
    apart = np.linalg.norm(descent.fixed.rates[:, None] - exact.rates, axis=-1).min(axis=1)
    assert apart.max() < 1e-5 * np.linalg.norm(exact.rates, axis=1).max()


def test_a_saddle_joins_the_two_memories_that_differ_in_one_bit(trained):
    """From either side of it, along its unstable direction, the network runs to a memory."""
    w, states = trained
    found = fixed_points(
        w.recurrent, w.bias, rng=np.random.default_rng(0), n_starts=100, states=states
    )
    saddles = found.rates[found.unstable_map == 1]
    ahead = linearise(w.recurrent, w.input, w.bias, saddles, n_modes=1).right[:, 0].real
    stable = found.rates[found.unstable_map == 0]
    joined = set()
    for side in (1, -1):
        rates = saddles + side * 1e-2 * ahead
        for _ in range(3000):
            rates = 0.9 * rates + 0.1 * np.maximum(rates @ w.recurrent.T + w.bias, 0)
        to = np.linalg.norm(rates[:, None] - stable, axis=-1)
        assert to.min(axis=1).max() < 1e-6
        joined.add(tuple(to.argmin(axis=1)))
    bits = np.sign(stable @ w.readout.T)
    for one, other in zip(*joined, strict=True):
        assert (bits[one] != bits[other]).sum() == 1
