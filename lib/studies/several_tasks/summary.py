"""Tables and numbers of the chapter on several tasks in one network."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.several_tasks.experiments import NOTE
from studies.tables import number
from taskrnn.analysis.statistics import of_known


def performance(
    both: Mapping[str, xr.Dataset], one: Mapping[str, Mapping[str, xr.Dataset]]
) -> tuple[list[str], list[list]]:
    """Header and rows: how many networks do each task, and their median error; see
    `studies.several_tasks.claims.m1`.
    """
    kinds = {"both tasks": both} | {f"{task} alone": of for task, of in one.items()}
    cases = {"untrained": (both, "before")} | {name: (of, "after") for name, of in kinds.items()}
    rows = []
    for name, (of, when) in cases.items():
        row = [name]
        for task in NOTE:
            done = of[task].sel(when=when)
            row.append(f"{int(done.holds.sum())} of {done.sizes['network']}")
            row.append(number(of_known(np.median, done.error)))
        rows.append(row)
    header = [text for task in NOTE for text in (f"do {task}", "median error")]
    return ["trained on", *header], rows


def silenced(found: xr.Dataset) -> tuple[list[str], list[list]]:
    """Header and rows: mean rates of the units of each task and of the random ones, and the share
    of the units of one that are also units of the other, from
    `studies.several_tasks.lesions.lesions`.
    """
    of = [found.silenced.isel({"of": k}) for k in range(len(NOTE))]
    in_both = of_known(np.mean, (of[0] * of[1]).sum("unit") / of[0].sum("unit"))
    rows = []
    for k, task in enumerate(NOTE):
        rates = [number(of_known(np.median, found[name][:, k])) for name in ("rate", "random_rate")]
        rows.append([task, *rates, f"{in_both:.0%}"])
    return ["units of", "median rate", "random units", "units of the other task too"], rows


def memories(found: Mapping[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows: points of every network in the first and the second context, and what goes
    on, from `studies.several_tasks.memories.continuation`.
    """
    header = [
        "context",
        "network",
        "points",
        "stable",
        "index sums",
        "untrained",
        "wrong",
        "goes on",
    ]
    rows = []
    for strength, of in found.items():
        for k in range(of.sizes["network"]):
            one = of.isel(network=k)
            cells = [
                " and ".join(f"{float(n):.0f}" for n in one[name].sel(when=when).values)
                for name, when in (
                    ("found", "after"),
                    ("stable", "after"),
                    ("index", "after"),
                    ("found", "before"),
                )
            ]
            share, random = (float(one[name]) for name in ("share", "random"))
            goes = f"{share:.2f} (random input {random:.2f})"
            rows.append([strength, k, *cells, f"{float(one.wrong):.2%}", goes])
    return header, rows


def numbers(overlaps: Mapping[str, xr.Dataset], found: Mapping[str, xr.Dataset]) -> SimpleNamespace:
    """Numbers of the text, means over networks.

    between, within : {set of networks: overlap}, of `studies.several_tasks.measures.overlaps`
    switched : {case: share of the units that change sides}, mean over the tasks of
        `studies.several_tasks.jacobians.modulation`
    """
    switched = {}
    for case in ("before", "after"):
        of_tasks = [of_known(np.mean, of.switched.sel(case=case)) for of in found.values()]
        switched[case] = f"{of_known(np.mean, of_tasks):.2f}"
    means = {
        kind: {name: f"{of_known(np.mean, of[kind]):.2f}" for name, of in overlaps.items()}
        for kind in ("between", "within")
    }
    return SimpleNamespace(switched=switched, **means)
