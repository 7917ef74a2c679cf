"""Spectra, random networks and claims G2 to G7: routes that must agree, and planted answers."""

import numpy as np
import pytest
import xarray as xr
from small_experiments import one_network

from studies.chaos import claims as judge
from studies.chaos import measures, random_networks, summary
from studies.regime import measures as regime
from taskrnn.analysis.statistics import Interval
from taskrnn.analysis.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.networks.activation import RELU

N = 10
SPREAD = np.linspace(-0.1, 0.1, N)  # over networks, small beside every effect below
BOTH = ["before", "after"]


def test_the_spectrum_begins_with_the_exponent_of_the_regime(experiment):
    one = one_network(experiment)
    whole = measures.spectrum(experiment, one, n_steps=4000)
    assert (np.diff(whole.exponent, axis=1) <= 0).all()
    alone = regime.regime(experiment, one, n_steps=4000, n_inputs=1, n_starts=2, n_joint=1000)
    largest = alone.exponent.sel(drive="driven")
    np.testing.assert_allclose(whole.exponent[:, 0], largest, atol=0.01)


def test_random_networks_are_the_untrained_ones_at_other_gains(experiment):
    one = one_network(experiment)
    sizes = {"tanh_sizes": (2, 4), "relu_sizes": (2, 3), "n_draws": 3, "n_starts": 20}
    sizes |= {"n_large": 8, "n_spectrum": 6, "n_steps": 300}
    found = random_networks.random_networks(experiment, one, **sizes)
    own = found.exponent.sel(activation="ReLU", phase_gain=1.2, input_sd=0.0)
    alone = regime.regime(experiment, one, n_steps=4000, n_inputs=1, n_starts=2, n_joint=1000)
    untrained = float(alone.exponent.sel(when="before", drive="autonomous"))
    assert float(own) == pytest.approx(untrained, abs=0.02)
    # Where activity has a bound the growth is the exponent, and where it has none there is no
    # exponent.
    assert found.diverges.dtype == bool and found.exponent.isnull().equals(found.diverges)
    assert found.growth.where(~found.diverges).identical(
        found.exponent.assign_attrs(found.growth.attrs).rename("growth")
    )
    assert (found.tanh_points % 2 == 1).all() and (found.relu_points >= 0).all()
    assert (found.spectrum.diff("number") <= 0).all()
    other = random_networks.random_networks(experiment, one, **sizes)
    assert found.identical(other)


def test_a_network_that_diverges_has_no_spectrum():
    W, drive = 3 * np.ones((1, 4, 4)), np.ones((1, 2000, 4))
    options = {"activation": RELU, "transient": 50, "alignment": 20}
    found = measures.one_state(W, drive, rng=np.random.default_rng(0), **options)
    assert np.isnan(found.exponent).all() and found.exponent.shape == (4,)


def test_the_table_of_spectra_leaves_out_networks_that_diverge():
    exponent = [[[-1, -2, -3], [1, 0.5, -3]], [[-2, -2, -2], [np.nan] * 3]]
    over = ("network", "when", "number")
    drift = np.broadcast_to([0.25, 9, 9], (2, 2, 3))
    found = xr.Dataset({"exponent": (over, exponent), "drift": (over, drift)}, {"when": BOTH})
    _, rows = summary.spectrum_rows({"decision": found})
    # Of 1, 1/2 and -3 the first two are a volume that grows, and half of the third balances it.
    assert rows == [
        ["decision", "before", "-2.000 to -1.000", 0, "0", "0", "0.25"],
        ["decision", "after", "1.000 to 1.000", 2, "2.5", "1.5", "0.25"],
    ]
    _, rows = summary.spectrum_rows({"decision": found.isel(network=[1])})
    assert rows[1] == ["decision", "after", "", "", "", "", ""]


def random(*, n=N, gains=(1.2, 1.4, 2.0), slope=0.2, exponent=0.2, missing=False):
    """What is measured of random networks whose equilibria multiply like exp(slope size); the
    last network may be missing.
    """
    sizes, factor = np.array([4, 8, 12]), np.exp(np.linspace(-0.1, 0.1, n))
    over = ("network", "gain", "size", "draw")
    mean = np.exp(slope * sizes)[:, None] * factor[:, None, None, None]
    points = np.broadcast_to(mean, (n, len(gains), 3, 2)).copy()
    exponents = np.broadcast_to(
        exponent + 0.1 * np.linspace(-0.1, 0.1, n)[:, None], points.shape[:2]
    )
    relu = np.ones(points.shape)
    relu[:, -1, :, 0], relu[0, -1, 1, 1] = (
        0,
        7,
    )  # at the largest gain half have none and one has seven
    found = xr.Dataset(
        {
            "tanh_points": (over, points),
            "tanh_late": (over, points * np.array([0.1, 0.2, 0.05])[:, None]),
            "relu_points": (("network", "gain", "relu_size", "draw"), relu),
            "tanh_exponent": (("network", "gain"), exponents),
        },
        coords={"gain": list(gains), "size": sizes, "relu_size": [2, 3, 5]},
    )
    return (
        found.where(xr.DataArray(np.arange(n) < n - missing, dims="network")) if missing else found
    )


def test_growth_rates_are_those_of_the_networks_that_were_measured():
    planted = random()
    rates = summary.counted_rates(planted)
    assert list(rates) == [1.2, 1.4, 2.0]
    for rate in rates.values():
        np.testing.assert_allclose(rate.mean, 0.2)
    assert summary.counted_rates(random(n=N, missing=True)) == summary.counted_rates(
        planted.isel(network=slice(N - 1))
    )


def test_the_formula_is_taken_at_the_gains_of_the_counts(monkeypatch):
    monkeypatch.setattr(summary, "complexity", lambda gain, rng: (gain, rng.random()))
    first = np.random.default_rng(0).random()
    assert summary.formula_rates(random()) == {gain: (gain, first) for gain in (1.2, 1.4, 2.0)}


def test_numbers_of_the_text():
    exponent = xr.DataArray(
        [[[-9.0, -9], [-2, -3]], [[-9, -9], [np.nan, np.nan]]], dims=("network", "when", "number")
    )
    spectra = {"decision": xr.Dataset({"exponent": exponent}, {"when": BOTH})}
    for planted in (random(), random(n=N + 1, missing=True)):
        found = summary.numbers(spectra, planted)
        assert found.largest == {"decision": -2.0} and found.relu_size == 5
        assert found.late == pytest.approx(0.2)
        assert found.relu_none == pytest.approx(0.5) and found.relu_most == 7
    np.testing.assert_allclose(summary.numbers(spectra, random()).exponent[2.0], 0.2)


def test_attractors_of_spectra_with_known_dimension():
    found = random(n=2, gains=(1.0, 2.0))
    spectra = [[[-1, -2, -3, -4], [1, 0, -2, -4]]] * 2
    found["spectrum"] = ("network", "gain", "number"), np.array(spectra, dtype=float)
    # One and zero grow by one, which half of the third direction balances; all for each of the four
    # units.
    flat = summary.attractors_per_unit(found)
    np.testing.assert_allclose(flat.dimension, [[0, 2.5 / 4]] * 2)
    np.testing.assert_allclose(flat.entropy, [[0, 1 / 4]] * 2)
    found = found.where(xr.DataArray([True, False], dims="network"))
    assert summary.attractors_per_unit(found).sizes["network"] == 1


@pytest.mark.parametrize(
    ("growth", "exponent", "verdict"),
    [
        (Interval(0.1, 0.05, 0.15), Interval(0.1, 0.05, 0.15), SUPPORTED),
        (Interval(0.0, 0.0, 0.0), Interval(0.1, 0.05, 0.15), CONTRADICTED),
        (Interval(0.1, -0.05, 0.25), Interval(0.1, 0.05, 0.15), UNDECIDED),
        (Interval(0.1, -0.05, 0.25), Interval(-0.1, -0.2, -0.05), SUPPORTED),
        (Interval(0.1, 0.05, 0.15), Interval(-0.1, -0.2, -0.05), CONTRADICTED),
        (Interval(0.1, 0.05, 0.15), Interval(0.0, -0.2, 0.05), UNDECIDED),
    ],
)
def test_proliferation_with_chaos(growth, exponent, verdict):
    assert judge.proliferates_with_chaos(growth, exponent) == verdict


def test_growth_rates_and_exponents_are_judged_together():
    rates = dict.fromkeys(judge.NEAR_TRANSITION, Interval(0.2, 0.15, 0.25))
    growth, exponent = judge.at_gain(random().sel(gain=1.2), rates[1.2])
    np.testing.assert_allclose(growth.values, 0.2)
    assert growth.interval == rates[1.2] and (growth.holds, growth.missing) == (N, 0)
    assert exponent.name == "gain 1.2: largest exponent (1/tau)" and exponent.holds == N
    same, other, stable = (random(exponent=value) for value in (0.2, 0.6, -0.2))
    assert judge.g4(same, rates).verdict == SUPPORTED
    assert judge.g4(other, rates).verdict == CONTRADICTED
    assert judge.g3(same, rates).verdict == SUPPORTED
    assert judge.g3(stable, rates).verdict == CONTRADICTED
    growth, exponent = judge.at_gain(random(missing=True).sel(gain=1.2), rates[1.2])
    assert growth.missing == exponent.missing == 1 and np.isnan(growth.values[-1])


def critical(**gains):
    """Critical gains {activation: (without input, with it)}, (network,) each."""
    return xr.DataArray(
        [np.transpose(pair) for pair in gains.values()],
        dims=("activation", "network", "input_sd"),
        coords={"activation": list(gains), "input_sd": [0.0, judge.STRENGTH]},
    )


def test_the_critical_gain_moves_with_input():
    without = 1.4 + 0.1 * SPREAD
    moved, same = without + 0.5 + SPREAD, without + SPREAD - SPREAD.mean()
    assert judge.g2(critical(ReLU=(without, moved), tanh=(without, moved))).verdict == SUPPORTED
    assert judge.g2(critical(ReLU=(without, same), tanh=(without, moved))).verdict == UNDECIDED
    assert judge.g2(critical(ReLU=(without, moved), tanh=(moved, without))).verdict == CONTRADICTED
    assert judge.g2(critical(ReLU=(without, np.full(N, np.nan)))).verdict == UNDECIDED


def test_critical_gains_are_where_planted_exponents_cross():
    gains, planted = (
        np.array([0.5, 1.0, 2.0, 4.0]),
        critical(ReLU=([0.7, 1.2], [1.5, 9.0]), tanh=([1, 1], [3, 3])),
    )
    growth = (
        xr.DataArray(gains, dims="phase_gain", coords={"phase_gain": gains}) - planted
    ).transpose("network", "activation", ...)
    found = summary.critical_gains(xr.Dataset({"growth": growth}))
    xr.testing.assert_allclose(found, planted.where(planted < 4))


def landscapes(before, after):
    """As many fixed points at each of three inputs, and none at the ends of epochs."""
    found = xr.DataArray(
        np.broadcast_to(np.array([before, after])[:, None, None], (2, N, 3)),
        dims=("when", "network", "step"),
    )
    ends = xr.zeros_like(found).rename(step="trial").expand_dims(epoch=2)
    return {"decision": xr.Dataset({"found": found, "end_found": ends}, {"when": BOTH})}


def regimes(largest):
    """Exponents (when, network) that are certain, for both drives."""
    shape = ("when", "network", "drive")
    values = np.broadcast_to(np.array(largest, dtype=float)[..., None], (2, N, 2))
    return {
        "decision": xr.Dataset(
            {
                "exponent": (shape, values),
                "drift": (shape, 0 * values),
                "growth_map": (("when", "network", "input"), values),
                "found": (("when", "network", "input"), np.ones((2, N, 2))),
            },
            coords={"when": BOTH, "drive": ["autonomous", "driven"]},
        )
    }


@pytest.mark.parametrize(
    ("found", "after", "verdict", "as_written"),
    [
        ((1, 3), [-0.1] * N, SUPPORTED, SUPPORTED),
        ((1, 1), [-0.1] * N, UNDECIDED, UNDECIDED),
        ((3, 1), [-0.1] * N, CONTRADICTED, CONTRADICTED),
        ((1, 3), [-0.1] * (N - 1) + [0.1], UNDECIDED, CONTRADICTED),
        ((1, 3), [-0.1] * 3 + [0.1] * 7, CONTRADICTED, CONTRADICTED),
        ((1, 1), [0.1] * N, UNDECIDED, UNDECIDED),
    ],
)
def test_more_points_without_chaos(found, after, verdict, as_written):
    result = judge.g5(landscapes(*found), regimes([[-0.1] * N, after]))
    assert (result.verdict, result.as_written) == (verdict, as_written)
    assert result.statistics[1].holds == sum(exponent < 0 for exponent in after)


def test_a_network_without_points_or_exponents_is_neither_with_chaos_nor_without():
    stable = [[-0.1] * N] * 2
    lands, found = landscapes(1, 3), regimes(stable)
    missing = xr.DataArray(np.arange(N) == 4, dims="network")
    no_points = {"decision": lands["decision"].where(~missing)}
    no_exponents = {"decision": found["decision"].where(~missing)}
    for result in (judge.g5(no_points, found), judge.g5(lands, no_exponents)):
        assert result.parts == {
            "decision, more points": SUPPORTED,
            "decision, without chaos": UNDECIDED,
        }


def reservoirs(loss, trained, exponent=0.1, *, validation=None):
    """ReLU and tanh at three gains; the loss is (activation, gain), NaN where activity has no
    bound; that of cross-validation is the same by default.
    """
    validation = None if validation is None else np.array(validation, dtype=float)
    loss = np.array(loss) * np.exp(SPREAD)[:, None, None]
    over = ("network", "activation", "gain")
    spread = 0.1 * exponent * SPREAD[:, None, None, None]
    rates = np.broadcast_to(exponent * np.array([-1, 0.5, 1])[:, None] + spread, (N, 2, 3, 2))
    return xr.Dataset(
        {
            "squared_error": (over, loss),
            "validation": (over, loss if validation is None else validation + 0 * loss),
            "error": (over, loss),
            "found": (("network", "gain"), np.broadcast_to([1, 2, 3], (N, 3))),
            "exponent": ((*over, "drive"), rates),
            "own_squared_error": (("network", "when", "readout"), trained * np.ones((N, 2, 2))),
            "own_error": (
                ("network", "when", "readout"),
                np.broadcast_to([[9, 9], [0.25, 0.5]], (N, 2, 2)),
            ),
        },
        coords={
            "activation": ["ReLU", "tanh"],
            "gain": [0.5, 1.0, 1.5],
            "drive": ["autonomous", "driven"],
            "when": BOTH,
            "readout": ["own", "fitted"],
        },
    )


def test_the_best_reservoir_is_the_best_of_those_that_are_bounded():
    best = summary.best(reservoirs([[3.0, 2.0, np.nan], [5.0, 1.0, 4.0]], 1.0))
    assert (
        best.activation.values.tolist() == ["tanh"] * N and best.gain.values.tolist() == [1.0] * N
    )
    np.testing.assert_allclose(best.squared_error, np.exp(SPREAD))
    assert np.isnan(summary.best(reservoirs(np.full((2, 3), np.nan), 1.0)).squared_error).all()


def test_the_best_reservoir_is_chosen_without_the_test_trials():
    lucky = reservoirs([[1, 2, 3], [4, 4, 4]], 1.0, validation=[[3, 1, 2], [4, 4, 4]])
    chosen, by_test = summary.best(lucky), summary.best(lucky, by="squared_error")
    assert set(chosen.gain.values) == {1.0} and set(by_test.gain.values) == {0.5}
    np.testing.assert_allclose(chosen.squared_error, 2 * by_test.squared_error)


def test_reservoirs_are_judged_at_their_best():
    worse, better = (
        reservoirs([[3.0, 2.0, np.nan], [5.0, 1.5, 4.0]], trained) for trained in (1.0, 2.0)
    )
    assert judge.g6b({"perception": worse, "decision": worse}).verdict == SUPPORTED
    assert judge.g6b({"perception": worse, "decision": better}).verdict == CONTRADICTED
    chaotic, stable = (
        reservoirs([[9, 9, 9], [3, 2, 1]], 1.0),
        reservoirs([[0, 0, 0], [1, 2, 3]], 1.0),
    )
    assert judge.g7({"perception": chaotic, "decision": chaotic}).verdict == SUPPORTED
    assert judge.g7({"perception": chaotic, "decision": stable}).verdict == CONTRADICTED
    # By the loss in the test trials the best gain is a stable one.
    luck = reservoirs([[9, 9, 9], [1, 2, 3]], 1.0, validation=[[9, 9, 9], [3, 2, 1]])
    result = judge.g7({"perception": luck, "decision": luck})
    assert (result.verdict, result.as_written) == (SUPPORTED, CONTRADICTED)


@pytest.mark.parametrize(
    ("loss", "bound", "verdict"),
    [
        (0.06, N, SUPPORTED),
        (0.04, N, CONTRADICTED),
        (0.06, N - 1, UNDECIDED),
        (0.04, N - 4, UNDECIDED),
    ],
)
def test_a_reservoir_does_the_task_or_not_by_the_tolerance_of_the_task(loss, bound, verdict):
    """In the first networks activity has a bound; those without one say nothing."""
    found = reservoirs(np.full((2, 3), loss), 1.0)
    known = xr.DataArray(np.arange(N) < bound, dims="network")
    for name in ("error", "squared_error", "validation"):
        found[name] = found[name].where(known)
    result = judge.g6a({"perception": found, "decision": found})
    assert result.verdict == verdict
    assert result.statistics[0].missing == N - bound
    assert set(result.statistics[0].null) == {0.25}


def test_how_many_times_the_loss_of_trained_weights_is_a_geometric_mean():
    found = reservoirs([[3.0, 2.0, np.nan], [5.0, 1.5, 4.0]], 0.5)
    ratios = judge.loss_ratios(judge.g6b({"perception": found}))
    np.testing.assert_allclose(ratios["perception"], 3)
    found["own_squared_error"].loc[{"readout": "fitted"}] = 1.5
    result = judge.g6b({"perception": found})
    np.testing.assert_allclose(judge.loss_ratios(result)["perception"], 1)
    assert (result.verdict, result.as_written) == (UNDECIDED, SUPPORTED)


def test_the_table_of_reservoirs():
    found = reservoirs([[1.0, 2.0, np.nan], [5.0, 1.5, 4.0]], 1.0)
    found["squared_error"][0, 0] = np.nan  # the first network's ReLU reservoirs have no bound
    error = (np.exp(SPREAD[1:]).sum() + 1.5 * np.exp(SPREAD[0])) / N
    _, rows = summary.reservoir_rows({"decision": found})
    assert rows == [
        ["decision", f"{error:.3f}", "0.250", "0.500", "9 ReLU, 1 tanh", "0.5 to 1", "1.1"]
    ]
