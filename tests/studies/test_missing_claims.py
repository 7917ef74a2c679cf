"""Every claim judged with a network that is missing: it stays in the counts, and the others
keep their numbers.
"""

import dataclasses
import re

import numpy as np
import pytest
import xarray as xr
from hard_networks import MEASURES, experiment, healthy

from studies import criteria, ledger
from studies.chaos import claims as chaos
from studies.chaos.summary import counted_rates, critical_gains
from studies.judging import front_page
from studies.latent_space import claims as latent_space
from studies.nonlinearity import claims as nonlinearity
from studies.nonlinearity.comparison import with_differences
from studies.predictive_subspaces import claims as predictive_subspaces
from studies.readout import claims as readout
from studies.regime import claims as regime
from studies.slow_points import claims as slow_points
from studies.subtle_changes import claims as subtle_changes
from studies.subtle_changes import rank_correlations
from studies.training import claims as performance
from taskrnn.analysis.verdicts import CONTRADICTED, UNDECIDED, share_interval
from taskrnn.ensembles.results import with_the_missing
from taskrnn.experiments import EXPERIMENTS

N = 3  # networks that can be measured
EVERY = ("P1", "P2", "G1", "F1", "F2")  # claims about every network


@pytest.fixture(scope="module")
def measured():
    """{missing: {measure: {task: Dataset}}} of N networks, and of the same with one that is
    missing in everything.
    """
    names = (
        "information",
        "rectification",
        "changes",
        "losses",
        "centrality_change",
        "regime",
        "landscape",
        "reservoir",
        "random_networks",
    )
    found = {False: {}, True: {}}
    for name in names:
        measure, settings, tasks, _ = MEASURES[name]
        if name == "information":
            settings = settings | {"degrees": (0.0, 5.0)}
        for task in tasks:
            e = experiment(EXPERIMENTS[task])
            rows = [measure(e, healthy(e, seed=seed), **settings) for seed in range(N)]
            for missing in found:
                rows = with_the_missing(rows + [xr.Dataset(attrs={"checksum": ""})] * missing)
                options = {
                    "data_vars": "all",
                    "coords": "minimal",
                    "compat": "override",
                    "join": "exact",
                    "combine_attrs": "drop",
                }
                found[missing].setdefault(name, {})[task] = xr.concat(rows, "network", **options)
    return found


def from_measures(of):
    """The claims that are judged from what was measured."""
    ranks = {
        task: rank_correlations.correlations(c, n_permutations=20)
        for task, c in of["centrality_change"].items()
    }
    information, random = with_differences(of["information"]), of["random_networks"]["perception"]
    rates = counted_rates(random)
    return [
        nonlinearity.n3(information), nonlinearity.n4(information), nonlinearity.n5a(of["rectification"]), nonlinearity.n5b(of["rectification"]),
        subtle_changes.s1(of["changes"]), subtle_changes.s2(of["changes"]), subtle_changes.s3(of["changes"], of["losses"]),
        subtle_changes.s4(ranks), subtle_changes.s5(of["changes"]),
        regime.g1(of["regime"]), chaos.g2(critical_gains(random)), chaos.g3(random, rates), chaos.g4(random, rates),
        chaos.g5(of["landscape"], of["regime"]), chaos.g6a(of["reservoir"]), chaos.g6b(of["reservoir"]), chaos.g7(of["reservoir"]),
        slow_points.f1(of["landscape"]), slow_points.f2(of["landscape"]), slow_points.f3(of["landscape"]), slow_points.f4(of["landscape"]),
    ]  # fmt: skip


def from_arrays(missing):
    """The others, from numbers at random, the last network's NaN."""
    rng = np.random.default_rng(0)

    def numbers(*shape, low=0.0):
        drawn = low + rng.random((N + 1, *shape))
        drawn[N] = np.nan
        return drawn if missing else drawn[:N]

    def bases():
        drawn = np.linalg.qr(rng.standard_normal((N + 1, 2, 4, 6, 4)))[0]
        drawn[N] = np.nan
        return drawn if missing else drawn[:N]

    def dataset(*names, **sizes):
        axes = ("network", "when", *sizes)
        found = {name: (axes, numbers(2, *sizes.values())) for name in names}
        return xr.Dataset(found, coords=when)

    when, ends = {"when": ["before", "after"]}, np.array([1.0, 0.01])[:, None]
    errors = xr.DataArray(ends * numbers(1, 2), dims=("network", "when", "level"), coords=when)
    lowest = {"spearman": -2, "reversal": -2, "accuracy": 1}
    both = {
        name: (("network", "when"), numbers(1, low=low) + np.zeros(2))
        for name, low in lowest.items()
    }
    curves = xr.Dataset(both, coords=when)
    moments = {
        "mean": ("network", numbers(low=-1)),
        "norm": ("network", numbers()),
        "n_weights": 132,
    }
    weights = {task: xr.Dataset(moments) for task in EXPERIMENTS}
    learning = {
        task: xr.Dataset({"mean_weight": (("network", "update"), -numbers(6))})
        for task in EXPERIMENTS
    }
    layers = dataset("ratio", "delta_bic", "n_modes", space=2).assign_coords(space=["dca", "pca"])
    searches = dataset("pi", "angle", "initial_angle", dimension=4, start=5).assign_coords(
        dimension=range(1, 5)
    )
    axes = ("network", "when", "dimension", "unit", "component")
    searches = searches.assign(dca=(axes, bases()), again=(axes, bases()))
    draws = dataset("matched", dimension=4, draw=2).matched
    moved = dataset("mean", "largest", "floor", "sessions", dimension=4).isel(when=0)
    moved = moved.assign(matched=draws.isel(when=0))
    names = ("dca", "pca", "again", "active", "shuffled", "uniform", "uniform_active")
    angles = dataset(*names, dimension=4).assign(matched=draws, band=0.0)
    kinds = {"kind": ["gaussian", "rank"]}
    axes = ("network", "kind", "dimension")
    changes = {name: (axes, numbers(2, 4)) for name in ("turned", "readout")}
    random = dict.fromkeys(EXPERIMENTS, xr.Dataset(changes, kinds))
    both = dict.fromkeys(EXPERIMENTS, angles)
    return [
        performance.p1(errors), performance.p2(curves),
        nonlinearity.n1(learning, weights), nonlinearity.n2(weights),
        latent_space.l1(layers), latent_space.l2(dataset("to_plane", "to_steady_plane", "to_line")),
        latent_space.l3({task: latent_space.uniqueness(searches) for task in EXPERIMENTS}),
        predictive_subspaces.s6(dict.fromkeys(EXPERIMENTS, moved), random),
        predictive_subspaces.s7({task: dataset("between", "within", dimension=4) for task in EXPERIMENTS}),
        readout.r1(both, random), readout.r2(both),
    ]  # fmt: skip


def test_a_missing_network_stays_in_every_count_and_changes_no_number(measured):
    whole = from_measures(measured[False]) + from_arrays(False)
    with_one = from_measures(measured[True]) + from_arrays(True)
    assert {result.claim for result in whole} == set(criteria.EARLIER)
    for alone, result in zip(whole, with_one, strict=True):
        text = result._repr_markdown_()
        assert not re.search(r"\b(nan|inf)\b", text), text
        for before, after in zip(alone.statistics, result.statistics, strict=True):
            assert (
                len(before.values) == N and len(after.values) == N + 1 and np.isnan(after.values[N])
            )
            np.testing.assert_array_equal(after.values[:N], before.values)
            assert after.holds == before.holds and after.interval[:3] == pytest.approx(
                before.interval[:3], nan_ok=True
            )
            assert (
                after.missing == before.missing + 1
                and f"of {N + 1}, {after.missing} missing" in after.count
            )
            np.testing.assert_array_equal(after.null[: len(before.null)], before.null)
        if result.claim not in EVERY:
            assert result.parts == alone.parts and result.as_written == alone.as_written
        else:
            word = CONTRADICTED if alone.as_written == CONTRADICTED else UNDECIDED
            assert result.as_written == word
            assert set(result.parts.values()) <= {UNDECIDED, *alone.parts.values()}
        assert re.fullmatch(rf"n = {N + 1}, \d missing", result.n_networks)


def losses(trained, low_rank):
    low_rank = np.array(low_rank, dtype=float)
    return xr.Dataset(
        {
            "low_rank": (("network", "rank"), low_rank),
            "trained": ("network", np.array(trained, dtype=float)),
            "error": (("network", "rank"), low_rank),
            "trained_error": ("network", np.array(trained, dtype=float)),
        },
        coords={"rank": [0, 6, 7][: low_rank.shape[1]]},
    )


def test_a_trained_loss_that_is_infinite_or_zero_restores_nothing():
    of = losses(
        [0.01, np.inf, 0.0, np.nan], [[1, 0.01, 0.01], [1, np.inf, np.inf], [1, 0, 0], [1, 1, 1]]
    )
    np.testing.assert_array_equal(
        subtle_changes.restoring_rank(32, of), [6, np.nan, np.nan, np.nan]
    )
    found = xr.Dataset({"rank": ("network", [3.0, 3, 3, np.nan]), "unit": ("unit", range(32))})
    result = subtle_changes.s3({"decision": found}, {"decision": of})
    assert [s.missing for s in result.statistics] == [3, 3, 1, 1]
    assert "inf" not in result._repr_markdown_()


def test_a_reservoir_is_compared_only_with_a_loss_that_is_a_number():
    assert np.isnan(
        chaos.log_ratio(np.array([1, np.inf, 1, 0.0]), np.array([np.inf, 1, 0, 1]))
    ).all()
    assert chaos.log_ratio(np.array([2.0]), np.array([1.0])) == pytest.approx(np.log(2))


def test_what_is_recorded_says_how_many_are_missing(tmp_path):
    row = ledger.statistic(
        "a number",
        np.array([1, 2, np.nan, np.inf]),
        holds=np.array([True, True, False, False]),
        null=np.array([1, np.nan, 0, 0]),
    )
    result = ledger.Result(
        claim="P1", statistics=(row,), null_name="untrained", parts={"perception": UNDECIDED}
    )
    assert row.count == "2 of 4, 2 missing" and result.n_networks == "n = 4, 2 missing"
    assert row.n == 2 and row.share == (0.5, *share_interval(2, 4)[1:3], 0)
    shown = result._repr_markdown_()
    assert "| 1.5 | -4.85 to 7.85 | 2 | 2 of 4, 2 missing | 7% to 93% | 0.333 |" in shown
    assert "| n | holds in | 95 % interval |" in shown
    said = "1.5 (-4.9 to 7.9; in 2 of 4, 2 missing networks; by chance 0.3)"
    assert result.said("a number") == said
    recorded = ledger.recorded(data=ledger_folder(result, tmp_path), profile="smoke")["P1"]
    assert dataclasses.replace(recorded.statistics[0], values=(), null=()) == dataclasses.replace(
        row, values=(), null=()
    )
    assert (
        "**undecided**, n = 4, 2 missing"
        in front_page.VerdictTable({"P1": recorded}, {})._repr_markdown_()
    )


def ledger_folder(result, tmp_path):
    ledger.record(result, data=tmp_path, profile="smoke")
    return tmp_path
