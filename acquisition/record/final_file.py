"""The final run file, built from the journal: HDF5 that every tool reads, with units on every dataset.

NeXus-flavoured groups (NXentry, NXdata, NXsample, NXinstrument, NXnote) so that any NeXus viewer shows the
plots; column names of the Battery Data Format. Built beside the target, checked against the journal, then put
in its place in one move. Windows does not let a file be replaced that a viewer, a virus scanner or a cloud client has
open: the finished one then waits beside it, whole, until whoever reads the run next finds the place free.
"""

import json
import math
import os
import platform
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from solbench.acquisition.errors import UNEXPECTED_EXIT, JournalDamaged, RunFileError, RunFileHeld
from solbench.acquisition.host.platform import make_durable, make_folder_durable, move, remove
from solbench.acquisition.record.beside.gauges import GaugeTrace, traces_of
from solbench.acquisition.record.beside.pressure import pressure_within
from solbench.acquisition.record.beside.temperature import temperature_within
from solbench.acquisition.record.charge_ledger import COUNTED
from solbench.acquisition.record.codec import to_plain
from solbench.acquisition.record.columns import (
    EVENTS,
    GAUGES,
    POINT_COLUMNS,
    SAMPLE_COLUMNS,
    SAMPLES,
    SPECTRA,
    Array,
    in_use,
    replaced,
)
from solbench.acquisition.record.events import (
    BenchText,
    CellText,
    CommissioningText,
    Conditions,
    Event,
    GaugeKnown,
    GaugeRead,
    Header,
    ProtocolText,
    RunEnd,
    SessionStart,
)
from solbench.acquisition.record.folds import SpectrumFold, SpectrumRecord, StepFold, StepRecord
from solbench.acquisition.record.hdf5 import (
    TEXT,
    VERSIONS,
    Columns,
    Group,
    Written,
    read_file,
    scale,
    write_dataset,
    write_final,
)
from solbench.acquisition.record.journal import (
    Damage,
    Told,
    journal_path,
    read_header,
    read_journal,
    untold,
)
from solbench.acquisition.record.minmax import Overview
from solbench.acquisition.record.rows import Block, Rows, batches

CHUNK_ROWS = 16384  # at most, are compressed together, and so written together
NEXUS_DEFINITIONS = "v2024.02"  # of the NeXus definitions, in which NXsensor_scan is
PROGRAM_URL = "https://github.com/solbench/solbench"
_DAMAGED, _BEHIND, _GOES_ON = (
    "damaged_at_record",
    "whole_records_behind",
    "can_go_on",
)  # attributes of the entry
_DERIVED = {"unix_time_second": "s", "charging_capacity_ah": "A*h", "discharging_capacity_ah": "A*h"}


def waiting_path(run: Path) -> Path:
    """Return where the finished file of the run file `run` waits."""
    return run.with_name(run.name + ".new")


def put_in_place(run: Path) -> bool:
    """Put the finished file of a run in its place if one waits; say whether none waits any more."""
    waiting = waiting_path(run)
    if waiting.exists():
        with suppress(OSError):  # it is still held, or may not be written here
            os.replace(waiting, run)
    return not waiting.exists()


def build_final(run: Path, told: Told = untold, records: int | None = None) -> Path:
    """Build the final file of `run` (a .h5 path) from its journal and put it in place; return its path.

    `records`: how many the journal has, where that is known. Raises JournalDamaged when fewer can be read, and when the
    file that is to be replaced holds more than can be read of a journal that was damaged since; RunFileError
    when the built file does not hold what the journal holds, and RunFileHeld when another program has the old file open
    or a folder lies there; what lies there stays then.
    """
    journal = journal_path(run)
    part = run.with_name(run.name + ".part")
    try:
        with write_final(part) as file:
            counts = _fill(file, journal, told)
            damage = damage_in(file)
        if records is not None and sum(counts.values()) != records:
            raise JournalDamaged(
                f"{journal.name} was changed by another program: {sum(counts.values())} of its {records} records can "
                f"be read. Keep all files of the run: journal, checkpoint and live file together hold most of it"
            )
        if damage is not None:
            _require_no_less(run, journal, damage, sum(counts.values()))
        _verify(part, counts)
        make_durable(part)
    except BaseException:
        with suppress(OSError):
            remove(part)
        raise
    waiting = waiting_path(run)
    try:
        _replace(part, run)
    except (PermissionError, IsADirectoryError) as held:
        move(part, waiting)
        raise RunFileHeld(run, waiting) from held
    remove(waiting)  # an older one, or it would take the place of this one
    return run


def _fill(file: Group, journal: Path, told: Told) -> dict[str, int]:
    header = read_header(journal)
    entry = _group(file, "entry", "NXentry")
    damage: list[Damage] = []
    chunks = batches(read_journal(journal, told=told, damaged=damage.append), CHUNK_ROWS)
    first = next(chunks)
    samples = _SampleWriter(_group(entry, "samples", "NXdata"), header.unix_s, len(first))
    events = _EventWriter(_group(entry, "events", "NXcollection"))
    points = []
    rows = Rows()
    for chunk in chain([first], chunks):
        block = rows.sorted(chunk)
        samples.append(block)
        events.append(block.events)
        points.append(block.point_array())
    all_points = np.concatenate(points)
    samples.finish()
    _write_root(file, header)
    _write_entry(entry, header, events, damage[0] if damage else None)
    _write_steps(entry, events.steps.records, rows.ranges)
    traces = traces_of(events.gauges)
    _write_spectra(entry, events.spectra.records, all_points, traces, header)
    _write_gauges(file, traces)
    return {"samples": samples.columns.count, "events": events.columns.count, "points": len(all_points)}


class _SampleWriter:
    """Writes the sample columns block by block, with what is derived from them; `rows` are compressed together."""

    def __init__(self, group: Group, unix_s: float, rows: int) -> None:
        self._group = group
        self._unix_s = unix_s
        self._charge = self._charged = self._discharged = 0.0
        self._overview = Overview()
        kinds = {column.dataset: (column.dtype, column.unit) for column in SAMPLE_COLUMNS}
        kinds |= {name: ("<f8", unit) for name, unit in _DERIVED.items()}
        self.columns = Columns(group, kinds, rows, checked=True)

    def append(self, block: Block) -> None:
        """Append the samples of one block."""
        table = block.sample_array()
        if len(table) == 0:
            return
        stored = {column.dataset: table[column.field] for column in SAMPLE_COLUMNS}
        self.columns.append(stored | self._derive(table))
        self._overview.add(table["time_s"], table["voltage_V"], table["current_A"])

    def _derive(self, table: Array) -> dict[str, Array]:
        steps = np.diff(table["charge_C"], prepend=self._charge)
        charged = self._charged + np.cumsum(np.maximum(steps, 0.0))
        discharged = self._discharged + np.cumsum(np.maximum(-steps, 0.0))
        self._charge, self._charged, self._discharged = table["charge_C"][-1], charged[-1], discharged[-1]
        return {
            "unix_time_second": self._unix_s + table["time_s"],
            "charging_capacity_ah": charged / 3600.0,
            "discharging_capacity_ah": discharged / 3600.0,
        }

    def finish(self) -> None:
        """Write attributes and the min-max overview."""
        group = self._group
        group.attrs["signal"] = "voltage_volt"
        group.attrs["axes"] = "test_time_second"
        group.attrs["test_time_second_indices"] = 0
        group.attrs["sign"] = "positive current charges the cell"
        group.attrs["charge"] = COUNTED
        overview = _group(group.parent, "overview", "NXdata")
        overview.attrs["signal"], overview.attrs["axes"] = "voltage_max", "test_time_second"
        reduced = {
            name: write_dataset(overview, name, values, unit)
            for name, (values, unit) in self._overview.columns().items()
        }
        for columns in (self.columns.written, reduced):
            values = [column for name, column in columns.items() if name != "test_time_second"]
            scale(columns["test_time_second"], "test_time", values)


class _EventWriter:
    """Writes the events block by block and keeps of them what the rest of the file is made of."""

    def __init__(self, group: Group) -> None:
        self.last_s = 0.0
        self.steps, self.spectra = StepFold(), SpectrumFold()
        self.session: SessionStart | None = None
        self.commissioning: CommissioningText | None = None
        self.end: RunEnd | None = None
        self.gauges: list[tuple[float, GaugeKnown | GaugeRead]] = []
        kinds = {"seq": ("u8", "1"), "test_time_second": ("f8", "s"), "json": (TEXT, "")}
        self.columns = Columns(group, kinds, rows=1024)

    def append(self, events: list[Event]) -> None:
        """Append some events."""
        for event in events:
            self._see(event)
        self.columns.append(
            {
                "seq": np.array([event.seq for event in events], "u8"),
                "test_time_second": np.array([event.time_s for event in events]),
                "json": np.array([event.json().encode() for event in events], dtype=TEXT),
            }
        )

    def _see(self, event: Event) -> None:
        self.steps.add(event)
        self.spectra.add(event)
        self.last_s = max(self.last_s, event.time_s)
        if isinstance(event.body, GaugeKnown | GaugeRead):
            self.gauges.append((event.time_s, event.body))
        elif isinstance(event.body, RunEnd):
            self.end = event.body
        elif isinstance(event.body, SessionStart):
            self.session = self.session or event.body
            self.commissioning = event.body.commissioning or self.commissioning


def _write_root(file: Group, header: Header) -> None:
    file.attrs["NX_class"] = "NXroot"
    file.attrs["default"] = "entry"
    file.attrs["creator"] = "solbench"
    file.attrs["creator_version"] = header.program.version
    file.attrs.update(VERSIONS)
    file.attrs["file_time"] = datetime.now().astimezone().isoformat(timespec="seconds")
    file.attrs["simulated"] = header.simulated


def damage_in(file: Group) -> Damage | None:
    """Return where the journal was damaged of which a finished file was built, None where it was not."""
    attributes = file["entry"].attrs
    record, behind = attributes.get(_DAMAGED), attributes.get(_BEHIND)
    if record is None:
        return None
    return Damage(int(record), None if behind is None else int(behind), bool(attributes.get(_GOES_ON, False)))


def _require_no_less(run: Path, journal: Path, damage: Damage, records: int) -> None:
    """Raise JournalDamaged where a finished file holds more records than could be read of its journal."""
    try:
        with read_file(run) as file:
            tables = [file[EVENTS]["json"], file[SAMPLES][SAMPLE_COLUMNS[0].dataset]]
            points = [group[POINT_COLUMNS[0].dataset] for group in file[SPECTRA].values()]
            held = sum(len(table) for table in (*tables, *points))
    except (OSError, LookupError, ValueError):  # nothing is finished there
        return
    if held > records:
        raise JournalDamaged(
            f"{journal}: {damage.words}. {run.name} holds {held} records, more than the {records} that can be read of "
            "the journal, and stays as it is. Keep it, or put the journal back from a copy"
        )


def _write_entry(entry: Group, header: Header, events: _EventWriter, damage: Damage | None) -> None:
    end = events.end
    if damage is not None:
        entry.attrs[_DAMAGED] = damage.record
        entry.attrs[_GOES_ON] = damage.can_go_on
        if damage.behind is not None:
            entry.attrs[_BEHIND] = damage.behind
    started = datetime.fromisoformat(header.started)
    entry.attrs["default"] = "samples"
    entry.attrs["complete"] = end is not None and end.completed
    entry.attrs["simulated"] = header.simulated
    _text(entry, "definition", "NXsensor_scan")
    entry["definition"].attrs["version"] = NEXUS_DEFINITIONS
    _text(entry, "local_definition", "solbench_run/1")
    _text(entry, "title", f"{header.cell.name} {header.protocol.name}")
    _text(entry, "run", header.run)
    _text(entry, "start_time", started.isoformat())
    _text(entry, "end_time", (started + timedelta(seconds=events.last_s)).isoformat())
    broke_off = f"interrupted: {UNEXPECTED_EXIT if damage is None else damage.told}"
    _text(entry, "end_reason", end.reason if end is not None else broke_off)
    _write_sample(entry, header.cell, header.conditions)
    _write_instruments(entry, events.session)
    _write_note(entry, "protocol", header.protocol)
    _write_note(entry, "bench", header.bench)
    if events.commissioning is not None:
        _write_note(entry, "commissioning", events.commissioning)
    process = _group(entry, "process", "NXprocess")
    for name, value in {**to_plain(header.program), "platform": platform.platform()}.items():
        _text(process, name, json.dumps(value) if isinstance(value, (dict, list)) else str(value))
    _text(process, "program", header.program.name)
    process["program"].attrs["version"] = header.program.version
    process["program"].attrs["program_url"] = PROGRAM_URL
    _text(_group(entry, "user", "NXuser"), "name", header.conditions.operator or "not written down")
    _text(entry, "experiment_description", header.protocol.name)
    _text(entry, "identifier_experiment", header.run)


def _write_sample(entry: Group, cell: CellText, conditions: Conditions) -> None:
    sample = _group(entry, "sample", "NXsample")
    _text(sample, "name", cell.name)
    _text(sample, "build", cell.build)
    _text(sample, "record", cell.text)
    for name, (value, unit) in cell.quantities.items():
        write_dataset(sample, name, value, unit)
    for name, answer in to_plain(conditions).items():
        _text(sample, name, str(answer))


def _write_instruments(entry: Group, session: SessionStart | None) -> None:
    instrument = _group(entry, "instrument", "NXinstrument")
    if session is None:
        return
    for name, described in session.instruments.items():
        sensor = _group(instrument, name, "NXsensor")
        for key, value in to_plain(described).items():
            if isinstance(value, dict):
                settings = _group(sensor, key, "NXcollection")
                for command, reply in value.items():
                    _text(settings, command.replace("/", "_"), str(reply))
            else:
                _text(sensor, key, str(value))


def _write_note(entry: Group, name: str, note: ProtocolText | BenchText | CommissioningText) -> None:
    group = _group(entry, name, "NXnote")
    for key, value in to_plain(note).items():
        _text(group, "data" if key == "text" else key, value if isinstance(value, str) else json.dumps(value))


def _write_steps(entry: Group, steps: list[StepRecord], ranges: dict[int, int]) -> None:
    group = _group(entry, "steps", "NXcollection")
    write_dataset(group, "step_count", np.array([step.index for step in steps], "i4"), "1")
    write_dataset(group, "cycle_count", np.array([step.cycle or 0 for step in steps], "i4"), "1")
    write_dataset(group, "start_time_second", np.array([step.start_s for step in steps]), "s")
    write_dataset(group, "end_time_second", np.array([step.end_s for step in steps]), "s")
    write_dataset(group, "net_charge_coulomb", np.array([step.charge_C for step in steps]), "C")
    write_dataset(group, "current_range", np.array([ranges.get(step.index, -1) for step in steps], "i2"), "1")
    texts = {
        "name": [step.name for step in steps],
        "kind": [step.kind for step in steps],
        "end_reason": [step.end.text if step.end is not None else "interrupted" for step in steps],
    }
    for name, values in texts.items():
        write_dataset(group, name, np.array(values, dtype=TEXT), "")


def _write_spectra(
    entry: Group,
    spectra: list[SpectrumRecord],
    points: Array,
    traces: list[GaugeTrace],
    header: Header,
) -> None:
    group = _group(entry, "spectra", "NXcollection")
    for spectrum in spectra:
        chosen = (points["segment"] == spectrum.segment) & (points["attempt"] == spectrum.attempt)
        its = points[chosen]
        name = f"{spectrum.spectrum:04d}" + ("" if spectrum.whole else f"_attempt_{spectrum.attempt}")
        if (old := its[replaced(its)]).size:
            _write_points(_group(group, f"{name}_replaced", "NXdata"), spectrum, old)
        data = _group(group, name, "NXdata")
        columns = _write_points(data, spectrum, in_use(its))
        scale(columns.pop("frequency_hertz"), "frequency", list(columns.values()))
        data.attrs["signal"] = "negative_imaginary_impedance_ohm"
        data.attrs["axes"] = "real_impedance_ohm"
        until_s = float(its["time_s"].max(initial=spectrum.time_s))
        temperature = temperature_within(
            traces, spectrum.conditions.typed_temperature_K(header.temperature_K), spectrum.time_s, until_s
        )
        if temperature is not None:
            data.attrs["temperature_K"] = temperature.value_K
            data.attrs["temperature_stderr_K"] = temperature.stderr_K
            data.attrs["temperature_source"] = temperature.source
            if temperature.drift_K is not None:
                data.attrs["temperature_drift_K"] = temperature.drift_K
                data.attrs["temperature_sensor"] = temperature.sensor
        typed_Pa = spectrum.conditions.typed_stack_pressure_Pa(header.stack_pressure_Pa)
        pressure = pressure_within(traces, typed_Pa, spectrum.time_s, until_s)
        if pressure is not None:
            data.attrs["stack_pressure_Pa"] = pressure.value_Pa
            data.attrs["stack_pressure_source"] = pressure.source
            if pressure.stderr_Pa is not None:
                data.attrs["stack_pressure_stderr_Pa"] = pressure.stderr_Pa


def _write_points(data: Group, spectrum: SpectrumRecord, points: Array) -> dict[str, Written]:
    """Write points of a spectrum with the conditions under which it was measured; return the columns by name."""
    columns = {
        column.dataset: (points[column.field], column.unit) for column in POINT_COLUMNS if column.dataset
    }
    columns["negative_imaginary_impedance_ohm"] = (-points["imaginary_ohm"], "ohm")
    written = {name: write_dataset(data, name, values, unit) for name, (values, unit) in columns.items()}
    data.attrs["whole"] = spectrum.whole
    data.attrs["attempt"] = spectrum.attempt
    data.attrs["step"] = spectrum.step
    for key, value in to_plain(spectrum.start).items():
        if value is not None:
            data.attrs[key] = json.dumps(value) if isinstance(value, dict) else value
    return written


def _write_gauges(file: Group, traces: list[GaugeTrace]) -> None:
    """Write one group a gauge; the file of a bench without gauges has none of it."""
    if not traces:
        return
    group = _group(file, GAUGES, "NXcollection")
    for trace in traces:
        log = _group(group, trace.name, "NXlog")
        times = write_dataset(log, "test_time_second", np.array(trace.times_s), "s")
        values = write_dataset(log, "value", np.array(trace.values), trace.unit)
        scale(times, "test_time", [values])
        log.attrs["name"], log.attrs["lost"], log.attrs["place"] = trace.name, trace.lost, trace.place
        if trace.stderr is not None:
            log.attrs["stderr"] = trace.stderr
        gaps = [(gap.since_s, math.nan if gap.until_s is None else gap.until_s) for gap in trace.gaps]
        write_dataset(log, "gaps", np.array(gaps, "f8").reshape(len(gaps), 2), "s")
        write_dataset(log, "gap_reasons", np.array([gap.code for gap in trace.gaps], dtype=TEXT), "")


def _group(parent: Group, name: str, nx_class: str) -> Group:
    group = parent.create_group(name)
    group.attrs["NX_class"] = nx_class
    return group


def _text(group: Group, name: str, text: str) -> None:
    write_dataset(group, name, text, "")


def _verify(part: Path, counts: dict[str, int]) -> None:
    """Read the built file back and compare its row counts with the journal's."""
    with read_file(part) as file:
        indices = file[SAMPLES][SAMPLE_COLUMNS[0].dataset]
        found = {"samples": len(indices), "events": len(file[EVENTS]["seq"])}
        found["points"] = sum(len(data[POINT_COLUMNS[0].dataset]) for data in file[SPECTRA].values())
        increasing = all(np.all(np.diff(block) > 0) for block in _in_blocks(indices))
    if found != counts or not increasing:
        raise RunFileError(
            f"{part}: holds {found}, the journal {counts}; the journal is complete, the file was not replaced"
        )


def _in_blocks(dataset: Any, size: int = 1 << 16) -> Iterator[Array]:
    for start in range(0, len(dataset), size):
        yield dataset[start : start + size]


def _replace(part: Path, target: Path, tries: int = 20) -> None:
    """Move into place; on Windows a viewer that has the old file open makes that fail for a moment."""
    for attempt in range(tries):
        try:
            os.replace(part, target)
            break
        except PermissionError:
            if attempt == tries - 1:
                raise
            time.sleep(0.1)
    make_folder_durable(target.parent)
