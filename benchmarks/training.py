"""One training update of ten networks: this library against what people use, and against the
machine's peak.

In each round every competitor makes about a second of updates, so that what else the machine does
hits all of them; times are medians over the rounds, ratios are of medians. Before that all make a
few updates without noise on the same trials, and their losses must agree.
"""

from statistics import median

import numpy as np

from benchmarks import parts, sizes
from benchmarks.competitors import Competitor, competitors
from benchmarks.peak import Peak
from benchmarks.tables import rounded, show, spread
from taskrnn.experiments import Experiment

ROUNDS, SECONDS = 7, 1.0
# Of losses without noise, relative: the first one, and those after updates, in which PyTorch's Adam
# adds epsilon elsewhere.
AGREEMENT = {"first loss": 1e-4, "losses after updates": 1e-3}
AT_BOOK_SIZES = {
    "single-network": 3.0,
    "batched": 2.0,
}  # goals: how many times as fast as the fastest peer of a kind
AT_LARGE_BATCH = {"single-network": 2.0, "batched": 2.0, "share of peak": 0.6}


def run(quick: bool) -> dict:
    """Measure and print every size."""
    if quick:
        return {
            "sizes": [measure(sizes.TINY, AT_LARGE_BATCH, rounds=2, seconds=0.02, matrices=(256,))]
        }
    goals = {sizes.LARGE_BATCH: AT_LARGE_BATCH} | dict.fromkeys(sizes.BOOK, AT_BOOK_SIZES)
    measured = [
        measure(size, g, rounds=ROUNDS, seconds=SECONDS, matrices=(1024, 2048))
        for size, g in goals.items()
    ]
    return {"networks": sizes.N_NETWORKS, "rounds": ROUNDS, "sizes": measured}


def measure(
    experiment: Experiment, goals: dict, *, rounds: int, seconds: float, matrices: tuple[int, ...]
) -> dict:
    """All competitors at one size."""
    found, peak = competitors(experiment), Peak(matrices)
    for competitor in found:
        competitor.get_ready()
        require_agreement(competitor, found[0])
    peak.get_ready()
    for competitor in found:  # not before all have started
        competitor.calibrate(seconds)
    for _ in range(rounds):
        for competitor in found:
            competitor.measure()
        peak.measure(seconds / 4)
    for group in [*(competitor.group for competitor in found), *peak.groups]:
        group.stop()
    result = summary(experiment, found, peak.result(), goals)
    show_result(result)
    result["parts_ms"] = parts.measure(experiment, found[0].shards, rounds=rounds)
    return result


def disagreement(one: Competitor, other: Competitor) -> dict[str, float]:
    """Largest relative differences of their losses without noise, over the networks of both."""
    apart = np.array(
        [
            np.abs(one.losses[s] / other.losses[s] - 1)
            for s in one.losses.keys() & other.losses.keys()
        ]
    )
    return dict(
        zip(AGREEMENT, (rounded(apart[:, 0].max()), rounded(apart[:, 1:].max())), strict=True)
    )


def require_agreement(one: Competitor, other: Competitor) -> None:
    """Stop if they do not train the same networks."""
    for name, apart in disagreement(one, other).items():
        if not apart <= AGREEMENT[name]:
            raise SystemExit(
                f"{one.name} does not train the networks of {other.name}: {name} differ by "
                f"{apart:.1e}."
            )


def summary(experiment: Experiment, found: list[Competitor], peak: dict, goals: dict) -> dict:
    """Plain values: the size, a row for each competitor, the peak, and what was reached of the
    goals.
    """
    size, ours = sizes.size(experiment), found[0]
    flop = 6 * sizes.N_NETWORKS * size["B"] * size["T"] * size["N"] ** 2
    rows = []
    for c in found:
        gflops = flop / median(c.milliseconds) / 1e6
        ratio = median(c.milliseconds) / median(ours.milliseconds)
        by_round = spread(np.divide(c.milliseconds, ours.milliseconds).tolist())
        rows.append(
            {
                "way": c.name,
                "kind": c.kind,
                **c.shape,
                "updates_per_round": c.updates,
                "ms_per_update": spread(c.milliseconds),
                "ratio": by_round | {"median": rounded(ratio)},
                "gflops": rounded(gflops),
                "share_of_peak": rounded(gflops / peak["median"]),
                "disagreement": disagreement(c, ours),
            }
        )
    reached = {"share of peak": rows[0]["share_of_peak"]}
    for kind in ("single-network", "batched"):
        reached[kind] = min(row["ratio"]["median"] for row in rows if row["kind"] == kind)
    return {
        "name": experiment.name,
        **size,
        "rows": rows,
        "peak_gflops": peak,
        "goals": {name: {"goal": goal, "reached": reached[name]} for name, goal in goals.items()},
    }


def show_result(result: dict) -> None:
    header = [
        "",
        "processes x threads",
        "ms per update",
        "least",
        "most",
        "of ours",
        "GFLOP/s",
        "of peak",
        "loss apart",
        "after updates",
    ]
    rows = [
        [
            row["way"],
            f"{row['processes']} x {row['threads']}",
            *(f"{row['ms_per_update'][value]:.1f}" for value in ("median", "min", "max")),
            f"{row['ratio']['median']:.2f}",
            f"{row['gflops']:.1f}",
            f"{row['share_of_peak']:.0%}",
            *(f"{apart:.0e}" for apart in row["disagreement"].values()),
        ]
        for row in result["rows"]
    ]
    show(f"Ten networks, {result['name']}", header, rows)
    peak = result["peak_gflops"]
    print(
        f"peak: {peak['median']:.0f} GFLOP/s ({peak['min']:.0f} to {peak['max']:.0f}), "
        f"{peak['way']}"
    )
    for name, goal in result["goals"].items():
        print(f"{name}: {goal['reached']:.2f}, goal {goal['goal']:g}")
