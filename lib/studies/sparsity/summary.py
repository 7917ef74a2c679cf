"""Tables of the chapter on sparsity."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from studies.ledger import Result
from studies.sparsity.claims import OTHERS
from studies.sparsity.experiments import STRENGTHS, of_kind
from studies.tables import number
from taskrnn.analysis.statistics import of_known

SHARES = {"zeros": "zero", "thresholded": "zero if untrained", "small": "below 0.01 sd"}
ENDS = ("units with a weight", "final loss", "do the task")


def ways(
    sparse: Mapping[str, xr.Dataset], own: Mapping[str, xr.Dataset]
) -> tuple[list[str], list[list]]:
    """Header and rows of the table of all experiments, medians over networks.

    Parameters
    ----------
    sparse : {experiment: `studies.sparsity.measures.sparseness`}
    own : {experiment: `studies.sparsity.claims.performed`}
    """
    rows = []
    for name, of in sparse.items():
        shares = [f"{of_known(np.median, of[key]):.1%}" for key in SHARES]
        done = own[name].sel(when="after")
        budget = f"{of_known(np.median, of.budget):.1f}"
        label = name.replace("shrink_", "threshold ").replace("_", ", ")
        rows.append([label, budget, *shares, *ends(of, done)])
    return ["networks", "budget (sd)", *SHARES.values(), *ENDS], rows


def ends(of: xr.Dataset, done: xr.Dataset) -> list[str]:
    """The cells under `ENDS`."""
    count = f"{int(done.holds.sum())} of {done.sizes['network']}"
    n_units, loss = (of_known(np.median, of[key]) for key in ("units", "loss"))
    return [f"{n_units:.0f}", number(loss), count]


def masks(
    found: Mapping[str, xr.Dataset], done: Mapping[str, xr.Dataset]
) -> tuple[list[str], list[list]]:
    """Header and rows of the table of masks, medians over networks.

    Parameters
    ----------
    found : {task: `studies.sparsity.measures.masked`}
    done : {task: `studies.sparsity.claims.performed`} of the same
    """
    rows = []
    for task, of in found.items():
        for mask in of.mask.values.tolist():
            one = of.sel(mask=mask)
            overlap = f"{of_known(np.median, one.overlap):.0%}"
            cells = ends(one, done[task].sel(mask=mask))
            rows.append([task, OTHERS.get(mask, mask), overlap, *cells])
    return ["task", "mask", "of the found weights it has", *ENDS], rows


def words(**kinds: Mapping[str, Result]) -> tuple[list[str], list[list]]:
    """Header and rows: the word of every claim in every kind of networks."""
    claims = next(iter(kinds.values()))
    return ["claim", *kinds], [
        [name, *(of[name].verdict for of in kinds.values())] for name in claims
    ]


def same(one: Mapping[str, Result], other: Mapping[str, Result]) -> str:
    """How many claims have the same word in two kinds of networks, of all."""
    return f"{sum(one[name].verdict == other[name].verdict for name in one)} of {len(one)}"


def sparsest(kind: str | None) -> str:
    """What `studies.sparsity.claims.sparsest` found, in a sentence."""
    if kind is None:
        return (
            "At no strength do nine of ten networks do their task in both tasks, so that K3 is "
            "undecided; the words below are those of the weakest threshold"
        )
    return (
        f"The strongest threshold at which nine of ten networks do their task, in both tasks, is "
        f"that of strength {STRENGTHS[kind]:.1f}, and K3 is about these networks"
    )


def below_threshold(use: Mapping[str, xr.Dataset], kind: str) -> str:
    """Mean share of (unit, time) below threshold after training, perception and decision.

    Parameters
    ----------
    use : {experiment: `studies.nonlinearity.measures.rectification`}
    """
    shares = [
        of_known(np.mean, of.below.sel(noise="as in training", when="after"))
        for of in of_kind(use, kind).values()
    ]
    return " and ".join(f"{share:.2f}" for share in shares)
