"""Whole Lyapunov spectra, against the loop that everybody writes: np.linalg.qr after every step, or
after as many as ours takes.

All follow the same trajectory from the same frame, so that what they find must agree to rounding.
In each round everybody does everything once, one after another and with one thread; ratios are to
the library.
"""

import time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.tables import rounded, show, spread
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.networks.activation import RELU, TANH, Activation

UNITS, TAUS, ALPHA, ROUNDS = 256, 250, 0.1, 3
LEAD = 300  # steps of transient, and as many of alignment
GAINS = {RELU: 1.2, TANH: 2.0}
OURS, EVERY_STEP, AS_OFTEN = "this library", "QR after every step", "QR as often as ours"
GOAL = 2.0  # times as fast as QR after every step


def run(quick: bool) -> dict:
    """Measure and print both activations."""
    n_units, taus, rounds = (16, 10, 1) if quick else (UNITS, TAUS, ROUNDS)
    with threadpool_limits(1):
        rows = [
            row
            for activation in GAINS
            for row in measure(activation, n_units, round(taus / ALPHA), rounds)
        ]
    show_result(rows, n_units, taus)
    return {
        "N": n_units,
        "taus": taus,
        "alpha": ALPHA,
        "rounds": rounds,
        "goal": GOAL,
        "rows": rows,
    }


def measure(activation: Activation, n_units: int, n_steps: int, rounds: int) -> list[dict]:
    """One driven network, by everybody."""
    rng = np.random.default_rng(0)
    W = GAINS[activation] / np.sqrt(n_units) * rng.standard_normal((n_units, n_units))
    np.fill_diagonal(W, 0)
    drive = 0.5 * rng.standard_normal(n_units) + 0.05 * rng.standard_normal(
        (2 * LEAD + n_steps, n_units)
    )

    def ours():
        options = {
            "activation": activation,
            "alpha": ALPHA,
            "n_exponents": n_units,
            "transient": LEAD,
            "alignment": LEAD,
        }
        return lyapunov(W[None], drive[None], rng=np.random.default_rng(1), **options)

    found = ours()
    interval = round(found.interval[0])
    ways = {
        OURS: lambda: ours().exponents[0],
        EVERY_STEP: lambda: plain(W, drive, activation, np.random.default_rng(1), every=1),
        AS_OFTEN: lambda: plain(W, drive, activation, np.random.default_rng(1), every=interval),
    }
    seconds, exponents = {name: [] for name in ways}, {}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            exponents[name] = way()
            seconds[name].append(time.perf_counter() - start)
    return [
        {
            "activation": activation.name,
            "way": name,
            "seconds": spread(seconds[name]),
            "ratio": spread(np.array(seconds[name]) / seconds[OURS]),
            "steps_between_qr": {
                OURS: rounded(found.interval[0]),
                EVERY_STEP: 1,
                AS_OFTEN: interval,
            }[name],
            "apart": rounded(np.abs(exponents[name] - exponents[EVERY_STEP]).max()),
        }
        for name in ways
    ]


def plain(W, drive, activation: Activation, rng, *, every: int) -> np.ndarray:
    """The loop as it is written in textbooks: a product with the Jacobian at each step, and
    np.linalg.qr.
    """
    n, rates, logs = len(W), np.zeros(len(W)), np.zeros(len(W))
    frame, _ = np.linalg.qr(rng.standard_normal((n, n)))
    for t, now in enumerate(drive, start=1):
        total = W @ rates + now
        rates = (1 - ALPHA) * rates + ALPHA * activation.value(total)
        if t <= LEAD:
            continue
        frame = (1 - ALPHA) * frame + ALPHA * activation.slope(total)[:, None] * (W @ frame)
        # Counted from the end of the alignment, so that what is counted begins with a QR.
        if (t - 2 * LEAD) % every == 0 or t == len(drive):
            frame, R = np.linalg.qr(frame)
            if t > 2 * LEAD:
                logs += np.log(np.abs(R.diagonal()))
    return np.sort(logs / ((len(drive) - 2 * LEAD) * ALPHA))[::-1]


def show_result(rows: list[dict], n_units: int, taus: float) -> None:
    header = ["", "f", "seconds", "of ours", "steps between QRs", "largest difference, 1/tau"]
    cells = [
        [
            row["way"],
            row["activation"],
            f"{row['seconds']['median']:.2f}",
            f"{row['ratio']['median']:.2f}",
            f"{row['steps_between_qr']:.1f}",
            f"{row['apart']:.0e}",
        ]
        for row in rows
    ]
    show(
        f"Whole Lyapunov spectrum, N = {n_units}, {taus} tau after {2 * LEAD * ALPHA:.0f} that do "
        "not count",
        header,
        cells,
    )
