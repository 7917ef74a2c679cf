"""Claims P1 and P2: the networks do their tasks (Figure 1)."""

import numpy as np

from taskrnn.claims.ledger import Result, every_network, statistic
from taskrnn.performance import DecisionCurves

TOLERANCE = 0.05  # of P1, in units of the output; the amendment of P2 uses it too
SPEARMAN = -0.95
ACCURACY = 0.95


def p1(trained: np.ndarray, untrained: np.ndarray) -> Result:
    """Judge P1 from the errors at the two levels, (network, 2), after and before training; NaN for a network without outputs."""
    worst, worst_before = trained.max(axis=1), untrained.max(axis=1)
    holds, by_chance = worst <= TOLERANCE, worst_before <= TOLERANCE
    return Result(
        claim="P1",
        statistics=(statistic("larger error of the two levels", worst, holds=holds, null=worst_before),),
        null_name="untrained",
        parts={"perception": every_network(holds, null_holds=by_chance, missing=np.isnan(worst))},
    )


def p2(trained: DecisionCurves, untrained: DecisionCurves) -> Result:
    """Judge P2, with its amended criterion and as it was written."""
    accurate, ordered, falling = parts(trained)
    accurate_before, ordered_before, falling_before = parts(untrained)
    missing = np.isnan(trained.accuracy)
    return Result(
        claim="P2",
        statistics=(
            statistic("accuracy, clear differences", trained.accuracy, holds=accurate, null=untrained.accuracy),
            statistic("largest rise between bins", trained.reversal, holds=falling, null=untrained.reversal),
            statistic("Spearman correlation over bins", trained.spearman, holds=ordered, null=untrained.spearman),
        ),
        null_name="untrained",
        parts={"decision": every_network(accurate & falling, null_holds=accurate_before & falling_before, missing=missing)},
        as_written=every_network(accurate & ordered, null_holds=accurate_before & ordered_before, missing=missing),
    )


def parts(curves: DecisionCurves) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """In which networks the answers are accurate, in the order the criterion asks for, and without a rise."""
    return curves.accuracy >= ACCURACY, curves.spearman <= SPEARMAN, curves.reversal <= TOLERANCE
