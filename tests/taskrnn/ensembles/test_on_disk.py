"""Weights that stay on disk behave as if they were loaded, and only those that are asked for are
read.
"""

import pickle

import numpy as np
import pytest
from small_experiments import small

from taskrnn.ensembles import storage
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.members import each
from taskrnn.ensembles.network_files import folder, network_path
from taskrnn.experiments import DECISION

KEYS = [
    {"network": 1},
    {"network": [2, 0]},
    {"network": slice(1, None, 2), "unit": 3},
    {"network": [], "unit": slice(2)},
    {"network": [0, 2], "unit": [5, 1], "from_unit": slice(None, None, -1)},
    {"network": 2, "unit": 0, "from_unit": -1},
]


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return ensemble(small(DECISION), 3, data=tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_any_part_is_that_of_the_loaded_weights(networks, key):
    np.testing.assert_array_equal(
        networks.recurrent_after.isel(key), networks.recurrent_after.compute().isel(key)
    )


def test_only_the_files_that_are_asked_for_are_read(tmp_path, monkeypatch):
    e, read = small(DECISION), []
    networks = ensemble(e, 3, data=tmp_path)
    original = storage.read
    monkeypatch.setattr(
        storage, "read", lambda path, **expected: read.append(path) or original(path, **expected)
    )
    ones = list(each(networks))
    assert not read
    assert ones[2].recurrent_after.values.size
    assert read == [network_path(folder(e, tmp_path), 2)]
    pickled = pickle.dumps(networks.isel(network=[1]).recurrent_after)
    assert pickle.loads(pickled).identical(networks.isel(network=[1]).recurrent_after)


def test_a_file_that_is_damaged_later_is_named_when_it_is_read(tmp_path):
    e = small(DECISION)
    networks = ensemble(e, 2, data=tmp_path)
    path = network_path(folder(e, tmp_path), 1)
    path.write_bytes(path.read_bytes()[:-1])
    networks.recurrent_after.isel(network=0).load()
    with pytest.raises(storage.DamagedFile, match="000001.nc"):
        networks.recurrent_after.load()
