"""How many linear models give the whole output of a network, and of the function that it is trained
to give (X2, X3).
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
import xarray as xr

from studies.complexity.measures import CONSTANT, as_float, settle
from studies.complexity.tangents import Tangents, fewest, half_octaves, nearest, of_distance, r2
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN

SETTLED = 0.99  # of the inputs: at so many the network must come to rest


@needs(task=ConstantInputTask, network=RateNetwork)
def linear_models(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_inputs: int = 500,
    n_references: int = 4096,
    n_draws: int = 20,
) -> xr.Dataset:
    """How many of its own linearisations give the output of one network.

    Parameters
    ----------
    network : Dataset of one network
    n_inputs, n_references, n_draws : int
        Inputs at which the output is predicted, inputs at whose points the network is linearised,
        and orders in which these are taken; the same for all networks.

    Returns
    -------
    Dataset with, along `when`,
        r2 (number,) : median over draws, with so many linearisations
        k90 : the smallest number with which it is 0.9
        NaN with a reason for a network that does not settle, or gives one output.
    """
    at, inputs, numbers, which = drawn(experiment, n_inputs, n_references, n_draws)
    rng = generator(int(network.seed[0]), "complexity.steady states")
    curves, reasons = [], []
    for when in WHEN:
        w = as_float(weights(network, when))
        settled = settle(w, np.concatenate([at, inputs]), experiment, rng=rng)
        rates, share = settled.rates[0], settled.converged.mean()
        curve = np.full(len(numbers), np.nan)
        if share < SETTLED:
            reasons.append(f"{when}: it settles at {share:.0%} of the inputs")
        elif one_number(z := rates @ w.readout[0].T):
            reasons.append(f"{when}: its output is the same at all inputs")
        else:
            own = tangents(w, at, rates[: len(at)], experiment)
            curve = np.median(r2(own, which, inputs, z[len(at) :]), axis=0)
        curves.append(curve)
    k90 = [fewest(curve, numbers) if np.isfinite(curve).all() else np.nan for curve in curves]
    return xr.Dataset(
        {"r2": (("when", "number"), np.array(curves)), "k90": ("when", k90)},
        {"when": list(WHEN), "number": numbers},
        attrs={"reason": "; ".join(reasons)},
    )


def one_number(z: np.ndarray) -> bool:
    """Whether outputs (condition, output) do not depend on the condition."""
    return bool(np.ptp(z, axis=0).max() <= CONSTANT * np.abs(z).max())


@cache
def drawn(
    experiment: Experiment, n_inputs: int, n_references: int, n_draws: int
) -> tuple[np.ndarray, ...]:
    """The references (reference, input), the inputs (trial, input), the numbers of references, and
    which of them is nearest (draw, number, trial).
    """
    rng = generator(experiment.seed, "complexity.inputs")
    both = experiment.task.draw(n_references + n_inputs, 1, rng=rng)[:, 0]
    at, inputs = both[:n_references], both[n_references:]
    numbers = half_octaves(n_references)
    return at, inputs, numbers, nearest(at, inputs, numbers, n_draws=n_draws, rng=rng)


def tangents(w: Weights, at: np.ndarray, rates: np.ndarray, experiment: Experiment) -> Tangents:
    """The output of one network linearised at its points (reference, unit) of some inputs.

    In the region of a point ``r = D (W r + W_in u + b)``, so that the gradient of the output is
    ``W_out (I - D W)^-1 D W_in``. Points of one region share it.
    """
    W, W_in, b, readout = (of[0] for of in w)
    slopes = leaky_relu(experiment.network.theta).slope(rates @ W.T + at @ W_in.T + b)
    regions, member = np.unique(slopes, axis=0, return_inverse=True)
    found = []
    for slope in regions:
        on = np.flatnonzero(slope)
        D = slope[on, None]
        found.append(
            np.linalg.solve((np.eye(len(on)) - D * W[np.ix_(on, on)]).T, readout[:, on].T).T
            @ (D * W_in[on])
        )
    return Tangents(at, rates @ readout.T, np.array(found)[member.ravel()])


def of_targets(
    experiments: Mapping[int, Experiment],
    *,
    n_inputs: int = 500,
    n_references: int = 4096,
    n_draws: int = 20,
) -> dict[int, xr.Dataset]:
    """r2 (number,) and k90 of the distance itself, from the tangents at the references of
    `linear_models`, by number of dimensions.
    """
    found = {}
    for d, experiment in experiments.items():
        at, inputs, numbers, which = drawn(experiment, n_inputs, n_references, n_draws)
        right = experiment.task.target(inputs)
        curve = np.median(r2(of_distance(at), which, inputs, right), axis=0)
        found[d] = xr.Dataset(
            {"r2": ("number", curve), "k90": ((), fewest(curve, numbers))}, {"number": numbers}
        )
    return found
