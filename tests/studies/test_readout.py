"""The readout's angles to the subspaces, its nulls, and claims R1 and R2."""

import numpy as np
import pytest
import xarray as xr

from studies.readout import figures, measures
from studies.readout.claims import r1, r2
from taskrnn.analysis.nulls import vector_angle_quantiles
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER

WHEN = ["before", "after"]
DIMENSIONS = (1, 2)
UNITS = 6


@pytest.fixture(autouse=True)
def two_dimensions(monkeypatch):
    """Subspaces of one and two dimensions are enough."""
    monkeypatch.setattr(measures, "DIMENSIONS", DIMENSIONS)


def networks():
    """Two networks that read the second unit."""
    readout = np.zeros((2, 1, UNITS), dtype=np.float32)
    readout[:, 0, 1] = 2.0
    axes = ("network", "output", "unit")
    return xr.Dataset({"readout": (axes, readout), "seed": ("network", [0, 1])})


def subspaces(*degrees):
    """DCA subspaces at these angles to the second unit, (before, after) training; the second
    network failed.

    That of one dimension is orthogonal to it, that of two has one direction that is turned away
    from it. In another session the times have changed places. The principal components are the
    first and the second unit, and so is all variance.
    """
    dca, pca = np.full((2, 2, 2, UNITS, 2), np.nan), np.zeros((2, 2, UNITS, 2))
    pca[..., [0, 1], [0, 1]] = 1
    dca[:, :, :, :, 0] = np.eye(UNITS)[0]
    for t, angle in enumerate(np.radians(degrees)):
        dca[:, t, 1, :, 1] = np.cos(angle) * np.eye(UNITS)[1] + np.sin(angle) * np.eye(UNITS)[3]
    axes = ("network", "when")
    covariance = np.diag([4.0, 1, 0, 0, 0, 0])
    values = {
        "dca": ((*axes, "dimension", "unit", "component"), dca),
        "again": ((*axes, "dimension", "unit", "component"), dca[:, ::-1]),
        "pca": ((*axes, "unit", "component"), pca),
        "covariance": ((*axes, "unit", "other_unit"), np.tile(covariance, (2, 2, 1, 1))),
        "active": ((*axes, "unit"), np.tile([[1.0, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0]], (2, 1, 1))),
        "mean": ((*axes, "unit"), np.ones((2, 2, UNITS))),
    }
    found = xr.Dataset(values, coords={"when": WHEN, "dimension": list(DIMENSIONS)})
    return found.where(xr.DataArray([True, False], dims="network"))


def test_planted_angles_of_the_readout():
    found = measures.readout_angles(networks(), subspaces(70, 20))
    assert found.dca.dims == ("network", "when", "dimension")
    np.testing.assert_allclose(found.dca[0], [[90, 70], [90, 20]], atol=1e-6)
    np.testing.assert_allclose(found.again[0], [[90, 20], [90, 70]], atol=1e-6)
    np.testing.assert_allclose(found.pca[0], [[90, 0], [90, 0]], atol=1e-5)
    np.testing.assert_allclose(found.active[0], found.dca[0], atol=1e-6)  # it reads an active unit
    assert found.dca[1].isnull().all()
    assert found.pca[1].isnull().all()


def test_the_readout_of_active_units_leaves_silent_ones_out():
    vectors = networks()
    vectors.readout[:, 0, 5] = 2.0  # a silent unit turns the whole readout away by 45 degrees
    found = measures.readout_angles(vectors, subspaces(0, 0)).isel(network=0)
    np.testing.assert_allclose(found.dca.sel(dimension=2), 45, atol=1e-5)
    np.testing.assert_allclose(found.active.sel(dimension=2), 0, atol=1e-5)


def test_nulls_of_the_readout():
    found = measures.readout_angles(networks(), subspaces(70, 20))
    first = found.isel(network=0)
    for d in DIMENSIONS:
        median, low, high = vector_angle_quantiles(UNITS, d, q=(0.5, 0.025, 0.975))
        np.testing.assert_allclose(found.band.sel(dimension=d), [median, low, high])
        np.testing.assert_allclose(found.uniform.sel(dimension=d), median)
        for when, n_active in zip(WHEN, (3, 4), strict=True):
            among = vector_angle_quantiles(n_active, d, q=0.5)
            np.testing.assert_allclose(first.uniform_active.sel(when=when, dimension=d), among)
    # Two dimensions are all that this activity has, and the readout lies in them.
    assert first.matched.sel(dimension=2).max() < 1e-3
    assert first.matched.sel(dimension=1).mean() > 5
    assert np.isnan(found.uniform_active[1]).all()
    assert found.matched[1].isnull().all()


def test_a_readout_with_equal_weights_is_its_own_shuffle():
    vectors = networks()
    vectors.readout[:] = 1.0
    found = measures.readout_angles(vectors, subspaces(70, 20)).isel(network=0)
    np.testing.assert_allclose(found.shuffled, found.dca, atol=1e-6)


def test_numbers_of_the_text():
    said = measures.numbers({"decision": networks()}, {"decision": subspaces(70, 20)})
    away = np.degrees(np.arccos(UNITS**-0.5))
    assert said.ones["decision"] == pytest.approx(away)
    assert said.rate["decision"] == pytest.approx(away)  # all units have the same mean rate
    assert said.active["decision"] == [3, 4]


def test_table_by_dimension_is_of_the_networks_that_have_a_value():
    angles = measures.readout_angles(networks(), subspaces(70, 20))
    header, rows = measures.by_dimension({"decision": angles})
    assert header[:4] == ["task", "d", "DCA", "PCA"]
    assert [row[:2] for row in rows] == [["decision", 1], ["decision", 2]]
    assert rows[1][2].split() == ["70.0", "/", "20.0"]
    assert rows[1][3].split() == ["0.0", "/", "0.0"]
    assert rows[1][-1] == f"{vector_angle_quantiles(UNITS, 2, q=0.5):.1f}"
    assert len(header) == len(rows[0])


def about(angle):
    """Three networks, two dimensions, around an angle."""
    return angle + np.array([[-1.0, -1], [0, 0], [1, 1]])


def angles_with(before, after, pca=60):
    """DCA angles before and after training, the nulls all at 70 degrees."""
    axes = ("network", "when", "dimension")
    dca = np.stack([about(before), about(after)], axis=1)
    nulls = dict.fromkeys(("shuffled", "uniform", "uniform_active"), np.full((3, 2, 2), 70.0))
    values = {
        "dca": dca,
        "again": dca - 0.5,
        "active": dca,
        "pca": np.full((3, 2, 2), float(pca)),
    } | nulls
    found = {name: (axes, array) for name, array in values.items()}
    found["matched"] = ((*axes, "draw"), np.tile([68.0, 72], (3, 2, 2, 1)))
    found["band"] = (("quantile", "dimension"), np.array([[70.0] * 2, [60] * 2, [80] * 2]))
    return xr.Dataset(found, coords={"when": WHEN, "dimension": list(DIMENSIONS)})


def random_changes():
    """What random changes of the weights do to the angle of the readout, in three networks."""
    angles = np.broadcast_to(np.array([1.0, 30.0])[:, None], (3, 2, 2))
    coords = {"kind": ["gaussian", "rank"], "dimension": list(DIMENSIONS)}
    return xr.Dataset({"readout": (("network", "kind", "dimension"), angles)}, coords)


def judged(**angles):
    """R1 of tasks, by name."""
    return r1(angles, dict.fromkeys(angles, random_changes()))


def test_r1_is_about_both_tasks():
    further, unmoved, nearer = angles_with(50, 65), angles_with(50, 50), angles_with(50, 30)
    assert judged(perception=further, decision=further).verdict == SUPPORTED
    parts = judged(perception=further, decision=unmoved).parts
    assert parts == {"perception": SUPPORTED, "decision": UNDECIDED}
    assert judged(perception=nearer, decision=nearer).verdict == CONTRADICTED


@pytest.mark.parametrize("null", ["shuffled", "matched"])
@pytest.mark.parametrize(
    ("moved", "expected"), [(10, SUPPORTED), (15, CHANCE), (20, WEAKER), (-5, SUPPORTED)]
)
def test_r1_asks_for_more_than_each_null_moves(null, moved, expected):
    angles = angles_with(50, 65)
    angles[null] = angles[null] + moved * (angles.when == "after")
    result = judged(perception=angles, decision=angles_with(50, 65))
    assert result.parts == {"perception": expected, "decision": SUPPORTED}
    assert result.as_written == SUPPORTED


def test_rows_of_r1_are_changes_and_angles_beside_their_nulls():
    rows = judged(decision=angles_with(50, 75)).statistics
    assert [row.interval.mean for row in rows] == [25, 25, 25, 25, 50, 0.5, 75, 0.5, 25]
    assert [row.holds for row in rows] == [3, 3, 3, 0, 0, 3, 3, 3, 3]
    nulls = [{0}, {0}, {1}, {30}, {70}, set(), {70}, set(), {0}]
    assert [set(row.null) for row in rows] == nulls


@pytest.mark.parametrize(
    ("dca", "expected"), [(65, SUPPORTED), (60, UNDECIDED), (55, CONTRADICTED)]
)
def test_r2_compares_dca_with_pca_after_training(dca, expected):
    angles = angles_with(10, dca)
    result = r2({"perception": angles, "decision": angles})
    assert result.verdict == expected
    assert result.statistics[0].null == (-51.0, -50.0, -49.0)
    assert result.statistics[1].interval.mean == dca - 60.5


def test_a_failed_network_has_no_value_and_does_not_hold():
    angles = angles_with(50, 65)
    angles.dca[1, 1] = np.nan
    row = judged(perception=angles).statistics[0]
    assert np.isnan(row.values[1])
    assert row.holds == 2
    assert row.interval.n_failed == 1


def test_figure_shows_every_network_on_the_same_axes():
    tasks = {"perception": angles_with(50, 65, pca=40), "decision": angles_with(80, 85)}
    figure = figures.to_readout(tasks)
    assert {axis.get_ylim() for axis in figure.axes} == {(30, 92)}  # below 40, at a multiple of 15
    for row, (task, angles) in enumerate(tasks.items()):
        untrained, trained, means = figure.axes[3 * row : 3 * row + 3]
        for axis, state, when in (
            (untrained, "untrained", "before"),
            (trained, "trained", "after"),
        ):
            assert axis.get_title(loc="left") == f"{task}, {state}"
            shown = [line.get_ydata() for line in axis.lines]
            for curve in angles.dca.sel(when=when).values:
                assert any(np.array_equal(curve, drawn) for drawn in shown)
        ends = [line.get_ydata() for line in means.lines[:3]]
        np.testing.assert_array_equal(ends, angles.dca.mean("dimension"))
