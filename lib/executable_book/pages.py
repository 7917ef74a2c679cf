"""What the written pages carry besides their text: the banner, the executed notebook, plotly's script."""

from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

from executable_book.book import Book
from executable_book.reader import downloadable

PLOTLY_SCRIPT = "plotly/plotly-gl3d.min.js"


def add_banner(doctree: nodes.document, banner: str) -> None:
    """Put the banner under the title of a page."""
    note = nodes.warning("", nodes.paragraph("", banner), classes=["book-banner"])
    section = next(doctree.findall(nodes.section), None)
    if section is None:
        doctree.insert(0, note)
    else:
        section.insert(1, note)


def add_notebook(app: Sphinx, book: Book, pagename: str, context: dict) -> None:
    """Put the executed notebook beside the page's source and into its download menu."""
    if pagename in book.chapters and app.builder.name in ("html", "dirhtml"):
        target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(downloadable(book, pagename), target)
        context["ipynb_source"] = f"{pagename}.ipynb"


def add_plotly(app: Sphinx, context: dict) -> None:
    """Load plotly.js in the page's head, at once, if the page has a figure that calls it while it is parsed."""
    if 'class="plotly-graph-div"' in context.get("body", ""):
        app.add_js_file(PLOTLY_SCRIPT)
