"""Angles by dimension, the two input conditions, and claims S6, S7, R1 and R2."""

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from taskrnn import alignment
from taskrnn.activity import covariances, session
from taskrnn.claims.predictive_subspaces import Aligned, Moved, s6, s7
from taskrnn.claims.readout import Readout, r1, r2
from taskrnn.ensembles import weights
from taskrnn.experiment import DECISION, PERCEPTION
from taskrnn.measures.conditions import PLACE, conditions, one_condition
from taskrnn.missing import Unmeasurable
from taskrnn.network import untrained_weights
from taskrnn.nulls import subspace_angles_of_chance, vector_angle_quantiles
from taskrnn.predictive_information import search
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.streams import generator

DIMENSIONS = (1, 2)


def planted(*degrees):
    """Two networks' subspaces of d = 1, 2 in five units, turned by these angles; the second network failed."""
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
    np.testing.assert_allclose(equal, alignment.angles_to_vector(vectors * 0 + 1, B, dimensions=DIMENSIONS), atol=1e-6)


def test_chance_with_equal_variances_is_that_of_random_subspaces():
    n, rng = 30, np.random.default_rng(0)
    identity, vector = np.eye(n)[None], rng.standard_normal((1, n))
    draws = alignment.chance_to_vector(vector, identity, dimensions=(2, 5), seeds=[3], n_draws=4000)[0]
    pairs = alignment.chance_between(identity, identity, dimensions=(2, 5), seeds=[3], n_draws=2000)[0]
    for i, d in enumerate((2, 5)):
        np.testing.assert_allclose(np.quantile(draws[i], (0.025, 0.5, 0.975)), vector_angle_quantiles(n, d), atol=2)
        expected = subspace_angles_of_chance(n, d, d, rng=rng, n_draws=2000).mean()
        assert pairs[i].mean() == pytest.approx(expected, abs=0.6)


def test_chance_shares_the_few_dimensions_that_the_activity_has():
    rank2 = np.diag([4.0, 1, 0, 0, 0, 0])[None]
    draws = alignment.chance_between(rank2, 3 * rank2, dimensions=DIMENSIONS, seeds=[0], n_draws=20)
    assert draws[0, 0].mean() > 5 and draws[0, 1].max() < 1e-3
    inside = alignment.chance_to_vector(np.array([[1.0, 2, 0, 0, 0, 0]]), rank2, dimensions=DIMENSIONS, seeds=[0], n_draws=20)
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
        drawn = one_condition(DECISION, condition).task.draw(1, 4000, rng=np.random.default_rng(1))[0]
        assert (sign * (drawn[:, 0] - drawn[:, 1]) > 0).all()
        kept = both[sign * (both[:, 0] - both[:, 1]) > 0]
        np.testing.assert_allclose(drawn.mean(axis=0), kept.mean(axis=0), atol=0.05)
        np.testing.assert_allclose(drawn.std(axis=0), kept.std(axis=0), atol=0.05)


def one_network(experiment):
    """An ensemble of one network, which was not trained."""
    w = untrained_weights(experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=experiment.seed)
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
    found = conditions(experiment, network, when="after", window=2, dimensions=DIMENSIONS, n_starts=3, n_steps=2000)
    seeds = generator(experiment.seed, "analysis", PLACE).integers(2**31, 2**32, size=(2, 2)).tolist()
    lines = {}
    for c, part in np.ndindex(2, 2):
        rates = session(weights(network, "after"), one_condition(experiment, c), seeds=[seeds[c][part]], n_steps=2000).rates[0]
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
        conditions(e, network, when="after", window=2, dimensions=DIMENSIONS, n_starts=1, n_steps=300)


def about(angle):
    """Three networks, two dimensions, around an angle."""
    return angle + np.array([[-1.0, -1], [0, 0], [1, 1]])


@pytest.mark.parametrize(
    "mean, largest, matched, expected",
    [(80, 89, 60, SUPPORTED), (60, 89, 60, CHANCE), (50, 89, 60, CONTRADICTED), (80, 8, 60, UNDECIDED), (80, 2, 60, CONTRADICTED)],
)
def test_s6_needs_the_floor_and_then_the_null(mean, largest, matched, expected):
    # The null is equal in all networks, so that the networks' spread is not paired away.
    moved = Moved(about(mean), about(largest), np.full((3, 2), 8.0), np.full((3, 2), float(matched)))
    result = s6({"perception": moved, "decision": moved})
    assert result.verdict == expected and len(result.statistics) == 6


@pytest.mark.parametrize("change, expected", [(3, SUPPORTED), (5, UNDECIDED), (-9, CONTRADICTED)])
def test_s7_asks_for_a_difference_within_the_margin(change, expected):
    same = np.full((3, 2), 40.0)
    aligned = Aligned(before=same, after=about(40 + change), within_before=same / 2, within_after=about(20 + change))
    result = s7({"perception": aligned, "decision": aligned})
    assert result.verdict == expected
    np.testing.assert_allclose(result.statistics[3].values, 0, atol=1e-9)  # here the floor alone has changed


def readout(dca, pca=60):
    """Angles of a readout, the nulls all at 70 degrees."""
    null = np.full((3, 2), 70.0)
    return Readout(about(dca), np.full((3, 2), float(pca)), about(dca), null, null, null, null)


def test_r1_is_about_both_tasks():
    nearer, further = readout(50), readout(65)
    before = {"perception": nearer, "decision": nearer}
    assert r1(before, {"perception": further, "decision": further}).verdict == SUPPORTED
    assert r1(before, {"perception": further, "decision": nearer}).parts == {"perception": SUPPORTED, "decision": UNDECIDED}
    assert r1(before, {"perception": readout(30), "decision": readout(30)}).verdict == CONTRADICTED


@pytest.mark.parametrize("dca, expected", [(65, SUPPORTED), (60, UNDECIDED), (55, CONTRADICTED)])
def test_r2_compares_dca_with_pca_after_training(dca, expected):
    trained = {"perception": readout(dca), "decision": readout(dca)}
    result = r2({"perception": readout(10), "decision": readout(10)}, trained)
    assert result.verdict == expected and result.statistics[0].null == (-51.0, -50.0, -49.0)


def test_a_failed_network_has_no_value_and_does_not_hold():
    before, after = readout(50), readout(65)
    after.dca[1] = np.nan
    row = r1({"perception": before}, {"perception": after}).statistics[0]
    assert np.isnan(row.values[1]) and row.holds == 2 and row.interval.n_failed == 1
