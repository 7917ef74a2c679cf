"""Fixed points that are followed while the input changes, against solutions and lists."""

import numpy as np
import pytest
from small_networks import competing

from taskrnn.analysis.fixed_points.continuation import continued
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.missing import Unmeasurable
from taskrnn.random_numbers import generator

PAIR = np.array([[0.0, -1.5], [-1.5, 0.0]])


def test_a_winner_goes_on_until_the_fold_where_the_other_has_to_win():
    """Unit 1 wins at c = (1 + a x, 1 - a x) while 1 - a x < w (1 + a x), x = 1 - 2 s."""
    a, w = 0.5, 1.5
    c, change = np.array([1 + a, 1 - a]), np.array([-2 * a, 2 * a])
    way = continued(PAIR, c, change, np.array([1 + a, 0.0]))
    fold = (1 - (1 - w) / (a * (1 + w))) / 2
    assert way.end == pytest.approx(fold) and not way.through and way.stable
    s = np.linspace(0, 1, 101)
    np.testing.assert_allclose(way.rates[s <= fold, 0], 1 + a * (1 - 2 * s[s <= fold]))
    assert np.isnan(way.rates[s > fold]).all() and not way.rates[s <= fold, 1].any()


def test_a_weaker_input_lets_both_winners_and_the_point_between_them_go_on():
    c, change = np.array([1.1, 0.9]), np.array([-0.2, 0.2])
    for rates, stable in (([1.1, 0], True), ([0, 0.9], True), ([0.2, 0.8], False)):
        if not stable:
            rates = np.linalg.solve(np.eye(2) - PAIR, c)
        way = continued(PAIR, c, change, np.array(rates))
        assert way.through and way.end == 1 and way.stable == stable


@pytest.mark.parametrize("theta", [0.0, 0.2])
def test_every_place_of_a_way_is_in_the_list_of_all_points_and_the_way_back_ends_where_it_began(
    theta,
):
    rng, folds = generator(3, "test"), 0
    for _ in range(25):
        W, c = competing(rng, 7, 2.0)
        change = 0.5 * rng.standard_normal(7)
        lists = [enumerate_fixed_points(W, c + s * change, theta=theta).rates for s in (0, 0.5, 1)]
        for rates in lists[0]:
            way = continued(W, c, change, rates, n_steps=3, theta=theta)
            np.testing.assert_allclose(way.rates[0], rates, atol=1e-9)
            for at, points in zip(way.rates, lists, strict=True):
                known = np.isfinite(at).all()
                assert not known or np.abs(points - at).max(axis=1).min() < 1e-9
            folds += not way.through
            if way.through:
                back = continued(W, c + change, -change, way.rates[-1], n_steps=3, theta=theta)
                assert back.through and back.stable == way.stable
                np.testing.assert_allclose(back.rates[::-1], way.rates, atol=1e-9)
    assert folds > 5


def test_of_two_points_that_vanish_in_a_fold_both_end_there():
    """Lists before and after differ by pairs: as many ways end in a fold as begin in none."""
    rng = generator(4, "test")
    for _ in range(20):
        W, c = competing(rng, 7, 2.0)
        change = 0.3 * rng.standard_normal(7)
        ends = [enumerate_fixed_points(W, c + s * change).rates for s in (0, 1)]
        forth = [continued(W, c, change, r, n_steps=2) for r in ends[0]]
        back = [continued(W, c + change, -change, r, n_steps=2) for r in ends[1]]
        assert sum(way.through for way in forth) == sum(way.through for way in back)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(Unmeasurable, match="change must hold finite numbers"):
        continued(PAIR, np.ones(2), np.array([np.inf, 0]), np.array([1.0, 0]))
