"""requirements.txt is the lock of pyproject.toml, and what is installed is what it says."""

import re
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LINES = [
    line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()
]
LOCK = {
    canonicalize_name(name): pinned
    for name, pinned in (line.split("==") for line in LINES if "==" in line)
}
DIRECT = [
    Requirement(text)
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
]


# PyTorch's GPU build asks for these; the book uses none of them, and a CPU build has none.
GPU = re.compile(r"(nvidia|cuda)-.*|triton")


def needed() -> set[str]:
    """Every package that the direct dependencies bring into this environment, transitively."""
    found, todo = set(), list(DIRECT)
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in found or GPU.fullmatch(name):
            continue
        found.add(key)
        for text in distribution(name).requires or []:
            below = Requirement(text)
            if any(
                below.marker is None or below.marker.evaluate({"extra": e})
                for e in (requirement.extras or {""})
            ):
                todo.append(below)
    return {name for name, _ in found}


def test_every_line_of_the_lock_is_one_exact_version():
    assert all(
        re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line)
        for line in LINES
        if line and line != "-e ."
    )
    assert LINES.count("-e .") == 1


def test_the_lock_satisfies_the_direct_dependencies():
    for requirement in DIRECT:
        assert Version(LOCK[canonicalize_name(requirement.name)]) in requirement.specifier, (
            f"{requirement}: run `make lock`"
        )


def test_the_lock_names_what_is_needed_and_nothing_else():
    assert needed() - LOCK.keys() == set(), "run `make lock`"
    assert LOCK.keys() - needed() == set(), "run `make lock`"


def test_what_is_installed_is_what_is_locked():
    assert {name: Version(version(name)).public for name in LOCK} == {
        name: str(Version(v)) for name, v in LOCK.items()
    }
