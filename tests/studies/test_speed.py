"""What the page on speed makes of the benchmark's numbers."""

import json
from pathlib import Path

from studies.speed import figures, measures

RESULTS = json.loads((Path(__file__).parents[2] / "benchmarks" / "results.json").read_text())


def size(name, batch, single, batched):
    goals = {
        "single-network": {"goal": 2, "reached": single},
        "batched": {"goal": 2, "reached": batched},
    }
    parts = {"trials and noise": 10, "products": 30, "starting": 1}
    row = {"ms_per_update": {"median": 50}}
    return {"name": name, "B": batch, "goals": goals, "parts_ms": parts, "rows": [row]}


def test_goals_are_met_or_not():
    _, rows = measures.goals([size("a", 10, 2.0, 1.9)])
    assert [(row[2], row[3]) for row in rows] == [("2.00", "yes"), ("1.90", "**no**")]


def test_parts_are_shares_of_an_update():
    _, rows = measures.parts([size("a", 10, 2.0, 1.5)])
    told = dict(rows)
    assert told["trials, noise and products, of the whole"] == "80%"
    assert told["fastest single-network way, in units of these alone"] == "2.50"


def test_the_package_counts_at_its_best_number_of_threads():
    def row(way, ratio):
        return {"d": 1, "way": way, "fit_ratio": {"median": ratio}}

    rows = [row("dca, tol = 1e-9", 9.0), row("dca, tol = 1e-9", 7.0), row("dca", 1.0)]
    assert measures.at_best_threads({"sizes": [{"N": 4, "rows": rows}]}, "fit") == [7.0]


def test_every_table_has_as_many_cells_as_its_header():
    sizes = RESULTS["training"]["sizes"]
    tables = [
        measures.machine(RESULTS["training"]),
        *(of(sizes) for of in (measures.ways, measures.goals, measures.parts)),
    ]
    named = {
        "dca": "dca",
        "dca_chapter": "chapter_search",
        "lyapunov": "spectra",
        "slow_points": "points",
        "analyses": "analyses",
        "book": "book",
    }
    tables += [getattr(measures, function)(RESULTS[section]) for section, function in named.items()]
    for header, rows in tables:
        assert rows and {len(row) for row in rows} == {len(header)}


def test_numbers_are_those_of_the_sizes_of_the_tasks():
    numbers = measures.numbers(RESULTS)
    reached = [
        s["goals"]["batched"]["reached"] for s in RESULTS["training"]["sizes"] if s["B"] == 10
    ]
    assert numbers.batched == (min(reached), max(reached))
    assert numbers.large_hours * 3600 == 100 * numbers.per_network


def test_figures_have_a_panel_for_each_size():
    assert len(figures.ways(RESULTS["training"]["sizes"]).axes) == len(RESULTS["training"]["sizes"])
