"""The README's commands, as far as they can be tried without doing everything again."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("target", ["book", "test", "lab"])
def test_a_wrong_python_is_refused_in_one_sentence(target, tmp_path):
    old = tmp_path / "old-python"
    # As any Python below 3.11 does: the check exits with 1.
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    done = make(tmp_path, target, f"PYTHON={old}")
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0 and len(said) == 1
    assert "Python 3.11, 3.12 or 3.13" in said[0] and "make book PYTHON=" in said[0]
    assert not (tmp_path / ".venv").exists()


def test_every_target_runs_in_a_folder_with_a_space_in_its_name(tmp_path):
    folder = tmp_path / "my $HOME's book"
    for name in ("python", "jupyter", "jupyter-book"):
        tool = folder / ".venv" / "bin" / name
        tool.parent.mkdir(exist_ok=True, parents=True)
        tool.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv" / "installed").touch()
    for target in ("book", "lab", "test", "cluster", "bench", "lock"):
        done = make(folder, target, "-o", ".venv/installed")
        assert done.returncode == 0, done.stderr
        if target == "lab":
            assert "<lab><--config=.jupyter/lab_config.py><--notebook-dir=.>" in done.stdout
        if target == "book":
            assert f"The book: {folder}/_build/html/index.html" in done.stdout


def test_other_seeds_are_another_profile(tmp_path):
    done = make(tmp_path, "--dry-run", "book", "SEEDS=1000", "TASKRNN_PROFILE=large")
    assert "TASKRNN_PROFILE=large@1000 .venv/bin/jupyter-book build ." in done.stdout
    assert "paper@1000" in make(tmp_path, "--dry-run", "book", "SEEDS=1000").stdout
    assert "PROFILE" not in make(tmp_path, "--dry-run", "book").stdout


def test_the_readme_names_the_targets_and_files_that_exist():
    readme = (ROOT / "README.md").read_text()
    targets = {
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line[:1].isalpha() and ":" in line
    }
    for command in ("make book", "make test", "make lab", "make lock"):
        assert command in readme and command.split()[1] in targets
    for name in ("lib/taskrnn/experiments.py", "book/make_it_yours.md", "book/training.md"):
        assert name in readme and (ROOT / name).is_file()
