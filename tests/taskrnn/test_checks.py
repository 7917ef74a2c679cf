import dataclasses
import json
import math
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from small_experiments import small

from studies import ledger
from studies.chaos import phase_diagram
from taskrnn import checks
from taskrnn.analysis import centrality, nulls, reservoir, statistics, subspaces
from taskrnn.analysis import geometry as latent
from taskrnn.analysis import weights as spectra
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.fixed_points.steady import steady_states
from taskrnn.analysis.stability import attractor_dimension
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.network_files import folder
from taskrnn.ensembles.status import status
from taskrnn.ensembles.workers import Here
from taskrnn.experiments import DECISION, PERCEPTION, Experiment
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.perception import Perception
from taskrnn.tasks.trials import ConstantInputTask, Schedule
from taskrnn.training.settings import Training
from taskrnn.training.train import train

MASKED = np.ma.array([[1.0, 2.0], [300.0, 4.0]], mask=[[0, 0], [1, 0]])


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (MASKED, "1 masked values"),
        ([MASKED, MASKED], "2 masked values"),
        ([1.0, np.ma.masked], "converting a masked element"),
        (csr_matrix(np.eye(2)), "give W.toarray()"),
        (np.array([1.0, None]), "type object"),
        (np.array(["1.0"]), "<U3"),
        ([[1.0], [1.0, 2.0]], "no array of numbers"),
        ({"a": 1.0}, "type object"),
        (np.array([1 + 0j]), "imaginary parts would be lost"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "datetime64"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused(x, words):
    with pytest.raises(ValueError, match=words) as refusal:
        checks.array("W", x)
    assert "\n" not in str(refusal.value) and str(refusal.value).startswith("W ")


def test_arrays_without_hidden_values_keep_what_they_hold():
    assert checks.array("x", np.ma.array([1, 2])).tolist() == [1, 2]
    assert checks.array("x", [True, False]).dtype == float
    assert checks.array("x", np.float32([1]), dtype=None).dtype == np.float32
    assert checks.array("x", np.array([1j]), dtype=complex).dtype == complex


@pytest.mark.parametrize(
    "door",
    [
        lambda x: statistics.interval(x[0]),
        lambda x: statistics.against(np.ones(2), x[0]),
        lambda x: statistics.paired(x[0], np.ones(2)),
        centrality.in_strength,
        centrality.betweenness,
        lambda x: centrality.rank_change(x, x),
        lambda x: subspaces.principal_angles(x, np.ones((2, 1))),
        lambda x: subspaces.angle_to_subspace(x[0], np.ones((2, 1))),
        lambda x: spectra.non_normality(x[None]),
        lambda x: nulls.gaussian_change(x, rng=np.random.default_rng(0)),
        lambda x: fixed_points(x, np.zeros(2), rng=np.random.default_rng(0)),
        lambda x: slow_points(x[None], np.zeros((1, 2)), np.ones((1, 1, 2))),
        lambda x: steady_states(
            x[None],
            np.ones((1, 2, 1)),
            np.zeros((1, 2)),
            np.ones((1, 1)),
            rng=np.random.default_rng(0),
        ),
        lambda x: lyapunov(
            x[None], np.zeros((1, 30, 2)), rng=np.random.default_rng(0), transient=0, alignment=0
        ),
        lambda x: phase_diagram.phase_diagram(
            x[None], np.zeros((1, 2)), [1], [0], rng=np.random.default_rng(0)
        ),
        attractor_dimension.kaplan_yorke,
        lambda x: latent.layers(x, np.ones(2), rng=np.random.default_rng(0)),
        lambda x: reservoir.run(x, np.zeros((1, 3, 2))),
        lambda x: simulate(
            WEIGHTS._replace(recurrent=x[None]), np.ones((1, 3, 1)), network=NETWORK
        ),
    ],
)
def test_hidden_values_are_used_nowhere(door):
    x = np.ma.array(MASKED, mask=True)  # whichever row or column is looked at
    with pytest.raises(ValueError, match="masked values"):
        door(x)


NETWORK = RateNetwork(n_units=2, input_sd=1.0, bias_sd=1.0)
WEIGHTS = Weights(
    np.zeros((1, 2, 2), "f"),
    np.ones((1, 2, 1), "f"),
    np.zeros((1, 2), "f"),
    np.ones((1, 1, 2), "f"),
)


@pytest.mark.parametrize(
    "change",
    [
        {name: getattr(WEIGHTS, name)[0] for name in WEIGHTS._fields},
        {"bias": np.zeros((1, 2, 1), "f")},
        {"readout": np.ones((2, 1, 2), "f")},
        {"input": np.ones((1, 3, 1), "f")},
    ],
)
def test_weights_that_are_of_no_batch_are_refused(change):
    with pytest.raises(ValueError, match="first axis of length 1"):
        simulate(WEIGHTS._replace(**change), np.ones((1, 3, 1)), network=NETWORK)


def test_weights_of_two_precisions_and_of_whole_numbers_are_those_of_the_higher_one():
    right = simulate(WEIGHTS, np.ones((1, 3, 1)), network=NETWORK)
    for other in (
        WEIGHTS._replace(bias=np.zeros((1, 2))),
        Weights(*(w.astype(int) for w in WEIGHTS)),
    ):
        found = simulate(other, np.ones((1, 3, 1), int), network=NETWORK)
        assert found.dtype == np.float64 and found == pytest.approx(right)
    with pytest.raises(ValueError, match="initial must have shape"):
        simulate(WEIGHTS, np.ones((1, 3, 1)), network=NETWORK, initial=np.zeros(2))


DW = np.arange(16.0).reshape(1, 4, 4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda rng: spectra.truncate(DW, -1), "rank is -1"),
        (lambda rng: spectra.truncate(DW, 5), "rank is 5"),
        (lambda rng: spectra.truncate(DW, 1.5), "rank is 1.5"),
        (lambda rng: spectra.concentration(DW, top=5), "top is 5"),
        (lambda rng: spectra.concentration(DW, top=math.nan), "top is nan"),
        (lambda rng: spectra.shuffled_edge(DW, rng=rng, n_shuffles=0), "n_shuffles is 0"),
        (
            lambda rng: spectra.displaced(spectra.match_eigenvalues(DW, DW), math.nan),
            "threshold must hold finite",
        ),
        (lambda rng: nulls.random_subspaces(3, 4, rng=rng, n_draws=1), "d is 4"),
        (lambda rng: nulls.random_subspaces(3, 1, rng=rng, n_draws=0), "n_draws is 0"),
        (lambda rng: nulls.subspace_angles_of_chance(3, 1, 4, rng=rng, n_draws=1), "e is 4"),
        (lambda rng: nulls.vector_angle_quantiles(5, 2, q=1.5), "q is 1.5"),
        (lambda rng: nulls.direction_angles(to="line", rng=rng, n_draws=-1), "n_draws is -1"),
        (
            lambda rng: nulls.permuted_spearman([[1, 2, math.nan]], [[1, 2, 3]], rng=rng),
            "x must hold finite",
        ),
        (
            lambda rng: nulls.permuted_spearman([[1, 2]], [[1, 2]], rng=rng, n_draws=0),
            "n_draws is 0",
        ),
        (lambda rng: nulls.covariance_subspaces(DW[0], 1, rng=rng, n_draws=1), "not symmetric"),
        (lambda rng: nulls.rank_matched_change(DW, 2.0, rng=rng), "rank is 2.0"),
        (lambda rng: fixed_points(DW[0], np.ones(4), rng=rng, n_starts=True), "n_starts is True"),
        (lambda rng: fixed_points(DW[0], np.ones(4), rng=rng, tol=2), "tol is 2"),
        (
            lambda rng: lyapunov(DW, np.zeros((1, 99, 4)), rng=rng, transient=0.5),
            "transient is 0.5",
        ),
        (lambda rng: steady_states(DW, DW, DW[0, :1], DW[0], rng=rng, block=0), "block is 0"),
        (
            lambda rng: steady_states(DW, DW, DW[0, :1], DW[0], rng=rng, alpha=math.nan),
            "alpha is nan",
        ),
    ],
)
def test_counts_shares_and_dimensions_out_of_range_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(np.random.default_rng(0))


def test_the_digests_of_the_experiments_are_what_they_were():
    assert PERCEPTION.digest().startswith("6a7cc9cfd76664e5")
    assert DECISION.digest().startswith("f8d59519342ab112")


def test_a_new_setting_at_its_default_leaves_the_digest_and_another_value_changes_it():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Perception(type(PERCEPTION.task)):  # with the name of the one without the new fields
        width: float = 1.0
        shape: tuple = (1, 2)
        inner: Schedule = dataclasses.field(default_factory=Schedule)

    def with_task(**settings):
        return dataclasses.replace(PERCEPTION, task=Perception(**settings))

    assert with_task().digest() == PERCEPTION.digest()
    assert with_task(width=1, inner=Schedule(switches=1)).digest() == PERCEPTION.digest()
    changes = ({"width": 2.0}, {"shape": (1, 3)}, {"inner": Schedule(switches=0)}, {"low": 0.4})
    digests = {with_task(**change).digest() for change in changes}
    assert len(digests | {PERCEPTION.digest()}) == 5


def test_equal_settings_are_one_experiment_whatever_their_types():
    def made(whole, number, none):
        return Experiment(
            name="same",
            task=Decision(
                low=none,
                high=number(2),
                schedule=Schedule(duration=number(3000), switches=whole(1)),
            ),
            network=RateNetwork(
                n_units=whole(16), input_sd=number(1), bias_sd=number(0.5), gain=number(1)
            ),
            training=Training(updates=whole(5), learning_rate=number(0.25), stop_error=number(2)),
            seed=whole(3),
        )

    one = made(int, float, 0.0)
    for other in (
        made(np.int64, np.float32, -0.0),
        made(np.uint8, Fraction, 0),
        made(int, np.float64, np.float16(0)),
    ):
        assert other.digest() == one.digest() and json.dumps(other.settings()) == json.dumps(
            one.settings()
        )
    assert made(int, lambda x: int(x) if x == int(x) else x, 0).digest() == one.digest()


def test_settings_that_are_no_numbers_or_cannot_be_written_are_named():
    for wrong in (10**400, np.float32("nan"), np.True_, "1", 1j):
        with pytest.raises(ValueError, match="RateNetwork.gain is"):
            RateNetwork(n_units=4, input_sd=1, bias_sd=1, gain=wrong)
    with pytest.raises(ValueError, match="Decision.low is None"):
        Decision(low=None)
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        dataclasses.replace(PERCEPTION, task=Levels(levels=np.ones(2)))
    with pytest.raises(ValueError, match="Schedule lacks n_inputs, n_outputs, sample, error"):
        dataclasses.replace(PERCEPTION, task=Schedule())
    for wrong in ({"network": {}}, {"name": "../elsewhere"}, {"seed": -1}, {"seed": 0.5}):
        with pytest.raises(ValueError, match="Experiment"):
            dataclasses.replace(PERCEPTION, **wrong)


@dataclass(frozen=True, kw_only=True)
class Levels(Perception):
    levels: object


@dataclass(frozen=True, kw_only=True)
class MaskByOutput(ConstantInputTask):
    """A task that says which of its outputs count."""

    n_inputs: ClassVar[int] = 1
    n_outputs: ClassVar[int] = 1
    input_noise: float = 0.0

    def draw(self, n_trials, n_epochs, *, rng):
        return rng.random((n_trials, n_epochs, 1))

    def target(self, values):
        return values

    def sample(self, n_trials, *, dt, rng):
        trials = super().sample(n_trials, dt=dt, rng=rng)
        return trials._replace(mask=trials.mask[..., None])


def test_a_task_whose_trials_have_other_shapes_is_named():
    with pytest.raises(ValueError, match=r"MaskByOutput.sample made .* mask \(2, 500, 1\)"):
        train(MaskByOutput(), NETWORK, Training(updates=1, trials_per_update=2), seeds=[0])


def test_a_data_folder_is_the_same_from_everywhere(tmp_path, monkeypatch):
    e = small(PERCEPTION)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(here)
    networks = ensemble(e, 1, data="data", executor=Here())
    os.chdir(there)
    # The matrices are read when they are asked for.
    assert np.isfinite(networks.recurrent_after.values).all()
    assert ensemble(e, 1, data="~/here/data").identical(networks)
    assert status(e, 1, data=Path("~/here/data")).done == [0]
    assert ledger.folder("~/x", "paper") == tmp_path / "x" / "verdicts" / "paper"
    assert folder(e, "../here/data").resolve() == folder(e, here / "data").resolve()
    assert os.listdir(there) == []
    for wrong in (None, 3, "~nobody-of-that-name/x"):
        with pytest.raises(ValueError, match="is no path"):
            folder(e, wrong)
