"""What networks leave on disk that could not be trained or measured, and what pages must not make
of it.
"""

import re
from pathlib import Path

import numpy as np
import xarray as xr
from bs4 import BeautifulSoup

from taskrnn.ensembles import storage

REASON = "a test has taken its numbers away"
NO_NUMBER = re.compile(r"(?<!\w)(?:nan|NaN|inf)(?!\w)|^None$")
IDENTITY = ("measure", "measure_settings", "measure_code")


def result_files(data: Path, measure: str, network: int, *, task: str = "*") -> list[Path]:
    """The files of one measure, such as "regime.regime", of one network: one for each of its
    settings.
    """
    return sorted(data.glob(f"ensembles/{task}-*/{measure}/{network:06d}-*.nc"))


def take_away(paths: list[Path]) -> None:
    """Leave in the place of these results what `taskrnn.ensembles.results.compute` writes where it
    raised.
    """
    for path in paths:
        attributes = {
            name: value for name, value in storage.read(path).attrs.items() if name in IDENTITY
        }
        storage.write(xr.Dataset(attrs=attributes | {"reason": REASON, "place": "nowhere"}), path)


def refuse_measures(book: Path, *, of_all_but: str) -> None:
    """Let every measure of network 0 fail in this copy of the book, of all experiments but those
    with a name of this pattern.
    """
    path = book / "lib" / "taskrnn" / "ensembles" / "results.py"
    taken = "        result = measure(experiment, network, **settings)\n"
    refused = (
        "        import re\n\n"
        f"        spared = re.fullmatch({of_all_but!r}, experiment.name)\n"
        "        if not spared and network.seed[0] == experiment.seed:\n"
        f"            raise Unmeasurable({REASON!r})\n"
    )
    text = path.read_text()
    assert text.count(taken) == 1
    path.write_text(text.replace(taken, refused + taken))


def spoil(data: Path, network: int, *, task: str, update: int = 5) -> None:
    """Leave what training leaves that has failed: a loss and weights that are no numbers."""
    [path] = data.glob(f"ensembles/{task}-*/{network:06d}.nc")
    found = storage.read(path)
    found["recurrent_after"][:] = np.nan
    for curve in ("loss", "mean_weight"):
        found[curve][update:] = np.nan
    found["failed"][...] = update
    storage.write(found, path)


def forget(book: Path, chapters: set[str]) -> None:
    """Let these chapters run again, by name, and the pages that show what all of them say."""
    for name in chapters | {"more_networks", "index"}:
        for path in (book / "data" / "chapters").rglob(f"{name}-*"):
            path.unlink()


def faults(book: Path) -> list[str]:
    """What no page may show: a number that is none, in text, table, caption or the words for an
    image, and a cell without content.
    """
    found = []
    for path in sorted((book / "_build" / "html").rglob("*.html")):
        article = BeautifulSoup(path.read_text(), "html.parser").select_one("article")
        if article is None:
            continue
        for hidden in article.select("script, style, div.cell_input, div.highlight-python"):
            hidden.decompose()
        texts = [
            *article.stripped_strings,
            *(image.get("alt", "") for image in article.find_all("img")),
        ]
        found += [f"{path.name}: {text[:200]}" for text in texts if NO_NUMBER.search(text)]
        empty = [
            row.get_text(" | ", strip=True)
            for row in article.select("tr")
            if any(not cell.text.strip() for cell in row.find_all("td"))
        ]
        found += [f"{path.name}, a cell without content: {row}" for row in empty]
    return found
