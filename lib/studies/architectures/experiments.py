"""What other architectures are trained on: memories of one and two bits, and the note's two tasks.

Their gradient is TensorFlow's and slow, so that networks are smaller, steps longer and trials
shorter than those of the ReLU networks with which they are compared. A memory is asked about pulses
that come as often in a trial.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from studies.architectures.networks import GatedNetwork, LowRankNetwork, TanhNetwork
from taskrnn.experiments import Experiment, in_size
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Schedule
from taskrnn.training.settings import Training

ARCHITECTURES = {"tanh": TanhNetwork, "gated": GatedNetwork, "low rank": LowRankNetwork}
DURATION = 2500.0  # ms, of a trial
MEMORIES = {f"memory_{k}": FlipFlop(bits=k, duration=DURATION, interval=1000.0) for k in (1, 2)}
NOTE = {
    "perception": Perception(schedule=Schedule(duration=DURATION)),
    "decision": Decision(schedule=Schedule(duration=DURATION)),
}
TASKS = MEMORIES | NOTE
UPDATES = {"memory_1": 200, "memory_2": 500, "perception": 200, "decision": 400}
SEEDS = {task: 2_850_000 + 10_000 * k for k, task in enumerate(TASKS)}

T = TypeVar("T")


def experiments(profile: str) -> list[Experiment]:
    """Every architecture on every task, in the size of the profile."""
    return [
        in_size(experiment(kind, task), profile=profile) for kind in ARCHITECTURES for task in TASKS
    ]


def experiment(kind: str, task: str) -> Experiment:
    """One architecture on one task at full size."""
    sd = (TASKS[task].n_inputs + 2) ** -0.5  # reading A4
    return Experiment(
        name=f"{kind.replace(' ', '_')}_{task}",
        task=TASKS[task],
        network=ARCHITECTURES[kind](n_units=64, dt=20.0, input_sd=sd, bias_sd=sd),
        training=Training(updates=UPDATES[task], learning_rate=0.003),
        seed=SEEDS[task],
    )


def by_kind(found: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """What belongs to each experiment, by task and then by architecture."""
    return {
        task: {kind: found[experiment(kind, task).name] for kind in ARCHITECTURES}
        for task in TASKS
    }
