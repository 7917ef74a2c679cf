"""What made a figure: the line under it, and the table of the settings."""

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import xarray as xr
from IPython.display import Markdown

from taskrnn.experiment import Experiment

NO_NUMBER = re.compile(r"(?<![\w.])[+-]?(?:nan|inf)%?(?!\w)")  # as formats write it


PLACE = "lib/taskrnn/provenance.py"  # of this file in its repository


def commit() -> str:
    """The commit that the library is at, with a plus sign if files differ from it; "no commit" outside its repository."""
    here = Path(__file__).resolve()
    # Inside a git hook they name a repository that may be another one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(here.parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()

    try:
        # A copy of the library may lie in a repository of something else.
        if git("ls-files", "--full-name", here.name) != PLACE:
            return "no commit"
        return git("rev-parse", "--short=10", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "no commit"


def artefact(networks: xr.Dataset) -> str:
    """Hash of the checksums of an ensemble's files: the same networks, the same ten digits."""
    return hashlib.sha256("".join(networks.checksum.values.tolist()).encode()).hexdigest()[:10]


def line(function: Callable, ensembles: Mapping[str, xr.Dataset], *, profile: str) -> Markdown:
    """The line under a figure: function, profile, networks, seeds, hash of the trained networks, commit."""
    made_from = "; ".join(
        f"{task}: {networks.sizes['network']} networks, seeds {networks.seed.values[0]} to {networks.seed.values[-1]},"
        f" trained networks {artefact(networks)}"
        for task, networks in ensembles.items()
    )
    text = f"Made by {function.__module__}.{function.__qualname__}; profile {profile}; {made_from}; commit {commit()}."
    return Markdown(f'<p class="provenance"><small>{text}</small></p>')


def benchmark_line(function: Callable, machine: Mapping[str, object]) -> Markdown:
    """The line under a figure of the benchmark: function, and when and at which commit it was measured."""
    text = (
        f"Made by {function.__module__}.{function.__qualname__} from benchmarks/results.json;"
        f" measured {machine['date']} at commit {machine['taskrnn']}."
    )
    return Markdown(f'<p class="provenance"><small>{text}</small></p>')


def settings_table(*experiments: Experiment) -> Markdown:
    """The settings of experiments side by side, one row for each field."""
    columns = [flat(experiment.settings()) for experiment in experiments]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [[f"`{name}`", *(f"{column.get(name, '-')}" for column in columns)] for name in names if name != "name"]
    return table(["setting", *(experiment.name for experiment in experiments)], rows)


def flat(settings: dict, prefix: str = "") -> dict[str, object]:
    """Nested settings with dotted names; numbers rounded to four digits."""
    rows = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            rows |= flat(value, f"{prefix}{name}.")
        else:
            rows[prefix + name] = float(f"{value:.4g}") if isinstance(value, float) else value
    return rows


def failures(ensembles: Mapping[str, xr.Dataset]) -> Markdown:
    """A sentence that names every network whose training failed, or says that none did."""
    failed = [
        f"{task} network {k} (update {update})"
        for task, networks in ensembles.items()
        for k, update in enumerate(networks.failed.values.tolist())
        if update >= 0
    ]
    total = sum(networks.sizes["network"] for networks in ensembles.values())
    if failed:
        return Markdown(f"Training failed in {len(failed)} of {total} networks, which stay in every count: {', '.join(failed)}.")
    return Markdown(f"Training failed in none of the {total} networks: every loss stayed finite and ended below its start.")


def versions(*packages: str) -> str:
    """Versions of Python and of packages, as JSON."""
    return json.dumps({"python": platform.python_version(), **{name: version(name) for name in packages}})


def table(header: list[str], rows: list[list[str]]) -> Markdown:
    """A markdown table; a cell without content, and a number in it that is none, is a dash."""
    shown = [["-" if str(cell) in ("", "None") else NO_NUMBER.sub("-", str(cell)) for cell in row] for row in rows]
    lines = [header, ["---"] * len(header), *shown]
    return Markdown("\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines))
