"""What other architectures are trained on: memories of one and two bits, and the note's two tasks.

Their gradient is TensorFlow's and slow, so that networks are smaller, steps longer and trials
shorter than those of the ReLU networks with which they are compared. A memory is asked about pulses
that come as often in a trial.
"""

from collections.abc import Mapping

import xarray as xr

from studies.architectures.networks import GatedNetwork, LowRankNetwork, TanhNetwork
from studies.architectures.random_matrices import SIZES
from taskrnn.experiments import Experiment
from taskrnn.profiles import in_size, profile_named
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Schedule
from taskrnn.training.settings import Training

ARCHITECTURES = {"tanh": TanhNetwork, "gated": GatedNetwork, "low rank": LowRankNetwork}
MEMORIES = {f"memory_{k}": FlipFlop(bits=k, duration=2500.0, interval=1000.0) for k in (1, 2)}
SHORT = Schedule(duration=1500.0)
NOTE = {"perception": Perception(schedule=SHORT), "decision": Decision(schedule=SHORT)}
TASKS = MEMORIES | NOTE
UPDATES = {"memory_1": 300, "memory_2": 900, "perception": 120, "decision": 200}
SEEDS = {task: 2_850_000 + 10_000 * k for k, task in enumerate(TASKS)}


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
        training=Training(updates=UPDATES[task], learning_rate=0.005),
        seed=SEEDS[task],
    )


def by_task(found: Mapping[str, xr.Dataset]) -> dict[str, dict[str, xr.Dataset]]:
    """What was found of every experiment, by task and then by architecture."""
    return {
        task: {kind: found[experiment(kind, task).name] for kind in ARCHITECTURES} for task in TASKS
    }


def sizes(profile: str) -> dict[str, tuple[int, ...]]:
    """What `studies.architectures.random_matrices.families` takes in the size of the profile."""
    return {"sizes": SIZES[: profile_named(profile).n_rungs]}
