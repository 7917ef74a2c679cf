"""What a task is, and the tasks whose input is constant over epochs.

A task draws trials and says how wrong an output is; that is all that training asks of it. In those
of `ConstantInputTask` a trial is cut into epochs by switches of the input. Within an epoch the
input is a constant value plus Gaussian noise that is new at every step; the target is a function of
that value.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, cast

import numpy as np

from taskrnn.checks import require_numbers


class Trials(NamedTuple):
    """A batch of trials; times are in steps.

    inputs : ndarray of shape (trial, time, input), what the network receives, noise included
    targets : ndarray of shape (trial, time, output)
    mask : ndarray of shape (trial, time), 1 where the output counts and 0 where it does not
    values : ndarray of shape (trial, epoch, input), what the inputs are in each epoch: their value
        without noise, or the frequency and the amplitude of sines; None in tasks without
        epochs
    edges : ndarray of int, shape (trial, epoch + 1), epoch e lasts from edges[:, e] up to, not
        including, edges[:, e + 1]; None in tasks without epochs
    """

    inputs: np.ndarray
    targets: np.ndarray
    mask: np.ndarray
    values: np.ndarray | None = None
    edges: np.ndarray | None = None


class Task(Protocol):
    """What training asks of a task, which is a frozen dataclass with its settings as fields."""

    @property
    def n_inputs(self) -> int:
        """Number of inputs; a plain class variable will do."""

    @property
    def n_outputs(self) -> int:
        """Number of outputs; a plain class variable will do."""

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms)."""

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """How wrong the outputs (trial, time, output) in these trials are; 0 is perfect."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When the input switches and which steps count (readings A5 and A7).

    Times are in ms. A switch falls at a normal random time about the middle of the trial, with
    standard deviation `switch_spread` (a share of the trial), and never nearer than `margin` to an
    end. Steps before `ignore_start`, and from `ignore_before` before the switch to `ignore_after`
    after it, do not count.
    """

    duration: float = 5000.0
    switches: int = 1
    switch_spread: float = 0.1
    margin: float = 600.0
    ignore_start: float = 100.0
    ignore_before: float = 50.0
    ignore_after: float = 100.0

    def __post_init__(self):
        require_numbers(self)
        if self.switches not in (0, 1):
            raise ValueError(
                f"Schedule.switches is {self.switches}; a trial has 0 or 1 switch of the input."
            )
        if self.duration <= max(2 * self.margin * self.switches, self.ignore_start):
            raise ValueError(
                f"Schedule.duration is {self.duration} ms, too short for margins of {self.margin} "
                "ms"
                f" and {self.ignore_start} ms that do not count; lengthen the trial."
            )

    def draw_edges(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> np.ndarray:
        """Edges of the epochs, (trial, epoch + 1), in steps."""
        steps = round(self.duration / dt)
        edges = np.zeros((n_trials, self.switches + 2), dtype=int)
        edges[:, -1] = steps
        if self.switches:
            times = rng.normal(self.duration / 2, self.switch_spread * self.duration, n_trials)
            times = times.clip(self.margin, self.duration - self.margin)
            edges[:, 1] = np.rint(times / dt)
        return edges

    def mask(self, edges: np.ndarray, *, dt: float) -> np.ndarray:
        """1 where the output counts, (trial, time); the bounds of the ignored stretch are
        half-open.
        """
        time = np.arange(edges[0, -1])
        counts = np.repeat(time[None] >= round(self.ignore_start / dt), len(edges), axis=0)
        if self.switches:
            since = time[None] - edges[:, 1:2]
            counts &= (since < -round(self.ignore_before / dt)) | (
                since >= round(self.ignore_after / dt)
            )
        return counts.astype(float)


def spread(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Values by epoch (trial, epoch, channel) spread over time: (trial, time, channel)."""
    return np.stack([np.repeat(v, np.diff(e), axis=0) for v, e in zip(values, edges, strict=True)])


class EpochTask:
    """A task with one answer in each epoch: what is left to write is `draw`, `target`,
    `answer_error` and `sample`.
    """

    def draw(self, n_trials: int, n_epochs: int, *, rng: np.random.Generator) -> np.ndarray:
        """What the inputs are in successive epochs, (trial, epoch, value); see `Trials.values`."""
        raise NotImplementedError

    def target(self, values: np.ndarray) -> np.ndarray:
        """Right answers (trial, epoch, output) to the values of `draw`."""
        raise NotImplementedError

    def answer_error(self, values: np.ndarray, answers: np.ndarray) -> float:
        """How wrong the answers (trial, epoch, output) to the values of `draw` are; 0 is
        perfect.
        """
        raise NotImplementedError

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """How wrong the `answers` in the epochs are."""
        values, edges = cast(np.ndarray, trials.values), cast(np.ndarray, trials.edges)
        return self.answer_error(values, answers(outputs, edges))


@dataclass(frozen=True, kw_only=True)
class ConstantInputTask(EpochTask):
    """A task whose input is constant over epochs: what is left to write is `draw`, `target` and
    `answer_error`.

    input_noise : float, standard deviation of the noise that is added to each input at every step
    schedule : Schedule, the length of trials, the switch, and the steps that count
    """

    input_noise: float
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self):
        require_numbers(self)

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms)."""
        edges = self.schedule.draw_edges(n_trials, dt=dt, rng=rng)
        values = self.draw(n_trials, edges.shape[1] - 1, rng=rng)
        inputs = spread(values, edges)
        inputs = inputs + self.input_noise * rng.standard_normal(inputs.shape)
        return Trials(
            inputs,
            spread(self.target(values), edges),
            self.schedule.mask(edges, dt=dt),
            values,
            edges,
        )


def answers(outputs: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mean output in the last half of each epoch, (trial, epoch, output), from outputs (trial,
    time, output).
    """
    epochs = [list(zip(e[:-1], e[1:], strict=True)) for e in edges]
    return np.array(
        [
            [z[(start + stop) // 2 : stop].mean(axis=0) for start, stop in trial]
            for z, trial in zip(outputs, epochs, strict=True)
        ]
    )


def nearer_to_right(
    given: np.ndarray, right: np.ndarray, *, choices: tuple[float, float]
) -> np.ndarray:
    """Whether what is given is nearer to the right one of two answers than to the other, bool of
    the same shape.
    """
    middle = sum(choices) / 2
    return (given > middle) == (right > middle)
