import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrnn.analysis import statistics
from taskrnn.analysis.statistics import (
    CHANCE,
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    against,
    conjunction,
    equivalent,
    interval,
    paired,
    verdict,
)

NAN = math.nan
numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=15).map(np.array)


def test_interval_is_that_of_a_bootstrap_by_hand():
    values = np.random.default_rng(0).standard_normal(10)
    rng = np.random.default_rng(1)
    means = values[rng.integers(0, 10, (100_000, 10))].mean(axis=1)
    found = interval(values)
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        tuple(np.quantile(means, [0.025, 0.975])), abs=0.03
    )
    assert interval(values) == found


def test_interval_covers_the_mean_nine_times_in_ten_at_ten_networks():
    samples = np.random.default_rng(2).standard_normal((300, 10))
    covered = np.mean([interval(x).low <= 0 <= interval(x).high for x in samples])
    assert covered == pytest.approx(0.90, abs=0.04)


@given(numbers, st.floats(-100, 100), st.floats(0.01, 100))
@settings(max_examples=40, deadline=None)
def test_interval_keeps_to_the_data_and_moves_with_it(values, shift, scale):
    found = interval(values)
    slack = 1e-9 * (1 + np.abs(values).max())
    assert values.min() <= found.low <= found.high <= values.max()
    assert found.low - slack <= found.mean <= found.high + slack or len(values) < 4
    moved = interval(scale * values + shift)
    assert moved.mean == pytest.approx(scale * found.mean + shift, abs=1e-6)
    assert moved.low == pytest.approx(scale * found.low + shift, abs=1e-6 * (1 + scale))


def test_two_networks_one_network_and_equal_values_have_what_interval_they_can():
    assert interval([1.0, 3.0])[:3] == (2.0, 1.0, 3.0)
    assert interval([0.1] * 10) == (pytest.approx(0.1), 0.1, 0.1, 0)
    one = interval([5.0])
    assert one.mean == 5.0 and math.isnan(one.low) and math.isnan(one.high)


def test_failed_networks_are_counted_and_never_hold():
    values = np.array([1.0, 2.0, NAN, 3.0])
    assert interval(values).n_failed == 1
    assert interval(values)[:3] == interval([1.0, 2.0, 3.0])[:3]
    found = against(values)
    assert (found.n_above, found.n_below, found.interval.n_failed) == (3, 0, 1)
    assert math.isnan(found.values[2]) and len(found.values) == 4
    assert paired(np.zeros(4), values).excess.n_failed == 1
    assert against(np.ones(3), np.array([0.0, NAN, 0.0])).excess.n_failed == 1
    nothing = interval([NAN, NAN])
    assert math.isnan(nothing.mean) and nothing.n_failed == 2
    assert verdict(against([NAN, 1.0]), claimed="above") == UNDECIDED


def test_pairing_removes_what_networks_differ_in():
    before = np.linspace(0, 100, 10)
    after = before + np.linspace(0.5, 1.5, 10)
    found = paired(before, after)
    assert found.interval.mean == pytest.approx(1) and found.n_above == 10
    assert verdict(found, claimed="above") == SUPPORTED
    assert verdict(against(after, before.mean()), claimed="above") == UNDECIDED


@pytest.mark.parametrize(
    ("values", "claimed", "chance", "expected"),
    [
        ([1.0, 2.0, 3.0], "above", None, SUPPORTED),
        ([1.0, 2.0, 3.0], "below", None, CONTRADICTED),
        ([-1.0, -2.0, -3.0], "below", None, SUPPORTED),
        ([-1.0, -2.0, -3.0], "above", None, CONTRADICTED),
        ([-1.0, 2.0, -3.0], "above", None, UNDECIDED),
        ([0.0, 0.0, 0.0], "above", None, UNDECIDED),
        ([1.0], "above", None, UNDECIDED),
        ([1.0, 2.0, 3.0], "above", 0.5, SUPPORTED),
        ([1.0, 2.0, 3.0], "above", [1.1, 1.9, 3.1], CHANCE),
        ([1.0, 2.0, 3.0], "above", 9.0, CHANCE),
        ([-1.0, -2.0, -3.0], "below", -9.0, CHANCE),
        ([-1.0, -2.0, -3.0], "below", [0.0, NAN, 0.0], SUPPORTED),
        ([-1.0, -2.0, -3.0], "above", 9.0, CONTRADICTED),
    ],
)
def test_verdicts(values, claimed, chance, expected):
    assert verdict(against(values), claimed=claimed, chance=chance) == expected


@given(numbers, st.floats(-10, 10))
@settings(max_examples=40, deadline=None)
def test_verdict_turns_round_with_the_sign(values, null):
    found = verdict(against(values, null), claimed="above")
    assert verdict(against(-values, -null), claimed="below") == found
    turned = {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED, UNDECIDED: UNDECIDED}
    assert verdict(against(values, null), claimed="below") == turned[found]


def test_a_null_per_network_is_paired_and_a_constant_is_for_all():
    values = np.array([1.0, 5.0, 9.0])
    found = against(values, values - 1)
    assert found.excess == (1.0, 1.0, 1.0, 0) and found.null == (0.0, 4.0, 8.0)
    assert against(values, 2.0).null == (2.0, 2.0, 2.0)
    assert (against(values, 2.0).n_above, against(values, 2.0).n_below) == (2, 1)
    assert against(values).null == () and against(values).excess == interval(values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ([-1.0, 0.0, 2.0], SUPPORTED),
        ([5.0, 6.0, 7.0], UNDECIDED),
        ([7.0, 8.0, 9.0], CONTRADICTED),
        ([NAN, 0.0], UNDECIDED),
    ],
)
def test_equivalence_needs_the_whole_interval_within_the_margin(change, expected):
    assert equivalent(paired(np.zeros(len(change)), change), margin=5.0) == expected


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interval([]), "shape"),
        (lambda: interval(np.ones((2, 3))), "shape"),
        (lambda: interval([1.0, math.inf]), "NaN"),
        (lambda: against([1.0, 2.0], np.ones(3)), "one per network"),
        (lambda: paired(np.ones(2), np.ones(3)), "same networks"),
        (lambda: verdict(against([1.0, 2.0]), claimed="more"), "'above' or 'below'"),
        (lambda: equivalent(against([1.0, 2.0]), margin=0), "above 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_comparison_can_be_written_as_plain_values():
    row = json.loads(json.dumps(dataclasses.asdict(paired(np.zeros(3), np.arange(3.0), null=1.0))))
    assert (
        statistics.Interval(*row["excess"]) == paired(np.zeros(3), np.arange(3.0), null=1.0).excess
    )


@given(
    st.lists(st.sampled_from([SUPPORTED, CHANCE, UNDECIDED, CONTRADICTED]), min_size=1),
    st.randoms(),
)
def test_a_conjunction_is_as_strong_as_its_weakest_part(parts, random):
    found = conjunction(parts)
    assert found in parts
    assert (found == SUPPORTED) == (set(parts) == {SUPPORTED})
    assert (found == CONTRADICTED) == (CONTRADICTED in parts)
    assert conjunction(random.sample(parts, len(parts))) == found == conjunction([found, *parts])
