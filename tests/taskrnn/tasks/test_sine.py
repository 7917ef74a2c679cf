"""The sine that a constant input asks for."""

import numpy as np
import pytest

from taskrnn.tasks.sine import Sine
from taskrnn.tasks.trials import Schedule


def drawn(task, n_trials=30, dt=10.0):
    return task.sample(n_trials, dt=dt, rng=np.random.default_rng(0))


def test_the_target_is_a_sine_of_the_frequency_that_the_input_says():
    """By the recurrence of a sampled sine, s_{t+1} + s_{t-1} = 2 cos(w) s_t from s_0 = 0."""
    trials = drawn(Sine(input_noise=0.0))
    u = trials.inputs[..., 0]
    assert u.shape == (30, 500) and np.ptp(u, axis=1).max() == 0
    assert 0.25 <= u.min() < 0.35 and 1.15 < u.max() <= 1.25
    f = 0.4 + 1.6 * (u[:, :1] - 0.25)
    s = (trials.targets[..., 0] - 0.65) / 0.15
    w = 2 * np.pi * f * 0.01
    np.testing.assert_allclose(s[:, 2:] + s[:, :-2], 2 * np.cos(w) * s[:, 1:-1], atol=1e-10)
    np.testing.assert_allclose(s[:, 0], 0, atol=1e-12)
    np.testing.assert_allclose(s[:, 1], np.sin(w[:, 0]))
    np.testing.assert_array_equal(trials.mask, np.repeat(np.arange(500)[None] >= 10, 30, axis=0))


def test_one_frequency_has_the_input_one():
    trials = drawn(Sine(slow=1.0, fast=1.0))
    noise = trials.inputs - 1
    assert abs(noise.mean()) < 0.001 and abs(noise.std() - 0.01) < 0.001
    assert (trials.values == 1).all()
    np.testing.assert_allclose(trials.targets[:, 25::100], 0.8)  # a quarter of a period is 250 ms
    np.testing.assert_allclose(trials.targets[:, 75::100], 0.5)


def test_inputs_and_frequencies_of_places_between_the_ends():
    place, task = np.array([0.0, 0.5, 1.0]), Sine()
    np.testing.assert_allclose(task.inputs(place), [0.25, 0.75, 1.25])
    np.testing.assert_allclose(task.frequency(place), [0.4, 1.2, 2.0])


def test_an_output_that_rests_at_the_centre_has_the_error_one():
    task = Sine()
    trials = drawn(task)
    assert task.error(trials, trials.targets) == 0
    assert task.error(trials, np.full_like(trials.targets, 0.65)) == pytest.approx(1)
    assert task.error(trials, 1.3 - trials.targets) == pytest.approx(4)
    at_first = np.where(trials.mask[..., None] > 0, trials.targets, 100.0)
    assert task.error(trials, at_first) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"slow": 0.0}, {"slow": 3.0}, {"amplitude": 0.0}, {"schedule": Schedule()}, {"fast": "2"}],
)
def test_what_is_no_sine_is_named(wrong):
    with pytest.raises(ValueError, match="Sine"):
        Sine(**wrong)
