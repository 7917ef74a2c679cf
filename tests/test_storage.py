"""One file per result: what comes back is what was written, or an error."""

import os

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from taskrnn import storage

values = arrays(
    st.sampled_from([np.float32, np.float64, np.int64]),
    array_shapes(max_dims=3, max_side=4),
    elements={"min_value": -9, "max_value": 9},
)


def example() -> xr.Dataset:
    return xr.Dataset(
        {"w": (("unit", "from_unit"), np.arange(600, dtype="f4").reshape(20, 30), {"units": "1"}), "n": ((), 3)},
        coords={"unit": np.arange(20)},
        attrs={"settings": '{"a": [1, 2.5, null]}', "number": 7, "title": "ünïcode"},
    )


@given(values)
def test_round_trip_gives_the_same_values_types_and_attributes(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("files") / "a.nc"
    array = np.where(array == 9, np.nan, array).astype(array.dtype) if array.dtype.kind == "f" else array
    dims = tuple(f"d{i}" for i in range(array.ndim))
    written = xr.Dataset({"a": (dims, array, {"long_name": "an array"})}, attrs={"text": "x", "n": 1})
    storage.write(written, path)
    back = storage.read(path)
    assert back.drop_attrs().equals(written) and back.a.dtype == array.dtype
    assert back.a.attrs == written.a.attrs
    assert {name: value for name, value in back.attrs.items() if name != "checksum"} == written.attrs


# A file that cannot be opened is closed by the garbage collector, which complains that it was never open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_flipped_byte_is_noticed_or_harmless(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    intact = path.read_bytes()
    noticed = 0
    for position in np.random.default_rng(0).choice(len(intact), 300, replace=False):
        damaged = bytearray(intact)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        try:
            assert storage.read(path).drop_attrs().identical(example().drop_attrs())
        except storage.DamagedFile as damage:
            assert str(path) in str(damage)
            noticed += 1
    assert noticed > 30


def test_values_changed_behind_its_back_are_noticed(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    tampered = storage.read(path)
    tampered.w[3, 4] += 1e-3
    tampered.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(storage.DamagedFile, match="checksum"):
        storage.read(path)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("size", [0, 10, 2000])
def test_a_truncated_file_is_damaged(tmp_path, size):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(storage.DamagedFile, match="cannot be read"):
        storage.read(path)


def test_an_interruption_before_the_rename_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    before = path.read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        storage.write(example() + 1, path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_set_aside_never_overwrites(tmp_path):
    path = tmp_path / "a.nc"
    for content in ("one", "two"):
        path.write_text(content)
        storage.set_aside(path)
    assert sorted(p.read_text() for p in tmp_path.iterdir()) == ["one", "two"] and not path.exists()


def test_a_missing_file_is_not_a_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        storage.read(tmp_path / "none.nc")
