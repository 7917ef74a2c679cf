"""Groups of processes that work side by side at the same request.

A process is started afresh with its number of threads in its environment. It gets ready, reports
once what its group is asked to show before any time is taken, and then waits for requests. A
group's time is from the request to the last answer.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from unittest.mock import patch

from taskrnn.ensembles.workers import WORKER_ENVIRONMENT


def environment(n_threads: int, *, ours: bool) -> dict[str, str]:
    """The environment of the library's own workers, or only the number of threads, as those set it
    who use something else.
    """
    threads = {name: str(n_threads) for name in WORKER_ENVIRONMENT if name.endswith("_THREADS")}
    return WORKER_ENVIRONMENT | threads if ours else threads


class Requests:
    """A process's side: iterate over the requests; each is answered, with `answer`, when the next
    one is fetched.
    """

    def __init__(self, connection: Connection):
        self.connection, self.answer = connection, None

    def report(self, value) -> None:
        self.connection.send(value)

    def __iter__(self) -> Iterator[int]:
        while request := self.connection.recv():
            yield request
            self.connection.send(self.answer)


def process(connection: Connection, target: Callable, arguments: tuple) -> None:
    target(Requests(connection), *arguments)


class Group:
    """Processes that each run target(requests, *arguments) with arguments of their own."""

    def __init__(
        self, target: Callable, arguments: list[tuple], *, n_threads: int, ours: bool = False
    ):
        self.n_threads, self.connections, self.processes = n_threads, [], []
        context = multiprocessing.get_context("spawn")
        with patch.dict(os.environ, environment(n_threads, ours=ours)):
            for own in arguments:
                here, there = context.Pipe()
                started = context.Process(target=process, args=(there, target, own), daemon=True)
                started.start()
                there.close()  # else the end of a process that fails would not be seen here
                self.connections.append(here)
                self.processes.append(started)

    def answers(self) -> list:
        """What each process reports, or answers to the last request."""
        try:
            return [connection.recv() for connection in self.connections]
        except EOFError:
            raise SystemExit(
                "A process of the benchmark has failed; its own message is above."
            ) from None

    def ask(self, request: int) -> tuple[float, list]:
        """Seconds until the last process has answered, and the answers."""
        start = time.perf_counter()
        for connection in self.connections:
            connection.send(request)
        answers = self.answers()
        return time.perf_counter() - start, answers

    def stop(self) -> None:
        for connection in self.connections:
            connection.send(0)
        for started in self.processes:
            started.join()
