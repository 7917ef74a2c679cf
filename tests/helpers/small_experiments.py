"""Experiments that train in a moment."""

import dataclasses

import xarray as xr

from taskrnn.networks.network import untrained_weights
from taskrnn.tasks.trials import Schedule
from taskrnn.training.settings import Training


def small(experiment, **training):
    """The experiment with 8 units, trials of 1.5 s and two updates."""
    schedule = Schedule(duration=1500.0)
    return dataclasses.replace(
        experiment,
        task=dataclasses.replace(experiment.task, schedule=schedule),
        network=dataclasses.replace(experiment.network, n_units=8),
        training=Training(**({"updates": 2, "trials_per_update": 3} | training)),
    )


def one_network(experiment, *, scale=1.0, seed=3):
    """An ensemble of one, half as strong after training as before."""
    w = untrained_weights(
        experiment.network, n_inputs=experiment.task.n_inputs, n_outputs=1, seed=seed
    )
    square = ("network", "unit", "from_unit")
    return xr.Dataset(
        {
            "recurrent_before": (square, scale * w.recurrent),
            "recurrent_after": (square, scale * w.recurrent / 2),
            "input_weights": (("network", "unit", "input"), w.input),
            "bias": (("network", "unit"), w.bias),
            "readout": (("network", "output", "unit"), w.readout),
            "seed": ("network", [seed]),
        }
    )
