"""Words by their definitions, by hand and by slow routes, and the p behind each of them."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp, ttest_ind

from studies.ledger import Result, record, recorded, statistic
from taskrnn.analysis.statistics import against, interval, paired
from taskrnn.analysis.verdicts import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
    Verdict,
    at_most,
    conjunction,
    equivalent,
    holm,
    in_share,
    more_often,
    p_behind,
    separated,
    share_interval,
    verdict,
    welch,
)

NAN = math.nan
WORDS = (SUPPORTED, CHANCE, UNDECIDED, WEAKER, CONTRADICTED)
numbers = st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=2, max_size=15).map(
    np.array
)
spread_out = numbers.filter(lambda x: np.ptp(x) > max(1e-6 * np.abs(x).max(), 1e-100))
shares = st.lists(st.booleans(), min_size=1, max_size=40).map(np.array)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=9)


@given(spread_out, st.floats(-100, 100, allow_subnormal=False))
def test_a_word_is_decided_where_p_is_below_the_level(values, null):
    values = values + null
    assume(np.ptp(values) > max(1e-6 * np.abs(values).max(), 1e-100))
    p = ttest_1samp(values, null).pvalue
    assume(abs(p - 0.05) > 1e-6)
    found = verdict(against(values, null), claimed="above")
    if p > 0.05:
        assert found == UNDECIDED and math.isnan(found.p)
    else:
        assert found == (SUPPORTED if values.mean() > null else CONTRADICTED)
        assert found.p == pytest.approx(p, rel=1e-4, abs=1e-12)


@given(numbers, st.floats(-10, 10, allow_subnormal=False))
def test_verdict_turns_round_with_the_sign(values, null):
    found = verdict(against(values, null), claimed="above")
    assert verdict(against(-values, -null), claimed="below") == found
    turned = {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED, UNDECIDED: UNDECIDED}
    assert verdict(against(values, null), claimed="below") == turned[found]


UP = [1.0, 1.1, 1.2]


@pytest.mark.parametrize(
    ("values", "claimed", "chance", "expected"),
    [
        (UP, "above", None, SUPPORTED),
        (UP, "below", None, CONTRADICTED),
        ([-1.0, -1.1, -1.2], "below", None, SUPPORTED),
        ([1.0, 2.0, 9.0], "above", None, UNDECIDED),
        ([0.0, 0.0, 0.0], "above", None, UNDECIDED),
        ([7.0, 7.0], "above", None, SUPPORTED),
        ([1.0], "above", None, UNDECIDED),
        ([NAN, 1.0], "above", None, UNDECIDED),
        (UP, "above", 0.5, SUPPORTED),
        (UP, "above", [1.1, 1.0, 1.2], CHANCE),
        (UP, "above", UP, CHANCE),
        (UP, "above", [NAN, NAN, 0.0], UNDECIDED),
        (UP, "above", 9.0, WEAKER),
        ([-1.0, -1.1, -1.2], "below", -9.0, WEAKER),
        ([-1.0, -1.1, -1.2], "above", 9.0, CONTRADICTED),
        ([1.0, 2.0, 9.0], "above", 99.0, UNDECIDED),
    ],
)
def test_verdicts_by_hand(values, claimed, chance, expected):
    assert verdict(against(values), claimed=claimed, chance=chance) == expected


def test_the_p_of_a_word_is_that_of_the_test_that_decides_it():
    values, near, far = np.array([3.0, 4, 5, 4]), np.array([2.0, 2, 4, 2]), np.full(4, 30.0)
    alone, beside = ttest_1samp(values, 0).pvalue, ttest_1samp(values - near, 0).pvalue
    found = verdict(against(values), claimed="above", chance=near)
    assert found == SUPPORTED and found.p == pytest.approx(max(alone, beside))
    found = verdict(against(values), claimed="above", chance=far)
    assert found == WEAKER and found.p == pytest.approx(ttest_1samp(values - far, 0).pvalue)
    found = verdict(against(values), claimed="above", chance=values[::-1])
    assert found == CHANCE and found.p == pytest.approx(alone)


@given(spread_out, st.floats(0.1, 1e3))
def test_equivalence_is_two_tests_each_at_half_the_level(values, margin):
    low, high = (
        ttest_1samp(values, end, alternative=way).pvalue
        for end, way in ((-margin, "greater"), (margin, "less"))
    )
    assume(np.abs(np.array([low, high, 1 - low, 1 - high]) - 0.025).min() > 1e-6)
    found = equivalent(against(values), margin=margin)
    assert (found == SUPPORTED) == (max(low, high) < 0.025)
    assert (found == CONTRADICTED) == (max(low, high) > 0.975)
    if found == SUPPORTED:
        assert found.p == pytest.approx(2 * max(low, high), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ([-1.0, 0.0, 1.0], SUPPORTED),
        ([0.0, 0.0, 0.0], SUPPORTED),
        ([5.0, 5.0, 5.0], SUPPORTED),
        ([4.0, 5.0, 6.0], UNDECIDED),
        ([7.0, 7.1, 7.2], CONTRADICTED),
        ([-7.0, -7.1, -7.2], CONTRADICTED),
        ([NAN, 0.0], UNDECIDED),
    ],
)
def test_equivalence_by_hand(change, expected):
    found = equivalent(paired(np.zeros(len(change)), change), margin=5.0)
    assert found == expected
    assert math.isnan(found.p) if expected == UNDECIDED else found.p < 0.05


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0, 3.0], SUPPORTED),
        ([6.0, 6.0, 6.0], SUPPORTED),
        ([5.0, 6.0, 7.0], UNDECIDED),
        ([6.4, 6.5, 6.6], CONTRADICTED),
        ([1.0, NAN], UNDECIDED),
    ],
)
def test_a_bound_is_included(values, expected):
    found = at_most(np.array(values), 6.0)
    assert found == expected
    assert math.isnan(found.p) if expected == UNDECIDED else found.p < 0.05


def test_groups_are_separated_where_their_intervals_are_and_p_is_that_of_welch():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(10), 2 + 3 * rng.standard_normal(7)
    assert welch(a, b) == pytest.approx(ttest_ind(a, b, equal_var=False).pvalue)
    assert welch(np.append(a, NAN), b) == welch(a, b) == welch(b, a)
    for shift in np.linspace(-9, 9, 37):
        found = separated(a, b + shift)
        one, other = interval(a), interval(b + shift)
        apart = one.high < other.low or other.high < one.low
        assert (found != UNDECIDED) == apart
        if apart:
            assert found == (SUPPORTED if one.mean < other.mean else CONTRADICTED)
            assert found.p < 0.05
    assert separated(np.ones(3), np.full(3, 2.0)).p == 0 and welch(np.ones(3), np.ones(2)) == 1


def binomial(n, rate, counts):
    """Probability of any of these counts, written out."""
    return sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in counts)


@pytest.mark.parametrize(
    ("holds", "expected"), [(10, SUPPORTED), (9, UNDECIDED), (4, UNDECIDED), (3, CONTRADICTED)]
)
def test_ten_of_ten_networks_show_two_thirds_and_three_refute_it(holds, expected):
    found = in_share(np.arange(10) < holds, rate=2 / 3)
    assert found == expected
    if expected == SUPPORTED:
        assert found.p == pytest.approx(2 * (2 / 3) ** 10)
    if expected == CONTRADICTED:
        assert found.p == pytest.approx(2 * 1161 / 3**10)  # 1 + 20 + 180 + 960 of 3^10


@given(shares, st.floats(0.05, 0.95))
def test_a_share_is_judged_by_the_binomial_distribution(holds, rate):
    n, k = len(holds), int(holds.sum())
    above = 2 * binomial(n, rate, range(k, n + 1))
    below = 2 * binomial(n, rate, range(k + 1))
    assume(min(abs(above - 0.05), abs(below - 0.05)) > 1e-9)
    found = in_share(holds, rate=rate)
    word = SUPPORTED if above < 0.05 else CONTRADICTED if below < 0.05 else UNDECIDED
    assert found == word
    if word != UNDECIDED:
        assert found.p == pytest.approx(min(above, below))


@given(shares, st.randoms(use_true_random=False))
def test_missing_networks_turn_a_share_neither_way(holds, random):
    missing = ~holds & np.array([random.random() < 0.5 for _ in holds])
    found = in_share(holds, rate=2 / 3, missing=missing)
    ends = {in_share(holds, rate=2 / 3), in_share(holds | missing, rate=2 / 3)}
    assert found in ends
    assert found == UNDECIDED or ends == {found}


def test_a_missing_network_does_not_hold_whatever_stands_in_its_place():
    nine = np.arange(10) < 9
    assert in_share(np.ones(10, dtype=bool), rate=2 / 3, missing=~nine) == UNDECIDED


def test_the_interval_of_a_share_holds_every_rate_that_does_not_exclude_it():
    found = share_interval(7, 10)
    assert found.mean == 0.7
    assert binomial(10, found.low, range(7, 11)) == pytest.approx(0.025)
    assert binomial(10, found.high, range(8)) == pytest.approx(0.025)
    assert share_interval(0, 4).low == 0 and share_interval(4, 4).high == 1


def outcomes(both, gained, lost, neither):
    """Whether networks hold before and after, this many of each kind."""
    pairs = [(1, 1)] * both + [(0, 1)] * gained + [(1, 0)] * lost + [(0, 0)] * neither
    return np.array(pairs, dtype=bool).T


@pytest.mark.parametrize(
    ("table", "expected", "p"),
    [
        ((4, 6, 0, 0), SUPPORTED, 2 / 2**6),
        ((0, 5, 0, 5), UNDECIDED, NAN),
        ((4, 0, 6, 0), CONTRADICTED, 2 / 2**6),
        ((10, 0, 0, 0), UNDECIDED, NAN),
        ((0, 8, 1, 1), SUPPORTED, 2 * (1 + 9) / 2**9),
        ((0, 5, 5, 0), UNDECIDED, NAN),
    ],
)
def test_only_networks_that_change_say_whether_it_holds_more_often(table, expected, p):
    found = more_often(*outcomes(*table))
    assert found == expected and found.p == pytest.approx(p, nan_ok=True)


@given(*[st.integers(0, 12)] * 4)
def test_more_often_is_the_exact_paired_test(both, gained, lost, neither):
    before, after = outcomes(both, gained, lost, neither).reshape(2, -1)
    found = more_often(before, after)
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert (found == UNDECIDED) == (p >= 0.05)
    assert more_often(after, before) == {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED}.get(
        found, UNDECIDED
    )


def step_down(p):
    """Holm's procedure one test after another, at each level: which of the nulls fall."""
    levels, fell = [*p], np.ones(len(p))
    for level in sorted({min(1.0, a * k) for a in p for k in range(1, len(p) + 1)}):
        left = list(range(len(p)))
        while left:
            least = min(left, key=lambda i: (levels[i], i))
            if levels[least] * len(left) > level:
                break
            fell[least] = min(fell[least], level)
            left.remove(least)
    return fell


@given(p_values)
def test_holms_p_is_the_least_level_at_which_stepping_down_rejects(p):
    np.testing.assert_allclose(holm(p), step_down(p), rtol=1e-12)


@given(p_values)
def test_holms_p_lies_between_a_tests_own_and_bonferronis_in_the_same_order(p):
    found = holm(p)
    assert (found >= p).all() and (found <= np.minimum(1, len(p) * np.array(p))).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()


def test_holm_by_hand():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.02]) == [0.02] and len(holm([])) == 0


parts_with_p = st.lists(
    st.builds(Verdict, st.sampled_from(WORDS), st.floats(0, 1)), min_size=1, max_size=8
)


@given(parts_with_p, st.randoms(use_true_random=False))
def test_a_conjunction_is_as_strong_as_its_weakest_part(parts, random):
    found = conjunction(parts)
    assert found in parts
    assert (found == SUPPORTED) == (set(parts) == {SUPPORTED})
    assert (found == CONTRADICTED) == (CONTRADICTED in parts)
    assert (found == WEAKER) == (WEAKER in parts and CONTRADICTED not in parts)
    shuffled = conjunction(random.sample(parts, len(parts)))
    assert (shuffled, shuffled.p) == (found, found.p)
    assert conjunction([found, *parts]) == found
    behind = [part.p for part in parts if part == found]
    assert found.p == (max(behind) if found == SUPPORTED else min(behind))


def test_words_without_a_test_have_no_p():
    assert math.isnan(p_behind(SUPPORTED)) and math.isnan(Verdict(SUPPORTED).p)
    assert math.isnan(conjunction([SUPPORTED, SUPPORTED]).p)
    for parts in ([SUPPORTED, Verdict(SUPPORTED, 0.01)], [Verdict(SUPPORTED, 0.01), SUPPORTED]):
        assert math.isnan(conjunction(parts).p)
    assert conjunction([Verdict(CONTRADICTED), Verdict(CONTRADICTED, 0.01)]).p == 0.01
    assert Verdict(CHANCE, 0.5) == CHANCE and f"{Verdict(CHANCE, 0.5)}" == CHANCE


def test_a_verdict_keeps_its_p_in_the_ledger(tmp_path):
    row = statistic("x", np.arange(3.0), holds=np.ones(3))
    words = {"a": Verdict(SUPPORTED, 0.0123), "b": Verdict(UNDECIDED), "c": Verdict(WEAKER, 1e-300)}
    result = Result(claim="R1", statistics=(row,), null_name="", parts=words)
    record(result, data=tmp_path, profile="smoke")
    found = recorded(data=tmp_path, profile="smoke")["R1"]
    assert found.parts == words
    assert [part.p for part in found.parts.values()] == pytest.approx(
        [0.0123, NAN, 1e-300], rel=0, abs=0, nan_ok=True
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: verdict(against([1.0, 2.0]), claimed="more"), "'above' or 'below'"),
        (lambda: equivalent(against([1.0, 2.0]), margin=0), "above 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
