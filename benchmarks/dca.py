"""Dynamical components analysis: lag statistics and one search, against the package `dca`, at equal
results.

All find the subspace of the same activity from one random start. Its most predictive subspace is
unique, so what they find must agree. The package is taken as it comes, and with the tolerance at
which its subspaces agree with ours. Everybody runs with one thread, as the library does (its
searches are side by side in processes), and with a thread for each core; ratios are to the library
with one thread. In each round everybody does everything once; ratios are of medians over the
rounds.
"""

import logging
import timeit
import warnings
from statistics import median

import loky
import numpy as np
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

from benchmarks.groups import Group, Requests
from benchmarks.tables import rounded, show, spread

WINDOW, DIMENSIONS, UNITS, N_STEPS, ROUNDS = 5, (1, 3, 10), (128, 256), 9000, 3
PI_AGREEMENT, ANGLE_AGREEMENT, GOAL = 1e-6, 0.5, 30.0  # relative, degrees, times as fast
OURS, AS_IT_COMES, CONVERGED = "this library", "dca", "dca, tol = 1e-9"
TOLERANCE = {AS_IT_COMES: 1e-6, CONVERGED: 1e-9}  # the first is the package's default


def run(quick: bool) -> dict:
    """Measure and print both sizes."""
    if quick:
        return {"sizes": [measure(12, 1500, rounds=1)]}
    return {
        "window": WINDOW,
        "steps": N_STEPS,
        "rounds": ROUNDS,
        "sizes": [measure(n, N_STEPS, rounds=ROUNDS) for n in UNITS],
    }


def trial(n_units: int, n_steps: int) -> list[np.ndarray]:
    """One long trial (time, unit): modes of many timescales in all units, and noise of every unit.

    Trials, because for those everybody's statistics are the same; a session would fade in and out
    in this library alone.
    """
    rng, n_modes = np.random.default_rng(0), min(40, n_units)
    decay = np.exp(-1 / np.geomspace(1, 100, n_modes))
    modes = np.zeros((n_steps, n_modes))
    for t in range(1, n_steps):
        modes[t] = decay * modes[t - 1] + np.sqrt(1 - decay**2) * rng.standard_normal(n_modes)
    return [
        modes @ rng.standard_normal((n_modes, n_units))
        + 0.5 * rng.standard_normal((n_steps, n_units))
    ]


def model(name: str):
    """An analysis with the interface of `dca`."""
    if name == OURS:
        from benchmarks.dynamical_components import DynamicalComponentsAnalysis

        return DynamicalComponentsAnalysis(None, WINDOW, rng=np.random.default_rng(1))
    import dca

    warnings.simplefilter("ignore", DeprecationWarning)  # it passes `disp` to SciPy
    logging.disable()
    return dca.DynamicalComponentsAnalysis(T=WINDOW, rng_or_seed=0, tol=TOLERANCE[name])


def serve(requests: Requests, name: str, n_threads: int, n_units: int, n_steps: int) -> None:
    """One process: report the subspace for every dimension; request 2 i + 1 fits dimension i, 2 i +
    2 makes the statistics first.
    """
    if name != OURS:
        import torch

        torch.set_num_threads(n_threads)
    X, analysis = trial(n_units, n_steps), model(name)
    analysis.estimate_data_statistics(X)
    requests.report([fitted(analysis, d) for d in DIMENSIONS])
    for request in requests:
        place, with_statistics = divmod(request - 1, 2)
        if with_statistics:
            analysis.estimate_data_statistics(X)
        fitted(analysis, DIMENSIONS[place])


def fitted(analysis, d: int) -> np.ndarray:
    """Orthonormal basis (unit, d) from one random start."""
    analysis.fit_projection(d=d)
    return analysis.coef_


def measure(n_units: int, n_steps: int, *, rounds: int) -> dict:
    """Everybody at one number of units."""
    shapes = [
        (name, n) for name in (OURS, *TOLERANCE) for n in dict.fromkeys((1, loky.cpu_count()))
    ]
    groups = [Group(serve, [(name, n, n_units, n_steps)], n_threads=n) for name, n in shapes]
    found = [group.answers()[0] for group in groups]
    requests = range(1, 2 * len(DIMENSIONS) + 1)
    seconds = np.array(
        [
            [[group.ask(request)[0] for request in requests] for group in groups]
            for _ in range(rounds)
        ]
    )
    for group in groups:
        group.stop()
    C = model(OURS).estimate_data_statistics(trial(n_units, n_steps)).cross_covs
    rows = []
    for (name, n_threads), subspaces, times in zip(
        shapes, found, seconds.swapaxes(0, 1), strict=True
    ):
        for i, d in enumerate(DIMENSIONS):
            agreement = agree(C, found[0][i], subspaces[i])
            row = {"way": name, "threads": n_threads, "d": d, **agreement}
            for kind, column in (("fit", 2 * i), ("statistics_and_fit", 2 * i + 1)):
                own = np.array(seconds[:, 0, column])
                ratio = median(times[:, column]) / median(own)
                row[f"{kind}_ms"] = spread(1e3 * times[:, column])
                row[f"{kind}_ratio"] = spread(times[:, column] / own) | {"median": rounded(ratio)}
            rows.append(row)
    result = {"N": n_units, "goal": GOAL, "rows": rows, "floor_ms": floor(n_units, n_steps, rounds)}
    show_result(result)
    return result


def floor(n_units: int, n_steps: int, rounds: int) -> dict[str, float]:
    """Medians of what the statistics cannot do without: a product for each lag, and a test whether
    the joint covariance is positive.
    """
    (X,), C = trial(n_units, n_steps), np.asfortranarray(np.eye(2 * WINDOW * n_units))
    calls = {
        "products": lambda: [X[k:].T @ X[: n_steps - k] for k in range(2 * WINDOW)],
        "positive": lambda: lapack.dpotrf(C, lower=True, overwrite_a=False),
    }
    with threadpool_limits(1):
        return {
            name: rounded(median(timeit.repeat(call, number=1, repeat=rounds)) * 1e3)
            for name, call in calls.items()
        }


def agree(C: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """By how much of it the PI falls short of ours, and the largest principal angle in degrees."""
    from scipy.linalg import subspace_angles

    from taskrnn.analysis.dca.predictive_information import predictive_information

    best, other = (predictive_information(C, V) for V in (ours, theirs))
    return {
        "pi_short": rounded(1 - other / best),
        "angle": rounded(np.degrees(subspace_angles(ours, theirs)[0])),
    }


def show_result(result: dict) -> None:
    header = [
        "",
        "threads",
        "d",
        "fit, ms",
        "of ours",
        "with statistics, ms",
        "of ours",
        "PI short by",
        "degrees apart",
    ]
    rows = [
        [
            row["way"],
            str(row["threads"]),
            str(row["d"]),
            *(
                f"{row[f'{kind}_{what}']['median']:.1f}"
                for kind in ("fit", "statistics_and_fit")
                for what in ("ms", "ratio")
            ),
            f"{row['pi_short']:.0e}",
            f"{row['angle']:.2f}",
        ]
        for row in result["rows"]
    ]
    show(f"DCA, N = {result['N']}", header, rows)
    print(f"one thread, ms: {result['floor_ms']}")
