"""The flip-flop task (Sussillo and Barak 2013): each output holds the sign of the last pulse on its input."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from taskrnn.tasks.trials import Trials, spread


@dataclass(frozen=True, kw_only=True)
class FlipFlop:
    """Epochs that each begin with a pulse: on all inputs in the first, on one of them in the others. Times in ms.

    values (trial, epoch, input) are the signs of an epoch's pulses, 0 where there is none.
    """

    n_inputs: ClassVar[int] = 3
    n_outputs: ClassVar[int] = 3

    epochs: int = 5
    shortest: float = 500.0
    longest: float = 1000.0
    pulse: float = 200.0
    settling: float = 400.0
    target: float = 0.5

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt`; after the start of a pulse the output does not count while it settles."""
        lengths = np.rint(rng.uniform(self.shortest, self.longest, (n_trials, self.epochs)) / dt).astype(int)
        edges = np.concatenate([np.zeros((n_trials, 1), dtype=int), lengths.cumsum(axis=1)], axis=1)
        edges[:, -1] = round(self.epochs * self.longest / dt)
        values = rng.choice([-1.0, 1.0], (n_trials, self.epochs, 3))
        values[:, 1:] *= np.eye(3)[rng.integers(3, size=(n_trials, self.epochs - 1))]
        since = np.arange(edges[0, -1]) - spread(edges[:, :-1, None], edges)[..., 0]
        inputs = spread(values, edges) * (since < round(self.pulse / dt))[..., None]
        mask = (since >= round(self.settling / dt)).astype(float)
        return Trials(inputs, spread(self.target * held(values), edges), mask, values, edges)

    def error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """Share of wrong signs."""
        return float((np.sign(answers) != held(values)).mean())


def held(values: np.ndarray) -> np.ndarray:
    """Sign of the last pulse on each input, (trial, epoch, input)."""
    state = values.copy()
    for epoch in range(1, values.shape[1]):
        state[:, epoch] = np.where(values[:, epoch] == 0, state[:, epoch - 1], values[:, epoch])
    return state
