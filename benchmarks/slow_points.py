"""Fixed points of ReLU networks: this library's searches beside the procedure of FixedPointFinder,
from the same starts.

A point counts if it is one: the region of what was found is solved exactly, and the solution must
lie in it and within 1 % of what was found. For small networks the truth is the complete
enumeration; for large ones it is what all ways together have found. Everybody runs with one thread,
all networks one after another. In each round everybody does everything once; the ratio is of true
points per second. This library also computes the stability of the points, which is left out of the
others' time.
"""

from statistics import median

import numpy as np

from benchmarks.groups import Group, Requests
from benchmarks.tables import rounded, show, spread

ALPHA, NOISE, NEAR, GOAL, ROUNDS = 0.1, 0.1, 0.01, 20.0, 2
OURS, MINIMA = "this library", "this library, slow points"
TENSORFLOW, PYTORCH = "FixedPointFinder, TensorFlow's", "FixedPointFinder, PyTorch's"
WAYS = (OURS, MINIMA, TENSORFLOW, PYTORCH)
# Name, gain and whether the weights are symmetric with inhibition on the whole, which makes many
# fixed points.
KINDS = (("random", 1.2, False), ("competing", 2.0, True))
SIZES = {
    12: (4, 100),
    128: (1, 50),
    256: (1, 30),
}  # units: networks, starts for each; the peer needs minutes for more


def run(quick: bool) -> dict:
    """Measure and print all sizes."""
    if quick:
        return {"sizes": [measure(8, KINDS[1], 1, 5, rounds=1)]}
    return {
        "rounds": ROUNDS,
        "sizes": [
            measure(n, kind, *many, rounds=ROUNDS) for n, many in SIZES.items() for kind in KINDS
        ],
    }


def networks(n_units: int, kind: tuple, n_networks: int, n_starts: int):
    """Weights, constant inputs and starts of each network.

    The starts are states of trajectories at times up to 5 tau, from rates with all shares of active
    units, with some noise.
    """
    _, gain, competing = kind
    rng = np.random.default_rng(0)
    for _ in range(n_networks):
        W = gain / np.sqrt(n_units) * rng.standard_normal((n_units, n_units))
        if competing:
            W = (W + W.T) / np.sqrt(2) - 1 / np.sqrt(n_units)
        np.fill_diagonal(W, 0)
        c = 0.5 * rng.standard_normal(n_units)
        c = 0.5 + np.abs(c) if competing else c
        active = rng.random((n_starts, n_units)) < rng.random((n_starts, 1))
        rates, end = (
            active * np.abs(rng.standard_normal(active.shape)),
            rng.integers(0, 5 / ALPHA, (n_starts, 1)),
        )
        for t in range(int(5 / ALPHA)):
            rates = np.where(
                t < end, (1 - ALPHA) * rates + ALPHA * np.maximum(rates @ W.T + c, 0), rates
            )
        yield W, c, rates + NOISE * rng.standard_normal(rates.shape)


def serve(requests: Requests, name: str, *case) -> None:
    """One process: report the true points of every network, then search again at each request."""
    problems = list(networks(*case))
    requests.report([true_points(W, c, find(name, W, c, starts)) for W, c, starts in problems])
    for _ in requests:
        for problem in problems:
            find(name, *problem)


def find(name: str, W, c, starts) -> np.ndarray:
    """What one way finds, (point, unit)."""
    if name == OURS:
        from taskrnn.analysis.fixed_points.exact import fixed_points

        return fixed_points(
            W, c, rng=np.random.default_rng(0), alpha=ALPHA, n_starts=0, states=starts
        ).rates
    if name == MINIMA:
        from taskrnn.analysis.fixed_points.slow import slow_points

        return slow_points(W[None], c[None], starts[None], alpha=ALPHA)[0].fixed.rates
    from benchmarks.peers import fixed_point_finder

    return fixed_point_finder.find(W, c, starts, alpha=ALPHA, adaptive=name == TENSORFLOW)


def true_points(W, c, found) -> np.ndarray:
    """The exact fixed points (point, unit) next to what was found."""
    from taskrnn.analysis.fixed_points.points import distinct
    from taskrnn.analysis.fixed_points.regions import agrees, solve_regions

    regions = found @ W.T + c > 0
    exact, _ = solve_regions(W, c, regions, 0.0, found)
    real = agrees(exact @ W.T + c, regions).all(axis=1)
    near = np.linalg.norm(exact - found, axis=1) <= NEAR * np.linalg.norm(exact, axis=1)
    exact = exact[real & near]
    return exact[distinct(exact, 1e-6)[1]]


def measure(n_units: int, kind: tuple, n_networks: int, n_starts: int, *, rounds: int) -> dict:
    """Everybody on the same networks."""
    from taskrnn.analysis.fixed_points.enumeration import LARGEST, enumerate_fixed_points
    from taskrnn.analysis.fixed_points.points import distinct

    case = (n_units, kind, n_networks, n_starts)
    groups = [Group(serve, [(name, *case)], n_threads=1) for name in WAYS]
    found = [group.answers()[0] for group in groups]
    seconds = np.array([[group.ask(1)[0] for group in groups] for _ in range(rounds)])
    for group in groups:
        group.stop()
    if n_units <= LARGEST:
        n_true = sum(len(enumerate_fixed_points(W, c).rates) for W, c, _ in networks(*case))
    else:
        n_true = sum(
            len(distinct(np.concatenate(points), 1e-6)[1]) for points in zip(*found, strict=True)
        )
    rows = []
    for name, points, times in zip(WAYS, found, seconds.T, strict=True):
        n_found = sum(map(len, points))
        rows.append(
            {
                "way": name,
                "found": n_found,
                "recall": rounded(n_found / n_true) if n_true else None,
                "seconds": spread(times),
                "per_second": rounded(n_found / median(times)),
            }
        )
    size = {
        "N": n_units,
        "kind": kind[0],
        "networks": n_networks,
        "starts": n_starts,
        "true": n_true,
    }
    result = {**size, "goal": GOAL, "rows": rows}
    show_result(result)
    return result


def show_result(result: dict) -> None:
    best = result["rows"][0]["per_second"]
    rows = [
        [
            row["way"],
            str(row["found"]),
            "-" if row["recall"] is None else f"{row['recall']:.2f}",
            f"{row['seconds']['median']:.3g}",
            f"{row['per_second']:.3g}",
            f"{best / row['per_second']:.1f}" if row["per_second"] else "-",
        ]
        for row in result["rows"]
    ]
    title = "Fixed points, N = {N}, {kind}, {networks} networks, {starts} starts: {true}".format(
        **result
    )
    show(
        title, ["", "found", "recall", "seconds", "points per second", "ours, times as many"], rows
    )
