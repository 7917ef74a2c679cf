"""Oscillations: an estimator that knows pure sines, a ring of three units whose point and rotation
are known in closed form, and claims O1 to O6 on ensembles whose answer is known.
"""

import base64
import re
from functools import cache

import numpy as np
import pytest
import xarray as xr
from draws import Draws, N
from plain_loop import plain_loop

from studies.oscillation import claims, figures, measures, summary
from studies.oscillation.experiments import experiments
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.ensembles.members import weights
from taskrnn.ensembles.results import with_the_missing
from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.tasks.frequency import Faster, Frequency
from taskrnn.tasks.sine import Sine

TIME = np.arange(1500) / 100
ASKED = np.linspace(0.4, 2, 13)


@pytest.mark.parametrize("frequency", [0.4, 1.0, 1.2345, 2.0])
@pytest.mark.parametrize("phase", [0.0, 1.0, 2.5])
def test_a_pure_sine_has_its_frequency_and_amplitude_whether_it_fits_the_window_or_not(
    frequency, phase
):
    z = 0.65 + 0.15 * np.sin(2 * np.pi * frequency * TIME + phase)
    f, a = measures.largest_sine(np.array([z, 7 * z]), dt=10.0)
    np.testing.assert_allclose(f, frequency, atol=6e-4)
    np.testing.assert_allclose(a, [0.15, 1.05], rtol=2e-3)


def test_of_two_sines_the_larger_counts_and_a_drift_or_noise_is_small():
    two = 0.1 * np.sin(2 * np.pi * 0.7 * TIME) + 0.05 * np.sin(2 * np.pi * 2.1 * TIME)
    noise = 0.01 * np.random.default_rng(0).standard_normal(1500)
    f, a = measures.largest_sine(np.array([two, 0.65 + noise, np.zeros(1500)]), dt=10.0)
    assert f[0] == pytest.approx(0.7, abs=2e-3) and a[0] == pytest.approx(0.1, rel=0.02)
    assert a[1] < measures.RESTS / 10 and a[2] == 0


def ring(c, *, before=0.0, task=None, sigma=0.0):
    """An experiment and its network: each of three units inhibits the next, by `before` before
    training and by c after it. The input is the same to all, and the first one is read.
    """
    experiment = Experiment(
        name="ring",
        task=task or Sine(),
        network=RateNetwork(n_units=3, input_sd=1.0, bias_sd=1.0, sigma=sigma),
        seed=5,
    )
    along = np.roll(np.eye(3), 1, axis=0)[None]
    square = ("network", "unit", "from_unit")
    variables = {
        "recurrent_before": (square, -before * along),
        "recurrent_after": (square, -c * along),
        "input_weights": (("network", "unit", "input"), np.ones((1, 3, 1))),
        "bias": (("network", "unit"), np.zeros((1, 3))),
        "readout": (("network", "output", "unit"), np.eye(3)[None, :1]),
        "seed": ("network", [5]),
    }
    # Not in step at the start, or the three would stay alike.
    variables["bias"][1][0] = [0.02, 0.0, -0.01]
    return experiment, xr.Dataset(variables)


@pytest.mark.parametrize(
    ("c", "growth", "turn"), [(1.5, np.nan, np.nan), (2.2, 0.274, 2.97), (3.0, 0.785, 3.86)]
)
def test_points_of_the_ring_are_those_of_the_formula(c, growth, turn):
    found = measures.points(*ring(c), n_starts=5)
    after, before = (found.sel(when=when) for when in ("after", "before"))
    assert (after.found == 1).all() and (after.index == 1).all()
    assert (after.unstable == (0 if np.isnan(growth) else 2)).all()
    assert (before.unstable == 0).all() and before.frequency.isnull().all()
    np.testing.assert_allclose(after.growth, growth, atol=5e-4)
    np.testing.assert_allclose(after.frequency, turn, atol=5e-3)
    eigenvalues = np.sort_complex((after.real_part + 1j * after.imaginary_part).values)
    exact = [-c, c / 2 - 1j * c * 3**0.5 / 2, c / 2 + 1j * c * 3**0.5 / 2]
    np.testing.assert_allclose(eigenvalues, np.tile(exact, (13, 1)), rtol=1e-5)
    np.testing.assert_allclose(found.asked, ASKED)


@pytest.mark.parametrize(("c", "cycle"), [(2.2, 2.44), (3.0, 2.33)])
def test_the_cycle_of_the_ring_turns_at_its_own_frequency_at_every_input(c, cycle):
    """A ReLU network without a bias only scales with its input. The crossings of a plain loop are
    the second route.
    """
    experiment, network = ring(c)
    found = measures.generation(experiment, network).sel(when="after")
    np.testing.assert_allclose(found.frequency, cycle, atol=0.02)
    w = weights(network, "after")
    inputs = np.full((1, 3000, 1), found.input.values[6])
    rates = plain_loop(w, inputs, np.zeros((1, 3000, 1, 3)), experiment.network)
    z = rates[0, 0, 1500:, 0]
    np.testing.assert_allclose(found.output[6, 750:], z[::2], atol=1e-3)
    above = z > z.mean()
    crossings = np.flatnonzero(~above[:-1] & above[1:])
    by_crossings = 100 * (len(crossings) - 1) / (crossings[-1] - crossings[0])
    assert float(found.frequency[6]) == pytest.approx(by_crossings, rel=2e-3)


def test_a_ring_that_rests_has_no_frequency_and_one_that_runs_away_has_no_number():
    found = measures.generation(*ring(1.0, before=-3.0, sigma=0.01))
    assert found.frequency.isnull().all() and "beyond all bounds" in found.reason
    assert (found.amplitude.sel(when="after") < measures.RESTS).all()
    assert found.amplitude.sel(when="before").isnull().all()
    assert found.output.sel(when="before").isnull().all()


def test_one_frequency_has_one_input():
    found = measures.generation(*ring(2.2, task=Sine(slow=1.0, fast=1.0)))
    assert found.input.values == [1.0] and found.asked.values == [1.0]
    assert float(found.asked_amplitude) == 0.15


def test_without_training_there_is_no_random_change():
    found = measures.points(*ring(2.2, before=2.2), n_starts=2)
    for name in ("found", "unstable", "frequency", "real_part"):
        np.testing.assert_allclose(found[name][1:], found[name][:1].values.repeat(2, axis=0))
    moved = measures.points(*ring(2.2, before=2.1), n_starts=2).sel(when=[measures.RANDOM, "after"])
    assert np.abs(moved.real_part[0] - moved.real_part[1]).max() > 1e-3


@pytest.fixture
def answering(monkeypatch):
    """Makes networks answer by a function of trials and task."""

    def answer_with(function):
        def outputs(experiment, network, trials, *, when):
            return function(experiment.task, trials)

        monkeypatch.setattr(measures, "held_out_outputs", outputs)

    return answer_with


def test_r2_of_networks_that_report_the_frequency_or_the_amplitude(answering):
    experiment = next(e for e in experiments("smoke") if e.name == "frequency")
    answering(lambda task, trials: trials.targets)
    np.testing.assert_allclose(measures.reports(experiment, xr.Dataset()).r2, 1)
    answering(lambda task, trials: trials.targets * trials.values[0, 0, 1])
    r2 = measures.reports(experiment, xr.Dataset()).r2
    assert r2.sel(amplitude=1) == 1 and (r2.sel(amplitude=[0.5, 1.5]) < 0).all()
    answering(lambda task, trials: np.full_like(trials.targets, np.inf))
    found = measures.reports(experiment, xr.Dataset())
    assert found.r2.isnull().all() and "beyond all bounds" in found.reason
    assert isinstance(experiment.task, Frequency) and experiment.task.lowest == 0.5


def test_accuracy_of_networks_that_compare_frequencies_or_amplitudes(answering):
    experiment = next(e for e in experiments("smoke") if e.name == "faster")
    assert isinstance(experiment.task, Faster)

    def louder(task, trials):
        amplitude = trials.values[:, 0, 2:]
        first = amplitude[:, :1] > amplitude[:, 1:]
        return np.broadcast_to(np.where(first, 0.5, 0.8)[:, None], trials.targets.shape)

    answering(lambda task, trials: trials.targets)
    right = measures.comparisons(experiment, xr.Dataset())
    assert right["all"] == right.clear == right.slower_louder == 1
    answering(louder)
    found = measures.comparisons(experiment, xr.Dataset())
    assert found.slower_louder == 0 and found.clear == pytest.approx(0.5, abs=0.06)
    answering(lambda task, trials: np.full_like(trials.targets, np.nan))
    assert measures.comparisons(experiment, xr.Dataset()).clear.isnull()


def o1(draws, *, varied=0.97, one=0.5):
    def reports(r2):
        values = np.stack([draws.around(r2, sd=0.01)] * 5, axis=1)
        coords = {"amplitude": list(measures.AMPLITUDES)}
        return xr.Dataset({"r2": (("network", "amplitude"), values)}, coords)

    return claims.o1(reports(varied), reports(one))


def o2(draws, *, clear=0.98, louder=0.97):
    values = {"clear": clear, "slower_louder": louder}
    return claims.o2(
        xr.Dataset({k: ("network", draws.around(v, sd=0.01)) for k, v in values.items()})
    )


def times(draws, after, before, *, random=None):
    """Bool (network, when): in how many networks it holds."""
    counts = [before, after] if random is None else [before, after, random]
    return np.stack([draws.some(n) for n in counts], axis=1)


def generated(draws, asked, *, after=N, before=0, frequency=1.0, amplitude=1.0):
    """Networks that swing as is asked at all inputs, times these factors, and others that rest."""
    swing = times(draws, after, before)[..., None]
    axes = ("network", "when", "input")
    values = {
        "frequency": np.where(swing, frequency * asked, np.nan),
        "amplitude": np.where(swing, 0.15 * amplitude, 0.001) + 0 * asked,
    }
    coords = {"when": ["before", "after"], "asked": ("input", asked), "asked_amplitude": 0.15}
    return xr.Dataset({name: (axes, value) for name, value in values.items()}, coords)


def o3(draws, **settings):
    return claims.o3(generated(draws, np.ones(1), **settings))


def o4(draws, **settings):
    return claims.o4(generated(draws, ASKED, **settings))


def points(draws, *, after=N, before=0, random=0, slope=1.05, found=1):
    """Networks with one growing rotation at every input, and others with a stable point."""
    turns = times(draws, after, before, random=random)[..., None]
    axes = ("network", "when", "input")
    values = {
        "found": found + 0 * turns + 0 * ASKED,
        "unstable": 2.0 * turns + 0 * ASKED,
        "frequency": np.where(turns, slope * ASKED, np.nan),
    }
    coords = {"when": ["before", "after", "random"], "asked": ("input", ASKED)}
    return xr.Dataset({name: (axes, value) for name, value in values.items()}, coords)


def o5(draws, **settings):
    return claims.o5(points(draws, **settings))


def o6(draws, *, ratio=1.05, spread=0.02):
    of = points(draws)
    of["frequency"] = (
        of.frequency * xr.DataArray(draws.around(ratio, sd=spread), dims="network") / 1.05
    )
    return claims.o6(generated(draws, ASKED), of)


PAIRS = {
    "O1": (o1, {"one": 0.97}, UNDECIDED),
    "O2": (o2, {"clear": 0.5, "louder": 0.5}, CONTRADICTED),
    "O3": (o3, {"before": N}, CHANCE),
    "O4": (o4, {"before": N}, CHANCE),
    "O5": (o5, {"before": N, "random": N}, CHANCE),
    "O6": (o6, {"ratio": 1.5}, CONTRADICTED),
}


@pytest.mark.parametrize(
    ("build", "settings", "word"),
    [
        (o1, {"varied": 0.8}, CONTRADICTED),
        (o1, {"one": 0.99}, CONTRADICTED),
        (o2, {"louder": 0.5}, UNDECIDED),
        (o2, {"louder": 0.3}, CONTRADICTED),
        (o3, {"frequency": 1.04}, CONTRADICTED),
        (o3, {"frequency": 0.96}, CONTRADICTED),
        (o3, {"amplitude": 0.75}, CONTRADICTED),
        (o3, {"frequency": 1.02, "amplitude": 0.85}, SUPPORTED),
        (o3, {"after": 9}, UNDECIDED),
        (o4, {"frequency": 1.04}, CONTRADICTED),
        (o4, {"amplitude": 0.2}, SUPPORTED),  # of which it says nothing
        (o5, {"random": N}, CHANCE),
        (o5, {"before": N}, CHANCE),
        (o5, {"slope": -1.0}, CONTRADICTED),
        (o5, {"found": 3}, CONTRADICTED),
        (o6, {"ratio": 1.2, "spread": 0.1}, UNDECIDED),
    ],
)
def test_the_parts_of_a_claim_are_judged_by_themselves(build, settings, word):
    assert build(Draws(), **settings).verdict == word


def test_nine_inputs_of_ten_must_oscillate_and_the_others_do_not_enter_the_median():
    of = generated(Draws(), ASKED)
    of["frequency"] = of.frequency.where(of.asked > 0.4)
    assert claims.o4(of).verdict == SUPPORTED
    of["frequency"] = of.frequency.where(of.asked > 0.6)
    assert claims.o4(of).verdict == CONTRADICTED
    assert claims.o4(of).statistics[0].interval.mean == 0


def test_order_is_that_of_the_known_ones():
    x = np.array([1.0, 2.0, np.nan, 3.0])
    assert claims.rank_correlation(x, np.array([0.0, 1.0, 9.0, 2.0])) == pytest.approx(1)
    assert np.isnan(claims.rank_correlation(x[:3], x[:3]))
    assert np.isnan(claims.rank_correlation(np.ones(4), x))


@cache
def judged(*, with_missing):
    """All claims that are judged from the ring, with a network that could not be measured."""
    ones, many = (ring(3.0, task=task) for task in (Sine(slow=1.0, fast=1.0), Sine()))
    found = {
        "sine": measures.generation(*ones),
        "by_input": measures.generation(*many),
        "points": measures.points(*many, n_starts=2),
    }
    rows = {
        name: [of.assign_attrs(checksum="")] * 3
        + [xr.Dataset(attrs={"checksum": ""})] * with_missing
        for name, of in found.items()
    }
    joined = {
        name: xr.concat(with_the_missing(of), "network", coords="minimal", compat="override",
                        combine_attrs="drop")
        for name, of in rows.items()
    }  # fmt: skip
    return joined, [
        claims.o3(joined["sine"]),
        claims.o4(joined["by_input"]),
        claims.o5(joined["points"]),
        claims.o6(joined["by_input"], joined["points"]),
    ]


def test_a_network_that_is_missing_stays_in_every_count():
    (_, whole), (_, fewer) = (judged(with_missing=missing) for missing in (0, 1))
    for a, b in zip(whole, fewer, strict=True):
        assert a.claim == b.claim
        for one, other in zip(a.statistics, b.statistics, strict=True):
            assert (len(one.values), len(other.values)) == (3, 4)
            assert one.holds == other.holds and other.missing == one.missing + 1
            np.testing.assert_array_equal(one.values, other.values[:3])


def test_figures_and_sound_of_networks_with_and_without_a_rhythm():
    joined, _ = judged(with_missing=1)
    reports = xr.Dataset(
        {"r2": (("network", "amplitude"), np.array([[0.9, 0.99, 1, 0.5, -6], [np.nan] * 5]))},
        {"amplitude": list(measures.AMPLITUDES)},
    )
    tasks = {"varied": Frequency(), "one": Frequency(lowest=1.0, highest=1.0)}
    figure = figures.amplitudes(dict.fromkeys(tasks, reports), tasks)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:2] == ["trained with amplitude 0.5 to 1.5", "trained with amplitude 1"]
    for order in (slice(None), slice(None, None, -1)):  # the first one is drawn: here it is missing
        at = {name: of.isel(network=order) for name, of in joined.items()}
        network = RateNetwork(n_units=3, input_sd=1.0, bias_sd=1.0)
        figure = figures.tuning_fork(at["by_input"], at["points"], network=network)
        figure.canvas.draw()
        html = figures.sound(at["by_input"]).data
        assert len(html) < 100_000
    played = re.search(r'aria-label="([^"]+)" src="data:audio/wav;base64,([^"]+)"', html)
    assert (
        "13 tones" in played[1]
        and np.any(np.frombuffer(base64.b64decode(played[2])[44:], "<i2")) == 0
    )


def test_the_sound_is_the_output_two_hundred_times_as_fast():
    seconds = np.arange(1500) / 50
    z = 0.65 + 0.15 * np.sin(2 * np.pi * ASKED[:, None] * seconds)
    of = xr.Dataset(
        {"output": (("network", "when", "input", "time"), z[None, None])},
        {"when": ["after"], "asked": ("input", ASKED), "time": seconds},
    )
    sent = re.search(r"base64,([^\"]+)", figures.sound(of).data)[1]
    wave = base64.b64decode(sent)
    rate = int.from_bytes(wave[24:28], "little")
    tones = np.frombuffer(wave[44:], "<i2").reshape(13, -1)
    spectrum = np.abs(np.fft.rfft(tones, 16 * tones.shape[1]))
    loudest = np.fft.rfftfreq(16 * tones.shape[1], 1 / rate)[spectrum.argmax(axis=1)]
    np.testing.assert_allclose(loudest, 200 * ASKED, atol=1)
    assert tones.size / rate == pytest.approx(1.95)


def test_when_a_loss_leaves_its_plateau_is_said_of_those_that_do():
    loss = np.full((3, 10), 0.01)
    loss[0, 4:], loss[1, 7:] = 0.001, 0.001
    assert summary.below(loss, 0.005) == "in 2 of 3 networks, after 6 updates in the median one"
    assert summary.below(loss[2:], 0.005) == "in 0 of 1 networks"
