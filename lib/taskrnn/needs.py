"""What a measure needs of a task or of a network: said where it is defined, asked before it is
taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import get_args

from taskrnn.experiments import Experiment
from taskrnn.networks.network import Network

Kind = type | UnionType


def needs(*, task: Kind = object, network: Kind = Network) -> Callable[[Callable], Callable]:
    """Decorate a measure that can be taken of tasks and networks of these classes alone."""

    def mark(measure: Callable) -> Callable:
        measure.needs = (task, network)  # type: ignore[attr-defined]
        return measure

    return mark


def unfit(measure: Callable, experiment: Experiment) -> str:
    """Why a measure cannot be taken of what an experiment trains; '' if it can."""
    needed = getattr(measure, "needs", (object, Network))
    for what, kind, own in zip(
        ("task", "network"), needed, (experiment.task, experiment.network), strict=True
    ):
        if not isinstance(own, kind):
            kinds = " or ".join(one.__name__ for one in get_args(kind) or (kind,))
            return f"it needs a {what} of the kind {kinds}, not {type(own).__name__}"
    return ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """The tasks of a study of which a measure is not taken; shown where it is asked for.

    what : str, the measure
    reasons : {task: why}
    """

    what: str
    reasons: dict[str, str]

    def __repr__(self) -> str:
        why = "; ".join(f"{task}: {reason}" for task, reason in self.reasons.items())
        return f"{self.what} is not taken of {why}."

    def _repr_markdown_(self) -> str:
        return repr(self)
