"""The words of the claims under every reading, which the repository keeps; `python -m
results.readings` makes them.
"""

from collections.abc import Mapping
from pathlib import Path

from studies import criteria
from studies.kept_file import changed, cite, read
from studies.readings.experiments import READINGS

FILE = Path(__file__).parents[3] / "results" / "readings.json"


def readings(file: Path = FILE) -> list[dict]:
    """What is kept of each reading, the recovered recipe first, and the line under figures says so;
    empty if nothing is kept.
    """
    found = read(file).get("readings", [])
    if found:
        made = [of["made"] for of in found]
        dates = sorted(of["date"][:10] for of in made)
        machine = {"date": " to ".join(dict.fromkeys([dates[0], dates[-1]]))}
        for name in ("taskrnn", "cpu"):
            machine[name] = ", ".join(dict.fromkeys(of[name] for of in made))
        cite(file, {"machine": machine})
    return found


def older(file: Path = FILE) -> list[str]:
    """What has changed since, of code, criteria and settings."""
    return sorted({name for of in read(file).get("readings", []) for name in other(of)})


def other(of: Mapping) -> list[str]:
    """What of one reading has changed since it was judged."""
    reading = next((each for each in READINGS if each.name == of["name"]), None)
    names = changed(of["code"])
    if criteria.digest(of["claims"]) != of["criteria"]:
        names.append("criteria")
    if reading is None or reading.identity(profile=of["profile"]) != of["settings"]:
        names.append(f"settings of {of['name']}")
    return names


def not_run(found: list[dict]) -> list[str]:
    """The readings of the list that are not among those that are kept."""
    done = {of["name"] for of in found}
    return [reading.name for reading in READINGS if reading.name not in done]
