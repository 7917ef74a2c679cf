"""Claims G8 to G10, U1a and U1b: what random networks have, and what other architectures have
(section 6).
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from studies.architectures.random_matrices import CORRELATIONS
from studies.counting.claims import NULLS
from studies.counting.experiments import in_bits
from studies.ledger import Result, Statistic, statistic
from studies.rules import decays, in_most_networks
from taskrnn.analysis.statistics import against, slopes
from taskrnn.analysis.verdicts import UNDECIDED, Verdict, conjunction, equivalent, verdict

MARGIN = 0.25  # points: a mean number so near to 1 is 1, G9
KINDS = {1.0: "symmetric", 0.0: "independent", -1.0: "antisymmetric"}  # by correlation

Kinds = Mapping[str, xr.Dataset]  # {architecture: `studies.architectures.points.points_of`}


def growth_rates(found: xr.Dataset, correlation: float) -> np.ndarray:
    """Slope over size of ln(mean number of points) of each batch (network,), 1/unit.

    Parameters
    ----------
    found : Dataset, `studies.architectures.random_matrices.families`
    """
    mean = found.points.sel(correlation=correlation).mean("draw", skipna=False)
    return slopes(
        found["size"].values, np.log(mean.where(mean > 0)).transpose("network", "size").values
    )


def g8(found: xr.Dataset) -> Result:
    """Judge G8: points of symmetric networks multiply with size, more than those of others, and
    their exponents are below 0.

    Parameters
    ----------
    found : Dataset, `studies.architectures.random_matrices.families`, a batch for each network
    """
    rates = {c: growth_rates(found, c) for c in CORRELATIONS}
    rows, words = [], []
    for other in CORRELATIONS[1:]:
        name = f"slope of ln(mean number of points) over N, symmetric ({KINDS[other]})"
        rows.append(statistic(name, rates[1.0], holds=rates[1.0] > rates[other], null=rates[other]))
        words.append(verdict(against(rates[1.0]), claimed="above", chance=rates[other]))
    below = {}
    for correlation in CORRELATIONS:
        at = found.sel(correlation=correlation)
        exponent, below[correlation] = at.exponent.values.ravel(), decays(at).ravel()
        label = f"{KINDS[correlation]}: largest exponent of each matrix (1/tau)"
        rows.append(statistic(label, exponent, holds=below[correlation]))
    missing = np.isnan(found.exponent.sel(correlation=1.0).values.ravel())
    parts = {
        "more points": conjunction(words),
        "without chaos": in_most_networks(below[1.0], missing=missing),
    }
    return Result(claim="G8", statistics=tuple(rows), null_name="null as named", parts=parts)


def g9(found: xr.Dataset) -> Result:
    """Judge G9: the mean number of points is 1 at every gain and correlation.

    Parameters
    ----------
    found : Dataset, `studies.architectures.random_matrices.sign_symmetric`, a batch for each
        network
    """
    rows, parts = [], {}
    for gain in found.gain.values.tolist():
        for correlation in CORRELATIONS:
            points = found.points.sel(gain=gain, correlation=correlation)
            mean = points.mean("draw", skipna=False).values
            label = f"gain {gain:g}, {KINDS[correlation]}"
            near = np.abs(mean - 1) <= MARGIN
            rows.append(statistic(f"{label}: mean number of points", mean, holds=near))
            parts[label] = equivalent(against(mean, 1.0), margin=MARGIN)
    return Result(claim="G9", statistics=tuple(rows), null_name="no null", parts=parts)


def g10(
    memories: Mapping[int, xr.Dataset],
    rates: Mapping[int, xr.Dataset],
    random: Mapping[int, xr.Dataset],
) -> Result:
    """Judge G10: memories have more points than random networks of their moments, and exponents
    below 0.

    Parameters
    ----------
    memories, rates : {bits: `studies.counting.measures.points` and `exponents`}
    random : {bits: `studies.architectures.random_matrices.matched`}
    """
    rows, parts = [], {}
    for bits, of in memories.items():
        n = of.found.sel(case="after").values
        chance = random[bits].points.mean("draw", skipna=False).values
        at = rates[bits].sel(drive="zero input")
        exponent, below = at.exponent.values, decays(at)
        by_chance = random[bits].exponent.mean("draw").values
        rows += [
            statistic(f"{in_bits(bits)}: fixed points", n, holds=n > chance, null=chance),
            statistic(
                f"{in_bits(bits)}: largest exponent (1/tau)", exponent, holds=below, null=by_chance
            ),
        ]
        more = verdict(against(n, chance), claimed="above")
        calm = in_most_networks(below, missing=np.isnan(exponent))
        parts[f"k = {bits}"] = conjunction([more, calm])
    return Result(claim="G10", statistics=tuple(rows), null_name="random networks", parts=parts)


def common_layout(reference: xr.DataArray) -> xr.DataArray | None:
    """The numbers of points by unstable directions (input, direction) that more than half of some
    networks (network, input, direction) have; None if there are no such numbers.
    """
    rows = reference.transpose("network", "input", "direction")
    flat = rows.values.reshape(len(rows), -1)
    equal = (flat[:, None] == flat).all(axis=2).sum(axis=1)
    return rows.isel(network=int(equal.argmax())) if 2 * equal.max() > len(rows) else None


def has_layout(found: xr.Dataset, layout: xr.DataArray, case: str) -> np.ndarray:
    """Networks that have these numbers at every input, bool (network,)."""
    n = found.by_directions.sel(case=case).transpose("network", "input", "direction").values
    return (n == layout.values).all(axis=(1, 2))


def u1a(references: Mapping[str, xr.DataArray], found: Mapping[str, Kinds]) -> Result:
    """Judge U1a: memories of other architectures have the points of ReLU networks.

    Parameters
    ----------
    references : {task: DataArray (network, input, direction)} of ReLU networks
    found : {task: {architecture: `studies.architectures.points.points_of`}}
    """
    return _same_points("U1a", references, found)


def u1b(references: Mapping[str, xr.DataArray], found: Mapping[str, Kinds]) -> Result:
    """Judge U1b, of what `u1a` takes: the same in the note's two tasks."""
    return _same_points("U1b", references, found)


def _same_points(
    claim: str, references: Mapping[str, xr.DataArray], found: Mapping[str, Kinds]
) -> Result:
    rows: list[Statistic] = []
    parts: dict[str, Verdict] = {}
    for task, reference in references.items():
        layout = common_layout(reference)
        for kind, of in found[task].items():
            own, parts[f"{kind}, {task}"] = _as_in(of, layout, f"{kind}, {task}")
            rows += own
    return Result(claim=claim, statistics=tuple(rows), null_name="null as named", parts=parts)


def _as_in(
    found: xr.Dataset, layout: xr.DataArray | None, label: str
) -> tuple[list[Statistic], Verdict]:
    """Rows and word of one architecture in one task; undecided where ReLU networks differ."""
    n = found.found.mean("input", skipna=False)
    after = n.sel(case="after").values
    missing = np.isnan(after)
    none = np.zeros(len(after), dtype=bool)
    holds = {
        case: none if layout is None else has_layout(found, layout, case)
        for case in ("after", *NULLS)
    }
    rows = [
        statistic(
            f"{label}: fixed points ({name})",
            after,
            holds=holds["after"],
            null=n.sel(case=case).values,
        )
        for case, name in NULLS.items()
    ]
    if layout is None:
        return rows, Verdict(UNDECIDED)
    words = [
        in_most_networks(holds["after"], missing=missing, before=holds[case]) for case in NULLS
    ]
    return rows, conjunction(words)
