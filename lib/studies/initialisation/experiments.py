"""Who gives weights to whom: networks that this book trains, and others that begin with them.

A network with number k of a task gives its weights to another network of number k, which has a seed
of its own. Nothing is trained here but the other network, from several starts.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.counting.experiments import in_words, memory
from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.profiles import in_size


class Target(NamedTuple):
    """What the other networks learn.

    seed : int, that of the other network with number 0
    criterion : float, largest error in the task (`taskrnn.tasks.trials.Task.error`) of a network
        that has learned it
    """

    seed: int
    criterion: float


# P1; the accuracy of P2; 99 % of the steps that count
TARGETS = {
    "perception": Target(2_600_000, 0.05),
    "decision": Target(2_620_000, 0.05),
    "memory_2": Target(2_640_000, 0.01),
}
MEMORY = "memory_2"
LADDER = {1: "perception", 3: "memory_1", 9: MEMORY}  # who has so many points at zero input, T2
DONORS = {e.name: e for e in (PERCEPTION, DECISION, memory(1), memory(2))}
IN_WORDS = {task: in_words(task) for task in TARGETS}


def experiments(profile: str) -> list[Experiment]:
    """Those whose networks give their weights, in the size of the profile."""
    return [in_size(experiment, profile=profile) for experiment in DONORS.values()]


def other_seed(experiment: Experiment, network: xr.Dataset) -> int:
    """Seed of the network that one donor gives its weights to."""
    return TARGETS[experiment.name].seed + int(network.seed[0]) - DONORS[experiment.name].seed


def with_ladder(networks: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """The memories of two bits, each with the networks of the same number that have fewer points.

    Parameters
    ----------
    networks : {experiment: from `taskrnn.ensembles.ensemble`}

    Returns
    -------
    Dataset, the ensemble of `MEMORY` with, along `points`,
        fewer_recurrent (network, points, unit, from_unit), fewer_bias (network, points, unit) :
            of the trained networks; missing if networks are kept without their weights
        checksum (network,) : of all three files
    """
    fewer = {n: networks[name] for n, name in LADDER.items() if name != MEMORY}
    own = networks[MEMORY]
    files = zip(*(of.checksum.values.tolist() for of in (own, *fewer.values())), strict=True)
    own = own.assign(checksum=("network", [" ".join(of) for of in files]))
    if any("recurrent_after" not in of for of in (own, *fewer.values())):
        return own  # for what has been measured of them
    recurrent, bias = (
        np.stack([of[name].values for of in fewer.values()], axis=1)
        for name in ("recurrent_after", "bias")
    )
    variables = {
        "fewer_recurrent": (("network", "points", "unit", "from_unit"), recurrent),
        "fewer_bias": (("network", "points", "unit"), bias),
    }
    return own.assign(variables).assign_coords(points=list(fewer))
