"""Settings of training; apart from `taskrnn.training.train`, so that naming an experiment does not
load TensorFlow.
"""

from dataclasses import dataclass

from taskrnn.checks import require_numbers


@dataclass(frozen=True, kw_only=True)
class Training:
    """Settings of training (reading A5).

    Parameters
    ----------
    updates : int
        Number of updates of the weights.
    trials_per_update : int
        Number of new trials in each update.
    learning_rate : float
        Of Adam, whose other constants are its defaults.
    stop_error : float, optional
        Stop a network when its task's error, on trials drawn for that every 25 updates, is at most
        this.
    """

    updates: int = 500
    trials_per_update: int = 10
    learning_rate: float = 0.001
    stop_error: float | None = None

    def __post_init__(self):
        require_numbers(self)
        if self.updates < 0 or self.trials_per_update < 1:
            raise ValueError(
                f"Training of {self.updates} updates with {self.trials_per_update} trials each is "
                "not possible;"
                " give updates >= 0 and trials_per_update >= 1."
            )
