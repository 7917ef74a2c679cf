"""Predictive subspaces of the two input conditions (Figure 10, claim S7).

The conditions are the two right answers: input 0.5 or 0.8 in perception, input 1 or input 2 larger in decision. Each has sessions of
its own, in which the input never leaves the condition: constant in perception, redrawn within the condition in decision. Epochs cut out
of a mixed session would bring back the joins that a session is there to avoid, and end in other states than they begin in.

Each condition has two sessions with independent noise. Two sessions of one condition differ by chance alone, and their angle is the
floor of the angle between conditions, from the same amount of data.
"""

import dataclasses
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

from taskrnn.activity import MIN_SHARE, covariances, session, too_few
from taskrnn.alignment import GOOD, angles_between
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.measures.subspaces import DIMENSIONS, WINDOW
from taskrnn.network import stack
from taskrnn.lag_covariances import FLOOR
from taskrnn.predictive_information import search
from taskrnn.streams import generator
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception

PLACE = 7  # of this measure in the stream "analysis"


@dataclass(frozen=True, kw_only=True)
class OneAnswer(Decision):
    """The decision task with one answer only: input 1 is always larger (`first`), or input 2."""

    first: bool

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pairs of inputs, given which is larger: both are drawn alike, so it is enough to sort them."""
        values = np.sort(super().draw(n_trials, n_epochs, rng=rng), axis=-1)
        return values[..., ::-1] if self.first else values


def one_condition(experiment: Experiment, condition: int) -> Experiment:
    """The experiment with inputs of one condition: 0 is the low level or input 1 larger, 1 the other.

    Raises
    ------
    TypeError
        The task is neither of the note's two.
    """
    task = experiment.task
    if isinstance(task, Perception):
        level = (task.low, task.high)[condition]
        return dataclasses.replace(experiment, task=dataclasses.replace(task, low=level, high=level))
    if isinstance(task, Decision):
        fields = {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}
        return dataclasses.replace(experiment, task=OneAnswer(**fields, first=condition == 0))
    raise TypeError(f"The input conditions of a {type(task).__name__} task are not known: say here what they are.")


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
    """Principal angles between the DCA subspaces of the two conditions, and between two sessions of one condition.

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
        See `taskrnn.activity.covariances`.

    Returns
    -------
    Dataset with
        between (dimension, component), degrees: principal angles between the conditions, falling, mean over the four pairs of sessions;
        within (dimension, component): the same between two sessions of one condition, mean over the two conditions;
        restart (dimension,): largest angle of a good start to the best one, mean over sessions;
        n_active (condition, part): units that are seen.
        NaN beyond the dimension, and where fewer units are seen than the subspace has dimensions.

    Raises
    ------
    Unmeasurable
        A session whose rates are not finite, or in which no unit is seen that varies.
    """
    seed = int(network.seed[0])
    # Of its own: no session of a condition shares noise with another. Before and after training share it.
    seeds = generator(seed, "analysis", PLACE).integers(2**31, 2**32, size=(2, 2)).tolist()
    twice = stack([weights(network, when)] * 2)
    largest = max(dimensions)
    subspaces = np.full((2, 2, len(dimensions), experiment.network.n_units, largest), np.nan)
    restart = np.full((2, 2, len(dimensions)), np.nan)
    n_active = np.zeros((2, 2), dtype=int)
    for c in (0, 1):
        rates = session(twice, one_condition(experiment, c), seeds=seeds[c], n_steps=n_steps).rates.astype(float)
        for part in (0, 1):
            options = {"network": experiment.network, "min_share": min_share, "floor": floor}
            covariance, _, active = covariances(rates[part], 2 * window, **options)
            n_active[c, part] = active.sum()
            for i, d in enumerate(dimensions):
                if d > n_active[c, part]:
                    continue
                starts = search(covariance, d, rng=generator(seed, "analysis", PLACE, c, part, d), n_starts=n_starts)
                subspaces[c, part, i, :, :d] = starts.subspaces[np.argmax(starts.pi)]
                restart[c, part, i] = starts.angle[starts.pi >= GOOD * starts.pi.max()].max()
    # The pairs of sessions take the place of the networks.
    first, second = np.array(list(product((0, 1), repeat=2))).T
    between = angles_between(subspaces[0, first], subspaces[1, second], dimensions=dimensions).mean(axis=0)
    within = angles_between(subspaces[:, 0], subspaces[:, 1], dimensions=dimensions).mean(axis=0)
    degrees = {"units": "degrees"}
    shape = ("dimension", "component")
    return xr.Dataset(
        {
            "between": (shape, between, {"long_name": "angles between conditions", **degrees}),
            "within": (shape, within, {"long_name": "angles between sessions of one condition", **degrees}),
            "restart": ("dimension", restart.mean(axis=(0, 1)), {"long_name": "largest angle of good starts", **degrees}),
            "n_active": (("condition", "part"), n_active, {"long_name": "units that are seen", "units": "1"}),
        },
        coords={"dimension": ("dimension", list(dimensions), {"long_name": "dimension of the subspace"})},
        attrs={"reason": too_few(n_active.min(), dimensions)},
    )
