"""The archive gives back every byte that was packed, and refuses any other."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from small_experiments import small

from results import archive
from studies.study import Study
from taskrnn.profiles import experiment_named

pytest.importorskip("bagit", reason="pip install -e '.[archive]'")
rocrate = pytest.importorskip("rocrate.rocrate")


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A data folder with two small networks, and its archive."""
    root = tmp_path_factory.mktemp("archive")
    experiment = small(experiment_named("perception", profile="smoke"))
    networks = Study("smoke", root / "data", experiments=[experiment]).networks
    assert networks["perception"].sizes["network"] == 2
    verdict = root / "data" / "verdicts" / "smoke" / "P1.json"
    verdict.parent.mkdir(parents=True)
    verdict.write_text("{}")
    (root / "data" / "chapters").mkdir()
    (root / "data" / "chapters" / "book.ipynb").write_text("made of the rest")
    archive.make(root / "a.tar", data=root / "data")
    return experiment, root


def sums(data):
    """SHA-256 of each file that is packed."""
    return {
        path.relative_to(data): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in archive.KEPT
        for path in (data / name).rglob("*")
        if path.is_file() and "running" not in path.parts
    }


def test_what_is_unpacked_is_what_was_packed_and_is_not_trained_again(
    packed, tmp_path, monkeypatch
):
    experiment, root = packed
    before = sums(root / "data")
    told = archive.unpack(root / "a.tar", data=tmp_path / "data")
    assert sums(tmp_path / "data") == before == sums(root / "data") and len(before) == 3
    assert f"{len(before)} of {len(before)} files are new" in told
    assert "has 0 of 10 (perception) and 0 of 10 (decision)" in told  # those of the paper
    monkeypatch.setattr("taskrnn.ensembles.ensemble.train_missing", None)
    again = Study("smoke", tmp_path / "data", experiments=[experiment]).networks
    assert again["perception"].sizes["network"] == 2


def test_files_that_are_there_stay(packed, tmp_path):
    own = tmp_path / "data" / "verdicts" / "smoke" / "P1.json"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    assert "2 of 3 files are new" in archive.unpack(packed[1] / "a.tar", data=tmp_path / "data")
    assert own.read_text() == "mine"


def test_an_archive_says_the_commit_and_not_that_it_is_being_made(packed, monkeypatch):
    monkeypatch.setattr(archive.provenance, "commit", lambda: str(list(packed[1].glob(".*"))))
    told = archive.make(packed[1] / "b.tar", data=packed[1] / "data")
    assert told.endswith("by the code of commit [].")
    assert "by the code of commit []." in archive.verify(packed[1] / "b.tar", data=packed[1])


def test_the_description_names_every_ensemble(packed, tmp_path):
    with tarfile.open(packed[1] / "a.tar") as tar:
        tar.extractall(tmp_path, filter="data")
    crate = rocrate.ROCrate(tmp_path / archive.BAG / "data")
    named = {dataset.id.rstrip("/") for dataset in crate.data_entities}
    folders = [p for name in archive.KEPT for p in (packed[1] / "data" / name).glob("*")]
    assert named == {str(path.relative_to(packed[1] / "data")) for path in folders}


def other(source: Path, target: Path, change) -> Path:
    """A copy of an archive in which `change` makes other bytes, or None, of each file."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read() if member.isfile() else None
            if content is not None:
                content = change(member.name, content)
                if content is None:
                    continue
                member.size = len(content)
            new.addfile(member, None if content is None else io.BytesIO(content))
    return target


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (lambda content: content[:-1] + b"x", r"000001\.nc"),
        (lambda content: None, "Expected 4 files"),
    ],
    ids=["another byte", "a file less"],
)
def test_an_archive_that_is_not_as_packed_is_refused(packed, tmp_path, last, said):
    def change(name, content):
        return last(content) if name.endswith("000001.nc") else content

    damaged = other(packed[1] / "a.tar", tmp_path / "b.tar", change)
    with pytest.raises(ValueError, match="not as it was packed.*" + said):
        archive.unpack(damaged, data=tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_what_is_no_archive_is_refused(packed, tmp_path):
    with pytest.raises(ValueError, match="has no networks; build the book first"):
        archive.make(tmp_path / "a.tar", data=tmp_path)
    cut = tmp_path / "cut.tar"
    cut.write_bytes((packed[1] / "a.tar").read_bytes()[:5000])
    for path in (cut, Path(__file__)):
        with pytest.raises(ValueError, match="not as it was packed"):
            archive.verify(path, data=tmp_path)
    outside = tmp_path / "outside.tar"
    with tarfile.open(outside, "w") as tar:
        tar.addfile(tarfile.TarInfo("../../elsewhere"), io.BytesIO())
    with pytest.raises(ValueError, match="not as it was packed"):
        archive.unpack(outside, data=tmp_path / "data")
    assert not (tmp_path.parent / "elsewhere").exists()
