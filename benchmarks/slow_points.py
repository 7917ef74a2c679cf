"""Fixed points found in a second, beside the procedure of FixedPointFinder (Golub and Sussillo 2018), from the same starts.

That procedure is written here in PyTorch with the settings of its PyTorch version: Adam on the mean squared speed of one step of all starts
at once (learning rate 0.05, times 0.7 every 500 steps), until every start has q < 1e-12 or no longer changes, at most 5,000 steps, in
float32. Points that differ by less than 1e-3 in every unit are one. Of small networks all points are known by enumeration; of large
ones the truth is what anybody finds. Everybody has one thread, and in each round does everything once, one after another.
"""

import time

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.tables import rounded, show, spread
from taskrnn.activation import RELU
from taskrnn.enumeration import enumerate_fixed_points
from taskrnn.fixed_points import fixed_points
from taskrnn.slow_points import slow_points

ALPHA, STARTS, ROUNDS, GOAL = 0.1, 100, 3, 20
SIZES = ((12, 1.5, 10), (128, 1.2, 4), (256, 1.2, 2))  # units, gain and number of the networks
TOL_Q, TOL_DQ, TOL_UNIQUE, MAX_ITERS = 1e-12, 1e-20, 1e-3, 5000
OURS, DESCENT, PEER = "region solves", "minimisation of speed", "FixedPointFinder's procedure"


def run(quick: bool) -> dict:
    """Measure and print every size."""
    sizes, rounds = (((8, 1.5, 2),), 1) if quick else (SIZES, ROUNDS)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        rows = [row for size in sizes for row in measure(*size, rounds)]
    header = ["", "N", "seconds", "points found, of all known", "points per second", "of the peer's"]
    cells = [
        [r["way"], str(r["N"]), f"{r['seconds']['median']:.3g}", f"{r['found']} of {r['known']}", f"{r['per_second']:.3g}", f"{r['ratio']:.3g}"]
        for r in rows
    ]
    show("Fixed points of random ReLU networks", header, cells)
    return {"starts": STARTS, "rounds": rounds, "goal": GOAL, "rows": rows}


def measure(n_units: int, gain: float, n_networks: int, rounds: int) -> list[dict]:
    """Everybody on the same networks of one size."""
    rng = np.random.default_rng(n_units)
    W = gain / np.sqrt(n_units) * rng.standard_normal((n_networks, n_units, n_units))
    c = rng.standard_normal((n_networks, n_units))
    starts = np.maximum(rng.standard_normal((n_networks, STARTS, n_units)), 0) * 2 * rng.random((n_networks, STARTS, 1))
    ways = {
        OURS: lambda: [
            fixed_points(w, b, rng=np.random.default_rng(0), n_starts=0, states=s, alpha=ALPHA).rates
            for w, b, s in zip(W, c, starts, strict=True)
        ],
        DESCENT: lambda: [one.fixed.rates for one in slow_points(W, c, starts, activation=RELU, alpha=ALPHA)],
        PEER: lambda: [peer(w, b, s) for w, b, s in zip(W, c, starts, strict=True)],
    }
    seconds, points = {name: [] for name in ways}, {}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            points[name] = way()
            seconds[name].append(time.perf_counter() - start)
    if n_units <= 16:
        truth = [enumerate_fixed_points(w, b).rates for w, b in zip(W, c, strict=True)]
    else:
        truth = [distinct(np.concatenate(found)) for found in zip(*points.values(), strict=True)]
    rows = []
    for name, found in points.items():
        n = sum(recalled(*pair) for pair in zip(truth, found, strict=True))
        rows.append({
            "way": name, "N": n_units, "networks": n_networks, "gain": gain, "seconds": spread(seconds[name]), "found": n,
            "known": sum(map(len, truth)), "per_second": rounded(n / np.median(seconds[name])),
        })  # fmt: skip
    return [row | {"ratio": rounded(row["per_second"] / rows[-1]["per_second"])} for row in rows]


def peer(W: np.ndarray, c: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The points at which the procedure ends with q < TOL_Q, each once, (point, unit)."""
    weights, drive = (torch.tensor(a, dtype=torch.float32) for a in (W.T.copy(), c))
    x = torch.tensor(starts, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=0.05)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=500, gamma=0.7)
    previous = torch.full((len(starts),), float("nan"))
    for _ in range(MAX_ITERS):
        optimizer.zero_grad()
        step = (1 - ALPHA) * x + ALPHA * torch.relu(x @ weights + drive)
        q = 0.5 * torch.sum((x - step) ** 2, dim=1)
        state = x.detach().clone()
        q.mean().backward()
        optimizer.step()
        scheduler.step()
        q = q.detach()
        if bool((((q - previous).abs() < TOL_DQ) | (q < TOL_Q)).all()):
            break
        previous = q
    return distinct(state[q < TOL_Q].numpy().astype(float))


def distinct(points: np.ndarray) -> np.ndarray:
    """The points that differ from all kept before them by TOL_UNIQUE or more in some unit."""
    kept = []
    for point in points:
        if all(np.abs(point - other).max() >= TOL_UNIQUE for other in kept):
            kept.append(point)
    return np.array(kept).reshape(-1, points.shape[1])


def recalled(truth: np.ndarray, found: np.ndarray) -> int:
    """How many of the true points somebody has found."""
    return sum(len(found) > 0 and np.abs(found - point).max(axis=1).min() < TOL_UNIQUE for point in truth)
