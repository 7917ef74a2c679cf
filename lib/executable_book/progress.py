"""Progress bars of a chapter's code: in the terminal while it runs, never in the page.

What a kernel prints ends up in the page. So the kernel gets the path of a file (`BOOK_PROGRESS`) to
which its code, or processes started by it, append their bars; a thread here copies the file to the
terminal as it grows.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

POLL_SECONDS = 0.1
LOG_SECONDS = 10.0


@contextmanager
def relayed(terminal: TextIO) -> Iterator[Path]:
    """The path of a file whose text is copied to the terminal until the context ends.

    A bar redraws itself with carriage returns. Where these mean nothing (a log file, a pipe), only
    its last state is written, as a line, at most every `LOG_SECONDS` and once at the end.
    """
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        path = Path(folder) / "progress"
        path.touch()
        ended = threading.Event()
        copy = _copy_raw if terminal.isatty() else _copy_states
        thread = threading.Thread(target=copy, args=(path, terminal, ended), daemon=True)
        thread.start()
        try:
            yield path
        finally:
            ended.set()
            thread.join()


def _pieces(path: Path, ended: threading.Event) -> Iterator[str]:
    """What has been appended since the last look, forever, and a last time after the end."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        while not ended.wait(POLL_SECONDS):
            yield file.read()
        yield file.read()


def _copy_raw(path: Path, terminal: TextIO, ended: threading.Event) -> None:
    last = "\n"
    for piece in _pieces(path, ended):
        if piece:
            terminal.write(piece)
            terminal.flush()
            last = piece[-1]
    if last != "\n":
        terminal.write("\n")


def _copy_states(path: Path, terminal: TextIO, ended: threading.Event) -> None:
    tail, state, shown, due = "", "", "", time.monotonic()
    for piece in _pieces(path, ended):
        *complete, tail = (tail + piece).replace("\r", "\n").split("\n")
        if ended.is_set():
            complete.append(tail)
        state = next((line for line in reversed(complete) if line.strip()), state)
        if state != shown and (ended.is_set() or time.monotonic() >= due):
            terminal.write(f"{state.rstrip()}\n")
            terminal.flush()
            shown, due = state, time.monotonic() + LOG_SECONDS
