"""Variables of datasets that say what they are."""

import numpy as np

WHEN = ("before", "after")  # training: the axis `when`


def variable(
    axes: str, values, long_name: str, units: str = ""
) -> tuple[tuple[str, ...], np.ndarray, dict[str, str]]:
    """What `xarray.Dataset` takes for a variable, with its axes in one text, as "network unit", ''
    for a scalar.
    """
    return (
        tuple(axes.split()),
        values,
        {"long_name": long_name} | ({"units": units} if units else {}),
    )
