"""The pages of a built book as one PDF: `python -m executable_book.pdf _build/html book.pdf`.

Chromium prints each page, in the order of the contents; links between pages stay links.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx_external_toc.parsing import parse_toc_yaml

from executable_book.store import replace

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A canvas of WebGL prints as nothing, and a slider shows one moment: the image that is offered
# below the figure takes its place, or one of what is shown.
AS_IMAGES = """async () => {
  for (const drawn of document.querySelectorAll(".plotly-graph-div")) {
    const {width, height} = drawn.getBoundingClientRect();
    const name = drawn.closest("figure")?.id;
    const twin = document.querySelector(`details.provenance a[href$="-${name}.png"]`);
    const image = new Image();
    image.src = twin?.href ?? await Plotly.toImage(drawn, {format: "png", width, height, scale: 2});
    await image.decode();
    image.style.width = "100%";
    drawn.parentElement.replaceWith(image);  // which has the height of the drawing
  }
}"""
SIZE = {"format": "A4", "scale": 0.75, "print_background": True}
MARGIN = dict.fromkeys(("top", "bottom", "left", "right"), "18mm")


def make(html: Path, toc: Path, pdf: Path) -> int:
    """Write the PDF, whole or not at all; its number of pages.

    Parameters
    ----------
    html : Path
        Folder of the built pages.
    toc : Path
        The file with their order (`_toc.yml`).
    pdf : Path

    Raises
    ------
    RuntimeError
        There is no Chromium, or a page is not built.
    """
    from pypdf import PdfReader, PdfWriter

    writer, first = PdfWriter(), {}
    for page, content in printed(html, list(parse_toc_yaml(toc))):
        reader = PdfReader(BytesIO(content))
        first[page] = len(writer.pages)
        writer.append(reader, outline_item=title(page), import_outline=False)
    for page in writer.pages:
        for annotation in page.get("/Annots", []):
            lead(annotation.get_object(), writer, first)
    whole = BytesIO()
    writer.write(whole)
    replace(pdf, whole.getvalue())
    return len(writer.pages)


def chromium() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def printed(html: Path, docnames: list[str]) -> Iterator[tuple[Path, bytes]]:
    """Each page, and it as a PDF of its own."""
    from playwright.sync_api import sync_playwright

    browser = chromium()
    if browser is None:
        raise RuntimeError(f"The PDF is printed by Chromium; install one of {', '.join(BROWSERS)}.")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--enable-unsafe-swiftshader"]
        running = playwright.chromium.launch(executable_path=browser, args=options)
        for docname in docnames:
            path = (html / f"{docname}.html").resolve()
            if not path.is_file():
                raise RuntimeError(f"{path} is not there; build the book first (make book).")
            page = running.new_page(viewport={"width": 1000, "height": 1300}, color_scheme="light")
            page.goto(path.as_uri())
            if page.locator(".math").count():
                page.wait_for_selector("mjx-container", state="attached")
            page.evaluate(AS_IMAGES)
            yield path, page.pdf(margin=MARGIN, **SIZE)
            page.close()


def lead(annotation: dict, writer, first: dict[Path, int]) -> None:
    """Let a link to a page of the book lead to where that page begins in the PDF."""
    from pypdf.generic import ArrayObject, NameObject, NumberObject

    url = urlsplit(str(annotation.get("/A", {}).get("/URI", "")))
    target = first.get(Path(unquote(url.path))) if url.scheme == "file" else None
    if target is not None:
        where = [writer.pages[target].indirect_reference, NameObject("/XYZ")]
        del annotation["/A"]
        annotation[NameObject("/Dest")] = ArrayObject([*where, *[NumberObject(0)] * 3])


def title(page: Path) -> str:
    """The heading of a page."""
    found = re.search(r"<title>(.*?)(?: &#8212; .*)?</title>", page.read_text(encoding="utf-8"))
    return found[1] if found else page.stem


if __name__ == "__main__":
    _, source, target = sys.argv
    try:
        number = make(Path(source), Path("_toc.yml"), Path(target))
    except RuntimeError as error:
        sys.exit(str(error))
    print(f"{target}: {number} pages")
