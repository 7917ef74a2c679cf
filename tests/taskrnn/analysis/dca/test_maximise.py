"""Ascent from many starts at once: known maxima, and the same ends as SciPy's search one start at a
time.
"""

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from taskrnn.analysis.dca.maximise import maximise


def test_a_quadratic_is_climbed_from_every_start_to_its_summit():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((8, 8))
    A, summit = root @ root.T + 0.1 * np.eye(8), rng.standard_normal(8)

    def hill(x):
        away = x - summit
        return -0.5 * np.einsum("pi,ij,pj->p", away, A, away), -away @ A

    ends = maximise(hill, 10 * rng.standard_normal((30, 8)), tol=1e-14)
    np.testing.assert_allclose(ends, np.broadcast_to(summit, ends.shape), atol=1e-4)


def test_a_curved_valley_is_followed_as_scipy_follows_it():
    starts = np.random.default_rng(1).uniform(-2, 2, (12, 5))
    ends = maximise(lambda x: (-rosen(x.T), -rosen_der(x.T).T), starts, tol=1e-13)
    alone = np.array(
        [
            minimize(rosen, x, jac=rosen_der, method="L-BFGS-B", options={"ftol": 1e-13}).x
            for x in starts
        ]
    )
    # Rosenbrock's function in five dimensions has a second, local optimum near (-1, 1, 1, 1, 1).
    known = np.array([np.ones(5), [-0.9620, 0.9357, 0.8807, 0.7779, 0.6051]])
    for found in (ends, alone):
        distance = np.linalg.norm(found[:, None] - known, axis=2).min(axis=1)
        assert distance.max() < 1e-2
    np.testing.assert_allclose(rosen_der(ends.T), 0, atol=1e-3)


def test_starts_do_not_touch_each_other():
    """Alone, in company and in another order: with an elementwise function even the last bit is the
    same.
    """

    def bumps(x):
        return np.cos(x).sum(axis=1) - 0.01 * (x**2).sum(axis=1), -np.sin(x) - 0.02 * x

    starts = np.random.default_rng(2).uniform(-9, 9, (20, 3))
    together = maximise(bumps, starts, tol=1e-12)
    assert len(np.unique(np.round(together, 3), axis=0)) > 3
    np.testing.assert_array_equal(maximise(bumps, starts[::-1], tol=1e-12)[::-1], together)
    for start, end in zip(starts, together, strict=True):
        np.testing.assert_array_equal(maximise(bumps, start[None], tol=1e-12)[0], end)


def test_values_never_fall_and_a_start_on_a_summit_stays():
    def cone(x):
        return -np.abs(x).sum(axis=1), -np.sign(x)

    assert maximise(cone, np.zeros((1, 2)), tol=1e-9) == pytest.approx(np.zeros((1, 2)))
    start = np.array([[3.0, -1.0]])
    end = maximise(
        cone, start, tol=1e-9
    )  # with a kink there is no convergence theorem, but no step may lead down
    assert -np.abs(end).sum() > -4 and np.isfinite(end).all()
