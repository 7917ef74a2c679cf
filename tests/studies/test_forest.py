"""A verdict as a picture: what is drawn lies where its number is."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.forest import LEFT, RIGHT, forest
from studies.ledger import statistic

VALUES = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=12)


def drawn(rows, null_name="chance"):
    """Its marks by class: x of each."""
    svg = ET.fromstring(forest(rows, null_name=null_name))
    found = {}
    for circle in svg.iter("circle"):
        found.setdefault(circle.get("class"), []).append(float(circle.get("cx")))
    for path in svg.iter("path"):
        found.setdefault(path.get("class"), []).append(path.get("d"))
    return svg, found


@given(VALUES, VALUES)
def test_marks_are_in_the_order_of_their_numbers_and_on_the_scale(values, null):
    row = statistic("a & b < c", np.array(values), holds=np.ones(len(values), bool), null=null)
    svg, found = drawn([row])
    networks, of_null = found["network"][:-1], found["null"][:-1]  # the last is in the legend
    for x, numbers in ((networks, values), (of_null, null)):
        assert len(x) == len(numbers) and min(x) >= LEFT and max(x) <= RIGHT
        assert np.all(np.diff(np.array(x)[np.argsort(numbers)]) >= -0.11)
    assert svg.get("aria-label").startswith("a & b < c: mean")
    low, high = (float(part) for part in found["interval"][0][1:].replace("H", " ").split()[::2])
    assert low <= high


def test_the_scale_is_linear_between_its_ends():
    row = statistic("x", np.array([0.0, 1.0, 4.0]), holds=np.ones(3, bool), null=[-40.0, 40.0])
    _, found = drawn([row])
    assert found["null"][:2] == [LEFT, RIGHT]
    middle, width = (LEFT + RIGHT) / 2, RIGHT - LEFT
    assert found["network"][:3] == pytest.approx(
        [middle, middle + width / 80, middle + width / 20], abs=0.051
    )
    assert found["scale"][1].startswith(f"M{middle:.1f} "), "a tick at 0"


def test_networks_without_a_number_are_not_drawn():
    half = statistic("x", np.array([1.0, np.nan, 3.0]), holds=np.ones(3, bool))
    nothing = statistic("y", np.array([np.nan, np.nan]), holds=np.zeros(2, bool))
    _, found = drawn([half, nothing])
    assert len(found["network"]) == 2 + 1 and "null" not in found
    assert forest([nothing], null_name="") == "" and "nan" not in forest([half], null_name="")
