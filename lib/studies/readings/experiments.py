"""The alternative readings of the note (A1 to A7 and A9), one at a time, what it leaves open of the
optimizer, and the cross of three.

They were written ahead in the table of readings; the values of the optimizer were chosen before
any network was trained with them. The three that are crossed are of the points A2, A3 and A5, which
turn the most words of all points of the table: of each the reading that turns the most, and of two
equal ones in A3 that of the recovered recipe. The choice was made before any cross was trained.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from taskrnn.experiments import EXPERIMENTS, Experiment
from taskrnn.profiles import in_size
from taskrnn.tasks.trials import Schedule
from taskrnn.training.settings import Training

N_STARTS, N_STEPS = 10, 20_000  # at most: less than in the book's first half, to save time


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is other than in the recovered recipe.

    point : str, of the table of readings, or "optimizer"; of a cross, all of them
    name : str, a few words
    network, training, schedule : settings of both tasks that are other
    of_task : {task: {part: settings}}, settings of one task alone
    window : int, of the searches for subspaces, in steps; only claims of subspaces hang on it
    """

    point: str
    name: str
    network: Mapping[str, object] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    schedule: Mapping[str, object] = field(default_factory=dict)
    of_task: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    window: int | None = None

    def experiment(self, task: str, *, profile: str) -> Experiment:
        """The note's experiment with these settings, in the size of the profile."""
        base, own = EXPERIMENTS[task], self.of_task.get(task, {})
        settings = dict(own.get("task", {}))
        if self.schedule:
            settings["schedule"] = Schedule(**self.schedule)
        other = replace(
            base,
            task=replace(base.task, **settings),
            network=replace(base.network, **self.network, **own.get("network", {})),
            training=Training(**self.training),
        )
        return in_size(other, profile=profile)

    def identity(self, *, profile: str) -> str:
        """A digest of all settings that the words of this reading hang on."""
        digests = [self.experiment(task, profile=profile).digest() for task in EXPERIMENTS]
        known = [*digests, self.window, N_STARTS, N_STEPS]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def noise_times(factor: float) -> dict:
    """The input noise of both tasks, times a factor."""
    return {
        task: {"task": {"input_noise": factor * experiment.task.input_noise}}
        for task, experiment in EXPERIMENTS.items()
    }


def together(*readings: Reading) -> Reading:
    """The reading that makes the choices of all of them, each of network, training or schedule."""
    parts = {
        part: {key: value for of in readings for key, value in getattr(of, part).items()}
        for part in ("network", "training", "schedule")
    }
    return Reading(
        point=" ".join(of.point for of in readings),
        name=", ".join(of.name for of in readings),
        **parts,
    )


RECOVERED = Reading(point="", name="recovered recipe")
GAUSSIAN_READOUT = Reading(point="A2", name="Gaussian readout", network={"readout": "gaussian"})
SHARED_NOISE = Reading(point="A3", name="noise that units share", network={"noise": "shared"})
STOPPED = Reading(point="A5", name="stopped at the criterion", training={"stop_error": 0.05})
CROSSED = (GAUSSIAN_READOUT, SHARED_NOISE, STOPPED)
CROSSES = tuple(together(*some) for n in (2, 3) for some in combinations(CROSSED, n))
# Those that take longest stand last.
READINGS = (
    RECOVERED,
    Reading(point="A1", name="weights of sd 1/sqrt(N)", network={"gain": 1.0}),
    Reading(
        point="A1", name="weights of variance 1/sqrt(N)", network={"gain": 1.0, "gain_power": 0.25}
    ),
    GAUSSIAN_READOUT,
    SHARED_NOISE,
    Reading(point="A3", name="noise outside f", network={"noise": "outside"}),
    Reading(
        point="A4",
        name="input weights of sd 1/2",
        of_task={"decision": {"network": {"input_sd": 0.5}}},
    ),
    Reading(point="A5", name="no switch", schedule={"switches": 0}),
    STOPPED,
    Reading(point="A6", name="half the input noise", of_task=noise_times(0.5)),
    Reading(point="A6", name="twice the input noise", of_task=noise_times(2.0)),
    Reading(
        point="A6",
        name="answers 0 and 1",
        of_task={"decision": {"task": {"first_larger": 0.0, "second_larger": 1.0}}},
    ),
    Reading(
        point="A7",
        name="the whole trial counts",
        schedule={"ignore_start": 0.0, "ignore_before": 0.0, "ignore_after": 0.0},
    ),
    Reading(
        point="optimizer",
        name="gradient descent with momentum",
        training={"optimizer": "sgd", "learning_rate": 0.01},
    ),
    Reading(point="optimizer", name="a third of the rate", training={"learning_rate": 0.001 / 3}),
    Reading(point="optimizer", name="three times the rate", training={"learning_rate": 0.003}),
    Reading(point="optimizer", name="Adam's epsilon 0.001", training={"epsilon": 1e-3}),
    Reading(point="optimizer", name="weight decay 0.1", training={"weight_decay": 0.1}),
    Reading(point="A9", name="windows of 2 steps", window=2),
    Reading(point="A9", name="windows of 20 steps", window=20),
    *CROSSES,
    Reading(point="A5", name="trials of 15 s", schedule={"duration": 15_000.0}),
    Reading(point="A5", name="50 trials per update", training={"trials_per_update": 50}),
    Reading(point="A5", name="1000 updates", training={"updates": 1000}),
)
