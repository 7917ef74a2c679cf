"""What a network's numbers do not allow: the exception that says why, and the note that names the
networks.
"""

from dataclasses import dataclass

import numpy as np

SHOWN = 10  # networks that a note names for one reason


class Unmeasurable(ValueError):
    """A measure cannot be taken of this network, or of this activity; the message says why.

    It is raised where the reason is known. `taskrnn.ensembles.results.measured` records it with the
    network and goes on with the others, as it does with arithmetic that ends (`NUMERICAL`). Any
    other exception is a mistake in code and ends the run.
    """


NUMERICAL = (Unmeasurable, ArithmeticError, np.linalg.LinAlgError)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """The networks of an ensemble that have no number, or not all of them, in one measure; shown
    where it is taken.

    what : str, the measure, with what tells it from others
    reasons : {number of the network: why}
    n_networks : int, of the ensemble
    """

    what: str
    reasons: dict[int, str]
    n_networks: int

    def __repr__(self) -> str:
        networks: dict[str, list[int]] = {}
        for number, reason in self.reasons.items():
            networks.setdefault(reason, []).append(number)
        why = "; ".join(
            f"{named(numbers)}: {reason.rstrip('.')}" for reason, numbers in networks.items()
        )
        return (
            f"{self.what}: numbers are missing in {len(self.reasons)} of {self.n_networks} "
            "networks."
            f" {why[:1].upper()}{why[1:]}. They stay in every count."
        )

    def _repr_markdown_(self) -> str:
        what, _, rest = repr(self).partition(": ")
        return f"**{what}**: {rest}"


def named(numbers: list[int]) -> str:
    """The networks by number, not all of them if they are many."""
    rest = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"network{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:SHOWN]))}{rest}"
