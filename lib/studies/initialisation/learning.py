"""Updates until a task is learned, of one network from several starts side by side.

All starts see the same trials and the same noise, those of the network's seed, so that they differ
in their weights alone.
"""

from contextlib import suppress
from dataclasses import replace

import numpy as np

from studies.training.measures import held_out_trials
from taskrnn.experiments import Experiment
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import Trials
from taskrnn.training.batches import batch
from taskrnn.training.train import State, train

EVERY = 10  # updates from one question to the next
N_TRIALS = 50  # test trials of a question


class Fewer(Exception):
    """Ends a training in which at most half of the starts are still on their way."""


def updates_needed(
    experiment: Experiment, starts: Weights, *, seed: int, criterion: float, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """After how many updates the error in the test trials is at most `criterion`.

    A start that has learned, or whose loss is not finite, is trained no further; it is taken out
    when half of those it is trained beside are done.

    Parameters
    ----------
    starts : Weights, with an axis of starts in the place of the networks
    seed : int, of the network, for its trials and its noise
    most : int, updates at most

    Returns
    -------
    updates : ndarray of int (start,), `most` where it does not get there
    reached : bool ndarray (start,), whether it does
    """
    training = replace(experiment.training, updates=most)
    test = held_out_trials(experiment, n_trials=N_TRIALS)
    reached = errors(experiment, starts, test, seed=seed) <= criterion
    updates, lost = np.where(reached, 0, most), np.zeros(len(reached), bool)
    running, state = np.flatnonzero(~reached), None

    def ask(update, loss, stand):
        nonlocal running, state
        if update % EVERY:
            return
        state = stand()
        now = some(starts, running)._replace(recurrent=state.recurrent)
        met = errors(experiment, now, test, seed=seed) <= criterion
        new = running[met & ~reached[running]]
        updates[new], reached[new] = update, True
        lost[running] |= ~np.isfinite(state.loss[:, :update]).all(axis=1)
        left = ~(reached | lost)[running]
        if left.sum() <= len(running) / 2:
            running, state = running[left], State(update, *(of[left] for of in state[1:]))
            raise Fewer

    while running.size and (state.update if state else 0) < most:
        with suppress(Fewer):
            train(
                experiment.task,
                experiment.network,
                training,
                seeds=[seed] * len(running),
                start=some(starts, running),
                state=state,
                progress=ask,
            )
            break
    return updates, reached


def some(weights: Weights, places: np.ndarray) -> Weights:
    """Those at some places of the first axis."""
    return Weights(*(of[places] for of in weights))


def errors(experiment: Experiment, weights: Weights, trials: Trials, *, seed: int) -> np.ndarray:
    """Error in the task of every start (start,), with the same noise; infinite where rates grow
    beyond all bounds.
    """
    rng = generator(seed, "test", 1)
    xi = noise(experiment.network, *trials.mask.shape, rng=rng)
    z = run(experiment, weights, trials.inputs, xi)
    known = np.isfinite(z).all(axis=(1, 2, 3))
    return np.array(
        [experiment.task.error(trials, of) if k else np.inf for of, k in zip(z, known, strict=True)]
    )


def first_losses(experiment: Experiment, weights: Weights, *, seed: int) -> np.ndarray:
    """Loss of every start (start,) in the trials of the first update; infinite where rates grow
    beyond all bounds.
    """
    n_trials = experiment.training.trials_per_update
    [trials], _, xi = batch(
        experiment.task,
        experiment.network,
        seeds=[seed],
        purpose="training",
        place=0,
        n_trials=n_trials,
    )
    z = run(experiment, weights, trials.inputs, xi[:, 0])
    with np.errstate(over="ignore", invalid="ignore"):
        squared = ((z - trials.targets) ** 2).mean(axis=3, dtype=float)
        loss = (squared * trials.mask).sum(axis=(1, 2)) / trials.mask.sum()
    return np.where(np.isfinite(loss), loss, np.inf)


def run(experiment: Experiment, weights: Weights, inputs: np.ndarray, xi: np.ndarray) -> np.ndarray:
    """Outputs (start, trial, time, output) in the same trials (trial, time, input) with the same
    noise (time, trial, unit).
    """
    same = np.broadcast_to(xi, (len(weights.recurrent), *xi.shape))
    with np.errstate(over="ignore", invalid="ignore"):
        return outputs(weights, simulate(weights, inputs, network=experiment.network, xi=same))
