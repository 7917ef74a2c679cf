"""One figure without the rest of the book: `BOOK_FIGURE=name jupyter-book build .`"""

from dataclasses import replace
from pathlib import Path

import nbformat

from executable_book.book import Book
from executable_book.chapter import Chapter
from executable_book.errors import BookError
from executable_book.pages import write_files
from executable_book.reader import files
from executable_book.runner import execute


def make(book: Book, name: str, folder: Path) -> list[Path]:
    """Run the chapter of a figure as far as the figure; the files that are written of it.

    Raises
    ------
    BookError
        No figure has the name, or a cell fails.
    """
    places = {
        cell.metadata.get("mystnb", {}).get("figure", {}).get("name"): (chapter, number)
        for chapter in book.chapters.values()
        for number, cell in enumerate(chapter.code_cells)
    }
    if name not in places:
        known = ", ".join(sorted(filter(None, places)))
        raise BookError(f"The book has no figure {name!r}; it has {known}.")
    chapter, number = places[name]
    part = as_far_as(chapter, number)
    notebook, _, _ = execute(
        part,
        parameters=book.parameters[chapter.docname],
        environment=book.environment,
        time_limit=book.time_limit,
        source=book.source,
        folder=book.folder,
    )
    return write_files(files(part, notebook)[number], folder)


def as_far_as(chapter: Chapter, number: int) -> Chapter:
    """The chapter as far as one of its code cells, without its prose, whose numbers may come from
    later cells.
    """
    cells = []
    for cell in chapter.notebook.cells:
        is_code = cell.cell_type == "code"
        cells.append(cell if is_code else {**cell, "source": ""})
        if is_code and (number := number - 1) < 0:
            break
    return replace(chapter, notebook=nbformat.from_dict({**chapter.notebook, "cells": cells}))
