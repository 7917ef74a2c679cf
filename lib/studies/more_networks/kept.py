"""The verdicts with a hundred networks of each task, which the repository keeps because making them
takes more than an hour; `python -m results.large` makes them.
"""

import json
from pathlib import Path

from studies import criteria, provenance
from studies.kept import present_code
from studies.ledger import Result, from_row
from taskrnn.ensembles.network_files import training_hash
from taskrnn.profiles import experiment_named

FILE = Path(__file__).parents[3] / "results" / "large.json"
TRAINING = "training of "


def results(file: Path = FILE) -> dict[str, Result]:
    """What is kept, by claim, and the line under figures says so; empty if nothing is."""
    if not file.is_file():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    machine = kept["machine"]
    provenance.made_from(
        f"results kept in {file.parent.name}/{file.name}, {kept['networks']} networks per task, "
        f"made by the code of commit {machine['taskrnn']} {machine['date']}, {machine['cpu']}"
    )
    return {claim: from_row(row) for claim, row in kept["claims"].items()}


def n_networks(file: Path = FILE) -> int:
    """Networks of each task; 0 if nothing is kept."""
    return json.loads(file.read_text(encoding="utf-8"))["networks"] if file.is_file() else 0


def older(file: Path = FILE) -> dict[str, str]:
    """The claims that present code would judge anew, and what has changed."""
    if not file.is_file():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    if kept["criteria"] != criteria.digest(kept["claims"]):
        return dict.fromkeys(kept["claims"], "criteria")
    changed = {
        claim: [name for name, code in row["code"].items() if present(name) != code]
        for claim, row in kept["claims"].items()
    }
    return {claim: ", ".join(names) for claim, names in changed.items() if names}


def present(name: str) -> str | None:
    """Hash of the present code of a measure or a claim, or of training."""
    if name.startswith(TRAINING):
        return training_hash(experiment_named(name.removeprefix(TRAINING), profile="large"))
    return present_code(name)
