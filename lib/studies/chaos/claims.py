"""Claims G2 to G7: stability, equilibria and reservoirs (section 6)."""

import numpy as np
import xarray as xr

from studies.chaos.summary import Rates, best
from studies.ledger import Result, Statistic, by_task, statistic
from studies.regime import claims as regime
from taskrnn.analysis.statistics import (
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Interval,
    against,
    conjunction,
    paired,
    side,
    verdict,
)

STRENGTH = 1.0  # standard deviation of the input, G2
NEAR_TRANSITION = (1.2, 1.4)  # gains, G4
LOSS_RATIO = "ln(loss of the best reservoir / of the trained network)"


def g2(critical: xr.DataArray) -> Result:
    """Judge G2: with input, the largest exponent crosses zero at a larger gain, for each function.

    Parameters
    ----------
    critical : DataArray (activation, network, input_sd)
        `studies.chaos.summary.critical_gains`; NaN where the exponent does not cross zero in the
        range of gains.
    """
    rows, parts = [], {}
    for name in critical.activation.values.tolist():
        without, driven = (
            critical.sel(activation=name, input_sd=sd).values for sd in (0.0, STRENGTH)
        )
        parts[name] = verdict(paired(without, driven), claimed="above")
        moved, crosses = f"{name}: critical gain with input less without", np.isfinite(without)
        rows += [
            statistic(moved, driven - without, holds=driven > without),
            statistic(f"{name}: critical gain without input", without, holds=crosses),
        ]
    return Result(claim="G2", statistics=tuple(rows), null_name="no null", parts=parts)


def g3(random: xr.Dataset, rates: Rates) -> Result:
    """Judge G3: at each gain, equilibria multiply with size if tanh networks are chaotic, else not.

    Parameters
    ----------
    random : Dataset, `studies.chaos.random_networks`, with a network axis
    rates : {gain: Interval}, `studies.chaos.summary.counted_rates`
    """
    rows, parts = [], {}
    for gain, rate in rates.items():
        growth, exponent = at_gain(random.sel(gain=gain), rate)
        parts[f"gain {gain:g}"] = proliferates_with_chaos(growth.interval, exponent.interval)
        rows += [growth, exponent]
    return Result(claim="G3", statistics=tuple(rows), null_name="no null", parts=parts)


def at_gain(random: xr.Dataset, rate: Interval) -> tuple[Statistic, Statistic]:
    """Growth rate of the equilibria at one gain, and the largest exponent.

    Each network's own growth rate is a slope over sizes; the interval is that of them all together.
    """
    name, points = (
        f"gain {float(random.gain):g}",
        random.tanh_points.transpose("network", "size", "draw").values,
    )
    known = np.isfinite(points).all(axis=(1, 2))
    slopes = np.full(len(points), np.nan)
    slopes[known] = np.polyfit(random["size"].values, np.log(points[known].mean(axis=2)).T, 1)[0]
    growth = Statistic(
        name=f"{name}: growth rate of the equilibria (1/unit)",
        values=tuple(slopes.tolist()),
        null=(),
        interval=rate,
        holds=int((slopes > 0).sum()),
        missing=int((~known).sum()),
    )
    exponents = random.tanh_exponent.values
    return growth, statistic(f"{name}: largest exponent (1/tau)", exponents, holds=exponents > 0)


def proliferates_with_chaos(growth: Interval, exponent: Interval) -> str:
    """Verdict at one gain: growth is clear of 0 if the exponent is above, not if it is below."""
    grows = growth.low > 0
    if side(exponent) == "above":
        # A rate whose interval ends at 0 or below has not begun to grow.
        return SUPPORTED if grows else CONTRADICTED if growth.high <= 0 else UNDECIDED
    if side(exponent) == "below":
        return CONTRADICTED if grows else SUPPORTED
    return UNDECIDED


def g4(random: xr.Dataset, rates: Rates) -> Result:
    """Judge G4, of what G3 takes: the two rates' intervals overlap at gains near the transition."""
    rows, parts = [], {}
    for gain in NEAR_TRANSITION:
        both = at_gain(random.sel(gain=gain), rates[gain])
        growth, exponent = (row.interval for row in both)
        known = np.isfinite([growth.low, growth.high, exponent.low, exponent.high]).all()
        apart = growth.high < exponent.low or exponent.high < growth.low
        parts[f"gain {gain:g}"] = UNDECIDED if not known else CONTRADICTED if apart else SUPPORTED
        rows += both
    return Result(claim="G4", statistics=tuple(rows), null_name="no null", parts=parts)


def g5(landscapes: dict[str, xr.Dataset], regimes: dict[str, xr.Dataset]) -> Result:
    """Judge G5: more points after training, and every network with more is stable, in both tasks.

    Stable is meant by the rule of G1.
    If the regime of one that has more is missing, the claim is undecided at best.
    """
    return by_task("G5", _more_points, landscapes, regimes, null_name="no null")


def _more_points(found: xr.Dataset, regimes: xr.Dataset) -> tuple[list[Statistic], str]:
    points = found.found.sum("step", skipna=False) + found.end_found.sum(
        ["trial", "epoch"], skipna=False
    )
    before, after = (points.sel(when=when).values.astype(float) for when in ("before", "after"))
    trained = regimes.sel(when="after")
    stable = np.all([regime.stable(trained, drive) for drive in trained.drive.values], axis=0)
    more, unknown = after > before, regime.missing(trained)
    part = verdict(paired(before, after), claimed="above")
    if (more & ~stable & ~unknown).any():
        part = CONTRADICTED
    elif (more & unknown).any():
        part = conjunction([part, UNDECIDED])
    driven = trained.exponent.sel(drive="driven").values
    rows = [
        statistic("fixed points at all inputs, after - before", after - before, holds=more),
        statistic("largest exponent after training, driven (1/tau)", driven, holds=stable),
    ]
    return rows, part


def g6(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G6: the best reservoir has a larger test loss than the trained network, in both."""
    return by_task("G6", _loses_to_training, reservoirs, null_name="no null")


def _loses_to_training(reservoirs: xr.Dataset) -> tuple[list[Statistic], str]:
    own = reservoirs.own_squared_error.sel(when="after")
    trained, refitted = (own.sel(readout=readout).values for readout in ("own", "fitted"))
    ratio, refitted = (
        log_ratio(loss, trained) for loss in (best(reservoirs).squared_error.values, refitted)
    )
    name = "the same for trained weights with a fitted readout"
    rows = [
        statistic(LOSS_RATIO, ratio, holds=ratio > 0),
        statistic(name, refitted, holds=refitted > 0),
    ]
    return rows, verdict(against(ratio), claimed="above")


def log_ratio(loss: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """ln of a loss over the trained one (network,); NaN unless both are finite and above 0."""
    known = np.isfinite(loss) & np.isfinite(trained) & (loss > 0) & (trained > 0)
    return np.log(np.where(known, loss, np.nan) / np.where(known, trained, np.nan))


def loss_ratios(result: Result) -> dict[str, float]:
    """How many times the trained network's loss the best reservoir has, by task, from `g6`."""
    return {task: float(np.exp(result[f"{task}: {LOSS_RATIO}"].mean)) for task in result.parts}


def g7(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G7: the driven exponent of the best tanh reservoir is above 0, in both tasks."""
    return by_task("G7", _best_in_chaos, reservoirs, null_name="no null")


def _best_in_chaos(reservoirs: xr.Dataset) -> tuple[list[Statistic], str]:
    tanh = best(reservoirs.sel(activation=["tanh"]))
    exponent = tanh.exponent.sel(drive="driven").values
    rows = [
        statistic("exponent at the best gain (1/tau)", exponent, holds=exponent > 0),
        statistic("best gain", tanh.gain.values, holds=np.isfinite(exponent)),
    ]
    return rows, verdict(against(exponent), claimed="above")
