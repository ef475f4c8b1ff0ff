"""The one door to h5py, which has no types of its own: groups and data sets are `Any` behind it.

A live file is not locked by HDF5, on neither side: the journal's lock keeps a second writer away, and on Windows, where
locks are mandatory, that of a viewer would make the next write of the run fail.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from solbench.acquisition.record.columns import Array

Group = Any  # a file too: it is its root group
Written = Any  # a data set just written
TEXT: Any = h5py.string_dtype()
low: Any = h5py  # its modules in C
# Made once: a run file has hundreds of data sets, and each handle of HDF5 costs about as much as writing one.
_SCALAR: Any = low.h5s.create_simple(())
_STORED_TEXT: Any = low.h5t.py_create(TEXT, logical=True)
_TEXT_HERE: Any = low.h5t.py_create(TEXT)  # as it is in memory
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
    if isinstance(values, str):
        written = _made(group, name, _STORED_TEXT, unit, _SCALAR, _PLAN)
        written.write(low.h5s.ALL, low.h5s.ALL, np.asarray(values, TEXT), mtype=_TEXT_HERE)
        return written
    array = np.asarray(values, order="C")
    written = _made(group, name, _stored(array.dtype), unit, low.h5s.create_simple(array.shape), _PLAN)
    written.write(low.h5s.ALL, low.h5s.ALL, array)
    return written


class Columns:
    """Compressed data sets of a group that grow together; `written` has them by name.

    `kinds`: type and unit by name. `rows` are compressed together. `checked`: with check sums.
    """

    def __init__(
        self, group: Group, kinds: Mapping[str, tuple[Any, str]], rows: int, checked: bool = False
    ) -> None:
        plan = _plan()
        plan.set_chunk((rows,))
        plan.set_shuffle()
        plan.set_deflate(4)
        if checked:
            plan.set_fletcher32()
        self.count = 0
        self._types = {name: np.dtype(dtype) for name, (dtype, _unit) in kinds.items()}
        self.written: dict[str, Written] = {
            name: _made(
                group,
                name,
                _stored(self._types[name]),
                unit,
                low.h5s.create_simple((0,), (low.h5s.UNLIMITED,)),
                plan,
            )
            for name, (_dtype, unit) in kinds.items()
        }

    def append(self, values: Mapping[str, Array]) -> None:
        """Append rows: an array for each column, all of one length."""
        begin = self.count
        for name, dtype in self._types.items():
            rows = np.ascontiguousarray(values[name], dtype)
            self.count = begin + len(rows)
            column = self.written[name]
            column.set_extent((self.count,))
            place = column.get_space()
            place.select_hyperslab((begin,), rows.shape)
            column.write(low.h5s.create_simple(rows.shape), place, rows)


def _plan() -> Any:
    plan = low.h5p.create(low.h5p.DATASET_CREATE)
    plan.set_obj_track_times(False)
    return plan


_PLAN: Any = _plan()  # of what is not compressed


def _stored(dtype: np.dtype[Any]) -> Any:
    """Return the type in a file."""
    return low.h5t.py_create(dtype, logical=True)


def _made(group: Group, name: str, stored: Any, unit: str, space: Any, plan: Any) -> Written:
    made = low.h5d.create(group.id, name.encode(), stored, space, plan)
    attribute = low.h5a.create(made, b"units", _STORED_TEXT, _SCALAR)
    attribute.write(np.asarray(unit, TEXT), mtype=_TEXT_HERE)
    return made


def scale(axis: Written, name: str, values: list[Written]) -> None:
    """Make a data set the scale of the first dimension of others, so that readers such as xarray know their axis."""
    low.h5ds.set_scale(axis, name.encode())
    for dataset in values:
        low.h5ds.attach_scale(dataset, axis, 0)


def is_hdf5(path: Path) -> bool:
    """Say whether a file is an HDF5 file at all."""
    return bool(h5py.is_hdf5(path))
