"""The flip-flop task: remember the sign of the last pulse on every input (Sussillo and Barak 2013).

It has no constant inputs: a network has to hold what it was told, so that k bits need 2^k memories.
"""

from dataclasses import dataclass

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.tasks.trials import Trials, nearer_to_right


@dataclass(frozen=True, kw_only=True)
class FlipFlop:
    """Answer `high` after a positive last pulse and `low` after a negative one, for every bit.

    Times are in ms. A trial begins with a pulse on every input. From the beginning of a pulse to
    that of the next on the same input there are `pause` and an exponential time of mean `interval`.
    Steps from the beginning of any pulse until `settle` after its end do not count.

    Parameters
    ----------
    bits : int
        Number of inputs, and of outputs.
    low, high : float
        The two answers.
    duration, pulse, pause, interval, settle : float
        Length of a trial and of a pulse, the times between pulses, and the time to answer.
    input_noise : float
        Standard deviation of the noise that is added to each input at every step.
    """

    bits: int = 3
    low: float = 0.5
    high: float = 0.8
    duration: float = 5000.0
    pulse: float = 100.0
    pause: float = 300.0
    interval: float = 2000.0
    settle: float = 200.0
    input_noise: float = 0.01

    def __post_init__(self):
        require_numbers(self)
        if self.bits < 1:
            raise ValueError(f"FlipFlop.bits is {self.bits}; give 1 or more.")
        if not 0 < self.pulse <= self.pause or not self.duration > self.pulse + self.settle:
            raise ValueError(
                f"FlipFlop has pulses of {self.pulse} ms with a pause of {self.pause} ms, and "
                f"trials of {self.duration} ms that count {self.settle} ms after a pulse; pulses "
                "must not overlap, and a trial must be longer than the first one and its settling."
            )

    @property
    def n_inputs(self) -> int:
        return self.bits

    @property
    def n_outputs(self) -> int:
        return self.bits

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms)."""
        time = np.arange(round(self.duration / dt))
        most = int(self.duration // self.pause)
        gaps = self.pause + rng.exponential(self.interval, (n_trials, self.bits, most))
        # (trial, bit, pulse) from here on, and (trial, bit, time)
        begins = np.rint(gaps.cumsum(axis=2) / dt).astype(int)
        begins = np.concatenate([np.zeros((n_trials, self.bits, 1), int), begins], axis=2)
        signs = rng.choice([-1.0, 1.0], begins.shape)
        last = (begins[..., None, :] <= time[:, None]).sum(axis=-1) - 1
        sign = np.take_along_axis(signs, last, axis=2)
        since = time - np.take_along_axis(begins, last, axis=2)
        inputs = np.where(since < round(self.pulse / dt), sign, 0).swapaxes(1, 2)
        inputs = inputs + self.input_noise * rng.standard_normal(inputs.shape)
        targets = np.where(sign > 0, self.high, self.low).swapaxes(1, 2)
        counts = (since >= round((self.pulse + self.settle) / dt)).all(axis=1)
        return Trials(inputs, targets, counts.astype(float))

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """Share of the outputs that are nearer to the wrong answer, in the steps that count."""
        right = nearer_to_right(outputs, trials.targets, choices=(self.low, self.high))
        return float((~right)[trials.mask > 0].mean())
