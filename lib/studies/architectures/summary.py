"""Tables and numbers of the chapter on architectures."""

from collections.abc import Collection, Mapping

import numpy as np
import xarray as xr

from studies.architectures.claims import KINDS, Kinds, common_layout, growth_rates, has_layout
from studies.architectures.random_matrices import CORRELATIONS, MOMENTS
from studies.counting.experiments import in_bits, in_words
from studies.rules import grows
from taskrnn.analysis.statistics import of_known


def of_memories(
    memories: Mapping[int, xr.Dataset], tasks: Collection[str]
) -> dict[str, xr.DataArray]:
    """Numbers of points by unstable directions (network, input, direction) of trained ReLU
    memories, for those tasks that other architectures learn too.

    Parameters
    ----------
    memories : {bits: `studies.counting.measures.points`}
    """
    return {
        f"memory_{bits}": of.by_directions.sel(case="after").expand_dims("input", axis=1)
        for bits, of in memories.items()
        if f"memory_{bits}" in tasks
    }


def families(found: xr.Dataset) -> tuple[list[str], list[list]]:
    """Header and rows: mean numbers of points of random families at every size, how many matrices
    have complete lists, and how many are bounded, stable and chaotic at the largest.

    Parameters
    ----------
    found : Dataset, `studies.architectures.random_matrices.families`
    """
    sizes = found["size"].values.tolist()
    header = ["weights", *(f"points, N = {n}" for n in sizes), "stable, map", "stable, ODE"]
    header += ["index sum 1", "bounded", "chaotic"]
    rows = []
    for correlation in CORRELATIONS:
        at = found.sel(correlation=correlation)
        last = at.isel(size=-1)
        means = [of_known(np.mean, at.points.sel(size=n)) for n in sizes]
        means += [of_known(np.mean, last[name]) for name in ("stable", "stable_ode")]
        chaotic = grows(last)
        shares = [
            of_all(at["index"].values == 1, at["index"].values),
            of_all(last.far_growth.values < 0, last.far_growth.values),
            of_all(chaotic, last.exponent.values),
        ]
        rows.append([KINDS[correlation], *(f"{mean:.1f}" for mean in means), *shares])
    return header, rows


def slopes(found: xr.Dataset) -> str:
    """Mean growth rates of ln(mean number of points) of all families in one phrase, 1/unit."""
    rates = {KINDS[c]: of_known(np.mean, growth_rates(found, c)) for c in CORRELATIONS}
    return ", ".join(f"{rate:.2f} ({kind})" for kind, rate in rates.items())


def of_all(holds: np.ndarray, values: np.ndarray) -> str:
    """In how many of the values that are numbers something holds."""
    return f"{int(holds.sum())} of {int(np.isfinite(values).sum())}"


def matched(
    memories: Mapping[int, xr.Dataset], random: Mapping[int, xr.Dataset]
) -> tuple[list[str], list[list]]:
    """Header and rows: moments of trained weights, and points of random networks that have them.

    Parameters
    ----------
    memories : {bits: `studies.counting.measures.points`}
    random : {bits: `studies.architectures.random_matrices.matched`}
    """
    header = ["memory", "mean weight", "gain", "reciprocal correlation"]
    header += ["points, trained", "points, random", "bounded", "chaotic"]
    rows = []
    for bits, of in random.items():
        mean, gain, correlation = (of_known(np.median, of.moments.sel(moment=m)) for m in MOMENTS)
        n = of_known(np.median, memories[bits].found.sel(case="after"))
        cells = [f"{mean:.4f}", f"{gain:.2f}", f"{correlation:.3f}", f"{n:.0f}"]
        cells += [f"{of_known(np.mean, of.points):.2f}"]
        cells += [of_all(of.far_growth.values < 0, of.far_growth.values)]
        cells += [of_all(grows(of), of.exponent.values)]
        rows.append([in_bits(bits), *cells])
    return header, rows


def architectures(
    references: Mapping[str, xr.DataArray], found: Mapping[str, Kinds]
) -> tuple[list[str], list[list]]:
    """Header and rows: points by unstable directions of every architecture in every task.

    Parameters
    ----------
    references, found : what `studies.architectures.claims.u1a` takes
    """
    header = ["task", "architecture", "points by unstable directions", "in networks"]
    header += ["as ReLU", "as ReLU, untrained", "index sum 1", "task error", "chaotic"]
    rows = []
    for task, reference in references.items():
        layout = common_layout(reference)
        rows.append([in_words(task), "ReLU", *most_common(reference), *5 * [""]])
        for kind, of in found[task].items():
            after = of.sel(case="after")
            n = f" of {of.sizes['network']}"
            as_relu = [
                "" if layout is None else f"{has_layout(of, layout, case).sum()}{n}"
                for case in ("after", "before")
            ]
            complete = after["index"].values == 1
            cells = [of_all(complete, after["index"].values)]
            cells += [f"{of_known(np.median, after.error):.3f}"]
            cells += [of_all(grows(of), of.exponent.values)]
            rows.append([in_words(task), kind, *most_common(after.by_directions), *as_relu, *cells])
    return header, rows


def most_common(by_directions: xr.DataArray) -> tuple[str, str]:
    """The numbers of points with 0, 1, 2 ... unstable directions that most networks (network,
    input, direction) have, those of different inputs apart; and how many have them.
    """
    rows = by_directions.transpose("network", "input", "direction").values
    named = [in_digits(of) for of in rows if np.isfinite(of).all()]
    if not named:
        return "", f"0 of {len(rows)}"
    most = max(named, key=named.count)
    return most, f"{named.count(most)} of {len(rows)}"


def in_digits(by_directions: np.ndarray) -> str:
    """Numbers of points (input, direction) in one line."""
    texts = [
        ", ".join(f"{n:.0f}" for n in np.trim_zeros(of, "b")) or "none" for of in by_directions
    ]
    return texts[0] if len(set(texts)) == 1 else "; ".join(texts)


def chaotic(found: Mapping[str, Kinds]) -> str:
    """The trained networks of other architectures whose largest exponent is above 0, by name."""
    named = [
        f"{kind} network {k} ({in_words(task)})"
        for task, kinds in found.items()
        for kind, of in kinds.items()
        for k in np.flatnonzero(grows(of))
    ]
    return ", ".join(named) or "none"
