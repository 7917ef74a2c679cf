"""What one network does in the contexts of its tasks, and which units it uses there (M1, M2)."""

import numpy as np
import xarray as xr

from studies.counting.measures import at_input
from studies.several_tasks.experiments import of_one
from studies.training.measures import held_out_outputs, held_out_trials
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.by_context import ByContext
from taskrnn.tasks.trials import Trials, answers
from taskrnn.variables import variable

OF_BOTH = "task trial epoch output"


def trials_of(experiment: Experiment, k: int, *, n_trials: int) -> Trials:
    """The test trials of task k with the inputs of all tasks, its context among them."""
    trials = held_out_trials(of_one(experiment, k), n_trials=n_trials)
    return trials._replace(inputs=experiment.task.embedded(trials.inputs, k))


@needs(task=ByContext)
def answers_by_context(
    experiment: Experiment, network: xr.Dataset, *, when: str, n_trials: int = 200
) -> xr.Dataset:
    """What a network answers in the test trials of each task, in the context of that task.

    Parameters
    ----------
    network : Dataset of one network, which may have been trained on one of the tasks alone
    when : "before" or "after"
    n_trials : int, of each task

    Returns
    -------
    Dataset with answers (task, trial, epoch, output), the mean outputs in the last half of each
    epoch; all NaN for a task in which rates grow beyond all bounds
    """
    rows = []
    for k in range(len(experiment.task.tasks)):
        trials = trials_of(experiment, k, n_trials=n_trials)
        z = held_out_outputs(experiment, network, trials, when=when)
        with np.errstate(over="ignore", invalid="ignore"):
            given = answers(z, trials.edges)
        rows.append(np.where(np.isfinite(given).all(), given, np.nan))
    lost = np.isnan(rows).any()
    reason = f"{when} training its rates grow beyond all bounds in a trial" if lost else ""
    found = {"answers": variable(OF_BOTH, np.array(rows), "mean output in the last half")}
    return xr.Dataset(found, attrs={"reason": reason})


@needs(task=ByContext, network=RateNetwork)
def active_units(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: str,
    n_inputs: int = 30,
    n_starts: int = 10,
) -> xr.Dataset:
    """The units that are active at the fixed points of inputs of each task, in its context.

    Parameters
    ----------
    network : Dataset of one network
    when : "before" or "after"
    n_inputs : int
        Inputs drawn by each task, the same for all networks; those that are equal count once.
    n_starts : int, random starts of each search

    Returns
    -------
    Dataset with
        active (task, input, unit) : 1 where the unit is active at the point that most starts find,
            0 where it is not; NaN where no point is found, and beyond the inputs of a task
        found, index (task, input) : number of points and the sum of their indices; NaN beyond the
            inputs of a task
    """
    draws = generator(experiment.seed, "several_tasks.inputs")
    rng = generator(int(network.seed[0]), "several_tasks.points")
    task, w = experiment.task, weights(network, when)
    active = np.full((len(task.tasks), n_inputs, len(w.bias[0])), np.nan)
    counted = np.full((2, len(task.tasks), n_inputs), np.nan)
    for k, one in enumerate(task.tasks):
        levels = np.unique(one.draw(n_inputs, 1, rng=draws)[:, 0], axis=0)
        for i, u in enumerate(task.embedded(levels, k)):
            found = at_input(w, u, experiment, n_starts=n_starts, rng=rng)
            counted[:, k, i] = len(found.hits), found.index.sum()
            if len(found.hits):
                active[k, i] = found.rates[0] > 0
    without = int((counted[0] == 0).sum())
    return xr.Dataset(
        {
            "active": variable("task input unit", active, "active at the fixed point", "1"),
            "found": variable("task input", counted[0], "fixed points found", "1"),
            "index": variable("task input", counted[1], "sum of their indices", "1"),
        },
        attrs={"reason": f"no fixed point is found at {without} inputs" if without else ""},
    )


def jaccard(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Units that are active in both over units that are active in any, of each of the sets a (i,
    unit) with each of b (j, unit): (i, j); NaN where none is active in any, or is not known.
    """
    both = a @ b.T
    any_of = a.sum(axis=1)[:, None] + b.sum(axis=1) - both
    return np.divide(both, any_of, out=np.full(both.shape, np.nan), where=any_of > 0)


def sharing(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Mean overlap of the active units of two tasks, each (input, unit) with NaN for those that
    are not known: over pairs of their inputs, and over pairs of different inputs of one task,
    which is the mean of both tasks. NaN where one has none.
    """
    sets = [of[np.isfinite(of).all(axis=1)] for of in (first, second)]
    overlaps = [jaccard(of, of)[np.triu_indices(len(of), 1)] for of in sets]
    pairs = (jaccard(*sets), *overlaps)
    between, *within = (of.mean() if of.size else np.nan for of in pairs)
    return float(between), float(np.mean(within))


def overlaps(first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """`sharing` of the first task of one ensemble and the second task of another, which may be the
    same: between and within (network,), from `active_units` (network,).
    """
    ends = first.active.sel(task=0), second.active.sel(task=1)
    both = np.array([sharing(*sets) for sets in zip(*(of.values for of in ends), strict=True)])
    names = ("between", "within")
    return xr.Dataset({name: ("network", of) for name, of in zip(names, both.T, strict=True)})
