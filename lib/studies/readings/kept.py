"""The words of the claims under every reading, which the repository keeps; `python -m
results.readings` makes them.
"""

from collections.abc import Mapping, Sequence
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
    names = {name for of in kept["readings"] for name in other(of)}
    return sorted(names | ({"criteria"} if other_criteria(kept) else set()))


def other(of: Mapping) -> list[str]:
    """The names of the code of one reading that has changed since."""
    return changed(of["code"])


def other_criteria(kept: Mapping) -> bool:
    """Whether the criteria of what is kept are others now."""
    return kept["criteria"] != criteria_of(kept["readings"])


def criteria_of(found: Sequence[Mapping]) -> str:
    """The digest of the present criteria of all claims that are judged."""
    return criteria.digest({claim for of in found for claim in of["claims"]})


def not_run(found: list[dict]) -> list[str]:
    """The readings of the list that are not among those that are kept."""
    done = {of["name"] for of in found}
    return [reading.name for reading in READINGS if reading.name not in done]
