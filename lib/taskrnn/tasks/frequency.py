"""Sines as input: report the frequency of one, or say which of two is faster (note, section 6).

    u_t = a sin(2 pi (first phase + sum over s <= t of f_s dt)) + noise

The frequency f is new after the switch, where the phase goes on. The amplitude a is drawn for every
trial: with one amplitude the answer can be read from how much of a sine a leaky unit lets through.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.tasks.trials import EpochTask, Schedule, Trials, nearer_to_right, spread


@dataclass(frozen=True, kw_only=True)
class SineInputTask(EpochTask):
    """A task whose inputs are sines: what is left to write is `target` and `answer_error`.

    Parameters
    ----------
    slow, fast : float
        Frequencies in Hz; those of every input and epoch are uniform on the logarithmic scale
        between them.
    lowest, highest : float
        Amplitudes; that of every input and trial is uniform between them.
    input_noise : float
        Standard deviation of the noise that is added to each input at every step.
    schedule : Schedule
        The length of trials, the switch, and the steps that count: none in the first second of an
        epoch, in which a slow sine does not say yet how slow it is.
    """

    n_inputs: ClassVar[int]
    n_outputs: ClassVar[int] = 1

    slow: float = 0.5
    fast: float = 4.0
    lowest: float = 0.5
    highest: float = 1.5
    input_noise: float = 0.01
    schedule: Schedule = field(
        default_factory=lambda: Schedule(margin=2000.0, ignore_start=1000.0, ignore_after=1000.0)
    )

    def __post_init__(self):
        require_numbers(self)
        if not 0 < self.slow < self.fast or not 0 <= self.lowest <= self.highest:
            raise ValueError(
                f"{type(self).__name__} has sines of {self.slow} to {self.fast} Hz and amplitudes "
                f"from {self.lowest} to {self.highest}; give frequencies above 0 that rise, and "
                "amplitudes of 0 or more that do not fall."
            )

    def position(self, frequency: np.ndarray) -> np.ndarray:
        """Where frequencies (Hz) lie on the logarithmic scale, 0 for `slow` and 1 for `fast`."""
        return np.log(frequency / self.slow) / np.log(self.fast / self.slow)

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """Frequencies (Hz) of all inputs, and then their amplitudes, (trial, epoch, 2 n_inputs)."""
        shape = (n_trials, n_epochs, self.n_inputs)
        frequency = self.slow * (self.fast / self.slow) ** rng.random(shape)
        amplitude = rng.uniform(self.lowest, self.highest, (n_trials, 1, self.n_inputs))
        return np.concatenate([frequency, np.broadcast_to(amplitude, shape)], axis=-1)

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms); their `values` are those of `draw`."""
        edges = self.schedule.draw_edges(n_trials, dt=dt, rng=rng)
        values = self.draw(n_trials, edges.shape[1] - 1, rng=rng)
        frequency, amplitude = np.split(spread(values, edges), 2, axis=-1)
        turns = rng.random((n_trials, 1, self.n_inputs)) + (frequency * dt / 1000).cumsum(axis=1)
        inputs = amplitude * np.sin(2 * np.pi * turns)
        inputs = inputs + self.input_noise * rng.standard_normal(inputs.shape)
        mask = self.schedule.mask(edges, dt=dt)
        return Trials(inputs, spread(self.target(values), edges), mask, values, edges)


@dataclass(frozen=True, kw_only=True)
class Frequency(SineInputTask):
    """Answer with the place of the input's frequency on the logarithmic scale, from `low` for
    `slow` to `high` for `fast`.
    """

    n_inputs: ClassVar[int] = 1

    low: float = 0.5
    high: float = 0.8

    def target(self, values: np.ndarray) -> np.ndarray:
        """Right answers (trial, epoch, 1) to the values of `draw`."""
        return self.low + (self.high - self.low) * self.position(values[..., :1])

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """1 - R2: the squared error of the answers over that of their best constant."""
        right = self.target(values)
        return float(((answers - right) ** 2).sum() / ((right - right.mean()) ** 2).sum())


@dataclass(frozen=True, kw_only=True)
class Faster(SineInputTask):
    """Answer `first_faster` if input 1 has the higher frequency, else `second_faster`.

    Parameters (beside those of `SineInputTask`)
    ----------
    first_faster, second_faster : float
        The two answers.
    clear : float
        Epochs whose frequencies differ by at least this share of the logarithmic scale count for
        the accuracy.
    """

    n_inputs: ClassVar[int] = 2

    first_faster: float = 0.5
    second_faster: float = 0.8
    clear: float = 0.1

    def target(self, values: np.ndarray) -> np.ndarray:
        """Right answers (trial, epoch, 1) to the values of `draw`."""
        first = values[..., :1] > values[..., 1:2]
        return np.where(first, self.first_faster, self.second_faster)

    def correct(self, values: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Whether each answer is nearer to the right one than to the wrong one, bool (trial,
        epoch).
        """
        choices = self.first_faster, self.second_faster
        return nearer_to_right(answers, self.target(values), choices=choices)[..., 0]

    def is_clear(self, values: np.ndarray) -> np.ndarray:
        """Whether the two frequencies differ by `clear` or more, bool (trial, epoch)."""
        first, second = np.moveaxis(self.position(values[..., :2]), -1, 0)
        return np.abs(first - second) >= self.clear

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """Share of wrong answers where the frequencies are clearly apart."""
        return float(1 - self.correct(values, answers)[self.is_clear(values)].mean())
