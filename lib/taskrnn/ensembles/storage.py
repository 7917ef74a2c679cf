"""One self-describing NetCDF file per result, written whole or not at all, and verified when it is
read.

After the NetCDF content comes one line with its SHA-256, which HDF5 ignores. It is checked before
any library looks at the bytes, so that damaged ones are never interpreted. The dataset's own
`checksum`, of its values, is its identity whatever the file format.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import xarray as xr

from taskrnn.ensembles import progress

SEAL = b"\nSHA-256 "
SEAL_SIZE = len(SEAL) + 64 + 1


class DamagedFile(Exception):
    """A file that is not what was written, or not what belongs there."""


def checksum(dataset: xr.Dataset) -> str:
    """SHA-256 of names, dimensions, types, values and attributes of everything in the dataset."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        values = np.ascontiguousarray(variable.values)
        digest.update(
            repr(
                (name, variable.dims, values.dtype.str, values.shape, attributes(variable.attrs))
            ).encode()
        )
        digest.update(values.tobytes())
    digest.update(repr(attributes(dataset.attrs)).encode())
    return digest.hexdigest()


def attributes(attrs: dict) -> list[tuple[str, str]]:
    """Attributes as they compare after a round trip through NetCDF, without the checksum itself."""
    return [
        (name, str(np.asarray(value).tolist()))
        for name, value in sorted(attrs.items())
        if name != "checksum"
    ]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name in the same folder, to write to; it becomes `path` when the block ends
    without an error.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path.name} is not written ({error.strerror}); make room or choose another data "
            "folder",
            str(path.parent),
        ) from None
    finally:
        # A disk that cannot be written has none, and it has been said already.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write `dataset` to `path` with its checksum."""
    # Without _FillValue: NaN is a value here, not a gap.
    encoding = {name: {"_FillValue": None} for name in dataset.variables}
    # Not to the file itself: HDF5 cannot close one on a full disk.
    buffer = io.BytesIO()
    dataset.assign_attrs(checksum=checksum(dataset)).to_netcdf(
        buffer, engine="h5netcdf", encoding=encoding
    )
    content = buffer.getvalue()
    with whole(path) as temporary:
        temporary.write_bytes(content + seal(content))


def seal(content: bytes) -> bytes:
    """The line after the content."""
    return SEAL + hashlib.sha256(content).hexdigest().encode() + b"\n"


def read(path: Path, **expected: str | int) -> xr.Dataset:
    """The dataset in `path`, loaded; nothing in a file is ever executed.

    Parameters
    ----------
    **expected
        Attributes that must have these values, for example the settings of the network that belongs
        there.

    Raises
    ------
    DamagedFile
        It is not as it was written, or holds something else.
    """
    stored = path.read_bytes()
    content = stored[:-SEAL_SIZE]
    if stored[-SEAL_SIZE:] != seal(content):
        raise DamagedFile(f"{path} is not as it was written, or not a file of this library.")
    try:
        dataset = xr.load_dataset(io.BytesIO(content), engine="h5netcdf")
        identity = dataset.attrs["checksum"]
    except Exception as error:  # a foreign file with a seal of its own, or another version of HDF5
        raise DamagedFile(
            f"{path} cannot be read ({type(error).__name__}: {str(error).splitlines()[0]})."
        ) from error
    if identity != checksum(dataset):
        raise DamagedFile(f"{path} does not hold what was written: its checksum is wrong.")
    for name, value in expected.items():
        if (found := dataset.attrs.get(name)) != value:
            raise DamagedFile(
                f"{path} does not belong there: its {name} is {found!r:.80}, not {value!r:.80}."
            )
    return dataset


def read_or_set_aside(path: Path, **expected: str | int) -> xr.Dataset | None:
    """As `read`; None if there is no file, or a damaged one, which is named and set aside."""
    try:
        return read(path, **expected)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except DamagedFile as damage:
        aside = set_aside(path)
        print(f"{damage} It is set aside as {aside.name} and made again.", file=progress.stream())
        return None


def set_aside(path: Path) -> Path:
    """Rename a damaged file so that it is never read again but not lost; returns its new name."""
    aside = path.with_name(f"{path.name}.damaged")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    try:
        return path.rename(aside)
    except FileNotFoundError:  # another process was faster
        return aside
