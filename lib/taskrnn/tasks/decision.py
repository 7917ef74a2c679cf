"""The decision task: which of two noisy constant inputs is larger (note, section 3)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import ConstantInputTask, nearer_to_right


@dataclass(frozen=True, kw_only=True)
class Decision(ConstantInputTask):
    """Answer `first_larger` if input 1 is larger than input 2, else `second_larger` (readings A5,
    A6).

    Parameters (beside those of `ConstantInputTask`)
    ----------
    low, high : float
        Each input of each epoch is uniform on [low, high].
    first_larger, second_larger : float
        The two answers.
    clear : float
        Epochs whose inputs differ by at least this much count for the accuracy (claim P2).
    """

    n_inputs: ClassVar[int] = 2
    n_outputs: ClassVar[int] = 1

    low: float = 0.0
    high: float = 2.0
    first_larger: float = 0.5
    second_larger: float = 0.8
    input_noise: float = 0.01
    clear: float = 0.1

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pairs of inputs of successive epochs, (trial, epoch, 2), all independent."""
        return rng.uniform(self.low, self.high, (n_trials, n_epochs, 2))

    def target(self, values: np.ndarray) -> np.ndarray:
        """The right answers, (trial, epoch, 1)."""
        return np.where(values[..., :1] > values[..., 1:], self.first_larger, self.second_larger)

    def correct(self, values: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Whether each answer is nearer to the right one than to the wrong one, bool (trial,
        epoch).
        """
        choices = self.first_larger, self.second_larger
        return nearer_to_right(answers, self.target(values), choices=choices)[..., 0]

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """Share of wrong answers where the inputs differ by at least `clear`."""
        clear = np.abs(values[..., 0] - values[..., 1]) >= self.clear
        return float(1 - self.correct(values, answers)[clear].mean())
