"""What is trained: a task, a network and a way of training it; and the profiles, how many networks
of which size.

The two experiments of the note are here with the recovered recipe (readings A1 to A7). An
alternative reading is another value of a field, for example `dataclasses.replace(PERCEPTION,
training=Training(updates=1000))`. A task or a network of your own needs no change here: an
`Experiment` takes it from wherever it is defined.

A profile with other seeds is named with the first one behind an @: `paper@1000` is `paper` with the
networks 1000, 1001 and so on of either task.

Of the profiles, `smoke` shows in minutes that everything runs; its small networks say nothing about
the claims. `paper` is the note's own size. `brief` has fewer networks of that size. `large` adds
networks to those of `paper`.
"""

import dataclasses
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


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Numbers that depend on the profile; None keeps the experiment's own.

    Parameters
    ----------
    n_networks : int
        Networks per task.
    n_further : int, optional
        Networks of each experiment beside the note's two; `n_networks` if not given.
    first : int
        Number of the first of them, which is added to the seed of the experiment.
    n_units, updates : int, optional
        Size of the networks and length of their training.
    n_rungs : int, optional
        Of a ladder of tasks (studies of further tasks) the first ones that are trained; all if not
        given.
    n_starts, n_steps : int
        Random starts of each search for a subspace, and length of the session it is searched in, in
        steps.
    random : dict
        What `studies.chaos.random_networks` takes instead of its own sizes.
    banner : str
        Shown on top of every page.
    """

    n_networks: int
    n_further: int | None = None
    first: int = 0
    n_units: int | None = None
    updates: int | None = None
    n_rungs: int | None = None
    n_starts: int = 50
    n_steps: int = 40_000
    random: dict = field(default_factory=dict)
    banner: str = ""

    @property
    def search(self) -> dict[str, int]:
        """What `taskrnn.activity.subspaces` takes of it."""
        return {"n_starts": self.n_starts, "n_steps": self.n_steps}


PROFILES = {
    "smoke": Profile(
        n_networks=2,
        n_units=32,
        updates=60,
        n_rungs=2,
        n_starts=5,
        n_steps=4_000,
        random={
            "tanh_sizes": (4, 6, 8),
            "relu_sizes": (4, 6),
            "n_draws": 2,
            "n_starts": 40,
            "n_large": 64,
            "n_spectrum": 24,
        },
        banner="Smoke run, not the paper's numbers.",
    ),
    "paper": Profile(n_networks=10),
    "brief": Profile(
        n_networks=6,
        n_further=2,
        banner="Six networks of the note's tasks, two of every other: not the paper's verdicts.",
    ),
    "large": Profile(n_networks=100),
}


def profile_named(name: str) -> Profile:
    """The profile; ValueError if there is none of that name, or its first network is no number."""
    kind, at, first = name.partition("@")
    if kind not in PROFILES:
        raise ValueError(f"There is no profile {name!r}; choose one of {', '.join(PROFILES)}.")
    if not at:
        return PROFILES[kind]
    most = DECISION.seed - max(profile.n_networks for profile in PROFILES.values())
    if not (first.isascii() and first.isdigit() and int(first) <= most):
        raise ValueError(
            f"The first network of {name!r} is {first!r}; give a whole number from 0 to {most}."
        )
    banner = f"Other networks: those from number {int(first)} on."
    profile = PROFILES[kind]
    return dataclasses.replace(
        profile, first=int(first), banner=f"{profile.banner} {banner}".strip()
    )


def banner(profile: str) -> str:
    """What stands on top of every page of the book; ValueError for an unknown profile."""
    return profile_named(profile).banner


def experiment_named(name: str, *, profile: str = "paper") -> Experiment:
    """The task's experiment in the size of the profile; ValueError for an unknown task or
    profile.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"There is no task {name!r}; choose one of {', '.join(EXPERIMENTS)}.")
    return in_size(EXPERIMENTS[name], profile=profile)


def in_size(experiment: Experiment, *, profile: str) -> Experiment:
    """The experiment in the size of the profile; ValueError for an unknown one."""
    size, network, training = profile_named(profile), experiment.network, experiment.training
    return dataclasses.replace(
        experiment,
        seed=experiment.seed + size.first,
        network=dataclasses.replace(network, n_units=size.n_units or network.n_units),
        training=dataclasses.replace(training, updates=size.updates or training.updates),
    )
