"""Random numbers: every draw is named by a seed, a purpose and its place.

A network has one seed. What it draws (initial weights, the trials and noise of update 17, its test set) is a function of
that seed, of the purpose and of the place alone, so nothing depends on what was drawn before or on which other networks
are computed beside it.
"""

import numpy as np

PURPOSES = ("initial weights", "training", "stop", "test", "session", "analysis")


def generator(seed: int, purpose: str, *place: int) -> np.random.Generator:
    """Generator of one purpose of one network.

    Parameters
    ----------
    seed : int
        The network's seed, not negative.
    purpose : str
        One of `PURPOSES`; new purposes are added at the end, so that old draws stay.
    *place : int
        Where in that purpose, for example the number of the update.
    """
    return np.random.default_rng((seed, PURPOSES.index(purpose), *place))
