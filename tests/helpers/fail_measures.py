"""Take the numbers of one network away, measure by measure, and see that the smoke book is built
whole each time.

    python tests/helpers/fail_measures.py FOLDER

FOLDER is the place for a copy of the repository; if it holds one in which the smoke book was built,
that is used. For each measure, and each of the two networks, its results are replaced in both tasks
by what a network leaves that could not be measured. The chapters that use it run again on the
results of all others.
"""

import re
import shutil
import sys
import time
from pathlib import Path

from missing_results import faults, forget, result_files, take_away
from smoke_book import ROOT, build, clone


def uses(measure: str) -> set[str]:
    """Chapters whose code names the function of a measure such as "regime.regime"."""
    name, found = measure.rpartition(".")[2], set()
    for path in ROOT.glob("book/*.md"):
        code = "\n".join(re.findall(r"^```\{code-cell\}.*?^```", path.read_text(), re.M | re.S))
        if re.search(rf"\b{name}\b", code):
            found.add(path.stem)
    return found


def main(book: Path) -> int:
    """Build once, then once for each measure and network; the number of books that are not
    whole.
    """
    if not (book / "_build").exists():
        clone(book)
        build(book)
    kept, failures = book.with_name(f"{book.name}-data"), 0
    if not kept.exists():
        shutil.copytree(book / "data", kept)
    for measure in sorted({path.parent.name for path in kept.glob("ensembles/*/*.*/*.nc")}):
        for network in (0, 1):
            begun, chapters = time.monotonic(), uses(measure)
            shutil.rmtree(book / "data")
            shutil.copytree(kept, book / "data")
            files = result_files(book / "data", measure, network)
            assert files and chapters, measure
            take_away(files)
            forget(book, chapters)
            try:
                build(book)
                wrong = faults(book)
            except AssertionError as error:
                wrong = [str(error)[-3000:]]
            failures += bool(wrong)
            print(
                f"{measure}, network {network}: {len(chapters)} chapters, "
                f"{time.monotonic() - begun:.0f} s,",
                "; ".join(wrong) or "whole",
                flush=True,
            )
    return failures


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
