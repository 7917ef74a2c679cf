"""What the page on speed shows of `benchmarks/results.json`: header and rows of its tables, and the
numbers of its text.
"""

from types import SimpleNamespace

from taskrnn.profiles import profile_named

Table = tuple[list[str], list[list]]


def machine(section: dict) -> Table:
    """The machine that the section was measured on."""
    shown = {name: value for name, value in section["machine"].items() if name != "threads_set_by"}
    return ["machine", "value"], [[name.replace("_", " "), value] for name, value in shown.items()]


def ways(sizes: list[dict]) -> Table:
    """Every way of training, by size."""
    header = [
        "N, B, T",
        "way",
        "ms per update",
        "least to most",
        "times ours",
        "GFLOP/s",
        "of peak",
    ]
    rows = []
    for size in sizes:
        for row in size["rows"]:
            ms = row["ms_per_update"]
            cells = [
                f"{size['N']}, {size['B']}, {size['T']}",
                f"{row['way']}, {row['processes']} x {row['threads']}",
            ]
            cells += [
                f"{ms['median']:.0f}",
                f"{ms['min']:.0f} to {ms['max']:.0f}",
                f"{row['ratio']['median']:.2f}",
            ]
            cells += [
                f"{row['gflops']:.0f}",
                f"{row['share_of_peak']:.0%}",
                f"{max(row['disagreement'].values()):.0e}",
            ]
            rows.append(cells)
    return [*header, "losses apart"], rows


def goals(sizes: list[dict]) -> Table:
    """The goals that were set ahead, and what was reached."""
    words = {
        "single-network": "of the fastest single-network way",
        "batched": "of the fastest batched way",
        "share of peak": "of the peak",
    }
    rows = [
        [
            size["name"],
            f"{g['goal']:g} {words[name]}",
            f"{g['reached']:.2f}",
            "yes" if g["reached"] >= g["goal"] else "**no**",
        ]
        for size in sizes
        for name, g in size["goals"].items()
    ]
    return ["size", "goal", "reached", "met"], rows


def parts(sizes: list[dict]) -> Table:
    """The parts of an update, and the ratios if nothing but trials, noise and products took time:
    an update cannot take less.
    """
    update = [size["rows"][0]["ms_per_update"]["median"] for size in sizes]
    least = [size["parts_ms"]["trials and noise"] + size["parts_ms"]["products"] for size in sizes]
    rows = [
        [f"{part}, ms", *(f"{size['parts_ms'][part]:.0f}" for size in sizes)]
        for part in sizes[0]["parts_ms"]
    ]
    rows.append(["whole update, ms", *(f"{ms:.0f}" for ms in update)])
    shares = [f"{few / ms:.0%}" for few, ms in zip(least, update, strict=True)]
    rows.append(["trials, noise and products, of the whole", *shares])
    for kind in ("single-network", "batched"):
        reached = [size["goals"][kind]["reached"] for size in sizes]
        alone = [f"{r * ms / few:.2f}" for r, ms, few in zip(reached, update, least, strict=True)]
        rows.append([f"fastest {kind} way, in units of these alone", *alone])
    return ["part", *(size["name"] for size in sizes)], rows


def dca(section: dict) -> Table:
    """Searches for a predictive subspace."""
    header = [
        "N",
        "d",
        "way",
        "threads",
        "search, ms",
        "times ours",
        "statistics and search, ms",
        "times ours",
    ]
    rows = [
        [size["N"], row["d"], row["way"], row["threads"]]
        + [
            f"{row[f'{kind}_{what}']['median']:.4g}"
            for kind in ("fit", "statistics_and_fit")
            for what in ("ms", "ratio")
        ]
        + [f"{row['pi_short']:.0e}", f"{row['angle']:.2f}"]
        for size in section["sizes"]
        for row in sorted(size["rows"], key=lambda row: row["d"])
    ]
    return [*header, "PI short by", "degrees apart"], rows


def chapter_search(section: dict) -> Table:
    """What a chapter searches for one network, and the package doing the same."""
    rows = [
        [row["d"], f"{row['ours']:.2f}", f"{row['package']:.0f}"]
        + [f"{row['package'] / row['ours']:.0f}", f"{row['pi_short']:.0e}", f"{row['angle']:.2f}"]
        for row in section["rows"]
    ]
    ours, package = section["statistics_s"]
    rows.insert(0, ["statistics", f"{ours:.2f}", f"{package:.2f}", f"{package / ours:.1f}", "", ""])
    header = ["d", "this library, s", "dca, s", "times ours", "PI short by", "degrees apart"]
    return header, rows


def spectra(section: dict) -> Table:
    """Lyapunov spectra."""
    header = [
        "f",
        "way",
        "seconds",
        "of this library's",
        "steps between QRs",
        "largest difference (1/tau)",
    ]
    rows = [
        [r["activation"], r["way"], f"{r['seconds']['median']:.2f}", f"{r['ratio']['median']:.1f}"]
        + [f"{r['steps_between_qr']:.0f}", f"{r['apart']:.1g}"]
        for r in section["rows"]
    ]
    return header, rows


def points(section: dict) -> Table:
    """Fixed points."""
    rows = []
    for size in section["sizes"]:
        ours = size["rows"][0]["per_second"]
        for r in size["rows"]:
            times = f"{ours / r['per_second']:.3g}" if r["per_second"] else "-"
            cells = [
                f"{r['found']} of {size['true']}",
                f"{r['seconds']['median']:.3g}",
                f"{r['per_second']:.3g}",
                times,
            ]
            rows.append([f"{size['N']}, {size['kind']}", r["way"], *cells])
    return ["N", "way", "points found", "seconds", "points per second", "ours, times as many"], rows


def analyses(section: dict) -> Table:
    """Growth of the analyses with the number of networks."""
    columns = {"seconds": "s", "here_mb": "MB here", "worker_mb": "MB in a worker"}
    header = [
        "analysis",
        *(f"{text}, {n}" for text in columns.values() for n in section["counts"]),
        "ratio of times",
    ]
    rows = [
        [
            name,
            *(f"{at[key]:.3g}" for key in columns for at in pair),
            f"{pair[1]['seconds'] / pair[0]['seconds']:.1f}",
        ]
        for name, pair in section["points"].items()
    ]
    return header, rows


def book(section: dict) -> Table:
    """Builds of the book, and its chapters."""
    profiles = ("smoke", "paper")
    rows = [
        [n, *(f"{section[p]['seconds'][n]:.1f}" for p in profiles), f"{goal}"]
        for n, goal in section["goals"].items()
    ]
    rows += [
        [n, *(f"{section[p]['chapters'].get(n, float('nan')):.1f}" for p in profiles), ""]
        for n in section["paper"]["chapters"]
    ]
    return ["seconds", *profiles, "goal for paper"], rows


def numbers(results: dict) -> SimpleNamespace:
    """Numbers of the text; pairs are the least and the most."""
    training, search, whole = results["training"], results["dca"], results["book"]
    tasks = [
        size["goals"] for size in training["sizes"] if size["B"] == 10
    ]  # the sizes of the two tasks
    cores, peak = (
        training["machine"]["cores"],
        max(size["peak_gflops"]["median"] for size in training["sizes"]),
    )
    seconds, chapter = whole["paper"]["seconds"]["from nothing"], results["dca_chapter"]
    paper, large = (profile_named(name).n_networks for name in ("paper", "large"))
    return SimpleNamespace(
        single=extremes(goals["single-network"]["reached"] for goals in tasks),
        batched=extremes(goals["batched"]["reached"] for goals in tasks),
        dca=extremes(at_best_threads(search, "statistics_and_fit")),
        fit=extremes(at_best_threads(search, "fit")),
        short=max(abs(row["pi_short"]) for row in chapter["rows"]),
        cores=cores,
        peak=peak,
        peak_core=peak / cores,
        book_minutes=seconds / 60,
        smoke_minutes=whole["smoke"]["seconds"]["from nothing"] / 60,
        per_network=seconds / paper,
        large_hours=seconds / paper * large / 3600,
        starts=profile_named("paper").n_starts,
    )


def at_best_threads(section: dict, kind: str) -> list[float]:
    """How many times as long `dca` takes, converged, at its best number of threads, for each size
    and dimension.
    """
    best: dict[tuple, float] = {}
    for size in section["sizes"]:
        for row in size["rows"]:
            if row["way"] == "dca, tol = 1e-9":
                key, ratio = (size["N"], row["d"]), row[f"{kind}_ratio"]["median"]
                best[key] = min(best.get(key, ratio), ratio)
    return list(best.values())


def extremes(values) -> tuple[float, float]:
    """The least and the most."""
    values = list(values)
    return min(values), max(values)
