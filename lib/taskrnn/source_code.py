"""What code says, whatever its comments: the identity of results that were computed with it.

A trained network or an executed chapter is out of date when the code that made it changed. Comments, docstrings and
formatting do not compute, so the identity of a file is its syntax tree without them; the identity of a program is
that of all the files it imports, directly or through others. Nothing is executed to find them, so names that are
imported by string (`importlib.import_module("...")`) are not seen.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]


@cache
def normalised(source: str) -> str:
    """The syntax tree of Python source as text, without comments and docstrings.

    Two sources that differ only in comments, docstrings or formatting have the same text; all others differ.

    Raises
    ------
    SyntaxError
        If the source is not Python.
    """
    tree = _tree(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
    # Not ast.dump, whose text is another in each version of Python.
    return ast.unparse(tree)


def imported_files(source_or_path: str | Path, root: Path = LIBRARY) -> tuple[Path, ...]:
    """Files below `root` that a program imports, transitively, including the `__init__.py` of every package on the way.

    Parameters
    ----------
    source_or_path : str or Path
        Python source (plain, without IPython magics), or the path of a file. A file below `root` is a module of its
        package: its relative imports are followed, and it and its packages belong to the answer.
    root : Path
        The folder that is on the import path.

    Returns
    -------
    tuple of Path
        Sorted. Files that do not parse are part of it, but nothing is known of their imports.
    """
    root = Path(root).resolve()
    found: dict[Path, None] = {}
    if isinstance(source_or_path, Path):
        path = source_or_path.resolve()
        if path.is_relative_to(root):
            todo = list(_files(_module(path, root), root))
        else:
            todo = _needed(path.read_text(encoding="utf-8"), "", root)
    else:
        todo = _needed(source_or_path, "", root)
    while todo:
        path = todo.pop()
        if path not in found:
            found[path] = None
            name = _module(path, root)
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            todo += _needed(path.read_text(encoding="utf-8"), package, root)
    return tuple(sorted(found))


def code_hash(paths: Iterable[Path], root: Path = LIBRARY) -> str:
    """SHA-256 of files as `normalised`, with their names relative to `root`; their order does not matter.

    Raises
    ------
    ValueError
        If a file does not lie below `root`.
    """
    root = Path(root).resolve()
    files = {Path(path).resolve() for path in paths}
    named = {file.relative_to(root).as_posix(): _identity(file.read_text(encoding="utf-8")) for file in files}
    return hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest()


@cache
def _tree(source: str) -> ast.Module:
    """The syntax tree, parsed once for both uses: `normalised` takes docstrings out of it, once, and they import nothing."""
    return ast.parse(source)


def _identity(source: str) -> str:
    try:
        return normalised(source)
    except SyntaxError:  # still a file that a result can depend on; the interpreter tells what is wrong with it
        return source


def _needed(source: str, package: str, root: Path) -> list[Path]:
    return [file for name in _names(source, package) for file in _files(name, root)]


@lru_cache(maxsize=1024)
def _names(source: str, package: str) -> tuple[str, ...]:
    """Dotted names that the source imports; the last part may be a module or something in one."""
    try:
        tree = _tree(source)
    except SyntaxError:
        return ()
    return tuple(name for node in ast.walk(tree) for name in _imports(node, package))


def _imports(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*parents, *filter(None, [node.module])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _files(name: str, root: Path) -> Iterator[Path]:
    """Files that run for `import name`: each package on the way, then the module, as far as they exist."""
    place = root
    for part in name.split("."):
        if part == "*":  # may import any module of the package that its __all__ names: take them all
            yield from place.glob("*.py")
            return
        place = place / part
        if (place / "__init__.py").is_file():
            yield place / "__init__.py"
        elif place.with_name(f"{part}.py").is_file():
            yield place.with_name(f"{part}.py")
            return
        elif not place.is_dir():
            return


def _module(path: Path, root: Path) -> str:
    """Dotted name of a file below `root`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
