"""Executed chapters on disk: `<folder>/<docname>-<key>.ipynb`, the same bytes for the same results.

All keys are kept, so that going back to an earlier profile or version runs nothing.
"""

import os
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

PROGRESS_WIDGET = "application/vnd.jupyter.widget-view+json"
INJECTED = "injected-parameters"  # papermill's tag for the cell it adds
PLOTLY = "application/vnd.plotly.v1+json"
# Python's default repr has the object's address; xarray and others put random ids into their HTML.
RANDOM = re.compile(r"0x[0-9a-f]{6,16}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def stored_path(folder: Path, docname: str, key: str) -> Path:
    """Where the executed chapter lies if it has been executed."""
    return folder / f"{docname}-{key}.ipynb"


def failed_path(folder: Path, docname: str) -> Path:
    """Where the notebook of a chapter that failed is left for inspection; never read."""
    return folder / f"{docname}-failed.ipynb"


def load(path: Path) -> NotebookNode:
    """Read a stored notebook."""
    return nbformat.read(path, as_version=4)


def save(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook; the name appears when the file is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    partial.replace(path)


def canonical(notebook: NotebookNode, *, source: Path) -> NotebookNode:
    """A copy with what the code computed and nothing of when, where and by which process.

    Timings, random identifiers, object addresses, the path of the `source` folder, stderr and progress bars are left
    out, neighbouring pieces of stdout are joined.
    """
    cells = []
    for number, cell in enumerate(notebook.cells):
        cell = nbformat.from_dict({**cell, "id": f"cell-{number}"})
        cell.metadata = _without(cell.metadata, "papermill", "execution")
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell.outputs, source)
        cells.append(cell)
    metadata = _without(notebook.metadata, "papermill", "widgets", "source_map")
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _without(metadata: NotebookNode, *keys: str) -> NotebookNode:
    return nbformat.from_dict({key: value for key, value in metadata.items() if key not in keys})


def _outputs(outputs: list[NotebookNode], source: Path) -> list[NotebookNode]:
    kept: list[NotebookNode] = []
    for output in outputs:
        data = output.get("data", {})
        if output.get("name") == "stderr" or PROGRESS_WIDGET in data:
            continue
        output = nbformat.from_dict(output)
        if output.output_type == "stream":
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        elif PLOTLY in data:
            output.data.pop("text/html", None)  # its own id is random; the page makes its HTML from the JSON
        kept.append(output)
    numbers: dict[str, str] = {}

    def settle(text: str) -> str:
        text = text.replace(f"{source}{os.sep}", "")
        return RANDOM.sub(lambda match: numbers.setdefault(match[0], f"id{len(numbers)}"), text)

    for output in kept:
        if output.output_type == "stream":
            output.text = settle(output.text)
        for mime, value in output.get("data", {}).items():
            if mime.rpartition("/")[0].endswith("text") and isinstance(value, str):
                output.data[mime] = settle(value)
    return kept
