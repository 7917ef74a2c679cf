"""Figures and other outputs on pages: what each must come with, and interactive ones without a
network.
"""

from html import escape

from myst_nb.core.render import base_render_priority
from nbformat import NotebookNode

from executable_book.chapter import Chapter
from executable_book.errors import BookError
from executable_book.store import PLOTLY, WIDGET

SHOWN = {*base_render_priority()["html"], PLOTLY} - {WIDGET}
HIDDEN = {"remove-cell", "remove-output", "remove_cell", "remove_output"}


def check_figures(chapter: Chapter, cells: list[NotebookNode]) -> None:
    """Refuse a figure without number, caption or words for those who do not see it, and what a page
    cannot show.

    Parameters
    ----------
    chapter : Chapter
        The chapter, for names and lines.
    cells : list of NotebookNode
        Its code cells with their outputs.

    Raises
    ------
    BookError
        If a cell shows an image and its `mystnb` options lack alt text, caption or name, or if it
        shows anything besides, which would be a second figure of the same name; if it shows what is
        neither text nor image.
    """
    for index, cell in enumerate(cells):
        shown = [output.data for output in cell.outputs if _is_shown(output)]
        options = cell.metadata.get("mystnb", {})
        figure = options.get("figure", {})
        where = chapter.place(index)
        if HIDDEN & set(cell.metadata.get("tags", [])):
            continue
        for data in shown:
            if not SHOWN & set(data):
                raise BookError(
                    f"{where}: the cell shows {' and '.join(data) or 'nothing'}, which a page "
                    "cannot show; "
                    "display it as text, HTML or an image."
                )
        if figure and len(shown) > 1:
            raise BookError(
                f"{where}: the cell shows {len(shown)} outputs; a figure needs a cell of its own."
            )
        if any(mime == PLOTLY or mime.startswith("image/") for data in shown for mime in data):
            has = {
                "image: alt": options.get("image", {}).get("alt"),
                "figure: caption": figure.get("caption"),
                "figure: name": figure.get("name"),
            }
            missing = [f"`{key}`" for key, value in has.items() if not str(value or "").strip()]
            if missing:
                wanted = " and ".join(missing)
                raise BookError(
                    f"{where}: the cell shows a figure; add {wanted} to its `mystnb` options."
                )


def _is_shown(output: NotebookNode) -> bool:
    """Whether the page shows the output; numbers glued with `display=False` are only remembered."""
    return any(
        not mime.startswith("application/papermill.record/") for mime in output.get("data", {})
    )


def plotly_html(figure: dict, *, identifier: str, alt: str) -> str:
    """HTML of a plotly figure (its JSON), for a page that loads plotly.js itself; the same text in
    every build.
    """
    # Imported here: only pages that are read and have such a figure pay for it.
    from plotly.io import to_html

    html = to_html(
        figure,
        include_plotlyjs=False,
        full_html=False,
        div_id=identifier,
        validate=False,
        auto_play=False,
        default_height=450,
    )
    return f'<div role="group" aria-label="{escape(alt)}">{html}</div>'
