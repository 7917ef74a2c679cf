"""The points of all networks in numbers, tables and projections.

Apart from `studies.slow_points.measures`, so that a change here does not search for points again.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.latent_space.measures import projected
from studies.slow_points.claims import Landscapes, log_time
from studies.slow_points.second_route import SECOND
from taskrnn.analysis.statistics import of_known

SPACES = ("dca", "pca")


def outputs(networks: dict[str, xr.Dataset], found: Landscapes) -> dict[str, xr.DataArray]:
    """Output at every fixed point that is kept, {task: DataArray (network, when, step, point)}."""
    of = {}
    for task, points in found.items():
        readout = networks[task].readout.isel(output=0, drop=True).astype(float)
        z = xr.dot(points.rates, readout, dim="unit")
        of[task] = z.transpose("network", "when", "step", "point")
    return of


def in_spaces(found: Landscapes, subspaces: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Points and trajectories in the predictive and the principal space of each network's session.

    Parameters
    ----------
    found : {task: `studies.slow_points.measures.landscape`}
    subspaces : {task: `taskrnn.activity.subspaces.subspaces`}, before and after training

    Returns
    -------
    {task: Dataset}
        points, ahead (space, network, when, step, point, axis): points, and points plus the mode
        that decays least; trajectory (space, network, when, trial, time, axis);
        unstable_directions, input and time of the landscape
    """
    return {task: _in_spaces(of, subspaces[task]) for task, of in found.items()}


def _in_spaces(found: xr.Dataset, subspaces: xr.Dataset) -> xr.Dataset:
    of_points = ("network", "when", "step", "point", "unit")
    of_time = ("network", "when", "trial", "time", "unit")
    states = {
        "points": found.rates.transpose(*of_points),
        "ahead": (found.rates + found.direction).transpose(*of_points),
        "trajectory": found.trajectory.transpose(*of_time),
    }
    kept = found[["unstable_directions", "input", "time"]].assign_coords(space=list(SPACES))
    return kept.assign(
        {
            name: (
                ("space", *values.dims[:-1], "axis"),
                np.stack([projected(values.values, subspaces, space) for space in SPACES]),
            )
            for name, values in states.items()
        }
    )


def routes(found: Landscapes) -> tuple[list[str], list[list]]:
    """Header and rows of what the second route finds at both ends of the path, in all networks."""
    rows = []
    for task, of in found.items():
        for when in of.when.values.tolist():
            at = of.sel(when=when)
            sums = {name: int(at[name].sum()) for name in SECOND if name != "slowest"}
            slowest = f"{float(at.slowest.min()):.2g}" if sums["slow"] else "-"
            rows.append([task, when, *(sums.get(name, slowest) for name in SECOND)])
    return ["task", "training", *SECOND.values()], rows


def numbers(found: Landscapes) -> SimpleNamespace:
    """Numbers of the text.

    points : least and most points at one input of the path after training, in words
    distance : {task: largest distance from a point at an epoch's end, of its way, after training}
    low, high, steps : ends of the path of inputs in the perception task, and inputs along a path
    last_new, kink, continua : last start that found a new point, smallest total input of a unit at
        a point, and points that are lines or planes, over everything
    without : networks before and after training without a time constant
    """
    everything = list(found.values())
    after = {task: of.sel(when="after") for task, of in found.items()}
    counts = [of.found for of in after.values()]
    path = found["perception"].input.values[:, 0]
    known = [of.found.notnull().all("step") for of in everything]
    timeless = [log_time(of.time_constant).isnull() for of in everything]
    return SimpleNamespace(
        points=in_words(int(min(map(np.nanmin, counts))), int(max(map(np.nanmax, counts)))),
        distance={task: of_known(np.max, of.end_distance) for task, of in after.items()},
        low=path[0],
        high=path[-1],
        steps=len(path),
        last_new=max(int(of.last_new.max()) for of in everything),
        kink=of_known(np.min, [of.kink_distance.min() for of in everything]),
        continua=sum(int(of.continua.sum()) for of in everything),
        without=sum(int((none & of).sum()) for none, of in zip(timeless, known, strict=True)),
    )


def in_words(least: int, most: int) -> str:
    """From how many to how many fixed points there are."""
    if least < most:
        return f"{least} to {most} fixed points"
    return f"{least} fixed point{'' if least == 1 else 's'}"
