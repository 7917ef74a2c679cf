"""The words of the claims under every reading, which the repository keeps; `python -m
results.readings` makes them.
"""

from pathlib import Path

from studies import criteria
from studies.kept_file import changed, cite, read
from studies.readings.experiments import READINGS

FILE = Path(__file__).parents[3] / "results" / "readings.json"


def readings(file: Path = FILE) -> list[dict]:
    """What is kept of each reading, the recovered recipe first, and the line under figures says so;
    empty if nothing is kept.
    """
    if not (kept := read(file)):
        return []
    cite(file, kept)
    return kept["readings"]


def older(file: Path = FILE) -> list[str]:
    """The names of code that has changed since; "criteria" if those did."""
    if not (kept := read(file)):
        return []
    claims = {claim for of in kept["readings"] for claim in of["claims"]}
    names = {name for of in kept["readings"] for name in changed(of["code"])}
    if kept["criteria"] != criteria.digest(claims):
        names.add("criteria")
    return sorted(names)


def not_run(found: list[dict]) -> list[str]:
    """The readings of the list that are not among those that are kept."""
    done = {of["name"] for of in found}
    return [reading.name for reading in READINGS if reading.name not in done]
