"""What people use instead, one file each, and the library.

A peer's file has one function, `build(experiment, seeds)`. It returns a function of trials and a
number n that makes n updates on those trials and, if n is 1, returns the loss of each network
before it. An update is that of `taskrnn.training.train`: new noise for every unit and step, drawn
in the peer's usual way; the masked squared error; the gradient of the recurrent weights, whose
diagonal stays zero; Adam with the constants of the library. The peers get their trials ready-made,
which favours them: the library draws new ones for every update.
"""

import importlib

from benchmarks.groups import Requests
from benchmarks.sizes import trials, without_noise
from taskrnn.experiments import Experiment

CHECKED = 3  # updates without noise whose losses are compared


def serve(
    requests: Requests, peer: str, options: dict, experiment: Experiment, seeds: list[int]
) -> None:
    """One process: report the losses of the first updates without noise, then make as many updates
    as requested.
    """
    build = importlib.import_module(f"benchmarks.peers.{peer}").build
    silent = build(without_noise(experiment), seeds, **options)
    requests.report([silent(trials(experiment, seeds, place=place), 1) for place in range(CHECKED)])
    update, fixed = build(experiment, seeds, **options), trials(experiment, seeds, place=0)
    for n in requests:
        update(fixed, n)
