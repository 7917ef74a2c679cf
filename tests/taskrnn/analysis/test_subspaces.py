import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrnn.analysis.subspaces import angle_to_subspace, principal_angles

seeds = st.integers(0, 2**32 - 1)


def planted(angles, n_units, rng):
    """Two subspaces with the given principal angles in degrees, in a random frame and with random
    bases.
    """
    d = len(angles)
    frame = np.linalg.qr(rng.standard_normal((n_units, 2 * d)))[0]
    theta = np.radians(angles)
    A = frame[:, :d]
    B = A * np.cos(theta) + frame[:, d:] * np.sin(theta)
    mix = [np.eye(d) + 0.5 * np.linalg.qr(rng.standard_normal((d, d)))[0] for _ in range(2)]
    return A @ mix[0], B @ mix[1]


@pytest.mark.parametrize("angles", [[30.0], [90.0, 45.0, 1e-6], [89.999999, 60.0, 60.0, 0.0]])
def test_planted_angles_are_found_also_near_0_and_90(angles):
    A, B = planted(angles, 12, np.random.default_rng(0))
    np.testing.assert_allclose(principal_angles(A, B), angles, atol=3e-6)


def test_cosines_are_the_singular_values_of_the_product_of_the_bases():
    rng = np.random.default_rng(1)
    A, B = rng.standard_normal((30, 3)), rng.standard_normal((30, 5))
    product = np.linalg.qr(A)[0].T @ np.linalg.qr(B)[0]
    cosines = np.linalg.svd(product, compute_uv=False)
    np.testing.assert_allclose(
        np.cos(np.radians(principal_angles(A, B)))[::-1], cosines, atol=1e-12
    )


@given(seeds, st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_axioms(seed, d, e):
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((9, d)), rng.standard_normal((9, e))
    angles = principal_angles(A, B)
    assert (
        angles.shape == (min(d, e),)
        and (np.diff(angles) <= 0).all()
        and 0 <= angles.min() <= angles.max() <= 90
    )
    rotation, _ = np.linalg.qr(rng.standard_normal((9, 9)))
    basis = np.eye(d) + 0.5 * np.linalg.qr(rng.standard_normal((d, d)))[0]
    same = (
        principal_angles(B, A),
        principal_angles(rotation @ A, rotation @ B),
        principal_angles(1e-6 * A @ basis, B),
    )
    for other in same:
        np.testing.assert_allclose(other, angles, atol=1e-6)
    np.testing.assert_allclose(principal_angles(A, A @ basis), 0, atol=1e-6)
    # The largest angle of equal dimensions is a metric.
    C, D = rng.standard_normal((2, 9, d))
    largest = [principal_angles(*pair)[0] for pair in ((A, C), (C, D), (A, D))]
    assert largest[2] <= largest[0] + largest[1] + 1e-9


def test_vector_to_subspace_is_the_angle_to_its_projection():
    rng = np.random.default_rng(2)
    v, B = rng.standard_normal(10), rng.standard_normal((10, 3))
    Q = np.linalg.qr(B)[0]
    projection = Q @ (Q.T @ v)
    expected = np.degrees(np.arccos(np.linalg.norm(projection) / np.linalg.norm(v)))
    assert angle_to_subspace(v, B) == pytest.approx(expected)
    assert angle_to_subspace(-3 * v, B) == pytest.approx(expected)
    assert angle_to_subspace(projection, B) == pytest.approx(0, abs=1e-6)
    # A larger subspace is never further away.
    assert angle_to_subspace(v, np.column_stack([B, rng.standard_normal(10)])) <= expected


def test_direction_to_plane_is_90_less_the_angle_to_the_normal():
    plane = np.eye(3)[:, :2]
    direction = np.array([1.0, 0.0, np.sqrt(3)])
    assert angle_to_subspace(direction, plane) == pytest.approx(60)
    assert angle_to_subspace(direction, np.eye(3)[:, 2:]) == pytest.approx(30)


def test_leading_axes_are_networks_and_broadcast():
    rng = np.random.default_rng(3)
    A, B = rng.standard_normal((2, 1, 8, 2)), rng.standard_normal((5, 8, 3))
    angles = principal_angles(A, B)
    assert angles.shape == (2, 5, 2)
    np.testing.assert_array_equal(angles[1, 4], principal_angles(A[1, 0], B[4]))
    readout = rng.standard_normal((5, 8))
    assert angle_to_subspace(readout, B).shape == (5,)
    assert angle_to_subspace(readout, B)[2] == pytest.approx(angle_to_subspace(readout[2], B[2]))


@pytest.mark.parametrize(
    ("A", "words"),
    [
        (np.ones(4), "unit, d"),
        (np.ones((2, 3)), "unit, d"),
        (np.ones((4, 2)), "dependent"),
        (np.zeros((4, 1)), "dependent"),
        (np.full((4, 1), np.nan), "finite"),
        (np.ones((5, 1)), "same number of units"),
    ],
)
def test_bad_input_is_named(A, words):
    with pytest.raises(ValueError, match=words):
        principal_angles(A, np.eye(4)[:, :2])
