"""A file of results that take hours and are kept with the code that they hang on."""

import json
from collections.abc import Mapping
from pathlib import Path

from studies import provenance
from studies.kept import present_code
from taskrnn.ensembles.network_files import training_hash
from taskrnn.profiles import experiment_named

TRAINING = "training of "  # a task: so the code of its training is named


def read(file: Path) -> dict:
    """What the file holds; empty if there is none."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def cite(file: Path, kept: Mapping, what: str = "") -> None:
    """From now on, the line under figures names the file, and `what` is in it."""
    machine = kept["machine"]
    provenance.made_from(
        f"results kept in {file.parent.name}/{file.name}, {what}made by the code of commit "
        f"{machine['taskrnn']} {machine['date']}, {machine['cpu']}"
    )


def changed(code: Mapping[str, str]) -> list[str]:
    """The names, of training, measures and claims, whose present code has another hash."""
    return [name for name, before in code.items() if present(name) != before]


def present(name: str) -> str | None:
    """Hash of the present code of a measure or a claim, or of training."""
    if name.startswith(TRAINING):
        return training_hash(experiment_named(name.removeprefix(TRAINING), profile="large"))
    return present_code(name)
