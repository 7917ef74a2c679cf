"""Where progress goes: the terminal, also from within a chapter that the book's build runs."""

import os
import sys
from typing import TextIO


def stream() -> TextIO:
    """The stream for progress bars and notices.

    The book's build names in BOOK_PROGRESS a file whose text it shows in the terminal, so that the
    page stays clean.
    """
    path = os.environ.get("BOOK_PROGRESS")
    return open(path, "a", buffering=1) if path else sys.stderr
