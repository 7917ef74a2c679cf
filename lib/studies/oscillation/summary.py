"""Numbers of the text. Apart from `studies.oscillation.measures`, so that a change here measures
nothing again.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from taskrnn.analysis.statistics import of_known
from taskrnn.experiments import Experiment


def numbers(
    experiments: dict[str, Experiment], networks: dict[str, xr.Dataset], found: xr.Dataset
) -> SimpleNamespace:
    """What is said of the tasks with a sine as output.

    Parameters
    ----------
    found : Dataset, `studies.oscillation.measures.points`

    Returns
    -------
    SimpleNamespace of
        constant : loss of an output that rests at the centre of the sine
        plateau : {task: when the loss falls below half of that, in words}
        stable : {when: share of the inputs with one point, and that one stable}
        complete : in how many searches after training the signs sum to 1, in words
    """
    tasks = {name: experiments[name].task for name in ("sine", "sine_by_input")}
    constant = tasks["sine"].amplitude ** 2 / 2
    searches = found.index.sel(when="after").values
    stable = ((found.found == 1) & (found.unstable == 0)).mean(["network", "input"])
    return SimpleNamespace(
        constant=constant,
        plateau={name: below(networks[name].loss.values, constant / 2) for name in tasks},
        stable={when: float(stable.sel(when=when)) for when in found.when.values.tolist()},
        complete=f"{np.sum(searches == 1)} of {searches.size}",
    )


def below(loss: np.ndarray, bound: float) -> str:
    """When curves (network, update) first fall below a bound, in words."""
    falls = (loss < bound).any(axis=1)
    update = np.where(falls, (loss < bound).argmax(axis=1), np.nan)
    if not falls.any():
        return f"in 0 of {len(loss)} networks"
    middle = of_known(np.median, update)
    return f"in {falls.sum()} of {len(loss)} networks, after {middle:.0f} updates in the median one"
