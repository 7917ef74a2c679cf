"""Slow points by routes that must agree, their claims by hand, and what the chapter says of
them.
"""

import numpy as np
import pytest
import xarray as xr
from small_experiments import one_network

from studies.criteria import CLAIMS
from studies.slow_points import claims, figures, measures, summary
from studies.slow_points.second_route import is_among, starting_points
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER
from taskrnn.ensembles.members import weights
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import spread

SETTINGS = {"n_path": 5, "n_trials": 2, "n_starts": 60, "n_descents": 20, "n_draws": 2}


@pytest.fixture
def found(experiment) -> xr.Dataset:
    return measures.landscape(experiment, one_network(experiment, scale=1.5), **SETTINGS)


def test_the_points_along_the_path_are_all_there_are(experiment, found):
    for when in ("before", "after"):
        w = weights(one_network(experiment, scale=1.5), when)
        W, b = w.recurrent[0].astype(float), w.bias[0]
        for k, u in enumerate(found.input.values):
            truth = enumerate_fixed_points(W, w.input[0].astype(float) @ u + b).rates
            at = found.sel(when=when).isel(step=k)
            assert int(at.found) == len(truth)
            stored = at.rates.values[np.isfinite(at.rates.values).all(axis=1)]
            assert all(np.linalg.norm(truth - point, axis=1).min() < 1e-5 for point in stored)
            radii = [
                np.abs(
                    np.linalg.eigvals((W @ r + w.input[0] @ u + b > 0)[:, None] * W) * 0.1 + 0.9
                ).max()
                for r in truth
            ]
            assert int(at.unstable) == sum(radius > 1 for radius in radii)
            assert float(at.growth) == pytest.approx(np.log(max(radii)) / 0.1, abs=1e-6)


def test_the_routes_agree(found):
    assert (found.only_descent == 0).all() and (found.agreed >= 1).all()


def test_an_epoch_ends_where_a_plain_simulation_says(experiment, found):
    one = one_network(experiment, scale=1.5)
    trials = experiment.task.sample(
        2, dt=experiment.network.dt, rng=generator(experiment.seed, "slow_points.trials")
    )
    np.testing.assert_array_equal(trials.values, found.trial_input)
    for when in ("before", "after"):
        w = weights(one, when)
        states = simulate(w, spread(trials.values, trials.edges), network=experiment.network)[0]
        rest = simulate(
            w, np.repeat(trials.values[:, 1:], 3000, axis=1), network=experiment.network
        )[0][:, -1]
        for trial in range(2):
            way = np.linalg.norm(states[trial, -1] - states[trial, trials.edges[trial, 1] - 1])
            left = np.linalg.norm(states[trial, -1] - rest[trial])
            # The nearest point may be nearer than the one it runs to.
            assert found.end_distance.sel(when=when)[trial, 1] <= left / way + 1e-4


def test_no_training_is_no_change_and_so_is_the_random_one(experiment):
    one = one_network(experiment)
    one["recurrent_after"] = one.recurrent_before
    found = measures.landscape(experiment, one, **SETTINGS)
    for name in ("time_constant", "switched"):
        before, after = found[name].sel(when="before"), found[name].sel(when="after")
        np.testing.assert_allclose(before, after)
        for draw in range(2):
            np.testing.assert_allclose(found[f"random_{name}"].isel(draw=draw), before)


def test_the_path_crosses_the_border_between_the_answers(experiment):
    path = measures.path(experiment.task, 5)
    assert path.shape == (5, experiment.task.n_inputs)
    if experiment.task.n_inputs == 2:
        assert (path[2] == path[2, 0]).all() and (path == path[::-1, ::-1]).all()


def test_seconds_are_those_of_the_states_that_are_kept(experiment, found):
    w = weights(one_network(experiment, scale=1.5), "after")
    rng = generator(experiment.seed, "slow_points.trials")
    trials = experiment.task.sample(2, dt=experiment.network.dt, rng=rng)
    states = simulate(w, spread(trials.values, trials.edges), network=experiment.network)[0]
    step = np.round(found.time.values * 1000 / experiment.network.dt).astype(int) - 1
    kept = found.trajectory.sel(when="after").values
    np.testing.assert_allclose(kept, states[:, step], rtol=1e-6)


def test_inputs_without_a_point_are_counted():
    of = xr.Dataset(
        {"found": (("when", "step"), [[1, 0, 0], [2, 1, 1]])}, {"when": list(measures.WHEN)}
    )
    assert measures.without_point(of) == "before training no fixed point is found for 2 of 3 inputs"
    assert measures.without_point(of.sel(when=["after", "after"]).assign_coords(when=of.when)) == ""


def test_starts_of_the_descent_are_states_and_random_ones_as_large():
    states = 3 * np.random.default_rng(0).random((50, 400))
    starts = starting_points(states, 41, rng=np.random.default_rng(1))
    assert starts.shape == (41, 400)
    assert all((states == start).all(axis=1).any() for start in starts[:20])
    assert not any((states == start).all(axis=1).any() for start in starts[20:])
    size = np.sqrt((starts[20:] ** 2).sum() / (starts[20:] > 0).sum())
    assert size == pytest.approx(np.sqrt((states**2).mean()), rel=0.05)


def test_a_point_is_found_again_within_a_share_of_its_norm():
    points = np.array([[3.0, 4.0], [1.0, 0.0]])
    assert is_among(np.array([3.0, 4.04]), points, near=0.01)
    assert not is_among(np.array([1.0, 0.04]), points, near=0.01)
    assert not is_among(np.array([1.0, 0.0]), np.empty((0, 2)), near=0.01)


def test_outputs_are_the_readout_of_each_point():
    rates = np.arange(24.0).reshape(1, 2, 2, 3, 2)
    rates[0, 1, 1, 2] = np.nan
    found = xr.Dataset({"rates": (("network", "when", "step", "point", "unit"), rates)})
    networks = xr.Dataset({"readout": (("network", "output", "unit"), np.array([[[1.0, -2.0]]]))})
    z = summary.outputs({"decision": networks}, {"decision": found})["decision"]
    np.testing.assert_array_equal(z, rates[..., 0] - 2 * rates[..., 1])


def test_points_are_seen_from_the_mean_of_their_own_session():
    rng = np.random.default_rng(0)
    shape, axes = (2, 2, 4, 3, 8), ("network", "when", "step", "point", "unit")
    rates, direction = rng.standard_normal((2, *shape))
    found = xr.Dataset(
        {
            "rates": (axes, rates),
            "direction": (axes, direction),
            "unstable_directions": (axes[:-1], np.zeros(shape[:-1])),
            "trajectory": (("network", "when", "trial", "time", "unit"), rates[:, :, :, :2]),
        },
        coords={"when": list(measures.WHEN), "input": (("step", "channel"), np.ones((4, 1)))},
    )
    found = found.assign_coords(time=[0.1, 0.2])
    basis = np.linalg.qr(rng.standard_normal((2, 2, 8, 5)))[0]
    mean = rng.standard_normal((2, 2, 8))
    sessions = xr.Dataset(
        {
            "dca": (("network", "when", "dimension", "unit", "component"), basis[:, :, None]),
            "pca": (("network", "when", "unit", "component"), basis[..., ::-1]),
            "mean": (("network", "when", "unit"), mean),
        },
        coords={"dimension": [3]},
    )
    seen = summary.in_spaces({"decision": found}, {"decision": sessions})["decision"]
    by_hand = np.einsum("kwspu,kwua->kwspa", rates - mean[:, :, None, None], basis[..., :3])
    np.testing.assert_allclose(seen.points.sel(space="dca"), by_hand)
    other = np.einsum("kwspu,kwua->kwspa", rates - mean[:, :, None, None], basis[..., :1:-1])
    np.testing.assert_allclose(seen.points.sel(space="pca"), other)
    ahead = np.einsum("kwspu,kwua->kwspa", direction, basis[..., :3])
    np.testing.assert_allclose((seen.ahead - seen.points).sel(space="dca"), ahead)
    np.testing.assert_allclose(seen.trajectory.sel(space="dca"), by_hand[:, :, :, :2])


def counted(*, found, slow=(0, 0)):
    """A landscape of one network and what the text says of it; `found` (when, step)."""
    steps = ("when", "network", "step")
    found = np.array(found, dtype=float)[:, None]
    known = np.where(np.isnan(found), np.nan, 1.0)
    ends = ("when", "network", "step_2")
    return xr.Dataset(
        {
            "found": (steps, found),
            "continua": (steps, 0 * known),
            "last_new": (steps, 2 * found),
            "kink_distance": (steps, 0.1 * found),
            "time_constant": (steps, np.where(found == 1, 3.0, np.inf) * known),
            "end_distance": (("when", "network", "trial", "epoch"), 0.1 * found[..., None]),
            "slow": (ends, np.array(slow)[:, None, None] * np.ones((2, 1, 2))),
            "slowest": (ends, np.full((2, 1, 2), [0.25, np.inf])),
            **{
                name: (ends, np.ones((2, 1, 2)))
                for name in ("agreed", "only_exact", "only_descent", "unconverged")
            },
        },
        coords={
            "when": list(measures.WHEN),
            "input": (("step", "channel"), np.linspace(0.5, 0.8, found.shape[-1])[:, None]),
        },
    )


def test_numbers_of_the_text():
    found = {
        "perception": counted(found=[[1, 1, 1], [1, 3, 1]]),
        "decision": counted(found=[[5, 1, 1], [1, 2, 2]]),
    }
    said = summary.numbers(found)
    assert said.points == "1 to 3 fixed points"
    assert said.distance == pytest.approx({"perception": 0.3, "decision": 0.2})
    assert (said.low, said.high, said.steps) == (0.5, 0.8, 3)
    assert (said.last_new, said.continua, said.without) == (10, 0, 3)
    assert said.kink == pytest.approx(0.1)
    missing = counted(found=[[1, 1, 1], [np.nan] * 3])
    assert (
        summary.numbers(
            {**found, "decision": xr.concat([missing, found["decision"]], "network")}
        ).without
        == 3
    )
    assert [summary.in_words(*range_) for range_ in ((1, 1), (2, 2))] == [
        "1 fixed point",
        "2 fixed points",
    ]


def test_the_second_route_is_added_up_over_both_ends():
    header, rows = summary.routes({"decision": counted(found=[[1, 1], [1, 1]], slow=(0, 2))})
    assert rows[0] == ["decision", "before", 2, 2, 2, 0, "-", 2]
    assert rows[1] == ["decision", "after", 2, 2, 2, 4, "0.25", 2]
    assert len(header) == len(rows[0])


def test_the_random_change_stands_before_both_times():
    values = xr.DataArray(
        [[1.0, 2.0]], dims=("network", "when"), coords={"when": list(measures.WHEN)}
    )
    random = xr.DataArray([[5.0, 7.0]], dims=("network", "draw"))
    np.testing.assert_array_equal(figures.with_random(values, random), [[6, 1, 2]])


N, STEPS = 10, 5
SPREAD = np.linspace(-0.1, 0.1, N)  # over networks, small beside every effect below


def landscape(
    *,
    found=(1, 1),
    distance=(0.01, 0.01),
    time=(2.0, 4.0, 2.0),
    switched=(0.1, 0.3, 0.1),
    unstable=(0, 0),
):
    """What is measured of N networks before and after training, and after a random change
    (third).
    """
    when, ones = ["before", "after"], np.ones((2, N, STEPS))
    scale = np.array(found)[:, None, None] * ones
    factor = np.exp(SPREAD)[:, None]
    return xr.Dataset(
        {
            "found": (("when", "network", "step"), scale),
            "unstable": (("when", "network", "step"), np.array(unstable)[:, None, None] * ones),
            "continua": (("when", "network", "step"), 0 * ones),
            "end_found": (
                ("when", "network", "trial", "epoch"),
                scale[..., :4].reshape(2, N, 2, 2),
            ),
            "end_distance": (
                ("when", "network", "trial", "epoch"),
                np.array(distance)[:, None, None, None] * np.ones((2, N, 2, 2)),
            ),
            "time_constant": (
                ("when", "network", "step"),
                np.array(time[:2])[:, None, None] * factor * ones,
            ),
            "random_time_constant": (
                ("network", "draw", "step"),
                time[2] * factor[:, None] * np.ones((N, 3, STEPS)),
            ),
            "switched": (
                ("when", "network"),
                np.array(switched[:2])[:, None] + 0.1 * SPREAD * ones[..., 0],
            ),
            "random_switched": (
                ("network", "draw"),
                switched[2] + 0.1 * SPREAD[:, None] * np.ones((N, 3)),
            ),
        },
        coords={"when": when},
    )


FAILING = landscape(found=(1, 0), distance=(0.5, 0.5), time=(2, 1, 2), switched=(0.3, 0.1, 0.3))


@pytest.mark.parametrize(
    ("claim", "settings", "verdict"),
    [
        (claims.f1, {}, CHANCE),
        (claims.f1, {"distance": (0.5, 0.1)}, SUPPORTED),
        (claims.f1, {"found": (9, 3)}, SUPPORTED),
        (claims.f1, {"distance": (0.5, 0.11)}, CONTRADICTED),
        (claims.f1, {"found": (1, 4)}, CONTRADICTED),
        (claims.f1, {"distance": (0.5, np.nan)}, CONTRADICTED),
        (claims.f2, {}, CHANCE),
        (claims.f2, {"found": (3, 1)}, SUPPORTED),
        (claims.f2, {"found": (1, 0)}, CONTRADICTED),
        (claims.f2, {"unstable": (0, 1)}, CONTRADICTED),
        (claims.f3, {}, SUPPORTED),
        (claims.f3, {"time": (2.0, 4.0, 4.1)}, WEAKER),
        (claims.f3, {"time": (2.0, 4.0, 4.0)}, CHANCE),
        (claims.f3, {"time": (4.0, 2.0, 4.0)}, CONTRADICTED),
        (claims.f3, {"time": (2.0, np.inf, 2.0)}, UNDECIDED),
        (claims.f4, {}, SUPPORTED),
        (claims.f4, {"switched": (0.1, 0.3, 0.3)}, CHANCE),
        (claims.f4, {"switched": (0.1, 0.3, 0.5)}, WEAKER),
        (claims.f4, {"switched": (0.3, 0.1, 0.3)}, CONTRADICTED),
    ],
)
def test_claims_about_slow_points(claim, settings, verdict):
    both = claim({"perception": landscape(**settings), "decision": landscape(**settings)})
    assert both.verdict == verdict
    assert both.claim in CLAIMS
    # One task that fails is enough.
    if verdict == SUPPORTED:
        assert (
            claim({"perception": landscape(**settings), "decision": FAILING}).verdict
            == CONTRADICTED
        )


def test_one_network_of_ten_contradicts_the_criterion_as_written_and_leaves_its_share_open():
    found = landscape(distance=(0.5, 0.01))
    found.end_distance[1, 2, 1, 1] = 0.2
    result = claims.f1({"decision": found})
    assert (result.verdict, result.as_written) == (UNDECIDED, CONTRADICTED)


def test_the_most_points_are_those_at_one_input():
    found = landscape()
    found.found[1, 3] = [0, 2, 2, 1, 0]
    found.end_found[1, 4, 1, 0] = 5
    found["found"], found["end_found"] = (
        of.where(found.found.network != 5) for of in (found.found, found.end_found)
    )
    most = claims.most_points(found).sel(when="after")
    np.testing.assert_array_equal(most, [1, 1, 1, 2, 5, np.nan, 1, 1, 1, 1])
