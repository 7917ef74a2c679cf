import dataclasses

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from taskrnn.claims import latent_space as judge
from taskrnn.claims.ledger import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.experiment import DECISION, PERCEPTION
from taskrnn.figures import latent_space as figures
from taskrnn.latent import Layers
from taskrnn.measures import latent_space as measures
from taskrnn.network import untrained_weights

MODEST = dataclasses.replace(small(DECISION).network, gain=0.5)


def network_of(experiment):
    weights = untrained_weights(experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=3)
    names = {
        "recurrent_before": ("network", "unit", "from_unit"),
        "input_weights": ("network", "unit", "input"),
        "bias": ("network", "unit"),
        "readout": ("network", "output", "unit"),
    }
    values = dict(zip(names, weights, strict=True))
    return xr.Dataset({name: (axes, values[name]) for name, axes in names.items()} | {"seed": ("network", [3])}), weights


def euler(weights, inputs, r):
    """Rates after each step; inputs (time, input)."""
    path = []
    for u in inputs:
        r = 0.9 * r + 0.1 * np.maximum(weights.recurrent[0] @ r + weights.input[0] @ u + weights.bias[0], 0)
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
    experiment = dataclasses.replace(small(PERCEPTION), network=dataclasses.replace(small(PERCEPTION).network, gain=0.5))
    network, weights = network_of(experiment)
    found = measures.switching(experiment, network, when="before", points=3)
    for start in (0, 1):
        path = euler(weights, found.input.values[start][:, None], np.zeros(8))
        np.testing.assert_allclose(found.rates.values[start], path, atol=1e-5)
        level = found.input.values[start, 0]
        np.testing.assert_allclose(path[measures.EPOCH - 1], found.steady.sel(level=level).values, atol=1e-4)


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


def planted_paths(rise):
    """Fixed points on the x axis, a path between them that bows in the xy plane, a start that comes in at an angle to it."""
    s = np.linspace(0, 1, 20)[:, None]
    ends = np.array([[0.0, 0, 0], [1.0, 0, 0]])
    bow = ends[0] + s * (ends[1] - ends[0]) + s * (1 - s) * [0, 1, 0]
    direction = np.array([0, np.cos(rise), np.sin(rise)])
    paths = np.stack([np.concatenate([end + 3 * (1 - s) * direction, bow, bow[::-1]]) for end in ends])
    return paths, np.array([ends[0], [0.5, 0.1, 0], ends[1]])


def test_angle_of_a_planted_transient():
    paths, steady = (np.stack(part) for part in zip(*(planted_paths(np.radians(a)) for a in (0, 30, 90)), strict=True))
    found = measures.angles(paths, steady, epoch=20)
    np.testing.assert_allclose(found.to_plane, [0, 30, 90], atol=1e-6)
    np.testing.assert_allclose(found.to_steady_plane, [0, 30, 90], atol=1e-6)
    np.testing.assert_allclose(found.to_line, 90, atol=1e-6)
    np.testing.assert_allclose(np.abs(found.normal), [[0, 0, 1]] * 3, atol=1e-9)


def test_networks_without_a_plane_or_without_steady_states_are_nan():
    paths, steady = (np.stack([part] * 3) for part in planted_paths(0.3))
    steady[1, :, 1] = 0  # steady states on the line: no plane from them
    steady[2, 0] = np.nan
    found = measures.angles(paths, steady, epoch=20)
    assert np.isnan(found.to_steady_plane).tolist() == [False, True, True]
    assert np.isnan(found.to_plane).tolist() == [False, False, True]

    points = np.random.default_rng(0).standard_normal((2, 5, 5, 3))
    points[1, 0, 0] = np.nan
    layers = measures.layers(points, np.linspace(0, 2, 5), seeds=[0, 1])
    assert np.isfinite(layers.ratio).tolist() == [True, False]


def layers_with(ratio, delta_bic):
    return Layers(*[np.full(10, 2.0)] * 6)._replace(
        ratio=ratio + 0.01 * np.arange(10), delta_bic=delta_bic + 0.01 * np.arange(10)
    )


@pytest.mark.parametrize(
    ("before", "after", "delta_bic", "verdict"),
    [(3, 8, 100, SUPPORTED), (8, 3, 100, CONTRADICTED), (3, 8, -100, CONTRADICTED), (3, 3, 100, UNDECIDED)],
)
def test_l1_needs_a_rise_and_two_gaussians(before, after, delta_bic, verdict):
    trained, untrained = layers_with(after, delta_bic), layers_with(before, 5)
    assert judge.l1(trained, untrained, trained, untrained).verdict == verdict


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
    def angles_of(mean):
        return measures.Angles(*[np.full(10, float(mean)) + np.linspace(-1, 1, 10)] * 7, np.zeros((10, 3)))

    result = judge.l2(angles_of(after), angles_of(before))
    assert (result.verdict, result.as_written) == (verdict, as_written)


def test_uniqueness_takes_the_median_over_the_starts_near_the_best_alone():
    pi = np.array([[[10, 9.995, 9.98, 9.0]], [[np.nan] * 4]])
    angle = np.array([[[0, 4, 50, 80]], [[np.nan] * 4]])
    found = judge.uniqueness(pi, angle, np.full((2, 1, 4), 88.0))
    assert (found.share[0, 0], found.angle[0, 0], found.initial[0, 0]) == (0.5, 2, 88)
    assert np.isnan(found.share[1, 0]) and np.isnan(found.angle[1, 0])


def unique_with(share, angle, initial=88.0):
    return judge.Uniqueness(*(np.tile(np.asarray(row, dtype=float), (10, 1)) for row in (share, angle, [initial] * len(share))))


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
    both = {"perception": unique, "decision": unique}
    assert judge.l3(both, both, [1, 2]).verdict == verdict


def test_figures_that_turn_show_one_network_and_hold_all():
    inputs = np.linspace(0, 2, 5)
    points = np.random.default_rng(0).standard_normal((3, 5, 5, 3))
    points[2] = np.nan
    bundle = figures.layers_in_space({"trained": points, "untrained": points}, inputs)
    plotly = bundle["application/vnd.plotly.v1+json"]
    traces, buttons = plotly["data"], plotly["layout"]["updatemenus"][0]["buttons"]
    assert [button["label"] for button in buttons] == ["network 0", "network 1", "network 2"]
    shown = np.array([button["args"][0]["visible"] for button in buttons])
    assert (shown.sum(axis=0) == 1).all() and shown[0].tolist() == [t["visible"] for t in traces]
    assert bundle["image/png"].startswith("iVBOR")


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
