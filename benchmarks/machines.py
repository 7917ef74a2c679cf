"""The same book elsewhere: what other roundings, and other constants of the analysis, make of its
verdicts.

Another processor rounds otherwise, and so trains other networks from the same seeds. Here one
machine rounds as others do: without oneDNN, with the instructions of older processors, with other
kernels of OpenBLAS and NumPy. Every run must end with a whole book. Those of other constants start
from the networks of the first run. At last networks 10 to 39 go through every measure.

The books stay in `data/machines`: a run that was stopped goes on from there, and one that is
complete takes seconds.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.book import ROOT, copy
from benchmarks.tables import show
from studies.criteria import digest
from studies.provenance import commit

FOLDER = ROOT / "data" / "machines"
OLDER = {"ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}
OLDEST = {"ONEDNN_MAX_CPU_ISA": "SSE41", "OPENBLAS_CORETYPE": "Nehalem"}
BASE = "as it is"
MORE = 40  # networks of each task that go through every measure
MORE_OF = "networks 10 to 39"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One book.

    name : str
    profile : str
    environment : dict, variables that change how numbers are rounded
    constant : (file below `lib`, its line, the line instead), or None; such a run starts from the
        networks of `BASE`
    """

    name: str
    profile: str = "paper"
    environment: dict[str, str] = field(default_factory=dict)
    constant: tuple[str, str, str] | None = None

    @property
    def folder(self) -> Path:
        return (
            FOLDER
            / f"{self.profile.replace('@', '-')}-{re.sub(r'[^a-z0-9.]+', '-', self.name.lower())}"
        )


SHARE, FLOOR = (
    ("taskrnn/activity/session.py", "MIN_SHARE = 0.01 "),
    ("taskrnn/analysis/dca/lag_covariances.py", "FLOOR = 1e-6 "),
)
RUNS = (
    Run(name=BASE, profile="smoke"),
    Run(name="without oneDNN", profile="smoke", environment={"TF_ENABLE_ONEDNN_OPTS": "0"}),
    Run(name="AVX2 and Haswell kernels", profile="smoke", environment=OLDER),
    Run(name="SSE4.1 and Nehalem kernels", profile="smoke", environment=OLDEST),
    Run(
        name="NumPy without AVX",
        profile="smoke",
        environment={"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"},
    ),
    Run(name=BASE),
    Run(name="without oneDNN", environment={"TF_ENABLE_ONEDNN_OPTS": "0"}),
    Run(name="AVX2 and Haswell kernels", environment=OLDER),
    *(
        Run(name=f"networks {first} to {first + 9}", profile=f"paper@{first}")
        for first in (1000, 2000)
    ),
    *(
        Run(name=f"seen in {share:.1%} of the steps", constant=(*SHARE, f"MIN_SHARE = {share} "))
        for share in (0.001, 0.1)
    ),
    *(
        Run(name=f"floor {floor:g}", constant=(*FLOOR, f"FLOOR = {floor:g} "))
        for floor in (1e-7, 1e-5)
    ),
)


def run(quick: bool) -> dict:
    """Make all books and measure the further networks; only the smoke books, and three networks, if
    `quick`.
    """
    runs = [run for run in RUNS if not quick or run.profile == "smoke"]
    made = [outcome(run) for run in runs]
    profile = "smoke" if quick else "paper"
    first = next(run for run in runs if run.profile == profile)
    more = in_book(
        first,
        f"from benchmarks import machines; machines.measure_more({profile!r}, "
        f"{3 if quick else MORE})",
    )
    made.append(
        {
            "name": MORE_OF,
            "profile": profile,
            "commit": commit(),
            "whole": not more.returncode,
            "missing": missing(first.folder),
        }
    )
    rows = [
        [row["name"], row["profile"], "yes" if row["whole"] else "NO", str(len(row["missing"]))]
        for row in made
    ]
    show("Books", ["", "profile", "whole", "networks with missing numbers"], rows)
    if failed := [row["name"] for row in made if not row["whole"]]:
        print(f"No whole book: {', '.join(failed)}; see `said` in what was recorded, and {FOLDER}.")
    return {"runs": made}


def outcome(run: Run) -> dict:
    """Make one book; what became of it."""
    copy(run.folder)
    if run.constant:
        start_from(next(r for r in RUNS if r.name == BASE and r.profile == run.profile), run)
    command = (
        "import sys; from jupyter_book.cli.main import main; "
        "sys.exit(main(['build', '.', '-W', '--keep-going']))"
    )
    done = in_book(run, command)
    print(f"{run.profile}, {run.name}: {'whole' if not done.returncode else 'NO BOOK'}", flush=True)
    words = verdicts(run) if run.profile != "smoke" else {}
    found = {
        "name": run.name,
        "profile": run.profile,
        "environment": run.environment,
        "constant": bool(run.constant),
        "commit": commit(),
        "criteria": digest(words),
    }
    return found | {
        "whole": not done.returncode,
        "said": "" if not done.returncode else done.stdout[-2000:],
        "verdicts": words,
        "missing": missing(run.folder),
    }


def start_from(base: Run, run: Run) -> None:
    """Give a run the networks, results and chapters of another, and its own constant."""
    file, line, instead = run.constant
    path = run.folder / "lib" / file
    text = path.read_text()
    if text.count(f"\n{line}") != 1:
        raise SystemExit(f"{file} has no line that begins with {line!r}; correct `RUNS`.")
    path.write_text(text.replace(f"\n{line}", f"\n{instead}"))
    if not (run.folder / "data").exists():
        shutil.copytree(base.folder / "data", run.folder / "data")


def in_book(run: Run, command: str) -> subprocess.CompletedProcess:
    """Run Python in the folder of a book, with its library and its roundings."""
    environment = (
        os.environ
        | run.environment
        | {
            "TASKRNN_PROFILE": run.profile,
            "PYTHONPATH": f"{run.folder / 'lib'}{os.pathsep}{run.folder}",
        }
    )
    return subprocess.run(
        [sys.executable, "-c", command],
        cwd=run.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def verdicts(run: Run) -> dict[str, dict[str, str]]:
    """The verdict on each part of each claim that a book has judged."""
    from studies import ledger

    return {
        claim: result.parts
        for claim, result in ledger.recorded(data=run.folder / "data", profile=run.profile).items()
    }


def missing(folder: Path) -> list[dict]:
    """The networks with missing numbers, and why, from the results that a book keeps."""
    from taskrnn.ensembles import storage

    found = []
    for path in sorted((folder / "data" / "ensembles").glob("*/*.*/*.nc")):
        dataset = storage.read(path)
        if reason := dataset.attrs["reason"]:
            task = path.parts[-3].split("-")[0]
            number = int(path.name.split("-")[0])
            settings = json.loads(dataset.attrs["measure_settings"])
            what = ", ".join(
                [
                    path.parts[-2].rpartition(".")[2],
                    *(value for value in settings.values() if isinstance(value, str)),
                ]
            )
            found.append(
                {
                    "task": task,
                    "network": number,
                    "measure": what,
                    "in_part": bool(dataset.data_vars),
                    "reason": reason,
                }
            )
    return found


def measure_more(profile: str, n: int) -> None:
    """Take the first n networks of both tasks through every measure, as the chapters do; in a
    process of the book.
    """
    from benchmarks.measures import measures
    from taskrnn.ensembles.ensemble import ensemble
    from taskrnn.ensembles.results import measured
    from taskrnn.profiles import experiment_named

    for task in ("decision", "perception"):
        e = experiment_named(task, profile=profile)
        networks = ensemble(e, n, data="data")
        for name, measure, settings in measures(task, profile):
            if name != "random_networks":  # which looks at no trained network
                measured(measure, e, networks, data="data", **settings)
