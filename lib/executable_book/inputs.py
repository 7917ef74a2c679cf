"""What a chapter was seen to read when it ran, besides what its code says: files of any kind,
folders, installed packages.

The list of names lies beside the stored chapter. What the names stand for now is part of the
chapter's key. A file that a library opens without Python's knowledge (HDF5) is not seen; the
chapter names it in `reads`.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import source_from_cache
from pathlib import Path

from code_identity.source_code import identity, is_installed
from executable_book.store import replace

# What every program reads and no result depends on, or what comes and goes with the version of the
# system.
SYSTEM = [
    Path(name)
    for name in (
        "/dev",
        "/etc",
        "/lib",
        "/proc",
        "/run",
        "/sys",
        "/usr",
        "/var",
        "/System",
        "/Library",
    )
]
CACHES = [
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"),
    Path.home() / "Library" / "Caches",
]


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Names of what was read.

    files : tuple of str, also of folders, relative to the book's folder if they are in it
    packages : tuple of str, distributions of which a file was read
    """

    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def __or__(self, other: "Inputs") -> "Inputs":
        return Inputs(
            files=tuple(sorted({*self.files, *other.files})),
            packages=tuple(sorted({*self.packages, *other.packages})),
        )

    def state(self, source: Path) -> list:
        """What the names stand for now."""
        return [
            {name: file_identity(source / name) for name in self.files},
            {name: package_version(name) for name in self.packages},
        ]


def read_inputs(path: Path) -> Inputs:
    """The list in a file, an empty one if there is none."""
    try:
        return Inputs(
            **{kind: tuple(names) for kind, names in json.loads(path.read_bytes()).items()}
        )
    except (OSError, ValueError):
        return Inputs()


def write_inputs(inputs: Inputs, path: Path) -> None:
    """Write a list that `read_inputs` reads."""
    replace(path, json.dumps(asdict(inputs), indent=1).encode())


def seen(
    paths: Iterable[str], imported: Iterable[str], *, source: Path, results: Path, known: set[Path]
) -> Inputs:
    """The inputs among what a kernel has opened.

    Parameters
    ----------
    paths : iterable of str
        Of the files.
    imported : iterable of str
        Names of modules that the code imports, perhaps only in processes that it starts.
    source, results : Path
        The book's folder, and that where chapters leave results: who reads which of them, `after`
        says.
    known : set of Path
        Files that the chapter's key knows anyway.
    """
    files, modules = set(), {name.partition(".")[0] for name in imported}
    for path in map(_source_file, paths):
        if is_installed(path):
            modules.add(_top_level(path))
        elif path not in known and _counts(path, source, results):
            files.add(str(path.relative_to(source) if path.is_relative_to(source) else path))
    distributions = packages_distributions()
    packages = {
        distribution for module in modules for distribution in distributions.get(module, ())
    }
    return Inputs(files=tuple(sorted(files)), packages=tuple(sorted(packages)))


def _source_file(path: str) -> Path:
    """The file itself, for bytecode that of which it was made."""
    try:
        return Path(source_from_cache(path)).resolve()
    except ValueError:
        return Path(path).resolve()


def _top_level(path: Path) -> str:
    """The name by which an installed file's package is imported."""
    parts = path.parts
    folders = [
        number for number, part in enumerate(parts) if part in ("site-packages", "dist-packages")
    ]
    return (
        parts[folders[-1] + 1].partition(".")[0] if folders and folders[-1] + 1 < len(parts) else ""
    )


def _counts(path: Path, source: Path, results: Path) -> bool:
    if path.is_relative_to(source):
        return not path.is_relative_to(results)
    places = [
        *SYSTEM,
        *CACHES,
        Path(tempfile.gettempdir()),
        Path(sys.prefix),
        Path(sys.base_prefix),
    ]
    return path.is_file() and not any(path.is_relative_to(place.resolve()) for place in places)


def file_identity(path: Path) -> str:
    """Hash of a file, of Python without its comments, of a folder its names; '' if there is
    none.
    """
    if path.is_dir():
        content = repr(
            sorted(name for name in os.listdir(path) if not name.startswith((".", "__pycache__")))
        ).encode()
    elif not path.is_file():
        return ""
    else:
        content = _content(path)
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return identity(path).encode() if path.suffix == ".py" else path.read_bytes()
    except ValueError:  # a name that is like that of Python source
        return path.read_bytes()


@cache
def package_version(name: str) -> str:
    """The installed version, '' if there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
