"""Ensembles of trained networks on disk: what is there is returned, what is missing is trained.

An ensemble is a folder named after its experiment, the digest of its settings and the hash of the training code; each
network is one file in it. More networks are more files: the first ones stay. Networks are trained in shards, one
single-threaded process each, and every network is written as soon as its shard is done.
"""

import inspect
import json
import math
import shutil
import tempfile
from concurrent.futures import FIRST_EXCEPTION, wait
from functools import cache, partial
from pathlib import Path
from typing import Literal

import loky
import numpy as np
import xarray as xr
from tqdm import tqdm

from taskrnn import progress, storage
from taskrnn.experiment import Experiment
from taskrnn.network import Weights
from taskrnn.profiles import experiment_named
from taskrnn.processes import workers
from taskrnn.provenance import versions
from taskrnn.source_code import LIBRARY, code_hash, imported_files

SHARD = 5
PACKAGES = ("taskrnn", "tensorflow", "keras", "numpy")


def training_files(task_class: type) -> set[Path]:
    """The source files that decide what is trained: `taskrnn.training`, the task's, and all they import."""
    roots = (LIBRARY / "taskrnn" / "training.py", Path(inspect.getfile(task_class)))
    return {file for root in roots for file in imported_files(root)}


@cache
def training_hash(task_class: type) -> str:
    """Hash of the code that trains, its comments and docstrings left out."""
    return code_hash(training_files(task_class))


def folder(experiment: Experiment, data: Path) -> Path:
    """Where the ensemble lives below the data folder."""
    code = training_hash(type(experiment.task))
    return Path(data) / "ensembles" / f"{experiment.name}-{experiment.digest()[:10]}-{code[:10]}"


def ensemble(task: str | Experiment, n: int, *, data: str | Path) -> xr.Dataset:
    """The first n trained networks of a task.

    Parameters
    ----------
    task : str or Experiment
        "perception", "decision" (the settings of the `paper` profile), or any experiment.
    n : int
        Number of networks.
    data : path
        Folder of all data; made if it is missing.

    Returns
    -------
    xarray.Dataset
        Dimensions network, unit, from_unit, input, output, update; `failed` is -1 where training went well. Everything
        is loaded.

    Raises
    ------
    ValueError
        Unknown task, or n < 1.
    OSError
        The folder cannot be written, or the disk is too full for the missing networks.
    """
    experiment = experiment_named(task) if isinstance(task, str) else task
    if n < 1:
        raise ValueError(f"An ensemble of {n} networks cannot be made; ask for n >= 1.")
    paths = [folder(experiment, data) / f"{k:06d}.nc" for k in range(n)]
    found = {k: dataset for k, path in enumerate(paths) if (dataset := read_or_set_aside(path)) is not None}
    missing = [k for k in range(n) if k not in found]
    if missing:
        require_room(paths[0].parent, experiment, len(missing))
        train_missing(experiment, {k: paths[k] for k in missing})
        found |= {k: storage.read(paths[k]) for k in missing}
    return joined([found[k] for k in range(n)])


def joined(networks: list[xr.Dataset]) -> xr.Dataset:
    """One dataset with a `network` axis; the files' checksums become a variable."""
    for dataset in networks:
        dataset["checksum"] = (), dataset.attrs["checksum"], {"long_name": "SHA-256 of the network's file"}
    ensemble = xr.concat(
        networks, "network", data_vars="all", coords="minimal", compat="override", join="exact", combine_attrs="override"
    )
    for attribute in ("checksum", "network_number", "title"):
        ensemble.attrs.pop(attribute, None)
    return ensemble.assign_coords(network=np.arange(len(networks)))


def weights(networks: xr.Dataset, when: Literal["before", "after"]) -> Weights:
    """Weights of an ensemble before or after training."""
    recurrent = networks[f"recurrent_{when}"]
    return Weights(*(w.values for w in (recurrent, networks.input_weights, networks.bias, networks.readout)))


def read_or_set_aside(path: Path) -> xr.Dataset | None:
    """The network in `path`; None if there is no file, or a damaged one, which is named and set aside."""
    try:
        return storage.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except storage.DamagedFile as damage:
        aside = storage.set_aside(path)
        print(f"{damage} It is set aside as {aside.name} and made again.", file=progress.stream())
        return None


def require_room(where: Path, experiment: Experiment, n: int) -> None:
    """OSError if `where` cannot be made and written, or has too little room for n networks."""
    try:
        where.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=where).close()
    except OSError as error:
        raise OSError(f"The data folder {where} cannot be written ({error.strerror}); choose another folder.") from error
    needed = bytes_needed(experiment, n)
    free = shutil.disk_usage(where).free
    if free < needed:
        raise OSError(
            f"{where} has {free / 1e6:.0f} MB free and {n} networks need {needed / 1e6:.0f} MB;"
            " make room or choose another folder."
        )


def bytes_needed(experiment: Experiment, n: int) -> int:
    """Room for n networks: two float32 matrices, two numbers per update, and a margin for the rest."""
    return n * (2 * 4 * experiment.network.n_units**2 + 3 * 8 * experiment.training.updates + 100_000)


def train_missing(experiment: Experiment, paths: dict[int, Path]) -> None:
    """Train the networks with these numbers and write each to its path, in parallel shards, with one progress bar."""
    numbers = sorted(paths)
    size = min(SHARD, math.ceil(len(numbers) / loky.cpu_count()))
    shards = [numbers[i : i + size] for i in range(0, len(numbers), size)]
    bar = partial(
        tqdm,
        total=len(numbers) * experiment.training.updates,
        desc=f"{experiment.name}: training {len(numbers)} networks",
        unit=" updates",
        file=progress.stream(),
        mininterval=1,
    )
    with tempfile.TemporaryDirectory() as scratch:
        # What the shards report, (shard, [updates times networks, loss]): a mapped file serves processes of any kind.
        reports = Path(scratch, "reports")
        shared = np.memmap(reports, dtype=float, mode="w+", shape=(len(shards), 2))
        shared[:, 1] = np.nan
        with workers() as pool, bar() as shown:
            jobs = [
                pool.submit(train_shard, experiment, {k: paths[k] for k in shard}, reports, i, shared.shape)
                for i, shard in enumerate(shards)
            ]
            waiting = jobs
            while waiting:
                done, waiting = wait(jobs, timeout=0.5, return_when=FIRST_EXCEPTION)
                if (known := np.isfinite(shared[:, 1])).any():
                    shown.set_postfix(loss=f"{shared[known, 1].mean():.4f}", refresh=False)
                shown.update(int(shared[:, 0].sum()) - shown.n)
                for job in done:
                    job.result()


def train_shard(experiment: Experiment, paths: dict[int, Path], reports: Path, shard: int, shape: tuple[int, int]) -> None:
    """Train the networks with these numbers and write each to its path; runs in a process of its own."""
    from taskrnn.training import train  # here, because TensorFlow is slow to load and only workers need it

    shared = np.memmap(reports, dtype=float, mode="r+", shape=shape)

    def report(update: int, loss: float) -> None:
        shared[shard] = update * len(paths), loss

    numbers = list(paths)
    seeds = [experiment.seed + k for k in numbers]
    trained = train(experiment.task, experiment.network, experiment.training, seeds=seeds, progress=report)
    shared[shard, 0] = len(paths) * experiment.training.updates  # networks that stopped early are done too
    for i, k in enumerate(numbers):
        storage.write(as_dataset(experiment, trained, i, number=k), paths[k])


def as_dataset(experiment: Experiment, trained, i: int, *, number: int) -> xr.Dataset:
    """Network i of a batch as a self-describing dataset."""
    text = {"units": "1"}
    before = trained.before
    variables = {
        "recurrent_before": (("unit", "from_unit"), before.recurrent[i], "recurrent weights before training"),
        "recurrent_after": (("unit", "from_unit"), trained.recurrent[i], "recurrent weights after training"),
        "input_weights": (("unit", "input"), before.input[i], "input weights, not trained"),
        "bias": (("unit",), before.bias[i], "bias, not trained"),
        "readout": (("output", "unit"), before.readout[i], "output weights, not trained"),
        "loss": (("update",), trained.loss[i], "masked mean squared error before each update and after the last"),
        "mean_weight": (("update",), trained.mean_weight[i], "mean off-diagonal recurrent weight at the same moments"),
        "stopped": ((), trained.stopped[i], "number of updates made"),
        "failed": ((), trained.failed[i], "update at which training failed, -1 if it did not"),
        "seed": ((), experiment.seed + number, "seed of all random numbers of this network"),
    }
    return xr.Dataset(
        {name: (dims, values, {"long_name": meaning, **text}) for name, (dims, values, meaning) in variables.items()},
        coords={"update": ("update", np.arange(trained.loss.shape[1]), {"long_name": "number of updates made"})},
        attrs={
            "title": f"one trained network, task {experiment.name}",
            "network_number": number,
            "settings": json.dumps(experiment.settings(), sort_keys=True),
            "training_code": training_hash(type(experiment.task)),
            "versions": versions(*PACKAGES),
        },
    )
