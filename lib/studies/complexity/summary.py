"""Numbers of the text of the chapter on complexity."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from studies.complexity.claims import Ladder, along
from taskrnn.analysis.statistics import of_known


def numbers(ladders: Mapping[str, Ladder], models: Ladder, targets: Ladder) -> SimpleNamespace:
    """Numbers of the text, medians over trained networks, as text.

    k90, target_k90, untrained_k90 : linear models that are enough, by dimension
    excess : {ladder: nats above the leak, by rung}
    leak : {ladder: smallest share of the leak in the predictive information, over the rungs}
    points : smallest number of stable points that any network's numbers rest on, by ladder
    """
    excess, leak, points = {}, {}, {}
    for name, ladder in ladders.items():
        above, whole = (along(ladder, what, case="after") for what in ("excess", "information"))
        excess[name] = listed(above, ".1f")
        share = 1 - above / np.where(whole > 0, whole, np.nan)
        leak[name] = f"{of_known(np.min, [of_known(np.median, of) for of in share.T]):.0%}"
        points[name] = f"{of_known(np.min, along(ladder, 'points', case='after')):.0f}"
    return SimpleNamespace(
        k90=listed(along(models, "k90", when="after"), ".0f"),
        untrained_k90=listed(along(models, "k90", when="before"), ".0f"),
        target_k90=listed(np.array([[float(of.k90) for of in targets.values()]]), ".0f"),
        excess=excess,
        leak=leak,
        points=points,
    )


def listed(values: np.ndarray, spec: str) -> str:
    """Medians over networks of values (network, rung), in words."""
    *others, last = (f"{of_known(np.median, rung):{spec}}" for rung in values.T)
    return f"{', '.join(others)} and {last}" if others else last
