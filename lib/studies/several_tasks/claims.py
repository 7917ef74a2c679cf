"""Claims M1 to M4, J1 and J2: several tasks in one network, and inputs that change its Jacobian
(section 6).
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from studies.ledger import Result, statistic
from studies.rules import in_most_networks
from studies.several_tasks.experiments import NOTE, of_one
from studies.sparsity.claims import performed
from taskrnn.analysis.statistics import against
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, Verdict, conjunction, verdict
from taskrnn.experiments import Experiment

TWICE = np.log(2)  # by this the other task's loss may rise, M4
HALF = 0.5  # of the stable points, M3: of two, one always goes on
LINEAR, OWN = 0.5, 0.95  # R2 of J2: the linear model's at most, the network's at least
# rows of the results
OTHER = {"perception": "decision", "decision": "perception"}
ERROR = "{}: the task's error ({})"
OVERLAP = "overlap between tasks less that within ({})"
SHARE = "context {}: share of the stable points that go on ({})"
SILENCED = "{}: ln ratio of the loss without the other task's units ({})"
CHANGE = "{}: relative change of the Jacobian ({})"
R2 = {"r2": "d = {}: R2 of the network", "linear_r2": "d = {}: R2 of the linear model"}

Tasks = Mapping[str, xr.Dataset]  # by name of the task


def by_task(experiment: Experiment, found: xr.Dataset) -> dict[str, xr.Dataset]:
    """How well networks do each task of the note, `studies.sparsity.claims.performed`.

    Parameters
    ----------
    found : `studies.several_tasks.measures.answers_by_context` (network, when, ...)
    """
    ones = {task: of_one(experiment, k) for k, task in enumerate(NOTE)}
    return performed(ones, {task: found.isel(task=k) for k, task in enumerate(NOTE)})


def m1(both: Tasks, one: Mapping[str, Tasks]) -> Result:
    """Judge M1: most networks do both tasks, and more than before training and than of those that
    were trained on the other task.

    Parameters
    ----------
    both : {task: `by_task`} of the networks trained on both
    one : {trained task: {task: `by_task`}} of those trained on one
    """
    rows, parts = [], {}
    for task, of in both.items():
        after, before = (of.sel(when=when) for when in ("after", "before"))
        other = one[OTHER[task]][task].sel(when="after")
        holds, missing = after.holds.values.astype(bool), np.isnan(after.error.values)
        words = []
        for null, name in ((before, "untrained"), (other, "trained on the other")):
            label = ERROR.format(task, name)
            rows.append(statistic(label, after.error, holds=holds, null=null.error))
            by_chance = null.holds.values.astype(bool)
            words.append(in_most_networks(holds, missing=missing, before=by_chance))
        parts[task] = conjunction(words)
    return Result(claim="M1", statistics=tuple(rows), null_name="null as named", parts=parts)


def m2(overlaps: Mapping[str, xr.Dataset]) -> Result:
    """Judge M2: two tasks share more units than in the same networks before training, and than in
    pairs of networks with one task each.

    Parameters
    ----------
    overlaps : {"trained", "untrained", "pairs": `studies.several_tasks.measures.overlaps`}
    """
    shared = {name: (of.between - of.within).values for name, of in overlaps.items()}
    trained, pairs = shared["trained"], shared["pairs"]
    rows = [
        statistic(OVERLAP.format(name), trained, holds=trained > null, null=null)
        for name, null in shared.items()
        if name != "trained"
    ]
    word = verdict(against(trained, shared["untrained"]), claimed="above", chance=pairs)
    parts = {"both tasks": word}
    return Result(claim="M2", statistics=tuple(rows), null_name="null as named", parts=parts)


def m3(found: Mapping[str, xr.Dataset]) -> Result:
    """Judge M3: more than half of the stable points of one memory go on into different ones of the
    other, and more than along random inputs, at every strength of the context.

    Parameters
    ----------
    found : {strength: `studies.several_tasks.memories.continuation`}
    """
    rows, parts = [], {}
    for strength, of in found.items():
        share, random = of.share.values, of.random.values
        for name, null in (("one half", np.full(len(share), HALF)), ("random input", random)):
            label = SHARE.format(strength, name)
            rows.append(statistic(label, share, holds=share > null, null=null))
        parts[f"context {strength}"] = goes_on(share, random)
    return Result(claim="M3", statistics=tuple(rows), null_name="null as named", parts=parts)


def goes_on(share: np.ndarray, random: np.ndarray) -> Verdict:
    """Verdict on shares (network,) above one half. What random inputs have too is chance, on either
    side of it.
    """
    word = verdict(against(share, HALF), claimed="above", chance=random)
    if word != CONTRADICTED:
        return word
    beyond = verdict(against(share, random), claimed="below")
    return (
        Verdict(CONTRADICTED, max(word.p, beyond.p))
        if beyond == SUPPORTED
        else Verdict(CHANCE, word.p)
    )


def m4(found: xr.Dataset) -> Result:
    """Judge M4: without the units of one task, the loss of the other less than doubles, and rises
    less than that of the task itself.

    Parameters
    ----------
    found : `studies.several_tasks.lesions.lesions`
    """
    rows, parts = [], {}
    for k, task in enumerate(NOTE):
        j = NOTE.index(OTHER[task])
        other, own = (found.ratio.isel({"task": i, "of": j}).values for i in (k, j))
        limit = np.full(len(other), TWICE)
        for name, null in (("ln 2", limit), (f"loss of {OTHER[task]}", own)):
            label = SILENCED.format(task, name)
            rows.append(statistic(label, other, holds=other < null, null=null))
        parts[task] = verdict(against(other, TWICE), claimed="below", chance=own)
    return Result(claim="M4", statistics=tuple(rows), null_name="null as named", parts=parts)


def j1(found: Tasks) -> Result:
    """Judge J1: inputs change the Jacobian more than before training, and more than after a random
    change, in each task.

    Parameters
    ----------
    found : {task: `studies.several_tasks.jacobians.modulation`}
    """
    rows, parts = [], {}
    for task, of in found.items():
        before, after, random = (of.change.sel(case=case).values for case in of.case.values)
        for name, null in (("untrained", before), ("random change", random)):
            label = CHANGE.format(task, name)
            rows.append(statistic(label, after, holds=after > null, null=null))
        parts[task] = verdict(against(after, before), claimed="above", chance=random)
    return Result(claim="J1", statistics=tuple(rows), null_name="null as named", parts=parts)


def j2(ladder: Mapping[int, xr.Dataset]) -> Result:
    """Judge J2: the network gives the distance, and its linear model at the point of input 0 does
    not, in most networks and in more than before training.

    Parameters
    ----------
    ladder : {d: `studies.several_tasks.jacobians.modulation`}
    """
    rows, parts = [], {}
    for d, of in ladder.items():
        right = {"r2": of.r2 >= OWN, "linear_r2": of.linear_r2 <= LINEAR}
        for name, label in R2.items():
            after, before = (of[name].sel(case=case).values for case in ("after", "before"))
            holds = right[name].sel(case="after").values
            rows.append(statistic(label.format(d), after, holds=holds, null=before))
        holds = right["r2"] & right["linear_r2"]
        missing = (of.r2.isnull() | of.linear_r2.isnull()).sel(case="after").values
        parts[f"d = {d}"] = in_most_networks(
            holds.sel(case="after").values, missing=missing, before=holds.sel(case="before").values
        )
    return Result(claim="J2", statistics=tuple(rows), null_name="untrained", parts=parts)
