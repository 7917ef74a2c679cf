"""The profiles: how many networks of which size.

A profile with other seeds is named with the first one behind an @: `paper@1000` is `paper` with the
networks 1000, 1001 and so on of either task.

Of the profiles, `smoke` shows in minutes that everything runs; its small networks say nothing about
the claims. `paper` is the note's own size. `brief` has fewer networks of that size. `large` adds
networks of the note's tasks to those of `paper`.
"""

import dataclasses
from dataclasses import dataclass, field

from taskrnn.experiments import DECISION, EXPERIMENTS, Experiment


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
    n_tens : int
        Random tens of the networks of which each claim is judged too, where there are more.
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
    n_tens: int = 0
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
        n_networks=4,
        n_further=2,
        banner="Four networks of the note's tasks, two of every other: not the paper's verdicts.",
    ),
    "large": Profile(n_networks=100, n_further=10, n_tens=200),
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
