"""Claims G2 to G7: stability, equilibria and reservoirs (section 6)."""

import numpy as np
import xarray as xr

from taskrnn.claims import regime
from taskrnn.claims.ledger import Result, Statistic, statistic
from taskrnn.statistics import CONTRADICTED, SUPPORTED, UNDECIDED, Interval, against, conjunction, interval, paired, side, verdict

STRENGTH = 1.0  # of the input, G2
NEAR_TRANSITION = (1.2, 1.4)  # gains, G4


def g2(critical: dict[str, tuple[np.ndarray, np.ndarray]]) -> Result:
    """Judge G2 from the gains at which the largest exponent crosses zero, {activation: (without input, with it)}, (network,) each.

    A network whose exponent does not cross zero in the range of gains has NaN.
    """
    rows, parts = [], {}
    for name, (without, with_input) in critical.items():
        parts[name] = verdict(paired(without, with_input), claimed="above")
        rows += [
            statistic(f"{name}: critical gain with input less without", with_input - without, holds=with_input > without),
            statistic(f"{name}: critical gain without input", without, holds=np.isfinite(without)),
        ]
    return Result(claim="G2", statistics=tuple(rows), null_name="no null", parts=parts)


def g3(growths: dict[float, Statistic], exponents: dict[float, np.ndarray]) -> Result:
    """Judge G3 from the growth rate of the number of equilibria and the largest exponent, (network,) in 1/tau, at each gain."""
    rows, parts = [], {}
    for gain, growth in growths.items():
        exponent = interval(exponents[gain])
        parts[f"gain {gain:g}"] = proliferates_with_chaos(growth.interval, exponent)
        rows += [growth, statistic(f"gain {gain:g}: largest exponent (1/tau)", exponents[gain], holds=exponents[gain] > 0)]
    return Result(claim="G3", statistics=tuple(rows), null_name="no null", parts=parts)


def growth_statistic(gain: float, sizes: np.ndarray, points: np.ndarray, rate: Interval) -> Statistic:
    """The growth rate at one gain as a statistic: each seed's own slope, (network, size, draw), and the rate of them all together."""
    known = np.isfinite(points).all(axis=(1, 2))
    slopes = np.full(len(points), np.nan)
    slopes[known] = np.polyfit(sizes, np.log(points[known].mean(axis=2)).T, 1)[0]
    name = f"gain {gain:g}: growth rate of the equilibria (1/unit)"
    holds, missing = int((slopes > 0).sum()), int((~known).sum())
    return Statistic(name=name, values=tuple(slopes.tolist()), null=(), interval=rate, holds=holds, missing=missing)


def proliferates_with_chaos(growth: Interval, exponent: Interval) -> str:
    """Verdict at one gain: the growth rate is clear of 0 where the exponent is above it, and not where it is below."""
    grows = growth.low > 0
    if side(exponent) == "above":
        # A rate whose interval ends at 0 or below has not begun to grow.
        return SUPPORTED if grows else CONTRADICTED if growth.high <= 0 else UNDECIDED
    if side(exponent) == "below":
        return CONTRADICTED if grows else SUPPORTED
    return UNDECIDED


def g4(growths: dict[float, Statistic], exponents: dict[float, np.ndarray]) -> Result:
    """Judge G4: the intervals of the two rates overlap at both gains near the transition."""
    rows, parts = [], {}
    for gain in NEAR_TRANSITION:
        growth, exponent = growths[gain].interval, interval(exponents[gain])
        known = np.isfinite([growth.low, growth.high, exponent.low, exponent.high]).all()
        apart = growth.high < exponent.low or exponent.high < growth.low
        parts[f"gain {gain:g}"] = UNDECIDED if not known else CONTRADICTED if apart else SUPPORTED
        rows += [growths[gain], statistic(f"gain {gain:g}: largest exponent (1/tau)", exponents[gain], holds=exponents[gain] > 0)]
    return Result(claim="G4", statistics=tuple(rows), null_name="no null", parts=parts)


def g5(landscapes: dict[str, xr.Dataset], regimes: dict[str, xr.Dataset]) -> Result:
    """Judge G5: more points after training, and every network that has more is stable by the rule of G1, in both tasks.

    If the regime of one that has more is missing, the claim is undecided at best.
    """
    rows, parts = [], {}
    for task, found in landscapes.items():
        points = found.found.sum("step", skipna=False) + found.end_found.sum(["trial", "epoch"], skipna=False)
        before, after = (points.sel(when=when).values.astype(float) for when in ("before", "after"))
        trained = regimes[task].sel(when="after")
        stable = np.all([regime.stable(trained, drive) for drive in trained.drive.values], axis=0)
        more, unknown = after > before, regime.missing(trained)
        found_more = verdict(paired(before, after), claimed="above")
        if (more & ~stable & ~unknown).any():
            parts[task] = CONTRADICTED
        else:
            parts[task] = conjunction([found_more, UNDECIDED]) if (more & unknown).any() else found_more
        rows += [
            statistic(f"{task}: fixed points at all inputs, after - before", after - before, holds=more),
            statistic(f"{task}: largest exponent after training, driven (1/tau)", trained.exponent.sel(drive="driven").values, holds=stable),
        ]
    return Result(claim="G5", statistics=tuple(rows), null_name="no null", parts=parts)


def best(reservoirs: xr.Dataset) -> xr.Dataset:
    """At each network's best gain and activation, among those that stay bounded; NaN for a network with none."""
    flat = reservoirs.stack(way=("activation", "gain")).reset_index("way").reset_coords(["activation", "gain"])
    loss = flat.squared_error.where(np.isfinite(flat.squared_error), np.inf)
    found = flat.isel(way=loss.argmin("way"))
    known = np.isfinite(found.squared_error)
    # No gain is the best one of a network without any, and its activation has no name.
    return found.drop_vars("activation").where(known).assign(activation=found.activation.where(known, ""))


def g6(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G6: the best reservoir of every kind tried has a larger test loss than the trained network, in both tasks."""
    rows, parts = [], {}
    for task, of in reservoirs.items():
        trained = of.own_squared_error.sel(when="after", readout="own").values
        ratio = log_ratio(best(of).squared_error.values, trained)
        parts[task] = verdict(against(ratio), claimed="above")
        refitted = log_ratio(of.own_squared_error.sel(when="after", readout="fitted").values, trained)
        rows += [
            statistic(f"{task}: ln(loss of the best reservoir / of the trained network)", ratio, holds=ratio > 0),
            statistic(f"{task}: the same for trained weights with a fitted readout", refitted, holds=refitted > 0),
        ]
    return Result(claim="G6", statistics=tuple(rows), null_name="no null", parts=parts)


def log_ratio(loss: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """ln of a loss over the trained network's, (network,); NaN unless both are finite and above 0."""
    known = np.isfinite(loss) & np.isfinite(trained) & (loss > 0) & (trained > 0)
    return np.log(np.where(known, loss, np.nan) / np.where(known, trained, np.nan))


def g7(reservoirs: dict[str, xr.Dataset]) -> Result:
    """Judge G7: at the gain at which a network's tanh reservoir has the least loss, its driven exponent is above 0, in both tasks."""
    rows, parts = [], {}
    for task, of in reservoirs.items():
        tanh = best(of.sel(activation=["tanh"]))
        exponent = tanh.exponent.sel(drive="driven").values
        parts[task] = verdict(against(exponent), claimed="above")
        rows += [
            statistic(f"{task}: exponent at the best gain (1/tau)", exponent, holds=exponent > 0),
            statistic(f"{task}: best gain", tanh.gain.values, holds=np.isfinite(exponent)),
        ]
    return Result(claim="G7", statistics=tuple(rows), null_name="no null", parts=parts)
