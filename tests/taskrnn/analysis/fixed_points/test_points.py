import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from taskrnn.analysis.fixed_points.points import distinct


def test_near_points_do_not_chain():
    # The second is near the first, the third near the second but not near the first: it must stay.
    member, kept = distinct(np.array([[1.0, 0.0], [1 / 3, 1 / 3], [0.0, 1.0]]), 1.0)
    assert (member.tolist(), kept) == ([0, 0, 1], [0, 2])


def test_a_far_point_does_not_merge_near_ones():
    member, kept = distinct(np.array([[1.0], [1.0 + 1e-9], [2.0], [1e8]]), 1e-6)
    assert (member.tolist(), kept) == ([0, 0, 1, 2], [0, 2, 3])


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6))
def test_kept_points_are_apart_and_cover_the_others_at_every_scale(seed, scale):
    points = np.random.default_rng(seed).standard_normal((60, 2))
    member, kept = distinct(scale * points, 0.3)
    size = np.linalg.norm(points, axis=1)
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1) / np.maximum(
        size[:, None], size
    )
    assert (apart[np.arange(60), np.array(kept)[member]] <= 0.3 + 1e-9).all()
    assert (apart[np.ix_(kept, kept)] + np.eye(len(kept)) > 0.3).all()
    assert (member[kept] == np.arange(len(kept))).all()
