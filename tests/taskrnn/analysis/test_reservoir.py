"""Fitted readouts against scikit-learn and planted answers, and the measure against the library's
other routes.
"""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from sklearn.linear_model import Ridge
from small_experiments import small

from studies.chaos import reservoir as measures
from studies.regime import measures as regime
from studies.training import measures as performance
from taskrnn.analysis.reservoir import fit, joined, moments, ridge, run, squared_error
from taskrnn.ensembles.members import weights
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.networks.activation import RELU, TANH
from taskrnn.networks.network import noise, untrained_weights
from taskrnn.networks.simulation import simulate


def activity(seed=0, *, n_trials=6, n_steps=40, n=5, outputs=2):
    """Rates, targets that are nearly linear in them, and a mask."""
    rng = np.random.default_rng(seed)
    rates = rng.standard_normal((n_trials, n_steps, n)) @ rng.standard_normal((n, n))
    targets = rates @ rng.standard_normal((n, outputs)) + rng.standard_normal(
        (n_trials, n_steps, outputs)
    )
    return rates, targets, (rng.random((n_trials, n_steps)) < 0.7).astype(float)


def blocks(rates, targets, mask, n):
    return [
        moments(*parts)
        for parts in zip(*(np.array_split(x, n) for x in (rates, targets, mask)), strict=True)
    ]


def sklearn_ridge(rates, targets, mask, penalty):
    r, t = rates[mask > 0], targets[mask > 0]
    return (
        Ridge(alpha=penalty * (r**2).sum() / r.shape[1], fit_intercept=False, solver="svd")
        .fit(r, t)
        .coef_
    )


@pytest.mark.parametrize("penalty", [1e-6, 1e-2, 1.0])
def test_ridge_is_that_of_scikit_learn(penalty):
    rates, targets, mask = activity()
    whole = joined(blocks(rates, targets, mask, 3))
    np.testing.assert_allclose(
        ridge(whole, penalty), sklearn_ridge(rates, targets, mask, penalty), rtol=1e-8
    )
    # The penalty is a pure number: rates in other units give the same outputs.
    np.testing.assert_allclose(
        ridge(moments(7 * rates, targets, mask), penalty) * 7, ridge(whole, penalty), rtol=1e-8
    )


def test_penalty_by_leaving_out_trials():
    """The errors of every penalty against fits of scikit-learn, and the readout fitted to all
    trials with the best.
    """
    rates, targets, mask = activity(1, n_trials=4, n_steps=8)
    penalties = (1e-4, 1e-1, 1.0, 10.0)
    found = fit(blocks(rates, targets, mask, 4), penalties=penalties)
    errors = []
    for p in penalties:
        squared = 0.0
        for k in range(4):
            rest = np.arange(4) != k
            readout = sklearn_ridge(rates[rest], targets[rest], mask[rest], p)
            squared += ((rates[k] @ readout.T - targets[k])[mask[k] > 0] ** 2).sum()
        errors.append(squared / (2 * mask.sum()))
    np.testing.assert_allclose(found.errors, errors)
    assert found.penalty == penalties[int(np.argmin(errors))]
    np.testing.assert_allclose(found.readout, sklearn_ridge(rates, targets, mask, found.penalty))


def test_error_from_sums_is_the_error_of_the_outputs():
    rates, targets, mask = activity(2)
    readout = np.random.default_rng(0).standard_normal((2, 5))
    direct = ((rates @ readout.T - targets)[mask > 0] ** 2).mean()
    assert squared_error(joined(blocks(rates, targets, mask, 2)), readout) == pytest.approx(direct)


def test_a_target_that_one_unit_carries_costs_nothing():
    """Where the mask is zero the target is nonsense, which must not matter."""
    rng = np.random.default_rng(0)
    W, drive = 1.5 / 20**0.5 * rng.standard_normal((20, 20)), rng.standard_normal((4, 100, 20))
    rates = run(W, drive, activation=TANH)
    mask = (rng.random(rates.shape[:2]) < 0.5).astype(float)
    targets = np.where(mask[..., None], 3 * rates[..., 7:8], 1e3)
    found = fit(blocks(rates, targets, mask, 4))
    np.testing.assert_allclose(found.readout, 3 * np.eye(20)[7:8], atol=1e-4)
    assert squared_error(moments(rates, targets, mask), found.readout) < 1e-10


def test_run_by_a_naive_loop():
    rng = np.random.default_rng(0)
    W, drive = rng.standard_normal((3, 3)), rng.standard_normal((2, 5, 3))
    for trial, found in zip(drive, run(W, drive, activation=TANH, alpha=0.3), strict=True):
        r = [0.0] * 3
        for now, rates in zip(trial, found, strict=True):
            total = [sum(W[i, j] * r[j] for j in range(3)) + now[i] for i in range(3)]
            r = [0.7 * r[i] + 0.3 * np.tanh(total[i]) for i in range(3)]
            np.testing.assert_allclose(rates, r)


def test_activity_that_diverges_is_named():
    with pytest.raises(FloatingPointError, match="diverges"):
        run(np.array([[3.0]]), np.ones((1, 300, 1)), activation=RELU)


def network(experiment, *, seed=3):
    """An ensemble of one, half as strong after training as before."""
    w = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=seed
    )
    square = ("network", "unit", "from_unit")
    return xr.Dataset(
        {
            "recurrent_before": (square, w.recurrent),
            "recurrent_after": (square, w.recurrent / 2),
            "input_weights": (("network", "unit", "input"), w.input),
            "bias": (("network", "unit"), w.bias),
            "readout": (("network", "output", "unit"), w.readout),
            "seed": ("network", [seed]),
        }
    )


SETTINGS = {"n_trials": 10, "n_test": 20, "n_steps": 200}


def test_the_drive_is_that_of_the_test_and_of_the_session(experiment):
    """With the recipe's own gain the reservoir is the untrained network, which TensorFlow
    simulates.
    """
    one = network(experiment)
    w = weights(one, "before")
    bench = measures.set_up(experiment, w, 3, **SETTINGS)
    rates = run(w.recurrent[0], bench.test_drive)
    xi = noise(experiment.network, 20, rates.shape[1], rng=np.random.default_rng((3, 3, 1)))
    reference = simulate(w, bench.test.inputs, network=experiment.network, xi=xi[None])
    assert rates.dtype == reference.dtype == np.float32
    np.testing.assert_allclose(rates, reference[0], atol=2e-6)
    np.testing.assert_allclose(
        bench.along[1], regime.session_drive(experiment, one, when="before", n_steps=200), atol=1e-6
    )


def test_the_measure(experiment):
    one = network(experiment)
    found = measures.reservoir(experiment, one, gains=(0.6, 1.2), **SETTINGS)
    # The network with its own readout is what `performance` tests.
    for when in ("before", "after"):
        trials, own = (
            performance.held_out_trials(experiment, n_trials=20),
            found.sel(when=when, readout="own"),
        )
        z = performance.held_out_outputs(experiment, one, trials, when=when)
        answers = performance.performance(experiment, one, when=when, n_trials=20).answers.values
        squared = ((z - trials.targets)[trials.mask > 0] ** 2).mean()
        assert own.own_squared_error == pytest.approx(squared, rel=1e-4)
        assert own.own_error == pytest.approx(
            experiment.task.answer_error(trials.values, answers), rel=1e-4
        )
    # At the recipe's own gain the reservoir is the untrained network, and at half of it what stands
    # for the trained one here.
    for when, gain in (("before", 1.2), ("after", 0.6)):
        scaled, own = (
            found.sel(gain=gain, activation="ReLU"),
            found.sel(when=when, readout="fitted"),
        )
        assert scaled.squared_error == pytest.approx(float(own.own_squared_error), rel=1e-5)
    assert not found.diverges.any() and (found.found == 1).all()
    assert (found.exponent < 0).all()


def test_divergence_is_flagged_and_has_no_error():
    e = small(DECISION)
    found = measures.reservoir(e, network(e), gains=(1.2, 40.0), **SETTINGS).sel(gain=40.0)
    relu, tanh = (found.sel(activation=name) for name in ("ReLU", "tanh"))
    assert (
        relu.diverges
        and np.isnan(relu.squared_error)
        and np.isnan(relu.error)
        and np.isnan(relu.penalty)
    )
    assert not tanh.diverges and np.isfinite(tanh.squared_error)


def test_bad_input_is_named():
    e = small(PERCEPTION)
    for gains in ((), (1.0, 0.0), (-1.0,)):
        with pytest.raises(ValueError, match="gains are"):
            measures.reservoir(e, network(e), gains=gains)
    with pytest.raises(ValueError, match="n_trials is 4"):
        measures.reservoir(e, network(e), n_trials=4)
    with pytest.raises(ValueError, match="the session has 40000 steps"):
        measures.reservoir(e, network(e), n_steps=50_000)
    outside = dataclasses.replace(e, network=dataclasses.replace(e.network, noise="outside"))
    with pytest.raises(ValueError, match="noise inside f"):
        measures.reservoir(outside, network(e))
    rates, targets, mask = activity()
    with pytest.raises(ValueError, match="two or more blocks"):
        fit([moments(rates, targets, mask)])
    with pytest.raises(ValueError, match="numbers above 0"):
        fit(blocks(rates, targets, mask, 2), penalties=(0.0,))
    with pytest.raises(ValueError, match="must be"):
        moments(rates, targets[1:], mask)
    with pytest.raises(ValueError, match="no activity"):
        ridge(moments(0 * rates, targets, mask), 1.0)
    with pytest.raises(ValueError, match="one network"):
        run(np.zeros((3, 3)), np.zeros((1, 2, 4)))
