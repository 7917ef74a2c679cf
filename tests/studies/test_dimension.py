"""Distances in several dimensions: networks and answers that are known, and claims D1 to D4."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from draws import Draws, N
from hard_networks import HARD, experiment, hard
from hypothesis import given
from hypothesis import strategies as st
from small_experiments import one_network, small

from studies.dimension import claims, figures, measures, scores
from studies.dimension.experiments import DISTANCE, FARTHER, along, experiments, ladder
from studies.training.measures import held_out_trials, performance
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.ensembles.results import with_the_missing
from taskrnn.networks.network import untrained_weights
from taskrnn.tasks.distance import Distance
from taskrnn.tasks.farther import Farther
from taskrnn.tasks.trials import answers
from taskrnn.training.train import train

WHEN = ("before", "after")
DIMENSIONS = (1, 2, 4, 8)


def test_a_ladder_has_the_rungs_of_the_profile_and_its_networks_begin_alike():
    for profile, rungs in (("smoke", DIMENSIONS[:2]), ("paper", DIMENSIONS)):
        found = {e.name: e for e in experiments(profile)}
        assert list(found) == [f"{task}_{d}" for task in ("distance", "farther") for d in rungs]
        assert ladder(found, Distance) == {d: f"distance_{d}" for d in rungs}
        assert ladder(found, Farther, least=2) == {d: f"farther_{d}" for d in rungs[1:]}
    for rungs, seed in ((DISTANCE, 2_000_000), (FARTHER, 2_100_000)):
        assert {e.seed for e in rungs} == {seed}
        begun = [
            untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=1, seed=7).recurrent
            for e in rungs
        ]
        for other in begun[1:]:
            np.testing.assert_array_equal(other, begun[0])
    assert [e.training.updates for e in FARTHER] == [500, 1000, 1500, 2000]


def quiet(e):
    """The experiment with 20 units, in trials of 2 s, without any noise and without a leak: rates
    are there at once.
    """
    schedule = dataclasses.replace(e.task.schedule, duration=2000.0)
    return dataclasses.replace(
        e,
        task=dataclasses.replace(e.task, input_noise=0.0, schedule=schedule),
        network=dataclasses.replace(e.network, n_units=20, sigma=0.0, tau=10.0),
    )


def adding_up(e):
    """A network without recurrent weights that adds up the absolute coordinates of a point, or
    compares the sums of two.

    A unit for each sign of each coordinate, and one that is always at 1.
    """
    network, n = one_network(e, scale=0.0), e.task.n_inputs
    for name in ("input_weights", "bias", "readout"):
        network[name][:] = 0.0
    for i in range(n):
        network["input_weights"][0, [2 * i, 2 * i + 1], i] = [1.0, -1.0]
    network["bias"][0, -1] = 1.0
    comparing = isinstance(e.task, Farther)
    network["readout"][0, 0, : 2 * n] = (
        np.where(np.arange(2 * n) < n, -0.1, 0.1) if comparing else 1
    )
    network["readout"][0, 0, -1] = 0.65 if comparing else 0.0
    return network


def performed(e, network):
    times = [performance(e, network, when=when) for when in WHEN]
    return xr.concat(times, "when").assign_coords(when=list(WHEN)).expand_dims("network")


def test_a_network_that_adds_up_coordinates_has_no_distance():
    """But it has one in one dimension, and is right in nearly all clear pairs."""
    one, two = quiet(DISTANCE[0]), quiet(DISTANCE[2])
    found = {e.name: performed(e, adding_up(e)) for e in (one, two)}
    by_d = scores.of_distances({e.name: e for e in (one, two)}, found)
    assert by_d[1].r2.min() > 1 - 1e-6 and by_d[1].affine_r2 == pytest.approx(1)
    assert (by_d[4].partial == 0).all() and by_d[4].r2.max() < 0.5 < by_d[4].affine_r2 < 0.97
    pairs = quiet(FARTHER[2])
    misled = measures.misled(pairs, adding_up(pairs)).expand_dims("network")
    found = {pairs.name: performed(pairs, adding_up(pairs))}
    scored = scores.of_comparisons({pairs.name: pairs}, found, {pairs.name: misled})[4]
    assert scored.accuracy.min() > 0.95 and scored.affine_accuracy > 0.95
    assert scored.share == 0 and scored.affine_share < 0.5


def answering(e, answer):
    """The performance of one network whose answer is a function of the inputs."""
    values = held_out_trials(e).values
    given_answers = np.stack([answer(values)] * 2)[None]
    axes = ("network", "when", "trial", "epoch", "output")
    return xr.Dataset({"answers": (axes, given_answers)}, {"when": list(WHEN)})


def test_answers_that_are_right_have_the_highest_scores():
    distances = {e.name: e for e in DISTANCE}
    found = {name: answering(e, e.task.target) for name, e in distances.items()}
    for d, scored in scores.of_distances(distances, found).items():
        np.testing.assert_allclose(scored.r2, 1)
        np.testing.assert_allclose(scored.partial, float(d > 1), atol=1e-9)
        np.testing.assert_array_equal(scored.answer[0, 0], scored.distance)
    pairs = {e.name: e for e in FARTHER}
    found = {name: answering(e, e.task.target) for name, e in pairs.items()}
    for d, scored in scores.of_comparisons(pairs, found, {}).items():
        assert (scored.accuracy == 1).all() and "share" not in scored
        # What the pilot had with other pairs.
        assert 0.96 < scored.affine_accuracy <= (1 if d == 1 else 0.999)


@given(st.integers(0, 2**32), st.floats(-3, 3), st.floats(-3, 3))
def test_a_partial_correlation_is_that_of_three_correlations(seed, slope, other):
    given_series, u, v = np.random.default_rng(seed).standard_normal((3, 30))
    a, b = u + slope * given_series, v + 0.5 * u + other * given_series
    (_, ab, ag), (_, _, bg), _ = np.corrcoef([a, b, given_series])
    by_hand = (ab - ag * bg) / np.sqrt((1 - ag**2) * (1 - bg**2))
    found = scores.partial_correlation(a, b, given=given_series)
    assert found == pytest.approx(by_hand, abs=1e-9)
    again = scores.partial_correlation(2 - 3 * a, b, given=5 * given_series + 1)
    assert again == pytest.approx(-found, abs=1e-9)
    assert scores.partial_correlation(1 + 2 * given_series, b, given=given_series) == 0
    assert scores.partial_correlation(0 * a, b, given=given_series) == 0
    assert np.isnan(scores.partial_correlation(np.full(30, np.inf), b, given=given_series))


def test_misleading_pairs_mislead_and_are_otherwise_those_of_the_task():
    for e in FARTHER[1:]:
        task, trials = e.task, measures.misleading_trials(e, n_trials=150)
        first, second = np.split(trials.values, 2, axis=-1)
        longer = (first**2).sum(axis=-1) > (second**2).sum(axis=-1)
        np.testing.assert_array_equal(
            longer, np.abs(first).sum(axis=-1) < np.abs(second).sum(axis=-1)
        )
        np.testing.assert_array_equal(trials.targets[:, -1], task.target(trials.values)[:, -1])
        usual = held_out_trials(e, n_trials=150)
        noise = [t.inputs[:, 0] - t.values[:, 0] for t in (trials, usual)]
        np.testing.assert_allclose(*noise, atol=1e-12)
        assert np.abs(np.diff(task.distances(trials.values))).max() < 1.5
        distances = task.distances(trials.values)
        assert distances.min() > 0 and distances.max() <= 2 and 0.4 < longer.mean() < 0.6
    with pytest.raises(ValueError, match="two or more"):
        measures.misleading_trials(FARTHER[0], n_trials=2)


@pytest.fixture(scope="module")
def trained():
    """A small experiment and its one network, trained for seven updates."""
    e = small(DISTANCE[1], updates=7)
    return e, train_one(e)


def train_one(e):
    found = train(e.task, e.network, e.training, seeds=[3])
    after = ("network", "unit", "from_unit"), found.recurrent
    return one_network(e).assign(
        recurrent_after=after, loss=(("network", "update"), found.loss), seed=("network", [3])
    )


def test_a_training_that_goes_to_its_end_is_that_of_the_ensemble(trained, monkeypatch):
    """The weights after the last update are asked last, and are those that were kept, to the bit."""
    e, network = trained
    trials, seen = held_out_trials(e, n_trials=20), []

    def outputs(e, now, trials, *, when):
        seen.append(now[f"recurrent_{when}"].values)
        return held_out_outputs(e, now, trials, when=when)

    held_out_outputs = measures.held_out_outputs
    monkeypatch.setattr(measures, "held_out_outputs", outputs)
    found = measures.updates_to_criterion(e, network, every=1, n_trials=20)
    np.testing.assert_array_equal(seen[-1], network.recurrent_after)
    z = held_out_outputs(e, network, trials, when="after")
    assert found.r2[-1] == 1 - e.task.answer_error(trials.values, answers(z, trials.edges))
    assert len(seen) == found.updates == 7 and not found.reached and found.apart == 0
    other = network.assign(loss=1.5 * network.loss)
    assert measures.updates_to_criterion(e, other, every=7).apart == pytest.approx(1 / 3)


def test_a_training_ends_where_the_criterion_is_met(trained, monkeypatch):
    e, network = trained
    curve = measures.updates_to_criterion(e, network, every=2)
    np.testing.assert_array_equal(curve.question, [2, 4, 6])
    first = int(np.argmax(curve.r2.values))
    monkeypatch.setattr(measures, "CRITERION", float(curve.r2.max()))
    found = measures.updates_to_criterion(e, network, every=2)
    assert found.reached and found.updates == curve.question[first]
    np.testing.assert_array_equal(found.r2[: first + 1], curve.r2[: first + 1])
    assert found.r2[first + 1 :].isnull().all()


def test_a_training_that_fails_counts_with_all_updates():
    e = small(DISTANCE[1], updates=3)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, gain=1e6))
    found = measures.updates_to_criterion(e, train_one(e), every=1)
    assert found.updates == 3 and not found.reached and found.r2.isnull().all()
    assert found.apart == 0


def test_broken_networks_have_numbers_or_none_and_never_end_a_chapter():
    one, two = experiment(DISTANCE[1]), experiment(FARTHER[1])
    found, misled = {}, []
    for e in (one, two):
        networks = [hard(e, kind) for kind in HARD]
        times = [[performance(e, n, when=w, n_trials=60) for w in WHEN] for n in networks]
        rows = [xr.concat(pair, "when", combine_attrs="drop") for pair in times]
        found[e.name] = xr.concat(rows, "network").assign_coords(when=list(WHEN))
    for network in networks:
        try:
            misled.append(measures.misled(two, network, n_trials=60))
        except measures.Unmeasurable as error:
            assert "beyond all bounds" in str(error)
            misled.append(xr.Dataset(attrs={"checksum": ""}))
    together = xr.concat(with_the_missing(misled), "network", combine_attrs="drop")
    distances = scores.of_distances({one.name: one}, found)
    comparisons = scores.of_comparisons({two.name: two}, found, {two.name: together})
    unbounded = [kind.__name__ for kind in HARD].index("unstable")
    assert distances[2].r2.isnull().sel(when="after")[unbounded] and together.share.isnull().any()
    assert distances[2].partial.sel(when="after")[0] == 0  # a dead network
    results = claims.d1(distances), claims.d2(distances), claims.d3(comparisons)
    assert all(r.verdict != SUPPORTED and "nan" not in r._repr_markdown_() for r in results)
    assert results[0].statistics[0].missing >= 1
    figures.answers(distances), figures.scores(distances, comparisons)


def times(draws, before, after, sd=0.005):
    return ("network", "when"), draws.times(before, after, sd=sd)


def distances(draws, *, r2=0.99, untrained=0, partial=0.9, partial_before=0.1):
    """R2 of `untrained` networks is high before training."""

    def rung():
        before = np.where(draws.some(untrained), 0.98, -30.0)
        values = {
            "r2": (("network", "when"), np.stack([before, draws.around(r2, sd=0.003)], axis=1)),
            "partial": times(draws, partial_before, partial),
            "affine_r2": 0.93,
        }
        return xr.Dataset(values, {"when": list(WHEN)})

    return {d: rung() for d in DIMENSIONS}


def comparisons(draws, *, accuracy=0.98, share=0.8):
    def rung():
        values = {
            "accuracy": times(draws, 0.5, accuracy, sd=0.002),
            "affine_accuracy": 0.98,
            "share": ("network", draws.around(share)),
            "affine_share": 0.2,
        }
        return xr.Dataset(values, {"when": list(WHEN)})

    return {d: rung() if d > 1 else rung().drop_vars(["share", "affine_share"]) for d in DIMENSIONS}


def learned(draws, *, power=0.7, last=500):
    """Updates grow with this power of d, to the last that there is."""
    start = draws.around(80, sd=8)
    found = {d: np.minimum(np.rint(start * d**power / 10) * 10, last) for d in DIMENSIONS}
    return {
        d: xr.Dataset({"updates": ("network", of), "reached": ("network", of < last)})
        for d, of in found.items()
    }


# {claim: (builder, what makes only its null true, the word then)}, as in test_constructed_pairs.py
PAIRS = {
    "D1": (lambda draws, **is_: claims.d1(distances(draws, **is_)), {"untrained": 10}, CHANCE),
    "D2": (
        lambda draws, **is_: claims.d2(distances(draws, **is_)),
        {"partial_before": 0.9},
        CHANCE,
    ),
    "D3": (lambda draws, **is_: claims.d3(comparisons(draws, **is_)), {"share": 0.5}, UNDECIDED),
    "D4": (lambda draws, **is_: claims.d4(learned(draws, **is_)), {"power": 0}, UNDECIDED),
}


@pytest.mark.parametrize(
    ("claim", "settings", "word"),
    [
        ("D1", {"r2": 0.93}, CONTRADICTED),
        ("D2", {"partial": 0.0}, CONTRADICTED),
        ("D2", {"partial": 0.5}, UNDECIDED),
        ("D3", {"accuracy": 0.9}, CONTRADICTED),
        ("D3", {"share": 0.2}, CONTRADICTED),
        ("D4", {"power": -0.7}, CONTRADICTED),
        ("D4", {"last": 10}, UNDECIDED),  # no network gets there on any rung
    ],
)
def test_every_part_of_a_claim_is_asked(claim, settings, word):
    assert PAIRS[claim][0](Draws(), **settings).verdict == word


def test_one_rung_is_enough_against_a_claim():
    found = distances(Draws()) | {8: distances(Draws(), r2=0.9, partial=0.2)[8]}
    for claim in (claims.d1, claims.d2):
        parts = claim(found).parts
        assert parts.pop("d = 8") == CONTRADICTED and set(parts.values()) == {SUPPORTED}


def test_a_missing_network_stays_in_every_count():
    found, pairs, updates = distances(Draws()), comparisons(Draws()), learned(Draws())
    for ladder_ in (found, pairs, updates):
        for of in ladder_.values():
            for name, values in of.data_vars.items():
                if values.ndim:
                    of[name] = values.astype(float).where(of.network != 0)
    results = claims.d1(found), claims.d2(found), claims.d3(pairs), claims.d4(updates)
    assert [r.verdict for r in results] == [UNDECIDED, SUPPORTED, UNDECIDED, SUPPORTED]
    for result in results:
        assert all(row.missing == 1 and row.holds <= N - 1 for row in result.statistics)
    figure = figures.learning(losses(0.5), losses(0.5), updates)
    assert len(figure.axes) == 3


def test_slopes_are_those_of_a_fit_and_of_a_power_law():
    updates = {"updates": lambda d: [50.0 * d**0.7, 80], "reached": lambda d: [1, 1]}
    exact = {
        d: xr.Dataset({name: ("network", of(d)) for name, of in updates.items()})
        for d in DIMENSIONS
    }
    slopes = claims.d4(exact).statistics[0].values
    np.testing.assert_allclose(slopes, [0.7 * np.log(2), 0], atol=1e-12)
    found = learned(Draws())
    y = np.log([of.updates.values for of in found.values()])
    slopes = claims.d4(found).statistics[0].values
    np.testing.assert_allclose(slopes, np.polyfit(np.log2(DIMENSIONS), y, 1)[0])


def losses(first):
    """Ensembles whose loss falls, by number of dimensions."""
    loss = first * np.exp(-np.arange(6.0)) * np.ones((N, 1))
    return {d: xr.Dataset({"loss": (("network", "update"), loss)}) for d in DIMENSIONS}


def test_figures_show_every_network():
    found, pairs, updates = distances(Draws()), comparisons(Draws()), learned(Draws(), last=300)
    top, partial, accuracy, share = figures.scores(found, pairs).axes
    for axis, name, rungs, of in (
        (top, "r2", DIMENSIONS, found),
        (partial, "partial", DIMENSIONS[1:], found),
        (accuracy, "accuracy", DIMENSIONS, pairs),
    ):
        after = np.stack([of[d][name].sel(when="after") for d in rungs], axis=1)
        shown = [line.get_ydata() for line in axis.lines]
        assert all(any(np.array_equal(row, line) for line in shown) for row in after)
        assert axis.get_xticks().tolist() == list(rungs)
    assert list(share.lines[-1].get_ydata()) == [0.2] * 3
    assert top.get_ylim()[0] < 0.93
    panel = figures.learning(losses(1.0), losses(2.0), updates).axes[2]
    short = sum(int((~of.reached).sum()) for of in updates.values())
    assert short > 0 and len(panel.lines[-1].get_xdata()) == short
    assert along({1: "a"}, {"a": found[1], "b": found[2]}) == {1: found[1]}
