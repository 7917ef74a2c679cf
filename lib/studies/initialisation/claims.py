"""Claims T1 to T3: what makes a start a good one (section 6)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from studies.initialisation.experiments import IN_WORDS
from studies.initialisation.learning import EVERY
from studies.initialisation.measures import FEWER
from studies.initialisation.starts import STARTS
from studies.ledger import Result, statistic
from taskrnn.analysis.nulls import permuted_spearman
from taskrnn.analysis.statistics import against
from taskrnn.analysis.verdicts import verdict
from taskrnn.random_numbers import generator

EXPLAINED = 0.5  # T3
LEAST = 4  # starts that a correlation rests on
# rows of the results, by task
FASTER = "{}: ln(updates), other's weights and bias less own (same first loss)"
BESIDE = "{}: ln(updates), {} less own"
NINE = "ln(updates), start with 9 points less own (1 point, same first loss)"
RHO = "{}: correlation of updates with the first loss (starts permuted)"

Found = Mapping[str, xr.Dataset]  # {task: `studies.initialisation.measures.learned`}


def ln_updates(found: xr.Dataset) -> xr.DataArray:
    """ln(updates) (network, start); as nobody asks more often, a task that is learned in no time
    counts as one learned at the first question.
    """
    return np.log(found.updates.clip(min=EVERY))


def less_own(found: xr.Dataset) -> xr.DataArray:
    """ln(updates) of every start less that of the own one, (network, start)."""
    ln = ln_updates(found)
    return (ln - ln.sel(start="own")).drop_sel(start="own")


def t1(found: Found) -> Result:
    """Judge T1: from another network's weights and bias a task takes fewer updates, and fewer than
    from own weights with the same first loss, each task. The other starts stand beside it.
    """
    rows, parts = [], {}
    for task, of in found.items():
        less = less_own(of).transpose("network", "start")
        other, same = (less.sel(start=start).values for start in ("other", "same loss"))
        label = IN_WORDS[task]
        rows.append(statistic(FASTER.format(label), other, holds=other < 0, null=same))
        for start, text in STARTS.items():
            if start in ("own", "other"):
                continue
            values = less.sel(start=start).values
            rows.append(statistic(BESIDE.format(label, text), values, holds=values < 0))
        parts[label] = verdict(against(other), claimed="below", chance=same)
    return Result(claim="T1", statistics=tuple(rows), null_name="same first loss", parts=parts)


def by_points(memory: xr.Dataset, fewer: xr.Dataset) -> xr.Dataset:
    """All starts of T2 of one network side by side, `found` and `less` (network, start).

    Parameters
    ----------
    memory : `studies.initialisation.measures.learned` of the memory of two bits
    fewer : `studies.initialisation.measures.learned_from_fewer` of the same

    Returns
    -------
    Dataset with, along `start` ("1 point", "3 points", "9 points", "1 point, same loss"),
        found : number of points
        less : ln(updates) less that of the own start
    """
    nine = memory.sel(start=["other"]).assign_coords(start=["9 points"])
    names = ["found", "updates"]
    every = xr.concat([fewer[names], nine[names]], "start", join="exact")
    less = ln_updates(every) - ln_updates(memory).sel(start="own", drop=True)
    order = [*FEWER[:2], "9 points", *FEWER[2:]]
    both = xr.Dataset({"found": every.found, "less": less}).sel(start=order)
    return both.transpose("network", "start")


def t2(memory: xr.Dataset, fewer: xr.Dataset) -> Result:
    """Judge T2: from weights and bias with 9 points the memory takes fewer updates, and fewer than
    from those with 1 point and the same first loss; it takes what `by_points` takes.

    Networks whose start has not 9 points, or whose null has not 1, say nothing.
    """
    every = by_points(memory, fewer)
    nine, null = (every.sel(start=start) for start in ("9 points", FEWER[2]))
    counted = ((nine.found == 9) & (null.found == 1)).values
    less, by_loss = (np.where(counted, of.less.values, np.nan) for of in (nine, null))
    rows = [statistic(NINE, less, holds=less < 0, null=by_loss)]
    for start in FEWER[:2]:
        values = every.less.sel(start=start).values
        rows.append(
            statistic(f"ln(updates), start with {start} less own", values, holds=values < 0)
        )
    for start in ("9 points", *FEWER):
        n, wanted = every.found.sel(start=start).values, int(start.split()[0])
        rows.append(statistic(f"points of the start with {start}", n, holds=n == wanted))
    word = verdict(against(less), claimed="below", chance=by_loss)
    return Result(
        claim="T2",
        statistics=tuple(rows),
        null_name="1 point, same first loss",
        parts={IN_WORDS["memory_2"]: word},
    )


def t3(found: Found) -> Result:
    """Judge T3: over the starts of a network, updates go with the first loss, each task."""
    rows, parts = [], {}
    for task, of in found.items():
        label, rng = IN_WORDS[task], generator(0, "initialisation.permuted starts")
        pairs = [correlation(of.isel(network=k), rng=rng) for k in range(of.sizes["network"])]
        rho, by_chance = np.array(pairs).T
        rows.append(statistic(RHO.format(label), rho, holds=rho > EXPLAINED, null=by_chance))
        parts[label] = verdict(against(rho, EXPLAINED), claimed="above", chance=by_chance)
    return Result(claim="T3", statistics=tuple(rows), null_name="starts permuted", parts=parts)


def correlation(found: xr.Dataset, *, rng: np.random.Generator) -> tuple[float, float]:
    """Spearman correlation over the starts of one network of updates with the first loss, and its
    mean over permutations; NaN with fewer than `LEAST` starts, or if all are the same.

    A first loss that is infinite is the largest.
    """
    updates, loss = found.updates.values, found.loss.values
    there = ~np.isnan(updates)
    ranks = np.stack([rankdata(of[there]) for of in (updates, loss)])
    if there.sum() < LEAST or not np.ptp(ranks, axis=1).all():
        return np.nan, np.nan
    null = permuted_spearman(ranks[:1], ranks[1:], rng=rng)
    return float(np.corrcoef(ranks)[0, 1]), float(null.mean())
