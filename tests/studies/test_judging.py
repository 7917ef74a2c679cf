"""What is left of the words: corrected together, beside other books, and how far intervals are to
be trusted.
"""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from smoke_book import ROOT

from studies import criteria, other_books
from studies.judging import correction, coverage, front_page, overview, standing
from studies.ledger import Result, statistic
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
    Verdict,
    conjunction,
)
from taskrnn.random_numbers import generator


def result(claim, values=(1.0, 2.0, 3.0), *, as_written="", **parts):
    values = np.array(values)
    row = statistic("x", values, holds=values > 0)
    return Result(claim=claim, statistics=(row,), null_name="", parts=parts, as_written=as_written)


def three():
    """Five tests, of p 0.001, 0.01, 0.015, 0.04 and, undecided, 1; and one part without a test."""
    return {
        "P1": result("P1", a=Verdict(SUPPORTED, 0.001), b=Verdict(SUPPORTED, 0.015)),
        "R1": result("R1", a=Verdict(CONTRADICTED, 0.04), b=Verdict(UNDECIDED)),
        "G3": result("G3", a=Verdict(CONTRADICTED), b=Verdict(WEAKER, 0.01)),
    }


def test_all_tests_of_the_book_are_corrected_together():
    """Times 5, 4, 3, 2 and 1 in the order of p: 0.005, 0.04, 0.045, 0.08 and 1."""
    assert correction.n_tests(three()) == 5
    after = correction.corrected(three())
    assert after == {"P1": SUPPORTED, "R1": UNDECIDED, "G3": CONTRADICTED}
    assert after["P1"].p == 0.015  # that of the test itself
    # One test more is enough for the third to fall.
    more = three() | {"N1": result("N1", a=Verdict(UNDECIDED))}
    assert correction.corrected(more)["P1"] == UNDECIDED


def test_a_correction_makes_no_word_stronger_and_spares_what_has_no_test():
    rng = np.random.default_rng(0)
    words = (SUPPORTED, CONTRADICTED, CHANCE, WEAKER)
    for _ in range(50):
        results = {
            claim: result(
                claim, **{c: Verdict(rng.choice(words), 0.05 * rng.random()) for c in "ab"}
            )
            for claim in ("P1", "P2", "R1", "R2")
        }
        for claim, word in correction.corrected(results).items():
            parts = results[claim].parts.values()
            assert word in {UNDECIDED, *parts}
            assert word != SUPPORTED or conjunction(parts) == SUPPORTED
    plain = {"G4": result("G4", a=Verdict(SUPPORTED), b=Verdict(SUPPORTED))}
    assert correction.corrected(plain) == {"G4": SUPPORTED} and correction.n_tests(plain) == 0


KEPT = {
    "as it is": {"P1": SUPPORTED, "R1": UNDECIDED, "G3": CONTRADICTED},
    "AVX2": {"P1": SUPPORTED, "R1": SUPPORTED, "G3": CONTRADICTED},
    "seeds": {"P1": SUPPORTED, "R1": UNDECIDED, "G3": WEAKER, "N1": CHANCE},
}
OWN = {"P1": Verdict(SUPPORTED, 0.01), "R1": UNDECIDED, "G3": CONTRADICTED, "L1": SUPPORTED}


def test_a_word_stands_that_every_book_gives():
    found = standing.standing(OWN, KEPT)
    assert found == {"P1": SUPPORTED, "R1": UNDECIDED, "G3": UNDECIDED, "L1": SUPPORTED}
    assert found["P1"].p == 0.01
    assert standing.standing(OWN, {}) == OWN
    assert other_books.otherwise("P1", SUPPORTED, KEPT) == ""
    assert other_books.otherwise("L1", SUPPORTED, KEPT) == ""
    assert other_books.otherwise("G3", CONTRADICTED, KEPT) == f"{WEAKER} in *seeds*"
    both = f"{SUPPORTED} in *AVX2*; {UNDECIDED} in *seeds*"
    assert (
        other_books.otherwise("R1", CONTRADICTED, {n: KEPT[n] for n in ("AVX2", "seeds")}) == both
    )


def test_two_readers_see_fewer_words_otherwise_if_they_ask_the_other_books():
    """R1 differs between the single builds; it stands in neither, for "seeds" knows it as
    undecided.
    """
    assert standing.turned(KEPT, ["as it is", "AVX2"]) == (1, 0)
    # Without a third book the two differ as single builds do.
    two = {name: KEPT[name] for name in ("as it is", "AVX2")}
    assert standing.turned(two, list(two)) == (1, 1)
    assert standing.turned(KEPT, ["AVX2"]) == (0, 0)
    assert "differ in 1 words at most" in standing.tried(KEPT, ["as it is", "AVX2", "gone"])
    assert standing.tried(KEPT, ["AVX2", "gone"]).startswith("Nobody knows yet")


def run(name, *, profile="paper", constant=False, by=None, **words):
    return {
        "name": name,
        "profile": profile,
        "constant": constant,
        "commit": "abc",
        "criteria": criteria.digest(words) if by is None else by,
        "verdicts": {claim: {"all": word} for claim, word in words.items()},
    }


def test_kept_books_have_other_seeds_or_roundings_and_the_present_criteria():
    runs = [
        run("older rules", by="others", P1=WEAKER),
        run("as it is", P1=SUPPORTED),
        run("AVX2", P1=UNDECIDED),
        run("floor", constant=True, P1=CHANCE),
        run("seeds", profile="paper@1000", P1=CONTRADICTED),
    ]
    assert other_books.kept_books(runs) == {
        "as it is": {"P1": SUPPORTED},
        "seeds": {"P1": CONTRADICTED},
        "AVX2": {"P1": UNDECIDED},
    }
    assert other_books.kept_books(runs[2:]) == {}


def test_claims_that_no_kept_book_has_are_named():
    assert standing.unasked(["P1", "D1"], KEPT) == ["D1"]
    assert standing.unasked(["P1"], {}) == ["P1"]


def test_the_table_of_books_marks_what_differs():
    results = {"P1": result("P1", a=Verdict(SUPPORTED, 0.01)), "G3": result("G3", a=CONTRADICTED)}
    header, rows = standing.rows(results, KEPT)
    assert header == ["claim", "this build", "as it is", "AVX2", "seeds", "stands as"]
    assert rows == [
        ["P1", *[SUPPORTED] * 5],
        ["G3", *[CONTRADICTED] * 3, f"**{WEAKER}**", UNDECIDED],
    ]


def test_the_revision_moved_words_towards_a_claim_or_away_from_it(monkeypatch):
    monkeypatch.setattr(
        standing, "EARLIER", {"P1": CONTRADICTED, "R1": SUPPORTED, "G3": CHANCE, "N1": UNDECIDED}
    )
    results = {
        "P1": result("P1", a=WEAKER),
        "R1": result("R1", a=CHANCE),
        "G3": result("G3", a=CHANCE),
        "L1": result("L1", a=SUPPORTED),
    }
    assert standing.moved(results) == (["P1"], ["R1"])
    rows = standing.revised(results)[1]
    assert [row[:3] for row in rows] == [
        ["P1", CONTRADICTED, f"**{WEAKER}**"],
        ["R1", SUPPORTED, f"**{CHANCE}**"],
        ["G3", CHANCE, CHANCE],
    ]
    assert rows[1][3] == criteria.CLAIMS["R1"].reason
    assert rows[2][3] == "Student's t, exact intervals"


def test_the_front_page_supports_what_stands_and_says_what_does_not():
    results = {
        "P1": result("P1", perception=Verdict(SUPPORTED, 0.01), as_written=CONTRADICTED),
        "R1": result("R1", a=Verdict(SUPPORTED, 0.01)),
    }
    assert front_page.n_supported(results, KEPT) == 1 and front_page.n_supported(results, {}) == 2
    rows = front_page.VerdictTable(results, KEPT)._repr_markdown_().splitlines()
    p1, r1 = (next(row for row in rows if f"[{claim}]" in row) for claim in ("P1", "R1"))
    assert "| **undecided**, n = 3. **Does not stand**: supported in this build; " in r1
    assert "undecided in *as it is*; undecided in *seeds*" in r1
    assert "stand" not in p1 and p1.endswith("(by the criterion as written: contradicted) |")
    assert criteria.CLAIMS["P1"].revision in p1


def test_the_overview_has_every_claim_once_under_the_word_that_stands():
    results = {"R1": result("R1", a=Verdict(SUPPORTED, 0.01)), "C2": result("C2", a=SUPPORTED)}
    text = overview.Overview(results, KEPT)._repr_markdown_()
    links = re.findall(r"title=\"([\w ]+):[^\"]*\">(\S) \[([A-Z]\d+[a-z]?)\]\(book/\w+\.md\)", text)
    assert sorted(claim for _, _, claim in links) == sorted(criteria.CLAIMS)
    said = {claim: (sign, word) for word, sign, claim in links}
    assert said["R1"] == ("?", UNDECIDED) and said["C2"] == ("✔", SUPPORTED)
    assert said["R2"] == ("…", front_page.NOT_ANALYSED)
    memory = next(row for row in text.splitlines() if "[C2]" in row)
    assert memory.startswith("| **Q2**")


def test_an_effect_is_in_half_widths_of_its_interval_from_the_null():
    rng = np.random.default_rng(0)
    values, null = rng.normal(3, 1, 10), rng.normal(1, 1, 10)
    half = stats.t.ppf(0.975, 9) * stats.sem(values)
    row = statistic("x", values, holds=values > 0, null=null)
    assert_allclose(overview.effect(row), abs(values.mean() - null.mean()) / half)
    row = statistic("x", -values, holds=values > 0)
    assert_allclose(overview.effect(row), abs(values.mean()) / half)
    same = statistic("x", np.full(4, 2.0), holds=np.ones(4, bool), null=np.full(4, 3.0))
    assert overview.effect(same) == np.inf and overview.place(np.inf) == overview.place(100)
    nothing = statistic("x", np.full(4, np.nan), holds=np.zeros(4, bool))
    assert overview.effect(nothing) == overview.effect(None) == 0


def test_the_page_draws_the_band_where_the_scale_has_it():
    style = (ROOT / "book" / "style" / "book.css").read_text()
    reach = f"{overview.place(1):.1f}%"
    assert (
        f"transparent {overview.LEFT:g}%, rgb(128 128 128 / 20%) {overview.LEFT:g}% {reach}"
        in style
    )


@given(st.lists(st.floats(-200, 200), min_size=1, max_size=12))
def test_names_on_one_line_of_the_overview_do_not_touch(means):
    claims = list(criteria.CLAIMS.values())[: len(means)]
    results = {
        claim.id: result(claim.id, [mean - 1, mean, mean + 1], a=SUPPORTED)
        for claim, mean in zip(claims, means, strict=True)
    }
    text = overview.Overview(results, {}).marks(claims)
    found = [
        (int(line), float(at)) for at, line in re.findall(r"--place: (\S+)%; --line: (\d+)", text)
    ]
    assert len(found) == len(means) and f"--lines: {1 + max(line for line, _ in found)}" in text
    for line in {line for line, _ in found}:
        places = sorted(at for of, at in found if of == line)
        assert all(np.diff(places) >= overview.APART - 0.11)  # as they are rounded
    assert all(0 < at < 100 for _, at in found)


def test_a_hypothesis_is_what_its_claims_amount_to():
    assert overview.headline([SUPPORTED, SUPPORTED]) == SUPPORTED
    assert overview.headline([SUPPORTED, CHANCE]) == "partly supported, 1 of 2"
    assert overview.headline([WEAKER, CHANCE]) == "not supported"
    assert overview.headline([SUPPORTED, front_page.NOT_ANALYSED]).startswith("open, 1 of 2")


def test_the_table_of_a_claim_has_n_and_the_word_by_the_criterion_as_written():
    found = result("R1", [1.0, 2.0, np.nan], a=Verdict(CHANCE, 0.01), as_written=SUPPORTED)
    text, claim = found._repr_markdown_(), criteria.CLAIMS["R1"]
    assert (
        "| statistic | mean over networks | 95 % interval | n | holds in | 95 % interval |" in text
    )
    assert "| x | 1.5 | -4.85 to 7.85 | 2 | 2 of 3, 1 missing |" in text
    assert f"Supported if: {claim.revision}." in text
    assert (
        f"By the criterion as written ({claim.criterion}): **{SUPPORTED}**. {claim.reason}" in text
    )
    without = result("R1", a=CHANCE)._repr_markdown_()
    assert without.endswith(claim.reason) and "as written" not in without


def test_intervals_by_t_cover_normal_values_and_those_of_the_bootstrap_are_too_narrow():
    rng = generator(0, "test of coverage")
    shares = [coverage.coverage(rng.standard_normal(100_000), rng=rng) for _ in range(5)]
    by_t, by_bootstrap = np.mean(shares, axis=0)
    assert by_t == pytest.approx(0.95, abs=0.015)
    assert by_bootstrap == pytest.approx(0.90, abs=0.02)


def test_coverage_is_taken_of_rows_whose_values_differ():
    results = {
        "P1": result("P1", np.arange(10.0)),
        "R1": result("R1", [1.0, 2, 3, 1, 2, 3, 1, 2, 3, np.nan]),
    }
    assert coverage.of_rows(results).shape == (1, 2)
    assert coverage.of_rows({}).shape == (0, 2)
    header, rows = coverage.rows(results)
    assert [row[0].split()[0] for row in rows] == ["normal", "log-normal", "this", "this"]
    assert {len(row) for row in rows} == {len(header)} and rows[2][1] == 1
    # Of skewed values both hold the mean less often.
    as_numbers = [[float(cell.strip("%")) for cell in row[2:]] for row in rows[:2]]
    assert as_numbers[1][0] < as_numbers[0][0] and as_numbers[1][1] < as_numbers[0][1]
    assert len(coverage.rows({})[1]) == 2


def test_a_page_says_where_a_word_does_not_stand():
    said = other_books.does_not_stand("G3", CONTRADICTED, KEPT)
    assert said.startswith(
        f"**G3 does not stand**: contradicted in this build, {WEAKER} in *seeds*."
    )
    assert other_books.does_not_stand("P1", SUPPORTED, KEPT) == ""
    undecided = other_books.does_not_stand("G3", UNDECIDED, KEPT)
    assert undecided.startswith("**G3 is undecided here, and not everywhere**: ")
