"""Starts a chapter's kernel, which then notes every file that its code opens to read and every
folder that it lists.

It is run by its path, so that nothing of this package is imported into the kernel. The paths, one a
line, go to the file that `BOOK_READS` names; what the code has written itself before is not among
them. Of other programs that it starts, the files on their command line are noted. When it ends, its
peak of memory goes to the file that `BOOK_PEAK` names.
"""

import atexit
import os
import runpy
import sys

# Position of the command among what an event tells.
COMMAND = {"os.system": 0, "subprocess.Popen": 1, "os.exec": 1, "os.posix_spawn": 1}


def watch(log: str) -> None:
    """Append to the file `log` the paths that are read from now on."""
    known = {log}

    def note(path: object, read: bool = True) -> None:
        path = os.path.abspath(os.fsdecode(path))
        if path not in known:
            known.add(path)
            if read:
                # Anew each time: a process that becomes another program has closed what was open.
                descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
                os.write(descriptor, f"{path}\n".encode(errors="surrogateescape"))
                os.close(descriptor)

    def hear(event: str, arguments: tuple) -> None:
        try:
            if event == "open":
                note(arguments[0], _reads(*arguments[1:]))
            elif event == "os.rename":
                note(arguments[1], False)
            elif event == "sqlite3.connect":
                note(arguments[0])
            elif event in ("os.listdir", "os.scandir"):
                if (
                    "importlib" not in sys._getframe(1).f_code.co_filename
                ):  # which looks for modules everywhere
                    note("." if arguments[0] is None else arguments[0])
            elif event in COMMAND:
                for word in filter(os.path.isfile, _words(arguments[COMMAND[event]])):
                    note(word)
        except (
            TypeError,
            ValueError,
            OSError,
        ):  # a descriptor that is open already, or a folder that is gone
            pass

    sys.addaudithook(hear)


def peak(path: str) -> None:
    """Write the peak of memory of this process and of the largest that it has started, in MB."""
    try:
        import resource
    except ImportError:  # Windows
        return
    unit = 1 if sys.platform == "darwin" else 1024
    who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    with open(path, "w") as file:
        file.write(str(max(resource.getrusage(each).ru_maxrss for each in who) * unit / 1e6))


def _reads(mode: str | None, flags: int) -> bool:
    """Whether a file is opened for what is in it: by `open` in a mode, by `os.open` with flags."""
    return (
        mode.startswith("r")
        if mode
        else flags & os.O_ACCMODE != os.O_WRONLY and not flags & os.O_TRUNC
    )


def _words(command: object) -> list[str]:
    """The words of a command, also of those that it hands to a shell."""
    parts = [command] if isinstance(command, str | bytes) else command
    return [
        word for part in parts for text in [os.fsdecode(part)] for word in (text, *text.split())
    ]


if __name__ == "__main__":
    sys.path[0] = ""  # not this folder: as `python -m` has it
    watch(os.environ.pop("BOOK_READS"))
    atexit.register(peak, os.environ.pop("BOOK_PEAK"))
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
