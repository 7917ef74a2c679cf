"""In which regime a network works: Lyapunov exponents, a real perturbation, and exact fixed points (claim G1).

Three routes to one number, the rate in 1/tau at which a small difference between two states grows.  `lyapunov` carries the
Jacobians along a trajectory; `perturbed` runs two trajectories and never forms a Jacobian; at a fixed point the rate
is exact, from the eigenvalues.  Only the last needs no long run, and so decides where a network settles slowly.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from taskrnn.activation import leaky_relu
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.fixed_points import fixed_points
from taskrnn.lyapunov import lyapunov
from taskrnn.network import Network
from taskrnn.sessions import DISCARD, N_STEPS, draw
from taskrnn.streams import generator

EVERY = 10  # steps between two measurements of a growth
SMALL = 1e-6  # of a perturbation, in units of the rates
N_STARTS = 40  # random starts of the search for fixed points, for each constant input
DRIVES = ("autonomous", "driven")
WHEN = ("before", "after")

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
    """Growth rates of one network, before and after training; NaN where its activity diverges, and where no fixed point is found.

    Parameters
    ----------
    network : Dataset of one network
    n_steps : int
        Steps that count for an exponent.
    n_inputs : int
        Draws of the task whose inputs are held constant, beside zero input; the same for all networks.
    n_starts : int
        Random starts of the search for fixed points, for each constant input.
    n_joint : int
        Steps for which two copies that start far apart are followed.
    gains : tuple of float
        Standard deviations times sqrt(unit) to which the untrained weights are scaled (reading A1).

    Returns
    -------
    Dataset with the variables of `regime_when` along `when`, and
        gain_growth (gain,) in 1/tau, in the map at the least stable fixed point of the scaled untrained weights at zero input;
        NaN if none is found
    """
    rng = generator(int(network.seed[0]), "analysis", 1)
    settings = {"n_steps": n_steps, "n_inputs": n_inputs, "n_starts": n_starts, "n_joint": n_joint}
    times = [regime_when(experiment, network, when=when, rng=rng, **settings) for when in WHEN]
    w = weights(network, "before")
    own_gain = experiment.network.recurrent_sd * experiment.network.n_units**0.5
    scaled = [
        settled(w.recurrent[0] * (gain / own_gain), w.bias[0], network=experiment.network, n_starts=10, rng=rng)
        for gain in gains
    ]
    found = xr.concat(times, "when").assign_coords(when=list(WHEN), gain=list(gains)).assign_attrs(reason=missing(times))
    found["gain_growth"] = "gain", [s.growth_map for s in scaled], {"long_name": "growth of scaled weights, map", **RATE}
    return found


def missing(times: list[xr.Dataset]) -> str:
    """Why rates are missing before or after training, from `regime_when` of both; '' if none are."""
    reasons = []
    for when, found in zip(WHEN, times, strict=True):
        if diverges := found.drive.values[np.isnan(found.perturbed)].tolist():
            reasons.append(f"{when} training its rates grow beyond all bounds ({' and '.join(diverges)})")
        if none := int((found.found == 0).sum()):
            reasons.append(f"{when} training no fixed point is found for {none} of {found.found.size} constant inputs")
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
        exponent, drift, log_zeros (drive,), see `taskrnn.lyapunov`; perturbed, escape (drive,), see `Growth`;
        distance (drive, sample), of two copies with the same inputs and noise, relative to their first distance;
        far_growth (direction,), of states far out, see `far_growth`; eigenvalues (unit, part), of D W at zero input, at the point found most often; and, with a value for each constant
        input (condition,), zero first, what `Settled` names
    """
    w, settings = weights(network, when), experiment.network
    W, b = w.recurrent[0].astype(float), w.bias[0].astype(float)
    driven = session_drive(experiment, network, when=when, n_steps=n_steps)
    drives = (np.broadcast_to(b, driven.shape), driven)
    rates = [growth(W, drive, network=settings, rng=rng) for drive in drives]
    far = np.abs(rng.standard_normal(len(b)))
    distance = np.stack([joint_distance(W, drive[:n_joint], far, network=settings) for drive in drives])
    far_out = far_growth(W, network=settings, n_steps=n_joint // 2, rng=rng)
    inputs = constant_inputs(experiment, n_inputs)
    points = [settled(W, w.input[0] @ u + b, network=settings, n_starts=n_starts, rng=rng) for u in inputs]
    eigenvalues = points[0].eigenvalues
    variables = {name: ("drive", [getattr(r, name) for r in rates], text) for name, text in ALONG.items()}
    variables |= {name: ("condition", [getattr(p, name) for p in points], text) for name, text in AT_POINTS.items()}
    return xr.Dataset(
        variables
        | {
            "distance": (("drive", "sample"), distance, {"long_name": "distance of two copies, relative to the first"}),
            "far_growth": ("direction", far_out, {"long_name": "growth of states far out", **RATE}),
            "eigenvalues": (("unit", "part"), np.stack([eigenvalues.real, eigenvalues.imag], 1), {"long_name": "of D W"}),
        },
        coords={
            "drive": list(DRIVES),
            "sample": ("sample", np.arange(distance.shape[1]) * EVERY * settings.alpha, {"units": "tau"}),
            "part": ["real", "imaginary"],
            "input": (("condition", "channel"), inputs),
        },
    )


def session_drive(experiment: Experiment, network: xr.Dataset, *, when: str, n_steps: int) -> np.ndarray:
    """What is added to W r inside f, (time, unit), in the first DISCARD + n_steps steps of the network's session.

    Raises
    ------
    ValueError
        If the noise is outside f, or the session is shorter than that.
    """
    settings = experiment.network
    if settings.noise == "outside":
        raise ValueError("Lyapunov exponents are computed for noise inside f; this experiment has noise 'outside'.")
    if n_steps > N_STEPS:
        raise ValueError(f"n_steps is {n_steps}; the session has {N_STEPS} steps.")
    w, counted = weights(network, when), slice(DISCARD + n_steps)
    drawn = draw(experiment, int(network.seed[0]))
    strength = (2 / settings.alpha) ** 0.5 * settings.sigma
    return drawn.inputs[counted] @ w.input[0].T.astype(float) + w.bias[0] + strength * drawn.xi[counted, 0]


def constant_inputs(experiment: Experiment, n: int) -> np.ndarray:
    """Zero input and the different ones among n draws of the task, (condition, channel)."""
    drawn = experiment.task.draw(1, n, rng=generator(experiment.seed, "analysis", 2))[0]
    return np.concatenate([np.zeros((1, drawn.shape[1])), np.unique(drawn, axis=0)])


class Growth(NamedTuple):
    """Rates along one trajectory in 1/tau; NaN if it overflows."""

    exponent: float  # by the Jacobians; NaN too if all of the difference is lost
    drift: float
    log_zeros: float
    perturbed: float  # by a real perturbation
    escape: float  # of activity that grows without bound, NaN if it does not


def growth(W, drive, *, network: Network, rng) -> Growth:
    """Largest exponent along one trajectory by two routes; the first DISCARD steps do not count."""
    options = {"activation": leaky_relu(network.theta), "transient": DISCARD // 2, "alignment": DISCARD // 2}
    try:
        found = lyapunov(W[None], drive[None], rng=rng, alpha=network.alpha, **options)
    except FloatingPointError:
        return Growth(*[np.nan] * 5)
    largest, drift = found.exponents[0, 0], found.drift[0, 0]
    real, rates = perturbed(W, drive, network=network, skip=DISCARD, rng=rng)
    escape = escape_rate(W, rates, network=network)
    return Growth(largest if np.isfinite(largest) else np.nan, drift, found.log_zeros[0], real, escape)


def perturbed(W, drive, *, network: Network, skip: int, rng) -> tuple[float, np.ndarray]:
    """Growth rate in 1/tau of the difference between two trajectories with the same drive (time, unit), and the last rates.

    Every EVERY steps the second is brought back near to the first; `skip` steps do not count.
    """
    kick = rng.standard_normal(len(W))
    small = SMALL
    pair = np.zeros((2, len(W)))
    pair[1] = small * kick / np.linalg.norm(kick)
    logs = []
    for start in range(0, len(drive) - EVERY + 1, EVERY):
        pair = steps(pair, W, drive[start : start + EVERY], network)
        apart = pair[1] - pair[0]
        distance = np.linalg.norm(apart)
        logs.append(np.log(distance / small))
        # Relative to the rates: beside large ones a fixed distance drowns in rounding.
        small = SMALL * (1 + np.linalg.norm(pair[0]))
        pair[1] = pair[0] + apart * (small / distance)
    return float(np.mean(logs[skip // EVERY :]) / (EVERY * network.alpha)), pair[0]


@np.errstate(invalid="ignore")  # weights that are not finite have no rate
def far_growth(W, *, network: Network, n_steps: int, rng, n_directions: int = 10) -> np.ndarray:
    """Growth rates in 1/tau (direction,) of states so far out that the drive is nothing beside them.

    Below 0 in all directions, every state comes back, whatever the drive; above 0, states far enough out do not. The length is made 1
    after every step, which a network without drive does not notice, and the last fifth of the steps counts.
    """
    rates = np.abs(rng.standard_normal((n_directions, len(W))))
    logs = []
    for _ in range(n_steps):
        rates = steps(rates, W, np.zeros((1, len(W))), network)
        length = np.linalg.norm(rates, axis=1)
        rates = rates / length[:, None]
        logs.append(np.log(length))
    return np.mean(logs[-n_steps // 5 :], axis=0) / network.alpha


def escape_rate(W, rates, *, network: Network) -> float:
    """Exact rate in 1/tau at which the rates grow without bound; NaN if they do not, or not yet along one direction.

    Far out the drive is nothing, and without it the network is homogeneous: a direction v with f(W v) = l v and l > 1 is one
    along which rates grow for ever.
    """
    length = np.linalg.norm(rates)
    if not length:
        return np.nan
    v = rates / length
    total = W @ v
    image = np.maximum(total, network.slope * total)
    factor = v @ image
    if factor <= 1 or np.linalg.norm(image - factor * v) > SMALL:
        return np.nan
    return float(np.log(1 + network.alpha * (factor - 1)) / network.alpha)


@np.errstate(over="ignore", invalid="ignore")  # copies that diverge have no distance
def joint_distance(W, drive, far, *, network: Network) -> np.ndarray:
    """Distance of a copy that starts at rest and one that starts at `far` (unit,), every EVERY steps, relative to the first."""
    pair = np.stack([np.zeros(len(W)), far])
    distance = [np.linalg.norm(far)]
    for start in range(0, len(drive) - EVERY + 1, EVERY):
        pair = steps(pair, W, drive[start : start + EVERY], network)
        distance.append(np.linalg.norm(pair[1] - pair[0]))
    return np.where(np.isfinite(distance), distance, np.nan) / distance[0]


def steps(rates, W, drive, network: Network):
    """Rates of copies (copy, unit) of a network after the steps of one drive (time, unit)."""
    for now in drive:
        total = rates @ W.T + now
        rates = (1 - network.alpha) * rates + network.alpha * np.maximum(total, network.slope * total)
    return rates


class Settled(NamedTuple):
    """The fixed points at one constant input."""

    found: int
    unstable: int  # in the map
    unsettled: int  # starts that ended nowhere
    last_new: int  # number of the last start that found a new point
    growth_map: float  # 1/tau, at the least stable point
    growth_ode: float  # the same in continuous time
    kink_distance: float  # smallest total input of a unit, over the points
    active: float  # share of units above threshold, at the point found most often
    radius: float  # spectral radius of D W there
    eigenvalues: np.ndarray  # (unit,), of D W there


def settled(W, c, *, network: Network, n_starts: int, rng) -> Settled:
    """Search the fixed points for the constant total input c (unit,); NaN for what has no value if there are none."""
    points = fixed_points(W, c, rng=rng, theta=network.theta, alpha=network.alpha, n_starts=n_starts, max_iter=100)
    n = len(points.hits)
    if not n:
        return Settled(0, 0, points.n_failed, -1, *[np.nan] * 5, np.full(len(W), np.nan + 0j))
    above = W @ points.rates[0] + c > 0
    eigenvalues = np.linalg.eigvals(np.where(above, 1.0, network.slope)[:, None] * W)
    return Settled(
        found=n,
        unstable=int((points.growth_map >= 0).sum()),
        unsettled=points.n_failed,
        last_new=int(points.first_hit.max()),
        growth_map=points.growth_map.max(),
        growth_ode=points.growth_ode.max(),
        kink_distance=points.kink_distance.min(),
        active=above.mean(),
        radius=np.abs(eigenvalues).max(),
        eigenvalues=eigenvalues,
    )
