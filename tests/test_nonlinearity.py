"""Nonlinearity: the measure where the answer is known, and the verdicts by hand."""

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from taskrnn import nulls
from taskrnn.activity import above_threshold, covariances
from taskrnn.claims import nonlinearity as judge
from taskrnn.claims.ledger import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.experiment import PERCEPTION
from taskrnn.measures import nonlinearity as measures
from taskrnn.network import Network, untrained_weights


def one_network(experiment, *, gain_before, gain_after):
    """An ensemble of one network whose recurrent weights are multiples of one random matrix of spectral radius 1."""
    w = untrained_weights(experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=3)
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
    return measures.information(experiment, network, **options), np.linalg.eigvals(W), experiment.network.alpha


def test_growth_of_a_linear_network_is_that_of_its_eigenvalues(measured):
    found, eigenvalues, alpha = measured
    for condition, gain in (("before", 1), ("after", 4)):
        rate = np.log(np.abs(1 + alpha * (gain * eigenvalues - 1))).max() / alpha
        assert found.exponent.sel(condition=condition, theta=45).item() == pytest.approx(rate, abs=0.02)


def test_a_network_that_overflows_leaves_the_other_alone():
    experiment = small(PERCEPTION)
    network = one_network(experiment, gain_before=0.5, gain_after=30.0)
    found = measures.information(experiment, network, degrees=(0.0, 45.0), n_steps=5000)
    assert found.exponent.sel(theta=45, condition="after") == np.inf
    assert found.stable.sel(condition="before").values.tolist() == [1, 1]


def test_an_unstable_network_has_no_pi_and_is_still_there(measured):
    found, _, _ = measured
    assert found.stable.sel(theta=45).values.tolist() == [1, 0]
    assert np.isnan(found.pi.sel(theta=45, condition="after")).all()
    assert found.exponent.sel(theta=45, condition="after") > 0
    assert np.isfinite(found.pi.sel(theta=45, condition="before", dimension=3)).all()
    assert found.n_units.sel(theta=45, condition="before") == 8


def test_threshold_is_that_of_the_total_input():
    """In single precision a decay times (1 - alpha) is not exactly that: it must not count as above threshold."""
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
    network["bias"][0] = [1.0, 1.0, -9.0, -9.0, -9.0, -9.0, -0.65, -0.65]  # two cross between the levels 0.5 and 0.8
    found = measures.rectification(experiment, network, n_trials=40).sel(noise="none", condition="after")
    assert found.silent == 0.5
    assert 0.5 < found.below < 0.75
    assert found.crossing == pytest.approx(0.25)


def test_window_of_a_subspace_is_the_search_at_full_dimension():
    """With as many dimensions as units there is one subspace, so both routes to the PI must agree."""
    rng = np.random.default_rng(1)
    x = np.zeros((4000, 3))
    for t in range(1, len(x)):
        x[t] = 0.9 * x[t - 1] + rng.standard_normal(3) * [1.0, 0.1, 0.01]
    C, added, active = covariances(x, 2 * measures.WINDOW, network=Network(n_units=3, input_sd=1, bias_sd=1, theta=0.1))
    pi, subspace = measures.best(C, 3, rng=rng, n_starts=1)
    assert active.all()
    assert measures.with_window(x, subspace, measures.WINDOW, floor=added) == pytest.approx(pi[0], abs=1e-6)
    assert pi[0] == pytest.approx(-1.5 * np.log(1 - 0.81), rel=0.05)


def test_random_mean_is_the_quantile_of_equal_norm_draws():
    change = np.random.default_rng(0).standard_normal((1, 20, 20)) * ~np.eye(20, dtype=bool)
    rng = np.random.default_rng(1)
    means = [judge.moments(nulls.gaussian_change(change, rng=rng)).mean[0] for _ in range(4000)]
    assert judge.random_mean(judge.moments(change))[0] == pytest.approx(np.quantile(means, judge.QUANTILE), rel=0.08)


def test_crossing_is_between_the_angles_and_only_from_below():
    gap = np.array([[-1.0, 3.0, 4.0], [-1.0, -2.0, np.nan], [1.0, 2.0, 3.0], [-4.0, -1.0, 1.0]])
    np.testing.assert_allclose(judge.crossings(np.array([0.0, 8.0, 16.0]), gap), [2.0, np.nan, np.nan, 12.0])
    np.testing.assert_allclose(judge.at_last(gap), [4.0, -2.0, 3.0, 1.0])


def pi_of(gap, *, spread=0.0):
    """The measure `information` with this difference (network, theta), and starts that differ by `spread`."""
    gap = np.asarray(gap, dtype=float)
    pi = np.stack([np.full_like(gap, 10.0), 10.0 + gap], axis=1)[:, :, :, None, None]
    axes = ("network", "condition", "theta")
    return xr.Dataset(
        {
            "pi": ((*axes, "dimension", "start"), np.concatenate([pi, pi - spread], axis=-1)),
            "stable": (axes, np.isfinite(pi[..., 0, 0]).astype(int)),
        },
        coords={"condition": ["before", "after"], "theta": np.arange(gap.shape[1]) * 10.0, "dimension": [3]},
    )


def test_n3_asks_for_more_than_the_restart_spread():
    low = [[-1.0], [-1.2], [-0.9]]
    assert judge.n3({"perception": pi_of(low), "decision": pi_of(low)}).verdict == SUPPORTED
    assert judge.n3({"perception": pi_of(low), "decision": pi_of(low, spread=2.0)}).verdict == CHANCE
    high = -np.array(low)
    assert judge.n3({"perception": pi_of(high), "decision": pi_of(high)}).verdict == CONTRADICTED


def test_n4_is_judged_at_each_networks_last_stable_theta():
    over = [[-1.0, 1.0, np.nan], [-1.0, -0.5, 2.0], [-1.0, 1.5, 1.5]]
    meets = [[-1.0, 0.1], [-1.0, -0.1], [-1.0, 0.0]]
    assert judge.n4({"perception": pi_of(over), "decision": pi_of(meets)}).verdict == SUPPORTED
    assert judge.n4({"perception": pi_of(over), "decision": pi_of(over)}).verdict == CONTRADICTED
    assert judge.n4({"perception": pi_of(-np.array(over)), "decision": pi_of(over)}).verdict == CONTRADICTED


def test_n1_n2_and_n5_by_hand():
    rng = np.random.default_rng(0)
    off = ~np.eye(6, dtype=bool)
    deep, shallow = (-(m + 0.01 * rng.random((4, 6, 6))) * off for m in (2.0, 1.0))
    changes = {"perception": judge.moments(shallow), "decision": judge.moments(deep)}
    curves = {task: np.stack([np.zeros(4), change.mean], axis=1) for task, change in changes.items()}
    assert judge.n1(curves, changes).verdict == SUPPORTED
    n2 = judge.n2(changes)
    assert [round(s.interval.mean) for s in n2.statistics[:4]] == [-1, -2, -1, -1]
    rising = xr.Dataset(
        {name: (("network", "condition", "noise"), [[[0.4], [0.6]], [[0.5], [0.6]]]) for name in ("below", "crossing")},
        coords={"condition": ["before", "after"], "noise": ["as in training"]},
    )
    assert judge.n5({"perception": rising, "decision": rising}).verdict == SUPPORTED
    falling = rising.assign(crossing=1 - rising.crossing)
    assert judge.n5({"perception": rising, "decision": falling}).verdict == CONTRADICTED
    both = xr.Dataset({name: 1 - rising[name] for name in rising})
    assert judge.n5({"perception": both, "decision": both}).verdict == CONTRADICTED
