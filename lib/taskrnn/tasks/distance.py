"""The distance task: how far a point in d dimensions is from the origin (note, section 6)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import ConstantInputTask


@dataclass(frozen=True, kw_only=True)
class Distance(ConstantInputTask):
    """Answer the Euclidean distance of a point from the origin; every coordinate is an input.

    Distances are drawn before directions. So they have one law in every number of dimensions, and
    are the same ones from the same generator; those of points in a box would concentrate. All
    directions are drawn: where coordinates are positive, their sum is nearly the distance.

    Parameters (beside those of `ConstantInputTask`)
    ----------
    dimensions : int
        Number of coordinates.
    low, high : float
        The distance of each epoch's point is uniform on [low, high], 0 <= low < high.
    """

    n_outputs: ClassVar[int] = 1

    dimensions: int = 2
    low: float = 0.2
    high: float = 1.0
    input_noise: float = 0.05

    def __post_init__(self):
        super().__post_init__()
        require_points(self)

    @property
    def n_inputs(self) -> int:
        return self.dimensions

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Points of successive epochs, (trial, epoch, coordinate), all independent."""
        distances = rng.uniform(self.low, self.high, (n_trials, n_epochs))
        return in_all_directions(distances, self.dimensions, rng=rng)

    def target(self, values: np.ndarray) -> np.ndarray:
        """The distances, (trial, epoch, 1)."""
        return np.linalg.norm(values, axis=-1, keepdims=True)

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """1 - R2, the squared error over the variance of the distances; ValueError if all distances
        are the same.
        """
        right = self.target(values)
        variance = ((right - right.mean()) ** 2).mean()
        if not variance > 0:
            raise ValueError(f"All {right.size} distances are the same; draw more trials.")
        return float(((answers - right) ** 2).mean() / variance)


def in_all_directions(
    distances: np.ndarray, dimensions: int, *, rng: np.random.Generator
) -> np.ndarray:
    """Points (..., coordinate) at these distances (...) from the origin, in directions that are
    uniform on the whole sphere.
    """
    normal = rng.standard_normal((*distances.shape, dimensions))
    return distances[..., None] * normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def require_points(task) -> None:
    """ValueError unless the settings `dimensions`, `low` and `high` are those of some points."""
    name = type(task).__name__
    if task.dimensions < 1:
        raise ValueError(f"{name}.dimensions is {task.dimensions}; give 1 or more.")
    if not 0 <= task.low < task.high:
        raise ValueError(
            f"{name} has distances from {task.low} to {task.high}; give 0 <= low < high."
        )
