"""What a second training, and further trials, say of a network: updates until the distance is
learned (D4), and choices where the sum of the absolute coordinates misleads (D3).
"""

from contextlib import suppress

import numpy as np
import xarray as xr

from studies.training.measures import held_out_outputs, held_out_trials, task_error
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.random_numbers import generator
from taskrnn.tasks.distance import Distance
from taskrnn.tasks.farther import Farther
from taskrnn.tasks.trials import Trials, answers, spread
from taskrnn.training.train import train

CRITERION = 0.97  # R2 at which the distance is learned (D1, D4)
EVERY = 10  # updates from one question to the next, D4
N_TRIALS = 50  # test trials of a question


class Learned(Exception):
    """Ends a training that has met the criterion."""


@needs(task=Distance)
def updates_to_criterion(
    experiment: Experiment, network: xr.Dataset, *, every: int = EVERY, n_trials: int = N_TRIALS
) -> xr.Dataset:
    """After how many updates the R2 of the answers is `CRITERION` or more.

    The weights on the way are not kept, so the network is trained again until it gets there.

    Parameters
    ----------
    network : Dataset of one network
    every : int, updates from one question to the next
    n_trials : int, test trials of a question

    Returns
    -------
    Dataset with
        updates : those before the first question at which the criterion is met, or all that the
            network had
        reached : whether it is met
        r2 (question,) : NaN after the criterion is met, and where rates grow beyond all bounds
        apart : largest relative difference between the losses of the two trainings
    """
    trials = held_out_trials(experiment, n_trials=n_trials)
    kept = network.loss.values[0]
    loss, r2 = np.full(len(kept), np.nan), np.full((len(kept) - 1) // every, np.nan)

    def ask(update, loss_before, state):
        loss[update - 1] = loss_before
        if update % every:
            return
        now = network.assign(recurrent_after=network.recurrent_before.copy(data=state().recurrent))
        z = held_out_outputs(experiment, now, trials, when="after")
        with np.errstate(over="ignore", invalid="ignore"):
            error = task_error(experiment, trials.values, answers(z, trials.edges))
        r2[update // every - 1] = 1 - error
        if 1 - error >= CRITERION:
            raise Learned

    with suppress(Learned):
        train(
            experiment.task,
            experiment.network,
            experiment.training,
            seeds=network.seed.values.tolist(),
            progress=ask,
        )
    question = every * np.arange(1, len(r2) + 1)
    met = question[r2 >= CRITERION]
    known = np.isfinite(loss) & np.isfinite(kept)
    return xr.Dataset(
        {
            "updates": ((), met[0] if met.size else len(kept) - 1),
            "reached": ((), met.size > 0),
            "r2": ("question", r2),
            "apart": ((), (np.abs(loss - kept)[known] / kept[known]).max(initial=0.0)),
        },
        coords={"question": question},
    )


@needs(task=Farther)
def misled(experiment: Experiment, network: xr.Dataset, *, n_trials: int = 200) -> xr.Dataset:
    """How often a trained network follows the distances in `misleading_trials`.

    Returns
    -------
    Dataset with `share`, of the answers

    Raises
    ------
    Unmeasurable
        Rates that grow beyond all bounds in a trial.
    """
    trials = misleading_trials(experiment, n_trials=n_trials)
    z = held_out_outputs(experiment, network, trials, when="after")
    with np.errstate(over="ignore", invalid="ignore"):
        given = answers(z, trials.edges)
    if not np.isfinite(given).all():
        raise Unmeasurable("after training its rates grow beyond all bounds in a trial")
    return xr.Dataset({"share": ((), experiment.task.correct(trials.values, given).mean())})


def misleading_trials(experiment: Experiment, *, n_trials: int) -> Trials:
    """The test trials with other points: those of which the sums of the absolute coordinates have
    the other order than the distances, as they come among the task's own pairs.

    ValueError in one dimension, where there are none.
    """
    task, trials = experiment.task, held_out_trials(experiment, n_trials=n_trials)
    if task.dimensions == 1:
        raise ValueError("In one dimension the sum is the distance; ask for pairs in two or more.")
    rng, found, shape = generator(experiment.seed, "dimension.misleading"), [], trials.values.shape
    while sum(map(len, found)) < shape[0] * shape[1]:
        pairs = task.draw(*shape[:2], rng=rng).reshape(-1, task.n_inputs)
        sums = np.abs(task.points(pairs)).sum(axis=-1)
        contrary = np.diff(sums)[:, 0] * np.diff(task.distances(pairs))[:, 0] < 0
        found.append(pairs[contrary])
    values = np.concatenate(found)[: shape[0] * shape[1]].reshape(shape)
    inputs = trials.inputs + spread(values - trials.values, trials.edges)
    return trials._replace(
        inputs=inputs, targets=spread(task.target(values), trials.edges), values=values
    )
