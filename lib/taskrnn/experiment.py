"""An experiment: a task, a network and a way of training it.

The two experiments of the note are here with the recovered recipe (readings A1 to A7). An alternative reading is another
value of a field, for example `dataclasses.replace(PERCEPTION, training=Training(updates=1000))`. A new task is trained by
adding its file to `taskrnn.tasks` and its line to `EXPERIMENTS`.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, is_dataclass

from taskrnn.checks import require_numbers
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

    def __post_init__(self):
        if not isinstance(self.network, Network) or not isinstance(self.training, Training) or not is_dataclass(self.task):
            raise ValueError("An Experiment takes a task that is a frozen dataclass, a Network and a Training.")
        if not isinstance(self.name, str) or not self.name or set(self.name) & set("/\\\0"):
            raise ValueError(f"Experiment.name is {self.name!r}; it is part of file names, so give one without slashes.")
        require_numbers(self)
        require_numbers(self.task)  # also of tasks that do not ask for it themselves: equal settings are one ensemble
        if self.seed < 0:
            raise ValueError(f"Experiment.seed is {self.seed}; give 0 or more.")
        try:
            self.digest()
        except (TypeError, ValueError) as error:
            task = type(self.task).__name__
            raise ValueError(f"The settings of {task} cannot be written as JSON ({error}); give plain values.") from None

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
