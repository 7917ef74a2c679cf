"""How well networks do their task, on trials that no network was trained on (Figure 1)."""

from types import SimpleNamespace

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from taskrnn import checks
from taskrnn.analysis.statistics import of_known
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.network import noise
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask, Trials, answers

BIN_EDGES = np.linspace(-1, 1, 21)
BIN_CENTRES = (BIN_EDGES[1:] + BIN_EDGES[:-1]) / 2
SWITCH_WINDOW = (-500.0, 1500.0)  # ms before and after the switch


def held_out_trials(experiment: Experiment, *, n_trials: int = 200) -> Trials:
    """The test trials, the same for all networks: of the experiment's seed and the purpose "test",
    which training never draws from.
    """
    n_trials, rng = checks.whole("n_trials", n_trials), generator(experiment.seed, "test")
    return experiment.task.sample(n_trials, dt=experiment.network.dt, rng=rng)


def held_out_outputs(
    experiment: Experiment, network: xr.Dataset, trials: Trials, *, when: str
) -> np.ndarray:
    """Outputs (trial, time, output) of one network in the test trials, with noise of its own.

    Rates that grow beyond all bounds give infinite numbers or NaN.
    """
    n_trials, n_steps = trials.mask.shape
    rng = generator(int(network.seed[0]), "test", 1)
    xi = noise(experiment.network, n_trials, n_steps, rng=rng)
    one = weights(network, when)
    with np.errstate(over="ignore", invalid="ignore"):
        rates = simulate(one, trials.inputs, network=experiment.network, xi=xi[None])
        return outputs(one, rates)[0]


@needs(task=ConstantInputTask)
def performance(
    experiment: Experiment, network: xr.Dataset, *, when: str, n_trials: int = 200
) -> xr.Dataset:
    """What a network answers in the test trials.

    Parameters
    ----------
    network : Dataset of one network
    when : "before" or "after"
    n_trials : int

    Returns
    -------
    Dataset with, NaN where rates grow beyond all bounds,
        answers (trial, epoch, output) : mean output in the last half of each epoch
        around (direction, since) : mean output around the switch of the first input, which goes up
            or down; since the switch in s
        example (time,) : output in the trial of `with_a_change`
    """
    dt = experiment.network.dt
    trials = held_out_trials(experiment, n_trials=n_trials)
    z = held_out_outputs(experiment, network, trials, when=when)
    with np.errstate(over="ignore", invalid="ignore"):
        variables = {
            "answers": (("trial", "epoch", "output"), answers(z, trials.edges)),
            "around": (("direction", "since"), around_switch(trials, z, dt=dt)),
            "example": ("time", z[with_a_change(trials), :, 0]),
        }
    coordinates = {
        "direction": ["up", "down"],
        "since": ("since", switch_seconds(dt=dt), {"units": "s"}),
    }
    found = xr.Dataset(variables, coords=coordinates)
    known = np.isfinite(found)
    bounded = all(known[name].all() for name in found)
    reason = "" if bounded else f"{when} training its rates grow beyond all bounds in a trial"
    return found.where(known).assign_attrs(reason=reason)


def with_a_change(trials: Trials) -> int:
    """The first trial in which the right answer changes, so that it shows a switch."""
    changes = np.abs(np.diff(trials.targets[..., 0], axis=1)).max(axis=1) > 0
    return int(np.argmax(changes))


def around_switch(trials: Trials, outputs: np.ndarray, *, dt: float) -> np.ndarray:
    """Mean of outputs (trial, time, output) around the switch, (2, time).

    Over trials whose first input goes up, and over those whose first input goes down; see
    `SWITCH_WINDOW`.
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


def examples(experiments: dict[str, Experiment], found: dict[str, xr.Dataset]) -> dict:
    """One test trial of each task for network 0 after training.

    Parameters
    ----------
    found : {task: `performance` (network, when, ...)}

    Returns
    -------
    {task: Dataset over time in s}
        input (time, input), target, counted and output (time,); counted is 1 where it counts
    """
    shown = {}
    for task, of_task in found.items():
        experiment = experiments[task]
        trials = held_out_trials(experiment, n_trials=of_task.sizes["trial"])
        i = with_a_change(trials)
        variables = {
            "input": (("time", "channel"), trials.inputs[i]),
            "target": ("time", trials.targets[i, :, 0]),
            "counted": ("time", trials.mask[i]),
            "output": ("time", of_task.example.isel(network=0).sel(when="after").values),
        }
        seconds = np.arange(len(trials.mask[i])) * experiment.network.dt / 1000
        shown[task] = xr.Dataset(variables, coords={"time": seconds})
    return shown


def level_errors(experiment: Experiment, found: xr.Dataset) -> xr.DataArray:
    """abs(mean answer - right answer) at the low and the high input, (network, when, level).

    NaN for a network without outputs (claim P1).
    """
    values = held_out_trials(experiment, n_trials=found.sizes["trial"]).values
    rows = found.answers.transpose("network", "when", ...).values
    errors = [[experiment.task.errors_by_level(values, a) for a in network] for network in rows]
    levels = [experiment.task.low, experiment.task.high]
    coordinates = {"when": found.when.values, "level": levels}
    return xr.DataArray(np.array(errors), dims=("network", "when", "level"), coords=coordinates)


def decision_curves(experiment: Experiment, found: xr.Dataset) -> xr.Dataset:
    """How the answers of decision networks depend on the relative difference of the inputs.

    All NaN for a network whose rates grow beyond all bounds in a trial (claim P2).

    Returns
    -------
    Dataset with
        mean (network, when, bin) : mean answer in each of the bins `BIN_EDGES`
        spread (when, bin) : standard deviation over trials and the networks that answer in all
        spearman (network, when) : correlation of a row of `mean` with the bins' centres, NaN if
            the answers are all the same
        reversal (network, when) : the largest rise of the mean answer from a bin to any bin after
            it, 0 if it never rises
        accuracy (network, when) : share of right answers where the inputs differ clearly
    """
    values = held_out_trials(experiment, n_trials=found.sizes["trial"]).values
    when = found.when.values.tolist()
    times = [_curves(experiment, values, found.answers.sel(when=one)) for one in when]
    curves = xr.concat(times, "when").assign_coords(when=when, bin=BIN_CENTRES)
    return curves.transpose("network", "when", ...)


def _curves(experiment: Experiment, values: np.ndarray, answered: xr.DataArray) -> xr.Dataset:
    a = np.ascontiguousarray(answered.transpose("network", "trial", "epoch", "output"))
    bins = np.digitize(relative_difference(values), BIN_EDGES[1:-1])
    known = np.isfinite(a[..., 0]).all(axis=(1, 2))
    in_bin = [a[:, bins == b, 0] for b in range(len(BIN_CENTRES))]
    means = np.stack([rows.mean(axis=1) for rows in in_bin], axis=1)
    spread = np.array([rows[known].std() if known.any() else np.nan for rows in in_bin])
    order = [spearmanr(BIN_CENTRES, m).statistic if np.ptp(m) > 0 else np.nan for m in means]
    accuracy = [1 - task_error(experiment, values, one) for one in a]
    return xr.Dataset(
        {
            "mean": (("network", "bin"), means),
            "spread": ("bin", spread),
            "spearman": ("network", order),
            "reversal": ("network", largest_rise(means)),
            "accuracy": ("network", accuracy),
        }
    )


def task_error(experiment: Experiment, values: np.ndarray, answers: np.ndarray) -> float:
    """The task's error of one network's answers (trial, epoch, output).

    NaN if one is not finite, because it answers nothing.
    """
    return experiment.task.answer_error(values, answers) if np.isfinite(answers).all() else np.nan


def relative_difference(values: np.ndarray) -> np.ndarray:
    """(u1 - u2) / (u1 + u2) of inputs (..., 2) (reading A12)."""
    return (values[..., 0] - values[..., 1]) / values.sum(axis=-1)


def largest_rise(rows: np.ndarray) -> np.ndarray:
    """The largest rise from any entry of each row (..., position) to one after it.

    0 for a row that never rises.
    """
    return (rows - np.minimum.accumulate(rows, axis=-1)).max(axis=-1)


def numbers(
    networks: dict[str, xr.Dataset], errors: xr.DataArray, curves: xr.Dataset
) -> SimpleNamespace:
    """Numbers of the text.

    loss : {task: (first, last)}, medians over networks
    error, accuracy : largest error and lowest accuracy of any network after training
    """
    return SimpleNamespace(
        loss={
            task: [of_known(np.median, of_task.loss.isel(update=i)) for i in (0, -1)]
            for task, of_task in networks.items()
        },
        error=of_known(np.max, errors.sel(when="after")),
        accuracy=of_known(np.min, curves.accuracy.sel(when="after")),
    )
