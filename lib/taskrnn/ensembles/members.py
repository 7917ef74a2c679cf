"""The networks of an ensemble: their weights, and one network after another."""

from collections.abc import Iterator
from typing import Literal

import xarray as xr

from taskrnn.networks.network import Weights

RECURRENT = ("recurrent_before", "recurrent_after")


def weights(networks: xr.Dataset, when: Literal["before", "after"]) -> Weights:
    """Weights of an ensemble before or after training."""
    recurrent = networks[f"recurrent_{when}"]
    return Weights(
        *(w.values for w in (recurrent, networks.input_weights, networks.bias, networks.readout))
    )


def each(networks: xr.Dataset) -> Iterator[xr.Dataset]:
    """The networks one after another, as ensembles of one, so that one at a time is in memory."""
    return (networks.isel(network=[k]) for k in range(networks.sizes["network"]))
