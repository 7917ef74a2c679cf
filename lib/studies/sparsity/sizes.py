"""The weights of one network by size, for the figure: from the largest to the smallest."""

import numpy as np
import xarray as xr

from studies.sparsity.measures import off_diagonal
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.variables import WHEN, variable

N_RANKS = 400  # at most, evenly on a logarithmic axis


@needs(network=RateNetwork)
def sizes(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """Absolute off-diagonal recurrent weights at some ranks, before and after training.

    Parameters
    ----------
    network : Dataset of one network

    Returns
    -------
    Dataset with
        size (when, share) : of the weight with this rank, standard deviations of the untrained
            weights; the largest comes first
        left (when,) : share of the weights that are not exactly zero
    with `share`, the rank as a share of all weights, as coordinate.
    """
    found = [np.sort(np.abs(off_diagonal(weights(network, w).recurrent[0])))[::-1] for w in WHEN]
    sd, n = off_diagonal(weights(network, "before").recurrent[0]).std(), len(found[0])
    ranks = np.unique(np.geomspace(1, n, N_RANKS).round().astype(int))
    left = [np.count_nonzero(of) / n for of in found]
    return xr.Dataset(
        {
            "size": variable("when share", np.stack(found)[:, ranks - 1] / sd, "weight", "sd"),
            "left": variable("when", left, "share of weights that are not zero", "1"),
        },
        {"when": list(WHEN), "share": ranks / n},
    )
