"""Whether random networks do the task with a fitted readout, and in which regime (note, section 6).

The untrained recurrent weights are scaled to several gains and the readout is fitted
(`taskrnn.analysis.reservoir`). The outcome stands beside that of the trained network in the test
trials of `studies.training.measures`, with the same noise. Beside ReLU stands tanh: a ReLU network
of a gain above about sqrt(2) has no bounded state, so that it cannot show chaos.
"""

import contextlib
from typing import NamedTuple

import numpy as np
import xarray as xr

from studies.regime.measures import ALONG, DRIVES, WHEN
from studies.training.measures import task_error
from taskrnn.activity.inputs import DISCARD, N_STEPS, draw
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.reservoir import BOUND, Fit, fit, moments, run
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.activation import TANH, Activation, leaky_relu
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask, Trials, answers

FOLDS = 5  # of the cross-validation
BLOCK = 50  # test trials that are run at once

SCALED = {
    "squared_error": {"long_name": "mean squared error in test trials"},
    "error": {"long_name": "the task's error in test trials"},
    "penalty": {"long_name": "penalty chosen by cross-validation"},
    "validation": {"long_name": "its mean squared error in cross-validation"},
    "diverges": {"long_name": "rates grow beyond the bound"},
}
AT_ZERO = {
    "found": {"long_name": "fixed points found at zero input"},
    "unsettled": {"long_name": "starts that ended nowhere"},
}


class Bench(NamedTuple):
    """What every network is put to; drives are what is added to W r inside f, (trial, time, unit).

    They are float32. Input weights and bias are not trained, so they are the same before and after.
    """

    experiment: Experiment
    training: Trials
    training_drive: np.ndarray
    test: Trials
    test_drive: np.ndarray
    # (time, unit), the bias alone and the first steps of the network's session
    along: tuple[np.ndarray, np.ndarray]


@needs(task=ConstantInputTask, network=RateNetwork)
def reservoir(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    gains: tuple[float, ...] = (0.4, 0.8, 1.0, 1.2, 1.4, 2.0, 3.0),
    n_trials: int = 50,
    n_test: int = 200,
    n_steps: int = 4000,
    n_starts: int = 3,
) -> xr.Dataset:
    """Errors of a network at several gains with fitted readouts, and of itself before and after.

    Parameters
    ----------
    network : Dataset of one network
    gains : tuple of float
        Standard deviations times sqrt(unit) to which the untrained weights are scaled (reading A1).
    n_trials, n_test, n_steps : int
        Trials for the fit, drawn as in training; test trials; steps of the network's session that
        count for an exponent.
    n_starts : int
        Random starts of the search for fixed points, beside where the network without input ends.

    Returns
    -------
    Dataset with, along (activation, gain),
        squared_error : over the steps that count, as in the loss of training
        error : the task's own: of the worse level in perception, share of wrong ones in decision
        penalty : of `taskrnn.analysis.reservoir.PENALTIES`; at an end the grid is too short
        validation : the cross-validated squared error with that penalty, which chooses the gain
        diverges : whether rates exceed `taskrnn.analysis.reservoir.BOUND` in the session or in a
            trial; the four above are NaN then, and where no unit is active
        exponent, drift : also along drive, "autonomous" with the bias and no input; of activity
            that diverges the rate at which it grows, NaN if that overflows
    along gain, for ReLU (the experiment's, which leaks if its theta is not 0),
        found, unsettled : fixed points at zero input that are found, and starts that ended nowhere
    and of the network along (when, readout), with its own readout and with a fitted one,
        own_squared_error, own_error : NaN if rates exceed the bound in a trial
        own_diverges (when,) : whether they do so in the session, which is longer

    Raises
    ------
    ValueError
        Gains are none or not all above 0, trials are too few, n_steps too many, or noise outside f.
    """
    if not gains or not all(0 < g < np.inf for g in gains):
        raise ValueError(f"gains are {gains}; give one or more finite numbers above 0.")
    before, seed = weights(network, "before"), int(network.seed[0])
    lengths = {"n_trials": n_trials, "n_test": n_test, "n_steps": n_steps}
    bench = set_up(experiment, before, seed, **lengths)
    own_gain = experiment.network.recurrent_sd * experiment.network.n_units**0.5
    W, factors = before.recurrent[0], np.array([g / own_gain for g in gains], np.float32)
    rng, relu = generator(seed, "reservoir.regime"), leaky_relu(experiment.network.theta)
    tried = [over_gains(W, factors, bench, activation=f, rng=rng) for f in (relu, TANH)]
    points = [at_zero_input(W * factor, bench, n_starts=n_starts, rng=rng) for factor in factors]
    own = [of_network(weights(network, when), bench, activation=relu) for when in WHEN]
    found = xr.merge(map(xr.concat, (tried, points, own), ("activation", "gain", "when")))
    axes = {"activation": ["ReLU", "tanh"], "gain": list(gains), "drive": list(DRIVES)}
    axes |= {"when": list(WHEN), "readout": ["own", "fitted"]}
    return found.assign_coords(axes).assign_attrs(reason=missing(found))


def missing(found: xr.Dataset) -> str:
    """Why errors are missing, in all reservoirs or in the network itself; '' if neither is so."""
    some = np.isfinite(found.error).any()
    reasons = [] if some else ["at no gain a reservoir is active and bounded"]
    for when, (own, fitted) in zip(WHEN, found.own_error.values, strict=True):
        if np.isnan(own):
            reasons.append(f"{when} training its rates exceed {BOUND:g} in a trial")
        elif np.isnan(fitted):
            reasons.append(f"{when} training no unit is active where the output counts")
    return "; ".join(reasons)


def set_up(
    experiment: Experiment, w: Weights, seed: int, *, n_trials: int, n_test: int, n_steps: int
) -> Bench:
    """Draw trials for the fit, test trials as `studies.training.measures`, and the session.

    Raises ValueError as `reservoir` does.
    """
    settings, rng = experiment.network, generator(seed, "reservoir.fit")
    if n_trials < FOLDS:
        raise ValueError(f"n_trials is {n_trials}; the cross-validation needs {FOLDS} or more.")
    if n_steps > N_STEPS:
        raise ValueError(f"n_steps is {n_steps}; the session has {N_STEPS} steps.")
    if settings.noise == "outside":
        raise ValueError("Reservoirs take noise inside f; this experiment has noise 'outside'.")
    strength = (2 / settings.alpha) ** 0.5 * settings.sigma

    def drive(inputs, xi):
        return inputs.astype(np.float32) @ w.input[0].T + w.bias[0] + strength * xi.swapaxes(0, 1)

    sets = []
    tests = generator(experiment.seed, "test"), generator(seed, "test", 1)
    for n, of_trials, of_noise in ((n_trials, rng, rng), (n_test, *tests)):
        trials = experiment.task.sample(n, dt=settings.dt, rng=of_trials)
        xi = noise(settings, n, trials.inputs.shape[1], rng=of_noise)
        sets += [trials, drive(trials.inputs, xi)]
    drawn, counted = draw(experiment, seed), slice(DISCARD + n_steps)
    driven = drive(drawn.inputs[None, counted], drawn.xi[counted])[0]
    return Bench(experiment, *sets, (np.broadcast_to(w.bias[0], driven.shape), driven))


def over_gains(
    W: np.ndarray, factors: np.ndarray, bench: Bench, *, activation: Activation, rng
) -> xr.Dataset:
    """What `reservoir` gives for one activation, (gain,), from the weights times each factor."""
    kicks = rng.standard_normal((len(factors), len(bench.along), len(W)))
    options = {"transient": DISCARD // 2, "alignment": DISCARD // 2, "activation": activation}
    options |= {"alpha": bench.experiment.network.alpha, "gain": factors}
    along = largest_exponents(W, np.stack(bench.along), kicks, **options)
    # All of the difference was lost, or the activity overflows.
    exponents = np.where(np.isfinite(along.exponents), along.exponents, np.nan)
    stays = along.largest_rate[:, DRIVES.index("driven")] <= BOUND
    rows = [
        tested(W * factor, bench, activation=activation) if bounded else (np.nan,) * 4 + (True,)
        for factor, bounded in zip(factors, stays, strict=True)
    ]
    columns = zip(SCALED.items(), zip(*rows, strict=True), strict=True)
    variables = {name: ("gain", list(column), text) for (name, text), column in columns}
    for name, found in (("exponent", exponents), ("drift", along.drift)):
        variables[name] = ("gain", "drive"), found, ALONG[name]
    return xr.Dataset(variables)


def tested(W: np.ndarray, bench: Bench, *, activation: Activation) -> tuple:
    """What `SCALED` names, of weights whose rates stay within the bound in the session."""
    try:
        best = fitted(W, bench, activation=activation)
        scores = errors(W, best.readout[None], bench, activation=activation)[0]
    except FloatingPointError:
        return (np.nan,) * 4 + (True,)
    except Unmeasurable:
        return (np.nan,) * 4 + (False,)
    return *scores, best.penalty, best.errors.min(), False


def at_zero_input(W: np.ndarray, bench: Bench, *, n_starts: int, rng) -> xr.Dataset:
    """What `AT_ZERO` names, from a few random starts and from where the network ends."""
    settings, bias = bench.experiment.network, bench.along[0]
    try:
        states = run(W, bias[None], activation=leaky_relu(settings.theta), alpha=settings.alpha)
        states = states[0, -1:]
    except FloatingPointError:
        states = None
    search = {"theta": settings.theta, "alpha": settings.alpha, "n_starts": n_starts}
    points = fixed_points(W, bias[0], rng=rng, states=states, max_iter=50, **search)
    counts = zip(AT_ZERO.items(), (len(points.hits), points.n_failed), strict=True)
    return xr.Dataset({name: ((), count, text) for (name, text), count in counts})


def of_network(w: Weights, bench: Bench, *, activation: Activation) -> xr.Dataset:
    """What `reservoir` gives for the network before or after training."""
    W, scores = w.recurrent[0], np.full((2, 2), np.nan)
    with contextlib.suppress(FloatingPointError):
        try:
            best = fitted(W, bench, activation=activation).readout
        except Unmeasurable:
            best = np.full_like(w.readout[0], np.nan)
        scores = errors(W, np.stack([w.readout[0], best]), bench, activation=activation)
    kinds = zip(("squared_error", "error"), scores.T, strict=True)
    variables = {f"own_{name}": ("readout", score, SCALED[name]) for name, score in kinds}
    diverges = diverges_in_session(W, bench, activation=activation)
    return xr.Dataset(variables | {"own_diverges": diverges})


def fitted(W: np.ndarray, bench: Bench, *, activation: Activation) -> Fit:
    """The readout fitted to the activity in the trials for the fit."""
    trials, alpha = bench.training, bench.experiment.network.alpha
    folds = []
    for part in np.array_split(np.arange(len(trials.inputs)), FOLDS):
        rates = run(W, bench.training_drive[part], activation=activation, alpha=alpha)
        folds.append(moments(rates, trials.targets[part], trials.mask[part]))
    return fit(folds)


def errors(
    W: np.ndarray, readouts: np.ndarray, bench: Bench, *, activation: Activation
) -> np.ndarray:
    """Squared error and the task's own (readout, 2), of readouts (readout, output, unit)."""
    trials, options = (
        bench.test,
        {"activation": activation, "alpha": bench.experiment.network.alpha},
    )
    columns, z = readouts.reshape(-1, len(W)).T.astype(float), []
    for start in range(0, len(trials.inputs), BLOCK):
        rates = run(W, bench.test_drive[start : start + BLOCK], **options)
        # One trial at a time in double precision: it stays in the cache.
        z += [of_trial.astype(float) @ columns for of_trial in rates]
    z = np.moveaxis(np.reshape(z, (*trials.targets.shape[:2], *readouts.shape[:2])), 2, 0)
    squared = ((z - trials.targets)[:, trials.mask > 0] ** 2).mean(axis=(1, 2))
    own = [task_error(bench.experiment, trials.values, answers(y, trials.edges)) for y in z]
    return np.stack([squared, own], axis=1)


def diverges_in_session(W: np.ndarray, bench: Bench, *, activation: Activation) -> bool:
    """Whether rates exceed the bound in the session."""
    try:
        run(W, bench.along[1][None], activation=activation, alpha=bench.experiment.network.alpha)
    except FloatingPointError:
        return True
    return False
