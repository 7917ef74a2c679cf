"""Claims L1, L2 and L3: the latent space (Figures 2 and 3, hypothesis H4)."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.ledger import Result, Statistic, statistic
from taskrnn.activity.subspaces import between_sessions
from taskrnn.analysis.geometry import RANDOM_TO_LINE, RANDOM_TO_PLANE
from taskrnn.analysis.statistics import Interval, against, interval, of_known, paired
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    LEVEL,
    SUPPORTED,
    UNDECIDED,
    Verdict,
    after_holm,
    at_most,
    conjunction,
    verdict,
)

NEAR = 0.001  # of L3: share of the best PI by which a start may fall short of it
SHARE = 0.9  # of L3
ANGLE = 5.0  # of L3, degrees
SESSIONS = "mean angle between two sessions (degrees)"


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

    def chain(null: float) -> dict[str, Verdict]:
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
        With pi, angle and initial_angle (network, ..., dimension, start), and the subspaces of
        two sessions, as in `taskrnn.activity.subspaces.subspaces`.

    Returns
    -------
    Dataset with, each (network, ..., dimension),
        share : of the starts that end within `NEAR` of the best PI
        angle : degrees, median over those of the largest principal angle to the best
        initial : degrees, median over all starts of that angle before the search
        sessions : degrees, mean principal angle between the best subspaces of two sessions
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
    unique = xr.Dataset({name: (found.pi.dims[:-1], v) for name, v in values.items()}, coords)
    return unique.assign(sessions=between_sessions(found))


class Row(NamedTuple):
    """How L3 came out for one task and dimension; `n_holds` networks meet both parts."""

    dimension: int
    share: Interval
    angle: Interval
    initial: Interval
    n_holds: int
    verdict: Verdict


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
        parts = at_most(-at.share.values, -SHARE), at_most(at.angle.values, ANGLE)
        found = conjunction(parts)
        if found == SUPPORTED and at_most(at.initial.values, ANGLE) == SUPPORTED:
            found = Verdict(CHANCE, found.p)
        rows.append(Row(d, share, angle, initial, int(both_hold(at).sum()), found))
    return rows


def starts_agree(rows: list[Row]) -> Verdict:
    """Verdict on all dimensions together; one that misses must do so after Holm's correction."""
    words = [row.verdict for row in rows]
    missed = [
        p
        for word, p in zip(words, after_holm(words), strict=True)
        if word == CONTRADICTED and p < LEVEL
    ]
    if missed:
        return Verdict(CONTRADICTED, min(missed))
    return Verdict(UNDECIDED) if CONTRADICTED in words else conjunction(words)


def both_hold(unique: xr.Dataset) -> np.ndarray:
    """Where both parts of L3 hold, bool of the shape of `unique`."""
    return ((unique.share >= SHARE) & (unique.angle <= ANGLE)).values


def dimension_rows(unique: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of L3 by task, training and dimension."""
    angles = ["their median angle (degrees)", "angle before", "two sessions"]
    header = ["networks", "d", "share near the best", *angles, "both hold in", "verdict"]
    rows = []
    for task, at in unique.items():
        n = at.sizes["network"]
        for state, when in (("trained", "after"), ("untrained", "before")):
            for row in by_dimension(at.sel(when=when)):
                means = [
                    f"{i.mean:.3g} ({i.low:.3g} to {i.high:.3g})" for i in (row.share, row.angle)
                ]
                sessions = of_known(np.mean, at.sessions.sel(when=when, dimension=row.dimension))
                last = [f"{row.initial.mean:.0f}", f"{sessions:.0f}"]
                last += [f"{row.n_holds} of {n}", row.verdict]
                rows.append([f"{task}, {state}", row.dimension, *means, *last])
    return header, rows


def l3(unique: dict[str, xr.Dataset]) -> Result:
    """Judge L3 in the trained networks of both tasks: the starts agree, and two sessions do.

    Parameters
    ----------
    unique : {task: `uniqueness` (network, when, dimension)}
    """
    parts, rows, cells = {}, [], []
    for task, at in unique.items():
        new, least_before = at.sel(when="after"), at.share.sel(when="before").values.min(axis=1)
        of_dimensions = by_dimension(new)
        cells += [row.verdict for row in of_dimensions]
        between, between_before = (
            at.sessions.sel(when=when).mean("dimension", skipna=False).values
            for when in ("after", "before")
        )
        parts[f"{task}, starts agree"] = starts_agree(of_dimensions)
        parts[f"{task}, sessions agree"] = at_most(between, ANGLE)
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
            statistic(f"{task}: {SESSIONS}", between, holds=between <= ANGLE),
            statistic(
                f"{task}, untrained: {SESSIONS}", between_before, holds=between_before <= ANGLE
            ),
        ]
    return Result(
        claim="L3",
        statistics=tuple(rows),
        null_name="angle before the search",
        parts=parts,
        as_written=conjunction(cells),
    )


def numbers(
    layers: xr.Dataset, transients: xr.Dataset, unique: dict[str, xr.Dataset]
) -> SimpleNamespace:
    """Numbers of the text, from what L1, L2 and L3 are judged by.

    ratio_before : gap over thickness in DCA space before training, mean over networks
    rise_pca : its rise in training in PCA space
    unsettled : networks, before and after training, that have no such ratio
    ambiguity : of the plane of trained networks, mean
    plane_choice : degrees by which the angles to their two planes differ, mean
    cases, met, missed : dimensions of both tasks, those that are supported, and contradicted
    met_in : {task: dimensions that are supported}
    three : {task: degrees}, mean angle between the 3-D subspaces of two sessions of trained ones
    """
    ratio, in_pca = (layers.ratio.sel(space=space) for space in ("dca", "pca"))
    after = transients.sel(when="after")
    trained = {task: at.sel(when="after") for task, at in unique.items()}
    words = {task: [row.verdict for row in by_dimension(at)] for task, at in trained.items()}
    cases = [word for of_task in words.values() for word in of_task]
    return SimpleNamespace(
        ratio_before=interval(ratio.sel(when="before").values).mean,
        rise_pca=interval(in_pca.sel(when="after").values - in_pca.sel(when="before").values).mean,
        unsettled=int(np.sum(~np.isfinite(ratio.values))),
        ambiguity=interval(after.ambiguity.values).mean,
        plane_choice=interval(np.abs(after.to_plane - after.to_steady_plane).values).mean,
        cases=len(cases),
        met=cases.count(SUPPORTED),
        missed=cases.count(CONTRADICTED),
        met_in={task: of_task.count(SUPPORTED) for task, of_task in words.items()},
        three={
            task: of_known(np.mean, at.sessions.sel(dimension=3)) for task, at in trained.items()
        },
    )
