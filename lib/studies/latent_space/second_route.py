"""The second route to the predictive subspace: `dca`, the package of the authors of the method
(PyPI: DynamicalComponentsAnalysis; Clark, Livezey, Bouchard 2019).

It knows nothing of the library's search and estimates. It is given the library's lag covariances,
so that only the searches differ, and then makes its own from the session.

The two estimates differ in two ways. The library's session fades in and out, and the package's is
an average over windows. The library adds a floor to the variances, and the package nothing
(`taskrnn.analysis.dca.lag_covariances` has the reasons).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from taskrnn.activity.session import covariances, session
from taskrnn.activity.subspaces import WINDOW
from taskrnn.analysis.dca.lag_covariances import lag_covariances
from taskrnn.analysis.dca.predictive_information import predictive_information, search
from taskrnn.analysis.subspaces import principal_angles
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.random_numbers import generator
from taskrnn.variables import variable

CODES = ("library", "package")
DIMENSION = 3  # of the pictures
PER_START = 5  # starts of the library for one of the package, which takes a hundred times as long
TOL = 1e-9  # at the package's own 1e-6, starts that end in one optimum stop some degrees apart
THERE = 1.0  # degrees within which a start has ended in a subspace
ROUNDING = 1e-12  # of the largest variance: a smaller eigenvalue is none of the session's
CHUNKS = 8  # of the session in the package's estimate; all its windows at once take a gigabyte
VARIABLES = {
    "pi": ("covariances search", "predictive information", "nats"),
    "score": ("covariances search", "the same, as the package computes it", "nats"),
    "apart": ("covariances", "angle between the searches", "degrees"),
    "ended": ("covariances", "starts of the package that end in the library's subspace", "1"),
    "started": ("", "starts of the package", "1"),
    "moved": ("", "angle of the package's subspace to the library's", "degrees"),
    "moved_with_floor": ("", "the same with the floor in the package's covariances", "degrees"),
    "halves": ("", "angle between the halves of the session", "degrees"),
    "lost": ("", "PI that the package's subspace misses, by the library's covariances", "1"),
    "seen": ("", "units that are seen", "1"),
    "subspace": ("unit component", "most predictive subspace, by the library", "1"),
}


def second_route(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: Literal["before", "after"],
    n_starts: int = 50,
    n_steps: int = 40_000,
) -> xr.Dataset:
    """The predictive subspace of one session by both codes, each with both codes' covariances.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    n_starts : int
        Random starts of a search by the library; the package has one for every `PER_START`.
    n_steps : int
        Length of the session.

    Returns
    -------
    Dataset with
        pi, score (covariances, search) : PI in nats of what each search finds, by the covariances
        that it was given; by the library's function and by the package's;
        apart (covariances) : largest principal angle between the two, in degrees;
        ended (covariances) : starts of the package within `THERE` of the library's, of `started`;
        moved : degrees, from the library's subspace by its covariances to the package's by its own;
        moved_with_floor : the same if the package's covariances had the library's floor;
        lost : share of the PI, by the library's covariances, that the package's subspace by its own
        falls short;
        halves : degrees, between the library's subspaces of the two halves of the session;
        seen : number of units; subspace (unit, component), the library's, orthonormal

    Raises
    ------
    Unmeasurable
        There are no covariances, the package's are singular, or there are fewer units than
        dimensions.
    """
    recorded = session(
        weights(network, when), experiment, seeds=network.seed.values.tolist(), n_steps=n_steps
    )
    rates = recorded.rates[0].astype(float)
    whole, added, active = covariances(rates, 2 * WINDOW, network=experiment.network)
    rates, C = rates[:, active], whole[:, active][:, :, active]
    rng = generator(int(network.seed[0]), "latent_space.second route")
    options, n_package = {"n_starts": n_starts, "rng": rng}, max(1, n_starts // PER_START)
    with package(rng) as analysis:
        own = own_covariances(analysis, rates)
        routes = [both(analysis, given, n_package=n_package, **options) for given in (C, own)]
    with_floor = own.copy()
    with_floor[0] += added * np.eye(active.sum())
    first, floored = routes[0].subspaces[0], best(with_floor, **options)
    early, late = (
        best(lag_covariances(half, 2 * WINDOW).C, **options) for half in np.array_split(rates, 2)
    )
    theirs = routes[1].subspaces[1]
    subspace = np.zeros((len(active), DIMENSION))
    subspace[active] = first
    values = {
        **{name: [getattr(route, name) for route in routes] for name in ("pi", "score", "ended")},
        "apart": [largest_angle(*route.subspaces) for route in routes],
        "started": n_package,
        "moved": largest_angle(theirs, first),
        "moved_with_floor": largest_angle(floored, first),
        "halves": largest_angle(early, late),
        "lost": 1 - predictive_information(C, theirs) / routes[0].pi[0],
        "seen": active.sum(),
        "subspace": subspace,
    }
    return xr.Dataset(
        {name: variable(axes, values[name], *text) for name, (axes, *text) in VARIABLES.items()},
        coords={"covariances": list(CODES), "search": list(CODES)},
    )


@contextmanager
def package(rng: np.random.Generator) -> Iterator:
    """The package's analysis, in double precision and with one thread, as the library works."""
    # Here and not above: torch takes seconds to load, and who reads results does not need it.
    import torch
    from dca import DynamicalComponentsAnalysis

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            # The package passes an option on to SciPy that SciPy is going to drop.
            warnings.filterwarnings(
                "ignore", "scipy.optimize: The `disp` and `iprint` options", DeprecationWarning
            )
            yield DynamicalComponentsAnalysis(
                d=DIMENSION,
                T=WINDOW,
                tol=TOL,
                chunk_cov_estimate=CHUNKS,
                dtype=torch.float64,
                rng_or_seed=int(rng.integers(2**32)),
            )
    finally:
        torch.set_num_threads(n_threads)


def own_covariances(analysis, rates: np.ndarray) -> np.ndarray:
    """The package's lag covariances (lag, unit, unit) of a session (time, unit).

    Raises
    ------
    Unmeasurable
        The joint covariance of a window is singular within rounding.
    """
    from dca.cov_util import calc_cov_from_cross_cov_mats

    C = analysis.estimate_data_statistics(rates).cross_covs.numpy()
    joint = calc_cov_from_cross_cov_mats(C)
    try:
        np.linalg.cholesky(joint - ROUNDING * joint.diagonal().max() * np.eye(len(joint)))
    except np.linalg.LinAlgError:
        raise Unmeasurable(
            "without a floor the covariance of a window of its session is singular"
        ) from None
    return C


class Routes(NamedTuple):
    """What both searches find by the same covariances, the library first.

    subspaces : list of ndarray (unit, component), orthonormal
    pi, score : list of float, PI in nats of these by the library's function and the package's
    ended : int, starts of the package that end within `THERE` of the library's subspace
    """

    subspaces: list[np.ndarray]
    pi: list[float]
    score: list[float]
    ended: int


def both(
    analysis, C: np.ndarray, *, n_starts: int, n_package: int, rng: np.random.Generator
) -> Routes:
    """Both searches by the lag covariances C (lag, unit, unit)."""
    import torch

    def score(V: np.ndarray) -> float:
        analysis.coef_ = V
        return float(analysis.score())

    ours, ends = best(C, n_starts=n_starts, rng=rng), []
    analysis.cross_covs = torch.tensor(C)
    for _ in range(n_package):  # one by one, because of several the package keeps only the best
        analysis.fit_projection()
        ends.append(analysis.coef_)
    subspaces = [ours, max(ends, key=score)]
    return Routes(
        subspaces=subspaces,
        pi=[predictive_information(C, V) for V in subspaces],
        score=[score(V) for V in subspaces],
        ended=sum(largest_angle(V, ours) <= THERE for V in ends),
    )


def best(C: np.ndarray, *, n_starts: int, rng: np.random.Generator) -> np.ndarray:
    """The library's most predictive subspace (unit, component) by the lag covariances C."""
    return search(C, DIMENSION, rng=rng, n_starts=n_starts).best


def largest_angle(A: np.ndarray, B: np.ndarray) -> float:
    """Largest principal angle between subspaces (unit, component), in degrees."""
    return float(principal_angles(A, B)[0])
