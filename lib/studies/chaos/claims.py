"""Claims G2 to G7: stability, equilibria and reservoirs (section 6)."""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.chaos.summary import Rates, best
from studies.ledger import Result, Statistic, by_task, statistic
from studies.regime import claims as regime
from studies.rules import in_most_networks
from studies.slow_points.claims import most_points
from studies.training.claims import ACCURACY, TOLERANCE
from taskrnn.analysis.statistics import Interval, against, paired, side
from taskrnn.analysis.verdicts import (
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Verdict,
    conjunction,
    verdict,
)
from taskrnn.variables import WHEN

STRENGTH = 1.0  # standard deviation of the input, G2
NEAR_TRANSITION = (1.2, 1.4)  # gains, G4
LOSS_RATIO = "ln(loss of the best reservoir / of trained weights with a fitted readout)"
MOST_POINTS = "most points at one input, after - before"
DRIVEN = "largest exponent after training, driven (1/tau)"
TRAINED_RATIO = "ln(the same / of the trained network with its own readout)"
# Errors above which a task is not done, by P1 and P2; that of decision is the share of wrong ones.
TOO_WRONG = {"perception": TOLERANCE, "decision": 1 - ACCURACY}


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


def proliferates_with_chaos(growth: Interval, exponent: Interval) -> Verdict:
    """Verdict at one gain: growth is clear of 0 if the exponent is above, not if it is below."""
    grows = growth.low > 0
    if side(exponent) == "above":
        # A rate whose interval ends at 0 or below has not begun to grow.
        return Verdict(SUPPORTED if grows else CONTRADICTED if growth.high <= 0 else UNDECIDED)
    if side(exponent) == "below":
        return Verdict(CONTRADICTED if grows else SUPPORTED)
    return Verdict(UNDECIDED)


def g4(random: xr.Dataset, rates: Rates) -> Result:
    """Judge G4, of what G3 takes: the two rates' intervals overlap at gains near the transition."""
    rows, parts = [], {}
    for gain in NEAR_TRANSITION:
        both = at_gain(random.sel(gain=gain), rates[gain])
        growth, exponent = (row.interval for row in both)
        known = np.isfinite([growth.low, growth.high, exponent.low, exponent.high]).all()
        apart = growth.high < exponent.low or exponent.high < growth.low
        parts[f"gain {gain:g}"] = Verdict(
            UNDECIDED if not known else CONTRADICTED if apart else SUPPORTED
        )
        rows += both
    return Result(claim="G4", statistics=tuple(rows), null_name="no null", parts=parts)


def g5(landscapes: dict[str, xr.Dataset], regimes: dict[str, xr.Dataset]) -> Result:
    """Judge G5: more points at one input after training, and without chaos, in both tasks.

    Stable is meant by the rule of G1.
    """
    rows: list[Statistic] = []
    parts: dict[str, Verdict] = {}
    written: list[Verdict] = []
    for task, found in landscapes.items():
        trained = regimes[task].sel(when="after")
        stable = np.all([regime.stable(trained, drive) for drive in trained.drive.values], axis=0)
        unknown, driven = regime.missing(trained), trained.exponent.sel(drive="driven").values
        before, after = (_at(most_points(found), when) for when in WHEN)
        more = after > before
        rows += [
            statistic(f"{task}: {MOST_POINTS}", after - before, holds=more),
            statistic(f"{task}: {DRIVEN}", driven, holds=stable),
        ]
        parts[f"{task}, more points"] = verdict(paired(before, after), claimed="above")
        parts[f"{task}, without chaos"] = in_most_networks(
            ~(more & ~stable), missing=np.isnan(before + after) | (more & unknown)
        )
        written.append(_counted_at_every_input(found, stable, unknown))
    return Result(
        claim="G5",
        statistics=tuple(rows),
        null_name="no null",
        parts=parts,
        as_written=conjunction(written),
    )


def _counted_at_every_input(found: xr.Dataset, stable: np.ndarray, unknown: np.ndarray) -> Verdict:
    """The word by the criterion as written: points at all inputs together, and every network."""
    points = found.found.sum("step", skipna=False) + found.end_found.sum(
        ["trial", "epoch"], skipna=False
    )
    before, after = (_at(points, when) for when in WHEN)
    more, part = after > before, verdict(paired(before, after), claimed="above")
    if (more & ~stable & ~unknown).any():
        return Verdict(CONTRADICTED)
    return conjunction([part, Verdict(UNDECIDED)]) if (more & unknown).any() else part


def _at(points: xr.DataArray, when: str) -> np.ndarray:
    return points.sel(when=when).values.astype(float)


def g6a(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G6a: the best reservoir does not meet the criterion of the task (P1, P2)."""
    rows, parts = [], {}
    for task, of_task in reservoirs.items():
        error, trained = best(of_task).error.values, own(of_task, "error", "own")
        fails, missing = error > TOO_WRONG[task], np.isnan(error)
        rows.append(
            statistic(f"{task}: error of the best reservoir", error, holds=fails, null=trained)
        )
        parts[task] = in_most_networks(fails, missing=missing)
    return Result(
        claim="G6a",
        statistics=tuple(rows),
        null_name="trained network",
        parts=parts,
        as_written=_more_loss_than_trained(reservoirs),
    )


def _more_loss_than_trained(reservoirs: dict[str, xr.Dataset]) -> Verdict:
    """The word of G6 as written: the least test loss of any reservoir, over that of the trained
    network with the readout that it has.
    """
    return conjunction(
        verdict(
            against(
                log_ratio(
                    best(of_task, by="squared_error").squared_error.values,
                    own(of_task, "squared_error", "own"),
                )
            ),
            claimed="above",
        )
        for of_task in reservoirs.values()
    )


def own(reservoirs: xr.Dataset, name: str, readout: str) -> np.ndarray:
    """An error of the trained network (network,), with its own readout or a fitted one."""
    return reservoirs[f"own_{name}"].sel(when="after", readout=readout).values


def g6b(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G6b: the best reservoir has a larger test loss than trained weights whose readout is
    fitted too, in both tasks.
    """
    result = by_task("G6b", _loses_to_training, reservoirs, null_name="no null")
    return replace(result, as_written=_more_loss_than_trained(reservoirs))


def _loses_to_training(reservoirs: xr.Dataset) -> tuple[list[Statistic], Verdict]:
    loss = best(reservoirs).squared_error.values
    fitted, trained = (
        log_ratio(loss, own(reservoirs, "squared_error", readout)) for readout in ("fitted", "own")
    )
    rows = [
        statistic(LOSS_RATIO, fitted, holds=fitted > 0),
        statistic(TRAINED_RATIO, trained, holds=trained > 0),
    ]
    return rows, verdict(against(fitted), claimed="above")


def log_ratio(loss: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """ln of a loss over the trained one (network,); NaN unless both are finite and above 0."""
    known = np.isfinite(loss) & np.isfinite(trained) & (loss > 0) & (trained > 0)
    return np.log(np.where(known, loss, np.nan) / np.where(known, trained, np.nan))


def loss_ratios(result: Result) -> dict[str, float]:
    """How many times the loss of trained weights the best reservoir has, by task, from `g6b`."""
    return {task: float(np.exp(result[f"{task}: {LOSS_RATIO}"].mean)) for task in result.parts}


def g7(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G7: the driven exponent of the best tanh reservoir is above 0, in both tasks."""
    result = by_task("G7", _best_in_chaos, reservoirs, null_name="no null")
    by_test = (_best_in_chaos(of, by="squared_error")[1] for of in reservoirs.values())
    return replace(result, as_written=conjunction(by_test))


def _best_in_chaos(
    reservoirs: xr.Dataset, *, by: str = "validation"
) -> tuple[list[Statistic], Verdict]:
    tanh = best(reservoirs.sel(activation=["tanh"]), by=by)
    exponent = tanh.exponent.sel(drive="driven").values
    rows = [
        statistic("exponent at the best gain (1/tau)", exponent, holds=exponent > 0),
        statistic("best gain", tanh.gain.values, holds=np.isfinite(exponent)),
    ]
    return rows, verdict(against(exponent), claimed="above")
