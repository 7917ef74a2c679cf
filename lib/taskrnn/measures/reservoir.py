"""Whether random networks do the task with a fitted readout, in which regime, and how trained networks compare (note, section 6).

The untrained recurrent weights are scaled to several gains and the readout is fitted (`taskrnn.reservoir`). The outcome
stands beside that of the trained network in the test trials of `taskrnn.performance`, with the same noise.
Beside ReLU stands tanh: a ReLU network of a gain above about sqrt(2) has no bounded state, so that it cannot show chaos.
"""

import contextlib
from typing import NamedTuple

import numpy as np
import xarray as xr

from taskrnn.activation import TANH, Activation, leaky_relu
from taskrnn.ensembles import weights
from taskrnn.experiment import Experiment
from taskrnn.fixed_points import fixed_points
from taskrnn.lyapunov import lyapunov
from taskrnn.missing import Unmeasurable
from taskrnn.network import Weights, noise
from taskrnn.performance import task_error
from taskrnn.points import FixedPoints
from taskrnn.reservoir import BOUND, Fit, fit, moments, run
from taskrnn.sessions import DISCARD, N_STEPS, draw
from taskrnn.streams import generator
from taskrnn.tasks.trials import Trials, answers

PLACE = 41  # in the stream "analysis"
FOLDS = 5  # of the cross-validation
BLOCK = 50  # test trials that are run at once
DRIVES = ("autonomous", "driven")
WHEN = ("before", "after")

RATE = {"units": "1/tau"}
SCALED = {
    "squared_error": {"long_name": "mean squared error in test trials"},
    "error": {"long_name": "the task's error in test trials"},
    "penalty": {"long_name": "penalty chosen by cross-validation"},
    "diverges": {"long_name": "rates grow beyond the bound"},
}
ALONG = {
    "exponent": {"long_name": "largest Lyapunov exponent", **RATE},
    "drift": {"long_name": "second half of the run minus first", **RATE},
}


class Bench(NamedTuple):
    """What every network is put to, with the drives: what is added to W r inside f, (trial, time, unit), float32.

    The input weights and the bias are not trained, so that the drives are the same before and after.
    """

    experiment: Experiment
    training: Trials
    training_drive: np.ndarray
    test: Trials
    test_drive: np.ndarray
    along: tuple[np.ndarray, np.ndarray]  # (time, unit), the bias alone and the first steps of the network's session


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
    """Errors of a network's untrained weights at several gains with fitted readouts, and of itself before and after training.

    Parameters
    ----------
    network : Dataset of one network
    gains : tuple of float
        Standard deviations times sqrt(unit) to which the untrained weights are scaled (reading A1).
    n_trials, n_test : int
        Trials for the fit, drawn as in training, and test trials.
    n_steps : int
        Steps of the network's session that count for an exponent.
    n_starts : int
        Random starts of the search for fixed points at each gain, beside the state in which the network without input ends.

    Returns
    -------
    Dataset with, along (activation, gain),
        squared_error : over the steps that count, as in the loss of training
        error : the task's own: of the worse level in perception, the share of wrong answers in decision
        penalty : chosen from `taskrnn.reservoir.PENALTIES`; at an end of them the grid is too short
        diverges : whether rates exceed `taskrnn.reservoir.BOUND` in the session or in a trial; the three above are NaN then, and
        where no unit is active
        exponent, drift : also along drive, see `taskrnn.lyapunov`; "autonomous" has the bias and no input.  Of activity that
        diverges it is the rate at which it grows; NaN if that overflows
    along gain, for ReLU,
        found, unsettled : fixed points at zero input, not more than there are, and starts that ended nowhere
    and of the network itself along (when, readout), with the readout it was trained with and with a fitted one
        own_squared_error, own_error : NaN if rates exceed the bound in a trial
        own_diverges (when,) : whether they do so in the session; the errors are kept, for a trial is short
    The activation "ReLU" is the experiment's, which leaks if its theta is not 0.

    Raises
    ------
    ValueError
        No gains or one that is not above 0, too few trials to cross-validate, a session too short, or noise outside f.
    """
    settings = experiment.network
    if not gains or not all(0 < g < np.inf for g in gains):
        raise ValueError(f"gains are {gains}; give one or more finite numbers above 0.")
    if n_trials < FOLDS:
        raise ValueError(f"n_trials is {n_trials}; the cross-validation needs {FOLDS} or more.")
    if n_steps > N_STEPS:
        raise ValueError(f"n_steps is {n_steps}; the session has {N_STEPS} steps.")
    if settings.noise == "outside":
        raise ValueError("Reservoirs are run with noise inside f; this experiment has noise 'outside'.")
    before = weights(network, "before")
    bench = set_up(experiment, before, int(network.seed[0]), n_trials=n_trials, n_test=n_test, n_steps=n_steps)
    own_gain = settings.recurrent_sd * settings.n_units**0.5
    scaled = [before.recurrent[0] * np.float32(gain / own_gain) for gain in gains]
    rng = generator(int(network.seed[0]), "analysis", PLACE, 1)
    relu = leaky_relu(settings.theta)
    measured = xr.concat(
        [xr.concat([at_gain(W, bench, activation=f, rng=rng) for W in scaled], "gain") for f in (relu, TANH)], "activation"
    )
    points = [at_zero_input(W, bench, n_starts=n_starts, rng=rng) for W in scaled]
    own = [itself(weights(network, when), bench, activation=relu) for when in WHEN]
    return xr.merge([measured, xr.concat(own, "when")]).assign_attrs(reason=missing(measured, own)).assign(
        found=("gain", [len(p.hits) for p in points], {"long_name": "fixed points found at zero input"}),
        unsettled=("gain", [p.n_failed for p in points], {"long_name": "starts that ended nowhere"}),
    ).assign_coords(
        gain=list(gains), activation=["ReLU", "tanh"], drive=list(DRIVES), when=list(WHEN), readout=["own", "fitted"]
    )


def missing(measured: xr.Dataset, own: list[xr.Dataset]) -> str:
    """Why errors are missing: no reservoir has one, or the network itself has none; '' if neither is so."""
    reasons = [] if np.isfinite(measured.error).any() else ["at no gain a reservoir is active and bounded"]
    for when, found in zip(WHEN, own, strict=True):
        if np.isnan(found.own_error[0]):
            reasons.append(f"{when} training its rates exceed {BOUND:g} in a trial")
        elif np.isnan(found.own_error[1]):
            reasons.append(f"{when} training no unit is active where the output counts")
    return "; ".join(reasons)


def set_up(experiment: Experiment, w: Weights, seed: int, *, n_trials: int, n_test: int, n_steps: int) -> Bench:
    """Draw the trials for the fit, the test trials of `taskrnn.performance.test`, and the session."""
    settings, rng = experiment.network, generator(seed, "analysis", PLACE)
    strength = (2 / settings.alpha) ** 0.5 * settings.sigma

    def drive(inputs, xi):
        return inputs.astype(np.float32) @ w.input[0].T + w.bias[0] + strength * xi.swapaxes(0, 1)

    sets = []
    for n, of_trials, of_noise in (
        (n_trials, rng, rng),
        (n_test, generator(experiment.seed, "test"), generator(seed, "test", 1)),
    ):
        trials = experiment.task.sample(n, dt=settings.dt, rng=of_trials)
        sets += [trials, drive(trials.inputs, noise(settings, n, trials.inputs.shape[1], rng=of_noise))]
    drawn, counted = draw(experiment, seed), slice(DISCARD + n_steps)
    driven = drive(drawn.inputs[None, counted], drawn.xi[counted])[0]
    return Bench(experiment, *sets, (np.broadcast_to(w.bias[0], driven.shape), driven))


def at_gain(W: np.ndarray, bench: Bench, *, activation: Activation, rng: np.random.Generator) -> xr.Dataset:
    """What `reservoir` gives for one gain and one activation."""
    scores, penalty, diverges = np.full(2, np.nan), np.nan, diverges_in_session(W, bench, activation=activation)
    if not diverges:
        try:
            found = fitted(W, bench, activation=activation)
            scores, penalty = tested(W, found.readout[None], bench, activation=activation)[0], found.penalty
        except FloatingPointError:
            diverges = True
        except Unmeasurable:
            pass
    rates = np.array([growth(W, drive, bench, activation=activation, rng=rng) for drive in bench.along])
    single = (*scores, penalty, diverges)
    variables = {name: ((), value, text) for (name, text), value in zip(SCALED.items(), single, strict=True)}
    variables |= {name: ("drive", value, text) for (name, text), value in zip(ALONG.items(), rates.T, strict=True)}
    return xr.Dataset(variables)


def at_zero_input(W: np.ndarray, bench: Bench, *, n_starts: int, rng: np.random.Generator) -> FixedPoints:
    """The fixed points at zero input that are found from a few starts."""
    settings, bias = bench.experiment.network, bench.along[0]
    try:
        states = run(W, bias[None], activation=leaky_relu(settings.theta), alpha=settings.alpha)[0, -1:]
    except FloatingPointError:
        states = None
    search = {"theta": settings.theta, "alpha": settings.alpha, "n_starts": n_starts, "max_iter": 50}
    return fixed_points(W, bias[0], rng=rng, states=states, **search)


def itself(w: Weights, bench: Bench, *, activation: Activation) -> xr.Dataset:
    """What `reservoir` gives for the network before or after training."""
    W, scores = w.recurrent[0], np.full((2, 2), np.nan)
    with contextlib.suppress(FloatingPointError):
        try:
            best = fitted(W, bench, activation=activation).readout
        except Unmeasurable:
            best = np.full_like(w.readout[0], np.nan)
        scores = tested(W, np.stack([w.readout[0], best]), bench, activation=activation)
    variables = {f"own_{name}": ("readout", scores[:, i], SCALED[name]) for i, name in enumerate(("squared_error", "error"))}
    return xr.Dataset(variables | {"own_diverges": diverges_in_session(W, bench, activation=activation)})


def fitted(W: np.ndarray, bench: Bench, *, activation: Activation) -> Fit:
    """The readout fitted to the activity in the trials for the fit."""
    trials = bench.training
    folds = []
    for part in np.array_split(np.arange(len(trials.inputs)), FOLDS):
        rates = run(W, bench.training_drive[part], activation=activation, alpha=bench.experiment.network.alpha)
        folds.append(moments(rates, trials.targets[part], trials.mask[part]))
    return fit(folds)


def tested(W: np.ndarray, readouts: np.ndarray, bench: Bench, *, activation: Activation) -> np.ndarray:
    """Squared error over the steps that count, and the task's error, of readouts (readout, output, unit): (readout, 2)."""
    trials = bench.test
    z = []
    for start in range(0, len(trials.inputs), BLOCK):
        rates = run(W, bench.test_drive[start : start + BLOCK], activation=activation, alpha=bench.experiment.network.alpha)
        z.append(np.einsum("btn,kon->kbto", rates, readouts, optimize=True))
    z = np.concatenate(z, axis=1)
    squared = ((z - trials.targets)[:, trials.mask > 0] ** 2).mean(axis=(1, 2))
    errors = [task_error(bench.experiment, trials.values, answers(y, trials.edges)) for y in z]
    return np.stack([squared, errors], axis=1)


def diverges_in_session(W: np.ndarray, bench: Bench, *, activation: Activation) -> bool:
    """Whether rates exceed the bound in the session."""
    try:
        run(W, bench.along[1][None], activation=activation, alpha=bench.experiment.network.alpha)
    except FloatingPointError:
        return True
    return False


def growth(W: np.ndarray, drive: np.ndarray, bench: Bench, *, activation: Activation, rng) -> tuple[float, float]:
    """Largest Lyapunov exponent and its drift in 1/tau along one drive (time, unit); NaN if it overflows or if it is -inf."""
    lead = {"transient": DISCARD // 2, "alignment": DISCARD // 2}
    try:
        found = lyapunov(W[None], drive[None], rng=rng, activation=activation, alpha=bench.experiment.network.alpha, **lead)
    except FloatingPointError:
        return np.nan, np.nan
    largest = found.exponents[0, 0]
    return (largest if np.isfinite(largest) else np.nan), found.drift[0, 0]
