"""Figures of many networks: what they draw does not grow with the networks, and a band holds
the share it names.
"""

import inspect
import json

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from studies import rotatable
from studies.chaos import figures as chaos
from studies.latent_space import figures as latent_space
from studies.nonlinearity import figures as nonlinearity
from studies.predictive_subspaces import figures as angles
from studies.readout import figures as readout
from studies.regime import figures as regime
from studies.slow_points import figures as slow_points
from studies.style import (
    MANY,
    each_dot,
    each_network,
    mean_of_whole,
    panels,
    quantiles_over_networks,
)
from studies.subtle_changes import centrality_figures
from studies.subtle_changes import figures as subtle_changes
from studies.training import figures as training
from taskrnn.analysis.statistics import Interval
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception

TASKS = ("perception", "decision")
POINTS = np.arange(1.0, 6.0)


def drawn(curves, *, scale="linear", **style):
    with panels(1, 1, size=(3, 3)) as (figure, [[axis]]):
        axis.set_yscale(scale)
        each_network(
            axis, POINTS[: curves.shape[1]], curves, color="black", label="networks", **style
        )
        figure.canvas.draw()
    return axis


def edges(band):
    """Lower and upper edge of a band without gaps, by point."""
    corners = band.get_paths()[0].vertices
    return np.array(
        [
            (corners[corners[:, 0] == x, 1].min(), corners[corners[:, 0] == x, 1].max())
            for x in POINTS
        ]
    ).T


@pytest.mark.parametrize("n", [1, MANY])
def test_few_networks_are_lines(n):
    curves = np.random.default_rng(0).standard_normal((n, 5))
    axis = drawn(curves, marker=".")
    assert len(axis.lines) == n and not axis.collections
    np.testing.assert_array_equal([line.get_ydata() for line in axis.lines], curves)
    assert axis.get_legend_handles_labels()[1] == ["networks"]


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_many_networks_are_bands_between_quantiles(scale):
    # Of 101 networks the quantile at k percent is the value of rank k, whatever is done to values
    # in between.
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
    np.testing.assert_array_equal(
        mean_of_whole(np.array([[1.0, 2], [np.nan, 9], [3, np.inf], [3, 4]])), [2, 3]
    )
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
        each_dot(
            axis, np.array([0, 3]), values, color="black", label="networks", width=0.2, marker="o"
        )
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
        np.testing.assert_allclose(
            column,
            (largest_first[:, : round(40 * share)] ** 2).sum(axis=1) / (values**2).sum(axis=1),
        )
    middle, density = subtle_changes.densities(values)
    np.testing.assert_allclose(density.sum(axis=1) * (middle[1] - middle[0]), 1)


N_UNITS, DIMENSIONS = 12, np.arange(1, 5)
MISSING = 1


def randoms(n, *shape):
    """Numbers of 200 networks, of which n are taken: the first are the same for every n; one
    network has none.
    """
    values = np.random.default_rng(0).uniform(0.5, 1.5, (200, *shape))
    values[MISSING] = np.nan
    return values[:n]


def of_networks(n, **axes):
    """A dataset with such numbers of n networks; {name: {axis: size}}."""
    return xr.Dataset(
        {name: (("network", *sizes), randoms(n, *sizes.values())) for name, sizes in axes.items()}
    )


ALONG = {"when": 2, "theta": 4}


def each(value):
    return dict.fromkeys(TASKS, value)


def uniform():
    """Angles of random subspaces, (dimension, draw)."""
    draws = 60 * randoms(1, len(DIMENSIONS), 5)[0]
    return xr.DataArray(draws, {"dimension": DIMENSIONS}, ("dimension", "draw"))


AXES = {
    "dimension": DIMENSIONS, "space": ["dca", "pca"], "kind": ["gaussian", "rank"],
    "when": ["before", "after"], "drive": ["autonomous", "driven"], "activation": ["ReLU", "tanh"], "readout": ["own", "fitted"],
    "gain": POINTS, "phase_gain": POINTS, "sample": POINTS, "input_sd": np.arange(3.0), "size": np.arange(4, 7), "relu_size": np.arange(4, 7),
}  # fmt: skip


def dataset(n, **variables):
    """Random numbers for every variable, whose axes behind the network's are named in a string;
    with two values on an axis without coordinates.
    """
    axes = {name: text.split() for name, text in variables.items()}
    shapes = {name: [len(AXES.get(axis, range(2))) for axis in of] for name, of in axes.items()}
    coords = {axis: AXES[axis] for of in axes.values() for axis in of if axis in AXES}
    return xr.Dataset(
        {name: (("network", *of), randoms(n, *shapes[name])) for name, of in axes.items()}, coords
    )


def regimes(n):
    along = dict.fromkeys(("exponent", "perturbed"), "when drive")
    return dataset(
        n, **along, growth_map="when input", distance="when drive sample", gain_growth="gain"
    )


def whole_spectra(n):
    return dataset(n, exponent="when number", largest="when sample", time="when sample")


def random_networks(n):
    over = "activation phase_gain input_sd"
    found = dataset(
        n,
        growth=over,
        diverges=over,
        tanh_points="gain size draw",
        relu_points="gain relu_size draw",
        tanh_exponent="gain",
    )
    falling = 1 - np.sort(randoms(n, 5, N_UNITS), axis=-1)
    return found.assign(growth=found.growth - 1, spectrum=(("network", "gain", "number"), falling))


def reservoirs(n):
    return dataset(
        n,
        squared_error="activation gain",
        exponent="activation gain drive",
        own_squared_error="when readout",
    )


def weight_change(n):
    states = {"norm": len(subtle_changes.NORMS), "state": 4}
    along = {"unit": N_UNITS}
    found = of_networks(
        n, eigenvalues={"when": 2, **along, "part": 2}, displacement=along, random_displacement={"draw": 2, **along},
        threshold={}, modulus={"when": 2, "kind": 2}, singular_value=along, edge={}, non_normality=states,
    )  # fmt: skip
    return found.assign_coords(
        when=AXES["when"],
        kind=["trained", "gaussian"],
        norm=list(subtle_changes.NORMS),
        state=["before", "after", "gaussian", "rank"],
    )


def centralities(n):
    over = {"measure": 2, "unit": N_UNITS}
    found = of_networks(n, centrality={"when": 2, "part": 1, **over}, random={"draw": 1, **over})
    return found.assign_coords(when=AXES["when"], part=["all"], measure=["strength", "betweenness"])


def landscape(n):
    found = of_networks(
        n, unstable_directions={"when": 2, "step": 5, "point": 3}, time_constant={"when": 2, "step": 5}, switched={"when": 2},
        random_time_constant={"draw": 2, "step": 5}, random_switched={"draw": 2},
    )  # fmt: skip
    return found.assign_coords(when=AXES["when"], input=(("step", "channel"), POINTS[:, None]))


FIGURES = {
    "mean_weights": lambda n: nonlinearity.mean_weights(
        each(of_networks(n, mean_weight={"update": 9})), each(of_networks(n, norm={}).assign(n_weights=132))
    ),
    "along_theta": lambda n: nonlinearity.along_theta(
        each(
            of_networks(n, best=ALONG, exponent=ALONG, difference={"theta": 4}, crossing_theta={})
            .assign_coords(when=["before", "after"], theta=np.arange(4) * 15)
        )
    ),
    "rectifier_use": lambda n: nonlinearity.rectifier_use(
        each(
            of_networks(n, **{name: {"when": 2, "noise": 1} for name in nonlinearity.SHARES})
            .assign_coords(when=["before", "after"], noise=["as in training"])
        )
    ),
    "before_after": lambda n: angles.before_after(
        each(60 * dataset(n, **dict.fromkeys(("mean", "smallest", "sessions"), "dimension"), matched="dimension draw")),
        each(uniform()),
        each(60 * dataset(n, turned="kind dimension")),
    ),
    "between_conditions": lambda n: angles.between_conditions(
        each(60 * dataset(n, **dict.fromkeys(("between", "within", "restart"), "when dimension"))), each(uniform())
    ),
    "to_readout": lambda n: readout.to_readout(
        each(
            60 * dataset(n, dca="when dimension", pca="when dimension", matched="when dimension draw")
            .assign(band=(("quantile", "dimension"), np.tile([[1.0], [0.5], [1.4]], len(DIMENSIONS))))
        )
    ),
    "training_curves": lambda n: training.training_curves(each(of_networks(n, loss={"update": 9}))),
    "task_performance": lambda n: training.task_performance(
        of_networks(n, mean={"when": 2, "bin": 6})
        .assign(spread=(("when", "bin"), np.full((2, 6), 0.1)))
        .assign_coords(when=["before", "after"], bin=np.linspace(-1, 1, 6)),
        of_networks(n, around={"when": 2, "direction": 2, "since": 7})
        .assign_coords(when=["before", "after"], direction=["up", "down"], since=np.linspace(-1, 1, 7)).around,
        decision=Decision(), perception=Perception(),
    ),
    "exponents": lambda n: regime.exponents(each(regimes(n))),
    "copies": lambda n: regime.copies(each(regimes(n))),
    "gains": lambda n: regime.gains(each(regimes(n)), recipe=1),
    "weight_changes": lambda n: subtle_changes.weight_changes(
        each(
            of_networks(n, change={"kind": 3, "entry": 60}).change.assign_coords(kind=["trained", "gaussian", "factors"]) - 1
        )
    ),
    "eigenvalues": lambda n: subtle_changes.eigenvalues(each(weight_change(n))),
    "low_rank": lambda n: subtle_changes.low_rank(
        each(weight_change(n)),
        each(
            of_networks(n, low_rank={"rank": 5}, sparse={"share": 5}, trained={})
            .assign_coords(rank=np.arange(5), share=np.geomspace(1e-3, 1, 5))
        ),
    ),
    "centralities": lambda n: centrality_figures.centralities(each(centralities(n))),
    "pairings": lambda n: centrality_figures.pairings(each(centralities(n))),
    "rank_correlations": lambda n: centrality_figures.rank_correlations(
        each(
            of_networks(n, **dict.fromkeys(("rho", "random"), {"measure": 2}), alternative={"setting": 1, "measure": 2})
            .assign(permuted=(("draw", "network", "measure"), randoms(n, 2, 9).T.swapaxes(1, 2)))
            .assign_coords(measure=["strength", "betweenness"], setting=["active"]) - 1
        )
    ),
    "non_normality": lambda n: subtle_changes.non_normality(each(weight_change(n))),
    "layer_ratios": lambda n: latent_space.layer_ratios(
        dataset(n, ratio="when space", delta_bic="when space").assign(sheet=0.5)
    ),
    "transient_angles": lambda n: latent_space.transient_angles(
        60 * dataset(n, **dict.fromkeys(("to_plane", "to_steady_plane", "to_line"), "when"))
    ),
    "starts_by_dimension": lambda n: latent_space.starts_by_dimension(
        each(dataset(n, **dict.fromkeys(("pi", "angle", "initial_angle"), "when dimension start")))
    ),
    "spectra": lambda n: chaos.spectra(each(whole_spectra(n))),
    "convergence": lambda n: chaos.convergence(each(whole_spectra(n))),
    "phases": lambda n: chaos.phases(random_networks(n)),
    "equilibria": lambda n: chaos.equilibria(random_networks(n), *2 * [dict.fromkeys(POINTS, Interval(0.2, 0.1, 0.3))]),
    "attractors": lambda n: chaos.attractors(random_networks(n)),
    "reservoirs": lambda n: chaos.reservoirs(each(reservoirs(n))),
    "along_path": lambda n: slow_points.along_path(
        each(landscape(n)), each(of_networks(n, z={"when": 2, "step": 5, "point": 3}).z.assign_coords(when=AXES["when"]))
    ),
    "changes": lambda n: slow_points.changes(each(landscape(n))),
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
        dots, others = (
            [line.get_xydata() for line in a.lines if line.get_linestyle() == "None"]
            for a in (axis, other)
        )
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(dots, others, strict=True))
    assert any(f"first {MANY} of 100 networks" in text.get_text() for text in many.findobj(Text))


def test_the_bank_has_every_figure_of_networks():
    modules = (
        angles,
        chaos,
        latent_space,
        nonlinearity,
        readout,
        regime,
        slow_points,
        subtle_changes,
        centrality_figures,
        training,
    )
    functions = [f for module in modules for f in vars(module).values() if inspect.isfunction(f)]
    of_one_network = {"leaky_relu", "example_trials"}
    found = {f.__name__ for f in functions if f.__annotations__.get("return") is Figure}
    assert found - of_one_network == set(FIGURES)


def turning(n):
    inputs = np.linspace(0, 2, 5)
    return (
        latent_space.layers_in_space(
            of_networks(n, points={"when": 2, "space": 2, "input_1": 5, "input_2": 5, "axis": 3})
            .assign_coords(when=AXES["when"], space=AXES["space"], input_1=inputs, input_2=inputs)
        ),
        latent_space.paths_in_space(
            of_networks(
                n, paths={"when": 2, "start": 2, "time": 12, "axis": 3}, steady={"when": 2, "level": 4, "axis": 3},
                normal={"when": 2, "axis": 3},
            )
            .assign(input=(("start", "time"), np.tile(inputs[[0, 4], None], 12)))
            .assign_coords(when=AXES["when"], time=np.arange(12.0)),
            epoch=6,
        ),
        slow_points.topology(
            of_networks(
                n, **dict.fromkeys(("points", "ahead"), {"space": 2, "when": 2, "step": 5, "point": 2, "axis": 3}),
                trajectory={"space": 2, "when": 2, "trial": 3, "time": 12, "axis": 3},
            )
            .assign(unstable_directions=(("network", "when", "step", "point"), np.tile([0, 1], (n, 2, 5, 1))))
            .assign_coords(space=AXES["space"], when=AXES["when"], input=(("step", "channel"), POINTS[:, None]), time=np.arange(12.0))
        ),
    )  # fmt: skip


def test_figures_that_turn_hold_the_first_networks():
    for few, many in zip(turning(rotatable.IN_MENU), turning(100), strict=True):
        few, many = (bundle["application/vnd.plotly.v1+json"] for bundle in (few, many))
        assert len(json.dumps(few["data"])) == len(json.dumps(many["data"]))
        few, many = (
            [b["label"] for b in p["layout"]["updatemenus"][0]["buttons"]] for p in (few, many)
        )
        assert few[-1] == f"network {rotatable.IN_MENU - 1}" and many == [
            f"{label} of 100" for label in few
        ]


def test_figures_that_turn_begin_with_a_network_without_numbers(monkeypatch):
    monkeypatch.setattr("test_figures.MISSING", 0)
    for bundle in turning(2):
        layout = bundle["application/vnd.plotly.v1+json"]["layout"]
        sides = [
            scene["aspectratio"][letter]
            for name, scene in layout.items()
            if name.startswith("scene")
            for letter in "xyz"
        ]
        assert np.isfinite(sides).all() and min(sides) >= 0 and max(sides) > 0


def test_a_network_without_numbers_is_not_in_the_menu_of_what_turns():
    """A scene without a point keeps a browser busy for ever."""

    def curves(k):
        points = np.full((2, 3), np.nan) if k == 0 else np.arange(6.0).reshape(2, 3)
        return [rotatable.Curve(0, "a", "#000000", points, np.zeros((2, 1)))]

    options = {"titles": ["t"], "columns": 1, "hover": "", "axes": ("x", "y", "z")}
    found = rotatable.rotatable(curves, 3, **options)["application/vnd.plotly.v1+json"]
    [menu] = found["layout"]["updatemenus"]
    assert [button["label"] for button in menu["buttons"]] == ["network 1", "network 2"]
    assert [trace["visible"] for trace in found["data"]] == [True, False]
    nobody = rotatable.rotatable(lambda k: curves(0), 1, **options)
    assert "image/png" in nobody
