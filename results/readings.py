"""The claims under every reading of the note: `python -m results.readings [profile]`.

It trains ten networks of each task under each reading of `studies.readings.experiments`, takes the
measures of the note's half of the book, and keeps the words and the first numbers. What is kept and
is of the present code stays; what is missing is made: the same command goes on.
"""

import sys
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from results.large import ROOT, write
from studies import criteria
from studies.kept_file import read
from studies.ledger import Result
from studies.readings import kept
from studies.readings.experiments import READINGS, Reading
from studies.readings.judged import code_of_claims, judged
from studies.study import Study
from taskrnn.analysis.statistics import of_known
from taskrnn.experiments import EXPERIMENTS


def one(reading: Reading, *, data: Path, profile: str) -> dict:
    """What is kept of one reading."""
    experiments = [reading.experiment(task, profile=profile) for task in EXPERIMENTS]
    study = Study(profile, data, experiments=experiments, kept=False)
    results, missing = judged(study, window=reading.window)
    return {
        "point": reading.point,
        "name": reading.name,
        "failed": {task: int((of.failed >= 0).sum()) for task, of in study.networks.items()},
        "missing": missing,
        "claims": {claim: in_short(result) for claim, result in sorted(results.items())},
        "code": study.code | code_of_claims(results),
        "criteria": criteria.digest(results),
        "settings": reading.identity(profile=profile),
        "profile": profile,
        "made": describe(),
    }


def in_short(result: Result) -> dict:
    """The words of a claim, and of each statistic its interval, its null and in how many networks
    it holds.
    """
    return {
        "verdict": str(result.verdict),
        "parts": {name: str(word) for name, word in result.parts.items()},
        "statistics": [
            {
                "name": row.name,
                "interval": list(row.interval),
                "null": float(of_known(np.mean, row.null)) if row.null else None,
                "holds": row.holds,
                "networks": len(row.values),
                "missing": row.missing,
            }
            for row in result.statistics
        ],
    }


def main(profile: str = "paper", *, data: Path = ROOT / "data", file: Path = kept.FILE) -> None:
    """Make what is missing or not of the present code, and write the file after each reading."""
    if profile != "paper" and file == kept.FILE:
        raise SystemExit(f"{file} is of the profile paper; give another file.")
    found = {of["name"]: of for of in read(file).get("readings", [])}
    for reading in READINGS:
        if reading.name in found and not kept.other(found[reading.name]):
            continue
        found[reading.name] = row = one(reading, data=data, profile=profile)
        rows = [found[of.name] for of in READINGS if of.name in found]
        write({"readings": rows}, file)
        print(f"{reading.name}: {len(row['claims'])} claims, {row['missing'] or ''}")


if __name__ == "__main__":
    main(*sys.argv[1:])
