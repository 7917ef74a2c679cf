"""The verdicts with a hundred networks of each of the note's tasks: `python -m results.large`.

It trains the networks and takes every measure of them, here or where `--on` says, as
`python -m taskrnn train` does. Then it builds the book in the profile `large`, which judges every
claim, also of random tens of the networks, and keeps the rows that `studies.more_networks.kept`
reads. What is done stays done: the same command goes on.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.measures import measures
from studies import criteria, ledger
from studies.more_networks.kept import FILE
from taskrnn.ensembles import storage
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.results import measured
from taskrnn.ensembles.workers import executor
from taskrnn.experiments import EXPERIMENTS
from taskrnn.profiles import PROFILES, experiment_named

PROFILE, ROOT = "large", Path(__file__).parents[1]
DIGITS = 5  # that are kept of a number


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m results.large", description=__doc__)
    parser.add_argument("--on", default="processes", help="as of python -m taskrnn train")
    parser.add_argument("--jobs", type=int, default=2, help="Slurm jobs")
    parser.add_argument("--slurm", nargs="*", default=[], metavar="name=value")
    options = parser.parse_args()
    slurm = dict(pair.partition("=")[::2] for pair in options.slurm)
    with executor(options.on, jobs=options.jobs, **slurm) as pool:
        compute(ROOT / "data", executor=pool)
    build = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    subprocess.run(build, cwd=ROOT, env=os.environ | {"TASKRNN_PROFILE": PROFILE}, check=True)
    print(f"{FILE}: {len(keep(ROOT / 'data', FILE)['claims'])} claims")


def compute(data: Path, *, executor, profile: str = PROFILE) -> None:
    """Train the networks of the note, and take every measure of the book of them."""
    for task in EXPERIMENTS:
        experiment = experiment_named(task, profile=profile)
        n = PROFILES[profile].n_networks
        networks = ensemble(experiment, n, data=data, executor=executor)
        for _, measure, settings in measures(task, profile):
            measured(measure, experiment, networks, data=data, executor=executor, **settings)


def keep(data: Path, path: Path, *, profile: str = PROFILE) -> dict:
    """Write the file: of every claim that was judged of these networks what is recorded of it."""
    n = PROFILES[profile].n_networks
    rows = {}
    for claim in sorted(ledger.recorded(data=data, profile=profile)):
        row = json.loads((ledger.folder(data, profile) / f"{claim}.json").read_text())
        if all(len(statistic["values"]) == n for statistic in row["statistics"]):
            rows[claim] = {name: of for name, of in row.items() if name != "checksum"}
    known = {"machine": describe(), "networks": n, "criteria": criteria.digest(rows)}
    made = known | {"claims": rows}
    write(made, path)
    return made


def write(made: dict, path: Path) -> None:
    """Write what was made, whole or not at all, in short numbers."""
    text = json.dumps(rounded(made), separators=(",", ":"))
    with storage.whole(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def rounded(value):
    """The same with every number as short as `DIGITS` allow."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
