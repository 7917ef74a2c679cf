"""Numbers in the prose: ``{eval}`f"{change:.1f}"` `` is what the expression says when the chapter
has run.

JupyterLab shows the same role with jupyterlab-myst. Here a cell is added at the end of the chapter
that evaluates all expressions, and its output is stored with those of the chapter's own cells. The
line under a figure, which says what made it, is of the same kind: the book's own function
(`book_line` in `_config.yml`) makes it of the function that the figure's cell calls last. So are
the files that the functions of `book_files` make of the figure itself.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from os.path import relpath

import nbformat
from docutils import nodes
from nbformat import NotebookNode
from sphinx.util.docutils import SphinxRole

from executable_book.chapter import Chapter
from executable_book.dashes import DASH
from executable_book.errors import BookError

EXPRESSION = re.compile(r"(?<!`)\{eval\}`([^`\n]+)`(?!`)")
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
TAG = "book-values"  # of the cell that is added
MIME = "application/vnd.executable-book+json"
# As formats write what is no number.
NO_NUMBER = re.compile(r"(?<![\w.])[+-]?(?:nan|inf)%?(?!\w)")
CELL = """\
from IPython.display import display as _display


def _book_value(expression):
    try:
        return {{"text": str(eval(expression))}}
    except Exception as error:
        return {{"error": f"{{type(error).__name__}}: {{error}}"}}


def _book_shown(source):
    numbers = [number for number, code in enumerate(In) if code.strip() == source.strip()]
    return Out.get(numbers[-1]) if numbers else None


_display({{{mime!r}: {{asked: _book_value(asked) for asked in {expressions!r}}}}}, raw=True)
"""


def in_prose(notebook: NotebookNode) -> Iterator[str]:
    """The expressions in the markdown cells."""
    for cell in notebook.cells:
        yield from (match[1] for match in in_cell(cell))


def in_cell(cell: NotebookNode) -> list[re.Match]:
    """Where the expressions stand in a cell, of which only one of markdown has any; those in fenced
    code are shown and not meant.
    """
    if cell.cell_type != "markdown":
        return []
    prose = FENCED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), cell.source)
    return list(EXPRESSION.finditer(prose))


def of_lines(chapter: Chapter) -> dict[int, str]:
    """By the number of the code cell, the expression of the line under its figure; none if the book
    has no such function.
    """
    return _of_figures(chapter, chapter.line, _called_last)


def of_files(chapter: Chapter) -> dict[str, dict[int, str]]:
    """By suffix, the same of the files that are made of figures."""
    return {
        suffix: _of_figures(chapter, function, lambda source: f"_book_shown({source!r})")
        for suffix, function in chapter.files.items()
    }


def _of_figures(chapter: Chapter, name: str, argument: Callable[[str], str]) -> dict[int, str]:
    module, _, function = name.rpartition(".")
    return {
        number: f"__import__({module!r}, fromlist=['']).{function}({argument(cell.source)})"
        for number, cell in enumerate(chapter.code_cells)
        if name and "figure" in cell.metadata.get("mystnb", {})
    }


def _called_last(source: str) -> str:
    """The function that the last statement of a cell calls, `None` if it is something else."""
    try:
        last = ast.parse(source).body[-1]
    except (SyntaxError, IndexError):  # the cell itself will say so
        return "None"
    return (
        ast.unparse(last.value.func)
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
        else "None"
    )


def all_of(chapter: Chapter) -> list[str]:
    """Every expression of a chapter once."""
    files = (asked for found in of_files(chapter).values() for asked in found.values())
    asked = [*in_prose(chapter.notebook), *of_lines(chapter).values(), *files]
    return list(dict.fromkeys(asked))


def with_values(chapter: Chapter) -> NotebookNode:
    """The notebook of a chapter with a last cell that evaluates its expressions."""
    notebook, expressions = chapter.notebook, all_of(chapter)
    cell = nbformat.v4.new_code_cell(
        CELL.format(mime=MIME, expressions=expressions), metadata={"tags": [TAG]}, id=TAG
    )
    return nbformat.from_dict(
        {**notebook, "cells": [*notebook.cells, cell] if expressions else notebook.cells}
    )


def is_values(cell: NotebookNode) -> bool:
    """Whether this is the cell that was added."""
    return TAG in cell.metadata.get("tags", [])


def values(chapter: Chapter, executed: NotebookNode) -> dict[str, str]:
    """What each expression says in an executed chapter; a number that is none is a dash.

    Raises
    ------
    BookError
        An expression cannot be evaluated.
    """
    outputs = [output for cell in executed.cells if is_values(cell) for output in cell.outputs]
    found: dict[str, dict] = {}
    for output in outputs:
        found |= output.get("data", {}).get(MIME, {})
    for expression, value in found.items():
        if "error" in value:
            lines = chapter.text.splitlines()
            number = next(
                (n for n, line in enumerate(lines, 1) if f"{{eval}}`{expression}`" in line), 1
            )
            raise BookError(
                f"{chapter.docname}.md:{number}: {expression} has no value: {value['error']}."
            )
    return {expression: NO_NUMBER.sub(DASH, value["text"]) for expression, value in found.items()}


def put_values(cell: NotebookNode, found: Mapping[str, str]) -> None:
    """Put the values into a markdown cell, each into a role that shows it as it stands."""
    for match in reversed(in_cell(cell)):
        text = " ".join(found[match[1]].replace("`", "'").split()) or DASH
        cell.source = (
            f"{cell.source[: match.start()]}{{book-value}}`{text}`{cell.source[match.end() :]}"
        )


class Value(SphinxRole):
    """Text as it stands."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """The text."""
        return [nodes.inline(self.rawtext, nodes.unescape(self.text), classes=["book-value"])], []


class Expression(SphinxRole):
    """An expression that no chapter has evaluated: on a plain page, in a caption, in an included
    file, or over two lines.
    """

    def run(self) -> tuple[list[nodes.Node], list]:
        """Refuse it: the page would show code for a number."""
        source, line = self.get_source_info()
        raise BookError(
            f"{relpath(source, self.env.srcdir)}:{line}: {{eval}}`{self.text}` would not be "
            "evaluated here; an expression stands on one line "
            "of the text of a chapter, and not in a caption or a note in a caption."
        )
