"""How Sphinx reads a chapter: its present prose and code with the outputs of its last execution.

myst-nb calls `read` with nothing but the text of a page (`nb_custom_formats` in `_config.yml`), so
the book of the running build is kept in this module, and the page is the one that Sphinx's
environment is reading.
"""

from html import escape

import nbformat
from docutils import nodes
from docutils.parsers.rst import Directive
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment

from executable_book.book import Book
from executable_book.expressions import in_cell, is_values, of_data, of_lines, put_values, values
from executable_book.figures import check_figures, plotly_html
from executable_book.runs import as_table
from executable_book.source_pages import linked
from executable_book.store import INJECTED, PLOTLY, load

_reading: tuple[Book, BuildEnvironment] | None = None


class Runs(Directive):
    """The table of `runs`, where a page has `{book-runs}`."""

    def run(self) -> list[nodes.Node]:
        """The table as HTML."""
        return [nodes.raw("", as_table(_reading[0]), format="html")]


def read_from(book: Book, env: BuildEnvironment) -> None:
    """From now on, read the pages of this book."""
    global _reading
    _reading = book, env


def read(text: str) -> NotebookNode:
    """The page as a notebook; a plain page has no code cells and stays as it is.

    Raises
    ------
    BookError
        If a figure lacks its caption or alt text (`figures.check_figures`).
    """
    book, env = _reading
    docname = env.docname
    page = read_myst_markdown_notebook(
        text, config=env.myst_config, add_source_map=True, path=env.doc2path(docname)
    )
    if docname not in book.chapters:
        return page
    stored = load(book.stored(docname))
    put_outputs(page, stored)
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    check_figures(book.chapters[docname], cells)
    put_texts(page, book, docname, stored)
    for number, cell in enumerate(cells):
        alt = str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
        for output in cell.outputs:
            if PLOTLY in output.get("data", {}):
                identifier = f"plotly-{docname.replace('/', '-')}-{number}"
                html = plotly_html(output.data.pop(PLOTLY), identifier=identifier, alt=alt)
                # The first that a builder can show is taken: HTML in pages, the image in print.
                output.data = nbformat.from_dict({"text/html": html, **output.data})
    return page


def downloadable(book: Book, docname: str) -> NotebookNode:
    """The chapter as an executed notebook that runs elsewhere: with the parameters of this
    build.
    """
    chapter = book.chapters[docname]
    page = nbformat.from_dict(chapter.notebook)
    stored = load(book.stored(docname))
    put_outputs(page, stored)
    page.metadata.pop("source_map")
    said = values(chapter, stored)
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.metadata["user_expressions"] = [
                {
                    "expression": match[1],
                    "result": {
                        "status": "ok",
                        "data": {"text/plain": repr(said[match[1]])},
                        "metadata": {},
                    },
                }
                for match in in_cell(cell)
            ]
    for number, cell in enumerate(page.cells):
        if _has_tag(cell, "parameters"):
            page.cells[number + 1 : number + 1] = [
                other for other in stored.cells if _has_tag(other, INJECTED)
            ]
            break
    for number, cell in enumerate(page.cells):
        cell.id = f"cell-{number}"
    return page


def put_outputs(page: NotebookNode, stored: NotebookNode) -> None:
    """Put stored outputs onto the code cells of the page, which are the same code in the same
    order.
    """
    executed = [
        cell
        for cell in stored.cells
        if cell.cell_type == "code" and not (_has_tag(cell, INJECTED) or is_values(cell))
    ]
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    for cell, source in zip(cells, executed, strict=True):
        cell.outputs, cell.execution_count = source.outputs, source.execution_count
    page.metadata["language_info"] = stored.metadata.get("language_info", {})


def put_texts(page: NotebookNode, book: Book, docname: str, stored: NotebookNode) -> None:
    """Put the values of expressions into the prose of the page, and the lines under its figures."""
    chapter, up = book.chapters[docname], "../" * docname.count("/")
    said, lines, number = values(chapter, stored), of_lines(chapter), -1
    expressions = of_data(chapter)
    cells, source_map = [], []
    for cell, line in zip(page.cells, page.metadata["source_map"], strict=True):
        cells.append(cell)
        source_map.append(line)
        if cell.cell_type == "markdown":
            put_values(cell, said)
        elif (number := number + 1) in lines:
            name = cell.metadata.mystnb.figure.get("name", "")
            table = said.get(expressions.get(number, ""), "")
            html = card(
                linked(said[lines[number]], book.library, up),
                f"{up}{data_path(docname, name)}" if table else "",
            )
            cells.append(nbformat.v4.new_markdown_cell(html))
            source_map.append(line)
    page.cells, page.metadata["source_map"] = cells, source_map


def card(line: str, link: str) -> str:
    """What made a figure (HTML), folded, and where its numbers are, as HTML on one line."""
    data = f' <a href="{escape(link)}" download>Its numbers (CSV)</a>' if link else ""
    return (
        "<details class='provenance'><summary>How this figure was made</summary>"
        f'<p class="provenance">{line}{data}</p></details>'
    )


def data_path(docname: str, name: str) -> str:
    """Where the table of a figure's numbers lies below the folder of the pages."""
    return f"_figures/{docname}-{name}.csv"


def tables(book: Book, docname: str) -> dict[str, str]:
    """By their paths, the tables of a chapter's figures."""
    chapter = book.chapters[docname]
    said = values(chapter, load(book.stored(docname)))
    found = {
        data_path(docname, chapter.code_cells[number].metadata.mystnb.figure.name): said[expression]
        for number, expression in of_data(chapter).items()
    }
    return {path: table for path, table in found.items() if table}


def _has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])
