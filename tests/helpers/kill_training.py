"""Kill training at random moments and see that it ends like one that was never disturbed.

    python tests/helpers/kill_training.py 500

A process that has loaded TensorFlow, but never used it, forks one that trains, and ends it with
SIGKILL, SIGTERM or SIGINT. Between the kills nothing on disk may be damaged, and at the end the
networks must be those of an undisturbed run.
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}

from small_experiments import small

import taskrnn.training.train  # noqa: F401  (loaded once, for all that are forked)
from taskrnn.ensembles import shards
from taskrnn.ensembles.network_files import identity, network_path, state_path, training_hash
from taskrnn.ensembles.storage import read
from taskrnn.experiments import DECISION

EXPERIMENT, NUMBERS = small(DECISION, updates=30), [0, 1]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def started(where: Path) -> int:
    """The process that trains in the folder, writing its state after every update."""
    if process := os.fork():
        return process
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    shards.STATE_SECONDS = 0.0
    try:
        shards.train_shard(EXPERIMENT, NUMBERS, where, training_hash(EXPERIMENT))
    finally:
        os._exit(0 if sys.exception() is None else 1)


def kill(process: int, after: float, number: int) -> bool:
    """Whether the process was still at work when the signal came."""
    time.sleep(after)
    os.kill(process, number)
    _, status = os.waitpid(process, 0)
    return status != 0


def states(where: Path) -> list[int]:
    """Updates made by each network that is not done; fails if any file is damaged."""
    made = []
    for k in NUMBERS:
        for path, title in (
            (network_path(where, k), None),
            (state_path(where, k), "a network in training"),
        ):
            if path.exists():
                found = read(path, **identity(EXPERIMENT, k))
                made += [int(found.updates_made)] if title else []
    return made


def main(kills: int) -> None:
    """Run until so many kills have met a process at work."""
    rng, survived, moments, ends = random.Random(0), 0, [], 0
    with tempfile.TemporaryDirectory() as place:
        begun = time.monotonic()
        _, status = os.waitpid(started(Path(place, "undisturbed")), 0)
        assert status == 0
        duration = time.monotonic() - begun
        expected = [read(network_path(Path(place, "undisturbed"), k)) for k in NUMBERS]
        while survived < kills:
            where = Path(place, str(ends))
            while not all(network_path(where, k).exists() for k in NUMBERS):
                signal_number = rng.choice(SIGNALS)
                # Most of the time until a graph is there nothing is written.
                if survived < kills and kill(
                    started(where), rng.uniform(0.1, 1.2 * duration), signal_number
                ):
                    survived += 1
                elif survived >= kills:
                    os.waitpid(started(where), 0)
                moments += states(where)
            for k, network in zip(NUMBERS, expected, strict=True):
                assert read(network_path(where, k)).identical(network), (
                    f"network {k} differs after kills"
                )
            assert not list(where.glob("**/*.damaged*"))
            ends += 1
    print(
        f"{survived} kills of {survived} survived, {len(set(moments))} different updates, {ends} "
        "ensembles equal to the undisturbed one"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
