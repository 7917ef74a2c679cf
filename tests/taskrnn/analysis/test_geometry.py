import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from taskrnn.analysis import geometry as latent

seeds = st.integers(0, 2**32 - 1)
GRID = np.stack(np.meshgrid(*[np.linspace(0, 2, 21)] * 2), axis=-1).reshape(-1, 2)
ANSWER = np.sign(GRID[:, 0] - GRID[:, 1])


def two_layers(gap, thickness, seed=0):
    """Flat square layers 4 wide, `gap` apart, tilted."""
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.uniform(-2, 2, (400, 2)), thickness * rng.standard_normal(400)])
    answer = np.repeat([1, -1], 200)
    points[:, 2] += answer * gap / 2
    return points @ Rotation.from_euler("xyz", [0.4, 1.1, -0.3]).as_matrix().T, answer


def test_planted_layers_have_their_ratio():
    points, answer = two_layers(gap=1.0, thickness=0.1)
    result = latent.layers(points, answer, rng=np.random.default_rng(0))
    assert result.ratio == pytest.approx(10, rel=0.1)
    assert (result.gap, result.thickness) == (
        pytest.approx(1, rel=0.05),
        pytest.approx(0.1, rel=0.1),
    )
    assert result.delta_bic > 100 and result.n_modes == 2


def test_one_sheet_cut_in_two_has_the_ratio_of_a_triangle():
    sheet = np.column_stack([GRID, np.zeros(len(GRID))])
    result = latent.layers(sheet, ANSWER, rng=np.random.default_rng(0))
    # Means and variance of u1 - u2 within one half, counted on the grid.
    half = (GRID[:, 0] - GRID[:, 1])[ANSWER > 0]
    assert result.ratio == pytest.approx(2 * half.mean() / half.std(ddof=1), rel=0.01)
    assert 2 * np.sqrt(2) < result.ratio < 3.1
    assert result.n_modes == 1 and result.delta_bic < 0


def test_fold_too_faint_to_see_does_not_count():
    sheet = np.column_stack([GRID, 1e-6 * ANSWER])
    flat = np.column_stack([GRID, 0 * ANSWER])
    one, two = (latent.layers(x, ANSWER, rng=np.random.default_rng(0)).ratio for x in (sheet, flat))
    assert one == pytest.approx(two, rel=1e-3)


def test_gap_is_that_of_linear_discriminant_analysis():
    points, answer = two_layers(gap=0.6, thickness=0.4, seed=1)
    ratio = latent.layers(points, answer, rng=np.random.default_rng(0)).ratio
    scores = LinearDiscriminantAnalysis().fit(points, answer).transform(points)[:, 0]
    means = [scores[answer == side].mean() for side in (1, -1)]
    within = np.sqrt(
        sum(((scores[answer == s] - m) ** 2).sum() for s, m in zip((1, -1), means, strict=True))
        / 398
    )
    assert ratio == pytest.approx(abs(means[0] - means[1]) / within, rel=0.02)


def test_skewed_heap_beats_one_gaussian_and_still_has_one_mode():
    rng = np.random.default_rng(2)
    points = np.column_stack([rng.exponential(size=2000), rng.standard_normal((2000, 2)) * 0.1])
    result = latent.layers(points, np.sign(points[:, 0] - 0.7), rng=rng)
    assert result.delta_bic > 0 and result.n_modes == 1


@settings(max_examples=10, deadline=None)
@given(seeds, st.floats(0.01, 100))
def test_layers_follow_rotation_translation_and_scale(seed, scale):
    points, answer = two_layers(0.8, 0.2, seed=seed % 100)
    turn = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    one = latent.layers(points, answer, rng=np.random.default_rng(0))
    two = latent.layers(scale * (points @ turn + 3), -answer, rng=np.random.default_rng(0))
    assert two[:4] == pytest.approx(
        (one.ratio, scale * one.gap, scale * one.thickness, scale * one.extent)
    )
    assert two.delta_bic == pytest.approx(one.delta_bic, rel=1e-2) and two.n_modes == one.n_modes


def arc(height, ends=((-1.0, 0, 0), (1.0, 0, 0))):
    """A path from one end to the other and back, bent in the x-y plane, with a little bend out of
    it.
    """
    t = np.linspace(0, np.pi, 60)
    there = np.column_stack([-np.cos(t), height * np.sin(t), 0.1 * height * np.sin(2 * t)])
    return np.array([ends]), np.concatenate([there, there[::-1]])[None]


def test_plane_holds_the_fixed_points_and_the_bend():
    plane = latent.plane_through(*arc(0.5))
    assert np.abs(plane.normal) == pytest.approx(np.array([[0, 0, 1.0]]), abs=1e-12)
    assert np.abs(plane.line) == pytest.approx(np.array([[1.0, 0, 0]]))
    assert plane.ambiguity == pytest.approx([0.1], rel=0.05)
    assert plane.width == pytest.approx([0.5 / np.sqrt(2) / 2], rel=0.05)


def test_plane_equals_a_search_over_all_planes_through_the_line():
    rng = np.random.default_rng(3)
    ends, path = rng.standard_normal((1, 2, 3)), rng.standard_normal((1, 50, 3))
    plane = latent.plane_through(ends, path)
    across = np.linalg.svd(plane.line)[2][1:]
    angle = np.linspace(0, np.pi, 20001)
    normals = np.column_stack([np.cos(angle), np.sin(angle)]) @ across
    best = normals[(((path[0] - ends[0, 0]) @ normals.T) ** 2).sum(axis=0).argmin()]
    assert abs(plane.normal[0] @ best) == pytest.approx(1, abs=1e-6)


def test_rest_in_the_fixed_points_changes_no_angle():
    ends, path = arc(0.5)
    rest = np.concatenate([path, np.repeat(ends, 100, axis=1)], axis=1)
    assert np.abs(latent.plane_through(ends, rest).normal) == pytest.approx(
        np.abs(latent.plane_through(ends, path).normal), abs=1e-12
    )
    start = np.linspace([-1.0, 1, 2], [-1, 0, 0], 20)[None]
    waiting = np.concatenate([start, np.repeat(start[:, -1:], 500, axis=1)], axis=1)
    plane = latent.plane_through(ends, path)
    assert np.array(latent.transient_angles(waiting, plane)) == pytest.approx(
        np.array(latent.transient_angles(start, plane))
    )


def test_known_angles():
    plane = latent.plane_through(*arc(0.5))
    directions = np.array(
        [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 0], [1, 1e-8, 0]], dtype=float
    )
    transients = directions[:, None] * np.linspace(2, 0, 10)[:, None]
    result = latent.transient_angles(transients, plane)
    assert result.to_plane == pytest.approx([90, 0, 0, 45, 0, 0], abs=1e-9)
    assert result.to_line == pytest.approx([90, 0, 90, 45, 45, np.degrees(1e-8)], abs=1e-9)
    assert result.straightness == pytest.approx(np.ones(6))


def test_random_directions_have_the_stated_means():
    directions = np.random.default_rng(4).standard_normal((40000, 1, 3))
    transients = np.concatenate([directions, 0 * directions], axis=1)
    result = latent.transient_angles(transients, latent.plane_through(*arc(0.5)))
    assert result.to_plane.mean() == pytest.approx(latent.RANDOM_TO_PLANE, abs=0.3)
    assert result.to_line.mean() == pytest.approx(latent.RANDOM_TO_LINE, abs=0.3)
    assert (result.to_line >= result.to_plane - 1e-9).all()
    assert np.quantile(np.sin(np.radians(result.to_plane)), 0.95) == pytest.approx(0.95, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(0.01, 100))
def test_angles_follow_rotation_translation_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    turn = Rotation.random(rng=rng).as_matrix()
    ends, path, transient = (rng.standard_normal((2, n, 3)) for n in (2, 30, 10))
    one = latent.transient_angles(transient, latent.plane_through(ends, path))
    ends, path, transient = (scale * (x @ turn + 5) for x in (ends, path, transient))
    two = latent.transient_angles(transient, latent.plane_through(ends[:, ::-1], path))
    assert np.array(two) == pytest.approx(np.array(one), abs=1e-5)


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    ends, path = arc(0.5)
    with pytest.raises(ValueError, match=r"points \(5, 2\) must be"):
        latent.layers(np.zeros((5, 2)), np.zeros(5), rng=rng)
    with pytest.raises(ValueError, match="Fewer than 4 conditions"):
        latent.layers(rng.standard_normal((9, 3)), np.ones(9), rng=rng)
    with pytest.raises(ValueError, match="ends must have shape"):
        latent.plane_through(ends[0], path)
    with pytest.raises(ValueError, match=r"Networks \[0\] have equal fixed points"):
        latent.plane_through(ends[:, [0, 0]], path)
    with pytest.raises(ValueError, match="never leave the line"):
        latent.plane_through(*arc(0.0))
