"""An analysis of one's own: how many dimensions activity has."""

import numpy as np
import xarray as xr

from taskrnn.activity.session import session
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.variables import variable


def dimensionality(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: str,
    n_steps: int = 4000,
) -> xr.Dataset:
    """Participation ratio of the variances along principal axes.

    (sum of variances)^2 / sum of their squares: 1 on a line, and N for
    N units that vary alike and independently.
    """
    seeds = network.seed.values.tolist()
    recorded = session(
        weights(network, when), experiment, seeds=seeds, n_steps=n_steps
    )
    variances = np.linalg.eigvalsh(
        np.cov(recorded.rates[0].T.astype(float))
    )
    if not variances.sum() > 0:
        raise Unmeasurable("its activity does not vary")
    ratio = variances.sum() ** 2 / (variances**2).sum()
    return xr.Dataset(
        {
            "participation": variable(
                "", ratio, "participation ratio", "1"
            )
        }
    )
