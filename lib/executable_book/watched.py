"""Starts a chapter's kernel, which then notes every file that its code opens to read.

It is run by its path, so that nothing of this package is imported into the kernel. The paths, one a line, go to the file
that `BOOK_READS` names; what the code has written itself before is not among them.
"""

import os
import runpy
import sys


def watch(log: str) -> None:
    """Append to the file `log` the paths that are opened from now on."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    known = set()

    def note(event: str, arguments: tuple) -> None:
        if event not in ("open", "os.rename"):
            return
        try:
            path = os.path.abspath(os.fsdecode(arguments[1 if event == "os.rename" else 0]))
        except (TypeError, OSError):  # a descriptor that is open already, or a folder that is gone
            return
        if path not in known:
            known.add(path)
            if event == "open" and _reads(*arguments[1:]):
                os.write(descriptor, f"{path}\n".encode(errors="surrogateescape"))

    sys.addaudithook(note)


def _reads(mode: str | None, flags: int) -> bool:
    """Whether a file is opened for what is in it: by `open` in a mode, by `os.open` with flags."""
    return mode.startswith("r") if mode else flags & os.O_ACCMODE != os.O_WRONLY and not flags & os.O_TRUNC


if __name__ == "__main__":
    sys.path[0] = ""  # not this folder: as `python -m` has it
    watch(os.environ.pop("BOOK_READS"))
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
