"""How far a random change of the weights turns the predictive subspaces: the null of S6 and R1."""

import numpy as np
import xarray as xr

from studies.predictive_subspaces import alignment
from studies.subtle_changes.measures import rank_above, recurrent
from taskrnn.activity.session import covariances, session, too_few
from taskrnn.activity.subspaces import DIMENSIONS, N_AGAIN, WINDOW, most_predictive
from taskrnn.analysis import nulls
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import stack
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator

KINDS = ("gaussian", "rank")


@needs(network=RateNetwork)
def random_changes(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    window: int = WINDOW,
    dimensions: tuple[int, ...] = DIMENSIONS,
    n_starts: int = N_AGAIN,
    n_steps: int = 40_000,
) -> xr.Dataset:
    """Subspaces of the untrained network with random changes as large as the trained one.

    All run through the same session, as the network before and after training does.

    Parameters
    ----------
    network : Dataset of one network
    window, n_steps : int
        T and the length of the session, in steps.
    n_starts : int
        Random starts of each search.

    Returns
    -------
    Dataset with, each (kind, dimension), in degrees; kind is "gaussian" or "rank", see
    `studies.subtle_changes.measures`; NaN where a changed network is unstable or too few units are
    seen,
        turned : mean principal angle to the subspace of the untrained network
        readout : angle of the readout, less that to the subspace of the untrained network

    Raises
    ------
    Unmeasurable
        Training failed, or the untrained network has no subspace.
    """
    before, after = recurrent(network)
    dW, seed, start = after - before, int(network.seed[0]), weights(network, "before")
    rng = generator(seed, "random_changes")
    drawn = (
        nulls.gaussian_change(dW, rng=rng),
        nulls.rank_matched_change(dW, max(rank_above(dW, rng=rng), 1), rng=rng),
    )
    changed = [start._replace(recurrent=(before + d).astype(np.float32)) for d in drawn]
    states = [start, *changed]
    recorded = session(stack(states), experiment, seeds=[seed] * len(states), n_steps=n_steps)
    found, reasons = [], []
    for name, rates in zip(("untrained", *KINDS), recorded.rates, strict=True):
        try:
            seen = covariances(rates.astype(float), 2 * window, network=experiment.network)
        except Unmeasurable as error:
            if name == "untrained":
                raise
            reasons.append(f"after a random change ({name}) {error}")
            found.append(np.full_like(found[0], np.nan))
            continue
        found.append(most_predictive(seen, dimensions, rng=rng, n_starts=n_starts))
        if few := too_few(seen.active.sum(), dimensions):
            reasons.append(f"{name}: {few}")
    subspaces, options = np.array(found), {"dimensions": dimensions}
    base = np.repeat(subspaces[:1], len(KINDS), axis=0)
    principal = alignment.angles_between(base, subspaces[1:], **options)
    readout = np.repeat(start.readout[:, 0].astype(float), len(subspaces), axis=0)
    to_readout = alignment.angles_to_vector(readout, subspaces, **options)
    axes, units = ("kind", "dimension"), {"units": "degrees"}
    return xr.Dataset(
        {
            "turned": (axes, alignment.mean_angle(principal, **options), units),
            "readout": (axes, to_readout[1:] - to_readout[:1], units),
        },
        coords={"kind": list(KINDS), "dimension": list(dimensions)},
        attrs={"reason": "; ".join(reasons)},
    )
