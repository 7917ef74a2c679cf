"""Sines as input: what they are by the recurrence that a sampled sine obeys, and what is asked of
them.
"""

import numpy as np
import pytest

from taskrnn.tasks.frequency import Faster, Frequency
from taskrnn.tasks.trials import Schedule, spread

DT = 10.0
BOTH = pytest.mark.parametrize("kind", [Frequency, Faster])


def drawn(task, n_trials=40, seed=0):
    """Trials without noise, and the frequencies and amplitudes at every step."""
    trials = task.sample(n_trials, dt=DT, rng=np.random.default_rng(seed))
    frequency, amplitude = np.split(spread(trials.values, trials.edges), 2, axis=-1)
    return trials, frequency, amplitude


@BOTH
def test_every_input_is_a_sine_of_its_frequency_and_amplitude(kind):
    """u_{t+1} = cos(w) u_t + sin(w) v_t, and u_t^2 + v_t^2 is the amplitude squared."""
    trials, frequency, amplitude = drawn(kind(input_noise=0.0))
    u, w = trials.inputs, 2 * np.pi * frequency * DT / 1000
    assert u.shape == (40, 500, kind.n_inputs)
    # A step is made with the frequency at its end: also the one over the switch, so that the phase
    # goes on there.
    v = (u[:, 1:] - np.cos(w[:, 1:]) * u[:, :-1]) / np.sin(w[:, 1:])
    np.testing.assert_allclose(u[:, :-1] ** 2 + v**2, amplitude[:, 1:] ** 2, rtol=1e-8)
    same = (w[:, 2:] == w[:, 1:-1]).all(axis=-1)
    assert (~same).sum() == 40  # one switch in every trial
    both = u[:, 2:] + u[:, :-2]
    np.testing.assert_allclose(both[same], (2 * np.cos(w[:, 1:-1]) * u[:, 1:-1])[same], atol=1e-12)


@BOTH
def test_frequencies_are_logarithmic_and_new_after_the_switch_amplitudes_are_a_trials_own(kind):
    task = kind()
    values = task.draw(4000, 2, rng=np.random.default_rng(1))
    frequency, amplitude = np.split(values, 2, axis=-1)
    place = np.log2(frequency / 0.5) / 3  # 0.5 to 4 Hz is three octaves
    np.testing.assert_allclose(task.position(frequency), place)
    independent = np.concatenate([place.reshape(4000, -1), amplitude[:, 0] - 0.5], axis=1)
    assert independent.min() >= 0 and independent.max() <= 1
    np.testing.assert_allclose(independent.mean(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(12 * np.cov(independent.T), np.eye(independent.shape[1]), atol=0.06)
    assert (amplitude[:, 0] == amplitude[:, 1]).all()


def test_the_answer_is_the_place_on_the_logarithmic_scale():
    task = Frequency()
    values = np.array([[[0.5, 1.0], [np.sqrt(2), 1.0], [4.0, 1.0]]])
    np.testing.assert_allclose(task.target(values)[0, :, 0], [0.5, 0.65, 0.8])
    trials, frequency, _ = drawn(task)
    np.testing.assert_allclose(
        trials.targets, 0.5 + 0.1 * np.log2(frequency / 0.5)
    )  # constant over an epoch


def test_the_answer_is_which_is_faster():
    trials, frequency, _ = drawn(Faster())
    wanted = np.where(frequency[..., 0] > frequency[..., 1], 0.5, 0.8)
    np.testing.assert_array_equal(trials.targets[..., 0], wanted)


@BOTH
def test_a_second_of_every_epoch_does_not_count(kind):
    trials, *_ = drawn(kind())
    for mask, (_, switch, end) in zip(trials.mask, trials.edges, strict=True):
        assert 200 <= switch <= 300 and end == 500
        counts = np.ones(500)
        counts[:100] = counts[switch - 5 : switch + 100] = 0
        np.testing.assert_array_equal(mask, counts)


@BOTH
def test_noise_is_added_to_every_input_at_every_step(kind):
    quiet, loud = (drawn(kind(input_noise=s))[0].inputs for s in (0.0, 0.1))
    assert abs((loud - quiet).std() - 0.1) < 0.002


def test_the_error_is_the_share_of_the_variance_that_is_left():
    task = Frequency()
    trials, *_ = drawn(task)
    right = task.target(trials.values)
    assert task.error(trials, trials.targets) == pytest.approx(0, abs=1e-12)
    assert task.error(trials, np.full_like(trials.targets, right.mean())) == pytest.approx(1)
    shifted = task.error(trials, trials.targets + 0.3)
    assert shifted == pytest.approx(0.09 / right.var())


def test_the_share_of_wrong_answers_is_that_of_clear_pairs():
    task = Faster()
    trials, frequency, _ = drawn(task)
    apart = np.abs(np.log2(frequency[..., 0] / frequency[..., 1])) / 3
    unclear_wrong = np.where(apart[..., None] < 0.1, 1.3 - trials.targets, trials.targets)
    assert 0 < (apart < 0.1).mean() < 0.5
    assert task.error(trials, trials.targets) == task.error(trials, unclear_wrong) == 0
    assert task.error(trials, 1.3 - trials.targets) == 1


@pytest.mark.parametrize(
    "wrong", [{"slow": 0.0}, {"slow": 4.0}, {"lowest": -1.0}, {"lowest": 2.0}, {"fast": None}]
)
@BOTH
def test_what_is_no_range_of_sines_is_named(kind, wrong):
    with pytest.raises(ValueError, match=kind.__name__):
        kind(**wrong)


def test_one_epoch_has_one_frequency():
    trials, frequency, _ = drawn(Frequency(schedule=Schedule(switches=0)))
    assert trials.values.shape == (40, 1, 2) and np.ptp(frequency, axis=1).max() == 0
