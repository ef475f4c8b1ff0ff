"""The Solartron 1287 electrochemical interface: potentiostat, galvanostat and the meter of the cell.

The methods speak the bench's sign: volts between the cell's positive and negative terminal, amperes positive
when they charge the cell. The conversion happens here and nowhere else.
"""

import re
from collections.abc import Callable, Sequence

from solbench.drivers.clock import sleep
from solbench.drivers.errors import DriverError, InstrumentError, NotSafe, OutOfOrder, OutOfRange
from solbench.drivers.links.link import Link, Revival
from solbench.drivers.roles import ForcedOff, Reading
from solbench.drivers.solartron.commands1287 import STANDBYS, Commands1287
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.family import BY_HAND, error_text
from solbench.drivers.solartron.ranges import RANGES, CurrentRange, current_range, smallest_range
from solbench.drivers.solartron.reading_times import ReadingTimes
from solbench.drivers.solartron.settings import Settings1287

# What may only change while the cell is disconnected and the 1260's generator is at zero.
SWITCHED_OFF_ONLY = frozenset({"BK", "PO", "RR", "PI", "PB", "GB", "SY"})
FULL_DIGITS = 0
READ_BACK = "PO,PV,PC,PI,BY,ON,PB,GB,SY,RR,OL,CC,BR,VT,VR,IT,IR,FI,VX,IX,DG,RG,DC"
# 1287 manual p. 87: two numbers of 12 characters and their error fields; `fullmatch` anchors it
LINE = re.compile(
    r"([+-][0-9]\.[0-9]{5}E[+-][0-9]{2}),([+-][0-9]\.[0-9]{5}E[+-][0-9]{2}),([0-9]{2}),([0-9]{2})"
)
LINE_FORM = "two numbers and two error codes, +p.pppppE+pp,+p.pppppE+pp,ee,ee"
VERIFYING_READINGS, IN_TURN = 6, 2  # so many in turn must show no current, of so many
LARGEST_V, LARGEST_A = 60.0, 2.5  # the widest ranges, 50 V and 2 A (sections 6.5 and 6.16), with room
SAFE_AFTER_CLEAR = frozenset({"PW0"})


class Solartron1287(Commands1287):
    """Driver of the 1287; `link` is open, `settings` describe the unit.

    `interlock` is called before anything that needs the generator at zero: with a 1260 at the POL INPUT it is that
    driver's `require_generator_off`. `corrections`: the zeros of its meters are taken off every reading.
    """

    model = "Solartron 1287"
    read_back = tuple(READ_BACK.split(","))

    def __init__(
        self,
        link: Link,
        settings: Settings1287 | None = None,
        interlock: Callable[[], None] = lambda: None,
        corrections: Corrections | None = None,
    ) -> None:
        super().__init__(link)
        corrections = corrections or Corrections()
        self._zero_V = corrections.zero_V
        self._zeros_A = {one.index: one.zero_A for one in corrections.ranges}
        self.settings = settings = settings or Settings1287()
        # what a device clear does to a polarization that is on, and to the settings, is not known (D)
        link.clears_before = SAFE_AFTER_CLEAR
        link.revival = Revival("?ER", settings.reset_s)
        if settings.output_terminator is not None:
            link.greeting = f"OT{settings.output_terminator}"
        self.interlock = interlock
        terminal = 1.0 if settings.positive_terminal == "ce_re1" else -1.0
        self._sign_A = terminal
        self._sign_V = terminal * settings.potential_sign
        self._overloads = dict(settings.overload_codes)
        self._is_on: bool | None = None
        self._is_galvanostat = False
        self._is_prepared = False
        self._was_reset = False
        self._range: CurrentRange | None = None
        self._unchecked = ""
        self._was_not_seen_off = False
        self._not_before_s = 0.0
        self._known_zero_A: dict[int, float] = {}
        self._times = ReadingTimes(settings.reading_timeout_s)
        self._drift = ""
        self._use_digits(None)

    @property
    def is_on(self) -> bool | None:
        """Get whether the cell was switched on; None while that is not known."""
        return self._is_on

    @property
    def full_conversion_s(self) -> float:
        """Get the time of one full conversion, in s."""
        return self.settings.conversion_s[FULL_DIGITS]

    @property
    def range(self) -> CurrentRange:
        """Get the current range that this driver set; raises OutOfOrder before there is one."""
        if self._range is None:
            raise OutOfOrder("the 1287 has no current range yet: prepare a current or a voltage first")
        return self._range

    def before_set(self, code: str, argument: str) -> None:
        """Refuse what may only change while nothing drives the cell; raises OutOfOrder."""
        if code in SWITCHED_OFF_ONLY:
            if self._is_on is not False:
                raise OutOfOrder(f"{code} of the 1287 may only change with the cell off: call off() first")
            self.interlock()
            self._is_prepared = False
        if code == "PW":
            if argument != "0":
                self._require_prepared()
                self.off_limit_action = "standby"  # holds without a program: anybody may have changed it
            self._is_on = None
        elif code == "RR":
            self._range = None
        elif code == "DG":
            self._use_digits(None)
        elif code == "DC":
            self._drift = argument
            self._use_digits(self._fast)

    def initialise(self) -> None:
        """Open the cell, reset (once in the life of this driver), set up the meters; the cell stays off."""
        self.off()
        if not self._was_reset:
            self.break_ = "reset"
            self.was_set.clear()
            sleep(self.link.clock, self.settings.reset_s)
            self._was_reset = True
            self._range = None
            self._unchecked = ""
        self._set_up_output()
        self.off_limit_action = "standby"
        self.standby = STANDBYS.word(self.settings.standby)
        self.on_action = "set value"
        self._set_up_meters()
        self._set_up_bandwidths()
        self.check_errors()
        self.link.was_cleared = False

    def identity(self) -> str:
        """Return the version of the firmware."""
        return f"1287 {self.version}"

    def last_error(self) -> int:
        """Return the code of the last error, 0 for none."""
        return self.error

    def check_errors(self) -> None:
        """Raise InstrumentError when the last error is not 0, and clear it."""
        command = self._unchecked or self.link.last_command
        self._unchecked = ""
        code = self.error
        if code:
            self.link.write("CE")
            raise InstrumentError(code, error_text(code), command, self.link.name)

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current once (bench sign, V and A); `fast` takes fewer digits.

        A reading that was lost, or came damaged, is taken again, twice at most. Raises BadReply, NoReply, BusError,
        and InstrumentError when a setting before it was refused.
        """
        if fast is not self._fast:
            self._choose_digits(fast)
        link = self.link
        if self._not_before_s:
            self._wait_for_first_reading()
        voltage_V, current_A, overload, line = link.ask("RU1", self._parse, LINE_FORM, self._times.wait)
        started_s = link.asked_s
        if link.is_seen:
            self._times.learn(link.unready_s - started_s)
        if self._unchecked and not overload:
            self.check_errors()
        if self._is_on is False and not overload and self._range is not None:
            self._known_zero_A[self._range.index] = current_A
        # The signal is converted last: what a reading takes besides comes before it, as far as it was seen.
        before_s = self._times.beyond_s if fast else 0.0
        return Reading(started_s + before_s + self._half_s, voltage_V, current_A, overload, line)

    def look(self) -> tuple[bool, Reading]:
        """Return whether a current flows, and what the meters show.

        Nothing is switched: only the meters are set up, and which standby it is, for in full standby the voltmeter is
        disconnected, too. Whoever uses the front panel keeps the cell as it is.
        Whether it is on cannot be asked; a current that is not within 0.1 % of range of zero says that it is.
        """
        self._set_up_output()
        self.standby = "half"
        self._set_up_meters()
        limit_A = self._zero_limit(self.range_index)
        reading = self.measure()
        return not reading.overload and abs(reading.current_A) > limit_A, reading

    def prepare_current(self, largest_A: float) -> None:
        """Choose galvanostat and range for currents up to `largest_A` (A), set zero; the cell stays off."""
        chosen = smallest_range(largest_A, self.settings.range_headroom)
        self.prepare_zero_current(chosen.index, self.settings.galvanostat_bandwidth)

    def prepare_zero_current(self, range_index: int, bandwidth: int) -> None:
        """Choose galvanostat, range and `GB` bandwidth, set zero; the cell stays off."""
        self.mode = "galvanostat"
        self._is_galvanostat = True
        self.set_range(range_index)
        if self.was_set.get("GB", str(bandwidth)) != str(bandwidth):  # only spectra change it
            self.galvanostat_bandwidth = bandwidth
        self.cell_current_A = 0.0
        self.check_errors()
        self._is_prepared = True

    def set_current(self, current_A: float) -> None:
        """Set the current (A, positive charges the cell).

        Raises OutOfRange beyond the range, OutOfOrder out of galvanostat. A refusal by the instrument is
        raised by the next reading: asking at once would put time between the current and its time stamp.
        """
        if not self._is_galvanostat:
            raise OutOfOrder("the 1287 holds no current: call prepare_current first")
        full_scale_A = self.range.full_scale_A
        if not abs(current_A) <= full_scale_A:
            raise OutOfRange(
                "current_A", current_A, "A", f"up to {full_scale_A:g} A on range {self.range.index}"
            )
        self.cell_current_A = current_A * self._sign_A
        self._unchecked = self.link.last_command

    def prepare_voltage(self, voltage_V: float, range_index: int, bandwidth: int) -> None:
        """Choose potentiostat, range and `PB` bandwidth; set the voltage that `on` will apply (V)."""
        self.mode = "potentiostat"
        self._is_galvanostat = False
        self.set_range(range_index)
        self.potentiostat_bandwidth = bandwidth
        self.set_voltage(voltage_V)
        self.check_errors()
        self._is_prepared = True

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage (V); raises OutOfRange, and OutOfOrder out of potentiostat."""
        if self._is_galvanostat:
            raise OutOfOrder("the 1287 holds a current: call prepare_voltage first")
        self.potential_V = voltage_V * self._sign_V
        self._unchecked = self.link.last_command

    @property
    def ramp_setup_s(self) -> float:
        """Get for how long about a ramp prepares itself before it begins, in s."""
        return self.settings.ramp_setup_s

    def prepare_ramp(self, levels_V: Sequence[float], times_s: Sequence[float], segments: int) -> None:
        """Prepare a ramp over four levels (V), with the times (s) from each to the next, over and over.

        It ends after so many `segments`, and holds what it has come to. Raises OutOfRange, and OutOfOrder out of
        potentiostat.
        """
        if self._is_galvanostat:
            raise OutOfOrder("the 1287 holds a current: call prepare_voltage first")
        first, second, third, fourth = (level_V * self._sign_V for level_V in levels_V)
        self.sweep_delay_s = 0.0
        self.sweep_end = "freeze"
        self.sweep_segments = segments
        self.ramp_level_a_V, self.ramp_level_b_V = first, second
        self.ramp_level_c_V, self.ramp_level_d_V = third, fourth
        self.ramp_time_a_s, self.ramp_time_b_s, self.ramp_time_c_s, self.ramp_time_d_s = times_s
        self.check_errors()

    def start_ramp(self) -> None:
        """Let the prepared ramp run, with the cell on; switching off ends it.

        A refusal by the instrument is raised by the next reading.
        """
        self.sweep = "ramp"
        self._unchecked = self.link.last_command

    def set_range(self, index: int) -> None:
        """Set the current range, 1 to 8, with the cell off; what was prepared stays so.

        Raises OutOfRange, OutOfOrder.
        """
        chosen, was_prepared = current_range(index), self._is_prepared
        self.range_index = index
        self._range = chosen
        self._is_prepared = was_prepared

    def reject_bias(self, voltage_V: float | None) -> None:
        """Take `voltage_V` (V) and no current off the outputs to the analyzer; None takes nothing off."""
        if voltage_V is None:
            self.bias_rejection = False
            return
        self.voltage_bias_fixed = True
        self.voltage_bias_V = voltage_V * self._sign_V
        self.current_bias_fixed = True
        self.current_bias_A = 0.0
        self.bias_rejection = True

    def can_reject(self, voltage_V: float) -> bool:
        """Return whether this voltage (V) can be rejected; some units may not take a negative one."""
        return self.settings.bias_rejection_negative or voltage_V * self._sign_V >= 0.0

    def on(self) -> None:
        """Connect the cell; raises OutOfOrder before a current or a voltage was prepared."""
        self.polarization = True
        self._is_on = True
        self._unchecked = self.link.last_command
        self._not_before_s = self.link.clock.now() + self.settings.first_reading_wait_s

    def off(self) -> float:
        """Disconnect the cell; in galvanostat the current goes to zero first. Safe to repeat in any state.

        Return when the current was ended (clock's time, s).
        """
        self._not_before_s = 0.0
        ended_s: float | None = None
        try:
            if self._is_galvanostat:
                self.cell_current_A = 0.0
                ended_s = self.link.clock.now()
        finally:
            self.polarization = False
        self._is_on = False
        return self.link.clock.now() if ended_s is None else ended_s

    def reconnect(self, within_s: float) -> None:
        """Open a broken connection anew within `within_s` of the clock (s), and the cell at once."""
        self.link.reconnect(within_s)
        self._standby()  # at once: what has become of it meanwhile is not known
        self.off()

    def make_safe(self) -> None:
        """Open the cell by all means and verify it; raises NotSafe."""
        self.force_off()
        self.verify_off()

    def force_off(self) -> ForcedOff:
        """Send the standby command twice; return when the first was taken, and what went wrong.

        Twice: a half-sent command must not swallow it. A device clear goes before it where half a message is known of,
        or where it did not work before: some units forget all their settings by one. Never raises DriverError;
        `verify_off` tells whether it worked.
        """
        self._is_on = None
        self._is_prepared = False
        self._not_before_s = 0.0
        self._unchecked = ""
        off_s: float | None = None
        problems = []
        steps: list[Callable[[], None]] = [self._standby, self._standby]
        if self._was_not_seen_off:
            steps.insert(0, self.link.clear)
        for step in steps:
            try:
                step()
                if off_s is None and step == self._standby:
                    off_s = self.link.clock.now()
            except DriverError as problem:
                problems.append(str(problem))
        return ForcedOff(off_s, "; ".join(problems))

    def verify_off(self) -> Reading:
        """Return the last of two readings in turn that show no current; raises NotSafe where none of several do.

        One that is disturbed proves nothing, whatever it shows. It assumes nothing about how the meters were set up:
        whoever makes a bench safe may not be the one who ran it. "No current" is one within 0.1 % of range of zero, or
        of what the ammeter last showed on this range while the cell was known to be off, if that can be its offset.
        """
        self._was_not_seen_off = True
        try:
            self._forget_error()
            self._standby()
            self.check_errors()  # a standby that was refused leaves no current either where the voltage is 0
            self.standby = "half"
            self._set_up_output()
            self._set_up_meters()
            range_index = self.range_index
            self._range = RANGES.get(range_index)  # it may be another hand's: each has a zero of its own
            zero_A, limit_A = self._known_zero(range_index), self._zero_limit(range_index)
            quiet, shown = 0, ""
            for _ in range(VERIFYING_READINGS):
                reading = self.measure(fast=True)
                shown = f"{reading.current_A:.3g} A {reading.overload}".strip()
                is_quiet = not reading.overload and abs(reading.current_A - zero_A) < limit_A
                quiet = quiet + 1 if is_quiet else 0
                if quiet == IN_TURN:
                    self._is_on = self._was_not_seen_off = False
                    return reading
        except DriverError as problem:
            raise NotSafe(
                f"no reading of the 1287 shows the cell disconnected ({problem.what})", BY_HAND
            ) from problem
        raise NotSafe(f"the 1287 shows {shown}", BY_HAND)

    def _forget_error(self) -> None:
        """Read and clear the last error; an unread line of an earlier owner may come first, and is no answer."""
        _ = self.error
        self.link.write("CE")

    def _known_zero(self, range_index: int) -> float:
        """Return the ammeter's offset on this range (A), 0 if none is known, or what is known cannot be one.

        A relay that did not open would show the cell's current as the "zero" of an earlier reading.
        """
        zero_A = self._known_zero_A.get(range_index, 0.0)
        if range_index not in RANGES:
            return 0.0
        largest_A = self.settings.largest_zero_fraction * RANGES[range_index].full_scale_A
        return zero_A if abs(zero_A) <= largest_A else 0.0

    def _zero_limit(self, range_index: int) -> float:
        """Return the current that counts as none on this range, in A."""
        if range_index not in RANGES:
            return self.settings.zero_current_auto_A
        return self.settings.zero_current_fraction * RANGES[range_index].full_scale_A

    def _require_prepared(self) -> None:
        if not self._is_prepared:
            raise OutOfOrder("nothing is prepared: prepare a current or a voltage before on()")
        self.interlock()

    def _standby(self) -> None:
        self.polarization = False

    def _set_up_output(self) -> None:
        if self.settings.output_terminator is not None:
            self.output_terminator = self.settings.output_terminator
        self.output = "short"

    def _set_up_meters(self) -> None:
        self.voltmeter_range = "20 V"  # on 2 V a 2.0 V cut-off sits at full scale
        self._choose_digits(fast=False)
        self.drift_correction = False
        self.averaging = False
        self.null = "off"
        self.first_parameter = "dRE"
        self.second_parameter = "I"
        self.trigger = "single"

    def _set_up_bandwidths(self) -> None:
        settings = self.settings
        self.bandwidth_scheme = settings.bandwidth_scheme
        self.potentiostat_bandwidth = settings.potentiostat_bandwidth
        self.galvanostat_bandwidth = settings.galvanostat_bandwidth
        self.pol_gain = "x 0.01"
        self.ir_compensation = "off"
        self.low_pass = False

    def _choose_digits(self, fast: bool) -> None:
        self.digits = self.settings.fast_digits if fast else FULL_DIGITS
        self._use_digits(fast)

    def _use_digits(self, fast: bool | None) -> None:
        self._fast = fast
        conversion_s = self.settings.conversion_s[self.settings.fast_digits if fast else FULL_DIGITS]
        self._half_s = 0.5 * conversion_s
        self._times.use(conversion_s, self._drift)

    def _wait_for_first_reading(self) -> None:
        self.link.clock.sleep_until(self._not_before_s)
        self._not_before_s = 0.0

    def _parse(self, line: str) -> tuple[float, float, str, str]:
        """Return voltage (V), current (A), in the bench's sign, overload, and the line itself; raises ValueError."""
        found = LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        zero_A = self._zeros_A.get(self._range.index, 0.0) if self._range is not None else 0.0
        voltage_V = (float(found[1]) - self._zero_V) * self._sign_V
        current_A = (float(found[2]) - zero_A) * self._sign_A
        if line.endswith(",00,00"):
            if abs(voltage_V) > LARGEST_V or abs(current_A) > LARGEST_A:
                raise ValueError(line)  # no reading of this instrument
            return voltage_V, current_A, "", line
        return voltage_V, current_A, self._overload(int(found[3]), int(found[4])), line

    def _overload(self, voltage_code: int, current_code: int) -> str:
        found = (("voltage", voltage_code), ("current", current_code))
        return ", ".join(
            f"{channel}: {self._overloads.get(code, f'error {code} of the 1287')}"
            for channel, code in found
            if code
        )
