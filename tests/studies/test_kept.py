"""What the repository keeps takes the place of training only while the present code would make it."""

import json
import tarfile

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from results import further
from studies import kept, provenance
from studies.study import Study
from taskrnn.ensembles import ensemble as ensembles
from taskrnn.ensembles.network_files import folder
from taskrnn.experiments import EXPERIMENTS
from taskrnn.profiles import PROFILES, experiment_named


def norm(experiment, network):
    """The norm of the trained weights."""
    return xr.Dataset({"norm": np.linalg.norm(network.recurrent_after.values)})


def mean(experiment, network):
    """Another measure."""
    return xr.Dataset({"mean": network.recurrent_after.values.mean()})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of two small networks, and what was computed of them."""
    root = tmp_path_factory.mktemp("kept")
    experiment = small(experiment_named("perception", profile="smoke"))
    study = Study("smoke", root / "data", experiments=[experiment])
    values = study.measure(norm)[experiment.name].norm.values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(further, "STUDIES", (lambda profile: [experiment],))
        patch.setattr(further, "EXPERIMENTS", {})
        further.keep(root / "data", root / "further.tar.xz", profile="smoke")
    return experiment, root / "further.tar.xz", values


@pytest.fixture
def no_training(monkeypatch):
    """Training is a mistake here."""

    def refuse(*_, **__):
        raise AssertionError("networks are trained")

    monkeypatch.setattr(ensembles, "train_missing", refuse)


def test_nothing_is_trained_or_measured_of_what_is_kept(made, tmp_path, monkeypatch, no_training):
    experiment, archive, values = made
    monkeypatch.setattr(kept, "ARCHIVE", archive)
    monkeypatch.setattr(provenance, "SOURCES", {})
    for _ in range(2):  # unpacked, and there
        study = Study("smoke", tmp_path, experiments=[experiment])
        np.testing.assert_array_equal(study.measure(norm)[experiment.name].norm.values, values)
    networks = study.networks[experiment.name]
    assert "recurrent_after" not in networks and networks.loss.sizes["network"] == 2
    assert "results kept in" in provenance.line(None)
    with pytest.raises(
        ValueError, match="mean is not among what is kept of .*give Study kept=False"
    ):
        study.measure(mean)


def test_networks_are_trained_where_the_code_is_another_or_nothing_is_kept(
    made, tmp_path, monkeypatch, no_training
):
    experiment, archive, _ = made

    def refused(**settings):
        with pytest.raises(AssertionError, match="networks are trained"):
            Study("smoke", tmp_path, experiments=[experiment], **settings)

    monkeypatch.setattr(kept, "ARCHIVE", archive)
    refused(kept=False)
    monkeypatch.setattr(kept, "present_code", lambda measure: "another")
    refused()
    monkeypatch.undo()
    monkeypatch.setattr(ensembles, "train_missing", lambda *_, **__: pytest.fail("trained"))
    monkeypatch.setattr(kept, "ARCHIVE", tmp_path / "nothing")
    assert kept.place(experiment, 1, data=tmp_path) is None
    monkeypatch.setattr(kept, "ARCHIVE", archive)
    assert kept.place(experiment, 2, data=tmp_path) is not None
    assert kept.place(experiment, 3, data=tmp_path) is None


def test_kept_networks_have_the_checksums_of_the_whole_ones(made, tmp_path, monkeypatch):
    experiment, archive, _ = made
    monkeypatch.setattr(kept, "ARCHIVE", archive)
    light = Study("smoke", tmp_path, experiments=[experiment]).networks[experiment.name]
    whole = ensembles.ensemble(experiment, 2, data=archive.parent / "data")
    assert light.checksum.values.tolist() == whole.checksum.values.tolist()
    xr.testing.assert_identical(light, whole.drop_vars(ensembles.RECURRENT))


def test_a_damaged_archive_is_named(made, tmp_path, monkeypatch):
    experiment, archive, _ = made
    damaged = tmp_path / "further.tar.xz"
    damaged.write_bytes(archive.read_bytes()[:-400])
    monkeypatch.setattr(kept, "ARCHIVE", damaged)
    with pytest.raises(OSError, match="further.tar.xz cannot be unpacked .*restore it, or remove"):
        kept.place(experiment, 1, data=tmp_path)
    assert not [path for path in (tmp_path / "kept").iterdir() if path.is_dir()]


def test_the_archive_holds_what_the_present_code_makes_of_every_further_study(tmp_path):
    """If this fails, the book is right but takes hours: make the archive again (`make further`)."""
    with tarfile.open(kept.ARCHIVE) as tar:
        listed = json.load(tar.extractfile(kept.LIST))
    n = PROFILES["paper"].n_networks
    for experiment in (e for make in further.STUDIES for e in make("paper")):
        of = listed["ensembles"].get(folder(experiment, tmp_path).name)
        assert of is not None, f"other code trains {experiment.name} now"
        assert of["networks"] == n and of["measures"]
        for name, code in of["measures"].items():
            assert kept.present_code(name) == code, f"{name} has other code now"
    assert set(EXPERIMENTS) <= {e.name for make in further.STUDIES for e in make("paper")}
