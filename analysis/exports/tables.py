"""Plain tables: the samples and each spectrum as CSV with units in their headers."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.analysis.exports.folder import Folder, csv_lines
from solbench.analysis.exports.source import Source
from solbench.analysis.exports.spreadsheet import write_csv
from solbench.analysis.exports.zplot import spectrum_name

if TYPE_CHECKING:
    from solbench.analysis.exports.folder import Columns

_SAMPLES = {
    "record index / 1": "seq",
    "test time / s": "time_s",
    "voltage / V": "voltage_V",
    "current / A": "current_A",
    "net charge / C": "charge_C",
    "step count / 1": "step",
    "segment count / 1": "segment",
    "cycle count / 1": "cycle",
    "current range / 1": "range",
    "status flags / 1": "flags",
}
_POINTS = {
    "frequency / Hz": "frequency_Hz",
    "real impedance / ohm": "real_ohm",
    "imaginary impedance / ohm": "imaginary_ohm",
    "test time / s": "time_s",
    "amplitude rms / V": "amplitude_V",
    "current range / 1": "range",
    "error code / 1": "error",
    "measurements / 1": "attempts",
    "record index / 1": "seq",
    "raw real impedance / ohm": "raw_real_ohm",
    "raw imaginary impedance / ohm": "raw_imaginary_ohm",
    "correction standard uncertainty / ohm": "correction_stderr_ohm",
    "untrusted / 1": "untrusted",
    "current amplitude rms / A": "amplitude_A",
    "integration / s": "integration_s",
    "settling / s": "settling_s",
    "unsettled / 1": "unsettled",
}
_MARK = "simulated / 1"


def export_tables(source: Source, folder: Folder) -> None:
    """Write `RUN_samples.csv`, `RUN_spectrum_NNNN.csv`, `RUN_gauges.csv`; raises OutputExists, RunFileError.

    The last column is 1 in each row of a simulated run.
    """
    with folder.text(f"{source.stem}_samples.csv") as stream:
        stream.write(",".join((*_SAMPLES, _MARK)) + "\n")
        for block in source.blocks():
            stream.write(csv_lines(_columns(block, _SAMPLES, source.simulated)))
    for record in source.attempts:
        points = _columns(source.outline.points_of(record), _POINTS, source.simulated)
        folder.write(
            f"{spectrum_name(source, record)}.csv", ",".join((*_POINTS, _MARK)) + "\n" + csv_lines(points)
        )
    if gauges := source.outline.gauges:
        with folder.text(f"{source.stem}_gauges.csv") as stream:
            _write_gauges(stream, gauges, source.simulated)


def _write_gauges(stream: IO[str], gauges: list[GaugeTrace], simulated: bool) -> None:
    """Write one row a reading of a gauge; their names and units may be any text. A gap is a row without a value."""
    write_csv(stream, [("gauge", "test time / s", "value", "unit", _MARK)])
    for gauge in gauges:
        shown = [(time_s, repr(value)) for time_s, value in zip(gauge.times_s, gauge.values, strict=True)]
        told = sorted([*shown, *((gap.since_s, "") for gap in gauge.gaps)])
        write_csv(
            stream, ((gauge.name, repr(time_s), value, gauge.unit, int(simulated)) for time_s, value in told)
        )


def _columns(table: NDArray[Any], names: dict[str, str], simulated: bool) -> Columns:
    columns = {header: table[column] for header, column in names.items()}
    return columns | {_MARK: np.full(len(table), int(simulated))}
