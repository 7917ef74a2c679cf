"""What the chapter on numbers of points says of all lists of points in this book together."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.counting.claims import independent
from studies.counting.experiments import in_bits
from taskrnn.analysis.statistics import of_known
from taskrnn.variables import WHEN

Searches = tuple[np.ndarray, np.ndarray]  # index (network, search), bounded (network, search)


def searches(index: xr.DataArray, far_growth: xr.DataArray) -> Searches:
    """Index sums and whether activity is bounded there, each with all axes but `network` as one."""
    index, far_growth = xr.broadcast(index, far_growth)
    both = (of.transpose("network", ...).values for of in (index, far_growth))
    sums, far = (of.reshape(len(of), -1) for of in both)
    return sums, far < 0


def index_sums(
    memories: Mapping[int, xr.Dataset],
    ladders: Mapping[str, Mapping[int, xr.Dataset]],
    landscapes: Mapping[str, xr.Dataset],
    regimes: Mapping[str, xr.Dataset],
) -> dict[str, Searches]:
    """The index sums of all searches of the book, by task.

    Parameters
    ----------
    memories : {bits: `studies.counting.measures.points`}
    ladders : {name: {dimension: `studies.counting.measures.points_by_input`}}
    landscapes, regimes : {task: `studies.slow_points.measures.landscape`, and
        `studies.regime.measures.regime`}
    """
    found = {
        f"{task}, slow points": searches(of.index, regimes[task].far_growth.max("direction"))
        for task, of in landscapes.items()
    }
    found |= {
        f"{name}, d = {d}": searches(of.index, of.far_growth)
        for name, ladder in ladders.items()
        for d, of in ladder.items()
    }
    return found | {
        f"memory of {in_bits(bits)}": searches(of.index, of.far_growth)
        for bits, of in memories.items()
    }


def index_sums_of(
    points: Mapping[str, xr.Dataset], bounded: Mapping[str, xr.Dataset]
) -> dict[str, Searches]:
    """The index sums of further searches, before and after training, by experiment.

    Parameters
    ----------
    points : {experiment: Dataset with index (network, when, input)}
    bounded : {experiment: `studies.counting.measures.boundedness`}
    """
    return {
        name.replace("_", " "): searches(of.index.sel(when=list(WHEN)), bounded[name].far_growth)
        for name, of in points.items()
    }


def numbers(
    memories: Mapping[int, xr.Dataset], ladders: Mapping[str, Mapping[int, xr.Dataset]]
) -> SimpleNamespace:
    """Numbers of the text.

    points : medians over trained networks by bits, as text
    by_input : range of the most points at one input over all networks of the ladders of dimensions
    last_new : the last start of any search of a trained memory that found a new point
    wrong : largest share of wrong answers of a trained memory
    """
    at = {bits: of.sel(case="after") for bits, of in memories.items()}
    median = [f"{of_known(np.median, of.found):.0f}" for of in at.values()]
    most = [
        of.found.sel(when="after").max("input")
        for ladder in ladders.values()
        for of in ladder.values()
    ]
    lowest, highest = (of_known(f, np.concatenate(most)) for f in (np.min, np.max))
    return SimpleNamespace(
        points=", ".join(median[:-1]) + f" and {median[-1]}" if len(median) > 1 else median[0],
        by_input=f"{lowest:.0f} to {highest:.0f} points"
        if lowest < highest
        else f"{lowest:.0f} point{'s' * (lowest != 1)}",
        last_new=f"{of_known(np.max, np.concatenate([of.last_new for of in at.values()])):.0f}",
        wrong=f"{of_known(np.max, np.concatenate([of.wrong for of in at.values()])):.2%}",
    )


def by_directions(memories: Mapping[int, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows: the points of every trained network by their unstable directions."""
    n = 1 + max(memories)
    header = ["bits", "network", "points", *(f"{j} unstable" for j in range(n)), "index sum"]
    rows: list[list] = []
    for bits, of in memories.items():
        at = of.sel(case="after")
        rows.append([bits, "independent bits", 3**bits, *independent(bits, n), 1])
        for k in range(at.sizes["network"]):
            one = at.isel(network=k)
            by = one.by_directions.values[:n]
            cells = (one.found, *by, one.index)
            rows.append([bits, k, *(f"{float(cell):.0f}" for cell in cells)])
    return header, rows
