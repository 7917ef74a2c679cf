"""Several tasks of which a context says which one counts."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from studies.several_tasks.tasks import OneOfTwoBits, PerceptionOrDecision
from taskrnn.ensembles.network_files import training_files
from taskrnn.random_numbers import generator
from taskrnn.tasks.by_context import ByContext
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import Task

DT = 10.0


def drawn(task, n=10):
    return task.sample(n, dt=DT, rng=generator(0, "test"))


def test_each_task_has_its_share_of_trials_and_its_own_inputs():
    task = PerceptionOrDecision(strength=0.5)
    trials = drawn(task)
    assert task.n_inputs == 5 and task.n_outputs == 1
    assert (trials.inputs[:5, :, 3:] == [0.5, 0]).all()
    assert (trials.inputs[5:, :, 3:] == [0, 0.5]).all()
    assert not trials.inputs[:5, :, 1:3].any() and not trials.inputs[5:, :, 0].any()
    np.testing.assert_allclose(trials.targets[:5, 0, 0], 1.3 - trials.values[:5, 0, 0])
    larger = trials.values[5:, 0, 1] > trials.values[5:, 0, 2]
    np.testing.assert_array_equal(trials.targets[5:, 0, 0], np.where(larger, 0.5, 0.8))


def test_the_only_task_is_that_task_with_more_inputs():
    task = PerceptionOrDecision(only=1)
    trials, alone = drawn(task), drawn(task.tasks[1])
    for name in ("targets", "mask", "edges"):
        np.testing.assert_array_equal(getattr(trials, name), getattr(alone, name))
    np.testing.assert_array_equal(trials.inputs, task.embedded(alone.inputs, 1))
    assert task.error(trials, trials.targets) == 0


def test_the_error_is_that_of_the_worse_task():
    task = PerceptionOrDecision()
    trials = drawn(task, 40)
    outputs = trials.targets.copy()
    outputs[:20] += 0.1  # of perception, an error of 0.1
    assert task.error(trials, outputs) == pytest.approx(0.1)
    outputs[20:] = 1.3 - outputs[20:]  # all decisions wrong
    assert task.error(trials, outputs) == 1


def test_pulses_of_the_other_memory_go_on_and_do_not_count():
    trials = drawn(OneOfTwoBits(), 200)
    assert trials.values is None and trials.edges is None
    first = trials.inputs[:100]
    loud = np.abs(first[:, :, :2]) > 0.5
    assert loud[:, :10].all() and loud[:, 50:].any(axis=(0, 1)).all()
    # without noise, the target is the sign of the last pulse on the first input
    last = np.zeros(100)
    for t in range(first.shape[1]):
        last = np.where(loud[:, t, 0], np.sign(first[:, t, 0]), last)
        np.testing.assert_array_equal(trials.targets[:100, t, 0], np.where(last > 0, 0.8, 0.5))


def test_one_trial_at_a_time_is_of_either_task():
    task, rng = OneOfTwoBits(), generator(1, "test")
    of = {int(task.sample(1, dt=DT, rng=rng).inputs[0, 0, 2:].argmax()) for _ in range(20)}
    assert of == {0, 1}


def test_the_code_of_the_tasks_belongs_to_the_identity_of_the_networks():
    files = {path.name for path in training_files(PerceptionOrDecision)}
    assert {"by_context.py", "perception.py", "decision.py"} <= files


@dataclass(frozen=True, kw_only=True)
class Unequal(ByContext):
    tasks: ClassVar[tuple[Task, ...]] = (FlipFlop(bits=1), FlipFlop(bits=2))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Unequal, "different numbers of outputs"),
        (lambda: PerceptionOrDecision(only=2), "only is 2"),
        (lambda: PerceptionOrDecision(strength=0), "strength is 0"),
    ],
)
def test_settings_that_make_no_task_are_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
