"""One self-describing NetCDF file per result, written whole or not at all, and verified when it is read."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xarray as xr


class DamagedFile(Exception):
    """A file that cannot be read or whose content is not what was written."""


def checksum(dataset: xr.Dataset) -> str:
    """SHA-256 of names, dimensions, types, values and attributes of everything in the dataset."""
    digest = hashlib.sha256()
    for name in sorted(dataset.variables):
        variable = dataset.variables[name]
        values = np.ascontiguousarray(variable.values)
        digest.update(repr((name, variable.dims, values.dtype.str, values.shape, attributes(variable.attrs))).encode())
        digest.update(values.tobytes())
    digest.update(repr(attributes(dataset.attrs)).encode())
    return digest.hexdigest()


def attributes(attrs: dict) -> list[tuple[str, str]]:
    """Attributes as they compare after a round trip through NetCDF, without the checksum itself."""
    return [(name, str(np.asarray(value).tolist())) for name, value in sorted(attrs.items()) if name != "checksum"]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name in the same folder, to write to; it becomes `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write `dataset` to `path` with its checksum."""
    # Without _FillValue: NaN is a value here, not a gap.
    encoding = {name: {"_FillValue": None} for name in dataset.variables}
    with whole(path) as temporary:
        dataset.assign_attrs(checksum=checksum(dataset)).to_netcdf(temporary, engine="h5netcdf", encoding=encoding)


def read(path: Path) -> xr.Dataset:
    """The dataset in `path`; DamagedFile if it cannot be read or its checksum is wrong."""
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
        stored = dataset.attrs["checksum"]
    except (FileNotFoundError, NotADirectoryError):
        raise
    except Exception as error:  # whatever HDF5 raises on damaged bytes
        raise DamagedFile(f"{path} cannot be read ({type(error).__name__}: {error}).") from error
    if stored != checksum(dataset):
        raise DamagedFile(f"{path} does not hold what was written: its checksum is wrong.")
    return dataset


def set_aside(path: Path) -> Path:
    """Rename a damaged file so that it is never read again but not lost; returns its new name."""
    aside = path.with_name(f"{path.name}.damaged")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    return path.rename(aside)
