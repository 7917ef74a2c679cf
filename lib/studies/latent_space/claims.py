"""Claims L1, L2 and L3: the latent space (Figures 2 and 3, hypothesis H4)."""

from collections import Counter
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, statistic
from taskrnn.analysis.geometry import RANDOM_TO_LINE, RANDOM_TO_PLANE
from taskrnn.analysis.statistics import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Interval,
    against,
    conjunction,
    interval,
    paired,
    verdict,
)

NEAR = 0.001  # of L3: share of the best PI by which a start may fall short of it
SHARE = 0.9  # of L3
ANGLE = 5.0  # of L3, degrees


def l1(layers: xr.Dataset) -> Result:
    """Judge L1: the ratio rises in training, and two Gaussians beat one after it; both are needed.

    The note compares with the untrained network. PCA space has a row of its own and does not enter
    the verdict.

    Parameters
    ----------
    layers : Dataset (network, when, space), `layers_and_planes.layered`
    """

    def of(name: str, space: str = "dca") -> list[np.ndarray]:
        """Before and after training."""
        at = layers[name].sel(space=space)
        return [at.sel(when=when).values for when in ("before", "after")]

    (old, new), (old_pca, new_pca) = of("ratio"), of("ratio", "pca")
    (old_bic, bic), (old_modes, modes) = of("delta_bic"), of("n_modes")
    rise, rise_pca = new - old, new_pca - old_pca
    bic_name = "BIC of one Gaussian less that of two, trained (DCA)"
    rows = (
        statistic("gap / thickness, trained (DCA)", new, holds=rise > 0, null=old),
        statistic(
            "its change in training (DCA; beside it PCA)", rise, holds=rise > 0, null=rise_pca
        ),
        statistic(bic_name, bic, holds=bic > 0, null=old_bic),
        statistic(
            "modes of the two Gaussians, trained (DCA)", modes, holds=modes == 2, null=old_modes
        ),
        statistic("gap / thickness, trained (PCA)", new_pca, holds=rise_pca > 0, null=old_pca),
    )
    parts = {
        "the ratio rises": verdict(paired(old, new), claimed="above"),
        "two modes": verdict(against(bic), claimed="above"),
    }
    return Result(claim="L1", statistics=rows, null_name="untrained or as named", parts=parts)


def l2(transients: xr.Dataset) -> Result:
    """Judge L2 against the mean angle of a random direction to a plane; as written to a line.

    Parameters
    ----------
    transients : Dataset (network, when), `layers_and_planes.transients`
    """

    def row(name: str, values: np.ndarray, null: float, *, below: bool = False) -> Statistic:
        holds = values < null if below else values > null
        return statistic(name, values, holds=holds, null=np.full(len(values), null))

    def chain(null: float) -> dict[str, str]:
        return {
            "trained, out of the plane": verdict(against(after, null), claimed="above"),
            "untrained, in it": verdict(against(before, null), claimed="below"),
        }

    old, new = (transients.sel(when=when) for when in ("before", "after"))
    before, after = old.to_plane.values, new.to_plane.values
    steady, steady_before = new.to_steady_plane.values, old.to_steady_plane.values
    plane, line = RANDOM_TO_PLANE, RANDOM_TO_LINE
    rows = (
        row("angle to the plane, trained (degrees)", after, plane),
        row("angle to the plane, untrained (degrees)", before, plane, below=True),
        row("change of that angle in training (degrees)", after - before, 0.0),
        row("to the plane of the steady states, trained", steady, plane),
        row("to the plane of the steady states, untrained", steady_before, plane, below=True),
        row("to the line of the fixed points, trained", new.to_line.values, line),
        row("to the line of the fixed points, untrained", old.to_line.values, line, below=True),
    )
    written, name = conjunction(chain(line).values()), "random direction"
    parts = chain(plane)
    return Result(claim="L2", statistics=rows, null_name=name, parts=parts, as_written=written)


def uniqueness(found: xr.Dataset) -> xr.Dataset:
    """How the starts of a search agree; NaN for a network without a subspace of the dimension.

    Parameters
    ----------
    found : Dataset
        With pi, angle and initial_angle (network, ..., dimension, start), as in
        `taskrnn.activity.subspaces.subspaces`.

    Returns
    -------
    Dataset with, each (network, ..., dimension),
        share : of the starts that end within `NEAR` of the best PI
        angle : degrees, median over those of the largest principal angle to the best
        initial : degrees, median over all starts of that angle before the search
    """
    pi, angle = found.pi.values, found.angle.values
    near = pi >= (1 - NEAR) * pi.max(axis=-1, keepdims=True)
    # The best start is near itself, so that only a network without any PI has no median.
    known = np.isfinite(pi).all(axis=-1)
    median = np.full(known.shape, np.nan)
    median[known] = [np.median(a[n]) for a, n in zip(angle[known], near[known], strict=True)]
    values = {
        "share": np.where(known, near.mean(axis=-1), np.nan),
        "angle": median,
        "initial": np.median(found.initial_angle.values, axis=-1),
    }
    coords = found.pi.isel(start=0, drop=True).coords
    return xr.Dataset({name: (found.pi.dims[:-1], v) for name, v in values.items()}, coords)


class Row(NamedTuple):
    """How L3 came out for one task and dimension; `n_holds` networks meet both parts."""

    dimension: int
    share: Interval
    angle: Interval
    initial: Interval
    n_holds: int
    verdict: str


def by_dimension(unique: xr.Dataset) -> list[Row]:
    """L3 for each dimension, from `uniqueness` (network, dimension).

    The intervals over networks of the share and of the median angle must meet their thresholds, and
    a threshold met exactly is met. If the angle of the starts before the search meets its threshold
    too, that is chance.
    """
    rows = []
    for d in unique.dimension.values.tolist():
        at = unique.sel(dimension=d)
        share, angle, initial = (
            interval(at[name].values) for name in ("share", "angle", "initial")
        )
        parts = (
            met(share.low - SHARE, share.high - SHARE),
            met(ANGLE - angle.high, ANGLE - angle.low),
        )
        found = conjunction(parts)
        if found == SUPPORTED and met(ANGLE - initial.high, ANGLE - initial.low) == SUPPORTED:
            found = CHANCE
        rows.append(Row(d, share, angle, initial, int(both_hold(at).sum()), found))
    return rows


def both_hold(unique: xr.Dataset) -> np.ndarray:
    """Where both parts of L3 hold, bool of the shape of `unique`."""
    return ((unique.share >= SHARE) & (unique.angle <= ANGLE)).values


def met(low: float, high: float) -> str:
    """Verdict on a threshold, from the ends of the interval's distance from it, positive if met."""
    if low >= 0:
        return SUPPORTED
    return CONTRADICTED if high < 0 else UNDECIDED


def dimension_rows(unique: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of L3 by task, training and dimension."""
    angles = ["their median angle (degrees)", "angle before"]
    header = ["networks", "d", "share near the best", *angles, "both hold in", "verdict"]
    rows = []
    for task, at in unique.items():
        n = at.sizes["network"]
        for state, when in (("trained", "after"), ("untrained", "before")):
            for row in by_dimension(at.sel(when=when)):
                means = [
                    f"{i.mean:.3g} ({i.low:.3g} to {i.high:.3g})" for i in (row.share, row.angle)
                ]
                last = [f"{row.initial.mean:.0f}", f"{row.n_holds} of {n}", row.verdict]
                rows.append([f"{task}, {state}", row.dimension, *means, *last])
    return header, rows


def l3(unique: dict[str, xr.Dataset]) -> Result:
    """Judge L3 for every dimension of both tasks, in the trained networks.

    Parameters
    ----------
    unique : {task: `uniqueness` (network, when, dimension)}
    """
    parts, rows = {}, []
    for task, at in unique.items():
        new, least_before = at.sel(when="after"), at.share.sel(when="before").values.min(axis=1)
        parts |= {f"{task}, d = {row.dimension}": row.verdict for row in by_dimension(new)}
        share, angle, holds = new.share.values, new.angle.values, both_hold(new)
        n_holds = np.where(np.isnan(share).all(axis=1), np.nan, holds.sum(axis=1))
        least, largest = share.min(axis=1), angle.max(axis=1)
        initial = new.initial.values.max(axis=1)
        rows += [
            statistic(
                f"{task}: dimensions in which both parts hold", n_holds, holds=holds.all(axis=1)
            ),
            statistic(
                f"{task}: lowest share of starts near the best PI", least, holds=least >= SHARE
            ),
            statistic(
                f"{task}: largest median angle (degrees)",
                largest,
                holds=largest <= ANGLE,
                null=initial,
            ),
            statistic(
                f"{task}, untrained: lowest share", least_before, holds=least_before >= SHARE
            ),
        ]
    null = "angle before the search"
    return Result(claim="L3", statistics=tuple(rows), null_name=null, parts=parts)


def numbers(layers: xr.Dataset, transients: xr.Dataset, cases: Result) -> SimpleNamespace:
    """Numbers of the text, from what L1 and L2 are judged by and from the result of L3.

    ratio_before : gap over thickness in DCA space before training, mean over networks
    unsettled : networks, before and after training, that have no such ratio
    ambiguity : of the plane of trained networks, mean
    plane_choice : degrees by which the angles to their two planes differ, mean
    cases, met, missed : dimensions of both tasks, those that are supported, and contradicted
    met_in : {task: dimensions that are supported}
    """
    ratio, after = layers.ratio.sel(space="dca"), transients.sel(when="after")
    words = list(cases.parts.values())
    met_in = [part.split(",")[0] for part, word in cases.parts.items() if word == SUPPORTED]
    return SimpleNamespace(
        ratio_before=interval(ratio.sel(when="before").values).mean,
        unsettled=int(np.sum(~np.isfinite(ratio.values))),
        ambiguity=interval(after.ambiguity.values).mean,
        plane_choice=interval(np.abs(after.to_plane - after.to_steady_plane).values).mean,
        cases=len(words),
        met=words.count(SUPPORTED),
        missed=words.count(CONTRADICTED),
        met_in=Counter(met_in),
    )
