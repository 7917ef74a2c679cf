"""How far random changes of the weights turn the predictive subspaces: the null of S6 and R1."""

import numpy as np
import pytest
import xarray as xr
from hard_networks import always_unstable, experiment, hard, healthy, one_unit, unstable

from studies.predictive_subspaces import random_changes as measure
from studies.predictive_subspaces.random_changes import random_changes
from taskrnn.activity.subspaces import subspaces
from taskrnn.analysis.subspaces import angle_to_subspace, principal_angles
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.missing import Unmeasurable

SETTINGS = {"dimensions": (1, 3), "n_steps": 3000}


@pytest.fixture(params=[PERCEPTION, DECISION], ids=lambda e: e.name)
def e(request):
    return experiment(request.param)


def test_a_random_change_turns_a_subspace_by_an_angle_and_always_the_same(e):
    found = random_changes(e, healthy(e), **SETTINGS)
    assert found.turned.dims == found.readout.dims == ("kind", "dimension")
    assert found.kind.values.tolist() == ["gaussian", "rank"]
    assert ((found.turned > 0) & (found.turned <= 90)).all()
    assert (np.abs(found.readout) <= 90).all() and found.attrs["reason"] == ""
    xr.testing.assert_identical(found, random_changes(e, healthy(e), **SETTINGS))


def test_no_change_turns_nothing(e):
    network = healthy(e)
    network["recurrent_after"] = network.recurrent_before
    found = random_changes(e, network, **SETTINGS)
    np.testing.assert_allclose(found.turned, 0, atol=0.5)
    np.testing.assert_allclose(found.readout, 0, atol=0.5)


def test_angles_are_those_of_the_sessions_that_training_is_seen_in(e, monkeypatch):
    """With the change by training in the place of a random one, by the measure of both times."""
    network = healthy(e)
    monkeypatch.setattr(measure.nulls, "gaussian_change", lambda dW, rng: dW)
    found = random_changes(e, network, **SETTINGS).sel(kind="gaussian")
    before, after = (
        subspaces(e, network, when=when, n_starts=4, **SETTINGS).dca for when in ("before", "after")
    )
    readout = network.readout.values[0, 0].astype(float)
    for d in SETTINGS["dimensions"]:
        first, second = (of.sel(dimension=d).values[:, :d] for of in (before, after))
        turned = principal_angles(first, second).mean()
        away = angle_to_subspace(readout, second) - angle_to_subspace(readout, first)
        assert float(found.turned.sel(dimension=d)) == pytest.approx(turned, abs=0.5)
        assert float(found.readout.sel(dimension=d)) == pytest.approx(away, abs=0.5)


def test_a_changed_network_that_is_unstable_has_no_angle_and_says_so(e, monkeypatch):
    monkeypatch.setattr(
        measure.nulls, "rank_matched_change", lambda dW, rank, rng: 9.0 * np.ones_like(dW)
    )
    found = random_changes(e, healthy(e), **SETTINGS)
    assert found.sel(kind="rank").to_array().isnull().all()
    assert found.sel(kind="gaussian").to_array().notnull().all()
    assert found.attrs["reason"].startswith("after a random change (rank) ")
    assert "beyond all bounds" in found.attrs["reason"]


def test_too_few_units_are_named_and_nothing_without_finite_weights_or_rates_is_measured(e):
    found = random_changes(e, hard(e, one_unit), **SETTINGS)
    assert found.sel(dimension=3).to_array().isnull().all()
    assert "untrained: 1 units are seen" in found.attrs["reason"]
    blown_up = random_changes(e, hard(e, unstable), **SETTINGS)
    assert blown_up.to_array().isnull().all() and "(gaussian)" in blown_up.attrs["reason"]
    failed = healthy(e)
    failed["recurrent_after"] = failed.recurrent_after * np.nan
    with pytest.raises(Unmeasurable, match="its training failed"):
        random_changes(e, failed, **SETTINGS)
    with pytest.raises(Unmeasurable, match="beyond all bounds"):
        random_changes(e, hard(e, always_unstable), **SETTINGS)
