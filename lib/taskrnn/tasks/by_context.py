"""Several tasks in one network, of which a context input says which one counts (note, section 6).

The inputs of the tasks lie side by side, and behind them one input for each task: the context, at
a constant value for the task that counts and at 0 for the others. All tasks answer by the same
outputs.
"""

from dataclasses import dataclass
from typing import ClassVar, cast

import numpy as np

from taskrnn.checks import require_numbers
from taskrnn.tasks.trials import Task, Trials


@dataclass(frozen=True, kw_only=True)
class ByContext:
    """Do the task of the context. A subclass names the tasks, so that the code of theirs which it
    imports is part of what identifies the trained networks.

    Their trials have the same length, and as many epochs if they have any. Of a batch each task
    gets an equal share; what is left over goes to tasks at random.

    Class variables
    ---------------
    tasks : tuple of Task
    distracting : bool
        Whether the inputs of the other tasks are drawn too; otherwise they are silent.

    Parameters
    ----------
    only : int, optional
        The one task that is drawn, in place of all.
    strength : float
        The context input of the task that counts.
    """

    tasks: ClassVar[tuple[Task, ...]]
    distracting: ClassVar[bool] = False

    only: int | None = None
    strength: float = 1.0

    def __post_init__(self):
        require_numbers(self)
        name = type(self).__name__
        if len({task.n_outputs for task in self.tasks}) != 1:
            raise ValueError(f"The tasks of {name} have different numbers of outputs.")
        if self.only not in (None, *range(len(self.tasks))):
            raise ValueError(f"{name}.only is {self.only}; there are {len(self.tasks)} tasks.")
        if not self.strength > 0:
            raise ValueError(f"{name}.strength is {self.strength}; a context is above 0.")

    @property
    def n_inputs(self) -> int:
        return sum(task.n_inputs for task in self.tasks) + len(self.tasks)

    @property
    def n_outputs(self) -> int:
        return self.tasks[0].n_outputs

    def own(self, k: int) -> slice:
        """Which inputs are those of task k."""
        first = sum(task.n_inputs for task in self.tasks[:k])
        return slice(first, first + self.tasks[k].n_inputs)

    def embedded(self, values: np.ndarray, k: int) -> np.ndarray:
        """Inputs of task k (..., its inputs) among all (..., input), in its context and with the
        others silent.
        """
        every = np.zeros((*values.shape[:-1], self.n_inputs))
        every[..., self.own(k)] = values
        every[..., k - len(self.tasks)] = self.strength
        return every

    def sample(self, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        """Draw trials with time step `dt` (ms), those of one task after those of another."""
        drawn = range(len(self.tasks)) if self.only is None else [self.only]
        shares = n_trials // len(drawn) + (rng.permutation(len(drawn)) < n_trials % len(drawn))
        parts = [
            self._of_one(k, share, dt=dt, rng=rng)
            for k, share in zip(drawn, shares.tolist(), strict=True)
            if share
        ]
        together = (
            None if of[0] is None else np.concatenate(of) for of in zip(*parts, strict=True)
        )
        return Trials(*cast(tuple[np.ndarray, ...], tuple(together)))

    def _of_one(self, k: int, n_trials: int, *, dt: float, rng: np.random.Generator) -> Trials:
        trials = self.tasks[k].sample(n_trials, dt=dt, rng=rng)
        inputs = self.embedded(trials.inputs, k)
        for j, other in enumerate(self.tasks):
            if self.distracting and j != k:
                inputs[..., self.own(j)] = other.sample(n_trials, dt=dt, rng=rng).inputs
        values = None if trials.values is None else self.embedded(trials.values, k)
        return trials._replace(inputs=inputs, values=values)

    def error(self, trials: Trials, outputs: np.ndarray) -> float:
        """The largest error of a task in its own trials."""
        context = trials.inputs[:, 0, -len(self.tasks) :].argmax(axis=1)
        errors = []
        for k in np.unique(context):
            which, own = context == k, self.own(k)
            one = Trials(
                trials.inputs[which][..., own],
                trials.targets[which],
                trials.mask[which],
                None if trials.values is None else trials.values[which][..., own],
                None if trials.edges is None else trials.edges[which],
            )
            errors.append(self.tasks[k].error(one, outputs[which]))
        return max(errors)
