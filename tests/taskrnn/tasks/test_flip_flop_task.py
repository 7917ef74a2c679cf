"""The flip-flop's trials, against a loop that goes through time."""

import numpy as np
import pytest

from taskrnn.tasks.flip_flop import FlipFlop


def test_trials_are_what_a_loop_through_time_makes():
    task = FlipFlop(bits=3, duration=6000.0, input_noise=0.0, interval=700.0)
    trials = task.sample(20, dt=10.0, rng=np.random.default_rng(0))
    assert trials.inputs.shape == trials.targets.shape == (20, 600, 3)
    assert trials.mask.shape == (20, 600) and set(np.unique(trials.mask)) == {0, 1}
    assert (trials.inputs[:, :10] != 0).all()  # every input begins with a pulse
    gaps = []
    for inputs, targets, mask in zip(*trials[:3], strict=True):
        memory, began, busy = np.zeros(3), np.full(3, -1), np.zeros(600, bool)
        for t in range(600):
            for bit in range(3):
                before = inputs[t - 1, bit] if t else 0.0
                if inputs[t, bit] != 0 and before == 0:
                    if began[bit] >= 0:
                        gaps.append(t - began[bit])
                    memory[bit], began[bit] = inputs[t, bit], t
                    assert (inputs[t : t + 10, bit] == inputs[t, bit]).all()
                    assert t + 10 >= 600 or inputs[t + 10, bit] == 0
                    busy[t : t + 30] = True
            np.testing.assert_array_equal(targets[t], np.where(memory > 0, 0.8, 0.5))
        np.testing.assert_array_equal(mask > 0, ~busy)
    assert min(gaps) >= 30
    # 30 steps and an exponential time of 70, seen in trials of 600: longer ones are cut off.
    assert 80 < np.mean(gaps) < 105


def test_errors_are_counted_where_it_counts():
    task = FlipFlop(bits=2)
    trials = task.sample(5, dt=10.0, rng=np.random.default_rng(1))
    assert task.error(trials, trials.targets) == 0
    assert task.error(trials, 1.3 - trials.targets) == 1
    wrong_where_it_does_not_count = np.where(
        trials.mask[..., None] > 0, trials.targets, 1.3 - trials.targets
    )
    assert task.error(trials, wrong_where_it_does_not_count) == 0
    one = trials.targets.copy()
    one[..., 0] = 1.3 - one[..., 0]
    assert task.error(trials, one) == pytest.approx(0.5)


def test_noise_is_added_to_every_input_at_every_step():
    quiet, loud = (
        FlipFlop(bits=2, input_noise=s).sample(50, dt=10.0, rng=np.random.default_rng(2)).inputs
        for s in (0.0, 0.1)
    )
    noise = loud - quiet
    assert abs(noise.std() - 0.1) < 0.001 and abs(noise.mean()) < 0.001
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize(
    "wrong", [{"bits": 0}, {"pulse": 400.0}, {"duration": 250.0}, {"low": None}]
)
def test_what_is_no_flip_flop_is_named(wrong):
    with pytest.raises(ValueError, match="FlipFlop"):
        FlipFlop(**wrong)
