"""What made a figure: the line under it."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import xarray as xr

PLACE = "lib/studies/provenance.py"  # of this file in its repository
SOURCES: dict[str, None] = {}  # what this process has made figures of, in order


def commit() -> str:
    """The commit that the library is at, with a plus sign if files differ from it; "no commit"
    outside its repository.
    """
    here = Path(__file__).resolve()
    # Inside a git hook they name a repository that may be another one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(here.parent), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment
        ).stdout.strip()

    try:
        # A copy of the library may lie in a repository of something else.
        if git("ls-files", "--full-name", here.name) != PLACE:
            return "no commit"
        return git("rev-parse", "--short=10", "HEAD") + (
            "+" if git("status", "--porcelain") else ""
        )
    except (OSError, subprocess.CalledProcessError):
        return "no commit"


def artefact(networks: xr.Dataset) -> str:
    """Hash of the checksums of an ensemble's files: the same networks, the same ten digits."""
    return hashlib.sha256("".join(networks.checksum.values.tolist()).encode()).hexdigest()[:10]


def of_networks(ensembles: Mapping[str, xr.Dataset], *, profile: str) -> str:
    """Profile, networks, seeds, and a hash of the trained networks, as text."""
    made_from = "; ".join(
        f"{task}: {networks.sizes['network']} networks, seeds {networks.seed.values[0]} to "
        f"{networks.seed.values[-1]},"
        f" trained networks {artefact(networks)}"
        for task, networks in ensembles.items()
    )
    return f"profile {profile}; {made_from}; commit {commit()}"


def made_from(source: str) -> None:
    """From now on, `line` says that figures are made of this, too."""
    SOURCES[source] = None


def line(function: Callable | None) -> str:
    """The line under a figure: the function that made it, and what it was made of in this process;
    the book calls it (`book_line`).
    """
    name = f"{function.__module__}.{function.__qualname__}" if function else "the code of its cell"
    return "; ".join([f"Made by {name}", *SOURCES]) + "."
