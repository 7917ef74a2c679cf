"""The built pages: they show what was computed, ask no network for anything, and say what their
figures show.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import pytest
from minibook import FILES, ROOT
from plotly.offline import get_plotlyjs_version

pytestmark = pytest.mark.usefixtures("fresh")
PAGES = ("index", "book/numbers", "book/figures", "book/plain", "search", "genindex")
FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("a", "href"),
}


@pytest.fixture(scope="module")
def fresh(built):
    """The pages are those of the book as it is."""
    built.build()


class Tags(HTMLParser):
    """All tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.mark.parametrize("docname", PAGES)
def test_every_link_and_every_file_a_page_loads_is_beside_it(built, docname):
    page = built.folder / "_build" / "html" / f"{docname}.html"
    addresses = [
        attributes[name]
        for tag, attributes in Tags(page.read_text()).tags
        for name in attributes
        if (tag, name) in FETCHED and attributes[name]
    ]
    assert addresses
    for address in map(urlsplit, addresses):
        assert not address.scheme and not address.netloc, address.geturl()
        if address.path:
            assert (page.parent / unquote(address.path)).is_file(), address.path


def test_mathjax_finds_its_fonts_beside_it(built):
    scripts = [
        a.get("src", "")
        for tag, a in Tags(built.read("_build/html/book/numbers.html")).tags
        if tag == "script"
    ]
    (mathjax,) = [script for script in scripts if "mathjax" in script]
    folder = built.folder / "_build" / "html" / "book" / Path(urlsplit(mathjax).path).parent
    assert len(list((folder / "output" / "chtml" / "fonts" / "woff-v2").glob("*.woff"))) > 20


def test_figures_are_numbered_and_described(built):
    html = built.page("book/figures")
    (image,) = [a for tag, a in Tags(html).tags if tag == "img"]
    assert image["alt"] == "One dot"
    assert [a["aria-label"] for _, a in Tags(html).tags if a.get("role") == "group"] == [
        'One point in "space"'
    ]
    assert re.findall(r'caption-number">(Fig. \d)', html) == ["Fig. 1", "Fig. 2"]
    assert re.findall(r'std-numref">(Fig. \d)', html) == ["Fig. 1", "Fig. 2"]


def test_plotly_is_loaded_before_it_is_called_and_only_where_it_is(built):
    html = built.read("_build/html/book/figures.html")
    (script,) = [
        a for tag, a in Tags(html).tags if tag == "script" and "plotly" in a.get("src", "")
    ]
    assert not {"defer", "async"} & set(script)
    assert html.index(script["src"]) < html.index("Plotly.newPlot(")
    assert "plotly" not in built.read("_build/html/book/numbers.html")


def test_the_vendored_plotly_is_the_one_that_the_python_package_writes_for():
    header = (ROOT / "book" / "vendor" / "plotly" / "plotly-gl3d.min.js").read_text()[:200]
    assert f"v{get_plotlyjs_version()}" in header


def test_the_image_of_an_interactive_figure_is_what_is_printed(built):
    built.build("--builder", "custom", "--custom-builder", "latex")
    (tex,) = (built.folder / "_build" / "latex").glob("*.tex")
    assert tex.read_text().count("\\sphinxincludegraphics") == 2


def test_pages_are_clean_of_stderr(built):
    assert "a warning" not in built.page("book/numbers")


@pytest.mark.parametrize("name", [name for name in FILES if FILES[name].startswith("---")])
def test_jupyter_lab_reads_the_same_cells_and_saves_the_same_file(name, built):
    notebook = jupytext.reads(FILES[name], fmt="md:myst")
    assert jupytext.writes(notebook, fmt="md:myst") == FILES[name]
    downloaded = json.loads(built.read(f"_build/html/_sources/{name.removesuffix('.md')}.ipynb"))
    codes = ["".join(cell["source"]) for cell in downloaded["cells"] if cell["cell_type"] == "code"]
    assert codes == [cell.source for cell in notebook.cells if cell.cell_type == "code"]
