"""Tables of the chapter on starts."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from studies.initialisation.experiments import IN_WORDS, MEMORY
from studies.initialisation.starts import STARTS
from studies.tables import number
from taskrnn.analysis.statistics import of_known

HEADER = ["start", "updates", "learned", "first loss", "points", "slowest point (tau)"]


def starts(found: Mapping[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows: every start of every task, medians over networks.

    Parameters
    ----------
    found : {task: `studies.initialisation.measures.learned`}
    """
    rows = [[IN_WORDS[task], *row] for task, of in found.items() for row in described(of, STARTS)]
    return ["task", *HEADER], rows


def fewer(found: xr.Dataset) -> tuple[list[str], list[list]]:
    """Header and rows of the starts of T2 that are not in T1.

    Parameters
    ----------
    found : `studies.initialisation.measures.learned_from_fewer`
    """
    return HEADER, described(found, {start: start for start in found.start.values.tolist()})


def described(found: xr.Dataset, names: Mapping[str, str]) -> list[list]:
    """A row for each start: what it is called, and the medians."""
    rows = []
    for start, text in names.items():
        of = found.sel(start=start)
        there = int(of.updates.notnull().sum())
        middle = {name: of_known(np.median, of[name]) for name in ("updates", "found")}
        more = [number(of_known(np.median, of[name])) for name in ("loss", "time_constant")]
        learned = f"{int((of.reached == 1).sum())} of {there}"
        rows.append(
            [text, f"{middle['updates']:.0f}", learned, more[0], f"{middle['found']:.0f}", more[1]]
        )
    return rows


def far_from_equal(found: Mapping[str, xr.Dataset], fewer: xr.Dataset) -> str:
    """The largest relative difference between two first losses that were made the same, of any
    network."""
    apart = []
    for of in found.values():
        apart.append(ratio(of.loss.sel(start="same loss"), of.loss.sel(start="other")))
    memory = found[MEMORY]
    apart.append(ratio(fewer.loss.sel(start="1 point, same loss"), memory.loss.sel(start="other")))
    return f"{of_known(np.max, np.concatenate(apart)):.1%}"


def ratio(one: xr.DataArray, other: xr.DataArray) -> np.ndarray:
    """How far one is from the other, relative to it (network,)."""
    with np.errstate(invalid="ignore"):
        return np.abs(one.values / other.values - 1)
