"""Run a chapter with papermill, or say where and why it failed."""

import os
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
from executable_book.expressions import is_values, with_values
from executable_book.kernel import kernel_environment, kernel_manager
from executable_book.progress import relayed
from executable_book.store import INJECTED, canonical, failed_path, load, save

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def execute(
    chapter: Chapter,
    *,
    parameters: Mapping[str, str],
    environment: Mapping[str, str],
    time_limit: int,
    source: Path,
    folder: Path,
) -> tuple[NotebookNode, list[str], float | None]:
    """Execute a chapter in its own folder.

    Parameters
    ----------
    parameters : mapping
        Assigned after the chapter's `parameters` cell.
    environment : mapping
        Environment variables that the book sets for the code (`kernel.kernel_environment`).
    time_limit : int
        Seconds that a cell may take.
    source, folder : Path
        The book's folder and the folder of the stored notebooks.

    Returns
    -------
    tuple
        The executed notebook, the paths of the files that its code has opened to read, and the peak
        of memory of its largest process in MB, None if it is not known.

    Raises
    ------
    BookError
        If a cell fails or ends the chapter: file, line, traceback and the path of the partial
        notebook.
    """
    # A second of imports that a build without stale chapters does not need.
    from papermill import execute_notebook

    failed = failed_path(folder, chapter.docname)
    # The temporary folder is also where IPython looks for the user's start-up files and settings.
    with tempfile.TemporaryDirectory(prefix="book-") as place, relayed(sys.stderr) as progress:
        names = ("given.ipynb", "executed.ipynb", "opened", "peak")
        given, executed, opened, peak = (Path(place) / name for name in names)
        opened.touch()
        save(canonical(with_values(chapter), source=source), given)
        variables = {
            **kernel_environment(os.environ, environment),
            **_of_run(Path(place), folder=folder, progress=progress),
        }
        error = None
        try:
            execute_notebook(
                str(given),
                str(executed),
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                kernel_manager_class=kernel_manager(variables),
                extra_arguments=["--log-level=CRITICAL"],
                progress_bar=False,
                execution_timeout=time_limit,
                cwd=str(chapter.path.parent),
            )
        except Exception as caught:
            error = caught
        notebook = load(executed) if executed.exists() else nbformat.v4.new_notebook()
        cells = _started(notebook)
        if error and not cells:
            raise error  # not the chapter's fault: no kernel, no disk
        # papermill takes a cell that leaves the program for the end of the chapter.
        if error or any(map(_error, cells)) or len(cells) < len(chapter.code_cells):
            save(notebook, failed)
            raise BookError(
                f"{_reason(chapter, cells, error, time_limit)}\nWhat was computed before is in "
                f"{relpath(failed, source)}; correct the cell and build again."
            ) from None
        if text := _stderr(notebook):
            print(f"{chapter.docname} wrote to stderr:\n{text}", file=sys.stderr)
        failed.unlink(missing_ok=True)
        paths = opened.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1]
        return notebook, paths, float(peak.read_text()) if peak.exists() else None


def _of_run(place: Path, *, folder: Path, progress: Path) -> dict[str, str]:
    """Environment variables of one run, whose temporary folder is `place`: where what is seen of it
    goes, and where nothing of the user's is found.
    """
    return {
        "BOOK_PROGRESS": str(progress),
        "BOOK_READS": str(place / "opened"),
        "BOOK_PEAK": str(place / "peak"),
        "IPYTHONDIR": str(place),
        "JUPYTER_CONFIG_DIR": str(place),
        # With its list of fonts, which takes seconds to make.
        "MPLCONFIGDIR": str(folder / ".matplotlib"),
    }


def _started(partial: NotebookNode) -> list[NotebookNode]:
    """The chapter's own code cells as far as the execution came; the last is the one that
    failed.
    """
    return [
        cell
        for cell in partial.cells
        if cell.metadata.get("papermill", {}).get("start_time")
        and cell.cell_type == "code"
        and INJECTED not in cell.metadata.get("tags", [])
        and not is_values(cell)
    ]


def _error(cell: NotebookNode) -> NotebookNode | None:
    """What the cell raised, if it did."""
    return next((output for output in cell.outputs if output.output_type == "error"), None)


def _reason(
    chapter: Chapter, started: list[NotebookNode], error: Exception | None, time_limit: int
) -> str:
    # The first that failed: cells with the tag `raises-exception` do not stop the others.
    index = next((number for number, cell in enumerate(started) if _error(cell)), len(started) - 1)
    cell = started[index]
    if not (output := _error(cell)):  # the kernel died: there is no traceback of the chapter's code
        return f"{chapter.place(index)}: {type(error).__name__}: {error}"
    trace = "\n".join(output.traceback)
    plain = ANSI.sub("", trace)
    line = re.search(rf"Cell In\[{cell.execution_count}\],? line (\d+)", plain)
    where = chapter.place(index, int(line[1]) if line else 1)
    # That is how papermill ends a cell.
    if output.ename == "KeyboardInterrupt" and cell.metadata.papermill.duration >= time_limit:
        return f"{where}: this cell takes longer than book_time_limit in _config.yml allows."
    if output.ename == "SystemExit":
        what = "this cell ends the program (SystemExit), and what comes after it would not run."
        return f"{where}: {what}"
    return f"{where}: {output.ename}: {output.evalue}\n{trace if sys.stderr.isatty() else plain}"


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
