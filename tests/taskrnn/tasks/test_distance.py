"""The points of the distance task by their law; answers against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest
from sklearn.metrics import r2_score

from taskrnn.tasks.distance import Distance
from taskrnn.tasks.trials import Schedule, answers


@given(st.integers(1, 9), st.integers(0, 2**32), st.sampled_from([0, 1]))
def test_the_target_is_the_length_of_the_point_that_is_shown(d, seed, switches):
    schedule = Schedule(duration=1500.0, switches=switches)
    task = Distance(dimensions=d, input_noise=0.0, schedule=schedule)
    trials = task.sample(3, dt=10.0, rng=np.random.default_rng(seed))
    assert trials.inputs.shape == (3, 150, d) and trials.targets.shape == (3, 150, 1)
    length = (trials.inputs**2).sum(axis=-1) ** 0.5
    np.testing.assert_allclose(trials.targets[..., 0], length, rtol=1e-12)
    assert ((length > 0.2 - 1e-9) & (length < 1 + 1e-9)).all()


@pytest.mark.parametrize("d", [1, 2, 5])
def test_points_lie_on_the_whole_sphere_at_distances_of_one_law(d):
    points = Distance(dimensions=d).draw(20_000, 1, rng=np.random.default_rng(0))[:, 0]
    length = np.linalg.norm(points, axis=1)
    assert kstest(length, "uniform", (0.2, 0.8)).pvalue > 0.01
    directions = points / length[:, None]
    tolerance = 4 / 20_000**0.5
    np.testing.assert_allclose(directions.mean(axis=0), 0, atol=tolerance)
    np.testing.assert_allclose(directions.T @ directions / 20_000, np.eye(d) / d, atol=tolerance)
    together = np.cov(length, np.abs(directions).sum(axis=1))[0, 1]
    assert abs(together) < 0.3 * tolerance  # of standard deviations 0.23 and at most 0.3


def test_one_generator_gives_the_same_distances_in_every_number_of_dimensions():
    targets, edges = zip(
        *(
            Distance(dimensions=d).sample(5, dt=10.0, rng=np.random.default_rng(3))[1::3]
            for d in (1, 2, 8)
        ),
        strict=True,
    )
    for other in targets[1:]:
        np.testing.assert_allclose(other, targets[0], rtol=1e-12)
    assert (edges[0] == edges[1]).all() and (edges[0] == edges[2]).all()


def test_the_error_is_what_r2_lacks():
    task, rng = Distance(dimensions=3), np.random.default_rng(1)
    trials = task.sample(40, dt=10.0, rng=rng)
    assert task.error(trials, trials.targets) < 1e-25
    noisy = trials.targets + 0.1 * rng.standard_normal((40, 1, 1))
    right = answers(trials.targets, trials.edges).ravel()
    given_answers = answers(noisy, trials.edges).ravel()
    assert task.error(trials, noisy) == pytest.approx(1 - r2_score(right, given_answers))
    everything_the_same = np.full_like(noisy, right.mean())
    assert task.error(trials, everything_the_same) == pytest.approx(1)


def test_one_distance_alone_has_no_variance():
    with pytest.raises(ValueError, match="draw more trials"):
        Distance().answer_error(np.ones((1, 1, 2)), np.zeros((1, 1, 1)))


@pytest.mark.parametrize(
    "wrong", [{"dimensions": 0}, {"dimensions": 1.5}, {"low": 1.0}, {"low": -0.1}, {"high": 0.1}]
)
def test_what_is_no_distance_is_named(wrong):
    with pytest.raises(ValueError, match="Distance"):
        Distance(**wrong)
