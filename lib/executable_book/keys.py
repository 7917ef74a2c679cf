"""When is a chapter stale? Its key is a hash of all its outputs depend on; prose and display options are none of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from IPython.core.displayhook import DisplayHook
from IPython.core.inputtransformer2 import TransformerManager

from executable_book.chapter import Chapter
from executable_book.errors import BookError
from taskrnn.source_code import code_hash, imported_files, normalised


def run_order(chapters: Sequence[Chapter]) -> list[Chapter]:
    """The chapters in the given order, except that each comes after those it names in `after`.

    Raises
    ------
    BookError
        If `after` names no chapter, or chapters wait for each other.
    """
    named = {chapter.docname: chapter for chapter in chapters}
    ordered: list[Chapter] = []

    def visit(chapter: Chapter, waiting: tuple[str, ...]) -> None:
        if chapter.docname in waiting:
            circle = [*waiting[waiting.index(chapter.docname) :], chapter.docname]
            raise BookError(f"`after` goes in a circle: {' after '.join(circle)}; remove one of them.")
        if chapter in ordered:
            return
        for name in chapter.after:
            if name not in named:
                others = ", ".join(named)
                raise BookError(
                    f"{chapter.docname}.md: `after` names {name!r}, which is no chapter; the chapters are {others}."
                )
            visit(named[name], (*waiting, chapter.docname))
        ordered.append(chapter)

    for chapter in chapters:
        visit(chapter, ())
    return ordered


def chapter_keys(
    chapters: Sequence[Chapter],
    *,
    parameters: Mapping[str, Mapping[str, str]],
    environment: Mapping[str, str],
    source: Path,
    library: Path,
) -> dict[str, str]:
    """The key of each chapter: 16 hexadecimal digits that change when its outputs may change.

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

    Raises
    ------
    BookError
        If a file in `reads` does not exist.
    """
    keys: dict[str, str] = {}
    for chapter in chapters:
        codes = [_plain(cell.source) for cell in chapter.code_cells]
        modules = {file for code in codes for file in imported_files(code, library)}
        parts = [
            [_cell_identity(cell.source, code) for cell, code in zip(chapter.code_cells, codes, strict=True)],
            ["parameters" in cell.metadata.get("tags", []) for cell in chapter.code_cells],
            code_hash(modules, library),
            dict(parameters[chapter.docname]),
            dict(environment),
            {name: _content_hash(chapter, source / name) for name in chapter.reads},
            {name: keys[name] for name in chapter.after},
        ]
        keys[chapter.docname] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    return keys


def _plain(source: str) -> str:
    """A cell as plain Python: %magics, !commands and ? become the calls that IPython makes of them."""
    try:
        return TransformerManager().transform_cell(source)
    except SyntaxError:
        return source


def _cell_identity(source: str, code: str) -> str:
    try:
        # A string at the top of a cell is an output, not a docstring: something before it keeps it in. A semicolon
        # at the end is not in the syntax tree, but it hides the output.
        return normalised("pass\n" + code) + ";" * DisplayHook.semicolon_at_end_of_expression(source)
    except (SyntaxError, ValueError):  # not Python: executing it will say so, with the line
        return source


def _content_hash(chapter: Chapter, path: Path) -> str:
    if not path.is_file():
        raise BookError(f"{chapter.docname}.md: `reads` names {path}, which does not exist.")
    return hashlib.sha256(path.read_bytes()).hexdigest()
