"""The sine task: a constant input says how fast the output has to swing (Sussillo and Barak 2013).

The input has no rhythm, so that the network has to make one.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.tasks.trials import Schedule, Trials, spread


@dataclass(frozen=True, kw_only=True)
class Sine:
    """Answer ``centre + amplitude sin(2 pi f t)``, from t = 0 at the start of the trial.

    The input is ``offset + s``, the frequency ``f = slow + (fast - slow) s``, and s is uniform on
    [0, 1]; with one frequency the input is 1.

    Parameters
    ----------
    slow, fast : float
        Frequencies in Hz. What has less than two periods in a trial need not go on after it.
    offset : float
        Input for `slow`; above 0, so that no input is silent.
    centre, amplitude : float
        Of the sine. With a readout that is not negative `amplitude` is at most `centre`.
    input_noise : float
        Standard deviation of the noise that is added to the input at every step.
    schedule : Schedule
        The length of trials and the first steps, which do not count; without a switch.
    """

    n_inputs: ClassVar[int] = 1
    n_outputs: ClassVar[int] = 1

    slow: float = 0.4
    fast: float = 2.0
    offset: float = 0.25
    centre: float = 0.65
    amplitude: float = 0.15
    input_noise: float = 0.01
    schedule: Schedule = field(default_factory=lambda: Schedule(switches=0))

    def __post_init__(self):
        require_numbers(self)
        if not 0 < self.slow <= self.fast or not self.amplitude > 0:
            raise ValueError(
                f"Sine has frequencies from {self.slow} to {self.fast} Hz and the amplitude "
                f"{self.amplitude}; give frequencies above 0 that do not fall, and an amplitude "
                "above 0."
            )
        if self.schedule.switches:
            raise ValueError(
                "Sine has a schedule with a switch of the input, and its phase counts from the "
                "start of the trial; give one with switches=0."
            )

    def inputs(self, position: np.ndarray) -> np.ndarray:
        """The input without noise for places s between `slow` (0) and `fast` (1)."""
        return np.ones_like(position) if self.slow == self.fast else self.offset + position

    def frequency(self, position: np.ndarray) -> np.ndarray:
        """The frequency in Hz that it asks for."""
        return self.slow + (self.fast - self.slow) * position

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms)."""
        edges = self.schedule.draw_edges(n_trials, dt=dt, rng=rng)
        position = rng.random((n_trials, 1, 1))
        values = self.inputs(position)
        inputs = spread(values, edges)
        inputs = inputs + self.input_noise * rng.standard_normal(inputs.shape)
        seconds = np.arange(inputs.shape[1])[:, None] * dt / 1000
        swing = np.sin(2 * np.pi * self.frequency(position) * seconds)
        targets = self.centre + self.amplitude * swing
        return Trials(inputs, targets, self.schedule.mask(edges, dt=dt), values, edges)

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """Squared error in the steps that count, over that of an output that rests at the
        centre.
        """
        counts = trials.mask > 0
        wrong, swing = outputs - trials.targets, trials.targets - self.centre
        return float((wrong[counts] ** 2).sum() / (swing[counts] ** 2).sum())
