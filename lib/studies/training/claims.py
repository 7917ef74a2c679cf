"""Claims P1 and P2: the networks do their tasks (Figure 1)."""

import numpy as np
import xarray as xr

from studies.ledger import Result, statistic
from studies.rules import every_network, in_most_networks

TOLERANCE = 0.05  # of P1, in units of the output; the amendment of P2 uses it too
SPEARMAN = -0.95
ACCURACY = 0.95


def p1(errors: xr.DataArray) -> Result:
    """Judge P1 from `studies.training.measures.level_errors` (network, when, level)."""
    worst = errors.max("level", skipna=False)
    before, after = (worst.sel(when=when).values for when in ("before", "after"))
    holds, by_chance, missing = after <= TOLERANCE, before <= TOLERANCE, np.isnan(after)
    return Result(
        claim="P1",
        statistics=(statistic("larger error of the two levels", after, holds=holds, null=before),),
        null_name="untrained",
        parts={"perception": in_most_networks(holds, missing=missing, before=by_chance)},
        as_written=every_network(holds, null_holds=by_chance, missing=missing),
    )


def p2(curves: xr.Dataset) -> Result:
    """Judge P2 from `studies.training.measures.decision_curves`."""
    before, after = (curves.sel(when=when) for when in ("before", "after"))
    holds, by_chance = parts(after), parts(before)
    missing = np.isnan(after.accuracy.values)
    titles = {
        "accuracy": "accuracy, clear differences",
        "reversal": "largest rise between bins",
        "spearman": "Spearman correlation over bins",
    }

    amended, written = (
        [part["accuracy"] & part[other] for part in (holds, by_chance)]
        for other in ("reversal", "spearman")
    )

    return Result(
        claim="P2",
        statistics=tuple(
            statistic(title, after[name].values, holds=holds[name], null=before[name].values)
            for name, title in titles.items()
        ),
        null_name="untrained",
        parts={"decision": in_most_networks(amended[0], missing=missing, before=amended[1])},
        as_written=every_network(written[0], null_holds=written[1], missing=missing),
    )


def untrained(errors: xr.DataArray, curves: xr.Dataset) -> list[str]:
    """In how many networks the error of P1, and the accuracy of P2, hold before training."""
    small = errors.sel(when="before").max("level", skipna=False) <= TOLERANCE
    accurate = curves.accuracy.sel(when="before") >= ACCURACY
    return [f"{int(holds.sum())} of {holds.size}" for holds in (small, accurate)]


def parts(curves: xr.Dataset) -> dict[str, np.ndarray]:
    """In which networks the answers are accurate, in order (as written), and without a rise."""
    return {
        "accuracy": curves.accuracy.values >= ACCURACY,
        "spearman": curves.spearman.values <= SPEARMAN,
        "reversal": curves.reversal.values <= TOLERANCE,
    }
