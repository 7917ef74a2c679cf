"""Time of our DCA against the package `dca`: lag covariances and one search, N = 256 units, T = 5 steps.

    python benchmarks/dca_speed.py

The two take turns on the same data, so that what else the machine does hits both; ratios are of medians. Ours always
searches to a tolerance of 1e-9; the package to its default 1e-6, and then to 1e-9 too.
"""

import os

# Before NumPy and torch are loaded. One thread: at these sizes two are slower.
os.environ |= {"OMP_NUM_THREADS": "1"}

import logging
import time
import warnings
from statistics import median

import dca
import numpy as np

from taskrnn import predictive_information as pi

N_UNITS, T, ROUNDS = 256, 5, 5


def session(n_steps=9000, n_modes=40):
    """Noise of every unit on top of modes of many timescales."""
    rng = np.random.default_rng(0)
    decay = np.exp(-1 / np.geomspace(1, 100, n_modes))
    modes = np.zeros((n_steps, n_modes))
    for t in range(1, n_steps):
        modes[t] = decay * modes[t - 1] + np.sqrt(1 - decay**2) * rng.standard_normal(n_modes)
    return modes @ rng.standard_normal((n_modes, N_UNITS)) + 0.5 * rng.standard_normal((n_steps, N_UNITS))


def seconds(call):
    """Time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    """Print a table of medians."""
    warnings.simplefilter("ignore", DeprecationWarning)  # dca passes `disp` to SciPy
    logging.disable()
    X, rng = session(), np.random.default_rng(1)
    original = dca.DynamicalComponentsAnalysis(T=T, rng_or_seed=0)
    ours = pi.DynamicalComponentsAnalysis(None, T, rng=rng)

    def row(name, *calls):
        times = np.array([[seconds(call) for call in calls] for _ in range(ROUNDS)])
        theirs, own = (median(column) for column in times.T)
        print(f"{name:<34}{1e3 * theirs:>10.1f}{1e3 * own:>10.1f}{theirs / own:>8.1f}")

    print(f"{'milliseconds':<34}{'dca':>10}{'ours':>10}{'ratio':>8}")
    row("lag covariances", lambda: original.estimate_data_statistics(X), lambda: ours.estimate_data_statistics(X))
    for d in (1, 3, 10):
        for tol in (1e-6, 1e-9):
            original.tol = tol
            name = f"one search, d = {d}, dca to {tol:g}"
            row(name, lambda: original.fit_projection(d=d), lambda: ours.fit_projection(d))


if __name__ == "__main__":
    main()
