"""What code says, whatever its comments: the identity of results that were computed with it.

A trained network or an executed chapter is out of date when the code that made it changed.
Comments, docstrings and formatting do not compute, so the identity of a file is its syntax tree
without them; the identity of a program is that of all the files it imports, directly or through
others. Nothing is executed to find them, so names that are imported by string
(`importlib.import_module("...")`) are not seen. Installed packages are known by their versions and
are not followed.
"""

import ast
import hashlib
import sysconfig
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).resolve().parents[1]
STANDARD = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
INSTALLED_IN = {"site-packages", "dist-packages"}


@cache
def normalised(source: str) -> str:
    """The syntax tree of Python source as text, without comments and docstrings.

    Two sources that differ only in comments, docstrings or formatting have the same text; all
    others differ.

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
    return repr(_said(tree))


def _said(node: Any) -> Any:
    """A syntax tree as nested tuples.

    Neither `ast.dump` nor `ast.unparse`, whose text is another in each version of Python. What
    only some versions have, fields and empty parts of f-strings, is empty and left out.
    """
    if isinstance(node, list):
        return tuple(map(_said, node))
    if isinstance(node, ast.Constant):
        return type(node).__name__, repr(node.value)
    if not isinstance(node, ast.AST):
        return node
    said: list[Any] = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.JoinedStr):
            value = [v for v in value if not (isinstance(v, ast.Constant) and v.value == "")]
        if value is not None and value != []:
            said.append((name, _said(value)))
    return tuple(said)


def is_installed(path: Path) -> bool:
    """Whether a file or folder belongs to Python or to a package that was installed with it."""
    return not INSTALLED_IN.isdisjoint(path.parts) or any(
        path.is_relative_to(place) for place in STANDARD
    )


def imported_files(
    source_or_path: str | Path, *roots: Path, seen: dict | None = None
) -> tuple[Path, ...]:
    """Files that a program imports, transitively, including the `__init__.py` of every package on
    the way.

    Parameters
    ----------
    source_or_path : str or Path
        Python source (plain, without IPython magics), or the path of a file, which belongs to the
        answer with its packages; its relative imports are followed.
    *roots : Path
        The folders on the import path, the first to be searched first; this library's if not given.
        For a file that lies in none of them, its own folder comes before them.
    seen : dict, optional
        Shared by calls between which no file changes, so that each is looked at once.

    Returns
    -------
    tuple of Path
        Sorted, without installed ones. Files that do not parse are part of it, but nothing is known
        of their imports.
    """
    places, seen = _resolved(roots), {} if seen is None else seen
    found: set[Path] = set()
    if isinstance(source_or_path, Path):
        path = source_or_path.resolve()
        if not any(path.is_relative_to(place) for place in places):
            places = (package_root(path), *places)
        todo = [path, *_files(_module(path, places), (_root(path, places),))]
    else:
        todo = _needed(source_or_path, "", places, seen)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            if (key := (path, places)) not in seen:
                name = _module(path, places)
                package = name if path.name == "__init__.py" else name.rpartition(".")[0]
                seen[key] = _needed(read_source(path), package, places, seen)
            todo += seen[key]
    return tuple(sorted(found))


def code_hash(paths: Iterable[Path], *roots: Path) -> str:
    """SHA-256 of files as `normalised`, with their names relative to the root they lie in; their
    order does not matter.

    Raises
    ------
    ValueError
        If a file does not lie below a root.
    """
    return named_hash(
        {file: identity(file) for file in {Path(path).resolve() for path in paths}}, *roots
    )


def named_hash(identities: Mapping[Path, str], *roots: Path) -> str:
    """`code_hash` of files of which the identity is known."""
    places = _resolved(roots)
    named = sorted((_name(file, places), said) for file, said in identities.items())
    return hashlib.sha256(repr(named).encode()).hexdigest()


def identity(path: Path) -> str:
    """What a source file says: `normalised`, or as it stands if it is not Python."""
    source = read_source(path)
    try:
        return normalised(source)
    except (
        SyntaxError
    ):  # still a file that a result can depend on; the interpreter tells what is wrong with it
        return source


def read_source(path: Path) -> str:
    """The text of a Python file, in the encoding that it declares.

    Raises
    ------
    ValueError
        It is no text in that encoding.
    """
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error.reason
        raise ValueError(
            f"{path} cannot be read as Python source ({reason}); save it as UTF-8."
        ) from None


@cache
def _tree(source: str) -> ast.Module:
    """The syntax tree, parsed once for both uses: `normalised` takes docstrings out of it, once,
    and they import nothing.
    """
    return ast.parse(source)


def _needed(source: str, package: str, roots: Sequence[Path], seen: dict) -> list[Path]:
    needed = []
    for name in imported_names(source, package):
        if (name, roots) not in seen:
            seen[name, roots] = [file for file in _files(name, roots) if not is_installed(file)]
        needed += seen[name, roots]
    return needed


@lru_cache(maxsize=1024)
def imported_names(source: str, package: str = "") -> tuple[str, ...]:
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
        parents = (
            package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        )
        base = ".".join([*parents, *filter(None, [node.module])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _files(name: str, roots: Sequence[Path]) -> list[Path]:
    """Files that run for `import name`, from the first root that has any."""
    return next(filter(None, (list(_files_in(name, root)) for root in roots)), [])


def _files_in(name: str, root: Path) -> Iterator[Path]:
    """Each package on the way, then the module, as far as they exist."""
    place = root
    for part in name.split("."):
        if (
            part == "*"
        ):  # may import any module of the package that its __all__ names: take them all
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


def _resolved(roots: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(Path(root).resolve() for root in roots or (LIBRARY,))


def package_root(path: Path) -> Path:
    """The folder of the outermost package that a file is part of."""
    return next(folder for folder in path.parents if not (folder / "__init__.py").is_file())


def _root(path: Path, roots: Sequence[Path]) -> Path:
    """Of the roots that the file lies in the innermost one, but not a package's own folder."""
    within = [root for root in roots if path.is_relative_to(root)]
    if not within:
        raise ValueError(f"{path} is not in the subpath of any of {', '.join(map(str, roots))}.")
    return max(within, key=lambda root: (not (root / "__init__.py").is_file(), len(root.parts)))


def _name(path: Path, roots: Sequence[Path]) -> str:
    return path.relative_to(_root(path, roots)).as_posix()


def _module(path: Path, roots: Sequence[Path]) -> str:
    """Dotted name of a file."""
    name = _name(path, roots).removesuffix(path.suffix)
    return name.removesuffix("/__init__").removesuffix("__init__").replace("/", ".")
