"""Whose code is a result? A user's task or measure counts with its file and what that imports,
wherever they lie.
"""

import functools
import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from code_identity.definitions import definition_hash
from code_identity.source_code import LIBRARY

SCRIPT = """
from taskrnn.ensembles.network_files import training_hash
from code_identity.definitions import definition_hash
from taskrnn.ensembles.workers import workers
from dataclasses import replace
from taskrnn.experiments import PERCEPTION
from taskrnn.tasks.perception import Perception
import beside

class Mine(Perception):
    def target(self, values):
        return 1 - values

def measure(experiment, network):
    return beside.VALUE

if __name__ == "__main__":
    mine = replace(PERCEPTION, task=Mine())
    with workers() as pool:  # which get the class without its script
        assert pool.submit(training_hash, mine).result() == training_hash(mine)
    print(training_hash(mine), definition_hash(measure))
"""
FILES = {
    "script.py": SCRIPT,
    "beside.py": "import far.away\nVALUE = 1\n",
    "far/away.py": "A = 1\n",
    "unused.py": "B = 1\n",
}


def hashes(folder, files):
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(exist_ok=True, parents=True)
        folder.joinpath(name).write_text(text)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={"PYTHONPATH": str(LIBRARY)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_script_and_what_lies_beside_it_are_part_of_what_it_trains_and_measures(tmp_path):
    first = hashes(tmp_path, FILES)
    others = [
        hashes(tmp_path, FILES | change)
        for change in (
            {"script.py": SCRIPT.replace("1 - values", "5 - values")},
            {"far/away.py": "A = 2\n", "unused.py": ""},
        )
    ]
    for results in zip(first, *others, strict=True):
        assert len(set(results)) == 3


def top(experiment, network):
    """A function at the top of a file."""


def test_what_a_decorator_hides_counts():
    wrapped = functools.wraps(top)(lambda *arguments: top(*arguments))
    assert definition_hash(wrapped) == definition_hash(top)


@pytest.mark.parametrize(
    "made", [lambda e, n: None, functools.partial(top, 1), (lambda x: lambda: x)(2), "top"]
)
def test_what_has_no_code_of_its_own_is_refused(made):
    with pytest.raises(ValueError, match=r"at the top of a \.py file\.$"):
        definition_hash(made)


def test_a_notebook_is_told_to_use_a_file():
    shell = InteractiveShell()
    cell = "from taskrnn.tasks.perception import Perception\nclass Mine(Perception):\n    def target(self, values): return 1\n"
    shell.run_cell(cell + "def measure(experiment, network): pass\n").raise_error()
    for name in ("Mine", "measure"):
        with pytest.raises(
            ValueError,
            match="is defined in a notebook .* put it into a .py file, for example beside the notebook",
        ):
            definition_hash(shell.user_ns[name])
