"""The columns of samples and points, once: field in memory, type, data set in the run file, unit.

Units as pint reads them; `seq` is the number of the record in the journal. Positive current charges the cell.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
DECIDING, OVERLOAD, PAUSED = 1, 2, 4  # bits of `flags`
SAMPLES, EVENTS, SPECTRA = "entry/samples", "entry/events", "entry/spectra"  # groups of the finished file
STEPS = "entry/steps/step_count"
STEP_RANGES = "entry/steps/current_range"  # -1 where a step has none
GAUGES = "entry/gauges"  # only in the file of a bench that has some
LIVE_MARK = "solbench_live"  # attribute of a live file


class Column(NamedTuple):
    """One column; `dataset` is "" where the file has it as an attribute of the whole spectrum.

    `before`: what stands for it in files from before it was added: a value, or the field of another column; None where
    every file has it.
    """

    field: str
    dtype: str
    dataset: str
    unit: str = "1"
    before: float | str | None = None


SAMPLE_COLUMNS = (
    Column("seq", "<u8", "record_index"),
    Column("time_s", "<f8", "test_time_second", "s"),
    Column("voltage_V", "<f8", "voltage_volt", "V"),
    Column("current_A", "<f8", "current_ampere", "A"),
    Column("charge_C", "<f8", "net_charge_coulomb", "C"),
    Column("step", "<i4", "step_count"),
    Column("segment", "<i4", "segment_count"),
    Column("cycle", "<i4", "cycle_count"),
    Column("range", "<i2", "current_range"),
    Column("flags", "<u2", "status_flags"),
)
POINT_COLUMNS = (
    Column("seq", "<u8", "record_index"),
    Column("time_s", "<f8", "test_time_second", "s"),
    Column("frequency_Hz", "<f8", "frequency_hertz", "Hz"),
    Column("real_ohm", "<f8", "real_impedance_ohm", "ohm"),
    Column("imaginary_ohm", "<f8", "imaginary_impedance_ohm", "ohm"),
    Column("amplitude_V", "<f8", "amplitude_volt_rms", "V"),
    Column("spectrum", "<i4", ""),
    Column("segment", "<i4", ""),
    Column("attempt", "<i4", ""),
    Column("step", "<i4", ""),
    Column("range", "<i2", "current_range"),
    Column("error", "<i2", "error_code"),
    Column("attempts", "<i2", "measurements"),
    Column("raw_real_ohm", "<f8", "raw_real_impedance_ohm", "ohm", before="real_ohm"),
    Column("raw_imaginary_ohm", "<f8", "raw_imaginary_impedance_ohm", "ohm", before="imaginary_ohm"),
    Column("correction_stderr_ohm", "<f8", "correction_standard_uncertainty_ohm", "ohm", before=0.0),
    Column("untrusted", "<u2", "untrusted", before=0),
    Column("amplitude_A", "<f8", "amplitude_ampere_rms", "A", before=0.0),
    Column("integration_s", "<f8", "integration_time_second", "s", before=0.0),
    Column("settling_s", "<f8", "settling_time_second", "s", before=0.0),
    Column("unsettled", "<u2", "unsettled", before=0),
)
BEYOND, LEFT_OUT = 1, 2
"""What `untrusted` of a point says: the bench is not known there; a correction leaves it out. No fit uses either."""
SAMPLE = np.dtype([(column.field, column.dtype) for column in SAMPLE_COLUMNS])
POINT = np.dtype([(column.field, column.dtype) for column in POINT_COLUMNS])


def replaced(points: Array) -> Array:
    """Return which points of one attempt at a spectrum were measured again and replaced, as a mask of its rows."""
    frequencies_Hz = points["frequency_Hz"]
    last = {frequency_Hz: place for place, frequency_Hz in enumerate(frequencies_Hz.tolist())}
    mask = np.ones(len(points), bool)
    mask[list(last.values())] = False
    return mask


def in_use(points: Array) -> Array:
    """Return the points of one attempt at a spectrum, each that was measured again in the place of the first one."""
    mask = replaced(points)
    if not mask.any():
        return points
    first: dict[float, int] = {}
    for frequency_Hz in points["frequency_Hz"].tolist():
        first.setdefault(frequency_Hz, len(first))
    kept: Array = points[~mask]
    order = np.argsort([first[frequency_Hz] for frequency_Hz in kept["frequency_Hz"].tolist()], kind="stable")
    return kept[order]


def read_columns(group: Any, columns: Iterable[Column], table: Array, rows: slice = slice(None)) -> Array:
    """Fill `table` from the data sets, or attributes, of a group of the finished file; return it."""
    for column in columns:
        if column.before is not None and column.dataset not in group:
            found: Any = table[column.before] if isinstance(column.before, str) else column.before
        else:
            found = group[column.dataset][rows] if column.dataset else group.attrs[column.field]
        table[column.field] = found
    return table
