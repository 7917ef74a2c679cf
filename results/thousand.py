"""A thousand networks of the perception task, for cheap claims: `python -m results.thousand`.

It shows what more networks cost, and what the words of these claims become: after 10, 100 and 1000
networks it keeps the time, the memory, the room on disk, and every word. N2 compares with ten
networks of the other task. What is done stays done: the same command goes on. What was trained
before keeps the costs that the file has.
"""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import loky
import numpy as np
import xarray as xr

from benchmarks.growth import peak_megabytes
from benchmarks.machine import describe
from results.large import ROOT, write
from studies import criteria
from studies.kept_file import TRAINING
from studies.ledger import Result
from studies.more_networks.kept import THOUSAND
from studies.more_networks.kept import steps as steps_of
from studies.nonlinearity import claims as nonlinearity
from studies.nonlinearity.comparison import weight_changes
from studies.study import code_of
from studies.subtle_changes import claims as subtle_changes
from studies.subtle_changes.measures import changes
from studies.training import claims as training
from studies.training.measures import level_errors, performance
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.network_files import folder, training_hash
from taskrnn.ensembles.results import measured
from taskrnn.profiles import experiment_named
from taskrnn.variables import WHEN

TASK, OTHER = "perception", "decision"
COUNTS, OTHERS = (10, 100, 1000), 10
MEASURES = ((performance, {"when": "before"}), (performance, {"when": "after"}), (changes, {}))


def main(
    profile: str = "paper",
    *,
    data: Path = ROOT / "data",
    file: Path = THOUSAND,
    counts: Sequence[int] = COUNTS,
    others: int = OTHERS,
) -> None:
    """Train, measure and judge as many networks one after the other, and write the file."""
    other = experiment_named(OTHER, profile=profile)
    moments = weight_changes({OTHER: ensemble(other, others, data=data)})
    loky.get_reusable_executor().shutdown(wait=True)  # and their time is none of the others'
    before = {of["networks"]: of for of in steps_of(file)}
    code = {f"{TRAINING}{task}": training_hash(experiment_named(task)) for task in (TASK, OTHER)}
    for measure, _ in MEASURES:
        code |= code_of(measure)
    steps = []
    for n in counts:
        row, judged = step(n, moments, profile=profile, data=data)
        if n in before and not row["trained"]:
            row = before[n]  # what it has cost
        rows = {of.claim: asdict(of) | {"code": code | code_of(by)} for of, by in judged}
        steps.append(row | {"words": {of.claim: str(of.verdict) for of, _ in judged}})
        print(steps[-1])
    made = {"machine": describe(), "networks": n, "others": others}
    made["criteria"] = criteria.digest(rows)
    write(made | {"steps": steps, "claims": rows}, file)


def step(
    n: int, moments: dict[str, xr.Dataset], *, profile: str, data: Path
) -> tuple[dict, list[tuple[Result, Callable]]]:
    """What n networks cost, beyond those that are there, and the claims of them."""
    experiment = experiment_named(TASK, profile=profile)
    where = folder(experiment, data)
    trained = len(list(where.glob("*.nc")))
    spent, clock = core_seconds(), [time.perf_counter()]
    networks = ensemble(experiment, n, data=data)
    clock.append(time.perf_counter())
    take = partial(measured, experiment=experiment, networks=networks, data=data)
    before, after, changed = (take(measure, **settings) for measure, settings in MEASURES)
    clock.append(time.perf_counter())
    answers = xr.concat([before, after], "when").assign_coords(when=list(WHEN))
    judged = judge(level_errors(experiment, answers), networks, changed, moments)
    clock.append(time.perf_counter())
    loky.get_reusable_executor().shutdown(wait=True)
    names = {f"{measure.__module__}.{measure.__name__}" for measure, _ in MEASURES}
    files = [path for name in (".", *names) for path in (where / name).glob("*.nc")]
    seconds = np.diff(clock).tolist()
    return {
        "networks": n,
        "trained": max(n - trained, 0),
        "seconds": dict(zip(("training", "measures", "claims"), seconds, strict=True)),
        "core_seconds": core_seconds() - spent,
        "here_mb": peak_megabytes(),
        "worker_mb": peak_megabytes(resource.RUSAGE_CHILDREN),
        "disk_mb": sum(path.stat().st_size for path in files if int(path.name[:6]) < n) / 1e6,
    }, judged


def core_seconds() -> float:
    """What this process and all that have ended have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(of.ru_utime + of.ru_stime for of in used)


def judge(
    errors: xr.DataArray, networks: xr.Dataset, changed: xr.Dataset, others: dict[str, xr.Dataset]
) -> list[tuple[Result, Callable]]:
    """P1, N1, N2, S2 and S5, each with the function that judges it."""
    moments = weight_changes({TASK: networks})
    asked = (
        (training.p1, (errors,)),
        (nonlinearity.n1, ({TASK: networks}, moments)),
        (nonlinearity.n2, (moments | others,)),
        (subtle_changes.s2, ({TASK: changed},)),
        (subtle_changes.s5, ({TASK: changed},)),
    )
    return [(claim(*arguments), claim) for claim, arguments in asked]


if __name__ == "__main__":
    main()
