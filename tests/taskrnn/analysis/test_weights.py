import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrnn.analysis import weights as spectra

seeds = st.integers(0, 2**32 - 1)


def ginibre(rng, *shape, sd=None):
    return rng.standard_normal(shape) * (shape[-1] ** -0.5 if sd is None else sd)


def test_optimal_matching_equals_search_over_all_pairings():
    rng = np.random.default_rng(0)
    before, after = ginibre(rng, 4, 5, 5), ginibre(rng, 4, 5, 5)
    matched = spectra.match_eigenvalues(before, after)
    for k in range(4):
        x, y = np.linalg.eigvals(before[k]), np.linalg.eigvals(after[k])
        best = min(np.abs(x - y[list(p)]).sum() for p in itertools.permutations(range(5)))
        assert matched.displacement[k].sum() == pytest.approx(best)


def test_sorted_modulus_invents_displacement_where_matching_finds_the_planted_one():
    rng = np.random.default_rng(1)
    before = ginibre(rng, 1, 100, 100)
    after = before + 1e-3 * ginibre(rng, 1, 100, 100)
    matched = spectra.match_eigenvalues(before, after)
    by_modulus = [np.array(sorted(np.linalg.eigvals(w[0]), key=abs)) for w in (before, after)]
    assert matched.displacement.mean() < 0.01
    assert np.abs(by_modulus[1] - by_modulus[0]).mean() > 10 * matched.displacement.mean()


def test_displaced_finds_the_two_planted_outliers_and_their_growth():
    diagonal = np.linspace(-0.5, 0.5, 20)
    moved = diagonal.copy()
    moved[[0, 19]] = -2.0, 2.0
    matched = spectra.match_eigenvalues(np.diag(diagonal)[None], np.diag(moved)[None])
    result = spectra.displaced(matched, 0.1)
    assert result.share == pytest.approx([0.1])
    assert (result.modulus_before, result.modulus_after) == (
        pytest.approx([0.5]),
        pytest.approx([2.0]),
    )
    assert np.isnan(spectra.displaced(matched, [5.0]).modulus_after).all()


@pytest.mark.parametrize("rank", [1, 2, 6])
@pytest.mark.parametrize("mean", [0.0, 0.3])
def test_planted_rank_is_counted_whatever_the_mean_of_the_change(rank, mean):
    rng = np.random.default_rng(rank)
    n = 128
    left, _ = np.linalg.qr(np.column_stack([np.ones(n), rng.standard_normal((n, 5))]))
    right, _ = np.linalg.qr(np.column_stack([np.ones(n), rng.standard_normal((n, 5))]))
    strength = np.full(rank, 5.0)
    strength[0] += mean * n
    planted = (left[:, :rank] * strength) @ right[:, :rank].T
    dW = (planted + ginibre(rng, n, n))[None]
    edge = spectra.shuffled_edge(dW, rng=rng)
    # 2 sigma sqrt(N), where the planted part widens sigma; its first vectors are constant, a mean
    # that is taken out.
    assert edge == pytest.approx([2 * np.sqrt(1 + 25 * (rank - 1) / n)], rel=0.05)
    assert spectra.count_above(spectra.singular_values(dW), edge) == [rank]
    kept = spectra.truncate(dW, rank)
    assert np.linalg.matrix_rank(kept[0]) == rank
    assert np.linalg.norm(dW - kept, 2, axis=(1, 2)) == pytest.approx(
        spectra.singular_values(dW)[:, rank]
    )


def test_structureless_change_is_rarely_above_its_edge():
    rng = np.random.default_rng(4)
    dW = ginibre(rng, 200, 20, 20)
    dW[:, range(20), range(20)] = 0
    above = spectra.count_above(spectra.singular_values(dW), spectra.shuffled_edge(dW, rng=rng)) > 0
    assert above.mean() == pytest.approx(1 / 21, abs=0.05)


def test_shuffle_keeps_the_diagonal_empty():
    dW = np.zeros((1, 2, 2))
    dW[0, 0, 1], dW[0, 1, 0] = 3.0, 1.0
    assert spectra.shuffled_edge(dW, rng=np.random.default_rng(0)) == pytest.approx([1.0])


def test_henrici_ratio_of_ginibre_and_the_real_schur_number():
    result = spectra.non_normality(ginibre(np.random.default_rng(2), 3, 200, 200))
    assert result.henrici == pytest.approx(np.full(3, 1 / np.sqrt(2)), abs=0.01)
    assert result.real_schur == pytest.approx(np.full(3, np.sqrt(0.75 * 200)), rel=0.02)
    assert result.numerical_abscissa == pytest.approx(np.full(3, np.sqrt(2)), rel=0.05)


def test_known_non_normality():
    rotation, jordan = np.array([[0.0, -1.0], [1.0, 0.0]]), np.array([[0.0, 3.0], [0.0, 0.0]])
    result = spectra.non_normality(np.stack([rotation, jordan, np.zeros((2, 2))]))
    # The rotation is normal: only the real form counts it.
    assert result.real_schur == pytest.approx([np.sqrt(2), 3, 0])
    assert result.upper_frobenius == pytest.approx([0, 3, 0], abs=1e-12)
    assert result.upper_2norm == pytest.approx([0, 3, 0], abs=1e-12)
    assert result.henrici == pytest.approx([0, 1, np.nan], abs=1e-12, nan_ok=True)
    assert result.numerical_abscissa == pytest.approx([0, 1.5, 0], abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_schur_norms_equal_the_norm_without_the_eigenvalues(seed):
    W = ginibre(np.random.default_rng(seed), 2, 12, 12)
    eigenvalues, square = np.linalg.eigvals(W), (W**2).sum(axis=(1, 2))
    result = spectra.non_normality(W)
    assert result.upper_frobenius**2 == pytest.approx(
        square - (np.abs(eigenvalues) ** 2).sum(axis=1)
    )
    assert result.real_schur**2 == pytest.approx(square - (eigenvalues.real**2).sum(axis=1))


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(0.1, 10))
def test_permuting_units_changes_nothing_and_scale_scales(seed, scale):
    rng = np.random.default_rng(seed)
    W, dW = ginibre(rng, 2, 1, 12, 12)
    order = rng.permutation(12)
    mixed, d_mixed = W[:, order][:, :, order], dW[:, order][:, :, order]
    one, two = spectra.non_normality(W), spectra.non_normality(scale * mixed)
    # Not the 2-norm: it depends on the order of the eigenvalues.
    for name in ("real_schur", "upper_frobenius", "numerical_abscissa"):
        assert getattr(two, name) == pytest.approx(scale * getattr(one, name)), name
    assert two.henrici == pytest.approx(one.henrici)
    for one, two in zip(
        spectra.concentration(dW), spectra.concentration(scale * d_mixed), strict=True
    ):
        assert two == pytest.approx(one)
    assert scale * spectra.singular_values(dW) == pytest.approx(
        spectra.singular_values(scale * d_mixed)
    )
    one = spectra.match_eigenvalues(W, W + dW).displacement.sum()
    two = spectra.match_eigenvalues(scale * mixed, scale * (mixed + d_mixed)).displacement.sum()
    assert two == pytest.approx(scale * one)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_rotation_keeps_non_normality(seed):
    rng = np.random.default_rng(seed)
    W = ginibre(rng, 1, 10, 10)
    Q, _ = np.linalg.qr(rng.standard_normal((10, 10)))
    one, two = spectra.non_normality(W), spectra.non_normality(Q @ W @ Q.T)
    for name in ("real_schur", "upper_frobenius", "henrici", "numerical_abscissa"):
        assert getattr(two, name) == pytest.approx(getattr(one, name)), name


def test_concentration_of_gaussian_sparse_and_empty_changes():
    rng = np.random.default_rng(3)
    sparse = np.zeros((101, 101))
    sparse[0, 1:] = 1.0
    dW = np.stack([rng.standard_normal((101, 101)), sparse, np.zeros((101, 101)), 7 * np.eye(101)])
    result = spectra.concentration(dW)
    assert result.top_share[:2] == pytest.approx([0.0845, 1.0], abs=0.005)
    # 1 % ones: the kurtosis of a Bernoulli variable, (1 - 6 p q) / (p q).
    p = 100 / (101 * 100)
    assert result.excess_kurtosis[:2] == pytest.approx(
        [0, (1 - 6 * p * (1 - p)) / (p * (1 - p))], abs=0.2
    )
    assert np.isnan(result.top_share[2:]).all() and np.isnan(result.excess_kurtosis[2:]).all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"W must be \(network, unit, unit\), not \(3, 3\)"):
        spectra.non_normality(np.eye(3))
    with pytest.raises(ValueError, match="finite"):
        spectra.singular_values(np.full((1, 2, 2), np.nan))
    with pytest.raises(ValueError, match="same networks"):
        spectra.match_eigenvalues(np.zeros((1, 2, 2)), np.zeros((1, 3, 3)))
