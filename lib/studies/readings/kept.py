"""The words of the claims under every reading, which the repository keeps; `python -m
results.readings` makes them.
"""

import json
from pathlib import Path

from studies import criteria, provenance
from studies.more_networks.kept import present
from studies.readings.experiments import READINGS

FILE = Path(__file__).parents[3] / "results" / "readings.json"


def readings(file: Path = FILE) -> list[dict]:
    """What is kept of each reading, the recovered recipe first, and the line under figures says so;
    empty if nothing is kept.
    """
    if not file.is_file():
        return []
    kept = json.loads(file.read_text(encoding="utf-8"))
    machine = kept["machine"]
    provenance.made_from(
        f"results kept in {file.parent.name}/{file.name}, made by the code of commit "
        f"{machine['taskrnn']} {machine['date']}, {machine['cpu']}"
    )
    return kept["readings"]


def older(file: Path = FILE) -> list[str]:
    """The names of code that has changed since; "criteria" if those did."""
    if not file.is_file():
        return []
    kept = json.loads(file.read_text(encoding="utf-8"))
    claims = {claim for of in kept["readings"] for claim in of["claims"]}
    changed = {
        name
        for of in kept["readings"]
        for name, code in of["code"].items()
        if present(name) != code
    }
    return sorted(
        changed | ({"criteria"} if kept["criteria"] != criteria.digest(claims) else set())
    )


def not_run(found: list[dict]) -> list[str]:
    """The readings of the list that are not among those that are kept."""
    done = {of["name"] for of in found}
    return [reading.name for reading in READINGS if reading.name not in done]
