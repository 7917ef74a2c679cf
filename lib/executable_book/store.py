"""Executed chapters on disk: `<folder>/<docname>-<key>.ipynb`, the same bytes for the same results.

All keys are kept, so that going back to an earlier profile or version runs nothing. Beside each
lies its SHA-256, in the format of `sha256sum`; a notebook without it, or with another, is not
complete.
"""

import hashlib
import os
import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
INJECTED = "injected-parameters"  # papermill's tag for the cell it adds
PLOTLY = "application/vnd.plotly.v1+json"
# Python's default repr has the object's address, in HTML with escaped brackets.
ADDRESS = re.compile(
    r"((?:<|&lt;)(?:[^<>&\n]|<\w*>|&lt;\w*&gt;)* at )(0x[0-9a-f]+)(?=[^<>&\n]*(?:>|&gt;))"
)
# xarray and others give the elements of their HTML random ids.
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
IDENTIFIED = re.compile(rf"""<[^<>]*\bid=["']?[^"'<>\s]*?({UUID})""")


def stored_path(folder: Path, docname: str, key: str) -> Path:
    """Where the executed chapter lies if it has been executed."""
    return folder / f"{docname}-{key}.ipynb"


def inputs_path(folder: Path, docname: str, written: str) -> Path:
    """Where the names of what the chapter was seen to read are kept, by what its code says."""
    return folder / f"{docname}-{written}.inputs.json"


def failed_path(folder: Path, docname: str) -> Path:
    """Where the notebook of a chapter that failed is left for inspection; never read."""
    return folder / f"{docname}-failed.ipynb"


def load(path: Path) -> NotebookNode:
    """Read a stored notebook."""
    return nbformat.read(path, as_version=4)


def save(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook; the name appears when the file is complete."""
    replace(path, (nbformat.writes(notebook) + "\n").encode())


def seal(path: Path) -> None:
    """Write the checksum of a stored notebook beside it, by which it counts as complete."""
    replace(checksum_path(path), checksum(path, path.read_bytes()))


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def checksum_path(path: Path) -> Path:
    """Where the checksum of a stored notebook lies."""
    return path.with_name(f"{path.name}.sha256")


def checksum(path: Path, content: bytes) -> bytes:
    """The line that `sha256sum` writes."""
    return f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode()


def recorded_checksum(path: Path) -> str:
    """The SHA-256 of a complete notebook, as it is recorded beside it."""
    return checksum_path(path).read_text().split()[0]


def is_complete(path: Path) -> bool:
    """Whether the stored notebook is there as it was written; a damaged one is named and set
    aside.
    """
    if not path.is_file():
        return False
    sum_path = checksum_path(path)
    if sum_path.is_file() and sum_path.read_bytes() == checksum(path, path.read_bytes()):
        return True
    print(
        f"{path.name} is not as it was written: set aside as {path.name}.damaged, the chapter runs "
        "again.",
        file=sys.stderr,
    )
    path.replace(path.with_name(f"{path.name}.damaged"))
    return False


def canonical(notebook: NotebookNode, *, source: Path) -> NotebookNode:
    """A copy with what the code computed and nothing of when, where and by which process.

    Timings, random ids of HTML elements, addresses of objects, the path of the `source` folder,
    stderr and the widgets of outputs that have another form are left out, neighbouring pieces of
    stdout are joined.
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
        if output.get("name") == "stderr":
            continue
        output = nbformat.from_dict(output)
        if output.output_type == "stream":
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        elif PLOTLY in output.get("data", {}):
            output.data.pop(
                "text/html", None
            )  # its own id is random; the page makes its HTML from the JSON
        elif len(output.get("data", {})) > 1:
            output.data.pop(
                WIDGET, None
            )  # it needs the process that made it; what else there is says the same
        kept.append(output)
    names: dict[str, str] = {}

    def settled(name: str) -> str:
        return names.setdefault(name, f"id{len(names)}")

    def settle(text: str, *, html: bool) -> str:
        text = text.replace(f"{source}{os.sep}", "")
        text = ADDRESS.sub(lambda match: match[1] + settled(match[2]), text)
        for name in dict.fromkeys(IDENTIFIED.findall(text)) if html else ():
            text = text.replace(name, settled(name))
        return text

    for output in kept:
        if output.output_type == "stream":
            output.text = settle(output.text, html=False)
        for mime, value in output.get("data", {}).items():
            if mime.rpartition("/")[0].endswith("text") and isinstance(value, str):
                output.data[mime] = settle(value, html=mime == "text/html")
    return kept
