"""What the tests of claims share."""

import pytest
from draws import Draws


@pytest.fixture
def draws():
    """Numbers of ten networks, the same for every test."""
    return Draws()
