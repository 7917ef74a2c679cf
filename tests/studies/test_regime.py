"""The regime by routes that must agree, planted answers, and claim G1 by hand."""

import dataclasses
import math
from functools import partial

import numpy as np
import pytest
import xarray as xr
from small_experiments import one_network, small

from studies import ledger
from studies.regime import claims as judge
from studies.regime import measures, summary, trajectories
from taskrnn.activity.inputs import draw
from taskrnn.activity.session import session
from taskrnn.ensembles.members import weights
from taskrnn.experiments import DECISION, PERCEPTION

SETTINGS = {"n_steps": 4000, "n_inputs": 3, "n_starts": 5, "n_joint": 1000}


def test_the_three_routes_agree(experiment):
    found = measures.regime(experiment, one_network(experiment), **SETTINGS)
    assert found.sizes["input"] == {"perception": 3, "decision": 4}[experiment.name]
    autonomous = found.sel(drive="autonomous")
    np.testing.assert_allclose(autonomous.exponent, found.growth_map.isel(input=0), atol=5e-3)
    np.testing.assert_allclose(found.perturbed, found.exponent, atol=5e-3)
    assert (found.input_value[0] == 0).all() and (abs(found.input_value[1:]) > 0).any(
        "channel"
    ).all()
    # Where differences die out, copies that start far apart meet.
    assert (found.exponent < -0.2).all() and (found.distance[..., -1] < 1e-8).all()
    np.testing.assert_allclose(found.distance[..., 0], 1)
    # The scaled weights at the recipe's own gain are the untrained ones.
    np.testing.assert_allclose(
        found.gain_growth.sel(gain=1.2), found.growth_map.sel(when="before")[0]
    )


def test_the_drive_is_that_of_the_session(experiment, monkeypatch):
    """Rates by plain steps of the drive are those of the session that other chapters analyse."""
    monkeypatch.setattr(measures, "N_STEPS", 600)
    monkeypatch.setattr(measures, "draw", partial(draw, n_steps=600))
    one = one_network(experiment)
    drive = measures.session_drive(experiment, one, when="before", n_steps=500)
    w = weights(one, "before")
    rates = np.zeros((1, experiment.network.n_units))
    rates = trajectories.steps(
        rates, w.recurrent[0].astype(float), drive, network=experiment.network
    )
    recorded = session(w, experiment, seeds=[3], n_steps=600, discard=measures.DISCARD)
    np.testing.assert_allclose(rates, recorded.rates[:, 499], atol=1e-4)
    with pytest.raises(ValueError, match="the session has 600 steps"):
        measures.session_drive(experiment, one, when="before", n_steps=601)


def test_noise_outside_f_is_refused():
    e = small(PERCEPTION)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, noise="outside"))
    with pytest.raises(ValueError, match="noise inside f"):
        measures.regime(e, one_network(e), **SETTINGS)


def test_stable_in_continuous_time_and_not_in_steps():
    """A planted eigenvalue 0.9 + 2i of a linear network; its rates are known."""
    linear = dataclasses.replace(PERCEPTION.network, n_units=2, theta=math.pi / 4)
    W = np.array([[0.9, -2.0], [2.0, 0.9]])
    point = measures.points_at(
        W, np.ones(2), network=linear, n_starts=3, rng=np.random.default_rng(0)
    )
    exact = math.log(abs(1 + 0.1 * (-0.1 + 2j))) / 0.1
    assert point["growth_ode"] == pytest.approx(-0.1) and point["growth_map"] == pytest.approx(
        exact
    )
    assert exact > 0 and (point["found"], point["unstable"]) == (1, 1)
    kicks = np.random.default_rng(0).standard_normal((1, 2))
    real, _ = trajectories.perturbed(W, np.zeros((1, 500, 2)), kicks, network=linear, skip=0)
    assert real[0] == pytest.approx(exact, abs=1e-6)


def test_a_network_that_diverges_has_no_rates():
    e = small(DECISION)
    found = measures.regime(e, one_network(e, scale=60), **SETTINGS)
    before, after = (found.sel(when=when) for when in ("before", "after"))
    assert np.isnan(before.exponent).all() and np.isnan(before.perturbed).all()
    assert np.isnan(after.exponent).all()
    # 60 times the weights is far beyond the fixed points that are stable.
    assert not judge.stable(before.expand_dims("network"), "driven").any()


def test_rates_that_grow_without_bound_slowly():
    """Two units that excite each other with weight 1.02: rates grow by the factor 1 + 0.1 *
    0.02 in every step.
    """
    relu = dataclasses.replace(PERCEPTION.network, n_units=3)
    W = np.array([[0, 1.02, 0], [1.02, 0, 0], [-1.0, -1.0, 0]])
    drive = np.broadcast_to([0.3, 0.3, 0.5], (12_000, 3))
    (found,) = measures.growths(W, drive[None], network=relu, rng=np.random.default_rng(0))
    exact = math.log(1.002) / 0.1
    assert found["escape"] == pytest.approx(exact, abs=1e-9)
    assert found["exponent"] == pytest.approx(exact, abs=1e-9)
    assert found["perturbed"] == pytest.approx(exact, abs=1e-6)
    far = trajectories.far_growth(W, network=relu, n_steps=1500, rng=np.random.default_rng(0))
    np.testing.assert_allclose(far, exact, atol=1e-9)  # from all directions, whatever the drive
    (tame,) = measures.growths(W / 1.1, drive[None], network=relu, rng=np.random.default_rng(0))
    assert tame["exponent"] < 0 and math.isnan(tame["escape"])


def test_half_of_the_rows_leave_the_gain_over_the_square_root_of_two():
    rng = np.random.default_rng(0)
    W = 1.2 / np.sqrt(600) * rng.standard_normal((600, 600))
    radius = np.abs(np.linalg.eigvals(np.where(rng.random(600) < 0.5, 1, 0)[:, None] * W)).max()
    assert radius == pytest.approx(1.2 / np.sqrt(2), rel=0.1)


def regime(exponent, *, drift=0.001, growth=-0.1):
    """What is measured in networks whose exponents, (network,), are the same in all settings."""
    n = len(exponent)
    shape = (n, 2, 2)  # network, when, drive; network, when, input
    exponent = np.broadcast_to(np.array(exponent)[:, None, None], shape)
    return xr.Dataset(
        {
            "exponent": (("network", "when", "drive"), exponent),
            "drift": (("network", "when", "drive"), np.full(shape, drift)),
            "growth_map": (("network", "when", "input"), np.full(shape, growth)),
            "found": (("network", "when", "input"), np.ones(shape)),
        },
        coords={"when": ["before", "after"], "drive": ["autonomous", "driven"]},
    )


def ten(*first, missing=0, **others):
    """Ten networks, of which the first have these exponents, and the last are missing."""
    exponents = [*first, *[-0.2] * (10 - len(first))]
    known = xr.DataArray(np.arange(10) < 10 - missing, dims="network")
    return regime(exponents, **others).where(known)


@pytest.mark.parametrize(
    ("perception", "verdict", "as_written"),
    [
        (ten(), ledger.SUPPORTED, ledger.SUPPORTED),
        (ten(0.1), ledger.UNDECIDED, ledger.CONTRADICTED),
        (ten(*[0.1] * 7), ledger.CONTRADICTED, ledger.CONTRADICTED),
        # One diverges; one was not measured.
        (ten(np.nan), ledger.UNDECIDED, ledger.CONTRADICTED),
        (ten(missing=1), ledger.UNDECIDED, ledger.UNDECIDED),
        (ten(*[0.1] * 6, missing=4), ledger.UNDECIDED, ledger.CONTRADICTED),
        # The drift is larger than one exponent: the exact rate says which sign it has.
        (ten(0.01, drift=0.05), ledger.SUPPORTED, ledger.SUPPORTED),
        (ten(-0.01, drift=0.05, growth=0.002), ledger.UNDECIDED, ledger.CONTRADICTED),
    ],
)
def test_g1_by_hand(perception, verdict, as_written):
    result = judge.g1({"perception": perception, "decision": ten()})
    assert (result.verdict, result.as_written) == (verdict, as_written)
    assert len(result.statistics) == 12


def test_with_and_without_input_are_two_parts_of_g1_and_both_times_are_one():
    of = ten()
    of.exponent.loc[{"drive": "driven", "when": "before"}] = 0.1
    result = judge.g1({"perception": of, "decision": ten()})
    assert result.parts == {
        "perception, autonomous": ledger.SUPPORTED,
        "perception, driven": ledger.CONTRADICTED,
        "decision, autonomous": ledger.SUPPORTED,
        "decision, driven": ledger.SUPPORTED,
    }


def test_networks_that_escape_are_named():
    measured = regime([-0.2, 0.1])
    measured["escape"] = xr.where(
        (measured.exponent > 0) & (measured.when == "after"), 0.1001, np.nan
    )
    text = judge.escapes({"perception": measured.sel(drive=["driven"])})
    assert (
        text
        == "- perception network 1, driven, after training: exact rate 0.1001, exponent 0.1000 per tau."
    )
    assert (
        judge.escapes({"perception": measured.sel(when=["before"])})
        == "There is no such network in this build."
    )


def test_unbounded_networks_are_named():
    measured = regime([-0.2, 0.1])
    measured["far_growth"] = (
        ("network", "when", "direction"),
        np.array([[[-1, -1], [-1, 0.1]], [[-1, -1], [-1, -1.0]]]),
    )
    assert judge.unbounded({"decision": measured}) == "decision network 0 (after training)"
    assert judge.unbounded({"decision": measured.isel(network=[1])}) == "none"


def test_networks_are_named():
    regimes = {"decision": regime([-0.2, 0.1]).sel(when=["after"], drive=["driven"])}
    assert (
        judge.named(regimes, which=judge.not_stable)
        == "decision network 1 (driven, after training)"
    )
    assert judge.named(regimes, which=judge.uncertain) == "none"
    # At any of the constant inputs; the first one is zero input.
    growth = xr.DataArray([[[-0.1, 0.3, 0.2]]], dims=("network", "when", "input"))
    assert summary.exact(xr.Dataset({"growth_map": growth}), "autonomous") == -0.1
    assert summary.exact(xr.Dataset({"growth_map": growth}), "driven") == 0.3
    assert np.isnan(summary.exact(xr.Dataset({"growth_map": growth.where(growth < 0.3)}), "driven"))


def whole(*, missing=False):
    """What tables and numbers are made of: two networks, of which the second may be missing,
    with three inputs.
    """
    at_points = {
        "found": [[[1, 2, 1], [1, 0, 3]], [[1, 1, 1], [1, 1, 1]]],
        "unstable": [[[0, 1, 0], [0, 0, 2]], np.zeros((2, 3))],
        "unsettled": [[[0, 1, 0], [2, 0, 0]], np.zeros((2, 3))],
        "last_new": [[[0, 4, 1], [2, -1, 7]], np.zeros((2, 3))],
        "growth_map": [
            [[-0.3, 0.1, -0.5], [-0.4, np.nan, -0.2]],
            [[-0.2, -0.3, -0.3], [-0.6, -0.6, -0.6]],
        ],
        "growth_ode": [
            [[-0.35, -0.1, -0.5], [-0.4, np.nan, -0.2]],
            [[-0.2, -0.3, -0.3], [-0.6, -0.6, -0.6]],
        ],
        "active": [[[0.25, 9, 9], [9, 9, 9]], [[0.25, 9, 9], [9, 9, 9]]],
        "radius": [[[0.5, 9, 9], [0.7, 9, 9]], [[0.5, 9, 9], [0.7, 9, 9]]],
    }
    along = {
        "exponent": [[[-0.3, -0.4], [-0.5, 0.2]], [[-0.1, -0.2], [-0.6, -0.6]]],
        "perturbed": [[[-0.3, -0.4], [-0.5, 0.25]], [[-0.1, -0.2], [-0.6, -0.6]]],
    }
    found = xr.Dataset(
        {name: (("network", "when", "input"), values) for name, values in at_points.items()}
        | {name: (("network", "when", "drive"), values) for name, values in along.items()}
        | {
            "distance": (
                ("network", "when", "drive", "sample"),
                np.full((2, 2, 2, 3), [[1, 1, 1e-3], [1, 1, 1e-9]]),
            ),
            "gain_growth": (("network", "gain"), [[-1, -0.1, np.nan], [-1, 0.1, 0.5]]),
        },
        coords={
            "when": ["before", "after"],
            "drive": ["autonomous", "driven"],
            "sample": [0.0, 1, 2],
            "gain": [0.8, 1.2, 2],
        },
    )
    return found.where(xr.DataArray([True, not missing], dims="network"))


def test_the_table_of_searches():
    _, rows = summary.fixed_point_rows({"perception": whole()})
    assert rows == [
        ["perception", "before", 6, "1 to 2", "1", "1", "4", "-0.500 to 0.100"],
        ["perception", "after", 6, "0 to 3", "2", "2", "7", "-0.600 to -0.200"],
    ]
    header, rows = summary.fixed_point_rows({"perception": whole(missing=True)})
    assert (
        rows[0] == ["perception", "before", 3, "1 to 2", "1", "1", "4", "-0.500 to 0.100"]
        and len(header) == 8
    )


def test_the_table_of_what_inputs_do():
    _, rows = summary.input_rows({"perception": whole()})
    # Held constant: the means of -0.2 and -0.3 before, and of -0.2 and -0.6 after.
    assert rows[0] == [
        "perception",
        "before",
        "-0.200",
        "-0.250",
        "-0.300",
        "-0.100 (-0.100 to -0.100)",
        "2 of 2",
    ]
    assert rows[1] == [
        "perception",
        "after",
        "-0.550",
        "-0.400",
        "-0.200",
        "0.350 (-4.097 to 4.797)",
        "0 of 2",
    ]


def test_the_table_of_gains_counts_networks_with_a_stable_point():
    header, rows = summary.gain_rows({"perception": whole(), "decision": whole(missing=True)})
    assert header[1:] == ["0.8", "1.2", "2"] and rows == [
        ["perception", 2, 1, 0],
        ["decision", 1, 1, 0],
    ]


@pytest.mark.parametrize("missing", [False, True])
def test_numbers_of_the_text(missing):
    found = summary.numbers({"perception": whole(missing=missing)}, gain=1.2)
    assert (found.n_rates, found.n_negative) == (8, 3 if missing else 7) and found.largest == 0.2
    assert (
        found.gap == pytest.approx({"routes": 0.05, "exact": 0.1, "ode": 0.2})
        and found.ode_differs == 1
    )
    assert found.left == {"autonomous": 1e-3, "driven": 1e-9} and found.taus == 2
    assert found.active == {"perception": 0.25} and found.predicted == pytest.approx(
        {"perception": 0.6}
    )
    assert found.radius["perception"] == pytest.approx([0.5, 0.7])
    assert found.least_stable == (-0.3 if missing else -0.2)


def test_eigenvalues_are_those_of_the_first_network_that_has_them_twice():
    values = np.arange(24.0).reshape(3, 2, 2, 2)
    values[0, 1] = np.nan
    found = xr.Dataset(
        {"eigenvalues": (("network", "when", "unit", "part"), values)},
        {"when": ["before", "after"]},
    )
    spectra = summary.first_eigenvalues(found)
    np.testing.assert_array_equal(spectra["before"], [8 + 9j, 10 + 11j])
    np.testing.assert_array_equal(spectra["after"], [12 + 13j, 14 + 15j])
