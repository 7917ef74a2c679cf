"""More networks: which words change, how often random tens have the word of all, and whether what is kept is of the present code."""

import dataclasses
import json
import math

import numpy as np
import pytest
import xarray as xr
from scipy.stats import hypergeom

from results import large, thousand
from studies import kept_file, ledger
from studies.ledger import CONTRADICTED, SUPPORTED, UNDECIDED, Result, statistic
from studies.more_networks import comparison, figures, growth, kept
from studies.nonlinearity.claims import n1
from studies.study import Study, code_of
from studies.tens import TEN, has_networks, some, words_of_tens
from taskrnn.analysis.verdicts import Verdict


def result(claim, word, *, n=3, tens=None):
    row = statistic("x (deg)", np.arange(float(n)), holds=np.ones(n), null=np.zeros(n))
    parts = {"all": Verdict(word)}
    return Result(claim=claim, statistics=(row,), null_name="", parts=parts, tens=tens or {})


SIZES = {"this build": 10, "kept": 100}
FEW = {claim: result(claim, SUPPORTED) for claim in ("N1", "S1", "S2")}
MANY = {
    "N1": result("N1", SUPPORTED, n=100, tens={SUPPORTED: 190, UNDECIDED: 10}),
    "S1": result("S1", CONTRADICTED, n=100, tens={UNDECIDED: 150, CONTRADICTED: 50}),
}
BOTH = {"this build": FEW, "kept": MANY}


def test_claims_that_both_have_judged_are_compared():
    header, rows = comparison.rows(BOTH, SIZES)
    assert rows == [
        ["N1", SUPPORTED, SUPPORTED, "supported 95%, undecided 5%"],
        ["S1", SUPPORTED, CONTRADICTED, "undecided 75%, contradicted 25%"],
    ]
    assert {len(row) for row in rows} == {len(header)}
    header, rows = comparison.numbers(BOTH, SIZES)
    assert rows[0][:2] == ["N1", "x (deg)"] and rows[0][2].startswith("1 (")
    assert {len(row) for row in rows} == {len(header)}
    assert (
        comparison.answer(BOTH, SIZES)
        == "Of 2 verdicts, 1 differ between 10 and 100 networks per task: S1. For 1 claims more "
        "than one in ten random tens of networks get another word than the 100: S1."
    )
    said = comparison.hang_on_networks(MANY, ["S1", "N1", "S2"])
    assert said.startswith("For 1 of 2 claims") and said.endswith("than all: S1.")
    assert comparison.hang_on_networks(MANY, ["S2"]) == ""
    figure = figures.forest(*BOTH.values())
    shown = [axis for axis in figure.axes if axis.get_title(loc="left")]
    assert [axis.get_title(loc="left") for axis in shown] == ["N1", "S1"]
    for axis, of in zip(shown, MANY.values(), strict=True):
        row = of.statistics[0].interval
        np.testing.assert_allclose(axis.lines[3].get_xdata(), [row.low, row.high])
        assert [t.get_text() for t in axis.get_yticklabels()] == ["100", "3"]


def test_claims_of_the_notes_tasks_that_only_few_networks_have_are_named():
    code = {"training of perception": "a", "training of decision": "b", "studies.x": "c"}
    own, other = (
        dataclasses.replace(result("P1", SUPPORTED), code=code | more)
        for more in ({}, {"training of distance": "d"})
    )
    few = FEW | {"P1": own, "D1": other, "R1": dataclasses.replace(own, claim="R1")}
    both = {"this build": few, "kept": MANY}
    assert comparison.not_yet(both) == ["P1", "R1"]
    assert comparison.answer(both, SIZES).endswith(" Not judged with 100 yet: P1, R1.")


def test_without_both_nobody_knows_and_without_tens_nothing_is_said_of_them():
    assert "no claim is judged with 100 networks" in comparison.answer(BOTH | {"kept": {}}, SIZES)
    plain = BOTH | {"kept": {claim: result(claim, SUPPORTED) for claim in MANY}}
    assert comparison.answer(plain, SIZES).endswith("10 and 100 networks per task.")
    figures.forest({}, {})


def most_above_zero(values, *, least):
    """Supported if at least so many of the networks are above 0."""
    word = SUPPORTED if (values["a"].x > 0).sum() >= least else CONTRADICTED
    return result("N1", word)


def test_tens_have_the_words_that_the_hypergeometric_distribution_gives():
    x = np.where(np.arange(40) < 28, 1.0, -1.0)
    values = {"a": xr.Dataset({"x": ("network", x)})}
    words = words_of_tens(
        most_above_zero,
        (values,),
        {"least": 7},
        n_networks=40,
        n=4000,
        rng=np.random.default_rng(0),
    )
    expected = hypergeom(40, 28, TEN).sf(6)
    assert sum(words.values()) == 4000
    assert words[SUPPORTED] / 4000 == pytest.approx(expected, abs=4 * (0.25 / 4000) ** 0.5)


def test_only_the_axis_of_these_networks_is_chosen_from():
    chosen = np.array([1, 3])
    of = {
        "networks": xr.DataArray(np.arange(8).reshape(4, 2), dims=("network", "x")),
        "draws": xr.DataArray(np.arange(5), dims="network"),
        "number": 3,
    }
    found = some({"deep": of}, chosen, 4)["deep"]
    np.testing.assert_array_equal(found["networks"], [[2, 3], [6, 7]])
    assert found["draws"].size == 5 and found["number"] == 3
    assert has_networks({"deep": of}, 4) and not has_networks({"deep": of}, 6)
    with pytest.raises(TypeError, match="without names of its axes"):
        some({"a": np.zeros(4)}, chosen, 4)
    assert not words_of_tens(
        most_above_zero, ({},), {}, n_networks=4, n=3, rng=np.random.default_rng(0)
    )


@pytest.fixture
def file(tmp_path):
    """What is kept of two claims, and not of a third of other networks."""
    code = code_of(n1) | {"training of decision": kept_file.present("training of decision")}
    for claim in (MANY["N1"], MANY["S1"]):
        ledger.record(dataclasses.replace(claim, code=code), data=tmp_path, profile="large")
    ledger.record(result("G2", SUPPORTED, n=7), data=tmp_path, profile="large")
    large.keep(tmp_path, tmp_path / "large.json")
    return tmp_path / "large.json"


def test_what_is_kept_is_what_was_judged_of_these_networks(file):
    found = kept.results(file)
    assert list(found) == ["N1", "S1"] and kept.n_networks(file) == 100
    for claim, of in found.items():
        assert of.verdict == MANY[claim].verdict and of.tens == MANY[claim].tens
        np.testing.assert_allclose(of.statistics[0].values, MANY[claim].statistics[0].values)
    assert large.rounded({"a": [1.23456789, 3, "b"], "b": math.inf}) == {
        "a": [1.2346, 3, "b"],
        "b": math.inf,
    }


def test_older_code_and_other_criteria_are_noticed(file, monkeypatch):
    assert kept.older(file) == {} and comparison.age({}).endswith("the code of this book.")
    monkeypatch.setattr(kept_file, "present_code", lambda name: "other")
    claim = "studies.nonlinearity.claims.n1"
    assert kept.older(file) == {"N1": claim, "S1": claim}
    assert comparison.age(kept.older(file)).endswith(
        f"in 2 claims (N1, S1), since {claim} changed."
    )
    monkeypatch.undo()
    row = json.loads(file.read_text())
    file.write_text(json.dumps(row | {"criteria": "of another day"}))
    assert kept.older(file) == {"N1": "criteria", "S1": "criteria"}
    missing = file.with_name("none.json")
    assert not kept.results(missing) and not kept.older(missing) and not kept.n_networks(missing)


def test_the_kept_results_are_of_the_present_code():
    """If this fails, the page says so, and `make large` makes them anew in more than an hour."""
    assert kept.older() == {}


def test_a_study_records_the_code_of_what_it_measured(tmp_path):
    study = Study("smoke", tmp_path, experiments=())
    assert study.code == {}
    assert code_of(n1)["studies.nonlinearity.claims.n1"] == kept_file.present(
        "studies.nonlinearity.claims.n1"
    )
    assert code_of(lambda: None) == {}


def test_ever_more_networks_of_one_task_cost_what_is_new_and_are_judged_alone(tmp_path):
    file, settings = tmp_path / "thousand.json", {"counts": (2, 3), "others": 2}
    thousand.main("smoke", data=tmp_path, file=file, **settings)
    results, steps = kept.results(file), kept.steps(file)
    assert list(results) == ["P1", "N1", "N2", "S2", "S5"] and kept.older(file) == {}
    assert [of["trained"] for of in steps] == [2, 1] and kept.n_networks(file) == 3
    assert all(of["core_seconds"] > 0 and of["worker_mb"] > 100 for of in steps)
    # Two matrices of 32 units in single precision, of every network.
    assert (
        steps[0]["disk_mb"] > 2 * 2 * 32**2 * 4 / 1e6 and steps[1]["disk_mb"] > steps[0]["disk_mb"]
    )
    assert {claim: str(of.verdict) for claim, of in results.items()} == steps[-1]["words"]
    assert set(results["S2"].parts) == {"perception"}
    sizes = {len(row.values) for row in results["N2"].statistics}
    assert sizes == {3, 2}

    thousand.main("smoke", data=tmp_path, file=file, **settings)
    again = kept.steps(file)
    assert again == steps  # with what they have cost
    file.unlink()
    thousand.main("smoke", data=tmp_path, file=file, **settings)
    again = kept.steps(file)
    assert [of["trained"] for of in again] == [0, 0] and "core-seconds" not in growth.answer(again)
    assert [of["words"] for of in again] == [of["words"] for of in steps]
    assert [len(row) for row in growth.costs(again)[1]] == [len(growth.costs(again)[0])] * 2


def test_the_band_of_all_networks_is_their_interval():
    steps = [
        {"networks": 10, "words": {"N1": UNDECIDED}, "trained": 10, "core_seconds": 50.0},
        {"networks": 100, "words": {"N1": SUPPORTED}, "trained": 90, "core_seconds": 180.0},
    ]
    figure = growth.means({"N1": MANY["N1"]}, steps)
    axis = figure.axes[0]
    (band,) = axis.collections
    row = MANY["N1"].statistics[0].interval
    ends = [y for x, y in band.get_paths()[0].vertices if x == 100]
    assert (min(ends), max(ends)) == (pytest.approx(row.low), pytest.approx(row.high))
    assert [text.xy[0] for text in axis.texts] == [10, 100]
    assert growth.answer(steps) == (
        "10 networks have other words than 100 in N1. One network more takes 2.0 core-seconds."
    )
    growth.means({}, [])
    assert growth.answer([]).startswith("Nobody knows") and growth.costs([])[1] == []


def test_the_thousand_are_of_the_present_code():
    """If this fails, the page says so, and `python -m results.thousand` makes them anew."""
    assert kept.steps() and kept.older(kept.THOUSAND) == {}
