"""Several tasks in one network: overlaps, lesions, continued memories, Jacobians, and their
claims.
"""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from draws import N
from small_experiments import one_network
from test_counting_study import competing

from studies.several_tasks import (
    claims,
    experiments,
    figures,
    jacobians,
    lesions,
    measures,
    summary,
)
from studies.several_tasks import memories as continued_memories
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, UNDECIDED
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.distance import Distance

WHEN = ["before", "after"]
FEW = RateNetwork(n_units=12, input_sd=0.4, bias_sd=0.4)
BOTH = dataclasses.replace(experiments.BOTH, network=FEW)


# overlaps


def test_equal_sets_overlap_by_one_disjoint_ones_by_zero_and_random_ones_by_their_share():
    rng, p = generator(0, "test"), 0.3
    sets = (rng.random((6, 40_000)) < p).astype(float)
    found = measures.jaccard(sets, sets)
    np.testing.assert_allclose(np.diag(found), 1)
    np.testing.assert_allclose(found[np.triu_indices(6, 1)], p / (2 - p), atol=0.01)
    assert (measures.jaccard(sets, 1 - sets)[np.eye(6, dtype=bool)] == 0).all()
    assert np.isnan(measures.jaccard(np.zeros((1, 3)), np.zeros((1, 3)))).all()


def test_overlaps_within_a_task_are_of_different_inputs_and_unknown_sets_are_left_out():
    first = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [np.nan] * 4])
    second = np.array([[0, 0, 1, 1], [0, 0, 1, 1]], float)
    assert measures.sharing(first, second) == (0, (0.5 + 1) / 2)
    assert np.isnan(measures.sharing(first, np.full((2, 4), np.nan))[0])


def test_active_units_are_those_at_the_points_of_the_distinct_inputs_in_their_context():
    network = one_network(BOTH, scale=0.5)
    found = measures.active_units(BOTH, network, when="after", n_starts=4)
    assert (np.isfinite(found.found).sum("input") == [2, 30]).all() and not found.reason
    w = weights(network, "after")
    for level, active in zip((0.5, 0.8), found.active[0, :2].values, strict=True):
        rates = np.zeros(12)
        for _ in range(500):
            u = BOTH.task.embedded(np.array([level]), 0)
            rates = np.maximum(w.recurrent[0] @ rates + w.input[0] @ u + w.bias[0], 0)
        np.testing.assert_array_equal(active, rates > 0)


def test_answers_in_a_context_are_judged_as_those_of_the_task_alone():
    network = one_network(BOTH)
    rows = [measures.answers_by_context(BOTH, network, when=when, n_trials=60) for when in WHEN]
    found = xr.concat(rows, "when", combine_attrs="drop").assign_coords(when=WHEN)
    done = claims.by_task(BOTH, found.expand_dims("network"))
    trials = measures.trials_of(BOTH, 1, n_trials=60)
    error = BOTH.task.tasks[1].answer_error(trials.values, found.answers.values[1, 1])
    np.testing.assert_allclose(done["decision"].error.sel(when="after"), error)
    assert set(done) == {"perception", "decision"}


# lesions


def test_silenced_units_are_as_if_they_were_not_there():
    network = one_network(BOTH)
    w, trials = weights(network, "after"), measures.trials_of(BOTH, 0, n_trials=3)
    xi = noise(FEW, 3, trials.mask.shape[1], rng=generator(0, "test"))[None]
    silent, left = [1, 4, 7], np.setdiff1d(np.arange(12), [1, 4, 7])
    fewer = Weights(
        w.recurrent[:, left][:, :, left], w.input[:, left], w.bias[:, left], w.readout[:, :, left]
    )
    settings = dataclasses.replace(FEW, n_units=9)
    z = outputs(fewer, simulate(fewer, trials.inputs, network=settings, xi=xi[..., left]))[0]
    squared = [(z[i, t, 0] - trials.targets[i, t, 0]) ** 2 for i, t in np.argwhere(trials.mask)]
    found = lesions.loss(lesions.without(w, silent), trials, network=FEW, xi=xi)
    assert found == pytest.approx(np.mean(squared), rel=1e-5)


def test_random_units_are_others_of_nearly_the_same_rate():
    rate = np.linspace(0, 1, 100)
    chosen = np.arange(40, 60, 2)
    drawn = lesions.matched(rate, chosen, rng=generator(0, "test"))
    assert len(set(drawn)) == 10 and not set(drawn) & set(chosen)
    assert abs(rate[drawn].mean() - rate[chosen].mean()) < 0.03


def test_the_units_of_a_task_are_those_that_it_moves_and_the_other_loss_does_not_need_them():
    """Two groups of units without a connection, each with the inputs of one task."""
    network = one_network(BOTH)
    for name in ("recurrent_before", "recurrent_after"):
        network[name][:] = 0.0
    W_in = np.zeros((12, 5))
    W_in[:6, 0], W_in[6:, 1], W_in[:6, 3], W_in[6:, 4] = np.linspace(1, 2, 6), 1.0, 0.1, 0.1
    W_in[6:, 1] = np.linspace(1, 2, 6)
    network["input_weights"][0] = W_in
    network["bias"][:] = 0.0
    found = lesions.lesions(BOTH, network, n_trials=8, n_draws=2)
    assert not found.silenced[0, 6:].any() and not found.silenced[1, :6].any()
    assert found.silenced.sum("unit").values.tolist() == [1, 1] and not found.reason
    w, trials = weights(network, "after"), measures.trials_of(BOTH, 0, n_trials=5)
    xi = 0 * noise(FEW, 5, trials.mask.shape[1], rng=generator(0, "test"))[None]
    units = np.flatnonzero(found.silenced[1])
    losses = [lesions.loss(of, trials, network=FEW, xi=xi) for of in (w, lesions.without(w, units))]
    assert losses[0] == pytest.approx(losses[1])


# memories


def memory_network(context, *, before=0.0):
    """Two pairs of units that compete; the context favours one unit of the first pair by so much,
    and pulses and the second pair are untouched by it.
    """
    e = dataclasses.replace(
        experiments.MEMORIES["1"], network=RateNetwork(n_units=4, input_sd=1, bias_sd=1, sigma=0)
    )
    W = competing(2, 2)
    W_in = np.zeros((4, 4))
    W_in[:2, :2] = np.eye(2)
    W_in[0, 2:], W_in[1, 2:] = (context, -context), (-context, context)
    square = ("network", "unit", "from_unit")
    return e, xr.Dataset(
        {
            "recurrent_before": (square, (before * W)[None].astype(np.float32)),
            "recurrent_after": (square, W[None].astype(np.float32)),
            "input_weights": (("network", "unit", "input"), W_in[None].astype(np.float32)),
            "bias": (("network", "unit"), np.ones((1, 4), np.float32)),
            "readout": (("network", "output", "unit"), np.array([[[1, 0, 1, 0]]], np.float32)),
            "seed": ("network", [5]),
        }
    )


def test_memories_that_a_weak_context_leaves_alone_all_go_on():
    found = continued_memories.continuation(*memory_network(0.1), n_starts=60, n_draws=3)
    assert found.found.values.tolist() == [[1, 1], [9, 9]] and (found.index == 1).all()
    assert found.stable.values.tolist() == [[1, 1], [4, 4]]
    assert float(found.share) == 1 and np.isfinite(found.output[0, :9]).all()


def test_memories_of_a_strong_context_end_in_the_fold_where_the_other_unit_has_to_win():
    found = continued_memories.continuation(*memory_network(0.5), n_starts=60, n_draws=3)
    # In either context one unit of the first pair must win: 1 x 3 points, of which 2 are stable.
    assert found.found.sel(when="after").values.tolist() == [3, 3]
    assert found.stable.sel(when="after").values.tolist() == [2, 2] and float(found.share) == 0
    last = np.isfinite(found.output[0, :3].values).sum(axis=1) - 1
    assert (np.abs(last - 70) <= 1).all()  # s = 0.7, as in the tests of `continued`


def test_a_network_without_two_stable_points_has_no_memory():
    e, network = memory_network(0.1)
    network["recurrent_after"][:] = 0.0
    found = continued_memories.continuation(e, network, n_starts=10, n_draws=1)
    assert np.isnan(found.share) and "are no memory" in found.reason


# Jacobians


def test_the_change_of_the_jacobian_is_that_of_the_matrices():
    rng = generator(0, "test")
    W, rest, above = rng.standard_normal((9, 9)), rng.random(9) < 0.5, rng.random((4, 9)) < 0.5
    change, switched = jacobians.relative_changes(W, rest, above)
    for k, of in enumerate(above):
        difference = np.diag(of * 1.0) @ W - np.diag(rest * 1.0) @ W
        expected = np.linalg.norm(difference) / np.linalg.norm(np.diag(rest * 1.0) @ W)
        assert change[k] == pytest.approx(expected)
        assert switched[k] == np.mean(of != rest)


def test_two_rectifiers_give_the_distance_and_their_linear_model_does_not():
    """abs(u) = f(u + e) + f(-u) but for e; at input 0 the first unit is on, so the model is u."""
    e = Experiment(
        name="distance", task=Distance(dimensions=1), network=RateNetwork(n_units=3, input_sd=1, bias_sd=1)
    )  # fmt: skip
    network = one_network(e)
    W = np.zeros((3, 3))
    W[0, 2] = W[1, 2] = 0.5  # from a unit that is silent
    for name in ("recurrent_before", "recurrent_after"):
        network[name][:] = W
    network["input_weights"][0] = np.array([[1.0], [-1.0], [0.0]])
    network["bias"][0] = np.array([0.01, -0.001, -1.0])
    network["readout"][:] = np.array([1.0, 1.0, 0.0])
    found = jacobians.modulation(e, network)
    assert (found.r2 > 0.99).all() and (found.linear_r2 < 0).all()
    inputs = jacobians.inputs_of(e, 30)
    # Where u < 0 the first unit is off and the second on, whose rows of W are equal: sqrt(2).
    negative = (inputs < -0.01).mean()
    np.testing.assert_allclose(
        found.change.sel(case="after"), (inputs < -0.01).mean() * np.sqrt(2), rtol=1e-6
    )
    assert float(found.switched.sel(case="after")) == pytest.approx(2 / 3 * negative)


# claims


def done(draws, n):
    """`n` networks do the task after training and none before it."""
    holds = np.stack([draws.some(0), draws.some(n)], axis=1)
    found = {
        "holds": (("network", "when"), holds),
        "error": (("network", "when"), 0.3 - 0.29 * holds),
    }
    return xr.Dataset(found, {"when": WHEN})


def m1(draws, *, other=0):
    """`other` networks do the task that they were not trained on."""
    both = {task: done(draws, N) for task in claims.OTHER}
    one = {
        task: {name: done(draws, N if name == task else other) for name in claims.OTHER}
        for task in claims.OTHER
    }
    return claims.m1(both, one)


def m2(draws, *, trained=-0.1, untrained=-0.3, pairs=-0.3):
    means = {"trained": trained, "untrained": untrained, "pairs": pairs}
    overlaps = {
        name: xr.Dataset({"between": ("network", draws.around(0.8 + mean)), "within": 0.8})
        for name, mean in means.items()
    }
    return claims.m2(overlaps)


def m3(draws, *, share=0.9, random=0.3):
    def of():
        values = {"share": draws.around(share), "random": draws.around(random)}
        return xr.Dataset({name: ("network", value) for name, value in values.items()})

    return claims.m3({strength: of() for strength in experiments.STRENGTHS})


def m4(draws, *, other=0.1, own=2.0):
    ratio = np.array([[draws.around(own if k == j else other) for j in (0, 1)] for k in (0, 1)])
    return claims.m4(xr.Dataset({"ratio": (("task", "of", "network"), ratio)}))


def changes(draws, *, after=1.0, before=0.5, random=0.5):
    values = np.stack([draws.around(mean) for mean in (before, after, random)], axis=1)
    return xr.Dataset({"change": (("network", "case"), values)}, {"case": list(jacobians.CASES)})


def j1(draws, **means):
    return claims.j1({name: changes(draws, **means) for name in ("distance, d = 1", "sine")})


def j2(draws, *, before=-5.0, linear=-1.0):
    def of():
        r2, model = (np.stack([draws.around(mean, sd=0.005) for mean in (before, after, before)], axis=1) for after in (0.98, linear))  # fmt: skip
        found = {"r2": (("network", "case"), r2), "linear_r2": (("network", "case"), model)}
        return xr.Dataset(found, {"case": list(jacobians.CASES)})

    return claims.j2({d: of() for d in (1, 2)})


PAIRS = {
    "M1": (m1, {"other": N}, CHANCE),
    "M2": (m2, {"untrained": -0.3, "pairs": -0.1}, CHANCE),
    "M3": (m3, {"random": 0.9}, CHANCE),
    "M4": (m4, {"own": 0.1}, CHANCE),
    "J1": (j1, {"random": 1.0}, CHANCE),
    "J2": (j2, {"linear": 0.9}, CONTRADICTED),
}


def test_tasks_that_part_more_than_before_training_are_kept_apart(draws):
    assert m2(draws, trained=-0.5).verdict == CONTRADICTED


def test_memories_that_end_are_distinct_only_if_random_inputs_leave_them_alone(draws):
    assert m3(draws, share=0.2, random=0.9).verdict == CONTRADICTED
    assert m3(draws, share=0.2, random=0.2).verdict == CHANCE
    assert m3(draws, share=0.5, random=0.2).verdict == UNDECIDED


def test_a_loss_that_doubles_without_the_units_of_the_other_task_says_that_they_are_shared(draws):
    assert m4(draws, other=1.5).verdict == CONTRADICTED


def test_networks_without_numbers_stay_in_counts_tables_and_figures(draws):
    share = xr.Dataset(
        {
            "share": ("network", [0.5, np.nan]),
            "random": ("network", [1.0, np.nan]),
            "wrong": ("network", [0.0, np.nan]),
            "output": (("network", "context", "point", "step"), np.full((2, 2, 3, 5), np.nan)),
            "unstable": (("network", "context", "point"), np.array([[[0, 1, -1]] * 2, [[np.nan] * 3] * 2])),
        }
        | {name: (("network", "when", "context"), np.array([[[1, 1], [3, 3]], [[np.nan] * 2] * 2])) for name in ("found", "stable", "index")},
        {"when": WHEN},
    )  # fmt: skip
    result = claims.m3({"1": share})
    assert result.verdict == UNDECIDED and result.statistics[0].missing == 1
    header, rows = summary.memories({"1": share})
    assert len(rows) == 2 and len(header) == len(rows[0])
    figures.memories({"1": share}, network=0)
    figures.memories({"1": share}, network=1)
    of = changes(draws).assign(switched=changes(draws).change)
    ladder = {1: of.assign(r2=of.change * np.nan, linear_r2=of.change)}
    figures.modulation({"distance, d = 1": of}, ladder)
    assert claims.j2(ladder).statistics[0].missing == N
