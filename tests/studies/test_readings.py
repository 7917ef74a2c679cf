"""Readings of the note: what each changes, which words hang on it, and what is said of those that were not run."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from small_experiments import small

from results import readings
from results.readings import in_short
from studies import criteria, kept_file
from studies.ledger import Result, statistic
from studies.readings import figures, judged, kept, summary, words
from studies.readings.experiments import CROSSED, CROSSES, READINGS, RECOVERED
from taskrnn.analysis.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED
from taskrnn.experiments import EXPERIMENTS
from taskrnn.missing import Unmeasurable
from taskrnn.profiles import PROFILES


def reading(name, *, missing=None, **words):
    """What is kept of a reading in which the claims have these words."""
    row = statistic("x", np.array([1.0, 2.0, np.nan]), holds=np.array([1, 0, 0]))
    claims = {
        claim: in_short(Result(claim=claim, statistics=(row,), null_name="", parts={"a": word}))
        for claim, word in words.items()
    }
    return {
        "point": "A1" if name else "",
        "name": name or "recovered recipe",
        "failed": {"perception": 0, "decision": 3},
        "missing": missing or {},
        "claims": claims,
        "code": {},
        "criteria": criteria.digest(claims),
        "settings": "",
        "profile": "paper",
        "made": {"taskrnn": "abc", "date": "2026-01-02 03:04 UTC", "cpu": "this"},
    }


FOUND = [
    reading("", P1=SUPPORTED, N1=SUPPORTED, S3=CONTRADICTED, S4=UNDECIDED),
    reading("one", P1=SUPPORTED, N1=UNDECIDED, S3=CONTRADICTED, S4=SUPPORTED),
    reading(
        "two",
        P1=SUPPORTED,
        S4=SUPPORTED,
        missing={"of_weights": "weights: rates explode (results.py:150)"},
    ),
]


def test_the_answer_counts_the_words_that_change():
    said = summary.answer(FOUND, ["three"])
    assert (
        "2 other readings than" in said
        and "2 of 4 claims never change their word where they can be judged: P1, S3." in said
    )
    assert "1 change it under a single reading: N1 (one)." in said
    assert "whose number follows: S4 (2)." in said and said.endswith("Not run yet: three.")
    nothing = summary.answer([*FOUND, reading("none")], [])
    assert nothing.endswith("Under none no claim can be judged.")
    assert "Nobody knows" in summary.answer(FOUND[:1], []) and summary.word(FOUND[2], "N1") == (
        summary.NOT_JUDGED
    )


def test_crosses_are_counted_apart_and_compared_with_their_parts():
    both = reading("one, two", P1=SUPPORTED, N1=CONTRADICTED, S3=CONTRADICTED, S4=CONTRADICTED)
    found = [*FOUND, both | {"point": "A1 A2"}, reading("three", P1=UNDECIDED)]
    assert [of["name"] for of in summary.single(found)] == [
        "recovered recipe",
        *["one", "two", "three"],
    ]
    assert [of["name"] for of in summary.crossed(found)] == [
        "recovered recipe",
        "one",
        "two",
        "one, two",
    ]
    # N1 cannot be judged under one of the two.
    assert summary.in_none_alone(found) == [("one, two", "S4")]
    assert summary.in_none_alone([found[0], *found[2:]]) == []
    assert summary.answer(found, []) == summary.answer(summary.single(found), [])
    said = summary.answer_of_crosses(found)
    assert "Of the 4 words of 1 combinations, 1 are given neither" in said
    assert said.endswith("alone: S4 (one, two).")
    assert summary.crossed(FOUND) == [] and "Nobody knows" in summary.answer_of_crosses(FOUND)


def test_tables_say_where_a_statement_holds_and_what_cannot_be_judged():
    _, rows = summary.statements(FOUND)
    by_claim = {row[1]: row[2:] for row in rows}
    assert by_claim["S4"] == ["2 of 3", "all but recovered recipe"]
    assert by_claim["S3"] == ["0 of 2", "none"] and by_claim["N1"] == ["1 of 2", "recovered recipe"]
    assert set(summary.STATEMENTS.values()) <= set(criteria.CLAIMS)
    header, rows = summary.networks(FOUND)
    assert rows[1] == ["A1", "one", 0, 3, "1 of 3", "-"] and {len(r) for r in rows} == {len(header)}
    assert summary.why_not(FOUND)[1] == [["two", "weights", "rates explode"]]


def test_the_table_of_words_marks_those_that_are_others_and_says_what_is_behind_each():
    head, _, *rows = words.Words(FOUND)._repr_markdown_().splitlines()
    claims = [cell.strip() for cell in head.split("|")[2:-1]]
    assert claims == summary.claims_in(FOUND)
    cells = [dict(zip(claims, row.split("|")[2:-1], strict=True)) for row in rows]
    others = {
        (k, claim) for k, row in enumerate(cells) for claim in claims if "other" in row[claim]
    }
    assert others == {(1, "N1"), (1, "S4"), (2, "S4")}
    assert cells[2]["N1"].strip() == "-"
    assert "✘" in cells[0]["S3"] and "--verdict-contradicted" in cells[0]["S3"]
    assert 'title="N1, A1 one: undecided. X: 1.5' in cells[1]["N1"].replace("x:", "X:")
    assert "holds in 1 of 3 networks." in cells[1]["N1"]
    assert words.Words([])._repr_markdown_() == "None was run."


def test_the_numbers_stand_beside_the_words():
    figure = figures.effects(FOUND, summary.claims_in(FOUND))
    by_claim = {axis.get_title(loc="left"): axis for axis in figure.axes if axis.axison}
    assert list(by_claim) == summary.claims_in(FOUND)
    first = FOUND[1]["claims"]["N1"]["statistics"][0]
    line = next(of for of in by_claim["N1"].lines if set(of.get_ydata()) == {1})
    np.testing.assert_array_equal(line.get_xdata(), first["interval"][1:3])
    assert (
        summary.first_statistics(FOUND)[1][0][2]
        == FOUND[0]["claims"]["P1"]["statistics"][0]["name"]
    )
    figures.effects([], ["N1"])


def test_without_a_switch_no_answer_follows_on_another():
    reading = next(of for of in READINGS if of.name == "no switch")
    experiments = {task: reading.experiment(task, profile="smoke") for task in EXPERIMENTS}
    study = SimpleNamespace(experiments=experiments)
    with pytest.raises(Unmeasurable, match="no answer follows on another"):
        judged.of_training(study)


class Asked:
    """A study that notes what is measured with which settings, and measures nothing."""

    def __init__(self):
        self.profile, self.settings = PROFILES["smoke"], {}

    def measure(self, measure, *, when=None, **settings):
        self.settings[measure.__name__] = settings
        if measure is judged.conditions:
            raise Unmeasurable("enough is known")


def test_a_window_is_that_of_all_subspaces_and_stands_nowhere_if_it_is_the_usual_one():
    for window in ({}, {"window": 2}):
        study = Asked()
        with pytest.raises(Unmeasurable):
            judged.of_subspaces(study, **window)
        assert set(study.settings) == {"subspaces", "random_changes", "conditions"}
        for settings in study.settings.values():
            assert {name: value for name, value in settings.items() if name == "window"} == window


def test_under_a_window_only_claims_of_subspaces_are_judged(monkeypatch):
    def said(name):
        return lambda study, **settings: {name: settings}

    monkeypatch.setattr(judged, "PARTS", (said("all"),))
    monkeypatch.setattr(judged, "OF_SUBSPACES", (said("subspaces"),))
    assert judged.judged(None) == ({"all": {}, "subspaces": {}}, {})
    assert judged.judged(None, window=2) == ({"subspaces": {"window": 2}}, {})


def test_noise_outside_f_leaves_all_claims_but_those_of_a_jacobian(tmp_path):
    outside = next(of for of in READINGS if of.name == "noise outside f")
    row = readings.one(outside, data=tmp_path, profile="smoke")
    assert "Lyapunov" in row["missing"]["of_regime"] and "G1" not in row["claims"]
    assert {"P1", "N1", "N3", "F1", "S4", "S6", "R1"} <= set(row["claims"])
    assert "studies.nonlinearity.claims.n1" in row["code"] and all(
        of["statistics"] for of in row["claims"].values()
    )


@pytest.mark.parametrize("of", READINGS, ids=lambda of: of.name)
def test_a_reading_changes_what_it_says_and_trains_a_trial_of_it(of):
    for task, base in EXPERIMENTS.items():
        other = of.experiment(task, profile="paper")
        assert other.seed == base.seed and other.network.n_units == base.network.n_units
        changed = other.digest() != base.digest()
        both = of.network or of.training or of.schedule or task in of.of_task
        assert changed == bool(both)
        trials = small(other).task.sample(2, dt=10.0, rng=np.random.default_rng(0))
        assert trials.inputs.shape[0] == 2


def test_readings_are_told_by_their_names_and_settings():
    assert READINGS[0] is RECOVERED
    digests = [of.identity(profile="paper") for of in READINGS]
    assert len({of.name for of in READINGS}) == len(set(digests)) == len(READINGS)


def kept_of(name, **others):
    """A kept row of a reading of the list."""
    known = next(of for of in READINGS if of.name == name)
    row = reading(name, N1=SUPPORTED) | {"settings": known.identity(profile="paper")}
    return row | others


def test_what_is_kept_says_what_is_older_and_what_was_not_run(tmp_path):
    file = tmp_path / "readings.json"
    assert kept.readings(file) == [] and kept.older(file) == []
    names = [of.name for of in READINGS]
    rows = [kept_of(name) for name in names[:4]]
    file.write_text(json.dumps({"readings": rows}))
    assert kept.readings(file) == rows and kept.older(file) == []
    assert kept.not_run(rows) == names[4:]
    rows[0] |= {"code": {"studies.regime.measures.regime": "other"}}
    rows[1] |= {"criteria": "others"}
    rows[2] |= {"settings": "others"}
    rows[3] |= {"name": "of no list"}
    file.write_text(json.dumps({"readings": rows}))
    assert set(kept.older(file)) == {
        "criteria",
        f"settings of {names[2]}",
        "settings of of no list",
        "studies.regime.measures.regime",
    }


def test_who_made_the_readings_is_said_of_all(tmp_path, monkeypatch):
    file = tmp_path / "readings.json"
    rows = [kept_of(of.name) for of in READINGS[:3]]
    rows[1]["made"] = {"taskrnn": "def", "date": "2026-01-05 03:04 UTC", "cpu": "this"}
    file.write_text(json.dumps({"readings": rows}))
    said = []
    monkeypatch.setattr(kept_file.provenance, "made_from", said.append)
    kept.readings(file)
    assert said[0].endswith("of commit abc, def 2026-01-02 to 2026-01-05, this")


def test_what_is_kept_and_of_the_present_code_is_not_made_again(tmp_path, monkeypatch):
    asked, file = [], tmp_path / "readings.json"

    def one(of, *, data, profile):
        asked.append(of.name)
        return kept_of(of.name, profile=profile, settings=of.identity(profile=profile))

    monkeypatch.setattr(readings, "one", one)
    readings.main(file=file)
    names = [of.name for of in READINGS]
    assert asked == names and [of["name"] for of in kept.readings(file)] == names
    row = json.loads(file.read_text())
    row["readings"][1]["code"] = {"studies.regime.measures.regime": "other"}
    row["readings"][3]["settings"] = "others"
    del row["readings"][2]
    file.write_text(json.dumps(row))
    asked.clear()

    def ends(of, **settings):
        if len(asked) == 1:
            raise KeyboardInterrupt
        return one(of, **settings)

    monkeypatch.setattr(readings, "one", ends)
    with pytest.raises(KeyboardInterrupt):
        readings.main(file=file)
    # What is older stays until it is made again.
    assert len(kept.readings(file)) == len(names) - 1
    monkeypatch.setattr(readings, "one", one)
    readings.main(file=file)
    assert asked == names[1:4] and [of["name"] for of in kept.readings(file)] == names


def test_a_small_profile_takes_the_place_of_no_kept_readings():
    before = kept.FILE.read_bytes()
    with pytest.raises(SystemExit, match="of the profile paper"):
        readings.main("smoke")
    assert kept.FILE.read_bytes() == before


def test_a_cross_makes_the_choices_of_all():
    def choices(of):
        found = [of.experiment(task, profile="paper") for task in EXPERIMENTS]
        return {(e.network.noise, e.network.readout, e.training.stop_error) for e in found}

    assert [choices(of) for of in CROSSED] == [
        {("independent", "gaussian", None)},
        {("shared", "uniform", None)},
        {("independent", "uniform", 0.05)},
    ]
    assert [choices(of) for of in CROSSES] == [
        {("shared", "gaussian", None)},
        {("independent", "gaussian", 0.05)},
        {("shared", "uniform", 0.05)},
        {("shared", "gaussian", 0.05)},
    ]


def test_the_kept_readings_are_of_the_present_code():
    """If this fails, the page says so, and `make readings` makes them anew in hours."""
    assert kept.older() == []
