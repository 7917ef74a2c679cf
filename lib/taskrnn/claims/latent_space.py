"""Claims L1, L2 and L3: the latent space (Figures 2 and 3, hypothesis H4)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from taskrnn.claims.ledger import Result, statistic
from taskrnn.latent import RANDOM_TO_LINE, RANDOM_TO_PLANE, Layers
from taskrnn.measures.latent_space import Angles
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, Interval, against, conjunction, interval, paired, verdict

NEAR = 0.001  # of L3: share of the best PI by which a start may fall short of it
SHARE = 0.9  # of L3
ANGLE = 5.0  # of L3, degrees


def l1(trained: Layers, untrained: Layers, trained_pca: Layers, untrained_pca: Layers) -> Result:
    """Judge L1: the ratio rises in training, and two Gaussians beat one after it; both parts are needed.

    The note compares with the untrained network. PCA space has a row of its own and does not enter the verdict.
    """
    rise, rise_pca = trained.ratio - untrained.ratio, trained_pca.ratio - untrained_pca.ratio
    two_modes = trained.n_modes == 2
    return Result(
        claim="L1",
        statistics=(
            statistic("gap / thickness, trained (DCA)", trained.ratio, holds=rise > 0, null=untrained.ratio),
            statistic("its change in training (DCA; beside it PCA)", rise, holds=rise > 0, null=rise_pca),
            statistic(
                "BIC of one Gaussian less that of two, trained (DCA)",
                trained.delta_bic,
                holds=trained.delta_bic > 0,
                null=untrained.delta_bic,
            ),
            statistic("modes of the two Gaussians, trained (DCA)", trained.n_modes, holds=two_modes, null=untrained.n_modes),
            statistic("gap / thickness, trained (PCA)", trained_pca.ratio, holds=rise_pca > 0, null=untrained_pca.ratio),
        ),
        null_name="untrained or as named",
        parts={
            "the ratio rises": verdict(paired(untrained.ratio, trained.ratio), claimed="above"),
            "two modes": verdict(against(trained.delta_bic), claimed="above"),
        },
    )


def l2(trained: Angles, untrained: Angles) -> Result:
    """Judge L2 against the mean angle of a random direction to a plane; as written against that to a line."""
    change = trained.to_plane - untrained.to_plane

    def row(name, values, holds, null):
        return statistic(name, values, holds=holds, null=np.full(len(values), null))

    def chain(null):
        return {
            "trained, out of the plane": verdict(against(trained.to_plane, null), claimed="above"),
            "untrained, in it": verdict(against(untrained.to_plane, null), claimed="below"),
        }

    plane, line = RANDOM_TO_PLANE, RANDOM_TO_LINE
    return Result(
        claim="L2",
        statistics=(
            row("angle to the plane, trained (degrees)", trained.to_plane, trained.to_plane > plane, plane),
            row("angle to the plane, untrained (degrees)", untrained.to_plane, untrained.to_plane < plane, plane),
            row("change of that angle in training (degrees)", change, change > 0, 0.0),
            row("to the plane of the steady states, trained", trained.to_steady_plane, trained.to_steady_plane > plane, plane),
            row(
                "to the plane of the steady states, untrained",
                untrained.to_steady_plane,
                untrained.to_steady_plane < plane,
                plane,
            ),
            row("to the line of the fixed points, trained", trained.to_line, trained.to_line > line, line),
            row("to the line of the fixed points, untrained", untrained.to_line, untrained.to_line < line, line),
        ),
        null_name="random direction",
        parts=chain(plane),
        as_written=conjunction(chain(line).values()),
    )


class Uniqueness(NamedTuple):
    """Of the searches of one ensemble; arrays (network, dimension).

    share : of the starts that end within `NEAR` of the best PI
    angle : degrees, median over those of the largest principal angle to the best
    initial : degrees, median over all starts of that angle before the search
    """

    share: np.ndarray
    angle: np.ndarray
    initial: np.ndarray


def uniqueness(pi: np.ndarray, angle: np.ndarray, initial: np.ndarray) -> Uniqueness:
    """From the PI and the angles of every start, (network, dimension, start); NaN for a network without them."""
    near = pi >= (1 - NEAR) * pi.max(axis=-1, keepdims=True)
    # The best start is near itself, so that only a network without any PI has no median.
    known = np.isfinite(pi).all(axis=-1)
    median = np.full(known.shape, np.nan)
    median[known] = [np.median(a[n]) for a, n in zip(angle[known], near[known], strict=True)]
    return Uniqueness(np.where(known, near.mean(axis=-1), np.nan), median, np.median(initial, axis=-1))


class Row(NamedTuple):
    """How L3 came out for one task and dimension; `n_holds` networks meet both parts by themselves."""

    dimension: int
    share: Interval
    angle: Interval
    initial: Interval
    n_holds: int
    verdict: str


def by_dimension(unique: Uniqueness, dimensions: Iterable[int]) -> list[Row]:
    """L3 for each dimension: the intervals over networks of the share and of the median angle must meet their thresholds.

    A threshold met exactly is met. If the angle of the starts before the search meets its threshold too, that is chance.
    """
    rows = []
    for i, d in enumerate(dimensions):
        share, angle, initial = (interval(part[:, i]) for part in unique)
        holds = (unique.share[:, i] >= SHARE) & (unique.angle[:, i] <= ANGLE)
        parts = met(share.low - SHARE, share.high - SHARE), met(ANGLE - angle.high, ANGLE - angle.low)
        found = conjunction(parts)
        if found == SUPPORTED and met(ANGLE - initial.high, ANGLE - initial.low) == SUPPORTED:
            found = CHANCE
        rows.append(Row(int(d), share, angle, initial, int(holds.sum()), found))
    return rows


def l3(trained: dict[str, Uniqueness], untrained: dict[str, Uniqueness], dimensions: Iterable[int]) -> Result:
    """Judge L3 for every dimension of both tasks, in the trained networks.

    Parameters
    ----------
    trained, untrained : {task: Uniqueness}
    """
    parts = {
        f"{task}, d = {row.dimension}": row.verdict
        for task, unique in trained.items()
        for row in by_dimension(unique, dimensions)
    }
    statistics = []
    for task, unique in trained.items():
        holds = (unique.share >= SHARE) & (unique.angle <= ANGLE)
        n_holds = np.where(np.isnan(unique.share).all(axis=1), np.nan, holds.sum(axis=1))
        least, largest = unique.share.min(axis=1), unique.angle.max(axis=1)
        before = untrained[task]
        statistics += [
            statistic(f"{task}: dimensions in which both parts hold", n_holds, holds=holds.all(axis=1)),
            statistic(f"{task}: lowest share of starts near the best PI", least, holds=least >= SHARE),
            statistic(
                f"{task}: largest median angle (degrees)", largest, holds=largest <= ANGLE, null=unique.initial.max(axis=1)
            ),
            statistic(
                f"{task}, untrained: lowest share", before.share.min(axis=1), holds=before.share.min(axis=1) >= SHARE
            ),
        ]
    return Result(claim="L3", statistics=tuple(statistics), null_name="angle before the search", parts=parts)


def met(low: float, high: float) -> str:
    """Verdict on a threshold, from the ends of the interval's distance from it, positive where it is met."""
    if low >= 0:
        return SUPPORTED
    return CONTRADICTED if high < 0 else UNDECIDED
