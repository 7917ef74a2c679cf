"""Predictive and principal subspaces of a network's session (Figures 2, 3, 9, 11; claims L3, S6,
R1, R2).
"""

from typing import Literal

import numpy as np
import xarray as xr

from taskrnn.activity.session import MIN_SHARE, covariances, session, too_few
from taskrnn.analysis.dca.lag_covariances import FLOOR
from taskrnn.analysis.dca.predictive_information import Whitened, principal_subspace, search
from taskrnn.ensembles.ensemble import weights
from taskrnn.experiments import Experiment
from taskrnn.random_numbers import generator
from taskrnn.variables import variable

WINDOW = 5  # T, in steps of 10 ms: half of the joint window (reading A9)
DIMENSIONS = tuple(range(1, 11))


def subspaces(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: Literal["before", "after"],
    window: int = WINDOW,
    dimensions: tuple[int, ...] = DIMENSIONS,
    n_starts: int = 50,
    n_steps: int = 40_000,
    min_share: float = MIN_SHARE,
    floor: float = FLOOR,
) -> xr.Dataset:
    """DCA from many random starts for each dimension, and PCA, on one session.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    window : int
        T in steps.
    n_starts : int
        Random starts for each dimension.
    n_steps : int
        Length of the session.
    min_share, floor : float
        See `taskrnn.activity.session.covariances`.

    Returns
    -------
    Dataset with
        pi (dimension, start) in nats; angle and initial_angle (dimension, start) in degrees, the
        largest principal angle to the best start's subspace, after and before the search; NaN for
        dimensions that the seen units do not have;
        dca (dimension, unit, component), the best subspace, orthonormal, NaN beyond the dimension;
        pca (unit, component); covariance (unit, unit) of the rates in the seen units, and mean
        (unit) in all;
        active (unit,), units that are seen; added, the floor of the variances
    """
    recorded = session(
        weights(network, when), experiment, seeds=network.seed.values.tolist(), n_steps=n_steps
    )
    rates = recorded.rates[0].astype(float)
    covariance, added, active = covariances(
        rates, 2 * window, network=experiment.network, min_share=min_share, floor=floor
    )
    n_units, largest = rates.shape[1], max(dimensions)
    rng = generator(int(network.seed[0]), "subspaces.search")
    pi, angle, initial = (np.full((len(dimensions), n_starts), np.nan) for _ in range(3))
    best = np.full((len(dimensions), n_units, largest), np.nan)
    white = Whitened(covariance)
    for i, d in enumerate(dimensions):
        if d > active.sum():
            continue
        starts = search(white, d, rng=rng, n_starts=n_starts)
        pi[i], angle[i], initial[i] = starts.pi, starts.angle, starts.initial_angle
        best[i, :, :d] = starts.best
    pca = np.where(
        np.arange(largest) < active.sum(), principal_subspace(covariance, largest), np.nan
    )
    return xr.Dataset(
        {
            "pi": variable("dimension start", pi, "predictive information", "nats"),
            "angle": variable("dimension start", angle, "angle to the best subspace", "degrees"),
            "initial_angle": variable(
                "dimension start", initial, "the same before the search", "degrees"
            ),
            "dca": variable("dimension unit component", best, "most predictive subspace", "1"),
            "pca": variable("unit component", pca, "principal subspace"),
            "covariance": variable(
                "unit other_unit", covariance[0], "covariance of the rates", "1"
            ),
            "mean": variable("unit", rates.mean(axis=0), "mean rate", "1"),
            "active": variable("unit", active.astype(int), "1 for units that are seen", "1"),
            "added": variable("", added, "floor of the variances", "1"),
        },
        coords={"dimension": variable("dimension", list(dimensions), "dimension of the subspace")},
        attrs={"reason": too_few(active.sum(), dimensions)},
    )
