"""The measurements behind P1 and P2, by hand and in limits that are known."""

import base64
import dataclasses
import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr
from small_experiments import one_network, small

from studies import criteria, ledger
from studies.judging import front_page
from studies.judging.abstract import abstract
from studies.training import during, measures, moving
from studies.training.claims import p1, p2, untrained
from studies.training.measures import BIN_CENTRES, decision_curves, largest_rise
from taskrnn.ensembles import storage
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.members import weights
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import noise
from taskrnn.networks.simulation import outputs, simulate
from taskrnn.random_numbers import generator

WHEN = ("before", "after")


def answered(experiment, *answer, n_trials=4000):
    """The performance of one network whose answers are a function of the values of the epoch.

    `answer` are one function for before and one for after training.
    """
    values = measures.held_out_trials(experiment, n_trials=n_trials).values
    given_answers = np.stack([given(values) for given in answer])[None]
    axes = ("network", "when", "trial", "epoch", "output")
    return xr.Dataset({"answers": (axes, given_answers)}, coords={"when": list(WHEN)})


def nothing(values):
    """An answer that is the same to everything."""
    return np.full((*values.shape[:2], 1), 0.6)


def graded(values):
    """Right answers that change with the relative difference of the inputs."""
    return 0.65 - 0.15 * measures.relative_difference(values)[..., None]


def test_a_perfect_network_has_the_spearman_correlation_of_a_step():
    """Why P2's criterion is amended: being right in every trial gives -0.87, above its -0.95."""
    found = decision_curves(DECISION, answered(DECISION, nothing, DECISION.task.target))
    perfect = found.isel(network=0).sel(when="after")
    n = len(BIN_CENTRES)
    assert perfect.accuracy == 1
    assert perfect.reversal < 1e-12
    # Tied ranks of a step in the middle: -sqrt(3) / 2 times n / sqrt(n^2 - 1).
    # Rounded, because the means of equal answers differ in the last digit.
    ties = spearmanr(BIN_CENTRES, perfect["mean"].round(9)).statistic
    assert ties == pytest.approx(-np.sqrt(3) / 2 * n / np.sqrt(n**2 - 1))
    assert perfect.spearman > -0.95
    assert ties > -0.95


def test_an_answer_to_everything_has_no_order_and_is_right_by_half():
    found = decision_curves(DECISION, answered(DECISION, nothing, DECISION.task.target))
    same = found.isel(network=0).sel(when="before")
    assert same.reversal == pytest.approx(0, abs=1e-12)
    assert same.accuracy == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(same["mean"], 0.6)
    np.testing.assert_allclose(same.spread, 0, atol=1e-12)


def test_a_network_without_answers_has_no_curve_and_does_not_enter_the_spread():
    found = answered(DECISION, nothing, graded)
    failed = found.copy(deep=True)
    failed.answers[0, 1, 7] = np.nan
    together = decision_curves(DECISION, xr.concat([found, failed], "network"))
    alone = decision_curves(DECISION, found)
    np.testing.assert_allclose(together.spread, alone.spread, atol=1e-12)
    for name in ("accuracy", "reversal", "spearman"):
        np.testing.assert_allclose(together[name][0, 1], alone[name][0, 1], atol=1e-12)
        np.testing.assert_array_equal(np.isnan(together[name][1].sel(when="after")), True)


def test_errors_by_level_are_those_of_the_answers():
    def too_high(values):
        return PERCEPTION.task.target(values) + np.where(values == PERCEPTION.task.low, 0.25, -0.5)

    errors = measures.level_errors(
        PERCEPTION, answered(PERCEPTION, too_high, PERCEPTION.task.target)
    )
    np.testing.assert_allclose(errors.isel(network=0).sel(when="before"), [0.25, 0.5])
    np.testing.assert_allclose(errors.isel(network=0).sel(when="after"), 0, atol=1e-12)


def test_graded_right_answers_meet_the_criterion_as_it_was_written():
    found = decision_curves(DECISION, answered(DECISION, nothing, graded))
    after = found.isel(network=0).sel(when="after")
    assert after.spearman == pytest.approx(-1)
    assert after.accuracy == 1
    assert p2(found).as_written == ledger.SUPPORTED


@given(arrays(float, (3, 7), elements=st.floats(-5, 5)))
def test_largest_rise_is_that_over_all_pairs(rows):
    slow = [max(row[j] - row[i] for i in range(7) for j in range(i, 7)) for row in rows]
    np.testing.assert_allclose(largest_rise(rows), slow)


def test_outputs_around_the_switch_are_aligned_to_it():
    """Outputs that are the time since the switch are the same in every trial."""
    trials = PERCEPTION.task.sample(30, dt=10, rng=np.random.default_rng(0))
    since = (np.arange(500)[None] - trials.edges[:, 1:2]) * 0.01
    up, down = measures.around_switch(trials, since[..., None], dt=10)
    np.testing.assert_allclose(up, measures.switch_seconds(dt=10), atol=1e-12)
    np.testing.assert_allclose(down, measures.switch_seconds(dt=10), atol=1e-12)


@pytest.fixture(scope="module")
def tested():
    """What one small network does before and after training, with its experiment and itself."""
    experiment = small(PERCEPTION)
    network = one_network(experiment)
    times = [measures.performance(experiment, network, when=when, n_trials=10) for when in WHEN]
    found = xr.concat(times, "when").assign_coords(when=list(WHEN)).expand_dims("network")
    return experiment, network, found


def test_the_test_trials_are_fixed_and_the_noise_is_each_networks_own(tested):
    experiment, network, _ = tested
    trials, again = (measures.held_out_trials(experiment, n_trials=10) for _ in range(2))
    np.testing.assert_array_equal(trials.inputs, again.inputs)
    other = network.assign(seed=("network", [4]))
    one, two = (
        measures.held_out_outputs(experiment, n, trials, when="after") for n in (network, other)
    )
    np.testing.assert_array_equal(
        one, measures.held_out_outputs(experiment, network, trials, when="after")
    )
    assert 0 < np.abs(one - two).max() < 0.1


def test_performance_is_that_of_the_simulated_network(tested):
    """By the simulation itself, and means written out."""
    experiment, network, found = tested
    trials = experiment.task.sample(10, dt=10, rng=generator(experiment.seed, "test"))
    xi = noise(experiment.network, 10, trials.inputs.shape[1], rng=generator(3, "test", 1))[None]
    for when in WHEN:
        w, of = weights(network, when), found.isel(network=0).sel(when=when)
        z = outputs(w, simulate(w, trials.inputs, network=experiment.network, xi=xi))[0]
        for k, (start, switch, end) in enumerate(trials.edges):
            last_halves = [z[k, (start + switch) // 2 : switch], z[k, (switch + end) // 2 : end]]
            np.testing.assert_allclose(
                of.answers[k], [half.mean(axis=0) for half in last_halves], rtol=1e-6
            )
        np.testing.assert_array_equal(of.around, measures.around_switch(trials, z, dt=10))
        np.testing.assert_array_equal(of.example, z[0, :, 0])  # perception switches in every trial
    assert found.since[0] == -0.5
    assert found.attrs["reason"] == ""


def test_the_example_is_a_trial_in_which_the_answer_changes():
    trials = measures.held_out_trials(DECISION, n_trials=30)
    i = measures.with_a_change(trials)
    right = DECISION.task.target(trials.values)[..., 0]
    assert right[i, 0] != right[i, 1]
    assert (right[:i, 0] == right[:i, 1]).all()


def test_the_example_is_shown_after_training(tested):
    experiment, _, found = tested
    [(task, trial)] = measures.examples({"perception": experiment}, {"perception": found}).items()
    trials = measures.held_out_trials(experiment, n_trials=10)
    assert task == "perception"
    assert trial.time[-1] == pytest.approx(1.49)
    np.testing.assert_array_equal(trial.output, found.example.sel(when="after")[0])
    np.testing.assert_array_equal(trial.input, trials.inputs[0])
    np.testing.assert_array_equal(trial.target, trials.targets[0, :, 0])
    np.testing.assert_array_equal(trial.counted, trials.mask[0])


def test_numbers_of_the_text():
    loss = [[4.0, 9, 1], [2, 9, 3], [np.nan, np.nan, np.nan]]
    networks = {"decision": xr.Dataset({"loss": (("network", "update"), loss)})}
    errors = level_errors([[9, 9], [9, 9]], [[0.1, 0.3], [np.nan, np.nan]])
    said = measures.numbers(networks, errors, curves([0.9, np.nan], [0, 0], [0, 0]))
    assert (said.loss, said.error, said.accuracy) == ({"decision": [3, 2]}, 0.3, 0.9)


def level_errors(before, after):
    coordinates = {"when": list(WHEN)}
    return xr.DataArray(
        np.stack([before, after], axis=1), dims=("network", "when", "level"), coords=coordinates
    )


BAD = {"accuracy": 5 * [0.5, 0.5], "spearman": 5 * [0.1, 0], "reversal": 5 * [0.3, 0.2]}


def curves(accuracy, spearman, reversal):
    """Of two kinds of networks after training, five of each; before it they are bad."""
    after = {"accuracy": accuracy, "spearman": spearman, "reversal": reversal}
    variables = {
        name: (("network", "when"), np.stack([BAD[name], 5 * after[name]], axis=1)) for name in BAD
    }
    return xr.Dataset(variables, coords={"when": list(WHEN)})


GOOD = curves([1, 0.96], [-0.99, -0.96], [0, 0.04])


@pytest.mark.parametrize(
    ("good", "missing", "good_untrained", "verdict", "as_written"),
    [
        (10, 0, 0, ledger.SUPPORTED, ledger.SUPPORTED),
        (9, 0, 0, ledger.UNDECIDED, ledger.CONTRADICTED),
        (3, 0, 0, ledger.CONTRADICTED, ledger.CONTRADICTED),
        (10, 0, 10, ledger.CHANCE, ledger.CHANCE),
        (10, 0, 9, ledger.CHANCE, ledger.SUPPORTED),
        (9, 1, 0, ledger.UNDECIDED, ledger.UNDECIDED),
        (3, 1, 0, ledger.UNDECIDED, ledger.CONTRADICTED),
        (2, 1, 0, ledger.CONTRADICTED, ledger.CONTRADICTED),
    ],
)
def test_p1_by_hand(good, missing, good_untrained, verdict, as_written):
    """An error is at most 0.05 at both levels, or larger at one; the first networks are good."""
    number = np.arange(10)[:, None]
    after = np.where(number < good, [0.05, 0.01], [0.06, 0.01])
    after[number[:, 0] >= 10 - missing] = np.nan
    before = np.where(number < good_untrained, [0.0, 0.05], [1.0, 0.0])
    result = p1(level_errors(before, after))
    assert (result.verdict, result.as_written) == (verdict, as_written)
    assert result.n_networks == "n = 10" + f", {missing} missing" * bool(missing)


@pytest.mark.parametrize(
    ("trained", "verdict", "as_written"),
    [
        (GOOD, ledger.SUPPORTED, ledger.SUPPORTED),
        (curves([1, 0.96], [-0.9, -0.9], [0, 0.04]), ledger.SUPPORTED, ledger.CONTRADICTED),
        (curves([0.94, 1], [-0.99, -0.96], [0, 0.04]), ledger.UNDECIDED, ledger.CONTRADICTED),
        (curves([0.94, 0], [-0.99, -0.96], [0, 0.04]), ledger.CONTRADICTED, ledger.CONTRADICTED),
        (curves([1, 0.96], [-0.99, -0.96], [0.06, 0.07]), ledger.CONTRADICTED, ledger.SUPPORTED),
    ],
)
def test_p2_by_hand(trained, verdict, as_written):
    result = p2(trained)
    assert (result.verdict, result.as_written) == (verdict, as_written)
    assert [s.null for s in result.statistics] == [
        tuple(BAD[name]) for name in ("accuracy", "reversal", "spearman")
    ]


def test_the_networks_that_do_the_task_untrained_are_counted():
    errors = level_errors([[0.01, 0.05], [0.01, 0.06], [np.nan] * 2], np.zeros((3, 2)))
    found = curves([0, 0], [0, 0], [0, 0])
    found.accuracy[:3, 0] = [0.95, 1.0, 0.94]
    assert untrained(errors, found) == ["1 of 3", "2 of 10"]


def test_results_are_recorded_and_collected(tmp_path):
    result = p2(GOOD)
    ledger.record(result, data=tmp_path, profile="smoke")
    assert ledger.recorded(data=tmp_path, profile="smoke") == {"P2": result}
    assert ledger.recorded(data=tmp_path, profile="paper") == {}
    table = front_page.VerdictTable({"P2": result}, {})._repr_markdown_()
    assert table.count(front_page.NOT_ANALYSED) == len(criteria.CLAIMS) - 1
    assert all(f"| [{claim}](" in table for claim in criteria.CLAIMS)
    written = json.loads((tmp_path / "verdicts" / "smoke" / "P2.json").read_text())
    assert written["parts"] == {"decision": ledger.SUPPORTED} and 0 < written["p"]["decision"] < 1


def test_a_damaged_result_is_named_and_never_taken(tmp_path):
    ledger.record(p2(GOOD), data=tmp_path, profile="smoke")
    path = tmp_path / "verdicts" / "smoke" / "P2.json"
    intact, rng = path.read_bytes(), np.random.default_rng(0)
    for position in rng.choice(len(intact), 200, replace=False):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        taken, told = {}, ""
        try:
            taken = ledger.recorded(data=tmp_path, profile="smoke")
        except storage.DamagedFile as damage:
            told = str(damage)
        advice = "delete it and data/chapters/book/training-*.ipynb"
        named = f"P2.json is not as it was recorded; {advice}" in told
        assert named or taken == {"P2": p2(GOOD)}  # another space in JSON says the same
    path.write_bytes(intact[:-20])
    with pytest.raises(storage.DamagedFile):
        ledger.recorded(data=tmp_path, profile="smoke")


def test_the_parts_of_a_verdict_are_told():
    parts = {"perception": ledger.SUPPORTED, "decision": ledger.CONTRADICTED}
    result = dataclasses.replace(p2(GOOD), claim="R1", parts=parts)
    table = front_page.VerdictTable({"R1": result}, {})._repr_markdown_()
    assert (
        " Perception: supported; decision: contradicted.</details> | **contradicted**, n = 10 ("
        in table
    )
    assert "Perception: supported; decision: contradicted." in result._repr_markdown_()
    many = dataclasses.replace(
        result, parts={str(i): (ledger.SUPPORTED, ledger.UNDECIDED)[i % 2] for i in range(5)}
    )
    assert many.breakdown == "3 supported, 2 undecided of 5 cases"


def test_the_ledger_is_complete():
    ids = (
        "P1 P2 L1 L2 L3 N1 N2 N3 N4 N5a N5b S1 S2 S3 S4 S5 S6 S7 R1 R2 G1 F1 F2 F3 F4 "
        "G2 G3 G4 G5 G6a G6b G7 D1 D2 D3 D4 C1 C2 C3 C4 C5 O1 O2 O3 O4 O5 O6 K1 K2 K3 K4 "
        "M1 M2 M3 M4 J1 J2 T1 T2 T3 X1 X2 X3 X4 G8 G9 G10 U1a U1b"
    )
    assert list(criteria.CLAIMS) == ids.split()
    headline = {
        h: {c.id for c in criteria.CLAIMS.values() if c.hypothesis == h}
        for h in criteria.HYPOTHESES
    }
    assert headline == {
        "H1": {"N1", "N2", "N3", "N4", "N5a", "N5b"},
        "H2": {"S1", "S2", "S3", "S4", "S5", "S6", "S7"},
        "H3": {"R1", "R2"},
        "H4": {"L3"},
    }


def test_a_revised_claim_says_why_and_keeps_its_first_criterion_and_word():
    for claim in criteria.CLAIMS.values():
        assert bool(claim.revision) == bool(claim.reason)
        assert claim.criterion and claim.decides == (claim.revision or claim.criterion)
    assert set(criteria.EARLIER) < set(criteria.CLAIMS)
    assert set(criteria.EARLIER.values()) <= set(ledger.VERDICTS)


def test_the_moments_of_a_training_begin_with_the_first_update_and_end_with_the_last():
    assert during.moments(500) == sorted(set(during.moments(500)))
    assert during.moments(500)[::15] == [0, 500] and during.moments(3) == [0, 1, 2, 3]
    assert during.moments(0) == [0]


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A network of each task, and what it was while it was trained."""
    found = {}
    for experiment in (PERCEPTION, DECISION):
        experiment = small(experiment, updates=5, trials_per_update=20)
        data = tmp_path_factory.mktemp("data")
        networks = ensemble(experiment, 6, data=data)
        found[experiment.name] = experiment, *during.followed(experiment, networks, data=data)
    return found


@pytest.mark.parametrize("task", ["perception", "decision"])
def test_a_network_that_is_followed_is_the_one_of_the_ensemble(followed, task):
    _, one, found = followed[task]
    assert found["update"].values.tolist() == [0, 1, 2, 3, 4, 5] and found.deviation == 0
    W = {"before": one.recurrent_before.values[0], "after": one.recurrent_after.values[0]}
    for k, when in ((0, "before"), (-1, "after")):
        eigenvalues = found.eigenvalues.values[k] @ [1, 1j]
        for moment in (1, 2, 3):
            power = np.linalg.matrix_power(W[when].astype(float), moment)
            np.testing.assert_allclose((eigenvalues**moment).sum(), power.trace(), atol=1e-5)
    change = W["after"] - W["before"]
    np.testing.assert_allclose((found.singular_values[-1] ** 2).sum(), (change**2).sum(), rtol=1e-4)
    assert not found.singular_values[0].any()


@pytest.mark.parametrize("task", ["perception", "decision"])
def test_a_network_that_is_followed_runs_through_the_trial_step_by_step(followed, task):
    """The equation of the book, one step after another, without noise."""
    experiment, one, found = followed[task]
    trials = measures.held_out_trials(experiment)
    i = measures.with_a_change(trials)
    W, W_in, b, W_out = (x[0].astype(float) for x in weights(one, "after"))
    alpha, r, rates = experiment.network.alpha, np.zeros(len(b)), []
    for u in trials.inputs[i]:
        r = (1 - alpha) * r + alpha * np.maximum(W @ r + W_in @ u + b, 0)
        rates.append(r)
    rates = np.array(rates)
    np.testing.assert_allclose(found.output[-1], rates @ W_out[0], rtol=1e-4, atol=1e-6)
    states = found.states.values[-1]
    # The first two components, which are not correlated, carry the largest variances.
    variances = np.linalg.eigvalsh(np.cov(rates.T))[::-1][:2]
    np.testing.assert_allclose(np.cov(states.T), np.diag(variances), rtol=1e-3, atol=1e-8)
    np.testing.assert_array_equal(found.target, trials.targets[i, :, 0])


def test_the_slider_shows_every_moment_and_the_image_three(followed):
    _, one, found = followed["decision"]
    figure = moving.moving(one, found, task="decision")
    shown = figure["application/vnd.plotly.v1+json"]
    names = [frame["name"] for frame in shown["frames"]]
    assert names == ["0", "1", "2", "3", "4", "5"]
    assert [step["args"][0] for step in shown["layout"]["sliders"][0]["steps"]] == [
        [name] for name in names
    ]
    for k, frame in enumerate(shown["frames"]):
        traces = [shown["data"][i] for i in frame["traces"]]
        assert [trace["xaxis"] for trace in traces] == ["x", "x2", "x3", "x4", "x5", "x6"]
        assert len(frame["data"]) == 6
        loss = in_plotly(frame["data"][0]["y"])
        np.testing.assert_allclose(loss, one.loss.values[0, k : k + 1], rtol=1e-6)
    still = moving.three_moments(one, found, task="decision")
    assert [text.get_text() for text in still.axes[4].get_legend().get_texts()] == [
        "update 0",
        "update 3",
        "update 5",
    ]


def test_the_book_in_one_picture_has_the_network_before_and_after(followed):
    experiment, one, found = followed["decision"]
    figure = abstract(experiment, one, found)
    axes = {axis.get_title(loc="left"): axis for axis in figure.axes}
    before, after, target = axes["its answer"].lines
    for line, expected in ((before, found.output[0]), (after, found.output[-1])):
        np.testing.assert_array_equal(line.get_ydata(), expected)
    np.testing.assert_array_equal(target.get_ydata(), found.target)
    trials = measures.held_out_trials(experiment)
    inputs = trials.inputs[measures.with_a_change(trials)]
    shown = axes["the task: decision"].lines
    np.testing.assert_array_equal(shown[0].get_ydata(), inputs[:, 0])
    np.testing.assert_allclose(np.diff(shown[2].get_ydata()), np.diff(found.target), atol=1e-12)


def test_what_grows_beyond_all_bounds_has_no_states_and_a_figure_all_the_same(followed):
    experiment, one, _ = followed["decision"]
    several = weights(one, "after")
    wild = several._replace(
        recurrent=np.concatenate([several.recurrent, 1e6 * several.recurrent**2])
    )
    wild = wild._replace(
        **{name: np.repeat(getattr(wild, name), 2, 0) for name in ("input", "bias", "readout")}
    )
    seen = during.in_a_trial(experiment, wild).assign_coords(update=[0, 5])
    assert np.isnan(seen.output[-1]).any() and np.isfinite(seen.output[0]).all()
    assert moving.moving(one, seen, task="decision")["image/png"]


def test_the_first_network_that_has_numbers_is_followed(followed, tmp_path):
    experiment, one, found = followed["decision"]
    failed = one.assign(failed=("network", [2]), checksum=("network", ["failed"]))
    both = xr.concat([failed, one], "network")
    network, again = during.followed(experiment, both, data=tmp_path)
    assert network.failed.values.tolist() == [-1]
    np.testing.assert_array_equal(again.output, found.output)
    with pytest.raises(Unmeasurable, match="training failed"):
        during.followed(experiment, failed, data=tmp_path)


def in_plotly(values):
    """Numbers as plotly's JSON has them."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.array(values)
