"""How well networks read frequencies, which sines they make, and the points that they turn around
(claims O1 to O6).
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.slow_points.random_change import randomly_changed
from studies.training.measures import held_out_outputs, held_out_trials
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.stability.kinks import MARGINAL, growths, spectrum
from taskrnn.analysis.statistics import of_known
from taskrnn.checks import LARGEST
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.frequency import Faster, Frequency
from taskrnn.tasks.sine import Sine
from taskrnn.tasks.trials import answers
from taskrnn.variables import WHEN, variable

AMPLITUDES = (0.5, 0.75, 1.0, 1.25, 1.5)
RANDOM = "random"  # beside `WHEN`: after a random change with the norm of the trained one
N_INPUTS = 13  # from the slowest to the fastest
WINDOW = (15.0, 30.0)  # s, three to six times the length of a trial
EVERY = 2  # steps between two outputs that are kept
RESTS = 0.02  # amplitude below which an output has no frequency
RESOLUTION = 0.001  # Hz, of the frequency of an output
PERIODS = 2  # of a sine that can be told from a drift, in the stretch that is seen


@needs(task=Frequency)
def reports(experiment: Experiment, network: xr.Dataset, *, n_trials: int = 200) -> xr.Dataset:
    """How well the answers of a trained network follow the frequency, at several amplitudes.

    Returns
    -------
    Dataset with
        r2 (amplitude,) : of the mean outputs in the last half of the epochs, in test trials that
            differ in nothing but the amplitude; NaN where rates grow beyond all bounds
    """
    found = []
    for amplitude in AMPLITUDES:
        task = replace(experiment.task, lowest=amplitude, highest=amplitude)
        trials = held_out_trials(replace(experiment, task=task), n_trials=n_trials)
        z = held_out_outputs(experiment, network, trials, when="after")
        with np.errstate(over="ignore", invalid="ignore"):
            found.append(1 - task.error(trials, z))
    r2 = np.where(np.abs(found) <= LARGEST, found, np.nan)
    unbounded = "its rates grow beyond all bounds in a trial" if np.isnan(r2).any() else ""
    return xr.Dataset(
        {"r2": variable("amplitude", r2, "share of the variance of the right answers")},
        coords={"amplitude": list(AMPLITUDES)},
        attrs={"reason": unbounded},
    )


@needs(task=Faster)
def comparisons(experiment: Experiment, network: xr.Dataset, *, n_trials: int = 200) -> xr.Dataset:
    """How often a trained network says which of two sines is faster.

    Returns
    -------
    Dataset with, over the epochs of the test trials and NaN where rates grow beyond all bounds,
        all : share of right answers
        clear : the same where the frequencies are clearly apart (`Faster.is_clear`)
        slower_louder : the same of those in which the slower sine has the larger amplitude
    """
    task = experiment.task
    trials = held_out_trials(experiment, n_trials=n_trials)
    z = held_out_outputs(experiment, network, trials, when="after")
    with np.errstate(over="ignore", invalid="ignore"):
        answered = answers(z, trials.edges)
    known = bool(np.isfinite(answered).all())
    right = np.where(known, task.correct(trials.values, answered), np.nan)
    frequency, amplitude = np.split(trials.values, 2, axis=-1)
    clear = task.is_clear(trials.values)
    against = (np.diff(frequency) * np.diff(amplitude))[..., 0] < 0
    shares = {
        "all": ("all pairs", np.ones_like(clear)),
        "clear": ("pairs clearly apart", clear),
        "slower_louder": ("of them, slower one louder", clear & against),
    }
    return xr.Dataset(
        {
            name: variable("", of_known(np.mean, right[which]), f"accuracy, {text}")
            for name, (text, which) in shares.items()
        },
        attrs={"reason": "" if known else "its rates grow beyond all bounds in a trial"},
    )


@needs(task=Sine)
def generation(experiment: Experiment, network: xr.Dataset) -> xr.Dataset:
    """The outputs of a network, before and after training, long after the end of a trial.

    It starts at rest, with the noise of training in the network and none in the input. One input is
    tried where the task has one frequency, otherwise `N_INPUTS` from the slowest to the fastest.

    Returns
    -------
    Dataset with, NaN where rates grow beyond all bounds,
        frequency (when, input) : of the output within `WINDOW`, in Hz, NaN if it rests
        amplitude (when, input) : of the sine with that frequency, or of the largest one if it rests
        output (when, input, time) : every `EVERY` steps from the start
    and the coordinates input, its value; asked (input,) and asked_amplitude, the frequency of the
    task in Hz and its amplitude; and time in s
    """
    level, asked = inputs_of(experiment.task)
    dt = experiment.network.dt
    n_steps = round(1000 * WINDOW[1] / dt)
    rng = generator(int(network.seed[0]), "oscillation.noise")
    xi = noise(experiment.network, len(level), n_steps, rng=rng)
    inputs = np.broadcast_to(level[:, None, None], (len(level), n_steps, 1))
    output = np.empty((len(WHEN), len(level), n_steps), np.float32)
    for z, when in zip(output, WHEN, strict=True):
        w = weights(network, when)
        with np.errstate(over="ignore", invalid="ignore"):
            rates = simulate(w, inputs, network=experiment.network, xi=xi[None])
            z[:] = outputs(w, rates)[0, ..., 0]
    bounded = np.isfinite(output).all(axis=-1, keepdims=True)
    seen = np.where(bounded, output.astype(float), 0.0)[..., round(1000 * WINDOW[0] / dt) :]
    frequency, amplitude = largest_sine(seen, dt=dt)
    amplitude = np.where(bounded[..., 0], amplitude, np.nan)
    seconds = (np.arange(n_steps) + 1) * dt / 1000
    return xr.Dataset(
        {
            "frequency": variable(
                "when input",
                np.where(amplitude >= RESTS, frequency, np.nan),
                "frequency of the output",
                "Hz",
            ),
            "amplitude": variable("when input", amplitude, "amplitude of the output"),
            "output": variable(
                "when input time", np.where(bounded, output, np.nan)[..., ::EVERY], "output"
            ),
        },
        coords={
            "when": list(WHEN),
            "input": level,
            "asked": ("input", asked, {"units": "Hz"}),
            "asked_amplitude": experiment.task.amplitude,
            "time": ("time", seconds[::EVERY], {"units": "s"}),
        },
        attrs={"reason": "" if bounded.all() else "rates grow beyond all bounds at some input"},
    )


def inputs_of(task: Sine) -> tuple[np.ndarray, np.ndarray]:
    """The inputs (input,) at which a network is looked at, and the frequencies that they ask for,
    in Hz.
    """
    position = np.linspace(0, 1, 1 if task.slow == task.fast else N_INPUTS)
    return task.inputs(position), task.frequency(position)


def largest_sine(signal: np.ndarray, *, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequency (Hz) and amplitude of the largest sine in signals (..., time) with the step dt
    (ms).

    It is the peak of the Fourier transform in a Hann window, which makes nothing of a sine that
    does not fit the signal. Zeros are added until the frequencies are `RESOLUTION` apart, so that
    it is good to half of that, and `PERIODS` periods must fit in the signal.
    """
    n_steps = signal.shape[-1]
    window = np.hanning(n_steps + 2)[1:-1]
    window = window / window.sum()
    centred = signal - (signal @ window)[..., None]
    n = round(1000 / (RESOLUTION * dt))
    frequency = np.fft.rfftfreq(n, dt / 1000)
    height = 2 * np.abs(np.fft.rfft(centred * window, n))
    height[..., frequency < PERIODS / (n_steps * dt / 1000)] = 0.0
    return frequency[height.argmax(axis=-1)], height.max(axis=-1)


@needs(task=Sine, network=RateNetwork)
def points(experiment: Experiment, network: xr.Dataset, *, n_starts: int = 20) -> xr.Dataset:
    """The fixed points of a network at every input, and how the state turns around them.

    Parameters
    ----------
    n_starts : int
        Random starts of the search at one input.

    Returns
    -------
    Dataset with, along `when` ("before", "after", and "random": before training and a Gaussian
    change with the norm of the trained one), each (when, input)
        found : number of points
        unstable : directions that grow in the computed steps, at the point most often hit; NaN
            where there is none, as are the next two
        frequency, growth : of the pair of directions that grows most there, in Hz and 1/tau; NaN if
            none grows that turns. Those of the computed steps: an eigenvalue l of D W turns by
            arg(1 + alpha (l - 1)) in a step
        index : sum of sign det(I - D W) over the points, 1 if the list is complete
        real_part, imaginary_part (when, input, unit) : eigenvalues of D W there
    and the coordinates input and asked as in `generation`
    """
    level, asked = inputs_of(experiment.task)
    rng = generator(int(network.seed[0]), "oscillation.points")
    before, after = (weights(network, when) for when in WHEN)
    changed = randomly_changed(before, after, rng=rng)
    rows = [
        [around_a_point(w, u, experiment.network, n_starts=n_starts, rng=rng) for u in level]
        for w in (before, after, changed)
    ]
    texts = {
        "found": ("fixed points found", ""),
        "unstable": ("directions that grow", ""),
        "frequency": ("frequency of the growing pair", "Hz"),
        "growth": ("growth of the growing pair", "1/tau"),
        "index": ("sum of the signs of det(I - D W)", ""),
        "real_part": ("eigenvalue of D W, real part", ""),
        "imaginary_part": ("eigenvalue of D W, imaginary part", ""),
    }
    of_units = ("real_part", "imaginary_part")
    without = sum(row["found"] == 0 for time in rows for row in time)
    return xr.Dataset(
        {
            name: variable(
                "when input unit" if name in of_units else "when input",
                np.array([[row[name] for row in time] for time in rows]),
                *text,
            )
            for name, text in texts.items()
        },
        coords={
            "when": [*WHEN, RANDOM],
            "input": level,
            "asked": ("input", asked, {"units": "Hz"}),
        },
        attrs={"reason": f"no fixed point is found for {without} inputs" if without else ""},
    )


def around_a_point(
    w: Weights, u: float, settings: RateNetwork, *, n_starts: int, rng: np.random.Generator
) -> dict[str, float | np.ndarray]:
    """What `points` says of one network at one input."""
    W, c = w.recurrent[0].astype(float), w.input[0, :, 0].astype(float) * u + w.bias[0]
    found = fixed_points(
        W, c, rng=rng, theta=settings.theta, alpha=settings.alpha, n_starts=n_starts
    )
    nothing = np.full(len(c), np.nan, np.float32)
    row = {"found": len(found.hits), "index": found.index.sum()}
    row |= {"unstable": np.nan, "frequency": np.nan, "growth": np.nan}
    row |= {"real_part": nothing, "imaginary_part": nothing}
    if not len(found.hits):
        return row
    slopes = leaky_relu(settings.theta).slope(W @ found.rates[0] + c)
    eigenvalues = spectrum(W, slopes[None])[0]
    growth = np.where(eigenvalues.imag > 0, growths(eigenvalues, settings.alpha).map, -np.inf)
    fastest = growth.argmax()
    if growth[fastest] > MARGINAL:
        turn = np.angle(1 + settings.alpha * (eigenvalues[fastest] - 1))
        row["frequency"] = turn / (2 * np.pi) * 1000 / settings.dt
        row["growth"] = growth[fastest]
    return row | {
        "unstable": float(found.unstable_map[0]),
        "real_part": eigenvalues.real.astype(np.float32),
        "imaginary_part": eigenvalues.imag.astype(np.float32),
    }
