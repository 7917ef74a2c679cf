"""CPU seconds that every measure of the book takes for one network, in one thread.

The networks are those of the book, from the folder `data`; what is missing is trained. Each measure
is taken of the same few networks of a task, one after another in a process that has been started
before; medians are shown. The start of TensorFlow, and of each chapter, is not counted.
"""

import time
from itertools import product
from statistics import median

from benchmarks.groups import Group, Requests
from benchmarks.tables import rounded, show
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.members import each
from taskrnn.profiles import experiment_named

TASKS, NETWORKS = ("perception", "decision"), 3


def run(quick: bool) -> dict:
    """Measure and print both tasks."""
    profile, n = ("smoke", 1) if quick else ("paper", NETWORKS)
    seconds = {}
    for task in TASKS:
        ensemble(experiment_named(task, profile=profile), n, data="data")  # which the process reads
        group = Group(serve, [(task, profile, n)], n_threads=1, ours=True)
        (seconds[task],) = group.answers()
        group.stop()
    names = dict.fromkeys(name for of_task in seconds.values() for name in of_task)
    totals = [sum(of_task.values()) for of_task in seconds.values()]
    cells = [[of_task.get(name) for of_task in seconds.values()] for name in names]
    rows = [
        [name, *("" if value is None else f"{value:.1f}" for value in row)]
        for name, row in zip((*names, "all"), (*cells, totals), strict=True)
    ]
    show(f"CPU seconds of the measures, one network, profile {profile}", ["", *TASKS], rows)
    return {"profile": profile, "networks": n, "seconds": seconds}


def serve(requests: Requests, task: str, profile: str, n: int) -> None:
    """The process: take every measure of n networks and report the medians, by measure."""
    from taskrnn.networks.quiet_tensorflow import tf

    tf.zeros(1)  # starts TensorFlow
    experiment = experiment_named(task, profile=profile)
    networks = ensemble(experiment, n, data="data")
    found = {}
    for network in each(networks):
        for name, measure, settings in measures(task, profile):
            start = time.process_time()
            measure(experiment, network, **settings)
            found.setdefault(name, []).append(time.process_time() - start)
    requests.report({name: rounded(median(values)) for name, values in found.items()})
    for _ in requests:  # wait to be stopped
        pass


def measures(task: str, profile: str) -> list[tuple]:
    """Name, measure and settings of all that the chapters ask for of a network of one task."""
    from studies.chaos.measures import spectrum
    from studies.chaos.random_networks import random_networks
    from studies.chaos.reservoir import reservoir
    from studies.latent_space.measures import grid, switching
    from studies.nonlinearity.measures import information, rectification
    from studies.predictive_subspaces.measures import conditions
    from studies.predictive_subspaces.random_changes import random_changes
    from studies.regime.measures import regime
    from studies.slow_points.measures import landscape
    from studies.subtle_changes.centrality_change import centrality_change
    from studies.subtle_changes.measures import changes, losses
    from studies.training.measures import performance
    from taskrnn.activity.subspaces import subspaces
    from taskrnn.profiles import profile_named

    sizes = profile_named(profile)
    steady = grid if task == "decision" else switching
    at_times = ((performance, {}), (subspaces, sizes.search), (conditions, {}), (steady, {}))
    found = [
        (f"{measure.__name__}, {when}", measure, {"when": when, **settings})
        for (measure, settings), when in product(at_times, ("before", "after"))
    ]
    once = information, rectification, changes, losses, centrality_change, regime, landscape
    found += [(measure.__name__, measure, {}) for measure in (*once, spectrum, reservoir)]
    # The chapter on chaos takes it of one task.
    found.append(("random_changes", random_changes, {"n_steps": sizes.n_steps}))
    of_task = [("random_networks", random_networks, sizes.random)] if task == "perception" else []
    return found + of_task
