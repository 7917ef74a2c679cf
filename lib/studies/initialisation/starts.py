"""What a network can begin with: its own weights, those of another, and what only looks like them.

The input weights and the readout are always its own.
"""

from collections.abc import Callable

import numpy as np

from taskrnn.analysis.nulls import shuffled_change
from taskrnn.networks.network import Weights, stack

FARTHEST = 10.0  # of a shift of the mean, times the number of units
PIECES, ROUNDS = 16, 4  # of the search for it
STARTS = {
    "own": "own, untrained",
    "other": "other's weights and bias",
    "same loss": "own, mean shifted to the same first loss",
    "weights alone": "other's weights, own bias",
    "untrained": "other's before training",
    "shuffled": "own, with the other's change shuffled",
    "permuted": "other's, units permuted",
}


def starts(
    own: Weights, before: Weights, after: Weights, *, losses: Callable, rng: np.random.Generator
) -> Weights:
    """Every start of `STARTS`, as a batch in which they stand in the place of networks.

    Parameters
    ----------
    own, before, after : Weights
        Of the network that learns, and of the other one before and after training.
    losses : callable(Weights) -> ndarray (start,)
        The loss of each before the first update.

    Returns
    -------
    Weights, NaN in the recurrent weights where no shift of the mean gives the same loss
    """
    n = own.bias.shape[1]
    order = rng.permutation(n)
    other = own._replace(recurrent=after.recurrent, bias=after.bias)
    change = shuffled_change((after.recurrent - before.recurrent).astype(float), rng=rng)
    made = {
        "own": own,
        "other": other,
        "same loss": mean_shifted(own, losses(other)[0], losses=losses),
        "weights alone": own._replace(recurrent=after.recurrent),
        "untrained": own._replace(recurrent=before.recurrent, bias=before.bias),
        "shuffled": own._replace(recurrent=own.recurrent + change.astype(np.float32)),
        "permuted": own._replace(
            recurrent=after.recurrent[:, order][:, :, order], bias=after.bias[:, order]
        ),
    }
    return stack([made[name] for name in STARTS])


def mean_shifted(weights: Weights, loss: float, *, losses: Callable) -> Weights:
    """One network with the smallest number added to all of its recurrent weights but the diagonal
    that gives it this first loss.

    The loss need not rise with the number, so the interval is cut into pieces, and that piece
    nearest to 0 over which the loss passes the one that is wanted is cut again. The ends of the
    interval move the eigenvalue of the uniform mode by `FARTHEST`. The pieces are equal in the cube
    root of the number: near 0, where a network is not far from the border of stability, a small one
    does much.

    Returns
    -------
    Weights, NaN in the recurrent weights if the loss is passed in no piece
    """
    n = weights.bias.shape[1]
    off, (low, high) = ~np.eye(n, dtype=bool), (-1.0, 1.0)
    for _ in range(ROUNDS):
        roots = np.linspace(low, high, PIECES + 1)
        copies = [of.repeat(len(roots), axis=0) for of in weights[1:]]
        above = losses(Weights(moved(weights, roots, off), *copies)) > loss
        passed = np.flatnonzero(above[1:] != above[:-1])
        if not np.isfinite(loss) or not passed.size:
            return weights._replace(recurrent=np.full_like(weights.recurrent, np.nan))
        piece = passed[np.abs(roots[passed] + roots[passed + 1]).argmin()]
        low, high = roots[piece], roots[piece + 1]
    return weights._replace(recurrent=moved(weights, np.array([(low + high) / 2]), off))


def moved(weights: Weights, roots: np.ndarray, off: np.ndarray) -> np.ndarray:
    """The recurrent weights (number, unit, unit) with each of some numbers added where `off` says,
    given as cube roots of their share of the largest.
    """
    shifts = FARTHEST / len(off) * roots**3
    return weights.recurrent + (shifts[:, None, None] * off).astype(np.float32)
