"""Linearisations at points, tangents of functions, intraclass correlations, and the claims X1 to
X4.
"""

import dataclasses

import numpy as np
import pytest
import test_counting_study as counting
import xarray as xr
from draws import N
from hard_networks import experiment, healthy

from studies.complexity import claims, consistency, experiments, figures, measures, summary
from studies.complexity.linear_models import linear_models, of_targets, tangents
from studies.complexity.tangents import Tangents, fewest, half_octaves, nearest, of_distance, r2
from studies.counting.measures import CASES
from studies.dimension.experiments import DISTANCE
from studies.ledger import Result
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.networks.network import Weights
from taskrnn.random_numbers import generator
from taskrnn.variables import WHEN

ALPHA = 0.1
WEIGHTS = ("recurrent_after", "input_weights", "bias", "readout")
FEW = {"n_inputs": 40, "n_references": 64, "n_draws": 5}


def test_units_that_are_alone_have_the_leak_and_nothing_above_it():
    """Active units without weights to active ones, whatever silent units they are joined with."""
    e = experiment(DISTANCE[0])
    network = healthy(e)
    for name in ("recurrent_before", "recurrent_after"):
        network[name][:] = 0.0
        network[name][0, :, 3] = 1.0  # unit 3 drives all others, and is silent
    network["bias"][:] = 2.0
    network["bias"][:, 3] = -50.0
    found = measures.at_points(e, network, n_inputs=3, n_starts=5).sel(case="after")
    assert measures.leak(ALPHA) == pytest.approx(0.8304, abs=1e-4)
    assert found.active == e.network.n_units - 1 and found.excess == pytest.approx(0, abs=1e-9)
    assert found.information == pytest.approx(found.active * measures.leak(ALPHA))
    # No unit is heard by another, so the way from input to output has one state.
    assert found.order == 1 and found.r2 == pytest.approx(1, abs=1e-9)


def test_the_response_of_a_network_that_stays_in_its_region_is_that_of_its_whole_model(monkeypatch):
    """All singular values are kept: then the model is the network, in whatever coordinates."""
    e = experiment(DISTANCE[1])
    network = healthy(e)
    network["bias"][:] = 3.0  # far from all thresholds
    network["recurrent_after"][:] *= 0.2
    w = measures.as_float(Weights(*(network[n].values for n in WEIGHTS)))
    rng = generator(0, "test")
    inputs, rates = measures.points(w, e, n_inputs=4, n_starts=5, rng=rng)
    assert len(rates) == 4 and (rates > 0).all()
    found = measures.described(w, inputs, rates, e, rng=rng)
    assert (found["r2"] > 0.99).all() and (found["order"] < e.network.n_units).all()
    monkeypatch.setattr(measures, "SHARE", 1.0)
    whole = measures.described(w, inputs, rates, e, rng=generator(0, "test"))
    np.testing.assert_allclose(whole["r2"], 1, atol=1e-9)


def test_the_points_of_a_memory_are_its_stable_ones():
    """Two pairs of competing units: four memories, in each of which two units are alone."""
    e = counting.experiments.memory(2)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=4, sigma=0.0))
    network = counting.network_of(counting.competing(2, 2), np.ones(4), 2)
    found = measures.at_points(e, network, n_starts=60).sel(case="after")
    assert found.points == 4 and found.active == 2
    assert found.excess == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.r2)  # no input reaches a unit


def test_the_gradient_of_a_network_is_that_of_its_output():
    """By differences of the outputs at which it settles."""
    e = experiment(DISTANCE[2])
    w = measures.as_float(Weights(*(healthy(e)[name].values for name in WEIGHTS)))
    rng = generator(1, "test")
    at, h = e.task.draw(5, 1, rng=rng)[:, 0], 1e-6
    rates = measures.settle(w, at, e, rng=rng).rates[0]
    found = tangents(w, at, rates, e)
    for i in range(at.shape[1]):
        ends = [
            measures.settle(w, at + sign * h * np.eye(4)[i], e, rng=rng).rates[0] @ w.readout[0].T
            for sign in (1, -1)
        ]
        slope = (ends[0] - ends[1]) / (2 * h)
        np.testing.assert_allclose(found.slope[:, :, i], slope, atol=1e-6)


def test_tangents_of_the_absolute_value():
    """Of both signs they are the function, of one sign they are worse than a constant."""
    inputs = np.linspace(-1, 1, 401)[:, None]
    z = np.abs(inputs)
    both, one = of_distance(np.array([[-0.5], [0.5]])), of_distance(np.array([[0.5], [0.7]]))
    which = nearest(both.at, inputs, np.array([2]), n_draws=1, rng=generator(2, "test"))
    assert r2(both, which, inputs, z) == pytest.approx(1)
    bad = r2(one, which, inputs, z)
    # Half of the inputs are wrong by twice their size: 1 - 2 E x^2 / Var|x| = 1 - 2 / 3 * 12.
    assert bad == pytest.approx(-7, abs=0.1)
    distances = np.random.default_rng(0).uniform(0.2, 1, 4000)[:, None]
    signed = np.concatenate([distances, -distances])
    which = np.zeros(len(signed), int)
    assert r2(one, which, signed, np.abs(signed)) == pytest.approx(-14.5, abs=0.5)


def test_an_affine_map_needs_one_linear_model():
    rng = np.random.default_rng(0)
    M, at, inputs = rng.standard_normal((2, 3)), *rng.standard_normal((2, 20, 3))
    affine = Tangents(at, at @ M.T + 1, np.broadcast_to(M, (20, 2, 3)))
    numbers = half_octaves(20)
    assert numbers.tolist() == [1, 2, 3, 4, 6, 8, 11, 16]
    which = nearest(at, inputs, numbers, n_draws=3, rng=rng)
    found = r2(affine, which, inputs, inputs @ M.T + 1)
    np.testing.assert_allclose(found, 1)
    assert fewest(found[0], numbers) == 1
    assert fewest(np.array([-5, 0.95, 0.8]), np.array([1, 2, 4])) == 2
    assert fewest(np.array([-5, 0.5]), np.array([1, 2])) == 4


def test_the_nearest_of_the_first_references_by_looking_at_all():
    rng = np.random.default_rng(1)
    at, inputs = rng.standard_normal((2, 30, 2))
    numbers = np.array([1, 4, 30])
    found = nearest(at, inputs, numbers, n_draws=2, rng=np.random.default_rng(5))
    again = np.random.default_rng(5)
    for draw in found:
        order = again.permutation(30)
        for which, n in zip(draw, numbers, strict=True):
            for u, i in zip(inputs, which, strict=True):
                assert i == min(order[:n], key=lambda k, u=u: np.linalg.norm(at[k] - u))


def test_a_network_that_is_the_distance_needs_as_many_models_as_the_distance():
    """Two units, one for each sign of one input, and no recurrent weights."""
    e = experiment(DISTANCE[0])
    network = healthy(e)
    for name in ("recurrent_before", "recurrent_after", "input_weights", "bias", "readout"):
        network[name][:] = 0.0
    network["input_weights"][0, :2, 0] = np.array([1, -1])
    network["readout"][0, 0, :2] = 1
    found = linear_models(e, network, **FEW)
    target = of_targets({1: e}, **FEW)[1]
    for when in WHEN:
        np.testing.assert_allclose(found.r2.sel(when=when), target.r2)
    assert (found.k90 == target.k90).all() and 2 < target.k90 < 8


def test_the_intraclass_correlation_in_closed_form():
    """Groups at 0 and b with members at +-1 around them: B = n b^2 / 2, E = n / (n - 1)."""
    n, b = 4, 3.0
    group = np.array([-1.0, -1, 1, 1])
    B, E = n * b**2 / 2, n / (n - 1)
    expected = (B - E) / (B + (n - 1) * E)
    assert consistency.intraclass_correlation(group, group + b) == pytest.approx(expected)
    # By its meaning, in many groups: the share of the variance that members have in common.
    rng = np.random.default_rng(0)
    many = 2 * rng.standard_normal((4000, 1)) + rng.standard_normal((4000, 3))
    assert consistency.intraclass_correlation(*many) == pytest.approx(4 / 5, abs=0.02)
    unequal = [row[: 2 + k % 2] for k, row in enumerate(many)]
    assert consistency.intraclass_correlation(*unequal) == pytest.approx(4 / 5, abs=0.02)
    assert consistency.permuted(list(many[:4])).mean() == pytest.approx(0, abs=0.05)
    alike = [np.ones(3), 2 * np.ones(3)]
    assert consistency.interval(alike)[:3] == (1, 1, 1)
    assert np.isnan(consistency.interval([np.ones(3)] * 2)[1:3]).all()


def test_the_interval_of_an_intraclass_correlation_holds_what_was_drawn():
    held, n_samples = 0, 60
    for seed in range(n_samples):
        rng = np.random.default_rng(seed)
        groups = list(rng.standard_normal((4, 10)) + np.array([[0], [1], [2], [3]]))
        # Four fixed groups with a variance of 5/3 between their means, and 1 within.
        low, high = consistency.interval(groups, n_draws=300)[1:3]
        held += low <= (5 / 3) / (5 / 3 + 1) <= high
    assert held / n_samples > 0.8


def test_other_sizes_and_seeds():
    paper = experiments.experiments("paper")
    sizes = [(e.network.n_units, e.task.dimensions) for e in paper]
    assert sizes == [(64, 1), (64, 8), (256, 1), (256, 8)]
    assert {e.seed for e in paper} == {2_750_000}
    assert {e.network.n_units for e in experiments.experiments("smoke")} == {16, 64}
    assert [e.task.dimensions for e in experiments.distances("paper")] == [1, 2, 4, 8]
    named = experiments.by_size({e.name: e for e in paper}, {e.name: e.name for e in paper})
    assert named[64] == {1: "distance_1_of_64", 8: "distance_8_of_64"}


def of_points(draws, *, excess=2.0, before=2.0, order=3, untrained=9, r2=0.99):
    """Numbers of ten networks at their points; `order` states after training, `untrained` before
    it and after a random change.
    """
    axes, ones = ("network", "case"), np.ones(N)
    above = np.stack([draws.around(before), draws.around(excess), draws.around(before)], axis=1)
    states = np.stack([untrained * ones, order * ones, untrained * ones], axis=1)
    found = {
        "excess": above,
        "information": above + 50,
        "active": 60 + 0 * above,
        "order": states,
        "r2": r2 + 0 * above,
        "points": 20 + 0 * above,
    }
    return xr.Dataset({name: (axes, of) for name, of in found.items()}, {"case": list(CASES)})


def two_ladders(draws, *, slope=1.0, slope_before=0.0, **settings):
    """Both ladders, in which the information above the leak rises by these slopes from 2 nats."""
    return {
        name: {
            x: of_points(draws, excess=2 + slope * k, before=2 + slope_before * k, **settings)
            for k, x in enumerate(rungs)
        }
        for name, rungs in (("distance", (1, 2, 4, 8)), ("memory", (1, 2, 3, 4)))
    }


def other_sizes(draws, *, times=1.0):
    """Networks of two other sizes with so many times as much of it, at both ends."""
    ends = {1: 2.0, 8: 5.0}
    return {
        n: {d: of_points(draws, excess=times * nats) for d, nats in ends.items()} for n in (64, 256)
    }


def of_models(draws, *, octaves=2.0, before=0.0, sd=0.2):
    """K_90 grows by so many octaves on every rung."""

    def rung(k):
        log = np.stack([draws.around(3 + slope * k, sd=sd) for slope in (before, octaves)], axis=1)
        curves = np.linspace(-5, 1, 24) + np.zeros((N, 2, 24))
        found = {
            "k90": (("network", "when"), 2.0**log),
            "r2": (("network", "when", "number"), curves),
        }
        return xr.Dataset(found, {"when": list(WHEN), "number": half_octaves(4096)})

    return {d: rung(k) for k, d in enumerate((1, 2, 4, 8))}


def of_target():
    curve = {"r2": ("number", np.linspace(-5, 1, 24)), "k90": ((), 64.0)}
    return dict.fromkeys((1, 2, 4, 8), xr.Dataset(curve, {"number": half_octaves(4096)}))


def x1(draws, *, slope=1.0, slope_before=0.0, times=1.0) -> Result:
    ladders = two_ladders(draws, slope=slope, slope_before=slope_before)
    return claims.x1(ladders, other_sizes(draws, times=times))


def x2(draws, **settings) -> Result:
    return claims.x2(of_models(draws, **settings), of_target())


def x3(draws, **settings) -> Result:
    return claims.x3(of_models(draws, **settings))


def x4(draws, **settings) -> Result:
    return claims.x4(two_ladders(draws, **settings))


PAIRS = {
    "X1": (x1, {"slope_before": 1.0}, CHANCE),
    "X2": (x2, {"before": 2.0}, CHANCE),
    "X3": (x3, {"octaves": 0.0}, CONTRADICTED),
    "X4": (x4, {"untrained": 3}, CHANCE),
}


def test_the_parts_of_the_claims_are_judged_by_themselves(draws):
    sizes = x1(draws, times=1.5).parts
    assert sizes["64 units"] == CONTRADICTED and sizes["distance"] == SUPPORTED
    assert x1(draws, slope=0.0).parts["memory"] in (CONTRADICTED, UNDECIDED)
    assert x2(draws, octaves=0.0, sd=0).verdict == CONTRADICTED  # all the same: no order
    assert x3(draws, sd=3.0).verdict != SUPPORTED
    assert x4(draws, order=6).verdict == x4(draws, r2=0.8).verdict == CONTRADICTED
    ladders = two_ladders(draws)
    ladders["memory"][2]["order"][:, CASES.index("random change")] = 3
    parts = claims.x4(ladders).parts
    assert parts["memory, k = 2"] == CHANCE and parts["memory, k = 1"] == SUPPORTED


def test_networks_without_numbers_stay_in_the_counts_and_out_of_the_rest(draws):
    ladders, sizes, models = two_ladders(draws), other_sizes(draws), of_models(draws)
    for of in (ladders["distance"][2], ladders["memory"][1], sizes[64][1], models[4]):
        for values in of.data_vars.values():
            values[0] = np.nan
    results = claims.x1(ladders, sizes), claims.x2(models, of_target()), claims.x3(models)
    for result in results:
        assert result.verdict == SUPPORTED
    # Nine of ten do not show that it holds in two thirds of all.
    few = claims.x4(ladders)
    assert few.parts["memory, k = 1"] == UNDECIDED and few.parts["memory, k = 2"] == SUPPORTED
    for result in (*results, few):
        assert result.n_networks == "n = 10, 1 missing"
        assert "nan" not in result._repr_markdown_()
    figures.linear_models(models, of_target())
    figures.truncations(ladders)
    figures.information(ladders, sizes | {128: ladders["distance"]}, ALPHA)
    text = summary.numbers(ladders, models, of_target())
    assert text.target_k90 == "64, 64, 64 and 64" and "nan" not in str(text)
