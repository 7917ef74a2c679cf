"""What drives a session: one long run per network (reading A8).

Where the input of the task is constant over epochs, it switches at random times. Such a session has
no joins between trials, so that it is one stationary process; its start is discarded. An epoch of
constant input lasts at least the schedule's margin and otherwise an exponential time, with the mean
length of the epochs in training. Any other task gives trial after trial, without a rest between.

A session of epochs ends in the steady state in which it begins, one near the middle of the
activity: averaging lag covariances over the places in a window is wrong by the difference of the
products at the two ends, divided by the length. Where rates are large that is more than the
variance of the noise, which is all that keeps the covariance positive.

Apart from `taskrnn.activity.session`, so that drawing a session does not load TensorFlow.
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.experiments import Experiment
from taskrnn.networks.network import noise
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask, Task, spread

N_STEPS = 40_000  # steps of dt that are kept
DISCARD = 1000  # and steps before them that are not


class Drawn(NamedTuple):
    """Inputs and noise of one network's session.

    inputs : ndarray (time, input), what the network receives, noise included
    values : ndarray (time, input), the same without noise; with it if the task has no epochs
    epoch : ndarray of int (time,), number of the epoch, or of the trial, counted from 0
    xi : ndarray (time, trial = 1, unit or 1), standard normal numbers, see
        `taskrnn.networks.network.noise`
    """

    inputs: np.ndarray
    values: np.ndarray
    epoch: np.ndarray
    xi: np.ndarray


def draw(
    experiment: Experiment, seed: int, *, n_steps: int = N_STEPS, discard: int = DISCARD
) -> Drawn:
    """The session of the network with this seed, `discard` + `n_steps` steps: a function of the
    seed alone.

    It is the same before and after training, and for every activation.
    """
    n_steps, discard = checks.whole("n_steps", n_steps), checks.whole("discard", discard, least=0)
    task, dt, total = experiment.task, experiment.network.dt, discard + n_steps
    rng = generator(seed, "session")
    if isinstance(task, ConstantInputTask):
        values, epoch = switching_values(task, total, settle=discard, dt=dt, rng=rng)
        inputs = values + task.input_noise * rng.standard_normal(values.shape)
    else:
        inputs, epoch = trial_after_trial(task, total, dt=dt, rng=rng)
        values = inputs
    return Drawn(inputs, values, epoch, noise(experiment.network, 1, total, rng=rng))


def trial_after_trial(
    task: Task, n_steps: int, *, dt: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (time, input) of trials drawn one by one, and the number of the trial (time,)."""
    inputs: list[np.ndarray] = []
    while sum(map(len, inputs)) < n_steps:
        inputs.append(task.sample(1, dt=dt, rng=rng).inputs[0])
    epoch = np.repeat(np.arange(len(inputs)), [len(trial) for trial in inputs])
    return np.concatenate(inputs)[:n_steps], epoch[:n_steps]


def switching_values(
    task: ConstantInputTask, n_steps: int, *, settle: int, dt: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Input without noise (time, input) and the number of the epoch (time,), for n_steps steps.

    The first input, the one drawn nearest to the mean of all, lasts `settle` steps longer than the
    margin, and it comes back for the last `settle` steps: see above.
    """
    schedule = task.schedule
    n_epochs = int(n_steps * dt // schedule.margin) + 2
    lengths = schedule.margin + rng.exponential(schedule.duration / 2 - schedule.margin, n_epochs)
    lengths[0] = schedule.margin + settle * dt
    edges = np.minimum(
        np.rint(np.concatenate([[0], lengths.cumsum()]) / dt).astype(int), n_steps - settle
    )
    values = task.draw(1, n_epochs + 1, rng=rng)
    central = np.argmin(np.linalg.norm(values[0] - values[0].mean(axis=0), axis=1))
    values[0, [0, -1]] = values[0, central]
    edges = np.append(edges, n_steps)
    return spread(values, edges[None])[0], np.repeat(np.arange(n_epochs + 1), np.diff(edges))
