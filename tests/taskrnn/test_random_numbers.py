"""Normal numbers against their distribution, and against the formula one pair at a time."""

import math

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, norm

from taskrnn import random_numbers as gaussian


def draw(*shape, seed=0):
    return gaussian.standard_normal(shape, rng=np.random.default_rng(seed))


def test_it_is_the_formula_of_box_and_muller(monkeypatch):
    monkeypatch.setattr(gaussian, "BLOCK", 4)
    raw = np.random.default_rng(5).bit_generator
    expected = []
    for half in (4, 4, 2):  # 19 numbers: two full blocks of eight and one of three
        bits = raw.random_raw(half).view(np.uint32).astype(float)
        radius, angle = (
            np.sqrt(-2 * np.log((bits[:half] + 1) / 2**32)),
            2 * math.pi * bits[half:] / 2**32,
        )
        expected += [*(radius * np.cos(angle)), *(radius * np.sin(angle))]
    np.testing.assert_allclose(draw(19, seed=5), expected[:19], atol=2e-6)


def test_the_distribution_is_normal_in_the_middle_and_in_the_tails():
    x = draw(4_000_000).astype(float)
    assert x.dtype == float and draw(3).dtype == np.float32
    assert kstest(x, "norm").pvalue > 1e-3
    for k, moment in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        spread = math.sqrt(
            math.prod(range(1, 2 * k, 2)) / len(x)
        )  # the moments of order 2k are (2k - 1)!!
        assert (x**k).mean() == pytest.approx(moment, abs=4 * spread)
    edges = np.array([3.0, 3.5, 4.0, 4.5, math.inf])
    expected = len(x) * 2 * -np.diff(norm.sf(edges))
    assert (
        chisquare([*np.histogram(np.abs(x), edges)[0], 0][:4], expected, sum_check=False).pvalue
        > 1e-3
    )


def test_numbers_are_independent_of_each_other():
    x = draw(500, 1000).astype(float)
    near = [
        np.corrcoef(x.ravel()[:-lag], x.ravel()[lag:])[0, 1] for lag in (1, 2, 7, gaussian.BLOCK)
    ]
    assert np.abs(near).max() < 4 / math.sqrt(x.size)
    # The two of a pair come from the same radius: only their squares could give that away.
    block = draw(2 * gaussian.BLOCK, seed=3).reshape(2, -1).astype(float) ** 2
    assert abs(np.corrcoef(block)[0, 1]) < 4 / math.sqrt(gaussian.BLOCK)


def test_the_same_generator_gives_the_same_and_goes_on():
    rng = np.random.default_rng(1)
    first, second = (gaussian.standard_normal((7,), rng=rng) for _ in range(2))
    np.testing.assert_array_equal(first, draw(7, seed=1))
    assert not np.intersect1d(first, second).size
    assert draw(0).shape == (0,) and draw(2, 0, 3).shape == (2, 0, 3)
