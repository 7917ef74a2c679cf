"""How the ranks of the units change, from the centralities of an ensemble (Figure 8, claim S4).

Apart from `taskrnn.measures.centrality_change`, so that a change here does not compute the centralities again.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from taskrnn import centrality, checks, nulls


class Correlations(NamedTuple):
    """How the ranks of the units change, by measure; NaN where a measure is not defined or constant.

    rho : ndarray (network, measure), Spearman's correlation of before and after
    fate, origin : ndarray (network, measure), see `centrality.RankChange`
    random : ndarray (network, measure), rho after a Gaussian change of the same norm, mean over draws
    permuted : ndarray (draw, network, measure), rho after a random pairing of the units
    """

    rho: np.ndarray
    fate: np.ndarray
    origin: np.ndarray
    random: np.ndarray
    permuted: np.ndarray


def correlations(
    found: xr.Dataset, *, part: str = "all", mask: np.ndarray | None = None, n_permutations: int = 0
) -> Correlations:
    """Rank correlations from `centrality_change` of an ensemble.

    Parameters
    ----------
    found : Dataset with axes network, part, measure, unit
    part : {"all", "excitatory", "inhibitory"}
    mask : ndarray of bool (network, unit), optional
        Units that count; all by default. Their centralities are those in the whole network.
    n_permutations : int
        Draws of `permuted`.
    """
    before, after = (found[when].sel(part=part).values for when in ("before", "after"))
    mask = np.ones((before.shape[0], before.shape[-1]), dtype=bool) if mask is None else mask
    rng = np.random.default_rng(0)
    rows = np.full((3, *before.shape[:2]), np.nan)
    random = np.full(before.shape[:2], np.nan)
    permuted = np.full((checks.whole("n_permutations", n_permutations, least=0), *before.shape[:2]), np.nan)
    for k, m in np.ndindex(before.shape[:2]):
        x, y, chosen = before[k, m], after[k, m], mask[k]
        if not ranked(x[chosen]) or not ranked(y[chosen]):
            continue
        rows[:, k, m] = np.ravel(centrality.rank_change(x[None], y[None], mask=chosen[None]))
        if n_permutations:
            permuted[:, k, m] = nulls.permuted_spearman(x[None, chosen], y[None, chosen], rng=rng, n_draws=n_permutations)[:, 0]
        draws = [r for r in found.random.values[k, :, m] if ranked(r[chosen])]
        if part == "all" and draws:
            random[k, m] = np.mean([centrality.rank_change(x[None], r[None], mask=chosen[None]).rho for r in draws])
    return Correlations(*rows, random, permuted)


def ranked(values: np.ndarray) -> bool:
    """Whether there are units enough, and differences between them, for a ranking."""
    return len(values) >= 3 and bool(np.isfinite(values).all() and np.ptp(values) > 0)


def distinct(found: xr.Dataset, *, alike: float) -> list[tuple[str, ...]]:
    """Measures grouped by how alike they rank the units of a network, before and after training.

    Two measures are joined if the mean over networks of Spearman's correlation is at least `alike` before and after; groups
    are the connected ones.

    Returns
    -------
    list of tuples of str, the names in each group
    """
    between = between_measures(found)
    joined = (between >= alike).all(axis=0)
    # Reachability: as many steps as there are measures are enough.
    reach = np.linalg.matrix_power(joined.astype(int), len(joined)) > 0
    names = found.measure.values
    return list(dict.fromkeys(tuple(names[row].tolist()) for row in reach))


def between_measures(found: xr.Dataset) -> np.ndarray:
    """Spearman's correlation of each two measures across units, mean over networks: (2, measure, measure), before and after."""
    means = []
    for when in ("before", "after"):
        scores = found[when].sel(part="all").values
        whole = [rankdata(one, axis=1) for one in scores if all(ranked(row) for row in one)]
        means.append(np.mean([np.corrcoef(one) for one in whole], axis=0) if whole else np.eye(scores.shape[1]))
    return np.stack(means)
