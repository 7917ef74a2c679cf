"""The two pairs of tasks that one network does by context."""

from dataclasses import dataclass
from typing import ClassVar

from taskrnn.tasks.by_context import ByContext
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import Task


@dataclass(frozen=True, kw_only=True)
class PerceptionOrDecision(ByContext):
    """The note's two tasks; the inputs of the one that does not count are silent."""

    tasks: ClassVar[tuple[Task, ...]] = (Perception(), Decision())


@dataclass(frozen=True, kw_only=True)
class OneOfTwoBits(ByContext):
    """Two memories of one bit; pulses come in on both inputs, and the context says whose last one
    is answered.
    """

    tasks: ClassVar[tuple[Task, ...]] = (FlipFlop(bits=1), FlipFlop(bits=1))
    distracting: ClassVar[bool] = True
