"""Sessions, and that their results are kept per network."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from small_experiments import small
from test_network import plain_loop

from taskrnn import results
from taskrnn.activity import session
from taskrnn.ensembles import ensemble
from taskrnn.executors import Here
from taskrnn.experiment import DECISION, PERCEPTION
from taskrnn.network import Weights, noise, stack, untrained_weights
from taskrnn.lag_covariances import lag_covariances
from taskrnn.network_files import folder
from taskrnn.sessions import switching_values
from taskrnn.streams import generator


def test_a_session_is_the_equation_with_switching_input(experiment):
    seeds = [4, 5]
    e = experiment
    drawn = [untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=1, seed=s) for s in seeds]
    weights = Weights(*(w.astype(float) for w in stack(drawn)))
    recorded = session(weights, e, seeds=seeds, theta=0.3, n_steps=300, discard=50)
    network = dataclasses.replace(e.network, theta=0.3)
    for k, seed in enumerate(seeds):
        rng = generator(seed, "session")
        values, epoch = switching_values(e, 350, settle=50, rng=rng)
        inputs = values + e.task.input_noise * rng.standard_normal(values.shape)
        xi = noise(network, 1, 350, rng=rng).astype(float)
        one = Weights(*(w[k : k + 1] for w in weights))
        rates = plain_loop(one, inputs[None], xi[None], network)[0, 0]
        np.testing.assert_allclose(recorded.rates[k], rates[50:], rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(recorded.values[k], values[50:])
        np.testing.assert_array_equal(recorded.epoch[k], epoch[50:])


@pytest.mark.parametrize("e", [PERCEPTION, DECISION], ids=lambda e: e.name)
def test_input_switches_at_random_times_and_ends_as_it_began(e):
    values, epoch = switching_values(e, 41_000, settle=1000, rng=np.random.default_rng(0))
    lengths = np.bincount(epoch)
    lengths = lengths[lengths > 0][1:-2]
    margin, mean = e.task.schedule.margin / 10, e.task.schedule.duration / 20
    assert lengths.min() >= margin - 1
    assert lengths.mean() == pytest.approx(mean, abs=4 * (mean - margin) / len(lengths) ** 0.5)
    changes = np.flatnonzero(np.abs(np.diff(values, axis=0)).any(axis=1))
    assert set(changes) <= set(np.flatnonzero(np.diff(epoch)))
    assert (values[:1000] == values[0]).all() and (values[-1000:] == values[0]).all()


@pytest.mark.parametrize("seed", [1_000_000, 1_000_004, 1_000_009])
def test_the_default_data_need_no_rectifying_constant(seed):
    """These untrained networks needed one when a session ended far from where it began."""
    weights = untrained_weights(DECISION.network, n_inputs=2, n_outputs=1, seed=seed)
    rates = session(weights, DECISION, seeds=[seed]).rates[0].astype(float)
    covariances = lag_covariances(rates, 10)
    assert covariances.added == 0 and 50 < covariances.active.sum() < 256


def largest_weight(experiment, network, *, times: int, marks: str) -> xr.Dataset:
    """A measure for the tests; it leaves a mark each time it runs."""
    with open(marks, "a") as file:
        file.write(f"{int(network.seed[0])}\n")
    return xr.Dataset({"largest": ((), times * float(network.recurrent_after.max()), {"long_name": "largest weight"})})


def several_kinds(experiment, network) -> xr.Dataset:
    """A measure for the tests with numbers of every kind."""
    largest = float(network.recurrent_after.max())
    return xr.Dataset({"real": ((), largest), "whole": ("unit", np.arange(3)), "yes": ((), largest > 0)}, coords={"unit": list("abc")})


def test_a_network_that_failed_is_missing_in_the_shape_of_the_others(tmp_path):
    e = small(PERCEPTION)
    three = ensemble(e, 3, data=tmp_path).load()
    expected = results.measured(several_kinds, e, three, data=tmp_path, executor=Here())
    three["recurrent_after"][1, 0, 1] = np.nan
    three["checksum"][1] = "of another file"
    found = results.measured(several_kinds, e, three, data=tmp_path, executor=Here())
    for name in ("real", "whole", "yes"):
        assert np.isnan(found[name][1]).all()
        np.testing.assert_array_equal(found[name][[0, 2]], expected[name][[0, 2]])
    assert found.unit.equals(expected.unit)
    with pytest.raises(ValueError, match="no network"):
        results.measured(several_kinds, e, three.isel(network=[1]), data=tmp_path, executor=Here())


def test_results_are_kept_per_network_and_made_again_only_if_something_changed(tmp_path, monkeypatch):
    e = small(PERCEPTION)
    marks = str(tmp_path / "marks")

    def runs() -> list[str]:
        lines = (tmp_path / "marks").read_text().split()
        (tmp_path / "marks").write_text("")
        return sorted(lines)

    two = ensemble(e, 2, data=tmp_path)
    first = results.measured(largest_weight, e, two, data=tmp_path, times=2, marks=marks)
    np.testing.assert_allclose(first.largest, 2 * two.recurrent_after.max(["unit", "from_unit"]))
    assert runs() == ["0", "1"]
    assert results.measured(largest_weight, e, two, data=tmp_path, times=2, marks=marks).identical(first) and runs() == []
    three = ensemble(e, 3, data=tmp_path)
    assert results.measured(largest_weight, e, three, data=tmp_path, times=2, marks=marks).isel(network=slice(2)).identical(first)
    assert runs() == ["2"]
    results.measured(largest_weight, e, two, data=tmp_path, executor=Here(), times=3, marks=marks)
    assert runs() == ["0", "1"]
    kept = sorted((folder(e, tmp_path) / "test_activity.largest_weight").iterdir())
    kept[0].write_bytes(b"damaged")
    assert results.measured(largest_weight, e, three, data=tmp_path, times=2, marks=marks).isel(network=slice(2)).equals(first)
    monkeypatch.setattr(results, "definition_hash", lambda _: "changed code")
    runs()
    results.measured(largest_weight, e, two, data=tmp_path, times=2, marks=marks)
    assert runs() == ["0", "1"]
