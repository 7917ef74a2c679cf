"""Of what the first half measures, the numbers that K3 and K4 ask for, without the subspaces,
points and spectra that make its files large; and the weights of *Sparsity*'s first figure by size.

So what this chapter has measured is small enough to be kept (`studies.kept`).
"""

import numpy as np
import xarray as xr

from studies.nonlinearity.comparison import moments
from studies.readout.measures import readout_angles
from studies.regime.measures import regime
from studies.slow_points.measures import landscape
from studies.sparsity.measures import off_diagonal
from studies.subtle_changes.measures import changes
from taskrnn.activity.subspaces import subspaces
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN, variable

N_RANKS = 300  # of the weights by size


@needs(network=RateNetwork)
def change(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """Moments of the weight change, `studies.nonlinearity.comparison.moments`, for N1."""
    moved = network.recurrent_after.values[0] - network.recurrent_before.values[0]
    return moments([moved]).isel(network=0)


@needs(network=RateNetwork)
def rank(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """The rank of `studies.subtle_changes.measures.changes`, and the units, for S3."""
    found = changes(experiment, network)
    return found[["rank"]].assign_coords(unit=np.arange(found.sizes["unit"]))


@needs(network=RateNetwork)
def angles(
    experiment: Experiment, network: xr.Dataset, *, n_starts: int, n_steps: int
) -> xr.Dataset:
    """`studies.readout.measures.readout_angles`, the mean over draws in their place, for R1."""
    options = {"n_starts": n_starts, "n_steps": n_steps}
    times = [subspaces(experiment, network, when=when, **options) for when in WHEN]
    found = xr.concat(times, "when", combine_attrs="drop").assign_coords(when=list(WHEN))
    to_readout = readout_angles(network, found.expand_dims("network")).isel(network=0)
    reasons = dict.fromkeys(of.attrs.get("reason", "") for of in times)
    drawn = to_readout.matched.mean("draw", skipna=False).expand_dims("draw", -1)
    return (
        to_readout.drop_vars("matched")
        .assign(matched=drawn)
        .assign_attrs(reason="; ".join(filter(None, reasons)))
    )


@needs(task=ConstantInputTask, network=RateNetwork)
def points(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """How many points `studies.slow_points.measures.landscape` finds, and how slow they are, for F2
    and F3.
    """
    names = ["found", "unstable", "continua", "time_constant", "random_time_constant"]
    return landscape(experiment, network)[names]


@needs(task=ConstantInputTask, network=RateNetwork)
def exponents(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """`studies.regime.measures.regime` without what only its figures show, for G1."""
    return regime(experiment, network).drop_vars(["distance", "eigenvalues"])


@needs(network=RateNetwork)
def sizes(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """The absolute off-diagonal weights of one network, from the largest to the smallest.

    Returns
    -------
    Dataset with, along `when`, in standard deviations of the untrained weights,
        size (rank,) : at `N_RANKS` ranks, evenly spaced on a logarithmic axis; NaN where it is zero
        left : share of the weights that are not zero
        smallest : the smallest of those, NaN if there is none
    """
    recurrent = [off_diagonal(weights(network, when).recurrent[0]) for when in WHEN]
    by_size = np.sort(np.abs(recurrent), axis=1)[:, ::-1] / recurrent[0].std()
    n = by_size.shape[1]
    ranks = np.unique(np.geomspace(1, n, N_RANKS).round().astype(int))
    by_size[by_size == 0] = np.nan
    left = np.isfinite(by_size).sum(axis=1)
    smallest = [of[k - 1] if k else np.nan for of, k in zip(by_size, left, strict=True)]
    return xr.Dataset(
        {
            "size": variable("when rank", by_size[:, ranks - 1], "absolute weight", "sd"),
            "left": variable("when", left / n, "share of weights that are not zero", "1"),
            "smallest": variable("when", smallest, "smallest weight that is not zero", "sd"),
        },
        coords={"when": list(WHEN), "rank": ranks / n},
    )
