"""The sizes that are measured, as experiments of the library, and the trials that the peers train
on.
"""

from dataclasses import replace

import numpy as np

from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.networks.network import Weights, stack, untrained_weights
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import Trials

N_NETWORKS = 10


def sized(experiment: Experiment, *, n_units: int, n_trials: int, n_steps: int) -> Experiment:
    """An experiment at another size; the margin about the switch keeps its share of the trial."""
    schedule = experiment.task.schedule
    duration = n_steps * experiment.network.dt
    schedule = replace(
        schedule, duration=duration, margin=schedule.margin / schedule.duration * duration
    )
    return replace(
        experiment,
        name=f"N = {n_units}, B = {n_trials}, {n_steps} steps",
        task=replace(experiment.task, schedule=schedule),
        network=replace(experiment.network, n_units=n_units),
        training=replace(experiment.training, trials_per_update=n_trials),
    )


def size(experiment: Experiment) -> dict[str, int]:
    """Units N, trials of an update B and steps of a trial T."""
    n_steps = round(experiment.task.schedule.duration / experiment.network.dt)
    return {
        "N": experiment.network.n_units,
        "B": experiment.training.trials_per_update,
        "T": n_steps,
    }


LARGE_BATCH = sized(DECISION, n_units=256, n_trials=64, n_steps=100)
BOOK = (
    sized(PERCEPTION, n_units=128, n_trials=10, n_steps=500),
    sized(DECISION, n_units=256, n_trials=10, n_steps=500),
)
TINY = sized(DECISION, n_units=16, n_trials=3, n_steps=40)


def without_noise(experiment: Experiment) -> Experiment:
    return replace(experiment, network=replace(experiment.network, sigma=0.0))


def weights(experiment: Experiment, seeds: list[int]) -> Weights:
    """The library's untrained weights of the networks with these seeds."""
    task = experiment.task
    one = [
        untrained_weights(
            experiment.network, n_inputs=task.n_inputs, n_outputs=task.n_outputs, seed=seed
        )
        for seed in seeds
    ]
    return stack(one)


def trials(experiment: Experiment, seeds: list[int], *, place: int) -> Trials:
    """The trials that the library draws for an update: float32, inputs and targets (network, trial,
    time, channel).
    """
    drawn = [
        experiment.task.sample(
            experiment.training.trials_per_update,
            dt=experiment.network.dt,
            rng=generator(seed, "training", place),
        )
        for seed in seeds
    ]
    inputs, targets, mask = (
        np.stack(parts).astype(np.float32) for parts in list(zip(*drawn, strict=True))[:3]
    )
    return Trials(inputs, targets, mask)
