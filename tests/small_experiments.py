"""Experiments that train in a moment."""

import dataclasses

from taskrnn.tasks.trials import Schedule
from taskrnn.training_settings import Training


def small(experiment, **training):
    """The experiment with 8 units, trials of 1.5 s and two updates."""
    schedule = Schedule(duration=1500.0)
    return dataclasses.replace(
        experiment,
        task=dataclasses.replace(experiment.task, schedule=schedule),
        network=dataclasses.replace(experiment.network, n_units=8),
        training=Training(**({"updates": 2, "trials_per_update": 3} | training)),
    )
