"""The ledger: how each claim came out under its criterion (`studies.criteria`). Chapters record a
`Result` in the data folder, and the front page collects what is there.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from markdown_it import MarkdownIt

from studies.criteria import CLAIMS
from studies.forest import forest, without_drawing
from studies.tables import number, spread
from taskrnn import checks
from taskrnn.analysis.statistics import Interval, finite, interval, of_known
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
    Verdict,
    conjunction,
    p_behind,
    share_interval,
)
from taskrnn.ensembles import storage

VERDICTS = (SUPPORTED, CHANCE, UNDECIDED, WEAKER, CONTRADICTED)  # nearest to the claim first


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """One number per network, and the same number under the null.

    name : str, what is measured, with its unit
    values, null : tuple of float (network,), NaN for a missing network; `null` is empty where the
        claim names none
    interval : Interval, mean of `values` and its 95 % interval
    holds : int, in how many networks the claim's sign or threshold holds; in a missing one it does
        not
    missing : int, networks that are in every count and have no value
    """

    name: str
    values: tuple[float, ...]
    null: tuple[float, ...]
    interval: Interval
    holds: int
    missing: int

    @property
    def n(self) -> int:
        """Networks that the mean and the interval rest on."""
        return len(self.values) - self.interval.n_failed

    @property
    def share(self) -> Interval:
        """Share of networks in which it holds, of all, also the missing; its exact interval."""
        return share_interval(self.holds, len(self.values))

    @property
    def count(self) -> str:
        """In how many networks it holds, of all, and how many of them are missing."""
        return f"{self.holds} of {len(self.values)}" + (
            f", {self.missing} missing" if self.missing else ""
        )


def statistic(
    name: str,
    values: np.ndarray,
    *,
    holds: np.ndarray,
    null: np.ndarray | None = None,
    missing: np.ndarray | None = None,
) -> Statistic:
    """A `Statistic` from arrays (network,); `holds` is bool (network,).

    An infinite value counts as none. `missing`, bool (network,), is for values that say something
    where they are NaN; by default all such networks are missing.
    """
    values = finite(values)
    return Statistic(
        name=name,
        values=tuple(values.tolist()),
        null=() if null is None else tuple(finite(null).tolist()),
        interval=interval(values),
        holds=int(np.sum(holds)),
        missing=int(np.sum(np.isnan(values) if missing is None else missing)),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """How a claim came out.

    claim : str, its id
    statistics : tuple of Statistic
    null_name : str, what the null is
    parts : {name: Verdict}, all of which must hold, tasks for example
    as_written : str, the verdict under the criterion as it was written, if amended, else ''
    tens : {word: number}, how often random tens of the networks get each word, if that was asked
    code : {name: hash}, of what it hangs on
    """

    claim: str
    statistics: tuple[Statistic, ...]
    null_name: str
    parts: dict[str, Verdict]
    as_written: str = ""
    tens: dict[str, int] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Interval:
        """The interval of the statistic with this name."""
        found = {statistic.name: statistic.interval for statistic in self.statistics}
        return found[name]

    def said(self, name: str, spec: str = ".1f") -> str:
        """A statistic in the words of a sentence: its mean and interval, in how many networks the
        claim holds, and what the null gives.
        """
        row = next(row for row in self.statistics if row.name == name)
        mean, low, high = (number(end, spec) for end in row.interval[:3])
        found = f"{mean} ({low} to {high}; in {row.count} networks"
        null = of_known(np.mean, row.null)
        return found + (f"; by chance {null:{spec}})" if np.isfinite(null) else ")")

    @property
    def verdict(self) -> Verdict:
        """That of all parts together."""
        return conjunction(self.parts.values())

    @property
    def n_networks(self) -> str:
        """Networks of each task, and how many are missing in the statistic that misses most."""
        missing = max(s.missing for s in self.statistics)
        return f"n = {len(self.statistics[0].values)}" + (f", {missing} missing" if missing else "")

    @property
    def breakdown(self) -> str:
        """What the parts amount to, as text: each by name if they are few, otherwise how many have
        which verdict.
        """
        if len(self.parts) == 1:
            return ""
        if len(self.parts) <= 4:
            return "; ".join(f"{name}: {verdict}" for name, verdict in self.parts.items())
        counts = Counter(self.parts.values())
        return (
            ", ".join(f"{counts[word]} {word}" for word in VERDICTS if word in counts)
            + f" of {len(self.parts)} cases"
        )

    def __repr__(self) -> str:
        return without_drawing(self._repr_markdown_())

    def _repr_html_(self) -> str:
        # JupyterLab takes drawings out of Markdown, and what folds too.
        return MarkdownIt("commonmark").enable("table").render(self._repr_markdown_())

    def _repr_markdown_(self) -> str:
        claim, has_null = CLAIMS[self.claim], any(s.null for s in self.statistics)
        lines = [
            f"**{self.claim}: {self.verdict}.** {sentence_case(claim.sentence)}.",
            "",
            *([f"{sentence_case(self.breakdown)}.", ""] if self.breakdown else []),
            f"Supported if: {claim.decides}.",
            "",
            # In a div, so that Markdown leaves the text of the drawing alone.
            f"<div>{forest(self.statistics, null_name=self.null_name)}</div>",
            "",
            "<details><summary>Numbers</summary>",
            "",
            "| statistic | mean over networks | 95 % interval | n | holds in | 95 % interval |"
            + (f" {self.null_name}, mean |" if has_null else ""),
            "| --- | --- | --- | --- | --- | --- |" + (" --- |" if has_null else ""),
        ]
        for s in self.statistics:
            null = f" {number(of_known(np.mean, s.null))} |" if s.null else " - |"
            mean = f"| {s.name} | {number(s.interval.mean)} | {spread(s.interval)} |"
            share = f" {s.n} | {s.count} | {s.share.low:.0%} to {s.share.high:.0%} |"
            lines.append(mean + share + (null if has_null else ""))
        lines += ["", "</details>"]
        if self.as_written:
            why = " ".join(text for text in (claim.amendment, claim.reason) if text)
            written = f"By the criterion as written ({claim.criterion}): **{self.as_written}**."
            lines += ["", f"{written} {why}"]
        elif claim.reason:
            lines += ["", claim.reason]
        return "\n".join(lines)


def by_task(
    claim: str,
    one: Callable[..., tuple[Iterable[Statistic], str]],
    *measured: Mapping[str, object],
    null_name: str,
) -> Result:
    """Judge a claim about both tasks, which must hold in each.

    Parameters
    ----------
    one : callable
        Takes what was measured in one task; returns its rows, named without the task, and the
        verdict.
    *measured : {task: anything}
    null_name : str
    """
    rows, parts = [], {}
    for task in measured[0]:
        of_task, parts[task] = one(*(values[task] for values in measured))
        rows += [replace(row, name=f"{task}: {row.name}") for row in of_task]
    return Result(claim=claim, statistics=tuple(rows), null_name=null_name, parts=parts)


def sentence_case(text: str) -> str:
    """The text with a capital first letter, unless that is a symbol, as in "d = 1"."""
    return text if text[1:2] == " " else text[:1].upper() + text[1:]


def folder(data: str | Path, profile: str) -> Path:
    """Where the results of a profile are recorded."""
    return checks.folder(data) / "verdicts" / profile


def record(result: Result, *, data: str | Path, profile: str) -> Result:
    """Write the result for the front page, whole or not at all, and hand it back.

    Raises
    ------
    ValueError
        No claim is known by its id.
    """
    if result.claim not in CLAIMS:
        raise ValueError(
            f"There is no claim {result.claim}: write its row in a file and read that with "
            "studies.criteria.add_claims before it is judged."
        )
    row = asdict(result) | {"p": {part: p_behind(word) for part, word in result.parts.items()}}
    with storage.whole(folder(data, profile) / f"{result.claim}.json") as temporary:
        temporary.write_text(
            json.dumps(row | {"checksum": checksum(row)}, indent=1), encoding="utf-8"
        )
    return result


def from_row(row: dict) -> Result:
    """The result that `record` wrote as this row."""
    own = {name: value for name, value in row.items() if name != "p"}
    own["statistics"] = tuple(
        Statistic(
            **s
            | {key: tuple(s[key]) for key in ("values", "null")}
            | {"interval": Interval(*s["interval"])}
        )
        for s in row["statistics"]
    )
    p = row.get("p", {})
    own["parts"] = {name: Verdict(of, p.get(name, math.nan)) for name, of in row["parts"].items()}
    return Result(**own)


def checksum(row: dict) -> str:
    """SHA-256 of a result as JSON."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def recorded(*, data: str | Path, profile: str) -> dict[str, Result]:
    """The results of a profile by claim, of the claims that this process knows; those that are not
    analysed are missing.

    Raises
    ------
    DamagedFile
        A result is not as it was recorded.
    """
    results = {}
    for path in sorted(folder(data, profile).glob("*.json")):
        if path.stem not in CLAIMS:
            continue
        try:
            row = json.loads(path.read_bytes())
            whole = row.pop("checksum") == checksum(row)
        except (ValueError, AttributeError, KeyError, TypeError):
            whole = False
        if not whole:
            chapter = CLAIMS[path.stem].chapter
            raise storage.DamagedFile(
                f"{path} is not as it was recorded; delete it and "
                f"data/chapters/book/{chapter}-*.ipynb, then build again."
            )
        results[path.stem] = from_row(row)
    return results
