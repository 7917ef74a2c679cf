"""What a build executes, by what changed since the last one: the promise that a page shows fresh
results, cheaply.
"""

import json
import shutil

import pytest
from minibook import FILES, chapter

ALL = ["numbers", "index", "figures"]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("index.md", "# Front", "# Front, reworded", []),
        ("book/figures.md", "tags: [hide-input]", "tags: [remove-input]", []),
        ("book/figures.md", "caption: A dot.", "caption: A single dot.", []),
        ("book/numbers.md", "import sys\n", "import sys  # a comment\n", []),
        ("lib/mini/deep.py", "VALUE = 1", "# A comment.\nVALUE = (1)", []),
        ("lib/mini/values.py", '"""Values."""', '"""All values."""', []),
        ("lib/mini/other.py", "OTHER = 2", "OTHER = 3", ["figures"]),
        ("book/numbers.md", "print(profile)", "print(profile, 2)", ["numbers", "index"]),
        ("book/ledger.txt", "claims", "other claims", ["index"]),
        ("index.md", "after: [book/numbers]", "after: [book/numbers, book/figures]", ["index"]),
    ],
)
def test_only_what_depends_on_a_change_is_executed(built, name, old, new, expected):
    text = built.read(name)
    assert old in text
    try:
        built.write(name, text.replace(old, new))
        assert built.build() == expected
    finally:
        built.write(name, text)


def test_nothing_is_executed_without_a_change_or_without_the_pages(built):
    built.command("clean", ".")
    assert not (built.folder / "_build" / "html").exists()
    assert built.build() == []
    assert "claims" in built.page("index")
    written = (built.folder / "_build" / "html" / "index.html").stat().st_mtime_ns
    assert built.build() == []
    assert (built.folder / "_build" / "html" / "index.html").stat().st_mtime_ns == written


def test_another_profile_executes_everything_and_the_way_back_nothing(built):
    pages = ("index", "book/numbers", "book/figures", "book/plain")
    assert built.build(profile="smoke") == ALL
    assert all("Smoke run." in built.page(docname) for docname in pages)
    assert ">smoke\n" in built.page("book/numbers")
    # The notebook for download is the one that was executed.
    assert "_sources/book/numbers.ipynb" in built.read("_build/html/book/numbers.html")
    cells = json.loads(built.read("_build/html/_sources/book/numbers.ipynb"))["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["metadata"].get("tags") for cell in codes] == [
        ["parameters"],
        ["injected-parameters"],
        None,
    ]
    assert "smoke\n" in codes[2]["outputs"][0]["text"]
    # The default by name is the default.
    assert built.build(profile="paper") == []
    assert not any("Smoke run." in built.page(docname) for docname in pages)
    assert ">paper\n" in built.page("book/numbers")


def test_a_changed_module_refreshes_numbers_on_every_page_that_glues_them(built):
    text = built.read("lib/mini/deep.py")
    try:
        built.write("lib/mini/deep.py", "VALUE = 8")
        assert built.build() == ["numbers", "index"]
        assert "8.0" in built.page("index") and "8.0" in built.page("book/plain")
    finally:
        built.write("lib/mini/deep.py", text)
    assert built.build() == []
    assert "1.0" in built.page("index") and "1.0" in built.page("book/plain")


def test_pages_are_written_again_after_a_build_that_stopped_between_reading_and_writing(built):
    page = built.folder / "_build" / "html" / "index.html"
    (built.folder / "_build" / "html" / ".outputs-shown.json").unlink()
    page.write_text(page.read_text().replace("claims", "old claims"))
    assert built.build() == []
    assert "old claims" not in built.page("index")


def test_executing_again_stores_the_same_bytes(built):
    built.build()
    before = built.stored()
    shutil.rmtree(built.folder / "data")
    assert built.build() == ALL
    after = built.stored()
    assert len(after) == 3 and after == {name: before[name] for name in after}
    everything = b"".join(after.values()).decode()
    assert str(built.folder) not in everything and "a warning" not in everything


def test_a_page_that_is_gone_leaves_no_number_and_no_page(built):
    glue = chapter("from myst_nb import glue\n\nglue('g', 3.5, display=False)")
    shown = "\nIt is {glue:text}`book/extra.md::g:.1f`.\n"
    try:
        built.write("index.md", FILES["index.md"] + shown)
        with built.with_page("book/extra", glue):
            built.build()
            assert ">3.5<" in built.page("index")
        line = built.read("index.md").splitlines().index(shown.strip()) + 1
        with built.with_page("book/other", glue.replace("3.5", "9.5")):
            done = built.command("build", ".")
            assert done.returncode == 1
            assert (
                f"index.md:{line}: the page shows 'g' of book/extra, which glues no such value"
                in done.stderr
            )
            built.write("index.md", FILES["index.md"] + shown.replace("extra", "other"))
            built.build()
            assert ">9.5<" in built.page("index")
        for kind in ("book/extra.html", "_sources/book/extra.md", "_sources/book/extra.ipynb"):
            assert not (built.folder / "_build" / "html" / kind).exists()
    finally:
        built.write("index.md", FILES["index.md"])
    built.build()
    assert not (built.folder / "_build" / "html" / "book" / "other.html").exists()
