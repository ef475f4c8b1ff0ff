"""Spectra for ZView and ZPlot: `.z`, the dialect `ZPLOT2 ASCII`, with CRLF as ZPlot writes it.

Numbers have ZPlot's digits, or more where a value needs them, so that nothing is lost.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.source import Source
from solbench.analysis.imports.zplot import UNTRUSTED

_COLUMNS = ("Freq(Hz)", "Ampl", "Bias", "Time(Sec)", "Z'(a)", "Z''(b)", "GD", "Err", "Range")
_VALUE_AT = 30  # column at which the values of the header begin
_MOST_DIGITS = 17


def export_zplot(source: Source, folder: Folder) -> None:
    """Write one `.z` a spectrum; those that were interrupted say so in their names. Raises OutputExists."""
    for record in source.attempts:
        with folder.text(spectrum_name(source, record) + ".z", encoding="ascii") as stream:
            stream.writelines(line + "\r\n" for line in _lines(source, record))


def spectrum_name(source: Source, record: SpectrumRecord) -> str:
    """Return the name of a spectrum's file without its ending."""
    attempt = "" if record.whole else f"_attempt_{record.attempt}_INTERRUPTED"
    return f"{source.stem}_spectrum_{record.spectrum:04d}{attempt}"


def _lines(source: Source, record: SpectrumRecord) -> Iterator[str]:
    yield "ZPLOT2 ASCII"
    for key, value in _header(source, record):
        yield f"{'  ' + key:<{_VALUE_AT}}{_ascii(value)}".rstrip()
    yield "  " + "\t".join(_COLUMNS)
    yield "End Comments"
    controls_current = bool(record.start.amplitude_A)  # what is set stands in the rows: V, or A
    bias = 0.0 if controls_current else record.start.dc_voltage_V or 0.0
    set_by = "amplitude_A" if controls_current else "amplitude_V"
    for point in source.outline.points_of(record):
        yield "\t".join(_row(point, point[set_by], bias, record.time_s))


def _row(point: np.void, amplitude: float, bias: float, start_s: float) -> tuple[str, ...]:
    return (
        exponential(point["frequency_Hz"], 6),
        exponential(amplitude, 4),
        exponential(bias, 4),
        exponential(round(point["time_s"] - start_s, 6), 6),
        exponential(point["real_ohm"], 4),
        exponential(point["imaginary_ohm"], 4),
        exponential(0.0, 4),
        str(int(point["error"])),
        str(int(point["range"])),
    )


def exponential(value: float, digits: int) -> str:
    """Write a number with so many digits behind the point, or as many more as it takes to read it back.

    >>> exponential(50000.0, 4), exponential(794328.23, 4)
    ('5.0000E+04', '7.9432823E+05')
    """
    tried = (f"{float(value):.{count}E}" for count in range(digits, _MOST_DIGITS))
    return next((text for text in tried if float(text) == value), f"{float(value):.{_MOST_DIGITS - 1}E}")


def _header(source: Source, record: SpectrumRecord) -> Iterator[tuple[str, str | float | None]]:
    start, points = record.start, source.outline.points_of(record)
    begun = datetime.fromisoformat(source.header.started) + timedelta(seconds=record.time_s)
    yield "Measured Data, solbench:", source.header.program.version
    controlled = "Current" if start.amplitude_A else "Voltage"
    yield "Experiment Type:", f"Sweep Frequency, Control {controlled}"
    yield "Date:", begun.strftime("%m-%d-%Y")
    yield "Time:", begun.strftime("%H:%M:%S")
    yield "Open Circuit Potential (V):", start.dc_voltage_V
    comments = list(_comments(source, record))
    yield "Begin User Comments:", len(comments)
    yield from ((comment, "") for comment in comments)
    yield "End User Comments:", len(comments)
    yield "Begin Experiment:", 0
    if start.amplitude_A:
        yield "  Current-DC:", 0.0
        yield "  Current-AC:", round(start.amplitude_A * 1e3, 12)  # in mA
    else:
        yield "  Potential-DC:", start.dc_voltage_V
        yield "  Potential-AC:", round(start.amplitude_V * 1e3, 9)  # in mV
    yield "  vs Freq-Initial:", points["frequency_Hz"][0]
    yield "  vs Freq-Final:", points["frequency_Hz"][-1]
    yield "End Experiment:", 0
    yield "Data Points:", len(points)


def _comments(source: Source, record: SpectrumRecord) -> Iterator[str]:
    if source.simulated:
        yield f"SIMULATED: from the simulated bench (unit {source.outline.unit}), not from a cell"
    points = source.outline.points_of(record)
    unknown_Hz = [exponential(point["frequency_Hz"], 6) for point in points if point["untrusted"]]
    if unknown_Hz:  # the format has no column for it, and Err is the analyzer's own
        yield f"{UNTRUSTED}: {' '.join(unknown_Hz)}"
    if not record.whole:
        yield "INTERRUPTED: this sweep did not come to its end"
    cell = source.header.cell
    yield _ascii(f"run: {source.header.run}")
    yield _ascii(f"cell: {cell.name}, build {cell.build}")
    for correction in source.outline.corrections:
        yield _ascii(f"CORRECTED: {correction.words}")
    yield f"charge of the step before it (C): {record.start.step_charge_C}"
    yield "amplitudes are rms; Time(Sec) is the middle of the integration"


def _ascii(value: str | float | None) -> str:
    text = "" if value is None else str(value)
    return " ".join(text.encode("ascii", "replace").decode().split()).replace("Freq(Hz)", "Freq Hz")
