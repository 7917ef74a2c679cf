"""The machine's float32 peak: products of square matrices in TensorFlow and in NumPy, with all
cores.
"""

import time
from statistics import median

import loky
import numpy as np

from benchmarks.groups import Group, Requests
from benchmarks.tables import spread


def serve(requests: Requests, sizes: tuple[int, ...]) -> None:
    """One process: answer every request with the GFLOP/s of each library and size, that many
    milliseconds for each.
    """
    from taskrnn.networks.quiet_tensorflow import tf

    matrices = {
        n: np.random.default_rng(0).standard_normal((n, n), dtype=np.float32) for n in sizes
    }
    on_tensorflow = {n: tf.constant(a) for n, a in matrices.items()}
    products = {f"TensorFlow, {n}": lambda a=a: tf.matmul(a, a) for n, a in on_tensorflow.items()}
    products |= {f"NumPy, {n}": lambda a=a: a @ a for n, a in matrices.items()}
    requests.report(None)
    for milliseconds in requests:
        requests.answer = {
            name: 2 * int(name.split()[-1]) ** 3 * per_second(product, milliseconds / 1000) / 1e9
            for name, product in products.items()
        }


def per_second(call, seconds: float) -> float:
    """How often a call is made in a second, from calls for that long."""
    start, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < seconds or not done:
        call()
        done += 1
    return done / passed


class Peak:
    """Processes that multiply matrices, and their GFLOP/s in every round."""

    def __init__(self, sizes: tuple[int, ...]):
        cores = loky.cpu_count()
        shapes = dict.fromkeys([(cores, 1), (1, cores)])
        self.groups = [
            Group(serve, [(sizes,)] * n_processes, n_threads=n_threads)
            for n_processes, n_threads in shapes
        ]
        self.rates: dict[str, list[float]] = {}

    def get_ready(self) -> None:
        for group in self.groups:
            group.answers()
            group.ask(1)

    def measure(self, seconds: float) -> None:
        for group in self.groups:
            _, answers = group.ask(max(1, round(1e3 * seconds)))
            for name in answers[0]:
                kind = f"{name}, {len(answers)} x {group.n_threads}"
                self.rates.setdefault(kind, []).append(sum(answer[name] for answer in answers))

    def result(self) -> dict:
        """The best way by its median, with its spread, in GFLOP/s."""
        best = max(self.rates, key=lambda kind: median(self.rates[kind]))
        return {"way": best, **spread(self.rates[best])}
