"""The house: which package may know which, how large a file and a function may be, and that the map
is the code's.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "lib"
FILES = sorted(LIBRARY.rglob("*.py"))
# Each may import itself and those before it; the book knows nothing of networks.
ALLOWED = {
    "code_identity": {"code_identity"},
    "executable_book": {"executable_book", "code_identity"},
    "taskrnn": {"taskrnn", "code_identity"},
    "studies": {"studies", "taskrnn", "code_identity"},
}
# Within the library, from what is known first to what is known last; `analysis` knows arrays, and
# what an activation function is.
FLOORS = (
    "missing",
    "checks",
    "random_numbers",
    "variables",
    "tasks",
    "networks",
    "training",
    "experiments",
    "profiles",
    "needs",
    "ensembles",
    "activity",
    "__main__",
)
STUDIES = (
    "training",
    "latent_space",
    "nonlinearity",
    "subtle_changes",
    "predictive_subspaces",
    "readout",
    "regime",
    "slow_points",
    "chaos",
    "dimension",
    "oscillation",
    "counting",
    "sparsity",
    "several_tasks",
    "initialisation",
    "complexity",
    "architectures",
    "more_networks",
    "readings",
    "machines",
    "judging",
    "future_work",
    "speed",
)
ROOMS = ("measures", "claims", "figures")


def imports(path: Path) -> set[str]:
    """The modules of this project that a file names in its imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write imports in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in ALLOWED}


def parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(LIBRARY).with_suffix("").parts


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(parts(path)))
def test_no_arrow_goes_upward(path):
    package, *rest = parts(path)
    for name in imports(path):
        to, *inner = name.split(".")
        assert to in ALLOWED[package], f"{path} imports {name}"
        if package == to == "taskrnn":
            if rest[0] == "analysis":
                known = inner[0] in ("analysis", "checks", "missing") or inner[:2] == [
                    "networks",
                    "activation",
                ]
                assert known, f"{path} imports {name}"
            elif inner[0] != "analysis":
                assert FLOORS.index(inner[0]) <= FLOORS.index(rest[0]), f"{path} imports {name}"
        if package == to == "studies" and inner[0] in STUDIES:
            assert rest[0] in STUDIES, f"{path} belongs to all studies and imports one, {name}"
            assert STUDIES.index(inner[0]) <= STUDIES.index(rest[0]), (
                f"{path} imports a later study, {name}"
            )
            if inner[0] == rest[0] and {inner[1], rest[1]} <= set(ROOMS):
                assert ROOMS.index(inner[1]) < ROOMS.index(rest[1]) or inner[1] == rest[1], (
                    f"{path} imports {name}"
                )


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(parts(path)))
def test_files_and_functions_fit_in_ones_head(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300, f"{path} has {len(text.splitlines())} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) else 0
            lines = node.end_lineno - node.lineno + 1 - said
            assert lines <= 60, f"{path}: {node.name} has {lines} lines without its docstring"


def test_packages_import_nothing_when_they_are_imported():
    """They are part of the identity of all that lies in them: a package that imports its figures
    would retrain networks for a colour.
    """
    filled = [
        str(path) for path in FILES if path.name == "__init__.py" and path.read_text().strip()
    ]
    assert filled == [
        str(LIBRARY / "executable_book" / "__init__.py")
    ]  # where Sphinx looks for `setup`


def test_every_folder_of_a_study_is_a_chapter():
    folders = {
        path.name for path in (LIBRARY / "studies").iterdir() if (path / "__init__.py").is_file()
    }
    assert folders == set(STUDIES) <= {path.stem for path in (ROOT / "book").glob("*.md")}


def test_no_two_draws_have_one_name():
    """A name that two draws share would give both the same numbers."""
    found = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "generator"
                and len(node.args) > 1
            ):
                purpose = node.args[1]
                if isinstance(purpose, ast.Constant) and "." in purpose.value:
                    found.setdefault(purpose.value, []).append(f"{path.name}:{node.lineno}")
    assert len(found) > 15 and all(len(places) == 1 for places in found.values()), found
