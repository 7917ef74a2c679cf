"""How the build refuses: one sentence, exit status 1, no traceback of the machinery."""


class BookError(SystemExit):
    """The book cannot be built; the message says what is wrong, where, and what to do.

    Sphinx and Jupyter Book wrap every ordinary exception in reports of their own. `SystemExit` passes through both,
    and the interpreter prints its message and exits with status 1.
    """

    def __init__(self, message: str):
        # Sphinx leaves an unfinished line in the terminal ("updating environment: ").
        super().__init__(f"\n{message}")
