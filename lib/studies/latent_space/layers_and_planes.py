"""Layers of steady states and planes of fixed points in the 3-D latent space (claims L1, L2)."""

from contextlib import suppress
from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.latent_space.measures import EPOCH, projected
from taskrnn.analysis import geometry as latent
from taskrnn.missing import Unmeasurable
from taskrnn.random_numbers import generator

SPACES = ("dca", "pca")


def layered(networks: xr.Dataset, grids: xr.Dataset, spaces: xr.Dataset) -> xr.Dataset:
    """How far the steady states fall into two layers, one for each answer (claim L1).

    Parameters
    ----------
    networks : Dataset
        From `taskrnn.ensembles.ensemble`.
    grids, spaces : Dataset (network, when, ...)
        `grid` and `taskrnn.activity.subspaces.subspaces` of the same networks.

    Returns
    -------
    Dataset with
        points (network, when, space, input_1, input_2, axis) : the projected steady states
        ratio, gap, thickness, extent, delta_bic, n_modes (network, when, space) : see `layers`
        sheet : the ratio of one flat sheet that is cut in two at equal inputs
    """
    inputs, seeds = grids.input_1.values, networks.seed.values.tolist()
    points = np.stack([projected(grids.rates.values, spaces, space) for space in SPACES], axis=2)
    found = np.full((*points.shape[:3], len(latent.Layers._fields)), np.nan)
    for t, s in np.ndindex(points.shape[1:3]):
        found[:, t, s] = np.transpose(layers(points[:, t, s], inputs, seeds=seeds))
    axes = ("network", "when", "space")
    fields = {name: (axes, found[..., i]) for i, name in enumerate(latent.Layers._fields)}
    return xr.Dataset(
        {"points": ((*axes, "input_1", "input_2", "axis"), points), "sheet": flat_ratio(inputs)}
        | fields,
        coords={"when": grids.when, "space": list(SPACES), "input_1": inputs, "input_2": inputs},
    )


def flat_ratio(inputs: np.ndarray) -> float:
    """Gap over thickness of states that are pairs of these inputs (input,), a flat sheet."""
    pairs = np.meshgrid(inputs, inputs, [0.0], indexing="ij")
    return float(layers(np.concatenate(pairs, axis=-1)[None], inputs, seeds=[0]).ratio[0])


def layers(points: np.ndarray, inputs: np.ndarray, *, seeds: list[int]) -> latent.Layers:
    """`latent.layers` of a batch of networks.

    Parameters
    ----------
    points : ndarray (network, input 1, input 2, 3)
    inputs : ndarray (input,), the values of both
    seeds : list of int, of the networks

    Returns
    -------
    latent.Layers of arrays (network,)
        All NaN for a network without a steady state for some pair of inputs, or with one for all.
    """
    answer = np.sign(inputs[:, None] - inputs[None]).ravel()
    rows = np.full((len(points), len(latent.Layers._fields)), np.nan)
    for row, p, seed in zip(rows, points, seeds, strict=True):
        if np.isfinite(p).all():
            with suppress(Unmeasurable):
                rng = generator(seed, "latent_space.layers")
                row[:] = latent.layers(p.reshape(-1, 3), answer, rng=rng)
    return latent.Layers(*rows.T)


def transients(runs: xr.Dataset, spaces: xr.Dataset, *, epoch: int = EPOCH) -> xr.Dataset:
    """The first transients and the plane of the fixed points, in DCA space (claim L2).

    Parameters
    ----------
    runs, spaces : Dataset (network, when, ...)
        `switching` and `taskrnn.activity.subspaces.subspaces` of the same networks.
    epoch : int, steps of the start-up

    Returns
    -------
    Dataset with
        paths (network, when, start, time, axis), steady (network, when, level, axis) : projected
        input (start, time); time in s, level the inputs
        to_plane, to_steady_plane, to_line, straightness, ambiguity, steady_ambiguity, unsettled
        (network, when), normal (network, when, axis) : see `Angles`
    """
    paths, steady = (projected(runs[name].values, spaces) for name in ("rates", "steady"))
    found = angles(paths, steady, epoch=epoch)._asdict()
    axes = ("network", "when", "axis")
    fields = {name: (axes[: values.ndim], values) for name, values in found.items()}
    space = {
        "paths": (("network", "when", "start", "time", "axis"), paths),
        "steady": (("network", "when", "level", "axis"), steady),
        "input": runs.input.max(["network", "when"]),  # the same for all; NaN for one without rates
    }
    coords = {"when": runs.when, "time": runs.time, "level": runs.level}
    return xr.Dataset(space | fields, coords=coords)


class Angles(NamedTuple):
    """Of the start-up transients, in degrees, mean over both starts; NaN where there is no plane.

    Arrays (network, when):

    to_plane : to the plane through both fixed points that is nearest to the path between them
    to_steady_plane : to the one that is nearest to the steady states for the inputs in between
    to_line : to the line through both fixed points, which needs no third point
    straightness : share of the transient's squared displacement along its leading direction
    ambiguity, steady_ambiguity : of the planes, see `latent.Plane`
    unsettled : distance from the fixed point at the end of the start-up, over the distance of the
        fixed points; the larger of both starts
    normal : ndarray (network, when, 3), of the first plane
    """

    to_plane: np.ndarray
    to_steady_plane: np.ndarray
    to_line: np.ndarray
    straightness: np.ndarray
    ambiguity: np.ndarray
    steady_ambiguity: np.ndarray
    unsettled: np.ndarray
    normal: np.ndarray


def angles(paths: np.ndarray, steady: np.ndarray, *, epoch: int = EPOCH) -> Angles:
    """Angles between the first transients and the plane of the fixed points (claim L2).

    Parameters
    ----------
    paths : ndarray (network, when, start, time, 3), projected rates of `switching`
    steady : ndarray (network, when, level, 3)
        Projected steady states, from the lower input to the higher.
    epoch : int, steps of the start-up
    """
    runs, states = paths.reshape(-1, 1, *paths.shape[2:]), steady.reshape(-1, 1, *steady.shape[2:])
    rows = [one_network(path, points, epoch) for path, points in zip(runs, states, strict=True)]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    return Angles(*(column.reshape(*paths.shape[:2], *column.shape[1:]) for column in columns))


def one_network(path: np.ndarray, steady: np.ndarray, epoch: int) -> Angles:
    """The fields of `Angles` for one network, from (1, start, time, 3) and (1, level, 3)."""
    if not (np.isfinite(path).all() and np.isfinite(steady).all()):
        return Angles(*[np.nan] * 7, np.full(3, np.nan))
    ends = steady[:, [0, -1]]
    between = np.concatenate([path[:, 0, epoch:], path[:, 1, epoch:]], axis=1)
    plane, steady_plane = plane_or_none(ends, between), plane_or_none(ends, steady)

    def mean(plane, field):
        """The mean over the two starts of one angle to one plane."""
        if plane is None:
            return np.nan
        starts = [latent.transient_angles(path[:, i, :epoch], plane) for i in (0, 1)]
        return np.mean([getattr(start, field)[0] for start in starts])

    distance = np.linalg.norm(ends[0, 1] - ends[0, 0])
    away = np.linalg.norm(path[0, :, epoch - 1] - ends[0], axis=1).max()
    return Angles(
        to_plane=mean(plane, "to_plane"),
        to_steady_plane=mean(steady_plane, "to_plane"),
        to_line=mean(plane, "to_line"),
        straightness=mean(plane, "straightness"),
        ambiguity=np.nan if plane is None else plane.ambiguity[0],
        steady_ambiguity=np.nan if steady_plane is None else steady_plane.ambiguity[0],
        unsettled=away / distance if distance else np.nan,
        normal=np.full(3, np.nan) if plane is None else plane.normal[0],
    )


def plane_or_none(ends: np.ndarray, path: np.ndarray) -> latent.Plane | None:
    """`latent.plane_through`, or None if the fixed points are one or the path is straight."""
    try:
        return latent.plane_through(ends, path)
    except ValueError:
        return None
