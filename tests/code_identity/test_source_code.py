"""The identity of code: blind to comments, sensitive to everything else; imports found without
running anything.
"""

import ast
import hashlib
import os
from modulefinder import ModuleFinder
from pathlib import Path

import pytest

from code_identity.source_code import LIBRARY, code_hash, imported_files, normalised

PLAIN = "def f(x):\n    return x + 1\n\nclass A:\n    y = 'text'\n"


@pytest.mark.parametrize(
    "same",
    [
        "# comment\n" + PLAIN,
        '"""Module."""\n' + PLAIN,
        PLAIN.replace("return", '"""Function."""\n    return'),
        PLAIN.replace("    y", '    """Class."""\n\n    y'),
        PLAIN.replace("x + 1", "(x +\n            1)  # one more"),
        PLAIN.replace("'text'", '"text"'),
    ],
)
def test_comments_docstrings_and_formatting_do_not_count(same):
    assert normalised(same) == normalised(PLAIN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1", "2"),
        ("1", "1.0"),
        ("x + 1", "1 + x"),
        ("x + 1", "None"),
        ("x + 1", ""),
        ("'text'", "'# text'"),
        ("'text'", "b'text'"),
        ("'text'", "f'text'"),
        ("def f", "def g"),
        ("def f", "async def f"),
        ("(x)", "(*x)"),
        ("(x)", "(x=None)"),
    ],
)
def test_everything_else_counts(old, new):
    assert normalised(PLAIN.replace(old, new, 1)) != normalised(PLAIN)


def test_the_identity_is_the_same_in_every_version_of_python():
    """The hash was taken under 3.11, 3.12 and 3.13: they write f-strings in ways of their own."""
    source = r"""
async def f(a, /, b: int = 1, *c, d=None, **e) -> "x":
    with open(f"{a!r:>{b}}" "'" + f'{e["k"]}: {b:.3f}\n') as g, h: return
    try: yield {**e, "k": None}, {b for b in c if b}, c[1:, ..., ::2]
    except (A, B) as e: raise C from e
    match a:
        case [1, *rest] | {"k": -1j}: del a, b
    return None if (n := lambda: (1.5, b"\x00", True)) else not a < b <= 3
"""
    said = hashlib.sha256(normalised(source).encode()).hexdigest()
    assert said[:16] == "bb7dff6ee7584342"


def test_what_is_written_out_from_the_syntax_tree_is_the_same():
    for path in sorted(LIBRARY.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert normalised(ast.unparse(ast.parse(source))) == normalised(source), path


TREE = {
    "a/__init__.py": "",
    "a/b.py": "from . import c\nfrom .sub.d import thing\n",
    "a/c.py": "import json\n",
    "a/sub/__init__.py": "from ..e import *\n",
    "a/sub/d.py": "from .. import f as g\nthing = 1\n",
    "a/e.py": "def late():\n    import a.h\n",
    "a/f.py": "raise RuntimeError('must not run')\n",
    "a/h.py": "import missing, os.path\n",
    "a/unused.py": "import a.b\n",
    "top.py": "import a.c as c\n",
}


@pytest.fixture
def tree(tmp_path):
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(files, root):
    return {path.relative_to(root.resolve()).as_posix() for path in files}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy, os", set()),
        ("import top", {"top.py", "a/__init__.py", "a/c.py"}),
        ("import a.c as x", {"a/__init__.py", "a/c.py"}),
        ("from a import c", {"a/__init__.py", "a/c.py"}),
        ("from a.c import json", {"a/__init__.py", "a/c.py"}),
        ("def f():\n    from a import e", {"a/__init__.py", "a/e.py", "a/h.py"}),
        ("from a.b import c", set(TREE) - {"a/unused.py", "top.py"}),
        ("from a import *", {name for name in TREE if name != "top.py"}),
        ("this is not python", set()),
    ],
)
def test_imports_are_followed(tree, source, expected):
    assert names(imported_files(source, tree), tree) == expected


def test_a_module_of_the_tree_counts_itself_and_its_packages(tree):
    assert names(imported_files(tree / "a" / "sub" / "d.py", tree), tree) >= {
        "a/__init__.py",
        "a/sub/d.py",
        "a/f.py",
    }


def test_a_folder_without_init_is_a_package(tree):
    (tree / "a" / "sub" / "__init__.py").unlink()
    assert names(imported_files("import a.sub.d", tree), tree) == {
        "a/__init__.py",
        "a/sub/d.py",
        "a/f.py",
    }


def test_the_library_has_the_imports_that_modulefinder_finds():
    """The second route compiles each file and reads the import instructions in the bytecode."""
    for path in sorted((LIBRARY / "taskrnn").glob("*.py")):
        finder = ModuleFinder(path=[str(LIBRARY)])
        finder.import_hook("taskrnn" if path.stem == "__init__" else f"taskrnn.{path.stem}")
        found = {Path(module.__file__) for module in finder.modules.values() if module.__file__}
        assert set(imported_files(path)) == found | {path}, path.name


def test_the_hash_is_of_content_and_names_not_of_order_and_place(tree, tmp_path_factory):
    files = imported_files("import a.b, top", tree)
    assert (
        code_hash(files, tree)
        == code_hash(reversed(files), tree)
        == code_hash([*files, files[0]], tree)
    )
    assert code_hash(files[1:], tree) != code_hash(files, tree)
    elsewhere = tmp_path_factory.mktemp("x") / "lib"
    os.rename(tree, elsewhere)
    moved = [elsewhere / path.relative_to(tree.resolve()) for path in files]
    before = code_hash(moved, elsewhere)
    os.rename(elsewhere, tree)
    assert before == code_hash(files, tree)
    (tree / "a" / "c.py").write_text("import json  # why\n")
    assert code_hash(files, tree) == before
    (tree / "a" / "c.py").rename(tree / "a" / "k.py")
    assert (
        code_hash([tree / "a" / "k.py" if path.name == "c.py" else path for path in files], tree)
        != before
    )


def test_a_file_outside_the_root_has_no_name_in_it(tree):
    with pytest.raises(ValueError, match="not in the subpath"):
        code_hash([Path(__file__)], tree)
