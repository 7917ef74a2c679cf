"""The identity of a user's class or function: the code of its file and of all that it imports,
wherever they lie.
"""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

from code_identity.source_code import LIBRARY, code_hash, imported_files, is_installed, package_root


def definition_hash(definition: type | Callable) -> str:
    """SHA-256 of the code of `definition_files`; where the files lie does not matter."""
    return files_hash(definition_files(definition))


def files_hash(files: set[Path]) -> str:
    """SHA-256 of the code of files, each named as its package names it."""
    return code_hash(
        files, LIBRARY, *{package_root(file) for file in files if not file.is_relative_to(LIBRARY)}
    )


def definition_files(definition: type | Callable) -> set[Path]:
    """The files that decide what a class or function computes: its own, those of its bases, and all
    they import.

    Raises
    ------
    ValueError
        It is not defined at the top of a file, so that its code, or a value that it uses, cannot be
        known.
    """
    inner = inspect.unwrap(definition)
    if not (inspect.isclass(inner) or inspect.isfunction(inner)):
        raise ValueError(
            f"{definition!r} is neither a class nor a function; define a function at the top of a "
            ".py file."
        )
    if "<" in inner.__qualname__:  # <lambda>, <locals>
        raise ValueError(
            f"{inner.__qualname__} is made inside other code, whose values its own code does not "
            "tell; "
            "define it at the top of a .py file."
        )
    where = [_file(part) for part in (inner, definition)]
    files = {file for file in where if file}
    if None in where:
        raise ValueError(
            f"{inner.__qualname__} is defined in a notebook or at a prompt, where its code is not "
            "kept; "
            "put it into a .py file, for example beside the notebook, and import it from there."
        )
    if inspect.isclass(inner):
        files |= {
            file for base in inner.__mro__ if (file := _file(base)) and not is_installed(file)
        }
    # What lies beside a file is found first, as it is by a script, and by a worker whose import
    # path is another.
    return {
        found
        for file in files
        for found in imported_files(file, package_root(file), *import_path(), LIBRARY)
    }


def import_path() -> list[Path]:
    """The folders from which this process imports what is not installed: of the script, of
    `PYTHONPATH`, of checkouts.
    """
    folders = dict.fromkeys(Path(entry).resolve() for entry in sys.path)
    return [folder for folder in folders if folder.is_dir() and not is_installed(folder)]


def _file(definition: type | Callable) -> Path | None:
    """Where it is defined, if that is a file."""
    if inspect.isfunction(definition):
        name = definition.__code__.co_filename
    elif definition.__module__ == "__main__":
        # A worker gets such a class without its script, but its methods still say where they were
        # written.
        inner = (
            getattr(value, "__func__", getattr(value, "fget", value))
            for value in vars(definition).values()
        )
        names = [
            function.__code__.co_filename for function in inner if inspect.isfunction(function)
        ]
        # Others were made by the dataclass or are borrowed.
        name = next(
            (
                name
                for name in names
                if Path(name).is_file() and not is_installed(Path(name).resolve())
            ),
            "",
        )
    else:
        name = getattr(sys.modules.get(definition.__module__), "__file__", None) or ""
    return Path(name).resolve() if Path(name).is_file() else None
