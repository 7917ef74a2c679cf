import dataclasses

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from studies.latent_space import agreement, figures, layers_and_planes, measures
from studies.latent_space import claims as judge
from studies.latent_space import second_route as second
from taskrnn.activity.session import session
from taskrnn.activity.subspaces import subspaces
from taskrnn.analysis.dca.lag_covariances import lag_covariances
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, Verdict
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import untrained_weights

MODEST = dataclasses.replace(small(DECISION).network, gain=0.5)


def network_of(experiment):
    weights = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=3
    )
    names = {
        "recurrent_before": ("network", "unit", "from_unit"),
        "input_weights": ("network", "unit", "input"),
        "bias": ("network", "unit"),
        "readout": ("network", "output", "unit"),
    }
    values = dict(zip(names, weights, strict=True))
    return xr.Dataset(
        {name: (axes, values[name]) for name, axes in names.items()} | {"seed": ("network", [3])}
    ), weights


def euler(weights, inputs, r):
    """Rates after each step; inputs (time, input)."""
    path = []
    for u in inputs:
        r = 0.9 * r + 0.1 * np.maximum(
            weights.recurrent[0] @ r + weights.input[0] @ u + weights.bias[0], 0
        )
        path.append(r)
    return np.array(path)


def test_grid_is_where_a_long_simulation_ends():
    experiment = dataclasses.replace(small(DECISION), network=MODEST)
    network, weights = network_of(experiment)
    found = measures.grid(experiment, network, when="before", points=4)
    assert found.rates.dims == ("input_1", "input_2", "unit")
    for i, j in ((0, 0), (0, 3), (2, 1)):
        pair = [found.input_1.values[i], found.input_2.values[j]]
        end = euler(weights, np.tile(pair, (2000, 1)), np.zeros(8))[-1]
        np.testing.assert_allclose(found.rates.values[i, j], end, atol=1e-5)


def test_switching_is_the_model_without_noise_and_ends_on_its_fixed_points():
    experiment = dataclasses.replace(
        small(PERCEPTION), network=dataclasses.replace(small(PERCEPTION).network, gain=0.5)
    )
    network, weights = network_of(experiment)
    found = measures.switching(experiment, network, when="before", points=3)
    for start in (0, 1):
        path = euler(weights, found.input.values[start][:, None], np.zeros(8))
        np.testing.assert_allclose(found.rates.values[start], path, atol=1e-5)
        level = found.input.values[start, 0]
        np.testing.assert_allclose(
            path[measures.EPOCH - 1], found.steady.sel(level=level).values, atol=1e-4
        )


def test_projection_takes_the_subspace_that_was_sought_with_three_dimensions():
    basis = np.full((2, 3, 5, 3), np.nan)
    basis[:, 2] = np.eye(5)[:, 1:4]
    subspaces = xr.Dataset(
        {
            "dca": (("network", "dimension", "unit", "component"), basis),
            "pca": (("network", "unit", "component"), np.tile(np.eye(5)[:, :3], (2, 1, 1))),
            "mean": (("network", "unit"), np.ones((2, 5))),
        },
        coords={"dimension": [1, 2, 3]},
    )
    rates = np.arange(40.0).reshape(2, 4, 5)
    np.testing.assert_array_equal(measures.projected(rates, subspaces), rates[..., 1:4] - 1)
    np.testing.assert_array_equal(measures.projected(rates, subspaces, "pca"), rates[..., :3] - 1)
    # The second time has another mean.
    times = xr.concat(
        [subspaces, subspaces.assign(mean=3 * subspaces["mean"])], "when", data_vars="all"
    )
    both = measures.projected(rates.reshape(2, 2, 2, 5), times.transpose("network", "when", ...))
    means = np.array([1, 3])[:, None, None]
    np.testing.assert_array_equal(both, rates.reshape(2, 2, 2, 5)[..., 1:4] - means)


def planted_paths(rise):
    """Fixed points on the x axis, a path between them that bows in the xy plane, a start above it.

    It comes in at the angle `rise` to that plane, in radians.
    """
    s = np.linspace(0, 1, 20)[:, None]
    ends = np.array([[0.0, 0, 0], [1.0, 0, 0]])
    bow = ends[0] + s * (ends[1] - ends[0]) + s * (1 - s) * [0, 1, 0]
    direction = np.array([0, np.cos(rise), np.sin(rise)])
    paths = np.stack(
        [np.concatenate([end + 3 * (1 - s) * direction, bow, bow[::-1]]) for end in ends]
    )
    return paths, np.array([ends[0], [0.5, 0.1, 0], ends[1]])


def whole_space(n_networks):
    """Subspaces of three units, before and after training, that hold all activity; mean 0."""
    axes = ("network", "when")
    pca = np.tile(np.eye(3), (n_networks, 2, 1, 1))
    return xr.Dataset(
        {
            "dca": ((*axes, "dimension", "unit", "component"), pca[:, :, None]),
            "pca": ((*axes, "unit", "component"), pca),
            "mean": ((*axes, "unit"), np.zeros((n_networks, 2, 3))),
        },
        coords={"dimension": [3], "when": ["before", "after"]},
    )


def test_angle_of_a_planted_transient():
    """In the order of the angles, which are [[before, after] of two networks]."""
    degrees = np.array([[0, 30], [90, 60]])
    planted = [planted_paths(np.radians(a)) for a in degrees.ravel()]
    paths, steady = (np.stack(part) for part in zip(*planted, strict=True))
    runs = xr.Dataset(
        {
            "rates": (
                ("network", "when", "start", "time", "unit"),
                paths.reshape(2, 2, *paths.shape[1:]),
            ),
            "steady": (
                ("network", "when", "level", "unit"),
                steady.reshape(2, 2, *steady.shape[1:]),
            ),
            "input": (
                ("network", "when", "start", "time"),
                np.full((2, 2, *paths.shape[1:3]), 0.5),
            ),
        },
        coords={"when": ["before", "after"], "time": np.arange(60.0), "level": [0.5, 0.65, 0.8]},
    )
    runs.input[0] = np.nan  # a network that is missing has no inputs either
    found = layers_and_planes.transients(runs, whole_space(2), epoch=20)
    np.testing.assert_allclose(found.to_plane, degrees, atol=1e-6)
    np.testing.assert_allclose(found.to_steady_plane, degrees, atol=1e-6)
    np.testing.assert_allclose(found.to_line, 90, atol=1e-6)
    np.testing.assert_allclose(np.abs(found.normal), np.tile([0, 0, 1], (2, 2, 1)), atol=1e-9)
    np.testing.assert_array_equal(found.paths, runs.rates)
    np.testing.assert_array_equal(found.steady, runs.steady)
    assert (found.input == 0.5).all()
    assert found.input.dims == ("start", "time")


def test_networks_without_a_plane_or_without_steady_states_are_nan():
    paths, steady = (np.stack([part] * 3)[:, None] for part in planted_paths(0.3))
    steady[1, ..., 1] = 0  # steady states on the line: no plane from them
    steady[2, 0, 0] = np.nan
    found = layers_and_planes.angles(paths, steady, epoch=20)
    assert np.isnan(found.to_steady_plane).tolist() == [[False], [True], [True]]
    assert np.isnan(found.to_plane).tolist() == [[False], [False], [True]]

    points = np.random.default_rng(0).standard_normal((2, 5, 5, 3))
    points[1, 0, 0] = np.nan
    layers = layers_and_planes.layers(points, np.linspace(0, 2, 5), seeds=[0, 1])
    assert np.isfinite(layers.ratio).tolist() == [True, False]


def test_layers_of_planted_states_before_and_after_training_in_both_spaces():
    """A flat sheet, which training splits in the axis that the principal subspace does not have."""
    level = np.linspace(0, 2, 7)
    sheet = np.stack([*np.meshgrid(level, level, indexing="ij"), np.zeros((7, 7))], axis=-1)
    split = sheet + 9 * np.sign(level[:, None] - level)[..., None] * [0, 0, 1]
    grids = xr.Dataset(
        {
            "rates": (
                ("network", "when", "input_1", "input_2", "unit"),
                np.stack([sheet, split])[None],
            )
        },
        coords={"when": ["before", "after"], "input_1": level, "input_2": level},
    )
    spaces = whole_space(1)
    spaces["pca"] = spaces.pca * [1.0, 1, 0]
    found = layers_and_planes.layered(xr.Dataset({"seed": ("network", [0])}), grids, spaces)
    assert found.sheet == layers_and_planes.flat_ratio(level)
    ratio = found.ratio.isel(network=0)
    np.testing.assert_array_equal(ratio.sel(when="before"), found.sheet)
    assert ratio.sel(when="after", space="pca") == found.sheet
    assert ratio.sel(when="after", space="dca") > 50
    np.testing.assert_array_equal(found.points.sel(space="dca"), grids.rates)
    assert found.points.sel(space="pca", when="after")[..., 2].max() == 0
    [alone] = layers_and_planes.layers(split[None], level, seeds=[0]).delta_bic
    assert found.delta_bic.sel(when="after", space="dca") == alone


def test_a_flat_sheet_of_many_inputs_has_the_ratio_that_geometry_gives():
    ratio = layers_and_planes.flat_ratio(np.linspace(0, 1, 61))
    assert ratio == pytest.approx(2 * np.sqrt(2), rel=0.03)
    assert layers_and_planes.flat_ratio(np.linspace(0, 7, 61)) == pytest.approx(ratio)


def layers_with(ratio, delta_bic):
    """Ten networks in both spaces, from (before, after)."""
    spread = 0.01 * np.arange(10)[:, None, None]
    values = {"ratio": ratio, "delta_bic": delta_bic, "n_modes": (2, 2)}
    axes = ("network", "when", "space")
    return xr.Dataset(
        {
            name: (axes, np.array(pair)[:, None] + np.zeros((1, 2, 2)) + spread)
            for name, pair in values.items()
        },
        coords={"when": ["before", "after"], "space": ["dca", "pca"]},
    )


@pytest.mark.parametrize(
    ("before", "after", "delta_bic", "verdict"),
    [
        (3, 8, 100, SUPPORTED),
        (8, 3, 100, CONTRADICTED),
        (3, 8, -100, CONTRADICTED),
        (3, 3, 100, UNDECIDED),
    ],
)
def test_l1_needs_a_rise_and_two_gaussians(before, after, delta_bic, verdict):
    assert judge.l1(layers_with((before, after), (5, delta_bic))).verdict == verdict


def test_l1_compares_each_space_with_itself_before_training():
    layers = layers_with((3, 8), (5, 100))
    layers.ratio.loc[{"space": "pca", "when": "after"}] = 2.0
    ratio, change, bic, modes, pca = judge.l1(layers).statistics
    assert ratio.values[0] == 8
    assert ratio.null[0] == 3
    assert bic.values[0] == 100
    assert bic.null[0] == 5
    assert change.values[0] == 5
    assert change.null[0] == -1
    assert modes.holds == 1
    assert pca.values[0] == 2
    assert pca.null[0] == 3
    assert pca.holds == 0


def transients_with(angles, **others):
    """Ten networks, from (before, after)."""
    values = dict.fromkeys(("to_plane", "to_steady_plane", "to_line"), angles) | others
    spread = np.linspace(-1, 1, 10)[:, None]
    found = {name: (("network", "when"), np.array(pair) + spread) for name, pair in values.items()}
    return xr.Dataset(found, coords={"when": ["before", "after"]})


def test_rows_of_l2_hold_above_a_random_direction_after_training_and_below_it_before():
    found = transients_with((10, 70), to_line=(50, 60))
    assert [row.holds for row in judge.l2(found).statistics] == [10] * 7
    assert [row.holds for row in judge.l2(transients_with((70, 10))).statistics] == [0] * 7


@pytest.mark.parametrize(
    ("after", "before", "verdict", "as_written"),
    [
        (70, 10, SUPPORTED, SUPPORTED),
        (45, 10, SUPPORTED, CONTRADICTED),
        (45, 40, CONTRADICTED, CONTRADICTED),
        (32.7, 10, UNDECIDED, CONTRADICTED),
    ],
)
def test_l2_is_a_chain(after, before, verdict, as_written):
    result = judge.l2(transients_with((before, after)))
    assert (result.verdict, result.as_written) == (verdict, as_written)


def two_sessions(*degrees):
    """A plane in four units and another that is turned by these angles, of a network that has them
    and of one that has none; (network, dimension, unit, component) each.
    """
    first, second = np.zeros((2, 2, 1, 4, 2))
    for i, angle in enumerate(np.radians(degrees)):
        first[:, 0, i, i], second[:, 0, i, i], second[:, 0, i + 2, i] = (
            1,
            np.cos(angle),
            np.sin(angle),
        )
    second[1] = np.nan
    axes = ("network", "dimension", "unit", "component")
    return {"dca": (axes, first), "again": (axes, second)}


def test_uniqueness_takes_the_median_over_the_starts_near_the_best_alone():
    values = {
        "pi": [[[10, 9.995, 9.98, 9.0]], [[np.nan] * 4]],
        "angle": [[[0, 4, 50, 80]], [[np.nan] * 4]],
        "initial_angle": np.full((2, 1, 4), 88.0),
    }
    axes = ("network", "dimension", "start")
    searches = {name: (axes, array) for name, array in values.items()}
    found = judge.uniqueness(xr.Dataset(searches | two_sessions(70, 20), {"dimension": [2]}))
    assert found.share.dims == found.sessions.dims == ("network", "dimension")
    assert (found.share[0, 0], found.angle[0, 0], found.initial[0, 0]) == (0.5, 2, 88)
    np.testing.assert_allclose(found.sessions, [[45], [np.nan]])
    assert np.isnan(found.share[1, 0])
    assert np.isnan(found.angle[1, 0])


def unique_with(share, angle, initial=88.0, sessions=4.0):
    """Ten networks, by dimension after training; before it no start came near the best."""
    after = xr.Dataset(
        {
            "share": ("dimension", share),
            "angle": ("dimension", angle),
            "initial": ("dimension", [initial] * len(share)),
            "sessions": ("dimension", [sessions] * len(share)),
        },
        coords={"dimension": range(1, len(share) + 1)},
    ).astype(float)
    times = xr.concat([after.assign(share=0 * after.share), after], "when", data_vars="all")
    return times.assign_coords(when=["before", "after"]).expand_dims(network=10)


@pytest.mark.parametrize(
    ("share", "angle", "initial", "verdict"),
    [
        ([0.9, 1.0], [5, 0.1], 88, SUPPORTED),
        ([0.8, 1.0], [0.1, 0.1], 88, CONTRADICTED),
        ([0.8, 1.0], [0.1, 20], 88, CONTRADICTED),
        ([1.0, 1.0], [0.1, 0.1], 1, CHANCE),
    ],
)
def test_l3_holds_if_it_does_in_every_dimension(share, angle, initial, verdict):
    unique = unique_with(share, angle, initial)
    result = judge.l3({"perception": unique, "decision": unique})
    assert result.verdict == result.as_written == verdict
    assert list(result.parts) == [
        f"{task}, {of} agree"
        for task in ("perception", "decision")
        for of in ("starts", "sessions")
    ]
    assert result["decision, untrained: lowest share"].mean == 0
    assert result["decision: lowest share of starts near the best PI"].mean == min(share)


def test_l3_asks_two_sessions_too():
    for sessions, word in ((5.0, SUPPORTED), (5.1, CONTRADICTED)):
        result = judge.l3({"decision": unique_with([1.0, 1.0], [0.1, 0.1], sessions=sessions)})
        assert (result.verdict, result.as_written) == (word, SUPPORTED)
        assert result[f"decision: {judge.SESSIONS}"].mean == pytest.approx(sessions)


@pytest.mark.parametrize(
    ("missed", "others", "expected"),
    [
        ([0.03], [UNDECIDED] * 9, UNDECIDED),
        ([0.004], [UNDECIDED] * 9, CONTRADICTED),
        ([0.006], [UNDECIDED] * 9, UNDECIDED),
        ([0.03], [(SUPPORTED, 1e-6)] * 9, CONTRADICTED),
        ([0.03], [(SUPPORTED, 1e-6)] * 8 + [UNDECIDED], UNDECIDED),
        ([], [(SUPPORTED, 0.04)] * 10, SUPPORTED),
        ([], [(SUPPORTED, 0.04)] * 9 + [UNDECIDED], UNDECIDED),
        ([], [(SUPPORTED, 0.04)] * 9 + [(CHANCE, 0.04)], CHANCE),
    ],
)
def test_a_dimension_that_misses_must_do_so_among_ten(missed, others, expected):
    words = [Verdict(CONTRADICTED, p) for p in missed]
    words += [Verdict(*([of] if isinstance(of, str) else of)) for of in others]
    rows = [judge.Row(d, None, None, None, 0, word) for d, word in enumerate(words, start=1)]
    found = judge.starts_agree(rows)
    assert found == expected
    if expected == CONTRADICTED:
        assert found.p == pytest.approx(missed[0] * (10 if others == [UNDECIDED] * 9 else 1))


def test_table_by_dimension_has_a_row_for_each_task_training_and_dimension():
    header, rows = judge.dimension_rows({"decision": unique_with([1.0, 0.5], [0.1, 20])})
    assert [row[:2] for row in rows] == [
        [f"decision, {s}", d] for s in ("trained", "untrained") for d in (1, 2)
    ]
    assert rows[0][2:] == ["1 (1 to 1)", "0.1 (0.1 to 0.1)", "88", "4", "10 of 10", SUPPORTED]
    assert rows[1][2:] == ["0.5 (0.5 to 0.5)", "20 (20 to 20)", "88", "4", "0 of 10", CONTRADICTED]
    assert rows[2][-2:] == ["0 of 10", CONTRADICTED]
    assert len(header) == len(rows[0])


def test_numbers_of_the_text_are_those_of_the_networks():
    layers = layers_with((3, 8), (5, 100))
    layers.ratio[0, 0] = np.nan
    found = transients_with((40, 60), to_steady_plane=(40, 67), ambiguity=(0, 7))
    unique = {
        "perception": unique_with([0.9, 0.8, 1], [0.1, 0.1, 0.1], sessions=7),
        "decision": unique_with([1, 1, 1], [0.1, 0.2, 20.0]),
    }
    said = judge.numbers(layers, found, unique)
    assert said.ratio_before == pytest.approx(3.05)
    assert said.rise_pca == pytest.approx(5)
    assert said.unsettled == 1
    assert said.ambiguity == pytest.approx(7)
    assert said.plane_choice == pytest.approx(7)
    assert (said.cases, said.met, said.missed) == (6, 4, 2)
    assert said.met_in == {"perception": 2, "decision": 2}
    assert said.three == {"perception": 7, "decision": 4}


def test_figures_that_turn_show_one_network_and_hold_all():
    inputs = np.linspace(0, 2, 5)
    points = np.random.default_rng(0).standard_normal((3, 5, 5, 3))
    points[2] = np.nan
    layers = xr.Dataset(
        {
            "points": (
                ("network", "when", "space", "input_1", "input_2", "axis"),
                np.stack([points] * 2, 1)[:, :, None],
            )
        },
        coords={
            "when": ["before", "after"],
            "space": ["dca"],
            "input_1": inputs,
            "input_2": inputs,
        },
    )
    bundle = figures.layers_in_space(layers)
    plotly = bundle["application/vnd.plotly.v1+json"]
    traces, buttons = plotly["data"], plotly["layout"]["updatemenus"][0]["buttons"]
    # Network 2 has no numbers: a scene without a point would keep the browser busy for ever.
    assert [button["label"] for button in buttons] == ["network 0", "network 1"]
    shown = np.array([button["args"][0]["visible"] for button in buttons])
    assert (shown.sum(axis=0) == 1).all()
    assert shown[0].tolist() == [t["visible"] for t in traces]
    assert bundle["image/png"].startswith("iVBOR")
    every, *large = (button["args"][0] for button in plotly["layout"]["updatemenus"][1]["buttons"])
    scenes = ["scene", "scene2", "scene3", "scene4"]
    for scene in scenes:
        assert every[f"{scene}.domain.x"] == plotly["layout"][scene]["domain"]["x"]
    for i, shown in enumerate(large):
        wide = [scene for scene in scenes if shown[f"{scene}.domain.x"] == [0, 1]]
        named = [k for k in range(4) if shown[f"annotations[{k}].visible"]]
        assert wide == [scenes[i]] and named == [i]


def test_isocontours_hold_one_input_and_leave_none_out():
    inputs = np.linspace(0, 2, 5)
    pairs = np.stack(np.meshgrid(inputs, inputs, indexing="ij"), axis=-1)
    points = np.concatenate([pairs, pairs[..., :1]], axis=-1)
    for held in (0, 1):
        curves = figures.isocontours(points, inputs, held=held, panel=0)
        values = np.concatenate([c.values for c in curves])
        shown = np.concatenate([c.points for c in curves])[:, :2]
        np.testing.assert_array_equal(shown, values)
        assert len(np.unique(values[~np.isnan(values[:, 0])], axis=0)) == 25
        assert set(curves[0].values[:, held][~np.isnan(curves[0].values[:, held])]) == {0, 2}


def test_both_codes_find_a_planted_subspace_and_its_information():
    """Independent processes that forget at different rates, in turned axes: the subspace is that of
    the slowest, and its PI the sum of ``-ln(1 - a^2) / 2``.
    """
    rng, decay = np.random.default_rng(0), np.array([0.95, 0.9, 0.85, 0.4, 0.3, 0.2])
    axes = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    C = np.array([axes * decay**k @ axes.T for k in range(2 * second.WINDOW)])
    with second.package(rng) as analysis:
        found = second.both(analysis, C, n_starts=10, n_package=2, rng=rng)
    for V in found.subspaces:
        assert second.largest_angle(V, axes[:, : second.DIMENSION]) < 0.1
    planted = -np.log(1 - decay[: second.DIMENSION] ** 2).sum() / 2
    np.testing.assert_allclose(found.pi, planted, rtol=1e-6)
    np.testing.assert_allclose(found.score, found.pi, rtol=1e-9)
    assert found.ended == 2


def test_covariances_of_the_package_are_averages_over_windows():
    rng, n_lags = np.random.default_rng(0), 2 * second.WINDOW
    X = rng.standard_normal((400, 4)).cumsum(axis=0)
    with second.package(rng) as analysis:
        C = second.own_covariances(analysis, X)
        with pytest.raises(Unmeasurable, match="singular"):
            second.own_covariances(analysis, X[:, [0, 1, 1]] * 1e4)
    x = X - X.mean(axis=0)
    windows = [x[t : t + n_lags] for t in range(len(x) - n_lags + 1)]
    for k in (0, 3):
        pairs = [w[i + k].T[:, None] * w[i] for w in windows for i in range(n_lags - k)]
        np.testing.assert_allclose(C[k], np.mean(pairs, axis=0), rtol=0.01, atol=0.01 * C[0].max())


@pytest.fixture(scope="module")
def by_both_codes():
    """{task: (second route, subspaces)} of one small network, with a `network` axis."""
    found, search = {}, {"when": "before", "n_starts": 10, "n_steps": 4000}
    for experiment in (PERCEPTION, DECISION):
        e = small(experiment)
        network = network_of(e)[0]
        three = subspaces(e, network, dimensions=(second.DIMENSION,), **search)
        found[e.name] = tuple(
            of.expand_dims("network") for of in (second.second_route(e, network, **search), three)
        )
    return found


def test_a_session_has_one_predictive_subspace_by_both_codes(by_both_codes):
    for found, three in by_both_codes.values():
        assert (found.apart < 0.5).all()
        assert (found.ended == found.started).all()
        assert found.started == 2
        np.testing.assert_allclose(found.pi[..., 1], found.pi[..., 0], rtol=1e-6)
        np.testing.assert_allclose(found.score, found.pi, rtol=1e-9)
        np.testing.assert_allclose(found.pi[0, 0, 0], three.pi.max(), rtol=1e-6)
        assert 0 <= found.lost < 0.05
        assert found.seen == three.active.sum()


def test_the_second_route_says_how_far_the_packages_covariances_turn_the_subspace(by_both_codes):
    e = small(PERCEPTION)
    found, three = (of.isel(network=0) for of in by_both_codes["perception"])
    active = three.active.values == 1
    rates = session(network_of(e)[1], e, seeds=[3], n_steps=4000).rates[0].astype(float)
    rng, first = np.random.default_rng(0), found.subspace.values[active]
    with second.package(rng) as analysis:
        own = second.own_covariances(analysis, rates[:, active])
    turned = second.best(own, n_starts=10, rng=rng)
    assert found.moved == pytest.approx(second.largest_angle(turned, first), abs=0.5)
    own[0] += three.added.item() * np.eye(active.sum())
    floored = second.best(own, n_starts=10, rng=rng)
    assert found.moved_with_floor == pytest.approx(second.largest_angle(floored, first), abs=0.01)
    halves = [
        second.best(lag_covariances(half, 2 * second.WINDOW).C, n_starts=10, rng=rng)
        for half in (rates[:2000, active], rates[2000:, active])
    ]
    assert found.halves == pytest.approx(second.largest_angle(*halves), abs=0.01)


def test_the_second_route_depends_on_no_global_random_numbers_and_leaves_torch_as_it_was():
    import torch

    e = small(PERCEPTION)
    network, settings = network_of(e)[0], {"when": "before", "n_starts": 1, "n_steps": 1000}
    threads, runs = torch.get_num_threads(), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        runs.append(second.second_route(e, network, **settings))
    xr.testing.assert_identical(*runs)
    assert torch.get_num_threads() == threads


def test_tables_and_numbers_of_the_second_route_spare_a_missing_network(by_both_codes):
    of = {
        task: xr.concat([found, found.astype(float) * np.nan], "network", combine_attrs="drop")
        for task, (found, _) in by_both_codes.items()
    }
    spaces = {
        task: xr.concat([three, three], "network").expand_dims(when=["after"])
        for task, (_, three) in by_both_codes.items()
    }
    header, rows = agreement.by_covariances(of)
    assert [row[:2] for row in rows[:4]] == [
        [f"perception {k}", f"the {code}'s"] for k in (0, 1) for code in ("library", "package")
    ]
    assert rows[0][-1] == "2 of 2" and len(header) == len(rows[0])
    header, rows = agreement.by_estimate(of)
    assert [row[0] for row in rows] == ["perception 0", "perception 1", "decision 0", "decision 1"]
    assert len(header) == len(rows[0])
    said = agreement.numbers(of, spaces)
    alone = [found.isel(network=0) for found, _ in by_both_codes.values()]
    assert said.moved == pytest.approx(np.mean([float(found.moved) for found in alone]))
    assert said.apart["package"] == max(float(found.apart[1]) for found in alone)
    assert said.n_starts == 2 and said.drawn < 0.1
    assert said.pi_gap < 1e-6 and said.code_gap < 1e-9
