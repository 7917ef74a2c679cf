"""Starts, shifts and updates whose answer is known, and claims T1 to T3."""

import dataclasses
import re
from functools import partial

import numpy as np
import pytest
import xarray as xr
from draws import N
from scipy.stats import spearmanr
from small_experiments import one_network, small
from test_counting_study import competing, network_of

from studies.counting.experiments import memory
from studies.initialisation import claims, experiments, figures, learning, measures, summary
from studies.initialisation.starts import FARTHEST, STARTS, mean_shifted, starts
from studies.training.measures import held_out_trials
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER
from taskrnn.ensembles.members import weights
from taskrnn.experiments import PERCEPTION
from taskrnn.networks.network import Weights, stack, untrained_weights
from taskrnn.random_numbers import generator
from taskrnn.training.train import train

TASKS = tuple(experiments.TARGETS)
OWN = 200.0  # updates from the own start, in the constructed ensembles


def learned(draws, *, other=-1.0, same=0.0, rest=0.0):
    """Updates around OWN, times exp of these; the loss is unrelated."""
    ln = {"own": 0.0, "other": other, "same loss": same}
    updates = np.stack([OWN * np.exp(draws.around(ln.get(start, rest))) for start in STARTS], 1)
    return all_starts(updates, draws.rng.lognormal(size=updates.shape))


def all_starts(updates, loss):
    values = {"updates": updates, "loss": loss, "reached": np.ones_like(updates)}
    values |= {"found": np.full_like(updates, 9), "time_constant": np.ones_like(updates)}
    found = {name: (("network", "start"), of) for name, of in values.items()}
    return xr.Dataset(found, {"start": list(STARTS)})


def t1(draws, **ln):
    return claims.t1({task: learned(draws, **ln) for task in TASKS})


def with_fewer(draws, *, null=0.0, points=(1.0, 3.0, 1.0)):
    """The starts with fewer points beside those of `learned`, whose `other` has 9."""
    updates = np.stack([OWN * np.exp(draws.around(ln)) for ln in (0.0, 0.0, null)], axis=1)
    values = {"updates": updates, "found": np.tile(points, (N, 1))}
    values |= {name: np.ones_like(updates) for name in ("reached", "loss", "time_constant")}
    found = {name: (("network", "start"), of) for name, of in values.items()}
    return xr.Dataset(found, {"start": list(measures.FEWER)})


def t2(draws, *, nine=-1.0, **fewer):
    return claims.t2(learned(draws, other=nine), with_fewer(draws, **fewer))


def t3(draws, *, related=True):
    def found():
        loss = draws.rng.lognormal(size=(N, len(STARTS)))
        updates = 10.0 * (1 + loss.argsort(axis=1).argsort(axis=1))
        return all_starts(updates if related else draws.rng.permuted(updates, axis=1), loss)

    return claims.t3({task: found() for task in TASKS})


# {claim: (builder, what makes only its null true, the word then)}
PAIRS = {
    "T1": (t1, {"same": -1.0}, CHANCE),
    "T2": (t2, {"null": -1.0}, CHANCE),
    "T3": (t3, {"related": False}, CONTRADICTED),
}


@pytest.mark.parametrize(
    ("build", "settings", "word"),
    [
        (t1, {"other": 0.0}, UNDECIDED),
        (t1, {"other": 1.0}, CONTRADICTED),
        (t1, {"same": -2.0}, WEAKER),
        (t1, {"rest": -3.0}, SUPPORTED),  # the other starts stand beside it
        (t2, {"nine": 1.0}, CONTRADICTED),
        (t2, {"points": (1.0, 3.0, 2.0)}, UNDECIDED),  # its null has another number of points
        (t2, {"points": (1.0, 1.0, 1.0)}, SUPPORTED),
    ],
)
def test_the_parts_of_a_claim_are_judged_by_themselves(build, settings, word, draws):
    assert build(draws, **settings).verdict == word


def test_a_start_that_is_missing_leaves_the_others_their_numbers(draws):
    found, fewer = {task: learned(draws) for task in TASKS}, with_fewer(draws)
    for of, start in (*((of, "same loss") for of in found.values()), (fewer, measures.FEWER[2])):
        for name in of:
            of[name].loc[{"network": 0, "start": start}] = np.nan
    result = claims.t1(found)
    assert result.verdict == SUPPORTED and result.n_networks == f"n = {N}, 1 missing"
    assert result.statistics[1].missing == 1
    assert claims.t2(found["memory_2"], fewer).statistics[0].missing == 1
    assert claims.t3(found).statistics[0].missing == 0
    for judged in (result, claims.t2(found["memory_2"], fewer), claims.t3(found)):
        assert not re.search(r"\b(nan|inf)\b", judged._repr_markdown_())


def test_the_correlation_is_spearmans_and_an_infinite_loss_is_the_largest():
    rng = np.random.default_rng(0)
    updates, loss = rng.permuted(np.tile([50.0, 60, 60, 90, 100, 120, 500], (2, 1)), axis=1)
    found = all_starts(updates[None], loss[None]).isel(network=0)
    rho, null = claims.correlation(found, rng=rng)
    assert rho == pytest.approx(spearmanr(updates, loss).statistic) and abs(null) < 0.05
    found.loss[loss.argmax()] = np.inf
    assert claims.correlation(found, rng=rng)[0] == pytest.approx(rho)
    found.updates[:4] = np.nan
    assert np.isnan(claims.correlation(found, rng=rng)).all()
    assert np.isnan(claims.correlation(found.assign(updates=0 * found.loss), rng=rng)).all()


def test_who_learns_is_none_of_those_who_give():
    donors = {e.name: e for e in experiments.experiments("paper")}
    seeds = []
    for name, target in experiments.TARGETS.items():
        network = xr.Dataset({"seed": ("network", [donors[name].seed + 7])})
        assert experiments.other_seed(donors[name], network) == target.seed + 7
        seeds.append(target.seed)
    assert min(np.diff(sorted(seeds))) >= 1000 and min(seeds) > max(e.seed for e in donors.values())
    assert donors["perception"] == PERCEPTION and donors["memory_2"] == memory(2)


@pytest.fixture(scope="module")
def drawn():
    """Three networks of ten units: own, and another one before and after training."""
    e = dataclasses.replace(PERCEPTION.network, n_units=10)
    own, before = (untrained_weights(e, n_inputs=1, n_outputs=1, seed=seed) for seed in (1, 2))
    change = np.random.default_rng(0).normal(size=(1, 10, 10)) * ~np.eye(10, dtype=bool)
    return own, before, before._replace(recurrent=before.recurrent + change.astype(np.float32))


def test_starts_have_their_own_input_and_readout_and_what_they_are_called(drawn):
    own, before, after = drawn
    made = starts(*drawn, losses=lambda w: w.recurrent.sum(axis=(1, 2)), rng=generator(0, "test"))
    for name in ("input", "readout"):
        assert (getattr(made, name) == getattr(own, name)).all()
    of = {name: learning.some(made, [k]) for k, name in enumerate(STARTS)}
    same = {"own": own, "other": after, "untrained": before}
    for name, expected in same.items():
        np.testing.assert_array_equal(of[name].recurrent, expected.recurrent)
        np.testing.assert_array_equal(of[name].bias, expected.bias)
    np.testing.assert_array_equal(of["weights alone"].recurrent, after.recurrent)
    np.testing.assert_array_equal(of["weights alone"].bias, own.bias)
    moved = of["shuffled"].recurrent - own.recurrent
    assert not np.diagonal(moved[0]).any()
    np.testing.assert_allclose(
        np.sort(moved.ravel()), np.sort((after.recurrent - before.recurrent).ravel()), atol=1e-6
    )
    eigenvalues = [
        np.sort_complex(np.linalg.eigvals(of[name].recurrent[0].astype(float)))
        for name in ("other", "permuted")
    ]
    np.testing.assert_allclose(*eigenvalues, atol=1e-6)
    assert (of["permuted"].bias != after.bias).any()


def by_shift(own, loss):
    """What is lost, as a function of the number that is added to the weights."""
    return lambda w: loss((w.recurrent - own.recurrent)[:, 0, 1].astype(float))


def test_a_shift_of_the_mean_is_the_smallest_that_gives_the_loss(drawn):
    own, off = drawn[0], ~np.eye(10, dtype=bool)
    end = FARTHEST / 10
    for loss, wanted, shift in (
        (np.exp, np.exp(-0.31), -0.31),
        (lambda s: (s - 0.1) ** 2, 0.04, -0.1),  # so does 0.3
        (lambda s: np.where(s > 0.2, np.inf, -s), -0.003, 0.003),
    ):
        found = mean_shifted(own, wanted, losses=by_shift(own, loss))
        moved = (found.recurrent - own.recurrent)[0]
        np.testing.assert_allclose(moved[off], shift, atol=3e-4)
        assert not moved[~off].any() and found.bias is own.bias
    for loss, wanted in ((np.exp, np.exp(2 * end)), (np.square, -1.0), (np.exp, np.inf)):
        assert np.isnan(mean_shifted(own, wanted, losses=by_shift(own, loss)).recurrent).all()


def solution(own):
    """Weights that answer the other level exactly: one unit subtracts the input from 1.3."""
    zero = Weights(*(np.zeros_like(of) for of in own))
    zero.input[:, 0], zero.bias[:, 0], zero.readout[:, :, 0] = -1.0, 1.3, 1.0
    return zero


def test_updates_are_those_of_each_start_trained_alone():
    """Whatever is trained beside it and taken out on the way; a solution needs none, and what runs
    off never gets there.
    """
    e = small(PERCEPTION, learning_rate=0.01)
    own = untrained_weights(e.network, n_inputs=1, n_outputs=1, seed=5)
    away = own._replace(recurrent=9 * (1 - np.eye(8, dtype=np.float32))[None])
    scaled = [own._replace(recurrent=own.recurrent * np.float32(g)) for g in (0.2, 1, 1.6)]
    every, most, seed = stack([solution(own), away, *scaled]), 40, 5
    alone = np.full((3, most // learning.EVERY + 1), np.nan)
    test = held_out_trials(e, n_trials=learning.N_TRIALS)
    updates = dataclasses.replace(e.training, updates=most)

    def ask(k, update, loss, state):
        if update % learning.EVERY == 0:
            now = scaled[k]._replace(recurrent=state().recurrent)
            alone[k, update // learning.EVERY] = learning.errors(e, now, test, seed=seed)[0]

    curves = []
    for k, one in enumerate(scaled):
        alone[k, 0] = learning.errors(e, one, test, seed=seed)[0]
        done = train(e.task, e.network, updates, seeds=[seed], start=one, progress=partial(ask, k))
        curves.append(done.loss[0, 0])
    criterion = np.median(alone[:, 1:])
    expected = [
        next((learning.EVERY * k for k, x in enumerate(row) if x <= criterion), most)
        for row in alone
    ]
    assert len({*expected}) > 1, alone
    needed, met = learning.updates_needed(e, every, seed=seed, criterion=criterion, most=most)
    assert needed.tolist() == [0, most, *expected]
    assert met.tolist() == [True, False, *(alone.min(axis=1) <= criterion)]
    losses = learning.first_losses(e, every, seed=seed)
    assert losses[1] == np.inf and losses[0] < 0.01
    np.testing.assert_allclose(losses[2:], curves, rtol=1e-5)


@pytest.fixture(scope="module")
def by_hand():
    """Networks of four units with 1, 3 and 9 points at zero input, and the memory of two bits."""
    e = memory(2)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=4))
    pair = competing(2, 2) * (np.arange(4) < 2)
    made = {1: np.zeros((4, 4)), 3: pair, 9: competing(2, 2)}
    networks = {
        experiments.LADDER[n]: network_of(W, np.ones(4), 2).assign(checksum=("network", [f"{n}"]))
        for n, W in made.items()
    }
    for network in networks.values():
        network["seed"][:] = e.seed
    return e, networks


def test_points_are_counted_before_the_first_update(by_hand):
    e, networks = by_hand
    found = measures.learned(e, networks["memory_2"], most=0, n_starts=60)
    n = found.found.sel(start=["other", "permuted", "untrained"])
    assert n.values.tolist() == [9, 9, 1]
    assert found["index"].sel(start="other") == 1
    joint = experiments.with_ladder(networks)
    assert joint.checksum.values.tolist() == ["9 1 3"]
    fewer = measures.learned_from_fewer(e, joint, most=0, n_starts=60)
    assert fewer.found.values[:2].tolist() == [1, 3]
    # Without recurrent weights every mode decays with the leak alone.
    slowest = -0.1 / np.log(0.9)
    np.testing.assert_allclose(fewer.time_constant[0], slowest)
    assert float(fewer.loss[2]) == pytest.approx(float(found.loss.sel(start="other")), rel=1e-3)


def test_a_donor_that_failed_takes_its_own_start_away_and_no_other(by_hand):
    e, networks = by_hand
    failed = networks["perception"].copy(deep=True)
    failed["recurrent_after"][:] = np.nan
    joint = experiments.with_ladder(networks | {"perception": failed})
    fewer = measures.learned_from_fewer(e, joint, most=0, n_starts=20)
    assert fewer.found.isnull().values.tolist() == [True, False, True]
    assert (
        "its weights are not finite" in fewer.reason
        and "(1 point, 1 point, same loss)" in fewer.reason
    )


def test_a_missing_shift_has_a_reason():
    e = small(PERCEPTION)
    network = one_network(e)
    network["recurrent_after"][:] = 9 * (1 - np.eye(8))
    found = measures.learned(e, network, most=0, n_starts=5)
    assert found.updates.isnull().values.tolist() == [name == "same loss" for name in STARTS]
    assert "no shift of the mean gives the first loss (same loss)" in found.reason
    assert found.loss.sel(start="other") == np.inf and not found.reached.sel(start="other")
    own = measures.other_weights(e, network)
    assert (weights(network, "after").input != own.input).any()


@pytest.mark.parametrize("n", [3, 40])
def test_figures_and_tables_show_every_network_that_has_numbers(n):
    rng = np.random.default_rng(0)
    shape = (n, len(STARTS))
    found = {
        task: all_starts(rng.choice([0.0, 90, 500], shape), rng.lognormal(size=shape))
        for task in TASKS
    }
    for of in found.values():
        of["updates"][-1], of["reached"][-1], of["loss"][0, 3] = np.nan, np.nan, np.inf
    few = found["memory_2"].isel(start=slice(3)).assign_coords(start=list(measures.FEWER))
    loss = figures.against_loss(found, most=500)
    for axis in loss.axes:
        marks = [line for line in axis.lines if len(line.get_xdata()) == n]
        assert len(marks) == len(STARTS)
        assert np.isfinite(np.concatenate([line.get_xdata() for line in marks])).all()
    figures.differences(found), figures.not_yet(found, most=500)
    figures.points(found["memory_2"], few)
    header, rows = summary.starts(found)
    assert len(rows) == len(TASKS) * len(STARTS) and {len(row) for row in rows} == {len(header)}
    assert rows[0][3] == f"{n - 1} of {n - 1}"
    assert len(summary.fewer(few)[1]) == 3 and summary.far_from_equal(found, few).endswith("%")
