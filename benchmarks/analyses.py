"""How the time and memory of every analysis grow with the number of networks.

Each analysis runs in a fresh process on networks that are trained and on disk, none of them
analysed yet. The networks are those of the smoke profile and the settings are small, because growth
and not time is the question. The first networks of an ensemble are analysed before any time is
taken: starting the workers is no part of the growth.
"""

import multiprocessing
import resource
import tempfile
import time
from multiprocessing.connection import Connection

import loky

from benchmarks.growth import peak_megabytes
from benchmarks.tables import rounded, show
from studies.chaos import measures as spectrum
from studies.chaos import reservoir
from studies.latent_space import measures as latent_space
from studies.nonlinearity import measures as nonlinearity
from studies.predictive_subspaces import measures as conditions
from studies.regime import measures as regime
from studies.slow_points import measures as slow_points
from studies.subtle_changes import measures as subtle_changes
from studies.subtle_changes.centrality_change import centrality_change
from taskrnn.activity import subspaces
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.results import measured
from taskrnn.profiles import experiment_named

WARM = 2  # networks analysed first

# What the chapters ask for, in small: the measure, the task, and its settings.
ANALYSES = {
    "subspaces": (
        subspaces.subspaces,
        "decision",
        {"when": "after", "n_starts": 2, "n_steps": 1000, "dimensions": [1, 2]},
    ),
    "subspaces by input": (
        conditions.conditions,
        "decision",
        {"when": "after", "n_starts": 2, "n_steps": 1000, "dimensions": [1, 2]},
    ),
    "steady states": (latent_space.grid, "decision", {"when": "after", "points": 5}),
    "switching": (latent_space.switching, "perception", {"when": "after", "points": 5}),
    "information along theta": (
        nonlinearity.information,
        "decision",
        {"degrees": [0.0, 10.0], "n_starts": 1, "n_steps": 1000},
    ),
    "use of the rectifier": (nonlinearity.rectification, "decision", {"n_trials": 10}),
    "weight changes": (subtle_changes.changes, "decision", {"n_draws": 2}),
    "losses of truncated changes": (subtle_changes.losses, "decision", {"n_trials": 5}),
    "centralities": (centrality_change, "decision", {"n_draws": 1}),
    "regime": (
        regime.regime,
        "decision",
        {"n_steps": 500, "n_inputs": 1, "n_starts": 2, "n_joint": 100, "gains": [1.2]},
    ),
    "fixed points": (
        slow_points.landscape,
        "decision",
        {"n_path": 3, "n_trials": 1, "n_starts": 2, "n_descents": 4, "n_draws": 1},
    ),
    "spectrum": (spectrum.spectrum, "decision", {"n_steps": 300}),
    "reservoir": (
        reservoir.reservoir,
        "decision",
        {"gains": [1.2], "n_trials": 5, "n_test": 10, "n_steps": 300, "n_starts": 1},
    ),
}


def run(quick: bool) -> dict:
    """Measure and print time and memory of every analysis at two numbers of networks."""
    counts = (2, 4) if quick else (10, 100)
    analyses = dict(list(ANALYSES.items())[2:4]) if quick else ANALYSES
    points = {}
    with tempfile.TemporaryDirectory() as data:
        for task in {task for _, task, _ in analyses.values()}:
            ensemble(experiment_named(task, profile="smoke"), max(counts) + WARM, data=data)
        for name, analysis in analyses.items():
            points[name] = [point(*analysis, n, data) for n in counts]
    header = [
        "analysis",
        *(f"{column}, {n}" for column in ("s", "MB here", "MB in a worker") for n in counts),
        "ratio of times",
    ]
    rows = [
        [
            name,
            *(f"{p[key]:.3g}" for key in ("seconds", "here_mb", "worker_mb") for p in pair),
            f"{pair[1]['seconds'] / pair[0]['seconds']:.1f}",
        ]
        for name, pair in points.items()
    ]
    show("Growth of the analyses with the number of networks", header, rows)
    return {"counts": counts, "points": points}


def point(measure, task: str, settings: dict, n: int, data: str) -> dict:
    """One analysis of n networks in a process of its own, its results thrown away."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=analyse, args=(there, measure, task, settings, n, data))
    process.start()
    there.close()
    try:
        answer = here.recv()
    except EOFError:
        raise SystemExit(
            f"The analysis {measure.__name__} has failed; its own message is above."
        ) from None
    process.join()
    return answer


def analyse(connection: Connection, measure, task: str, settings: dict, n: int, data: str) -> None:
    """The process: analyse WARM networks, then n others, and report."""
    import shutil
    from pathlib import Path

    from taskrnn.ensembles.network_files import folder

    experiment = experiment_named(task, profile="smoke")
    networks = ensemble(experiment, n + WARM, data=data)
    for results in folder(experiment, Path(data)).glob("*.*/"):
        shutil.rmtree(results)
    measured(measure, experiment, networks.isel(network=slice(n, None)), data=data, **settings)
    start = time.perf_counter()
    measured(measure, experiment, networks.isel(network=slice(n)), data=data, **settings)
    seconds = time.perf_counter() - start
    loky.get_reusable_executor().shutdown(wait=True)
    connection.send(
        {
            "seconds": rounded(seconds),
            "here_mb": rounded(peak_megabytes()),
            "worker_mb": rounded(peak_megabytes(resource.RUSAGE_CHILDREN)),
        }
    )
