"""Random networks over the gain of their weights: stability, equilibria and spectra (G2 to G4).

Every network of an ensemble stands for itself before training in the phase diagram, and for a seed
of further random networks in the rest. Nothing of its training enters.
"""

import numpy as np
import xarray as xr

from studies.chaos.counting import random_weights, relu_counts, tanh_counts, tanh_exponents
from studies.chaos.phase_diagram import phase_diagram
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import TANH, leaky_relu
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator

PHASE_GAINS = (0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0)
INPUT_SDS = (0.0, 0.5, 1.0, 2.0)  # of the input to a unit at each step
N_STARTS = 400  # of the search for the equilibria of a tanh network
GAINS = (
    0.8,
    1.0,
    1.2,
    1.4,
    1.6,
    2.0,
)  # of the networks whose equilibria are counted, and of the spectra


@needs(network=RateNetwork)
def random_networks(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    tanh_sizes: tuple[int, ...] = (4, 8, 12, 16, 20, 24),
    relu_sizes: tuple[int, ...] = (4, 6, 8, 10, 12),
    n_draws: int = 4,
    n_starts: int = N_STARTS,
    n_large: int = 512,
    n_spectrum: int = 64,
    n_steps: int = 2000,
) -> xr.Dataset:
    """Stability, equilibria and spectra of random networks, of one network's weights and seed.

    Parameters
    ----------
    network : Dataset of one network
    tanh_sizes, relu_sizes : int, numbers of units of the networks whose equilibria are counted
    n_draws : int, of those at each size and gain
    n_starts : int, of the search for equilibria of a tanh network
    n_large : int, units of the tanh network whose largest exponent is measured
    n_spectrum, n_steps : int, units of the tanh network whose whole spectrum is, and steps that
        count for it

    Returns
    -------
    Dataset with
        exponent, growth in 1/tau and diverges (activation, phase_gain, input_sd), see
        `studies.chaos.phase_diagram`, of the untrained weights at other gains, with the network's
        bias and white input of a standard deviation at every step; tanh_points, tanh_late (gain,
        size, draw) and relu_points (gain, relu_size, draw), see `studies.chaos.counting`;
        tanh_exponent (gain,) in 1/tau, the largest, and spectrum (gain, number) in 1/tau, falling
    """
    settings, seed = experiment.network, int(network.seed[0])
    variables = phases(experiment, network, rng=generator(seed, "random_networks.counts"))
    rng = generator(seed, "random_networks.large")
    variables |= counts(tanh_sizes, relu_sizes, n_draws, n_starts, rng=rng)
    rng = generator(seed, "random_networks.spectrum")
    largest = [tanh_exponents(g, n_units=n_large, n_networks=1, rng=rng)[0] for g in GAINS]
    spectra = [spectrum(g, n_spectrum, n_steps, alpha=settings.alpha, rng=rng) for g in GAINS]
    text = {"long_name": "largest Lyapunov exponent, tanh", "units": "1/tau"}
    variables["tanh_exponent"] = "gain", largest, text
    text = {"long_name": "Lyapunov exponents, tanh", "units": "1/tau"}
    variables["spectrum"] = ("gain", "number"), spectra, text
    coords = {"activation": ["ReLU", "tanh"], "gain": list(GAINS)}
    coords |= {"phase_gain": list(PHASE_GAINS), "input_sd": list(INPUT_SDS)}
    coords |= {"size": list(tanh_sizes), "relu_size": list(relu_sizes)}
    return xr.Dataset(variables, coords)


def counts(tanh_sizes, relu_sizes, n_draws: int, n_starts: int, *, rng) -> dict[str, tuple]:
    """Variables tanh_points, tanh_late and relu_points; see `random_networks`."""
    options, starts = {"n_networks": n_draws, "rng": rng}, {"n_starts": n_starts}
    tanh = [[tanh_counts(n, g, **options, **starts) for n in tanh_sizes] for g in GAINS]
    relu = [[relu_counts(n, g, **options).points for n in relu_sizes] for g in GAINS]
    points, late = (
        [[getattr(of, name) for of in row] for row in tanh] for name in ("points", "late")
    )
    over = ("gain", "size", "draw")
    return {
        "tanh_points": (over, points, {"long_name": "equilibria found, tanh"}),
        "tanh_late": (over, late, {"long_name": "found by late starts only"}),
        "relu_points": (("gain", "relu_size", "draw"), relu, {"long_name": "equilibria, ReLU"}),
    }


def phases(experiment: Experiment, network: xr.Dataset, *, rng) -> dict[str, tuple]:
    """Variables exponent, diverges and growth of the untrained weights; see `random_networks`."""
    settings, before = experiment.network, weights(network, "before")
    own_gain = settings.recurrent_sd * settings.n_units**0.5
    at_gain_one, bias = before.recurrent.astype(float) / own_gain, before.bias.astype(float)
    strengths = np.array(INPUT_SDS) * (settings.alpha / 2) ** 0.5
    options = {"rng": rng, "alpha": settings.alpha, "transient": 500, "n_steps": 2000}
    found = [
        phase_diagram(at_gain_one, bias, PHASE_GAINS, strengths, activation=f, **options)
        for f in (leaky_relu(settings.theta), TANH)
    ]
    texts = {  # in the order of `PhaseDiagram`
        "exponent": ("largest Lyapunov exponent", "1/tau"),
        "diverges": ("activity grows without bound", "1"),
        "growth": ("the same, or the rate of divergence", "1/tau"),
    }
    over = ("activation", "phase_gain", "input_sd")
    return {
        name: (over, np.concatenate(arrays), {"long_name": text, "units": units})
        for (name, (text, units)), arrays in zip(
            texts.items(), zip(*found, strict=True), strict=True
        )
    }


def spectrum(
    gain: float, n_units: int, n_steps: int, *, alpha: float, rng: np.random.Generator
) -> np.ndarray:
    """All exponents (unit,) in 1/tau of one random tanh network without bias or input."""
    W = random_weights(1, n_units, gain, rng=rng)
    lead = {"transient": 1000, "alignment": n_steps // 3}
    drive = np.broadcast_to(0.0, (1, sum(lead.values()) + n_steps, n_units))
    initial = rng.uniform(-1, 1, (1, n_units))
    return lyapunov(
        W,
        drive,
        rng=rng,
        activation=TANH,
        alpha=alpha,
        n_exponents=n_units,
        initial=initial,
        **lead,
    ).exponents[0]
