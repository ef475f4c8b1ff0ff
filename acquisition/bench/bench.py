"""Opening a bench: the only place that knows whether it is real.

What comes out is the same for both: a clock, the instruments as roles, and how to close them.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solbench.acquisition.bench.bench_file import SIMULATED, BenchFile, in_si
from solbench.acquisition.bench.commissioning.record import IDEAL
from solbench.acquisition.bench.commissioning.standing import concludes, is_of_unit
from solbench.acquisition.bench.commissioning.use import (
    UNKNOWN_HIGHEST_Hz,
    corrections_of,
    merged,
    require_signs,
    settings_of,
)
from solbench.acquisition.bench.connect import CannotOpen, Description, open_instruments
from solbench.acquisition.bench.dialogue.dialogue import Dialogue
from solbench.acquisition.bench.gauges.chamber import Chamber
from solbench.acquisition.bench.gauges.lines import Line, gauges_of, own_lines
from solbench.acquisition.bench.gauges.watched import WatchedGauge
from solbench.acquisition.bench.guardian_client import GuardLink
from solbench.acquisition.bench.models import CORRECTIONS, UnknownSetting
from solbench.acquisition.bench.watch import Watch
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import boot_id
from solbench.drivers import errors
from solbench.drivers.clock import CancellableClock, Clock, ScaledClock, SystemClock
from solbench.drivers.links.ports import require_address
from solbench.drivers.links.usb_identity import UsbIdentity
from solbench.drivers.links.wire import Resource
from solbench.drivers.roles import Equipment
from solbench.drivers.solartron.corrections import Corrections
from solbench.protocols import load_cell
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from pyvisa.highlevel import VisaLibraryBase

    from solbench.acquisition.bench.scenario import Scenario
    from solbench.simulators.bench import SimulatedBench


AT_60_HZ: Mapping[str, Mapping[str, float]] = {
    "1287": {"fast_digits": 2},  # a fast reading over one period
    "2400": {"mains_Hz": 60.0},  # in whose periods it counts its conversions
}
"""What is otherwise by default where the mains have 60 Hz, by instrument."""


@dataclass(frozen=True)
class Guarding:
    """The guardian of a bench outside this process, which makes it safe when this process dies.

    `key` identifies the instruments; `start` starts another guardian where `guard` is gone.
    """

    key: str
    guard: GuardLink
    start: Callable[[], GuardLink]


@dataclass(frozen=True)
class Bench:
    """An open bench.

    `time_base` names the origin of the clock: two sessions with the same one share its time. `truth` is the
    simulated bench behind the wire, for tests and demonstrations; a real bench has none. A bench in this process dies
    with it and has no `guarding`. `at_host` turns the host's time (`host.host_s`) into the clock's. `port` says where
    the adapter is now, which may change while the bench is open. `devices`: the USB devices at the ports of the bench
    file when it was opened. `file`: the bench file, with what commissioning found; `unit`: which
    specimen a simulated one is, by its own word; `concludes`: whether its spectra are fit for conclusions. `dialogue`
    hears every transfer.
    """

    name: str
    simulated: bool
    clock: Clock
    equipment: Equipment
    watch: Watch
    settle_s: float
    direction_check_s: float
    reconnect_for_s: float
    addresses: Mapping[str, str]
    time_base: str
    close: Callable[[], None]
    guarding: Guarding | None = None
    at_host: Callable[[float], float] = float
    port: Callable[[], str] = str
    devices: Mapping[str, UsbIdentity] = field(default_factory=dict)
    gauges: tuple[WatchedGauge, ...] = ()
    chamber: Chamber | None = None
    file: BenchFile = SIMULATED
    unit: str = ""
    concludes: bool = True
    truth: SimulatedBench | None = field(default=None, repr=False)
    dialogue: Dialogue | None = None


@dataclass(frozen=True)
class Reach:
    """How the instruments of a bench are reached, and by whose time; `release` lets go of all of it.

    `visa_library`: in place of the one that the bench file names. `lines`: those of the sensors of a bench in this
    process, None where they are outside. `unit`: which specimen a simulated one is. `resource`: in place of opening
    anything, by the name of the instrument.
    """

    clock: Clock
    addresses: dict[str, str]
    time_base: str
    at_host: Callable[[float], float] = float
    visa_library: VisaLibraryBase | None = None
    unit: str = ""
    truth: SimulatedBench | None = None
    release: Callable[[], None] = lambda: None
    gauge_addresses: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Line] | None = None
    resource: Callable[[str], Resource] | None = None


def open_bench(
    bench: BenchFile,
    cell: dict[str, Any],
    check: Callable[[], None],
    *,
    seed: int = 0,
    speed: float | None = None,
    world: Path | None = None,
    guarding: Guarding | None = None,
    scenario: Scenario | None = None,
    devices: Mapping[str, UsbIdentity] | None = None,
    dialogue: Dialogue | None = None,
) -> Bench:
    """Open a bench and connect its instruments; nothing is sent yet.

    `cell` describes the cell to a simulated bench; `check` is called by the clock at least every 50 ms of host
    time and may raise Interrupted; `world` is where a simulated bench keeps its state, `scenario` what is truly there
    on a bench in this process; `dialogue` hears every transfer.
    Raises BadInput for settings that do not exist, Fault when an instrument cannot be opened.
    """
    in_process = bench.kind == "simulated"
    reach = _simulated(bench, cell, seed, speed, world, scenario) if in_process else _outside(bench)
    try:
        return replace(open_at(bench, reach, check, guarding, dialogue), devices=devices or {})
    except BaseException:
        reach.release()
        raise


def wired_for(bench: BenchFile, alone: bool) -> BenchFile:
    """Return the bench with its cell where the run needs it: on a simulated one no hand moves the leads.

    `alone`: between the terminals of the 1260, without the 1287.
    """
    if bench.kind != "simulated" or not alone:
        return bench
    return bench.model_copy(update={"simulation": {"wiring": "analyzer_alone", **bench.simulation}})


def of_world(bench: BenchFile, world: Path) -> BenchFile:
    """Return the bench of a run with the unit that its world holds, where its file names none.

    What such a file meant was another unit in version 0.1.0. A world that cannot be read is left to who opens it.
    """
    if bench.kind != "simulated" or "unit" in bench.simulation:
        return bench
    from solbench.simulators.world import WorldError, read_world

    try:
        unit = read_world(world).unit
    except WorldError:
        return bench
    return bench.model_copy(update={"simulation": {**bench.simulation, "unit": unit}})


def _simulated(
    bench: BenchFile,
    cell: dict[str, Any],
    seed: int,
    speed: float | None,
    world: Path | None,
    scenario: Scenario | None,
) -> Reach:
    from solbench.acquisition.bench.truth import (
        PASSED,
        chamber_of,
        electronics_of,
        press_of,
        sensors_of,
        simulated,
        thermometers_of,
        true_cell,
        truly,
    )
    from solbench.simulators.bench import SimulatedBench

    if not bench.known_model.simulated_as:
        raise BadInput(
            f"a bench of the model '{bench.model}' is not simulated in the program",
            f"Leave 'model' out, or write another kind: {', '.join(EXAMPLES)}",
            file=bench.source,
            field="model",
        )
    settings = electronics_of(bench)
    there = true_cell(scenario, cell)
    true = truly(scenario, there)
    there.pop(PASSED, None)
    with simulated(bench.source):
        made = SimulatedBench(
            there,
            settings=settings,
            seed=seed,
            speed=speed,
            world=world,
            thermometers=thermometers_of(bench),
            sensors=sensors_of(bench),
            chamber=chamber_of(bench),
            press=press_of(bench),
            truly=true,
        )
    return Reach(
        made.clock,
        {name: made.addresses[name] for name in bench.known_model.fields},
        "world",
        visa_library=made.visa_library,
        unit=made.unit,
        truth=made,
        release=made.close,
        gauge_addresses=made.gauge_addresses,
        lines={**made.registers, **made.loggers, **made.lakeshores},
    )


def _outside(bench: BenchFile) -> Reach:
    addresses, gauges = required_addresses(bench), _gauge_addresses(bench)
    if bench.served is None:
        unit = IDEAL if bench.is_simulated else ""
        return Reach(SystemClock(), addresses, boot_id(), unit=unit, gauge_addresses=gauges)
    clock, world, unit = served_clock(bench.served.control)
    return Reach(clock, addresses, world, clock.at_host, unit=unit, gauge_addresses=gauges)


def served_clock(control: str) -> tuple[ScaledClock, str, str]:
    """Ask a served simulation (host:port) for its time; return its clock, and the names of its world and its unit.

    One of an earlier version has the unit "ideal" and does not say so. Raises Fault.
    """
    host, _, port = control.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5.0) as connection:
            connection.sendall(b'{"ask": "clock"}\n')
            answer = json.loads(connection.makefile("rb").readline())
        clock = ScaledClock(answer["experiment_s"], answer["host_s"], answer["speed"])
        return clock, str(answer["world"]), str(answer.get("unit", IDEAL))
    except (OSError, ValueError, KeyError) as error:
        raise Fault(
            f"the simulation's control channel at {control} does not answer ({error}); is solbench simulate running?"
        ) from error


EXAMPLES = {
    "visa": "Write it as in GPIB0::4::INSTR",
    "prologix": "Write the number that its rear switches show, as in 4",
    "serial": "Write its port, as in COM3 or /dev/ttyUSB0",
}


def required_addresses(bench: BenchFile) -> dict[str, str]:
    """Return the addresses of a bench outside this process; raises BadInput when one is missing or none."""
    if bench.kind == "prologix" and not bench.adapter:
        raise BadInput(
            "the address of the Prologix adapter is missing",
            "Write it as in socket://192.168.1.5:1234, COM3 or /dev/ttyUSB0; solbench instruments --find lists ports",
            file=bench.source,
            field="adapter",
        )
    if bench.kind == "prologix":
        _require_port(str(bench.adapter), bench, "adapter")
    fields = bench.known_model.fields
    found: dict[str, str] = {}
    for name, entry in bench.entries.items():
        address = entry.address
        if address is None or (bench.kind == "prologix" and not _is_gpib(address)):
            missing = "is missing" if address is None else f"is '{address}', not a number from 0 to 30"
            raise BadInput(
                f"the address of the {name} {missing}",
                f"{EXAMPLES[bench.kind]}; solbench instruments --find lists what answers",
                file=bench.source,
                field=f"{fields[name]}.address",
            )
        if bench.kind == "serial":
            _require_port(str(address), bench, f"{fields[name]}.address")
        found[name] = str(address)
    return found


def _require_port(address: str, bench: BenchFile, field: str) -> None:
    """Raise BadInput where no adapter or instrument can be at `address`."""
    try:
        require_address(address)
    except errors.CannotOpen as error:
        raise BadInput(f"{error.problem}: {address}", error.cure, file=bench.source, field=field) from None


def _gauge_addresses(bench: BenchFile) -> dict[str, str]:
    """Return the addresses of the gauges of a bench outside this process; raises BadInput when one is missing."""
    for place, gauge in enumerate(bench.gauges):
        if gauge.address is None and gauge.is_on_bus:
            raise BadInput(
                f"the address of the gauge '{gauge.name}' is missing",
                EXAMPLES[bench.kind],
                file=bench.source,
                field=f"gauges[{place}].address",
            )
    return {gauge.name: str(gauge.address) for gauge in bench.gauges if gauge.is_on_bus}


def _is_gpib(address: int | str) -> bool:
    return str(address).isdecimal() and int(address) <= 30


def describe(bench: BenchFile, addresses: dict[str, str], unit: str = "") -> Description:
    """Return the plain description of a bench without its gauges, for opening it here or in the guardian.

    `unit`: which specimen it is, where it is a simulated one. What its commissioning found stands in for the drivers'
    defaults. Raises BadInput.
    """
    fields, defaults = bench.known_model.fields, bench.known_model.settings
    settings = {
        name: in_si(bench, f"{fields[name]}.settings", entry.settings, defaults.get(name))
        for name, entry in bench.entries.items()
    }
    if signs_of := bench.known_model.signs_of:
        settings[signs_of] = {"positive_terminal": bench.positive_terminal, **settings[signs_of]}
    if bench.mains.value == 60.0:
        settings |= {name: {**AT_60_HZ.get(name, {}), **own} for name, own in settings.items()}
    settings |= {
        "pair": in_si(bench, "pair", bench.pair, defaults.get("pair")),
        "adapter": in_si(bench, "adapter_settings", bench.adapter_settings),
    }
    if bench.record is not None and is_of_unit(bench, unit):
        require_signs(bench.record.record, settings, bench.source)
        settings = merged(settings_of(bench.record.record), settings)
    settings[CORRECTIONS] = asdict(_corrections(bench, unit))
    return Description(bench.kind, addresses, settings, bench.visa_library, bench.adapter or "", bench.model)


def _require_unit(bench: BenchFile, unit: str) -> None:
    """Raise BadInput where the commissioning record is of another simulated specimen than the one that is there."""
    found = bench.record
    if found is not None and found.record.unit and unit and found.record.unit != unit:
        raise BadInput(
            f"this commissioning record is of the unit '{found.record.unit}', and the bench is the unit '{unit}'",
            "Name the record of this unit, or commission it",
            file=found.name,
            field="unit",
        )


def _corrections(bench: BenchFile, unit: str) -> Corrections:
    if bench.record is not None and is_of_unit(bench, unit):
        return corrections_of(bench.record.record)
    return (
        Corrections()
        if unit == IDEAL
        else Corrections(highest_Hz=UNKNOWN_HIGHEST_Hz, highest_alone_Hz=UNKNOWN_HIGHEST_Hz)
    )


def open_at(
    bench: BenchFile,
    reach: Reach,
    check: Callable[[], None],
    guarding: Guarding | None,
    dialogue: Dialogue | None = None,
) -> Bench:
    """Make a bench of what `reach` leads to; raises BadInput and Fault as `open_bench` does."""
    clock: Clock = CancellableClock(reach.clock, check)
    if dialogue is not None:
        clock = dialogue.clock(clock)
    lines = own_lines(bench.gauges, bench.mains.value, bench.source) if reach.lines is None else {}
    _require_unit(bench, reach.unit)
    try:
        on_bus = tuple(
            (gauge.name, reach.gauge_addresses[gauge.name], gauge.every.value)
            for gauge in bench.gauges
            if gauge.is_on_bus
        )
        description = replace(describe(bench, reach.addresses, reach.unit), gauges=on_bus)
        opened = open_instruments(
            description,
            clock,
            reach.visa_library,
            ear=dialogue.ear if dialogue is not None else None,
            resource=reach.resource,
        )
    except UnknownSetting as error:
        raise BadInput(str(error), file=bench.source, field=error.path) from error
    except CannotOpen as error:
        raise Fault(f"{bench.name}: {error}") from error

    gauges, threads, chamber = gauges_of(
        bench.gauges,
        opened.equipment.gauges,
        clock,
        reach.clock,
        here=reach.lines,
        own=lines,
        chamber=bench.chamber,
    )
    if dialogue is not None:
        bus = {entry.name for entry in bench.gauges if entry.is_on_bus}
        gauges = tuple(one if one.nature.name in bus else dialogue.gauge(one) for one in gauges)
        dialogue.begin(reach.time_base, reach.addresses, reach.unit)

    def close() -> None:
        for thread in threads:
            thread.end()
        opened.close()
        reach.release()
        if dialogue is not None:
            dialogue.close()

    return Bench(
        name=bench.name,
        simulated=bench.is_simulated,
        clock=clock,
        equipment=opened.equipment,
        watch=Watch(bench.max_unwatched.value, bench.near_limit.value),
        settle_s=bench.settle.value,
        direction_check_s=bench.direction_check.value,
        reconnect_for_s=bench.reconnect_for.value,
        addresses=reach.addresses,
        time_base=reach.time_base,
        close=close,
        guarding=guarding,
        at_host=reach.at_host,
        port=opened.port,
        gauges=gauges,
        chamber=chamber,
        file=bench,
        unit=reach.unit,
        concludes=concludes(bench, reach.unit),
        truth=reach.truth,
        dialogue=dialogue,
    )


def open_gauges(bench: BenchFile) -> tuple[Clock, tuple[WatchedGauge, ...], Callable[[], None]]:
    """Open the gauges of a bench on lines of their own alone: its clock, the gauges, and how to close them.

    The instruments are not opened: a run may have them. On a simulated bench a half cell is mounted. Raises BadInput,
    and Fault where a served simulation does not answer.
    """
    entries = tuple(entry for entry in bench.gauges if not entry.is_on_bus)
    if bench.kind == "simulated":
        alone = bench.model_copy(update={"gauges": entries})
        reach = _simulated(alone, load_cell("nbh").build("half").simulated_cell(), 0, None, None, None)
    else:
        clock: Clock = SystemClock()
        if bench.served is not None:
            clock = served_clock(bench.served.control)[0]
        reach = Reach(clock, {}, "")
    own = own_lines(entries, bench.mains.value, bench.source) if reach.lines is None else {}
    gauges, threads, _ = gauges_of(entries, (), reach.clock, reach.clock, here=reach.lines, own=own)

    def close() -> None:
        for thread in threads:
            thread.end()
        reach.release()

    return reach.clock, gauges, close
