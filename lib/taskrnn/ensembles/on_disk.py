"""One variable of many files as one array that is read when it is asked for, file by file.

An ensemble of a thousand networks then takes the memory of those that are looked at.
"""

from pathlib import Path

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from taskrnn.ensembles import storage


class OnDisk(BackendArray):
    """A variable of equal shape in every file, along a leading axis of files; each file is verified
    whenever it is read.
    """

    def __init__(self, paths: list[Path], name: str, *, shape: tuple[int, ...], dtype: np.dtype):
        self.paths, self.name = paths, name
        self.shape, self.dtype = (len(paths), *shape), dtype

    def __getitem__(self, key):
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.BASIC, self._read
        )

    def _read(self, key: tuple[int | slice, ...]) -> np.ndarray:
        which, *rest = key
        paths = self.paths[which]
        if isinstance(paths, Path):
            return self._part(paths, rest)
        return (
            np.stack([self._part(path, rest) for path in paths])
            if paths
            else np.empty(self.shape, self.dtype)[key]
        )

    def _part(self, path: Path, key: list[int | slice]) -> np.ndarray:
        return storage.read(path)[self.name].values[tuple(key)]


def variable(paths: list[Path], like: xr.DataArray) -> xr.Variable:
    """A lazy variable (network, *dimensions of `like`) with the name and attributes of `like`,
    which is that of one of the files.
    """
    array = OnDisk(
        [path.resolve() for path in paths], str(like.name), shape=like.shape, dtype=like.dtype
    )
    return xr.Variable(("network", *like.dims), indexing.LazilyIndexedArray(array), like.attrs)
