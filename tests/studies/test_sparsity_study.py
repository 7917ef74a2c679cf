"""The measures of sparse networks where the answer is known, and claims K1 to K4."""

import dataclasses
import re

import numpy as np
import pytest
import xarray as xr
from draws import N
from small_experiments import one_network, small

from studies.ledger import Result, statistic
from studies.readout.measures import readout_angles
from studies.regime.measures import regime
from studies.slow_points.measures import landscape
from studies.sparsity import claims, figures, measures, small_measures, summary
from studies.sparsity.experiments import JUDGED, STRENGTHS, TASKS, experiments, names, of_kind
from studies.sparsity.subgradient import AbsoluteWeights
from studies.subtle_changes.measures import changes
from studies.training.measures import held_out_trials, performance
from taskrnn.activity.subspaces import subspaces
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, Verdict
from taskrnn.ensembles.members import weights
from taskrnn.ensembles.network_files import as_dataset
from taskrnn.experiments import DECISION, PERCEPTION
from taskrnn.networks.network import Weights
from taskrnn.networks.quiet_tensorflow import tf
from taskrnn.training.train import train

WHEN = ["before", "after"]
SIX = ("N1", "S3", "R1", "F2", "F3", "G1")


def both(make):
    """What `make` draws, for each of the two tasks by itself."""
    return {task: make() for task in TASKS}


def performed(axis, holds, **errors):
    """Networks that do their task, {place on the axis: bool (network,)}."""
    values = np.stack([*holds.values()], axis=1)
    found = {
        "holds": (("network", axis), values),
        "error": (("network", axis), 0.3 - 0.29 * values),
    }
    return xr.Dataset(found, {axis: list(holds)})


def k1(draws, *, zeros=0.96, done=N, random=0):
    """`done` networks do their task, and `random` of them on a random mask."""

    def sparse():
        values = {"zeros": draws.around(zeros, sd=0.01), "thresholded": draws.around(0.7, sd=0.01)}
        return xr.Dataset({name: ("network", of) for name, of in values.items()})

    own = both(lambda: performed("when", {"before": draws.some(0), "after": draws.some(done)}))
    masks = both(lambda: performed("mask", {"found": draws.some(N), "random": draws.some(random)}))
    return claims.k1(both(sparse), own, masks)


def masked(draws, *, found=-1.0, random=0.0, largest=0.0):
    """ln of the losses on the three masks, around these."""
    ln = [draws.around(mean) for mean in (found, random, largest)]
    loss = ("network", "mask"), np.exp(np.stack(ln, axis=1))
    return xr.Dataset({"loss": loss}, {"mask": list(measures.MASKS)})


def k2(draws, **losses):
    return claims.k2(both(lambda: masked(draws, **losses)))


def judged(draws, **words):
    """Results of the six claims, supported if not said otherwise."""

    def result(name):
        values = draws.around(1.0)
        rows = (
            statistic("number", values, holds=values > 0),
            statistic("other", values, holds=values < 0),
        )
        word = Verdict(words.get(name, SUPPORTED))
        return Result(claim=name, statistics=rows, null_name="", parts={"perception": word})

    return {name: result(name) for name in SIX}


def k3(draws, *, kind=JUDGED, **words):
    return claims.k3(judged(draws, F2=CHANCE), judged(draws, **{"F2": CHANCE} | words), kind=kind)


def k4(draws, **words):
    return claims.k4(judged(draws), judged(draws, **words))


# {claim: (builder, what makes only its null true, the word then)}
PAIRS = {
    "K1": (k1, {"random": N}, CHANCE),
    "K2": (k2, {"found": 0.0}, UNDECIDED),
    "K3": (k3, {"F2": SUPPORTED}, CONTRADICTED),
    "K4": (k4, {"N1": UNDECIDED}, CONTRADICTED),
}


@pytest.mark.parametrize(
    ("build", "settings", "word"),
    [
        (k1, {"zeros": 0.8}, CONTRADICTED),  # few weights are asked for, too
        (k1, {"done": 0}, CONTRADICTED),
        (k1, {"done": 9}, UNDECIDED),
        (k1, {"random": 4}, SUPPORTED),
        (k1, {"random": 5}, CHANCE),
        (k2, {"largest": -1.0}, UNDECIDED),
        (k2, {"random": -1.0}, UNDECIDED),
        (k2, {"random": -2.0}, CONTRADICTED),
        (k3, {"kind": None}, UNDECIDED),
        (k3, {"kind": None, "F2": SUPPORTED}, UNDECIDED),
    ],
)
def test_the_parts_of_a_claim_are_judged_by_themselves(build, settings, word, draws):
    assert build(draws, **settings).verdict == word


def test_rows_of_k3_are_the_first_numbers_beside_those_of_dense_networks(draws):
    dense, sparse = judged(draws), judged(draws, G1=UNDECIDED)
    result = claims.k3(dense, sparse, kind=JUDGED)
    assert list(result.parts) == [row.name.split(",")[0] for row in result.statistics] == [*SIX]
    assert [row.values for row in result.statistics] == [
        of.statistics[0].values for of in sparse.values()
    ]
    assert [row.null for row in result.statistics] == [
        of.statistics[0].values for of in dense.values()
    ]
    assert [name for name, word in result.parts.items() if word != SUPPORTED] == ["G1"]
    assert summary.same(dense, sparse) == "5 of 6"


def test_a_missing_network_stays_in_every_count(draws):
    def with_one(dataset):
        missing = dataset.isel(network=[0]).astype(float) * np.nan
        return xr.concat([dataset.astype(float), missing], "network")

    def both_of(make):
        return {task: with_one(of) for task, of in both(make).items()}

    sparse = both_of(
        lambda: xr.Dataset(
            {"zeros": ("network", np.full(N, 0.95)), "thresholded": ("network", np.ones(N))}
        )
    )
    own = both_of(lambda: performed("when", {"before": draws.some(0), "after": draws.some(N)}))
    masks = both_of(lambda: performed("mask", {"found": draws.some(N), "random": draws.some(0)}))
    for of in (own, masks):
        for task in of:  # as `performed` gives it: no number holds
            of[task]["holds"] = of[task].holds.fillna(0).astype(bool)
    for result in (claims.k1(sparse, own, masks), claims.k2(both_of(lambda: masked(draws)))):
        assert {row.count for row in result.statistics} <= {
            f"{n} of {N + 1}, 1 missing" for n in (0, N)
        }
        assert not re.search(r"\b(nan|inf)\b", result._repr_markdown_())


def test_losses_that_are_no_numbers_above_zero_have_no_ratio(draws):
    found = masked(draws)
    found.loss[0, 0], found.loss[1, 1], found.loss[2, 1] = 0, np.nan, np.inf
    ratio = claims.ln_ratio(found.loss, "random")
    assert np.isnan(ratio[:3]).all() and np.isfinite(ratio[3:]).all()
    np.testing.assert_array_equal(
        measures.final_loss(np.array([[1.0, np.inf], [1.0, 2.0]])), [np.nan, 1.5]
    )


def test_the_sparsest_networks_are_those_of_which_nine_of_ten_do_both_tasks(draws):
    counts = {"perception": (10, 9, 9), "decision": (10, 9, 8)}

    def own(counts):
        return {
            f"{task}_{kind}": performed("when", {"before": draws.some(N), "after": draws.some(n)})
            for task, of in counts.items()
            for kind, n in zip(STRENGTHS, of, strict=True)
        }

    assert claims.sparsest(own(counts)) == "shrink_0.4"
    assert claims.sparsest(own(counts | {"decision": (10, 8, 10)})) == JUDGED
    assert claims.sparsest(own(dict.fromkeys(counts, (8, 8, 8)))) is None
    assert "strength 0.4" in summary.sparsest("shrink_0.4") and "undecided" in summary.sparsest(
        None
    )


def test_all_kinds_of_a_task_have_the_same_seeds_and_their_own_settings():
    found = {experiment.name: experiment for experiment in experiments("paper")}
    assert len({experiment.digest() for experiment in found.values()}) == len(found) == 11
    for task, seed in (("perception", 2_700_000), ("decision", 2_800_000)):
        assert {e.seed for name, e in found.items() if name.startswith(task)} == {seed}
    assert names("dense") == ("perception_dense", "decision_dense")
    for task, experiment in of_kind(found, JUDGED).items():
        plain = {"perception": PERCEPTION, "decision": DECISION}[task]
        assert experiment.task == plain.task and experiment.network == plain.network
        assert experiment.training == dataclasses.replace(plain.training, shrink=0.8)
        # Trap 2: where the budget is below 3 standard deviations, zeros are those of small weights.
        budget = 0.8 * plain.training.learning_rate * plain.training.updates
        assert budget > 3 * plain.network.recurrent_sd
    assert {e.network.n_units for e in experiments("smoke")} == {32}


@pytest.mark.parametrize("task", [PERCEPTION, DECISION], ids=lambda e: e.name)
def test_perfect_answers_do_the_task_and_those_of_no_network_do_not(task):
    values = held_out_trials(task, n_trials=500).values
    right = task.task.target(values)
    answers = np.stack([np.stack([0 * right + 0.65, right]), np.stack([right, np.nan * right])])
    axes = ("network", "when", "trial", "epoch", "output")
    for axis, places in (("when", WHEN), ("mask", ["random", "found"])):
        own = xr.Dataset({"answers": (axes, answers)}, {"when": places}).rename(when=axis)
        found = claims.performed({"own": task}, {"own": own}, axis=axis)["own"]
        assert found.error.dims == found.holds.dims == ("network", axis)
        np.testing.assert_array_equal(found.holds, [[False, True], [True, False]])
        np.testing.assert_allclose(
            found.error[:, ::-1], [[0, found.error[0, 0]], [np.nan, 0]], atol=1e-12
        )


def test_masks_have_as_many_weights_none_on_the_diagonal_and_are_what_they_are_called():
    rng = np.random.default_rng(0)
    before = rng.standard_normal((40, 40))
    found = rng.random((40, 40)) < 0.1
    np.fill_diagonal(found, False)
    kept = measures.masks_like(found, before, rng=rng)
    assert kept[0] is not found and (kept[0] == found).all()
    assert {mask.sum() for mask in kept} == {found.sum()} and not kept[
        :, range(40), range(40)
    ].any()
    off = ~np.eye(40, dtype=bool)
    assert np.abs(before[kept[2]]).min() > np.abs(before[off & ~kept[2]]).max()
    shared = [(measures.masks_like(found, before, rng=rng)[1] & found).mean() for _ in range(200)]
    assert np.mean(shared) == pytest.approx(found[off].mean() ** 2, rel=0.1)


def own_training(experiment, number):
    """The network with this number, as an ensemble of one; and its curve of losses."""
    done = train(
        experiment.task, experiment.network, experiment.training, seeds=[experiment.seed + number]
    )
    return as_dataset(experiment, done, 0, number=number).expand_dims("network"), done.loss


def test_a_mask_that_has_all_weights_trains_the_dense_network_again(experiment):
    """To the bit: the same start, trials and noise."""
    network, curve = own_training(experiment, 5)
    found = measures.masked(experiment, network, n_trials=20)
    np.testing.assert_array_equal(found.loss, [curve.mean()] * 3)
    own = performance(experiment, network, when="after", n_trials=20)
    for mask in measures.MASKS:
        np.testing.assert_array_equal(found.answers.sel(mask=mask), own.answers)
    np.testing.assert_array_equal(found.overlap, 1)
    np.testing.assert_array_equal(found.units, 8)
    assert not found.attrs["reason"]


def test_a_network_without_weights_is_measured_like_any_other():
    e = small(PERCEPTION, shrink=5000.0)
    network, _ = own_training(e, 0)
    assert not network.recurrent_after.any()
    found = measures.masked(e, network, n_trials=20)
    assert np.isfinite(found.loss).all() and np.ptp(found.loss.values) == 0
    np.testing.assert_array_equal(found.units, 0)
    assert found.overlap.isnull().all()
    sparse = measures.sparseness(e, network)
    assert sparse.zeros == sparse.small == sparse.thresholded == 1 and sparse.units == 0


def test_masks_of_a_sparse_network_keep_their_zeros(monkeypatch):
    e = small(PERCEPTION, shrink=100.0)
    network, _ = own_training(e, 0)
    seen = []
    monkeypatch.setattr(
        measures,
        "performance",
        lambda of, one, **kw: seen.append(one) or performance(of, one, **kw),
    )
    found = measures.masked(e, network, n_trials=20)
    n = int((network.recurrent_after != 0).sum())
    assert 0 < n < 56
    for one, mask in zip(seen, measures.MASKS, strict=True):
        after = weights(one, "after").recurrent[0]
        assert np.count_nonzero(after) == n
        start = network.recurrent_before.values[0]
        moved = np.abs(after - start)[after != 0]
        assert 0 < moved.max() < 0.005, mask  # from its own initial weights, in two steps of Adam
        assert found.units.sel(mask=mask) == measures.units(after != 0)


def test_zeros_of_a_threshold_alone_are_those_of_the_budget():
    e = small(PERCEPTION, updates=50, learning_rate=0.01, shrink=0.5)
    network = one_network(e)
    before, budget = network.recurrent_before.values, 0.25
    after = np.sign(before) * np.maximum(np.abs(before) - budget, 0)
    network = network.assign(
        recurrent_after=(network.recurrent_before.dims, after),
        loss=(("network", "update"), np.array([[9.0] * 31 + [2.0] * 20])),
    )
    found = measures.sparseness(e, network)
    assert 0 < found.zeros == found.thresholded < 1
    assert found.small >= found.zeros and found.loss == 2
    assert found.budget == pytest.approx(budget / e.network.recurrent_sd)


def test_the_subgradient_has_the_sign_of_the_weights_and_leaves_none_at_zero():
    penalty = AbsoluteWeights(strength=0.3)
    w = tf.constant(np.array([[[0.0, 2.0], [-3.0, 0.0]]]))
    with tf.GradientTape() as tape:
        tape.watch(w)
        value = penalty.value(Weights(w, w, w, w), None)
    np.testing.assert_allclose(value, [1.5])
    np.testing.assert_allclose(tape.gradient(value, w), 0.3 * np.sign(w))
    e = small(PERCEPTION, updates=60, penalties=(AbsoluteWeights(strength=1e-5),))
    off = ~np.eye(8, dtype=bool)
    assert own_training(e, 0)[0].recurrent_after.values[0][off].all()


def sparsities(rng, *, n):
    """`sparseness` of all experiments of n networks, the last of which is missing."""

    def one():
        values = {
            key: rng.uniform(0.1, 0.9, n) for key in ("zeros", "thresholded", "small", "loss")
        }
        values |= {"budget": np.ones(n), "units": np.full(n, 8.0)}
        found = xr.Dataset({key: ("network", of) for key, of in values.items()})
        return found.where(xr.DataArray(np.arange(n) < n - 1, dims="network"))

    return {experiment.name: one() for experiment in experiments("smoke")}


@pytest.mark.parametrize("n", [3, 40])
def test_the_figure_and_the_table_show_every_network_that_has_numbers(n, draws):
    rng = np.random.default_rng(0)
    sparse = sparsities(rng, n=n)
    loss = ("network", "mask"), rng.random((n, 3))
    masks = both(lambda: xr.Dataset({"loss": loss}, {"mask": list(measures.MASKS)}))
    figure = figures.losses(sparse, masks)
    for axis, task in zip(figure.axes, TASKS, strict=True):
        marks = {
            line.get_label(): line.get_xydata() for line in axis.lines if len(line.get_xdata()) == n
        }
        assert len(marks) == 4 + 3 + 2 * (task == "perception")
        own = sparse[f"{task}_{JUDGED}"]
        np.testing.assert_array_equal(
            marks["threshold 0.8"], np.stack([1 - own.zeros, own.loss], 1)
        )
    header, rows = summary.ways(
        sparse,
        {
            name: performed("when", {"before": draws.some(0), "after": draws.some(N)})
            for name in sparse
        },
    )
    assert len(rows) == 11 and {len(row) for row in rows} == {len(header)}


def test_lines_of_weights_end_where_the_others_are_zero():
    rng = np.random.default_rng(0)
    before = rng.standard_normal((1, 8, 8))
    cut = np.where(np.abs(before) > 0.2, before, 0)

    def sizes(recurrent):
        axes = ("network", "unit", "from_unit")
        network = one_network(small(PERCEPTION)).assign(
            recurrent_before=(axes, before), recurrent_after=(axes, recurrent)
        )
        return small_measures.sizes(small(PERCEPTION), network).expand_dims("network")

    kinds = {"dense": before, "subgradient": before, "shrink_0.2": cut}
    kinds |= {"shrink_0.4": before, "shrink_0.8": 0 * before}
    figure = figures.weights({f"perception_{kind}": sizes(w) for kind, w in kinds.items()})
    axis = figure.axes[0]
    lines = {line.get_label(): line.get_xydata() for line in axis.lines}
    off = before[0][~np.eye(8, dtype=bool)]
    share, size = lines["subgradient"].T
    np.testing.assert_allclose(
        size, np.sort(np.abs(off))[::-1][(56 * share).round().astype(int) - 1] / off.std()
    )
    assert size.shape == (len(np.unique(share)) + 1,) and share[-1] == 1
    large, drawn = np.abs(off) > 0.2, np.isfinite(lines["threshold 0.2"][:, 1])
    assert drawn.sum() == (share <= large.mean() + 1e-9).sum() + 1
    ends = [line.get_xydata()[0] for line in axis.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(ends, [[large.mean(), np.abs(off)[large].min() / off.std()]])
    assert not len(lines["threshold 0.8"])


def test_small_measures_have_the_numbers_of_the_large_ones():
    e = small(PERCEPTION, updates=30)
    e = dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=32))
    network = own_training(e, 0)[0]
    options = {"n_starts": 2, "n_steps": 600}
    large = landscape(e, network)
    for name, of in small_measures.points(e, network).items():
        xr.testing.assert_identical(of, large[name])
    xr.testing.assert_identical(
        small_measures.exponents(e, network).exponent, regime(e, network).exponent
    )
    found = small_measures.rank(e, network)
    assert found["rank"] == changes(e, network)["rank"] and found.sizes["unit"] == 32
    times = [subspaces(e, network, when=when, **options) for when in WHEN]
    whole = readout_angles(
        network, xr.concat(times, "when").assign_coords(when=WHEN).expand_dims("network")
    )
    angles = small_measures.angles(e, network, **options).expand_dims("network")
    for name in ("dca", "pca", "again", "shuffled"):
        np.testing.assert_array_equal(angles[name], whole[name])
    np.testing.assert_allclose(angles.matched.mean("draw"), whole.matched.mean("draw"))
    moved = network.recurrent_after.values[0] - network.recurrent_before.values[0]
    of = small_measures.change(e, network)
    assert of["mean"] == pytest.approx(moved.sum() / (32 * 31))
