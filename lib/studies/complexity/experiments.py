"""What is trained for this chapter alone: networks of other sizes, at both ends of the ladder of
distances.
"""

from collections.abc import Mapping
from dataclasses import replace

import xarray as xr

from studies.dimension.experiments import experiments as of_dimensions
from taskrnn.experiments import Experiment
from taskrnn.tasks.distance import Distance

TIMES = (0.5, 2)  # as many units as the networks of the ladder have
APART = 750_000  # seeds: those of the ladder begin at 2,000,000, these at 2,750,000


def distances(profile: str) -> list[Experiment]:
    """The ladder of distances of the chapter on dimensions."""
    return [e for e in of_dimensions(profile) if isinstance(e.task, Distance)]


def experiments(profile: str) -> list[Experiment]:
    """The easiest and the hardest distance of the ladder in each of the other sizes."""
    ladder = distances(profile)
    return [sized(e, times) for times in TIMES for e in (ladder[0], ladder[-1])]


def sized(experiment: Experiment, times: float) -> Experiment:
    """The experiment with so many times as many units, and seeds of its own."""
    n = round(times * experiment.network.n_units)
    return replace(
        experiment,
        name=f"{experiment.name}_of_{n}",
        network=replace(experiment.network, n_units=n),
        seed=experiment.seed + APART,
    )


def by_size(
    experiments: Mapping[str, Experiment], found: Mapping[str, xr.Dataset]
) -> dict[int, dict[int, xr.Dataset]]:
    """What was found of each experiment, by number of units and of dimensions."""
    sizes: dict[int, dict[int, xr.Dataset]] = {}
    for name, of in found.items():
        e = experiments[name]
        sizes.setdefault(e.network.n_units, {})[e.task.dimensions] = of
    return sizes
