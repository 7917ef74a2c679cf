"""What training changes in the weights: planted answers, slow routes, and verdicts by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from studies.subtle_changes import centrality_figures, summary
from studies.subtle_changes import claims as judge
from studies.subtle_changes import measures as measure
from studies.subtle_changes.centrality_change import centrality_change
from studies.subtle_changes.rank_correlations import by_setting, correlations, distinct
from studies.training.measures import held_out_outputs, held_out_trials
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER
from taskrnn.ensembles.network_files import as_dataset
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import untrained_weights
from taskrnn.training.train import Trained


def network_with(experiment, dW, *, failed=-1):
    """An ensemble of one network, changed by dW, as if it had been trained."""
    e = experiment
    before = untrained_weights(
        e.network, n_inputs=e.task.n_inputs, n_outputs=e.task.n_outputs, seed=0
    )
    before = type(before)(*(w[None] for w in before)) if before.recurrent.ndim == 2 else before
    after = (before.recurrent + dW).astype(np.float32)
    loss = np.ones((1, 3))
    trained = Trained(before, after, loss, loss, np.array([2]), np.array([failed]))
    one = as_dataset(e, trained, 0, number=0)
    return one.expand_dims("network")


def planted(experiment, rank, *, rng, scale=0.3):
    """A change of the given rank on few units each, but for its diagonal."""
    n = experiment.network.n_units
    change = scale * rng.standard_normal((n, rank)) @ rng.standard_normal((rank, n))
    np.fill_diagonal(change, 0)
    return change


def test_losses_are_those_of_the_whole_and_of_no_change(experiment):
    rng = np.random.default_rng(0)
    network = network_with(experiment, planted(experiment, 2, rng=rng))
    losses = measure.losses(experiment, network, n_trials=7)
    # A slow route to the ends: held-out outputs, and the masked error written out.
    untrained = losses.sel(rank=0)
    for when, found, error in (
        ("before", untrained.low_rank, untrained.error),
        ("after", losses.trained, losses.trained_error),
    ):
        trials = held_out_trials(experiment, n_trials=7)
        z = held_out_outputs(experiment, network, trials, when=when)
        total = count = 0.0
        for trial in range(7):
            for t in np.flatnonzero(trials.mask[trial]):
                off = z[trial, t] - trials.targets[trial, t]
                total, count = total + float(off @ off), count + len(off)
        assert float(found) == pytest.approx(total / count, rel=1e-4)
        assert float(error) == pytest.approx(experiment.task.error(trials, z), rel=1e-3, abs=1e-6)


def test_a_part_of_a_change_under_which_rates_overflow_has_no_error(experiment):
    n = experiment.network.n_units
    network = network_with(experiment, 1e3 * (np.ones((n, n)) - np.eye(n)))
    losses = measure.losses(experiment, network, n_trials=3)
    assert np.isfinite(losses.error.sel(rank=0)) and np.isnan(losses.trained_error)
    assert "infinite" in losses.attrs["reason"]


def test_a_planted_rank_restores_the_loss(experiment):
    network = network_with(experiment, planted(experiment, 1, rng=np.random.default_rng(1)))
    losses = measure.losses(experiment, network, n_trials=5)
    n_units = experiment.network.n_units
    assert losses["rank"].values.tolist() == list(range(n_units))
    restoring = judge.restoring_rank(n_units, losses.expand_dims("network"))
    by_hand = next(
        k for k in range(n_units) if float(losses.low_rank[k]) <= 1.1 * float(losses.trained)
    )
    assert restoring.tolist() == [by_hand]


def test_changes_find_a_planted_eigenvalue(experiment):
    n = experiment.network.n_units
    dW = np.zeros((n, n))
    dW[0, 1] = dW[1, 0] = 5.0  # adds eigenvalues near 5 and -5
    found = measure.changes(experiment, network_with(experiment, dW), n_draws=40)
    before, after = summary.eigenvalues(found.expand_dims("network"))[:, 0]
    assert np.abs(after).max() == pytest.approx(5, abs=0.8)
    assert np.abs(after - before) == pytest.approx(found.displacement.values)
    start, _ = measure.recurrent(network_with(experiment, dW))
    assert np.sort(np.abs(before)) == pytest.approx(np.sort(np.abs(np.linalg.eigvals(start[0]))))
    assert float(found.relative_norm) == pytest.approx(
        50**0.5 / np.sqrt((start**2).sum()), rel=1e-6
    )
    assert float(found.top_share.sel(null="trained")) == pytest.approx(0.5)  # one weight of two
    assert float(found.share.sel(kind="gaussian")) == pytest.approx(0.01, abs=0.005)
    rises = judge.s5_rises(found.expand_dims("network"), "real_schur")
    assert set(rises) == {"after", "gaussian", "rank"}
    assert np.isfinite(list(rises.values())).all()


def test_shuffled_factors_keep_norm_diagonal_and_rank():
    rng = np.random.default_rng(2)
    dW = rng.standard_normal((1, 40, 3)) @ rng.standard_normal((1, 3, 40))
    dW[:, :20], dW[:, :, 30:] = 0, 0
    change = measure.shuffled_factors(dW, 3, rng=rng, silent=False)
    silent = np.concatenate([change[:, :20].ravel(), change[:, :, 30:].ravel()])
    assert np.abs(silent).max() < 1e-12 < np.abs(change).max()
    change = measure.shuffled_factors(dW, 3, rng=rng)
    assert change[:, :20].any() and change[:, :, 30:].any()
    assert np.linalg.norm(change, axis=(1, 2)) == pytest.approx(np.linalg.norm(dW, axis=(1, 2)))
    assert not np.diagonal(change, axis1=1, axis2=2).any()
    # Without a diagonal the rank is 3 but for a small tail.
    assert (
        np.linalg.svd(change, compute_uv=False)[:, 3] < 0.3 * np.linalg.norm(change, 2, axis=(1, 2))
    ).all()


@pytest.mark.parametrize("of", [measure.changes, measure.losses, centrality_change])
def test_a_network_without_finite_weights_has_no_change(experiment, of):
    dW = np.full((experiment.network.n_units,) * 2, np.nan)
    with pytest.raises(Unmeasurable, match=r"its training failed at update 1$"):
        of(experiment, network_with(experiment, dW, failed=1))


def test_a_network_whose_training_failed_is_measured_as_long_as_its_weights_are_finite(experiment):
    dW = planted(experiment, 1, rng=np.random.default_rng(1))
    failed, whole = (network_with(experiment, dW, failed=update) for update in (5, -1))
    for of, settings in ((measure.changes, {"n_draws": 2}), (measure.losses, {"n_trials": 3})):
        assert of(experiment, failed, **settings).identical(of(experiment, whole, **settings))


def test_correlations_are_spearmans_and_see_a_reversal(experiment):
    found = centrality_change(
        experiment,
        network_with(experiment, planted(experiment, 2, rng=np.random.default_rng(3))),
        n_draws=2,
    )
    found = found.expand_dims("network")
    mask = np.ones((1, experiment.network.n_units), dtype=bool)
    mask[0, :2] = False
    ranks = correlations(found, mask=mask, n_permutations=20)
    for m in range(found.sizes["measure"]):
        x, y = found.centrality.sel(part="all").values[0, :, m, 2:]
        assert float(ranks.rho[0, m]) == pytest.approx(spearmanr(x, y).statistic)
    signs = xr.DataArray([1, -1], dims="when")
    before = found.centrality.sel(when="before", drop=True)
    assert correlations(found.assign(centrality=before * signs)).rho.values == pytest.approx(-1)
    constant = found.centrality * xr.DataArray([1, 0], dims="when")
    assert np.isnan(correlations(found.assign(centrality=constant)).rho).all()


def test_each_alternative_is_that_part_of_the_units_or_weights(experiment):
    dW = planted(experiment, 2, rng=np.random.default_rng(3))
    found = centrality_change(experiment, network_with(experiment, dW), n_draws=1).expand_dims(
        "network"
    )
    seen = xr.DataArray(np.full((1, experiment.network.n_units), 2.0), dims=("network", "unit"))
    seen[0, 0], seen[0, 1] = 0, np.nan
    ranks = by_setting({"decision": found}, {"decision": seen}, n_permutations=3)["decision"]
    active = correlations(found, mask=np.arange(seen.size)[None] > 1).rho
    excitatory, inhibitory = (
        correlations(found, part=part).rho for part in ("excitatory", "inhibitory")
    )
    for setting, rho in (
        ("active", active),
        ("excitatory", excitatory),
        ("inhibitory", inhibitory),
    ):
        np.testing.assert_array_equal(ranks.alternative.sel(setting=setting), rho)
    np.testing.assert_array_equal(ranks.rho, correlations(found).rho)
    assert ranks.sizes["draw"] == 3
    band = centrality_figures.permuted_band(ranks)
    assert band.shape == (2, ranks.sizes["measure"])
    assert (band[0] <= band[1]).all()
    assert np.isnan(centrality_figures.permuted_band(ranks.where(False))).all()


def test_distinct_measures_are_joined_through_a_third():
    rng = np.random.default_rng(4)
    x = rng.standard_normal(500)
    # Neighbours correlate at about 0.89, the ends at about 0.8; the last with none of them.
    y = x + 0.5 * rng.standard_normal(500)
    z = y + 0.55 * rng.standard_normal(500)
    scores = np.stack([x, y, z, rng.standard_normal(500)])
    axes = ("network", "when", "part", "measure", "unit")
    found = xr.Dataset(
        {"centrality": (axes, np.tile(scores, (1, 2, 1, 1, 1)))},
        coords={"when": ["before", "after"], "part": ["all"], "measure": list("abcd")},
    )
    assert distinct(found, alike=0.85) == [("a", "b", "c"), ("d",)]
    assert len(distinct(found, alike=0.99)) == 4


def near(value):
    """Ten networks close to a value."""
    return value + 1e-3 * np.arange(10)


def concentrations(trained, gaussian, factors):
    columns = np.stack([near(v) for v in (trained, gaussian, factors, factors, 0)], axis=1)
    axes = ("network", "null")
    names = ["trained", "gaussian", "factors", "rank", "active"]
    return xr.Dataset(
        {"top_share": (axes, columns), "excess_kurtosis": (axes, columns)}, coords={"null": names}
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((3, 1, 2), SUPPORTED),
        ((3, 1, 4), WEAKER),
        ((3, 1, 3), CHANCE),
        ((1, 3, 0), CONTRADICTED),
        ((1, 1, 0), UNDECIDED),
    ],
)
def test_verdicts_on_s1(values, expected):
    tasks = {task: concentrations(*values) for task in ("perception", "decision")}
    result = judge.s1(tasks)
    assert result.verdict == result.as_written == expected


def test_s1_keeps_the_verdict_as_written():
    found = concentrations(3, 1, 2)
    found = found.assign(
        {name: values.where(found["null"] != "rank", 4) for name, values in found.items()}
    )
    result = judge.s1({"perception": found, "decision": found})
    assert (result.verdict, result.as_written) == (SUPPORTED, WEAKER)


def displaced(share, growth, random_growth):
    after = 1 + np.stack([near(growth), near(random_growth)], axis=1)
    return xr.Dataset(
        {
            "share": (("network", "kind"), np.stack([near(share), near(0.01)], axis=1)),
            "modulus": (("when", "network", "kind"), np.stack([np.ones((10, 2)), after])),
        },
        coords={"when": ["before", "after"], "kind": ["trained", "gaussian"]},
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.02, 1, 0.5), SUPPORTED),
        ((0.02, 1, 1), CHANCE),
        ((0.02, 1, 2), WEAKER),
        ((0.02, -1, 0), CONTRADICTED),
        ((0.3, 1, 0), CONTRADICTED),
    ],
)
def test_verdicts_on_s2(values, expected):
    assert (
        judge.s2({task: displaced(*values) for task in ("perception", "decision")}).verdict
        == expected
    )


@pytest.mark.parametrize(
    ("rank", "expected"), [(6, SUPPORTED), (7, CONTRADICTED), (None, CONTRADICTED)]
)
def test_verdicts_on_s3(rank, expected):
    ratio = np.full((10, 11), np.inf)
    if rank is not None:
        ratio[:, rank:] = 1.1
    error = np.where(np.isfinite(ratio), 0.02, np.nan)
    losses = xr.Dataset(
        {
            "low_rank": (("network", "rank"), ratio),
            "trained": ("network", np.ones(10)),
            "error": (("network", "rank"), error),
            "trained_error": ("network", np.full(10, 0.02)),
        },
        coords={"rank": range(11)},
    )
    found = xr.Dataset({"rank": ("network", np.full(10, 4.0)), "edge": ("unit", np.ones(64))})
    result = judge.s3(*(dict.fromkeys(("perception", "decision"), of) for of in (found, losses)))
    assert result.verdict == expected
    assert result.statistics[0].values[0] == (64 if rank is None else rank)


@pytest.mark.parametrize(
    ("rho", "random", "expected"),
    [
        ((0.5, -0.5), (0.9, 0.9), SUPPORTED),
        ((0.5, -0.5), (0.9, -0.5), CHANCE),
        ((0.5, -0.5), (0.9, -0.8), WEAKER),
        ((0.5, 0.5), (0.9, 0.9), CONTRADICTED),
        ((0.5, -0.01), (0.9, 0.9), UNDECIDED),
    ],
)
def test_verdicts_on_s4(rho, random, expected):
    rng = np.random.default_rng(5)
    values, null = (np.stack([near(v) for v in pair], axis=1) for pair in (rho, random))
    values[0] = np.nan  # a failed network
    axes, permuted = ("network", "measure"), 0.2 * rng.standard_normal((500, 10, 2))
    found = xr.Dataset(
        {"rho": (axes, values), "random": (axes, null), "permuted": (("draw", *axes), permuted)},
        coords={"measure": ["one", "two"]},
    )
    result = judge.s4({"perception": found, "decision": found})
    assert result.verdict == expected
    assert [row.name for row in result.statistics[:2]] == [
        "perception: rho, one",
        "perception: rho, two",
    ]
    assert result.statistics[0].interval.n_failed == 1


def norms(after, gaussian, rank):
    columns = np.stack([near(v) for v in (1, after, gaussian, rank)], axis=1)
    values = np.repeat(columns[:, None], len(judge.NORMS), axis=1)
    values[:, :, 1] += 1e-3 * (np.arange(10)[:, None] - 4.5)
    coords = {"norm": list(judge.NORMS), "state": ["before", "after", "gaussian", "rank"]}
    return xr.Dataset({"non_normality": (("network", "norm", "state"), values)}, coords=coords)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((2, 1.5, 1.5), SUPPORTED),
        ((2, 1.5, 2), CHANCE),
        ((2, 2, 1.5), CHANCE),
        ((2, 1.5, 3), WEAKER),
        ((2, 3, 2), WEAKER),
        ((0.5, 1, 1), CONTRADICTED),
    ],
)
def test_verdicts_on_s5(values, expected):
    assert (
        judge.s5({task: norms(*values) for task in ("perception", "decision")}).verdict == expected
    )


def test_the_other_norms_are_judged_alone():
    found = norms(2, 1.5, 1.5)
    falling = found.non_normality.where(found.norm != "henrici", -found.non_normality)
    other = found.assign(non_normality=falling)
    words = judge.s5_by_other_norms({"perception": found, "decision": other})
    assert words.split("; ") == [
        f"strict upper triangle, Frobenius: {SUPPORTED}",
        f"strict upper triangle, 2-norm: {SUPPORTED}",
        f"Henrici ratio: {CONTRADICTED}",
        f"numerical abscissa: {SUPPORTED}",
    ]


def test_entries_shown_are_those_of_networks_that_trained(experiment):
    n = experiment.network.n_units
    dW = [planted(experiment, 2, rng=np.random.default_rng(seed)) for seed in range(3)]
    networks = xr.concat(
        [network_with(experiment, change) for change in dW], "network", data_vars="all"
    )
    changed = xr.Dataset({"rank": ("network", [2.0, np.nan, 2.0])})
    entries = summary.weight_changes({"decision": networks}, {"decision": changed})["decision"]
    assert entries.dims == ("kind", "network", "entry")
    assert entries.shape == (3, 2, n * (n - 1))
    off = ~np.eye(n, dtype=bool)
    shown = np.array([dW[0][off], dW[2][off]])
    np.testing.assert_allclose(entries.sel(kind="trained"), shown, atol=1e-6)
    size = np.linalg.norm(entries, axis=-1)
    np.testing.assert_allclose(size, np.tile(size[0], (3, 1)))


def test_units_are_seen_at_both_times_at_one_or_at_none():
    active = xr.DataArray(
        [[[1.0, 1, 0], [1, 0, 0]], [[1, 1, 0], [np.nan] * 3]], dims=("network", "when", "unit")
    )
    seen = summary.seen({"decision": xr.Dataset({"active": active})})["decision"]
    np.testing.assert_array_equal(seen, [[2, 1, 0], [np.nan] * 3])


@pytest.fixture
def whole():
    """(changes, losses, ranks, seen) of two networks and one that is missing, in round numbers."""
    known, ones = np.array([1.0, 3.0, np.nan]), np.array([1.0, 1.0, np.nan])
    # Two eigenvalues that change places in the order of the modulus, and move by 1 and by 3.
    real = np.array([[2.0, 1.0], [1.0, 4.0]])[:, None] * ones[:, None]
    parts = np.stack([real, 0 * real], axis=-1)
    changes = xr.Dataset(
        {
            "relative_norm": ("network", 0.1 * known),
            "top_share": (("null", "network"), [0.5 * ones, 0.2 * known]),
            "share": (("kind", "network"), [0.02 * known, 0.01 * known]),
            "modulus": (("when", "kind", "network"), [[ones, ones], [known, ones]]),
            "displacement": (("network", "unit"), ones[:, None] * [1.0, 3.0]),
            "eigenvalues": (("when", "network", "unit", "part"), parts),
            "rank": ("network", 4 * ones),
            "non_normality": (
                ("state", "norm", "network"),
                [[known], [2 * known], [3 * known], [4 * known]],
            ),
        },
        coords={
            "null": ["trained", "factors"],
            "kind": ["trained", "gaussian"],
            "when": ["before", "after"],
            "part": ["real", "imag"],
            "state": ["before", "after", "gaussian", "rank"],
            "norm": [judge.NORM],
        },
    )
    losses = xr.Dataset(
        {
            "low_rank": (("network", "rank"), [[9, 2, 1], [9, 1, 1], [np.nan] * 3]),
            "trained": ("network", ones),
        },
        coords={"rank": [0, judge.RANK, 7]},
    )
    rho, axes = np.array([[0.5, -0.2], [0.7, -0.4], [np.nan, np.nan]]), ("network", "measure")
    ranks = xr.Dataset(
        {
            "rho": (axes, rho),
            "fate": (axes, rho / 2),
            "origin": (axes, rho / 4),
            "random": (axes, -rho),
        }
        | {"alternative": (("setting", *axes), [rho, 2 * rho, 3 * rho])},
        coords={"measure": ["Katz", "PageRank"], "setting": ["active", "excitatory", "inhibitory"]},
    )
    seen = xr.DataArray([[2.0, 0.0], [1.0, 2.0], [np.nan, np.nan]], dims=("network", "unit"))
    return tuple({"decision": of} for of in (changes, losses, ranks, seen))


def test_numbers_of_the_text_are_means_over_the_networks_that_have_one(whole):
    said = summary.numbers(*whole)["decision"]
    assert said.size == pytest.approx(20)
    assert said.silent == pytest.approx(25)
    assert (said.top, said.top_factors) == pytest.approx((50, 40))
    assert (said.displaced, said.growth) == pytest.approx((4, 1))
    assert (said.matched, said.in_order) == pytest.approx((2, 1))
    assert said.restoring == pytest.approx((7 + judge.RANK) / 2)
    assert said.at_rank == "1 of 3"
    assert said.schur == pytest.approx([2, 4])
    assert said.schur_random == pytest.approx(6)
    assert (said.lower, said.measures) == (0, 2)
    assert (said.lowest, said.lowest_measure) == (pytest.approx(-0.3), "PageRank")


def test_tables_have_a_row_for_each_network_and_each_measure(whole):
    changes, losses, ranks, _ = whole
    header, rows = summary.restoring_ranks(changes, losses)
    assert rows[0] == ["decision", 0, "4", "7", "1", "2"]
    assert rows[1] == ["decision", 1, "4", "6", "1", "1"]
    assert rows[2] == ["decision", 2, *["nan"] * 4]
    assert {len(row) for row in rows} == {len(header)}
    header, rows = summary.rank_changes(ranks)
    assert rows[0] == [
        "decision",
        "Katz",
        "+0.60",
        "+0.60",
        "+1.20",
        "+1.80",
        "-0.60",
        "0.30",
        "0.15",
    ]
    assert len(rows) == 2
    assert {len(row) for row in rows} == {len(header)}
