"""What a chapter works with: the networks of its tasks, what is measured of them, and its
verdicts.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import xarray as xr
from IPython.display import display

from code_identity.definitions import definition_hash
from studies import kept as kept_results
from studies import ledger, provenance
from studies.kept_file import TRAINING
from studies.other_books import does_not_stand, kept_books
from studies.tables import Text
from studies.tens import words_of_tens
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.network_files import training_hash
from taskrnn.ensembles.results import measured
from taskrnn.experiments import EXPERIMENTS, Experiment
from taskrnn.needs import LeftOut, unfit
from taskrnn.profiles import experiment_named, profile_named
from taskrnn.random_numbers import generator

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "results.json"


class Study:
    """The ensembles of some tasks; those networks that are missing are trained.

    Parameters
    ----------
    profile : str
        "smoke", "paper", "brief" or "large" (`taskrnn.profiles.PROFILES`).
    data : str or Path
        The data folder, where trained networks, results and verdicts are kept.
    experiments : iterable of Experiment, optional
        What is studied, as it stands; the note's two tasks in the size of the profile if not given.
    kept : bool
        Of given experiments, take what the repository keeps (`studies.kept`): networks without
        their recurrent weights, and the measures of the book. Without it they are trained here.

    Attributes
    ----------
    profile : Profile
    experiments : {task: Experiment}
    folders : {task: Path}, the data folder, or that of what is kept
    networks : {task: Dataset}, from `taskrnn.ensembles.ensemble`
    code : {name: hash}, of training and of every measure that was asked for
    """

    def __init__(
        self,
        profile: str,
        data: str | Path,
        *,
        experiments: Iterable[Experiment] | None = None,
        kept: bool = True,
    ):
        self.name, self.data, self.profile = profile, data, profile_named(profile)
        n = self.profile.n_further or self.profile.n_networks
        if experiments is None:
            kept = False
            experiments = [experiment_named(task, profile=profile) for task in EXPERIMENTS]
            n = self.profile.n_networks
        self.experiments = {experiment.name: experiment for experiment in experiments}
        places = {
            task: kept_results.place(e, n, data=data) if kept else None
            for task, e in self.experiments.items()
        }
        self.folders = {task: where or Path(data) for task, where in places.items()}
        self.networks = {
            task: ensemble(e, n, data=self.folders[task]) for task, e in self.experiments.items()
        }
        self.code = {f"{TRAINING}{task}": training_hash(e) for task, e in self.experiments.items()}
        provenance.made_from(provenance.of_networks(self.networks, profile=profile))
        for where in set(places.values()) - {None}:
            provenance.made_from(kept_results.source(where))

    def __repr__(self) -> str:
        tasks = ", ".join(self.experiments)
        n = next(iter(self.networks.values())).sizes["network"]
        return f"Study of {n} networks of {tasks}, profile {self.name}"

    def measure(
        self,
        measure: Callable[..., xr.Dataset],
        *,
        tasks: tuple[str, ...] | None = None,
        when: tuple[str, ...] | None = None,
        **settings,
    ) -> dict[str, xr.Dataset]:
        """A measure of every network, by task; what is on disk is read, the rest is computed in
        parallel. Tasks and networks that the measure does not fit are left out, and named.

        Parameters
        ----------
        measure : callable(experiment, network, **settings) -> Dataset
            As `taskrnn.ensembles.results.measured` takes it.
        tasks : tuple of str, optional
            All of the study if not given.
        when : tuple of str, optional
            For a measure with a keyword `when`: the times at which it is taken, which become an
            axis.
        **settings
            Keywords of the measure.

        Returns
        -------
        {task: Dataset}
            With the axes `network` and, if it is asked for, `when` before those of the measure.
        """
        asked = tuple(self.experiments) if tasks is None else tasks
        self.code |= code_of(measure)
        reasons = {task: unfit(measure, self.experiments[task]) for task in asked}
        if left_out := {task: why for task, why in reasons.items() if why}:
            display(LeftOut(what=measure.__name__, reasons=left_out))
        return {
            task: self._measured(measure, task, when, settings)
            for task in asked
            if task not in left_out
        }

    def _measured(
        self, measure: Callable, task: str, when: tuple[str, ...] | None, settings: dict
    ) -> xr.Dataset:
        def at(**time: str) -> xr.Dataset:
            return measured(
                measure,
                self.experiments[task],
                self.networks[task],
                data=self.folders[task],
                **time,
                **settings,
            )

        if when is None:
            return at()
        times = [at(when=time) for time in when]
        found = xr.concat(
            times, "when", data_vars="all", join="exact", combine_attrs="drop_conflicts"
        )
        return found.assign_coords(when=list(when)).transpose("network", "when", ...)

    def judge(self, claim: Callable[..., ledger.Result], *arguments, **keywords) -> ledger.Result:
        """Judge a claim, and record its verdict for the front page with the code that it hangs on:
        of training, of what this study has measured until now, and of the claim.

        A sentence is displayed if a book that is kept in the repository has another word. Where the
        profile asks for it, the claim is also judged of random tens of the networks.
        """
        result, n = claim(*arguments, **keywords), self.profile.n_tens
        tens: dict[str, int] = {}
        if n:
            rng, n_networks = generator(0, f"tens of {result.claim}"), self.profile.n_networks
            tens = words_of_tens(claim, arguments, keywords, n_networks=n_networks, n=n, rng=rng)
        if said := does_not_stand(result.claim, result.verdict, kept_books(kept_runs())):
            display(Text(said))
        return ledger.record(
            replace(result, tens=tens, code=self.code | code_of(claim)),
            data=self.data,
            profile=self.name,
        )


def code_of(definition: Callable) -> dict[str, str]:
    """The hash of the code of a measure or a claim by its name; empty for one in a notebook's cell,
    whose code nobody keeps.
    """
    try:
        return {f"{definition.__module__}.{definition.__name__}": definition_hash(definition)}
    except ValueError:
        return {}


def kept_runs() -> list[dict]:
    """The books that are kept in the repository, as `python -m benchmarks machines` left them."""
    return json.loads(BENCHMARKS.read_text()).get("machines", {}).get("runs", [])


def benchmark(*sections: str) -> dict[str, dict]:
    """What `python -m benchmarks` has measured last, by section; an empty dictionary for one that
    it has not.
    """
    recorded = json.loads(BENCHMARKS.read_text())
    found = {name: recorded.get(name, {}) for name in sections}
    machines = [section["machine"] for section in found.values() if section]
    if machines:
        days = sorted({machine["date"][:10] for machine in machines})
        commits = list(dict.fromkeys(machine["taskrnn"] for machine in machines))
        when = " to ".join(dict.fromkeys([days[0], days[-1]]))
        provenance.made_from(
            f"benchmarks/results.json, measured {when} at commit {', '.join(commits)}"
        )
    return found
