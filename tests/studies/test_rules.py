"""What must hold in every network, by the rule as it was written and by the share that decides."""

import numpy as np
import pytest

from studies.rules import every_network, in_most_networks
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER

NONE, ALL = np.zeros(10, dtype=bool), np.ones(10, dtype=bool)


def first(k, n=10):
    """Bool (network,), true in the first k of n."""
    return np.arange(n) < k


def test_as_written_a_claim_about_every_network_needs_every_network():
    some = first(8)
    assert every_network(ALL, null_holds=NONE, missing=NONE) == SUPPORTED
    assert every_network(ALL, null_holds=first(9), missing=NONE) == SUPPORTED
    assert every_network(ALL, null_holds=ALL, missing=NONE) == CHANCE
    assert every_network(some, null_holds=NONE, missing=~some) == UNDECIDED
    assert every_network(some, null_holds=NONE, missing=NONE) == CONTRADICTED
    assert every_network(NONE, null_holds=NONE, missing=~some) == CONTRADICTED


@pytest.mark.parametrize(
    ("holds", "before", "expected"),
    [
        (ALL, None, SUPPORTED),
        (ALL, NONE, SUPPORTED),
        (ALL, first(4), SUPPORTED),
        (ALL, first(5), CHANCE),
        (ALL, ALL, CHANCE),
        (first(9), NONE, UNDECIDED),
        (first(3), NONE, CONTRADICTED),
        (first(34, 40), ~first(0, 40), WEAKER),
    ],
)
def test_most_networks_hold_and_more_than_before(holds, before, expected):
    found = in_most_networks(holds, missing=np.zeros(len(holds), dtype=bool), before=before)
    assert found == expected
    assert (found == UNDECIDED) == np.isnan(found.p)


def test_the_p_is_that_of_the_weaker_of_the_two_tests():
    share, gained = 2 * (2 / 3) ** 10, 2 / 2**6
    assert in_most_networks(ALL, missing=NONE, before=NONE).p == pytest.approx(share)
    assert share > gained
    lost = in_most_networks(first(34, 40), missing=first(0, 40), before=~first(0, 40))
    assert lost == WEAKER and lost.p == pytest.approx(gained)


def test_a_missing_network_neither_helps_nor_harms():
    assert in_most_networks(ALL, missing=~first(9)) == UNDECIDED
    assert in_most_networks(first(9), missing=~first(9)) == UNDECIDED
    assert in_most_networks(first(3), missing=first(4) & ~first(3)) == UNDECIDED
    # Six that held before training have no value after it; the others did not change.
    holds = first(34, 40)
    assert in_most_networks(holds, missing=~holds, before=~first(0, 40)) == CHANCE
