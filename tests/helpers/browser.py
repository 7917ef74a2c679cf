"""Pages as a browser shows them."""

import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from smoke_book import CHROMIUM

LOOKS = {
    "wide": {"color_scheme": "light", "viewport": {"width": 1300, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1300, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 800}},
}


@contextmanager
def browser():
    """Chromium without a network; the test is skipped, with the reason, where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=options)
        yield running
        running.close()


@contextmanager
def shown(running, path: Path, look: str = "wide"):
    """The page; with it what it asked for, and what went wrong on its console."""
    context = running.new_context(**LOOKS[look])
    page = context.new_page()
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.goto(path.as_uri())
    if page.locator(".math").count():
        page.wait_for_selector("mjx-container")
    yield page
    context.close()


def faults_of_access(page) -> list[str]:
    """What axe finds serious or moderate, with the first place."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    page.evaluate(Path(axe.__file__).with_name("axe.min.js").read_text())
    page.wait_for_timeout(500)  # colours that change from light to dark are between the two
    found = page.evaluate("() => axe.run({preload: false})")["violations"]
    return [
        f"{one['id']} ({one['impact']}) at {one['nodes'][0]['target']}"
        for one in found
        if one["impact"] in ("critical", "serious", "moderate")
    ]


def from_elsewhere(page) -> list[str]:
    """What the page asked of another place than this disk."""
    return [url for url in page.asked if not re.match(r"file:|data:|blob:", url)]


def weight(page) -> float:
    """Size of the page and its images, in MB; scripts and styles are the same for all pages."""
    paths = {Path(unquote(urlsplit(url).path)) for url in page.asked if url.startswith("file:")}
    own = [path for path in paths if path.is_file() and "_static" not in path.parts]
    return sum(path.stat().st_size for path in own) / 1e6
