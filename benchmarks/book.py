"""The book: from nothing, again without a change, and after an edit of prose, with the time of each
chapter.

A clean copy of what git would clone is built with the environment that runs this; making that
environment is not counted.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import rounded, show

ROOT = Path(__file__).parents[1]
GOALS = {"from nothing": 15 * 60, "without a change": 3, "after an edit of prose": 5}
EDITED = "book/readout.md"


def run(quick: bool) -> dict:
    """Measure and print the builds; of the smoke book alone if `quick`."""
    return {"goals": GOALS} | {
        profile: builds(profile) for profile in (("smoke",) if quick else ("smoke", "paper"))
    }


def builds(profile: str) -> dict:
    """Seconds of the three builds in one profile, and of the chapters in the first."""
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        book = Path(folder)
        copy(book)
        first, text = build(book, profile)
        again, _ = build(book, profile)
        with (book / EDITED).open("a") as file:
            file.write("\nOne more sentence.\n")
        edited, _ = build(book, profile)
    seconds = dict(zip(GOALS, map(rounded, (first, again, edited)), strict=True))
    chapters = {name: float(time) for name, time in re.findall(r"\] (\S+): ([0-9.]+) s", text)}
    rows = [
        [name, f"{value:.1f}", str(GOALS.get(name, ""))]
        for name, value in (seconds | chapters).items()
    ]
    show(f"The book, profile {profile}", ["", "seconds", "at most in paper"], rows)
    return {"seconds": seconds, "chapters": chapters}


def copy(book: Path) -> None:
    """Copy the files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, book / name)


def build(book: Path, profile: str) -> tuple[float, str]:
    """Seconds that a build takes, and what it prints."""
    environment = os.environ | {"TASKRNN_PROFILE": profile, "PYTHONPATH": str(book / "lib")}
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=book,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"The book did not build:\n{done.stdout[-3000:]}")
    return time.perf_counter() - start, done.stdout
