"""The SRS EC301: potentiostat, galvanostat and the meter of the cell; it says whether its relay is closed.

The methods speak the bench's sign: volts between the cell's positive and negative terminal, amperes positive when they
charge the cell. The conversion happens here and nowhere else.
"""

import math
from collections.abc import Callable

from solbench.drivers.clock import sleep
from solbench.drivers.errors import (
    DriverError,
    InstrumentError,
    NoReply,
    NotSafe,
    OtherIdentity,
    OutOfOrder,
    OutOfRange,
)
from solbench.drivers.links.commands import Measurement
from solbench.drivers.links.link import Link
from solbench.drivers.links.wait import Wait
from solbench.drivers.roles import ForcedOff, Reading
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.ranges import CurrentRange
from solbench.drivers.srs.commands_ec301 import CommandsEc301
from solbench.drivers.srs.ranges import RANGES_EC301
from solbench.drivers.srs.settings import SettingsEc301

CURE = "Check its power, its address, and that no other program talks to it"
BY_HAND = "Press the switch CELL ENABLE at the front of the EC301 out; its light goes out"
OFF = "ceenab 0"
VOLTAGE_STEP_V = 1e-3  # `setvol` takes whole millivolts
# What may only change while the cell is disconnected and the analyzer's generator is at zero.
SWITCHED_OFF_ONLY = frozenset(
    {"*RST", "ecmode ", "irange ", "irnaut ", "clbwth ", "addscn ", "dcntrl ", "brenab ", "bireje "}
)
READ_BACK = (
    "ecmode,ceenab,setvol,irange,irnaut,clbwth,celimt,celimv,addscn,dcntrl,eadcrg,avgexp,brenab,bireje"
)
ADC_RANGES_V = (2.0, 5.0, 15.0)
AT_THE_END = 0.999  # of the converter's range
MISSES_OF_RANGE = 0.02  # a set current that is missed by so much of the range is asked after
EVENTS = {32: "it does not know the command", 16: "it cannot carry the command out", 8: "an error of its own"}
VERIFYING_READINGS, IN_TURN = 6, 2
RELAY_EVERY_S = 0.02
STAYS_OPEN = "the relay does not close: is the switch CELL ENABLE at its front in?"


class Ec301(CommandsEc301):
    """Driver of the EC301; `link` is open, `settings` describe the unit.

    `interlock` is called before anything that needs the generator at zero: with a 1260 at the external input it is that
    driver's `require_generator_off`. `corrections`: the zeros of its meters are taken off every reading.
    """

    model = "SRS EC301"
    read_back = tuple(f"{code} " for code in READ_BACK.split(","))

    def __init__(
        self,
        link: Link,
        settings: SettingsEc301 | None = None,
        interlock: Callable[[], None] = lambda: None,
        corrections: Corrections | None = None,
    ) -> None:
        super().__init__(link)
        corrections = corrections or Corrections()
        self._zero_V = corrections.zero_V
        self._zeros_A = {one.index: one.zero_A for one in corrections.ranges}
        self.settings = settings = settings or SettingsEc301()
        link.clears_before = frozenset({OFF})
        self.interlock = interlock
        # a cathodic current leaves the cell at WE: it discharges a cell whose positive terminal is there
        self._sign_V = 1.0 if settings.positive_terminal == "we_re2" else -1.0
        self._sign_A = -self._sign_V
        self._is_on: bool | None = None
        self._is_galvanostat = False
        self._is_prepared = False
        self._was_reset = False
        self._was_not_seen_off = False
        self._range: CurrentRange | None = None
        self._set_A = 0.0
        self._averaging: int | None = None
        self._unchecked = ""

    @property
    def voltage_step_V(self) -> float:
        """Get the whole steps in which a voltage is set, in V."""
        return VOLTAGE_STEP_V

    @property
    def is_on(self) -> bool | None:
        """Get whether the cell was switched on; None while that is not known."""
        return self._is_on

    @property
    def full_conversion_s(self) -> float:
        """Get the time of one full conversion, in s."""
        return self._window_s(self.settings.averaging)

    @property
    def range(self) -> CurrentRange:
        """Get the current range that this driver set; raises OutOfOrder before there is one."""
        if self._range is None:
            raise OutOfOrder("the EC301 has no current range yet: prepare a current or a voltage first")
        return self._range

    def before_set(self, code: str, argument: str) -> None:
        """Refuse what may only change while nothing drives the cell; raises OutOfOrder."""
        if code in SWITCHED_OFF_ONLY:
            if self._is_on is not False:
                raise OutOfOrder(
                    f"{code.strip()} of the EC301 may only change with the cell off: call off() first"
                )
            self.interlock()
            self._is_prepared = False
        if code == "ceenab ":
            if argument != "0":
                self._require_prepared()
            self._is_on = None
        elif code == "irange ":
            self._range = None
        elif code == "avgexp ":
            self._averaging = None

    # recoverable

    def initialise(self) -> None:
        """Open the cell, reset (once in the life of this driver), set up the meters; the cell stays off."""
        self.off()
        if not self._was_reset:
            self.before_set("*RST", "")
            self.link.write("*RST")
            self.was_set.clear()
            self._range, self._averaging = None, None
            sleep(self.link.clock, self.settings.reset_s)
            self._was_reset = True
        self.link.write("*CLS")
        self._unchecked = ""
        self._set_up()
        self.check_errors()
        self.link.was_cleared = False

    def identity(self) -> str:
        """Return the answer to `*IDN?`; raises OtherIdentity when it is another instrument's."""
        text = self.identification
        wanted = self.settings.identity_contains
        if wanted not in text:
            raise OtherIdentity(self.name, text, wanted)
        return text

    def last_error(self) -> int:
        """Return the bits of the event register that are errors, 0 for none."""
        return self.events & sum(EVENTS)

    def check_errors(self) -> None:
        """Raise InstrumentError when a command since the last look was refused."""
        command = self._unchecked or self.link.last_command
        self._unchecked = ""
        if code := self.last_error():
            words = ", ".join(text for bit, text in EVENTS.items() if code & bit)
            raise InstrumentError(code, words, command, self.name)

    def reconnect(self, within_s: float) -> None:
        """Open a broken connection anew within `within_s` of the clock (s), and the cell at once."""
        self.link.reconnect(within_s)
        self._free()
        self.off()
        self._is_prepared = False

    # meter

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current once, one right after the other (bench sign, V and A).

        Raises BadReply, NoReply, BusError, and InstrumentError when a setting before it was refused.
        """
        self._average(self.settings.fast_averaging if fast else self.settings.averaging)
        window_s = self._window_s(self._averaging or 0)
        try:
            own_V, asked_s = self._level(CommandsEc301.voltage_V, window_s)
            own_A, _ = self._level(CommandsEc301.current_A, window_s)
        except NoReply:
            self._free()  # an answer that nobody read may stand in the way of every other
            own_V, asked_s = self._level(CommandsEc301.voltage_V, window_s)
            own_A, _ = self._level(CommandsEc301.current_A, window_s)
        if self._unchecked:
            self.check_errors()
        zero_A = self._zeros_A.get(self._range.index, 0.0) if self._range is not None else 0.0
        current_A = (own_A - zero_A) * self._sign_A
        overload = self._overload(own_V, own_A, current_A)
        text = f"{own_V:+.6E},{own_A:+.6E}"
        voltage_V = (own_V - self._zero_V) * self._sign_V
        return Reading(asked_s + 0.5 * window_s, voltage_V, current_A, overload, text)

    def look(self) -> tuple[bool, Reading]:
        """Return whether the relay is closed, and what the meters show; nothing is switched."""
        return self.is_connected, self.measure()

    # sources

    def prepare_current(self, largest_A: float) -> None:
        """Choose galvanostat and range for currents up to `largest_A` (A), set zero; the cell stays off."""
        chosen = RANGES_EC301.smallest(largest_A, self.settings.range_headroom)
        self.prepare_zero_current(chosen.index, self.settings.bandwidth)

    def prepare_zero_current(self, range_index: int, bandwidth: int) -> None:
        """Choose galvanostat, range and loop, set zero; the cell stays off."""
        self._choose("galvanostat", range_index, bandwidth)
        self._set_A = 0.0
        self.current_of_range = 0.0
        self.check_errors()
        self._is_prepared = True

    def set_current(self, current_A: float) -> None:
        """Set the current (A, positive charges the cell); a refusal is raised by the next reading.

        Raises OutOfRange beyond the range, OutOfOrder out of galvanostat.
        """
        if not self._is_galvanostat:
            raise OutOfOrder("the EC301 holds no current: call prepare_current first")
        full_scale_A = self.range.full_scale_A
        if not abs(current_A) <= full_scale_A:
            raise OutOfRange(
                "current_A", current_A, "A", f"up to {full_scale_A:g} A on range {self.range.index}"
            )
        self.current_of_range = current_A * self._sign_A / full_scale_A
        self._set_A = current_A
        self._unchecked = self.link.last_command

    def prepare_voltage(self, voltage_V: float, range_index: int, bandwidth: int) -> None:
        """Choose potentiostat, range and loop; set the voltage that `on` will apply (V), to the next millivolt."""
        self._choose("potentiostat", range_index, bandwidth)
        self.set_voltage(voltage_V)
        self.check_errors()
        self._is_prepared = True

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage (V), to the next millivolt; raises OutOfRange, and OutOfOrder out of potentiostat."""
        if self._is_galvanostat:
            raise OutOfOrder("the EC301 holds a current: call prepare_voltage first")
        self.potential_mV = self._millivolts(voltage_V)
        self._unchecked = self.link.last_command

    def set_range(self, index: int) -> None:
        """Set the current range, 1 to 10, with the cell off; what was prepared stays so.

        Raises OutOfRange, OutOfOrder.
        """
        chosen, was_prepared = RANGES_EC301.of_index(index), self._is_prepared
        self.range_index = index
        self._range = chosen
        self._is_prepared = was_prepared

    def add_external(self, *, added: bool) -> None:
        """Have the external input added, or not, with the cell off; what was prepared stays so."""
        was_prepared = self._is_prepared
        self.external_added = added
        self._is_prepared = was_prepared

    def reject_bias(self, voltage_V: float | None) -> None:
        """Take a voltage (V) off the front outputs, None takes nothing off; what was prepared stays so."""
        was_prepared = self._is_prepared
        if voltage_V is not None:
            self.voltage_bias_mV = self._millivolts(voltage_V)
        self.bias_rejection = voltage_V is not None
        self._is_prepared = was_prepared

    def on(self) -> None:
        """Connect the cell; raises OutOfOrder before a current or a voltage was prepared.

        Raises InstrumentError where the EC301 does not say within `relay_s` that it is connected: with its front switch
        out it takes the command and does nothing.
        """
        self.cell = True
        self._is_on = True
        self._unchecked = command = self.link.last_command
        until_s = self.link.clock.now() + self.settings.relay_s
        while not self.is_connected:
            if self.link.clock.now() >= until_s:
                self.off()
                raise InstrumentError(0, STAYS_OPEN, command, self.name)
            sleep(self.link.clock, RELAY_EVERY_S)

    def off(self) -> float:
        """Disconnect the cell; in galvanostat the current goes to zero first. Safe to repeat in any state.

        Return when the current was ended (clock's time, s).
        """
        ended_s: float | None = None
        try:
            if self._is_galvanostat:
                self.current_of_range = 0.0
                self._set_A = 0.0
                ended_s = self.link.clock.now()
        finally:
            self.cell = False
        self._is_on = False
        return self.link.clock.now() if ended_s is None else ended_s

    # safe state

    def force_off(self) -> ForcedOff:
        """Open the relay twice; return when the first command was taken, and what went wrong.

        A device clear goes before it where it did not work before. Never raises DriverError; `verify_off` tells whether
        it worked.
        """
        self._is_on, self._is_prepared, self._unchecked = None, False, ""
        off_s: float | None = None
        problems = []
        steps: list[Callable[[], None]] = [self._open, self._open, self._no_direct_control]
        if self._was_not_seen_off:
            steps.insert(0, self.link.clear)
        for step in steps:
            try:
                step()
                if off_s is None and step == self._open:
                    off_s = self.link.clock.now()
            except DriverError as problem:
                problems.append(str(problem))
        return ForcedOff(off_s, "; ".join(problems))

    def verify_off(self) -> Reading:
        """Return a reading without current, once the EC301 has said that its relay is open; raises NotSafe.

        The relay is asked before and after two readings in turn that show no current.
        """
        self._was_not_seen_off = True
        try:
            self._free()
            self._open()
            if self.is_connected:
                raise NotSafe("the EC301 says that its relay is closed", BY_HAND)
            self._range = RANGES_EC301.of_index(self.range_index)
            limit_A = self.settings.zero_current_fraction * self._range.full_scale_A
            quiet, shown = 0, ""
            for _ in range(VERIFYING_READINGS):
                reading = self.measure()
                shown = f"{reading.current_A:.3g} A {reading.overload}".strip()
                is_quiet = "current" not in reading.overload and abs(reading.current_A) < limit_A
                quiet = quiet + 1 if is_quiet else 0
                if quiet == IN_TURN and not self.is_connected:
                    self._is_on = self._was_not_seen_off = False
                    return reading
        except DriverError as problem:
            if isinstance(problem, NotSafe):
                raise
            raise NotSafe(
                f"the EC301 does not show the cell disconnected ({problem.what})", BY_HAND
            ) from problem
        raise NotSafe(f"the EC301 shows {shown}", BY_HAND)

    # parts

    def _set_up(self) -> None:
        settings = self.settings
        self.direct_control = False
        self.external_added = False
        self.auto_range = False
        self.booster = False
        self.ir_compensation = False
        self.bias_rejection = False
        self.voltage_low_pass = False
        self.current_low_pass = False
        self.compliance_limit = True
        self.compliance_mV = round(1e3 * settings.compliance_V)
        self.voltage_range = settings.voltage_range
        self.voltage_filter = settings.voltage_filter
        self.current_filter = settings.current_filter
        self.bandwidth = settings.bandwidth
        self._average(settings.averaging)

    def _choose(self, mode: str, range_index: int, bandwidth: int) -> None:
        self.mode = mode
        self._is_galvanostat = mode == "galvanostat"
        self.set_range(range_index)
        self.external_added = False
        self.bandwidth = bandwidth

    def _average(self, exponent: int) -> None:
        if self._averaging != exponent:
            self.averaging = exponent
            sleep(self.link.clock, self.settings.filter_s)
            self._averaging = exponent

    def _window_s(self, exponent: int) -> float:
        return self.settings.conversion_s * 2.0**exponent

    def _level(self, command: Measurement[float], window_s: float) -> tuple[float, float]:
        """Return one level in the instrument's sign, and when it was asked for (s)."""
        wait = Wait(window_s, self.settings.reading_timeout_s / 3.0, self.settings.reading_timeout_s)
        level = self.link.ask(command.query, command.form.parse, f"a value in {command.form.unit}", wait)
        return level, self.link.asked_s

    def _overload(self, own_V: float, own_A: float, current_A: float) -> str:
        found = []
        if abs(own_V) >= AT_THE_END * ADC_RANGES_V[self.settings.voltage_range]:
            found.append("voltage: at the end of the converter's range")
        if self._range is not None:
            full_scale_A = self._range.full_scale_A
            if abs(own_A) >= self.settings.full_of_range * full_scale_A:
                found.append("current: beyond the range")
            is_missed = abs(current_A - self._set_A) > MISSES_OF_RANGE * full_scale_A
            if self._is_on and self._is_galvanostat and is_missed and self.is_limiting:
                found.append("voltage: the compliance limit acts")
        return ", ".join(found)

    def _millivolts(self, voltage_V: float) -> int:
        if not math.isfinite(voltage_V):
            raise OutOfRange("voltage_V", voltage_V, "V", "-15 to 15 V")
        return round(1e3 * voltage_V * self._sign_V)

    def _free(self) -> None:
        """Throw away answers that nobody read."""
        self.link.write("ifcclr")

    def _open(self) -> None:
        self.cell = False

    def _no_direct_control(self) -> None:
        self.link.write("dcntrl 0")

    def _require_prepared(self) -> None:
        if not self._is_prepared:
            raise OutOfOrder("nothing is prepared: prepare a current or a voltage before on()")
        self.interlock()
