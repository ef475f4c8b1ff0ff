"""The one door to h5py, which has no types of its own: groups and data sets are `Any` behind it.

A live file is not locked by HDF5, on neither side: the journal's lock keeps a second writer away, and on Windows, where
locks are mandatory, that of a viewer would make the next write of the run fail.
"""

from pathlib import Path
from typing import Any, Literal

import h5py

Group = Any  # a file too: it is its root group
TEXT: Any = h5py.string_dtype()
VERSIONS = {"HDF5_Version": h5py.version.hdf5_version, "h5py_version": h5py.version.version}


def read_file(path: Path) -> Group:
    """Open a file that is not written any more; raises OSError."""
    return h5py.File(path, "r", locking="best-effort")  # some network shares have no locks


def read_live(path: Path) -> Group:
    """Open a file that another program appends to (single writer, multiple readers); raises OSError."""
    return h5py.File(path, "r", libver=("v110", "v110"), swmr=True, locking=False)


def write_live(path: Path, mode: Literal["w", "r+"]) -> Group:
    """Open a file of which others may read while it is appended to; raises OSError."""
    return h5py.File(path, mode, libver=("v110", "v110"), locking=False)


def write_final(path: Path) -> Group:
    """Open a new file in a format that old programs read; raises OSError."""
    return h5py.File(path, "w", libver=("earliest", "v108"), locking="best-effort")


def scale(axis: Group, name: str, values: list[Group]) -> None:
    """Make a data set the scale of the first dimension of others, so that readers such as xarray know their axis."""
    axis.make_scale(name)
    for dataset in values:
        dataset.dims[0].attach_scale(axis)


def is_hdf5(path: Path) -> bool:
    """Say whether a file is an HDF5 file at all."""
    return bool(h5py.is_hdf5(path))
