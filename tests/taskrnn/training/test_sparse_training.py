"""The soft threshold, weights that are not trained, a start of one's own, and the cost of rates."""

import dataclasses

import numpy as np
import pytest
from small_experiments import small

from taskrnn.experiments import PERCEPTION, Experiment
from taskrnn.networks.network import Weights, stack, untrained_weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import Trials
from taskrnn.training.batches import batch
from taskrnn.training.penalties import RatePenalty
from taskrnn.training.settings import Training
from taskrnn.training.tape import gradient_by_tape
from taskrnn.training.train import train

SEEDS = [1, 2]


def drawn(e):
    """What the networks of an experiment begin with by themselves."""
    sizes = {"n_inputs": e.task.n_inputs, "n_outputs": e.task.n_outputs}
    return stack([untrained_weights(e.network, seed=seed, **sizes) for seed in SEEDS])


def trained(e, **options):
    return train(e.task, e.network, e.training, seeds=SEEDS, **options)


@pytest.mark.parametrize("penalties", [(), (RatePenalty(strength=0.0),)], ids=["hand", "tape"])
def test_without_a_gradient_the_weights_are_soft_thresholded_by_the_budget(penalties):
    """A readout of zero leaves no gradient. All numbers are multiples of 2^-12, so that no step of
    the threshold is rounded.
    """
    e = small(PERCEPTION, updates=5, learning_rate=2**-10, shrink=8.0, penalties=penalties)
    begun = drawn(e)
    w = np.round(begun.recurrent * 2**12) / 2**12
    start = begun._replace(recurrent=w, readout=0 * begun.readout)
    after, budget = trained(e, start=start).recurrent, 5 * 8 * 2**-10
    np.testing.assert_array_equal(after, np.sign(w) * np.maximum(np.abs(w) - budget, 0))
    off = ~np.eye(8, dtype=bool)
    assert 0 < (after[:, off] == 0).mean() < 0.3


def test_a_threshold_leaves_exact_zeros_and_follows_the_step_of_adam():
    plain = small(PERCEPTION, updates=1)
    sparse = small(PERCEPTION, updates=1, shrink=20.0)
    w, after = trained(plain).recurrent, trained(sparse).recurrent
    np.testing.assert_allclose(
        after, np.sign(w) * np.maximum(np.abs(w) - np.float32(0.02), 0), atol=1e-7
    )
    assert (after[:, ~np.eye(8, dtype=bool)] == 0).any()


def test_a_start_that_is_drawn_all_trained_and_not_shrunk_gives_the_same_bits():
    e = small(PERCEPTION, updates=6)
    plain = trained(e)
    everything = np.ones((len(SEEDS), 8, 8), dtype=bool)
    same = trained(small(PERCEPTION, updates=6, shrink=0.0), start=drawn(e), trained=everything)
    np.testing.assert_array_equal(same.recurrent, plain.recurrent)
    np.testing.assert_array_equal(same.loss, plain.loss)
    assert e.digest() == small(PERCEPTION, updates=6, shrink=0.0).digest()
    assert e.digest() != small(PERCEPTION, updates=6, shrink=0.1).digest()


def test_weights_that_are_not_trained_stay_and_all_others_move():
    """Large biases keep every unit above threshold, so that every weight has a gradient."""
    e = small(PERCEPTION, updates=4)
    mask = np.random.default_rng(0).random((len(SEEDS), 8, 8)) < 0.5
    mask &= ~np.eye(8, dtype=bool)
    begun = drawn(e)
    start = begun._replace(recurrent=begun.recurrent * mask, bias=begun.bias + 9)
    found = trained(e, start=start, trained=mask)
    np.testing.assert_array_equal(found.before.recurrent, start.recurrent)
    np.testing.assert_array_equal(found.recurrent != start.recurrent, mask)
    # A network hangs on its own start and mask alone.
    alone = train(
        e.task,
        e.network,
        e.training,
        seeds=SEEDS[1:],
        start=Weights(*(w[1:] for w in start)),
        trained=mask[1:],
    )
    np.testing.assert_array_equal(alone.recurrent[0], found.recurrent[1])


def test_a_start_that_does_not_fit_and_a_threshold_below_zero_are_one_sentence():
    e = small(PERCEPTION)
    begun = drawn(e)
    with pytest.raises(
        ValueError, match=r"^The weights to start with do not fit the networks: "
    ) as said:
        trained(e, start=begun._replace(recurrent=begun.recurrent[:, :7], bias=begun.bias[:1]))
    assert str(said.value).endswith(
        "recurrent is (2, 7, 8) and must be (2, 8, 8); bias is (1, 8) and must be (2, 8)."
    )
    with pytest.raises(ValueError, match=r"^Training.shrink is -0.1; give 0 or more.$"):
        Training(shrink=-0.1)


def test_the_cost_of_rates_is_their_mean_and_its_gradient_that_of_finite_differences():
    e = small(PERCEPTION)
    penalty = RatePenalty(strength=0.3)
    _, trials, xi = batch(e.task, e.network, seeds=SEEDS, purpose="training", place=0, n_trials=2)
    weights = Weights(*(w.astype(float) for w in drawn(e)))
    inputs, targets, mask = (x.astype(float) for x in trials[:3])
    xi = xi.astype(float)

    def cost(recurrent):
        """Mean rate times the strength, from the simulation, (network,)."""
        w = weights._replace(recurrent=recurrent)
        rates = simulate(w, np.moveaxis(inputs, 0, 2), network=e.network, xi=xi.swapaxes(0, 1))
        return 0.3 * np.abs(rates).mean(axis=(1, 2, 3))

    tensors = (
        Weights(*map(tf.constant, weights)),
        Trials(*map(tf.constant, (inputs, targets, mask))),
    )
    by_tape = [
        gradient_by_tape(*tensors, tf.constant(xi), network=e.network, penalties=penalties)
        for penalties in ((), (penalty,))
    ]
    np.testing.assert_array_equal(by_tape[0][0], by_tape[1][0])  # the loss is reported without it
    gradient = (by_tape[1][1] - by_tape[0][1]).numpy()
    step = 1e-6
    for i, j in [(0, 1), (1, 0), (5, 2), (7, 6)]:
        change = np.zeros_like(weights.recurrent)
        change[:, i, j] = step
        up, down = (cost(weights.recurrent + sign * change) for sign in (1, -1))
        np.testing.assert_allclose(
            gradient[:, i, j], (up - down) / (2 * step), rtol=1e-5, atol=1e-9
        )
    rates = tf.constant(np.array([[[[1.0, -3.0]]], [[[0.0, 4.0]]]]))  # (time, network, trial, unit)
    np.testing.assert_allclose(penalty.value(tensors[0], rates), [0.3 * 2.0])


def test_targets_below_zero_need_a_readout_that_can_give_them():
    network = RateNetwork(n_units=8, input_sd=1.0, bias_sd=0.5)
    options = {"name": "memory", "task": FlipFlop(low=-1.0)}
    with pytest.raises(
        ValueError, match="FlipFlop has targets down to -1, and this network has no"
    ):
        Experiment(network=network, **options)
    for readable in (
        dataclasses.replace(network, readout="gaussian"),
        dataclasses.replace(network, theta=0.3),
    ):
        assert Experiment(network=readable, **options).network == readable
    Experiment(network=network, name="memory", task=FlipFlop())


def test_the_threshold_too_leaves_alone_what_is_not_trained():
    e = small(PERCEPTION, updates=3, shrink=0.5)
    mask = np.random.default_rng(0).random((len(SEEDS), 8, 8)) < 0.5
    found = trained(e, trained=mask)
    np.testing.assert_array_equal(found.recurrent[~mask], found.before.recurrent[~mask])
    with pytest.raises(ValueError, match=r"\(8, 8\) and must have that of the recurrent weights"):
        trained(e, trained=mask[0])
