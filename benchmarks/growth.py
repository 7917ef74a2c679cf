"""How the time and memory of training grow with the number of networks, their size and the length
of trials.

Networks are shared out as in `taskrnn.ensembles.ensemble`: shards of at most five, one process for
each core, in which one shard follows another. Memory therefore stays that of one shard for each
core, however many networks there are.
"""

import resource
import sys
import time
from dataclasses import replace
from statistics import median

import loky
import numpy as np

from benchmarks import sizes
from benchmarks.groups import Group, Requests
from benchmarks.tables import rounded, show
from taskrnn.ensembles.ensemble import SHARD, shard_size
from taskrnn.experiments import PERCEPTION, Experiment

UPDATES = 5
NETWORKS = (1, 2, 5, 10, 20, 50, 100)
UNITS = (64, 128, 256, 512, 1024)
LENGTHS = (1, 2, 4, 8)


def run(quick: bool) -> dict:
    """Measure and print the three curves."""

    def size(n_units=128, times=1):
        return sizes.sized(PERCEPTION, n_units=n_units, n_trials=10, n_steps=500 * times)

    if quick:
        return {"networks": curve("networks", {k: (sizes.TINY, k) for k in (1, 12)})}
    return {
        "updates": UPDATES,
        "shard": SHARD,
        "networks": curve("networks, N = 128", {k: (size(), k) for k in NETWORKS}),
        "units": curve("units, 2 networks", {n: (size(n_units=n), 2) for n in UNITS}),
        "steps": curve(
            "steps, N = 128, 2 networks", {500 * x: (size(times=x), 2) for x in LENGTHS}
        ),
    }


def curve(title: str, points: dict[int, tuple[Experiment, int]]) -> list[dict]:
    """Measure and print the points, experiment and number of networks each, of one curve."""
    measured = [{"x": x, **measure(*point)} for x, point in points.items()]
    header = [
        title,
        "processes",
        "ms per update",
        "MB in a process",
        "of that, before",
        "MB in all",
    ]
    rows = [
        [
            str(m["x"]),
            str(m["processes"]),
            f"{m['ms_per_update']:.1f}",
            *(f"{m[key]:.0f}" for key in ("peak_mb", "before_mb", "all_mb")),
        ]
        for m in measured
    ]
    show(f"Growth with the number of {title}", header, rows)
    return measured


def measure(experiment: Experiment, n_networks: int) -> dict:
    """Time of one update of all networks, and the largest memory of the processes that train
    them.
    """
    cores = loky.cpu_count()
    size = shard_size(experiment.network, n_networks, cores)
    shards = [list(range(i, min(i + size, n_networks))) for i in range(0, n_networks, size)]
    n_processes = min(cores, len(shards))
    group = Group(
        train_shards,
        [(experiment, shards[i::n_processes]) for i in range(n_processes)],
        n_threads=1,
        ours=True,
    )
    seconds, before, peak = zip(*group.answers(), strict=True)
    group.stop()
    return {
        "processes": n_processes,
        "ms_per_update": rounded(1e3 * max(seconds)),
        "before_mb": rounded(max(before)),
        "peak_mb": rounded(max(peak)),
        "all_mb": rounded(sum(peak)),
    }


def train_shards(requests: Requests, experiment: Experiment, shards: list[list[int]]) -> None:
    """One process: train its shards one after another; report the time of one update of each,
    summed, and its memory.
    """
    from taskrnn.training.train import train

    before, seconds = peak_megabytes(), 0.0
    training = replace(experiment.training, updates=UPDATES + 1)  # the first one builds the graph
    for seeds in shards:
        done = []
        train(
            experiment.task,
            experiment.network,
            training,
            seeds=seeds,
            progress=lambda *_, done=done: done.append(time.perf_counter()),
        )
        seconds += median(np.diff(done))
    requests.report((seconds, before, peak_megabytes()))
    for _ in requests:  # wait to be stopped
        pass


def peak_megabytes(who: int = resource.RUSAGE_SELF) -> float:
    """The largest resident memory that this process has had, or the largest of its children that
    have ended (`resource.RUSAGE_CHILDREN`); the system counts in KiB, on a Mac in bytes.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit / 1e6
