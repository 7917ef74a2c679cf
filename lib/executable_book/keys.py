"""When is a chapter stale? Its key is a hash of all its outputs depend on; prose and display
options are none of it.
"""

import hashlib
import json
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from IPython.core.displayhook import DisplayHook
from IPython.core.inputtransformer2 import TransformerManager

from code_identity.definitions import import_path
from code_identity.source_code import (
    identity,
    imported_files,
    imported_names,
    named_hash,
    normalised,
)
from executable_book.chapter import Chapter
from executable_book.errors import BookError
from executable_book.expressions import all_of
from executable_book.inputs import Inputs, file_identity
from executable_book.kernel import FOR_EVERYONE, kernel_environment

# Tags that decide whether and how a cell is run.
TAGS = {"parameters", "skip-execution", "raises-exception"}
# Modules that Python imports by itself when they are on its path.
AT_START = "import sitecustomize, usercustomize"
# As `normalised` writes environ["NAME"], environ.get("NAME") and getenv("NAME"). A name too many
# costs nothing.
VARIABLE = re.compile(r"""'(?:environ|getenv)'\).{0,130}?\('Constant', "'(\w+)'"\)""")


class Key(NamedTuple):
    """What identifies the outputs of a chapter.

    written : str, hash of all that the code says it depends on
    full : str, of that and of what the chapter was seen to read
    """

    written: str
    full: str


def chapter_keys(
    chapters: Sequence[Chapter],
    *,
    parameters: Mapping[str, Mapping[str, str]],
    environment: Mapping[str, str],
    source: Path,
    library: Path,
    inputs: Callable[[str, str], Inputs] = lambda docname, written: Inputs(),
) -> dict[str, Key]:
    """The key of each chapter: hexadecimal digits that change when its outputs may change.

    Parameters
    ----------
    chapters : sequence of Chapter
        In `run_order`.
    parameters : mapping
        By docname, the parameters injected into the chapter.
    environment : mapping
        Environment variables that the book sets for its code.
    source, library : Path
        The folders that `reads` and the local modules are relative to.
    inputs : callable(docname, written) -> Inputs
        What was seen to be read by a chapter that says the same.

    Raises
    ------
    BookError
        If a file in `reads` does not exist, or a module cannot be read.
    """
    keys: dict[str, Key] = {}
    seen: dict = {}
    present = kernel_environment(os.environ, environment)
    for chapter in chapters:
        roots = import_roots(chapter, library)
        try:
            sources = {file: _source(file, seen) for file in modules(chapter, library, seen)}
        except ValueError as error:
            raise BookError(f"{chapter.docname}.md: {error}") from None
        cells = [_cell_identity(cell.source) for cell in chapter.code_cells]
        named = {name for source in (*cells, *sources.values()) for name in _variables(source)}
        parts = [
            cells,
            all_of(chapter),
            [sorted(TAGS & set(cell.metadata.get("tags", []))) for cell in chapter.code_cells],
            named_hash(sources, *roots),
            dict(parameters[chapter.docname]),
            {name: present.get(name) for name in {*FOR_EVERYONE, *environment, *named}},
            {name: _content_hash(chapter, source / name) for name in chapter.reads},
            {name: keys[name].full for name in chapter.after},
            [platform.python_implementation(), platform.python_version()],
            file_identity(
                chapter.path.with_name("matplotlibrc")
            ),  # which is found without being named
        ]
        written = _short_hash(parts)
        keys[chapter.docname] = Key(
            written, full_key(written, inputs(chapter.docname, written), source)
        )
    return keys


def full_key(written: str, inputs: Inputs, source: Path) -> str:
    """The key of a chapter: what its code says together with what it was seen to read."""
    return _short_hash([written, *inputs.state(source)])


def import_roots(chapter: Chapter, library: Path) -> list[Path]:
    """The folders from which the chapter's process imports what is not installed, in its order."""
    first = [
        Path(entry).resolve()
        for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if entry
    ]
    return [*first, chapter.path.parent, *import_path(), library]


def modules(chapter: Chapter, library: Path, seen: dict | None = None) -> set[Path]:
    """The local modules that a chapter imports, transitively; `seen` as in `imported_files`."""
    roots, seen = import_roots(chapter, library), {} if seen is None else seen
    functions = filter(None, (chapter.line, *chapter.files.values()))
    lines = "\n".join(f"import {name.rpartition('.')[0]}" for name in functions)
    return {
        file
        for code in (AT_START, lines, *_codes(chapter))
        for file in imported_files(code, *roots, seen=seen)
    }


def imports(chapter: Chapter, library: Path) -> set[str]:
    """Names of all modules that a chapter and its local modules import."""
    texts = [*_codes(chapter), *map(identity, modules(chapter, library))]
    return {name for text in texts for name in imported_names(text)}


@cache
def _variables(source: str) -> list[str]:
    """Environment variables that the code names."""
    return VARIABLE.findall(source)


def _source(file: Path, seen: dict) -> str:
    if file not in seen:
        seen[file] = identity(file)
    return seen[file]


def _codes(chapter: Chapter) -> list[str]:
    return [_plain(cell.source) for cell in chapter.code_cells]


def _short_hash(parts: list) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@cache
def _plain(source: str) -> str:
    """A cell as plain Python: %magics, !commands and ? become the calls that IPython makes of
    them.
    """
    try:
        return TransformerManager().transform_cell(source)
    except SyntaxError:
        return source


@cache
def _cell_identity(source: str) -> str:
    try:
        # A string at the top of a cell is an output, not a docstring: something before it keeps it
        # in. A semicolon at the end is not in the syntax tree, but it hides the output.
        return normalised(
            "pass\n" + _plain(source)
        ) + ";" * DisplayHook.semicolon_at_end_of_expression(source)
    except (SyntaxError, ValueError):  # not Python: executing it will say so, with the line
        return source


def _content_hash(chapter: Chapter, path: Path) -> str:
    if not path.is_file():
        raise BookError(f"{chapter.docname}.md: `reads` names {path}, which does not exist.")
    return hashlib.sha256(path.read_bytes()).hexdigest()
