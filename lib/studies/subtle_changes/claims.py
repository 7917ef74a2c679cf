"""Claims S1 to S5: what training changes in the recurrent weights (Figures 7 and 8, hypothesis H2).

All five are about both tasks. Input is {task: result}, of `studies.subtle_changes.measures` for S1,
S2, S3 and S5, and of `studies.subtle_changes.rank_correlations` for S4.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, by_task, statistic
from taskrnn.analysis.statistics import against
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
    Verdict,
    at_most,
    conjunction,
    least,
    verdict,
)

FEW = 0.1  # of S2: largest share of displaced eigenvalues
RANK = 6  # of S3
RESTORED = 1.1  # of S3: loss over the loss after training
UNSTABLE = 1e6  # where the ratio of losses is cut off, infinite or not
CHANCE_QUANTILE = 0.025  # of S4, on each side
S1_STATISTICS = {
    "top_share": "share of squared change in the top 1 %",
    "excess_kurtosis": "excess kurtosis",
}
S1_NULLS = {
    "gaussian": "Gaussian",
    "factors": "factors shuffled",
    "active": "factors shuffled, active units",
    "rank": "rows and columns shuffled",
}
S5_NULLS = {"gaussian": "Gaussian", "rank": "rank-matched"}
NORM = "real_schur"  # of S5: the default of reading A11
NORMS = {
    "real_schur": "real Schur form without diagonal",
    "upper_frobenius": "strict upper triangle, Frobenius",
    "upper_2norm": "strict upper triangle, 2-norm",
    "henrici": "Henrici ratio",
    "numerical_abscissa": "numerical abscissa",
}


def s1(changes: dict[str, xr.Dataset]) -> Result:
    """Judge S1: both statistics are above the Gaussian null, and above shuffled factors too.

    As written, the factors are shuffled as `nulls.rank_matched_change` does it, by whole rows and
    columns. This keeps the entries of the low-rank change, whose distribution is what is judged, so
    the amended null shuffles every singular vector by itself.
    """
    result = by_task("S1", _concentrated, changes, null_name="null as named")
    as_written = conjunction(concentrated(found, factors="rank") for found in changes.values())
    return replace(result, as_written=as_written)


def _concentrated(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    rows = []
    for name, words in S1_STATISTICS.items():
        trained = found[name].sel(null="trained").values
        for null, label in S1_NULLS.items():
            value = found[name].sel(null=null).values
            rows.append(statistic(f"{words} ({label})", trained, holds=trained > value, null=value))
    return rows, concentrated(found, factors="factors")


def concentrated(found: xr.Dataset, *, factors: str) -> Verdict:
    """Verdict on S1 in one task, with this null of shuffled factors."""
    parts = []
    for name in S1_STATISTICS:
        trained, gaussian, shuffled = (
            found[name].sel(null=null).values for null in ("trained", "gaussian", factors)
        )
        parts.append(verdict(against(trained, gaussian), claimed="above", chance=shuffled))
    return conjunction(parts)


def s2(changes: dict[str, xr.Dataset]) -> Result:
    """Judge S2: fewer than 10 % are displaced, and grow, more than those in a random change."""
    return by_task("S2", _few_displaced, changes, null_name="equal-norm random change")


def _few_displaced(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    growth = growth_of_displaced(found)
    kinds = ("trained", "gaussian")
    share, random_share = (found.share.sel(kind=kind).values for kind in kinds)
    grown, random_grown = (growth.sel(kind=kind).values for kind in kinds)
    few = verdict(against(share, FEW), claimed="below")
    grow = verdict(against(grown), claimed="above", chance=random_grown)
    rows = [
        statistic("share displaced", share, holds=share < FEW, null=random_share),
        statistic("growth of their modulus", grown, holds=grown > 0, null=random_grown),
    ]
    return rows, conjunction([few, grow])


def growth_of_displaced(found: xr.Dataset) -> xr.DataArray:
    """Change of the mean modulus of the displaced eigenvalues, (network, kind)."""
    return found.modulus.sel(when="after") - found.modulus.sel(when="before")


def s3(changes: dict[str, xr.Dataset], losses: dict[str, xr.Dataset]) -> Result:
    """Judge S3: the interval of the smallest restoring rank lies within 6."""
    return by_task("S3", _low_rank, changes, losses, null_name="null")


def _low_rank(found: xr.Dataset, losses: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    rank, above = restoring_rank(found.sizes["unit"], losses), found["rank"].values
    at_rank = np.log10(ratio_at_rank(losses))
    log_ratio = f"log10 of loss at rank {RANK} over trained loss"
    error, trained = losses.error.sel(rank=RANK).values, losses.trained_error.values
    rows = [
        statistic("smallest rank that restores the loss", rank, holds=rank <= RANK),
        statistic(log_ratio, at_rank, holds=at_rank <= np.log10(RESTORED)),
        statistic(
            f"the task's error at rank {RANK} (beside it trained)",
            error,
            holds=error <= trained,
            null=trained,
        ),
        statistic("singular values above the edge", above, holds=above <= RANK),
    ]
    return rows, at_most(rank, RANK)


def loss_ratio(losses: xr.Dataset, name: str = "low_rank") -> np.ndarray:
    """Loss with a part of the change over that with all of it, (network, rank or share).

    Cut off at `UNSTABLE`. NaN for a network whose trained loss is no finite number above 0: nothing
    can be said to restore it.
    """
    trained = np.where(measurable(losses), losses.trained.values, np.nan)[:, None]
    ratio = np.nan_to_num(losses[name].values / trained, nan=UNSTABLE, posinf=UNSTABLE).clip(
        max=UNSTABLE
    )
    return np.where(np.isnan(trained), np.nan, ratio)


def ratio_at_rank(losses: xr.Dataset) -> np.ndarray:
    """`loss_ratio` at the rank of S3, (network,)."""
    return loss_ratio(losses)[:, losses["rank"].values.tolist().index(RANK)]


def measurable(losses: xr.Dataset) -> np.ndarray:
    """Networks whose trained loss is finite and above 0, bool (network,)."""
    return np.isfinite(losses.trained.values) & (losses.trained.values > 0)


def restoring_rank(n_units: int, losses: xr.Dataset) -> np.ndarray:
    """Smallest rank tried that restores the loss (network,); the number of units if none does."""
    restored = loss_ratio(losses) <= RESTORED
    rank = np.where(
        restored.any(axis=1), losses["rank"].values[np.argmax(restored, axis=1)], n_units
    )
    return np.where(measurable(losses), rank, np.nan)


def s4(ranks: dict[str, xr.Dataset]) -> Result:
    """Judge S4: one measure at least has rho below 0, beyond permutations and the random change."""
    return by_task("S4", _turned_over, ranks, null_name="equal-norm random change")


def _turned_over(ranks: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    rows, parts = [], []
    for name in ranks.measure.values.tolist():
        of = ranks.sel(measure=name)
        rho = of.rho.values
        rows.append(statistic(f"rho, {name}", rho, holds=rho < 0, null=of.random.values))
        parts.append(s4_measure(of))
    return rows, at_least_one(parts)


def s4_measure(ranks: xr.Dataset) -> Verdict:
    """Verdict on one measure.

    The interval and the mean of rho must lie on one side of 0 and of the permutations' band.
    """
    rho, random = ranks.rho.values, ranks.random.values
    known = ~np.isnan(rho)
    if not known.any():
        return Verdict(UNDECIDED)
    permuted = ranks.permuted.values[:, known].mean(axis=1)
    low, high = np.quantile(permuted, [CHANCE_QUANTILE, 1 - CHANCE_QUANTILE])
    if low <= rho[known].mean() <= high:
        return Verdict(UNDECIDED)
    chance = None if np.isnan(random).all() else random
    return verdict(against(rho), claimed="below", chance=chance)


def s5(changes: dict[str, xr.Dataset]) -> Result:
    """Judge S5 by the note's norm; the others stand beside it and do not enter the verdict."""
    return by_task("S5", _less_normal, changes, null_name="null as named")


def _less_normal(found: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    rows = []
    for norm, words in NORMS.items():
        rise = s5_rises(found, norm)
        after = rise["after"]
        for null, label in S5_NULLS.items():
            holds = (after > 0) & (after > rise[null])
            rows.append(
                statistic(f"rise of the {words} ({label})", after, holds=holds, null=rise[null])
            )
    return rows, less_normal(found, norm=NORM)


def less_normal(found: xr.Dataset, *, norm: str) -> Verdict:
    """Verdict on S5 in one task, by one measure of non-normality."""
    rise = s5_rises(found, norm)
    after = against(rise["after"])
    return conjunction(verdict(after, claimed="above", chance=rise[null]) for null in S5_NULLS)


def s5_by_other_norms(changes: dict[str, xr.Dataset]) -> str:
    """The verdicts that S5 would have by the norms that do not decide, in words."""
    verdicts = {
        words: conjunction(less_normal(found, norm=norm) for found in changes.values())
        for norm, words in NORMS.items()
        if norm != NORM
    }
    return "; ".join(f"{words}: {verdict}" for words, verdict in verdicts.items())


def s5_rises(found: xr.Dataset, norm: str) -> dict[str, np.ndarray]:
    """Rise of a norm (network,) in training ("after") and under each null."""
    values = found.non_normality.sel(norm=norm)
    start = values.sel(state="before").values
    return {state: values.sel(state=state).values - start for state in ("after", *S5_NULLS)}


def at_least_one(verdicts: list[Verdict]) -> Verdict:
    """Verdict on parts of which one is enough: contradicted only if all are."""
    for word in (SUPPORTED, CHANCE, UNDECIDED, WEAKER):
        if word in verdicts:
            return Verdict(word, least(v for v in verdicts if v == word))
    return Verdict(CONTRADICTED, max(v.p for v in verdicts))
