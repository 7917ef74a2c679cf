"""The files of an ensemble: one for each network, and beside them what its training needs while it
runs.

<data>/ensembles/<name>-<digest of the settings>-<hash of the training code>/
    000007.nc                   the trained network
    running/000007.lock         held by the process that trains network 7, until it ends
    running/000007.state.nc     where its training stood last
    running/000005.json         how far the shard that begins with network 5 is
"""

import json
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import xarray as xr
from filelock import FileLock

from code_identity.definitions import definition_files, files_hash
from code_identity.source_code import LIBRARY, imported_files
from taskrnn import checks
from taskrnn.ensembles import storage
from taskrnn.experiments import Experiment

PACKAGES = ("taskrnn", "tensorflow", "keras", "numpy")


def training_files(*classes: type) -> set[Path]:
    """The source files that decide what is trained: `taskrnn.training.train`, those of the task,
    the network and the penalties, and all they import.
    """
    own = (definition_files(one) for one in classes)
    return {*imported_files(LIBRARY / "taskrnn" / "training" / "train.py")}.union(*own)


def training_hash(experiment: Experiment) -> str:
    """Hash of the code that trains, its comments and docstrings left out."""
    return _hash(*map(type, experiment.parts()))


@cache
def _hash(*classes: type) -> str:
    return files_hash(training_files(*classes))


def folder(experiment: Experiment, data: str | Path) -> Path:
    """Where the ensemble lives below the data folder, an absolute path."""
    code = training_hash(experiment)
    return (
        checks.folder(data)
        / "ensembles"
        / f"{experiment.name}-{experiment.digest()[:10]}-{code[:10]}"
    )


def network_path(where: Path, number: int) -> Path:
    """The file of a trained network in the ensemble's folder."""
    return where / f"{number:06d}.nc"


def state_path(where: Path, number: int) -> Path:
    """The file of its state of training."""
    return where / "running" / f"{number:06d}.state.nc"


def lock(where: Path, number: int) -> FileLock:
    """The lock on its training."""
    return FileLock(where / "running" / f"{number:06d}.lock")


def identity(experiment: Experiment, number: int) -> dict[str, str | int]:
    """The attributes by which a file is known to belong to this network; the experiment's name is
    not one of them.
    """
    return {
        "settings_digest": experiment.digest(),
        "training_code": training_hash(experiment),
        "network_number": number,
    }


def as_dataset(experiment: Experiment, trained, i: int, *, number: int) -> xr.Dataset:
    """Network i of a batch as a self-describing dataset."""
    before = trained.before
    row, column = matrix_axes(before.recurrent[i].shape, experiment.network.n_units)
    variables = {
        "recurrent_before": (
            (row, column),
            before.recurrent[i],
            "recurrent weights before training",
        ),
        "recurrent_after": (
            (row, column),
            trained.recurrent[i],
            "recurrent weights after training",
        ),
        "input_weights": ((row, "input"), before.input[i], "input weights, not trained"),
        "bias": ((row,), before.bias[i], "bias, not trained"),
        "readout": (("output", "unit"), before.readout[i], "output weights, not trained"),
        "loss": (
            ("update",),
            trained.loss[i],
            "masked mean squared error before each update and after the last",
        ),
        "mean_weight": (
            ("update",),
            trained.mean_weight[i],
            "mean off-diagonal recurrent weight at the same moments",
        ),
        "stopped": ((), trained.stopped[i], "number of updates made"),
        "failed": ((), trained.failed[i], "update at which training failed, -1 if it did not"),
        "seed": ((), experiment.seed + number, "seed of all random numbers of this network"),
    }
    return xr.Dataset(
        {
            name: (dims, values, {"long_name": text, "units": "1"})
            for name, (dims, values, text) in variables.items()
        },
        coords={
            "update": (
                "update",
                np.arange(trained.loss.shape[1]),
                {"long_name": "number of updates made"},
            )
        },
        attrs={
            "title": f"one trained network, task {experiment.name}",
            "settings": json.dumps(experiment.settings(), sort_keys=True),
            **identity(experiment, number),
            "versions": versions(*PACKAGES),
        },
    )


def matrix_axes(shape: tuple[int, ...], n_units: int) -> tuple[str, str]:
    """Names of the axes of the recurrent weights; in some architectures they are not the units."""
    rows, columns = shape
    return "unit" if rows == n_units else "row", "from_unit" if columns == n_units else "column"


def versions(*packages: str) -> str:
    """Versions of Python and of packages, as JSON."""
    found = {name: package_version(name) for name in packages}
    return json.dumps({"python": platform.python_version(), **found})


def package_version(name: str) -> str:
    """The installed version; on some machines TensorFlow's package has another name."""
    try:
        return version(name)
    except PackageNotFoundError:
        if name != "tensorflow":
            raise
        return version("tensorflow-cpu")


MATRICES, CURVES = ("recurrent", "momentum", "velocity", "after"), ("loss", "mean_weight")


def write_state(experiment: Experiment, state, i: int, path: Path, *, number: int) -> None:
    """Write the state of network i of a batch (`taskrnn.training.train.State`)."""
    axes = matrix_axes(state.recurrent[i].shape, experiment.network.n_units)
    variables: dict[str, tuple] = {name: (axes, getattr(state, name)[i]) for name in MATRICES}
    variables |= {name: ("update", getattr(state, name)[i]) for name in CURVES}
    variables |= {"stopped": ((), state.stopped[i]), "updates_made": ((), state.update)}
    attributes = {
        "title": "a network in training",
        "versions": versions(*PACKAGES),
        **identity(experiment, number),
    }
    storage.write(xr.Dataset(variables, attrs=attributes), path)


def read_state(experiment: Experiment, path: Path, *, number: int) -> xr.Dataset | None:
    """The state, or None if training has to start afresh: there is no state, or one of other
    versions of the packages.
    """
    expected = {
        "title": "a network in training",
        "versions": versions(*PACKAGES),
        **identity(experiment, number),
    }
    return storage.read_or_set_aside(path, **expected)
