"""What is trained: two tasks in 1, 2, 4 and 8 dimensions.

The standard deviations of input weights and biases are the same on every rung of a ladder, so that
the total input of a unit has one law. All rungs share their seeds, and so the
recurrent weights they begin with.
"""

from collections.abc import Mapping

import xarray as xr

from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.profiles import in_size, profile_named
from taskrnn.tasks.distance import Distance
from taskrnn.tasks.farther import Farther
from taskrnn.training.settings import Training

DISTANCE = [
    Experiment(
        name=f"distance_{d}",
        task=Distance(dimensions=d),
        network=RateNetwork(n_units=128, input_sd=3**-0.5, bias_sd=3**-0.5),
        training=Training(updates=500),
        seed=2_000_000,
    )
    for d in (1, 2, 4, 8)
]
FARTHER = [
    Experiment(
        name=f"farther_{d}",
        task=Farther(dimensions=d),
        network=RateNetwork(n_units=256, input_sd=0.25, bias_sd=0.5),
        training=Training(updates=updates),
        seed=2_100_000,
    )
    for d, updates in {1: 500, 2: 1000, 4: 1500, 8: 2000}.items()
]


def experiments(profile: str) -> list[Experiment]:
    """Those of both ladders, as many rungs as the profile has and in its size."""
    rungs = slice(profile_named(profile).n_rungs)
    return [in_size(e, profile=profile) for e in DISTANCE[rungs] + FARTHER[rungs]]


def ladder(experiments: Mapping[str, Experiment], task: type, *, least: int = 1) -> dict[int, str]:
    """Names of the experiments with a task of this class, by its number of dimensions, from `least`
    on.
    """
    return {
        e.task.dimensions: name
        for name, e in experiments.items()
        if isinstance(e.task, task) and e.task.dimensions >= least
    }


def ladders(
    experiments: Mapping[str, Experiment], found: Mapping[str, xr.Dataset]
) -> dict[str, dict[int, xr.Dataset]]:
    """What was found of each experiment, by name of the task and number of dimensions."""
    tasks = {"distance": Distance, "farther": Farther}
    return {name: along(ladder(experiments, task), found) for name, task in tasks.items()}


def along(ladder: Mapping[int, str], found: Mapping[str, xr.Dataset]) -> dict[int, xr.Dataset]:
    """What was found of each experiment of a ladder, by number of dimensions."""
    return {d: found[name] for d, name in ladder.items()}
