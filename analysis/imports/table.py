"""From a table of any program to spectra: numbers, points without a value, several sweeps, contradictions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from solbench.analysis.imports.contradictions import Reading, refuse_contradictions
from solbench.analysis.imports.names import Column, Meaning, understand_all
from solbench.analysis.imports.numbers import is_number, read_numbers
from solbench.analysis.imports.spectrum import Array, Spectrum, Text
from solbench.analysis.imports.sweeps import sweeps

_NAMES_TO_USE = "Name the columns 'frequency / Hz', 'real impedance / ohm' and 'imaginary impedance / ohm'"


class Row(NamedTuple):
    """One line of a table: its number in the file, from 1, and its fields."""

    line: int
    fields: list[str]


@dataclass(frozen=True)
class Header:
    """The line (from 1) with the names of the columns, and which of them are understood."""

    line: int
    names: list[str]
    columns: list[Column]

    def of(self, meaning: Meaning) -> list[Column]:
        """Return the columns of one meaning."""
        return [column for column in self.columns if column.meaning == meaning]

    @property
    def is_cartesian(self) -> bool:
        """Get whether Z' and Z'' are there; otherwise |Z| and phase must be."""
        return bool(self.of("real") and self.of("imaginary"))

    @property
    def missing(self) -> str:
        """Get which column is missing, in words; empty where a spectrum can be read."""
        if not self.of("frequency"):
            return "no column is the frequency"
        if self.is_cartesian or (self.of("modulus") and self.of("phase")):
            return ""
        if self.of("modulus") and not self.of("real"):
            return "no column is the phase"
        return f"no column is the {'imaginary' if self.of('real') else 'real'} part"


@dataclass(frozen=True)
class Table:
    """The rows under a header; `declared` is how many points the file says it has.

    `assumed`: nothing in the file says what the columns are. `untrusted`: lines of points for which the bench was not
    known, where the file says so beside the rows.
    """

    header: Header
    rows: list[Row]
    meta: dict[str, str]
    declared: int | None = None
    assumed: bool = False
    notes: tuple[str, ...] = field(default=())
    untrusted: frozenset[int] = frozenset()


def make_header(line: int, names: Sequence[str], units: Sequence[str] = ()) -> Header:
    """Make a header of names and, where they stand in another line, units."""
    return Header(line, list(names), understand_all(names, units))


def spectra_of(text: Text, table: Table) -> list[Spectrum]:
    """Return the spectra of a table, in the order of the file; raises BadInput that names the line."""
    header = table.header
    if header.missing:
        raise text.bad(header.line, header.missing, _NAMES_TO_USE)
    rows = _without_empty_end(text, table)
    if not rows:
        raise text.bad_file("this file contains no points", "Check that the measurement was saved")
    notes = [*table.notes, *_count_note(table, len(rows))]
    frequency = _one(text, header, "frequency")
    empty = [row for row in rows if _is_zero(row.fields[frequency.place]) and _is_empty(header, row)]
    if empty:
        notes.append(f"{_rows(len(empty))} without frequency left out")
    meta = {**table.meta, "rows without frequency": str(len(empty))} if empty else table.meta
    wrong = [row for row in rows if row not in empty and _has_error(header, row)]
    if wrong:
        codes = ", ".join(sorted({_error_of(header, row) for row in wrong}))
        lines = ", ".join(str(row.line) for row in wrong[:5]) + (", ..." if len(wrong) > 5 else "")
        notes.append(
            f"{_rows(len(wrong))} with an error of the instrument left out (error {codes}; line {lines})"
        )
    marked = table.untrusted | {row.line for row in rows if _is_untrusted(header, row)}
    unknown = [row for row in rows if row.line in marked and row not in empty and row not in wrong]
    if unknown:
        notes.append(f"{_rows(len(unknown))} left out, for which the bench was not known")
    left_out = {row.line for row in (*empty, *wrong, *unknown)}
    kept = [row for row in rows if row.line not in left_out]
    if not kept:
        reason = (
            "each of its points has an error of the instrument"
            if wrong and not unknown
            else "the bench was not known for any of its points"
            if unknown
            else "it contains no points of a spectrum"
        )
        raise text.bad(header.line, reason, "Take a file of an impedance measurement")
    reading, time_s = _read(text, table, kept)
    refuse_contradictions(text, reading)
    f, z = reading.frequency_Hz, reading.impedance_ohm
    return [
        Spectrum(
            f[part],
            z[part],
            None if time_s is None else time_s[part],
            meta | _labels(header, reading, part.start),
            tuple(notes),
        )
        for part in sweeps(f, reading.labels)
    ]


def _labels(header: Header, reading: Reading, place: int) -> dict[str, str]:
    """Return what a row says of its sweep: cycle, loop, segment."""
    return {
        column.name: label for column, label in zip(header.of("label"), reading.labels[place], strict=True)
    }


def _without_empty_end(text: Text, table: Table) -> list[Row]:
    """Return the rows without empty fields beyond the last name; raises BadInput where their number is another."""
    wanted = len(table.header.names)
    rows = []
    for row in table.rows:
        fields = row.fields
        if len(fields) > wanted and not any(extra.strip() for extra in fields[wanted:]):
            fields = fields[:wanted]
        if len(fields) != wanted:
            raise text.bad(row.line, f"{len(fields)} fields where {wanted} are needed")
        rows.append(Row(row.line, fields))
    return rows


def _count_note(table: Table, count: int) -> list[str]:
    if table.declared is None or table.declared == count:
        return []
    return [f"{count} of {table.declared} points that the file declares"]


def _one(text: Text, header: Header, meaning: Meaning) -> Column:
    first, *others = header.of(meaning)
    if others:
        raise text.bad(
            header.line,
            f"'{first.name}' and '{others[0].name}' may both be the {meaning}",
            "Leave only one of these columns in the table",
        )
    return first


def _factor(text: Text, header: Header, column: Column) -> float:
    if column.factor is None:
        raise text.bad(
            header.line,
            f"the unit '{column.unit}' of '{column.name}' is not known here, or may be two",
            "Convert the column to Hz, ohm or degrees; impedances per area need the area",
        )
    return column.factor


def _value(cell: str) -> float:
    return float(cell.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-"))


def _is_zero(cell: str) -> bool:
    return is_number(cell) and _value(cell) == 0.0


def _is_empty(header: Header, row: Row) -> bool:
    """Say whether a row without frequency has no impedance either."""
    wanted: tuple[Meaning, ...] = ("real", "imaginary") if header.is_cartesian else ("modulus",)
    return all(_is_zero(row.fields[column.place]) for name in wanted for column in header.of(name))


def _error_of(header: Header, row: Row) -> str:
    return next(
        (row.fields[c.place].strip() for c in header.of("error") if not _is_zero(row.fields[c.place])), ""
    )


def _has_error(header: Header, row: Row) -> bool:
    return _error_of(header, row) != ""


def _is_untrusted(header: Header, row: Row) -> bool:
    return any(not _is_zero(row.fields[column.place]) for column in header.of("untrusted"))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _read(text: Text, table: Table, rows: list[Row]) -> tuple[Reading, Array | None]:
    """Read the numbers, and compare the impedance with the columns that say it again; the second are times (s)."""
    header = table.header
    parts: tuple[Meaning, Meaning] = ("real", "imaginary") if header.is_cartesian else ("modulus", "phase")
    chosen = [_one(text, header, meaning) for meaning in ("frequency", *parts)]
    # "T / K" is no time, nor are hours seconds: no spectrum needs times, so none are better than wrong ones
    times = [column for column in header.of("time") if column.factor is not None]
    time = [column for column in times if _all_numbers(rows, column.place)][:1]
    cells = [[(row.line, row.fields[column.place]) for row in rows] for column in (*chosen, *time)]
    numbers = [np.array(column) for column in read_numbers(text, cells)]
    lines = [row.line for row in rows]
    factors = [_factor(text, header, column) for column in chosen]
    for line, value, (_, cell) in zip(lines, numbers[0] * factors[0], cells[0], strict=True):
        if not value > 0:
            raise text.bad(line, f"the frequency {cell.strip()} is not above zero")
    if not header.is_cartesian:
        _refuse_polar(text, header, lines, chosen, numbers)
    reading = Reading(
        lines,
        [tuple(row.fields[column.place].strip() for column in header.of("label")) for row in rows],
        _all_columns(rows, header) | {c.name: column for c, column in zip(chosen, numbers, strict=False)},
        (chosen[0].name, chosen[1].name, chosen[2].name),
        (factors[0], factors[1], factors[2]),
        not header.is_cartesian,
        table.assumed,
    )
    if header.is_cartesian:
        _refuse_other_impedance(text, header, reading)
    return reading, numbers[3] * _factor(text, header, time[0]) if time else None


def _all_columns(rows: list[Row], header: Header) -> dict[str, Array]:
    """Return the columns of numbers by name."""
    places = [place for place in range(len(header.names)) if _all_numbers(rows, place)]
    return {
        header.names[place].strip(): np.array([_value(row.fields[place]) for row in rows]) for place in places
    }


def _all_numbers(rows: list[Row], place: int) -> bool:
    return all(is_number(row.fields[place]) for row in rows)


def _refuse_polar(
    text: Text, header: Header, lines: list[int], chosen: list[Column], numbers: list[Array]
) -> None:
    """Raise BadInput for a modulus that is none, and a phase that may have either unit."""
    if np.any(numbers[1] * _factor(text, header, chosen[1]) <= 0):
        line = lines[int(np.argmax(numbers[1] <= 0))]
        raise text.bad(line, f"'{chosen[1].name}' is not above zero, as a modulus is")
    if not chosen[2].unit and np.max(np.abs(numbers[2])) <= 2 * np.pi:
        raise text.bad(
            header.line,
            "the phase has no unit, and its values may be degrees or radians",
            "Write the unit into the name: 'phase / deg' or 'phase / rad'",
        )


def _refuse_other_impedance(text: Text, header: Header, reading: Reading) -> None:
    """Raise BadInput where |Z| or the phase in the same table are not those of Z' and Z''."""
    z = reading.impedance_ohm
    for column in (*header.of("modulus"), *header.of("phase")):
        if column.factor is None or column.name not in reading.columns:
            continue
        value = reading.columns[column.name] * column.factor
        if column.meaning == "modulus":
            wrong = np.abs(value - np.abs(z)) > 0.02 * np.abs(z)
        elif column.unit:
            wrong = np.abs((value - np.angle(z, deg=True) + 180.0) % 360.0 - 180.0) > 3.0
        else:
            continue
        wrong &= value != 0  # some programs do not fill it in
        if np.any(wrong):
            raise text.bad(
                reading.lines[int(np.argmax(wrong))],
                f"'{column.name}' is not that of the real and the imaginary part in this line",
                "Find out which of the columns is right, and leave the others out",
            )
