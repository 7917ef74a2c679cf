"""The code of the library as pages, to which the lines under figures lead.

They are plain: a module is a page, its functions and classes have anchors, and the names of other
modules are links.
"""

import ast
import re
from html import escape
from os.path import relpath
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

FOLDER = "_code"
FUNCTION = re.compile(r"\b[a-z_]\w*(?:\.\w+)+", re.IGNORECASE)
MODULE = re.compile(r'<span class="nn">([\w.]+)</span>')
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
:root {{ color-scheme: light; }}
body {{ margin: 1rem auto; max-width: 60rem; padding: 0 1rem; }}
pre {{ overflow-x: auto; line-height: 1.35; }}
:target {{ background: #ffe9a8; }}
{style}
</style>
</head>
<body>
<header><a href="{front}">The book</a></header>
<main>
<h1>{name}</h1>
<div tabindex="0" role="region" aria-label="Code">{code}</div>
</main>
</body>
</html>
"""


def write(library: Path, pages: Path) -> None:
    """Write a page for each module whose page is missing or older than it, and remove the pages of
    modules that are gone.
    """
    modules = {dotted(path, library): path for path in library.rglob("*.py")}
    written = {pages / path_of(name): name for name in modules}
    for page in (pages / FOLDER).rglob("*.html"):
        if page not in written:
            page.unlink()
    for page, name in written.items():
        if not page.is_file() or page.stat().st_mtime < modules[name].stat().st_mtime:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(as_page(name, modules), encoding="utf-8")


def as_page(name: str, modules: dict[str, Path]) -> str:
    """A module as HTML."""
    source = modules[name].read_text(encoding="utf-8")
    formatter = HtmlFormatter(linespans="L", style="a11y-high-contrast-light")
    code = highlight(source, PythonLexer(), formatter)
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            code = code.replace(f'id="L-{node.lineno}"', f'id="{node.name}"', 1)
    here = Path(path_of(name)).parent

    def with_link(match: re.Match) -> str:
        if match[1] not in modules:
            return match[0]
        return f'<a class="nn" href="{relpath(path_of(match[1]), here)}">{match[1]}</a>'

    return PAGE.format(
        name=escape(name),
        style=formatter.get_style_defs(".highlight"),
        front=relpath("index.html", here),
        code=MODULE.sub(with_link, code),
    )


def linked(text: str, library: Path, up: str) -> str:
    """Text as HTML, in which the functions of the library lead to their code.

    Parameters
    ----------
    up : str
        From the page to the folder of the pages, as "../".
    """

    def with_link(match: re.Match) -> str:
        module, _, function = match[0].rpartition(".")
        if not library.joinpath(*module.split(".")).with_suffix(".py").is_file():
            return match[0]
        return f'<a href="{up}{path_of(module)}#{function}">{match[0]}</a>'

    return FUNCTION.sub(with_link, escape(text))


def path_of(module: str) -> str:
    """The page of a module, below the folder of the pages."""
    return f"{FOLDER}/{module.replace('.', '/')}.html"


def dotted(path: Path, library: Path) -> str:
    """The name by which a file is imported."""
    parts = path.relative_to(library).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
