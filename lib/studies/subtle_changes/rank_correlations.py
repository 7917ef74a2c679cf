"""How the ranks of the units change, from the centralities of an ensemble (Figure 8, claim S4).

Apart from `studies.subtle_changes.centrality_change`, so that a change here does not compute the
centralities again.
"""

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from taskrnn import checks
from taskrnn.analysis import centrality, nulls

PERMUTATIONS = 1000  # random pairings of the units
ALIKE = 0.95  # correlation at which two measures count as one


def by_setting(
    centralities: dict[str, xr.Dataset],
    seen: dict[str, xr.DataArray],
    *,
    n_permutations: int = PERMUTATIONS,
) -> dict[str, xr.Dataset]:
    """`correlations` of all units, and the rank correlations in the alternatives of reading A10.

    Parameters
    ----------
    centralities : {task: `centrality_change` of an ensemble}
    seen : {task: DataArray (network, unit)}, above 0 for the active units

    Returns
    -------
    {task: Dataset}
        As `correlations`, with
        alternative (setting, network, measure): rho of the active units alone, and of the
        excitatory and of the inhibitory weights alone
    """
    found = {}
    for task, of in centralities.items():
        rho = {
            "active": correlations(of, mask=(seen[task] > 0).values).rho,
            **{part: correlations(of, part=part).rho for part in ("excitatory", "inhibitory")},
        }
        together = xr.concat(rho.values(), "setting").assign_coords(setting=list(rho))
        found[task] = correlations(of, n_permutations=n_permutations).assign(alternative=together)
    return found


def correlations(
    found: xr.Dataset, *, part: str = "all", mask: np.ndarray | None = None, n_permutations: int = 0
) -> xr.Dataset:
    """Rank correlations from `centrality_change` of an ensemble.

    Parameters
    ----------
    found : Dataset with axes network, when, part, measure, unit
    part : {"all", "excitatory", "inhibitory"}
    mask : ndarray of bool (network, unit), optional
        Units that count; all by default. Their centralities are those in the whole network.
    n_permutations : int
        Draws of `permuted`.

    Returns
    -------
    Dataset, NaN where a measure is not defined or constant, with
        rho (network, measure): Spearman's correlation of before and after;
        fate, origin (network, measure): see `centrality.RankChange`;
        random (network, measure): rho after a Gaussian change of the same norm, mean over draws;
        permuted (draw, network, measure): rho after a random pairing of the units
    """
    scores = found.centrality.sel(part=part)
    before, after = (scores.sel(when=when).values for when in ("before", "after"))
    mask = np.ones((before.shape[0], before.shape[-1]), dtype=bool) if mask is None else mask
    rng = np.random.default_rng(0)
    rows = np.full((3, *before.shape[:2]), np.nan)
    random = np.full(before.shape[:2], np.nan)
    n_draws = checks.whole("n_permutations", n_permutations, least=0)
    permuted = np.full((n_draws, *before.shape[:2]), np.nan)
    for k, m in np.ndindex(before.shape[:2]):
        x, y, chosen = before[k, m], after[k, m], mask[k]
        if not ranked(x[chosen]) or not ranked(y[chosen]):
            continue
        x, y, here = x[None], y[None], chosen[None]
        rows[:, k, m] = np.ravel(centrality.rank_change(x, y, mask=here))
        if n_draws:
            drawn = nulls.permuted_spearman(x[:, chosen], y[:, chosen], rng=rng, n_draws=n_draws)
            permuted[:, k, m] = drawn[:, 0]
        draws = [r for r in found.random.values[k, :, m] if ranked(r[chosen])]
        if part == "all" and draws:
            rhos = [centrality.rank_change(x, r[None], mask=here).rho for r in draws]
            random[k, m] = np.mean(rhos)
    each = dict(zip(("rho", "fate", "origin"), rows, strict=True)) | {"random": random}
    variables = {name: (("network", "measure"), values) for name, values in each.items()}
    variables["permuted"] = ("draw", "network", "measure"), permuted
    return xr.Dataset(variables, coords={"measure": found.measure.values})


def ranked(values: np.ndarray) -> bool:
    """Whether there are units enough, and differences between them, for a ranking."""
    return len(values) >= 3 and bool(np.isfinite(values).all() and np.ptp(values) > 0)


def distinct(found: xr.Dataset, *, alike: float = ALIKE) -> list[tuple[str, ...]]:
    """Measures grouped by how alike they rank the units of a network, before and after training.

    Two measures are joined if the mean over networks of Spearman's correlation is at least `alike`
    before and after; groups are the connected ones.

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
    """Spearman's correlation of each two measures across units, mean over networks.

    Returns
    -------
    ndarray (when, measure, measure)
    """
    means = []
    for when in ("before", "after"):
        scores = found.centrality.sel(part="all", when=when).values
        whole = [rankdata(one, axis=1) for one in scores if all(ranked(row) for row in one)]
        identity = np.eye(scores.shape[1])
        means.append(np.mean([np.corrcoef(one) for one in whole], axis=0) if whole else identity)
    return np.stack(means)
