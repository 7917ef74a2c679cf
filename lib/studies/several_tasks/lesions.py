"""What silencing the units of one task does to the other (M4)."""

import numpy as np
import xarray as xr

from studies.several_tasks.measures import trials_of
from studies.subtle_changes.measures import masked_loss
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.by_context import ByContext
from taskrnn.tasks.trials import Trials
from taskrnn.variables import variable

SHARE = 0.1  # of the units that are silenced
NEAREST = 5  # in mean rate, of which one is drawn at random


@needs(task=ByContext, network=RateNetwork)
def lesions(
    experiment: Experiment, network: xr.Dataset, *, n_trials: int = 50, n_draws: int = 10
) -> xr.Dataset:
    """The loss of each task after silencing the units of each, in one trained network.

    The units of a task are those with the largest variance in its test trials, in the steps that
    count. They are compared with random other units, of nearly the same mean rate over the trials
    of both tasks.

    Parameters
    ----------
    network : Dataset of one network
    n_trials : int, of each task
    n_draws : int, of random units

    Returns
    -------
    Dataset with
        ratio (task, of) : ln of the loss of `task` without the units of the task `of`, over the
            geometric mean of its losses without random ones; NaN where one of them is no number
        whole (task,) : the loss with all units
        rate, random_rate (of,) : mean rate of the units of a task, and of the random ones
        silenced (of, unit) : whether it is one of the units of the task
    """
    rng = generator(int(network.seed[0]), "several_tasks.lesions")
    w, tasks = weights(network, "after"), range(len(experiment.task.tasks))
    drawn = [trials_of(experiment, k, n_trials=n_trials) for k in tasks]
    xi = [noise(experiment.network, n_trials, of.mask.shape[1], rng=rng)[None] for of in drawn]
    rates = [
        simulate(w, of.inputs, network=experiment.network, xi=kicks)[0][of.mask > 0].astype(float)
        for of, kicks in zip(drawn, xi, strict=True)
    ]
    if not all(np.isfinite(of).all() for of in rates):
        raise Unmeasurable("its rates grow beyond all bounds in a trial")
    n = round(SHARE * len(w.bias[0]))
    variance = np.array([of.var(axis=0) for of in rates])
    mean = np.mean([of.mean(axis=0) for of in rates], axis=0)
    chosen = np.argsort(-variance, axis=1, kind="stable")[:, :n]
    random = [[matched(mean, units, rng=rng) for _ in range(n_draws)] for units in chosen]

    def ln_loss(k: int, units) -> float:
        found = loss(without(w, units), drawn[k], network=experiment.network, xi=xi[k])
        return np.log(found) if 0 < found < np.inf else np.nan

    ratio = [
        [ln_loss(k, chosen[j]) - np.mean([ln_loss(k, units) for units in random[j]]) for j in tasks]
        for k in tasks
    ]
    silenced = np.zeros(variance.shape, bool)
    np.put_along_axis(silenced, chosen, True, axis=1)
    rates_of = [[mean[units].mean() for units in which] for which in (chosen, random)]
    found = {
        "ratio": variable("task of", ratio, "ln ratio of losses", "1"),
        "whole": variable("task", [np.exp(ln_loss(k, [])) for k in tasks], "loss with all units"),
        "rate": variable("of", rates_of[0], "mean rate of the units of a task", "1"),
        "random_rate": variable("of", rates_of[1], "mean rate of the random units", "1"),
        "silenced": variable("of unit", silenced, "one of the units of the task"),
    }
    reason = "without some units a loss is no number" if np.isnan(ratio).any() else ""
    return xr.Dataset(found, attrs={"reason": reason})


def matched(rate: np.ndarray, chosen: np.ndarray, *, rng: np.random.Generator) -> list[int]:
    """As many other units, each drawn from the `NEAREST` in mean rate (unit,) of those that are
    left, in the random order of the chosen ones.
    """
    left = np.setdiff1d(np.arange(len(rate)), chosen)
    drawn = []
    for unit in rng.permutation(chosen):
        near = np.argsort(np.abs(rate[left] - rate[unit]), kind="stable")[:NEAREST]
        place = rng.choice(near)
        drawn.append(int(left[place]))
        left = np.delete(left, place)
    return drawn


def without(w: Weights, units) -> Weights:
    """The weights with nothing that comes from these units."""
    recurrent, readout = w.recurrent.copy(), w.readout.copy()
    recurrent[:, :, units] = readout[:, :, units] = 0.0
    return w._replace(recurrent=recurrent, readout=readout)


def loss(w: Weights, trials: Trials, *, network: RateNetwork, xi: np.ndarray) -> float:
    """The loss of training of one network in these trials; infinite or NaN if rates overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = outputs(w, simulate(w, trials.inputs, network=network, xi=xi))[0].astype(float)
        return masked_loss(z, trials)
