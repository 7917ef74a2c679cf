"""Claims C1 to C5: how many fixed points a task needs, and whether that takes chaos (section 6)."""

from collections.abc import Mapping
from math import comb

import numpy as np
import xarray as xr

from studies.counting.experiments import in_bits
from studies.ledger import Result, Statistic, statistic
from studies.rules import decays, in_most_networks
from taskrnn.analysis.statistics import against, slopes
from taskrnn.analysis.verdicts import (
    CONTRADICTED,
    SUPPORTED,
    Verdict,
    conjunction,
    equivalent,
    verdict,
)

MARGIN = 0.1  # points per doubling of the dimension: no more is no growth, C1
NINE_OF_TEN = 0.5  # the share that nine of ten networks show by their exact interval, C3
NULLS = {"before": "untrained", "random change": "random change of the weights"}

Ladder = Mapping[int, xr.Dataset]  # {dimension or bits: a measure, with a network axis}


def most_points(ladder: Ladder, when: str) -> np.ndarray:
    """Most points at any input, (network, rung); NaN where a network was not measured."""
    most = [of.found.sel(when=when).max("input", skipna=False) for of in ladder.values()]
    return np.stack(most, axis=1)


def c1(ladders: Mapping[str, Ladder]) -> Result:
    """Judge C1: the number of points rises with the dimension of the task, on each ladder.

    Parameters
    ----------
    ladders : {name: {dimension: `studies.counting.measures.points_by_input`}}
    """
    rows, parts = [], {}
    for name, ladder in ladders.items():
        x = np.log2(list(ladder))
        before, after = (slopes(x, most_points(ladder, when)) for when in ("before", "after"))
        label = f"{name}: most points at one input, slope per doubling of the dimension"
        rows.append(statistic(label, after, holds=after > 0, null=before))
        flat = equivalent(against(after), margin=MARGIN)
        rises = verdict(against(after), claimed="above", chance=before)
        parts[name] = Verdict(CONTRADICTED, flat.p) if flat == SUPPORTED else rises
    return Result(claim="C1", statistics=tuple(rows), null_name="untrained", parts=parts)


def per_bit(ladder: Ladder, name: str, case: str) -> np.ndarray:
    """Slope per bit of ln(number of points) of each network (network,); NaN where one has none."""
    n = np.stack([of[name].sel(case=case).values for of in ladder.values()], axis=1)
    return slopes(np.array(list(ladder)), np.log(np.where(n > 0, n, np.nan)))


def c2(ladder: Ladder) -> Result:
    """Judge C2: ln(number of points), and of stable ones, rises with the bits, beyond both nulls.

    Parameters
    ----------
    ladder : {bits: `studies.counting.measures.points`}
    """
    rows, parts = [], {}
    for name, label in (("found", "points"), ("stable", "stable points")):
        after = per_bit(ladder, name, "after")
        words = []
        for case, null_name in NULLS.items():
            null = per_bit(ladder, name, case)
            text = f"ln(number of {label}), slope per bit ({null_name})"
            rows.append(statistic(text, after, holds=after > null, null=null))
            words.append(verdict(against(after), claimed="above", chance=null))
        parts[label] = conjunction(words)
    return Result(claim="C2", statistics=tuple(rows), null_name="null as named", parts=parts)


def independent(bits: int, n: int) -> np.ndarray:
    """Points of so many independent bits with 0, 1, 2 ... unstable directions, (n,)."""
    return np.array([comb(bits, j) * 2 ** (bits - j) if j <= bits else 0 for j in range(n)])


def layout(found: xr.Dataset, bits: int, case: str) -> np.ndarray:
    """Networks whose points are those of independent bits, bool (network,)."""
    n = found.by_directions.sel(case=case)
    return (n == independent(bits, n.sizes["direction"])).all("direction").values


def c3(ladder: Ladder) -> Result:
    """Judge C3: the numbers of points by unstable directions are those of independent bits.

    Parameters
    ----------
    ladder : {bits: `studies.counting.measures.points`}
    """
    rows, parts = [], {}
    for bits, found in ladder.items():
        before, after = (layout(found, bits, case) for case in ("before", "after"))
        n = [found.found.sel(case=case).values for case in ("after", "before")]
        label = f"points, {in_bits(bits)} ({3**bits} if independent)"
        rows.append(statistic(label, n[0], holds=after, null=n[1]))
        missing = np.isnan(n[0])
        parts[f"k = {bits}"] = in_most_networks(
            after, missing=missing, before=before, rate=NINE_OF_TEN
        )
    return Result(claim="C3", statistics=tuple(rows), null_name="untrained", parts=parts)


def c4(ladder: Ladder) -> Result:
    """Judge C4: the largest exponents are below 0, without input and driven, for every memory.

    One that is no larger than its drift has no certain sign and is not below 0.

    Parameters
    ----------
    ladder : {bits: `studies.counting.measures.exponents`}
    """
    rows, parts = [], {}
    for bits, found in ladder.items():
        for drive in found.drive.values.tolist():
            at = found.sel(drive=drive)
            exponent, missing, below = at.exponent.values, at.drift.isnull().values, decays(at)
            label = f"{in_bits(bits)}, {drive}"
            rows.append(statistic(f"{label}: largest exponent (1/tau)", exponent, holds=below))
            parts[label] = in_most_networks(below, missing=missing)
    return Result(claim="C4", statistics=tuple(rows), null_name="no null", parts=parts)


def c5(lists: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Result:
    """Judge C5: the indices of all points sum to 1 in every search of a bounded network.

    Parameters
    ----------
    lists : {name: (index, bounded)}, `studies.counting.summary.index_sums`
    """
    rows, parts = [], {}
    for name, (index, bounded) in lists.items():
        row, missing = complete(name, index, bounded)
        rows.append(row)
        parts[name] = in_most_networks(~missing & (np.array(row.values) == 1), missing=missing)
    return Result(claim="C5", statistics=tuple(rows), null_name="no null", parts=parts)


def complete(name: str, index: np.ndarray, bounded: np.ndarray) -> tuple[Statistic, np.ndarray]:
    """The share of each network's searches (network, search) whose indices sum to 1, of those in
    which it is bounded; and which networks have none.
    """
    known = bounded & np.isfinite(index)
    missing = ~known.any(axis=1)
    share = ((index == 1) & known).sum(axis=1) / np.where(missing, np.nan, known.sum(axis=1))
    label = f"{name}: share of searches with an index sum of 1"
    return statistic(label, share, holds=share == 1), missing
