"""How many fixed points networks have that remember, and how fast they forget a perturbation (C1 to
C5).

At zero input a memory holds what it was told, so its points at zero input are its memories and what
separates them. `taskrnn.analysis.fixed_points.exact` finds them; the sum of their indices says
whether the list can be complete.
"""

import numpy as np
import xarray as xr

from studies.regime.measures import session_drive
from studies.regime.trajectories import far_growth
from studies.slow_points.points import search
from studies.slow_points.random_change import randomly_changed
from taskrnn.activity.inputs import DISCARD
from taskrnn.analysis.fixed_points.points import FixedPoints
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.analysis.stability.side_by_side import Largest, largest_exponents
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN

N_STARTS = 200  # random starts of the search at zero input
KEPT = 96  # points whose place is kept: four bits have 81
DIRECTIONS = 8  # numbers of unstable directions that are told apart
CASES = (*WHEN, "random change")
DRIVES = ("zero input", "pulses")
FAR_STEPS = 500  # in which states far out are followed
RATE = {"units": "1/tau"}


@needs(task=FlipFlop, network=RateNetwork)
def points(
    experiment: Experiment, network: xr.Dataset, *, n_starts: int = N_STARTS, n_trials: int = 4
) -> xr.Dataset:
    """The fixed points of one network at zero input.

    Parameters
    ----------
    network : Dataset of one network
    n_starts : int, random starts of each search
    n_trials : int, trials without noise, the same for all networks, whose outputs are kept

    Returns
    -------
    Dataset with, along `case` ("before" and "after" training, "random change": the untrained
    weights with a Gaussian change of the norm of the trained one),
        found, stable : number of points
        by_directions (direction,) : of them, with 0, 1, 2 ... unstable directions in the map
        index : sum of their indices
        far_growth : 1/tau, largest growth of states far out; below 0 activity stays bounded
        last_new : last start that found a new point
        wrong : share of the outputs in trials that are nearer to the wrong answer
    and after training
        place (point, output), unstable (point,) : where they are in the outputs, and how many
            directions grow; NaN and -1 beyond them
        growing (point, side, output) : ends of a short line along the direction that grows most
        trajectory (trial, time, output) : of trials without noise
        first_hit (point,) : the start that found each point
    """
    rng = generator(int(network.seed[0]), "counting.points")
    trials = generator(int(network.seed[0]), "counting.trials")
    w = {when: weights(network, when) for when in WHEN}
    w["random change"] = randomly_changed(w["before"], w["after"], rng=rng)
    rows, nothing = [], np.zeros(experiment.task.n_inputs)
    for case in CASES:
        found = at_input(w[case], nothing, experiment, n_starts=n_starts, rng=rng)
        far = growth_far_out(w[case], experiment, rng=rng)
        wrong = share_wrong(w[case], experiment, rng=trials)
        rows.append((found, {"far_growth": far, "wrong": wrong}))
    cases = xr.concat([counts(found).assign(more) for found, more in rows], "case")
    shown = places(w["after"], rows[CASES.index("after")][0], experiment, n_trials=n_trials)
    reasons = []
    for case, (found, more) in zip(CASES, rows, strict=True):
        reasons += [f"{case}: no fixed point is found"] * (not len(found.hits))
        reasons += [f"{case}: rates grow beyond all bounds in trials"] * bool(
            np.isnan(more["wrong"])
        )
    found = cases.assign_coords(case=list(CASES)).assign(shown)
    return found.assign_attrs(reason="; ".join(reasons))


def at_input(
    w: Weights, u: np.ndarray, experiment: Experiment, *, n_starts: int, rng: np.random.Generator
) -> FixedPoints:
    """The fixed points of one network at constant input u (input,), from random starts."""
    W, W_in, b = (of[0].astype(float) for of in w[:3])
    none = np.empty((0, len(b)))
    return search(W, W_in @ u + b, experiment.network, n_starts=n_starts, states=none, rng=rng)


def growth_far_out(w: Weights, experiment: Experiment, *, rng: np.random.Generator) -> float:
    """Largest growth of states far out, 1/tau; below 0 the activity stays bounded."""
    W, network = w.recurrent[0].astype(float), experiment.network
    return far_growth(W, network=network, n_steps=FAR_STEPS, rng=rng).max()


def counts(found: FixedPoints) -> xr.Dataset:
    """The numbers of `points` of one search."""
    by_directions = np.bincount(found.unstable_map, minlength=DIRECTIONS + 1)
    by_directions[DIRECTIONS] = by_directions[DIRECTIONS:].sum()
    return xr.Dataset(
        {
            "found": len(found.hits),
            "stable": int((found.unstable_map == 0).sum()),
            "by_directions": ("direction", by_directions[: DIRECTIONS + 1]),
            "index": int(found.index.sum()),
            "last_new": int(found.first_hit.max(initial=-1)),
        }
    )


def share_wrong(w: Weights, experiment: Experiment, *, rng, n_trials: int = 100) -> float:
    """Error of one network in its task, on trials with its noise; NaN if its rates overflow."""
    task, settings = experiment.task, experiment.network
    trials = task.sample(n_trials, dt=settings.dt, rng=rng)
    xi = noise(settings, n_trials, trials.inputs.shape[1], rng=rng)[None]
    rates = simulate(w, trials.inputs, network=settings, xi=xi).astype(float)
    if not np.isfinite(rates).all():
        return np.nan
    return task.error(trials, outputs(w, rates)[0])


def places(
    w: Weights, found: FixedPoints, experiment: Experiment, *, n_trials: int
) -> dict[str, tuple]:
    """What the figures show of a trained network; see `points`."""
    W, W_in, b, readout = (of[0].astype(float) for of in w)
    shape = (KEPT, len(readout))
    at, growing = np.full(shape, np.nan), np.full((KEPT, 2, len(readout)), np.nan)
    unstable, first = np.full(KEPT, -1), np.full(KEPT, -1)
    kept, network = min(len(found.hits), KEPT), experiment.network
    at[:kept] = found.rates[:kept] @ readout.T
    unstable[:kept], first[:kept] = found.unstable_map[:kept], found.first_hit[:kept]
    saddles = np.flatnonzero(unstable > 0)
    f = leaky_relu(network.theta)
    modes = linearise(
        W, W_in, b, found.rates[saddles], activation=f, alpha=network.alpha, n_modes=1
    )
    for k, mode in zip(saddles, modes.right[:, 0].real, strict=True):
        line = readout @ mode
        line *= 0.04 / max(np.linalg.norm(line), np.finfo(float).tiny)
        growing[k] = at[k] + np.outer([-1, 1], line)
    task, dt = experiment.task, experiment.network.dt
    trials = task.sample(n_trials, dt=dt, rng=generator(experiment.seed, "counting.shown"))
    rates = simulate(w, trials.inputs, network=experiment.network).astype(float)
    z = outputs(w, np.where(np.isfinite(rates), rates, np.nan))[0]
    return {
        "place": (("point", "output"), at),
        "unstable": ("point", unstable),
        "growing": (("point", "side", "output"), growing),
        "first_hit": ("point", first),
        "trajectory": (("trial", "time", "output"), z[:, ::5]),
    }


@needs(task=FlipFlop, network=RateNetwork)
def exponents(
    experiment: Experiment, network: xr.Dataset, *, n_starts: int = 8, n_steps: int = 4000
) -> xr.Dataset:
    """Largest Lyapunov exponents of one trained network, in 1/tau.

    Parameters
    ----------
    network : Dataset of one network
    n_starts : int, random states from which it is left alone at zero input
    n_steps : int, steps that count

    Returns
    -------
    Dataset with exponent and drift (drive,): at zero input those of the start with the largest
    exponent, and along a session of trials; NaN where the activity overflows
    """
    rng = generator(int(network.seed[0]), "counting.exponents")
    w, settings = weights(network, "after"), experiment.network
    W, b = w.recurrent[0].astype(float), w.bias[0].astype(float)
    driven = session_drive(experiment, network, when="after", n_steps=n_steps)[None]
    silent = np.broadcast_to(b, (n_starts, *driven.shape[1:]))
    lead = {"transient": DISCARD // 2, "alignment": DISCARD // 2, "alpha": settings.alpha}
    found = []
    for drive in (silent, driven):
        start, kicks = rng.standard_normal((2, 1, len(drive), len(b)))
        of = largest_exponents(W, drive, kicks, initial=np.abs(start), **lead)
        found.append(fastest(of))
    names = {"exponent": "largest exponent", "drift": "second half of the run minus first"}
    variables = {
        name: ("drive", [row[i] for row in found], {"long_name": text} | RATE)
        for i, (name, text) in enumerate(names.items())
    }
    lost = [drive for drive, row in zip(DRIVES, found, strict=True) if np.isnan(row[0])]
    reason = f"rates grow beyond all bounds ({' and '.join(lost)})" if lost else ""
    return xr.Dataset(variables, {"drive": list(DRIVES)}, attrs={"reason": reason})


def fastest(of: Largest) -> tuple[float, float]:
    """Exponent and drift of the start of one network that has the largest exponent, 1/tau; NaN
    where the activity of a start overflows.
    """
    rates = np.where(np.isfinite(of.largest_rate[0]), of.exponents[0], np.nan)
    most = rates.argmax()  # the first NaN, if there is one
    return float(rates[most]), float(of.drift[0, most])


@needs(task=ConstantInputTask, network=RateNetwork)
def points_by_input(
    experiment: Experiment, network: xr.Dataset, *, n_inputs: int = 50, n_starts: int = 10
) -> xr.Dataset:
    """Fixed points of one network at constant inputs drawn by its task, the same for all networks.

    Returns
    -------
    Dataset with, along `when`,
        found, index (input,) : number of points, and the sum of their indices
        far_growth : 1/tau, as in `points`
    """
    rng = generator(int(network.seed[0]), "counting.points by input")
    draws = generator(experiment.seed, "counting.inputs")
    inputs = experiment.task.draw(n_inputs, 1, rng=draws)[:, 0]
    times = []
    for when in WHEN:
        w = weights(network, when)
        found = [at_input(w, u, experiment, n_starts=n_starts, rng=rng) for u in inputs]
        far = growth_far_out(w, experiment, rng=rng)
        rows = {
            "found": ("input", [len(one.hits) for one in found]),
            "index": ("input", [int(one.index.sum()) for one in found]),
            "far_growth": ((), far, {"long_name": "growth of states far out"} | RATE),
        }
        times.append(xr.Dataset(rows))
    return xr.concat(times, "when").assign_coords(when=list(WHEN))


@needs(network=RateNetwork)
def boundedness(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """far_growth (when,) of one network, in 1/tau, as in `points`."""
    rng = generator(int(network.seed[0]), "counting.boundedness")
    far = [growth_far_out(weights(network, when), experiment, rng=rng) for when in WHEN]
    text = {"long_name": "growth of states far out"} | RATE
    return xr.Dataset({"far_growth": ("when", far, text)}, {"when": list(WHEN)})
