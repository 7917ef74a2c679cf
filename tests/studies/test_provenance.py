"""The commit under a figure is that of this library, or none."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from studies import provenance


def commit_of(file: Path) -> str:
    spec = importlib.util.spec_from_file_location("copied", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.commit()


def test_a_copy_in_another_repository_has_no_commit(tmp_path, monkeypatch):
    def git(*arguments):
        names = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(
            ["git", "-C", str(tmp_path), *names, *arguments], check=True, capture_output=True
        )

    copies = [tmp_path / folder / "studies" / "provenance.py" for folder in ("src", "lib")]
    for copy in copies:
        copy.parent.mkdir(parents=True)
        shutil.copy(provenance.__file__, copy)
    assert commit_of(copies[1]) == "no commit"
    git("init")
    git("commit", "--allow-empty", "-m", "theirs")
    assert commit_of(copies[1]) == "no commit"
    git("add", "src")
    git("commit", "-m", "src")
    assert commit_of(copies[0]) == "no commit"
    git("add", "lib")
    git("commit", "-m", "as its own repository has it")
    found = commit_of(copies[1])
    assert re.fullmatch("[0-9a-f]{10}", found)
    monkeypatch.setenv("GIT_DIR", str(Path(provenance.__file__).parents[2] / ".git"))
    assert commit_of(copies[1]) == found
