"""Random networks with correlated weights, fixed points of gated, tanh and low-rank networks, and
the claims about them.
"""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from draws import N
from scipy.special import expit

from studies.architectures import (
    claims,
    experiments,
    figures,
    gated,
    points,
    random_matrices,
    summary,
)
from studies.counting.experiments import memory
from studies.counting.measures import CASES
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import TANH
from taskrnn.networks.network import Weights, untrained_weights
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator

CORRELATIONS = random_matrices.CORRELATIONS


@pytest.mark.parametrize("correlation", [1.0, 0.5, 0.0, -1.0])
def test_matrices_have_the_moments_that_are_asked_for(correlation):
    W = random_matrices.with_correlation(
        generator(0, "test").standard_normal((400, 400)), correlation
    )
    mean, sd, found = random_matrices.moments(2 + 3 * W)
    assert not W.diagonal().any()
    np.testing.assert_allclose([mean, sd, found], [2, 3, correlation], atol=0.03)
    if abs(correlation) == 1:
        np.testing.assert_array_equal(W, correlation * W.T)


def test_winner_take_all_has_every_subset_as_a_point():
    """2^N - 1 points, N of them stable, k - 1 growing directions for k active units."""
    found = random_matrices.all_points(-1.5 * (1 - np.eye(6)), np.ones(6), alpha=0.1)
    assert np.bincount(found.unstable_map).tolist() == [6, 15, 20, 15, 6, 1]
    assert found.index.sum() == 1


def one(e, *, scale=1.0, seed=7, **changed):
    """An ensemble of one network, `scale` times as strong after training as before."""
    sizes = {"n_inputs": e.task.n_inputs, "n_outputs": e.task.n_outputs}
    w = untrained_weights(e.network, **sizes, seed=seed)._replace(**changed)
    variables = {
        "recurrent_before": (("network", "row", "column"), w.recurrent),
        "recurrent_after": (("network", "row", "column"), scale * w.recurrent),
        "input_weights": (("network", "row", "input"), w.input),
        "bias": (("network", "row"), w.bias),
        "readout": (("network", "output", "unit"), w.readout),
        "seed": ("network", [seed]),
        "failed": ("network", [-1]),
    }
    return xr.Dataset(variables)


def small(kind, task="memory_1", n=8, **settings):
    e = experiments.experiment(kind, task)
    return dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=n, **settings))


def test_families_are_paired_bounded_and_complete():
    """Antisymmetric weights have a bounded activity, and symmetric ones come to rest."""
    e = memory(1)
    seed = xr.Dataset({"seed": ("network", [3])})
    found = random_matrices.families(e, seed, sizes=(4, 6), n_draws=3, n_steps=200)
    again = random_matrices.families(e, seed, sizes=(4, 6), n_draws=3, n_steps=200)
    xr.testing.assert_identical(found, again)
    bounded = found.far_growth < 0
    complete = (found["index"] == 1).isel(size=-1)
    assert complete.where(bounded, True).all() and (found.stable <= found.points).all()
    assert (found.exponent.sel(correlation=1.0) < 0).where(bounded.sel(correlation=1.0), True).all()


def test_activity_without_bound_has_no_exponent_and_is_named():
    W, rng = 3.0 * (1 - np.eye(4)), generator(0, "test")
    starts = rng.standard_normal((2, 1, 2, 4))
    grown = random_matrices.growth(W, np.ones(4), memory(1), starts=starts, n_steps=50, rng=rng)
    assert grown.far_growth > 0 and np.isnan(grown.exponent)


def test_without_a_common_sign_the_mean_number_is_one():
    """Exactly one point with antisymmetric weights, in every network."""
    seed = xr.Dataset({"seed": ("network", [3])})
    found = random_matrices.sign_symmetric(memory(1), seed, n_draws=100)
    assert (found.points.sel(correlation=-1.0) == 1).all()
    mean = found.points.mean("draw")
    np.testing.assert_allclose(mean, 1, atol=0.5)


def test_random_networks_have_the_moments_of_the_trained_one_and_memories_more_points():
    """Two pairs of units that inhibit each other: nine points."""
    e = memory(2)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=4, sigma=0.0))
    W = np.kron(np.eye(2), -1.5 * (1 - np.eye(2)))[None].astype(np.float32)
    network = one(e, recurrent=W, bias=np.ones((1, 4), np.float32))
    found = random_matrices.matched(e, network, n_search=40, n_steps=100)
    mean, gain, correlation = found.moments.values
    assert mean == pytest.approx(-0.5) and correlation == pytest.approx(1)
    assert gain == pytest.approx(2 * W[0][~np.eye(4, dtype=bool)].std())
    assert (found.points < 9).all()


@pytest.fixture(scope="module")
def of_gates():
    """A gated network of 5 units that excite themselves, and its constant input."""
    rng = generator(1, "test")
    itself = 3 * np.concatenate([np.zeros((5, 5)), np.eye(5)])
    return itself + 0.5 * rng.standard_normal((10, 5)), 0.3 * rng.standard_normal(10)


def test_the_gated_flow_is_the_step_of_the_network_and_its_jacobian_that_of_differences(of_gates):
    W, c = of_gates
    e = small("gated", n=5, sigma=0.0)
    rates = generator(2, "test").uniform(-1, 1, (3, 5))
    at = gated.flow(W, c, rates)
    w = Weights(W[None], np.zeros((1, 10, 1)), c[None], np.zeros((1, 1, 5)))
    nothing = np.zeros((1, 3, 1, 1))
    after = simulate(w, nothing, network=e.network, initial=rates[None])[0, :, 0]
    moved = rates + e.network.alpha * at.gate * at.residual
    np.testing.assert_allclose(after, moved, atol=1e-12)
    step = 1e-6
    for k in range(5):
        kick = step * np.eye(5)[k]
        up, down = (gated.flow(W, c, rates + sign * kick) for sign in (1, -1))
        for name, of in (
            ("jacobian", lambda f: f.gate * f.residual),
            ("by_rates", lambda f: f.residual),
        ):
            column = (of(up) - of(down)) / (2 * step)
            np.testing.assert_allclose(getattr(at, name)[..., k], column, atol=1e-8)


def test_gated_points_are_those_where_the_network_stays_with_an_index_sum_of_one(of_gates):
    W, c = of_gates
    starts = generator(3, "test").uniform(-1, 1, (300, 5))
    found = gated.gated_points(W, c, starts, alpha=0.2)
    assert len(found.hits) >= 3 and found.index.sum() == 1
    gate = expit(found.rates @ W[:5].T + c[:5])
    np.testing.assert_allclose(
        np.tanh((gate * found.rates) @ W[5:].T + c[5:]), found.rates, atol=1e-9
    )


def test_open_gates_are_a_tanh_network_with_27_points():
    """x = tanh(1.5 x) in three units: 8 + 12 + 6 + 1 points, by both searches."""
    W, n = np.concatenate([np.zeros((3, 3)), 1.5 * np.eye(3)]), 3
    c = np.concatenate([np.full(n, 40.0), np.zeros(n)])
    starts = generator(4, "test").uniform(-1, 1, (400, n))
    found = gated.gated_points(W, c, starts, alpha=0.2)
    by_search = slow_points(W[None, n:], c[None, n:], starts[None], activation=TANH, alpha=0.2)[
        0
    ].fixed
    for of in (found, by_search):
        assert np.bincount(of.unstable_map).tolist() == [8, 12, 6, 1] and of.index.sum() == 1
    one_rate, drift = gated.largest_exponent(
        W, c, starts[:4], starts[4:8], alpha=0.2, transient=200, alignment=50, n_steps=200
    )
    stable = found.growth_map[found.unstable_map == 0].max()
    assert one_rate == pytest.approx(stable, rel=1e-3) and abs(drift) < 1e-3


def test_a_low_rank_network_is_the_rate_network_of_its_matrix():
    e = small("low rank", sigma=0.0)
    of = untrained_weights(e.network, n_inputs=1, n_outputs=1, seed=3)
    same, own = points.as_rate(e, of)
    assert np.linalg.matrix_rank(own.recurrent[0]) == e.network.rank
    trials = e.task.sample(2, dt=e.network.dt, rng=generator(0, "test"))
    here, there = (
        simulate(w, trials.inputs, network=network)
        for w, network in ((of, e.network), (own, same.network))
    )
    np.testing.assert_allclose(here, there, atol=1e-4)
    large = untrained_weights(
        dataclasses.replace(e.network, n_units=300), n_inputs=1, n_outputs=1, seed=1
    )
    sd = points.as_rate(e, large)[1].recurrent.std() * 300**0.5
    assert sd == pytest.approx(e.network.gain, rel=0.1)


@pytest.mark.parametrize("kind", ["tanh", "gated"])
def test_two_bits_by_hand(kind):
    """Two groups of units that excite themselves, among weights at random: nine points."""
    n, rng = 20, generator(5, "test")
    W = 1.8 * np.kron(np.eye(2), np.full((n // 2, n // 2), 2 / n))
    W += 0.3 / n**0.5 * rng.standard_normal((n, n))
    W_in, b = np.kron(np.eye(2), np.ones((n // 2, 1))), np.zeros(n)
    if kind == "gated":
        W = np.concatenate([0.3 / n**0.5 * rng.standard_normal((n, n)), 1.6 * W])
        W_in, b = np.concatenate([0 * W_in, W_in]), np.repeat([2.0, 0.0], n)
    e = small(kind, "memory_2", n=n)
    weights = {"recurrent": W, "input": W_in, "bias": b}
    network = one(e, **{name: w[None].astype(np.float32) for name, w in weights.items()})
    found = points.points_of(e, network, cases=("after",), n_steps=100)
    after = found.sel(case="after").isel(input=0)
    np.testing.assert_array_equal(after.by_directions[:4], [4, 4, 1, 0])
    assert after["index"] == 1 and found.exponent < 0 and not found.reason


@pytest.mark.parametrize("kind", experiments.ARCHITECTURES)
def test_every_architecture_is_measured_or_says_why_not(kind):
    e = small(kind, "decision")
    found = points.points_of(e, one(e, scale=0.5), n_starts=20, n_steps=50)
    assert found.found.shape == (len(CASES), points.N_INPUTS) and np.isfinite(found.exponent)
    assert (found["index"].sel(case="after") == 1).all() and not found.reason
    for name, value, why in (
        ("failed", 3, "training failed"),
        ("recurrent_after", np.nan, "finite"),
    ):
        broken = one(e)
        broken[name][:] = value
        with pytest.raises(Unmeasurable, match=why):
            points.points_of(e, broken)


def test_a_random_change_has_the_norm_of_the_trained_one_where_training_changed():
    e = small("gated")
    network = one(e, scale=1.5)
    network.recurrent_after[0, 0] = network.recurrent_before[0, 0]
    w = points.changed(network, rng=generator(0, "test"))
    change, drawn = (
        w[case].recurrent - w["before"].recurrent for case in ("after", "random change")
    )
    assert np.linalg.norm(drawn) == pytest.approx(np.linalg.norm(change), rel=1e-5)
    assert not drawn[0, 0].any() and drawn[0, 1:].all()


def families(draws, *, symmetric=0.25, others=0.1, exponent=-0.4, drift=0.01):
    """Ten batches of four matrices of each size, with these slopes of ln(mean number of points)."""
    size, n_draws = np.array(random_matrices.SIZES), 4
    slope = np.stack([draws.around(m, sd=0.01) for m in (symmetric, others, others)], axis=1)
    mean = 2 * np.exp(slope[:, None] * size[:, None])
    axes = ("network", "size", "correlation", "draw")
    shape = (N, 3, n_draws)
    found = {name: (axes, np.repeat(mean[..., None], n_draws, -1)) for name in ("points", "stable")}
    found |= dict.fromkeys(("stable_ode", "index"), found["points"])
    values = {"exponent": exponent, "drift": drift, "far_growth": -1.0}
    found |= {k: (("network", "correlation", "draw"), np.full(shape, v)) for k, v in values.items()}
    return xr.Dataset(found, {"size": size, "correlation": list(CORRELATIONS)})


def symmetric_signs(draws, *, mean=1.0):
    values = np.stack([draws.around(mean) for _ in range(6)], axis=1).reshape(N, 2, 3, 1)
    coords = {"gain": list(random_matrices.GAINS), "correlation": list(CORRELATIONS)}
    return xr.Dataset({"points": (("network", "gain", "correlation", "draw"), values)}, coords)


def against_random(draws, *, random=1.0, exponent=-0.3, drift=0.01):
    """What G10 is judged from: memories of independent bits and their random networks."""
    memories, rates, drawn = {}, {}, {}
    for k in (1, 2):
        memories[k] = xr.Dataset(
            {"found": (("network", "case"), np.full((N, 1), 3.0**k))}, {"case": ["after"]}
        )
        values = {"exponent": draws.around(exponent)[:, None], "drift": np.full((N, 1), drift)}
        rates[k] = xr.Dataset(
            {n: (("network", "drive"), v) for n, v in values.items()}, {"drive": ["zero input"]}
        )
        n = np.repeat(draws.around(random**k)[:, None], 5, 1)
        values = {"points": n, "exponent": 0 * n - 0.1, "drift": 0 * n, "far_growth": 0 * n - 1}
        drawn[k] = xr.Dataset({name: (("network", "draw"), v) for name, v in values.items()})
        moments = (("network", "moment"), np.zeros((N, 3)))
        drawn[k] = (
            drawn[k].assign(moments=moments).assign_coords(moment=list(random_matrices.MOMENTS))
        )
    return memories, rates, drawn


def layouts(draws, *, tasks, after=(2, 1), before=(1, 0), random=(1, 0), relu=(2, 1)):
    """References and counts of ten networks, at two inputs, by unstable directions."""

    def counted(*rows):
        return np.broadcast_to(np.array(rows, float)[:, None], (N, len(rows), 2, 2))

    reference = xr.DataArray(counted(relu)[:, 0], dims=("network", "input", "direction"))
    by = counted(before, after, random)
    found = {
        "by_directions": (("network", "case", "input", "direction"), by),
        "found": (("network", "case", "input"), by.sum(axis=-1)),
        "index": (("network", "case", "input"), np.ones((N, 3, 2))),
        "error": (("network", "case"), np.zeros((N, 3))),
        "exponent": ("network", draws.around(-0.3)),
        "drift": ("network", np.zeros(N)),
    }
    kinds = dict.fromkeys(experiments.ARCHITECTURES, xr.Dataset(found, {"case": list(CASES)}))
    return dict.fromkeys(tasks, reference), dict.fromkeys(tasks, kinds)


def g8(draws, **settings):
    return claims.g8(families(draws, **settings))


def g9(draws, **settings):
    return claims.g9(symmetric_signs(draws, **settings))


def g10(draws, **settings):
    return claims.g10(*against_random(draws, **settings))


def u1a(draws, **settings):
    return claims.u1a(*layouts(draws, tasks=experiments.MEMORIES, **settings))


def u1b(draws, **settings):
    return claims.u1b(*layouts(draws, tasks=experiments.NOTE, **settings))


PAIRS = {
    "G8": (g8, {"others": 0.25}, CHANCE),
    "G9": (g9, {"mean": 2.0}, CONTRADICTED),
    "G10": (g10, {"random": 3.0}, UNDECIDED),
    "U1a": (u1a, {"before": (2, 1), "random": (2, 1)}, CHANCE),
    "U1b": (u1b, {"before": (2, 1), "random": (2, 1)}, CHANCE),
}


def test_chaos_and_an_uncertain_sign_contradict_points_without_chaos(draws):
    for build in (g8, g10):
        assert build(draws, exponent=0.3).verdict == CONTRADICTED
        assert build(draws, drift=0.9).verdict == CONTRADICTED


def test_other_points_contradict_and_each_null_is_asked_by_itself(draws):
    assert u1a(draws, after=(1, 0)).verdict == CONTRADICTED
    assert u1a(draws, after=(1, 2)).verdict == CONTRADICTED
    assert u1a(draws, random=(2, 1)).verdict == CHANCE


def test_relu_networks_that_differ_are_no_reference(draws):
    references, found = layouts(draws, tasks=["memory_1"])
    mixed = references["memory_1"].copy()
    mixed[: N // 2, 0, 0] = 5
    result = claims.u1a({"memory_1": mixed}, found)
    assert result.verdict == UNDECIDED and claims.common_layout(mixed) is None
    mixed[0] = references["memory_1"][0]
    assert claims.u1a({"memory_1": mixed}, found).verdict == SUPPORTED


def test_a_missing_network_is_counted_and_pages_are_drawn(draws):
    found, signs, (memories, rates, drawn) = (
        families(draws),
        symmetric_signs(draws),
        against_random(draws),
    )
    references, kinds = layouts(draws, tasks=["memory_1", "decision"])
    for of in (found, signs, *memories.values(), *rates.values(), *drawn.values()):
        for name in of.data_vars:
            of[name][0] = np.nan
    lost = kinds["decision"]["tanh"].copy(deep=True)
    for name in lost.data_vars:
        lost[name][0] = np.nan
    kinds["decision"] = kinds["decision"] | {"tanh": lost}
    results = [
        claims.g8(found),
        claims.g9(signs),
        claims.g10(memories, rates, drawn),
        claims.u1b(references, kinds),
    ]
    for result in results:
        assert (
            max(s.missing for s in result.statistics) > 0 and "nan" not in result._repr_markdown_()
        )
        assert result.verdict in (SUPPORTED, UNDECIDED)
    figures.quadrants(found, memories, rates, drawn)
    figures.mean_numbers(found, signs)
    figures.other_architectures(references, kinds)
    for header, rows in (
        summary.families(found),
        summary.matched(memories, drawn),
        summary.architectures(references, kinds),
    ):
        assert rows and all(len(row) == len(header) for row in rows)
    assert summary.chaotic(kinds) == "none"


def test_the_experiments_and_their_sizes():
    assert len(experiments.experiments("paper")) == 12
    assert {e.network.n_units for e in experiments.experiments("paper")} == {64}
    assert min(e.seed for e in experiments.experiments("paper")) >= 2_800_000
    assert experiments.sizes("smoke") == {"sizes": (6, 8)}
    assert experiments.sizes("paper") == {"sizes": random_matrices.SIZES}
    assert set(experiments.by_task({e.name: 0 for e in experiments.experiments("paper")})) == set(
        experiments.TASKS
    )
