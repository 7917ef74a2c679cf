"""The perception task: one noisy input at one of two levels; the answer is the other level (note,
section 3).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import ConstantInputTask


@dataclass(frozen=True, kw_only=True)
class Perception(ConstantInputTask):
    """Answer `high` to an input at `low` and the reverse; the input switches to the other level
    (readings A5, A6).

    Parameters (beside those of `ConstantInputTask`)
    ----------
    low, high : float
        The two input levels; the target is low + high - input.
    """

    n_inputs: ClassVar[int] = 1
    n_outputs: ClassVar[int] = 1

    low: float = 0.5
    high: float = 0.8
    input_noise: float = 0.05

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Levels of successive epochs, (trial, epoch, 1): a random first one, then in turn."""
        first = rng.integers(0, 2, (n_trials, 1, 1))
        turn = np.arange(n_epochs)[None, :, None]
        return np.where((first + turn) % 2 == 0, self.low, self.high)

    def target(self, values: np.ndarray) -> np.ndarray:
        """The other level, same shape as `values`."""
        return self.low + self.high - values

    def errors_by_level(self, values: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """abs(mean answer - target) at the low and at the high level, shape (2,) (claim P1).

        Raises ValueError if a level does not occur among `values`.
        """
        errors = []
        for level in (self.low, self.high):
            at = values[..., 0] == level
            if not at.any():
                raise ValueError(
                    f"No epoch with input {level} among {values.shape[0]} trials; draw more trials."
                )
            errors.append(abs(answers[at].mean() - self.target(np.array(level))))
        return np.array(errors)

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """The larger of the errors at the two levels."""
        return float(self.errors_by_level(values, answers).max())
