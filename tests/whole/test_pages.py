"""The smoke book, built from a clean copy of the repository, as its readers meet it.

In it one network's training has failed, and one of nearly every experiment fails in every measure:
where numbers are missing, pages break. A book without such networks is what `.ci/run` makes.
"""

import math
import re
from urllib.parse import unquote, urlsplit

import pytest
from browser import browser, faults_of_access, from_elsewhere, shown, weight
from bs4 import BeautifulSoup
from missing_results import REASON, faults, refuse_measures, spoil
from smoke_book import ROOT, build, clone, python

from executable_book import pdf
from executable_book.source_pages import FOLDER


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of what git would clone, built with every warning an error; perception network 1 and
    network 0 of all other experiments have no numbers.
    """
    book = tmp_path_factory.mktemp("clone")
    clone(book)
    # *Make it yours* shows a plain array, as a terminal does.
    refuse_measures(book, of_all_but="perception|delay.*")
    python(
        book,
        "from taskrnn.ensembles.ensemble import ensemble; "
        "from taskrnn.profiles import experiment_named; "
        "ensemble(experiment_named('perception', profile='smoke'), 2, data='data')",
    )
    spoil(book / "data", 1, task="perception")
    build(book, "-W", "--keep-going", "-n")
    return book


@pytest.fixture(scope="module")
def pages(book):
    """The parsed pages by path."""
    html = book / "_build" / "html"
    found = {
        path: BeautifulSoup(path.read_text(), "html.parser")
        for path in html.rglob("*.html")
        if not {"vendor", FOLDER} & set(path.parts)
    }
    named = {path.relative_to(html).as_posix() for path in found}
    assert {"index.html", "book/training.html", "book/references.html"} <= named
    return {path: page for path, page in found.items() if "_static" not in path.parts}


def chapters(pages):
    """The pages that are chapters: those with code."""
    return {path: page for path, page in pages.items() if page.select("div.cell")}


def test_every_link_and_image_resolves(pages):
    for path, page in pages.items():
        for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
            for element in page.find_all(tag, attrs={attribute: True}):
                url = urlsplit(element[attribute])
                if url.scheme:
                    continue
                target = (path.parent / unquote(url.path)).resolve() if url.path else path
                assert target.exists(), f"{path.name}: {element[attribute]} leads nowhere"
                if url.fragment and target in pages:
                    assert pages[target].find(id=url.fragment), (
                        f"{path.name}: {element[attribute]} has no such place"
                    )
                if FOLDER in target.parts:
                    assert f'id="{url.fragment}"' in target.read_text(), element[attribute]


def test_no_page_names_another_server(pages):
    for path, page in pages.items():
        for element in page.find_all(["script", "link", "img", "iframe", "source", "form"]):
            for attribute in ("src", "href", "action", "srcset"):
                assert "//" not in element.get(attribute, ""), f"{path.name}: {element}"
        for script in page.find_all("script"):
            assert "http" not in (script.string or ""), f"{path.name}: {script.string[:200]}"


def test_every_figure_has_a_number_a_caption_alt_text_and_a_line_that_says_what_made_it(pages):
    count = 0
    for path, page in chapters(pages).items():
        for image in page.select("div.cell_output img"):
            figure = image.find_parent("figure")
            assert figure, f"{path.name}: an image that is no figure"
            assert len(image["alt"].split()) > 8 and "/" not in image["alt"], (
                f"{path.name}: {image['alt']}"
            )
            assert re.match(r"Fig\. \d+", figure.select_one(".caption-number").text)
            assert len(figure.select_one(".caption-text").text.split()) > 5
            made = image.find_next("p", class_="provenance")
            line, code = made.text, made.select_one(f"a[href*='{FOLDER}/studies/']")
            assert code and f"Made by {code.text}" in line
            trained = ("profile smoke", "2 networks, seeds", "trained networks")
            other = {
                "speed.html": ("benchmarks/results.json", "measured 20"),
                "more_networks.html": ("results/large.json",),
                "readings.html": ("results/readings.json",),
                "future_work.html": ("profile smoke", "verdicts of its chapters"),
            }
            for part in ("Made by studies.", "commit", *other.get(path.name, trained)):
                assert part in line, line
            count += 1
    assert count >= 3


def test_outputs_are_free_of_errors_warnings_bars_and_unrendered_tables(pages):
    for path, page in chapters(pages).items():
        assert not page.select(".stderr, .traceback, .error, .system-message"), path.name
        for output in page.select("div.cell_output"):
            assert not re.search(r"Traceback|Warning|it/s|updates/s|\| ---", output.text), (
                f"{path.name}: {output.text[:300]}"
            )
        # An object of which a page shows nothing but that it is one.
        for paragraph in page.select("article p"):
            assert " object>" not in paragraph.text and " object at" not in paragraph.text, (
                f"{path.name}: {paragraph.text[:300]}"
            )


def test_smoke_pages_say_that_they_are_not_the_papers_numbers(pages):
    for path, page in chapters(pages).items():
        assert "not the paper's numbers" in page.select_one("article").text.replace("’", "'"), (
            path.name
        )


def test_numbers_in_the_prose_are_filled_in(pages):
    for path, page in pages.items():
        article = page.select_one("article")
        if article:
            assert not re.search(r"\{glue|\{numref|\{cite|\?\?|(?<!\.)\bnan\b", article.text), (
                path.name
            )


def test_the_front_page_lists_every_claim_and_what_is_judged(pages):
    page = next(page for path, page in pages.items() if path.name == "index.html")
    rows = [[cell.text for cell in row.find_all("td")] for row in page.select("table tr")]
    table = page.select("#the-verdicts tbody tr")
    verdicts = {row.td.text: row.find_all("td")[-1].text for row in table}
    ledger = (ROOT / "lib" / "studies" / "claims.toml").read_text()
    assert set(verdicts) == set(re.findall(r"^\[claims\.(\w+)\]", ledger, re.M))
    assert all("n = 2" in verdict for verdict in verdicts.values())
    overview = [row for row in rows if len(row) == 2]
    named = {first.split()[0] for first, _ in overview}
    assert {"H1", "H2", "H3", "H4", "Q1", "Q6", "chaos"} <= named
    shown = re.findall(r"\b[A-Z]\d+[a-z]?\b", " ".join(claims for _, claims in overview))
    assert sorted(shown) == sorted(verdicts)


def test_the_front_page_leads_to_each_figure_of_the_note(pages):
    front = next(page for path, page in pages.items() if path.name == "index.html")
    links = {a["href"] for a in front.select("article a[href]")}
    found = set()
    for path, page in pages.items():
        for caption in page.select("figcaption"):
            if said := re.search(r"The note[’']s Figure (\d+)", caption.get_text()):
                place = f"book/{path.name}#{caption.parent['id']}"
                assert place in links, f"{said[0]} is not linked: {place}"
                found.add(int(said[1]))
    assert found == set(range(1, 12))


def test_a_second_build_runs_nothing_and_another_profile_has_its_own_results(book):
    assert "chapters to run" not in build(book)
    assert sorted(path.name for path in (book / "data" / "verdicts").iterdir()) == ["smoke"]


def test_a_browser_shows_every_page_to_everybody_without_a_network(pages):
    """No error, nothing asked of another machine, and nothing that axe finds wrong."""
    with browser() as running:
        code = next(path for path in pages if path.name == "index.html").parent / FOLDER
        for path in (*pages, code / "studies" / "training" / "figures.html"):
            with shown(running, path) as page:
                assert not page.wrong and not from_elsewhere(page), path.name
                assert not page.locator("mjx-merror").count(), path.name
                assert not faults_of_access(page), path.name
                assert weight(page) < (4 if page.locator(".plotly-graph-div").count() else 2)


@pytest.mark.parametrize("look", ["dark", "phone"])
def test_pages_are_for_everybody_in_the_dark_and_on_a_phone(pages, look):
    some = [path for path in pages if path.stem in ("index", "training", "latent_space")]
    with browser() as running:
        for path in some:
            with shown(running, path, look) as page:
                assert not page.wrong and not faults_of_access(page), path.name
                width = "document.documentElement.scrollWidth - window.innerWidth"
                assert page.evaluate(width) <= 0, path.name


EYE = "figure => figure._fullLayout.scene.camera.eye"


def test_figures_obey_the_arrow_keys(pages):
    found = {path.stem: path for path in pages}
    with browser() as running:
        with shown(running, found["training"]) as page:
            figure = page.locator(".plotly-graph-div").first
            update = figure.locator(".slider-label").first
            assert update.text_content() == "update 0"
            figure.press("ArrowRight")
            page.wait_for_timeout(200)
            assert update.text_content() == "update 1"
            figure.press("ArrowLeft")
            figure.press("ArrowLeft")
            page.wait_for_timeout(200)
            assert update.text_content() == "update 0" and not page.wrong
        with shown(running, found["latent_space"]) as page:
            figure = page.locator(".plotly-graph-div").first
            before = figure.evaluate(EYE)
            figure.press("ArrowRight")
            turned = figure.evaluate(EYE)
            angles = [math.atan2(eye["y"], eye["x"]) for eye in (before, turned)]
            assert angles[1] - angles[0] == pytest.approx(0.15)
            assert figure.evaluate(EYE.replace("scene", "scene4")) == turned  # all turn together
            figure.press("ArrowLeft")
            assert figure.evaluate(EYE) == pytest.approx(before) and not page.wrong


def test_the_book_is_printed_with_its_drawings_and_links(book, tmp_path):
    with browser():  # or the test is skipped
        pass
    toc = tmp_path / "toc.yml"
    toc.write_text("format: jb-book\nroot: index\nchapters:\n  - file: book/latent_space\n")
    pdf.make(book / "_build" / "html", toc, tmp_path / "book.pdf")
    printed = pytest.importorskip("pypdf").PdfReader(tmp_path / "book.pdf")
    _, latent = printed.outline
    assert latent["/Title"] == "Latent space"
    begin = printed.get_destination_page_number(latent)
    links = [a.get_object() for page in printed.pages for a in page.get("/Annots", [])]
    led = [link["/Dest"][0].get_object() for link in links if isinstance(link.get("/Dest"), list)]
    assert printed.pages[begin] in led  # the front page's link to the chapter
    own = [str(link.get("/A", {}).get("/URI", "")) for link in links]
    assert not [url for url in own if url.partition("#")[0].endswith("book/latent_space.html")]
    drawn = [image for page in printed.pages[begin:] for image in page.images]
    assert max(image.image.width for image in drawn) > 1300  # the 3-D scenes, twice as sharp
    text = "".join(page.extract_text() for page in printed.pages[begin:])
    assert "Two layers in the decision task" in text


def test_the_search_finds_a_word(book):
    with browser() as running, shown(running, book / "_build" / "html" / "search.html") as page:
        page.goto(f"{page.url}?q=centrality")
        page.wait_for_selector("#search-results li a")
        assert "Subtle changes" in page.locator("#search-results").inner_text()


def test_the_browser_would_notice_a_request_an_error_and_a_fault(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<img src='http://example.test/a.png'><script>throw Error('x')</script>")
    with browser() as running, shown(running, path) as page:
        page.wait_for_load_state()
        assert page.wrong and from_elsewhere(page) == ["http://example.test/a.png"]
        assert any(fault.startswith("image-alt") for fault in faults_of_access(page))


def test_a_book_in_which_networks_have_no_numbers_says_so_and_shows_none_that_is_none(book):
    assert not faults(book)
    measures = {path.parent.name for path in (book / "data").glob("ensembles/*/*.*/*.nc")}
    assert len(measures) >= 20
    pages = {
        name: (book / "_build" / "html" / f"{name}.html").read_text()
        for name in ("index", "book/training", "book/regime")
    }
    assert pages["index"].count("n = 2, 1 missing") > 15
    assert "perception network 1 (update 5)" in pages["book/training"]
    assert (
        REASON in pages["book/regime"]
        and "training left weights that are not finite" in pages["book/regime"]
    )
