"""Ensembles of trained networks on disk: what is there is returned, what is missing is trained.

An ensemble is a folder of files, one for each network (`taskrnn.ensembles.network_files`). More
networks are more files: the first ones stay. Networks are trained in shards
(`taskrnn.ensembles.shards`) by any executor of `concurrent.futures`: processes of this machine, or
those of a cluster (`taskrnn.ensembles.workers`). A shard returns only names of files, so that what
is done stays done.
"""

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, Future, wait
from pathlib import Path

import loky
import numpy as np
import xarray as xr
from loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from taskrnn import checks
from taskrnn.ensembles import on_disk, progress, storage
from taskrnn.ensembles.members import RECURRENT
from taskrnn.ensembles.network_files import folder, identity, network_path, training_hash
from taskrnn.ensembles.shards import train_shard
from taskrnn.ensembles.workers import workers
from taskrnn.experiments import Experiment
from taskrnn.networks.network import Network, untrained_weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.profiles import experiment_named

SHARD = 5
WITH_WEIGHTS = "checksum_with_weights"  # of the whole network, in a file that is kept without


def ensemble(
    task: str | Experiment, n: int, *, data: str | Path, executor: Executor | None = None
) -> xr.Dataset:
    """The first n trained networks of a task.

    Parameters
    ----------
    task : str or Experiment
        "perception", "decision" (the settings of the `paper` profile), or any experiment.
    n : int
        Number of networks.
    data : path
        Folder of all data; made if it is missing, and the same after a change of the working
        directory. Workers on other machines must see it under the same path.
    executor : Executor, optional
        What trains the missing networks, for example from `taskrnn.ensembles.workers.executor`; one
        single-threaded process for each core of this machine if not given.

    Returns
    -------
    xarray.Dataset
        Dimensions network, unit, from_unit, input, output, update; `failed` is -1 where training
        went well. The recurrent weights stay on disk and are read anew whenever they are asked for;
        there are none of networks that are kept without.

    Raises
    ------
    ValueError
        Unknown task, or n < 1.
    OSError
        The folder cannot be written, or the disk is too full for the missing networks.
    RuntimeError
        Networks are missing because their workers ended or have another version of this library.
    """
    experiment, n = experiment_named(task) if isinstance(task, str) else task, checks.whole("n", n)
    where = folder(experiment, data)
    found = existing(experiment, n, where)
    missing = [k for k in range(n) if k not in found]
    if missing:
        require_room(where, experiment, len(missing))
        train_missing(experiment, missing, where, executor=executor)
        found |= {
            k: without_matrices(storage.read(network_path(where, k), **identity(experiment, k)))
            for k in missing
        }
    networks, one = joined([found[k] for k in range(n)]), storage.read(network_path(where, 0))
    paths = [network_path(where, k) for k in range(n)]
    there = [name for name in RECURRENT if name in one]
    return networks.assign({name: on_disk.variable(paths, one[name]) for name in there})


def existing(experiment: Experiment, n: int, where: Path) -> dict[int, xr.Dataset]:
    """Those of the first n networks that are trained, without their matrices; damaged files are
    named and set aside.
    """
    found = {}
    for k in range(n):
        dataset = storage.read_or_set_aside(network_path(where, k), **identity(experiment, k))
        if dataset is not None:
            found[k] = without_matrices(dataset)
    return found


def without_matrices(network: xr.Dataset) -> xr.Dataset:
    """A network without its recurrent weights, which are nearly all of its file."""
    return network.drop_vars(RECURRENT, errors="ignore")


def joined(networks: list[xr.Dataset]) -> xr.Dataset:
    """One dataset with a `network` axis; the files' checksums become a variable."""
    for dataset in networks:
        dataset["checksum"] = (
            (),
            dataset.attrs.get(WITH_WEIGHTS, dataset.attrs["checksum"]),
            {"long_name": "SHA-256 of the network's file"},
        )
    ensemble = xr.concat(
        networks,
        "network",
        data_vars="all",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="override",
    )
    for attribute in ("checksum", WITH_WEIGHTS, "network_number", "title"):
        ensemble.attrs.pop(attribute, None)
    return ensemble.assign_coords(network=np.arange(len(networks)))


def require_room(where: Path, experiment: Experiment, n: int) -> None:
    """OSError if `where` cannot be made and written, or has too little room for n networks."""
    try:
        where.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=where).close()
    except OSError as error:
        raise OSError(
            f"The data folder {where} cannot be written ({error.strerror}); choose another folder."
        ) from error
    needed = bytes_needed(experiment, n)
    free = shutil.disk_usage(where).free
    if free < needed:
        raise OSError(
            f"{where} has {free / 1e6:.0f} MB free and {n} networks need {needed / 1e6:.0f} MB;"
            " make room or choose another folder."
        )


def bytes_needed(experiment: Experiment, n: int) -> int:
    """Room for n networks: two float32 matrices, two numbers per update, and a margin for the
    rest.
    """
    sizes = {"n_inputs": experiment.task.n_inputs, "n_outputs": experiment.task.n_outputs}
    matrix = untrained_weights(experiment.network, seed=experiment.seed, **sizes).recurrent
    return n * (2 * matrix.nbytes + 3 * 8 * experiment.training.updates + 100_000)


def shard_size(network: Network, n_networks: int, n_workers: int = 1) -> int:
    """Networks in a shard: all workers get some, and none more than `SHARD` at once.

    Networks other than rate networks are trained one by one: functions such as tanh have other last
    bits in another place of a vector, so that a network would hang on those beside it.
    """
    if not isinstance(network, RateNetwork):
        return 1
    return min(SHARD, math.ceil(n_networks / n_workers))


def train_missing(
    experiment: Experiment, numbers: list[int], where: Path, *, executor: Executor | None = None
) -> None:
    """Train the networks with these numbers in parallel shards, with one progress bar; what one
    shard meets stops no other.

    Raises
    ------
    OSError, RuntimeError
        What the first shard that failed has met.
    """
    n_workers = loky.cpu_count() if executor is None else 1
    size = shard_size(experiment.network, len(numbers), n_workers)
    parts = [numbers[i : i + size] for i in range(0, len(numbers), size)]
    code = training_hash(experiment)
    with workers(executor) as pool, bar(experiment, numbers) as shown:
        jobs = {pool.submit(train_shard, experiment, part, where, code): part for part in parts}
        waiting, done_updates = set(jobs), 0
        while waiting:
            done, waiting = wait(waiting, timeout=0.5)
            done_updates += experiment.training.updates * sum(len(jobs[job]) for job in done)
            running = list(records(where))
            losses = [record["loss"] for record in running if np.isfinite(record["loss"])]
            if losses:
                shown.set_postfix(loss=f"{np.mean(losses):.4f}", refresh=False)
            made = done_updates + sum(
                record["update"] * len(set(record["networks"]) & set(numbers)) for record in running
            )
            shown.update(min(made, shown.total) - shown.n)
        raise_first_failure(jobs)


def raise_first_failure(jobs: dict[Future, list[int]]) -> None:
    """Raise, in one sentence, what the first shard that failed has met, and say how many networks
    are missing because of such.
    """
    failed = {job: part for job, part in jobs.items() if job.exception() is not None}
    for job, part in failed.items():
        error, missing = job.exception(), sum(map(len, failed.values()))
        rest = f"{missing} networks are missing; the others are kept, and the next call goes on."
        if isinstance(error, OSError):
            raise OSError(error.errno, f"{error.strerror}; {rest}", error.filename) from error
        if isinstance(error, TerminatedWorkerError):
            raise RuntimeError(
                f"A worker was ended from outside while it trained networks {part[0]} to "
                f"{part[-1]}, perhaps for want of memory; {rest}"
            ) from error
        raise RuntimeError(
            f"Training of networks {part[0]} to {part[-1]} failed ({type(error).__name__}: "
            f"{error}); {rest}"
        ) from error


def bar(experiment: Experiment, numbers: list[int]) -> tqdm:
    """A progress bar that counts updates of all networks."""
    return tqdm(
        total=len(numbers) * experiment.training.updates,
        desc=f"{experiment.name}: training {len(numbers)} networks",
        unit=" updates",
        file=progress.stream(),
        mininterval=1,
    )


def records(where: Path) -> Iterator[dict]:
    """What the running shards of the folder report: networks, update, loss, updates_per_second,
    host, process.
    """
    for path in sorted((where / "running").glob("*.json")):
        try:
            yield json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # gone meanwhile, or torn by a kill
            continue
