"""Centralities of the units before and after training, and after random changes (Figure 8, claim S4)."""

import networkx as nx
import numpy as np
import xarray as xr

from taskrnn import centrality, nulls
from taskrnn.experiment import Experiment
from taskrnn.measures.subtle_changes import recurrent
from taskrnn.streams import generator

PLACE = 32  # in the stream "analysis"
PARTS = ("all", "excitatory", "inhibitory")


def centrality_change(experiment: Experiment, network: xr.Dataset, *, n_draws: int = 3) -> xr.Dataset:
    """Centralities of all units, before and after training and after Gaussian changes of the same norm.

    Parameters
    ----------
    network : Dataset of one network
    n_draws : int
        Gaussian changes.

    Returns
    -------
    Dataset with
        before, after (part, measure, unit): all weights by absolute value, and reading A10's two signs apart;
        random (draw, measure, unit): all weights; NaN where a measure is not defined
    """
    before, after = recurrent(network)
    rng = generator(int(network.seed[0]), "analysis", PLACE)
    random = [every_measure((before + nulls.gaussian_change(after - before, rng=rng))[0]) for _ in range(n_draws)]
    parts = [[every_measure(part) for part in (w[0], *centrality.split_signs(w[0]))] for w in (before, after)]
    axes = ("part", "measure", "unit")
    found = xr.Dataset(
        {
            "before": (axes, parts[0], {"long_name": "centrality before training"}),
            "after": (axes, parts[1], {"long_name": "centrality after training"}),
            "random": (("draw", "measure", "unit"), random, {"long_name": "centrality after a random change"}),
        },
        coords={"part": list(PARTS), "measure": list(centrality.MEASURES)},
    )
    undefined = found.measure.values[np.isnan([found.before, found.after]).any(axis=(0, 1, 3))].tolist()
    return found.assign_attrs(reason=f"no {', no '.join(undefined)} centrality can be computed" if undefined else "")


def every_measure(W: np.ndarray) -> np.ndarray:
    """Each of `centrality.MEASURES` of one matrix, (measure, unit); NaN where it does not converge."""
    rows, W = [], centrality.checked(W)  # so that below only what does not converge is left out
    for measure in centrality.MEASURES.values():
        try:
            rows.append(measure(W))
        except (nx.PowerIterationFailedConvergence, ValueError):
            rows.append(np.full(len(W), np.nan))
    return np.array(rows)
