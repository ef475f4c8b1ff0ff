"""A whole simulated bench: a cell, the 1260 and the 1287 wired to it, a bus, and a VISA library as its door.

bench = SimulatedBench(description, seed=1)
pstat = pyvisa.ResourceManager(bench.visa_library).open_resource(bench.addresses["1287"])
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypedDict

from solbench.simulators.bus.gpib import Bus, Device, bus_number
from solbench.simulators.bus.visa_library import SimulatedVisaLibrary
from solbench.simulators.clock import BenchClock, VirtualClock
from solbench.simulators.electronics.calibration import calibration
from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.electronics.checked import require
from solbench.simulators.electronics.circuit import Circuit
from solbench.simulators.electronics.front_end import FrontEnd
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.settings import WIRINGS, BenchSettings, Calibration, SettingError
from solbench.simulators.electronics.signals import Signal
from solbench.simulators.electronics.standalone import OpenLeads, Standalone
from solbench.simulators.instruments.ports import Printer
from solbench.simulators.instruments.solartron1260 import Solartron1260
from solbench.simulators.instruments.solartron1287 import Solartron1287
from solbench.simulators.instruments.thermometer import Thermometer
from solbench.simulators.makes.ec301 import Ec301
from solbench.simulators.makes.keithley2400 import Keithley2400
from solbench.simulators.makes.wiring import Holder, potentiostat
from solbench.simulators.scenario.changes import ChamberFault, FrontPanel, Pressed, SensorFault
from solbench.simulators.scenario.player import Player, memory_of
from solbench.simulators.scenario.truth import Before, ScenarioError, Truly
from solbench.simulators.sensors.chamber import Chamber, ChamberPlan
from solbench.simulators.sensors.lakeshore import LakeShore
from solbench.simulators.sensors.logger import Logger
from solbench.simulators.sensors.press import Press, PressSettings
from solbench.simulators.sensors.registers import Place, RegisterBank
from solbench.simulators.sensors.sensor import Sensor, SensorSettings
from solbench.simulators.unchecked import Block
from solbench.simulators.units.unit import called, specimen
from solbench.simulators.world import Identity, StoredSettings, WorldError, WorldFile, WorldTruth, read_world

__all__ = ["SimulatedBench", "Truth", "read_world"]

FIRST_GAUGE = 10
ROOM_K = 298.15
_RESET = {"1260": b"TT1\r\n;", "1287": b"BK4\r\n;", "EC301": b"*RST\n", "2400": b"*RST\n"}

CellBuilder = Callable[[Block, int], Cell]
ClockMaker = Callable[[float], BenchClock]
Stage = PowerStage | Standalone


@dataclass(frozen=True)
class SensorPlan:
    """A temperature sensor beside the cell: at which line its device is, where its value stands, what it is like.

    `place` in the registers of a Modbus device, `channel` of a thermocouple logger, or model and input of a
    `lakeshore`. `in_room`: a chamber does not warm it. `pascal`: it shows the stack pressure, in a unit of so many
    pascal, and what is a temperature in its settings is in that unit.
    """

    name: str
    line: str
    place: Place | None = None
    channel: int = 0
    settings: SensorSettings = field(default_factory=SensorSettings)
    in_room: bool = False
    lakeshore: tuple[str, str] | None = None
    pascal: float | None = None


class Instant(TypedDict):
    """Everything that is true at one instant of experiment time; see `Truth`."""

    experiment_s: float
    charge_C: float
    charged_C: float
    discharged_C: float
    polarized: bool
    cell_current_A: float
    cell_voltage_V: float
    ac_amplitude_V: float
    closed_s: float | None
    opened_s: float | None


class Unit(NamedTuple):
    """What the instruments of a bench really are: the name of the unit, its settings, and its errors for life."""

    name: str
    settings: BenchSettings
    errors: Calibration


class Truth:
    """What really is, at the clock's time and without any meter: for tests, never for an engine.

    `unit`: what the instruments are, which nothing on the bus says.
    """

    def __init__(self, bus: Bus, stage: Stage, unit: Unit) -> None:
        self.unit = unit
        self._bus = bus
        self.stage = stage

    def _now(self) -> Stage:
        self._bus.settle()
        self.stage.catch_up()
        return self.stage

    @property
    def cell(self) -> Cell:
        """Get the cell itself, as it is now: what grew, diffuses or is shorted in it is among its properties."""
        clamped = self._now().cell
        return clamped.cell if isinstance(clamped, Circuit) else clamped

    @property
    def charge_C(self) -> float:
        """Get the net charge that went into the cell, C."""
        return self._now().cell.charge_C

    @property
    def charged_C(self) -> float:
        """Get all charge that flowed in the charging direction, C."""
        return self._now().cell.charged_C

    @property
    def discharged_C(self) -> float:
        """Get all charge that flowed in the discharging direction, C (a magnitude)."""
        return self._now().cell.discharged_C

    @property
    def polarized(self) -> bool:
        """Say whether the cell is connected to what drives it."""
        return self._now().closed

    @property
    def closed_s(self) -> float | None:
        """Get the experiment time of the last closing of the cell's relay, s; None before the first."""
        return self._now().closed_s

    @property
    def opened_s(self) -> float | None:
        """Get the experiment time of the last opening of the cell's relay, s; None before the first."""
        return self._now().opened_s

    @property
    def cell_current_A(self) -> float:
        """Get the current through the cell, A; positive charges it."""
        return self._now().cell_current_A()

    @property
    def cell_voltage_V(self) -> float:
        """Get the voltage of the cell's positive terminal against its negative one, V."""
        stage = self._now()
        return stage.cell.voltage(stage.cell_current_A())

    @property
    def ac_amplitude_V(self) -> float:
        """Get the AC voltage on the cell, V rms."""
        return abs(self._now().ac()[0])

    def everything(self) -> Instant:
        """Get all of this at one instant, by name, with `experiment_s`."""
        stage = self._now()
        cell, current_A = stage.cell, stage.cell_current_A()
        return {
            "experiment_s": stage.time_s,
            "charge_C": cell.charge_C,
            "charged_C": cell.charged_C,
            "discharged_C": cell.discharged_C,
            "polarized": stage.closed,
            "cell_current_A": current_A,
            "cell_voltage_V": cell.voltage(current_A),
            "ac_amplitude_V": abs(stage.ac()[0]),
            "closed_s": stage.closed_s,
            "opened_s": stage.opened_s,
        }


class SimulatedBench:
    """The bench on metal, without metal.

    cell_description: what `solbench.simulators.cell.build_cell` takes, or `build` in its place.
    settings: names and values of `solbench.simulators.electronics.settings.BenchSettings`, `unit` first of all: which
    specimen the instruments are; raises SettingError.
    seed: fixes noise and calibration; speed: see VirtualClock. `clock` makes another clock in its place, one
    that begins at the given experiment time (s).
    world: file in which the bench survives the program. A bench on an existing world continues from it, with
    the seed of that world; raises WorldError where the world belongs to another cell.
    thermometers: names of thermometers at the cell, which are on the bus behind the instruments. `sensors`: others,
    at lines of their own. `chamber`: what sets the temperature around the cell, with one of them as its own. `press`:
    what presses the cell.
    truly: what changes on the bench apart from what anybody is told, and what the cell went through before. Raises
    ScenarioError.
    """

    def __init__(
        self,
        cell_description: Block,
        *,
        settings: Block | None = None,
        seed: int = 0,
        speed: float | None = None,
        world: Path | None = None,
        build: CellBuilder | None = None,
        clock: ClockMaker | None = None,
        thermometers: Sequence[str] = (),
        sensors: Sequence[SensorPlan] = (),
        chamber: ChamberPlan | None = None,
        press: PressSettings | None = None,
        truly: Truly | None = None,
    ) -> None:
        self.settings = specimen(settings or {})
        self._identity: Identity = {
            "cell": _digest(cell_description, truly, chamber, press),
            "seed": seed,
            "unit": self.settings.unit,
            "world": uuid.uuid4().hex,
        }
        self.cell_description = dict(cell_description)
        self._world = WorldFile(Path(world)) if world is not None else None
        stored = self._world.stored if self._world else None
        if stored is not None:
            self._identity = self._checked_identity(stored)
            seed = self._identity["seed"]
        self._build = build or _build_cell
        self.press = Press(press) if press is not None else None
        if press is not None and truly is None:  # its contacts are in the circuit of a scenario
            truly = Truly((), Before())
        self._truly = truly
        self._chamber_plan, self._press_settings = chamber, press
        self.cell = self._build(cell_description, seed)
        if truly is not None and stored is None:
            truly.before.carry_out(self.cell)
        self._noise = Noise(seed)
        self._warmer_K = 0.0
        self.chamber = self._chamber_of(chamber)
        self.sensors = {
            plan.name: Sensor(plan.name, plan.settings, self._felt_by(plan), lambda: self.clock.now(), seed)
            for plan in sensors
        }
        self.registers: dict[str, RegisterBank] = {}
        self.loggers: dict[str, Logger] = {}
        self.lakeshores: dict[str, LakeShore] = {}
        for plan in sensors:
            if plan.place is not None:
                self.registers.setdefault(plan.line, RegisterBank()).add(plan.place, self.sensors[plan.name])
            elif plan.lakeshore is not None:
                model, channel = plan.lakeshore
                own = self.lakeshores.setdefault(plan.line, LakeShore(model))
                own.sensors[channel] = self.sensors[plan.name]
            else:
                self.loggers.setdefault(plan.line, Logger()).sensors[plan.channel] = self.sensors[plan.name]
        if self.chamber is not None:
            self.chamber.sensor = self.sensors[self.chamber.plan.sensor]
            line = self.chamber.plan.line
            if line in self.lakeshores:
                self.lakeshores[line].heats(self.chamber)
            else:
                self.registers[line].add_settable(self.chamber)
        start_s = stored.time_s if stored else 0.0
        self._wire(seed, clock(start_s) if clock else VirtualClock(speed, start_s), thermometers)
        if stored is not None:
            self._go_on_from(stored)
        else:
            self._set_front_panels()
        if self._player is not None:
            self._begin_scenario(self._player)
        self._saved_changes = -1
        self._save()

    def _wire(self, seed: int, clock: BenchClock, thermometers: Sequence[str]) -> None:
        settings, noise = self.settings, self._noise
        generator = Generator()
        clamped = self._clamped(self.cell)
        errors = calibration(settings, seed)
        stage, outputs, self._interface = potentiostat(settings, clamped, generator, errors, noise)
        front_end = FrontEnd(settings.analyzer, noise, settings.noise_scale)
        self._stage: Stage = stage
        self._power_stage, self._generator, self._outputs = stage, generator, outputs
        self._lay_leads(settings.wiring)
        self._analyzer = Solartron1260(
            settings.analyzer,
            generator,
            front_end,
            self._inputs,
            self._generator_changed,
            stage.faults,
        )
        self.addresses = settings.addresses.by_name(settings.make)
        stage.faults.instruments = tuple(self.addresses)
        by_name: dict[str, Holder | Solartron1260] = {
            "1260": self._analyzer,
            self._interface.name: self._interface,
        }
        instruments: dict[int, Device] = {
            bus_number(address): by_name[name] for name, address in self.addresses.items()
        }
        free = (n for n in range(FIRST_GAUGE, 30, 2) if n not in instruments)
        gauges = dict(zip(thermometers, free, strict=False))
        instruments |= {n: Thermometer(name, self._temperature_K) for name, n in gauges.items()}
        self._stage.at(clock.now())
        self.clock = clock
        self.faults = stage.faults
        self._player = self._player_of(self._truly, seed)
        others = tuple(one for one in (self.chamber, self._player) if one is not None)
        self._bus = Bus(
            clock, self._stage, instruments, settings.latency_s, self._save, self._save_changes, others
        )
        self.faults.leads_changed = self._leads_changed
        self.truth = Truth(self._bus, self._stage, Unit(settings.unit, settings, errors))
        self.gauge_addresses = {name: f"GPIB0::{n}::INSTR" for name, n in gauges.items()}
        names = (*self.addresses.values(), *self.gauge_addresses.values())
        self.visa_library = SimulatedVisaLibrary.of(self._bus, names)

    def _lay_leads(self, wiring: str) -> None:
        """Have the cell between the leads of the 1287, or between those of the 1260, sensed by the 1287."""
        stage, alone = self._power_stage, wiring == "analyzer_alone"
        if alone != isinstance(self._stage, Standalone):
            clamped, time_s = self._stage.cell, self._stage.time_s
            stage.generator = Generator() if alone else self._generator
            stage.mount(OpenLeads(self._sensed_V) if alone else clamped)
            self._stage = Standalone(clamped, stage, self._generator, self.settings) if alone else stage
            self._stage.time_s = time_s
        self._listened = self._stage if isinstance(self._stage, Standalone) else self._outputs

    def _sensed_V(self) -> float:
        """Get the voltage of the cell between the leads of the 1260: RE1 and RE2 of the 1287 are there, too."""
        return (
            self._stage.cell.voltage(self._stage.cell_current_A())
            if self._stage is not self._power_stage
            else 0.0
        )

    def _inputs(self, window_s: float = 0.0) -> Mapping[int, Signal]:
        """Get what lies at the inputs of the 1260, wherever its leads are."""
        return self._listened.inputs(window_s)

    def _generator_changed(self) -> None:
        self._stage.update()

    def _set_front_panels(self) -> None:
        """Press what was set by hand before the bench was there; raises SettingError."""
        analyzer, interface, ec301 = self.settings.analyzer, self.settings.interface, self.settings.ec301
        holder = self._interface
        by_name: dict[str, tuple[Solartron1260 | Holder, tuple[str, ...], tuple[str, ...]]] = {
            "analyzer": (self._analyzer, analyzer.after_reset, analyzer.front_panel)
        }
        if isinstance(holder, Solartron1287):
            by_name["interface"] = (holder, interface.after_reset, interface.front_panel)
        elif isinstance(holder, Ec301):
            by_name["ec301"] = (holder, (), ec301.front_panel)
        else:
            by_name["keithley"] = (holder, (), self.settings.keithley.front_panel)
        for name, (instrument, after_reset, front_panel) in by_name.items():
            for block, commands in (("after_reset", after_reset), ("front_panel", front_panel)):
                for command in commands:
                    if not instrument.understands(command):
                        raise SettingError(
                            f"{name}.{block} has {command!r}; it takes commands that set, as in OT1"
                        )
            instrument.press_all(front_panel)
            if instrument.error:
                raise SettingError(
                    f"{name}.front_panel or after_reset is refused with error {instrument.error:02d}; it takes what"
                    " the instrument takes"
                )

    def _clamped(self, cell: Cell) -> Cell:
        """Get what lies between the leads: the cell, in its circuit where there is a scenario."""
        return cell if self._truly is None else Circuit(cell, memory_of(self._truly.changes))

    def _player_of(self, truly: Truly | None, seed: int) -> Player | None:
        if truly is None:
            return None
        for change in truly.changes:
            if isinstance(change, FrontPanel) and not self._instrument(change.instrument).understands(
                change.command
            ):
                raise ScenarioError(f"the {change.instrument} has no setting '{change.command}'")
            if isinstance(change, SensorFault) and change.sensor not in self.sensors:
                known = ", ".join(self.sensors) or "none on a line of its own"
                raise ScenarioError(f"there is no sensor '{change.sensor}'; there are: {known}")
            if isinstance(change, Pressed) and self.press is None:
                raise ScenarioError("there is no press on this bench")
            if isinstance(change, ChamberFault) and self.chamber is None:
                raise ScenarioError("there is no chamber on this bench")
        return Player(truly.changes, self._stage, seed, self._press, self.sensors, self.chamber, self.press)

    def _begin_scenario(self, player: Player) -> None:
        assert isinstance(self._stage.cell, Circuit)
        player.begin(self._stage.cell)

    def _instrument(self, name: str) -> Solartron1260 | Holder:
        found: dict[str, Solartron1260 | Holder] = {
            "1260": self._analyzer,
            self._interface.name: self._interface,
        }
        if name not in found:
            raise ScenarioError(f"there is no instrument '{name}'; there are {', '.join(found)}")
        return found[name]

    def _press(self, name: str, command: str) -> None:
        self._instrument(name).press(command, self._stage.time_s)

    def _chamber_of(self, plan: ChamberPlan | None) -> Chamber | None:
        if plan is None:
            return None
        return Chamber(plan, self._room_K(), self._warm, lambda: self._stage.time_s)

    def _room_K(self) -> float:
        """Get the temperature at which a cell is put into the chamber."""
        from solbench.simulators.cell.cell import Cell as WithTemperature

        return self.cell.temperature_K if isinstance(self.cell, WithTemperature) else ROOM_K

    def _warm(self, warmer_K: float) -> None:
        """Have the cell warmer than the room by so much (K), on top of what a scenario does."""
        from solbench.simulators.cell.cell import Cell as WithTemperature

        if warmer_K != self._warmer_K and isinstance(self.cell, WithTemperature):
            self._stage.catch_up()
            self.cell.temperature_K += warmer_K - self._warmer_K
            self._warmer_K = warmer_K
            self._stage.update()

    def _felt_by(self, sensor: SensorPlan) -> Callable[[], float]:
        """Get what gives the temperature where a sensor is: at the cell, in the chamber's air, or in the room."""
        chamber, press, pascal = self.chamber, self.press, sensor.pascal
        if pascal is not None:
            return lambda: 0.0 if press is None else press.pressure_Pa / pascal
        if chamber is not None and chamber.plan.sensor == sensor.name:
            return lambda: chamber.air_K
        if chamber is not None and sensor.in_room:
            return lambda: chamber.room_K
        return self._temperature_K

    def _temperature_K(self) -> float:
        from solbench.simulators.cell.cell import Cell as WithTemperature

        if not isinstance(self.cell, WithTemperature):
            raise TypeError(f"a thermometer needs a cell with a temperature, not {type(self.cell).__name__}")
        return self.cell.temperature_K

    def _leads_changed(self) -> None:
        self._bus.settle()  # until now the leads were as before
        self._stage.update()

    def power_cycle(self, name: str) -> None:
        """Switch an instrument off and on again: its relay is open, its settings are lost, for a while it is deaf."""
        self._bus.settle()
        self._bus.instruments[bus_number(self.addresses[name])].receive(
            _RESET[name], ends=True, time_s=self.clock.now()
        )
        self._save()

    @property
    def paper(self) -> Printer:
        """Get what the 1260 printed at its RS423 port and keeps in its history file."""
        return self._analyzer.paper

    @property
    def bus(self) -> Bus:
        """Get the bus that the instruments are on."""
        return self._bus

    @property
    def world(self) -> str:
        """Get what names this bench and its time; a bench that continues from a world file keeps it."""
        name: str = self._identity.setdefault("world", uuid.uuid4().hex)
        return name

    @property
    def unit(self) -> str:
        """Get what its specimen is called."""
        return called(self.settings)

    def mount(self, cell_description: Block, wiring: str = "") -> None:
        """Clamp another, fresh cell between the leads, switched as they are; raises what the cell raises.

        `wiring`: between which leads, as in the settings; "" for those of the settings. Raises SettingError, and
        ScenarioError where leads are to be moved in a scenario, which knows of its own alone.
        """
        wiring = wiring or self.settings.wiring
        require("wiring", wiring, WIRINGS)
        cell = self._build(cell_description, self._identity["seed"])
        self._bus.settle()
        if (wiring == "analyzer_alone") != isinstance(self._stage, Standalone):
            if self._player is not None:
                raise ScenarioError("the cell of a scenario stays between the leads where it is")
            self._lay_leads(wiring)
            self._bus.stage = self.truth.stage = self._stage
        clamped = self._clamped(cell)
        if self._truly is not None:
            self._truly.before.carry_out(cell)
        self._stage.mount(clamped)
        if self._player is not None:
            self._begin_scenario(self._player)
        self.cell, self._warmer_K = cell, 0.0
        self.cell_description = dict(cell_description)
        self._identity["cell"] = _digest(
            cell_description, self._truly, self._chamber_plan, self._press_settings
        )
        self._saved_changes = -1
        self._save()

    def save(self) -> None:
        """Bring the bench to its clock's time and store its world, if it has a file."""
        self._bus.settle()
        self._save()

    def close(self) -> None:
        """Leave the bench as it is and close its world file."""
        if self._world is not None:
            self.save()
            self._world.close()
            self._world = None

    def _save(self) -> None:
        world = self._world
        if world is None:
            return
        stage = self._stage
        stage.settle()
        if (changes := self._changes()) != self._saved_changes:
            self._saved_changes = changes
            settings: StoredSettings = {"identity": self._identity, "1260": self._analyzer.snapshot()}
            if isinstance(self._interface, Solartron1287):
                settings["1287"] = self._interface.snapshot()
            elif isinstance(self._interface, Ec301):
                settings["EC301"] = self._interface.snapshot()
            else:
                settings["2400"] = self._interface.snapshot()
            world.set_settings(settings)
        cell = stage.cell
        world.save(
            (
                stage.time_s,
                stage.lag_s,
                self._noise.counter,
                stage.closed,
                stage.held_current_A,
                cell.charged_C,
                cell.discharged_C,
                *cell.state(),
                *(self.chamber.state() if self.chamber is not None else ()),
                *(self.press.state() if self.press is not None else ()),
            )
        )

    def _save_changes(self) -> None:
        """Store the world if a setting or a switch is another; where only time has passed, the next reading does."""
        if self._world is not None and self._changes() != self._saved_changes:
            self._save()

    def _changes(self) -> int:
        return self._analyzer.changes + self._interface.changes + self._stage.changes

    def _checked_identity(self, stored: WorldTruth) -> Identity:
        identity = stored.settings["identity"]
        own = self.settings.unit
        if self.settings.addresses.by_name(self.settings.make).keys() - stored.settings.keys():
            raise self._refused("holds instruments of another make; name another world file, or this make")
        if stored.unit != own:
            raise self._refused(
                f"holds the unit {stored.unit}, not {own}; name another world file, or this unit"
            )
        if identity["cell"] != self._identity["cell"]:
            raise self._refused(
                "holds another cell, or another scenario; name another world file, or delete this one"
            )
        return identity

    def _refused(self, why: str) -> WorldError:
        """Let go of the world and return what to raise."""
        assert self._world is not None
        self._world.close()
        return WorldError(f"{self._world.path} {why}")

    def _go_on_from(self, stored: WorldTruth) -> None:
        cell, state = self._stage.cell, stored.cell_state
        if self.press is not None:
            own = len(self.press.state())
            self.press.restore(state[-own:])
            state = state[:-own]
        if self.chamber is not None:
            own = len(self.chamber.state())
            self.chamber.restore(state[-own:])
            state = state[:-own]
            self._warmer_K = self.chamber.warmer_K
        cell.restore(state)
        cell.advance_current(stored.lag_s, stored.held_current_A)
        self._noise.counter = stored.noise_counter
        self._analyzer.restore(stored.settings["1260"])
        settings, holder = stored.settings, self._interface
        if isinstance(holder, Solartron1287) and "1287" in settings:
            holder.restore(settings["1287"])
        elif isinstance(holder, Ec301) and "EC301" in settings:
            holder.restore(settings["EC301"])
        elif isinstance(holder, Keithley2400) and "2400" in settings:
            holder.restore(settings["2400"])
        self._stage.settle_ac()


def _build_cell(description: Block, seed: int) -> Cell:
    from solbench.simulators.cell import build_cell

    return build_cell(description, seed)


def _digest(
    description: Block, truly: Truly | None, chamber: ChamberPlan | None, press: PressSettings | None
) -> str:
    text = json.dumps(description, sort_keys=True, default=str)
    text += "".join(repr(one) for one in (truly, chamber, press) if one is not None)
    return hashlib.sha256(text.encode()).hexdigest()
