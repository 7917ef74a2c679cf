"""What all tests share."""

import os

# One thread and quiet, before TensorFlow is loaded: the settings under which a network's result is
# exact to the bit.
os.environ |= {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}

import pytest
from hypothesis import settings
from small_experiments import small

from taskrnn.experiments import DECISION, PERCEPTION

# The first example loads libraries; seconds are not what these tests are about.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_collection_modifyitems(items):
    """What takes longest first, so that no process waits for it at the end."""
    items.sort(key=lambda item: "whole" not in item.path.parts)


@pytest.fixture(params=[PERCEPTION, DECISION], ids=lambda e: e.name)
def experiment(request):
    """Both experiments, in small."""
    return small(request.param)
