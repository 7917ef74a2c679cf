"""The claims under every reading of the note: `python -m results.readings [profile]`.

It trains ten networks of each task under each reading of `studies.readings.experiments`, takes the
measures of the note's half of the book, and keeps the words and the first numbers. What is done
stays done: the same command goes on.
"""

import sys
from pathlib import Path

import numpy as np

from results.large import ROOT, write
from studies import criteria
from studies.ledger import Result
from studies.readings.experiments import READINGS, Reading
from studies.readings.judged import judged
from studies.readings.kept import FILE
from studies.study import Study
from taskrnn.analysis.statistics import of_known
from taskrnn.experiments import EXPERIMENTS


def one(reading: Reading, *, data: Path, profile: str) -> dict:
    """What is kept of one reading."""
    experiments = [reading.experiment(task, profile=profile) for task in EXPERIMENTS]
    study = Study(profile, data, experiments=experiments, kept=False)
    results, missing = judged(study)
    return {
        "point": reading.point,
        "name": reading.name,
        "failed": {task: int((of.failed >= 0).sum()) for task, of in study.networks.items()},
        "missing": missing,
        "claims": {claim: in_short(result) for claim, result in sorted(results.items())},
        "code": study.code,
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


def main(profile: str = "paper") -> None:
    """Compute all readings, and write the file after each."""
    found = []
    for reading in READINGS:
        found.append(one(reading, data=ROOT / "data", profile=profile))
        claims = {claim for row in found for claim in row["claims"]}
        made = {"profile": profile, "criteria": criteria.digest(claims), "readings": found}
        write(made, FILE)
        print(f"{reading.name}: {len(found[-1]['claims'])} claims, {found[-1]['missing'] or ''}")


if __name__ == "__main__":
    main(*sys.argv[1:])
