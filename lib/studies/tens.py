"""How often ten networks, chosen at random among many, get the word of all of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from studies.ledger import Result

TEN = 10


def words_of_tens(
    claim: Callable[..., Result],
    arguments: tuple,
    keywords: Mapping[str, Any],
    *,
    n_networks: int,
    n: int,
    rng: np.random.Generator,
) -> dict[str, int]:
    """The words of a claim for n random tens of the networks, and how often each is given.

    Parameters
    ----------
    claim, arguments, keywords
        As `studies.study.Study.judge` takes them.
    n_networks : int
        Networks of each task; an axis `network` of another length is left whole, and so are numbers
        without one.

    Returns
    -------
    {word: number of tens}, the most frequent first; empty if no argument has these networks
    """
    if not has_networks(dict(enumerate((*arguments, *keywords.values()))), n_networks):
        return {}
    words: Counter[str] = Counter()
    for _ in range(n):
        chosen = np.sort(rng.choice(n_networks, TEN, replace=False))
        of_ten = [some(each, chosen, n_networks) for each in arguments]
        named = {name: some(each, chosen, n_networks) for name, each in keywords.items()}
        words[str(claim(*of_ten, **named).verdict)] += 1
    return dict(words.most_common())


def has_networks(value: Any, n_networks: int) -> bool:
    """Whether anything in it has an axis of these networks."""
    if isinstance(value, xr.Dataset | xr.DataArray):  # a Dataset is a mapping of variables, too
        return value.sizes.get("network") == n_networks
    return isinstance(value, Mapping) and any(
        has_networks(each, n_networks) for each in value.values()
    )


def some(value: Any, chosen: np.ndarray, n_networks: int) -> Any:
    """The same of the chosen networks alone.

    Raises
    ------
    TypeError
        An array without names of its axes, in which the networks cannot be told.
    """
    if isinstance(value, xr.Dataset | xr.DataArray):
        return value.isel(network=chosen) if has_networks(value, n_networks) else value
    if isinstance(value, Mapping):
        return {name: some(each, chosen, n_networks) for name, each in value.items()}
    if isinstance(value, np.ndarray) and n_networks in value.shape:
        raise TypeError("An array without names of its axes cannot be taken of some networks.")
    return value
