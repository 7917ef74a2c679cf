"""How the build refuses: one sentence, exit status 1, no traceback of the machinery."""

import logging
import signal
import threading
from types import FrameType


class BookError(SystemExit):
    """The book cannot be built; the message says what is wrong, where, and what to do.

    Sphinx and Jupyter Book wrap every ordinary exception in reports of their own. `SystemExit`
    passes through both, and the interpreter prints its message and exits with status 1.
    """

    def __init__(self, message: str):
        # Sphinx leaves an unfinished line in the terminal ("updating environment: ").
        super().__init__(f"\n{message}")


def say_when_stopped() -> None:
    """Let signals that end a process end it as an error does, so that kernels and temporary folders
    go with it.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has it
                signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # they would cut the cleaning short
    # It reports every task that is cut short.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    raise BookError(
        f"The build was stopped by {signal.Signals(number).name}; build again to go on from the "
        "last finished chapter."
    )
