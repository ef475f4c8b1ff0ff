"""Text tables with named columns: EC-Lab's `.mpt`, Landt, Neware's CSV, Battery Data Format, any that names units."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from solbench.analysis.imports.biologic import is_biologic
from solbench.analysis.imports.cycling.columns import Column, all_numbers, numbers_of, only, understood
from solbench.analysis.imports.cycling.record import Array, CyclerRecord
from solbench.analysis.imports.numbers import read_numbers
from solbench.analysis.imports.spectrum import Text

_SCANNED = 400  # lines in which the names of the columns are looked for
_COUNT = re.compile(r"Nb header lines\s*:\s*(\d+)")
_ACQUIRED = re.compile(r"Acquisition started on\s*:\s*(\S+ \S+)")
_CURRENT_NAMES = ("I/mA", "<I>/mA", "I/A")
_VOLTAGE_NAMES = ("Ewe/V", "<Ewe>/V", "Ecell/V", "Ewe-Ece/V", "<Ecell>/V")
_DISCHARGES = re.compile(
    r"\b(d|dis|dchg|dch|discharge|d_rate|cc_dchg|cc_dch|cccv_dchg|dc)\b|放电", re.IGNORECASE
)


def read_eclab(text: Text) -> CyclerRecord:
    """Read a text file of EC-Lab, decimal commas too; rows of spectra between the readings are left out."""
    found = _COUNT.search(text.lines[1]) if len(text.lines) > 1 else None
    if found is None or not 2 < int(found[1]) <= len(text.lines):
        raise text.bad(2, "'Nb header lines' is missing or wrong", "Export the file again as text (.mpt)")
    head = int(found[1])
    names = [name.strip() for name in text.lines[head - 1].removesuffix("\t").split("\t")]
    voltage = next((name for name in _VOLTAGE_NAMES if name in names), None)
    current = next((name for name in _CURRENT_NAMES if name in names), None)
    if "time/s" not in names or voltage is None or current is None:
        lacking = "time/s" if "time/s" not in names else "Ewe/V" if voltage is None else "I/mA"
        raise text.bad(head, f"the column {lacking} is missing", "Export a technique that records a current")
    rows = []
    for number, line in enumerate(text.lines[head:], head + 1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.removesuffix("\t").split("\t")]
        if len(fields) != len(names):
            raise text.bad(number, f"{len(fields)} fields where {len(names)} are needed")
        rows.append((number, fields))
    columns = [
        Column(names.index("time/s"), "time/s", "time", 1.0),
        Column(names.index(voltage), voltage, "voltage", 1.0),
        Column(names.index(current), current, "current", 1.0 if current == "I/A" else 1e-3),
    ]
    if "(Q-Qo)/mA.h" in names:
        columns.append(Column(names.index("(Q-Qo)/mA.h"), "(Q-Qo)/mA.h", "net", 3.6))
    rows, notes = _without_spectra(rows, names)
    time_s, voltage_V, current_A, *net = numbers_of(text, rows, columns)
    started = next((m[1] for line in text.lines[2:head] if (m := _ACQUIRED.search(line))), None)
    return CyclerRecord(
        text.path,
        "EC-Lab",
        time_s - time_s[0] if len(time_s) else time_s,
        voltage_V,
        current_A,
        charge_C=net[0] if net else None,
        started_unix_s=_moment(started),
        notes=notes,
    )


def _without_spectra(
    rows: list[tuple[int, list[str]]], names: Sequence[str]
) -> tuple[list[tuple[int, list[str]]], tuple[str, ...]]:
    """Leave out points of spectra: rows with a frequency, whose current is the mean of an oscillation."""
    if "freq/Hz" not in names:
        return rows, ()
    place = names.index("freq/Hz")
    kept = [(number, fields) for number, fields in rows if not fields[place].strip("+-0.,eE ")]
    count = len(rows) - len(kept)
    return kept, (f"{count} points of spectra left out of the readings",) if count else ()


def read_table(text: Text) -> CyclerRecord:
    """Read the first table with time, voltage and current in named units; raises BadInput that names the line."""
    if is_biologic(text):
        return read_eclab(text)
    found = _header(text)
    if found is None:
        raise text.bad_file(
            "no line names columns of time, voltage and current with their units",
            "Export the table with names such as 'Test Time / s', 'Voltage / V', 'Current / mA'",
        )
    place, separator, names = found
    columns = understood(names)
    rows = []
    for number, line in enumerate(text.lines[place + 1 :], place + 2):
        if not line.strip():
            continue
        fields = _split(line, separator)
        if len(fields) < len(names):
            raise text.bad(number, f"{len(fields)} fields where {len(names)} are needed")
        rows.append((number, fields))
    time = only(columns, "time")
    voltage, current = only(columns, "voltage"), only(columns, "current")
    if time is None or voltage is None or current is None:  # they are what a header is known by
        raise text.bad(place + 1, "a column of time, voltage or current is missing")
    rows, notes = _without_empty(rows, (voltage, current))
    chosen = [time, voltage, current]
    sums = [
        column for column in (only(columns, "charged"), only(columns, "discharged")) if column is not None
    ]
    net = only(columns, "net")
    if net is not None and all_numbers(rows, net.place):
        sums = [net]
    elif len(sums) != 2 or not all(all_numbers(rows, column.place) for column in sums):
        sums = []
    time_s, voltage_V, current_A, *charges = numbers_of(text, rows, [*chosen, *sums])
    current_A = _signed(current_A, rows, only(columns, "state"))
    is_bdf = "Test Time / s" in names or "test_time_second" in names
    record = CyclerRecord(
        text.path,
        "BDF" if is_bdf else "a table",
        time_s - time_s[0] if len(time_s) else time_s,
        voltage_V,
        current_A,
        started_unix_s=_begun(text, rows, names, columns),
        notes=notes,
        simulated=_is_simulated(rows, names),
    )
    if len(charges) == 1:
        return replace(record, charge_C=charges[0])
    if len(charges) == 2 and all(
        np.all(np.diff(one) >= -1e-9) for one in charges
    ):  # sums that begin anew are none
        return replace(record, charge_C=charges[0] - charges[1])
    return record


def _header(text: Text) -> tuple[int, str, list[str]] | None:
    """Return the line with the names, what parts them, and the names; the first with time, voltage and current."""
    for place, line in enumerate(text.lines[:_SCANNED]):
        for separator in ("\t", ";", ",", "  "):
            names = _split(line, separator)
            columns = understood(names) if len(names) > 2 else []
            if all(only(columns, meaning) is not None for meaning in ("time", "voltage", "current")):
                return place, separator, names
    return None


def _split(line: str, separator: str) -> list[str]:
    if separator == "  ":
        return re.split(r"\s{2,}|\t", line.strip())
    try:
        fields = next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:  # a field beyond all measure
        return []
    return [field.strip() for field in fields]


def _without_empty(
    rows: list[tuple[int, list[str]]], columns: Sequence[Column]
) -> tuple[list[tuple[int, list[str]]], tuple[str, ...]]:
    """Leave out rows without voltage and current: points of spectra, and readings beyond the range."""
    kept = [(number, fields) for number, fields in rows if any(fields[column.place] for column in columns)]
    count = len(rows) - len(kept)
    return kept, (f"{count} rows without voltage and current left out",) if count else ()


def _signed(current_A: Array, rows: Sequence[tuple[int, list[str]]], state: Column | None) -> Array:
    """Return the current with its sign, by the column of the state where the table gives magnitudes."""
    if state is None or np.any(current_A < 0):
        return current_A
    discharges = np.array(
        [bool(_DISCHARGES.search(fields[state.place].replace("_", " "))) for _, fields in rows]
    )
    return np.where(discharges, -current_A, current_A)


def _is_simulated(rows: Sequence[tuple[int, list[str]]], names: Sequence[str]) -> bool:
    """Say whether the table bears the mark that this program gives to a simulated run."""
    places = [place for place, name in enumerate(names) if name.casefold() == "simulated / 1"]
    return any(fields[place] in ("1", "1.0") for place in places for _, fields in rows[:1])


def _begun(
    text: Text, rows: Sequence[tuple[int, list[str]]], names: Sequence[str], columns: Sequence[Column]
) -> float | None:
    """Return when the first reading was made (s since 1970), None where the table does not say; raises BadInput."""
    if not rows:
        return None
    for name in ("Unix Time / s", "unix_time_second"):
        if name in names and (written := rows[0][1][names.index(name)]):
            return read_numbers(text, [[(rows[0][0], written)]])[0][0]
    date = only(columns, "date")
    return _moment(rows[0][1][date.place]) if date is not None else None


def _moment(text: str | None) -> float | None:
    """Return a date with a time of day as s since 1970, by the clock here where no zone is written."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    for form in ("%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, form).timestamp()
        except ValueError:
            continue
    return None
