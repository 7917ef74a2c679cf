"""Run a chapter with papermill and store what came out, or say where and why it failed."""

import re
import sys
import tempfile
from collections.abc import Mapping
from os.path import relpath
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from executable_book.chapter import Chapter
from executable_book.errors import BookError
from executable_book.progress import relayed
from executable_book.store import INJECTED, canonical, failed_path, save, seal, stored_path

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def run(
    chapter: Chapter,
    key: str,
    *,
    parameters: Mapping[str, str],
    environment: Mapping[str, str],
    time_limit: int,
    source: Path,
    folder: Path,
) -> None:
    """Execute a chapter in its own folder and store it under its key.

    Parameters
    ----------
    parameters : mapping
        Assigned after the chapter's `parameters` cell.
    environment : mapping
        Environment variables for the code, besides those of this process.
    time_limit : int
        Seconds that a cell may take.
    source, folder : Path
        The book's folder and the folder of the stored notebooks.

    Raises
    ------
    BookError
        If a cell fails: file, line, traceback and the path of the partial notebook; nothing is stored under the key.
    """
    # A second of imports that a build without stale chapters does not need.
    from papermill import execute_notebook

    from executable_book.kernel import kernel_manager

    failed = failed_path(folder, chapter.docname)
    with tempfile.TemporaryDirectory(prefix="book-") as place, relayed(sys.stderr) as progress:
        given, executed = Path(place) / "given.ipynb", Path(place) / "executed.ipynb"
        save(canonical(chapter.notebook, source=source), given)
        try:
            execute_notebook(
                str(given),
                str(executed),
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                kernel_manager_class=kernel_manager({**environment, "BOOK_PROGRESS": str(progress)}),
                extra_arguments=["--log-level=CRITICAL"],
                progress_bar=False,
                execution_timeout=time_limit,
                cwd=str(chapter.path.parent),
            )
        except Exception as error:
            partial = nbformat.read(executed, as_version=4) if executed.exists() else nbformat.v4.new_notebook()
            if not (started := _started(partial)):
                raise  # not the chapter's fault: no kernel, no disk
            save(partial, failed)
            remains = f"What was computed before is in {relpath(failed, source)}; correct the cell and build again."
            raise BookError(f"{_reason(chapter, started, error)}\n{remains}") from None
        notebook = nbformat.read(executed, as_version=4)
    if text := _stderr(notebook):
        print(f"{chapter.docname} wrote to stderr:\n{text}", file=sys.stderr)
    stored = stored_path(folder, chapter.docname, key)
    save(canonical(notebook, source=source), stored)
    seal(stored)
    failed.unlink(missing_ok=True)


def _started(partial: NotebookNode) -> list[NotebookNode]:
    """The chapter's own code cells as far as the execution came; the last is the one that failed."""
    return [
        cell
        for cell in partial.cells
        if cell.metadata.get("papermill", {}).get("start_time")
        and cell.cell_type == "code"
        and INJECTED not in cell.metadata.get("tags", [])
    ]


def _reason(chapter: Chapter, started: list[NotebookNode], error: Exception) -> str:
    last, index = started[-1], len(started) - 1
    for output in last.outputs:
        if output.output_type == "error":
            trace = "\n".join(output.traceback)
            plain = ANSI.sub("", trace)
            line = re.search(rf"Cell In\[{last.execution_count}\],? line (\d+)", plain)
            where = chapter.place(index, int(line[1]) if line else 1)
            if output.ename == "KeyboardInterrupt":  # that is how papermill ends a cell
                return f"{where}: this cell takes longer than book_time_limit in _config.yml allows."
            return f"{where}: {output.ename}: {output.evalue}\n{trace if sys.stderr.isatty() else plain}"
    # The kernel died: there is no traceback of the chapter's code.
    return f"{chapter.place(index)}: {type(error).__name__}: {error}"


def _stderr(notebook: NotebookNode) -> str:
    text = "".join(
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    # Of a bar that redrew itself only the last state is worth a line.
    return "\n".join(line.rstrip().rpartition("\r")[2] for line in text.rstrip().split("\n"))
