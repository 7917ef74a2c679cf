"""Angles of the readout to the predictive and the principal subspaces, and what chance gives
(Figure 11).
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.predictive_subspaces import alignment
from taskrnn.activity.subspaces import DIMENSIONS
from taskrnn.analysis import nulls
from taskrnn.analysis.statistics import of_known

BAND = (0.5, 0.025, 0.975)


def readout_angles(networks: xr.Dataset, found: xr.Dataset) -> xr.Dataset:
    """Angles in degrees, each (network, when, dimension).

    Parameters
    ----------
    networks : Dataset
        From `taskrnn.ensembles.ensemble`.
    found : Dataset (network, when, ...)
        `taskrnn.activity.subspaces` of the same networks.

    Returns
    -------
    Dataset with
        dca, pca : of the readout to the predictive and to the principal subspace
        again : to the predictive subspace of another session
        active : to the predictive subspace, of the readout of the active units alone
        matched (..., draw) : to random subspaces drawn with the activity's covariance
        shuffled : of the readout with its weights dealt out anew to the active units, to the
            predictive subspace
        uniform, uniform_active : medians for a random subspace of all units, and of the active
            units
        band (quantile, dimension) : median and 95 % band for a random subspace of all units
    """
    vectors = readouts(networks)
    band = np.array(
        [nulls.vector_angle_quantiles(vectors.shape[1], d, q=BAND) for d in DIMENSIONS]
    ).T
    uniform, seeds = np.tile(band[0], (len(vectors), 1)), networks.seed.values.tolist()
    times = [_at(vectors, seeds, found.sel(when=when), uniform) for when in found.when.values]
    angles = xr.concat(times, "when").assign_coords(when=found.when, dimension=list(DIMENSIONS))
    return angles.assign(band=(("quantile", "dimension"), band)).transpose("network", "when", ...)


def readouts(networks: xr.Dataset) -> np.ndarray:
    """The readout vectors (network, unit)."""
    return networks.readout.values[:, 0].astype(float)


def _at(
    vectors: np.ndarray, seeds: list[int], found: xr.Dataset, uniform: np.ndarray
) -> xr.Dataset:
    dca, active = found.dca.values, found.active.values
    pca = alignment.by_dimension(found.pca.values, dimensions=DIMENSIONS)
    options = {"dimensions": DIMENSIONS, "seeds": seeds}
    axes = ("network", "dimension")
    return xr.Dataset(
        {
            "dca": (axes, alignment.angles_to_vector(vectors, dca, dimensions=DIMENSIONS)),
            "pca": (axes, alignment.angles_to_vector(vectors, pca, dimensions=DIMENSIONS)),
            "again": (
                axes,
                alignment.angles_to_vector(vectors, found.again.values, dimensions=DIMENSIONS),
            ),
            "active": (
                axes,
                alignment.angles_to_vector(vectors * active, dca, dimensions=DIMENSIONS),
            ),
            "matched": (
                (*axes, "draw"),
                alignment.chance_to_vector(vectors, found.covariance.values, **options),
            ),
            "shuffled": (axes, alignment.shuffled_readout(vectors, dca, active=active, **options)),
            "uniform": (axes, uniform),
            "uniform_active": (
                axes,
                alignment.chance_among(active.sum(axis=1), dimensions=DIMENSIONS),
            ),
        }
    )


def numbers(networks: dict[str, xr.Dataset], found: dict[str, xr.Dataset]) -> SimpleNamespace:
    """Numbers of the text, by task: medians over networks.

    ones, rate : angle in degrees of the readout to the direction in which all units rise alike, and
        to the mean rate after training
    active : (before, after) units that are seen
    """
    said = SimpleNamespace(ones={}, rate={}, active={})
    for task in found:
        vectors = readouts(networks[task])
        to = {"ones": np.ones_like(vectors), "rate": found[task]["mean"].sel(when="after").values}
        for name, direction in to.items():
            angle = alignment.angles_to_vector(
                vectors, direction[:, None, :, None], dimensions=(1,)
            )
            getattr(said, name)[task] = of_known(np.median, angle)
        seen = found[task].active.sum("unit", skipna=False)
        said.active[task] = [
            of_known(np.median, seen.sel(when=when)) for when in ("before", "after")
        ]
    return said


def by_dimension(angles: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of means over networks, before and after training."""
    columns = {
        "DCA": "dca",
        "PCA": "pca",
        "DCA, active units' readout": "active",
        "covariance-matched": "matched",
        "shuffled": "shuffled",
    }
    rows = []
    for task, a in angles.items():
        for d in DIMENSIONS:
            at = a.sel(dimension=d)
            means = [
                "/".join(
                    f" {of_known(np.mean, at[name].sel(when=when)):.1f} "
                    for when in ("before", "after")
                )
                for name in columns.values()
            ]
            rows.append([task, d, *means, f"{at.band.values[0]:.1f}"])
    return ["task", "d", *columns, "any subspace"], rows
