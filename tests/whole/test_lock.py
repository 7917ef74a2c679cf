"""requirements.txt is the lock of pyproject.toml on every platform, and what is installed is what
it says.

What a package asks for is read from what is installed here. What asks for more on another platform
and is not installed here, such as Windows' own packages, only the package index knows: the last
test asks it.
"""

import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = [Requirement(text) for text in PROJECT["dependencies"]]
LINES = [
    line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()
]
LOCK = [Requirement(line) for line in LINES if "==" in line]

# PyTorch's GPU build asks for these; the book uses none of them, and a CPU build has none.
GPU = re.compile(r"(nvidia|cuda)-.*|triton")
# Two builds of one version, which ask for the same; one of them is installed here.
TWINS = {"tensorflow": "tensorflow-cpu", "tensorflow-cpu": "tensorflow"}

# As uv names each platform, and what its Python says of it.
PLATFORMS = {
    "x86_64-unknown-linux-gnu": ("linux", "posix", "Linux", "x86_64"),
    "aarch64-unknown-linux-gnu": ("linux", "posix", "Linux", "aarch64"),
    "aarch64-apple-darwin": ("darwin", "posix", "Darwin", "arm64"),
    "x86_64-pc-windows-msvc": ("win32", "nt", "Windows", "AMD64"),
}
PYTHONS = ("3.11", "3.12", "3.13")
HERE = default_environment()


def environment(platform: str, python: str) -> dict[str, str]:
    """What markers are read with, for CPython on that platform."""
    names = ("sys_platform", "os_name", "platform_system", "platform_machine")
    return {
        **HERE,
        **dict(zip(names, PLATFORMS[platform], strict=True)),
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "python_version": python,
        "python_full_version": f"{python}.9",
    }


EVERYWHERE = [
    pytest.param(HERE, id="here"),
    *(
        pytest.param(environment(platform, python), id=f"{platform}, {python}")
        for platform in PLATFORMS
        for python in PYTHONS
    ),
]
everywhere = pytest.mark.parametrize("where", EVERYWHERE)


def holds(requirement: Requirement, where: dict[str, str], extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**where, "extra": extra})


def locked(where: dict[str, str]) -> dict[str, str]:
    """The version of each package that pip takes from the lock in that environment."""
    lines = [line for line in LOCK if holds(line, where)]
    pins = {canonicalize_name(line.name): str(line.specifier)[2:] for line in lines}
    assert len(pins) == len(lines), "a package has two lines"
    return pins


def installed(name: str) -> bool:
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


@cache
def asked_by(name: str) -> list[Requirement]:
    """What a package asks for; nothing is known of one that is not installed here."""
    known = next((each for each in (name, TWINS.get(name)) if each and installed(each)), None)
    return [Requirement(text) for text in (known and distribution(known).requires) or []]


def needed(where: dict[str, str]) -> list[Requirement]:
    """All that the direct dependencies ask for in that environment, transitively."""
    found, seen = [], set()
    todo = [requirement for requirement in DIRECT if holds(requirement, where)]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if GPU.fullmatch(name):
            continue
        found.append(requirement)
        for extra in {"", *requirement.extras} - {e for n, e in seen if n == name}:
            seen.add((name, extra))
            todo += [below for below in asked_by(name) if holds(below, where, extra)]
    return found


def test_every_line_of_the_lock_is_one_exact_version():
    assert all(
        re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*( ; [^;]+)?", line)
        for line in LINES
        if line and line != "-e ."
    )
    assert LINES.count("-e .") == 1


def test_the_lock_has_no_gpu_libraries():
    assert not [line.name for line in LOCK if GPU.fullmatch(canonicalize_name(line.name))]


@everywhere
def test_the_lock_satisfies_all_that_is_asked_for(where):
    lock = locked(where)
    for requirement in needed(where):
        pinned = lock.get(canonicalize_name(requirement.name))
        assert pinned and requirement.specifier.contains(pinned, prereleases=True), (
            f"{requirement}: run `make lock`"
        )


@everywhere
def test_the_lock_names_nothing_that_is_not_needed(where):
    more = locked(where).keys() - {canonicalize_name(each.name) for each in needed(where)}
    # Elsewhere, who asks for a package may not be installed here, and then the package is not.
    assert {name for name in more if where is HERE or installed(name)} == set(), "run `make lock`"


def test_what_is_installed_is_what_is_locked():
    lock = locked(HERE)
    assert {name: Version(version(name)).public for name in lock} == {
        name: str(Version(v)) for name, v in lock.items()
    }


def test_the_tests_and_the_lock_are_made_with_the_same_uv():
    (pin,) = (text for text in PROJECT["optional-dependencies"]["dev"] if text.startswith("uv=="))
    assert f" {pin}\n" in (ROOT / "Makefile").read_text()


def resolved(requirements: str, *options: str) -> set[str]:
    """What uv would install, from wheels alone. Nothing is installed."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate",
         "--python", sys.executable, "--no-python-downloads", "--only-binary", ":all:", *options,
         requirements],
        # PyTorch has wheels from macOS 14 on.
        env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}, capture_output=True, text=True,
    )  # fmt: skip
    if re.search("error sending request|timed out|server error", done.stderr):
        pytest.skip("no package index answers")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("\n")) - {""}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Skips what needs the package index, without waiting for it each time."""
    if not find_spec("uv"):
        pytest.skip("uv is not installed; `make check` installs it")
    one = tmp_path_factory.mktemp("index") / "one.txt"
    one.write_text("packaging\n")
    resolved(str(one), "--no-cache")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_index_has_wheels_of_the_lock_and_asks_for_no_more(platform, python, index, tmp_path):
    lock = locked(environment(platform, python))
    pins = tmp_path / "pins.txt"
    pins.write_text("".join(f"{name}=={pinned}\n" for name, pinned in lock.items()))
    found = resolved(
        str(ROOT / "pyproject.toml"), "--constraints", str(pins),
        "--python-platform", platform, "--python-version", python,
    )  # fmt: skip
    assert {line for line in found if not GPU.match(line)} == set(pins.read_text().split())
