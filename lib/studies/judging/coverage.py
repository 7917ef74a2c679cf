"""How often 95 % intervals over ten networks hold the mean, for the statistics of this book.

The values of a row of the ledger are taken for all there is. Samples are drawn from them, and each
gives an interval by Student's t and one by the percentile bootstrap.
"""

from collections.abc import Mapping

import numpy as np
from scipy.stats import t as student

from studies.ledger import Result
from taskrnn.random_numbers import generator

N, N_SAMPLES, N_RESAMPLES, N_VALUES = 10, 400, 400, 100_000
FEW = 4  # different values; a row with fewer is nearly constant


def coverage(values: np.ndarray, *, rng: np.random.Generator) -> tuple[float, float]:
    """Share of samples of `N` values whose interval holds the mean of all: by t, by bootstrap."""
    samples, mean = rng.choice(values, (N_SAMPLES, N)), values.mean()
    centre, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / N**0.5
    by_t = np.abs(centre - mean) <= student.ppf(0.975, N - 1) * error
    resampled = samples[:, rng.integers(0, N, (N_RESAMPLES, N))].mean(axis=2)
    low, high = np.quantile(resampled, [0.025, 0.975], axis=1)
    return float(by_t.mean()), float(((low <= mean) & (mean <= high)).mean())


def of_rows(results: Mapping[str, Result]) -> np.ndarray:
    """`coverage` of every row whose values differ, (row, 2), of this build."""
    found = []
    for claim, result in results.items():
        rng = generator(0, f"coverage.{claim}")
        for row in result.statistics:
            values = np.array([value for value in row.values if np.isfinite(value)])
            if len(np.unique(values)) >= FEW:
                found.append(coverage(values, rng=rng))
    return np.array(found).reshape(-1, 2)


def rows(results: Mapping[str, Result]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of coverage."""
    rng = generator(0, "coverage.distributions")
    normal, skewed = rng.standard_normal(N_VALUES), rng.lognormal(size=N_VALUES)
    of_book = of_rows(results)
    table = [
        ["normal values", "-", *percent(np.array(coverage(normal, rng=rng)))],
        ["log-normal values", "-", *percent(np.array(coverage(skewed, rng=rng)))],
    ]
    if len(of_book):
        named = {"median": 0.5, "worst of ten": 0.1}
        for name, q in named.items():
            label = f"this book's rows, {name}"
            table.append([label, len(of_book), *percent(np.quantile(of_book, q, axis=0))])
    return ["values", "rows", "Student's t", "percentile bootstrap"], table


def percent(shares: np.ndarray) -> list[str]:
    """Shares in percent."""
    return [f"{share:.0%}" for share in shares]
