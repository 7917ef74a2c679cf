"""Fixed points of random ReLU networks whose weights are correlated with those of the way back (G8
to G10).

    r = max(W r + c, 0),   corr(W_ij, W_ji) = 1, 0 or -1,   W_ii = 0

Of small networks `taskrnn.analysis.fixed_points.enumeration` solves every region, so that no point
is missed. An ensemble gives seeds alone: each of its networks stands for one batch of matrices.
The mean of counts belongs to few matrices with many points; intervals are therefore over batches.

With Gaussian weights and inputs the mean number is 1 whatever the correlation: turning the sign of
unit i, in its row, column and input, changes neither the distribution nor the correlation. So each
of the 2^N regions holds a point with probability 2^-N (`studies.chaos.counting` has the proof). A
common inhibition breaks that symmetry.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.counting.measures import N_STARTS, at_input, growth_far_out
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.points import FixedPoints, collect
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import RELU
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.variables import variable

SIZES = (6, 8, 10, 12)  # units
CORRELATIONS = (1.0, 0.0, -1.0)
INHIBITION, GAIN, BIAS = 1.1, 1.5, 1.0  # G8
GAINS, SMALL = (1.2, 2.5), 8  # and units, G9
MOMENTS = ("mean", "gain", "reciprocal correlation")
LEAD = {"transient": 300, "alignment": 300}  # steps that do not count for an exponent


def with_correlation(gaussian: np.ndarray, correlation: float) -> np.ndarray:
    """Matrices (..., unit, unit) of variance 1 with this reciprocal correlation and no diagonal,
    from independent standard normal numbers of that shape.

    Of equal numbers those of correlation 1 are the symmetric part and those of -1 the antisymmetric
    one.
    """
    symmetric, antisymmetric = gaussian + gaussian.mT, gaussian - gaussian.mT
    shares = (1 + correlation) ** 0.5, (1 - correlation) ** 0.5
    W = (shares[0] * symmetric + shares[1] * antisymmetric) / 2
    return W * ~np.eye(W.shape[-1], dtype=bool)


def all_points(W: np.ndarray, c: np.ndarray, *, alpha: float) -> FixedPoints:
    """Every fixed point of one small ReLU network, with its stability and index."""
    rates = enumerate_fixed_points(W, c).rates
    n = len(rates)
    options = {"activation": RELU, "alpha": alpha, "tol": 1e-6, "n_starts": n}
    return collect(W, c, rates, np.arange(n), **options)


@needs(network=RateNetwork)
def families(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    sizes: tuple[int, ...] = SIZES,
    n_draws: int = 10,
    n_starts: int = 8,
    n_steps: int = 2000,
) -> xr.Dataset:
    """Fixed points and exponents of a batch of small networks with a common inhibition.

    Parameters
    ----------
    network : Dataset of one network, whose seed is taken
    sizes : int, units; exponents are taken at the last
    n_draws : int, matrices of each size, from the same numbers for all correlations
    n_starts, n_steps : int, random states and steps that count for an exponent

    Returns
    -------
    Dataset with, along correlation, size and draw,
        points, stable, stable_ode : fixed points, stable ones in the map and in the ODE
        index : sum of their indices
    and, along correlation and draw, at the last size,
        far_growth : 1/tau, largest growth of states far out; below 0 activity stays bounded
        exponent, drift : 1/tau, of the start with the largest exponent; NaN without a bound
    """
    rng = generator(int(network.seed[0]), "architectures.families")
    counted: dict[str, list] = {"points": [], "stable": [], "stable_ode": [], "index": []}
    long: dict[str, list] = {"far_growth": [], "exponent": [], "drift": []}
    for n in sizes:
        gaussian = rng.standard_normal((n_draws, n, n))
        starts = rng.standard_normal((2, 1, n_starts, n))
        inhibition = INHIBITION * ~np.eye(n, dtype=bool)
        c = np.full(n, BIAS)
        for correlation in CORRELATIONS:
            for W in GAIN / n**0.5 * with_correlation(gaussian, correlation) - inhibition:
                found = all_points(W, c, alpha=experiment.network.alpha)
                counted["points"].append(len(found.hits))
                counted["stable"].append((found.unstable_map == 0).sum())
                counted["stable_ode"].append((found.unstable_ode == 0).sum())
                counted["index"].append(found.index.sum())
                if n == sizes[-1]:
                    grown = growth(W, c, experiment, starts=starts, n_steps=n_steps, rng=rng)
                    for name, value in grown._asdict().items():
                        long[name].append(value)
    shape = len(sizes), len(CORRELATIONS), n_draws
    over = "size correlation draw"
    variables = {
        name: variable(over, np.reshape(of, shape), name) for name, of in counted.items()
    } | {
        name: variable("correlation draw", np.reshape(of, shape[1:]), name, "1/tau")
        for name, of in long.items()
    }
    n_lost = int(np.isnan(long["exponent"]).sum())
    reason = f"activity grows without bound in {n_lost} of its matrices" if n_lost else ""
    coords = {"size": list(sizes), "correlation": list(CORRELATIONS)}
    return xr.Dataset(variables, coords, attrs={"reason": reason})


class Growth(NamedTuple):
    """Of one network left alone, in 1/tau; see `families`."""

    far_growth: float
    exponent: float
    drift: float


def growth(W, c, experiment: Experiment, *, starts, n_steps: int, rng) -> Growth:
    """How states far out and small perturbations grow in one network, W (unit, unit), c (unit,).

    Parameters
    ----------
    starts : ndarray (2, 1, start, unit), perturbations, and states whose absolute values are begun
        from
    """
    alone = Weights(W[None], np.zeros((1, len(c), 1)), c[None], np.zeros((1, 1, len(c))))
    far = growth_far_out(alone, experiment, rng=rng)
    drive = np.broadcast_to(c, (starts.shape[2], sum(LEAD.values()) + n_steps, len(c)))
    of = largest_exponents(
        W, drive, starts[0], initial=np.abs(starts[1]), alpha=experiment.network.alpha, **LEAD
    )
    if not (far < 0 and np.isfinite(of.exponents).all()):
        return Growth(far, np.nan, np.nan)
    most = of.exponents[0].argmax()
    return Growth(far, of.exponents[0, most], of.drift[0, most])


@needs(network=RateNetwork)
def sign_symmetric(
    experiment: Experiment, network: xr.Dataset, *, n_draws: int = 200
) -> xr.Dataset:
    """points (gain, correlation, draw) of a batch of networks of `SMALL` units with Gaussian
    weights and inputs, all enumerated.

    Parameters
    ----------
    network : Dataset of one network, whose seed is taken
    """
    rng = generator(int(network.seed[0]), "architectures.symmetric signs")
    gaussian = rng.standard_normal((n_draws, SMALL, SMALL)) / SMALL**0.5
    c = rng.standard_normal((n_draws, SMALL))
    points = [
        [
            [
                len(of.rates)
                for of in enumerate_fixed_points(gain * with_correlation(gaussian, r), c)
            ]
            for r in CORRELATIONS
        ]
        for gain in GAINS
    ]
    variables = {"points": variable("gain correlation draw", points, "fixed points")}
    return xr.Dataset(variables, {"gain": list(GAINS), "correlation": list(CORRELATIONS)})


@needs(task=FlipFlop, network=RateNetwork)
def matched(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_draws: int = 5,
    n_search: int = N_STARTS,
    n_starts: int = 8,
    n_steps: int = 1000,
) -> xr.Dataset:
    """Random networks with the moments of one trained network's recurrent weights, and its biases.

    Parameters
    ----------
    n_draws : int, random networks
    n_search : int, random starts of each search for fixed points, as of the trained network
    n_starts, n_steps : int, as in `families`

    Returns
    -------
    Dataset with
        moments (moment,) : mean, gain (standard deviation times sqrt(N)) and reciprocal correlation
            of the off-diagonal weights
        points, index, far_growth, exponent, drift (draw,) : of the random networks, as in
            `families`, at zero input
    """
    rng = generator(int(network.seed[0]), "architectures.matched")
    w = weights(network, "after")
    mean, sd, correlation = moments(w.recurrent[0].astype(float))
    n, rows = experiment.network.n_units, []
    off, c = ~np.eye(n, dtype=bool), w.bias[0].astype(float)
    for gaussian in rng.standard_normal((n_draws, n, n)):
        W = mean * off + sd * with_correlation(gaussian, correlation)
        drawn = w._replace(recurrent=W[None])
        nothing = np.zeros(experiment.task.n_inputs)
        found = at_input(drawn, nothing, experiment, n_starts=n_search, rng=rng)
        starts = rng.standard_normal((2, 1, n_starts, n))
        grown = growth(W, c, experiment, starts=starts, n_steps=n_steps, rng=rng)
        rows.append({"points": len(found.hits), "index": found.index.sum()} | grown._asdict())
    variables = {name: variable("draw", [row[name] for row in rows], name) for name in rows[0]}
    variables["moments"] = variable("moment", [mean, sd * n**0.5, correlation], "of weights")
    n_lost = int(np.isnan([row["exponent"] for row in rows]).sum())
    reason = f"activity grows without bound in {n_lost} of its random networks" if n_lost else ""
    return xr.Dataset(variables, {"moment": list(MOMENTS)}, attrs={"reason": reason})


def moments(W: np.ndarray) -> tuple[float, float, float]:
    """Mean, standard deviation and reciprocal correlation of the off-diagonal weights."""
    there, back = W[np.triu_indices(len(W), 1)], W.T[np.triu_indices(len(W), 1)]
    both = np.concatenate([there, back])
    mean, sd = both.mean(), both.std()
    correlation = ((there - mean) * (back - mean)).mean() / sd**2 if sd else 0.0
    return float(mean), float(sd), float(np.clip(correlation, -1, 1))
