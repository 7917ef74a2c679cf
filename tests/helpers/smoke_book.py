"""A copy of what git would clone, and the smoke book built in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from executable_book.pdf import chromium

ROOT = Path(__file__).parents[2]
CHROMIUM = chromium()


def clone(book: Path) -> None:
    """Copy to `book` what git would clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (book / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, book / name)


def build(book: Path, *options: str) -> str:
    """Build the smoke book in `book` with its own library; what the build printed."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", *options]
    return run(book, command)


def python(book: Path, code: str) -> str:
    """Run code with the library of `book`; what it printed."""
    return run(book, [sys.executable, "-c", code])


def run(book: Path, command: list[str]) -> str:
    """What a command printed that ran in `book`, in the smoke profile."""
    environment = os.environ | {"TASKRNN_PROFILE": "smoke", "PYTHONPATH": str(book / "lib")}
    done = subprocess.run(
        command,
        cwd=book,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout
