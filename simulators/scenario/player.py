"""Lets the changes of a scenario come and go on a bench, at their own instants."""

from collections.abc import Callable, Mapping, Sequence
from math import inf

from solbench.simulators.cell.cell import Cell as WithTemperature
from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.circuit import Circuit
from solbench.simulators.electronics.faults import Leads
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.standalone import Standalone
from solbench.simulators.scenario.changes import (
    Change,
    Conditions,
    FrontPanel,
    Mark,
    Moment,
    Pressed,
    total,
)
from solbench.simulators.sensors.chamber import Chamber
from solbench.simulators.sensors.press import Press as Stack
from solbench.simulators.sensors.sensor import Sensor

_LONGEST_LOOK_S = 5.0  # at a charge that a change waits for
_SHORTEST_LOOK_S = 0.1
_NOT_YET = -1.0  # no experiment time is below 0
_OF_EACH = 2  # numbers in the memory of a change: when it began and when it ended, s

Press = Callable[[str, str], None]


def memory_of(changes: Sequence[Change]) -> list[float]:
    """Return what a bench remembers of these changes before they begin."""
    return [0.0, *[_NOT_YET] * (_OF_EACH * len(changes))]


class Player:
    """Brings a circuit, its meters and leads to what the changes come to; the bus calls it like an instrument.

    When each began and ended, and how much warmer the cell was made, is kept in the circuit's memory, so that a stored
    world goes on. `press` carries out what a hand does: instrument and command. `sensors` are those beside the cell, by
    name; `stack` is the press around it.
    """

    def __init__(
        self,
        changes: Sequence[Change],
        stage: PowerStage | Standalone,
        seed: int,
        press: Press,
        sensors: Mapping[str, Sensor] | None = None,
        chamber: Chamber | None = None,
        stack: Stack | None = None,
    ) -> None:
        self.alarm = Alarm(self.on_event)
        self.alarms = (self.alarm,)
        self._changes = tuple(changes)
        self._stage = stage
        self._press = press
        self._sensors = dict(sensors or {})
        self._chamber = chamber
        self._stack = stack
        self._noise = Noise(seed)
        self._leads = Leads()

    def begin(self, circuit: Circuit) -> None:
        """Begin with a circuit whose state is new (`memory_of`), or was restored."""
        self._circuit = circuit
        self._leads = Leads()
        self.on_event()

    def on_event(self) -> None:
        """Bring all to the present, and work out when that has to be done again."""
        stage = self._stage
        stage.catch_up()
        time_s, cell_V = stage.time_s, self._circuit.cell.voltage(0.0)
        acting: list[tuple[Change, Moment]] = []
        pressed: list[FrontPanel] = []
        next_s = inf
        if self._stack is not None:
            self._stack.come_to(time_s)
        for number, change in enumerate(self._changes):
            place = 1 + _OF_EACH * number
            is_new = self._note(place, change.when.begins)
            begun_s = self._circuit.memory[place]
            if begun_s == _NOT_YET:
                next_s = min(next_s, self._expected_s(change.when.begins))
                continue
            if change.when.ends is not None:
                self._note(place + 1, change.when.ends)
                if self._circuit.memory[place + 1] != _NOT_YET:
                    continue
                next_s = min(next_s, self._expected_s(change.when.ends))
            if is_new and isinstance(change, FrontPanel):
                pressed.append(change)
            if is_new and isinstance(change, Pressed) and self._stack is not None:
                self._stack.press(change.pressure_Pa)
            since_s = time_s - begun_s
            level = min(1.0, since_s / change.when.over_s) if change.when.over_s else 1.0
            acting.append((change, Moment(level, since_s, self._noise, cell_V)))
            next_s = min(next_s, time_s + change.tick_s(since_s))
        if self._stack is not None:
            next_s = min(next_s, self._stack.come_to(time_s))
        self.alarm.set(next_s)
        self._set(total(acting))
        for change in pressed:
            self._press(change.instrument, change.command)

    def _note(self, place: int, mark: Mark) -> bool:
        """Note at `place` of the memory that a mark is reached; returns whether that is new."""
        memory = self._circuit.memory
        if memory[place] != _NOT_YET or self._left(mark) > 0.0:
            return False
        memory[place] = self._stage.time_s
        return True

    def _left(self, mark: Mark) -> float:
        """Get what is left to a mark, s or C."""
        if mark.charge_C is not None:
            circuit = self._circuit
            return mark.charge_C - circuit.charged_C - circuit.discharged_C
        return (mark.time_s or 0.0) - self._stage.time_s

    def _expected_s(self, mark: Mark) -> float:
        """Get when to look whether a mark is reached."""
        left = self._left(mark)
        if mark.charge_C is None:
            return self._stage.time_s + left
        current_A = abs(self._stage.cell_current_A())
        look_s = min(left / current_A, _LONGEST_LOOK_S) if current_A else _LONGEST_LOOK_S
        return self._stage.time_s + max(look_s, _SHORTEST_LOOK_S)

    def _set(self, now: Conditions) -> None:
        stage, circuit = self._stage, self._circuit
        circuit.series_ohm, circuit.inductance_H = now.series_ohm, now.inductance_H
        if self._stack is not None:
            circuit.series_ohm += self._stack.contact_ohm
        circuit.shunt_S, circuit.leak_A, circuit.emf_V = now.shunt_S, now.leak_A, now.emf_V
        stage.surroundings = now.surroundings
        if now.warmer_K != circuit.memory[0] and isinstance(circuit.cell, WithTemperature):
            circuit.cell.temperature_K += now.warmer_K - circuit.memory[0]
            circuit.memory[0] = now.warmer_K
        self._set_leads(now)
        for name, sensor in self._sensors.items():
            sensor.fault = now.sensors.get(name, "")
        if self._chamber is not None:
            self._chamber.happen(now.chamber)
        stage.update()

    def _set_leads(self, now: Conditions) -> None:
        """Set the leads where they change: what else is done to them stays."""
        if now.leads != self._leads:
            self._leads = self._stage.faults.leads = now.leads
