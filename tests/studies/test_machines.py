"""What another machine changes: the comparison of verdicts, and that a rounding reaches the
processes that train.
"""

import json
import os
import subprocess
import sys

import numpy as np

from studies.ledger import Result, statistic
from studies.machines import comparison as elsewhere
from studies.other_books import paper_runs
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED


def run(name, *, constant=False, missing=(), profile="paper", commit="abc", **verdicts):
    return {
        "name": name,
        "profile": profile,
        "commit": commit,
        "constant": constant,
        "missing": list(missing),
        "verdicts": verdicts,
        "whole": True,
    }


RUNS = [
    run("older", N1={"perception": SUPPORTED, "decision": UNDECIDED}, S1={"both": SUPPORTED}),
    run("as it is", N1={"perception": SUPPORTED, "decision": SUPPORTED}, S1={"both": SUPPORTED}),
    run(
        "floor",
        constant=True,
        N1={"perception": SUPPORTED, "decision": SUPPORTED},
        S1={"both": CHANCE},
    ),
    run("seeds", profile="paper@1000", N1={"both": UNDECIDED}, S1={"both": SUPPORTED}),
    {"name": "networks 10 to 39", "profile": "paper", "whole": True, "missing": []},
    {**run("smoke"), "verdicts": {}},
]


def test_words_that_differ_from_the_base_are_found_and_named():
    roundings, constants, seeds = (
        paper_runs(RUNS, kind=kind) for kind in ("rounding", "constant", "seeds")
    )
    assert list(roundings) == ["as it is", "older"] and list(constants) == ["as it is", "floor"]
    assert list(seeds) == ["as it is", "seeds"]
    assert elsewhere.changed(roundings) == {"N1": ["older"]}
    assert elsewhere.changed(constants) == {"S1": ["floor"]}
    assert elsewhere.changed(seeds) == {"N1": ["seeds"]}
    own = {
        "S1": Result(
            claim="S1",
            statistics=(statistic("x", np.arange(3.0), holds=np.ones(3)),),
            null_name="",
            parts={"both": CONTRADICTED},
        )
    }
    assert elsewhere.rows(roundings, own)[1] == [
        ["N1", "-", "supported", "**undecided** (decision: undecided)"],
        ["S1", "contradicted", "supported", "supported"],
    ]


def test_an_answer_names_the_claims_or_says_that_nobody_knows():
    roundings = paper_runs(RUNS, kind="rounding")
    assert (
        elsewhere.answer(roundings, what="other roundings")
        == "With other roundings, the words of 1 of 2 claims change: N1."
    )
    assert paper_runs(RUNS[:1], kind="rounding") == {} == elsewhere.changed({})
    assert elsewhere.rows({}, {})[1] == []
    assert (
        elsewhere.answer({}, what="other roundings")
        == "Nobody knows yet: no run with other roundings is kept in this repository."
    )
    assert elsewhere.headline([]).startswith("Nobody knows yet")


def test_books_are_counted_and_the_one_that_is_not_whole_stands_out():
    runs = [*RUNS[:2], RUNS[2] | {"whole": False}]
    assert elsewhere.headline(runs).endswith("change: N1. Of 3 runs, 2 ended with a whole book.")
    rows = elsewhere.books(runs)[1]
    assert rows[0] == ["older", "paper", "abc", "yes", "0"]
    assert [row[3] for row in rows] == ["yes", "yes", "**no**"]


def test_only_books_by_the_rules_of_the_last_are_compared():
    newer = [
        run("as it is", commit="def", N1={"perception": UNDECIDED}),
        run("other", commit="def", N1={"perception": SUPPORTED}),
    ]
    found = paper_runs(RUNS + newer, kind="rounding")
    assert list(found) == ["as it is", "other"] and found["as it is"] == newer[0]
    assert list(paper_runs(RUNS + newer, kind="seeds")) == ["as it is", "seeds"]
    assert paper_runs(RUNS + newer[1:], kind="rounding") == {}
    # Where the criteria are known, they count and not the commit.
    judged = [newer[0] | {"criteria": "x"}, newer[1] | {"criteria": "x", "commit": "ghi"}]
    assert len(paper_runs(RUNS + judged, kind="rounding")) == 2
    judged[0]["criteria"] = "y"
    assert paper_runs(RUNS + judged, kind="rounding") == {}


def test_many_parts_that_differ_are_counted():
    parts = dict.fromkeys("abcd", SUPPORTED) | {"e": UNDECIDED}
    assert elsewhere.few(list("abce"), parts) == "3 parts now supported, 1 parts now undecided"


def test_missing_networks_are_listed_by_reason():
    one = {
        "task": "decision",
        "measure": "conditions.conditions, after",
        "in_part": True,
        "reason": "few units",
    }
    runs = [
        run(
            "older",
            missing=[
                one | {"network": 13},
                one | {"network": 6},
                one | {"network": 2, "reason": "none"},
            ],
        )
    ]
    other = run("newer", profile="smoke", missing=[one | {"network": 6}])
    header, rows = elsewhere.missing_rows([*runs, other])
    known = ["decision", "conditions.conditions, after", "in part"]
    assert rows == [
        [*known, "few units", "older, abc: 6, 13; newer, smoke, abc: 6"],
        [*known, "none", "older, abc: 2"],
    ]
    assert len(header) == len(rows[0])


def test_a_rounding_reaches_the_workers():
    code = (
        "import json\nfrom taskrnn.ensembles.workers import workers\n"
        "with workers() as pool: print(json.dumps(pool.submit(eval, \"__import__('os').environ['TF_ENABLE_ONEDNN_OPTS']\").result()))"
    )
    for given, expected in (("0", "0"), (None, "1")):
        environment = {
            name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"
        }
        environment |= {"TF_ENABLE_ONEDNN_OPTS": given} if given else {}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout.split()[-1]) == expected
