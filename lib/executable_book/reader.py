"""How Sphinx reads a chapter: its present prose and code with the outputs of its last execution.

myst-nb calls `read` with nothing but the text of a page (`nb_custom_formats` in `_config.yml`), so
the book of the running build is kept in this module, and the page is the one that Sphinx's
environment is reading.
"""

import base64
from html import escape

import nbformat
from docutils import nodes
from docutils.parsers.rst import Directive
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment

from executable_book.book import Book
from executable_book.chapter import Chapter
from executable_book.expressions import in_cell, is_values, of_files, of_lines, put_values, values
from executable_book.figures import check_figures, plotly_html
from executable_book.runs import as_table
from executable_book.source_pages import linked
from executable_book.store import INJECTED, PLOTLY, load

ONE = "BOOK_FIGURE"  # an environment variable: make the figure with this name, and no pages
FIGURES = "_figures"  # below the folder of the pages
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
    written = files(chapter, stored)
    cells, source_map = [], []
    for cell, line in zip(page.cells, page.metadata["source_map"], strict=True):
        cells.append(cell)
        source_map.append(line)
        if cell.cell_type == "markdown":
            put_values(cell, said)
        elif (number := number + 1) in lines:
            links = [f"{up}{FIGURES}/{path}" for path in written.get(number, {})]
            name = cell.metadata.mystnb.figure.get("name", "")
            html = card(linked(said[lines[number]], book.library, up), links, name)
            cells.append(nbformat.v4.new_markdown_cell(html))
            source_map.append(line)
    page.cells, page.metadata["source_map"] = cells, source_map


def card(line: str, links: list[str], name: str) -> str:
    """What made a figure (HTML), folded, where its files are, and how it alone is made again, as
    HTML on one line.
    """
    named = [
        f'<a href="{escape(link)}" download>{link.rpartition(".")[2].upper()}</a>' for link in links
    ]
    files = f" Download: {', '.join(named)}." if links else ""
    return (
        "<details class='provenance'><summary>How this figure was made</summary>"
        f'<p class="provenance">{line}{files} To make it alone: '
        f"<code>{ONE}={escape(name)} jupyter-book build .</code></p></details>"
    )


def files(chapter: Chapter, stored: NotebookNode) -> dict[int, dict[str, bytes]]:
    """By the number of its code cell, the files of each figure of an executed chapter by their
    names: those that functions of the book made of it, and the image.
    """
    page = nbformat.from_dict(chapter.notebook)
    put_outputs(page, stored)
    said, made = values(chapter, stored), of_files(chapter)
    found = {}
    for number, cell in enumerate(cell for cell in page.cells if cell.cell_type == "code"):
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        if not name:
            continue
        texts = {suffix: said[of[number]] for suffix, of in made.items()}
        contents = {suffix: text.encode() for suffix, text in texts.items() if text}
        for output in cell.outputs:
            if image := output.get("data", {}).get("image/png"):
                contents["png"] = base64.b64decode(image)
        found[number] = {
            f"{chapter.docname}-{name}.{suffix}": content for suffix, content in contents.items()
        }
    return found


def _has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])
