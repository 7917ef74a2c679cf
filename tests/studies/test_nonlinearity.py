"""Nonlinearity: the measure where the answer is known, and the verdicts by hand."""

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from studies.nonlinearity import claims, comparison, measures
from taskrnn.activity.session import above_threshold, covariances
from taskrnn.analysis import nulls
from taskrnn.analysis.dca.predictive_information import Whitened
from taskrnn.analysis.statistics import Interval
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER
from taskrnn.experiments import PERCEPTION
from taskrnn.networks.network import untrained_weights
from taskrnn.networks.rate import RateNetwork


def one_network(experiment, *, gain_before, gain_after):
    """One network whose recurrent weights are multiples of a matrix of spectral radius 1."""
    w = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=3
    )
    W = w.recurrent / np.abs(np.linalg.eigvals(w.recurrent)).max()
    unit = ("network", "unit", "from_unit")
    return xr.Dataset(
        {
            "recurrent_before": (unit, gain_before * W),
            "recurrent_after": (unit, gain_after * W),
            "input_weights": (("network", "unit", "input"), w.input),
            "bias": (("network", "unit"), w.bias),
            "readout": (("network", "output", "unit"), w.readout),
            "seed": ("network", [3]),
        }
    )


@pytest.fixture(scope="module")
def measured():
    """Stable at every theta before, linearly unstable after."""
    experiment = small(PERCEPTION)
    network = one_network(experiment, gain_before=0.5, gain_after=2.0)
    W = network.recurrent_before.values[0].astype(float)
    options = {"degrees": (0.0, 45.0), "n_steps": 3000}
    return (
        measures.information(experiment, network, **options),
        np.linalg.eigvals(W),
        experiment.network.alpha,
    )


def test_growth_of_a_linear_network_is_that_of_its_eigenvalues(measured):
    found, eigenvalues, alpha = measured
    for when, gain in (("before", 1), ("after", 4)):
        rate = np.log(np.abs(1 + alpha * (gain * eigenvalues - 1))).max() / alpha
        assert found.exponent.sel(when=when, theta=45).item() == pytest.approx(rate, abs=0.02)


def test_a_network_that_overflows_leaves_the_other_alone():
    experiment = small(PERCEPTION)
    network = one_network(experiment, gain_before=0.5, gain_after=30.0)
    found = measures.information(experiment, network, degrees=(0.0, 45.0), n_steps=5000)
    assert found.exponent.sel(theta=45, when="after") == np.inf
    assert found.stable.sel(when="before").values.tolist() == [1, 1]


def test_an_unstable_network_has_no_pi_and_is_still_there(measured):
    found, _, _ = measured
    assert found.stable.sel(theta=45).values.tolist() == [1, 0]
    assert np.isnan(found.pi.sel(theta=45, when="after")).all()
    assert found.exponent.sel(theta=45, when="after") > 0
    assert np.isfinite(found.pi.sel(theta=45, when="before", dimension=3)).all()
    assert found.n_units.sel(theta=45, when="before") == 8


def test_threshold_is_that_of_the_total_input():
    """In single precision a decay times (1 - alpha) is not exactly that: it must not count."""
    rng = np.random.default_rng(0)
    total = rng.standard_normal((400, 5)).astype(np.float32)
    rates = np.ones((401, 5), np.float32)
    for t in range(400):
        rates[t + 1] = np.float32(0.9) * rates[t] + np.float32(0.1) * np.maximum(total[t], 0)
    np.testing.assert_array_equal(above_threshold(rates.astype(float), alpha=0.1), total > 0)


def test_rectification_of_units_without_recurrence():
    """Without weights and noise a unit is above threshold when its input is."""
    experiment = small(PERCEPTION)
    network = one_network(experiment, gain_before=0.0, gain_after=0.0)
    network["input_weights"][:] = 1.0
    network["bias"][0] = [
        1.0,
        1.0,
        -9.0,
        -9.0,
        -9.0,
        -9.0,
        -0.65,
        -0.65,
    ]  # two cross between the levels 0.5 and 0.8
    found = measures.rectification(experiment, network, n_trials=40).sel(noise="none", when="after")
    assert found.silent == 0.5
    assert 0.5 < found.below < 0.75
    assert found.crossing == pytest.approx(0.25)


def test_window_of_a_subspace_is_the_search_at_full_dimension():
    """With as many dimensions as units there is one subspace: both routes to the PI must agree."""
    rng = np.random.default_rng(1)
    x = np.zeros((4000, 3))
    for t in range(1, len(x)):
        x[t] = 0.9 * x[t - 1] + rng.standard_normal(3) * [1.0, 0.1, 0.01]
    C, added, active = covariances(
        x, 2 * measures.WINDOW, network=RateNetwork(n_units=3, input_sd=1, bias_sd=1, theta=0.1)
    )
    pi, subspace = measures.best(Whitened(C), 3, rng=rng, n_starts=1)
    assert active.all()
    assert measures.with_window(x, subspace, measures.WINDOW, floor=added) == pytest.approx(
        pi[0], abs=1e-6
    )
    assert pi[0] == pytest.approx(-1.5 * np.log(1 - 0.81), rel=0.05)


def test_random_mean_is_the_quantile_of_equal_norm_draws():
    change = np.random.default_rng(0).standard_normal((1, 20, 20)) * ~np.eye(20, dtype=bool)
    rng = np.random.default_rng(1)
    draws = (nulls.gaussian_change(change, rng=rng)[0] for _ in range(4000))
    quantile = np.quantile(comparison.moments(draws)["mean"], comparison.QUANTILE)
    low = comparison.random_mean(comparison.moments(change))
    assert low[0] == pytest.approx(quantile, rel=0.08)


def test_weight_changes_are_the_moments_of_each_networks_change():
    network = one_network(small(PERCEPTION), gain_before=0.5, gain_after=2.0)
    [(task, found)] = comparison.weight_changes({"perception": network}).items()
    change = (network.recurrent_after - network.recurrent_before).values[0].astype(float)
    assert task == "perception" and found.n_weights == 8 * 7
    assert found["mean"][0] == pytest.approx(change.sum() / 56)
    assert found.norm[0] == pytest.approx(np.linalg.norm(change))


def test_crossing_is_between_the_angles_and_only_from_below():
    gap = np.array([[-1.0, 3.0, 4.0], [-1.0, -2.0, np.nan], [1.0, 2.0, 3.0], [-4.0, -1.0, 1.0]])
    np.testing.assert_allclose(
        comparison.crossings(np.array([0.0, 8.0, 16.0]), gap), [2.0, np.nan, np.nan, 12.0]
    )
    np.testing.assert_allclose(comparison.at_last(gap), [4.0, -2.0, 3.0, 1.0])


def information_of(gap, *, spread=0.0):
    """The measure `information` with this difference (network, theta); starts differ by
    `spread`.
    """
    gap = np.asarray(gap, dtype=float)
    pi = np.stack([np.full_like(gap, 10.0), 10.0 + gap], axis=1)[:, :, :, None, None]
    axes = ("network", "when", "theta")
    stable = np.isfinite(pi[..., 0, 0])
    return xr.Dataset(
        {
            "pi": ((*axes, "dimension", "start"), np.concatenate([pi, pi - spread], axis=-1)),
            "pi_window": ((*axes, "window"), 2 * pi[..., 0]),
            "pi_same_units": (axes, 3 * pi[..., 0, 0]),
            "pi_equal_number": (axes[:2], 4 * pi[:, :, 0, 0, 0]),
            "exponent": (axes, np.where(stable, -0.5, 0.5)),
            "stable": (axes, stable.astype(int)),
            "n_units": (axes, stable * np.array([7, 9])[:, None]),
        },
        coords={
            "when": list(measures.WHEN),
            "theta": np.arange(gap.shape[1]) * 10.0,
            "dimension": [3],
            "window": [20],
        },
    )


def pi_of(gap, *, spread=0.0):
    """What N3 and N4 are judged by, with this difference (network, theta)."""
    return comparison.with_differences({"of": information_of(gap, spread=spread)})["of"]


def test_differences_end_where_one_of_a_pair_is_unstable():
    gap = np.array([[-1.0, 3.0, np.nan, 5.0], [np.nan, 1, 1, 1]])
    found = pi_of(gap, spread=0.25)
    np.testing.assert_array_equal(found.difference, [[-1, 3, np.nan, np.nan], 4 * [np.nan]])
    np.testing.assert_array_equal(found.at_last, [3, np.nan])
    np.testing.assert_array_equal(found.last_theta, [10, np.nan])
    np.testing.assert_array_equal(found.crossing_theta, [2.5, np.nan])
    np.testing.assert_array_equal(found.restart_spread, 0.25)
    np.testing.assert_array_equal(found.best.sel(when="before"), 10)


def test_the_table_of_other_settings_has_every_kind_of_pi():
    found = {"perception": information_of([[-1.0, 2.0], [-3.0, 2.0]])}
    header, rows = comparison.sensitivity_rows(found)
    assert header[1:] == ["perception, theta = 0", "perception, largest stable theta"]
    assert rows == [
        ["d = 3, T = 5 steps", "-2.00 (-14.71 to +10.71)", "+2.00 (+2.00 to +2.00)"],
        [
            "d = 3, T = 20 steps, same subspace",
            "-4.00 (-29.41 to +21.41)",
            "+4.00 (+4.00 to +4.00)",
        ],
        ["the units seen at theta = 0 alone", "-6.00 (-44.12 to +32.12)", "+6.00 (+6.00 to +6.00)"],
        ["equal numbers of units", "-8.00 (-58.82 to +42.82)", ""],
    ]
    assert comparison.written(Interval(1.0, np.nan, np.nan)) == "+1.00 (+nan to +nan)"


def test_the_table_of_stable_networks_counts_each_time():
    found = {"decision": information_of([[0.0, np.nan], [np.nan, np.nan], [0.0, 1.0]])}
    header, rows = comparison.stable_rows(found)
    assert header == ["networks stable at theta (degrees)", "0.0", "10.0"]
    assert rows == [["decision, untrained", 3, 3], ["decision, trained", 2, 1]]


def rectified(**shares):
    """The measure `rectification`; shares (network, when), and half of them without noise."""
    axes = ("network", "when", "noise")
    values = {
        name: np.array(share, dtype=float)[..., None] * [1, 0.5] for name, share in shares.items()
    }
    return xr.Dataset(
        {name: (axes, value) for name, value in values.items()},
        coords={"when": list(measures.WHEN), "noise": ["as in training", "none"]},
    )


def test_numbers_of_the_text():
    found = {"perception": pi_of([[0.0, 1.0, np.nan], [0.0, 1.0, 2.0], [np.nan, np.nan, np.nan]])}
    use = {
        "perception": rectified(below=[[0.2, 0.4], [0.4, 0.8]], crossing=[[0.6, 0.2], [0.8, 0.4]])
    }
    said = comparison.numbers(found, use)
    assert (said.pairs, said.linear, said.never) == (3, 1, 1)
    assert said.last == {"perception": 15}
    assert said.units["perception"] == pytest.approx([7, 6])
    assert said.rate["perception"] == pytest.approx([-0.5, -1 / 6])
    assert said.below["perception"] == pytest.approx([0.3, 0.6])
    assert said.crossing["perception"] == pytest.approx([0.7, 0.3])
    assert said.quiet["perception"] == pytest.approx([0.35, 0.15])


def test_n3_asks_for_more_than_the_restart_spread():
    low = [[-1.0, np.nan], [-1.2, np.nan], [-0.9, np.nan]]
    for spread, word in ((0.0, SUPPORTED), (1.0, CHANCE), (2.0, WEAKER)):
        found = {"perception": pi_of(low), "decision": pi_of(low, spread=spread)}
        assert claims.n3(found).parts == {"perception": SUPPORTED, "decision": word}
    high = -np.array(low)
    assert claims.n3({"perception": pi_of(high), "decision": pi_of(high)}).verdict == CONTRADICTED


def test_n4_is_judged_at_each_networks_last_stable_theta():
    """PI before training is 10 nats, so that a tenth of it is one nat."""
    over = np.array([[-1.0, 1.7, np.nan], [-1.0, -0.5, 2.0], [-1.0, 1.5, 1.5]])
    noisy, meets = ([[-1.0, gap], [-1.0, -gap], [-1.0, 0.0]] for gap in (5, 0.1))

    def words(perception, decision):
        result = claims.n4({"perception": pi_of(perception), "decision": pi_of(decision)})
        return result.verdict, result.as_written

    assert words(over, meets) == (SUPPORTED, SUPPORTED)
    assert words(over, noisy) == (UNDECIDED, SUPPORTED)  # noise holds 0, and meets nothing
    assert words(over, over + 9) == (CONTRADICTED, CONTRADICTED)
    assert words(over, np.array(meets) + 0.5) == (SUPPORTED, CONTRADICTED)
    assert words(-over, meets) == (CONTRADICTED, CONTRADICTED)


def curves(before, after):
    """PI and exponent of networks with these curves, a list of (exponent, PI) for each time."""
    curves = [np.array(of, dtype=float).T for of in (before, after)]
    exponent, pi = (np.stack([of[i] for of in curves])[None] for i in (0, 1))
    axes = ("network", "when", "theta")
    found = xr.Dataset({"exponent": (axes, exponent), "stable": (axes, exponent < 0)})
    return xr.DataArray(pi, dims=axes, coords={"when": list(measures.WHEN)}), found


def test_at_equal_exponents_two_networks_on_one_curve_have_equal_information():
    """PI is twice the exponent and 9 before training; a steeper line crosses that one at -2."""
    before = [(-4, 1), (-3, 3), (-1, 7), (1, np.nan)]
    same = [(-3.5, 2), (-2, 5), (-0.5, 8), (0.5, np.nan)]
    np.testing.assert_allclose(comparison.at_equal_exponents(*curves(before, same)), [[0, 0]])
    crossing = [(-3.5, 0.5), (-2, 5), (-0.5, 9.5), (0.5, np.nan)]
    gaps = comparison.at_equal_exponents(*curves(before, crossing))
    np.testing.assert_allclose(gaps, [[-1.5, 1]])  # at -3.5, and at -1


def test_exponents_need_not_rise_with_theta_and_end_with_stability():
    before = [(-1, 7), (-4, 1), (-3, 3), (1, np.nan)]
    after = [(-2, 5), (-3.5, 2), (0.5, np.nan), (-0.1, 99)]
    gaps = comparison.at_equal_exponents(*curves(before, after))
    np.testing.assert_allclose(gaps, [[0, 0]], atol=1e-12)


def test_networks_without_common_exponents_are_not_compared():
    before, after = [(-4, 1), (-3, 3)], [(-2, 5), (-1, 7)]
    assert np.isnan(comparison.at_equal_exponents(*curves(before, after))).all()
    never = [(1, np.nan), (2, np.nan)]
    assert np.isnan(comparison.at_equal_exponents(*curves(before, never))).all()
    touching = [(-3, 4), (-2, 5)]
    np.testing.assert_allclose(comparison.at_equal_exponents(*curves(before, touching)), [[1, 1]])


def test_n1_and_n2_by_hand():
    rng = np.random.default_rng(0)
    off = ~np.eye(6, dtype=bool)
    deep, shallow = (-(m + 0.01 * rng.random((4, 6, 6))) * off for m in (2.0, 1.0))
    changes = {"perception": comparison.moments(shallow), "decision": comparison.moments(deep)}
    networks = {
        task: xr.Dataset(
            {
                "mean_weight": (
                    ("network", "update"),
                    np.stack([np.zeros(4), change["mean"]], axis=1),
                )
            }
        )
        for task, change in changes.items()
    }
    n1 = claims.n1(networks, changes)
    assert n1.verdict == n1.as_written == SUPPORTED
    n2 = claims.n2(changes)
    assert [round(s.interval.mean) for s in n2.statistics[:4]] == [-1, -2, -1, -1]


def test_the_chance_of_n1_is_that_of_a_mean_over_networks():
    """Of 25 networks, whose means at random have the standard deviation 0.1 each."""
    spread = 0.05 * np.linspace(-1, 1, 25)
    for fall, word, as_written in ((0.1, SUPPORTED, WEAKER), (0.035, CHANCE, WEAKER)):
        ends = np.stack([0 * spread, spread - fall], axis=1)
        networks = xr.Dataset({"mean_weight": (("network", "update"), ends)})
        change = xr.Dataset({"norm": ("network", np.full(25, 10.0)), "n_weights": 100})
        result = claims.n1({"of": networks}, {"of": change.assign(mean=change.norm)})
        assert (result.verdict, result.as_written) == (word, as_written)


def test_n5_is_two_claims_that_were_one():
    share = np.array([[0.4, 0.6], [0.5, 0.71]] * 5)
    rising, falling = share, 1 - share

    def words(below, crossing):
        use = dict.fromkeys(("perception", "decision"), rectified(below=below, crossing=crossing))
        a, b = claims.n5a(use), claims.n5b(use)
        assert a.as_written == b.as_written
        return a.verdict, b.verdict, a.as_written

    assert words(rising, rising) == (SUPPORTED,) * 3
    assert words(rising, falling) == (SUPPORTED, CONTRADICTED, CONTRADICTED)
    assert words(falling, rising) == (CONTRADICTED, SUPPORTED, CONTRADICTED)
    assert words(rising, np.tile(share[:, :1], 2)) == (SUPPORTED, UNDECIDED, UNDECIDED)
