"""The one door to h5py, which has no types of its own: groups and data sets are `Any` behind it.

A live file is not locked by HDF5, on neither side: the journal's lock keeps a second writer away, and on Windows, where
locks are mandatory, that of a viewer would make the next write of the run fail.
"""

import os
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

Group = Any  # a file too: it is its root group
Written = Any  # a data set just written
TEXT: Any = h5py.string_dtype()
low: Any = h5py  # its modules in C
VERSIONS = {"HDF5_Version": h5py.version.hdf5_version, "h5py_version": h5py.version.version}


def why(error: BaseException) -> str:
    """Return what went wrong with a file in the words of the system; those of HDF5 are about its own calls.

    >>> why(OSError(13, "Unable to synchronously open file (unable to open file: name = 'r.h5', errno = 13)"))
    'Permission denied'
    """
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def read_file(path: Path) -> Group:
    """Open a file that is not written any more; raises OSError."""
    return _opened(path, "r", locking="best-effort")  # some network shares have no locks


def read_live(path: Path) -> Group:
    """Open a file that another program appends to (single writer, multiple readers); raises OSError."""
    return _opened(path, "r", libver=("v110", "v110"), swmr=True, locking=False)


def write_live(path: Path, mode: Literal["w", "r+"]) -> Group:
    """Open a file of which others may read while it is appended to; raises OSError."""
    return _opened(path, mode, libver=("v110", "v110"), locking=False)


def write_final(path: Path) -> Group:
    """Open a new file in a format that old programs read; raises OSError."""
    return _opened(path, "w", libver=("earliest", "v108"), locking="best-effort")


def _opened(path: Path, mode: str, **how: Any) -> Group:
    """Open a file; what the system refuses is told as by any other file, with its name."""
    try:
        return h5py.File(path, mode, **how)
    except OSError as error:
        if not error.errno:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def write_dataset(group: Group, name: str, values: Any, unit: str) -> Written:
    """Write a new data set with its unit.

    The same as h5py's own `create_dataset` and `attrs`, in a quarter of the time: a run file has hundreds of them, and
    for most runs they are most of the work of its making.
    """
    array = np.asarray(values, TEXT if isinstance(values, str) else None, order="C")
    plan = low.h5p.create(low.h5p.DATASET_CREATE)
    plan.set_obj_track_times(False)
    written = low.h5d.create(
        group.id,
        name.encode(),
        low.h5t.py_create(array.dtype, logical=True),
        low.h5s.create_simple(array.shape),
        plan,
    )
    written.write(low.h5s.ALL, low.h5s.ALL, array)
    stored = low.h5t.py_create(TEXT, logical=True)
    attribute = low.h5a.create(written, b"units", stored, low.h5s.create_simple(()))
    attribute.write(np.asarray(unit, TEXT), mtype=low.h5t.py_create(TEXT))
    return written


def scale(axis: Written, name: str, values: list[Written]) -> None:
    """Make a data set the scale of the first dimension of others, so that readers such as xarray know their axis."""
    low.h5ds.set_scale(axis, name.encode())
    for dataset in values:
        low.h5ds.attach_scale(dataset, axis, 0)


def is_hdf5(path: Path) -> bool:
    """Say whether a file is an HDF5 file at all."""
    return bool(h5py.is_hdf5(path))
