"""One network while it is trained: its weights, its output and its states at some updates."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from studies.training.measures import held_out_trials, with_a_change
from taskrnn.ensembles.members import each
from taskrnn.ensembles.results import measured
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import Weights, stack
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.training.train import train
from taskrnn.variables import variable

MOMENTS = 16
SINGULAR_VALUES = 20


def moments(updates: int, *, n: int = MOMENTS) -> list[int]:
    """At most n updates from 0 to the last, denser at the beginning, where most changes."""
    return sorted({round(updates * (i / (n - 1)) ** 2) for i in range(n)})


def followed(
    experiment: Experiment, networks: xr.Dataset, *, data: str | Path
) -> tuple[xr.Dataset, xr.Dataset]:
    """The first network that can be followed through its training, and what `during` finds of it.

    Raises
    ------
    Unmeasurable
        None can be.
    """
    for network in each(networks):
        try:
            return network, measured(during, experiment, network, data=data).isel(network=0)
        except Unmeasurable as error:
            last = error
    raise last


def same_weights(shown: Mapping[str, xr.Dataset]) -> str:
    """How the weights that `followed` ends with differ from those of the book, as the end of a
    sentence.
    """
    most = max(float(found.deviation) for found in shown.values())
    if most == 0:
        return "are those of the book, bit by bit; on another processor they need not be"
    return f"differ from those of the book, which another machine trained, by {most:.2g} at most"


@needs(task=ConstantInputTask, network=RateNetwork)
def during(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """What a network is at the moments of its training; it is trained once more for that.

    Its states are those in the first test trial whose right answer changes, without the noise of
    the units, in the plane of the two principal components of the trained network; NaN from where
    they grow beyond all bounds.

    Returns
    -------
    Dataset with, by update,
        eigenvalues (update, unit, part) : of the recurrent weights, real and imaginary part
        singular_values (update, rank) : the largest of the change of the weights
        output (update, time) : the first output, and its target (time,)
        states (update, time, component) : rates less the trained network's mean
        deviation : the largest difference of a weight of this training from that of the book, which
            is zero on the machine that trained the networks of the book

    Raises
    ------
    Unmeasurable
        The training of this network failed.
    """
    if network.failed[0] >= 0:
        raise Unmeasurable("its training failed")
    wanted, found = moments(experiment.training.updates), {}

    def keep(update, loss, state):
        if update in wanted:
            found[update] = state().recurrent[0]

    trained = train(
        experiment.task,
        experiment.network,
        experiment.training,
        seeds=[int(network.seed[0])],
        progress=keep,
    )
    found = {0: trained.before.recurrent[0], **found, int(trained.stopped[0]): trained.recurrent[0]}
    final = np.abs(trained.recurrent[0] - network.recurrent_after.values[0]).max()
    several = stack([trained.before._replace(recurrent=w[None]) for w in found.values()])
    return (
        in_a_trial(experiment, several)
        .assign(deviation=variable("", float(final), "largest difference from the book's weights"))
        .assign_coords(update=list(found))
    )


def in_a_trial(experiment: Experiment, several: Weights) -> xr.Dataset:
    """Weights, output and states of a network at several moments, see `during`."""
    trials = held_out_trials(experiment)
    i = with_a_change(trials)
    with np.errstate(over="ignore", invalid="ignore"):
        rates = simulate(several, trials.inputs[[i]], network=experiment.network)[:, 0].astype(
            float
        )
    rates[~np.isfinite(rates)] = np.nan
    last = np.nan_to_num(rates[-1])
    middle = last.mean(axis=0)
    plane = np.linalg.svd(last - middle, full_matrices=False)[2][:2]
    W = several.recurrent
    spectra = np.linalg.eigvals(W)
    ranked = np.linalg.svd(W - W[0], compute_uv=False)[:, :SINGULAR_VALUES]
    seconds = experiment.network.dt * np.arange(rates.shape[1]) / 1000
    return xr.Dataset(
        {
            "eigenvalues": variable(
                "update unit part", np.stack([spectra.real, spectra.imag], -1), "eigenvalues"
            ),
            "singular_values": variable("update rank", ranked, "singular values of the change"),
            "output": variable("update time", rates @ several.readout[0, 0], "output"),
            "states": variable("update time component", (rates - middle) @ plane.T, "states"),
            "target": variable("time", trials.targets[i, :, 0], "target"),
        },
        coords={"time": ("time", seconds, {"units": "s"})},
    )
