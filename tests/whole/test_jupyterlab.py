"""What JupyterLab's server reads of a chapter and writes when it is saved: the file as it was, whatever has been run."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from in_jupyterlab import open_by_double_click, run_all, save
from smoke_book import CHROMIUM, ROOT, clone

CHAPTERS = [ROOT / "index.md", *sorted((ROOT / "book").glob("*.md"))]
CHAPTERS = [
    path.relative_to(ROOT).as_posix() for path in CHAPTERS if "{code-cell}" in path.read_text()
]
# As JupyterLab writes it when the kernel has started.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A function that asks the server of JupyterLab in a copy of the repository, as `make lab` starts it."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    clone(folder)
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--config=.jupyter/lab_config.py",
        "--no-browser",
        "--allow-root",
    ]
    options = [
        f"--port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        f"--notebook-dir={folder}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([*command, *options], cwd=folder, stdout=log, stderr=log) as running,
    ):

        def ask(path: str, body: dict | None = None) -> dict:
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/{path}", data, method="PUT" if data else "GET"
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)

        try:
            for _ in range(240):
                try:
                    ask("api/status")
                    break
                except OSError:
                    assert running.poll() is None, (folder / "log").read_text()
                    time.sleep(0.5)
            yield ask, folder, f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_that_is_run_and_saved_is_the_same_file(server, name):
    ask, folder, _ = server
    written = (folder / name).read_text()
    model = ask(f"api/contents/{name}?type=notebook&content=1")
    notebook = model["content"]
    notebook["metadata"] |= {
        "kernelspec": KERNEL,
        "language_info": {"name": "python", "version": "3.11.7"},
    }
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell |= {
                "execution_count": number,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
            }
        else:
            cell["metadata"]["user_expressions"] = [{"expression": "x", "result": {"status": "ok"}}]
    ask(f"api/contents/{name}", {"type": "notebook", "format": "json", "content": notebook})
    assert (folder / name).read_text() == written


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_a_chapter_that_a_reader_opens_and_runs_shows_its_numbers(server):
    """By double-click, in a browser: no error, no role in sight, and saved it is the same file."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    _, folder, address = server
    chapter = folder / "book" / "training.md"
    written = chapter.read_text().replace('profile = "paper"', 'profile = "smoke"')
    chapter.write_text(written)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        open_by_double_click(page, address, "book/training.md")
        asked = page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()
        seen = run_all(page)
        save(page)
        browser.close()
    assert not asked and not seen["errors"]
    text = "\n".join(seen["text"])
    assert re.search(r"Answer\.? .*\d", text) and not re.search(r"\{eval|\{glue", text)
    assert chapter.read_text() == written


def test_no_news_of_jupyter_is_asked_for(server):
    ask, *_ = server
    asked = ask("lab/api/settings/@jupyterlab/apputils-extension:notification")["schema"][
        "properties"
    ]
    assert asked["fetchNews"]["default"] == "false" and asked["checkForUpdates"]["default"] is False


def test_numbers_in_the_text_are_shown_by_an_extension_that_is_installed():
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"jupyterlab-myst v2\.\S+ \S*enabled", listed.stdout + listed.stderr)
