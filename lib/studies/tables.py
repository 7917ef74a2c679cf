"""Tables for the pages, in markdown."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from IPython.display import Markdown

from taskrnn.analysis.statistics import Interval
from taskrnn.experiments import Experiment

NO_NUMBER = re.compile(r"(?<![\w.])[+-]?(?:nan|inf)%?(?!\w)")  # as formats write it


def number(value: float, spec: str = ".3g") -> str:
    """Three digits if not asked otherwise, or a dash where no network has a value."""
    return f"{value:{spec}}" if np.isfinite(value) else "-"


def spread(interval: Interval) -> str:
    """The ends of an interval, or a dash where it has none."""
    if not np.isfinite(interval.low):
        return "-"
    return f"{number(interval.low)} to {number(interval.high)}"


def settings_table(*experiments: Experiment) -> Markdown:
    """The settings of experiments side by side, one row for each field."""
    columns = [flat(experiment.settings()) for experiment in experiments]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [
        [f"`{name}`", *(f"{column.get(name, '-')}" for column in columns)]
        for name in names
        if name != "name"
    ]
    return table(["setting", *(experiment.name for experiment in experiments)], rows)


def flat(settings: dict, prefix: str = "") -> dict[str, object]:
    """Nested settings with dotted names; numbers rounded to four digits.

    The class is named of what may be of several.
    """
    rows: dict[str, object] = {}
    for name, value in settings.items():
        if name == "class" and prefix not in ("task.", "network."):
            continue
        if isinstance(value, dict):
            rows |= flat(value, f"{prefix}{name}.")
        else:
            rows[prefix + name] = float(f"{value:.4g}") if isinstance(value, float) else value
    return rows


def code(path: str | Path) -> Markdown:
    """A file as it stands, as a block of code, with its name."""
    kind = {".py": "python"}.get(Path(path).suffix, Path(path).suffix.removeprefix("."))
    return Markdown(
        f"`{path}`\n\n```{kind}\n{Path(path).read_text(encoding='utf-8').rstrip()}\n```"
    )


def failures(ensembles: Mapping[str, xr.Dataset]) -> Markdown:
    """A sentence that names every network whose training failed, or says that none did."""
    failed = [
        f"{task} network {k} (update {update})"
        for task, networks in ensembles.items()
        for k, update in enumerate(networks.failed.values.tolist())
        if update >= 0
    ]
    total = sum(networks.sizes["network"] for networks in ensembles.values())
    if failed:
        return Markdown(
            f"Training failed in {len(failed)} of {total} networks, which stay in every count: "
            f"{', '.join(failed)}."
        )
    return Markdown(
        f"Training failed in none of the {total} networks: every loss stayed finite and ended "
        "below its start."
    )


def in_cell(text: str) -> str:
    """A cell without content, and a number in it that is none, is a dash; "7 of 10" stays on one
    line.
    """
    if text in ("", "None"):
        return "-"
    return re.sub(
        r"(\d+) of (\d+)", "\\1\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}\\2", NO_NUMBER.sub("-", text)
    )


class Text(Markdown):
    """Markdown that says in a terminal what it says on a page."""

    def __repr__(self) -> str:
        return self.data


def table(header: list[str], rows: list[list]) -> Text:
    """A markdown table; see `in_cell`."""
    if not rows:
        return Text("*There is nothing to show here yet.*")
    shown = [[in_cell(str(cell)) for cell in row] for row in rows]
    lines = [header, ["---"] * len(header), *shown]
    return Text("\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines))
