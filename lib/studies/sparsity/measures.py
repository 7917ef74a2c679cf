"""How sparse the weights are, and what other masks of the same density are worth (K1, K2).

Three masks have the same number of weights. `found` has those that training with a soft threshold
left; `random` any; `largest` those that were largest before training, which is what a threshold
keeps that does not learn. A network is trained anew on each, without any penalty, from its own
initial weights and with the trials and the noise it had.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.training.measures import performance
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN, variable

LAST = 20  # updates whose mean loss is the final one
SMALL = 0.01  # standard deviations of the untrained weights: nearly zero
MASKS = ("found", "random", "largest")


@needs(network=RateNetwork)
def sparseness(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """How many off-diagonal weights of one network training left at zero.

    Parameters
    ----------
    network : Dataset of one network

    Returns
    -------
    Dataset with, shares of the off-diagonal weights after training,
        zeros : exactly zero
        small : zero, or below `SMALL` standard deviations of the untrained weights
        thresholded : zero if all of the budget of the soft threshold is taken from the untrained
            weights
        budget : that budget in those standard deviations
        units : units with a recurrent weight, in or out
        loss : `final_loss`
    """
    before, after = (np.abs(off_diagonal(weights(network, when).recurrent[0])) for when in WHEN)
    training, sd = experiment.training, experiment.network.recurrent_sd
    budget = training.learning_rate * training.shrink * training.updates
    kept = weights(network, "after").recurrent[0] != 0
    loss = final_loss(network.loss.values)[0]
    return xr.Dataset(
        {
            "zeros": variable("", np.mean(after == 0), "share of weights that are zero", "1"),
            "small": variable("", np.mean(after < SMALL * sd), "share of nearly zero weights", "1"),
            "thresholded": variable("", np.mean(before <= budget), "the same untrained", "1"),
            "budget": variable("", budget / sd, "budget of the threshold", "sd"),
            "units": variable("", units(kept), "units with a recurrent weight", "1"),
            "loss": variable("", loss, f"mean loss of the last {LAST} updates", "1"),
        },
        attrs={"reason": "" if np.isfinite(loss) else "its final loss is not finite"},
    )


@needs(task=ConstantInputTask, network=RateNetwork)
def masked(experiment: Experiment, network: xr.Dataset, *, n_trials: int = 200) -> xr.Dataset:
    """One network trained anew from its initial weights on each of the masks, without a penalty.

    Parameters
    ----------
    network : Dataset of one network
    n_trials : int
        Test trials, as of `studies.training.measures.performance`.

    Returns
    -------
    Dataset with, along `mask`,
        loss : `final_loss`, NaN if it is not finite
        units : units with a recurrent weight, in or out
        overlap : share of the weights of the found mask that this one has too
        answers (trial, epoch, output) : of `studies.training.measures.performance`
    """
    # here, because TensorFlow is slow to load and only workers need it
    from taskrnn.training.train import train

    seed, start = int(network.seed[0]), weights(network, "before")
    found = weights(network, "after").recurrent[0] != 0
    rng = generator(seed, "sparsity.random mask")
    kept = masks_like(found, start.recurrent[0], rng=rng)
    start = Weights(*(np.repeat(w, len(kept), axis=0) for w in start))
    trained = train(
        experiment.task,
        experiment.network,
        replace(experiment.training, shrink=0.0, penalties=()),
        seeds=[seed] * len(kept),
        start=start._replace(recurrent=start.recurrent * kept),
        trained=kept,
    )
    axes = network.recurrent_after.dims
    tested = [
        performance(
            experiment,
            network.assign(recurrent_after=(axes, recurrent[None])),
            when="after",
            n_trials=n_trials,
        )
        for recurrent in trained.recurrent
    ]
    reasons = [
        f"on the {mask} mask {of.reason}"
        for mask, of in zip(MASKS, tested, strict=True)
        if of.reason
    ]
    shared = (kept & found).sum(axis=(1, 2)) / found.sum() if found.any() else np.full(3, np.nan)
    loss = final_loss(trained.loss)
    return xr.Dataset(
        {
            "loss": variable("mask", loss, f"mean loss of the last {LAST} updates", "1"),
            "units": variable("mask", [*map(units, kept)], "units with a recurrent weight", "1"),
            "overlap": variable("mask", shared, "share of the found weights that are in it", "1"),
            "answers": xr.concat([of.answers for of in tested], "mask"),
        },
        coords={"mask": list(MASKS)},
        attrs={"reason": "; ".join(reasons)},
    )


def masks_like(found: np.ndarray, before: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """The found mask (unit, unit), one of as many weights at random and one of the largest weights
    `before`, bool (mask, unit, unit); none has a diagonal.
    """
    off, n = ~np.eye(len(found), dtype=bool), int(found.sum())
    kept = np.zeros((len(MASKS), *found.shape), dtype=bool)
    kept[0] = found
    places = np.flatnonzero(off)
    kept[1].flat[rng.choice(places, n, replace=False)] = True
    order = np.argsort(-np.abs(before).ravel()[places], kind="stable")
    kept[2].flat[places[order[:n]]] = True
    return kept


def final_loss(curves: np.ndarray) -> np.ndarray:
    """Mean over the last updates of losses (network, update), (network,); NaN if it is not
    finite.
    """
    mean = curves[:, -LAST:].mean(axis=1)
    return np.where(np.isfinite(mean), mean, np.nan)


def off_diagonal(matrix: np.ndarray) -> np.ndarray:
    """The entries of a square matrix that are not on its diagonal, (entry,)."""
    return matrix[~np.eye(len(matrix), dtype=bool)]


def units(kept: np.ndarray) -> int:
    """Units of a mask (unit, unit) that have a weight, in or out."""
    return int((kept.any(axis=0) | kept.any(axis=1)).sum())
