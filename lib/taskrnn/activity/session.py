"""Activity for the analyses: the rates of networks in their sessions (`taskrnn.activity.inputs`),
and which units are seen in it.
"""

from typing import NamedTuple

import numpy as np

from taskrnn.activity.inputs import DISCARD, N_STEPS, draw
from taskrnn.analysis.dca.lag_covariances import FLOOR, LagCovariances, lag_covariances
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import Network, Weights
from taskrnn.networks.simulation import simulate

MIN_SHARE = 0.01  # of the steps of a session that a unit must be above threshold to be seen


class Session(NamedTuple):
    """Activity of a batch of networks; times are in steps of dt.

    rates : ndarray (network, time, unit)
    inputs : ndarray (network, time, input), what the network received, noise included
    values : ndarray (network, time, input), the same without noise; with it if the task has no
        epochs
    epoch : ndarray of int (network, time), number of the epoch, or of the trial, counted from 0
    """

    rates: np.ndarray
    inputs: np.ndarray
    values: np.ndarray
    epoch: np.ndarray


def session(
    weights: Weights,
    experiment: Experiment,
    *,
    seeds: list[int],
    n_steps: int = N_STEPS,
    discard: int = DISCARD,
) -> Session:
    """Simulate one session per network.

    The inputs and the noise are functions of a network's seed alone: they are the same before and
    after training, and for every activation.

    Parameters
    ----------
    weights : Weights
        Before or after training.
    seeds : list of int
        Of the networks, in the order of the weights.
    n_steps, discard : int
        Steps that are kept, and steps before them that are not.
    """
    drawn = [draw(experiment, seed, n_steps=n_steps, discard=discard) for seed in seeds]
    inputs, values, epoch, xi = (np.stack(part) for part in zip(*drawn, strict=True))
    rates = simulate(weights, inputs[:, None], network=experiment.network, xi=xi)[:, 0]
    return Session(rates[:, discard:], inputs[:, discard:], values[:, discard:], epoch[:, discard:])


def above_threshold(rates: np.ndarray, *, alpha: float) -> np.ndarray:
    """Whether the total input was above threshold, bool (..., time - 1, unit), from rates (...,
    time, unit).

    ``r_t - (1 - alpha) r_{t-1} = alpha f(x_t)`` has the sign of x_t, or is 0. In single precision
    that 0 is up to 1e-7 of the rate, of either sign, so more than that is asked for.
    """
    decayed = (1 - alpha) * rates[..., :-1, :]
    risen = rates[..., 1:, :] - decayed
    np.abs(decayed, out=decayed)
    decayed *= 1e-6
    return risen > decayed


def covariances(
    rates: np.ndarray,
    n_lags: int,
    *,
    network: Network,
    min_share: float = MIN_SHARE,
    floor: float = FLOOR,
) -> LagCovariances:
    """Lag covariances (lag, unit, unit) of a session (time, unit) in the units that are seen; the
    others are as silent ones.

    A rectified unit below threshold decays without noise: there its past says all about its future,
    whatever the network does. One that is hardly ever above threshold is nothing but such decays
    after a few events, too few for a covariance, and would take a place in every predictive
    subspace. So a unit is seen if it is above threshold in at least `min_share` of the steps. A
    unit whose rectifier leaks, that has noise of its own outside the rectifier, or that is of
    another architecture, passes on noise at all times and is seen.

    Raises
    ------
    Unmeasurable
        The rates are not finite, or no unit is seen that varies.
    """
    if not np.isfinite(rates).all():
        raise Unmeasurable("the rates of its session grow beyond all bounds")
    seen = np.ones(rates.shape[1], bool)
    if network.rectifies:
        seen = above_threshold(rates, alpha=network.alpha).mean(axis=0) >= min_share
    if not seen.any():
        raise Unmeasurable(
            f"no unit is above threshold in {min_share:.1%} of the steps of its session"
        )
    found = lag_covariances(rates[:, seen], n_lags, floor=floor)
    C, active = np.zeros((n_lags, len(seen), len(seen))), np.zeros(len(seen), bool)
    C[np.ix_(np.arange(n_lags), seen, seen)], active[seen] = found.C, found.active
    return LagCovariances(C, found.added, active)


def too_few(n_active: int, dimensions: tuple[int, ...]) -> str:
    """Why there is no subspace of the larger of these dimensions; '' if there are enough units for
    all.
    """
    return (
        f"{n_active} units are seen in its session, too few for {max(dimensions)} dimensions"
        if n_active < max(dimensions)
        else ""
    )
