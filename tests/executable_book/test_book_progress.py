"""Progress bars reach the terminal, and a log file gets few lines of them."""

import io
import time

import pytest

from executable_book.progress import relayed


class Terminal(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, tty):
        super().__init__()
        self.tty = tty

    def isatty(self):
        return self.tty


def show_a_bar(terminal):
    with relayed(terminal) as path, path.open("a", buffering=1) as bar:
        for number in range(1, 301):
            bar.write(f"\rbar {number}")
            bar.flush()
            time.sleep(0.001)
    return terminal.getvalue()


def test_a_terminal_gets_every_byte():
    assert show_a_bar(Terminal(True)) == "".join(f"\rbar {n}" for n in range(1, 301)) + "\n"


def test_a_log_gets_the_last_state_and_few_others():
    lines = show_a_bar(Terminal(False)).splitlines()
    assert lines[-1] == "bar 300" and len(lines) <= 2


@pytest.mark.parametrize("tty", [True, False])
def test_nothing_to_show_shows_nothing(tty):
    terminal = Terminal(tty)
    with relayed(terminal):
        pass
    assert terminal.getvalue() == ""
