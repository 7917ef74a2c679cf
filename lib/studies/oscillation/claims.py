"""Claims O1 to O6: networks that read frequencies, and networks that make them.

Datasets are those of `studies.oscillation.measures`, with a network axis.
"""

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from studies.ledger import Result, Statistic, statistic
from studies.oscillation.measures import RANDOM
from studies.rules import in_most_networks
from taskrnn.analysis.statistics import against
from taskrnn.analysis.verdicts import Verdict, equivalent, verdict

DECISIVE = (0.75, 1.0, 1.25)  # amplitudes of O1
R2 = 0.9
ACCURACY = 0.95  # of O2
FREQUENCY, AMPLITUDE = 0.03, 0.2  # relative errors, O3 and O4
SHARE = 0.9  # of the inputs, O4 and O5
CORRELATION = 0.9  # of O5
MARGIN = 0.2  # of O6


def o1(varied: xr.Dataset, one: xr.Dataset) -> Result:
    """Judge O1 from the `reports` of networks trained with varied amplitudes, and with one."""
    names = {"least R2 of the three": list(DECISIVE)}
    names |= {f"R2 at amplitude {a:g}": [a] for a in varied.amplitude.values.tolist()}
    r2, null = (
        [of.r2.sel(amplitude=a).min("amplitude", skipna=False).values for a in names.values()]
        for of in (varied, one)
    )
    return Result(
        claim="O1",
        statistics=tuple(
            statistic(name, of, holds=of >= R2, null=by_chance)
            for name, of, by_chance in zip(names, r2, null, strict=True)
        ),
        null_name="trained with one amplitude",
        parts={
            "R2": in_most_networks(r2[0] >= R2, missing=np.isnan(r2[0])),
            "beside one amplitude": verdict(against(r2[0], null[0]), claimed="above"),
        },
    )


def o2(found: xr.Dataset) -> Result:
    """Judge O2 from `comparisons`."""
    clear, louder = found.clear.values, found.slower_louder.values
    half = np.full(len(clear), 0.5)
    return Result(
        claim="O2",
        statistics=(
            statistic("accuracy, clear pairs", clear, holds=clear >= ACCURACY, null=half),
            statistic("the same, slower one louder", louder, holds=louder > half, null=half),
        ),
        null_name="guesses",
        parts={
            "accuracy": in_most_networks(clear >= ACCURACY, missing=np.isnan(clear)),
            "slower one louder": verdict(against(louder, half), claimed="above"),
        },
    )


def o3(found: xr.Dataset) -> Result:
    """Judge O3 from `generation` at the one input of the task.

    An output that rests has no frequency: its network does not hold, and is not missing.
    """
    at = found.isel(input=0)
    in_time = np.abs(at.frequency / at.asked - 1) <= FREQUENCY
    as_large = np.abs(at.amplitude / at.asked_amplitude - 1) <= AMPLITUDE
    missing = at.amplitude.isnull()
    return Result(
        claim="O3",
        statistics=(
            after_training("frequency of the output (Hz)", at.frequency, in_time, missing),
            after_training("amplitude of the output", at.amplitude, as_large, missing),
        ),
        null_name="untrained",
        parts={"one frequency": more_than(in_time & as_large, missing, "before")},
    )


def o4(found: xr.Dataset) -> Result:
    """Judge O4 from `generation` at many inputs.

    The median error is that of the inputs at which the output does not rest.
    """
    missing = found.amplitude.isnull().any("input")
    error = np.abs(found.frequency / found.asked - 1).median("input")
    share = found.frequency.notnull().mean("input").where(~missing)
    right, most = error <= FREQUENCY, share >= SHARE
    return Result(
        claim="O4",
        statistics=(
            after_training("median relative error of the frequency", error, right, missing),
            after_training("share of inputs that oscillate", share, most, missing),
        ),
        null_name="untrained",
        parts={"frequency by input": more_than(right & most, missing, "before")},
    )


def o5(found: xr.Dataset) -> Result:
    """Judge O5 from `points`: at most inputs there is one point with two directions that grow and
    turn, and their frequency follows that of the task.
    """
    missing = found.found.isnull().any("input")
    single = (found.found == 1) & (found.unstable == 2) & found.frequency.notnull()
    share = single.mean("input").where(~missing)
    order = xr.apply_ufunc(
        rank_correlation,
        *xr.broadcast(found.frequency, found.asked),
        input_core_dims=[["input"], ["input"]],
        vectorize=True,
    )
    most, follows = share >= SHARE, order >= CORRELATION
    names = {
        "share of inputs with one growing rotation": (share, most),
        "Spearman correlation over inputs": (order, follows),
    }
    nulls = {"untrained": "before", "random change": RANDOM}
    rows = [
        after_training(f"{name} ({label})", values, holds, missing, null=null)
        for name, (values, holds) in names.items()
        for label, null in nulls.items()
    ]
    parts = {label: more_than(most & follows, missing, null) for label, null in nulls.items()}
    return Result(claim="O5", statistics=tuple(rows), null_name="null as named", parts=parts)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman correlation of the known among two sequences (input,); NaN of fewer than three, or
    where one is constant.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 3 or not (np.ptp(x[known]) and np.ptp(y[known])):
        return np.nan
    return float(spearmanr(x[known], y[known]).statistic)


def o6(generated: xr.Dataset, found: xr.Dataset) -> Result:
    """Judge O6 from `generation` and `points`: at the inputs with a growing rotation and an output
    that does not rest, the frequency of the one over that of the other.
    """
    both = (of.frequency.sel(when="after") for of in (found, generated))
    linear, output = xr.align(*both, join="exact")
    ratio = (linear / output).mean("input").values
    near = np.abs(ratio - 1) <= MARGIN
    return Result(
        claim="O6",
        statistics=(statistic("linear frequency / that of the output", ratio, holds=near),),
        null_name="",
        parts={"mean over inputs": equivalent(against(ratio - 1), margin=MARGIN)},
    )


def after_training(
    name: str,
    values: xr.DataArray,
    holds: xr.DataArray,
    missing: xr.DataArray,
    *,
    null: str = "before",
) -> Statistic:
    """A statistic (network, when) after training, beside the same networks at another time."""
    return statistic(
        name,
        values.sel(when="after").values,
        holds=holds.sel(when="after").values,
        null=values.sel(when=null).values,
        missing=missing.sel(when="after").values,
    )


def more_than(holds: xr.DataArray, missing: xr.DataArray, null: str) -> Verdict:
    """Verdict on what must hold (network, when) after training, and in more networks than at
    another time.
    """
    after, by_chance = (holds.sel(when=when).values for when in ("after", null))
    return in_most_networks(after, missing=missing.sel(when="after").values, before=by_chance)
