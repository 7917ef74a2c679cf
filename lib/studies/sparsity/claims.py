"""Claims K1 to K4: sparse weights, and sparse activity (section 6)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from studies.rules import in_most_networks
from studies.sparsity.experiments import STRENGTHS, of_kind
from studies.training import claims as training
from studies.training.measures import decision_curves, level_errors
from taskrnn.analysis.statistics import against, finite
from taskrnn.analysis.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, Verdict, verdict
from taskrnn.experiments import Experiment
from taskrnn.tasks.perception import Perception

ZEROS = 0.9  # share of the weights, K1
ENOUGH = 0.9  # of the networks must do both tasks, K3
SHARE = "share of zeros (untrained weights less the budget)"
RATIO = "ln of the loss on the found mask over that on the {} one"
OTHERS = {"random": "random", "largest": "initially largest"}  # masks of K2

Results = Mapping[str, Result]  # {claim: Result}


def performed(
    experiments: Mapping[str, Experiment], found: Mapping[str, xr.Dataset], *, axis: str = "when"
) -> dict[str, xr.Dataset]:
    """How well every network does its task, by experiment.

    Parameters
    ----------
    found : {experiment: Dataset with answers (network, axis, trial, epoch, output)}
        `studies.training.measures.performance`, or `studies.sparsity.measures.masked` with the axis
        "mask".

    Returns
    -------
    {experiment: Dataset (network, axis)}
        error : of the task, NaN for a network without outputs
        holds : where the criterion of P1 or, in decision, of P2 holds
    """
    return {
        name: _performed(experiments[name], of[["answers"]].rename({axis: "when"})).rename(
            when=axis
        )
        for name, of in found.items()
    }


def _performed(experiment: Experiment, found: xr.Dataset) -> xr.Dataset:
    if isinstance(experiment.task, Perception):
        error = level_errors(experiment, found).max("level", skipna=False)
        return xr.Dataset({"error": error, "holds": error <= training.TOLERANCE})
    curves = decision_curves(experiment, found)
    parts = training.parts(curves)
    holds = (curves.accuracy.dims, parts["accuracy"] & parts["reversal"])
    return xr.Dataset({"error": 1 - curves.accuracy, "holds": holds})


def k1(
    sparse: Mapping[str, xr.Dataset], own: Mapping[str, xr.Dataset], masks: Mapping[str, xr.Dataset]
) -> Result:
    """Judge K1: most networks do their task with few weights, and more than on random masks.

    Parameters
    ----------
    sparse : {task: `studies.sparsity.measures.sparseness`} of the strength that is judged
    own, masks : {task: `performed`} of the same, and on its masks
    """
    return by_task("K1", _with_few, sparse, own, masks, null_name="null as named")


def _with_few(
    sparse: xr.Dataset, own: xr.Dataset, masks: xr.Dataset
) -> tuple[list[Statistic], Verdict]:
    after, random = own.sel(when="after"), masks.sel(mask="random")
    zeros, error = sparse.zeros.values, after.error.values
    few = zeros >= ZEROS
    holds, by_chance = (few & of.holds.values.astype(bool) for of in (after, random))
    rows = [
        statistic(SHARE, zeros, holds=few, null=sparse.thresholded.values),
        statistic("the task's error (random mask)", error, holds=holds, null=random.error.values),
        statistic("the same on the random mask", random.error.values, holds=by_chance),
    ]
    missing = np.isnan(zeros) | np.isnan(error)
    return rows, in_most_networks(holds, missing=missing, before=by_chance)


def k2(masks: Mapping[str, xr.Dataset]) -> Result:
    """Judge K2: on the found mask the final loss is lower than on each of the others, both tasks.

    Parameters
    ----------
    masks : {task: `studies.sparsity.measures.masked`} of the strength that is judged
    """
    rows, parts = [], {}
    for task, of in masks.items():
        for mask, label in OTHERS.items():
            ratio = ln_ratio(of.loss, mask)
            name = f"{task}: {RATIO.format(label)}"
            rows.append(statistic(name, ratio, holds=ratio < 0))
            parts[f"{task}, {label}"] = verdict(against(ratio), claimed="below")
    return Result(claim="K2", statistics=tuple(rows), null_name="no null", parts=parts)


def ln_ratio(loss: xr.DataArray, mask: str) -> np.ndarray:
    """ln of the loss on the found mask over that on another (network,), from (network, mask)."""
    ln = np.log(loss.where(loss > 0))
    return finite(ln.sel(mask="found") - ln.sel(mask=mask))


def sparsest(own: Mapping[str, xr.Dataset]) -> str | None:
    """The strongest threshold at which at least nine of ten networks do their task, in both tasks;
    None if there is none.

    Parameters
    ----------
    own : {experiment: `performed`}
    """
    for kind in sorted(STRENGTHS, key=STRENGTHS.__getitem__, reverse=True):
        done = [of.holds.sel(when="after").mean() for of in of_kind(own, kind).values()]
        if min(done) >= ENOUGH:
            return kind
    return None


def k3(dense: Results, sparse: Results, *, kind: str | None) -> Result:
    """Judge K3: six claims have the same word with sparse weights as with dense ones.

    Parameters
    ----------
    dense, sparse : {claim: Result}, `studies.sparsity.first_half.results`
    kind : `sparsest`; where it is None, the networks do not do the task, and nobody knows
    """
    result = _same_words("K3", dense, sparse)
    if kind is None:
        result = replace(result, parts=dict.fromkeys(result.parts, Verdict(UNDECIDED)))
    return result


def k4(dense: Results, rate: Results) -> Result:
    """Judge K4: the same with sparse activity."""
    return _same_words("K4", dense, rate)


def _same_words(claim: str, dense: Results, other: Results) -> Result:
    rows, parts = [], {}
    for name, result in other.items():
        row, beside = result.statistics[0], dense[name].statistics[0]
        rows.append(replace(row, name=f"{name}, {row.name}", null=beside.values))
        same = result.verdict == dense[name].verdict
        parts[name] = Verdict(SUPPORTED if same else CONTRADICTED)
    return Result(claim=claim, statistics=tuple(rows), null_name="dense weights", parts=parts)
