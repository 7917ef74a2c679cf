"""Pairs of points by their law; answers and errors by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from taskrnn.tasks.farther import Farther
from taskrnn.tasks.trials import Schedule


@given(st.integers(1, 8), st.integers(0, 2**32))
def test_the_target_says_which_half_of_the_inputs_is_longer(d, seed):
    task = Farther(dimensions=d, input_noise=0.0, schedule=Schedule(duration=1500.0))
    trials = task.sample(3, dt=10.0, rng=np.random.default_rng(seed))
    assert trials.inputs.shape == (3, 150, 2 * d)
    first, second = ((half**2).sum(axis=-1) for half in np.split(trials.inputs, 2, axis=-1))
    np.testing.assert_array_equal(trials.targets[..., 0], np.where(first > second, 0.5, 0.8))
    assert task.error(trials, trials.targets) == 0
    assert task.error(trials, 1.3 - trials.targets) == 1


def test_the_two_points_are_independent_and_their_distances_uniform():
    task = Farther(dimensions=3)
    values = task.draw(10_000, 1, rng=np.random.default_rng(0))
    distances = task.distances(values)[:, 0]
    assert kstest(distances.ravel(), "uniform", (0, 2)).pvalue > 0.01
    together = np.corrcoef(np.concatenate([values[:, 0], distances], axis=1).T)
    np.testing.assert_allclose(together, np.eye(8), atol=0.04)


def test_only_clear_pairs_count():
    values = np.array([[[3.0, 4, 0, 0], [0, 0.3, 0.4, 0], [0, 1, 1.05, 0], [0, 0, -6, 8]]]) / 5
    given_answers = np.array([[[0.5], [0.8], [0.5], [0.6]]])
    task = Farther(dimensions=2, clear=0.015)
    # The third pair is too near to count; the last answer is nearer to the wrong one.
    np.testing.assert_array_equal(task.correct(values, given_answers), [[1, 1, 0, 0]])
    assert task.answer_error(values, given_answers) == pytest.approx(1 / 3)


@pytest.mark.parametrize("wrong", [{"dimensions": 0}, {"low": 2.0}, {"low": -1.0}, {"clear": None}])
def test_what_is_no_comparison_is_named(wrong):
    with pytest.raises(ValueError, match="Farther"):
        Farther(**wrong)
