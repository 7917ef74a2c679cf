"""How a build refuses: exit status 1, one sentence with file and line, nothing stored, no old
results as new.
"""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from minibook import FILES, PLAIN_HEADER, chapter
from myst_parser.config.main import MdParserConfig
from nbformat.v4 import new_output

from executable_book.chapter import read_chapter
from executable_book.errors import BookError
from executable_book.figures import check_figures
from executable_book.keys import chapter_keys
from executable_book.order import run_order
from executable_book.parameters import parameter_values
from executable_book.runner import execute


def test_a_failing_chapter_is_located_and_not_stored(built):
    page, text, stored = built.page("book/figures"), built.read("book/figures.md"), built.stored()
    broken = text.replace(
        'open("../runs.txt"', 'def half(x):\n    return x / 0\n\n\nhalf(1)\nopen("../runs.txt"'
    )
    try:
        built.write("book/figures.md", broken)
        done = built.command("build", ".")
    finally:
        built.write("book/figures.md", text)
    line = broken.splitlines().index("half(1)") + 1
    assert done.returncode == 1
    assert f"book/figures.md:{line}: ZeroDivisionError: division by zero" in done.stderr
    assert (
        "return x / 0" in done.stderr and "data/chapters/book/figures-failed.ipynb" in done.stderr
    )
    failed = built.folder / "data" / "chapters" / "book" / "figures-failed.ipynb"
    assert built.stored() == {**stored, "book/figures-failed.ipynb": failed.read_bytes()}
    assert built.page("book/figures") == page
    assert built.build() == []


def test_a_kernel_that_dies_is_located(built):
    text = built.read("book/figures.md")
    try:
        built.write(
            "book/figures.md",
            text.replace("import mini.other as other", "import os\n\nos._exit(3)"),
        )
        done = built.command("build", ".")
    finally:
        built.write("book/figures.md", text)
    assert done.returncode == 1
    line = text.splitlines().index("import mini.other as other") + 1
    assert f"book/figures.md:{line}: DeadKernelError" in done.stderr


def test_a_chapter_that_never_ends_is_stopped_and_located(built):
    text, config = built.read("book/figures.md"), built.read("_config.yml")
    try:
        built.write("_config.yml", config.replace("book_time_limit: 21600", "book_time_limit: 4"))
        built.write(
            "book/figures.md", text.replace("import mini.other as other", "while True:\n    pass")
        )
        done = built.command("build", ".")
    finally:
        built.write("book/figures.md", text)
        built.write("_config.yml", config)
    line = text.splitlines().index("import mini.other as other") + 1
    assert done.returncode == 1
    assert (
        f"book/figures.md:{line}: this cell takes longer than book_time_limit in _config.yml "
        "allows." in done.stderr
    )


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-40], lambda b: b"", lambda b: b.replace(b"e", b"f", 1)]
)
def test_a_damaged_chapter_is_named_set_aside_and_run_again(built, damage):
    (built.folder / "data" / "chapters" / "book" / "figures-failed.ipynb").unlink(missing_ok=True)
    before = built.stored()
    stored = (built.folder / "data" / "chapters" / "book").glob("figures-*.ipynb")
    path = next(iter(stored))
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    done = built.command("build", ".")
    assert done.returncode == 0 and f"{path.name} is not as it was written" in done.stderr
    aside = path.with_name(f"{path.name}.damaged")
    assert aside.read_bytes() == damaged
    aside.unlink()
    assert built.stored() == before


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("book/figures.md", 'profile = "paper"', 'profile = "smoke"', "give both the same."),
        (
            "book/figures.md",
            'profile = "paper"',
            "profile = 3",
            "book/figures.md: the default of parameter 'profile'",
        ),
        (
            "book/figures.md",
            'profile = "paper"',
            "profile =",
            "book/figures.md:20: the parameters cell is not Python",
        ),
        (
            "index.md",
            "after: [book/numbers]",
            "after: [book/number]",
            "index.md: `after` names 'book/number', which",
        ),
        (
            "index.md",
            "after: [book/numbers]",
            "after: [index]",
            "`after` goes in a circle: index after index",
        ),
        (
            "index.md",
            "after: [book/numbers]",
            "after: book/numbers",
            "index.md: `after` in the front matter must be",
        ),
        (
            "index.md",
            "reads: [book/ledger.txt]",
            "reads: [book/lodger.txt]",
            "book/lodger.txt, which does not exist.",
        ),
    ],
)
def test_a_chapter_that_cannot_be_gets_one_sentence(tmp_path, name, old, new, sentence):
    for file in ("index.md", "book/numbers.md", "book/figures.md", "book/ledger.txt"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(FILES[file].replace(old, new) if file == name else FILES[file])
    with pytest.raises(BookError, match=re.escape(sentence)) as refused:
        read_and_plan(tmp_path)
    assert len(str(refused.value).strip().splitlines()) == 1


def read_and_plan(folder):
    docnames = ("index", "book/numbers", "book/figures")
    chapters = [
        read_chapter(name, folder / f"{name}.md", config=MdParserConfig()) for name in docnames
    ]
    parameter_values(chapters, variables={"profile": "MINI_PROFILE"}, environment={})
    chapters = run_order(chapters)
    none = {chapter.docname: {} for chapter in chapters}
    return chapters, chapter_keys(
        chapters, parameters=none, environment={}, source=folder, library=folder
    )


def test_a_parameter_that_no_chapter_has_is_refused():
    with pytest.raises(BookError, match="no chapter has the parameter 'prefile'"):
        parameter_values([], variables={"prefile": "MINI_PROFILE"}, environment={})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("    alt: One dot\n", "    width: 80%\n", "add `image: alt` to its `mystnb` options."),
        ("    caption: A dot.\n", "", "add `figure: caption` to its `mystnb` options."),
        ("    name: fig-dot\n", "", "add `figure: name` to its `mystnb` options."),
    ],
)
def test_a_figure_without_words_or_number_stops_the_build(built, old, new, sentence):
    text = built.read("book/figures.md")
    assert old in text
    try:
        built.write("book/figures.md", text.replace(old, new))
        done = built.command("build", ".")
    finally:
        built.write("book/figures.md", text)
    line = text.replace(old, new).splitlines().index("import mini.other as other") + 1
    assert done.returncode == 1
    assert done.stderr.strip() == f"book/figures.md:{line}: the cell shows a figure; {sentence}"


def page(folder, text, name="extra.md"):
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_chapter("extra", folder / name, config=MdParserConfig())


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            "import sys; sys.exit()",
            "this cell ends the program (SystemExit), and what comes after it would not run.",
        ),
        (":tags: [raises-exception]\n\n2\n1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_the_cell_that_did_not_run_to_its_end_is_named(tmp_path, cell, sentence):
    extra = page(tmp_path, chapter("print('first')", cell, "print('second')", "print('third')"))
    line = extra.text.splitlines().index(cell.splitlines()[-1]) + 1
    with pytest.raises(BookError, match=re.escape(f"extra.md:{line}: {sentence}")):
        execute(
            extra, parameters={}, environment={}, time_limit=60, source=tmp_path, folder=tmp_path
        )


CODE = chapter("print('ran')")


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("\n" + CODE, "extra.md", "extra.md:18: this code cell would never be run"),
        (
            CODE.replace(PLAIN_HEADER, "---\nkernelspec: {name: python3}\n---\n"),
            "extra.md",
            "extra.md:7: this code cell would",
        ),
        (
            CODE.replace(PLAIN_HEADER, ""),
            "extra.md",
            "extra.md:4: this code cell would never be run",
        ),
        ("{}", "extra.ipynb", "extra.ipynb: notebooks are not run"),
    ],
)
def test_a_page_whose_code_would_not_run_is_refused(tmp_path, text, name, sentence):
    with pytest.raises(BookError, match=re.escape(sentence)):
        page(tmp_path, text, name)


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + CODE.encode(), CODE.replace("\n", "\r\n")])
def test_marks_of_an_editor_leave_a_chapter_a_chapter(tmp_path, text):
    assert [cell.source for cell in page(tmp_path, text).code_cells] == ["print('ran')"]


def test_code_that_is_only_shown_stays_a_plain_page(tmp_path):
    assert page(tmp_path, f"# Plain\n\n````md\n{CODE}````\n") is None


def test_a_cell_inside_of_something_else_is_refused(built):
    with built.with_page(
        "book/extra",
        f"{PLAIN_HEADER}\n# Extra\n\n- item\n\n  ```{{code-cell}} ipython3\n  1\n  ```\n",
    ):
        done = built.command("build", ".")
    assert (
        done.returncode == 1
        and "book/extra.md:19: this code cell would never be run, because it stands inside"
        in done.stderr
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_build_that_is_stopped_says_so_and_leaves_nothing(built, tmp_path, monkeypatch, number):
    started = tmp_path / "started"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup the build would inherit its silence
    code = f"import os, time\n\nopen({str(started)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    with built.with_page("book/extra", chapter(code)), built.started("build", ".") as build:
        while not (started.exists() and started.read_text()):
            assert build.poll() is None
            time.sleep(0.1)
        build.send_signal(number)
        _, said = build.communicate(timeout=120)
    assert build.returncode == 1
    assert (
        said.strip()
        == f"The build was stopped by {number.name}; build again to go on from the last finished chapter."
    )
    assert not Path("/proc", started.read_text()).exists()
    assert os.listdir(tmp_path) == ["started"]


def test_a_module_that_is_no_text_gets_one_sentence(tmp_path):
    extra = page(tmp_path, chapter("import latin"))
    given = {
        "parameters": {"extra": {}},
        "environment": {},
        "source": tmp_path,
        "library": tmp_path,
    }
    (tmp_path / "latin.py").write_bytes("# coding: latin-1\nX = 'é'\n".encode("latin-1"))
    declared = chapter_keys([extra], **given)["extra"]
    (tmp_path / "latin.py").write_text("X = 'é'\n", encoding="utf-8")
    assert chapter_keys([extra], **given)["extra"] == declared
    (tmp_path / "latin.py").write_bytes("X = 'é'\n".encode("latin-1"))
    with pytest.raises(
        BookError,
        match=r"extra.md: .*latin.py cannot be read as Python source \(.*\); save it as UTF-8\.$",
    ):
        chapter_keys([extra], **given)


def test_what_a_page_cannot_show_is_refused(tmp_path):
    extra = page(tmp_path, chapter("show()"))
    extra.code_cells[0].outputs = [
        new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})
    ]
    with pytest.raises(
        BookError,
        match="extra.md:18: the cell shows application/vnd.jupyter.widget-view.json, which a page cannot",
    ):
        check_figures(extra, extra.code_cells)


def test_two_figures_in_a_cell_are_refused(tmp_path):
    (tmp_path / "figures.md").write_text(FILES["book/figures.md"])
    chapter = read_chapter("figures", tmp_path / "figures.md", config=MdParserConfig())
    chapter.code_cells[1].outputs = [new_output("display_data", {"image/png": ""})] * 2
    with pytest.raises(
        BookError,
        match="figures.md:32: the cell shows 2 outputs; a figure needs a cell of its own.",
    ):
        check_figures(chapter, chapter.code_cells)


@pytest.mark.parametrize(
    ("old", "new"), [("display=False)", "display=False);"), ("print(profile)", '"shown"')]
)
def test_what_hides_or_shows_an_output_counts_as_code(tmp_path, old, new):
    keys = []
    for folder, text in (
        ("a", FILES["book/numbers.md"]),
        ("b", FILES["book/numbers.md"].replace(old, new)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "numbers.md").write_text(text)
        chapter = read_chapter("numbers", tmp_path / folder / "numbers.md", config=MdParserConfig())
        given = {
            "parameters": {"numbers": {}},
            "environment": {},
            "source": tmp_path,
            "library": tmp_path,
        }
        keys.append(chapter_keys([chapter], **given)["numbers"])
    assert keys[0] != keys[1]


def test_a_value_that_the_check_refuses_stops_the_build_before_anything_runs(built):
    (built.folder / "runs.txt").write_text("")
    done = built.command("build", ".", profile="smock")
    assert done.returncode == 1
    assert done.stderr.strip() == "There is no profile 'smock'; choose smoke or paper."
    assert built.read("runs.txt") == ""


def test_a_single_page_is_refused(built):
    done = built.command("build", "book/numbers.md")
    assert done.returncode == 1 and "run `jupyter-book build .`" in done.stderr
