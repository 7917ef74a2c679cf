"""What is trained: both tasks of the note in one network and each alone with the same inputs, and
two memories of one bit at three strengths of the context.

Networks of both tasks and of one have the same seeds and inputs, and so the same weights to begin
with. Those of the memories have their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from studies.several_tasks.tasks import OneOfTwoBits, PerceptionOrDecision
from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.profiles import in_size, profile_named
from taskrnn.training.settings import Training

NOTE = ("perception", "decision")  # names of the tasks of `PerceptionOrDecision`
BOTH = Experiment(
    name="both_tasks",
    task=PerceptionOrDecision(),
    network=RateNetwork(n_units=128, input_sd=7**-0.5, bias_sd=7**-0.5),
    training=Training(updates=1000, trials_per_update=20),
    seed=2_510_000,
)
ALONE = {  # as many trials of the task in an update as `BOTH` has
    task: replace(
        BOTH,
        name=f"{task}_alone",
        task=PerceptionOrDecision(only=k),
        training=Training(updates=1000, trials_per_update=10),
    )
    for k, task in enumerate(NOTE)
}
STRENGTHS = {"1": 1.0, "1/4": 0.25, "1/16": 0.0625}  # of the context, M3
MEMORIES = {
    strength: Experiment(
        name=f"two_memories_{strength.replace('/', '_over_')}",
        task=OneOfTwoBits(strength=value),
        network=RateNetwork(n_units=128, input_sd=6**-0.5, bias_sd=6**-0.5),
        training=Training(updates=1200),
        seed=2_550_000,
    )
    for strength, value in STRENGTHS.items()
}

T = TypeVar("T")


def experiments(profile: str) -> list[Experiment]:
    """All of them, with as many strengths as the profile has rungs and in its size."""
    memories = list(MEMORIES.values())[: profile_named(profile).n_rungs]
    return [in_size(e, profile=profile) for e in (BOTH, *ALONE.values(), *memories)]


def of_one(experiment: Experiment, k: int) -> Experiment:
    """The experiment with the k-th task of its contexts by itself, whose test trials are those of
    that context.
    """
    return replace(experiment, task=experiment.task.tasks[k])


def of_memories(found: Mapping[str, T]) -> dict[str, T]:
    """What belongs to the memories, by strength of the context; `found` has the names of
    experiments.
    """
    return {strength: found[e.name] for strength, e in MEMORIES.items() if e.name in found}
