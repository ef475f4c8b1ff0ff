"""From the gauges of a bench file to what reads them: on the bus, in this process, or a thread for each line."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from solbench.acquisition.bench.gauges.chamber import Chamber
from solbench.acquisition.bench.gauges.chamber_entry import ChamberEntry
from solbench.acquisition.bench.gauges.entry import GaugeEntry
from solbench.acquisition.bench.gauges.watched import (
    GaugeThread,
    Nature,
    OnTheSpot,
    WatchedGauge,
    nature_of,
)
from solbench.drivers.clock import Clock
from solbench.drivers.errors import CannotOpen
from solbench.drivers.roles import Gauge
from solbench.drivers.sensors.lakeshore import (
    Commands,
    LakeShore,
    LakeShoreController,
    LakeShoreGauge,
    TextLine,
)
from solbench.drivers.sensors.lakeshore import load as load_lakeshore
from solbench.drivers.sensors.modbus import ModbusGauge, ModbusLine, Registers
from solbench.drivers.sensors.modbus_controller import ModbusController
from solbench.drivers.sensors.tc08 import Tc08, Tc08Gauge, Thermocouple, Thermocouples
from solbench.drivers.sensors.tc08 import load as load_tc08
from solbench.protocols.errors import BadInput

Line = Registers | Thermocouples | Commands | LakeShore
OwnLine = ModbusLine | Tc08 | LakeShore


def gauges_of(
    entries: Sequence[GaugeEntry],
    on_bus: Sequence[Gauge],
    clock: Clock,
    thread_clock: Clock,
    *,
    here: Mapping[str, Line] | None,
    own: Mapping[str, OwnLine],
    chamber: ChamberEntry | None = None,
) -> tuple[tuple[WatchedGauge, ...], tuple[GaugeThread, ...], Chamber | None]:
    """Return the gauges in the order of the bench file, the threads that read those on lines of their own, the chamber.

    The set point of a chamber is one more gauge, the last one.

    `on_bus`: those on the bus of the instruments. `here`: the lines of a bench in this process, which answer at once;
    else `own`. `thread_clock` can be asked by any thread, and never raises Interrupted as `clock` does.
    """
    bus = {gauge.name: gauge for gauge in on_bus}
    found: dict[str, WatchedGauge] = {}
    of_line: dict[str, list[tuple[Gauge, Nature]]] = {}
    made: Chamber | None = None
    for entry in entries:
        if entry.is_on_bus:
            gauge = bus[entry.name]
            found[entry.name] = OnTheSpot(gauge, nature_of(entry, gauge.unit), clock, on_bus=True)
        elif here is not None:
            gauge = gauge_at(entry, here[entry.line], clock)
            found[entry.name] = OnTheSpot(gauge, nature_of(entry, gauge.unit), clock, on_bus=False)
            if chamber is not None and chamber.gauge == entry.name:
                made = chamber_at(chamber, entry, gauge, here[entry.line], clock)
                found[made.name] = OnTheSpot(made, made.nature, clock, on_bus=False)
        else:
            gauge = gauge_at(entry, own[entry.line], thread_clock)
            of_line.setdefault(entry.line, []).append((gauge, nature_of(entry, gauge.unit)))
            if chamber is not None and chamber.gauge == entry.name:
                made = chamber_at(chamber, entry, gauge, own[entry.line], thread_clock)
                of_line[entry.line].append((made, made.nature))
    threads = tuple(GaugeThread(those, thread_clock, own[at].close) for at, those in of_line.items())
    found |= {one.nature.name: one for thread in threads for one in thread.gauges}
    names = [*(entry.name for entry in entries), *([made.name] if made is not None else [])]
    return tuple(found[name] for name in names), threads, made


def own_lines(entries: Sequence[GaugeEntry], mains_Hz: float, file: str) -> dict[str, OwnLine]:
    """Return the lines of their own that gauges are at, not open yet.

    Raises BadInput where a library is not installed; `file`: what has the entries.
    """
    found: dict[str, OwnLine] = {}
    for place, entry in enumerate(entries):
        if entry.modbus is not None:
            found.setdefault(entry.line, ModbusLine(entry.modbus.connection, entry.modbus.line))
        elif entry.tc08 is not None and entry.line not in found:
            _require(load_tc08, file, f"gauges[{place}].tc08")
            same = [one.tc08 for one in entries if one.tc08 is not None and one.line == entry.line]
            channels: dict[int, Thermocouple] = {one.channel: one.thermocouple for one in same}
            found[entry.line] = Tc08(entry.tc08.serial, channels, mains_Hz)
        elif (own := entry.lakeshore) is not None and entry.line not in found:
            _require(load_lakeshore, file, f"gauges[{place}].lakeshore")
            line = TextLine(own.connection, own.timeout.value, own.baud)
            found[entry.line] = LakeShore(line, own.model)
    return found


def _require(load: Callable[[], object], file: str, field: str) -> None:
    """Raise BadInput where a maker's library is not installed."""
    try:
        load()
    except CannotOpen as error:
        raise BadInput(error.problem, error.cure, file=file, field=field) from error


def gauge_at(entry: GaugeEntry, line: Line, clock: Clock) -> Gauge:
    """Return the gauge of an entry at its line."""
    every_s = entry.every.value
    if (where := entry.where) is not None:
        return ModbusGauge(entry.name, cast(Registers, line), where, clock, every_s)
    if (own := entry.lakeshore) is not None:
        at = line if isinstance(line, LakeShore) else LakeShore(cast(Commands, line), own.model)
        return LakeShoreGauge(entry.name, at, own.input, clock, every_s)
    assert entry.tc08 is not None
    return Tc08Gauge(entry.name, cast(Thermocouples, line), entry.tc08.channel, clock, every_s)


def chamber_at(chamber: ChamberEntry, entry: GaugeEntry, gauge: Gauge, line: Line, clock: Clock) -> Chamber:
    """Return the chamber whose controller's own sensor is a gauge at its line."""
    if chamber.lakeshore is not None:
        assert isinstance(gauge, LakeShoreGauge)
        return Chamber(LakeShoreController(gauge, chamber.lakeshore.where), chamber, clock)
    assert isinstance(gauge, ModbusGauge)
    controller = ModbusController(gauge, cast(Registers, line), chamber.where(entry))
    return Chamber(controller, chamber, clock)
