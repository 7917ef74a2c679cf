"""The code of the library as pages: every name leads to where it is defined."""

import os
import re

from executable_book import source_pages
from executable_book.source_pages import linked, write

CODE = {
    "a/__init__.py": '"""A package."""\n',
    "a/b.py": "from a.c import g\nfrom os.path import join\n\n\n@g\ndef f():\n    return g, join\n",
    "a/c.py": "class g:\n    x = '<b> & \"'\n",
}


def library(folder):
    for name, code in CODE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code)
    return folder


def test_a_page_shows_its_module_and_leads_to_the_modules_that_it_imports(tmp_path):
    write(library(tmp_path / "lib"), tmp_path)
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert pages == {"_code/a.html", "_code/a/b.html", "_code/a/c.html"}
    page = (tmp_path / "_code/a/b.html").read_text()
    assert re.findall(r'<a class="nn" href="(.*?)">', page) == ["c.html"]
    assert '<a href="../../index.html">' in page and page.count('id="f"') == 1
    (code,) = re.findall("<pre>(.*)</pre>", (tmp_path / "_code/a/c.html").read_text(), re.DOTALL)
    assert 'id="g"' in code and "&lt;b&gt; &amp;" in code and "<b>" not in code


def test_only_what_has_changed_is_written_and_what_is_gone_is_removed(tmp_path):
    write(library(tmp_path / "lib"), tmp_path)
    first, second = (tmp_path / "_code/a" / name for name in ("b.html", "c.html"))
    for path in (first, second):
        path.write_text("as it was")
    (tmp_path / "lib/a/__init__.py").unlink()
    later = first.stat().st_mtime + 10
    os.utime(tmp_path / "lib/a/c.py", (later, later))
    write(tmp_path / "lib", tmp_path)
    assert first.read_text() == "as it was" != second.read_text()
    assert not (tmp_path / "_code/a.html").exists()


def test_functions_of_the_library_are_links_and_all_else_is_text(tmp_path):
    folder = library(tmp_path)
    said = linked(
        "Made by a.b.f; <x> numpy.linalg.norm, 2.21.0, results/large.json, a.b.", folder, "../"
    )
    assert said == (
        f'Made by <a href="../{source_pages.FOLDER}/a/b.html#f">a.b.f</a>; &lt;x&gt; '
        "numpy.linalg.norm, 2.21.0, results/large.json, a.b."
    )
