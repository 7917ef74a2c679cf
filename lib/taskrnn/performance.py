"""How well networks do their task, on trials drawn for that alone (note, section 3; Figure 1)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from taskrnn import checks
from taskrnn.experiment import Experiment
from taskrnn.network import Weights, noise
from taskrnn.simulation import outputs, simulate
from taskrnn.streams import generator
from taskrnn.tasks.trials import Trials, answers


BIN_EDGES = np.linspace(-1, 1, 21)
BIN_CENTRES = (BIN_EDGES[1:] + BIN_EDGES[:-1]) / 2
SWITCH_WINDOW = (-500.0, 1500.0)  # ms before and after the switch


class Performance(NamedTuple):
    """What a batch of networks does in the same trials.

    trials : Trials, the same for all networks
    first : ndarray (trial, time, output), outputs of the first network
    around : ndarray (direction, network, time), outputs around the switch of the first input, up and down; see `around_switch`
    answers : ndarray (network, trial, epoch, output), mean output in the last half of each epoch

    Of rates that grow beyond all bounds `around` and `answers` are NaN.
    """

    trials: Trials
    first: np.ndarray
    around: np.ndarray
    answers: np.ndarray


def test(weights: Iterable[Weights], experiment: Experiment, *, seeds: list[int], n_trials: int = 200) -> Performance:
    """Run networks, batches of one, through one fixed set of trials; the noise in the units is each network's own.

    The trials are those of the experiment's seed and the purpose "test", which training never draws from.
    """
    network, n_trials = experiment.network, checks.whole("n_trials", n_trials)
    trials = experiment.task.sample(n_trials, dt=network.dt, rng=generator(experiment.seed, "test"))
    n_steps = trials.inputs.shape[1]
    first, around, answered = None, [], []
    for one, seed in zip(weights, seeds, strict=True):
        xi = noise(network, n_trials, n_steps, rng=generator(seed, "test", 1))
        with np.errstate(over="ignore", invalid="ignore"):  # of rates that grow beyond all bounds
            z = outputs(one, simulate(one, trials.inputs, network=network, xi=xi[None]))[0]
            first = z if first is None else first
            around.append(around_switch(trials, z, dt=network.dt))
            answered.append(answers(z, trials.edges))
    around, answered = np.stack(around, axis=1), np.stack(answered)
    return Performance(trials, first, *(np.where(np.isfinite(found), found, np.nan) for found in (around, answered)))


def example(test: Performance) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (time, input), target (time,), mask (time,) and network 0's output (time,) of one trial.

    It is the first trial in which the answer changes, so that it shows a switch.
    """
    trials = test.trials
    changes = np.abs(np.diff(trials.targets[..., 0], axis=1)).max(axis=1) > 0
    i = int(np.argmax(changes))
    return trials.inputs[i], trials.targets[i, :, 0], trials.mask[i], test.first[i, :, 0]


def level_errors(experiment: Experiment, test: Performance) -> np.ndarray:
    """abs(mean answer - target) of every network at the low and the high input, (network, 2) (claim P1)."""
    return np.array([experiment.task.errors_by_level(test.trials.values, a) for a in test.answers])


def around_switch(trials: Trials, outputs: np.ndarray, *, dt: float) -> np.ndarray:
    """Mean of outputs (trial, time, output) around the switch, over trials whose first input goes up and down, (2, time).

    See SWITCH_WINDOW.
    """
    values, edges = trials.values[..., 0], trials.edges
    steps = np.arange(round(SWITCH_WINDOW[0] / dt), round(SWITCH_WINDOW[1] / dt))
    # A switch is at least `margin` from the ends; the window is cut to the trial where it is not.
    times = (edges[:, 1:2] + steps).clip(0, edges[0, -1] - 1)
    aligned = np.take_along_axis(outputs[..., 0], times, axis=1)
    up = values[:, 1] > values[:, 0]
    return np.stack([aligned[up].mean(axis=0), aligned[~up].mean(axis=0)])


def switch_seconds(*, dt: float) -> np.ndarray:
    """Time axis of `around_switch` in seconds."""
    return np.arange(round(SWITCH_WINDOW[0] / dt), round(SWITCH_WINDOW[1] / dt)) * dt / 1000


class DecisionCurves(NamedTuple):
    """How the answers of decision networks depend on the relative difference of the inputs (claim P2).

    means : ndarray (network, bin), mean answer in each of the bins BIN_EDGES
    spread : ndarray (bin,), standard deviation over trials and the networks that answer in all of them
    spearman : ndarray (network,), correlation of a row of `means` with the bins' centres, NaN if the answers are all the same
    reversal : ndarray (network,), the largest rise of the mean answer from a bin to any bin after it, 0 if it never rises
    accuracy : ndarray (network,), share of right answers where the inputs differ clearly
    """

    means: np.ndarray
    spread: np.ndarray
    spearman: np.ndarray
    reversal: np.ndarray
    accuracy: np.ndarray


def decision_curves(experiment: Experiment, test: Performance) -> DecisionCurves:
    """Measure the answers of decision networks; all NaN for one whose rates grow beyond all bounds in a trial."""
    values, answered = test.trials.values, test.answers[..., 0]
    bins = np.digitize(relative_difference(values), BIN_EDGES[1:-1])
    known = np.isfinite(answered).all(axis=(1, 2))
    in_bin = [answered[:, bins == b] for b in range(len(BIN_CENTRES))]
    means = np.stack([a.mean(axis=1) for a in in_bin], axis=1)
    return DecisionCurves(
        means=means,
        spread=np.array([a[known].std() if known.any() else np.nan for a in in_bin]),
        spearman=np.array([spearmanr(BIN_CENTRES, row).statistic if np.ptp(row) > 0 else np.nan for row in means]),
        reversal=largest_rise(means),
        accuracy=np.array([1 - task_error(experiment, values, a) for a in test.answers]),
    )


def task_error(experiment: Experiment, values: np.ndarray, answers: np.ndarray) -> float:
    """The task's error of one network's answers (trial, epoch, output); NaN if one is not finite, because it answers nothing."""
    return experiment.task.error(values, answers) if np.isfinite(answers).all() else np.nan


def relative_difference(values: np.ndarray) -> np.ndarray:
    """(u1 - u2) / (u1 + u2) of inputs (..., 2) (reading A12)."""
    return (values[..., 0] - values[..., 1]) / values.sum(axis=-1)


def largest_rise(rows: np.ndarray) -> np.ndarray:
    """The largest rise from any entry of each row (..., position) to one after it; 0 for a row that never rises."""
    return (rows - np.minimum.accumulate(rows, axis=-1)).max(axis=-1)
