"""What the written pages carry besides their text (the banner, the executed notebook, plotly's
script), and must not lack.
"""

from os.path import relpath
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.parsers.rst import Directive
from myst_nb.ext.glue.crossref import read_glue_cache
from myst_nb.ext.glue.utils import PendingGlueReference
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from executable_book.book import Book
from executable_book.errors import BookError
from executable_book.reader import FIGURES, downloadable, files
from executable_book.store import load, replace

PLOTLY_SCRIPT = "plotly/plotly-gl3d.min.js"


def add_banner(doctree: nodes.document, banner: str) -> None:
    """Put the banner under the title of a page."""
    note = nodes.warning("", nodes.paragraph("", banner), classes=["book-banner"])
    section = next(doctree.findall(nodes.section), None)
    if section is None:
        doctree.insert(0, note)
    else:
        section.insert(1, note)


def add_foot(doctree: nodes.document, text: str) -> None:
    """Put a line at the end of a page."""
    doctree.append(nodes.paragraph("", text, classes=["book-foot"]))


def add_notebook(app: Sphinx, book: Book, pagename: str, context: dict) -> None:
    """Put the executed notebook beside the page's source and into its download menu."""
    if pagename in book.chapters:
        target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(downloadable(book, pagename), target)
        context["ipynb_source"] = f"{pagename}.ipynb"


def add_files(app: Sphinx, book: Book, pagename: str) -> None:
    """Write the files of a page's figures beside it."""
    if pagename in book.chapters:
        found = files(book.chapters[pagename], load(book.stored(pagename)))
        for of_figure in found.values():
            write_files(of_figure, Path(app.outdir) / FIGURES)


def write_files(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Write files by their names below a folder; where they are."""
    for name, content in files.items():
        replace(folder / name, content)
    return [folder / name for name in files]


def add_plotly(app: Sphinx, context: dict) -> None:
    """Load plotly.js in the page's head, at once, if the page has a figure that calls it while it
    is parsed.
    """
    if 'class="plotly-graph-div"' in context.get("body", ""):
        app.add_js_file(PLOTLY_SCRIPT)


class CellThatIsNotRun(Directive):
    """A code cell that is left when the cells of the chapter have been taken out of the page."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Refuse it: it would be shown as if it had been run."""
        source, line = self.state_machine.get_source_and_line(self.lineno)
        raise BookError(
            f"{relpath(source, self.state.document.settings.env.srcdir)}:{line}: this code cell "
            "would never be run, because it stands inside of something else "
            "(a list, a note, an included file); move it to the top level of a chapter."
        )


class GlueIsThere(SphinxPostTransform):
    """Refuses a number of another page that this page does not have, which would leave a hole in
    the sentence.
    """

    default_priority = 4  # myst_nb puts the numbers in at 5

    def apply(self, **options: object) -> None:
        """Check the references of a page."""
        for node in self.document.findall(PendingGlueReference):
            if node.key not in read_glue_cache(self.env.mystnb_config.output_folder, node.refdoc):
                raise BookError(
                    f"{self.env.docname}.md:{node.line}: the page shows {node.key!r} of "
                    f"{node.refdoc}, which glues no such "
                    "value; correct the name, or glue it there."
                )
