"""More networks: which words change between two profiles."""

import numpy as np

from studies.ledger import CONTRADICTED, SUPPORTED, Result, statistic
from studies.more_networks import comparison


def result(claim, word):
    row = statistic("x (deg)", np.arange(3.0), holds=np.ones(3))
    return Result(claim=claim, statistics=(row,), null_name="", parts={"all": word})


SIZES = {"paper": 10, "large": 100}
BOTH = {
    "paper": {
        "N1": result("N1", SUPPORTED),
        "S1": result("S1", SUPPORTED),
        "S2": result("S2", SUPPORTED),
    },
    "large": {"N1": result("N1", SUPPORTED), "S1": result("S1", CONTRADICTED)},
}


def test_claims_that_both_have_judged_are_compared():
    header, rows = comparison.rows(BOTH, SIZES)
    assert [row[:3] for row in rows] == [
        ["N1", SUPPORTED, SUPPORTED],
        ["S1", SUPPORTED, CONTRADICTED],
    ]
    assert {len(row) for row in rows} == {len(header)} and rows[0][3].startswith("x (deg): 1 (")
    assert (
        comparison.answer(BOTH, SIZES)
        == "Of 2 verdicts, 1 differ between 10 and 100 networks per task: S1."
    )


def test_without_both_nobody_knows():
    assert "the 100 of `large` have no verdicts" in comparison.answer(BOTH | {"large": {}}, SIZES)
