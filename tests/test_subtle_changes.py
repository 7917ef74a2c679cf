"""What training changes in the weights: the measures against planted answers and slow routes, the verdicts by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from taskrnn.claims import subtle_changes as judge
from taskrnn.ensembles import weights
from taskrnn.measures import subtle_changes as measure
from taskrnn.measures.centrality_change import centrality_change
from taskrnn.missing import Unmeasurable
from taskrnn.network import untrained_weights
from taskrnn.network_files import as_dataset
from taskrnn.performance import test as run_test
from taskrnn.rank_correlations import Correlations, correlations, distinct
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.training import Trained


def network_with(experiment, dW, *, failed=-1):
    """An ensemble of one network, changed by dW, as if it had been trained."""
    e = experiment
    before = untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=e.task.n_outputs, seed=0)
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
    # A slow route to the ends: the outputs of the tests' own simulation, and the masked error written out.
    for when, found in (("before", losses.low_rank.sel(rank=0)), ("after", losses.trained)):
        tested = run_test([weights(network, when)], experiment, seeds=network.seed.values.tolist(), n_trials=7)
        total = count = 0.0
        for trial in range(7):
            for t in np.flatnonzero(tested.trials.mask[trial]):
                error = tested.first[trial, t] - tested.trials.targets[trial, t]
                total, count = total + float(error @ error), count + len(error)
        assert float(found) == pytest.approx(total / count, rel=1e-4)


def test_a_planted_rank_restores_the_loss(experiment):
    network = network_with(experiment, planted(experiment, 1, rng=np.random.default_rng(1)))
    losses = measure.losses(experiment, network, n_trials=5)
    n_units = experiment.network.n_units
    assert losses["rank"].values.tolist() == list(range(n_units))
    restoring = judge.restoring_rank(n_units, losses.expand_dims("network"))
    by_hand = next(k for k in range(n_units) if float(losses.low_rank[k]) <= 1.1 * float(losses.trained))
    assert restoring.tolist() == [by_hand]


def test_changes_find_a_planted_eigenvalue(experiment):
    n = experiment.network.n_units
    dW = np.zeros((n, n))
    dW[0, 1] = dW[1, 0] = 5.0  # adds eigenvalues near 5 and -5
    found = measure.changes(experiment, network_with(experiment, dW), n_draws=40)
    after = found.real_after + 1j * found.imag_after
    assert np.abs(after).max() == pytest.approx(5, abs=0.8)
    assert float(found.top_share.sel(null="trained")) == pytest.approx(0.5)  # one weight of two
    assert float(found.share.sel(kind="gaussian")) == pytest.approx(0.01, abs=0.005)
    rises = judge.s5_rises(found.expand_dims("network"), "real_schur")
    assert set(rises) == {"after", "gaussian", "rank"} and np.isfinite(list(rises.values())).all()


def test_shuffled_factors_keep_norm_diagonal_and_rank():
    rng = np.random.default_rng(2)
    dW = rng.standard_normal((2, 40, 3)) @ rng.standard_normal((2, 3, 40))
    change = measure.shuffled_factors(dW, 3, rng=rng)
    assert np.linalg.norm(change, axis=(1, 2)) == pytest.approx(np.linalg.norm(dW, axis=(1, 2)))
    assert not np.diagonal(change, axis1=1, axis2=2).any()
    # Without a diagonal the rank is 3 but for a small tail.
    assert (np.linalg.svd(change, compute_uv=False)[:, 3] < 0.3 * np.linalg.norm(change, 2, axis=(1, 2))).all()


@pytest.mark.parametrize("of", [measure.changes, measure.losses, centrality_change])
def test_a_failed_network_has_no_change(experiment, of):
    dW = np.zeros((experiment.network.n_units,) * 2)
    with pytest.raises(Unmeasurable, match="its training failed at update 1$"):
        of(experiment, network_with(experiment, dW, failed=1))


def test_correlations_are_spearmans_and_see_a_reversal(experiment):
    found = centrality_change(experiment, network_with(experiment, planted(experiment, 2, rng=np.random.default_rng(3))), n_draws=2)
    found = found.expand_dims("network")
    mask = np.ones((1, experiment.network.n_units), dtype=bool)
    mask[0, :2] = False
    ranks = correlations(found, mask=mask, n_permutations=20)
    for m in range(found.sizes["measure"]):
        x, y = (found[when].sel(part="all").values[0, m, 2:] for when in ("before", "after"))
        assert ranks.rho[0, m] == pytest.approx(spearmanr(x, y).statistic)
    reversed_ = found.assign(after=-found.before)
    assert correlations(reversed_).rho == pytest.approx(-1)
    assert np.isnan(correlations(found.assign(after=0 * found.after)).rho).all()


def test_distinct_measures_are_joined_through_a_third():
    rng = np.random.default_rng(4)
    x = rng.standard_normal(500)
    # Neighbours correlate at about 0.89, the ends at about 0.8; the last has nothing to do with them.
    y = x + 0.5 * rng.standard_normal(500)
    z = y + 0.55 * rng.standard_normal(500)
    scores = np.stack([x, y, z, rng.standard_normal(500)])[None, None]
    axes = ("network", "part", "measure", "unit")
    found = xr.Dataset({"before": (axes, scores), "after": (axes, scores)}, coords={"part": ["all"], "measure": list("abcd")})
    assert distinct(found, alike=0.85) == [("a", "b", "c"), ("d",)]
    assert len(distinct(found, alike=0.99)) == 4


def near(value):
    """Ten networks close to a value."""
    return value + 1e-3 * np.arange(10)


def concentrations(trained, gaussian, factors):
    columns = np.stack([near(v) for v in (trained, gaussian, factors, factors)], axis=1)
    axes = ("network", "null")
    names = ["trained", "gaussian", "factors", "rank"]
    return xr.Dataset({"top_share": (axes, columns), "excess_kurtosis": (axes, columns)}, coords={"null": names})


@pytest.mark.parametrize(
    ("values", "expected"),
    [((3, 1, 2), SUPPORTED), ((3, 1, 4), CHANCE), ((3, 1, 3), CHANCE), ((1, 3, 0), CONTRADICTED), ((1, 1, 0), UNDECIDED)],
)
def test_verdicts_on_s1(values, expected):
    tasks = {task: concentrations(*values) for task in ("perception", "decision")}
    result = judge.s1(tasks)
    assert result.verdict == result.as_written == expected


def test_s1_keeps_the_verdict_as_written():
    found = concentrations(3, 1, 2)
    found = found.assign({name: values.where(found["null"] != "rank", 4) for name, values in found.items()})
    result = judge.s1({"perception": found, "decision": found})
    assert (result.verdict, result.as_written) == (SUPPORTED, CHANCE)


def displaced(share, growth, random_growth):
    columns = {
        "share": np.stack([near(share), near(0.01)], axis=1),
        "modulus_before": np.ones((10, 2)),
        "modulus_after": 1 + np.stack([near(growth), near(random_growth)], axis=1),
    }
    data = {name: (("network", "kind"), values) for name, values in columns.items()}
    return xr.Dataset(data, coords={"kind": ["trained", "gaussian"]})


@pytest.mark.parametrize(
    ("values", "expected"),
    [((0.02, 1, 0.5), SUPPORTED), ((0.02, 1, 2), CHANCE), ((0.02, -1, 0), CONTRADICTED), ((0.3, 1, 0), CONTRADICTED)],
)
def test_verdicts_on_s2(values, expected):
    assert judge.s2({task: displaced(*values) for task in ("perception", "decision")}).verdict == expected


@pytest.mark.parametrize(("rank", "expected"), [(6, SUPPORTED), (7, CONTRADICTED), (None, CONTRADICTED)])
def test_verdicts_on_s3(rank, expected):
    ratio = np.full((10, 11), np.inf)
    if rank is not None:
        ratio[:, rank:] = 1.1
    losses = xr.Dataset({"low_rank": (("network", "rank"), ratio), "trained": ("network", np.ones(10))}, coords={"rank": range(11)})
    found = xr.Dataset({"rank": ("network", np.full(10, 4.0)), "edge": ("unit", np.ones(64))})
    result = judge.s3({task: (found, losses) for task in ("perception", "decision")})
    assert result.verdict == expected
    assert result.statistics[0].values[0] == (64 if rank is None else rank)


@pytest.mark.parametrize(
    ("rho", "random", "expected"),
    [
        ((0.5, -0.5), (0.9, 0.9), SUPPORTED),
        ((0.5, -0.5), (0.9, -0.8), CHANCE),
        ((0.5, 0.5), (0.9, 0.9), CONTRADICTED),
        ((0.5, -0.01), (0.9, 0.9), UNDECIDED),
    ],
)
def test_verdicts_on_s4(rho, random, expected):
    rng = np.random.default_rng(5)
    values, null = (np.stack([near(v) for v in pair], axis=1) for pair in (rho, random))
    values[0] = np.nan  # a failed network
    found = Correlations(values, values, values, null, 0.2 * rng.standard_normal((500, 10, 2)))
    result = judge.s4({"perception": found, "decision": found}, ["one", "two"])
    assert result.verdict == expected
    assert result.statistics[0].interval.n_failed == 1


def norms(after, gaussian, rank):
    columns = np.stack([near(v) for v in (1, after, gaussian, rank)], axis=1)
    values = np.repeat(columns[:, None], len(judge.NORMS), axis=1)
    values[:, :, 1] += 1e-3 * np.arange(10)[:, None]
    coords = {"norm": list(judge.NORMS), "state": ["before", "after", "gaussian", "rank"]}
    return xr.Dataset({"non_normality": (("network", "norm", "state"), values)}, coords=coords)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((2, 1.5, 1.5), SUPPORTED), ((2, 1.5, 3), CHANCE), ((2, 3, 1.5), CHANCE), ((0.5, 1, 1), CONTRADICTED)],
)
def test_verdicts_on_s5(values, expected):
    assert judge.s5({task: norms(*values) for task in ("perception", "decision")}).verdict == expected
