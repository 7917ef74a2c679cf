import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, spearmanr

from taskrnn.analysis import nulls

seeds = st.integers(0, 2**32 - 1)


def largest_principal_angle(A, B):
    product = np.linalg.qr(A)[0].swapaxes(-1, -2) @ np.linalg.qr(B)[0]
    return np.degrees(np.arccos(np.linalg.svd(product, compute_uv=False)[..., -1]))


@pytest.mark.parametrize(("n_units", "d"), [(3, 1), (3, 2), (100, 1), (256, 10)])
def test_beta_band_is_that_of_random_vectors(n_units, d):
    v = np.random.default_rng(0).standard_normal((100_000, n_units))
    angle = np.degrees(np.arccos(np.linalg.norm(v[:, :d], axis=1) / np.linalg.norm(v, axis=1)))
    q = [0.025, 0.25, 0.5, 0.975]
    np.testing.assert_allclose(
        nulls.vector_angle_quantiles(n_units, d, q), np.quantile(angle, q), atol=0.4
    )


def test_beta_band_has_its_closed_forms():
    # On the sphere in 3-D the cosine to a line is uniform, and so is the sine to a plane.
    q = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(
        nulls.vector_angle_quantiles(3, 1, q), np.degrees(np.arccos(1 - q)), atol=1e-9
    )
    np.testing.assert_allclose(
        nulls.vector_angle_quantiles(3, 2, q), np.degrees(np.arcsin(q)), atol=1e-9
    )
    low, middle, high = nulls.vector_angle_quantiles(256, 3)
    assert low < middle < high < 90


@given(st.integers(3, 300), st.data())
def test_beta_band_falls_with_d_and_rises_with_n(n_units, data):
    d = data.draw(st.integers(1, n_units - 2))
    here = nulls.vector_angle_quantiles(n_units, d)
    assert (np.diff(here) > 0).all()
    assert (nulls.vector_angle_quantiles(n_units, d + 1) < here).all()
    assert (nulls.vector_angle_quantiles(n_units + 1, d) > here).all()


@pytest.mark.parametrize(
    ("n_units", "d", "mean"),
    [(100, 1, 85.4), (100, 3, 75.5), (100, 10, 56.9), (256, 3, 80.8), (256, 10, 69.7)],
)
def test_random_subspaces_are_nearly_orthogonal(n_units, d, mean):
    # Smallest angles measured by another program; its 85.7 for d = 1 was of few draws: by the beta
    # null it is 85.4.
    angles = nulls.subspace_angles_of_chance(
        n_units, d, d, rng=np.random.default_rng(0), n_draws=400
    )
    assert angles.shape == (400, d) and (np.diff(angles, axis=1) <= 0).all()
    assert angles[:, -1].mean() == pytest.approx(mean, abs=0.7)


def test_angles_to_a_fixed_subspace_are_those_of_two_random_ones():
    rng = np.random.default_rng(1)
    found = nulls.subspace_angles_of_chance(20, 3, 5, rng=rng, n_draws=2000)[:, 0]
    A, B = (nulls.random_subspaces(20, d, rng=rng, n_draws=2000) for d in (3, 5))
    np.testing.assert_allclose(
        A.swapaxes(1, 2) @ A, np.broadcast_to(np.eye(3), (2000, 3, 3)), atol=1e-12
    )
    both = largest_principal_angle(A, B)
    assert found.mean() == pytest.approx(both.mean(), abs=0.5)
    assert found.std() == pytest.approx(both.std(), rel=0.1)


def test_subspaces_of_the_covariance_are_spans_of_its_samples():
    rng = np.random.default_rng(2)
    root = rng.standard_normal((30, 30)) * np.geomspace(1, 1e-3, 30)
    covariance = root @ root.T
    drawn = nulls.covariance_subspaces(covariance, 2, rng=rng, n_draws=1500)
    leading = np.linalg.eigh(covariance)[1][:, -4:]
    samples = rng.multivariate_normal(np.zeros(30), covariance, (1500, 2)).swapaxes(1, 2)
    one, other = largest_principal_angle(drawn, leading), largest_principal_angle(samples, leading)
    assert one.mean() == pytest.approx(other.mean(), abs=1.5)
    # Far nearer to the leading axes than uniform ones are: that is what this null is for.
    uniform = largest_principal_angle(nulls.random_subspaces(30, 2, rng=rng, n_draws=1500), leading)
    assert one.mean() < uniform.mean() - 20


def test_subspaces_of_a_white_covariance_are_uniform_and_of_a_flat_one_stay_in_it():
    rng = np.random.default_rng(3)
    white = nulls.covariance_subspaces(4 * np.eye(12), 2, rng=rng, n_draws=1500)[:, 0]
    assert (white**2).sum(axis=1).mean() == pytest.approx(2 / 12, abs=0.01)
    flat = np.diag([1.0, 2.0, 3.0, 0.0, 0.0])
    assert np.abs(nulls.covariance_subspaces(flat, 3, rng=rng, n_draws=10)[:, 3:]).max() < 1e-12
    with pytest.raises(ValueError, match="rank 3"):
        nulls.covariance_subspaces(flat, 4, rng=rng, n_draws=1)
    with pytest.raises(ValueError, match="negative eigenvalue"):
        nulls.covariance_subspaces(-np.eye(3), 1, rng=rng, n_draws=1)


def test_random_direction_is_32_7_degrees_from_a_plane_and_57_3_from_a_line():
    v = np.random.default_rng(4).standard_normal((200_000, 3))
    from_plane = np.degrees(np.arcsin(np.abs(v[:, 2]) / np.linalg.norm(v, axis=1)))
    for to, brute, mean in (
        ("plane", from_plane, 90 - np.degrees(1)),
        ("line", 90 - from_plane, np.degrees(1)),
    ):
        angles = nulls.direction_angles(to=to, rng=np.random.default_rng(5), n_draws=200_000)
        assert angles.mean() == pytest.approx(mean, abs=0.2)
        assert brute.mean() == pytest.approx(mean, abs=0.2)
        assert kstest(angles[:2000], brute[:2000]).pvalue > 0.01
    with pytest.raises(ValueError, match="'plane' or 'line'"):
        nulls.direction_angles(to="normal", rng=v, n_draws=1)


@given(seeds, st.integers(5, 12))
@settings(max_examples=30, deadline=None)
def test_random_changes_keep_the_norm_and_the_empty_diagonal(seed, n_units):
    rng = np.random.default_rng(seed)
    size = np.array([1e-3, 1, 0])[:, None, None]
    dW = size * rng.standard_normal((3, n_units, n_units)) * ~np.eye(n_units, dtype=bool)
    for change in (
        nulls.gaussian_change(dW, rng=rng),
        nulls.shuffled_change(dW, rng=rng),
        nulls.rank_matched_change(dW, 2, rng=rng),
    ):
        assert change.shape == dW.shape
        np.testing.assert_allclose(
            np.linalg.norm(change, axis=(1, 2)), np.linalg.norm(dW, axis=(1, 2)), rtol=1e-10
        )
        assert np.count_nonzero(np.diagonal(change, axis1=1, axis2=2)) == 0
    np.testing.assert_array_equal(
        np.sort(nulls.shuffled_change(dW, rng=rng), axis=None), np.sort(dW, axis=None)
    )


def test_gaussian_change_is_gaussian_and_differs_between_networks():
    dW = np.ones((2, 150, 150)) * ~np.eye(150, dtype=bool)
    change = nulls.gaussian_change(dW, rng=np.random.default_rng(6))
    entries = change[0][~np.eye(150, dtype=bool)]
    assert kstest(entries, "norm").pvalue > 0.01
    assert abs(np.corrcoef(change[0].ravel(), change[1].ravel())[0, 1]) < 0.03


def test_rank_matched_change_keeps_the_planted_rank_and_how_concentrated_it_is():
    rng = np.random.default_rng(7)
    n_units = 200
    left = (
        rng.standard_normal((2, n_units, 3)) * (np.arange(n_units) < 20)[:, None]
    )  # a tenth of the units is driven
    dW = left @ rng.standard_normal((2, 3, n_units)) * ~np.eye(n_units, dtype=bool)
    change = nulls.rank_matched_change(dW, 3, rng=rng)
    values, planted = (np.linalg.svd(W, compute_uv=False) for W in (change, dW))
    np.testing.assert_allclose(values[:, :3], planted[:, :3], rtol=0.05)
    assert values[0, 3] < 0.1 * values[0, 2]
    rows = np.linalg.norm(change[0], axis=1)
    driven = np.argsort(rows)[-20:]
    assert (rows[driven] ** 2).sum() > 0.95 * (rows**2).sum()
    assert not np.array_equal(np.sort(driven), np.arange(20))
    with pytest.raises(ValueError, match="rank is 0"):
        nulls.rank_matched_change(dW, 0, rng=rng)


def test_permuted_spearman_is_spearman_of_permuted_units():
    rng = np.random.default_rng(8)
    x, y = rng.integers(0, 20, (2, 3, 60)).astype(float)  # with ties
    drawn = nulls.permuted_spearman(x, y, rng=np.random.default_rng(9), n_draws=2000)
    assert drawn.shape == (2000, 3)
    # Variance 1 / (n - 1) under permutation, with ties too.
    np.testing.assert_allclose(drawn.mean(axis=0), 0, atol=0.012)
    np.testing.assert_allclose(drawn.std(axis=0), 59**-0.5, rtol=0.06)
    same = np.random.default_rng(9)
    order = same.permuted(np.broadcast_to(np.arange(60), (3, 60)), axis=1)
    np.testing.assert_allclose(
        drawn[0], [spearmanr(a, b[o])[0] for a, b, o in zip(x, y, order, strict=True)]
    )
    with pytest.raises(ValueError, match=r"Networks \[0\]"):
        nulls.permuted_spearman(np.ones((1, 5)), np.ones((1, 5)), rng=rng)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda rng: nulls.vector_angle_quantiles(5, 5),
            "d is 5; give a whole number, 1 or more and at most 4",
        ),
        (lambda rng: nulls.gaussian_change(np.ones((2, 3)), rng=rng), "unit, unit"),
        (lambda rng: nulls.shuffled_change(np.full((1, 3, 3), np.nan), rng=rng), "finite"),
        (lambda rng: nulls.permuted_spearman(np.ones(3), np.ones(3), rng=rng), "network, unit"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(np.random.default_rng(0))
