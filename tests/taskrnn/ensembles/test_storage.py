"""One file per result: what comes back is what was written, or an error."""

import os
import pickle

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from taskrnn.ensembles import storage

values = arrays(
    st.sampled_from([np.float32, np.float64, np.int64]),
    array_shapes(max_dims=3, max_side=4),
    elements={"min_value": -9, "max_value": 9},
)


def example() -> xr.Dataset:
    return xr.Dataset(
        {
            "w": (
                ("unit", "from_unit"),
                np.arange(600, dtype="f4").reshape(20, 30),
                {"units": "1"},
            ),
            "n": ((), 3),
        },
        coords={"unit": np.arange(20)},
        attrs={"settings": '{"a": [1, 2.5, null]}', "number": 7, "title": "ünïcode"},
    )


@given(values)
def test_round_trip_gives_the_same_values_types_and_attributes(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("files") / "a.nc"
    array = (
        np.where(array == 9, np.nan, array).astype(array.dtype)
        if array.dtype.kind == "f"
        else array
    )
    dims = tuple(f"d{i}" for i in range(array.ndim))
    written = xr.Dataset(
        {"a": (dims, array, {"long_name": "an array"})}, attrs={"text": "x", "n": 1}
    )
    storage.write(written, path)
    back = storage.read(path)
    assert back.drop_attrs().equals(written) and back.a.dtype == array.dtype
    assert back.a.attrs == written.a.attrs
    assert {
        name: value for name, value in back.attrs.items() if name != "checksum"
    } == written.attrs


def test_every_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    intact = path.read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.choice(len(intact), 500, replace=False):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with pytest.raises(storage.DamagedFile, match=r"a\.nc"):
            storage.read(path)


def test_values_changed_behind_its_back_are_noticed(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    tampered = storage.read(path)
    tampered.w[3, 4] += 1e-3
    tampered.to_netcdf(path, engine="h5netcdf")
    path.write_bytes(path.read_bytes() + storage.seal(path.read_bytes()))
    with pytest.raises(storage.DamagedFile, match="checksum"):
        storage.read(path)


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.99, 0.9999])
def test_a_truncated_file_is_damaged(tmp_path, share):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(storage.DamagedFile, match="not as it was written"):
        storage.read(path)


class Trap:
    """Whoever unpickles it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def foreign_files(tmp_path):
    yield "pickle", pickle.dumps(Trap(str(tmp_path / "executed")))
    yield "text", b"no network"
    example().to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    yield "NetCDF of another program", (tmp_path / "other.nc").read_bytes()


def test_a_foreign_file_is_refused_and_nothing_in_it_runs_even_with_our_seal(tmp_path):
    path = tmp_path / "a.nc"
    for name, content in foreign_files(tmp_path):
        for file in (content, content + storage.seal(content)):
            path.write_bytes(file)
            with pytest.raises(storage.DamagedFile):
                pytest.fail(f"{name} was read: {storage.read(path)}")
    assert not (tmp_path / "executed").exists()


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    assert storage.read(path, number=7).identical(storage.read(path))
    for other in ({"number": 8}, {"number": 7, "version": 2}):
        with pytest.raises(storage.DamagedFile, match="does not belong there"):
            storage.read(path, **other)


def test_other_programs_can_read_it(tmp_path):
    path = tmp_path / "a.nc"
    storage.write(example(), path)
    assert xr.load_dataset(path, engine="h5netcdf").w.identical(example().w)


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
