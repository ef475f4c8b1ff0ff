"""Driver of the SM20: a bench for direct current, of one instrument."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from solbench.drivers.clock import Clock
from solbench.drivers.errors import (
    BadReply,
    DriverError,
    InstrumentError,
    NotSafe,
    OutOfOrder,
    OutOfRange,
    SettingsChanged,
)
from solbench.drivers.links.commands import Choice, Float, Instrument, Switch, Text, control, measurement
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.roles import ForcedOff, Reading, SafetyReport

FULL_SCALES_A = {1: 1.0, 2: 0.1, 3: 1e-2, 4: 1e-3, 5: 1e-4, 6: 1e-5}
OVERLOADS = {1: "current: over range", 8: "compliance reached"}
CURE = "Press OUTPUT on the SM20 now"


class CommandsSm20(Instrument):
    """Command table of the SM20."""

    output = control(":OUTP ", Switch(on="1", off="0"), "Control the output (on or off).", ":OUTP?")
    function = control(
        ":SOUR:FUNC ",
        Choice({"current": "CURR", "voltage": "VOLT"}),
        "Control what is held (current, voltage).",
        ":SOUR:FUNC?",
    )
    current_A = control(
        ":SOUR:CURR ", Float(-1.0, 1.0, "A"), "Control the current (A, -1 to 1).", ":SOUR:CURR?"
    )
    voltage_V = control(
        ":SOUR:VOLT ", Float(-20.0, 20.0, "V"), "Control the voltage (V, -20 to 20).", ":SOUR:VOLT?"
    )
    range_A = control(
        ":SENS:CURR:RANG ",
        Float(0.0, 1.0, "A", signed=False),
        "Control the full scale (A, 0 to 1).",
        ":SENS:CURR:RANG?",
    )
    identification = measurement("*IDN?", Text(), "Get who it is (text).")
    error = measurement(":SYST:ERR?", Text(), "Get the last error (text).")


@dataclass(frozen=True)
class SettingsSm20:
    """The SM20 of a bench. `conversion_s`: time of one reading (s); `headroom`: full scale by largest current."""

    link: LinkSettings = field(default_factory=lambda: LinkSettings(status_mask=16))
    conversion_s: float = 0.02
    headroom: float = 1.05


class Sm20Bench(CommandsSm20):
    """One SM20 as a bench: HI on the cell's positive terminal, so that its signs are the bench's."""

    model = "Tiny Instruments SM20"
    read_back = (":SOUR:FUNC ", ":SOUR:CURR ", ":SOUR:VOLT ", ":SENS:CURR:RANG ")

    def __init__(self, link: Link, settings: SettingsSm20 | None = None) -> None:
        super().__init__(link)
        self.settings = settings or SettingsSm20()
        self._range_index: int | None = None
        self._prepared = ""
        self._is_on: bool | None = None

    def before_set(self, code: str, argument: str) -> None:
        """Refuse to change mode and range while the cell is connected; raises OutOfOrder."""
        if code in (":SOUR:FUNC ", ":SENS:CURR:RANG ") and self._is_on is not False:
            raise OutOfOrder(f"{code.strip()} may only change with the cell off: call off() first")

    # recoverable

    @property
    def instruments(self) -> tuple[Sm20Bench]:
        """Get the one instrument."""
        return (self,)

    def identity(self) -> str:
        """Return the answer to `*IDN?`; raises BadReply when it is another instrument's."""
        text = self.identification
        if "SM20" not in text:
            raise BadReply(self.name, "*IDN?", text, "a text with 'SM20'")
        return text

    def last_error(self) -> int:
        """Return the code of the last error, 0 for none."""
        return int(self.error.partition(",")[0])

    def initialise(self) -> None:
        """Open the cell and reset; the cell stays off."""
        self.off()
        self.link.write("*RST")
        self.was_set.clear()
        self._range_index, self._prepared = None, ""
        self._check()

    def reconnect(self, within_s: float = 0.0) -> None:
        """Open the connection again and the cell at once."""
        self.link.reconnect(within_s)
        self.off()
        self._prepared = ""

    def verify_settings(self) -> None:
        """Compare what is set with what was set; raises SettingsChanged."""
        if changes := self.changed_settings():
            raise SettingsChanged(changes)

    # meter

    @property
    def conversion_s(self) -> float:
        """Get the time of one conversion, in s."""
        return self.settings.conversion_s

    @property
    def range_index(self) -> int:
        """Get the present range, 1 for 1 A; raises OutOfOrder before there is one."""
        if self._range_index is None:
            raise OutOfOrder("the SM20 has no range yet: prepare a current or a voltage first")
        return self._range_index

    @property
    def voltage_step_V(self) -> float:
        """Get 0: a voltage is set more finely than anything seen of a cell."""
        return 0.0

    @property
    def full_scale_A(self) -> float:
        """Get the full scale, in A."""
        return FULL_SCALES_A[self.range_index]

    def measure(self, fast: bool = False) -> Reading:
        """Measure once; it has one speed."""
        link = self.link
        link.request(":READ?")
        started_s = link.clock.now()
        line = link.read_when_ready(started_s + self.conversion_s, started_s + self.conversion_s + 2.0)
        try:
            voltage_V, current_A, status = (float(part) for part in line.split(","))
        except ValueError:
            raise BadReply(self.name, ":READ?", line, "two numbers and a status") from None
        if not isfinite(voltage_V + current_A):
            raise BadReply(self.name, ":READ?", line, "two finite numbers and a status")
        overload = ", ".join(text for bit, text in OVERLOADS.items() if int(status) & bit)
        return Reading(started_s + 0.5 * self.conversion_s, voltage_V, current_A, overload)

    # source

    def prepare_current(self, largest_A: float) -> None:
        """Choose current and the smallest range for `largest_A` (A), set zero; the cell stays off."""
        self._prepare("current", largest_A)
        self.current_A = 0.0
        self._check()

    def set_current(self, current_A: float) -> None:
        """Set the current (A); raises OutOfRange beyond the range."""
        if self._prepared != "current":
            raise OutOfOrder("the SM20 holds no current: call prepare_current first")
        if not abs(current_A) <= self.full_scale_A:
            raise OutOfRange("current_A", current_A, "A", f"up to {self.full_scale_A:g} A on this range")
        self.current_A = current_A

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose voltage and the smallest range for `largest_A` (A), set the voltage (V)."""
        self._prepare("voltage", largest_A)
        self.voltage_V = voltage_V
        self._check()

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage (V)."""
        if self._prepared != "voltage":
            raise OutOfOrder("the SM20 holds no voltage: call prepare_voltage first")
        self.voltage_V = voltage_V

    def on(self) -> None:
        """Connect the cell; raises OutOfOrder before something was prepared."""
        if not self._prepared:
            raise OutOfOrder("nothing is prepared: prepare a current or a voltage before on()")
        self._is_on = None
        self.output = True
        self._is_on = True

    def off(self) -> float:
        """Disconnect the cell; safe to repeat in any state. Return when (clock's time, s)."""
        self._is_on = None
        self.output = False
        self._is_on = False
        return self.link.clock.now()

    # safe state

    def force_off(self) -> ForcedOff:
        """Send a device clear, then the output off twice."""
        self._is_on, self._prepared = None, ""
        off_s: float | None = None
        problems = []
        for step in (self.link.clear, self.off, self.off):
            try:
                step()
                if off_s is None and step == self.off:
                    off_s = self.link.clock.now()
            except DriverError as problem:
                problems.append(str(problem))
        return ForcedOff(off_s, "; ".join(problems))

    def make_safe(self, clock: Clock | None = None) -> SafetyReport:
        """Open the cell by all means and verify it, by the instrument's word and by a reading; raises NotSafe."""
        before, self.link.clock = self.link.clock, clock or self.link.clock
        try:
            problem = self.force_off().problem
            is_on, reading = self.output, self.measure()
        except DriverError as error:
            raise NotSafe(f"the SM20 does not show the cell disconnected ({error})", CURE) from error
        finally:
            self.link.clock = before
        if is_on or reading.overload or abs(reading.current_A) > 1e-3 * self.range_A:
            raise NotSafe(f"the SM20 shows {reading.current_A:.3g} A", CURE)
        return SafetyReport(reading.current_A, {self.name: problem} if problem else {})

    def _prepare(self, function: str, largest_A: float) -> None:
        fitting = [
            index
            for index, full_A in FULL_SCALES_A.items()
            if full_A >= abs(largest_A) * self.settings.headroom
        ]
        if not fitting:
            raise OutOfRange("largest_A", largest_A, "A", "up to 1 A")
        self._prepared = ""
        self.function = function
        self._range_index = fitting[-1]
        self.range_A = FULL_SCALES_A[fitting[-1]]
        self._prepared = function

    def _check(self) -> None:
        command = self.link.last_command
        code, _, text = self.error.partition(",")
        if code != "0":
            raise InstrumentError(int(code), text.strip('"'), command, self.name)
