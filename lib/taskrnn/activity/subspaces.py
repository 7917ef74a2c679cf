"""Predictive and principal subspaces of a network's session (Figures 2, 3, 9, 11; claims L3, S6,
R1, R2).
"""

from typing import Literal

import numpy as np
import xarray as xr

from taskrnn.activity.session import MIN_SHARE, covariances, session, too_few
from taskrnn.analysis.dca.lag_covariances import FLOOR, LagCovariances
from taskrnn.analysis.dca.predictive_information import Whitened, principal_subspace, search
from taskrnn.analysis.subspaces import principal_angles
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.random_numbers import generator
from taskrnn.variables import variable

WINDOW = 5  # T, in steps of 10 ms: half of the joint window (reading A9)
DIMENSIONS = tuple(range(1, 11))
N_AGAIN = 4  # random starts for each dimension in the second session


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
    """DCA from many random starts for each dimension, and PCA, on one session; and DCA on another.

    The two sessions of a network have inputs and noise of their own. How far apart their subspaces
    are is what the data leave open, and the floor of every angle to them.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    window : int
        T in steps.
    n_starts : int
        Random starts for each dimension.
    n_steps : int
        Length of each session.
    min_share, floor : float
        See `taskrnn.activity.session.covariances`.

    Returns
    -------
    Dataset with
        pi (dimension, start) in nats; angle and initial_angle (dimension, start) in degrees, the
        largest principal angle to the best start's subspace, after and before the search; NaN for
        dimensions that the seen units do not have;
        dca (dimension, unit, component), the best subspace, orthonormal, NaN beyond the dimension;
        again, the same of the second session, from a few starts;
        pca (unit, component); covariance (unit, unit) of the rates in the seen units, and mean
        (unit) in all;
        active (unit,), units that are seen; added, the floor of the variances
    """
    seed, w = int(network.seed[0]), weights(network, when)

    def seen(of: int) -> tuple[np.ndarray, LagCovariances]:
        """Rates (time, unit) of the session with this seed, and their covariances."""
        recorded = session(w, experiment, seeds=[of], n_steps=n_steps)
        rates = recorded.rates[0].astype(float)
        return rates, covariances(
            rates, 2 * window, network=experiment.network, min_share=min_share, floor=floor
        )

    rates, (covariance, added, active) = seen(seed)
    n_units, largest = rates.shape[1], max(dimensions)
    rng = generator(seed, "subspaces.search")
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
    rng = generator(seed, "subspaces.second session")
    second = seen(int(rng.integers(2**31, 2**32)))[1]
    again = most_predictive(second, dimensions, rng=rng, n_starts=N_AGAIN)
    return xr.Dataset(
        {
            "pi": variable("dimension start", pi, "predictive information", "nats"),
            "angle": variable("dimension start", angle, "angle to the best subspace", "degrees"),
            "initial_angle": variable(
                "dimension start", initial, "the same before the search", "degrees"
            ),
            "dca": variable("dimension unit component", best, "most predictive subspace", "1"),
            "again": variable("dimension unit component", again, "the same, another session", "1"),
            "pca": variable("unit component", pca, "principal subspace"),
            "covariance": variable(
                "unit other_unit", covariance[0], "covariance of the rates", "1"
            ),
            "mean": variable("unit", rates.mean(axis=0), "mean rate", "1"),
            "active": variable("unit", active.astype(int), "1 for units that are seen", "1"),
            "added": variable("", added, "floor of the variances", "1"),
        },
        coords={"dimension": variable("dimension", list(dimensions), "dimension of the subspace")},
        attrs={"reason": too_few(min(active.sum(), second.active.sum()), dimensions)},
    )


def between_sessions(found: xr.Dataset) -> xr.DataArray:
    """Mean principal angle between the best subspaces of two sessions, in degrees.

    Parameters
    ----------
    found : Dataset
        With dca and again (..., dimension, unit, component), as `subspaces` gives them.

    Returns
    -------
    DataArray (..., dimension), NaN where there is no such subspace
    """
    axes = [axis for axis in found.dca.dims if axis not in ("dimension", "unit", "component")]
    first, second = (
        found[name].transpose(*axes, "dimension", "unit", "component") for name in ("dca", "again")
    )
    angles = np.full(first.shape[:-2], np.nan)
    for place in np.ndindex(angles.shape):
        d = int(found.dimension[place[-1]])
        pair = first.values[place][:, :d], second.values[place][:, :d]
        if all(np.isfinite(basis).all() for basis in pair):
            angles[place] = principal_angles(*pair).mean()
    coords = {name: found[name] for name in (*axes, "dimension") if name in found.coords}
    return xr.DataArray(angles, dims=(*axes, "dimension"), coords=coords)


def most_predictive(
    seen: LagCovariances, dimensions: tuple[int, ...], *, rng: np.random.Generator, n_starts: int
) -> np.ndarray:
    """The best subspaces (dimension, unit, component), orthonormal; NaN beyond the dimension, and
    where fewer units are seen.
    """
    found = np.full((len(dimensions), len(seen.active), max(dimensions)), np.nan)
    white = Whitened(seen.C)
    for i, d in enumerate(dimensions):
        if d <= seen.active.sum():
            found[i, :, :d] = search(white, d, rng=rng, n_starts=n_starts).best
    return found
