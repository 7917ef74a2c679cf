"""Samplers by property; answers and errors by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Schedule, answers

schedules = st.builds(
    Schedule,
    duration=st.sampled_from([1500.0, 2000.0, 5000.0]),
    switches=st.sampled_from([0, 1]),
    switch_spread=st.floats(0, 1),
)
tasks = st.one_of(
    st.builds(Perception, schedule=schedules, input_noise=st.floats(0, 0.2)),
    st.builds(Decision, schedule=schedules, input_noise=st.floats(0, 0.2)),
)
seeds = st.integers(0, 2**32)


@given(tasks, seeds, st.integers(1, 5), st.sampled_from([5.0, 10.0, 20.0]))
def test_trials_are_what_the_task_says(task, seed, n_trials, dt):
    trials = task.sample(n_trials, dt=dt, rng=np.random.default_rng(seed))
    steps = round(task.schedule.duration / dt)
    assert trials.inputs.shape == (n_trials, steps, task.n_inputs)
    assert trials.targets.shape == (n_trials, steps, task.n_outputs)
    assert trials.mask.shape == (n_trials, steps)
    assert trials.edges[:, 0].max() == 0 and (trials.edges[:, -1] == steps).all()
    for i in range(n_trials):
        for e, (start, stop) in enumerate(
            zip(trials.edges[i, :-1], trials.edges[i, 1:], strict=True)
        ):
            value = trials.values[i, e]
            if isinstance(task, Perception):
                right = {task.low: task.high, task.high: task.low}[value[0]]
            else:
                assert ((value >= task.low) & (value <= task.high)).all()
                right = task.first_larger if value[0] > value[1] else task.second_larger
            np.testing.assert_allclose(trials.targets[i, start:stop], right)
            noise = trials.inputs[i, start:stop] - value
            assert np.abs(noise).max() <= 8 * task.input_noise + 1e-12
            if task.schedule.switches:
                assert stop - start >= round(task.schedule.margin / dt)


@given(tasks, seeds)
def test_a_sample_is_a_function_of_its_generator(task, seed):
    one, two = (task.sample(2, dt=10, rng=np.random.default_rng(seed)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_mask_leaves_out_the_start_and_the_switch():
    schedule = Schedule(duration=2000)
    mask = schedule.mask(np.array([[0, 100, 200]]), dt=10)[0]
    ignored = set(range(10)) | set(range(95, 110))
    assert set(np.flatnonzero(mask == 0)) == ignored
    whole = Schedule(duration=2000, ignore_start=0, ignore_before=0, ignore_after=0)
    assert whole.mask(np.array([[0, 100, 200]]), dt=10).all()


def test_switch_times_and_input_noise_have_the_stated_spread():
    trials = Perception().sample(4000, dt=10, rng=np.random.default_rng(1))
    switch = trials.edges[:, 1] * 10
    assert abs(switch.mean() - 2500) < 4 * 500 / 4000**0.5
    assert abs(switch.std() - 500) < 4 * 500 / 8000**0.5
    noise = trials.inputs[:, 0, 0] - trials.values[:, 0, 0]
    assert abs(noise.std() - 0.05) < 4 * 0.05 / 8000**0.5


def test_perception_switches_to_the_other_level():
    trials = Perception().sample(50, dt=10, rng=np.random.default_rng(0))
    assert (np.sort(trials.values[..., 0], axis=1) == [0.5, 0.8]).all()
    assert 0 < (trials.values[:, 0, 0] == 0.5).mean() < 1


def test_answers_are_means_of_the_last_half_of_each_epoch():
    outputs = np.arange(20.0)[None, :, None]
    np.testing.assert_array_equal(answers(outputs, np.array([[0, 8, 20]]))[0, :, 0], [5.5, 16.5])


def test_errors_by_hand():
    perception = Perception()
    values = np.array([[[0.5], [0.8]], [[0.8], [0.5]]])
    given_answers = np.array([[[0.8], [0.4]], [[0.6], [0.9]]])
    np.testing.assert_allclose(
        perception.errors_by_level(values, given_answers), [0.05, 0.0], atol=1e-15
    )
    decision = Decision()
    values = np.array([[[1.0, 0.5], [0.5, 1.0], [1.0, 1.05], [2.0, 0.0]]])
    given_answers = np.array([[[0.5], [0.8], [0.5], [0.7]]])
    # The third pair is too near to count; the last answer is nearer to the wrong one.
    assert decision.answer_error(values, given_answers) == pytest.approx(1 / 3)


def test_a_level_that_does_not_occur_is_refused():
    with pytest.raises(ValueError, match="draw more trials"):
        Perception().errors_by_level(np.full((1, 1, 1), 0.5), np.zeros((1, 1, 1)))


@pytest.mark.parametrize("wrong", [{"switches": 2}, {"duration": 1000.0}])
def test_impossible_schedules_are_refused(wrong):
    with pytest.raises(ValueError, match="Schedule"):
        Schedule(**wrong)
