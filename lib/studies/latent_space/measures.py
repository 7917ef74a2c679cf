"""Steady states and transients, free of noise (Figures 2 and 3; claims L1, L2).

Both measures keep the rates of all units, so that a projection on any subspace is one product.
"""

import numpy as np
import xarray as xr

from taskrnn.analysis.fixed_points.steady import steady_states
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception

GRID_POINTS = 21  # values of each input, equally spaced over all that the decision task draws
PATH_POINTS = 31  # inputs from one level of the perception task to the other
EPOCH = 500  # steps of 10 ms: 50 tau


@needs(task=Decision, network=RateNetwork)
def grid(
    experiment: Experiment, network: xr.Dataset, *, when: str, points: int = GRID_POINTS
) -> xr.Dataset:
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
        {
            "rates": (
                ("input_1", "input_2", "unit"),
                rates,
                {"long_name": "rates in the steady state", "units": "1"},
            )
        },
        coords={
            f"input_{i}": (f"input_{i}", level, {"long_name": f"input {i}", "units": "1"})
            for i in (1, 2)
        },
        attrs={"reason": unsettled(rates)},
    )


@needs(task=Perception, network=RateNetwork)
def switching(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: str,
    epoch: int = EPOCH,
    points: int = PATH_POINTS,
) -> xr.Dataset:
    """A perception network from r = 0 through three epochs of alternating input, from either level.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    epoch : int
        Steps of each epoch. The first is the start-up transient, the others are the path between
        the fixed points.
    points : int, inputs from level to level for which the steady states are found

    Returns
    -------
    Dataset with
        rates (start, time, unit), from low-high-low and from high-low-high; input (start, time);
        steady (level, unit), steady states for constant inputs from low to high, NaN where it
        settles nowhere; time in s, level the inputs

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
            "steady": (
                ("level", "unit"),
                steady,
                {"long_name": "rates in the steady state", "units": "1"},
            ),
        },
        coords={
            "time": (
                "time",
                (np.arange(inputs.shape[1]) + 1) * experiment.network.dt / 1000,
                {"units": "s"},
            ),
            "level": ("level", level, {"long_name": "constant input", "units": "1"}),
        },
        attrs={"reason": unsettled(steady)},
    )


def settled(
    net: Weights, experiment: Experiment, inputs: np.ndarray, network: xr.Dataset
) -> np.ndarray:
    """Steady states (condition, unit) of one network, float32; NaN where there is none."""
    recurrent, inward, bias, _ = net
    rng = generator(int(network.seed[0]), "latent_space.starts")
    found = steady_states(
        recurrent,
        inward,
        bias,
        inputs,
        rng=rng,
        theta=experiment.network.theta,
        alpha=experiment.network.alpha,
    )
    return np.where(found.converged[0, :, None], found.rates[0], np.nan).astype(np.float32)


def unsettled(rates: np.ndarray) -> str:
    """For how many inputs a network settles nowhere, from states (..., unit); '' if for none."""
    known = np.isfinite(rates).all(axis=-1)
    failed = known.size - known.sum()
    return f"it settles nowhere for {failed} of {known.size} inputs" if failed else ""


def projected(rates: np.ndarray, subspaces: xr.Dataset, space: str = "dca") -> np.ndarray:
    """Rates about the session's mean, on the first three dimensions of a space.

    Parameters
    ----------
    rates : ndarray (network, ..., unit), or (network, when, ..., unit) if the subspaces have `when`
    subspaces : Dataset, `taskrnn.activity.subspaces.subspaces` of the same networks
    space : {"dca", "pca"}
        DCA is the subspace that was sought with three dimensions, and not three columns of a
        larger one.

    Returns
    -------
    ndarray of the shape of `rates`, with 3 in place of the units
    """
    basis = (subspaces.dca.sel(dimension=3) if space == "dca" else subspaces.pca).values[..., :3]
    mean = subspaces["mean"].values
    flat = rates.reshape(*mean.shape[:-1], -1, rates.shape[-1]).astype(float) - mean[..., None, :]
    return (flat @ basis).reshape(*rates.shape[:-1], 3)
