"""Random networks over the gain of their weights: stability with and without input, equilibria, and spectra (claims G2 to G4).

Every network of an ensemble stands for itself before training in the phase diagram, and for a seed of further random networks in the rest.
Nothing of its training enters.
"""

import numpy as np
import xarray as xr

from taskrnn.activation import TANH, leaky_relu
from taskrnn.counting import random_weights, relu_counts, tanh_counts, tanh_exponents
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.lyapunov import lyapunov
from taskrnn.phase_diagram import phase_diagram
from taskrnn.streams import generator

PLACE = 61  # in the stream "analysis"
PHASE_GAINS = (0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0)
INPUT_SDS = (0.0, 0.5, 1.0, 2.0)  # of the input to a unit at each step
N_STARTS = 400  # of the search for the equilibria of a tanh network
GAINS = (0.8, 1.0, 1.2, 1.4, 1.6, 2.0)  # of the networks whose equilibria are counted, and of the spectra


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
    """Stability, equilibria and spectra of random networks from one network's untrained weights and seed.

    Parameters
    ----------
    network : Dataset of one network
    tanh_sizes, relu_sizes : int, numbers of units of the networks whose equilibria are counted
    n_draws : int, of those at each size and gain
    n_starts : int, of the search for equilibria of a tanh network
    n_large : int, units of the tanh network whose largest exponent is measured
    n_spectrum, n_steps : int, units of the tanh network whose whole spectrum is, and steps that count for it

    Returns
    -------
    Dataset with
        exponent, growth in 1/tau and diverges (activation, phase_gain, input_sd), see `taskrnn.phase_diagram`, of the untrained weights
        at other gains, with the network's bias and white input of a standard deviation at every step;
        tanh_points, tanh_late (gain, size, draw) and relu_points (gain, relu_size, draw), see `taskrnn.counting`;
        tanh_exponent (gain,) in 1/tau, the largest, and spectrum (gain, number) in 1/tau, falling
    """
    settings, seed = experiment.network, int(network.seed[0])
    own_gain = settings.recurrent_sd * settings.n_units**0.5
    before = weights(network, "before")
    at_gain_one, bias = before.recurrent.astype(float) / own_gain, before.bias.astype(float)
    strengths = np.array(INPUT_SDS) * (settings.alpha / 2) ** 0.5
    rng = generator(seed, "analysis", PLACE)
    options = {"rng": rng, "alpha": settings.alpha, "transient": 500, "n_steps": 2000}
    phases = [
        phase_diagram(at_gain_one, bias, PHASE_GAINS, strengths, activation=f, **options) for f in (leaky_relu(settings.theta), TANH)
    ]
    over_phase = ("activation", "phase_gain", "input_sd")
    variables = {
        name: (over_phase, np.concatenate([getattr(p, of) for p in phases]), {"long_name": text, "units": unit})
        for name, of, text, unit in (
            ("exponent", "exponents", "largest Lyapunov exponent", "1/tau"),
            ("growth", "growth", "the same, or the rate of divergence", "1/tau"),
            ("diverges", "diverges", "activity grows without bound", "1"),
        )
    }
    rng = generator(seed, "analysis", PLACE, 1)
    tanh = [[tanh_counts(n, g, n_networks=n_draws, n_starts=n_starts, rng=rng) for n in tanh_sizes] for g in GAINS]
    relu = [[relu_counts(n, g, n_networks=n_draws, rng=rng).points for n in relu_sizes] for g in GAINS]
    rng = generator(seed, "analysis", PLACE, 2)
    largest = [tanh_exponents(g, n_units=n_large, n_networks=1, rng=rng)[0] for g in GAINS]
    spectra = [spectrum(g, n_spectrum, n_steps, alpha=settings.alpha, rng=rng) for g in GAINS]
    return xr.Dataset(
        variables
        | {
            "tanh_points": (("gain", "size", "draw"), [[c.points for c in row] for row in tanh], {"long_name": "equilibria found, tanh"}),
            "tanh_late": (("gain", "size", "draw"), [[c.late for c in row] for row in tanh], {"long_name": "found by late starts only"}),
            "relu_points": (("gain", "relu_size", "draw"), relu, {"long_name": "equilibria, ReLU"}),
            "tanh_exponent": ("gain", largest, {"long_name": "largest Lyapunov exponent, tanh", "units": "1/tau"}),
            "spectrum": (("gain", "number"), spectra, {"long_name": "Lyapunov exponents, tanh", "units": "1/tau"}),
        },
        coords={
            "activation": ["ReLU", "tanh"],
            "phase_gain": list(PHASE_GAINS),
            "input_sd": list(INPUT_SDS),
            "gain": list(GAINS),
            "size": list(tanh_sizes),
            "relu_size": list(relu_sizes),
        },
    )


def spectrum(gain: float, n_units: int, n_steps: int, *, alpha: float, rng: np.random.Generator) -> np.ndarray:
    """All exponents (unit,) in 1/tau of one random tanh network without bias or input, from a random state."""
    W = random_weights(1, n_units, gain, rng=rng)
    lead = {"transient": 1000, "alignment": n_steps // 3}
    drive = np.broadcast_to(0.0, (1, sum(lead.values()) + n_steps, n_units))
    initial = rng.uniform(-1, 1, (1, n_units))
    return lyapunov(W, drive, rng=rng, activation=TANH, alpha=alpha, n_exponents=n_units, initial=initial, **lead).exponents[0]
