"""Angles by dimension, before and after training and of the two input conditions; claims S6, S7."""

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from studies.predictive_subspaces import alignment, claims, measures
from studies.predictive_subspaces.measures import conditions, one_condition
from taskrnn.activity.session import covariances, session
from taskrnn.analysis.dca.predictive_information import search
from taskrnn.analysis.nulls import subspace_angles_of_chance, vector_angle_quantiles
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER
from taskrnn.ensembles.members import weights
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import untrained_weights
from taskrnn.random_numbers import generator

DIMENSIONS = (1, 2)


def planted(*degrees):
    """Two networks' subspaces of d = 1, 2 in five units, turned by these angles; the second
    network failed.
    """
    turns = np.radians(degrees)
    A, B = np.zeros((2, 2, 2, 5, 2))
    for i in (0, 1):
        A[:, 0, i, i] = A[:, 1, i, i] = 1
        B[:, :, i, i], B[:, :, i + 2, i] = np.cos(turns[i]), np.sin(turns[i])
    for X in (A, B):
        X[:, 0, :, 1] = X[1] = np.nan
    return A, B


def test_planted_angles_are_found_and_a_failed_network_stays_missing():
    angles = alignment.angles_between(*planted(70, 20), dimensions=DIMENSIONS)
    np.testing.assert_allclose(angles[0], [[70, np.nan], [70, 20]], atol=1e-9)
    assert np.isnan(angles[1]).all()
    np.testing.assert_allclose(alignment.mean_angle(angles, dimensions=DIMENSIONS)[0], [70, 45])
    np.testing.assert_allclose(alignment.smallest_angle(angles, dimensions=DIMENSIONS)[0], [70, 20])


def test_planted_angle_of_a_vector_and_of_its_shuffles():
    _, B = planted(70, 20)
    vectors = np.tile([0, 1, 0, 0, 0.0], (2, 1))
    angles = alignment.angles_to_vector(vectors, B, dimensions=DIMENSIONS)
    np.testing.assert_allclose(angles, [[90, 20], [np.nan, np.nan]], atol=1e-9)
    options = {"dimensions": DIMENSIONS, "seeds": [0, 1]}
    # With one unit, or with equal weights, there is nothing to deal out anew.
    one = alignment.shuffled_readout(vectors, B, active=np.tile([0, 1, 0, 0, 0], (2, 1)), **options)
    np.testing.assert_allclose(one, angles, atol=1e-6)
    equal = alignment.shuffled_readout(vectors * 0 + 3, B, active=np.ones((2, 5)), **options)
    np.testing.assert_allclose(
        equal, alignment.angles_to_vector(vectors * 0 + 1, B, dimensions=DIMENSIONS), atol=1e-6
    )


def test_chance_with_equal_variances_is_that_of_random_subspaces():
    n, rng = 30, np.random.default_rng(0)
    identity, vector = np.eye(n)[None], rng.standard_normal((1, n))
    draws = alignment.chance_to_vector(
        vector, identity, dimensions=(2, 5), seeds=[3], n_draws=4000
    )[0]
    pairs = alignment.chance_between(
        identity, identity, dimensions=(2, 5), seeds=[3], n_draws=2000
    )[0]
    for i, d in enumerate((2, 5)):
        np.testing.assert_allclose(
            np.quantile(draws[i], (0.025, 0.5, 0.975)), vector_angle_quantiles(n, d), atol=2
        )
        expected = subspace_angles_of_chance(n, d, d, rng=rng, n_draws=2000).mean()
        assert pairs[i].mean() == pytest.approx(expected, abs=0.6)


def test_chance_shares_the_few_dimensions_that_the_activity_has():
    rank2 = np.diag([4.0, 1, 0, 0, 0, 0])[None]
    draws = alignment.chance_between(rank2, 3 * rank2, dimensions=DIMENSIONS, seeds=[0], n_draws=20)
    assert draws[0, 0].mean() > 5 and draws[0, 1].max() < 1e-3
    inside = alignment.chance_to_vector(
        np.array([[1.0, 2, 0, 0, 0, 0]]), rank2, dimensions=DIMENSIONS, seeds=[0], n_draws=20
    )
    assert inside[0, 1].max() < 1e-3
    too_few = alignment.chance_between(rank2, rank2, dimensions=(3,), seeds=[0], n_draws=5)
    assert np.isnan(too_few).all()


def test_floor_is_the_largest_angle_of_the_good_starts():
    pi = np.array([[[5, 4.999, 4.0]], [[5, 5, np.nan]]])
    floor = alignment.restart_floor(pi, np.array([[[0, 3.0, 80]], [[0, 1, np.nan]]]))
    np.testing.assert_array_equal(floor, [[3], [np.nan]])


def test_sessions_of_a_condition_never_leave_it():
    for condition, level in enumerate((PERCEPTION.task.low, PERCEPTION.task.high)):
        drawn = one_condition(PERCEPTION, condition).task.draw(3, 50, rng=np.random.default_rng(0))
        assert (drawn == level).all()
    both = DECISION.task.draw(1, 4000, rng=np.random.default_rng(0))[0]
    for condition, sign in enumerate((1, -1)):
        drawn = one_condition(DECISION, condition).task.draw(1, 4000, rng=np.random.default_rng(1))[
            0
        ]
        assert (sign * (drawn[:, 0] - drawn[:, 1]) > 0).all()
        kept = both[sign * (both[:, 0] - both[:, 1]) > 0]
        np.testing.assert_allclose(drawn.mean(axis=0), kept.mean(axis=0), atol=0.05)
        np.testing.assert_allclose(drawn.std(axis=0), kept.std(axis=0), atol=0.05)


def one_network(experiment):
    """An ensemble of one network, which was not trained."""
    w = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=experiment.seed
    )
    return xr.Dataset(
        {
            "recurrent_after": (("network", "unit", "from_unit"), w.recurrent),
            "input_weights": (("network", "unit", "input"), w.input),
            "bias": (("network", "unit"), w.bias),
            "readout": (("network", "output", "unit"), w.readout),
            "seed": ("network", [experiment.seed]),
        }
    )


def test_angles_of_conditions_are_those_of_their_sessions(experiment):
    network = one_network(experiment)
    found = conditions(
        experiment, network, when="after", window=2, dimensions=DIMENSIONS, n_starts=3, n_steps=2000
    )
    seeds = (
        generator(experiment.seed, "conditions.sessions")
        .integers(2**31, 2**32, size=(2, 2))
        .tolist()
    )
    lines = {}
    for c, part in np.ndindex(2, 2):
        rates = session(
            weights(network, "after"),
            one_condition(experiment, c),
            seeds=[seeds[c][part]],
            n_steps=2000,
        ).rates[0]
        seen = covariances(rates.astype(float), 4, network=experiment.network)
        starts = search(seen.C, 1, rng=np.random.default_rng(5), n_starts=3)
        assert found.n_active[c, part] == seen.active.sum()
        lines[c, part] = starts.subspaces[np.argmax(starts.pi), :, 0]

    def degrees(one, other):
        return np.degrees(np.arccos(min(abs(lines[one] @ lines[other]), 1)))

    between = [degrees((0, a), (1, b)) for a, b in np.ndindex(2, 2)]
    assert float(found.between[0, 0]) == pytest.approx(np.mean(between), abs=0.1)
    within = [degrees((c, 0), (c, 1)) for c in (0, 1)]
    assert float(found.within[0, 0]) == pytest.approx(np.mean(within), abs=0.1)
    assert np.isnan(found.between[0, 1]) and np.isfinite(found.between[1]).all()


def test_a_network_without_finite_activity_has_no_angles():
    e = small(PERCEPTION)
    network = one_network(e)
    network["recurrent_after"] = network.recurrent_after * np.nan
    with pytest.raises(Unmeasurable, match="beyond all bounds"):
        conditions(
            e, network, when="after", window=2, dimensions=DIMENSIONS, n_starts=1, n_steps=300
        )


WHEN = ["before", "after"]
AXES = ("network", "when", "dimension")


def found_subspaces():
    """Planted subspaces as of `taskrnn.activity.subspaces`; two of five units vary."""
    before, after = planted(70, 20)
    rank2 = np.diag([4.0, 1, 0, 0, 0])
    pi = np.array([[[5, 4.999, 4.0]] * 2, [[5, 4, 4.999]] * 2])
    angle = np.array([[[0, 3.0, 80], [0, 1.0, 80]], [[0, 80, 2.0], [0, 80, 9.0]]])
    active = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 0]])
    values = {
        "dca": ((*AXES, "unit", "component"), np.stack([before, after], axis=1)),
        # The second session of the trained network is as the untrained one.
        "again": ((*AXES, "unit", "component"), np.stack([before, before], axis=1)),
        "covariance": (("network", "when", "unit", "other_unit"), np.tile(rank2, (2, 2, 1, 1))),
        "pi": ((*AXES, "start"), np.tile(pi, (2, 1, 1, 1))),
        "angle": ((*AXES, "start"), np.tile(angle, (2, 1, 1, 1))),
        "active": (("network", "when", "unit"), np.tile(active, (2, 1, 1))),
    }
    found = xr.Dataset(values, coords={"when": WHEN, "dimension": list(DIMENSIONS)})
    return found.where(xr.DataArray([True, False], dims="network"))


NETWORKS = xr.Dataset({"seed": ("network", [0, 1])})


def test_planted_turn_is_that_from_before_to_after_training():
    found = measures.moved(NETWORKS, found_subspaces())
    np.testing.assert_allclose(found["mean"], [[70, 45], [np.nan, np.nan]])
    np.testing.assert_allclose(found.smallest[0], [70, 20])
    np.testing.assert_allclose(found.largest[0], [70, 70])
    np.testing.assert_array_equal(
        found.floor, [[3, 9], [np.nan, np.nan]]
    )  # the larger of both times
    np.testing.assert_allclose(found.sessions, [[70, 45], [np.nan, np.nan]])
    assert found.matched.dims == ("network", "dimension", "draw")
    # Two dimensions are all that this activity has.
    assert found.matched.sel(network=0, dimension=1).mean() > 5
    assert found.matched.sel(network=0, dimension=2).max() < 1e-3
    assert found.matched.sel(network=1).isnull().all()


def test_random_subspaces_of_active_units_know_only_which_units_those_are():
    found = found_subspaces()
    angles = measures.of_active_units(NETWORKS, found)
    np.testing.assert_allclose(angles[0], 90, atol=1e-6)  # no unit is active at both times
    assert np.isnan(angles[1]).all()
    found.active[0] = found.active[0, 0]
    angles = measures.of_active_units(NETWORKS, found)[0]
    assert angles[1].max() < 1e-3
    assert angles[0].mean() == pytest.approx(45, abs=10)


def test_random_subspaces_of_all_units_have_the_angles_that_geometry_gives():
    def units(n):
        return xr.Dataset(coords={"unit": range(n), "dimension": [1, 2]})

    found = measures.any_subspaces({"perception": units(2), "decision": units(3)})
    assert found["perception"].dims == ("dimension", "draw")
    assert found["perception"].sel(dimension=1).mean() == pytest.approx(45, abs=3)
    assert found["perception"].sel(dimension=2).max() < 1e-5
    # Two lines in space are a radian apart; two planes are as far apart as their normals, and share
    # a line.
    assert found["decision"].sel(dimension=1).mean() == pytest.approx(np.degrees(1), abs=3)
    assert found["decision"].sel(dimension=2).mean() == pytest.approx(np.degrees(1) / 2, abs=2)


def test_angles_of_conditions_are_means_over_the_directions_of_each_dimension():
    between = np.array([[[80, np.nan], [60, 20]], [[70, np.nan], [50, 30]]])
    restart = np.array([[1.0, 2], [3, 4]])
    angles = ("network", "when", "dimension", "component")
    pairs = xr.Dataset(
        {
            "between": (angles, between[None]),
            "within": (angles, between[None] / 10),
            "restart": (AXES, restart[None]),
        },
        coords={"when": WHEN, "dimension": list(DIMENSIONS)},
    ).assign(n_active=(("network", "condition"), [[5, 5]]))
    found = measures.aligned(pairs)
    np.testing.assert_allclose(found.between[0], [[80, 40], [70, 40]])
    np.testing.assert_allclose(found.within[0], [[8, 4], [7, 4]])
    np.testing.assert_allclose(found.smallest[0], [[80, 20], [70, 30]])
    np.testing.assert_array_equal(found.restart[0], restart)
    assert set(found.data_vars) == {"between", "within", "smallest", "restart"}


def about(angle):
    """Three networks, two dimensions, around an angle."""
    return angle + np.array([[-1.0, -1], [0, 0], [1, 1]])


def moved_by(mean, *, sessions=8, matched=60):
    """Angles of `measures.moved`; the largest at 89 degrees, the smallest at 10, restarts at 8.

    Whatever they are compared with is equal in all networks, so that the networks' spread is not
    paired away.
    """
    constant = np.ones((3, 2))
    others = {"largest": 89, "smallest": 10, "floor": 8, "sessions": sessions}
    values = {"mean": about(mean)} | {name: value * constant for name, value in others.items()}
    found = {name: (("network", "dimension"), array) for name, array in values.items()}
    draws = matched + np.tile([-2.0, 0, 2], (3, 2, 1))
    found["matched"] = (("network", "dimension", "draw"), draws)
    return xr.Dataset(found, coords={"dimension": list(DIMENSIONS)})


def turned_by(gaussian=40, rank=50):
    """What `random_changes` finds in three networks."""
    turned = np.broadcast_to(np.array([gaussian, rank])[:, None], (3, 2, 2)).astype(float)
    coords = {"kind": ["gaussian", "rank"], "dimension": list(DIMENSIONS)}
    return xr.Dataset({"turned": (("network", "kind", "dimension"), turned)}, coords)


@pytest.mark.parametrize(
    ("null", "expected", "as_written"),
    [
        ({}, SUPPORTED, SUPPORTED),
        ({"sessions": 80}, UNDECIDED, SUPPORTED),
        ({"sessions": 88}, CONTRADICTED, SUPPORTED),
        ({"matched": 80}, CHANCE, CHANCE),
        ({"matched": 88}, WEAKER, CONTRADICTED),
        ({"gaussian": 80}, CHANCE, SUPPORTED),
        ({"rank": 88}, WEAKER, SUPPORTED),
    ],
)
def test_s6_needs_two_sessions_and_then_every_null(null, expected, as_written):
    kinds = {name: null[name] for name in ("gaussian", "rank") if name in null}
    others = {name: value for name, value in null.items() if name not in kinds}
    moved, random = moved_by(80, **others), turned_by(**kinds)
    result = claims.s6(*(dict.fromkeys(("perception", "decision"), of) for of in (moved, random)))
    assert (result.verdict, result.as_written) == (expected, as_written)
    assert len(result.statistics) == 8
    rows = {row.name.partition("(deg) ")[2]: row for row in result.statistics[:4]}
    assert [row.interval.mean for row in rows.values()] == pytest.approx([80] * 4)
    beside = {"sessions": 8, "gaussian": 40, "rank": 50, "matched": 60} | null
    assert [row.null[0] for row in rows.values()] == list(beside.values())


def test_by_the_criterion_as_written_restarts_are_the_floor_of_the_largest_angle():
    moved = {"perception": moved_by(80).assign(floor=lambda found: found.largest)}
    result = claims.s6(moved, {"perception": turned_by()})
    assert (result.verdict, result.as_written) == (SUPPORTED, UNDECIDED)


def aligned_with(**angles):
    """Three networks, from {name: (before, after)}."""
    found = {
        name: (AXES, np.stack([np.broadcast_to(end, (3, 2)) for end in pair], axis=1))
        for name, pair in angles.items()
    }
    return xr.Dataset(found, coords={"when": WHEN, "dimension": list(DIMENSIONS)})


@pytest.mark.parametrize(
    ("change", "expected"), [(2, SUPPORTED), (5, UNDECIDED), (-9, CONTRADICTED)]
)
def test_s7_asks_for_a_difference_within_the_margin(change, expected):
    aligned = aligned_with(between=(40, about(40 + change)), within=(20, about(20 + change)))
    result = claims.s7({"perception": aligned, "decision": aligned})
    assert result.verdict == expected
    np.testing.assert_allclose(
        result.statistics[3].values, 0, atol=1e-9
    )  # the floor alone has changed


def test_a_missing_dimension_is_a_missing_network():
    moved = moved_by(80)
    moved["mean"][1, 1] = np.nan
    row = claims.s6({"perception": moved}, {"perception": turned_by()}).statistics[0]
    assert np.isnan(row.values[1])
    assert (row.holds, row.missing) == (2, 1)


def test_table_by_dimension_has_means_over_networks():
    moved = moved_by(80)
    moved["mean"][:, 1] = np.array([50.0, np.nan, 60])
    header, rows = claims.by_dimension({"decision": moved}, {"decision": turned_by()})
    names = ["restarts", "two sessions", "covariance-matched", "Gaussian change"]
    assert header[2:5] == ["mean", "smallest", "largest"] and header[5:9] == names
    others = ["10.0", "89.0", "8.0", "8.0", "60.0", "40.0", "50.0"]
    assert rows == [
        ["decision", 1, "80.0", *others, "yes"],
        ["decision", 2, "55.0", *others, "yes"],  # with two networks the interval is wide
    ]
    moved = moved_by(50)
    assert claims.by_dimension({"decision": moved}, {"decision": turned_by()})[1][0][-1] == "no"


def test_numbers_of_the_text_are_those_of_the_tables():
    aligned = {
        "decision": aligned_with(
            between=(40, about(47)), within=(20, about(24)), smallest=(9, about(3))
        )
    }
    moved, random = {"decision": moved_by(80, sessions=9)}, {"decision": turned_by()}
    networks, found = {"decision": NETWORKS}, {"decision": found_subspaces()}
    said = claims.numbers(networks, found, moved, random, aligned)["decision"]
    assert (said.units, said.matched, said.floor) == (5, 60, 8)
    assert (said.turned, said.sessions) == (80, 9)
    assert said.random == {"gaussian": 40, "rank": 50}
    assert said.active == pytest.approx(90)
    result = claims.s7(aligned)
    assert said.change == result["decision: angle between conditions, after - before (deg)"]
    assert (
        said.excess == result["decision: above two sessions of one condition, after - before (deg)"]
    )
    assert (said.change.mean, said.within.mean, said.excess.mean, said.nested.mean) == (7, 4, 3, -6)
    # The median of |cos| of two directions in five dimensions, by a second route.
    cosines = np.random.default_rng(0).standard_normal((20_000, 5))
    cosines = np.abs(cosines[:, 0]) / np.linalg.norm(cosines, axis=1)
    assert said.lines == pytest.approx(np.degrees(np.arccos(np.median(cosines))), abs=0.7)
