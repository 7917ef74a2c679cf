"""How many networks, and how large: the one table of the profiles.

`smoke` shows in minutes that everything runs; its small networks say nothing about the claims. `paper` is the note's
own size. `large` adds networks to those of `paper`.
"""

import dataclasses
from dataclasses import dataclass, field

from taskrnn.experiment import EXPERIMENTS, Experiment


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Numbers that depend on the profile; None keeps the experiment's own.

    Parameters
    ----------
    n_networks : int
        Networks per task.
    n_units, updates : int, optional
        Size of the networks and length of their training.
    n_starts, n_steps : int
        Random starts of each search for a subspace, and length of the session it is searched in, in steps.
    random : dict
        What `taskrnn.measures.random_networks` takes instead of its own sizes.
    banner : str
        Shown on top of every page.
    """

    n_networks: int
    n_units: int | None = None
    updates: int | None = None
    n_starts: int = 50
    n_steps: int = 40_000
    random: dict = field(default_factory=dict)
    banner: str = ""

    @property
    def search(self) -> dict[str, int]:
        """What `taskrnn.measures.subspaces` takes of it."""
        return {"n_starts": self.n_starts, "n_steps": self.n_steps}


PROFILES = {
    "smoke": Profile(
        n_networks=2,
        n_units=32,
        updates=60,
        n_starts=5,
        n_steps=4_000,
        random={"tanh_sizes": (4, 6, 8), "relu_sizes": (4, 6), "n_draws": 2, "n_starts": 40, "n_large": 64, "n_spectrum": 24},
        banner="Smoke run, not the paper's numbers.",
    ),
    "paper": Profile(n_networks=10),
    "large": Profile(n_networks=100),
}


def profile_named(name: str) -> Profile:
    """The profile; ValueError if there is none of that name."""
    if name not in PROFILES:
        raise ValueError(f"There is no profile {name!r}; choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]


def banner(profile: str) -> str:
    """What stands on top of every page of the book; ValueError for an unknown profile."""
    return profile_named(profile).banner


def experiment_named(name: str, *, profile: str = "paper") -> Experiment:
    """The task's experiment in the size of the profile; ValueError for an unknown task or profile."""
    if name not in EXPERIMENTS:
        raise ValueError(f"There is no task {name!r}; choose one of {', '.join(EXPERIMENTS)}.")
    experiment, size = EXPERIMENTS[name], profile_named(profile)
    network, training = experiment.network, experiment.training
    return dataclasses.replace(
        experiment,
        network=dataclasses.replace(network, n_units=size.n_units or network.n_units),
        training=dataclasses.replace(training, updates=size.updates or training.updates),
    )
