"""How linearly predictable a network is when its rectifier leaks, and how much it rectifies.

Figure 6 and claims N3 and N4; claim N5. The same weights run with other angles theta of the leaky
ReLU. The more it leaks the larger is the effective gain, and beyond some theta the activity grows
without end: there is no stationary activity there, and no predictive information (PI).
"""

import dataclasses

import numpy as np
import xarray as xr

from studies.nonlinearity.sessions import bounded, growth_rates, sessions
from taskrnn.activity.inputs import draw
from taskrnn.activity.session import MIN_SHARE, above_threshold, covariances
from taskrnn.analysis.dca.lag_covariances import (
    FLOOR,
    TAPERED,
    LagCovariances,
    faded,
    lag_covariances,
)
from taskrnn.analysis.dca.predictive_information import Whitened, predictive_information, search
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN

DEGREES = tuple(np.linspace(0, 45, 9).tolist())  # of theta: 0 is ReLU, 45 is linear
DIMENSIONS = (1, 3, 10)
WINDOW = 5  # T, in steps of 10 ms: half of the joint window (reading A9)
WINDOWS = (2, 10, 20)  # and others
DIMENSION = 3  # with WINDOW: what N3 and N4 are judged by
N_STEPS = 20_000  # of a session
RAMP = TAPERED / 2 * N_STEPS  # steps in which it fades in, and out
N_DRAWS = 10  # random choices of units, for the comparison with equal numbers


def best(
    white: Whitened, d: int, *, rng: np.random.Generator, n_starts: int
) -> tuple[np.ndarray, np.ndarray]:
    """PI in nats of every start (start,) and the best subspace (unit, d).

    NaN if fewer than d units vary.
    """
    if white.active.sum() < d:
        return np.full(n_starts, np.nan), np.full((len(white.active), d), np.nan)
    starts = search(white, d, rng=rng, n_starts=n_starts)
    return starts.pi, starts.best


def with_window(rates: np.ndarray, subspace: np.ndarray, window: int, *, floor: float) -> float:
    """PI in nats of a session (time, unit) projected on orthonormal columns (unit, d).

    For another window, and with this floor of variances.
    """
    projected = rates @ subspace
    relative = floor / (faded(projected) ** 2).mean(axis=0).max()
    C, _, active = lag_covariances(projected, 2 * window, floor=relative)
    return predictive_information(C, np.eye(subspace.shape[1])[:, active])


@needs(network=RateNetwork)
def information(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    degrees: tuple[float, ...] = DEGREES,
    n_starts: int = 3,
    n_steps: int = N_STEPS,
    min_share: float = MIN_SHARE,
    floor: float = FLOOR,
) -> xr.Dataset:
    """PI before and after training along theta, where the network is stable; see `no_information`.

    Stable means that the session is finite and within `BOUND`, and that the largest Lyapunov
    exponent along its inputs is negative.

    Parameters
    ----------
    network : Dataset of one network
    degrees : tuple of float
        Angles theta in degrees; the first must be 0.
    n_starts, n_steps : int
        Random starts of each search, and length of a session.
    min_share, floor : float
        See `taskrnn.activity.session.covariances`.
    """
    seed, found = int(network.seed[0]), no_information(degrees, n_starts)
    drawn, thetas = draw(experiment, seed, n_steps=n_steps), np.radians(degrees)
    rectified: list[LagCovariances | None] = [None] * len(WHEN)
    reasons = {}
    for c, when in enumerate(WHEN):
        w = weights(network, when)
        rates = sessions(w, experiment.network, drawn, thetas)
        frame = {"thetas": thetas, "seed": seed, "number": c}
        exponents = growth_rates(w, experiment.network, drawn, rates, **frame)
        stable = bounded(rates) & (exponents < 0)
        found.exponent[c], found.stable[c] = exponents, stable
        if not stable[0]:
            reasons[0, c] = f"{when} training it is not stable at theta = 0"
        for i in np.flatnonzero(stable):
            where = f"{when} training, at theta = {degrees[i]:g} degrees"
            leaky = dataclasses.replace(experiment.network, theta=float(thetas[i]))
            options = {"network": leaky, "min_share": min_share, "floor": floor}
            at_angle = rates[i].astype(float)
            try:
                seen = covariances(at_angle, 2 * WINDOW, **options)
            except Unmeasurable as error:
                reasons[i, c] = f"{where}: {error}"
                continue
            if i == 0:
                rectified[c] = seen
            rng = generator(seed, "nonlinearity.search", c, int(i))
            of = in_subspaces(at_angle, seen, first=rectified[c], rng=rng, n_starts=n_starts)
            found.pi[c, i], found.pi_window[c, i], found.pi_same_units[c, i] = of
            found.n_units[c, i] = n = seen.active.sum()
            if n < max(DIMENSIONS):
                reasons[i, c] = f"{where}, {n} units are seen"
    found.pi_equal_number[:] = equal_numbers(rectified, seed=seed)
    return found.assign_attrs(reason="; ".join(reasons[at] for at in sorted(reasons)))


def no_information(degrees: tuple[float, ...], n_starts: int) -> xr.Dataset:
    """What `information` returns, before anything of it is known.

    Returns
    -------
    Dataset with, NaN where the network is not stable or too few units are seen,
        pi (when, theta, dimension, start) : in nats
        pi_window (when, theta, window) : the same with other windows, in the subspace that is best
            for d = 3 and the default window
        pi_same_units (when, theta) : in the units that are seen at theta = 0 alone
        pi_equal_number (when,) : at theta = 0, in equal numbers of units, mean over random choices
        exponent, stable, n_units (when, theta) : in 1/tau; 1 where stable; seen units
    """
    coordinates = {
        "when": list(WHEN),
        "theta": ("theta", list(degrees), {"units": "degrees"}),
        "dimension": list(DIMENSIONS),
        "window": ("window", list(WINDOWS), {"units": "steps"}),
    }
    along = ("when", "theta")
    empty = {
        "pi": ((*along, "dimension", "start"), np.nan, "nats"),
        "pi_window": ((*along, "window"), np.nan, "nats"),
        "pi_same_units": (along, np.nan, "nats"),
        "pi_equal_number": (("when",), np.nan, "nats"),
        "exponent": (along, np.nan, "1/tau"),
        "stable": (along, 0, "1"),
        "n_units": (along, 0, "1"),
    }
    sizes = {"when": len(WHEN), "theta": len(degrees), "dimension": len(DIMENSIONS)}
    sizes |= {"window": len(WINDOWS), "start": n_starts}
    variables = {
        name: (axes, np.full([sizes[axis] for axis in axes], value), {"units": units})
        for name, (axes, value, units) in empty.items()
    }
    return xr.Dataset(variables, coords=coordinates)


def in_subspaces(
    rates: np.ndarray,
    seen: LagCovariances,
    *,
    first: LagCovariances | None,
    rng: np.random.Generator,
    n_starts: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    """PI in nats of a session (time, unit): by (dimension, start), by window, and in equal units.

    The last is in the units that are seen in `first`, which is at theta = 0; NaN without it.
    """
    pi = np.full((len(DIMENSIONS), n_starts), np.nan)
    windows, white = np.full(len(WINDOWS), np.nan), Whitened(seen.C)
    for j, d in enumerate(DIMENSIONS):
        pi[j], subspace = best(white, d, rng=rng, n_starts=n_starts)
        if d == DIMENSION and np.isfinite(subspace).all():
            windows[:] = [with_window(rates, subspace, T, floor=seen.added) for T in WINDOWS]
    if first is None:
        return pi, windows, np.nan
    if not (seen.active & ~first.active).any():
        return pi, windows, pi[DIMENSIONS.index(DIMENSION)].max()
    kept = Whitened(seen.C[:, first.active][:, :, first.active])
    return pi, windows, best(kept, DIMENSION, rng=rng, n_starts=n_starts)[0].max()


def equal_numbers(seen: list[LagCovariances | None], *, seed: int) -> np.ndarray:
    """PI of equally many units before and after training (when,), mean over random choices.

    As many as the poorer of the two has.
    """
    if None in seen:
        return np.full(len(seen), np.nan)
    n = min(s.active.sum() for s in seen)
    rng = generator(seed, "nonlinearity.equal units")
    found = np.empty((len(seen), N_DRAWS))
    for s, row in zip(seen, found, strict=True):
        for k in range(N_DRAWS):
            chosen = rng.choice(np.flatnonzero(s.active), n, replace=False)
            white = Whitened(s.C[:, chosen][:, :, chosen])
            row[k] = best(white, DIMENSION, rng=rng, n_starts=1)[0][0]
    return found.mean(axis=1)


@needs(task=ConstantInputTask, network=RateNetwork)
def rectification(
    experiment: Experiment, network: xr.Dataset, *, n_trials: int = 100
) -> xr.Dataset:
    """How often units are below threshold in trials like those of training, and how many cross it.

    Parameters
    ----------
    network : Dataset of one network
    n_trials : int
        The same trials for every network of a task. The stretch at their start that does not count
        in the loss does not count here.

    Returns
    -------
    Dataset over (when, noise), noise being that of inputs and units, with
        below : share of (unit, time) below threshold
        crossing : share of units that are above it at some and below it at other steps of a trial
        silent : share of units that are above it in no trial

    Raises
    ------
    Unmeasurable
        Rates that grow beyond all bounds.
    """
    settings, schedule = experiment.network, experiment.task.schedule
    rng = generator(experiment.seed, "nonlinearity.trials")
    trials = experiment.task.sample(n_trials, dt=settings.dt, rng=rng)
    n_steps = trials.inputs.shape[1]
    skipped = round(schedule.ignore_start / settings.dt)
    rng = generator(int(network.seed[0]), "nonlinearity.noise")
    xi = noise(settings, n_trials, n_steps, rng=rng)
    # Without noise the inputs are the values of the epochs.
    epoch = (np.arange(n_steps) >= trials.edges[:, 1:-1, None]).sum(axis=1)
    values = np.take_along_axis(trials.values, epoch[..., None], axis=1)
    quiet = dataclasses.replace(settings, sigma=0.0)
    shares = np.empty((3, len(WHEN), 2))
    for c, when in enumerate(WHEN):
        for k, (setting, inputs) in enumerate([(settings, trials.inputs), (quiet, values)]):
            rates = simulate(weights(network, when), inputs, network=setting, xi=xi[None])[0]
            if not np.isfinite(rates).all():
                raise Unmeasurable(f"{when} training its rates grow beyond all bounds in trials")
            above = above_threshold(rates, alpha=settings.alpha)[:, skipped:]
            some, always = above.any(axis=1), above.all(axis=1)
            crossing, silent = (some & ~always).mean(), 1 - some.any(axis=0).mean()
            shares[:, c, k] = 1 - above.mean(), crossing, silent
    by_name = zip(("below", "crossing", "silent"), shares, strict=True)
    return xr.Dataset(
        {name: (("when", "noise"), share, {"units": "1"}) for name, share in by_name},
        coords={"when": list(WHEN), "noise": ["as in training", "none"]},
    )
