"""Claims S6 and S7: what training does to the predictive subspaces (Figures 9 and 10).

An angle of two d-dimensional subspaces is the mean of their d principal angles, and a network's statistic is the mean of that over
d = 1 ... 10, so that no dimension is picked. Both claims are about both tasks.
"""

from typing import NamedTuple

import numpy as np

from taskrnn.claims.ledger import Result, Statistic, statistic
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, against, equivalent, paired, side, verdict

MARGIN = 5.0  # of S7, degrees


class Moved(NamedTuple):
    """Angles before/after training of one task's networks, each (network, dimension), in degrees.

    mean, largest : of the principal angles
    floor : largest angle between good starts of one fit, the larger of before and after
    matched : mean principal angle of random subspaces drawn with the activity's covariances
    """

    mean: np.ndarray
    largest: np.ndarray
    floor: np.ndarray
    matched: np.ndarray


class Aligned(NamedTuple):
    """Mean principal angles between the input conditions of one task's networks, each (network, dimension), in degrees.

    before, after : between the conditions
    within_before, within_after : between two sessions of one condition
    """

    before: np.ndarray
    after: np.ndarray
    within_before: np.ndarray
    within_after: np.ndarray


def s6(tasks: dict[str, Moved]) -> Result:
    """Judge S6 for both tasks: above the restart floor, and then against the covariance-matched null.

    Above that null is `supported`; not to be told from it is `not distinguishable from chance`, because then any two subspaces of
    this activity would be as far apart; below it is `contradicted`, because then the two share more than chance gives.
    """
    rows, parts = [], {}
    for task, moved in tasks.items():
        mean, largest, floor, matched = (over_dimensions(values) for values in moved)
        above, beyond = against(largest, floor), against(mean, matched)
        found = verdict(above, claimed="above")
        if found == SUPPORTED:
            found = {"above": SUPPORTED, "across": CHANCE, "below": CONTRADICTED}[side(beyond.excess)]
        parts[task] = found
        rows += [
            statistic(f"{task}: mean principal angle (deg)", mean, holds=mean >= matched, null=matched),
            statistic(f"{task}: the same, above the null (deg)", mean - matched, holds=mean >= matched),
            statistic(f"{task}: largest principal angle above restarts (deg)", largest - floor, holds=largest > floor),
        ]
    return Result(claim="S6", statistics=tuple(rows), null_name="covariance-matched", parts=parts)


def s7(tasks: dict[str, Aligned]) -> Result:
    """Judge S7 for both tasks: the angle between the conditions differs by no more than 5 degrees before and after.

    The last row of a task does not decide. It takes the floor's own change out: the angle between conditions also changes when
    training makes the subspace of a single condition harder to estimate.
    """
    rows, parts = [], {}
    for task, aligned in tasks.items():
        before, after, within_before, within = (over_dimensions(values) for values in aligned)
        change = paired(before, after)
        parts[task] = equivalent(change, margin=MARGIN)
        rows += [
            change_row(f"{task}: angle between conditions, after - before (deg)", before, after),
            statistic(f"{task}: angle before (deg)", before, holds=before > within_before, null=within_before),
            statistic(f"{task}: angle after (deg)", after, holds=after > within, null=within),
            change_row(f"{task}: above two sessions of one condition, after - before (deg)", before - within_before, after - within),
        ]
    return Result(claim="S7", statistics=tuple(rows), null_name="two sessions of one condition", parts=parts)


def change_row(name: str, before: np.ndarray, after: np.ndarray) -> Statistic:
    """The change of each network, and in how many it lies within the margin of S7."""
    return statistic(name, after - before, holds=np.abs(after - before) <= MARGIN)


def over_dimensions(angles: np.ndarray) -> np.ndarray:
    """Mean over the dimensions (network,), from (network, dimension); NaN if one is missing."""
    return np.asarray(angles, dtype=float).mean(axis=1)
