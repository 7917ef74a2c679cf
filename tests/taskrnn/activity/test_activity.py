"""Sessions, and that their results are kept per network."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from plain_loop import plain_loop
from scipy.signal import lfilter
from small_experiments import small

from taskrnn.activity.inputs import switching_values
from taskrnn.activity.session import covariances, session
from taskrnn.activity.subspaces import between_sessions, most_predictive, subspaces
from taskrnn.analysis.dca.lag_covariances import LagCovariances, lag_covariances
from taskrnn.ensembles import results
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.network_files import folder
from taskrnn.ensembles.workers import Here
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.missing import Missing, Unmeasurable
from taskrnn.networks.network import Weights, noise, stack, untrained_weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator


def test_a_session_is_the_equation_with_switching_input(experiment):
    seeds = [4, 5]
    e = experiment
    drawn = [
        untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=1, seed=s) for s in seeds
    ]
    weights = Weights(*(w.astype(float) for w in stack(drawn)))
    network = dataclasses.replace(e.network, theta=0.3)
    e = dataclasses.replace(e, network=network)
    recorded = session(weights, e, seeds=seeds, n_steps=300, discard=50)
    for k, seed in enumerate(seeds):
        rng = generator(seed, "session")
        values, epoch = switching_values(e.task, 350, settle=50, dt=e.network.dt, rng=rng)
        inputs = values + e.task.input_noise * rng.standard_normal(values.shape)
        xi = noise(network, 1, 350, rng=rng).astype(float)
        one = Weights(*(w[k : k + 1] for w in weights))
        rates = plain_loop(one, inputs[None], xi[None], network)[0, 0]
        np.testing.assert_allclose(recorded.rates[k], rates[50:], rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(recorded.values[k], values[50:])
        np.testing.assert_array_equal(recorded.epoch[k], epoch[50:])


@pytest.mark.parametrize("e", [PERCEPTION, DECISION], ids=lambda e: e.name)
def test_input_switches_at_random_times_and_ends_as_it_began(e):
    values, epoch = switching_values(
        e.task, 41_000, settle=1000, dt=e.network.dt, rng=np.random.default_rng(0)
    )
    lengths = np.bincount(epoch)
    lengths = lengths[lengths > 0][1:-2]
    margin, mean = e.task.schedule.margin / 10, e.task.schedule.duration / 20
    assert lengths.min() >= margin - 1
    assert lengths.mean() == pytest.approx(mean, abs=4 * (mean - margin) / len(lengths) ** 0.5)
    changes = np.flatnonzero(np.abs(np.diff(values, axis=0)).any(axis=1))
    assert set(changes) <= set(np.flatnonzero(np.diff(epoch)))
    assert (values[:1000] == values[0]).all() and (values[-1000:] == values[0]).all()


def test_a_unit_is_seen_if_it_is_often_enough_above_threshold():
    """Units decay by 0.9 at each step; those above threshold in fewer than 1 % of 20,000 steps are
    as silent ones.
    """
    rng, n = np.random.default_rng(0), 20_000
    drive = np.zeros((n, 5))
    drive[:, 0] = 1 + rng.standard_normal(n)
    for unit, events in ((1, 150), (2, 250), (3, 1)):
        drive[rng.choice(n, events, replace=False), unit] = 5 + rng.random(events)
    rates = lfilter([0.1], [1, -0.9], np.maximum(drive, 0), axis=0)
    network = RateNetwork(n_units=5, input_sd=1, bias_sd=1)
    found = covariances(rates, 10, network=network)
    assert found.active.tolist() == [True, False, True, False, False]
    assert not found.C[:, ~found.active].any() and not found.C[:, :, ~found.active].any()
    np.testing.assert_array_equal(
        found.C[:, [0, 2]][:, :, [0, 2]], lag_covariances(rates[:, [0, 2]], 10).C
    )
    assert covariances(rates, 10, network=network, min_share=1e-5).active.tolist() == [
        True,
        True,
        True,
        True,
        False,
    ]
    for passes_on in (
        dataclasses.replace(network, theta=0.1),
        dataclasses.replace(network, noise="outside"),
    ):
        assert covariances(rates, 10, network=passes_on).active.tolist() == [
            True,
            True,
            True,
            True,
            False,
        ]
    with pytest.raises(Unmeasurable, match="no unit is above threshold"):
        covariances(rates[:, 3:], 10, network=network)
    with pytest.raises(Unmeasurable, match="beyond all bounds"):
        covariances(rates + np.inf, 10, network=network)


def test_a_network_with_few_units_has_the_subspaces_that_these_have():
    e = small(PERCEPTION)
    w = untrained_weights(e.network, n_inputs=1, n_outputs=1, seed=4)
    w.bias[:, 3:] = -9  # silent
    w.input[:] = 1
    names = {
        "recurrent_after": w.recurrent,
        "input_weights": w.input,
        "bias": w.bias,
        "readout": w.readout,
        "seed": np.array([4]),
    }
    network = xr.Dataset(
        {
            name: (("network", *(f"{name}_{i}" for i in range(v.ndim - 1))), v)
            for name, v in names.items()
        }
    )
    found = subspaces(
        e, network, when="after", window=2, dimensions=(1, 2, 4), n_starts=2, n_steps=2000
    )
    n = int(found.active.sum())
    assert 2 <= n <= 3
    for name in ("pi", "angle"):
        assert (
            np.isfinite(found[name].sel(dimension=[1, 2])).all()
            and np.isnan(found[name].sel(dimension=4)).all()
        )
    assert (
        np.isfinite(found.dca.sel(dimension=2)[:, :2]).all()
        and np.isnan(found.dca.sel(dimension=4)).all()
    )
    assert np.isfinite(found.again.sel(dimension=2)[:, :2]).all()
    assert np.isnan(found.again.sel(dimension=4)).all()
    apart = between_sessions(found)
    assert apart.dims == ("dimension",) and np.isnan(apart.sel(dimension=4))
    assert (apart[:2] > 0).all() and (apart[:2] < 45).all()
    assert np.isfinite(found.pca[:, :n]).all() and np.isnan(found.pca[:, n:]).all()
    assert found.attrs["reason"] == f"{n} units are seen in its session, too few for 4 dimensions"


def test_two_sessions_are_apart_by_the_planted_angles():
    """Planes in five units that are turned by 70 and 20 degrees, and lines by 70."""
    first, second = np.full((2, 3, 2, 5, 2), np.nan)  # network, dimension, unit, component
    for i, angle in enumerate(np.radians([70, 20])):
        first[:, i:, :, i], second[:, i:, :, i] = np.eye(5)[i], 0
        second[:, i:, i, i], second[:, i:, i + 2, i] = np.cos(angle), np.sin(angle)
    first[1], second[2, 1] = np.nan, np.nan
    axes = ("network", "dimension", "unit", "component")
    coords = {"dimension": [1, 2], "network": [7, 8, 9]}
    found = xr.Dataset({"dca": (axes, first), "again": (axes, second)}, coords)
    expected = [[70, 45], [np.nan, np.nan], [70, np.nan]]
    apart = between_sessions(found)
    np.testing.assert_allclose(apart, expected, atol=1e-6)
    assert apart.dims == ("network", "dimension") and apart.network.equals(found.network)
    turned = found.transpose("component", "dimension", "unit", "network")
    xr.testing.assert_allclose(between_sessions(turned), apart)
    swapped = found.rename(dca="again", again="dca")
    xr.testing.assert_allclose(between_sessions(swapped), apart)


def test_the_most_predictive_subspaces_are_those_of_the_slowest_processes():
    """Of four that forget at different rates; the last unit is not seen."""
    rng, decay = np.random.default_rng(0), np.array([0.5, 0.95, 0.2, 0.8])
    x = rng.standard_normal((20_000, 5))
    for unit, a in enumerate(decay):
        x[:, unit] = lfilter([1], [1, -a], x[:, unit])
    C = np.zeros((10, 5, 5))
    C[:, :4, :4] = lag_covariances(x[:, :4], 10).C
    seen = LagCovariances(C, 0.0, np.array([True] * 4 + [False]))
    found = most_predictive(seen, (1, 2, 5), rng=rng, n_starts=3)
    assert found.shape == (3, 5, 5) and np.isnan(found[2]).all()
    assert np.isnan(found[0, :, 1:]).all() and np.isnan(found[1, :, 2:]).all()
    for i, slowest in ((0, [1]), (1, [1, 3])):
        basis = found[i, :, : i + 1]
        np.testing.assert_allclose(basis.T @ basis, np.eye(i + 1), atol=1e-9)
        np.testing.assert_allclose((basis[slowest] ** 2).sum(axis=0), 1, atol=0.02)


def largest_weight(experiment, network, *, times: int, marks: str) -> xr.Dataset:
    """A measure for the tests; it leaves a mark each time it runs."""
    with open(marks, "a") as file:
        file.write(f"{int(network.seed[0])}\n")
    return xr.Dataset(
        {
            "largest": (
                (),
                times * float(network.recurrent_after.max()),
                {"long_name": "largest weight"},
            )
        }
    )


def several_kinds(experiment, network) -> xr.Dataset:
    """A measure for the tests with numbers of every kind."""
    largest = float(network.recurrent_after.max())
    return xr.Dataset(
        {"real": ((), largest), "whole": ("unit", np.arange(3)), "yes": ((), largest > 0)},
        coords={"unit": list("abc")},
    )


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
    assert found.reason.values.tolist() == ["", "training left weights that are not finite", ""]
    with pytest.raises(Unmeasurable, match="of no network of perception: training left weights"):
        results.measured(several_kinds, e, three.isel(network=[1]), data=tmp_path, executor=Here())


def in_part(experiment, network, *, how: str) -> xr.Dataset:
    """A measure for the tests that one network, or all, do not allow, or only in part."""
    if how == "all" or network.seed[0] == 1:
        if how in ("all", "no unit"):
            raise Unmeasurable("no unit is active")
        if how == "singular":
            np.linalg.inv(np.zeros((2, 2)))
        if how == "zero":
            1 / 0  # noqa: B018
        if how == "mistake":
            raise ValueError("wrong shape")
        return xr.Dataset({"number": ("d", [1.0, np.nan])}, attrs={"reason": "one unit is active"})
    return xr.Dataset({"number": ("d", [1.0, 2.0])})


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("no unit", "no unit is active"),
        ("singular", "Singular matrix"),
        ("zero", "division by zero"),
        ("part", "one unit is active"),
    ],
)
def test_what_one_networks_numbers_do_stays_with_that_network(how, reason, tmp_path, capsys):
    e = small(PERCEPTION)
    three = ensemble(e, 3, data=tmp_path)
    for _ in range(2):  # computed, then read
        found = results.measured(in_part, e, three, data=tmp_path, executor=Here(), how=how)
        assert found.reason.values.tolist() == ["", reason, ""]
        np.testing.assert_array_equal(
            found.number, [[1, 2], [1.0 if how == "part" else np.nan, np.nan], [1, 2]]
        )
        shown = capsys.readouterr().out
        assert (
            f"perception, in_part, {how}: numbers are missing in 1 of 3 networks. "
            f"Network 1: {reason}." in shown
        )
    assert not {"reason", "place"} & set(found.attrs)


def test_a_mistake_and_what_no_network_allows_end_the_run(tmp_path):
    e = small(PERCEPTION)
    two = ensemble(e, 2, data=tmp_path)
    with pytest.raises(ValueError, match="wrong shape") as error:
        results.measured(in_part, e, two, data=tmp_path, executor=Here(), how="mistake")
    assert not isinstance(error.value, Unmeasurable)
    with pytest.raises(
        Unmeasurable, match=r"no network of perception: no unit is active \(test_activity.py:\d+\)"
    ):
        results.measured(in_part, e, two, data=tmp_path, executor=Here(), how="all")


def test_a_note_names_few_networks_and_counts_all():
    note = Missing(
        what="decision, regime",
        reasons=dict.fromkeys(range(30), "it diverges") | {31: "no unit"},
        n_networks=100,
    )
    assert repr(note) == (
        "decision, regime: numbers are missing in 31 of 100 networks. Networks 0, 1, 2, 3, 4, 5, "
        "6, 7, 8, 9 and 20 more: it diverges;"
        " network 31: no unit. They stay in every count."
    )


def test_results_are_kept_per_network_and_made_again_only_if_something_changed(
    tmp_path, monkeypatch
):
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
    assert (
        results.measured(largest_weight, e, two, data=tmp_path, times=2, marks=marks).identical(
            first
        )
        and runs() == []
    )
    three = ensemble(e, 3, data=tmp_path)
    assert (
        results.measured(largest_weight, e, three, data=tmp_path, times=2, marks=marks)
        .isel(network=slice(2))
        .identical(first)
    )
    assert runs() == ["2"]
    results.measured(largest_weight, e, two, data=tmp_path, executor=Here(), times=3, marks=marks)
    assert runs() == ["0", "1"]
    kept = sorted((folder(e, tmp_path) / "test_activity.largest_weight").iterdir())
    kept[0].write_bytes(b"damaged")
    assert (
        results.measured(largest_weight, e, three, data=tmp_path, times=2, marks=marks)
        .isel(network=slice(2))
        .equals(first)
    )
    monkeypatch.setattr(results, "definition_hash", lambda _: "changed code")
    runs()
    results.measured(largest_weight, e, two, data=tmp_path, times=2, marks=marks)
    assert runs() == ["0", "1"]
