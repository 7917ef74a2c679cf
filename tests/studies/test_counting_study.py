"""Numbers of points, the sum of their indices, and the claims about them."""

import dataclasses
from math import comb

import numpy as np
import pytest
import xarray as xr
from draws import N

from studies.counting import claims, experiments, figures, measures, summary
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.random_numbers import generator
from taskrnn.tasks.flip_flop import FlipFlop

BITS = (1, 2, 3, 4)


def competing(groups, units, *, inhibition=1.5):
    """Groups of units of which each inhibits the others of its own group."""
    block = -inhibition * (1 - np.eye(units))
    return np.kron(np.eye(groups), block)


@pytest.mark.parametrize(("groups", "units"), [(1, 6), (3, 2), (2, 3)])
def test_groups_of_competing_units_have_all_points_and_an_index_sum_of_one(groups, units):
    """(2^k - 1)^g points of which k^g are stable; k active units of a group grow in k - 1 ways."""
    W = competing(groups, units)
    found = fixed_points(W, np.ones(len(W)), rng=generator(0, "test"), n_starts=400)
    assert len(found.hits) == (2**units - 1) ** groups
    assert (found.unstable_map == 0).sum() == units**groups
    assert found.index.sum() == 1
    np.testing.assert_array_equal(found.index, (-1) ** found.unstable_map)
    of_group = np.polynomial.Polynomial([comb(units, k + 1) for k in range(units)])
    by_directions = np.bincount(found.unstable_map)
    np.testing.assert_array_equal(by_directions, (of_group**groups).coef)


def test_the_index_sum_is_one_in_complete_lists_and_not_in_a_list_that_lacks_a_point():
    """Of networks with inhibition alone, whose activity cannot grow; the lists are enumerated."""
    rng, several = generator(1, "test"), 0
    for _ in range(60):
        W = -np.abs(rng.standard_normal((7, 7))) * 1.2
        np.fill_diagonal(W, 0)
        c = rng.standard_normal(7)
        found = fixed_points(W, c, rng=rng, n_starts=200)
        assert len(found.hits) == len(enumerate_fixed_points(W, c).rates)
        assert found.index.sum() == 1
        assert all(found.index.sum() - index != 1 for index in found.index)
        several += len(found.hits) > 1
    assert several > 5


def test_a_continuum_has_no_index():
    W = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = fixed_points(W, np.zeros(2), rng=generator(0, "test"), n_starts=20)
    assert found.continuum.tolist() == [1] and found.index.tolist() == [0]


def network_of(W, bias, n_bits):
    """An ensemble of one with these weights after training, and none before."""
    n = len(W)
    square = ("network", "unit", "from_unit")
    return xr.Dataset(
        {
            "recurrent_before": (square, np.zeros((1, n, n), np.float32)),
            "recurrent_after": (square, W[None].astype(np.float32)),
            "input_weights": (("network", "unit", "input"), np.zeros((1, n, n_bits), np.float32)),
            "bias": (("network", "unit"), bias[None].astype(np.float32)),
            "readout": (
                ("network", "output", "unit"),
                np.kron(np.eye(n_bits), [1, 0])[None].astype(np.float32),
            ),
            "seed": ("network", [5]),
        }
    )


@pytest.fixture(scope="module")
def two_bits():
    """Two pairs of competing units, and the experiment that they belong to."""
    e = experiments.memory(2)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=4, sigma=0.0))
    return e, network_of(competing(2, 2), np.ones(4), 2)


def test_what_is_measured_of_two_bits_made_by_hand(two_bits):
    found = measures.points(*two_bits, n_starts=60)
    after = found.sel(case="after")
    assert int(after.found) == 9 and int(after.stable) == 4 and int(after["index"]) == 1
    np.testing.assert_array_equal(after.by_directions[:4], [4, 4, 1, 0])
    assert int(found.found.sel(case="before")) == 1 and float(after.far_growth) < 0
    places = after.place.values[after.unstable.values == 0]
    np.testing.assert_allclose(sorted(map(tuple, places)), [(0, 0), (0, 1), (1, 0), (1, 1)])
    saddle = np.flatnonzero(after.unstable.values == 2)
    np.testing.assert_allclose(after.place.values[saddle], [[0.4, 0.4]])
    # A winner at rate 1 holds down the other: rates decay with the leak alone, of which there are two
    # with one eigenvector, so that a logarithm of the time is added.
    rates = measures.exponents(*two_bits, n_steps=400)
    np.testing.assert_allclose(rates.exponent, np.log(0.9) / 0.1, rtol=0.03)
    assert not found.attrs["reason"] and not rates.attrs["reason"]


def test_activity_that_grows_without_end_is_said(two_bits):
    e, _ = two_bits
    W = 3.0 * (1 - np.eye(4))
    grows = network_of(W, np.ones(4), 2)
    found = measures.points(e, grows, n_starts=5)
    assert float(found.sel(case="after").far_growth) > 0 and np.isnan(found.wrong[1])
    assert "after: rates grow beyond all bounds" in found.attrs["reason"]
    rates = measures.exponents(e, grows, n_steps=4000)
    assert rates.exponent.isnull().all() and "grow beyond all bounds" in rates.attrs["reason"]


def test_the_ladder_and_its_settings():
    assert [e.task.bits for e in experiments.experiments("paper")] == list(BITS)
    assert [e.name for e in experiments.experiments("smoke")] == ["memory_1", "memory_2"]
    assert {e.seed for e in experiments.experiments("paper")} == {2_200_000}
    assert experiments.memory(3).task == FlipFlop(bits=3)


def memories(draws, *, base=3, stable=2, before=1, random=1, directions=True):
    """Counts of ten networks of each memory; by directions as independent bits, or all stable."""
    ladder = {}
    for k in BITS:
        n = np.array([[before, base**k, random]] * N, float)
        by = np.zeros((N, 3, 9))
        by[:, [0, 2], 0] = 1
        by[:, 1] = claims.independent(k, 9)
        if not directions:
            by[:, 1, 0] += 1
        found = {
            "found": (("network", "case"), n),
            "stable": (("network", "case"), np.where(n > 1, stable**k, n)),
            "by_directions": (("network", "case", "direction"), by),
        }
        ladder[k] = xr.Dataset(found, {"case": list(measures.CASES)})
    return ladder


def ladders(draws, *, per_doubling=1.0, before=0.0):
    def ladder():
        return {
            d: xr.Dataset(
                {
                    "found": (
                        ("network", "when", "input"),
                        1
                        + np.log2(d)
                        * draws.times(before, per_doubling, sd=0.02)[:, :, None]
                        * np.ones(3),
                    )
                },
                {"when": ["before", "after"]},
            )
            for d in (1, 2, 4, 8)
        }

    return {"distance": ladder(), "farther": ladder()}


def c1(draws, **settings):
    return claims.c1(ladders(draws, **settings))


def c2(draws, **settings):
    return claims.c2(memories(draws, **settings))


def c3(draws, **settings):
    return claims.c3(memories(draws, **settings))


def c4(draws, *, exponent=-0.3, drift=0.01):
    def rates():
        values = np.stack([draws.around(exponent), draws.around(exponent)], axis=1)
        found = {"exponent": (("network", "drive"), values)}
        found["drift"] = ("network", "drive"), np.full((N, 2), drift)
        return xr.Dataset(found, {"drive": list(measures.DRIVES)})

    return claims.c4({k: rates() for k in BITS})


def c5(draws, *, lacking=0):
    index = np.ones((N, 5))
    index[:lacking, 2] = 2
    return claims.c5({"memory": (index, np.ones((N, 5), bool))})


PAIRS = {
    "C1": (c1, {"before": 1}, CHANCE),
    "C2": (c2, {"base": 1, "stable": 1}, UNDECIDED),
    "C3": (c3, {"directions": False}, CONTRADICTED),
    "C4": (c4, {"exponent": 0}, CONTRADICTED),
    "C5": (c5, {"lacking": N}, CONTRADICTED),
}


def test_no_more_points_in_more_dimensions_contradict_c1(draws):
    assert c1(draws, per_doubling=0.0).verdict == CONTRADICTED
    assert c1(draws, per_doubling=0.15, before=0.0).verdict == SUPPORTED


def test_a_slope_that_random_changes_have_too_is_chance(draws):
    ladder = memories(draws)
    for of in ladder.values():
        of.stable.loc[{"case": "random change"}] = of.stable.sel(case="after")
    result = claims.c2(ladder)
    assert result.parts == {"points": SUPPORTED, "stable points": CHANCE}


def test_an_exponent_below_its_drift_has_no_certain_sign(draws):
    assert c4(draws, drift=0.5).verdict == CONTRADICTED


def test_a_search_in_an_unbounded_network_says_nothing(draws):
    index, bounded = np.full((N, 2), 3.0), np.zeros((N, 2), bool)
    result = claims.c5({"x": (index, bounded)})
    assert result.verdict == UNDECIDED and result.statistics[0].missing == N


def test_index_sums_are_gathered_with_whether_they_count():
    index = xr.DataArray([[[1, 2], [1, 1]]], dims=("network", "when", "step"))
    far = xr.DataArray([[-0.1, 0.2]], dims=("network", "when"))
    sums, bounded = summary.searches(index, far)
    assert sums.tolist() == [[1, 2, 1, 1]] and bounded.tolist() == [[True, True, False, False]]


def test_figures_take_networks_without_numbers(draws):
    found = memories(draws)
    found[2]["found"][0] = np.nan
    figures.numbers_of_points(found, ladders(draws))
    header, rows = summary.by_directions(
        {k: of.assign({"index": of.found}) for k, of in found.items()}
    )
    assert len(rows) == len(BITS) * (N + 1) and len(header) == len(rows[0])
