"""Claims D1 to D4: distances in 1, 2, 4 and 8 dimensions (section 6)."""

import numpy as np
import xarray as xr

from studies.dimension.measures import CRITERION
from studies.ledger import Result, statistic
from studies.rules import in_most_networks
from studies.training.claims import ACCURACY
from taskrnn.analysis.statistics import against, slopes
from taskrnn.analysis.verdicts import conjunction, verdict

PARTIAL = 0.5  # D2
# rows of the results, by number of dimensions
R2 = "d = {}: R2 (untrained)"
R2_AFFINE = "d = {}: R2 (best affine function)"
CORRELATION = "d = {}: partial correlation with the distance (untrained)"
RIGHT = "d = {}: accuracy, clear differences (best affine classifier)"
SHARE = "d = {}: share by distance where the sum misleads (one half)"
SHARE_AFFINE = "d = {}: the same share (best affine classifier)"
UPDATES = f"d = {{}}: updates until R2 is {CRITERION}"
SLOPE = "slope of ln(updates) over log2 d"

Ladder = dict[int, xr.Dataset]  # by number of dimensions, with a network axis


def d1(distances: Ladder) -> Result:
    """Judge D1: R2 is at least 0.97 in most networks, and in more than before training, on each
    rung.

    The best affine function is shown beside them. In one dimension it is the distance.

    Parameters
    ----------
    distances : `studies.dimension.scores.of_distances`
    """
    rows, parts = [], {}
    for d, of in distances.items():
        before, after = (of.r2.sel(when=when).values for when in ("before", "after"))
        holds, affine = after >= CRITERION, np.full(len(after), float(of.affine_r2))
        rows += [
            statistic(R2.format(d), after, holds=holds, null=before),
            statistic(R2_AFFINE.format(d), after, holds=after > affine, null=affine),
        ]
        parts[f"d = {d}"] = in_most_networks(
            holds, missing=np.isnan(after), before=before >= CRITERION
        )
    return Result(claim="D1", statistics=tuple(rows), null_name="null as named", parts=parts)


def d2(distances: Ladder) -> Result:
    """Judge D2: the partial correlation lies above 0.5 and above that of the untrained networks, on
    each rung of two dimensions or more; it takes what `d1` takes.
    """
    rows, parts = [], {}
    for d, of in distances.items():
        if d == 1:
            continue
        before, after = (of.partial.sel(when=when).values for when in ("before", "after"))
        rows.append(statistic(CORRELATION.format(d), after, holds=after > PARTIAL, null=before))
        parts[f"d = {d}"] = verdict(against(after, PARTIAL), claimed="above", chance=before)
    return Result(claim="D2", statistics=tuple(rows), null_name="untrained", parts=parts)


def d3(comparisons: Ladder) -> Result:
    """Judge D3: the accuracy is at least 95 % in most networks; and from two dimensions on, where
    the sums of the absolute coordinates mislead, more than half of the answers follow the distance.

    The best affine classifier is shown beside them.

    Parameters
    ----------
    comparisons : `studies.dimension.scores.of_comparisons`
    """
    rows, parts = [], {}
    for d, of in comparisons.items():
        accuracy = of.accuracy.sel(when="after").values
        holds, missing = accuracy >= ACCURACY, np.isnan(accuracy)
        affine = np.full(len(accuracy), float(of.affine_accuracy))
        rows.append(statistic(RIGHT.format(d), accuracy, holds=holds, null=affine))
        words = [in_most_networks(holds, missing=missing)]
        if d > 1:
            share, half = of.share.values, np.full(len(accuracy), 0.5)
            affine = np.full(len(share), float(of.affine_share))
            rows += [
                statistic(SHARE.format(d), share, holds=share > half, null=half),
                statistic(SHARE_AFFINE.format(d), share, holds=share > affine, null=affine),
            ]
            words.append(verdict(against(share, half), claimed="above"))
        parts[f"d = {d}"] = conjunction(words)
    return Result(claim="D3", statistics=tuple(rows), null_name="null as named", parts=parts)


def d4(learned: Ladder) -> Result:
    """Judge D4: updates until the distance is learned grow with the number of dimensions, within
    networks of one seed.

    Parameters
    ----------
    learned : {d: `studies.dimension.measures.updates_to_criterion`}
    """
    updates = np.stack([of.updates.values for of in learned.values()], axis=1)
    found = slopes(np.log2(list(learned)), np.log(updates))
    rows = [statistic(SLOPE, found, holds=found > 0)]
    for d, of in learned.items():
        rows.append(statistic(UPDATES.format(d), of.updates.values, holds=of.reached.values == 1))
    parts = {"all d": verdict(against(found), claimed="above")}
    return Result(claim="D4", statistics=tuple(rows), null_name="no null", parts=parts)
