"""Claims P1 and P2: the networks do their tasks (Figure 1)."""

import numpy as np
import xarray as xr

from studies.ledger import Result, every_network, statistic

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
        parts={"perception": every_network(holds, null_holds=by_chance, missing=missing)},
    )


def p2(curves: xr.Dataset) -> Result:
    """Judge P2 from `studies.training.measures.decision_curves`, amended and as it was written."""
    before, after = (curves.sel(when=when) for when in ("before", "after"))
    holds, by_chance = parts(after), parts(before)
    missing = np.isnan(after.accuracy.values)
    titles = {
        "accuracy": "accuracy, clear differences",
        "reversal": "largest rise between bins",
        "spearman": "Spearman correlation over bins",
    }

    def both(other: str) -> str:
        here, by_null = (part["accuracy"] & part[other] for part in (holds, by_chance))
        return every_network(here, null_holds=by_null, missing=missing)

    return Result(
        claim="P2",
        statistics=tuple(
            statistic(title, after[name].values, holds=holds[name], null=before[name].values)
            for name, title in titles.items()
        ),
        null_name="untrained",
        parts={"decision": both("reversal")},
        as_written=both("spearman"),
    )


def parts(curves: xr.Dataset) -> dict[str, np.ndarray]:
    """In which networks the answers are accurate, in order (as written), and without a rise."""
    return {
        "accuracy": curves.accuracy.values >= ACCURACY,
        "spearman": curves.spearman.values <= SPEARMAN,
        "reversal": curves.reversal.values <= TOLERANCE,
    }
