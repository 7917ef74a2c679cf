"""Training of a shard: a few networks in one process, which writes each of them when all are done.

Whoever trains a network holds its lock, so that two builds on one folder never do the same work. At
most every `STATE_SECONDS` the state of training is written; after a kill, the next run continues
from there and ends with the same bits.
"""

import json
import os
import platform
import time
from contextlib import ExitStack, suppress
from itertools import groupby
from pathlib import Path

import numpy as np

from taskrnn.ensembles import storage
from taskrnn.ensembles.network_files import (
    CURVES,
    MATRICES,
    as_dataset,
    identity,
    lock,
    network_path,
    read_state,
    state_path,
    training_hash,
    write_state,
)
from taskrnn.experiments import Experiment

STATE_SECONDS, REPORT_SECONDS = 30.0, 1.0


def train_shard(experiment: Experiment, numbers: list[int], where: Path, code: str) -> list[str]:
    """Train the networks with these numbers, as far as they are missing, and write them to the
    folder.

    Parameters
    ----------
    code : str
        The caller's `training_hash`: a worker on another machine must have the same library.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    RuntimeError
        This process has other training code than the caller.
    OSError
        A file cannot be written.
    """
    if training_hash(experiment) != code:
        raise RuntimeError(
            f"The worker on {platform.node()} has another version of taskrnn; install the same one "
            "there."
        )
    numbers = sorted(numbers)
    paths = {k: network_path(where, k) for k in numbers}
    where.joinpath("running").mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        # In ascending order, so that two processes never wait for each other.
        for k in numbers:
            held.enter_context(lock(where, k))
        missing = [
            k
            for k in numbers
            if storage.read_or_set_aside(paths[k], **identity(experiment, k)) is None
        ]
        states = {k: read_state(experiment, state_path(where, k), number=k) for k in missing}

        def updates_made(k):
            return -1 if states[k] is None else int(states[k].updates_made)

        # A kill between two files leaves networks at two updates; each group goes on from its own.
        for _, group in groupby(sorted(missing, key=updates_made), key=updates_made):
            train_from(experiment, list(group), states, where)
    return [path.name for path in paths.values()]


def train_from(experiment: Experiment, numbers: list[int], states: dict, where: Path) -> None:
    """Train networks that have made the same number of updates to their end, and write them."""
    # here, because TensorFlow is slow to load and only workers need it
    from taskrnn.training.train import State, train

    found = [states[k] for k in numbers]
    start = None
    if found[0] is not None:
        stacked = {
            name: np.stack([state[name].values for state in found])
            for name in (*MATRICES, *CURVES, "stopped")
        }
        start = State(update=int(found[0].updates_made), **stacked)
    record = where / "running" / f"{numbers[0]:06d}.json"
    begun = reported = saved = time.monotonic()
    first = start.update if start else 0

    def report(update, loss, state):
        nonlocal reported, saved
        now = time.monotonic()
        if now - reported >= REPORT_SECONDS or update == first + 1:
            reported = now
            told = {
                "networks": numbers,
                "update": update,
                "loss": loss,
                "updates_per_second": (update - first) / (now - begun),
            }
            replace_text(
                record, json.dumps(told | {"host": platform.node(), "process": os.getpid()})
            )
        if now - saved >= STATE_SECONDS:
            stands = state()
            for i, k in enumerate(numbers):
                write_state(experiment, stands, i, state_path(where, k), number=k)
            saved = time.monotonic()

    seeds = [experiment.seed + k for k in numbers]
    try:
        trained = train(
            experiment.task,
            experiment.network,
            experiment.training,
            seeds=seeds,
            state=start,
            progress=report,
        )
        for i, k in enumerate(numbers):
            storage.write(as_dataset(experiment, trained, i, number=k), network_path(where, k))
            state_path(where, k).unlink(missing_ok=True)
    finally:
        record.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Replace a small text that nothing depends on: whole, but not forced to the disk, and not at
    all on a full one.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with suppress(OSError):
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
