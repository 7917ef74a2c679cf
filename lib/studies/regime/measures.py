"""In which regime a network works: exponents, a real perturbation, exact fixed points (claim G1).

Three routes to one number, the rate in 1/tau at which a small difference between two states grows.
`lyapunov` carries the Jacobians along a trajectory; `perturbed` runs two trajectories and never
forms a Jacobian; at a fixed point the rate is exact, from the eigenvalues.  Only the last needs no
long run, and so decides where a network settles slowly.
"""

import numpy as np
import xarray as xr

from studies.regime.trajectories import EVERY, escape_rate, far_growth, joint_distance, perturbed
from taskrnn.activity.inputs import DISCARD, N_STEPS, draw
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN

N_STARTS = 40  # random starts of the search for fixed points, for each constant input
DRIVES = ("autonomous", "driven")

RATE = {"units": "1/tau"}
ALONG = {
    "exponent": {"long_name": "largest Lyapunov exponent", **RATE},
    "drift": {"long_name": "second half of the run minus first", **RATE},
    "perturbed": {"long_name": "growth of a real perturbation", **RATE},
    "log_zeros": {"long_name": "stretches of exactly zero"},
    "escape": {"long_name": "growth of rates without bound", **RATE},
}
AT_POINTS = {
    "found": {"long_name": "fixed points found"},
    "unstable": {"long_name": "unstable fixed points found"},
    "unsettled": {"long_name": "starts that ended nowhere"},
    "last_new": {"long_name": "last start that found a new point"},
    "growth_map": {"long_name": "growth at the least stable point, map", **RATE},
    "growth_ode": {"long_name": "growth at the least stable point, ODE", **RATE},
    "kink_distance": {"long_name": "smallest total input of a unit"},
    "active": {"long_name": "share of units above threshold"},
    "radius": {"long_name": "spectral radius of D W"},
}


@needs(task=ConstantInputTask, network=RateNetwork)
def regime(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_steps: int = 12_000,
    n_inputs: int = 4,
    n_starts: int = N_STARTS,
    n_joint: int = 3000,
    gains: tuple[float, ...] = (0.8, 1.0, 1.2, 1.4, 1.6, 1.8),
) -> xr.Dataset:
    """Growth rates of one network, before and after training.

    They are NaN where its activity diverges, and where no fixed point is found.

    Parameters
    ----------
    network : Dataset of one network
    n_steps : int
        Steps that count for an exponent.
    n_inputs : int
        Draws of the task that are held constant, beside zero input; the same for all networks.
    n_starts : int
        Random starts of the search for fixed points, for each constant input.
    n_joint : int
        Steps for which two copies that start far apart are followed.
    gains : tuple of float
        Standard deviations times sqrt(unit) to which the untrained weights are scaled (reading A1).

    Returns
    -------
    Dataset with the variables of `regime_when` along `when`, and
        gain_growth (gain,) in 1/tau, in the map at the least stable fixed point of the scaled
        untrained weights at zero input; NaN if none is found
    """
    rng = generator(int(network.seed[0]), "regime.starts")
    settings = {"n_steps": n_steps, "n_inputs": n_inputs, "n_starts": n_starts, "n_joint": n_joint}
    times = [regime_when(experiment, network, when=when, rng=rng, **settings) for when in WHEN]
    w = weights(network, "before")
    own_gain = experiment.network.recurrent_sd * experiment.network.n_units**0.5
    search = {"network": experiment.network, "n_starts": 10, "rng": rng}
    scaled = [points_at(w.recurrent[0] * (gain / own_gain), w.bias[0], **search) for gain in gains]
    found = xr.concat(times, "when").assign_coords(when=list(WHEN), gain=list(gains))
    text = {"long_name": "growth of scaled weights, map", **RATE}
    growths = [points["growth_map"] for points in scaled]
    return found.assign(gain_growth=("gain", growths, text)).assign_attrs(reason=missing(times))


def missing(times: list[xr.Dataset]) -> str:
    """Why rates are missing in `regime_when` before or after training; '' if none are."""
    reasons = []
    for when, found in zip(WHEN, times, strict=True):
        if diverges := found.drive.values[np.isnan(found.perturbed)].tolist():
            drives = " and ".join(diverges)
            reasons.append(f"{when} training its rates grow beyond all bounds ({drives})")
        if none := int((found.found == 0).sum()):
            of_all = f"for {none} of {found.found.size} constant inputs"
            reasons.append(f"{when} training no fixed point is found {of_all}")
    return "; ".join(reasons)


def regime_when(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    when: str,
    n_steps: int,
    n_inputs: int,
    n_starts: int,
    n_joint: int,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Growth rates of one network before or after training; see `regime`.

    Returns
    -------
    Dataset with
        exponent, drift, log_zeros (drive,), see `taskrnn.analysis.stability.lyapunov`;
        perturbed, escape (drive,), distance (drive, sample) and far_growth (direction,), see
        `studies.regime.trajectories`;
        what `AT_POINTS` names (input,), at each constant input_value (input, channel), zero first;
        eigenvalues (unit, part), of D W at zero input, at the point found most often
    """
    w, settings = weights(network, when), experiment.network
    W, b = w.recurrent[0].astype(float), w.bias[0].astype(float)
    driven = session_drive(experiment, network, when=when, n_steps=n_steps)
    drives = (np.broadcast_to(b, driven.shape), driven)
    rates = growths(W, np.stack(drives), network=settings, rng=rng)
    far = np.abs(rng.standard_normal(len(b)))
    distance = [joint_distance(W, drive[:n_joint], far, network=settings) for drive in drives]
    far_out = far_growth(W, network=settings, n_steps=n_joint // 2, rng=rng)
    inputs = constant_inputs(experiment, n_inputs)
    search = {"network": settings, "n_starts": n_starts, "rng": rng}
    points = [points_at(W, w.input[0] @ u + b, **search) for u in inputs]
    at_rest = points[0]["eigenvalues"]
    variables = {name: ("drive", [at[name] for at in rates], text) for name, text in ALONG.items()}
    for name, text in AT_POINTS.items():
        variables[name] = "input", [at[name] for at in points], text
    apart = {"long_name": "distance of two copies, relative to the first"}
    variables["distance"] = ("drive", "sample"), np.stack(distance), apart
    variables["far_growth"] = (
        "direction",
        far_out,
        {"long_name": "growth of states far out", **RATE},
    )
    parts = np.stack([at_rest.real, at_rest.imag], 1)
    variables["eigenvalues"] = ("unit", "part"), parts, {"long_name": "of D W"}
    taus = np.arange(len(distance[0])) * EVERY * settings.alpha
    coords = {"drive": list(DRIVES), "part": ["real", "imaginary"]}
    coords |= {"sample": ("sample", taus, {"units": "tau"})}
    return xr.Dataset(variables, coords | {"input_value": (("input", "channel"), inputs)})


def session_drive(
    experiment: Experiment, network: xr.Dataset, *, when: str, n_steps: int
) -> np.ndarray:
    """What is added to W r inside f, (time, unit), in DISCARD + n_steps steps of the session.

    Raises
    ------
    ValueError
        If the noise is outside f, or the session is shorter than that.
    """
    settings = experiment.network
    if settings.noise == "outside":
        raise ValueError(
            "Lyapunov exponents are for noise inside f; this experiment has noise 'outside'."
        )
    if n_steps > N_STEPS:
        raise ValueError(f"n_steps is {n_steps}; the session has {N_STEPS} steps.")
    w, counted = weights(network, when), slice(DISCARD + n_steps)
    drawn = draw(experiment, int(network.seed[0]))
    strength = (2 / settings.alpha) ** 0.5 * settings.sigma
    return (
        drawn.inputs[counted] @ w.input[0].T.astype(float)
        + w.bias[0]
        + strength * drawn.xi[counted, 0]
    )


def constant_inputs(experiment: Experiment, n: int) -> np.ndarray:
    """Zero input and the different ones among n draws of the task, (input, channel)."""
    drawn = experiment.task.draw(1, n, rng=generator(experiment.seed, "regime.inputs"))[0]
    return np.concatenate([np.zeros((1, drawn.shape[1])), np.unique(drawn, axis=0)])


def growths(W, drives, *, network: RateNetwork, rng) -> list[dict[str, float]]:
    """What `ALONG` names, along each drive (drive, time, unit); NaN where the activity overflows.

    The first DISCARD steps do not count. The exponent is NaN too if all of the difference is lost.
    """
    kicks = rng.standard_normal((len(drives), 2, len(W))).swapaxes(0, 1)
    lead = {"transient": DISCARD // 2, "alignment": DISCARD // 2}
    f = leaky_relu(network.theta)
    of = largest_exponents(W, drives, kicks[:1], activation=f, alpha=network.alpha, **lead)
    real, rates = perturbed(W, drives, kicks[1], network=network, skip=DISCARD)
    exponents = np.where(np.isfinite(of.exponents), of.exponents, np.nan)
    found = []
    for k, last in enumerate(rates):
        if not np.isfinite(of.largest_rate[0, k]):
            found.append(dict.fromkeys(ALONG, np.nan))
            continue
        numbers = exponents[0, k], of.drift[0, k], real[k], of.log_zeros[0, k]
        escape = escape_rate(W, last, network=network)
        found.append(dict(zip(ALONG, (*numbers, escape), strict=True)))
    return found


def points_at(W, c, *, network: RateNetwork, n_starts: int, rng) -> dict[str, float | np.ndarray]:
    """What `AT_POINTS` names for constant input c (unit,), and eigenvalues (unit,), or NaN.

    Share, radius and eigenvalues are of D W at the point found most often, and unstable is meant in
    the computed steps.
    """
    options = {"theta": network.theta, "alpha": network.alpha, "n_starts": n_starts}
    points = fixed_points(W, c, rng=rng, max_iter=100, **options)
    if not len(points.hits):
        none = {"found": 0, "unstable": 0, "unsettled": points.n_failed, "last_new": -1}
        none["eigenvalues"] = np.full(len(W), np.nan + 0j)
        return dict.fromkeys(AT_POINTS, np.nan) | none
    total = W @ points.rates[0] + c
    eigenvalues = np.linalg.eigvals(leaky_relu(network.theta).slope(total)[:, None] * W)
    return {
        "found": len(points.hits),
        "unstable": int((points.growth_map >= 0).sum()),
        "unsettled": points.n_failed,
        "last_new": int(points.first_hit.max()),
        "growth_map": points.growth_map.max(),
        "growth_ode": points.growth_ode.max(),
        "kink_distance": points.kink_distance.min(),
        "active": (total > 0).mean(),
        "radius": np.abs(eigenvalues).max(),
        "eigenvalues": eigenvalues,
    }
