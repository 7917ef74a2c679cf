"""What the answers in the test trials are worth, beside those of a rule that knows no distances:
the best one that is affine in the absolute coordinates.
"""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from sklearn.linear_model import LinearRegression, LogisticRegression

from studies.dimension.experiments import ladder
from studies.dimension.measures import misleading_trials
from studies.training.measures import held_out_trials, task_error
from taskrnn.analysis.statistics import of_known
from taskrnn.checks import LARGEST
from taskrnn.experiments import Experiment
from taskrnn.tasks.distance import Distance
from taskrnn.tasks.farther import Farther

SMALLEST = 1e-6  # of a series, what single precision does not hold


def of_distances(
    experiments: Mapping[str, Experiment], found: Mapping[str, xr.Dataset]
) -> dict[int, xr.Dataset]:
    """Scores of the networks that report a distance, by number of dimensions.

    Parameters
    ----------
    found : {name: `studies.training.measures.performance` (network, when, ...)}

    Returns
    -------
    {d: Dataset}
        r2 (network, when) : of the answers
        partial (network, when) : `partial_correlation` of the answers with the distances, given the
            sums of the absolute coordinates; 0 in one dimension
        affine_r2 : of the best affine function of the absolute coordinates in the same trials
        answer (network, when, trial, epoch), distance (trial, epoch)
        All NaN for a network whose rates grow beyond all bounds.
    """
    return {
        d: _of_distances(experiments[name], found[name])
        for d, name in ladder(experiments, Distance).items()
    }


def _of_distances(experiment: Experiment, found: xr.Dataset) -> xr.Dataset:
    values = held_out_trials(experiment, n_trials=found.sizes["trial"]).values
    distances = experiment.task.target(values)
    sizes = np.abs(values).reshape(-1, values.shape[-1])
    affine = LinearRegression().fit(sizes, distances.ravel())

    def r2(answers):
        return 1 - task_error(experiment, values, answers)

    def partial(answers):
        return partial_correlation(answers.ravel(), distances.ravel(), given=sizes.sum(axis=1))

    return xr.Dataset(
        {
            "r2": _each(r2, found),
            "partial": _each(partial, found),
            "affine_r2": affine.score(sizes, distances.ravel()),
            "answer": found.answers.isel(output=0),
            "distance": (("trial", "epoch"), distances[..., 0]),
        }
    )


def of_comparisons(
    experiments: Mapping[str, Experiment],
    found: Mapping[str, xr.Dataset],
    misled: Mapping[str, xr.Dataset],
) -> dict[int, xr.Dataset]:
    """Scores of the networks that compare two distances, by number of dimensions.

    Parameters
    ----------
    found : {name: `studies.training.measures.performance` (network, when, ...)}
    misled : {name: `studies.dimension.measures.misled` (network,)}, from two dimensions on

    Returns
    -------
    {d: Dataset}
        accuracy (network, when) : where the distances differ clearly; NaN for a network whose rates
            grow beyond all bounds
        affine_accuracy : of the best affine classifier of the absolute coordinates in the same
            trials
        share (network,) : of the answers that follow the distances where the sums of the absolute
            coordinates have the other order, from two dimensions on
        affine_share : of that classifier there
    """
    return {
        d: _of_comparisons(experiments[name], found[name], misled.get(name))
        for d, name in ladder(experiments, Farther).items()
    }


def _of_comparisons(
    experiment: Experiment, found: xr.Dataset, misled: xr.Dataset | None
) -> xr.Dataset:
    task, n_trials = experiment.task, found.sizes["trial"]
    values = held_out_trials(experiment, n_trials=n_trials).values
    affine = affine_rule(task, values)

    def accuracy(answers):
        return 1 - task_error(experiment, values, answers)

    scores = xr.Dataset(
        {"accuracy": _each(accuracy, found), "affine_accuracy": accuracy(affine(values))},
        coords={"when": found.when},
    )
    if misled is None:
        return scores
    misleading = misleading_trials(experiment, n_trials=n_trials).values
    share = task.correct(misleading, affine(misleading)).mean()
    return scores.assign(share=misled.share, affine_share=share)


def affine_rule(task: Farther, values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The affine classifier of the absolute coordinates that logistic regression finds in these
    pairs (..., input): a function that answers to pairs, (..., 1).
    """

    def sizes(pairs):
        return np.abs(pairs).reshape(-1, task.n_inputs)

    rule = LogisticRegression(max_iter=1000)
    rule.fit(sizes(values), task.target(values).ravel() == task.first_farther)

    def answers(pairs):
        first = rule.predict(sizes(pairs)).reshape(*pairs.shape[:-1], 1)
        return np.where(first, task.first_farther, task.second_farther)

    return answers


def largest_difference(learned: Mapping[int, xr.Dataset]) -> float:
    """Between the losses of the two trainings of any network on any rung, of the loss; from
    `studies.dimension.measures.updates_to_criterion`.
    """
    return max(of_known(np.max, of.apart) for of in learned.values())


def partial_correlation(a: np.ndarray, b: np.ndarray, *, given: np.ndarray) -> float:
    """Correlation of what a regression on a third leaves of two series (trial,).

    0 where it leaves nothing, to single precision; NaN where one is not finite.
    """
    series = np.stack([a, b, given]).astype(float)
    if not np.isfinite(series).all():
        return np.nan
    design = np.stack([np.ones_like(series[2]), series[2]], axis=1)
    left = [x - design @ np.linalg.lstsq(design, x, rcond=None)[0] for x in series[:2]]
    size = [np.linalg.norm(x) for x in left]
    if any(s <= SMALLEST * np.linalg.norm(x) for s, x in zip(size, series, strict=False)):
        return 0.0
    return float(left[0] @ left[1] / (size[0] * size[1]))


def _each(score: Callable[[np.ndarray], float], found: xr.Dataset) -> tuple[tuple, np.ndarray]:
    """A score of the answers of every network (network, when); NaN where it is too large."""
    answers = found.answers.transpose("network", "when", "trial", "epoch", "output").values
    scores = np.array([[score(at) for at in network] for network in answers])
    return ("network", "when"), np.where(np.abs(scores) <= LARGEST, scores, np.nan)
