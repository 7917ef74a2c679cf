"""What was measured, in the numbers and tables of the chapter.

Apart from `studies.subtle_changes.measures`, so that a change here does not measure the networks
again.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.style import MANY
from studies.subtle_changes import claims
from studies.subtle_changes.measures import shuffled_factors
from taskrnn.analysis import nulls
from taskrnn.analysis.statistics import against, interval, of_known, side


def seen(found: dict[str, xr.Dataset]) -> dict[str, xr.DataArray]:
    """At how many of the two times each unit is seen, (network, unit), NaN where that is not known.

    Parameters
    ----------
    found : {task: `taskrnn.activity.subspaces.subspaces`}, before and after training
    """
    return {task: of.active.sum("when", skipna=False) for task, of in found.items()}


def weight_changes(
    networks: dict[str, xr.Dataset], changes: dict[str, xr.Dataset]
) -> dict[str, xr.DataArray]:
    """Off-diagonal entries of dW, in training and in one draw of each null of S1.

    Parameters
    ----------
    networks : {task: `taskrnn.ensembles.ensemble.ensemble`}
    changes : {task: `studies.subtle_changes.measures.changes`}

    Returns
    -------
    {task: DataArray (kind, network, entry)}
        Kinds are "trained", "gaussian" and "factors"; networks the first `MANY` of those whose
        training did not fail.
    """
    rng = np.random.default_rng(0)
    entries = {}
    for task, of in networks.items():
        rank = changes[task]["rank"].values
        measured = np.isfinite(rank)
        shown = of.isel(network=measured).isel(network=slice(MANY))
        dW = (shown.recurrent_after - shown.recurrent_before).values.astype(float)
        kept = np.maximum(rank[measured][:MANY].astype(int), 1)
        gaussian = nulls.gaussian_change(dW, rng=rng)
        factors = [shuffled_factors(d[None], k, rng=rng)[0] for d, k in zip(dW, kept, strict=True)]
        off = ~np.eye(dW.shape[-1], dtype=bool)
        entries[task] = xr.DataArray(
            np.stack([dW, gaussian, np.array(factors)])[..., off],
            dims=("kind", "network", "entry"),
            coords={"kind": ["trained", "gaussian", "factors"]},
        )
    return entries


def numbers(
    changes: dict[str, xr.Dataset],
    losses: dict[str, xr.Dataset],
    ranks: dict[str, xr.Dataset],
    seen: dict[str, xr.DataArray],
) -> dict[str, SimpleNamespace]:
    """Numbers of the text, by task: means over networks, shares in percent.

    Parameters
    ----------
    changes, losses : {task: of `studies.subtle_changes.measures`}
    ranks : {task: `studies.subtle_changes.rank_correlations.by_setting`}
    seen : {task: DataArray (network, unit)}, see `seen`

    Returns
    -------
    {task: SimpleNamespace}
        size : norm of the change, of that of the untrained weights
        top, top_factors : share of the squared change in the top 1 %, and with shuffled factors
        displaced, growth : share of the eigenvalues that are, and change of their modulus
        matched, in_order : mean displacement, matched by distance and by the order of the modulus
        restoring : median rank that restores the loss
        at_rank : in how many of all networks the rank of S3 does
        schur, schur_random : (before, after), the norm of S5; after a Gaussian change
        lowest, lowest_measure : the least mean rho, and whose it is
        lower, measures : in how many measures rho is clearly below that of a random change; of all
        silent : share of the units that are seen neither before nor after
    """
    return {
        task: _numbers(of, losses[task], ranks[task], seen[task]) for task, of in changes.items()
    }


def _numbers(
    changes: xr.Dataset, losses: xr.Dataset, ranks: xr.Dataset, seen: xr.DataArray
) -> SimpleNamespace:
    top, schur = changes.top_share, changes.non_normality.sel(norm=claims.NORM)
    rho = xr.DataArray([mean(one) for one in ranks.rho.T], coords={"measure": ranks.measure})
    lowest = int(np.nanargmin(rho.values)) if rho.notnull().any() else 0
    restoring = claims.restoring_rank(changes.sizes["unit"], losses)
    beside = [against(ranks.rho.sel(measure=m), ranks.random.sel(measure=m)) for m in rho.measure]
    return SimpleNamespace(
        size=100 * mean(changes.relative_norm),
        top=100 * mean(top.sel(null="trained")),
        top_factors=100 * mean(top.sel(null="factors")),
        displaced=100 * mean(changes.share.sel(kind="trained")),
        growth=mean(claims.growth_of_displaced(changes).sel(kind="trained")),
        matched=mean(changes.displacement.mean("unit", skipna=False)),
        in_order=of_known(np.mean, displacement_in_order(changes)),
        restoring=of_known(np.median, restoring),
        at_rank=f"{np.sum(restoring <= claims.RANK)} of {len(restoring)}",
        schur=[mean(schur.sel(state=state)) for state in ("before", "after")],
        schur_random=mean(schur.sel(state="gaussian")),
        lowest=float(rho[lowest]),
        lowest_measure=str(rho.measure.values[lowest]),
        lower=sum(side(found.excess) == "below" for found in beside),
        measures=len(beside),
        silent=100 * mean((seen == 0).where(seen.notnull()).mean("unit", skipna=False)),
    )


def mean(values: xr.DataArray) -> float:
    """Mean over the networks that have a value, of (network,)."""
    return interval(values.values).mean


def eigenvalues(changes: xr.Dataset) -> np.ndarray:
    """The eigenvalues of one task as complex numbers (when, network, unit)."""
    parts = changes.eigenvalues.transpose("when", "network", "unit", "part")
    return parts.values @ np.array([1, 1j])


def displacement_in_order(changes: xr.Dataset) -> np.ndarray:
    """Displacement (network, unit) of eigenvalues that are paired by the order of their modulus."""
    before, after = eigenvalues(changes)
    in_order = np.take_along_axis(after, np.argsort(-np.abs(after), axis=1), axis=1)
    return np.abs(in_order - before)


def restoring_ranks(
    changes: dict[str, xr.Dataset], losses: dict[str, xr.Dataset]
) -> tuple[list[str], list[list]]:
    """Header and rows, one for each network, of the table beside S3."""
    rows = []
    for task, of in losses.items():
        columns = (
            changes[task]["rank"].values,
            claims.restoring_rank(changes[task].sizes["unit"], of),
            of.trained.values,
            claims.ratio_at_rank(of),
        )
        for k, (above, rank, loss, ratio) in enumerate(zip(*columns, strict=True)):
            rows.append([task, k, f"{above:.0f}", f"{rank:.0f}", f"{loss:.2g}", f"{ratio:.3g}"])
    header = ["task", "network", "singular values above the edge", "restoring rank", "trained loss"]
    return [*header, f"loss at rank {claims.RANK} over it"], rows


def rank_changes(ranks: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows, one for each measure of centrality, of the table beside S4."""
    rows = []
    for task, of in ranks.items():
        for name in of.measure.values.tolist():
            at = of.sel(measure=name)
            rhos = [at.rho, *at.alternative.transpose("setting", "network"), at.random]
            ends = [f"{mean(values):.2f}" for values in (at.fate, at.origin)]
            rows.append([task, name, *(f"{mean(rho):+.2f}" for rho in rhos), *ends])
    header = ["task", "measure", "rho, all units", "active units", "excitatory", "inhibitory"]
    return [*header, "random change", "fate", "origin"], rows
