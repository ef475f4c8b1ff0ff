"""The Keithley 2400 as a bench for direct current, by itself or beside a 1260.

HI is on the cell's positive terminal, so its signs are the bench's. Two things are as on no potentiostat:

* **With its output off it loads the cell, unless its off state is HIMP.** That is set before anything else, and `*RST`,
  which takes it back, is never sent. A 2450 has an off state for each source (its manual, Output-off state), so it is
  set with each choice of one. What hands or other programs left, and `*RST` would clear, is set one by one where it
  changes what is read or when (`_set_up`). Which terminals are in use, front or rear, is left as it is.
* **With its output off it reads nothing.** A cell at rest is read with a source of 0 A on the smallest range, which
  is connected for each reading and no longer. So the ammeter's zero is known on that range alone.
"""

import math
import re
from collections.abc import Callable

from solbench.drivers.clock import Clock
from solbench.drivers.errors import (
    BadReply,
    DriverError,
    InstrumentError,
    NotSafe,
    OtherIdentity,
    OutOfOrder,
    OutOfRange,
    SettingsChanged,
)
from solbench.drivers.keithley.commands2400 import Commands2400
from solbench.drivers.keithley.ranges import RANGES_2400
from solbench.drivers.keithley.settings import Settings2400
from solbench.drivers.links.commands import same_value
from solbench.drivers.links.link import Link
from solbench.drivers.links.numbers import number
from solbench.drivers.links.wait import Wait
from solbench.drivers.roles import BenchInstrument, ForcedOff, Reading, SafetyReport
from solbench.drivers.solartron.ranges import CurrentRange
from solbench.drivers.solartron.solartron1260 import Solartron1260

CURE = "Check its power, its address, and on a 2450 that its command set is SCPI 2400"
BY_HAND = "Press OUTPUT ON/OFF on the Keithley; its light goes out"
ROOM = 1.05  # a range goes to 105 % (manual, specification)
LIMIT = 1.04  # of a range: a current that is limited is still read, with its sign
HELD_RANGE_V = 20.0
OVERFLOWS = 9e37
# 9.91e37 is what was neither sourced nor measured (manual, FORMat:ELEMents), and what was over range as well (manual,
# Maximum readings): STAT tells which
NO_NUMBER = 9.905e37
CERTAIN = 0.01  # of a range: a smaller reading has the sign of its noise or of the zero
OVER_RANGE, COMPLIANCE = 1, 8 | 65536  # bits of STAT; a limit is the one that was set, or that of the range
QUEUE = 10  # errors that its queue holds (manual, SYSTem:ERRor)
OVERFLOW = -350  # in the last place of a queue that was full: what came later is lost (SCPI)
LOOKS = 3  # how often its errors are looked for where others fill the queue
FILLED = (
    "Something else on the bus fills its list of errors, and it cannot say whether it takes its settings: end other "
    "programs that read from it, and check that no other instrument has its address"
)
OF_A_QUERY = range(-499, -399)  # an answer was lost, or it had none to give: no command was refused (SCPI)
MEASURED_V, MEASURED_A = 2048, 4096  # bits of STAT; what was not measured is shown as the source was set
NUMBER = r"([+-][0-9](?:\.[0-9]{1,7})?E[+-][0-9]{2})"
LINE = re.compile(f"{NUMBER},{NUMBER},{NUMBER}")
LINE_FORM = "voltage, current and status, both measured, +n.nnnnnnE+nn,+n.nnnnnnE+nn,+n.nnnnnnE+nn"
READ_BACK = (
    ":OUTP:SMOD ",
    ":SOUR:FUNC ",
    ":SOUR:CURR:RANG ",
    ":SOUR:VOLT:RANG ",
    ":SENS:CURR:PROT ",
    ":SENS:VOLT:PROT ",
    ":SYST:RSEN ",
    ":SENS:AVER ",
)


class Keithley2400(Commands2400):
    """Driver of one 2400 on an open `link`; `settings` describe the unit."""

    model = "Keithley 2400"
    read_back = READ_BACK

    def __init__(self, link: Link, settings: Settings2400 | None = None) -> None:
        super().__init__(link)
        self.settings = settings or Settings2400()
        link.clears_before = frozenset({":OUTP 0"})
        self._range: CurrentRange | None = None
        self._prepared = ""
        self._voltage_V = 0.0
        self._is_on: bool | None = None
        self._is_idle = False
        self._nplc = math.nan
        self._unchecked = ""
        self._shown_V = self._shown_A = 0.0

    # recoverable

    @property
    def instruments(self) -> tuple[BenchInstrument, ...]:
        """Get the one instrument."""
        return (self,)

    def identity(self) -> str:
        """Return the answer to `*IDN?`; raises OtherIdentity when it is another instrument's."""
        text, wanted = self.identification, self.settings.identity_contains
        if wanted not in text:
            raise OtherIdentity(self.name, text, wanted)
        return text

    def last_error(self) -> int:
        """Return the code of the oldest refusal of a command, 0 for none; it is forgotten, and what came before it."""
        code, _ = self._refusal()
        return 0 if code == OVERFLOW else code

    def check_errors(self, set_again: Callable[[], None]) -> None:
        """Raise InstrumentError when a command since the last look was refused; all errors are forgotten.

        `set_again` sends what was set since then anew, for where the queue was full: a refusal may have found no place
        in it, and comes again.
        """
        command, self._unchecked = self._unchecked or self.link.last_command, ""
        text = ""
        for _ in range(LOOKS):
            code, text = self._refusal()
            if not code:
                return
            self.link.write("*CLS")
            if code != OVERFLOW:
                raise InstrumentError(code, text, command, self.name)
            self._nplc = math.nan
            set_again()
        raise InstrumentError(OVERFLOW, text, command, self.name, FILLED)

    def initialise(self) -> None:
        """Have an output that is off be open, open the cell, and set the meters up; the cell stays off."""
        self.off_state = "open"
        self._open()
        self.link.write("*CLS")
        self._range, self._prepared, self._nplc, self._unchecked = None, "", math.nan, ""
        self._set_up()
        self.check_errors(self._set_up)
        self.link.was_cleared = False

    def reconnect(self, within_s: float = 0.0) -> None:
        """Open a broken connection anew within `within_s` of the clock (s), and the cell at once."""
        self.link.reconnect(within_s)
        self.off_state = "open"
        self._open()
        self._prepared = ""

    def agrees(self, code: str, was: str, now: str) -> bool:
        """Return whether an answer agrees; a range answers with its full scale or 105 % of it (manual, defaults)."""
        ranged = code.endswith(":RANG ") and same_value(f"{ROOM * number(was):.6E}", now)
        return ranged or super().agrees(code, was, now)

    def verify_settings(self) -> None:
        """Compare what it is set to with what was set; raises SettingsChanged, NoReply."""
        if changes := self.changed_settings():
            raise SettingsChanged(changes)

    # meter

    @property
    def conversion_s(self) -> float:
        """Get the time of one full reading, in s."""
        return self._window_s(self.settings.nplc)

    @property
    def range_index(self) -> int:
        """Get the range on which a current would be read now, 1 for 1 A; raises OutOfOrder before there is one.

        A cell that is off is read on the range of the 0 A source, whatever is prepared: what the ammeter shows
        then is the zero of that range and of no other.
        """
        prepared = self._require_range()
        if self._is_on is False:
            return RANGES_2400.smallest(self.settings.idle_range_A).index
        return prepared.index

    @property
    def voltage_step_V(self) -> float:
        """Get 0: a voltage is set more finely than anything seen of a cell."""
        return 0.0

    @property
    def full_scale_A(self) -> float:
        """Get the full scale of the prepared current range, in A; raises OutOfOrder before there is one."""
        return self._require_range().full_scale_A

    def full_scale_of(self, range_index: int) -> float:
        """Return the full scale of a range, in A; raises OutOfRange."""
        return RANGES_2400.of_index(range_index).full_scale_A

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current together; a cell that is off is connected to 0 A for as long as it takes."""
        nplc = self.settings.fast_nplc if fast else self.settings.nplc
        if nplc != self._nplc:
            self.current_nplc = nplc
            self.voltage_nplc = nplc
            self._nplc = nplc
        if self._is_on is not False:
            reading = self._read(nplc)
            if command := self._unchecked:
                self.check_errors(lambda: self.link.write(command))
            return reading
        if not self._is_idle:
            self._idle()
        if (function := self.function) != "current":  # one that was switched off and on would hold 0 V
            self._is_idle = False
            raise SettingsChanged({f"{self.name} :SOUR:FUNC": f"CURR was set, {function} is read back"})
        try:
            self.output = True
            return self._read(nplc)
        finally:
            self.output = False

    # sources

    def prepare_current(self, largest_A: float) -> None:
        """Choose a current and the smallest range for `largest_A` (A); nothing is sent before `on`."""
        chosen = RANGES_2400.smallest(largest_A, self.settings.range_headroom)
        self._prepare("current", chosen)

    def set_current(self, current_A: float) -> None:
        """Set the current (A); raises OutOfRange beyond the range, OutOfOrder before it holds one."""
        if self._prepared != "current":
            raise OutOfOrder("the 2400 holds no current: call prepare_current first")
        if not abs(current_A) <= self.full_scale_A:
            raise OutOfRange("current_A", current_A, "A", f"up to {self.full_scale_A:g} A on this range")
        if self._is_on is False:
            raise OutOfOrder("a current is set while the cell is on: call on() first")
        self.current_A = current_A
        self._unchecked = self.link.last_command

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose a voltage (V) and the smallest range for `largest_A` (A); nothing is sent before `on`."""
        chosen = RANGES_2400.smallest(largest_A, self.settings.range_headroom)
        self._prepare_voltage(voltage_V, chosen)

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage (V), at once where the cell is on; raises OutOfRange, OutOfOrder."""
        if self._prepared != "voltage":
            raise OutOfOrder("the 2400 holds no voltage: call prepare_voltage first")
        self._voltage_V = self._checked_V(voltage_V)
        if self._is_on is not False:
            self.voltage_V = voltage_V
            self._unchecked = self.link.last_command

    def on(self) -> None:
        """Set what was prepared, and connect the cell; raises OutOfOrder before something was prepared."""
        if not self._prepared:
            raise OutOfOrder("nothing is prepared: prepare a current or a voltage before on()")
        if self._is_on is not False:
            raise OutOfOrder("the cell may be on already: call off() first")
        self._is_idle = False
        self._set_prepared()
        self.check_errors(self._set_prepared)
        self._shown_V = self._shown_A = 0.0
        self._is_on = None
        self.output = True
        self._is_on = True

    def off(self) -> float:
        """Disconnect the cell, and be ready to read it at 0 A; safe to repeat in any state.

        Return when it was disconnected (clock's time, s).
        """
        self._open()
        ended_s = self.link.clock.now()
        self.off_state = "open"  # one that was switched off and on meanwhile would load the cell
        if not self._is_idle:
            self._idle()
        return ended_s

    # polarization

    @property
    def probe_range_index(self) -> int:
        """Get the range for an inrush that is larger than those of a polarization."""
        return self.settings.probe_range

    @property
    def polarization_ranges(self) -> tuple[int, ...]:
        """Get the ranges of a DC polarization, from the one of the inrush to the smallest."""
        return self.settings.polarization_ranges

    def prepare_polarization(self, voltage_V: float, range_index: int) -> None:
        """Prepare a voltage (V) on this range; the cell stays off."""
        self._prepare_voltage(voltage_V, RANGES_2400.of_index(range_index))

    def change_range(self, range_index: int) -> None:
        """Go to another current range and keep what is prepared; raises OutOfOrder unless the cell is off."""
        chosen = RANGES_2400.of_index(range_index)
        self._require_off()
        self._range = chosen

    # safe state

    def force_off(self) -> ForcedOff:
        """Switch the output off, have it be open, and off again; raises no DriverError and verifies nothing."""
        self._is_on, self._prepared, self._is_idle, self._unchecked = None, "", False, ""
        off_s: float | None = None
        problems = []
        steps: tuple[Callable[[], None], ...] = (self._switch_off, self._be_open, self._switch_off)
        for step in steps:
            try:
                step()
                if off_s is None and step == self._switch_off:
                    off_s = self.link.clock.now()
            except DriverError as problem:
                problems.append(str(problem))
        return ForcedOff(off_s, "; ".join(problems))

    def make_safe(self, clock: Clock | None = None) -> SafetyReport:
        """Open the cell by all means, and have the 2400 say that its output is off and open; raises NotSafe."""
        before, self.link.clock = self.link.clock, clock or self.link.clock
        try:
            problem = self.force_off().problem
            for _ in range(2):
                if self.output:
                    raise NotSafe("the 2400 says that its output is on", BY_HAND)
            if (state := self.off_state) != "open":
                raise NotSafe(f"the 2400 loads the cell while its output is off (off state {state})", BY_HAND)
        except NotSafe:
            raise
        except DriverError as error:
            raise NotSafe(f"the 2400 does not show the cell disconnected ({error.what})", BY_HAND) from error
        finally:
            self.link.clock = before
        self._is_on = False
        return SafetyReport(0.0, {self.name: problem} if problem else {})

    # parts

    def _require_range(self) -> CurrentRange:
        if self._range is None:
            raise OutOfOrder("the 2400 has no range yet: prepare a current or a voltage first")
        return self._range

    def _require_off(self) -> None:
        if self._is_on is not False:
            raise OutOfOrder("mode and range of the 2400 may only change with the cell off: call off() first")

    def _prepare(self, function: str, chosen: CurrentRange) -> None:
        self._require_off()
        self._range, self._prepared = chosen, function

    def _prepare_voltage(self, voltage_V: float, chosen: CurrentRange) -> None:
        checked_V = self._checked_V(voltage_V)
        self._prepare("voltage", chosen)
        self._voltage_V = checked_V

    def _checked_V(self, voltage_V: float) -> float:
        if not abs(voltage_V) <= HELD_RANGE_V:
            raise OutOfRange("voltage_V", voltage_V, "V", f"up to {HELD_RANGE_V:g} V")
        return voltage_V

    def _set_prepared(self) -> None:
        """Set what `on` connects the cell with."""
        if self._prepared == "current":
            self._hold_current(self.full_scale_A)
        else:
            self._hold_voltage(self.full_scale_A)

    def _hold_voltage(self, range_A: float) -> None:
        """Set the prepared voltage, and the range of the current (A); the output is off."""
        self._choose("voltage")
        self.voltage_range_V = HELD_RANGE_V
        self.voltage_V = self._voltage_V
        # no limit is below 0.1 % of the ammeter's range, and no range above that of the limit (manual,
        # Set compliance parameters; Select measurement range): by the largest, each is reached from each
        self.current_limit_A = LIMIT * RANGES_2400.of_index(1).full_scale_A
        self.ammeter_range_A = range_A
        self.current_limit_A = LIMIT * range_A

    def _hold_current(self, range_A: float) -> None:
        """Set a current of 0 A on a range; the output is off."""
        self._choose("current")
        self.current_A = 0.0  # which fits any range
        self.current_range_A = range_A
        self.voltage_limit_V = self.settings.compliance_V
        self.voltmeter_range_V = self.settings.compliance_V

    def _choose(self, function: str) -> None:
        """Choose what is sourced, and have its output be open when it is off."""
        self.function = function
        self.off_state = "open"

    def _set_up(self) -> None:
        """Set what is the same in each reading, whatever hands or other programs left, and be ready to read a cell."""
        self.output_switches_itself = False
        self.reading_coding = "text"
        self.reading_form = "voltage, current, status"
        self.both_at_once = True
        self.not_measured = "resistance"
        self.measured = "voltage and current"
        self._read_once()
        self.four_wires = self.settings.four_wires
        self._choose("voltage")
        self._idle()

    def _read_once(self) -> None:
        """Have `:READ?` take one reading at once, of now, with a zero of now, and sweep nothing."""
        self.filter_of_readings = False
        self.zero_of_readings = "each anew"
        self.source_delay_by_range = True
        self.trigger_delay_s = 0.0
        self.armed_by = self.triggered_by = "itself"
        self.triggers_per_arming = self.readings_per_trigger = 1
        self.current_course = self.voltage_course = "fixed"

    def _idle(self) -> None:
        self._hold_current(self.settings.idle_range_A)
        self._is_idle = True

    def _open(self) -> None:
        self._is_on = None
        self._switch_off()
        self._is_on = False

    def _switch_off(self) -> None:
        self.output = False

    def _be_open(self) -> None:
        self.off_state = "open"

    def _window_s(self, nplc: float) -> float:
        return self.settings.conversions * nplc / self.settings.mains_Hz

    def _read(self, nplc: float) -> Reading:
        window_s, longest_s = self._window_s(nplc), self.settings.reading_timeout_s
        wait = Wait(window_s, window_s + longest_s / 3.0, window_s + longest_s)
        voltage_V, current_A, status, line = self.link.ask(":READ?", _parse, LINE_FORM, wait)
        told = []
        if status & OVER_RANGE or max(abs(voltage_V), abs(current_A)) > OVERFLOWS:
            told.append(f"{'current' if abs(current_A) > OVERFLOWS else 'voltage'}: over range")
        if status & COMPLIANCE:  # what is not held has come to its limit
            told.append(
                f"{'voltage' if self._is_idle or self._prepared == 'current' else 'current'}: limit reached"
            )
        asked_s = self.link.asked_s
        self._shown_V = _or_end(voltage_V, self._shown_V, lambda: HELD_RANGE_V)
        self._shown_A = _or_end(current_A, self._shown_A, self._ammeter_A)
        return Reading(asked_s + 0.5 * window_s, self._shown_V, self._shown_A, ", ".join(told), line)

    def _ammeter_A(self) -> float:
        """Return the range on which a current overflowed: others on the bus may have changed it."""
        is_limit = self._is_on is not False and self._prepared == "voltage"
        shown_A = self.ammeter_range_A if is_limit else self.current_range_A  # 105 % of it, perhaps
        return RANGES_2400.smallest(0.999 * shown_A / ROOM).full_scale_A

    def _refusal(self) -> tuple[int, str]:
        """Return the oldest refusal of a command (code, text), 0 for none, OVERFLOW where one may have been lost."""
        for _ in range(QUEUE):
            code, text = self._error()
            if code not in OF_A_QUERY:
                return code, text
        return OVERFLOW, "full"

    def _error(self) -> tuple[int, str]:
        code, _, text = self.next_error.partition(",")
        try:
            return int(code), text.strip().strip('"')
        except ValueError:
            raise BadReply(self.name, ":SYST:ERR?", code, "a whole number and a text") from None


def _or_end(shown: float, before: float, full: Callable[[], float]) -> float:
    """Return the end of the range for what stands for more than it holds.

    A minus is believed. A plus may stand for either sign: the reading before decides where it has one for certain.
    """
    if abs(shown) <= OVERFLOWS:
        return shown
    end = ROOM * full()
    return math.copysign(end, before if shown > 0.0 and abs(before) > CERTAIN * end else shown)


def _parse(line: str) -> tuple[float, float, int, str]:
    """Return voltage (V), current (A), status, and the line; raises ValueError, also where one was not measured."""
    found = LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(line)
    voltage_V, current_A, stat = (float(one) for one in found.groups())
    status = int(stat)
    measured = status & (MEASURED_V | MEASURED_A)
    for value, bit in ((voltage_V, MEASURED_V), (current_A, MEASURED_A)):
        if not measured & bit and (measured or abs(value) > NO_NUMBER):
            raise ValueError(line)
    return voltage_V, current_A, status, line


class Keithley2400With1260(Keithley2400):
    """A 2400 for direct currents, and a 1260 that measures the same sample by itself: never both at a time."""

    def __init__(self, link: Link, fra: Solartron1260, settings: Settings2400 | None = None) -> None:
        super().__init__(link, settings)
        self.fra = fra

    @property
    def instruments(self) -> tuple[BenchInstrument, ...]:
        """Get both instruments, the one that switches the cell first."""
        return (self, self.fra)

    def initialise(self) -> None:
        """Open the cell, set both up, the generator at zero; the cell stays off."""
        super().initialise()
        self.fra.initialise()

    def reconnect(self, within_s: float = 0.0) -> None:
        """Open broken connections anew, trying for `within_s` of the clock (s), and open the cell at once."""
        super().reconnect(within_s)
        self.fra.link.reconnect(within_s)
        self.fra.force_off()

    def verify_settings(self) -> None:
        """Compare what both are set to with what was set; raises SettingsChanged, NoReply."""
        if changes := self.changed_settings() | self.fra.changed_settings():
            raise SettingsChanged(changes)

    def on(self) -> None:
        """Connect the cell with what was prepared, after the generator was read back as zero."""
        self.fra.confirm_generator_off()
        super().on()

    def make_safe(self, clock: Clock | None = None) -> SafetyReport:
        """Open the cell by all means and verify it, then stop the generator; raises NotSafe.

        The 2400 never waits for the 1260: what is wrong with that is in the report.
        """
        link = self.fra.link
        before, link.clock = link.clock, clock or link.clock
        try:
            problem = ""
            try:
                report = super().make_safe(clock)
            finally:
                problem = self.fra.force_off()
        finally:
            link.clock = before
        found = {self.fra.name: problem} if problem else {}
        return SafetyReport(report.current_A, {**report.problems, **found})
