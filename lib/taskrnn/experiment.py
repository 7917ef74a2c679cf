"""An experiment: a task, a network and a way of training it.

The two experiments of the note are here with the recovered recipe (readings A1 to A7). An alternative reading is another
value of a field, for example `dataclasses.replace(PERCEPTION, training=Training(updates=1000))`. A new task is trained by
adding its file to `taskrnn.tasks` and its line to `EXPERIMENTS`.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from taskrnn.network import Network
from taskrnn.training_settings import Training
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Task


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is trained and how.

    Parameters
    ----------
    name : str
        Used in file names and figures.
    task : Task
    network : Network
    training : Training
    seed : int
        Seed of network 0; network k has seed + k.
    """

    name: str
    task: Task
    network: Network
    training: Training = field(default_factory=Training)
    seed: int = 0

    def settings(self) -> dict:
        """All settings as plain values, with the name of the task's class."""
        settings = asdict(self)
        settings["task"] = {"class": type(self.task).__name__, **settings["task"]}
        return settings

    def digest(self) -> str:
        """SHA-256 of the settings, without the name."""
        settings = self.settings()
        del settings["name"]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


# The seeds are far apart so that no network of one task shares its random numbers with one of the other.
PERCEPTION = Experiment(
    name="perception",
    task=Perception(),
    network=Network(n_units=128, input_sd=3**-0.5, bias_sd=3**-0.5),
)
DECISION = Experiment(
    name="decision",
    task=Decision(),
    network=Network(n_units=256, input_sd=0.25, bias_sd=0.5),
    seed=1_000_000,
)
EXPERIMENTS = {experiment.name: experiment for experiment in (PERCEPTION, DECISION)}
