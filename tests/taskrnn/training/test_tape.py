"""The gradient by the tape: that of the hand-written one where both can be taken, and that of finite
differences in architectures of one's own (those of the page *Make it yours*).
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.workers import Here
from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.networks.network import Network, Weights, stack, untrained_weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import Trials
from taskrnn.training.batches import batch
from taskrnn.training.gradient import gradient
from taskrnn.training.settings import Training
from taskrnn.training.tape import gradient_by_tape
from taskrnn.training.train import train

sys.path.insert(0, str(Path(__file__).parents[3] / "book"))
from yours.gated_network import GatedNetwork
from yours.sparse import L1
from yours.tanh_network import TanhNetwork

SHORT = FlipFlop(bits=2, duration=800.0, interval=200.0, settle=50.0)
SEEDS = [3, 4]
OWN = (TanhNetwork(n_units=5), GatedNetwork(n_units=5))


def drawn(network, *, n_trials=2):
    """Weights, trials and noise of both seeds in double precision."""
    sizes = {"n_inputs": SHORT.n_inputs, "n_outputs": SHORT.n_outputs}
    weights = stack([untrained_weights(network, seed=seed, **sizes) for seed in SEEDS])
    _, trials, xi = batch(
        SHORT, network, seeds=SEEDS, purpose="training", place=0, n_trials=n_trials
    )
    inputs, targets, mask = (x.astype(float) for x in trials[:3])
    return (
        Weights(*(w.astype(float) for w in weights)),
        Trials(inputs, targets, mask),
        xi.astype(float),
    )


def as_tensors(weights, trials, xi):
    """The same as tensors."""
    return (
        Weights(*map(tf.constant, weights)),
        Trials(*map(tf.constant, trials[:3])),
        tf.constant(xi),
    )


def loss(weights, trials, xi, network):
    """Masked mean squared error (network,), from the simulation."""
    inputs, targets, mask = (np.moveaxis(x, 0, 2) for x in trials[:3])
    z = outputs(weights, simulate(weights, inputs, network=network, xi=xi.swapaxes(0, 1)))
    squared = ((z - targets) ** 2 * mask[..., None]).sum(axis=(1, 2, 3))
    return squared / (mask.sum(axis=(1, 2)) * z.shape[-1])


@pytest.mark.parametrize("kind", ["independent", "shared", "outside"])
@pytest.mark.parametrize("theta", [0.0, 0.3])
def test_the_tape_and_the_hand_agree(theta, kind):
    network = RateNetwork(n_units=6, input_sd=1, bias_sd=0.5, theta=theta, noise=kind)
    tensors = as_tensors(*drawn(network))
    by_hand = gradient(*tensors, network=network)
    by_tape = gradient_by_tape(*tensors, network=network, penalties=())
    np.testing.assert_allclose(by_tape[0], by_hand[0], rtol=1e-12)
    off = ~np.eye(6, dtype=bool)
    np.testing.assert_allclose(
        by_tape[1].numpy()[:, off], by_hand[1].numpy()[:, off], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("network", OWN, ids=lambda network: type(network).__name__)
def test_the_gradient_of_an_own_network_is_that_of_finite_differences(network):
    weights, trials, xi = drawn(network)
    value, dw = gradient_by_tape(*as_tensors(weights, trials, xi), network=network, penalties=())
    np.testing.assert_allclose(value, loss(weights, trials, xi, network), rtol=1e-10)
    step = 1e-5
    for i, j in [(0, 1), (3, 3), (len(dw[0]) - 1, 2)]:
        change = np.zeros_like(weights.recurrent)
        change[:, i, j] = step
        up, down = (
            loss(weights._replace(recurrent=weights.recurrent + s * change), trials, xi, network)
            for s in (1, -1)
        )
        np.testing.assert_allclose(dw[:, i, j], (up - down) / (2 * step), rtol=1e-6, atol=1e-10)


def test_the_steps_of_own_networks_are_their_equations():
    """One step of either, in NumPy from the equation in its docstring."""
    rng = np.random.default_rng(0)
    for network in OWN:
        n, a = network.n_units, network.alpha
        w, _, _ = drawn(network)
        r, u, xi = rng.random((2, 3, n)), rng.random((2, 3, 2)), rng.standard_normal((2, 3, n))
        x = np.einsum("kij,kbj->kbi", w.input, u) + w.bias[:, None]
        kick = np.sqrt(2 / a) * network.sigma * xi
        if isinstance(network, GatedNetwork):
            gate = 1 / (
                1 + np.exp(-(x[..., :n] + np.einsum("kij,kbj->kbi", w.recurrent[:, :n], r)))
            )
            new = np.einsum("kij,kbj->kbi", w.recurrent[:, n:], gate * r) + x[..., n:] + kick
            expected = (1 - a * gate) * r + a * gate * np.tanh(new)
        else:
            new = np.einsum("kij,kbj->kbi", w.recurrent, r) + x + kick
            expected = (1 - a) * r + a * np.tanh(new)
        stepped = network.step(Weights(*map(tf.constant, w)), *map(tf.constant, (r, u, xi)))
        np.testing.assert_allclose(stepped, expected, rtol=1e-12)
        rates = simulate(w, u[:, :, None], network=network, xi=xi[:, None], initial=r)
        np.testing.assert_allclose(rates[:, :, 0], expected, rtol=1e-12)


def test_a_penalty_adds_its_own_gradient_and_leaves_the_reported_loss():
    network = RateNetwork(n_units=6, input_sd=1, bias_sd=0.5)
    weights, trials, xi = drawn(network)
    tensors = as_tensors(weights, trials, xi)
    plain = gradient_by_tape(*tensors, network=network, penalties=())
    with_l1 = gradient_by_tape(*tensors, network=network, penalties=(L1(strength=0.3),))
    np.testing.assert_array_equal(with_l1[0], plain[0])
    np.testing.assert_allclose(
        with_l1[1] - plain[1], 0.3 * np.sign(weights.recurrent) / 6, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("network", OWN, ids=lambda network: type(network).__name__)
def test_an_ensemble_of_own_networks_grows_and_keeps_what_it_has(network, tmp_path):
    """To the bit, whether they are trained at once or one after another; both axes of the recurrent
    weights are named for what they are.
    """
    e = Experiment(
        name="own", task=SHORT, network=network, training=Training(updates=3, trials_per_update=2)
    )
    here = Here()
    ensemble(e, 1, data=tmp_path / "grown", executor=here)
    grown = ensemble(e, 2, data=tmp_path / "grown", executor=here).load()
    at_once = ensemble(e, 2, data=tmp_path / "at once", executor=here).load()
    xr.testing.assert_identical(grown, at_once)
    rows = "unit" if isinstance(network, TanhNetwork) else "row"
    assert grown.recurrent_after.dims == ("network", rows, "from_unit")
    trained = train(SHORT, network, e.training, seeds=[e.seed + 1])
    np.testing.assert_array_equal(grown.recurrent_after[1], trained.recurrent[0])


def test_a_penalty_of_strength_zero_trains_the_same_network_up_to_rounding():
    e = dataclasses.replace(PERCEPTION.network, n_units=8)
    training = Training(updates=4, trials_per_update=3)
    penalties = (L1(strength=0.0),)
    plain = train(PERCEPTION.task, e, training, seeds=[1])
    same = train(PERCEPTION.task, e, dataclasses.replace(training, penalties=penalties), seeds=[1])
    np.testing.assert_allclose(same.loss, plain.loss, rtol=1e-5)
    assert not np.diagonal(same.recurrent[0]).any()


def test_what_does_not_fit_is_named():
    class Skewed(TanhNetwork):
        def draw(self, **sizes):
            return super().draw(**sizes)._replace(bias=np.zeros(4))

    with pytest.raises(ValueError, match="Skewed.draw made .* of which bias does not fit"):
        untrained_weights(Skewed(n_units=5), n_inputs=1, n_outputs=1, seed=0)
    with pytest.raises(TypeError, match="put it below taskrnn.networks.network.Network"):
        type("Below", (RateNetwork,), {})
    with pytest.raises(ValueError, match="Training.penalties is a tuple"):
        Training(penalties=L1(strength=1.0))
    with pytest.raises(NotImplementedError):
        untrained_weights(Network(n_units=5), n_inputs=1, n_outputs=1, seed=0)
    with pytest.raises(ValueError, match="An Experiment takes a network"):
        dataclasses.replace(DECISION, network=object())


def test_weights_of_another_architecture_are_refused_with_the_shapes_that_fit():
    gated, tanh = (
        untrained_weights(network, n_inputs=2, n_outputs=1, seed=0) for network in reversed(OWN)
    )
    with pytest.raises(ValueError, match=r"not those of a TanhNetwork.*recurrent \(10, 5\) for"):
        simulate(gated, np.zeros((1, 3, 2)), network=OWN[0])
    with pytest.raises(ValueError, match=r"not those of a GatedNetwork.*bias \(5,\) for \(10,\)"):
        simulate(tanh, np.zeros((1, 3, 2)), network=OWN[1])
