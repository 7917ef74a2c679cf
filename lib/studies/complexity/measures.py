"""Networks linearised at their stable points: how predictable noise makes them there (X1), and how
few states do what the network does (X4).
"""

import numpy as np
import xarray as xr
from scipy.signal import dlsim

from studies.counting.measures import CASES, at_input
from studies.slow_points.random_change import randomly_changed
from taskrnn.analysis.fixed_points.steady import SteadyStates, steady_states
from taskrnn.analysis.linear_systems import balanced_truncation, predictive_information
from taskrnn.analysis.stability.kinks import MARGINAL, stability
from taskrnn.analysis.statistics import of_known
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.distance import in_all_directions
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN

N_INPUTS = 20  # points of a task with constant inputs
N_STARTS = 50  # random starts of a search for those of a memory
STEP = 0.05  # of the input, X4
STEP_TAUS = 10  # how long its response is compared
SHARE = 0.99  # of the Hankel singular values
BLOCK = 300  # steps before the first look for a steady state
CONSTANT = 1e-9  # relative spread of an output that is one number
NUMBERS = {
    "information": "predictive information at the points",
    "active": "active units at the points",
    "excess": "predictive information above the leak",
    "order": "states of the truncated linear model",
    "r2": "R2 of its response to a step",
}
UNITS = {"information": "nats", "excess": "nats"}


def leak(alpha: float) -> float:
    """Predictive information of one leaky unit that is alone, in nats."""
    return -0.5 * np.log(1 - (1 - alpha) ** 2)


@needs(task=ConstantInputTask | FlipFlop, network=RateNetwork)
def at_points(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_inputs: int = N_INPUTS,
    n_starts: int = N_STARTS,
) -> xr.Dataset:
    """What the linearisations of one network at its stable points say.

    Parameters
    ----------
    network : Dataset of one network
    n_inputs : int
        Inputs that a task with constant ones draws, the same for all networks; each has the point
        where the network settles from rest.
    n_starts : int
        Random starts of the search for the points of a memory at zero input.

    Returns
    -------
    Dataset with, along `case` (`studies.counting.measures.CASES`), what `NUMBERS` names, NaN with a
    reason where there is none:
        information, excess : nats, means over the points
        active : mean over the points
        order, r2 : medians over the points that have them
        points : how many stable points were found
    """
    seed = int(network.seed[0])
    w = {when: as_float(weights(network, when)) for when in WHEN}
    draws = generator(seed, "complexity.random change")
    w["random change"] = randomly_changed(w["before"], w["after"], rng=draws)
    rows, reasons = [], []
    for case in CASES:
        rng = generator(seed, "complexity.points")
        inputs, rates = points(w[case], experiment, n_inputs=n_inputs, n_starts=n_starts, rng=rng)
        each = described(w[case], inputs, rates, experiment, rng=rng)
        row = {
            name: of_known(np.median if name in ("order", "r2") else np.mean, values)
            for name, values in each.items()
        }
        if not len(rates):
            reasons.append(f"{case}: no stable point is found")
        elif np.isnan(row["r2"]):
            reasons.append(f"{case}: no small step of the input moves the output")
        rows.append(row | {"points": len(rates)})
    return xr.Dataset(
        {
            name: (
                "case",
                [row[name] for row in rows],
                {"long_name": text, "units": UNITS.get(name, "1")},
            )
            for name, text in (NUMBERS | {"points": "stable points"}).items()
        },
        {"case": list(CASES)},
        attrs={"reason": "; ".join(reasons)},
    )


def as_float(w: Weights) -> Weights:
    """The weights in double precision."""
    return Weights(*(of.astype(float) for of in w))


def points(
    w: Weights, experiment: Experiment, *, n_inputs: int, n_starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Stable points of one network, as inputs (point, input) and rates (point, unit)."""
    task, settings = experiment.task, experiment.network
    if isinstance(task, FlipFlop):
        found = at_input(w, np.zeros(task.n_inputs), experiment, n_starts=n_starts, rng=rng)
        rates = found.rates
        inputs = np.zeros((len(rates), task.n_inputs))
    else:
        draws = generator(experiment.seed, "complexity.inputs of points")
        inputs = task.draw(n_inputs, 1, rng=draws)[:, 0]
        settled = settle(w, inputs, experiment, rng=rng)
        inputs, rates = inputs[settled.converged[0]], settled.rates[0][settled.converged[0]]
    W, W_in, b, _ = (of[0] for of in w)
    total = rates @ W.T + inputs @ W_in.T + b
    f = leaky_relu(settings.theta)
    decays = stability(W, total, activation=f, alpha=settings.alpha).growth.map < -MARGINAL
    return inputs[decays], rates[decays]


def settle(
    w: Weights, inputs: np.ndarray, experiment: Experiment, *, rng: np.random.Generator
) -> SteadyStates:
    """Where one network settles from rest at each input (condition, input)."""
    settings = experiment.network
    options = {"theta": settings.theta, "alpha": settings.alpha, "block": BLOCK}
    return steady_states(*w[:3], inputs, rng=rng, **options)


def described(
    w: Weights,
    inputs: np.ndarray,
    rates: np.ndarray,
    experiment: Experiment,
    *,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """What `NUMBERS` names, each (point,), at stable points (point, unit)."""
    found = {name: np.full(len(rates), np.nan) for name in NUMBERS}
    if not len(rates):
        return found
    settings, readout = experiment.network, w.readout[0]
    alpha, n_steps = settings.alpha, round(STEP_TAUS / settings.alpha)
    steps = in_all_directions(np.full(len(inputs), STEP), inputs.shape[1], rng=rng)
    held = np.repeat((inputs + steps)[:, None], n_steps, axis=1)
    after = simulate(w, held, network=settings, initial=rates[None])
    moved = outputs(w, after)[0] - (rates @ readout.T)[:, None]
    W, W_in, b, _ = (of[0] for of in w)
    slopes = leaky_relu(settings.theta).slope(rates @ W.T + inputs @ W_in.T + b)
    for k, slope in enumerate(slopes):
        on = np.flatnonzero(slope)
        D = slope[on, None]
        A = (1 - alpha) * np.eye(len(on)) + alpha * D * W[np.ix_(on, on)]
        information = predictive_information(A, np.diag(slope[on] ** 2))
        found["information"][k], found["active"][k] = information, len(on)
        found["excess"][k] = information - len(on) * leak(alpha)
        try:
            small = balanced_truncation(A, alpha * D * W_in[on], readout[:, on], share=SHARE)
        except Unmeasurable:
            continue
        drive = np.repeat(steps[k : k + 1], n_steps + 1, axis=0)
        system = small.A, small.B, small.C, np.zeros((len(readout), W_in.shape[1])), 1
        response = dlsim(system, drive)[1][1:]  # the network answers a step at once
        found["order"][k], found["r2"][k] = small.order, explained(response, moved[k])
    return found


def explained(model: np.ndarray, network: np.ndarray) -> float:
    """R2 of a response (time, output); NaN if the network's is one number, or not finite."""
    spread = network - network.mean(axis=0)
    if not np.isfinite(network).all() or np.abs(spread).max() <= CONSTANT * STEP:
        return np.nan
    return float(1 - ((model - network) ** 2).sum() / (spread**2).sum())
