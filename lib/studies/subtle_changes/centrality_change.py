"""Centralities of the units before and after training and random changes (Figure 8, claim S4)."""

import networkx as nx
import numpy as np
import xarray as xr

from studies.subtle_changes.measures import recurrent
from taskrnn.analysis import centrality, nulls
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.variables import WHEN

PARTS = ("all", "excitatory", "inhibitory")


@needs(network=RateNetwork)
def centrality_change(
    experiment: Experiment, network: xr.Dataset, *, n_draws: int = 3
) -> xr.Dataset:
    """Centralities of all units, before and after training and Gaussian changes of the same norm.

    Parameters
    ----------
    network : Dataset of one network
    n_draws : int
        Gaussian changes.

    Returns
    -------
    Dataset with
        centrality (when, part, measure, unit): of all weights by absolute value, and of reading
        A10's two signs apart; random (draw, measure, unit): of all weights; NaN where not defined
    """
    before, after = recurrent(network)
    rng = generator(int(network.seed[0]), "centrality_change.nulls")
    changed = [before + nulls.gaussian_change(after - before, rng=rng) for _ in range(n_draws)]
    parts = [(w[0], *centrality.split_signs(w[0])) for w in (before, after)]
    found = xr.Dataset(
        {
            "centrality": (
                ("when", "part", "measure", "unit"),
                [[every_measure(part) for part in at] for at in parts],
            ),
            "random": (("draw", "measure", "unit"), [every_measure(w[0]) for w in changed]),
        },
        coords={"when": list(WHEN), "part": list(PARTS), "measure": list(centrality.MEASURES)},
    )
    undefined = found.measure.values[
        found.centrality.isnull().any(("when", "part", "unit"))
    ].tolist()
    return found.assign_attrs(
        reason=f"no {', no '.join(undefined)} centrality can be computed" if undefined else ""
    )


def every_measure(W: np.ndarray) -> np.ndarray:
    """`centrality.MEASURES` of one matrix, (measure, unit); NaN where one does not converge."""
    rows, W = [], centrality.checked(W)  # so that below only what does not converge is left out
    for measure in centrality.MEASURES.values():
        try:
            rows.append(measure(W))
        except (nx.PowerIterationFailedConvergence, ValueError):
            rows.append(np.full(len(W), np.nan))
    return np.array(rows)
