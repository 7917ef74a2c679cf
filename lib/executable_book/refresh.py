"""Bring one chapter up to date: execute it, see what it has read, and store it under the key that
this makes.
"""

import time

from executable_book.book import Book
from executable_book.chapter import Chapter
from executable_book.errors import BookError
from executable_book.expressions import values
from executable_book.inputs import seen, write_inputs
from executable_book.keys import full_key, imports, modules
from executable_book.runner import execute
from executable_book.runs import write_run
from executable_book.store import canonical, inputs_path, save, seal, stored_path


def refresh(book: Book, chapter: Chapter) -> Book:
    """Execute and store a chapter; the book as it is then.

    Raises
    ------
    BookError
        If a cell fails (`runner.execute`), an expression in the prose has no value, or what the
        chapter depends on was changed while it ran.
    """
    name = chapter.docname
    written = book.keys[name].written
    start = time.monotonic()
    notebook, opened, peak = execute(
        chapter,
        parameters=book.parameters[name],
        environment=book.environment,
        time_limit=book.time_limit,
        source=book.source,
        folder=book.folder,
    )
    if book.with_keys().keys[name].written != written:
        raise BookError(
            f"{name}.md: code or data that the chapter depends on was changed while it ran; build "
            "again."
        )
    values(chapter, notebook)
    known = {*modules(chapter, book.library), *(book.source / file for file in chapter.reads)}
    inputs = book.inputs(name, written) | seen(
        opened,
        imports(chapter, book.library),
        source=book.source,
        results=book.results,
        known=known,
    )
    stored = stored_path(book.folder, name, full_key(written, inputs, book.source))
    save(canonical(notebook, source=book.source), stored)
    seal(stored)
    write_run(stored, seconds=time.monotonic() - start, peak=peak)
    write_inputs(inputs, inputs_path(book.folder, name, written))
    return book.with_keys()
