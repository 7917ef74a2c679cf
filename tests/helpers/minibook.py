"""A book of three chapters that takes seconds: same `_config.yml`, same command, chapters that only
count.

Every chapter appends its name to `runs.txt` when it is executed, which is what the tests look at:
what really ran, not what the build says about itself.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FRONT = """\
jupytext:
  formats: md:myst
{filter}  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
    jupytext_version: 1.19.6
kernelspec:
  display_name: Python 3
  language: python
  name: python3
"""
PLAIN_HEADER = f"---\n{FRONT.format(filter='')}---\n"
AFTER_HEADER = (
    "---\nafter: "
    f"[book/numbers]\n{FRONT.format(filter='  notebook_metadata_filter: after,reads' + chr(10))}"
    "reads: [book/ledger.txt]\n---\n"
)
INDEX = f"""{AFTER_HEADER}
# Front

The value is {{glue:text}}`book/numbers.md::value:.1f`.

```{{code-cell}} ipython3
open("runs.txt", "a").write("index ")
print(open("book/ledger.txt").read())
```
"""
NUMBERS = f"""{PLAIN_HEADER}
# Numbers

$$
x = y
$$ (eq-x)

```{{code-cell}} ipython3
:tags: [parameters]

profile = "paper"
```

```{{code-cell}} ipython3
import sys
import uuid

from IPython.display import HTML
from mini.values import VALUE
from myst_nb import glue

open("../runs.txt", "a").write("numbers ")
print(profile)
print("a" + " warning", file=sys.stderr)
print(object(), hex(0xDEADBEEF), uuid.UUID(int=7), __import__("os").getcwd())
display(HTML(f"<p id='a-{{uuid.uuid4()}}'>{{uuid.UUID(int=8)}}</p>"))
glue("value", float(VALUE), display=False)
```
"""
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIGURES = f"""{PLAIN_HEADER}
# Figures

```{{code-cell}} ipython3
:tags: [parameters]

profile = "paper"
```

```{{code-cell}} ipython3
---
mystnb:
  figure:
    caption: A dot.
    name: fig-dot
  image:
    alt: One dot
---
import mini.other as other

open("../runs.txt", "a").write("figures ")
display({{"image/png": "{DOT}"}}, raw=True)
```

See {{numref}}`fig-dot`, {{numref}}`fig-space` and {{eq}}`eq-x`.

```{{code-cell}} ipython3
---
mystnb:
  figure:
    caption: A point in space.
    name: fig-space
  image:
    alt: One point in "space"
tags: [hide-input]
---
figure = {{"data": [{{"type": "scatter3d", "x": [1], "y": [1], "z": [1]}}], "layout": {{}}}}
display({{"application/vnd.plotly.v1+json": figure, "image/png": "{DOT}"}}, raw=True)
```
"""


def chapter(*codes: str) -> str:
    """A page with these code cells."""
    return f"{PLAIN_HEADER}\n# Extra\n" + "".join(
        f"\n```{{code-cell}} ipython3\n{code}\n```\n" for code in codes
    )


CHECK = """
def banner(*, profile):
    if profile not in ("smoke", "paper"):
        raise ValueError(f"There is no profile {profile!r}; choose smoke or paper.")
    return "Smoke run." if profile == "smoke" else ""


def line(function):
    return f"Made by {function.__name__ if function else 'its cell'}."


def table(figure):
    return "" if figure is None else f"x,y\\n{type(figure).__name__},nan\\n"
"""
FILES = {
    "_toc.yml": "format: jb-book\nroot: index\nchapters: [file: book/numbers, file: book/figures, file: book/plain]",
    "index.md": INDEX,
    "book/numbers.md": NUMBERS,
    "book/figures.md": FIGURES,
    "book/plain.md": "# A plain page\n\nNo code, but {glue:text}`numbers.md::value:.1f`.\n",
    "book/ledger.txt": "claims\n",
    "book/references.bib": "",
    "lib/mini/__init__.py": "",
    "lib/mini/values.py": '"""Values."""\n\nfrom mini.deep import VALUE\n',
    "lib/mini/deep.py": "VALUE = 1\n",
    "lib/mini/other.py": "OTHER = 2\n",
    "lib/minicheck.py": CHECK,
}


@dataclass(frozen=True)
class MiniBook:
    """A miniature book in a folder."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "MiniBook":
        """Write the book's files, with the real book's `_config.yml` but for the check of
        parameters.
        """
        config = yaml.safe_load((ROOT / "_config.yml").read_text())
        config["sphinx"]["config"].update(
            book_parameters={"profile": "MINI_PROFILE"},
            book_check="minicheck.banner",
            book_line="minicheck.line",
            book_files={"csv": "minicheck.table"},
            book_environment={},
        )
        book = cls(folder)
        book.write("_config.yml", yaml.safe_dump(config))
        for name, text in FILES.items():
            book.write(name, text)
        for static in ("vendor", "style"):
            shutil.copytree(ROOT / "book" / static, folder / "book" / static)
        return book

    @contextmanager
    def with_page(self, docname: str, text: str) -> Iterator[None]:
        """The book with one more page, until the block ends."""
        self.write(f"{docname}.md", text)
        self.write(
            "_toc.yml", FILES["_toc.yml"].replace("book/plain]", f"book/plain, file: {docname}]")
        )
        try:
            yield
        finally:
            (self.folder / f"{docname}.md").unlink()
            self.write("_toc.yml", FILES["_toc.yml"])

    def write(self, name: str, text: str) -> None:
        """Write a file of the book."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.folder / name).read_text()

    def page(self, docname: str) -> str:
        """The HTML of a page's article."""
        return re.search(r"<article.*</article>", self.read(f"_build/html/{docname}.html"), re.S)[0]

    def stored(self) -> dict[str, bytes]:
        """Executed chapters by path relative to the store."""
        store = self.folder / "data" / "chapters"
        return {
            path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*.ipynb")
        }

    def started(
        self, *arguments: str, profile: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.Popen:
        """`jupyter-book` in the folder, as a user starts it."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("jupyter-book")), *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": f"{self.folder / 'lib'}:{ROOT / 'lib'}",
                "MINI_PROFILE": profile,
                "NO_COLOR": "1",
                **(environment or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Run `jupyter-book` in the folder to its end; options as of `started`."""
        with self.started(*arguments, **options) as process:
            stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def build(self, *options: str, profile: str = "") -> list[str]:
        """Build the book, which must succeed; return the chapters that were executed, in order."""
        runs = self.folder / "runs.txt"
        runs.write_text("")
        done = self.command("build", ".", *options, profile=profile)
        assert done.returncode == 0, done.stdout + done.stderr
        return runs.read_text().split()
