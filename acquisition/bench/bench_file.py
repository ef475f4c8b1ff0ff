"""Bench files: what instruments there are, how they are wired, what is known of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from pydantic import PositiveFloat, PrivateAttr, ValidationError, field_validator

from solbench.acquisition.bench.commissioning.record import IDEAL, CommissioningRecord, parse_record
from solbench.acquisition.bench.commissioning.shipped_record import shipped_record
from solbench.acquisition.bench.gauges.chamber import SET_POINT
from solbench.acquisition.bench.gauges.chamber_entry import ChamberEntry
from solbench.acquisition.bench.gauges.comparing import (
    comparison_path,
    read_comparisons,
    with_comparisons,
)
from solbench.acquisition.bench.gauges.entry import GaugeEntry
from solbench.acquisition.bench.models import MODELS, BenchModel, HIGHEST_Hz, abilities_of
from solbench.acquisition.host.platform import default_bench_path
from solbench.drivers.errors import OutOfRange
from solbench.drivers.links.typed import as_address
from solbench.drivers.roles import Ability
from solbench.drivers.sensors.register_map import in_unit
from solbench.protocols import files
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.model import Model, bad_input, meant
from solbench.protocols.plausible import Instruments, SetChamber
from solbench.protocols.quantities.by_name import number, unit_at_end
from solbench.protocols.quantities.quantity import Frequency, Quantity, Time

__all__ = [
    "DEFAULT_UNIT",
    "SIMULATED",
    "BenchFile",
    "FoundRecord",
    "GaugeEntry",
    "InstrumentEntry",
    "Served",
    "default_bench_path",
    "dump_bench",
    "in_si",
    "load_bench",
    "parse_bench",
    "record_path",
    "simulated_unit",
]
OWN_LIBRARY = "@solbench"
LEAST_TEMPERATURE_K = 100.0  # a setting in K that is less by default is a difference of two
RECORD_ENDING = ".commissioning.json"
DEFAULT_UNIT = "typical"
"""The specimen of a simulated bench whose file says nothing of the instruments."""
BESIDE_THE_UNIT = frozenset(
    {"unit", "sensors", "chamber", "press", "addresses", "wiring", "latency_s", "noise_scale"}
)
"""What a bench file may say of its simulation while the unit is as it was when it was commissioned."""


STANDARD = Instruments()


@dataclass(frozen=True)
class FoundRecord:
    """A commissioning record as it was read: the name of its file, its text, and what that says."""

    name: str
    text: str
    record: CommissioningRecord


class InstrumentEntry(Model):
    """One instrument: its address, and settings that differ from the driver's defaults (SI numbers).

    The address is a VISA one (GPIB0::4::INSTR), the GPIB number behind a Prologix adapter (4), or a serial port
    (COM3), by the bench's kind.
    """

    address: int | str | None = None
    settings: dict[str, Any] = {}


class Served(Model):
    """A simulation in another process: where to ask for its clock and its truth (host:port)."""

    control: str


class BenchFile(Model):
    """A bench.

    `kind`: how the instruments are reached: `visa`; `prologix` through an `adapter` (COM3, /dev/ttyUSB0,
    192.168.1.5 for socket://192.168.1.5:1234) with its `adapter_settings`; `serial`, their own RS-423 ports;
    `simulated` in this process.
    `simulated` marks a bench of another kind whose instruments are a served simulation; `served` says where.
    `positive_terminal` says which leads are clamped to the cell's positive terminal. `mains`: 50 Hz or 60 Hz, over
    whole periods of which readings are averaged.

    `max_unwatched` and `near_limit`: longest times between readings, anywhere and within 50 mV of a limit.
    `lease`: how long the engine may be silent before the guardian ends it and makes the cell safe.
    `reconnect_for`: how long a lost adapter is looked for before the run ends as a fault; its guardian goes on then.
    `direction_check`: in this time the voltage must follow the current. `commissioning`: the file of its commissioning
    record, seen from the bench file's folder; without it, the file NAME.commissioning.json beside NAME.yaml, if there
    is one. `commissioned`: the day on which a user verified range order, signs and standby, as version 0.1.0 had it in
    place of a record; it permits direct current for a year. `cables`: which ones lead to the cell, in the user's words.
    `model`: which kind of bench it is, by default a 1260 with a 1287, whose entries are `analyzer_1260` and
    `potentiostat_1287`; those of another model stand under `instruments`, by name. `gauges`: what is read beside the
    cell. `chamber`: what is set around it. `dialogue`: whether what is said on the wires is recorded beside each run,
    in a file of `dialogue_MB` at most.
    """

    name: str
    kind: Literal["simulated", "visa", "prologix", "serial"]
    simulated: bool = False
    served: Served | None = None
    adapter: str | None = None
    adapter_settings: dict[str, Any] = {}
    positive_terminal: Literal["ce_re1", "we_re2"] | None = None
    commissioning: str | None = None
    mains: Frequency = Quantity("50 Hz", 50.0, "frequency")
    commissioned: date | None = None
    cables: str | None = None
    visa_library: str = ""
    max_unwatched: Time = Quantity("2 s", 2.0, "time")
    near_limit: Time = Quantity("0.2 s", 0.2, "time")
    settle: Time = Quantity("1 s", 1.0, "time")
    lease: Time = Quantity("3 s", 3.0, "time")
    reconnect_for: Time = Quantity("1 h", 3600.0, "time")
    direction_check: Time = Quantity("10 s", 10.0, "time")
    model: str = "solartron"
    instruments: dict[str, InstrumentEntry] = {}
    analyzer_1260: InstrumentEntry = InstrumentEntry()
    potentiostat_1287: InstrumentEntry = InstrumentEntry()
    gauges: tuple[GaugeEntry, ...] = ()
    chamber: ChamberEntry | None = None
    dialogue: bool = False
    dialogue_MB: PositiveFloat = 100.0
    pair: dict[str, Any] = {}
    simulation: dict[str, Any] = {}

    _record: FoundRecord | None = PrivateAttr(default=None)
    _has_own: bool = PrivateAttr(default=False)
    _source: str | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Compare what benches are, not the files that they were read from."""
        return isinstance(other, BenchFile) and super().__eq__(other._with_source(self._source))

    @property
    def source(self) -> str:
        """Get what a message calls it: the file that it was read from, its name where there is none."""
        return self._source if self._source is not None else self.name

    @property
    def unit(self) -> str:
        """Get which specimen of the instruments is simulated.

        A file that describes them without a unit changes the ideal one, as in version 0.1.0.
        """
        return str(self.simulation.get("unit", DEFAULT_UNIT if self.is_whole_unit else IDEAL))

    @property
    def is_whole_unit(self) -> bool:
        """Get whether the simulated instruments are a unit in which the file changes nothing."""
        return BESIDE_THE_UNIT.issuperset(self.simulation)

    @property
    def record(self) -> FoundRecord | None:
        """Get the commissioning record that goes with it, None where there is none.

        One that names no unit of the simulated instruments has that which ships for the default one.
        """
        return self._record if self._has_own or "unit" in self.simulation else _shipped_of(self)

    def with_record(self, found: FoundRecord | None) -> BenchFile:
        """Return the same bench with this record, or none; raises BadInput where that is of another bench."""
        if found is not None:
            _require_own(self, found)
        made = self.model_copy()
        made._record, made._has_own = found, True
        return made

    def read_from(self, file: str) -> BenchFile:
        """Return the same bench with the name of its file."""
        return self._with_source(file)

    def _with_source(self, source: str | None) -> BenchFile:
        made = self.model_copy()
        made._source = source
        return made

    @field_validator("adapter")
    @classmethod
    def _as_people_type_it(cls, value: str | None) -> str | None:
        return as_address(value) if value is not None else None

    @field_validator("mains")
    @classmethod
    def _is_of_a_country(cls, value: Quantity) -> Quantity:
        if value.value not in (50.0, 60.0):
            raise FieldError(f"'{value}' is no mains frequency", "Write 50 Hz, or 60 Hz as in America")
        return value

    @property
    def is_simulated(self) -> bool:
        """Get whether no metal is behind this bench."""
        return self.kind == "simulated" or self.simulated

    @property
    def entries(self) -> dict[str, InstrumentEntry]:
        """Get the instruments by the name that the bench's model has for each; raises BadInput."""
        own = {"analyzer_1260": self.analyzer_1260, "potentiostat_1287": self.potentiostat_1287}
        fields = self.known_model.fields
        return {
            name: own.get(field) or self.instruments.get(name, InstrumentEntry())
            for name, field in fields.items()
        }

    @property
    def limits(self) -> Instruments:
        """Get what a protocol cannot pass on this bench; raises BadInput."""
        able = self.known_model.limits
        chamber = None
        if (own := self.chamber) is not None:
            chamber = SetChamber(own.lowest.value, own.highest.value, has_limit=own.has_limit)
        analyzer = str(self._analyzer_settings.get("family", STANDARD.analyzer))
        return Instruments(
            source=able.source,
            analyzer=analyzer,
            current_max_A=able.current_max_A,
            voltage_max_V=able.voltage_max_V,
            voltage_step_V=able.voltage_step_V,
            frequency_max_Hz=HIGHEST_Hz.get(analyzer, STANDARD.frequency_max_Hz),
            chamber=chamber,
            bench=self.name,
            abilities=self.abilities,
        )

    @property
    def abilities(self) -> frozenset[Ability]:
        """Get what it can do beside direct current; raises BadInput."""
        return abilities_of(self.known_model, self._analyzer_settings)

    @property
    def _analyzer_settings(self) -> dict[str, Any]:
        return self.entries.get("1260", InstrumentEntry()).settings

    @property
    def known_model(self) -> BenchModel:
        """Get what kind of bench it is; raises BadInput."""
        try:
            return MODELS[self.model]
        except KeyError:
            raise BadInput(
                f"there is no bench of the model '{self.model}'",
                f"Write one of: {', '.join(MODELS)}",
                file=self.source,
                field="model",
            ) from None


_OF_SOME_MODELS = ("analyzer_1260", "potentiostat_1287", "pair", "positive_terminal")


def load_bench(reference: str | None) -> tuple[BenchFile, str]:
    """Read a bench file; None: the user's own if there is one, else the simulated bench.

    Returns the bench and its text as it goes into the run file. Raises BadInput.
    """
    if reference is None:
        default = default_bench_path()
        if not default.exists():
            return SIMULATED, dump_bench(SIMULATED)
        reference = str(default)
    if reference == "simulated":
        return SIMULATED, dump_bench(SIMULATED)
    if not files.names_file(reference):
        raise BadInput(
            f"there is no bench file '{reference}'",
            meant(reference, ["simulated"]) + ". Else name a bench file",
            file=reference,
            field="--bench",
        )
    text = files.read_text(Path(reference), reference)
    bench = parse_bench(text, reference)
    compared = read_comparisons(beside := comparison_path(Path(reference)))
    if compared:
        gauges = with_comparisons(bench.gauges, compared, str(beside))
        bench = bench.model_copy(update={"gauges": gauges})
        text = dump_bench(bench)  # what a run was corrected by is part of its file
    return bench.with_record(_record_of(bench, Path(reference), reference)), text


def record_path(bench: Path, named: str | None) -> Path:
    """Return where the commissioning record of a bench file lies; `named` in it, None if it names none."""
    return bench.parent / named if named is not None else bench.with_suffix(RECORD_ENDING)


def _record_of(bench: BenchFile, path: Path, file: str) -> FoundRecord | None:
    """Read the commissioning record that goes with a bench file, or take the one that ships; raises BadInput."""
    where = record_path(path, bench.commissioning)
    if bench.commissioning is None and not where.exists():
        return _shipped_of(bench)
    if not where.exists():
        raise BadInput(
            f"the commissioning record {where.name} is not in {where.parent}",
            "Correct the name, or put the record there",
            file=file,
            field="commissioning",
        )
    text = files.read_text(where, str(where))
    return FoundRecord(where.name, text, parse_record(text, str(where)))


def _shipped_of(bench: BenchFile) -> FoundRecord | None:
    """Return the record that ships for a simulated unit in which nothing was changed.

    What a served simulation is, only the file that it wrote says.
    """
    is_said = bench.kind == "simulated" or (bench.is_simulated and "unit" in bench.simulation)
    if bench.model != "solartron" or not is_said or not bench.is_whole_unit:
        return None
    return _shipped(bench.unit, bench.name)


@cache
def _shipped(unit: str, bench: str) -> FoundRecord | None:
    """Return the record of a unit with its text, which is asked for at every look at a bench."""
    record = shipped_record(unit, bench)
    return FoundRecord(f"{record.unit}{RECORD_ENDING}", record.text(), record) if record is not None else None


def _require_own(bench: BenchFile, found: FoundRecord) -> None:
    record = found.record
    if record.bench != bench.name:
        raise BadInput(
            f"this commissioning record is of the bench '{record.bench}', not of '{bench.name}'",
            "Name the record of this bench in the bench file, or commission it",
            file=found.name,
            field="bench",
        )
    if record.unit and not bench.is_simulated:
        raise BadInput(
            f"this commissioning record is of a simulated bench (unit {record.unit}), and '{bench.name}' is a real one",
            "Commission the real bench",
            file=found.name,
            field="unit",
        )


def parse_bench(text: str, file: str) -> BenchFile:
    """Make a bench of a file's text; raises BadInput."""
    data = files.parse_text(text, file)
    files.require_kind(data, "a bench file", file)
    try:
        bench = BenchFile.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, file) from None
    _check_terminals(bench, file)
    _check_entries(bench, file)
    _check_gauges(bench, file)
    _check_library(bench, file)
    return bench.read_from(file)


def _check_terminals(bench: BenchFile, file: str) -> None:
    """Raise BadInput unless the bench says which leads are on the positive terminal, where its model asks that."""
    if bench.known_model.signs_of and bench.positive_terminal is None:
        raise BadInput(
            "it is not stated which leads are on the positive terminal of the cell",
            "Write ce_re1 or we_re2, as seen with a dry cell of known polarity; a resistor cannot show it",
            file=file,
            field="positive_terminal",
        )


def _check_entries(bench: BenchFile, file: str) -> None:
    """Raise BadInput for an entry that the bench's model has no use for: nothing is silently ignored."""
    model = bench.known_model
    known = {*model.fields.values(), *model.sections, *(["positive_terminal"] if model.signs_of else [])}
    written = [field for field in _OF_SOME_MODELS if field in bench.model_fields_set]
    written += [f"instruments.{name}" for name in bench.instruments]
    for field in written:
        if field not in known:
            raise BadInput(
                f"a bench of the model '{bench.model}' has no such entry",
                f"It has: {', '.join(sorted(known))}",
                file=file,
                field=field,
            )


def _check_gauges(bench: BenchFile, file: str) -> None:
    """Raise BadInput for the name of a gauge that another one has, or that the run file cannot have for a group."""
    names = [gauge.name for gauge in bench.gauges]
    for place, name in enumerate(names):
        if not name.strip("./") or "/" in name or name in names[:place]:
            problem = (
                "another gauge has this name" if name in names[:place] else f"'{name}' cannot be its name"
            )
            raise BadInput(
                problem,
                "Write another one, of letters, digits and spaces",
                file=file,
                field=f"gauges[{place}].name",
            )
    _check_lines(bench, file)
    _check_loggers(bench, file)
    if bench.chamber is not None:
        _check_chamber(bench.chamber, bench.gauges, file)


def _check_chamber(chamber: ChamberEntry, gauges: Sequence[GaugeEntry], file: str) -> None:
    """Raise BadInput for a chamber whose gauge is not there, or whose registers take no such temperatures."""
    named = [gauge for gauge in gauges if gauge.name == chamber.gauge]
    taken = [gauge for gauge in gauges if gauge.name == f"{chamber.gauge} {SET_POINT}"]
    if not named or taken:
        raise BadInput(
            f"'{taken[0].name}' is that of its set point"
            if taken
            else f"there is no gauge '{chamber.gauge}'",
            f"Name the gauge of the controller's own sensor; there are: {', '.join(one.name for one in gauges)}",
            file=file,
            field="gauges" if taken else "chamber.gauge",
        )
    try:
        chamber.require(named[0])
        if chamber.set_point is not None:
            where = chamber.where(named[0]).set_point
            for bound in (chamber.lowest, chamber.highest):
                where.words(in_unit(bound.value, where.unit))
    except FieldError as error:
        raise BadInput(
            error.message, error.cure, file=file, field=f"chamber.{error.field or 'set_point'}"
        ) from None
    except OutOfRange as error:
        raise BadInput(
            str(error), "Correct type, scale and offset", file=file, field="chamber.set_point"
        ) from None


def _check_lines(bench: BenchFile, file: str) -> None:
    """Raise BadInput for a line that two gauges set differently, or on which the instruments are."""
    lines: dict[str, object] = {}
    held = [str(bench.adapter), *(str(entry.address) for entry in bench.entries.values())]
    for place, gauge in enumerate(bench.gauges):
        way = "lakeshore" if gauge.lakeshore is not None else "modbus"
        if gauge.modbus is not None:
            settings: object = gauge.modbus.line
        elif (own := gauge.lakeshore) is not None:
            settings = own.model, own.baud, own.timeout.value
        else:
            continue
        at = gauge.line
        if at in held:
            raise BadInput(
                f"{at} is the port of the instruments",
                "Put the gauge on a line of its own, so that it can delay no reading of the cell",
                file=file,
                field=f"gauges[{place}].{way}.connection",
            )
        if lines.setdefault(at, settings) != settings:
            raise BadInput(
                f"another gauge sets the line {at} otherwise",
                "Write the same serial settings, time-out and model for all gauges of a line",
                file=file,
                field=f"gauges[{place}].{'modbus.serial' if way == 'modbus' else way}",
            )


def _check_loggers(bench: BenchFile, file: str) -> None:
    """Raise BadInput for a thermocouple that would be read as another one: of a logger, or of a channel."""
    at = {place: gauge.tc08 for place, gauge in enumerate(bench.gauges) if gauge.tc08 is not None}
    serials, taken = {tc08.serial for tc08 in at.values()}, set[tuple[str, int]]()
    for place, tc08 in at.items():
        if not tc08.serial and len(serials) > 1:
            raise BadInput(
                "there are several loggers, and this gauge names none",
                "Write the serial number on the label of its logger",
                file=file,
                field=f"gauges[{place}].tc08.serial",
            )
        if (tc08.serial, tc08.channel) in taken:
            raise BadInput(
                f"another gauge is at channel {tc08.channel} of this logger",
                "Write the channel into which its thermocouple is plugged",
                file=file,
                field=f"gauges[{place}].tc08.channel",
            )
        taken.add((tc08.serial, tc08.channel))


def _check_library(bench: BenchFile, file: str) -> None:
    """Raise BadInput for the VISA library whose instruments are simulated anew in each program that opens them.

    The guardian would switch off a cell of its own, and whoever resumes the run find another.
    """
    library = bench.visa_library or os.environ.get("PYVISA_LIBRARY", "")
    if bench.kind == "visa" and library.endswith(OWN_LIBRARY):
        raise BadInput(
            f"'{library}' simulates instruments in each program that opens them, so that neither the guardian nor the "
            "next program would meet the cell of the run",
            "Write 'kind: simulated', or take the bench file that 'solbench simulate --bench-out FILE' writes; "
            f"{OWN_LIBRARY} is for your own scripts",
            file=file,
            field="visa_library",
        )


def in_si(bench: BenchFile, field: str, values: Mapping[str, Any], defaults: object = None) -> dict[str, Any]:
    """Return the settings that a bench file has in `field`, texts with a unit as numbers in that of their name.

    `defaults` has them as attributes: what is text there is no quantity, however it reads. Raises BadInput, also for a
    unit that is not one of what the name says.
    """
    try:
        return {
            name: _in_si(value, getattr(defaults, str(name), None), str(name), unit_at_end(str(name)))
            for name, value in values.items()
        }
    except FieldError as error:
        raise BadInput(
            error.message, error.cure, file=bench.source, field=f"{field}.{error.field}"
        ) from error


def _in_si(value: Any, default: object, path: str, unit: str) -> Any:
    if isinstance(default, str):
        return str(value) if isinstance(value, (int, float)) else value  # YAML takes 1260 for a number
    if isinstance(value, Mapping):
        return {
            name: _in_si(item, getattr(default, str(name), None), f"{path}.{name}", unit_at_end(str(name)))
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        like = default if isinstance(default, tuple) and default else (None,)
        items = zip_longest(value, like[: len(value)], fillvalue=like[-1])
        return [_in_si(item, one, f"{path}[{place}]", unit) for place, (item, one) in enumerate(items, 1)]
    is_difference = isinstance(default, (int, float)) and default < LEAST_TEMPERATURE_K
    return number(value, path, unit, difference=is_difference)


def dump_bench(bench: BenchFile) -> str:
    """Write a bench as YAML text."""
    return files.dump_text(bench.model_dump(mode="json", by_alias=True, exclude_unset=True))


def simulated_unit(name: str, unit: str) -> BenchFile:
    """Return the simulated bench that is this unit, with the record that ships for it, if one does."""
    made = SIMULATED.model_copy(update={"name": name, "simulation": {"unit": unit}})
    return made.with_record(_shipped_of(made))


SIMULATED = BenchFile(name="simulated bench", kind="simulated", positive_terminal="we_re2")
