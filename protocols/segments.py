"""What the engine carries out, one after the other: the segments that `plan` makes of a protocol.

A step of the protocol may become many segments: a sodiation with spectra on the way becomes constant
current, rest, sweep, constant current and so on. Everything is in SI units. Current: positive charges
the cell. Voltages are those of the cell, between its positive and its negative terminal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

from solbench.protocols.costs import Cost, SoFar

Quantity = Literal["charge", "voltage_below", "voltage_above", "current_below", "time"]
LoopQuantity = Literal[
    "part_below", "charge_below", "voltage_below", "voltage_above", "time", "short", "steady"
]
Outcome = Literal["segment", "step", "cut_short"]


AT_LIMIT = 0.9  # of a current limit: from here on a voltage that is on its way may have to wait
SHORTED = 0.7  # of what a current drops in the electrolyte alone: less is a short circuit
ADDED = {"omitted": True}  # left out of the journal at its default: earlier versions did not have the field


@dataclass(frozen=True)
class LoopEnd:
    """What ends a loop before all its passes are made, in SI, with the text that the user wrote.

    `part_below`: the charge of the step at `path` is below this part of that in the first pass; `charge_below`: below
    this charge (C). `voltage_below`, `voltage_above` (V): a step of the pass left the cell there. `time` (s): since the
    loop began. `short` (ohm): a current drops less than this. `steady` (K): by its spectra the sample is so
    near to its temperature, where ln(R) goes with `slope_K` over T. All but `short` are looked at between passes.
    """

    quantity: LoopQuantity
    value: float
    text: str
    path: str = field(default="", metadata=ADDED)
    slope_K: float = field(default=0.0, metadata=ADDED)


@dataclass(frozen=True)
class Pass:
    """One pass of a loop that goes over a series or that may end early.

    `path` is the loop's; `instance` counts such loops as they are begun in the plan, so that a loop in a loop has
    another one each time; `number` counts the passes from 1, `of` are planned; `values` are those of the series in this
    pass, by name, as texts.
    """

    path: str
    instance: int
    number: int
    of: int
    values: Mapping[str, str] = field(default_factory=dict)
    ends: tuple[LoopEnd, ...] = ()


@dataclass(frozen=True)
class StepRef:
    """Which step of the protocol a segment belongs to.

    `index` counts executed steps from 0 in the order of the plan, each pass of a loop counted; `path` is the
    place in the protocol as the user wrote it (`steps.cycling.steps.charge`); `cycle` counts the passes of
    the innermost loop from 1. `passes` are those of the loops around it, the outermost first, that go over a series or
    may end early.
    """

    index: int
    name: str
    kind: str
    path: str
    cycle: int | None = None
    passes: tuple[Pass, ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True)
class End:
    """One end condition, in SI, with the text that the user wrote.

    `charge` is the magnitude passed since the step began (C), `current_below` a magnitude (A), `time` the
    time spent in segments of this kind since the step began (s). `outcome` says what follows: `segment`,
    the plan continues with the next segment; `step`, the step has ended by its own condition and its other
    segments are left out; `cut_short`, the run ends here and is not completed.
    """

    quantity: Quantity
    value: float
    text: str
    outcome: Outcome = "segment"


@dataclass(frozen=True)
class Record:
    """Which readings are stored: at least one in `every_s`, and one for each `voltage_change_V`."""

    every_s: float = 1.0
    voltage_change_V: float | None = None


@dataclass(frozen=True)
class Segment:
    """What all segments have."""

    step: StepRef

    @property
    def set_voltages_V(self) -> tuple[float, ...]:
        """Get the voltages (V) that it is to set by its own account."""
        return ()


@dataclass(frozen=True)
class Rest(Segment):
    """Open circuit until the voltage is steady or the time is over.

    It ends when at least `at_least_s` have passed and |dV/dt| over the last `slope_window_s` is below
    `slope_V_s` (None: by time alone), or at `at_most_s`.
    """

    at_least_s: float
    at_most_s: float
    slope_V_s: float | None = None
    slope_window_s: float = 60.0
    record: Record = field(default_factory=Record)


@dataclass(frozen=True)
class ConstantCurrent(Segment):
    """Constant current (A, positive charges the cell) until one of `ends` fires."""

    current_A: float
    ends: tuple[End, ...]
    record: Record = field(default_factory=Record)


@dataclass(frozen=True)
class ConstantVoltage(Segment):
    """Constant cell voltage (V) until one of `ends` fires, approached by no more than `current_limit_A`."""

    voltage_V: float
    ends: tuple[End, ...]
    current_limit_A: float
    record: Record = field(default_factory=Record)

    @property
    def set_voltages_V(self) -> tuple[float, ...]:
        """Get the voltage (V) that is held."""
        return (self.voltage_V,)


@dataclass(frozen=True)
class UnbrokenVoltage(ConstantVoltage):
    """A constant cell voltage whose current is one transient: interrupted, it is worth nothing."""


@dataclass(frozen=True)
class Direct:
    """What is set besides the alternating voltage or current of a spectrum, for `hold_s` before its first point.

    Either a `voltage_V`, with which no more than `limit_A` may flow, or a `current_A` (positive charges the cell).
    """

    voltage_V: float | None = None
    current_A: float = 0.0
    limit_A: float = 0.0
    hold_s: float = 0.0


class PointTiming(NamedTuple):
    """How a point is timed: for so long (s) whole periods are integrated, so long (s) the sine is on before that."""

    integration_s: float
    settling_s: float


@dataclass(frozen=True)
class Sweep(Segment):
    """One impedance spectrum, at the open-circuit voltage found just before, or under what is set besides.

    `frequencies_Hz` in the order of measurement; `amplitude_V` rms at the cell; with an `amplitude_A` above 0 that
    current (A rms) is set instead, or less where it drops more than `amplitude_V` in the cell; `integration_s` a
    point, at least one period; `spectrum` counts the spectra of the run from 1; `fraction` is the requested state as a
    fraction of the step's charge (None outside `spectra_at`); `instruments` says whether the 1287 holds the
    cell (`pair`) or the 1260 measures alone. A sweep whose Kramers-Kronig residual (relative, rms) is above
    `repeat_above` is measured again, at most `repeats` times, before the cell moves on. `role`: the state's own
    spectrum, the same once more (so that drift is seen and taken off), one with another amplitude (linearity), or
    one that was requested during the run. `direct`: the voltage or the current that is set besides, None for none.
    `timings`: how each point is timed, none where all are integrated for `integration_s` without a wait. A point is
    measured until two in turn agree `settled_within` (relative); one whose own residual is above `repeat_points_above`
    (relative) is measured again behind the sweep, at most `repeats` times. `begun_C` had passed before the run in the
    half-cycle that the step goes on with (C, positive charged the cell).
    """

    frequencies_Hz: tuple[float, ...]
    amplitude_V: float
    integration_s: float
    spectrum: int
    fraction: float | None = None
    instruments: Literal["pair", "1260"] = "pair"
    repeat_above: float | None = None
    repeats: int = 0
    role: Literal["spectrum", "again", "linearity", "asked"] = "spectrum"
    amplitude_A: float = field(default=0.0, metadata=ADDED)
    direct: Direct | None = field(default=None, metadata=ADDED)
    timings: tuple[PointTiming, ...] = field(default=(), metadata=ADDED)
    settled_within: float | None = field(default=None, metadata=ADDED)
    repeat_points_above: float | None = field(default=None, metadata=ADDED)
    begun_C: float = field(default=0.0, metadata=ADDED)

    @property
    def set_voltages_V(self) -> tuple[float, ...]:
        """Get the voltage (V) that is set besides, if there is one."""
        direct = self.direct
        return (direct.voltage_V,) if direct is not None and direct.voltage_V is not None else ()

    def timing(self, place: int) -> PointTiming:
        """Return how the point at a place in `frequencies_Hz` is timed."""
        return self.timings[place] if self.timings else PointTiming(self.integration_s, 0.0)


@dataclass(frozen=True)
class Polarization(Segment):
    """DC polarization: zero, baseline at 0 V, then `voltage_V` until steady or `at_most_s`.

    Steady: |dI/dt| x `slope_span_s`, plus two standard errors, stays below `slope_fraction` of |I| (practice:
    1 % in 600 s). `both_signs` adds the same with the opposite sign. `inrush_A` is the current (A) that is to be
    expected at first, 0 where it is not known.
    """

    voltage_V: float
    baseline_s: float
    at_most_s: float
    slope_fraction: float = 0.01
    slope_span_s: float = 600.0
    both_signs: bool = False
    record: Record = field(default_factory=Record)
    inrush_A: float = field(default=0.0, metadata=ADDED)

    @property
    def set_voltages_V(self) -> tuple[float, ...]:
        """Get the voltage (V) of the polarization."""
        return (self.voltage_V,)


@dataclass(frozen=True)
class Prompt(Segment):
    """A person is asked to confirm `text`; after `time_out_s` (None: never) the run goes on, or ends uncompleted.

    `temperature_K` and `stack_pressure_Pa` are those of the cell from then on, None where they stay as they are. Where
    a gauge shows the pressure, nobody is needed once it is within `pressure_within_Pa` (Pa) for `pressure_steady_s`
    (s), and who confirms earlier is asked again; None: a person's word is enough.
    """

    text: str
    time_out_s: float | None = None
    goes_on: bool = False
    record: Record = field(default_factory=Record)
    temperature_K: float | None = None
    stack_pressure_Pa: float | None = None
    pressure_within_Pa: float | None = field(default=None, metadata=ADDED)
    pressure_steady_s: float = field(default=60.0, metadata=ADDED)


@dataclass(frozen=True)
class Condition(Prompt):
    """The chamber is brought to `temperature_K` at `ramp_K_s` (K/s), and awaited until it is steady.

    Steady: its own sensor shows the temperature within `within_K` (K) for `steady_s` (s), and a sensor at the cell
    changes by no more in that time. A person is asked where the bench has no chamber.
    """

    ramp_K_s: float = 1.0 / 60.0
    within_K: float = 0.5
    steady_s: float = 600.0


@dataclass(frozen=True)
class Scan(Segment):
    """The voltage runs from level to level (V) at a constant rate (V/s, above zero).

    In steps of `step_V` (V) it is a staircase, each step as long as the rate says. `current_limit_A` chooses the range,
    and the sweep ends where the current exceeds it.
    """

    levels_V: tuple[float, ...]
    rate_V_s: float
    current_limit_A: float
    step_V: float | None = None
    record: Record = field(default_factory=Record)

    @property
    def set_voltages_V(self) -> tuple[float, ...]:
        """Get the levels (V)."""
        return self.levels_V

    @property
    def duration_s(self) -> float:
        """Get how long it takes from the first level to the last (s)."""
        way_V = sum(abs(after - before) for before, after in pairwise(self.levels_V))
        return way_V / self.rate_V_s + (0.0 if self.step_V is None else self.step_V / self.rate_V_s)


@dataclass(frozen=True)
class LinearScan(Scan):
    """From one level to another."""


@dataclass(frozen=True)
class CyclicScan(Scan):
    """Over vertices, and back."""


@runtime_checkable
class _WithEnds(Protocol):
    @property
    def ends(self) -> tuple[End, ...]: ...


@runtime_checkable
class _WithRecord(Protocol):
    @property
    def record(self) -> Record: ...


def ends_of(segment: Segment) -> tuple[End, ...]:
    """Return the end conditions of a segment, none where its technique knows alone when it is over."""
    return segment.ends if isinstance(segment, _WithEnds) else ()


def record_of(segment: Segment) -> Record:
    """Return which readings of a segment are stored; the usual ones where its kind leaves no choice."""
    return segment.record if isinstance(segment, _WithRecord) else Record()


G = TypeVar("G", bound=Segment)


def sets_no_current(segment: Segment) -> None:
    """Return that a segment sets no current."""
    return


@dataclass(frozen=True)
class SegmentKind(Generic[G]):
    """What the program knows of a kind of segment; techniques and exports are tables of their own rooms.

    `words` is what people call it. `holds` says what is held, or driven along a ramp, until one of its ends fires:
    its end is that of the step; None where the technique knows alone when it is over. `current_A` returns the
    current that it sets (A, positive charges the cell), None where it sets none. `cost` estimates time and space.
    `refuses_spectrum` says why it is not suspended for an on-demand spectrum, "" where it is. `resumed` says what
    a resumed run does with one that was interrupted: continue it, with its time and charge counted on, carry
    it out again from its beginning, or end there, for the reason `refuses_resume`, if the cell was driven already.
    """

    segment: type[G]
    words: str
    holds: Literal["current", "voltage"] | None
    cost: Callable[[G, SoFar], Cost]
    refuses_spectrum: str
    resumed: Literal["continued", "repeated", "refused"]
    current_A: Callable[[G], float | None] = sets_no_current
    refuses_resume: str = ""

    def __post_init__(self) -> None:
        if (self.resumed == "refused") != bool(self.refuses_resume):
            raise TypeError(
                f"{self.name}: `refuses_resume` says why it is not carried out again, where it is not"
            )
        if (self.holds == "current") == (self.current_A is sets_no_current):
            raise TypeError(
                f"{self.name}: `current_A` says which current it holds, and belongs to no other kind"
            )

    @property
    def name(self) -> str:
        """Get the name that the journal has for it."""
        return self.segment.__name__


AnySegmentKind = SegmentKind[Any]
