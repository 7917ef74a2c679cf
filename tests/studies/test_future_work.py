"""The page that answers the note's questions: every claim of a question is in its table and figure."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from smoke_book import ROOT

from studies.criteria import CLAIMS, QUESTIONS
from studies.future_work import figures
from studies.future_work.questions import QuestionTable
from studies.ledger import Result, statistic
from studies.marks import NOT_ANALYSED
from studies.style import UNTRAINED
from taskrnn.analysis.verdicts import SUPPORTED


def result(claim, *values, null=None):
    rows = tuple(
        statistic(f"case {k}: x", np.array(v), holds=np.array(v) > 0, null=null)
        for k, v in enumerate(values)
    )
    return Result(claim=claim, statistics=rows, null_name="untrained", parts={"a": SUPPORTED})


def test_every_question_has_claims_and_the_table_has_each_once():
    chapter = (ROOT / "book" / "future_work.md").read_text()
    drawn = [
        re.findall(r'"(\w+)"', ids) for ids in re.findall(r"answers\(results, (.*)\)", chapter)
    ]
    rows = QuestionTable({"C2": SUPPORTED})._repr_markdown_().splitlines()[2:]
    asked = [claim for claim in CLAIMS.values() if claim.question]
    assert {claim.question for claim in asked} == set(QUESTIONS)
    assert sorted(sum(drawn, [])) == sorted(claim.id for claim in asked)
    assert re.findall(r"\[(\w+)\]\(\w+\.md\)", "".join(rows)) == [
        claim.id for name in QUESTIONS for claim in asked if claim.question == name
    ]
    assert all(sentence in "".join(rows) for sentence in QUESTIONS.values())
    words = dict(re.findall(r"\[(\w+)\][^*]*\*\*([^*]*)\*\*", "".join(rows)))
    assert words == {c.id: SUPPORTED if c.id == "C2" else NOT_ANALYSED for c in asked}


def test_the_figure_of_a_question_shows_every_network_its_null_and_the_interval():
    values, null = [1.0, 2.0, 3.0, np.nan], np.array([0.5, np.nan, 1.5, 1.0])
    results = {
        "C1": result("C1", values, [1.0] * 4, null=null),
        "C3": result("C3", [1.0, 50.0, 9.0, 2.0]),
        "P1": result("P1", values),  # answers another question
    }
    c1, c3 = figures.answers(results, "C1", "C2", "C3").axes
    assert [axis.get_title(loc="left") for axis in (c1, c3)] == ["C1: supported", "C3: supported"]
    assert [text.get_text() for text in c1.get_yticklabels()] == ["case 0", "case 1"]
    assert c1.get_xlabel() == "x; grey, untrained"
    assert (c1.get_xscale(), c3.get_xscale()) == ("linear", "log")
    grey, own, bar, mean = c1.lines[:4]
    assert to_rgba(grey.get_markeredgecolor())[:3] == to_rgba(UNTRAINED)[:3]
    np.testing.assert_array_equal(grey.get_xdata(), null)
    np.testing.assert_array_equal(own.get_xdata(), values)
    assert mean.get_xdata()[0] == 2
    np.testing.assert_allclose(bar.get_xdata(), results["C1"].statistics[0].interval[1:3])


def test_networks_without_a_number_leave_a_panel_and_no_error():
    (axis,) = figures.answers({"C2": result("C2", [np.nan] * 3)}, "C2").axes
    assert axis.get_xscale() == "linear" and len(axis.get_yticklabels()) == 1
    assert figures.answers({}, "C2").axes == []
    far = figures.answers({"C1": result("C1", [-500.0, 0.5], [300.0, 400.0])}, "C1").axes[0]
    (near,) = figures.answers({"C1": result("C1", [300.0, 400.0])}, "C1").axes
    assert (far.get_xscale(), near.get_xscale()) == ("symlog", "linear")


@pytest.mark.parametrize(
    ("names", "axes"),
    [
        (("a: R2", "b: R2", "a: states"), [(["a", "b"], "R2"), (["a"], "states")]),
        (
            ("ln(n of points), slope (untrained)", "ln(n of points), slope (random)"),
            [(["(untrained)", "(random)"], "ln(n of points), slope")],
        ),
        (
            ("1 bit: exponent (1/tau)", "2 bits: exponent (1/tau)"),
            [(["1 bit", "2 bits"], "exponent (1/tau)")],
        ),
        (
            ("d = 1: change (untrained)", "d = 1: change (random)"),
            [(["d = 1 (untrained)", "d = 1 (random)"], "change")],
        ),
        (("points, 1 bit", "points, 2 bits"), [(["points, 1 bit", "points, 2 bits"], "points")]),
    ],
)
def test_a_quantity_has_one_axis_and_what_rows_share_stands_there_alone(names, axes):
    values = np.array([1.0, 2.0])
    rows = tuple(statistic(name, values, holds=values > 0) for name in names)
    of = Result(claim="C1", statistics=rows, null_name="", parts={"a": SUPPORTED})
    assert [figures.labels(part) for part in figures.by_quantity(of)] == axes
