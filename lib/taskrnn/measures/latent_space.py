"""Steady states and transients, and their place in the 3-D latent space (Figures 2 and 3; claims L1, L2).

Both measures keep the rates of all units, so that a projection on any subspace is one product. They are free of noise.
"""

from contextlib import suppress
from typing import NamedTuple

import numpy as np
import xarray as xr

from taskrnn import latent
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.network import Weights
from taskrnn.simulation import simulate
from taskrnn.steady_states import steady_states
from taskrnn.streams import generator

GRID_POINTS = 21  # values of each input, equally spaced over all that the decision task draws
PATH_POINTS = 31  # inputs from one level of the perception task to the other
EPOCH = 500  # steps of 10 ms: 50 tau


def grid(experiment: Experiment, network: xr.Dataset, *, when: str, points: int = GRID_POINTS) -> xr.Dataset:
    """Where a decision network settles from r = 0 under every pair of inputs.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    points : int, values of each input

    Returns
    -------
    Dataset with
        rates (input_1, input_2, unit), and inputs as coordinates; NaN where it settles nowhere
    """
    level = np.linspace(experiment.task.low, experiment.task.high, points)
    pairs = np.stack(np.meshgrid(level, level, indexing="ij"), axis=-1).reshape(-1, 2)
    rates = settled(weights(network, when), experiment, pairs, network).reshape(points, points, -1)
    return xr.Dataset(
        {"rates": (("input_1", "input_2", "unit"), rates, {"long_name": "rates in the steady state", "units": "1"})},
        coords={f"input_{i}": (f"input_{i}", level, {"long_name": f"input {i}", "units": "1"}) for i in (1, 2)},
        attrs={"reason": unsettled(rates)},
    )


def switching(
    experiment: Experiment, network: xr.Dataset, *, when: str, epoch: int = EPOCH, points: int = PATH_POINTS
) -> xr.Dataset:
    """A perception network from r = 0 through three epochs of alternating input, from either level.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    epoch : int
        Steps of each epoch. The first is the start-up transient, the others are the path between the fixed points.
    points : int, inputs from level to level for which the steady states are found

    Returns
    -------
    Dataset with
        rates (start, time, unit), from low-high-low and from high-low-high; input (start, time);
        steady (level, unit), steady states for constant inputs from low to high, NaN where it settles nowhere;
        time in s, level the inputs

    Raises
    ------
    Unmeasurable
        Its rates grow beyond all bounds.
    """
    task, net = experiment.task, weights(network, when)
    order = np.array([[task.low, task.high, task.low], [task.high, task.low, task.high]])
    inputs = np.repeat(order, epoch, axis=1)
    rates = simulate(net, inputs[..., None], network=experiment.network)[0]
    if not np.isfinite(rates).all():
        raise Unmeasurable("its rates grow beyond all bounds when the input switches")
    level = np.linspace(task.low, task.high, points)
    steady = settled(net, experiment, level[:, None], network)
    return xr.Dataset(
        {
            "rates": (("start", "time", "unit"), rates, {"long_name": "rates", "units": "1"}),
            "input": (("start", "time"), inputs, {"long_name": "input", "units": "1"}),
            "steady": (("level", "unit"), steady, {"long_name": "rates in the steady state", "units": "1"}),
        },
        coords={
            "time": ("time", (np.arange(inputs.shape[1]) + 1) * experiment.network.dt / 1000, {"units": "s"}),
            "level": ("level", level, {"long_name": "constant input", "units": "1"}),
        },
        attrs={"reason": unsettled(steady)},
    )


def settled(net: Weights, experiment: Experiment, inputs: np.ndarray, network: xr.Dataset) -> np.ndarray:
    """Steady states (condition, unit) of one network, float32; NaN where there is none."""
    recurrent, inward, bias, _ = net
    rng = generator(int(network.seed[0]), "analysis", 1)
    found = steady_states(recurrent, inward, bias, inputs, rng=rng, theta=experiment.network.theta, alpha=experiment.network.alpha)
    return np.where(found.converged[0, :, None], found.rates[0], np.nan).astype(np.float32)


def unsettled(rates: np.ndarray) -> str:
    """For how many inputs a network settles nowhere, from steady states (..., unit); '' if for none."""
    known = np.isfinite(rates).all(axis=-1)
    return "" if known.all() else f"it settles nowhere for {known.size - known.sum()} of {known.size} inputs"


def projected(rates: np.ndarray, subspaces: xr.Dataset, space: str = "dca") -> np.ndarray:
    """Rates (network, ..., unit) about the session's mean, on the first three dimensions of a space: (network, ..., 3).

    Parameters
    ----------
    subspaces : Dataset, `taskrnn.measures.subspaces.subspaces` of the same networks
    space : {"dca", "pca"}
        DCA is the subspace that was sought with three dimensions, not three columns of a larger one.
    """
    basis = subspaces.dca.sel(dimension=3).values[..., :3] if space == "dca" else subspaces.pca.values[..., :3]
    mean = subspaces["mean"].values
    flat = rates.reshape(len(rates), -1, rates.shape[-1]).astype(float) - mean[:, None]
    return (flat @ basis).reshape(*rates.shape[:-1], 3)


def layers(points: np.ndarray, inputs: np.ndarray, *, seeds: list[int]) -> latent.Layers:
    """`latent.layers` of a batch of networks; all NaN for a network without a steady state for some pair of inputs, or with one for all.

    Parameters
    ----------
    points : ndarray (network, input 1, input 2, 3)
    inputs : ndarray (input,), the values of both
    seeds : list of int, of the networks

    Returns
    -------
    latent.Layers of arrays (network,)
    """
    answer = np.sign(inputs[:, None] - inputs[None]).ravel()
    rows = np.full((len(points), len(latent.Layers._fields)), np.nan)
    for row, p, seed in zip(rows, points, seeds, strict=True):
        if np.isfinite(p).all():
            with suppress(Unmeasurable):
                row[:] = latent.layers(p.reshape(-1, 3), answer, rng=generator(seed, "analysis", 2))
    return latent.Layers(*rows.T)


class Angles(NamedTuple):
    """Of the start-up transients, mean over both starts, in degrees; arrays (network,), NaN where there is no plane.

    to_plane : to the plane through both fixed points that is nearest to the path between them
    to_steady_plane : to the one that is nearest to the steady states for the inputs in between
    to_line : to the line through both fixed points, which needs no third point
    straightness : share of the transient's squared displacement along its leading direction
    ambiguity, steady_ambiguity : of the planes, see `latent.Plane`
    unsettled : distance from the fixed point at the end of the start-up, over the distance of the fixed points; the larger
        of both starts
    normal : ndarray (network, 3), of the first plane
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
    paths : ndarray (network, start, time, 3), projected rates of `switching`
    steady : ndarray (network, level, 3), projected steady states, from the lower input to the higher
    epoch : int, steps of the start-up
    """
    rows = [one_network(p[None], s[None], epoch) for p, s in zip(paths, steady, strict=True)]
    return Angles(*(np.array(column) for column in zip(*rows, strict=True)))


def one_network(path, steady, epoch):
    """The fields of `Angles` for one network."""
    if not (np.isfinite(path).all() and np.isfinite(steady).all()):
        return Angles(*[np.nan] * 7, np.full(3, np.nan))
    ends = steady[:, [0, -1]]
    between = np.concatenate([path[:, 0, epoch:], path[:, 1, epoch:]], axis=1)
    plane, steady_plane = plane_or_none(ends, between), plane_or_none(ends, steady)

    def mean(plane, field):
        # The mean over the two starts of one angle to one plane.
        if plane is None:
            return np.nan
        return np.mean([getattr(latent.transient_angles(path[:, i, :epoch], plane), field)[0] for i in (0, 1)])

    distance = np.linalg.norm(ends[0, 1] - ends[0, 0])
    return Angles(
        to_plane=mean(plane, "to_plane"),
        to_steady_plane=mean(steady_plane, "to_plane"),
        to_line=mean(plane, "to_line"),
        straightness=mean(plane, "straightness"),
        ambiguity=np.nan if plane is None else plane.ambiguity[0],
        steady_ambiguity=np.nan if steady_plane is None else steady_plane.ambiguity[0],
        unsettled=np.linalg.norm(path[0, :, epoch - 1] - ends[0], axis=1).max() / distance if distance else np.nan,
        normal=np.full(3, np.nan) if plane is None else plane.normal[0],
    )


def plane_or_none(ends, path):
    """`latent.plane_through`, or None if the fixed points are one or the path is straight: no plane."""
    try:
        return latent.plane_through(ends, path)
    except ValueError:
        return None
