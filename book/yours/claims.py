"""What decides the claim of one's own."""

import numpy as np
import xarray as xr

from studies.ledger import Result, statistic
from taskrnn.analysis.statistics import against
from taskrnn.analysis.verdicts import verdict


def y1(found: xr.Dataset) -> Result:
    """Judge Y1 from `dimensionality` (network, when)."""
    ratio = np.log(found.participation)
    change = (ratio.sel(when="after") - ratio.sel(when="before")).values
    row = statistic("ln(after / before)", change, holds=change < 0)
    parts = {"all": verdict(against(change), claimed="below")}
    return Result(
        claim="Y1", statistics=(row,), null_name="", parts=parts
    )
