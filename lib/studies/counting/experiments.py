"""Memories of one to four bits: the flip-flop task in networks of the note's recipe.

All have the same seeds, so that the ladder of tasks is climbed by one network after another.
"""

from collections.abc import Mapping

import xarray as xr

from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.profiles import in_size, profile_named
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.training.settings import Training

UPDATES = {1: 300, 2: 750, 3: 1500, 4: 3000}  # by bits: what brings the loss to its floor


def experiments(profile: str) -> list[Experiment]:
    """One experiment for each number of bits, in the size of the profile."""
    bits = list(UPDATES)[: profile_named(profile).n_rungs]
    return [in_size(memory(k), profile=profile) for k in bits]


def by_bits(
    experiments: Mapping[str, Experiment], found: Mapping[str, xr.Dataset]
) -> dict[int, xr.Dataset]:
    """What was found of each memory, by its number of bits."""
    return {experiments[name].task.bits: of for name, of in found.items()}


def in_bits(bits: int) -> str:
    """The size of a memory in words."""
    return f"{bits} bit{'s' * (bits > 1)}"


def in_words(task: str) -> str:
    """The name of a task as it stands in a sentence."""
    kind, _, bits = task.partition("_")
    return f"memory of {in_bits(int(bits))}" if bits else kind


def memory(bits: int) -> Experiment:
    """A memory of so many bits at full size."""
    sd = (bits + 2) ** -0.5  # reading A4
    return Experiment(
        name=f"memory_{bits}",
        task=FlipFlop(bits=bits),
        network=RateNetwork(n_units=128, input_sd=sd, bias_sd=sd),
        training=Training(updates=UPDATES[bits]),
        seed=2_200_000,
    )
