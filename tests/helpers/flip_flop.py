"""A flip-flop of several bits, the standard test of fixed point finders (Sussillo and Barak 2013),
as a task of this library.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import Trials


@dataclass(frozen=True, kw_only=True)
class FlipFlop:
    """Each output holds the sign of the last pulse of its input.

    steps : int, of a trial; every input begins with a pulse
    pulse : int, steps of a pulse
    rate : float, chance that a pulse of an input begins at a step
    settle : int, steps after the beginning of a pulse that do not count
    """

    n_inputs: ClassVar[int] = 3
    n_outputs: ClassVar[int] = 3
    steps: int = 200
    pulse: int = 10
    rate: float = 0.015
    settle: int = 20

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials."""
        shape = (n_trials, self.steps, self.n_inputs)
        begins = rng.random(shape) < self.rate
        begins[:, 0] = True
        signs = np.where(begins, rng.choice([-1.0, 1.0], shape), 0.0)
        since = np.arange(self.steps)[:, None] - np.maximum.accumulate(
            np.where(begins, np.arange(self.steps)[:, None], 0), axis=1
        )
        held = np.take_along_axis(signs, np.arange(self.steps)[:, None] - since, axis=1)
        mask = (since >= self.settle).all(axis=2).astype(float)
        edges = np.tile([0, self.steps], (n_trials, 1))
        return Trials(np.where(since < self.pulse, held, 0.0), held, mask, held[:, -1:], edges)

    def error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """Share of wrong signs at the end."""
        return float((np.sign(answers) != np.sign(values)).mean())
