"""The book as one build sees it: its chapters, their keys and where their outputs are."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import import_object

from executable_book.chapter import Chapter, read_chapter
from executable_book.errors import BookError
from executable_book.inputs import Inputs, read_inputs
from executable_book.keys import Key, chapter_keys
from executable_book.order import run_order
from executable_book.parameters import checked_banner, injected, parameter_values
from executable_book.store import inputs_path, is_complete, stored_path


@dataclass(frozen=True, kw_only=True)
class Book:
    """What is known before anything runs.

    Attributes
    ----------
    source, library, results, folder : Path
        Folder of `_config.yml`, of the local modules, of what chapters leave for others, of the
        executed chapters.
    chapters : mapping
        Chapters by docname, in the order in which they run.
    keys, parameters : mapping
        By docname: key (`keys`), parameters put into the chapter.
    environment : mapping
        Environment variables for the chapters' code.
    time_limit : int
        Seconds that a cell may take.
    banner : str
        Stands on top of every page if not empty.
    """

    source: Path
    library: Path
    results: Path
    folder: Path
    chapters: Mapping[str, Chapter]
    keys: Mapping[str, Key]
    parameters: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str]
    time_limit: int
    banner: str

    def stored(self, docname: str) -> Path:
        """The executed chapter; the file exists unless the chapter is stale."""
        return stored_path(self.folder, docname, self.keys[docname].full)

    @property
    def stale(self) -> list[Chapter]:
        """Chapters to run, in order."""
        return [
            chapter
            for docname, chapter in self.chapters.items()
            if not is_complete(self.stored(docname))
        ]

    def with_keys(self) -> "Book":
        """The book with the keys that its chapters have now; those that run change what others
        depend on.
        """
        keys = chapter_keys(
            list(self.chapters.values()),
            parameters=self.parameters,
            environment=self.environment,
            source=self.source,
            library=self.library,
            inputs=self.inputs,
        )
        return replace(self, keys=keys)

    def inputs(self, docname: str, written: str) -> Inputs:
        """What a chapter that says the same was seen to read."""
        return read_inputs(inputs_path(self.folder, docname, written))


def open_book(app: Sphinx) -> Book:
    """The book of a Sphinx project, checked.

    Raises
    ------
    BookError
        For a chapter or a parameter that cannot be as it is.
    """
    config = app.config
    toc = getattr(config, "external_site_map", None)
    if toc is None:
        raise BookError(
            "Chapters need the whole book: run `jupyter-book build .` in the folder of _toc.yml."
        )
    source = Path(app.srcdir).resolve()
    functions = {"line": config.book_line, "files": config.book_files}
    options = {"config": app.env.myst_config, **functions}
    found = [
        read_chapter(name, Path(app.env.doc2path(name)), **options) for name in _docnames(app, toc)
    ]
    chapters = [chapter for chapter in found if chapter]
    values = parameter_values(chapters, variables=config.book_parameters, environment=os.environ)
    banner = checked_banner(import_object(config.book_check) if config.book_check else None, values)
    chapters = run_order(chapters)
    return Book(
        source=source,
        library=source / config.book_library,
        results=source / config.book_results,
        folder=source / config.book_store,
        chapters={chapter.docname: chapter for chapter in chapters},
        keys={},
        parameters={chapter.docname: injected(chapter, values) for chapter in chapters},
        environment={name: str(value) for name, value in config.book_environment.items()},
        time_limit=config.book_time_limit,
        banner=banner,
    ).with_keys()


def _docnames(app: Sphinx, toc: Iterable[str]) -> list[str]:
    """The pages of the table of contents, which names them with or without their suffix."""
    return [
        docname for name in toc if (docname := app.env.path2doc(name) or name) in app.env.found_docs
    ]
