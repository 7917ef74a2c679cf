"""Predictive subspaces before and after training, and of the two input conditions (claims S6, S7).

The conditions are the two right answers: input 0.5 or 0.8 in perception, input 1 or input 2 larger
in decision. Each has sessions of its own, in which the input never leaves the condition: constant
in perception, redrawn within the condition in decision. Epochs cut out of a mixed session would
bring back the joins that a session is there to avoid, and end in other states than they begin in.

Each condition has two sessions with independent noise. Two sessions of one condition differ by
chance alone, and their angle is the floor of the angle between conditions, from the same amount of
data.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

from studies.predictive_subspaces import alignment
from taskrnn.activity.session import MIN_SHARE, covariances, session, too_few
from taskrnn.activity.subspaces import DIMENSIONS, WINDOW, between_sessions
from taskrnn.analysis.dca.lag_covariances import FLOOR
from taskrnn.analysis.dca.predictive_information import Whitened, search
from taskrnn.analysis.nulls import subspace_angles_of_chance
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.network import stack
from taskrnn.random_numbers import generator
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception

ATTRIBUTES = {
    "between": {"long_name": "angles between conditions", "units": "degrees"},
    "within": {"long_name": "angles between sessions of one condition", "units": "degrees"},
    "restart": {"long_name": "largest angle of good starts", "units": "degrees"},
    "n_active": {"long_name": "units that are seen", "units": "1"},
    "dimension": {"long_name": "dimension of the subspace"},
}


@dataclass(frozen=True, kw_only=True)
class OneAnswer(Decision):
    """The decision task with one answer only: input 1 is always larger (`first`), or input 2."""

    first: bool

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pairs of inputs, given which is larger; both are drawn alike, so sorting is enough."""
        values = np.sort(super().draw(n_trials, n_epochs, rng=rng), axis=-1)
        return values[..., ::-1] if self.first else values


def one_condition(experiment: Experiment, condition: int) -> Experiment:
    """The experiment with inputs of one condition: 0 is the low level or input 1 larger.

    Raises
    ------
    TypeError
        The task is neither of the note's two.
    """
    task = experiment.task
    if isinstance(task, Perception):
        level = (task.low, task.high)[condition]
        return dataclasses.replace(
            experiment, task=dataclasses.replace(task, low=level, high=level)
        )
    if isinstance(task, Decision):
        fields = {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}
        return dataclasses.replace(experiment, task=OneAnswer(**fields, first=condition == 0))
    raise TypeError(
        f"The input conditions of a {type(task).__name__} task are not known: say what they are."
    )


@needs(task=Decision | Perception)
def conditions(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: str,
    window: int = WINDOW,
    dimensions: tuple[int, ...] = DIMENSIONS,
    n_starts: int = 4,
    n_steps: int = 20_000,
    min_share: float = MIN_SHARE,
    floor: float = FLOOR,
) -> xr.Dataset:
    """Principal angles between the DCA subspaces of the two conditions, and of sessions of one.

    Parameters
    ----------
    network : Dataset of one network
    when : {"before", "after"}
    window : int
        T in steps.
    n_starts : int
        Random starts for each dimension and session.
    n_steps : int
        Length of each of the four sessions.
    min_share, floor : float
        See `taskrnn.activity.session.covariances`.

    Returns
    -------
    Dataset with
        between (dimension, component), degrees: principal angles between the conditions, falling,
        mean over the four pairs of sessions;
        within (dimension, component): the same between two sessions of one condition, mean over the
        two conditions;
        restart (dimension,): largest angle of a good start to the best one, mean over sessions;
        n_active (condition, part): units that are seen.
        NaN beyond the dimension, and where fewer units are seen than the subspace has dimensions.

    Raises
    ------
    Unmeasurable
        A session whose rates are not finite, or in which no unit is seen that varies.
    """
    n_units, shape = experiment.network.n_units, (2, 2, len(dimensions))
    subspaces, restart = np.full((*shape, n_units, max(dimensions)), np.nan), np.full(shape, np.nan)
    n_active, seed = np.zeros((2, 2), dtype=int), int(network.seed[0])
    options = {"network": experiment.network, "min_share": min_share, "floor": floor}
    for place, rates in sessions(experiment, network, when=when, n_steps=n_steps):
        covariance, _, active = covariances(rates, 2 * window, **options)
        n_active[place], white = active.sum(), Whitened(covariance)
        for i, d in enumerate(dimensions):
            if d <= n_active[place]:
                rng = generator(seed, "conditions.search", *place, d)
                starts = search(white, d, rng=rng, n_starts=n_starts)
                good = starts.pi >= alignment.GOOD * starts.pi.max()
                subspaces[(*place, i)][:, :d] = starts.best
                restart[(*place, i)] = starts.angle[good].max()
    return angles_of(subspaces, restart, n_active, dimensions=dimensions)


def angles_of(
    subspaces: np.ndarray, restart: np.ndarray, n_active: np.ndarray, *, dimensions: tuple[int, ...]
) -> xr.Dataset:
    """What `conditions` returns.

    Parameters
    ----------
    subspaces : ndarray (condition, part, dimension, unit, component)
    restart : ndarray (condition, part, dimension)
    n_active : ndarray (condition, part)
    """
    # The pairs of sessions take the place of the networks.
    first, second = np.array(list(product((0, 1), repeat=2))).T
    pairs = (subspaces[0, first], subspaces[1, second]), (subspaces[:, 0], subspaces[:, 1])
    angles = (alignment.angles_between(*pair, dimensions=dimensions) for pair in pairs)
    between, within = (found.mean(axis=0) for found in angles)
    found = xr.Dataset(
        {
            "between": (("dimension", "component"), between),
            "within": (("dimension", "component"), within),
            "restart": ("dimension", restart.mean(axis=(0, 1))),
            "n_active": (("condition", "part"), n_active),
        },
        coords={"dimension": list(dimensions)},
        attrs={"reason": too_few(n_active.min(), dimensions)},
    )
    for name, attributes in ATTRIBUTES.items():
        found[name].attrs = attributes
    return found


def sessions(
    experiment: Experiment, network: xr.Dataset, *, when: str, n_steps: int
) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Two sessions of each condition: (condition, part), and the rates (time, unit)."""
    # Of its own: no session of a condition shares noise with another. Before and after share it.
    rng = generator(int(network.seed[0]), "conditions.sessions")
    seeds = rng.integers(2**31, 2**32, size=(2, 2)).tolist()
    twice = stack([weights(network, when)] * 2)
    for c in (0, 1):
        recorded = session(twice, one_condition(experiment, c), seeds=seeds[c], n_steps=n_steps)
        for part, rates in enumerate(recorded.rates.astype(float)):
            yield (c, part), rates


def aligned(pairs: xr.Dataset) -> xr.Dataset:
    """Angles between the conditions by dimension, in degrees.

    Parameters
    ----------
    pairs : Dataset (network, when, ...), `conditions`

    Returns
    -------
    Dataset with, each (network, when, dimension),
        between, smallest : mean and smallest of the principal angles between the conditions
        within : mean of those between two sessions of one condition
        restart : largest angle of a good start to the best one
    """
    axes, dimensions = ("network", "when", "dimension"), pairs.dimension.values.tolist()
    between, within = (
        pairs[name].transpose(*axes, "component").values for name in ("between", "within")
    )
    angles = {
        "between": alignment.mean_angle(between, dimensions=dimensions),
        "smallest": alignment.smallest_angle(between, dimensions=dimensions),
        "within": alignment.mean_angle(within, dimensions=dimensions),
    }
    found = {name: (axes, values) for name, values in angles.items()}
    return pairs[["restart"]].assign(found).transpose(*axes)


def moved(networks: xr.Dataset, found: xr.Dataset) -> xr.Dataset:
    """Angles between the subspaces before and after training, in degrees.

    Parameters
    ----------
    networks : Dataset
        From `taskrnn.ensembles.ensemble`.
    found : Dataset (network, when, ...)
        `taskrnn.activity.subspaces` of the same networks.

    Returns
    -------
    Dataset with, each (network, dimension),
        mean, smallest, largest : of the principal angles
        floor : largest angle between good starts of one fit, the larger of before and after
        sessions : mean principal angle between two sessions of one network, likewise
        matched (..., draw) : mean principal angle of random subspaces drawn with the activity's
        covariances
    """
    times = [found.sel(when=when) for when in ("before", "after")]
    before, after = times
    options = {"dimensions": found.dimension.values.tolist()}
    principal = alignment.angles_between(before.dca.values, after.dca.values, **options)
    floors = [alignment.restart_floor(at.pi.values, at.angle.values) for at in times]
    covariances, seeds = [at.covariance.values for at in times], networks.seed.values.tolist()
    angles = {
        "mean": alignment.mean_angle(principal, **options),
        "smallest": alignment.smallest_angle(principal, **options),
        "largest": principal[..., 0],
        "floor": np.maximum(*floors),
        "sessions": np.maximum(*(between_sessions(at).values for at in times)),
    }
    axes = ("network", "dimension")
    matched = alignment.chance_between(*covariances, seeds=seeds, **options)
    variables = {name: (axes, values) for name, values in angles.items()}
    variables["matched"] = ((*axes, "draw"), matched)
    return xr.Dataset(variables, coords={"dimension": found.dimension})


def any_subspaces(found: dict[str, xr.Dataset]) -> dict[str, xr.DataArray]:
    """Mean principal angle (dimension, draw) of random subspaces of all units, in degrees, by task.

    Parameters
    ----------
    found : {task: Dataset with the axes unit and dimension}
    """
    rng = np.random.default_rng(0)  # one for all tasks, in their order
    bands = {}
    for task, at in found.items():
        angles = [
            subspace_angles_of_chance(at.sizes["unit"], d, d, rng=rng, n_draws=500).mean(axis=1)
            for d in at.dimension.values.tolist()
        ]
        axes = ("dimension", "draw")
        bands[task] = xr.DataArray(angles, dims=axes, coords={"dimension": at.dimension})
    return bands


def of_active_units(networks: xr.Dataset, found: xr.Dataset) -> np.ndarray:
    """Mean principal angle (network, dimension, draw) of random subspaces of the active units.

    Of those before and of those after training; arguments as in `moved`.
    """
    active = (found.active.sel(when=when).values.astype(float) for when in ("before", "after"))
    masks = (units[:, None] * np.eye(units.shape[1]) for units in active)
    options = {"dimensions": found.dimension.values.tolist(), "n_draws": 50}
    return alignment.chance_between(*masks, seeds=networks.seed.values.tolist(), **options)
