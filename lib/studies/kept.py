"""Results of the further studies that the repository keeps, because making them takes longer than
a reader waits.

The archive holds networks without their recurrent weights, and what was measured of them;
`python -m results.further` makes it. An ensemble is taken from it only if the present code would
train it and take each of its measures in the same way. Otherwise its networks are trained here.
"""

import hashlib
import importlib
import json
import lzma
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import xarray as xr
from filelock import FileLock

from code_identity.definitions import definition_hash
from taskrnn import checks
from taskrnn.ensembles.ensemble import WITH_WEIGHTS, without_matrices
from taskrnn.ensembles.network_files import folder
from taskrnn.experiments import Experiment

ARCHIVE = Path(__file__).parents[2] / "results" / "further.tar.xz"
LIST = "kept.json"  # what is in it


def place(experiment: Experiment, n: int, *, data: str | Path) -> Path | None:
    """The folder that takes the place of the data folder for the first n networks of an experiment;
    None if they are not kept, or if other code would make them now.

    Raises
    ------
    OSError
        The archive is damaged, or cannot be unpacked.
    """
    if (unpacked_to := unpacked(ARCHIVE, checks.folder(data))) is None:
        return None
    ensemble = listed(unpacked_to)["ensembles"].get(folder(experiment, unpacked_to).name)
    current = (
        ensemble is not None
        and ensemble["networks"] >= n
        and all(present_code(name) == code for name, code in ensemble["measures"].items())
    )
    return unpacked_to if current else None


def unpacked(archive: Path, data: Path) -> Path | None:
    """The folder with what is in the archive, below the data folder; None if there is none."""
    if not archive.is_file():
        return None
    with archive.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    target = data / "kept" / checksum[:10]
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(target.with_suffix(".lock")),
            tempfile.TemporaryDirectory(dir=target.parent) as temporary,
        ):
            if not target.is_dir():  # another chapter may have been faster
                extract(archive, Path(temporary, "all")).rename(target)
    return target


def extract(archive: Path, target: Path) -> Path:
    """Write what is in the archive to a new folder; OSError if it is damaged."""
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, lzma.LZMAError, EOFError, OSError) as error:
        raise OSError(
            f"{archive} cannot be unpacked ({error}); restore it, or remove it to compute its "
            "results here."
        ) from error
    return target


def listed(unpacked_to: Path) -> dict:
    """What the archive says of itself."""
    return json.loads((unpacked_to / LIST).read_text())


@cache
def present_code(measure: str) -> str | None:
    """Hash of the code of a measure as it is now; None if there is no such measure."""
    module, _, name = measure.rpartition(".")
    try:
        return definition_hash(getattr(importlib.import_module(module), name))
    except (ImportError, AttributeError):
        return None


def without_weights(network: xr.Dataset) -> xr.Dataset:
    """A network as it is kept; it goes on to be known by the checksum of the whole."""
    return without_matrices(network).assign_attrs({WITH_WEIGHTS: network.checksum})


def source(unpacked_to: Path) -> str:
    """Where kept results come from, for the line under a figure."""
    machine = listed(unpacked_to)["machine"]
    return (
        f"results kept in {ARCHIVE.parent.name}/{ARCHIVE.name}, made by the code of commit "
        f"{machine['taskrnn']} and kept {machine['date']}, {machine['cpu']}"
    )
