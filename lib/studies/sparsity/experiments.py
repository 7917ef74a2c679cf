"""The two tasks of the note with sparse weights, with sparse activity, and with neither.

All networks of a task have the same seeds, so that each is compared with itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from studies.sparsity.subgradient import AbsoluteWeights
from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.profiles import in_size
from taskrnn.training.penalties import RatePenalty
from taskrnn.training.settings import Training

SEEDS = {"perception": 2_700_000, "decision": 2_800_000}
TASKS = {task.name: replace(task, seed=SEEDS[task.name]) for task in (PERCEPTION, DECISION)}
STRENGTHS = {f"shrink_{strength}": strength for strength in (0.2, 0.4, 0.8)}
WEAKEST, JUDGED = "shrink_0.2", "shrink_0.8"  # the latter of K1 and K2
KINDS = {
    "dense": Training(),
    **{kind: Training(shrink=strength) for kind, strength in STRENGTHS.items()},
    "rate": Training(penalties=(RatePenalty(strength=0.1),)),
}
SUBGRADIENT = Training(penalties=(AbsoluteWeights(strength=1e-5),))

T = TypeVar("T")


def experiments(profile: str) -> list[Experiment]:
    """Every kind of both tasks, and the subgradient in one of them, in the size of the profile."""
    found = {f"{task}_{kind}": (task, KINDS[kind]) for task in TASKS for kind in KINDS}
    found["perception_subgradient"] = "perception", SUBGRADIENT
    return [
        in_size(replace(TASKS[task], name=name, training=training), profile=profile)
        for name, (task, training) in found.items()
    ]


def names(*kinds: str) -> tuple[str, ...]:
    """The experiments of some kinds."""
    return tuple(f"{task}_{kind}" for kind in kinds for task in TASKS)


def of_kind(found: Mapping[str, T], kind: str) -> dict[str, T]:
    """What belongs to one kind, by task; `found` has the names of experiments."""
    return {task: found[f"{task}_{kind}"] for task in TASKS}
