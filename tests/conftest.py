"""What all tests share."""

import os

# One thread and quiet, before TensorFlow is loaded: the settings under which a network's result is exact to the bit.
os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

import dataclasses

import pytest

from taskrnn.experiment import DECISION, PERCEPTION
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


@pytest.fixture(params=[PERCEPTION, DECISION], ids=lambda e: e.name)
def experiment(request):
    """Both experiments, in small."""
    return small(request.param)
