"""Settings of training; apart from `taskrnn.training.train`, so that naming an experiment does not
load TensorFlow.
"""

from dataclasses import dataclass
from typing import Literal

from taskrnn.checks import require_numbers
from taskrnn.training.penalties import Penalty


@dataclass(frozen=True, kw_only=True)
class Training:
    """Settings of training (reading A5).

    Parameters
    ----------
    updates : int
        Number of updates of the weights.
    trials_per_update : int
        Number of new trials in each update.
    optimizer : {"adam", "sgd"}
        Adam, or gradient descent with momentum.
    learning_rate : float
        Of either.
    epsilon : float
        Of Adam: what is added to the root of the second moment.
    momentum : float
        Of gradient descent, 0 to below 1.
    weight_decay : float
        Share of a weight, times the learning rate, that every update takes away (AdamW of
        Loshchilov and Hutter 2019, and the same with gradient descent).
    stop_error : float, optional
        Stop a network when its task's error, on trials drawn for that every 25 updates, is at most
        this.
    penalties : tuple of Penalty
        What is added to the loss.
    shrink : float
        Strength of the soft threshold that follows every update: each recurrent weight moves
        towards 0 by `shrink` learning rates, and stops there. 0 leaves the weights as they are.
    """

    updates: int = 500
    trials_per_update: int = 10
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 0.001
    epsilon: float = 1e-7
    momentum: float = 0.9
    weight_decay: float = 0.0
    stop_error: float | None = None
    penalties: tuple[Penalty, ...] = ()
    shrink: float = 0.0

    def __post_init__(self):
        require_numbers(self)
        if self.updates < 0 or self.trials_per_update < 1:
            raise ValueError(
                f"Training of {self.updates} updates with {self.trials_per_update} trials each is "
                "not possible;"
                " give updates >= 0 and trials_per_update >= 1."
            )
        if self.optimizer not in ("adam", "sgd"):
            raise ValueError(f"Training.optimizer is {self.optimizer!r}; choose 'adam' or 'sgd'.")
        for name in ("epsilon", "weight_decay", "shrink"):
            if getattr(self, name) < 0:
                raise ValueError(f"Training.{name} is {getattr(self, name)}; give 0 or more.")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"Training.momentum is {self.momentum}; give 0 or more, below 1.")
        if not isinstance(self.penalties, tuple) or not all(
            isinstance(penalty, Penalty) for penalty in self.penalties
        ):
            raise ValueError(
                "Training.penalties is a tuple of frozen dataclasses below "
                "taskrnn.training.penalties.Penalty."
            )
