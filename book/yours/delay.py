"""A task of one's own: say what the input was a moment ago."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import Trials


@dataclass(frozen=True, kw_only=True)
class Delay:
    """The target is the input `delay` ms earlier.

    The input takes a new level every `hold` ms.
    """

    n_inputs: ClassVar[int] = 1
    n_outputs: ClassVar[int] = 1

    delay: float = 100.0
    hold: float = 250.0
    duration: float = 3000.0
    low: float = 0.3
    high: float = 0.9

    def sample(
        self, n_trials: int, *, dt: float, rng: np.random.Generator
    ) -> Trials:
        """Inputs and targets (trial, time, 1), and what counts."""
        steps, hold, delay = (
            round(x / dt)
            for x in (self.duration, self.hold, self.delay)
        )
        levels = rng.uniform(
            self.low, self.high, (n_trials, -(-steps // hold))
        )
        inputs = np.repeat(levels, hold, axis=1)[:, :steps, None]
        mask = np.ones((n_trials, steps))
        mask[:, :delay] = 0
        return Trials(inputs, np.roll(inputs, delay, axis=1), mask)

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """Squared error as a share of the variance of the targets."""
        counts = trials.mask > 0
        return float(
            ((outputs - trials.targets)[counts] ** 2).mean()
            / trials.targets.var()
        )
