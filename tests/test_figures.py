"""Figures of many networks: what they draw does not grow with the networks, and a band holds the share it names."""

import inspect
import json

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from taskrnn.figures import angles, chaos, latent_space, nonlinearity, regime, rotatable, slow_points, subtle_changes, training
from taskrnn.figures.style import MANY, each_dot, each_network, mean_of_whole, panels, quantiles_over_networks
from taskrnn.latent import Layers
from taskrnn.measures.latent_space import Angles
from taskrnn.statistics import Interval

TASKS = ("perception", "decision")
POINTS = np.arange(1.0, 6.0)


def drawn(curves, *, scale="linear", **style):
    with panels(1, 1, size=(3, 3)) as (figure, [[axis]]):
        axis.set_yscale(scale)
        each_network(axis, POINTS[: curves.shape[1]], curves, color="black", label="networks", **style)
        figure.canvas.draw()
    return axis


def edges(band):
    """Lower and upper edge of a band without gaps, by point."""
    corners = band.get_paths()[0].vertices
    return np.array([(corners[corners[:, 0] == x, 1].min(), corners[corners[:, 0] == x, 1].max()) for x in POINTS]).T


@pytest.mark.parametrize("n", [1, MANY])
def test_few_networks_are_lines(n):
    curves = np.random.default_rng(0).standard_normal((n, 5))
    axis = drawn(curves, marker=".")
    assert len(axis.lines) == n and not axis.collections
    np.testing.assert_array_equal([line.get_ydata() for line in axis.lines], curves)
    assert axis.get_legend_handles_labels()[1] == ["networks"]


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_many_networks_are_bands_between_quantiles(scale):
    # Of 101 networks the quantile at k percent is the value of rank k, whatever is done to values in between.
    levels = np.random.default_rng(0).permutation(101)
    axis = drawn(levels[:, None] * POINTS + 1, scale=scale, marker=".", linestyle="--")
    outer, inner = axis.collections
    assert not axis.lines and all(isinstance(band, PolyCollection) for band in axis.collections)
    np.testing.assert_allclose(edges(outer), np.outer([5, 95], POINTS) + 1)
    np.testing.assert_allclose(edges(inner), np.outer([25, 75], POINTS) + 1)
    assert axis.get_legend_handles_labels()[1] == ["networks, 50 % and 90 %"]


def test_a_network_without_a_value_is_left_out_where_it_has_none():
    curves = np.random.default_rng(0).standard_normal((50, 5))
    curves[:20, 1] = curves[:, 2] = curves[:, 3] = np.nan
    curves[:5, 3] = 7
    found = quantiles_over_networks(curves, (0.25, 0.5))
    np.testing.assert_array_equal(found[:, 1], np.quantile(curves[20:, 1], (0.25, 0.5)))
    np.testing.assert_array_equal(found[:, 2:4], [[np.nan, 7], [np.nan, 7]])
    assert np.isnan(quantiles_over_networks(np.full((50, 5), np.nan), (0.25, 0.5))).all()
    [path, _] = drawn(curves).collections[0].get_paths()
    assert set(path.vertices[:, 0]) == {1, 2}, "no band across the gap"


def test_infinite_values_push_a_band_off_and_do_not_vanish():
    curves = np.tile(np.arange(100.0)[:, None], (1, 2))
    curves[90:, 1] = np.inf
    *lower, highest = quantiles_over_networks(curves, (0.05, 0.25, 0.75, 0.95))
    assert all(finite == cut for finite, cut in lower) and not np.isfinite(highest[1])
    drawn(curves)


def test_a_failed_network_does_not_take_the_mean_of_all_away():
    np.testing.assert_array_equal(mean_of_whole(np.array([[1.0, 2], [np.nan, 9], [3, np.inf], [3, 4]])), [2, 3])
    assert np.isnan(mean_of_whole(np.full((3, 2), np.nan))).all()


@pytest.mark.parametrize("n", [2, 100])
def test_zeros_on_a_logarithmic_axis_end_lines_and_keep_bands(n):
    curves = np.tile([1.0, 0.1, 0.0, 0.0, 0.01], (n, 1))
    curves[n // 2 :] = 1
    axis = drawn(curves, scale="log")
    assert 1e-3 < axis.get_ylim()[0] <= 0.01
    if n <= MANY:
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), [1, 0.1, np.nan, np.nan, 0.01])
    else:
        np.testing.assert_array_equal(edges(axis.collections[0]), [curves[0], curves[-1]])


def test_many_dots_are_boxes_at_their_places():
    values = np.tile(np.arange(101.0)[:, None], (1, 2)) + [0, 1000]
    with panels(1, 1, size=(3, 3)) as (figure, [[axis]]):
        each_dot(axis, np.array([0, 3]), values, color="black", label="networks", width=0.2, marker="o")
        figure.canvas.draw()
    outer, _ = axis.collections
    boxes = [path.get_extents().extents for path in outer.get_paths()]
    np.testing.assert_allclose(boxes, [[-0.1, 5, 0.1, 95], [2.9, 1005, 3.1, 1095]])


def test_curves_on_common_points_are_those_of_each_network():
    rng = np.random.default_rng(0)
    values = rng.exponential(size=(3, 40))
    x, curves = subtle_changes.shares_beyond(values)
    naive = [[np.mean([v >= at for v in row]) for at in x] for row in values]
    np.testing.assert_allclose(curves, naive, atol=1e-15)
    shares, held = subtle_changes.shares_of_the_square(values)
    largest_first = np.sort(values, axis=1)[:, ::-1]
    for share, column in zip(shares, held.T, strict=True):
        np.testing.assert_allclose(column, (largest_first[:, : round(40 * share)] ** 2).sum(axis=1) / (values**2).sum(axis=1))
    middle, density = subtle_changes.densities(values)
    np.testing.assert_allclose(density.sum(axis=1) * (middle[1] - middle[0]), 1)


N_UNITS, DIMENSIONS = 12, np.arange(1, 5)
MISSING = 1


def randoms(n, *shape):
    """Numbers of 200 networks, of which n are taken: the first are the same for every n; one network has none."""
    values = np.random.default_rng(0).uniform(0.5, 1.5, (200, *shape))
    values[MISSING] = np.nan
    return values[:n]


def each(value):
    return {task: value for task in TASKS}


def null():
    return angles.Null(*np.sort(randoms(3, len(DIMENSIONS))[[0, 2, 0]], axis=0))


def spectrum(n):
    return randoms(n, N_UNITS) * np.exp(2j * np.pi * randoms(n, N_UNITS))


def by_dimension(n, *names):
    return {name: 60 * randoms(n, len(DIMENSIONS)) for name in names}


FIGURES = {
    "mean_weights": lambda n: nonlinearity.mean_weights(each(randoms(n, 9)), each(-randoms(n))),
    "along_theta": lambda n: nonlinearity.along_theta(
        np.arange(4) * 15, each(randoms(n, 2, 4)), each(randoms(n, 4)), each(randoms(n, 2, 4)), each(Interval(20, 10, 30))
    ),
    "rectifier_use": lambda n: nonlinearity.rectifier_use({"below": each((randoms(n), randoms(n) / 2))}),
    "before_after": lambda n: angles.before_after(
        each(by_dimension(n, "mean", "smallest", "floor")), each({"uniform": null(), "matched": null()}), dimensions=DIMENSIONS
    ),
    "between_conditions": lambda n: angles.between_conditions(
        each({state: by_dimension(n, "between", "within", "restart") for state in ("trained", "untrained")}),
        each(null()), dimensions=DIMENSIONS, margin=5,
    ),
    "to_readout": lambda n: angles.to_readout(
        each({state: by_dimension(n, "dca", "pca") for state in ("untrained", "trained")}),
        each({state: {"uniform": null(), "matched": null()} for state in ("untrained", "trained")}), dimensions=DIMENSIONS,
    ),
    "training_curves": lambda n: training.training_curves(each(randoms(n, 9))),
    "task_performance": lambda n: training.task_performance(
        {row: (randoms(n, 6), np.full(6, 0.1)) for row in ("trained", "untrained")},
        {row: (randoms(n, 7), -randoms(n, 7)) for row in ("trained", "untrained")},
        centres=np.linspace(-1, 1, 6), seconds=np.linspace(-1, 1, 7), decision_targets=(0.8, 0.5), perception_levels=(0.5, 0.8),
    ),
    "exponents": lambda n: regime.exponents(*2 * [each({drive: randoms(n, 2).T for drive in ("autonomous", "driven")})]),
    "copies": lambda n: regime.copies(
        each({"before": randoms(n, 5), "after": randoms(n, 5) / 9}), each((randoms(n, 2), randoms(n, 2))), taus=POINTS
    ),
    "gains": lambda n: regime.gains(each(randoms(n, 5)), gains=POINTS, recipe=1),
    "weight_changes": lambda n: subtle_changes.weight_changes(
        each({kind: randoms(n, 60) - 1 for kind in ("trained", "gaussian", "factors")})
    ),
    "eigenvalues": lambda n: subtle_changes.eigenvalues(
        each({
            "before": spectrum(n), "after": 2 * spectrum(n), "displacement": randoms(n, N_UNITS), "threshold": randoms(n),
            "random": randoms(n, 2, N_UNITS), "modulus": randoms(n, 2).T, "random_modulus": randoms(n, 2).T,
        })
    ),
    "low_rank": lambda n: subtle_changes.low_rank(
        each({
            "singular": randoms(n, N_UNITS), "edge": randoms(n), "ranks": np.arange(5), "ratio": randoms(n, 5),
            "shares": np.geomspace(1e-3, 1, 5), "sparse": randoms(n, 5),
        }),
        rank=2, restored=1.1,
    ),
    "centralities": lambda n: subtle_changes.centralities(each(2 * (randoms(n, 2, N_UNITS),)), ["strength", "betweenness"]),
    "pairings": lambda n: subtle_changes.pairings(each({"training": 2 * (randoms(n, N_UNITS),)}), measure="strength"),
    "rank_correlations": lambda n: subtle_changes.rank_correlations(
        each({kind: randoms(n, 2) - 1 for kind in ("all units", "active units", "random")} | {"band": [np.zeros(2), np.ones(2)]}),
        ["strength", "betweenness"],
    ),
    "non_normality": lambda n: subtle_changes.non_normality(
        each({"Henrici": {kind: randoms(n, 2).T for kind in ("training", "Gaussian", "rank-matched")}})
    ),
    "layer_ratios": lambda n: latent_space.layer_ratios(
        *2 * [{space: Layers(*6 * [randoms(n)]) for space in ("DCA", "PCA")}], sheet=0.5
    ),
    "transient_angles": lambda n: latent_space.transient_angles(*2 * [Angles(*7 * [60 * randoms(n)], normal=randoms(n, 3))]),
    "starts_by_dimension": lambda n: latent_space.starts_by_dimension(
        {f"{task}, trained": 3 * (randoms(n, len(DIMENSIONS), 5),) for task in TASKS}, DIMENSIONS, near=0.1, angle=5
    ),
    "spectra": lambda n: chaos.spectra(each({when: randoms(n, N_UNITS) for when in ("before", "after")})),
    "convergence": lambda n: chaos.convergence(each({when: randoms(n, 5) for when in ("before", "after")}), taus=POINTS),
    "phases": lambda n: chaos.phases(
        {name: randoms(n, 5, 3) - 1 for name in ("ReLU", "tanh")}, {name: randoms(5, 3) for name in ("ReLU", "tanh")},
        gains=POINTS, input_sds=np.arange(3),
    ),
    "equilibria": lambda n: chaos.equilibria(
        {name: randoms(5, 3) for name in ("tanh", "ReLU")}, {name: np.arange(3) for name in ("tanh", "ReLU")},
        {how: 5 * [Interval(0.2, 0.1, 0.3)] for how in ("counted", "formula")}, randoms(n, 5), gains=POINTS,
    ),
    "attractors": lambda n: chaos.attractors(randoms(n, 5), randoms(n, 5), gains=POINTS),
    "reservoirs": lambda n: chaos.reservoirs(
        *2 * [each({name: randoms(n, 5) for name in ("ReLU", "tanh")})], each(randoms(n)), gains=POINTS
    ),
    "along_path": lambda n: slow_points.along_path(
        each(POINTS), *2 * [each({column: randoms(n, 5, 3) for column in ("untrained", "trained")})]
    ),
    "changes": lambda n: slow_points.changes({"time": each(randoms(n, 3))}),
}  # fmt: skip


def artists(name, n):
    """How many artists the figure of n networks has in its axes; it is drawn as a page draws it."""
    figure = FIGURES[name](n)
    figure.canvas.draw()
    return sum(len(axis.get_children()) for axis in figure.axes)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_many_networks_does_not_grow(name):
    artists(name, 10)
    assert artists(name, 100) == artists(name, 200)


@pytest.mark.parametrize("name", FIGURES)
def test_one_network_of_two_without_numbers_leaves_the_axes_of_the_other(name):
    both, alone = (FIGURES[name](n) for n in (2, 1))
    for figure in (both, alone):
        figure.canvas.draw()
    for axis, other in zip(both.axes, alone.axes, strict=True):
        assert axis.get_yscale() == other.get_yscale()
        np.testing.assert_allclose(axis.get_ylim(), other.get_ylim())


@pytest.mark.parametrize("name", ["centralities", "pairings", "starts_by_dimension", "eigenvalues"])
def test_dots_of_units_and_starts_are_those_of_the_first_networks_and_say_so(name):
    few, many = (FIGURES[name](n) for n in (MANY, 100))
    for axis, other in zip(few.axes, many.axes, strict=True):
        dots, others = ([line.get_xydata() for line in a.lines if line.get_linestyle() == "None"] for a in (axis, other))
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(dots, others, strict=True))
    assert any(f"first {MANY} of 100 networks" in text.get_text() for text in many.findobj(Text))


def test_the_bank_has_every_figure_of_networks():
    modules = (angles, chaos, latent_space, nonlinearity, regime, slow_points, subtle_changes, training)
    functions = [f for module in modules for f in vars(module).values() if inspect.isfunction(f)]
    of_one_network = {"leaky_relu", "example_trials"}
    found = {f.__name__ for f in functions if f.__annotations__.get("return") is Figure}
    assert found - of_one_network == set(FIGURES)


def turning(n):
    inputs = np.linspace(0, 2, 5)
    paths = {column: randoms(n, 2, 12, 3) for column in ("trained", "untrained")}
    return (
        latent_space.layers_in_space({column: randoms(n, 5, 5, 3) for column in paths}, inputs),
        latent_space.paths_in_space(
            paths, {column: randoms(n, 4, 3) for column in paths}, {column: randoms(n, 3) for column in paths},
            seconds=np.arange(12.0), inputs=np.tile(inputs[[0, 4], None], 12), epoch=6,
        ),
        slow_points.topology(
            *2 * [{column: randoms(n, 5, 2, 3) for column in paths}], {column: np.tile([0, 1], (n, 5, 1)) for column in paths},
            {column: randoms(n, 3, 12, 3) for column in paths}, levels=POINTS, seconds=np.arange(12.0),
        ),
    )  # fmt: skip


def test_figures_that_turn_hold_the_first_networks():
    for few, many in zip(turning(rotatable.IN_MENU), turning(100), strict=True):
        few, many = (bundle["application/vnd.plotly.v1+json"] for bundle in (few, many))
        assert len(json.dumps(few["data"])) == len(json.dumps(many["data"]))
        few, many = ([b["label"] for b in p["layout"]["updatemenus"][0]["buttons"]] for p in (few, many))
        assert few[-1] == f"network {rotatable.IN_MENU - 1}" and many == [f"{label} of 100" for label in few]


def test_figures_that_turn_begin_with_a_network_without_numbers(monkeypatch):
    monkeypatch.setattr("test_figures.MISSING", 0)
    for bundle in turning(2):
        layout = bundle["application/vnd.plotly.v1+json"]["layout"]
        sides = [scene["aspectratio"][letter] for name, scene in layout.items() if name.startswith("scene") for letter in "xyz"]
        assert np.isfinite(sides).all() and min(sides) >= 0 and max(sides) > 0
