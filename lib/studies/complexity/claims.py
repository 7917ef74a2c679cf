"""Claims X1 to X4: measures of complexity, and linear models (section 6)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from studies.complexity import consistency
from studies.ledger import Result, Statistic, statistic
from studies.rules import in_most_networks
from taskrnn.analysis.statistics import Interval, against, of_known
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Verdict,
    conjunction,
    equivalent,
    verdict,
)
from taskrnn.variables import WHEN

ORDERED, FOLLOWS = 0.5, 0.9  # correlations that X1 and X2 ask for
SAME_SIZE = 0.1  # ln of a ratio, X1
CONSISTENT = 0.75  # X3
FEW, WELL = 5, 0.9  # states, and the R2 of a response, X4
RUNGS = {"distance": "d", "memory": "k"}
CORRELATION = "{}: Spearman correlation of the information above the leak with {} (untrained)"
SIZE = "{} units, d = {}: ln(information above the leak / that of the ladder)"
K90_CORRELATION = "Spearman correlation of K_90 with d (untrained)"
BESIDE_TARGET = "d = {}: log2 K_90 (target function)"
BESIDE_UNTRAINED = "d = {}: log2 K_90 (untrained)"
ICC = "intraclass correlation of log2 K_90, without each network in turn (permuted)"
ICC_BEFORE = "intraclass correlation before training"

Ladder = Mapping[int, xr.Dataset]  # {dimension or bits: a measure, with a network axis}


def rank_correlations(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Spearman correlation of every network (network,) of values (network, rung) with x (rung,).

    0 where all values are the same, which order nothing; NaN where one is missing.
    """
    centred = rankdata(values, axis=1, nan_policy="propagate") - (len(x) + 1) / 2
    ranks = rankdata(x) - (len(x) + 1) / 2
    size = np.linalg.norm(centred, axis=1) * np.linalg.norm(ranks)
    return np.where(size == 0, 0.0, centred @ ranks / np.where(size == 0, 1.0, size))


def along(ladder: Ladder, name: str, **at: str) -> np.ndarray:
    """A number of every network on every rung, (network, rung)."""
    return np.stack([of[name].sel(at).values for of in ladder.values()], axis=1)


def x1(ladders: Mapping[str, Ladder], sizes: Mapping[int, Ladder]) -> Result:
    """Judge X1: the predictive information above the leak rises along both ladders, and is the same
    in networks of other sizes.

    Parameters
    ----------
    ladders : {"distance", "memory": {rung: `studies.complexity.measures.at_points`}}
    sizes : {units: {dimension: the same}}, of the distance
    """
    rows, parts = [], {}
    for name, ladder in ladders.items():
        x = np.array(list(ladder))
        before, after = (rank_correlations(x, along(ladder, "excess", case=c)) for c in WHEN)
        label = CORRELATION.format(name, RUNGS[name])
        rows.append(statistic(label, after, holds=after > ORDERED, null=before))
        parts[name] = verdict(against(after, ORDERED), claimed="above", chance=before)
    for units, ladder in sizes.items():
        words = []
        for d, of in ladder.items():
            ratio = ln_ratio(of, ladders["distance"][d])
            holds = np.abs(ratio) <= SAME_SIZE
            rows.append(statistic(SIZE.format(units, d), ratio, holds=holds))
            words.append(equivalent(against(ratio), margin=SAME_SIZE))
        parts[f"{units} units"] = conjunction(words)
    return Result(claim="X1", statistics=tuple(rows), null_name="untrained", parts=parts)


def ln_ratio(of: xr.Dataset, ladder: xr.Dataset) -> np.ndarray:
    """ln of the information above the leak over that of the networks of the ladder (network,); NaN
    where one is not above it.
    """
    above, beside = (one.excess.sel(case="after").values for one in (of, ladder))
    known = (above > 0) & (beside > 0)
    return np.log(np.where(known, above, np.nan) / np.where(known, beside, np.nan))


def x2(models: Ladder, targets: Ladder) -> Result:
    """Judge X2: the number of linear models rises with the dimension; that of the target function
    is shown beside it.

    Parameters
    ----------
    models : {dimension: `studies.complexity.linear_models.linear_models`}
    targets : {dimension: of `studies.complexity.linear_models.of_targets`}
    """
    x = np.array(list(models))
    before, after = (rank_correlations(x, along(models, "k90", when=when)) for when in WHEN)
    rows = [statistic(K90_CORRELATION, after, holds=after > FOLLOWS, null=before)]
    for d, of in models.items():
        own, untrained = (np.log2(of.k90.sel(when=when).values) for when in ("after", "before"))
        target = np.full(len(own), np.log2(float(targets[d].k90)))
        rows += [
            statistic(BESIDE_TARGET.format(d), own, holds=own <= target, null=target),
            statistic(BESIDE_UNTRAINED.format(d), own, holds=own > untrained, null=untrained),
        ]
    parts = {"distance": verdict(against(after, FOLLOWS), claimed="above", chance=before)}
    return Result(claim="X2", statistics=tuple(rows), null_name="null as named", parts=parts)


def x3(models: Ladder) -> Result:
    """Judge X3: networks of one task have a number of linear models in common.

    Parameters
    ----------
    models : {dimension: `studies.complexity.linear_models.linear_models`}
    """
    before, after = (np.log2(along(models, "k90", when=when)) for when in WHEN)
    row, dealt = consistent(ICC, after)
    parts = {"distance": _consistent(row.interval, dealt)}
    return Result(
        claim="X3",
        statistics=(row, consistent(ICC_BEFORE, before)[0]),
        null_name="networks permuted over tasks",
        parts=parts,
    )


def consistent(name: str, values: np.ndarray) -> tuple[Statistic, np.ndarray]:
    """The intraclass correlation of values (network, rung), and of networks permuted over the
    rungs (draw,).

    Its interval is that of all networks; a network's own number is that of all others. A network
    that is missing on one rung stays in the groups of the others.
    """
    groups = [rung[np.isfinite(rung)] for rung in values.T]
    dealt = consistency.permuted(groups) if min(map(len, groups)) > 1 else np.full(1, np.nan)
    missing = np.isnan(values).any(axis=1)
    without = np.full(len(values), np.nan)
    for k in np.flatnonzero(~missing):
        others = [rung[np.isfinite(rung)] for rung in np.delete(values, k, axis=0).T]
        if min(map(len, others)) > 1:
            without[k] = consistency.intraclass_correlation(*others)
    mean = of_known(np.mean, dealt)
    row = Statistic(
        name=name,
        values=tuple(without.tolist()),
        null=(mean,) * len(values),
        interval=consistency.interval(groups)._replace(n_failed=int(missing.sum())),
        holds=int((without > CONSISTENT).sum()),
        missing=int(missing.sum()),
    )
    return row, dealt


def _consistent(interval: Interval, dealt: np.ndarray) -> Verdict:
    """The word for an interval of the intraclass correlation, beside permuted ones (draw,)."""
    if interval.high < CONSISTENT:
        return Verdict(CONTRADICTED)
    if not interval.low > CONSISTENT:
        return Verdict(UNDECIDED)
    p = min(1.0, 2 * (1 + np.sum(dealt >= interval.mean)) / (1 + len(dealt)))
    return Verdict(SUPPORTED if interval.low > np.nanquantile(dealt, 0.975) else CHANCE, p)


def x4(ladders: Mapping[str, Ladder]) -> Result:
    """Judge X4: a linear model of few states responds to a small step as the network does.

    Parameters
    ----------
    ladders : {"distance", "memory": {rung: `studies.complexity.measures.at_points`}}
    """
    rows, parts = [], {}
    for name, ladder in ladders.items():
        for rung, of in ladder.items():
            label = f"{name}, {RUNGS[name]} = {rung}"
            does = {case: few_do(of, case) for case in of.case.values.tolist()}
            order, r2 = (of[what].sel(case="after").values for what in ("order", "r2"))
            null_order, null_r2 = (of[what].sel(case="before").values for what in ("order", "r2"))
            rows += [
                statistic(f"{label}: states", order, holds=order <= FEW, null=null_order),
                statistic(f"{label}: R2", r2, holds=r2 >= WELL, null=null_r2),
            ]
            missing = np.isnan(order) | np.isnan(r2)
            nulls = [does[case] for case in does if case != "after"]
            parts[label] = conjunction(
                in_most_networks(does["after"], missing=missing, before=null) for null in nulls
            )
    return Result(claim="X4", statistics=tuple(rows), null_name="untrained", parts=parts)


def few_do(of: xr.Dataset, case: str) -> np.ndarray:
    """Whether few states do what the network does, bool (network,); not where one is missing."""
    at = of.sel(case=case)
    return ((at.order <= FEW) & (at.r2 >= WELL)).values
