"""The changes of a scenario, in SI, and what they come to at one moment.

A change begins and ends at a time or at a charge; `over_s` after its beginning it is whole, in a straight line.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, inf, pi, sin

from solbench.simulators.electronics.faults import Leads
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.surroundings import Surroundings
from solbench.simulators.sensors.chamber import Fault as OfChamber
from solbench.simulators.sensors.sensor import Fault

LEADS = ("re1", "ce", "generator", "v1", "v2")
_PARTS = 200.0  # of a slow change: in so many steps it takes place
_SHORTEST_TICK_S = 0.1
_LEAK_FADES_WITHIN_V, _LEAK_TICK_S = 0.2, 5.0
_INPUTS = {"v1": 1, "v2": 2}
_SAW_RISES = 0.8  # of its period


@dataclass(frozen=True)
class Mark:
    """A moment: an experiment time (s), or when so much charge has passed at the leads in either direction (C)."""

    time_s: float | None = None
    charge_C: float | None = None


@dataclass(frozen=True)
class When:
    """From when and until when a change holds, and in what time after its beginning it becomes whole (s)."""

    begins: Mark = Mark(time_s=0.0)
    ends: Mark | None = None
    over_s: float = 0.0


@dataclass
class Conditions:
    """What all changes come to at one moment; `Circuit` and `Leads` say what the fields mean."""

    series_ohm: float = 0.0
    inductance_H: float = 0.0
    shunt_S: float = 0.0
    leak_A: float = 0.0
    emf_V: float = 0.0
    warmer_K: float = 0.0
    meters: Surroundings = field(default_factory=Surroundings)
    off: set[str] = field(default_factory=set)
    swapped: bool = False
    swapped_references: bool = False
    sensors: dict[str, Fault] = field(default_factory=dict)
    chamber: OfChamber = ""

    @property
    def surroundings(self) -> Surroundings | None:
        """Get what disturbs the meters; None: nothing."""
        return None if self.meters == Surroundings(hum_Hz=self.meters.hum_Hz) else self.meters

    @property
    def leads(self) -> Leads:
        """Get how the leads are laid."""
        return Leads(
            loose_reference="re1" in self.off,
            loose_counter="ce" in self.off,
            swapped=self.swapped,
            swapped_references=self.swapped_references,
            loose_generator="generator" in self.off,
            loose_inputs=frozenset(_INPUTS[name] for name in self.off if name in _INPUTS),
        )


@dataclass(frozen=True)
class Moment:
    """What a change is asked at.

    level: how much of it is there, 0 to 1. since_s: how long since it began. chance: its own. cell_V: the voltage that
    the cell would have without current.
    """

    level: float
    since_s: float
    chance: Noise
    cell_V: float


@dataclass(frozen=True, kw_only=True)
class Change(ABC):
    """Something that is truly otherwise, from `when.begins` on."""

    when: When = When()

    @abstractmethod
    def act(self, now: Conditions, at: Moment) -> None:
        """Add what the change does at a moment of its time."""

    def tick_s(self, since_s: float) -> float:
        """Return after what time (s) it has to be looked at again; infinite where it stays as it is."""
        if since_s < self.when.over_s:
            return max(_SHORTEST_TICK_S, self.when.over_s / _PARTS)
        return inf


@dataclass(frozen=True, kw_only=True)
class SeriesResistance(Change):
    """Contacts and leads in series with the cell."""

    ohm: float
    inductance_H: float = 0.0

    def act(self, now: Conditions, at: Moment) -> None:
        """Add the resistance and the inductance."""
        now.series_ohm += at.level * self.ohm
        now.inductance_H += at.level * self.inductance_H


@dataclass(frozen=True, kw_only=True)
class LooseContact(Change):
    """A contact that is good half of the time, and has up to `ohm` in the other half; it changes every `interval_s`."""

    ohm: float
    interval_s: float

    def act(self, now: Conditions, at: Moment) -> None:
        """Add the resistance of this interval."""
        drawn = at.chance.uniform_at(int(at.since_s / self.interval_s + 1e-6), _CONTACT_STREAM)
        now.series_ohm += at.level * self.ohm * max(drawn, 0.0)

    def tick_s(self, since_s: float) -> float:
        """Return the time to the next interval."""
        return max(_SHORTEST_TICK_S, self.interval_s - since_s % self.interval_s)


@dataclass(frozen=True, kw_only=True)
class Shunt(Change):
    """A resistance beside the cell: a short, or half of one."""

    ohm: float

    def act(self, now: Conditions, at: Moment) -> None:
        """Add its conductance."""
        now.shunt_S += at.level / self.ohm


@dataclass(frozen=True, kw_only=True)
class Leak(Change):
    """A discharge of the cell by itself; a negative current charges it.

    It fades where nothing is left to drive it: below `emptied_V`, or above `filled_V` where it charges. Both are
    assumptions: sodium metal is plated at -0.16 V against Na9Sn4, and no cell here is charged beyond 4 V.
    """

    current_A: float
    emptied_V: float = -0.2
    filled_V: float = 4.0

    def act(self, now: Conditions, at: Moment) -> None:
        """Add its current."""
        room_V = at.cell_V - self.emptied_V if self.current_A > 0.0 else self.filled_V - at.cell_V
        now.leak_A += at.level * self.current_A * min(1.0, max(0.0, room_V / _LEAK_FADES_WITHIN_V))

    def tick_s(self, since_s: float) -> float:
        """Return a short time, in which a cell does not become another one."""
        return min(super().tick_s(since_s), _LEAK_TICK_S)


@dataclass(frozen=True, kw_only=True)
class Emf(Change):
    """A voltage in series with the cell."""

    voltage_V: float

    def act(self, now: Conditions, at: Moment) -> None:
        """Add it."""
        now.emf_V += at.level * self.voltage_V


@dataclass(frozen=True, kw_only=True)
class Hum(Change):
    """A sine between the voltage leads, rms: of the mains, or slower where something oscillates."""

    voltage_V: float
    frequency_Hz: float

    def act(self, now: Conditions, at: Moment) -> None:
        """Add it; of several the last one's frequency counts."""
        now.meters.hum_V += at.level * self.voltage_V
        now.meters.hum_Hz = self.frequency_Hz


@dataclass(frozen=True, kw_only=True)
class ReadingNoise(Change):
    """White noise of the readings, rms in a reading of 0.1 s."""

    voltage_V: float = 0.0
    current_A: float = 0.0

    def act(self, now: Conditions, at: Moment) -> None:
        """Add it."""
        now.meters.noise_V += at.level * self.voltage_V
        now.meters.noise_A += at.level * self.current_A


@dataclass(frozen=True, kw_only=True)
class MeterError(Change):
    """Errors of voltmeter and ammeter: offsets, and gains as fractions.

    decay_s: time in which they decay to 1/e, as those of an instrument that warms up; infinite: they stay.
    """

    voltage_offset_V: float = 0.0
    current_offset_A: float = 0.0
    current_offset_of_range: float = 0.0
    voltage_gain: float = 0.0
    current_gain: float = 0.0
    decay_s: float = inf

    def act(self, now: Conditions, at: Moment) -> None:
        """Add them."""
        left = at.level * exp(-at.since_s / self.decay_s)
        now.meters.voltage_offset_V += left * self.voltage_offset_V
        now.meters.current_offset_A += left * self.current_offset_A
        now.meters.current_offset_of_range += left * self.current_offset_of_range
        now.meters.voltage_gain += left * self.voltage_gain
        now.meters.current_gain += left * self.current_gain

    def tick_s(self, since_s: float) -> float:
        """Return a small part of the decay while it goes on."""
        decays = self.decay_s < inf and since_s < 10.0 * self.decay_s
        return min(super().tick_s(since_s), max(_SHORTEST_TICK_S, self.decay_s / _PARTS) if decays else inf)


@dataclass(frozen=True, kw_only=True)
class Temperature(Change):
    """A cell that is warmer than its conditions say, by a constant and by a sine, or a saw."""

    warmer_K: float = 0.0
    amplitude_K: float = 0.0
    period_s: float = 86400.0
    is_saw: bool = False

    def act(self, now: Conditions, at: Moment) -> None:
        """Add the difference."""
        turn = at.since_s / self.period_s
        swing_K = self.amplitude_K * (_saw(turn % 1.0) if self.is_saw else sin(2.0 * pi * turn))
        now.warmer_K += at.level * (self.warmer_K + swing_K)

    def tick_s(self, since_s: float) -> float:
        """Return a small part of the period where there is one."""
        swings = self.period_s / _PARTS if self.amplitude_K else inf
        return min(super().tick_s(since_s), max(_SHORTEST_TICK_S, swings))


def _saw(turn: float) -> float:
    """Get a saw of the amplitude 1 at a part of its period: it begins at 0, rises, falls quickly and rises again."""
    half = 0.5 * _SAW_RISES
    if turn < half:
        return turn / half
    if turn < 1.0 - half:
        return 1.0 - 2.0 * (turn - half) / (1.0 - _SAW_RISES)
    return (turn - 1.0) / half


@dataclass(frozen=True, kw_only=True)
class SensorFault(Change):
    """A sensor beside the cell that is unplugged, open or stuck."""

    sensor: str
    fault: Fault

    def act(self, now: Conditions, at: Moment) -> None:
        """Have it so."""
        now.sensors[self.sensor] = self.fault


@dataclass(frozen=True, kw_only=True)
class ChamberFault(Change):
    """A fault of the chamber around the cell, by one of its own names."""

    fault: OfChamber

    def act(self, now: Conditions, at: Moment) -> None:
        """Have it so."""
        now.chamber = self.fault


@dataclass(frozen=True, kw_only=True)
class LeadOff(Change):
    """A lead that is off: one of `LEADS`."""

    lead: str

    def act(self, now: Conditions, at: Moment) -> None:
        """Take it off."""
        now.off.add(self.lead)


@dataclass(frozen=True, kw_only=True)
class Exchanged(Change):
    """Leads that are exchanged at the cell: all of them (or the cell lies upside down), or RE1 and RE2 alone."""

    references_only: bool = False

    def act(self, now: Conditions, at: Moment) -> None:
        """Exchange them; twice is as it should be."""
        if self.references_only:
            now.swapped_references = not now.swapped_references
        else:
            now.swapped = not now.swapped


@dataclass(frozen=True, kw_only=True)
class FrontPanel(Change):
    """A hand at the front panel: what `command` sets is set once, when it begins."""

    instrument: str
    command: str

    def act(self, now: Conditions, at: Moment) -> None:
        """Do nothing: it is a deed and no condition."""


@dataclass(frozen=True, kw_only=True)
class Pressed(Change):
    """A hand at the press, which turns it until the stack pressure is `pressure_Pa`, once, when it begins."""

    pressure_Pa: float

    def act(self, now: Conditions, at: Moment) -> None:
        """Do nothing: it is a deed and no condition."""


_CONTACT_STREAM = 14


def total(acting: Iterable[tuple[Change, Moment]]) -> Conditions:
    """Return what all changes that hold at a moment come to."""
    now = Conditions()
    for change, at in acting:
        change.act(now, at)
    return now
