"""The comparison of distances: which of two points in d dimensions is farther from the origin
(note, section 6).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.distance import in_all_directions, require_points
from taskrnn.tasks.trials import ConstantInputTask, nearer_to_right


@dataclass(frozen=True, kw_only=True)
class Farther(ConstantInputTask):
    """Answer `first_farther` if the first point is farther from the origin than the second, else
    `second_farther`.

    The inputs are the coordinates of the first point and then those of the second. Distances and
    directions are drawn as in `taskrnn.tasks.distance`.

    Parameters (beside those of `ConstantInputTask`)
    ----------
    dimensions : int
        Number of coordinates of each point.
    low, high : float
        Each distance of each epoch is uniform on [low, high], 0 <= low < high.
    first_farther, second_farther : float
        The two answers.
    clear : float
        Epochs whose distances differ by at least this much count for the accuracy.
    """

    n_outputs: ClassVar[int] = 1

    dimensions: int = 2
    low: float = 0.0
    high: float = 2.0
    first_farther: float = 0.5
    second_farther: float = 0.8
    input_noise: float = 0.01
    clear: float = 0.1

    def __post_init__(self):
        super().__post_init__()
        require_points(self)

    @property
    def n_inputs(self) -> int:
        return 2 * self.dimensions

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pairs of points of successive epochs, (trial, epoch, input), all independent."""
        distances = rng.uniform(self.low, self.high, (n_trials, n_epochs, 2))
        pairs = in_all_directions(distances, self.dimensions, rng=rng)
        return pairs.reshape(n_trials, n_epochs, self.n_inputs)

    def points(self, values: np.ndarray) -> np.ndarray:
        """The pairs in inputs (..., input), as (..., point, coordinate)."""
        return values.reshape(*values.shape[:-1], 2, self.dimensions)

    def distances(self, values: np.ndarray) -> np.ndarray:
        """Of the two points from the origin, (..., point)."""
        return np.linalg.norm(self.points(values), axis=-1)

    def target(self, values: np.ndarray) -> np.ndarray:
        """The right answers, (trial, epoch, 1)."""
        first, second = np.moveaxis(self.distances(values), -1, 0)
        return np.where(first > second, self.first_farther, self.second_farther)[..., None]

    def correct(self, values: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Whether each answer is nearer to the right one than to the wrong one, bool (trial,
        epoch).
        """
        choices = self.first_farther, self.second_farther
        return nearer_to_right(answers, self.target(values), choices=choices)[..., 0]

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """Share of wrong answers where the distances differ by at least `clear`."""
        first, second = np.moveaxis(self.distances(values), -1, 0)
        clear = np.abs(first - second) >= self.clear
        return float(1 - self.correct(values, answers)[clear].mean())
