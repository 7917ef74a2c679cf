"""Spectra, random networks and reservoirs in tables and numbers, and what claims and figures share.

Datasets are those of `studies.chaos.measures.spectrum`, `studies.chaos.random_networks` ("random")
and `studies.chaos.reservoir`, with a network axis.
"""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from studies.chaos.counting import growth_rate
from studies.chaos.kac_rice import complexity
from studies.chaos.phase_diagram import critical_gain
from studies.regime.summary import by_time
from taskrnn.analysis.stability.attractor_dimension import entropy_rate, kaplan_yorke
from taskrnn.analysis.statistics import Interval, of_known

Rates = dict[float, Interval]  # growth rate of the mean number of equilibria by gain, 1/unit


def spectrum_rows(spectra: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of spectra; behind the range, largest values of any network."""
    header = ["task", "training", "largest exponent (1/tau)", "above 0"]
    header += ["dimension", "entropy (nats/tau)", "drift"]
    rows = []
    for task, when, at in by_time(spectra):
        exponents = at.exponent.values
        exponents = exponents[np.isfinite(exponents[:, 0])]
        if not len(exponents):
            rows.append([task, when, *[""] * 5])
            continue
        largest, above = exponents[:, 0], (exponents > 0).sum(axis=1)
        drift = of_known(np.max, np.abs(at.drift.values[:, 0]))
        facts = [kaplan_yorke(exponents).max(), entropy_rate(exponents).max(), drift]
        ends = f"{largest.min():.3f} to {largest.max():.3f}"
        rows.append([task, when, ends, int(above.max()), *(f"{fact:.2g}" for fact in facts)])
    return header, rows


def known(random: xr.Dataset) -> xr.Dataset:
    """The networks of which random networks were measured."""
    return random.isel(network=random.tanh_points.notnull().all(["gain", "size", "draw"]).values)


def critical_gains(random: xr.Dataset) -> xr.DataArray:
    """Gain at which the largest exponent crosses zero, (activation, network, input_sd), or NaN."""
    growth = random.growth.transpose("activation", "network", "phase_gain", "input_sd")
    gains = np.stack([critical_gain(random.phase_gain.values, of) for of in growth.values])
    return growth.isel(phase_gain=0, drop=True).copy(data=gains)


def counted_rates(random: xr.Dataset) -> Rates:
    """How fast the mean number of tanh equilibria grows with size, as they were counted."""
    points = known(random).tanh_points.transpose("gain", "size", "network", "draw")
    sizes = random["size"].values
    return {float(at.gain): growth_rate(sizes, at.values.reshape(len(sizes), -1)) for at in points}


def formula_rates(random: xr.Dataset) -> Rates:
    """The same at the gains of the counts, in larger networks, by the formula of Kac and Rice."""
    gains = random.gain.values.tolist()
    return {gain: complexity(gain, rng=np.random.default_rng(0)) for gain in gains}


def attractors_per_unit(random: xr.Dataset) -> xr.Dataset:
    """Kaplan-Yorke dimension and entropy in nats/tau, (network, gain), both for each unit."""
    spectra = known(random).spectrum.transpose("network", "gain", "number")
    shape, n_units = spectra.shape[:2], spectra.sizes["number"]
    flat = spectra.values.reshape(-1, n_units)
    found = {"dimension": kaplan_yorke(flat), "entropy": entropy_rate(flat)}
    return xr.Dataset(
        {name: (("network", "gain"), of.reshape(shape) / n_units) for name, of in found.items()},
        coords={"gain": random.gain},
    )


def best(reservoirs: xr.Dataset, *, by: str = "validation") -> xr.Dataset:
    """At each network's best gain and activation, of those that stay bounded; NaN if none does.

    The best has the least error in cross-validation, and not in the test trials: the smallest of
    many test errors is too small.
    """
    flat = (
        reservoirs.stack(way=("activation", "gain"))
        .reset_index("way")
        .reset_coords(["activation", "gain"])
    )
    loss = flat[by].where(np.isfinite(flat.squared_error), np.inf)
    found = flat.isel(way=loss.argmin("way"))
    bounded = np.isfinite(found.squared_error)
    # No gain is the best one of a network without any, and its activation has no name.
    activation = found.activation.where(bounded, "")
    return found.drop_vars("activation").where(bounded).assign(activation=activation)


def reservoir_rows(reservoirs: dict[str, xr.Dataset]) -> tuple[list[str], list[list]]:
    """Header and rows of the table of the task's own errors at each network's best reservoir."""
    header = ["task", "best reservoir", "trained network", "trained weights, fitted readout"]
    header += ["which is best", "its gain", "its fixed points at zero input (ReLU)"]
    rows = []
    for task, of_task in reservoirs.items():
        top, own = best(of_task), of_task.own_error.sel(when="after")
        errors = (top.error, own.sel(readout="own"), own.sel(readout="fitted"))
        means = [f"{of_known(np.mean, error):.3f}" for error in errors]
        kinds = ", ".join(
            f"{(top.activation.values == f).sum()} {f}" for f in of_task.activation.values
        )
        gain = " to ".join(f"{of_known(end, top.gain):g}" for end in (np.min, np.max))
        rows.append([task, *means, kinds, gain, f"{of_known(np.mean, top.found):.1f}"])
    return header, rows


def numbers(spectra: dict[str, xr.Dataset], random: xr.Dataset) -> SimpleNamespace:
    """Numbers of the text.

    largest : {task: largest driven exponent of any network after training, 1/tau}
    late : largest share, over sizes and gains, of tanh equilibria that only the second half of the
        starts found
    relu_none, relu_most : at the largest gain, share of ReLU networks without equilibrium, and the
        largest number in one
    relu_size : units of the largest ReLU networks
    exponent : {gain: mean over networks of the largest exponent of a large tanh network, 1/tau}
    """
    seen = known(random)
    late = seen.tanh_late.sum(["network", "draw"]) / seen.tanh_points.sum(["network", "draw"])
    relu = seen.relu_points.isel(gain=-1)
    gains = random.gain.values.tolist()
    return SimpleNamespace(
        largest={
            task: of_known(np.max, s.exponent.sel(when="after")) for task, s in spectra.items()
        },
        late=float(late.max()),
        relu_none=float((relu == 0).mean()),
        relu_most=int(relu.max()),
        relu_size=int(random.relu_size.max()),
        exponent={gain: of_known(np.mean, random.tanh_exponent.sel(gain=gain)) for gain in gains},
    )
