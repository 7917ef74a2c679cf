"""Where the book hooks into Sphinx: run what is stale before reading, re-read what shows new
outputs.

Configuration (under `sphinx: config:` in `_config.yml`)

book_store : folder of the executed chapters.
book_library : folder of the local modules whose changes make chapters stale.
book_results : folder where chapters leave results for others, which name them in `after`.
book_parameters : environment variable of each parameter.
book_check : dotted name of a function that is called with the parameters, refuses them with a
    ValueError or returns the text for the top of every page ('' for none).
book_line : dotted name of a function that is called in the process of a chapter with the function
    that made a figure (or None), and returns the text of the line under it.
book_files : by suffix, the dotted name of a function that is called there with the figure and
    returns a file of it that a reader can download, such as its numbers ('' for none).
book_environment : environment variables for the chapters' code.
book_time_limit : seconds that a cell may take before the build ends with an error.
"""

import os
import time
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from executable_book import expressions, leftovers, one_figure, pages, reader, runs, source_pages
from executable_book.book import Book, open_book
from executable_book.errors import BookError, say_when_stopped
from executable_book.refresh import refresh
from executable_book.store import is_complete

ASK = "BOOK_ASK"  # an environment variable: say what is out of date, and run nothing
LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    say_when_stopped()
    app.add_config_value("book_store", "data/chapters", "", str)
    app.add_config_value("book_library", "lib", "", str)
    app.add_config_value("book_results", "data", "", str)
    app.add_config_value("book_parameters", {}, "", dict)
    app.add_config_value("book_check", "", "", str)
    app.add_config_value("book_line", "", "", str)
    app.add_config_value("book_files", {}, "", dict)
    app.add_config_value("book_environment", {}, "", dict)
    app.add_config_value("book_time_limit", 6 * 3600, "", int)
    app.add_directive("code-cell", pages.CellThatIsNotRun, override=True)
    app.add_directive("book-runs", reader.Runs)
    app.add_post_transform(pages.GlueIsThere)
    app.add_role("book-value", expressions.Value())
    app.add_role("eval", expressions.Expression(), override=True)
    app.connect("env-get-outdated", bring_up_to_date)
    app.connect("env-purge-doc", leftovers.forget_glue)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def bring_up_to_date(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Run stale chapters; return the pages that Sphinx must read again because outputs changed.

    Any page can show numbers of any other (glue), so all are read again if one's outputs or the
    banner changed.
    """
    book = open_book(app)
    stale = book.stale
    if os.environ.get(ASK):
        runs.require_fresh(book, Path(app.outdir))
    if name := os.environ.get(reader.ONE):
        for path in one_figure.make(book, name, Path(app.outdir).parent / "figures"):
            LOGGER.info("%s", path)
        raise SystemExit(0)
    if stale:
        LOGGER.info("\n%d of %d chapters to run", len(stale), len(book.chapters))
    number = 0
    for chapter in book.chapters.values():
        if not is_complete(book.stored(chapter.docname)):
            number += 1
            count = max(number, len(stale))  # what a chapter was seen to read can make others stale
            LOGGER.info("[%d/%d] %s ...", number, count, chapter.docname)
            start = time.monotonic()
            book = refresh(book, chapter)
            LOGGER.info(
                "[%d/%d] %s: %.1f s", number, count, chapter.docname, time.monotonic() - start
            )
    if changed := book.stale:
        raise BookError(
            f"{changed[0].docname}.md reads a file that a chapter has changed which ran after it; "
            "name that chapter in its `after`, or let both use different files."
        )
    leftovers.remove(app)
    reader.read_from(book, env)
    _connect_pages(app, book)
    return _outdated(app, env, book)


def _connect_pages(app: Sphinx, book: Book) -> None:
    is_site = app.builder.name in ("html", "dirhtml")  # and not print, or one file

    def resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
        if book.banner:
            pages.add_banner(doctree, book.banner)
        if docname in book.chapters:
            pages.add_foot(doctree, runs.foot(book, docname))

    def page_context(
        app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object
    ) -> None:
        if is_site:
            pages.add_notebook(app, book, pagename, context)
            pages.add_files(app, book, pagename)
        pages.add_plotly(app, context)

    def finished(app: Sphinx, exception: Exception | None) -> None:
        if exception is None and is_site:
            source_pages.write(book.library, Path(app.outdir))

    app.connect("build-finished", finished)
    app.connect("doctree-resolved", resolved)
    # Before the theme makes its download menu.
    app.connect("html-page-context", page_context, priority=100)


def _outdated(app: Sphinx, env: BuildEnvironment, book: Book) -> list[str]:
    """All pages if what they show differs from what is in the pickled environment or in the output
    folder.

    Both must agree: builders share the environment (a PDF build may have read the new outputs), and
    a build may have been interrupted between reading and writing.
    """
    shown, record = runs.shown(book), Path(app.outdir) / runs.SHOWN
    if getattr(env, "book_shown", None) == shown and runs.is_shown(book, record.parent):
        return []
    env.book_shown = shown
    record.unlink(missing_ok=True)

    def written(app: Sphinx, exception: Exception | None) -> None:
        if exception is None:
            record.write_text(shown, encoding="utf-8")

    app.connect("build-finished", written)
    return sorted(env.found_docs)
