"""Claims S1 to S5: what training changes in the recurrent weights (Figures 7 and 8, hypothesis H2).

All five are about both tasks. Input is {task: result}, of `taskrnn.measures.subtle_changes` for S1, S2, S3 and S5, and of
`taskrnn.rank_correlations` for S4.
"""

import numpy as np
import xarray as xr

from taskrnn.claims.ledger import Result, statistic
from taskrnn.rank_correlations import Correlations
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, against, conjunction, interval, verdict

FEW = 0.1  # of S2: largest share of displaced eigenvalues
RANK = 6  # of S3
RESTORED = 1.1  # of S3: loss over the loss after training
UNSTABLE = 1e6  # where the ratio of losses is cut off, infinite or not
CHANCE_QUANTILE = 0.025  # of S4, on each side
S1_STATISTICS = {"top_share": "share of squared change in the top 1 %", "excess_kurtosis": "excess kurtosis"}
S1_NULLS = {"gaussian": "Gaussian", "factors": "factors shuffled", "rank": "rows and columns shuffled"}
S5_NULLS = {"gaussian": "Gaussian", "rank": "rank-matched"}
NORM = "real_schur"  # of S5: the default of reading A11
NORMS = {
    "real_schur": "real Schur form without diagonal",
    "upper_frobenius": "strict upper triangle, Frobenius",
    "upper_2norm": "strict upper triangle, 2-norm",
    "henrici": "Henrici ratio",
    "numerical_abscissa": "numerical abscissa",
}


def s1(tasks: dict[str, xr.Dataset]) -> Result:
    """Judge S1: both statistics above the Gaussian null and, if so, above the one with shuffled factors too.

    As written, the factors are shuffled as `nulls.rank_matched_change` does it, by whole rows and columns. This keeps the entries of
    the low-rank change, whose distribution is what is judged, so the amended null shuffles every singular vector by itself.
    """
    rows = []
    for task, found in tasks.items():
        for name, words in S1_STATISTICS.items():
            trained = found[name].sel(null="trained").values
            for null, label in S1_NULLS.items():
                value = found[name].sel(null=null).values
                rows.append(statistic(f"{task}: {words} ({label})", trained, holds=trained > value, null=value))
    return Result(
        claim="S1",
        statistics=tuple(rows),
        null_name="null as named",
        parts=s1_parts(tasks, factors="factors"),
        as_written=conjunction(s1_parts(tasks, factors="rank").values()),
    )


def s1_parts(tasks: dict[str, xr.Dataset], *, factors: str) -> dict[str, str]:
    """Verdict on S1 by task, with this null of shuffled factors."""
    parts = {}
    for task, found in tasks.items():
        values = [{null: found[name].sel(null=null).values for null in ("trained", "gaussian", factors)} for name in S1_STATISTICS]
        parts[task] = conjunction(verdict(against(v["trained"], v["gaussian"]), claimed="above", chance=v[factors]) for v in values)
    return parts


def s2(tasks: dict[str, xr.Dataset]) -> Result:
    """Judge S2: fewer than 10 % displaced, and these grow, by more than those a random change displaces as far."""
    rows, parts = [], {}
    for task, found in tasks.items():
        share, random_share = by_kind(found.share)
        growth, random_growth = by_kind(found.modulus_after - found.modulus_before)
        few = verdict(against(share, FEW), claimed="below")
        grow = verdict(against(growth), claimed="above", chance=random_growth)
        parts[task] = conjunction([few, grow])
        rows += [
            statistic(f"{task}: share displaced", share, holds=share < FEW, null=random_share),
            statistic(f"{task}: growth of their modulus", growth, holds=growth > 0, null=random_growth),
        ]
    return Result(claim="S2", statistics=tuple(rows), null_name="equal-norm random change", parts=parts)


def by_kind(values: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """In training and under the random change, (network,) each."""
    return values.sel(kind="trained").values, values.sel(kind="gaussian").values


def s3(tasks: dict[str, tuple[xr.Dataset, xr.Dataset]]) -> Result:
    """Judge S3 from {task: (changes, losses)}: the interval of the smallest restoring rank lies within 6."""
    rows, parts = [], {}
    for task, (found, losses) in tasks.items():
        rank, ratio = restoring_rank(found.sizes["unit"], losses), loss_ratio(losses)
        at_rank = np.log10(ratio[:, losses["rank"].values.tolist().index(RANK)])
        above = found["rank"].values
        parts[task] = at_most(rank, RANK)
        rows += [
            statistic(f"{task}: smallest rank that restores the loss", rank, holds=rank <= RANK),
            statistic(f"{task}: log10 of loss at rank {RANK} over trained loss", at_rank, holds=at_rank <= np.log10(RESTORED)),
            statistic(f"{task}: singular values above the edge", above, holds=above <= RANK),
        ]
    return Result(claim="S3", statistics=tuple(rows), null_name="null", parts=parts)


def loss_ratio(losses: xr.Dataset, name: str = "low_rank") -> np.ndarray:
    """Loss with a part of the change over the loss with all of it, (network, rank or share), cut off at `UNSTABLE`.

    NaN for a network whose trained loss is no finite number above 0: nothing can be said to restore it.
    """
    trained = np.where(measurable(losses), losses.trained.values, np.nan)[:, None]
    ratio = np.nan_to_num(losses[name].values / trained, nan=UNSTABLE, posinf=UNSTABLE).clip(max=UNSTABLE)
    return np.where(np.isnan(trained), np.nan, ratio)


def measurable(losses: xr.Dataset) -> np.ndarray:
    """Networks whose trained loss is finite and above 0, bool (network,)."""
    return np.isfinite(losses.trained.values) & (losses.trained.values > 0)


def restoring_rank(n_units: int, losses: xr.Dataset) -> np.ndarray:
    """Smallest rank that was tried and restores the loss (network,); the number of units if none of them does."""
    restored = loss_ratio(losses) <= RESTORED
    rank = np.where(restored.any(axis=1), losses["rank"].values[np.argmax(restored, axis=1)], n_units)
    return np.where(measurable(losses), rank, np.nan)


def at_most(values: np.ndarray, bound: float) -> str:
    """Verdict on 'at most the bound', the bound included."""
    found = interval(values)
    if found.high <= bound:
        return SUPPORTED
    return CONTRADICTED if found.low > bound else UNDECIDED


def s4(tasks: dict[str, Correlations], measures: list[str]) -> Result:
    """Judge S4: at least one measure whose rho is below 0 beyond permutations; then also below the random change."""
    rows, parts = [], {}
    for task, found in tasks.items():
        by_measure = [s4_measure(found, m) for m in range(len(measures))]
        parts[task] = at_least_one(by_measure)
        for m, measure in enumerate(measures):
            rho = found.rho[:, m]
            rows.append(statistic(f"{task}: rho, {measure}", rho, holds=rho < 0, null=found.random[:, m]))
    return Result(claim="S4", statistics=tuple(rows), null_name="equal-norm random change", parts=parts)


def s4_measure(found: Correlations, m: int) -> str:
    """Verdict on one measure: the interval and the mean of rho must lie on one side of 0 and of the permutations' band."""
    rho = found.rho[:, m]
    known = ~np.isnan(rho)
    if not known.any():
        return UNDECIDED
    low, high = np.quantile(found.permuted[:, known, m].mean(axis=1), [CHANCE_QUANTILE, 1 - CHANCE_QUANTILE])
    if low <= rho[known].mean() <= high:
        return UNDECIDED
    return verdict(against(rho), claimed="below", chance=None if np.isnan(found.random[:, m]).all() else found.random[:, m])


def s5(tasks: dict[str, xr.Dataset]) -> Result:
    """Judge S5 by the note's norm; the others stand beside it and do not enter the verdict."""
    rows = []
    for task, found in tasks.items():
        for norm, words in NORMS.items():
            rise = s5_rises(found, norm)
            for null, label in S5_NULLS.items():
                holds = (rise["after"] > 0) & (rise["after"] > rise[null])
                rows.append(statistic(f"{task}: rise of the {words} ({label})", rise["after"], holds=holds, null=rise[null]))
    return Result(claim="S5", statistics=tuple(rows), null_name="null as named", parts=s5_parts(tasks, norm=NORM))


def s5_parts(tasks: dict[str, xr.Dataset], *, norm: str) -> dict[str, str]:
    """Verdict on S5 by task, by one measure of non-normality."""
    parts = {}
    for task, found in tasks.items():
        rise = s5_rises(found, norm)
        parts[task] = conjunction(verdict(against(rise["after"]), claimed="above", chance=rise[null]) for null in S5_NULLS)
    return parts


def s5_rises(found: xr.Dataset, norm: str) -> dict[str, np.ndarray]:
    """Rise of a norm (network,) in training ("after") and under each null."""
    values = found.non_normality.sel(norm=norm)
    start = values.sel(state="before").values
    return {state: values.sel(state=state).values - start for state in ("after", *S5_NULLS)}


def at_least_one(verdicts: list[str]) -> str:
    """Verdict on parts of which one is enough: contradicted only if all are."""
    return next((v for v in (SUPPORTED, CHANCE, UNDECIDED) if v in verdicts), CONTRADICTED)
