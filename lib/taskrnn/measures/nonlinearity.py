"""How linearly predictable a network is when its rectifier leaks (Figure 6; claims N3, N4), and how much it rectifies (N5).

The same weights run with other angles theta of the leaky ReLU. The more it leaks the larger is the effective gain, and beyond
some theta the activity grows without end: there is no stationary activity there, and no predictive information (PI).
"""

import contextlib
import dataclasses
from typing import NamedTuple

import numpy as np
import xarray as xr

from taskrnn.activation import leaky_relu
from taskrnn.activity import MIN_SHARE, Session, above_threshold, covariances, session
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.lyapunov import lyapunov
from taskrnn.network import Weights, noise, stack
from taskrnn.lag_covariances import FLOOR, LagCovariances, faded, lag_covariances
from taskrnn.missing import Unmeasurable
from taskrnn.predictive_information import predictive_information, search
from taskrnn.simulation import simulate
from taskrnn.streams import generator

CONDITIONS = ("before", "after")
DEGREES = tuple(np.linspace(0, 45, 9).tolist())  # of theta: 0 is ReLU, 45 is linear
DIMENSIONS = (1, 3, 10)
WINDOW = 5  # T, in steps of 10 ms: half of the joint window (reading A9)
WINDOWS = (2, 10, 20)  # and others
DIMENSION = 3  # with WINDOW: what N3 and N4 are judged by
BOUND = 1e3  # rates of a stable session stay below it; trained ones are near 1
N_STEPS = 20_000  # of a session
N_DRAWS = 10  # random choices of units, for the comparison with equal numbers
EXPONENT_STEPS, ALIGNMENT = 4000, 600

# Places in the random stream "analysis" of a network.
STARTS, FRAME, CHOICE, TRIALS = 20, 21, 22, 23


def growth_rates(both: Weights, experiment: Experiment, recorded: Session, *, seed: int, theta: float) -> np.ndarray:
    """Largest Lyapunov exponent in 1/tau of each network (network,) along its session, by its inputs; inf if the run overflows."""
    network, n_steps = experiment.network, min(EXPONENT_STEPS + ALIGNMENT, recorded.inputs.shape[1])
    rng = generator(seed, "analysis", FRAME)
    xi = noise(network, 1, n_steps, rng=rng)[:, 0]
    inputs = recorded.inputs[:, :n_steps] @ both.input.swapaxes(1, 2)
    drive = inputs + both.bias[:, None] + (2 / network.alpha) ** 0.5 * network.sigma * xi
    # Where the activity grows without end, from rest: its growth rate does not depend on where it begins.
    initial = np.where(bounded(recorded.rates)[:, None], recorded.rates[:, 0], 0)
    options = {"activation": leaky_relu(theta), "alpha": network.alpha, "transient": 0, "alignment": ALIGNMENT}
    found = np.full(len(drive), np.inf)
    for k in range(len(drive)):  # one by one: a network that overflows must not take the other with it
        one = slice(k, k + 1)
        with contextlib.suppress(FloatingPointError):
            found[k] = lyapunov(both.recurrent[one], drive[one], rng=rng, initial=initial[one], **options).exponents[0, 0]
    return found


def bounded(rates: np.ndarray) -> np.ndarray:
    """Whether the rates (network, time, unit) of each network are finite and within `BOUND`, bool (network,)."""
    return (np.abs(rates) < BOUND).all(axis=(1, 2))


def best(covariance: np.ndarray, d: int, *, rng: np.random.Generator, n_starts: int) -> tuple[np.ndarray, np.ndarray]:
    """PI in nats of every start (start,) and the best subspace (unit, d); NaN if fewer than d units vary."""
    if (covariance[0].diagonal() > 0).sum() < d:
        return np.full(n_starts, np.nan), np.full((len(covariance[0]), d), np.nan)
    starts = search(covariance, d, rng=rng, n_starts=n_starts)
    return starts.pi, starts.subspaces[np.argmax(starts.pi)]


def with_window(rates: np.ndarray, subspace: np.ndarray, window: int, *, floor: float) -> float:
    """PI in nats of a session (time, unit) projected on orthonormal columns (unit, d), for another window and this floor of variances."""
    projected = rates @ subspace
    relative = floor / (faded(projected) ** 2).mean(axis=0).max()
    C, _, active = lag_covariances(projected, 2 * window, floor=relative)
    return predictive_information(C, np.eye(subspace.shape[1])[:, active])


def largest_stable(stable: np.ndarray) -> np.ndarray:
    """Index of the last theta up to which a network is stable, (...,), from bool (..., theta); -1 if there is none."""
    return np.cumprod(stable, axis=-1).sum(axis=-1) - 1


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
    """PI before and after training along theta, where the network is stable.

    Stable means that the session is finite and within `BOUND`, and that the largest Lyapunov exponent along its inputs is negative.

    Parameters
    ----------
    network : Dataset of one network
    degrees : tuple of float
        Angles theta in degrees; the first must be 0.
    n_starts : int
        Random starts of each search.
    n_steps : int
        Length of a session.
    min_share, floor : float
        See `taskrnn.activity.covariances`.

    Returns
    -------
    Dataset with, NaN where the network is not stable or too few units are seen,
        pi (condition, theta, dimension, start), nats; pi_window (condition, theta, window), the same in the subspace that is best for d = 3
        and the default window, with other windows; pi_same_units (condition, theta), in the units that are seen at theta = 0 alone;
        pi_equal_number (condition), at theta = 0, in equal numbers of units, mean over random choices;
        exponent (condition, theta), 1/tau; stable (condition, theta); n_units (condition, theta), seen units
    """
    seed = int(network.seed[0])
    both = stack([weights(network, when) for when in CONDITIONS])
    shape = (len(CONDITIONS), len(degrees))
    pi, windows = np.full((*shape, len(DIMENSIONS), n_starts), np.nan), np.full((*shape, len(WINDOWS)), np.nan)
    same, exponent = (np.full(shape, np.nan) for _ in range(2))
    stable, n_units = np.zeros(shape, int), np.zeros(shape, int)
    rectified: list[LagCovariances | None] = [None] * len(CONDITIONS)
    reasons = []
    for i, theta in enumerate(np.radians(degrees).tolist()):
        recorded = session(both, experiment, seeds=[seed] * len(CONDITIONS), theta=theta, n_steps=n_steps)
        exponent[:, i] = growth_rates(both, experiment, recorded, seed=seed, theta=theta)
        stable[:, i] = bounded(recorded.rates) & (exponent[:, i] < 0)
        if theta == 0:
            reasons += [f"{CONDITIONS[c]} training it is not stable at theta = 0" for c in np.flatnonzero(~stable[:, i].astype(bool))]
        leaky = dataclasses.replace(experiment.network, theta=theta)
        for c in np.flatnonzero(stable[:, i]):
            rates = recorded.rates[c].astype(float)
            try:
                seen = covariances(rates, 2 * WINDOW, network=leaky, min_share=min_share, floor=floor)
            except Unmeasurable as error:
                reasons.append(f"{CONDITIONS[c]} training, at theta = {degrees[i]:g} degrees: {error}")
                continue
            rng = generator(seed, "analysis", STARTS, c, i)
            for j, d in enumerate(DIMENSIONS):
                pi[c, i, j], subspace = best(seen.C, d, rng=rng, n_starts=n_starts)
                if d == DIMENSION and np.isfinite(subspace).all():
                    windows[c, i] = [with_window(rates, subspace, T, floor=seen.added) for T in WINDOWS]
            if theta == 0:
                rectified[c] = seen
            if (first := rectified[c]) is not None:
                kept = seen.C[:, first.active][:, :, first.active]
                same[c, i] = best(kept, DIMENSION, rng=rng, n_starts=n_starts)[0].max()
            n_units[c, i] = seen.active.sum()
            if n_units[c, i] < max(DIMENSIONS):
                reasons.append(f"{CONDITIONS[c]} training, at theta = {degrees[i]:g} degrees, {n_units[c, i]} units are seen")
    axes = ("condition", "theta")
    return xr.Dataset(
        {
            "pi": ((*axes, "dimension", "start"), pi, {"long_name": "predictive information", "units": "nats"}),
            "pi_window": ((*axes, "window"), windows, {"long_name": "the same with other windows", "units": "nats"}),
            "pi_same_units": (axes, same, {"long_name": "the same in the units seen at theta = 0", "units": "nats"}),
            "pi_equal_number": ("condition", equal_numbers(rectified, seed=seed), {"long_name": "in equally many units", "units": "nats"}),
            "exponent": (axes, exponent, {"long_name": "largest Lyapunov exponent", "units": "1/tau"}),
            "stable": (axes, stable, {"long_name": "1 where the network is stable", "units": "1"}),
            "n_units": (axes, n_units, {"long_name": "seen units", "units": "1"}),
        },
        coords={
            "condition": list(CONDITIONS),
            "theta": ("theta", list(degrees), {"long_name": "angle of the activation", "units": "degrees"}),
            "dimension": ("dimension", list(DIMENSIONS), {"long_name": "dimension of the subspace"}),
            "window": ("window", list(WINDOWS), {"long_name": "half of the joint window", "units": "steps"}),
        },
        attrs={"reason": "; ".join(reasons)},
    )


def equal_numbers(seen: list[LagCovariances | None], *, seed: int) -> np.ndarray:
    """PI of equally many units in every condition (condition,), mean over random choices; as many as the poorest condition has."""
    if None in seen:
        return np.full(len(seen), np.nan)
    n = min(s.active.sum() for s in seen)
    rng = generator(seed, "analysis", CHOICE)
    found = np.empty((len(seen), N_DRAWS))
    for s, row in zip(seen, found, strict=True):
        for draw in range(N_DRAWS):
            chosen = rng.choice(np.flatnonzero(s.active), n, replace=False)
            row[draw] = best(s.C[:, chosen][:, :, chosen], DIMENSION, rng=rng, n_starts=1)[0][0]
    return found.mean(axis=1)


def rectification(experiment: Experiment, network: xr.Dataset, *, n_trials: int = 100) -> xr.Dataset:
    """How often units are below threshold in trials like those of training, and how many cross it.

    Parameters
    ----------
    network : Dataset of one network
    n_trials : int
        The same trials for every network of a task. The stretch at their start that does not count in the loss does not count here.

    Returns
    -------
    Dataset over (condition, noise), noise being that of inputs and units,
        below, share of (unit, time) below threshold; crossing, share of units that are above it at some and below it at other steps of a trial;
        silent, share of units that are above it in no trial

    Raises
    ------
    Unmeasurable
        Rates that grow beyond all bounds.
    """
    settings, schedule = experiment.network, experiment.task.schedule
    trials = experiment.task.sample(n_trials, dt=settings.dt, rng=generator(experiment.seed, "analysis", TRIALS))
    n_steps = trials.inputs.shape[1]
    skipped = round(schedule.ignore_start / settings.dt)
    xi = noise(settings, n_trials, n_steps, rng=generator(int(network.seed[0]), "analysis", TRIALS, 1))
    # Without noise the inputs are the values of the epochs.
    epoch = (np.arange(n_steps) >= trials.edges[:, 1:-1, None]).sum(axis=1)
    values = np.take_along_axis(trials.values, epoch[..., None], axis=1)
    quiet = dataclasses.replace(settings, sigma=0.0)
    shares = np.empty((3, len(CONDITIONS), 2))
    for c, when in enumerate(CONDITIONS):
        for k, (setting, inputs) in enumerate([(settings, trials.inputs), (quiet, values)]):
            rates = simulate(weights(network, when), inputs, network=setting, xi=xi[None])[0]
            if not np.isfinite(rates).all():
                raise Unmeasurable(f"{when} training its rates grow beyond all bounds in trials")
            above = above_threshold(rates, alpha=settings.alpha)[:, skipped:]
            some, always = above.any(axis=1), above.all(axis=1)
            shares[:, c, k] = 1 - above.mean(), (some & ~always).mean(), 1 - some.any(axis=0).mean()
    names = ("below", "crossing", "silent")
    return xr.Dataset(
        {name: (("condition", "noise"), share, {"units": "1"}) for name, share in zip(names, shares, strict=True)},
        coords={"condition": list(CONDITIONS), "noise": ["as in training", "none"]},
    )
