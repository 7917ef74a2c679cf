"""Who is measured: a way of training in a shape.

The shapes are single-threaded processes side by side, one for each core, and one process with a
thread for each core. A way that trains a batch of networks shares the ten out among its processes;
a way that trains one network makes ten updates one after another, or as many at once as it has
processes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import loky
import numpy as np

from benchmarks import peers
from benchmarks.groups import Group
from benchmarks.peers import ours
from benchmarks.sizes import N_NETWORKS
from taskrnn.ensembles.ensemble import shard_size
from taskrnn.experiments import Experiment


@dataclass(frozen=True)
class Way:
    """A peer: its file in `benchmarks.peers`, whether it trains a batch of networks, and options of
    its `build`.
    """

    name: str
    peer: str
    batched: bool
    options: dict = field(default_factory=dict)


WAYS = (
    Way("TensorFlow, tf.scan and tape", "tensorflow_scan", True),
    Way("PyTorch, loop over time", "pytorch_loop", True),
    Way("Keras, RNN(cell) and fit", "keras_fit", False, {"jit_compile": "auto"}),
    Way("Keras, the same without XLA", "keras_fit", False, {"jit_compile": False}),
    Way("PsychRNN, BasicScan", "psychrnn_scan", False),
)


class Competitor:
    """Processes that train networks with these seeds, and the times of an update of all ten
    networks.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        target: Callable,
        arguments: tuple,
        seeds: list[list[int]],
        n_threads: int,
    ):
        self.name, self.kind, self.shards, self.seeds = name, kind, seeds, sum(seeds, [])
        self.shape = {"processes": len(seeds), "threads": n_threads}
        self.group = Group(
            target, [(*arguments, own) for own in seeds], n_threads=n_threads, ours=kind == "ours"
        )
        self.losses, self.updates, self.milliseconds = {}, 1, []

    def get_ready(self) -> None:
        """Wait for the processes, and keep the losses that they report, by seed."""
        losses = np.concatenate(
            [np.asarray(reported, float) for reported in self.group.answers()], axis=1
        )
        self.losses = dict(zip(self.seeds, losses.T, strict=True))

    def calibrate(self, seconds: float) -> None:
        """Choose how many updates fill this many seconds."""
        self.group.ask(1)  # the first update builds the graph
        once, _ = self.group.ask(1)
        self.updates = max(1, round(seconds / once))

    def measure(self) -> None:
        """One more time of an update of all ten networks."""
        seconds, _ = self.group.ask(self.updates)
        self.milliseconds.append(1e3 * seconds / self.updates * N_NETWORKS / len(self.seeds))


def competitors(experiment: Experiment) -> list[Competitor]:
    """The library first, then every peer in every shape; all are starting."""
    cores = loky.cpu_count()
    size = shard_size(experiment.network, N_NETWORKS, cores)
    seeds = list(range(N_NETWORKS))
    shards = [seeds[i : i + size] for i in range(0, N_NETWORKS, size)]
    found = [Competitor("this library", "ours", ours.serve, (experiment,), shards, 1)]
    for way in WAYS:
        for n_processes, n_threads in dict.fromkeys([(min(cores, N_NETWORKS), 1), (1, cores)]):
            if way.batched:
                kind, own = (
                    "batched",
                    [part.tolist() for part in np.array_split(seeds, n_processes)],
                )
            else:
                kind, own = "single-network", [[seed] for seed in range(n_processes)]
            found.append(
                Competitor(
                    way.name, kind, peers.serve, (way.peer, way.options, experiment), own, n_threads
                )
            )
    return found
