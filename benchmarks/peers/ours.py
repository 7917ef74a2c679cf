"""The library: `taskrnn.training.train.train` itself, in the shards and with the threads of
`taskrnn.ensembles.ensemble`.
"""

from contextlib import suppress
from dataclasses import replace

from benchmarks.groups import Requests
from benchmarks.peers import CHECKED
from benchmarks.sizes import without_noise
from taskrnn.experiments import Experiment

MOST_UPDATES = 10_000


def serve(requests: Requests, experiment: Experiment, seeds: list[int]) -> None:
    """One process: report the losses of the first updates without noise, then make as many updates
    as requested.
    """
    from taskrnn.training.train import train

    task, training = experiment.task, experiment.training
    silent = train(
        task, without_noise(experiment).network, replace(training, updates=CHECKED - 1), seeds=seeds
    )
    requests.report(silent.loss.T)

    # `train` says that an update is done by calling `progress`, which returns when the next update
    # is wanted.
    wanted = (None for n in requests for _ in range(n))
    with suppress(StopIteration):
        next(wanted)
        train(
            task,
            experiment.network,
            replace(training, updates=MOST_UPDATES),
            seeds=seeds,
            progress=lambda *_: next(wanted),
        )
