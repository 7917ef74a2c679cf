"""The search that a chapter makes for one network, and the package `dca` doing the same.

Lag statistics of 40,000 steps of 256 units once, then the best of many random starts for every
dimension from 1 to 10, in one thread. The package makes a few of the starts, one after another, and
is counted as if it had made all: that would take hours. It gets the tolerance at which its
subspaces agree with ours. The two take turns, dimension by dimension.
"""

import time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.dca import CONVERGED, OURS, WINDOW, agree, model, trial
from benchmarks.tables import rounded, show

UNITS, N_STEPS, DIMENSIONS, STARTS, OF_PACKAGE = 256, 40_000, tuple(range(1, 11)), 50, 5


def run(quick: bool) -> dict:
    """Measure and print."""
    import torch

    sizes = (12, 1500, (1, 2), 4, 2) if quick else (UNITS, N_STEPS, DIMENSIONS, STARTS, OF_PACKAGE)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        return measure(*sizes)


def measure(
    n_units: int, n_steps: int, dimensions: tuple[int, ...], n_starts: int, of_package: int
) -> dict:
    """Seconds of both, and by how much of ours the package's PI falls short."""
    from taskrnn.analysis.dca.predictive_information import Whitened, search

    X, ours, package = trial(n_units, n_steps), model(OURS), model(CONVERGED)
    statistics = [timed(lambda of=of: of.estimate_data_statistics(X))[0] for of in (ours, package)]
    (start, white) = timed(lambda: Whitened(ours.cross_covs))
    rng, rows = np.random.default_rng(1), []
    for d in dimensions:
        own, starts = timed(lambda d=d: search(white, d, rng=rng, n_starts=n_starts))
        package.n_init = of_package
        theirs, _ = timed(lambda d=d: package.fit_projection(d=d))
        apart = agree(ours.cross_covs, starts.best, package.coef_)
        seconds = {"ours": rounded(own), "package": rounded(theirs * n_starts / of_package)}
        rows.append({"d": d, **seconds, **apart})
    totals = {
        "ours": rounded(statistics[0] + start + sum(row["ours"] for row in rows)),
        "package": rounded(statistics[1] + sum(row["package"] for row in rows)),
    }
    result = {"N": n_units, "steps": n_steps, "window": WINDOW, "starts": n_starts}
    result |= {"package_starts": of_package, "statistics_s": [rounded(s) for s in statistics]}
    result |= {
        "rows": rows,
        "seconds": totals,
        "ratio": rounded(totals["package"] / totals["ours"]),
    }
    header = ["d", "ours, s", "dca, s", "PI short by", "degrees apart"]
    cells = [
        [f"{row['d']}", f"{row['ours']:.2f}", f"{row['package']:.0f}"]
        + [f"{row['pi_short']:.0e}", f"{row['angle']:.2f}"]
        for row in rows
    ]
    show(f"A chapter's search, N = {n_units}, {n_starts} starts", header, cells)
    print(f"all of it: {totals['ours']} s and {totals['package']} s, {result['ratio']} times")
    return result


def timed(call) -> tuple[float, object]:
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found
