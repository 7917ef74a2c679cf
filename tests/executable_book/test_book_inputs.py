"""Whatever a chapter's output depends on is part of its key, or the same for everyone; found by
running it once.
"""

import os
import platform
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from minibook import chapter
from myst_parser.config.main import MdParserConfig

from executable_book import inputs
from executable_book.chapter import read_chapter
from executable_book.inputs import read_inputs
from executable_book.keys import chapter_keys
from executable_book.store import inputs_path, is_complete, stored_path

CODES = (
    "import matplotlib as mpl\nimport numpy as np\n\nprint(np.array([1 / 3]), 'x' in globals(), "
    "'y' in globals())",
    "print(mpl.rcParams['figure.facecolor'], mpl.get_backend()[-14:])",
    "import time, os\n\nprint(time.tzname[0], __debug__, os.environ.get('EXTRA'))",
    ":tags: [skip-execution]\n\nprint('later')",
    "%%time\nimport beside",
    "%run script.py",
    "import importlib\n\nimportlib.import_module('mini.' + 'other')",
    "open('own.txt', 'w').write(open('numbers.csv').read())\nopen('own.txt').read()",
    "try:\n    open('perhaps.txt')\nexcept OSError:\n    print('none')",
    "import yaml",
    "from pathlib import Path\n\nprint(len(list(Path('folder').glob('*.txt'))))",
    "!python command.py",
)
FILES = {
    "beside.py": "import deeper\n",
    "deeper.py": "X = 1\n",
    "script.py": "print('run')\n",
    "numbers.csv": "1, 2\n",
    "folder/a.txt": "",
    "command.py": "print('command')\n",
}
OF_A_USER = {
    ".ipython/profile_default/startup/00.py": "import numpy; numpy.set_printoptions(precision=2); x = 1",
    ".ipython/profile_default/ipython_config.py": "get_config().InteractiveShellApp.exec_lines = ['y = 1']",
    ".config/matplotlib/matplotlibrc": "figure.facecolor: black\n",
    "start.py": "y = 1",
}
VARIABLES = {
    "PYTHONSTARTUP": "start.py",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "7",
    "MATPLOTLIBRC": ".config/matplotlib/matplotlibrc",
    "MPLBACKEND": "agg",
    "TZ": "Asia/Tokyo",
}


@pytest.fixture(scope="module")
def extra(built, tmp_path_factory):
    """The book with a chapter that depends on all sorts of things, built by a user who has set up
    his own.
    """
    home = tmp_path_factory.mktemp("home")
    for folder, files in ((home, OF_A_USER), (built.folder / "book", FILES)):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    with built.with_page("book/extra", chapter(*CODES)), pytest.MonkeyPatch.context() as patch:
        for name, value in VARIABLES.items():
            patch.setenv(name, str(home / value) if value in OF_A_USER else value)
        patch.setenv("HOME", str(home))
        built.build()
        patch.undo()
        yield built
    for name in (*FILES, "own.txt"):
        (built.folder / "book" / name).unlink()


def key(book):
    """The chapter's key as things are."""
    found = read_chapter(
        "book/extra",
        book.folder / "book" / "extra.md",
        config=MdParserConfig(),
        line="minicheck.line",
    )
    store = book.folder / "data" / "chapters"
    return chapter_keys(
        [found],
        parameters={"book/extra": {}},
        environment={},
        source=book.folder,
        library=book.folder / "lib",
        inputs=lambda docname, written: read_inputs(inputs_path(store, docname, written)),
    )["book/extra"].full


def complete(book):
    return is_complete(stored_path(book.folder / "data" / "chapters", "book/extra", key(book)))


def test_a_users_own_settings_change_nothing(extra):
    page = extra.page("book/extra")
    assert ">[0.33333333] False False\n" in page
    assert ">white backend_inline\n" in page
    assert ">UTC True None\n" in page and "none" in page
    assert complete(extra)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("book/deeper.py", "X = 2\n"),
        ("book/script.py", "print('run', 2)\n"),
        ("book/numbers.csv", "1, 3\n"),
        ("book/perhaps.txt", ""),
        ("book/folder/b.txt", ""),
        ("book/command.py", "print('command', 2)\n"),
        ("book/matplotlibrc", "font.size: 3\n"),
        ("book/yaml.py", "shadow = True\n"),
        ("lib/mini/other.py", "OTHER = 3\n"),
        ("lib/sitecustomize.py", "import mini\n"),
        ("book/extra.md", chapter(*CODES).replace(":tags: [skip-execution]\n\n", "")),
    ],
)
def test_a_change_of_any_file_that_was_read_counts(extra, name, text):
    path = extra.folder / name
    before = path.read_text() if path.exists() else None
    try:
        path.write_text(text)
        assert not complete(extra)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert complete(extra)


def test_a_comment_and_what_the_chapter_writes_itself_do_not_count(extra):
    (extra.folder / "book" / "deeper.py").write_text("X = 1  # why\n")
    (extra.folder / "book" / "own.txt").write_text("other")
    assert complete(extra)


def test_versions_and_variables_that_the_code_names_count(extra, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("EXTRA", "1")
        assert not complete(extra)
    with monkeypatch.context() as patch:
        patch.setattr(platform, "python_version", lambda: "3.99.0")
        assert not complete(extra)
    versions = inputs.package_version
    for package, counts in (
        ("PyYAML", True),
        ("matplotlib", True),
        ("pytest", False),
        (packages_distributions()["tensorflow"][0], False),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(
                inputs,
                "package_version",
                lambda name, this=package: "99" if name == this else versions(name),
            )
            assert complete(extra) != counts, package
    assert complete(extra)


def test_the_files_of_another_checkout_on_the_path_are_those_that_count(
    extra, tmp_path, monkeypatch
):
    other = tmp_path / "mini"
    other.mkdir()
    for path in (extra.folder / "lib" / "mini").glob("*.py"):
        (other / path.name).write_text(path.read_text())
    text = chapter("import mini.other")
    extra_md = Path(extra.folder, "book", "extra.md")
    before = extra_md.read_text()
    try:
        extra_md.write_text(text)
        plain = key(extra)
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{extra.folder / 'lib'}")
        assert key(extra) == plain
        (other / "other.py").write_text("OTHER = 7\n")
        assert key(extra) != plain
    finally:
        extra_md.write_text(before)
