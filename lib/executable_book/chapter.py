"""A chapter: one page in jupytext's MyST markdown with code cells that are executed."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import nbformat
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from executable_book.errors import BookError


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What the file of a chapter says.

    Attributes
    ----------
    docname : str
        Name of the page in `_toc.yml`, such as "book/training".
    path : Path
        The markdown file, absolute.
    text : str
        Its content.
    notebook : NotebookNode
        Its cells, without outputs.
    after : tuple of str
        Pages that must have been executed before, because this one reads what they leave on disk.
    reads : tuple of str
        Data files the code reads, relative to the folder of `_config.yml`.
    line : str
        Dotted name of the function that makes the line under a figure; '' for none (`expressions`).
    files : mapping
        By suffix, dotted names of the functions that make a file of a figure.
    """

    docname: str
    path: Path
    text: str
    notebook: nbformat.NotebookNode
    after: tuple[str, ...]
    reads: tuple[str, ...]
    line: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def code_cells(self) -> list[nbformat.NotebookNode]:
        """The cells that are executed, in order."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def parameters(self) -> dict[str, object]:
        """Names and default values assigned in the cell tagged `parameters`; a value that is no
        literal is left out.
        """
        defaults = {}
        for cell in self.code_cells:
            if "parameters" in cell.metadata.get("tags", []):
                for statement in ast.parse(cell.source).body:
                    if (
                        isinstance(statement, ast.Assign | ast.AnnAssign)
                        and statement.value is not None
                    ):
                        targets = (
                            statement.targets
                            if isinstance(statement, ast.Assign)
                            else [statement.target]
                        )
                        for target in targets:
                            if isinstance(target, ast.Name) and _is_literal(statement.value):
                                defaults[target.id] = ast.literal_eval(statement.value)
        return defaults

    def place(self, index: int, line: int = 1) -> str:
        """Where line `line` (from 1) of code cell number `index` (from 0) stands, as
        "book/training.md:42".
        """
        positions = [i for i, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]
        start = self.notebook.metadata["source_map"][positions[index]]
        lines, body = self.text.splitlines(), self.code_cells[index].source.splitlines()
        # The cell begins with its options, of which the notebook does not say how many lines they
        # take.
        while lines[start : start + len(body)] != body and start < len(lines):
            start += 1
        return f"{self.docname}.md:{start + line}"


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _refuse_cells(docname: str, text: str, config: MdParserConfig) -> None:
    page = read_myst_markdown_notebook(text, config=config, add_source_map=True)
    for cell, line in zip(page.cells, page.metadata["source_map"], strict=True):
        if cell.cell_type == "code":
            raise BookError(
                f"{docname}.md:{line}: this code cell would never be run, because the file does "
                "not begin with the front matter "
                "of a chapter; copy that of another chapter to its very beginning."
            )


def read_chapter(
    docname: str,
    path: Path,
    *,
    config: MdParserConfig,
    line: str = "",
    files: Mapping[str, str] = MappingProxyType({}),
) -> Chapter | None:
    """The chapter in a file, or None if the file is a plain page.

    Raises
    ------
    BookError
        If the page has code that would not be run, `after` or `reads` in the front matter is not a
        list of names, or the parameters cell is not Python.
    """
    if path.suffix == ".ipynb":
        raise BookError(
            f"{docname}.ipynb: notebooks are not run; `jupytext --to md:myst {docname}.ipynb` "
            "makes a chapter of it. "
            "Then remove the notebook."
        )
    text = path.read_text(encoding="utf-8-sig")  # as Sphinx reads it
    if not (path.suffix == ".md" and is_myst_markdown_notebook(text)):
        if path.suffix == ".md" and "{code-cell}" in text:
            _refuse_cells(docname, text, config)
        return None
    notebook = read_myst_markdown_notebook(text, config=config, add_source_map=True, path=path)
    lists = {}
    for key in ("after", "reads"):
        names = notebook.metadata.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BookError(
                f"{docname}.md: `{key}` in the front matter must be a list of names, not {names!r}."
            )
        lists[key] = tuple(names)
    chapter = Chapter(
        docname=docname, path=path, text=text, notebook=notebook, line=line, files=files, **lists
    )
    for index, cell in enumerate(chapter.code_cells):
        if "parameters" in cell.metadata.get("tags", []):
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                where = chapter.place(index, error.lineno or 1)
                raise BookError(
                    f"{where}: the parameters cell is not Python: {error.msg}."
                ) from None
    return chapter
