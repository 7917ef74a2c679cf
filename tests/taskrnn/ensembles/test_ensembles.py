"""Ensembles on disk: what is there is kept, what is missing is trained, company does not matter."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest
from small_experiments import small

from code_identity.source_code import LIBRARY
from taskrnn.ensembles import ensemble as ensembles
from taskrnn.ensembles import storage
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.members import weights
from taskrnn.ensembles.network_files import folder, network_path, training_files, training_hash
from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.networks.network import untrained_weights
from taskrnn.profiles import PROFILES, banner, experiment_named
from taskrnn.training.settings import Training


def files(data, e):
    return {path.name: path.read_bytes() for path in folder(e, data).glob("*.nc")}


def test_an_ensemble_grows_and_keeps_what_it_has(experiment, tmp_path):
    three = ensemble(experiment, 3, data=tmp_path)
    kept = files(tmp_path, experiment)
    five = ensemble(experiment, 5, data=tmp_path)
    assert {
        name: content for name, content in files(tmp_path, experiment).items() if name in kept
    } == kept
    assert five.isel(network=slice(3)).identical(three)
    assert len(files(tmp_path, experiment)) == 5


def test_a_file_describes_itself(experiment, tmp_path):
    network = ensemble(experiment, 2, data=tmp_path).isel(network=1)
    assert json.loads(network.settings) == json.loads(json.dumps(experiment.settings()))
    assert network.seed == experiment.seed + 1
    assert set(json.loads(network.versions)) >= {"tensorflow", "keras", "numpy", "python"}
    assert network.training_code == training_hash(experiment)
    assert network.recurrent_after.dims == ("unit", "from_unit")
    assert all(
        variable.attrs["long_name"]
        for name, variable in network.variables.items()
        if name != "network"
    )
    before = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=int(network.seed)
    )
    assert all((a == b[0]).all() for a, b in zip(network_weights(network), before, strict=True))


def network_weights(network):
    return [w[0] for w in weights(network.expand_dims("network"), "before")]


@pytest.mark.parametrize("full_size", [PERCEPTION, DECISION], ids=lambda e: e.name)
def test_company_does_not_matter_to_the_last_bit(full_size, tmp_path):
    """Network 7 alone, in a shard of five, and in a shard of three; at the size the book trains."""
    e = dataclasses.replace(full_size, training=Training(updates=4))
    results = []
    for place, company in enumerate(([7], [5, 6, 7, 8, 9], [7, 0, 3])):
        where = tmp_path / str(place)
        ensembles.train_missing(e, company, where)
        results.append(storage.read(network_path(where, 7)))
    assert np.abs(results[0].recurrent_after - results[0].recurrent_before).max() > 0.003
    for other in results[1:]:
        assert other.identical(results[0])


def test_a_damaged_file_is_set_aside_named_and_trained_again(tmp_path, capsys):
    e = small(PERCEPTION)
    whole = ensemble(e, 2, data=tmp_path)
    path = folder(e, tmp_path) / "000001.nc"
    content = bytearray(path.read_bytes())
    at = content.find(whole.recurrent_after.values[1].tobytes()[:64])
    content[at] ^= 1
    path.write_bytes(content)
    capsys.readouterr()
    assert ensemble(e, 2, data=tmp_path).identical(whole)
    assert "000001.nc" in (said := capsys.readouterr().err) and "set aside" in said
    assert path.with_name("000001.nc.damaged").read_bytes() == bytes(content)


def test_other_settings_are_another_ensemble(tmp_path):
    e = small(PERCEPTION)
    changed = dataclasses.replace(e, network=dataclasses.replace(e.network, sigma=0.02))
    assert folder(e, tmp_path) != folder(changed, tmp_path)
    renamed = dataclasses.replace(e, name="other")
    assert renamed.digest() == e.digest() != changed.digest()


def test_training_code_is_all_that_trains_and_nothing_else():
    files = training_files(type(PERCEPTION.task))
    names = {path.stem for path in files if path.stem != "__init__"}
    assert {"train", "simulation", "rate", "random_numbers", "trials", "perception"} <= names
    assert not {"decision", "experiments", "ensemble", "shards", "storage"} & names
    assert all(path.is_relative_to(LIBRARY / "taskrnn") for path in files)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda data: ensemble("percepton", 1, data=data),
            ValueError,
            "choose one of perception, decision",
        ),
        (lambda data: ensemble(PERCEPTION, 0, data=data), ValueError, "n is 0"),
        (
            lambda data: experiment_named("perception", profile="papr"),
            ValueError,
            "smoke, paper, brief, large",
        ),
        (lambda data: banner("papr"), ValueError, "smoke, paper, brief, large"),
        (
            lambda data: ensemble(PERCEPTION, 1, data=data / "file" / "below"),
            OSError,
            "choose another folder",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(
    call, error, words, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        ensembles, "train_missing", lambda *_, **__: pytest.fail("it began to train")
    )
    (tmp_path / "file").touch()
    with pytest.raises(error, match=words) as caught:
        call(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(
        ensembles, "train_missing", lambda *_, **__: pytest.fail("it began to train")
    )
    monkeypatch.setattr(ensembles.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**4))
    with pytest.raises(OSError, match="make room"):
        ensemble(PERCEPTION, 10, data=tmp_path)


def test_the_room_that_is_asked_for_is_enough(experiment, tmp_path):
    ensemble(experiment, 2, data=tmp_path)
    assert sum(map(len, files(tmp_path, experiment).values())) <= ensembles.bytes_needed(
        experiment, 2
    )


def test_profiles_are_those_of_the_paper():
    paper = {name: experiment_named(name, profile="paper") for name in ("perception", "decision")}
    assert paper == {"perception": PERCEPTION, "decision": DECISION}
    assert (PERCEPTION.network.n_units, DECISION.network.n_units) == (128, 256)
    assert [PROFILES[p].n_networks for p in ("smoke", "paper", "large")] == [2, 10, 100]
    assert experiment_named("decision", profile="large") == DECISION
    assert (
        "not the paper's numbers" in banner("smoke") and not banner("paper") and not banner("large")
    )
    assert isinstance(experiment_named("decision", profile="smoke"), Experiment)


def test_a_profile_with_an_at_is_that_profile_with_other_networks():
    for task, of in {"perception": PERCEPTION, "decision": DECISION}.items():
        found = experiment_named(task, profile="paper@1000")
        assert found == dataclasses.replace(of, seed=of.seed + 1000)
        assert experiment_named(task, profile="paper@0") == of
        small_ones = experiment_named(task, profile="smoke@7")
        assert small_ones.network == experiment_named(task, profile="smoke").network
        assert small_ones.seed == of.seed + 7
    assert banner("paper@1000") == "Other networks: those from number 1000 on."
    assert banner("smoke@7").startswith(banner("smoke")) and "number 7 on" in banner("smoke@7")
    # The last perception network still has another seed than the first one of decision.
    last = (
        experiment_named("perception", profile="large@999900").seed + PROFILES["large"].n_networks
    )
    assert last <= DECISION.seed


@pytest.mark.parametrize("first", ["", "-1", "1.5", "1e3", "x", " 7", "²", "999901", "7@8"])
def test_the_first_network_of_a_profile_is_a_number(first):
    with pytest.raises(ValueError, match="give a whole number from 0 to 999900"):
        experiment_named("perception", profile=f"paper@{first}")
    with pytest.raises(ValueError, match="smoke, paper, brief, large"):
        experiment_named("perception", profile=f"papr@{first}")
