"""Intervals and p of Student's t by routes that must agree, and networks that have no value."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from taskrnn.analysis import statistics
from taskrnn.analysis.statistics import against, finite, interval, of_known, p_value, paired, side

NAN = math.nan
numbers = st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=2, max_size=15).map(
    np.array
)
# Values that differ by more than rounding, and whose squares do not vanish in SciPy.
spread_out = numbers.filter(lambda x: np.ptp(x) > max(1e-6 * np.abs(x).max(), 1e-100))


@given(spread_out)
def test_an_interval_and_its_p_are_those_of_students_test(values):
    test = ttest_1samp(values, 0.0)
    low, high = test.confidence_interval(0.95)
    found = interval(values)
    scale = np.abs(values).max()
    assert found.mean == pytest.approx(values.mean(), abs=1e-12 * scale)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6 * scale)
    assert p_value(values) == pytest.approx(test.pvalue, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_interval_covers_the_mean_of_normal_values_in_95_percent_at_any_size(n):
    samples = 5 + 3 * np.random.default_rng(0).standard_normal((2000, n))
    found = [interval(x) for x in samples]
    assert np.mean([i.low <= 5 <= i.high for i in found]) == pytest.approx(0.95, abs=0.015)
    assert np.mean([p_value(x - 5) < 0.05 for x in samples]) == pytest.approx(0.05, abs=0.015)


@given(spread_out, st.floats(-100, 100), st.floats(0.01, 100))
def test_an_interval_moves_with_the_data(values, shift, scale):
    found, moved = interval(values), interval(scale * values + shift)
    size = scale * np.abs(values).max() + abs(shift)
    by_hand = [scale * end + shift for end in found[:3]]
    assert moved[:3] == pytest.approx(by_hand, rel=1e-6, abs=1e-6 * size)


@pytest.mark.parametrize("exponent", [-300, -160, -20, 0, 20, 48])
def test_an_interval_has_the_unit_of_its_values_and_p_has_none(exponent):
    values, unit = np.array([1.0, 2.0, 4.0, 3.5]), 10.0**exponent
    found = interval(values * unit)
    np.testing.assert_allclose(np.array(found[:3]) / unit, interval(values)[:3], rtol=1e-12)
    assert p_value(values * unit) == pytest.approx(p_value(values), rel=1e-9)


@given(st.floats(-1e50, 1e50), st.integers(2, 12))
def test_equal_values_have_an_interval_without_width_or_rounding(value, n):
    assert interval([value] * n) == (value, value, value, 0)
    assert p_value([value] * n) == float(value == 0)


def test_one_network_has_a_mean_and_none_has_nothing():
    one, none = interval([5.0, NAN]), interval([NAN, NAN])
    assert one.mean == 5 and one.n_failed == 1 and none.n_failed == 2
    assert np.isnan([one.low, one.high, *none[:3], p_value([5.0]), p_value([NAN, NAN])]).all()
    assert side(one) == side(none) == "across"


def test_failed_networks_are_counted_and_never_hold():
    values = np.array([1.0, 2.0, NAN, 3.0])
    assert interval(values).n_failed == 1
    assert interval(values)[:3] == interval([1.0, 2.0, 3.0])[:3]
    assert p_value(values) == p_value([1.0, 2.0, 3.0])
    found = against(values)
    assert (found.n_above, found.n_below, found.interval.n_failed) == (3, 0, 1)
    assert math.isnan(found.values[2]) and len(found.values) == 4
    assert paired(np.zeros(4), values).excess.n_failed == 1
    assert against(np.ones(3), np.array([0.0, NAN, 0.0])).excess.n_failed == 1


def test_pairing_removes_what_networks_differ_in():
    before = np.linspace(0, 100, 10)
    after = before + np.linspace(0.5, 1.5, 10)
    found = paired(before, after)
    assert found.interval.mean == pytest.approx(1) and found.n_above == 10
    assert side(found.excess) == "above"
    assert side(against(after, before.mean()).excess) == "across"


def test_a_null_per_network_is_paired_and_a_constant_is_for_all():
    values = np.array([1.0, 5.0, 9.0])
    found = against(values, values - 1)
    assert found.excess == (1.0, 1.0, 1.0, 0) and found.null == (0.0, 4.0, 8.0)
    assert against(values, 2.0).null == (2.0, 2.0, 2.0)
    assert (against(values, 2.0).n_above, against(values, 2.0).n_below) == (2, 1)
    assert against(values).null == () and against(values).excess == interval(values)


def test_what_is_known_is_finite():
    values = np.array([[1.0, np.inf], [NAN, 3.0]])
    assert of_known(np.median, values) == 2 and math.isnan(of_known(np.mean, [NAN, -np.inf]))
    np.testing.assert_array_equal(finite(values), [[1, NAN], [NAN, 3]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interval([]), "shape"),
        (lambda: interval(np.ones((2, 3))), "shape"),
        (lambda: interval([1.0, math.inf]), "NaN"),
        (lambda: interval([1.0, 1e51]), "NaN"),
        (lambda: p_value([1.0, math.inf]), "NaN"),
        (lambda: against([1.0, 2.0], np.ones(3)), "one per network"),
        (lambda: paired(np.ones(2), np.ones(3)), "same networks"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_comparison_can_be_written_as_plain_values():
    found = paired(np.zeros(3), np.arange(3.0), null=1.0)
    row = json.loads(json.dumps(dataclasses.asdict(found)))
    assert statistics.Interval(*row["excess"]) == found.excess
