"""Predictive information and balanced truncation of linear systems, against closed forms and slow
routes.
"""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from taskrnn.analysis.dca.predictive_information import predictive_information as of_lags
from taskrnn.analysis.linear_systems import balanced_truncation, predictive_information
from taskrnn.missing import Unmeasurable


def system(n, *, inputs=2, outputs=2, radius=0.9, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, n))
    A *= radius / np.abs(np.linalg.eigvals(A)).max()
    return A, rng.standard_normal((n, inputs)), rng.standard_normal((outputs, n))


def markov(A, B, C, n=40):
    """Responses of the outputs to a pulse in each input, (time, output, input)."""
    found, power = [], B
    for _ in range(n):
        found.append(C @ power)
        power = A @ power
    return np.array(found)


def test_units_that_are_alone_have_the_information_of_their_leak():
    decay = np.array([0.9, 0.5, -0.3])
    found = predictive_information(np.diag(decay), np.diag([1.0, 7.0, 0.01]))
    assert found == pytest.approx(-0.5 * np.log(1 - decay**2).sum())


def test_the_information_is_that_of_the_lag_covariances_and_of_no_coordinates():
    A, root, change = system(4, inputs=4, outputs=4)
    Q = root @ root.T
    S = solve_discrete_lyapunov(A, Q)
    C = np.array([np.linalg.matrix_power(A, k) @ S for k in range(4)])
    found = predictive_information(A, Q)
    assert found == pytest.approx(of_lags(C, np.eye(4)))
    turned = change @ A @ np.linalg.inv(change), change @ Q @ change.T
    assert predictive_information(*turned) == pytest.approx(found)


def test_one_state_has_one_hankel_value():
    a, b, c = 0.7, 2.0, -0.3
    found = balanced_truncation([[a]], [[b]], [[c]])
    assert found.hankel == pytest.approx([abs(c * b) / (1 - a**2)])
    assert found.A[0, 0] == pytest.approx(a) and pytest.approx(c * b) == found.C @ found.B


def test_hankel_values_are_those_of_the_hankel_matrix():
    """By its definition: the singular values of what maps past inputs to future outputs."""
    A, B, C = system(6, radius=0.7)
    h, n = markov(A, B, C, 161), 80
    hankel = np.block([[h[i + j] for j in range(n)] for i in range(n)])
    expected = np.linalg.svd(hankel, compute_uv=False)[:6]
    np.testing.assert_allclose(balanced_truncation(A, B, C).hankel, expected, rtol=1e-7)


def test_a_map_of_few_states_in_many_has_their_order_and_is_kept_whole():
    """Three states that do something, hidden among nine by a change of coordinates."""
    A, B, C = system(3, seed=1)
    idle = system(6, radius=0.5, seed=2)[0]
    whole = np.block([[A, np.zeros((3, 6))], [np.ones((6, 3)), idle]])  # driven, never seen
    T = np.random.default_rng(3).standard_normal((9, 9))
    back = np.linalg.inv(T)
    hidden = (
        T @ whole @ back,
        T @ np.vstack([B, 0 * idle[:, :2]]),
        np.hstack([C, 0 * idle[:2]]) @ back,
    )
    found = balanced_truncation(*hidden, share=1 - 1e-6)
    assert found.order == 3
    np.testing.assert_allclose(markov(*found[1:]), markov(A, B, C), atol=1e-6)


def test_the_error_of_a_truncation_is_bounded_by_what_is_cut_off():
    """Twice the sum of the Hankel values, in the largest gain at any frequency (Glover 1984)."""
    A, B, C = system(8, seed=4)
    found = balanced_truncation(A, B, C, share=0.8)
    assert 0 < found.order < 8

    def gain(A, B, C, z):
        return C @ np.linalg.solve(z * np.eye(len(A)) - A, B)

    errors = [
        np.linalg.norm(gain(A, B, C, z) - gain(*found[1:], z), 2)
        for z in np.exp(1j * np.linspace(0, np.pi, 200))
    ]
    assert max(errors) <= 2 * found.hankel[found.order :].sum()


def test_what_cannot_be_truncated_is_said():
    with pytest.raises(Unmeasurable, match="does not decay"):
        balanced_truncation([[1.0]], [[1.0]], [[1.0]])
    with pytest.raises(Unmeasurable, match="does not decay"):
        predictive_information(np.array([[0.0, 2.0], [2.0, 0.0]]), np.eye(2))
    with pytest.raises(Unmeasurable, match="No input reaches"):
        balanced_truncation([[0.5]], [[1.0]], [[0.0]])
    with pytest.raises(Unmeasurable, match="No input reaches"):
        balanced_truncation(np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((1, 0)))
    with pytest.raises(ValueError, match="share is 0"):
        balanced_truncation([[0.5]], [[1.0]], [[1.0]], share=0)
    with pytest.raises(ValueError, match="must be"):
        balanced_truncation([[0.5]], [[1.0, 1.0], [1.0, 1.0]], [[1.0]])
