"""The library and the package `dca` side by side, in tables and numbers.

Apart from `studies.latent_space.second_route`, so that a change here does not search again.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.latent_space.second_route import CODES, DIMENSION, THERE
from taskrnn.analysis.dca.lag_covariances import FLOOR, TAPERED
from taskrnn.analysis.statistics import of_known
from taskrnn.analysis.subspaces import principal_angles

Second = dict[str, xr.Dataset]  # {task: `second_route` (network, ...)}


def by_covariances(second: Second) -> tuple[list[str], list[list]]:
    """Header and rows: what both searches find with the same covariances."""
    header = ["network", "covariances", "PI, library (nats)", "PI, package (nats)"]
    header += ["degrees apart", "starts of the package that end there"]
    rows = []
    for name, found in networks(second):
        for code in CODES:
            at = found.sel(covariances=code)
            pis = [f"{float(at.pi.sel(search=by)):.4f}" for by in CODES]
            ended = f"{float(at.ended):.0f} of {float(found.started):.0f}"
            rows.append([name, f"the {code}'s", *pis, f"{float(at.apart):.2f}", ended])
    return header, rows


def by_estimate(second: Second) -> tuple[list[str], list[list]]:
    """Header and rows: how far the subspace turns if the covariances are the package's."""
    header = ["network", "units seen", "degrees apart", "with the floor"]
    header += ["halves of the session", "PI missed"]
    rows = [
        [
            name,
            f"{float(found.seen):.0f}",
            *(f"{float(found[angle]):.1f}" for angle in ("moved", "moved_with_floor", "halves")),
            f"{float(found.lost):.2%}",
        ]
        for name, found in networks(second)
    ]
    return header, rows


def networks(second: Second) -> list[tuple[str, xr.Dataset]]:
    """Every network with its name, such as "decision 0"."""
    return [
        (f"{task} {k}", found.isel(network=k))
        for task, found in second.items()
        for k in range(found.sizes["network"])
    ]


def numbers(second: Second, spaces: dict[str, xr.Dataset]) -> SimpleNamespace:
    """Numbers of the text, over the networks of both tasks.

    Parameters
    ----------
    second : {task: `second_route` (network, ...)}, after training
    spaces : {task: `taskrnn.activity.subspaces.subspaces` (network, when, ...)}

    n_starts : of the package
    there : degrees within which a start of the package counts
    floor, tapered : share of the largest variance; share of a session in which it fades
    drawn : largest angle to the subspaces in `spaces`, which the figures show, in degrees
    apart : {covariances: largest angle between the searches, in degrees}
    pi_gap, code_gap : largest relative difference of PI, of the two searches by one set of
        covariances; of the two codes for one subspace
    moved, moved_with_floor, halves : mean angles in degrees
    lost : largest share of PI
    """
    every = [found for _, found in networks(second)]

    def over(function, name: str) -> float:
        return of_known(function, [float(found[name]) for found in every])

    pi = np.array([found.pi for found in every])  # (network, covariances, search)
    score = np.array([found.score for found in every])
    drawn = [from_the_figures(found, spaces[task]) for task, found in second.items()]
    return SimpleNamespace(
        n_starts=int(over(np.max, "started")),
        there=THERE,
        floor=FLOOR,
        tapered=TAPERED,
        drawn=of_known(np.max, np.concatenate(drawn)),
        apart={
            code: of_known(np.max, [float(found.apart.sel(covariances=code)) for found in every])
            for code in CODES
        },
        pi_gap=of_known(np.max, np.abs(pi[..., 1] / pi[..., 0] - 1)),
        code_gap=of_known(np.max, np.abs(score / pi - 1)),
        moved=over(np.mean, "moved"),
        moved_with_floor=over(np.mean, "moved_with_floor"),
        halves=over(np.mean, "halves"),
        lost=over(np.max, "lost"),
    )


def from_the_figures(found: xr.Dataset, spaces: xr.Dataset) -> np.ndarray:
    """Largest angle in degrees (network,) of the library's subspaces to those of `spaces`."""
    shown = spaces.dca.sel(when="after", dimension=DIMENSION).values[..., :DIMENSION]
    angles = np.full(found.sizes["network"], np.nan)
    for k, (here, there) in enumerate(zip(found.subspace.values, shown, strict=False)):
        if np.isfinite(here).all() and np.isfinite(there).all():
            angles[k] = principal_angles(here, there)[0]
    return angles
