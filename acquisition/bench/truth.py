"""From a scenario to what a simulated bench is made of: its cell, and what is true beside that, in SI."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from solbench.acquisition.bench import scenario as entries
from solbench.acquisition.bench.bench_file import BenchFile, in_si
from solbench.acquisition.bench.scenario import ChangeEntry, Scenario, TrueCell, UsedBefore
from solbench.drivers.sensors.register_map import RegisterMap
from solbench.protocols.cells import CAPACITIES_C_KG, Build, CellRecord, load_cell
from solbench.protocols.errors import BadInput
from solbench.protocols.quantities.quantity import Quantity
from solbench.simulators.bench import SensorPlan
from solbench.simulators.electronics.settings import Addresses, BenchSettings, SettingError
from solbench.simulators.scenario import changes as si
from solbench.simulators.scenario.truth import Before, ScenarioError, Truly
from solbench.simulators.sensors.chamber import ChamberPlan, ChamberSettings
from solbench.simulators.sensors.press import PressSettings, PressureSensorSettings
from solbench.simulators.sensors.registers import Place
from solbench.simulators.sensors.sensor import SensorSettings
from solbench.simulators.units.unit import specimen
from solbench.simulators.world import WorldError

LAKESHORE_HEATERS = ("off", "low", "medium", "high")  # as RANGE counts them
SENSORS, CHAMBER, PRESS = "sensors", "chamber", "press"  # in the block that describes the simulation
SCENARIO = "the scenario"  # it may be dealt, and have no file

_GEOMETRY = {
    "area": "area_m2",
    "thickness": "thickness_m",
    "tin_mass": "tin_mass_kg",
    "cathode_mass": "cathode_mass_kg",
}
_CONDUCTIVITIES = {
    "ionic_conductivity": "ionic_conductivity_S_m",
    "electronic_conductivity": "electronic_conductivity_S_m",
}
PASSED = "passed_C"  # of a description: what is said to have passed through the cell before, C
RESTED_S = 6 * 3600.0  # since then
_SODIATION_SIGN = {"half": -1.0, "full": 1.0}
_CYCLED_OUT = 0.8  # of what went in comes out again in a cycle before


@contextmanager
def simulated(bench: str) -> Iterator[None]:
    """Raise BadInput for what cannot be simulated, with where it is written; `bench` is the name of the bench file."""
    try:
        yield
    except BadInput:
        raise
    except SettingError as error:
        raise BadInput(str(error), "Correct it", file=bench, field="simulation") from error
    except ScenarioError as error:
        raise BadInput(str(error), "Correct it", file=SCENARIO, field="changes") from error
    except WorldError as error:  # which names its file
        raise BadInput(str(error)) from error
    except ValueError as error:
        raise BadInput(str(error), "Correct the cell record", field="--cell") from error


def require_unit(bench: BenchFile) -> None:
    """Raise BadInput where a bench file describes instruments that cannot be simulated."""
    with simulated(bench.source):
        specimen(electronics_of(bench))


def true_cell(scenario: Scenario | None, said: dict[str, Any]) -> dict[str, Any]:
    """Return the description (SI) of the cell that is truly mounted where `said` is said to be; raises BadInput."""
    if scenario is None:
        return dict(said)
    true = scenario.cell
    there: dict[str, Any] = said
    if true.record is not None or true.build is not None:
        there = _other_build(true, said).simulated_cell(said.get("temperature_K"))
    geometry = {**there["geometry"], **_given(true, _GEOMETRY)}
    electrolyte = {**there["electrolyte"], **_given(true, _CONDUCTIVITIES)}
    if there.get("reduced") and "electronic_conductivity_S_m" in (given := _given(true, _CONDUCTIVITIES)):
        electrolyte["electronic_conductivity_reduced_S_m"] = given["electronic_conductivity_S_m"]
    return {**there, "geometry": geometry, "electrolyte": electrolyte}


def truly(scenario: Scenario | None, there: dict[str, Any]) -> Truly | None:
    """Return what is true beside the cell `there` (SI); raises BadInput."""
    said = Before(tuple(there.get(PASSED, ())), RESTED_S)
    if scenario is None:
        return Truly(before=said) if said.charges_C else None
    area_m2 = float(there["geometry"]["area_m2"])
    return Truly(
        tuple(_change(entry, area_m2) for entry in scenario.changes),
        _before(scenario.used_before, there) if scenario.used_before is not None else said,
    )


def electronics_of(bench: BenchFile) -> dict[str, Any]:
    """Return the settings of a simulated bench without those of what is beside the cell; raises BadInput.

    Its instruments are where the file says they are, as on metal.
    """
    written = {
        name: value for name, value in bench.simulation.items() if name not in (SENSORS, CHAMBER, PRESS)
    }
    given = in_si(bench, "simulation", written, BenchSettings())
    addresses = _addresses(bench)
    located = {"addresses": addresses} if addresses else {}
    made = {"unit": bench.unit, "make": bench.known_model.simulated_as}
    if bench.positive_terminal is not None:  # else it is marked on the instrument
        made["positive_terminal"] = bench.positive_terminal
    return {**made, **located, **given}


def _addresses(bench: BenchFile) -> dict[str, Any]:
    """Return the addresses that the file gives instruments; raises BadInput for one that is none."""
    found: dict[str, Any] = {}
    for name, entry in bench.entries.items():
        if entry.address is None:
            continue
        found[name] = entry.address
        try:
            Addresses.from_mapping({name: entry.address})
        except SettingError as error:
            raise BadInput(
                str(error),
                "Correct it, or leave it out",
                file=bench.source,
                field=f"{bench.known_model.fields[name]}.address",
            ) from error
    return found


def thermometers_of(bench: BenchFile) -> list[str]:
    """Return the names of the thermometers on the bus of a simulated bench."""
    return [gauge.name for gauge in bench.gauges if gauge.is_on_bus]


def sensors_of(bench: BenchFile) -> list[SensorPlan]:
    """Return the sensors on lines of their own of a simulated bench; raises BadInput.

    What they are like stands under `simulation.sensors`, by the names of the gauges.
    """
    written = bench.simulation.get(SENSORS, {})
    for field, value in ((SENSORS, written), *_below(written)):
        if not isinstance(value, dict):
            raise BadInput(
                f"{value!r} is not a mapping of settings",
                "Write settings by the names of the gauges, as in cell: {offset_K: 0.2 K}",
                file=bench.source,
                field=f"simulation.{field}",
            )
    names = [gauge.name for gauge in bench.gauges if not gauge.is_on_bus]
    for name in written:
        if name not in names:
            raise BadInput(
                f"there is no gauge '{name}' on a line of its own",
                f"There are: {', '.join(names) or 'none'}",
                file=bench.source,
                field=f"simulation.sensors.{name}",
            )
    plans: list[SensorPlan] = []
    for gauge in bench.gauges:
        if gauge.is_on_bus:
            continue
        field = f"simulation.{SENSORS}.{gauge.name}"
        pascal = gauge.pascal
        if pascal is None:
            given = in_si(bench, field, written.get(gauge.name, {}), SensorSettings())
            settings = SensorSettings.from_mapping(given, f"{field}.")
        else:
            given = in_si(bench, field, written.get(gauge.name, {}), PressureSensorSettings())
            settings = PressureSensorSettings.from_mapping(given, f"{field}.").in_unit(pascal)
        place = _place(where) if (where := gauge.where) is not None else None
        channel = gauge.tc08.channel if gauge.tc08 is not None else 0
        own = (gauge.lakeshore.model, gauge.lakeshore.input) if gauge.lakeshore is not None else None
        plans.append(
            SensorPlan(gauge.name, gauge.line, place, channel, settings, gauge.place == "room", own, pascal)
        )
    return plans


def chamber_of(bench: BenchFile) -> ChamberPlan | None:
    """Return the chamber of a simulated bench; what it is like stands under `simulation.chamber`. Raises BadInput."""
    written = bench.simulation.get(CHAMBER, {})
    chamber = bench.chamber
    if chamber is None or not isinstance(written, dict):
        if not written:
            return None
        raise BadInput(
            "there is no chamber on this bench"
            if chamber is None
            else f"{written!r} is not a mapping of settings",
            "Add 'chamber', or leave this out"
            if chamber is None
            else "Write settings, as in cell_lag_s: 10 min",
            file=bench.source,
            field=f"simulation.{CHAMBER}",
        )
    given = in_si(bench, f"simulation.{CHAMBER}", written, ChamberSettings())
    gauge = next(gauge for gauge in bench.gauges if gauge.name == chamber.gauge)
    shape = ChamberSettings.from_mapping(given, f"{CHAMBER}.")
    if (own := chamber.lakeshore) is not None:
        heats = LAKESHORE_HEATERS.index(own.heater)
        return ChamberPlan(
            gauge.name, gauge.line, on=((own.output, heats),), off=((own.output, 0),), settings=shape
        )
    where = chamber.where(gauge)
    return ChamberPlan(
        sensor=gauge.name,
        line=gauge.line,
        set_point=_place(where.set_point),
        ramp=_place(where.ramp) if where.ramp is not None else None,
        limit=_place(where.limit) if where.limit is not None else None,
        on=where.on,
        off=where.off,
        settings=shape,
    )


def press_of(bench: BenchFile) -> PressSettings | None:
    """Return the press of a simulated bench that has a pressure gauge; raises BadInput.

    What it is like stands under `simulation.press`.
    """
    written = bench.simulation.get(PRESS, {})
    problem = cure = ""
    if not isinstance(written, dict):
        problem, cure = f"{written!r} is not a mapping of settings", "Write settings, as in creep_s: 2 h"
    elif not any(gauge.pascal is not None for gauge in bench.gauges):
        if not written:
            return None
        problem, cure = "there is no pressure gauge on this bench", "Add one to 'gauges', or leave this out"
    if problem:
        raise BadInput(problem, cure, file=bench.source, field=f"simulation.{PRESS}")
    given = in_si(bench, f"simulation.{PRESS}", written, PressSettings())
    return PressSettings.from_mapping(given, f"{PRESS}.")


def _below(written: object) -> list[tuple[str, object]]:
    return (
        [(f"{SENSORS}.{name}", value) for name, value in written.items()] if isinstance(written, dict) else []
    )


def _place(where: RegisterMap) -> Place:
    return Place(
        unit_id=where.unit_id,
        function=where.function,
        register=where.register,
        type=where.type,
        swapped=where.swapped,
        scale=where.scale,
        offset=where.offset,
        unit=where.unit,
    )


def _other_build(true: TrueCell, said: dict[str, Any]) -> Build:
    record = true.record
    if isinstance(record, str):
        record = load_cell(record)
    if not isinstance(record, CellRecord):
        raise BadInput(
            "a build is named, and no record that has it",
            "Name the record, too",
            file=SCENARIO,
            field="cell.record",
        )
    if true.build is not None:
        try:
            return record.build(true.build)
        except BadInput as error:
            raise BadInput(error.message, error.cure, file=SCENARIO, field="cell.build") from None
    alike = [
        name
        for name, build in record.builds.items()
        if build.kind == said["kind"] and build.reduced == bool(said.get("reduced"))
    ]
    if not alike:
        raise BadInput(
            f"the cell record '{record.name}' has no build of the kind {said['kind']}",
            f"Name one of its builds: {', '.join(record.builds)}",
            file=SCENARIO,
            field="cell.build",
        )
    return record.build(alike[0])


def _given(true: TrueCell, names: dict[str, str]) -> dict[str, float]:
    written = {key: getattr(true, name) for name, key in names.items()}
    return {key: value.value for key, value in written.items() if value is not None}


def _before(used: UsedBefore, there: dict[str, Any]) -> Before:
    kind, capacity_C = str(there["kind"]), _capacity_C(there)
    if kind not in _SODIATION_SIGN or capacity_C is None:
        raise BadInput(
            f"a cell of the kind {kind} has no electrode that could have been sodiated before",
            "Leave it out",
            file=SCENARIO,
            field="used_before",
        )
    whole_C = _SODIATION_SIGN[kind] * min(capacity_C, _given_by_cathode_C(there))
    passed_C = [*(whole_C, -_CYCLED_OUT * whole_C) * used.cycles, used.sodiated.value * whole_C]
    if used.cycles:  # what did not come out is there already
        passed_C[-1] -= (1.0 - _CYCLED_OUT) * whole_C
    passed_C[0] -= float(there.get("state_of_charge") or 0.0) * whole_C  # put together with so much in it
    return Before(tuple(passed_C), used.rested.value)


def _capacity_C(there: dict[str, Any]) -> float | None:
    """Return what the working electrode can take (C); None where none is filled."""
    working = str((there.get("electrodes") or {}).get("working") or "Sn")
    mass_kg = there["geometry"].get("tin_mass_kg" if working == "Sn" else "electrode_mass_kg")
    capacity_C_kg = CAPACITIES_C_KG.get(working)
    return None if mass_kg is None or capacity_C_kg is None else float(mass_kg * capacity_C_kg)


def _given_by_cathode_C(there: dict[str, Any]) -> float:
    """Return what the cathode of a full cell can give (C), up to the wall at its end; no bound in other cells."""
    if there["kind"] != "full":
        return inf
    cathode = there["simulation"]["cathode"]
    return float(there["geometry"]["cathode_mass_kg"] * cathode["capacity"] * cathode["wall_at"])


def _change(entry: ChangeEntry, area_m2: float) -> si.Change:
    over_s = entry.over.value if entry.over is not None else 0.0
    ends = _mark(entry.until, area_m2) if entry.until is not None else None
    when = si.When(_mark(entry.begins, area_m2), ends, over_s)
    match entry:
        case entries.SeriesResistanceEntry():
            inductance_H = entry.inductance.value if entry.inductance is not None else 0.0
            return si.SeriesResistance(when=when, ohm=entry.resistance.value, inductance_H=inductance_H)
        case entries.LooseContactEntry():
            return si.LooseContact(when=when, ohm=entry.resistance.value, interval_s=entry.interval.value)
        case entries.ShuntEntry():
            return si.Shunt(when=when, ohm=entry.resistance.value)
        case entries.LeakEntry():
            return si.Leak(when=when, current_A=entry.current.value)
        case entries.EmfEntry():
            return si.Emf(when=when, voltage_V=entry.voltage.value)
        case entries.HumEntry():
            return si.Hum(when=when, voltage_V=entry.voltage.value, frequency_Hz=entry.frequency.value)
        case entries.NoiseEntry():
            return si.ReadingNoise(when=when, voltage_V=entry.voltage.value, current_A=entry.current.value)
        case _:
            return _of_the_bench(entry, when)


def _of_the_bench(entry: ChangeEntry, when: si.When) -> si.Change:
    match entry:
        case entries.ZeroDriftEntry():
            return si.MeterError(
                when=when,
                voltage_offset_V=entry.voltage.value,
                current_offset_A=entry.current.value,
                current_offset_of_range=entry.of_range.value,
            )
        case entries.GainErrorEntry():
            return si.MeterError(
                when=when, voltage_gain=entry.voltage.value, current_gain=entry.current.value
            )
        case entries.WarmUpEntry():
            return si.MeterError(
                when=when,
                voltage_gain=entry.voltage.value,
                current_gain=entry.current.value,
                decay_s=entry.time_constant.value,
            )
        case entries.TemperatureEntry():
            return si.Temperature(
                when=when,
                warmer_K=entry.warmer.value,
                amplitude_K=entry.amplitude.value,
                period_s=entry.period.value,
                is_saw=entry.shape == "saw",
            )
        case entries.SensorEntry():
            return si.SensorFault(when=when, sensor=entry.sensor, fault=entry.fault)
        case entries.ChamberFaultEntry():
            return si.ChamberFault(when=when, fault=entry.fault)
        case entries.PressedEntry():
            return si.Pressed(when=when, pressure_Pa=entry.to.value)
        case entries.LeadOffEntry():
            return si.LeadOff(when=when, lead=entry.lead)
        case entries.LeadsExchangedEntry():
            return si.Exchanged(when=when, references_only=entry.leads == "references")
        case entries.FrontPanelEntry():
            return si.FrontPanel(when=when, instrument=entry.instrument, command=entry.command)
        case _:
            raise TypeError(f"no change is made of {type(entry).__name__}")


def _mark(moment: Quantity, area_m2: float) -> si.Mark:
    if moment.kind == "time":
        return si.Mark(time_s=moment.value)
    return si.Mark(charge_C=moment.value * (area_m2 if moment.kind == "areal capacity" else 1.0))
