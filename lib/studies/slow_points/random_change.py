"""Untrained weights with a random change of the norm of the trained one: a null of many claims."""

import numpy as np

from taskrnn.analysis import nulls
from taskrnn.networks.network import Weights


def randomly_changed(before: Weights, after: Weights, *, rng: np.random.Generator) -> Weights:
    """The weights of one network `before` training with a Gaussian change of its recurrent weights
    (`taskrnn.analysis.nulls.gaussian_change`) in place of that of training.
    """
    change = (after.recurrent - before.recurrent).astype(float)
    return before._replace(recurrent=before.recurrent + nulls.gaussian_change(change, rng=rng))
