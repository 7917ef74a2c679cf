"""What is trained: a task, a network and a way of training it.

The two experiments of the note are here with the recovered recipe (readings A1 to A7). An
alternative reading is another value of a field, for example `dataclasses.replace(PERCEPTION,
training=Training(updates=1000))`. A task or a network of your own needs no change here: an
`Experiment` takes it from wherever it is defined.
"""

import hashlib
import json
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any

from taskrnn.checks import require_numbers
from taskrnn.networks.network import Network
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Task
from taskrnn.training.settings import Training


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is trained and how.

    Parameters
    ----------
    name : str
        Used in file names and figures.
    task : Task
        A frozen dataclass, see `taskrnn.tasks.trials.Task`.
    network : Network
        A `RateNetwork` or one of your own.
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
        if not isinstance(self.name, str) or not self.name or set(self.name) & set("/\\\0"):
            raise ValueError(
                f"Experiment.name is {self.name!r}; it is part of file names, so give one without "
                "slashes."
            )
        if not isinstance(self.network, Network) or not isinstance(self.training, Training):
            raise ValueError(
                "An Experiment takes a network below taskrnn.networks.network.Network, such as a "
                "RateNetwork, and a Training."
            )
        task = type(self.task).__name__
        lacks = [
            name
            for name in ("n_inputs", "n_outputs", "sample", "error")
            if not hasattr(self.task, name)
        ]
        if lacks or not is_dataclass(self.task) or isinstance(self.task, type):
            raise ValueError(
                f"An Experiment takes a task that is a frozen dataclass with n_inputs, n_outputs, "
                f"sample and error; {task} lacks {', '.join(lacks) or 'the dataclass'}."
            )
        require_numbers(self)
        # Also of those that do not ask for it themselves: equal settings are one ensemble.
        for part in self.parts():
            require_numbers(part)
        if self.seed < 0:
            raise ValueError(f"Experiment.seed is {self.seed}; give 0 or more.")
        self._require_possible_targets()
        try:
            self.digest()
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"The settings of {task} cannot be written as JSON ({error}); give plain values."
            ) from None

    def _require_possible_targets(self):
        """ValueError if the task asks for outputs below 0 of a network that cannot give them, whose
        loss would stand still and look like slow learning.
        """
        if not self.network.outputs_are_positive:
            return
        rng = generator(self.seed, "targets that can be reached")
        lowest = self.task.sample(10, dt=self.network.dt, rng=rng).targets.min()
        if lowest < 0:
            raise ValueError(
                f"{type(self.task).__name__} has targets down to {lowest:.3g}, and this network "
                "has no output below 0: its rates and its uniform readout are not negative. Move "
                "the targets above 0, or give it readout='gaussian'."
            )

    def parts(self) -> tuple:
        """The settings that may be of a class of your own: its code decides what is trained."""
        return (self.task, self.network, *self.training.penalties)

    def settings(self) -> dict:
        """All settings as plain values, with the names of classes."""
        return plain(self)

    def digest(self) -> str:
        """SHA-256 of the settings that differ from their defaults, without the name.

        So a new setting, at its default, leaves the networks that there are what they were. What
        the defaults are is part of the code, whose hash stands beside this one.
        """
        chosen = plain(self, all_fields=False)
        del chosen["name"]
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def plain(value, *, all_fields: bool = True):
    """Settings as plain values: a dataclass becomes a dictionary, with the name of its class.

    Parameters
    ----------
    all_fields : bool
        Fields at their default too.
    """
    if isinstance(value, list | tuple):
        return [plain(each, all_fields=all_fields) for each in value]
    if not is_dataclass(value):
        return value
    settings = {"class": type(value).__name__}
    for of in fields(value):
        own = getattr(value, of.name)
        default: Any = of.default
        if callable(of.default_factory):
            default = of.default_factory()
        if all_fields or not given(default) or type(own) is not type(default) or own != default:
            settings[of.name] = plain(own, all_fields=all_fields)
    return settings


def given(default: Any) -> bool:
    """Whether a field has this default. A class that went to another process with its script has a
    MISSING of its own.
    """
    return not isinstance(default, type(MISSING))


# The seeds are far apart so that no network of one task shares its random numbers with one of the
# other.
PERCEPTION = Experiment(
    name="perception",
    task=Perception(),
    network=RateNetwork(n_units=128, input_sd=3**-0.5, bias_sd=3**-0.5),
)
DECISION = Experiment(
    name="decision",
    task=Decision(),
    network=RateNetwork(n_units=256, input_sd=0.25, bias_sd=0.5),
    seed=1_000_000,
)
EXPERIMENTS = {experiment.name: experiment for experiment in (PERCEPTION, DECISION)}
