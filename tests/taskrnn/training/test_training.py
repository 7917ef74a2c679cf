"""The gradient against finite differences, and what training leaves alone."""

import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf
from small_experiments import small

from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.networks.network import Weights, stack, untrained_weights
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.tasks.trials import Trials
from taskrnn.training.batches import batch
from taskrnn.training.gradient import gradient
from taskrnn.training.train import Training, failures, train


def loss_by_hand(weights, trials, xi, network):
    """Masked mean squared error of each network, from the simulation."""
    inputs, targets, mask = (np.moveaxis(x, 0, 2) for x in trials[:3])  # to (network, trial, time)
    z = outputs(weights, simulate(weights, inputs, network=network, xi=xi.swapaxes(0, 1)))
    return ((z - targets) ** 2 * mask[..., None]).sum(axis=(1, 2, 3)) / (
        mask.sum(axis=(1, 2)) * z.shape[-1]
    )


@pytest.mark.parametrize("theta", [0.0, 0.3, math.pi / 4])
@pytest.mark.parametrize("kind", ["independent", "shared", "outside"])
def test_gradient_is_that_of_finite_differences(experiment, theta, kind):
    network = dataclasses.replace(experiment.network, theta=theta, noise=kind)
    seeds = [3, 4]
    task = experiment.task
    _, trials, xi = batch(task, network, seeds=seeds, purpose="training", place=0, n_trials=2)
    drawn = [untrained_weights(network, n_inputs=task.n_inputs, n_outputs=1, seed=s) for s in seeds]
    weights = Weights(*(w.astype(float) for w in stack(drawn)))
    trials = trials._replace(
        **{f: getattr(trials, f).astype(float) for f in ("inputs", "targets", "mask")}
    )
    tensors = Trials(*(tf.constant(a) for a in trials[:3]))
    loss, dw = gradient(
        Weights(*map(tf.constant, weights)), tensors, tf.constant(xi.astype(float)), network=network
    )
    np.testing.assert_allclose(loss, loss_by_hand(weights, trials, xi, network), rtol=1e-10)
    assert not np.diagonal(dw.numpy(), axis1=1, axis2=2).any()

    step = 1e-6
    for i, j in [(0, 1), (1, 0), (5, 2), (2, 7), (7, 6)]:
        change = np.zeros_like(weights.recurrent)
        change[:, i, j] = step
        up, down = (
            loss_by_hand(
                weights._replace(recurrent=weights.recurrent + sign * change), trials, xi, network
            )
            for sign in (1, -1)
        )
        # ReLU has kinks: a difference across one is wrong, and none of these is large enough to
        # meet one often.
        np.testing.assert_allclose(
            dw.numpy()[:, i, j], (up - down) / (2 * step), rtol=1e-4, atol=1e-7
        )


def test_training_changes_recurrent_weights_alone_and_keeps_the_diagonal_zero(experiment):
    e = small(experiment, updates=5)
    seeds = [1, 2]
    trained = train(e.task, e.network, e.training, seeds=seeds)
    off = ~np.eye(8, dtype=bool)
    for k, seed in enumerate(seeds):
        before = untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=1, seed=seed)
        for kept, drawn in zip(trained.before, before, strict=True):
            np.testing.assert_array_equal(kept[k], drawn[0])
        assert not np.diagonal(trained.recurrent[k]).any()
        moved = np.abs(trained.recurrent[k] - before.recurrent[0])[off]
        # Adam moves a weight by at most about the learning rate in an update.
        assert 0 < moved.max() <= 5 * 0.001 * 1.5
    assert trained.loss.shape == trained.mean_weight.shape == (2, 6)
    np.testing.assert_allclose(
        trained.mean_weight[:, 0], [w[off].mean() for w in trained.before.recurrent], rtol=1e-5
    )
    np.testing.assert_allclose(
        trained.mean_weight[:, -1], [w[off].mean() for w in trained.recurrent], rtol=1e-5
    )
    assert (trained.failed == -1).all() or (trained.loss[:, -1] > trained.loss[:, 0]).any()


def test_first_update_is_adams_first_step():
    """From zero moments: m = 0.1 g, v = 0.001 g^2, and the step 0.001 sqrt(0.001) / 0.1 m /
    (sqrt(v) + 1e-7).
    """
    e = small(PERCEPTION, updates=1)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=32))
    trained = train(e.task, e.network, e.training, seeds=[9])
    _, trials, xi = batch(e.task, e.network, seeds=[9], purpose="training", place=0, n_trials=3)
    tensors = Trials(*(tf.constant(a) for a in trials[:3]))
    _, dw = gradient(
        Weights(*map(tf.constant, trained.before)), tensors, tf.constant(xi), network=e.network
    )
    g = dw.numpy().astype(float)
    assert (np.abs(g) > 1e-4).sum() > 100
    expected = -0.001 * math.sqrt(0.001) * g / (math.sqrt(0.001) * np.abs(g) + 1e-7)
    np.testing.assert_allclose(
        trained.recurrent - trained.before.recurrent, expected, rtol=1e-3, atol=1e-7
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd"},
        {"optimizer": "sgd", "momentum": 0.0},
        {"optimizer": "sgd", "momentum": 0.5, "weight_decay": 20.0},
        {"epsilon": 1e-3},
        {"weight_decay": 20.0, "learning_rate": 0.003},
    ],
)
def test_each_optimizer_makes_the_steps_of_its_textbook(settings):
    e = small(PERCEPTION, updates=4, **settings)
    of, found = e.training, train(e.task, e.network, e.training, seeds=[9])
    w = found.before.recurrent.astype(float)
    m, v = np.zeros_like(w), np.zeros_like(w)
    for update in range(4):
        _, trials, xi = batch(
            e.task, e.network, seeds=[9], purpose="training", place=update, n_trials=3
        )
        now = found.before._replace(recurrent=w.astype(np.float32))
        tensors = Trials(*(tf.constant(a) for a in trials[:3]))
        g = gradient(Weights(*map(tf.constant, now)), tensors, tf.constant(xi), network=e.network)
        g = g[1].numpy().astype(float)
        w = w * (1 - of.learning_rate * of.weight_decay)
        if of.optimizer == "sgd":
            m = of.momentum * m - of.learning_rate * g
            w = w + m
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            scale = math.sqrt(1 - 0.999 ** (update + 1)) / (1 - 0.9 ** (update + 1))
            w = w - of.learning_rate * scale * m / (np.sqrt(v) + of.epsilon)
    np.testing.assert_allclose(found.recurrent, w, rtol=1e-4, atol=1e-7)
    assert np.abs(w - found.before.recurrent).max() > 1e-6


def test_weights_that_are_not_trained_do_not_decay():
    e = small(PERCEPTION, updates=3, weight_decay=20.0)
    mask = np.zeros((1, 8, 8), dtype=bool)
    mask[0, 0, 1] = True
    found = train(e.task, e.network, e.training, seeds=[9], trained=mask)
    np.testing.assert_array_equal(found.recurrent != found.before.recurrent, mask)


def test_training_reduces_the_loss():
    e = small(PERCEPTION, updates=300)
    network = dataclasses.replace(e.network, n_units=32)
    loss = train(e.task, network, e.training, seeds=[1, 2, 3]).loss
    assert (loss[:, -5:].mean(axis=1) < 0.25 * loss[:, 0]).all()


def test_a_network_that_explodes_is_named_and_the_others_finish():
    e = small(PERCEPTION, updates=30)
    wild = dataclasses.replace(e.network, gain=20.0)
    seeds = list(range(8))
    trained = train(e.task, wild, e.training, seeds=seeds)
    exploded = ~np.isfinite(trained.loss).all(axis=1)
    assert 0 < exploded.sum() < len(seeds)
    for k in seeds:
        if exploded[k]:
            assert trained.failed[k] == np.flatnonzero(~np.isfinite(trained.loss[k]))[0]
        else:
            alone = train(e.task, wild, e.training, seeds=[k])
            np.testing.assert_array_equal(alone.recurrent[0], trained.recurrent[k])


def test_a_loss_that_ends_above_its_start_is_a_failure():
    loss = np.array([[1.0, 0.5, 0.2], [1.0, 0.5, 1.1], [1.0, np.inf, 0.1], [1.0, 0.5, np.nan]])
    np.testing.assert_array_equal(failures(loss, np.array([2, 2, 2, 1])), [-1, 2, 1, -1])


def test_a_network_stops_at_its_criterion_whatever_the_others_do():
    e = small(DECISION, updates=60, stop_error=0.55)
    together = train(e.task, e.network, e.training, seeds=[0, 1, 2, 3])
    assert set(together.stopped) <= {0, 25, 50, 60} and len(set(together.stopped)) > 1
    for k in range(4):
        alone = train(e.task, e.network, e.training, seeds=[k])
        assert alone.stopped[0] == together.stopped[k]
        np.testing.assert_array_equal(alone.recurrent[0], together.recurrent[k])
        assert np.isnan(together.loss[k, together.stopped[k] + 1 :]).all()
        assert np.isfinite(together.loss[k, : together.stopped[k] + 1]).all()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"stop_error": 0.55},
        {"optimizer": "sgd", "weight_decay": 0.1},
        {"optimizer": "sgd", "momentum": 0.0},
    ],
)
def test_training_that_continues_from_any_state_ends_with_the_same_bits(settings):
    e = small(DECISION, updates=60, **settings)
    states = []
    whole = train(
        e.task,
        e.network,
        e.training,
        seeds=[0, 1, 2],
        progress=lambda update, loss, state: states.append(state()),
    )
    assert [state.update for state in states] == list(range(1, len(states) + 1))
    for state in (states[0], states[len(states) // 2], states[-1]):
        continued = train(e.task, e.network, e.training, seeds=[0, 1, 2], state=state)
        for one, other in zip(
            (*whole.before, *whole[1:]), (*continued.before, *continued[1:]), strict=True
        ):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("wrong", [{"updates": -1}, {"trials_per_update": 0}])
def test_impossible_training_is_refused(wrong):
    with pytest.raises(ValueError, match="updates >= 0"):
        Training(**wrong)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"optimizer": "adamw"}, "optimizer is 'adamw'; choose 'adam' or 'sgd'"),
        ({"momentum": 1.0}, "momentum is 1.0; give 0 or more, below 1"),
        ({"epsilon": -1e-8}, "epsilon is -1e-08; give 0 or more"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; give 0 or more"),
    ],
)
def test_an_impossible_optimizer_is_refused(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        Training(**wrong)
