"""The Stanford Research Systems EC301: potentiostat, galvanostat, and what it says of its relay.

Written from the manual's command list (p. 75 to 110). It counts a cathodic current as positive, one that enters the
cell at CE and leaves it at WE, as the 1287 does, whose stage is borrowed for the electronics. A voltage is that of WE
against RE, which is dRE of that stage with the other sign.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from solbench.simulators.electronics.makes.settings_ec301 import SettingsEc301
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.rear_outputs import RearOutputs
from solbench.simulators.electronics.voltmeter import Voltmeter
from solbench.simulators.instruments.language import defaults
from solbench.simulators.instruments.solartron1287 import TABLE as CODES_OF_STAGE
from solbench.simulators.makes.line_instrument import EXECUTION_ERROR, LineInstrument, Unknown, number, real

POTENTIOSTAT, GALVANOSTAT, ZERO_RESISTANCE = 0, 1, 2
"""Modes of ECMODE (A)."""
ADC_RANGES_V = (2.0, 5.0, 15.0)
"""Ranges of the voltage converter by EADCRG (A)."""
FULL_SCALE_OUT_V = 1.0
"""I OUT at the full scale of a range, V (A)."""
LONGEST_EXPONENT = 8
"""Of AVGEXP: 256 conversions of 4 us (B)."""

_NEARLY = 0.999
_COMMAND = re.compile(r"(\*?[A-Za-z]+\??)(.*)")


@dataclass(frozen=True, slots=True)
class Code:
    """One setting: its bounds, its value after *RST, and whether it takes a fraction."""

    low: float
    high: float
    default: float = 0.0
    fraction: bool = False


TABLE: Mapping[str, Code] = {
    "ECMODE": Code(0, 2),
    "CEENAB": Code(0, 1),
    "SETVOL": Code(-15000, 15000),
    "SETCUR": Code(-2, 2, fraction=True),
    "IRANGE": Code(1, 10, 1),
    "IRNAUT": Code(0, 1),
    "CLBWTH": Code(0, 5),
    "CELIMT": Code(0, 1),
    "CELIMV": Code(500, 30000, 30000),
    "ADDSCN": Code(0, 1),
    "DCNTRL": Code(0, 1),
    "EADCRG": Code(0, 2, 2),
    "EADCFL": Code(0, 2),
    "IADCFL": Code(0, 2, 1),
    "AVGEXP": Code(0, LONGEST_EXPONENT, LONGEST_EXPONENT),
    "BRENAB": Code(0, 1),
    "BIREJE": Code(-15000, 15000),
    "BIREJI": Code(-2, 2, fraction=True),
    "LPFILE": Code(0, 1),
    "LPFILI": Code(0, 1),
    "IRENAB": Code(0, 1),
    "IRTYPE": Code(0, 2),
    "PFBACK": Code(0, 1e9, fraction=True),
    "BSTREN": Code(0, 1),
    "AUTOTB": Code(0, 1),
}
"""Codes of the EC301 with their bounds (manual p. 75 to 110, A; what *RST leaves, D; EADCFL, IADCFL, IRTYPE, PFBACK,
BSTREN, AUTOTB and AVGEXP by one program, B)."""


class SnapshotEc301(TypedDict):
    """An EC301 in a stored world."""

    values: dict[str, float]


class Ec301(LineInstrument):
    """One EC301; `stage` is set in the 1287's codes, which stand in its `values`."""

    name: ClassVar[str] = "EC301"

    def __init__(
        self, settings: SettingsEc301, stage: PowerStage, outputs: RearOutputs, voltmeter: Voltmeter
    ) -> None:
        super().__init__(stage.faults, settings.output_bytes_per_s, settings.message_available_bit)
        self.settings = settings
        self.values = {code: one.default for code, one in TABLE.items()}
        self._stage = stage
        self._outputs = outputs
        self._voltmeter = voltmeter
        self._drive = defaults(CODES_OF_STAGE)
        self._is_blocked = False
        self._actions: Mapping[str, Callable[[], None]] = {"*RST": self._reset, "IFCCLR": self._unblock}
        stage.values = self._drive
        self._settle()

    def understands(self, command: str) -> bool:
        """Say whether a text is a command that sets something."""
        return self.split(command)[0] in TABLE

    def device_clear(self, time_s: float) -> None:
        """Empty input and output; the cell stays as it is."""
        super().device_clear(time_s)
        if self.settings.device_clears:
            self._is_blocked = False

    # its language

    def split(self, command: str) -> tuple[str, str]:
        """Return code and argument; blanks mean nothing (A)."""
        found = _COMMAND.fullmatch(command.replace(" ", ""))
        return (found[1].upper(), found[2]) if found else (command.upper(), "")

    def obey(self, header: str, argument: str) -> None:
        """Carry out a command; raises Unknown."""
        if action := self._actions.get(header):
            action()
            return
        code = TABLE.get(header)
        if code is None:
            raise Unknown(-113, "undefined header")
        if header == "IRANGE" and self.values["IRNAUT"]:
            raise Unknown(-221, "settings conflict", EXECUTION_ERROR)
        read = real if code.fraction else _whole
        self.values[header] = read(argument, code.low, code.high)
        self.changes += 1
        self._settle()

    def answer(self, header: str, argument: str) -> None:
        """Answer a question; raises Unknown."""
        if self.output:
            self._is_blocked |= self.settings.unread == "blocks"
        if header in ("VLEVEL", "ILEVEL"):
            self._measure(header)
        elif header == "CELLON":
            self.say(f"{int(self._stage.closed)}")
        elif header == "LIMITG":
            self.say(f"{int(self._is_limited())}")
        elif header == "SETCUR":
            self.say(f"{self.values['SETCUR'] * self._full_scale_A:.6e}")
        elif header == "ERRLST":
            self.say(str(self.errors.pop()[0]) if self.errors else "0")
        elif header == "*IDN":
            self.say(self.settings.identity)
        elif header in TABLE:
            value = self.values[header]
            self.say(f"{value:.6g}" if TABLE[header].fraction else f"{int(value)}")
        else:
            raise Unknown(-113, "undefined header")

    def say(self, text: str) -> None:
        """Put an answer out, unless one that nobody read is in its way."""
        if self._is_blocked:
            self.output = b""
        else:
            super().say(text)

    def _unblock(self) -> None:
        self.output, self._is_blocked = b"", False

    def _reset(self) -> None:
        self.values.update({code: one.default for code, one in TABLE.items()})
        self._unblock()
        self.changes += 1
        self.deaf_until_s = self.time_s + self.settings.reset_s
        self._settle()

    # what it does

    @property
    def _full_scale_A(self) -> float:
        return FULL_SCALE_OUT_V / self.settings.resistors_ohm[int(self.values["IRANGE"]) - 1]

    def _settle(self) -> None:
        """Let the settings act on the cell at once."""
        values, drive, stage = self.values, self._drive, self._stage
        mode, external = int(values["ECMODE"]), bool(values["DCNTRL"])
        galvanostat = mode == GALVANOSTAT
        volts = 0.0 if external or mode == ZERO_RESISTANCE else 1e-3 * values["SETVOL"]
        drive["PO"] = float(galvanostat)
        drive["PV"] = 0.0 - volts
        drive["PC"] = 0.0 if external else values["SETCUR"] * self._full_scale_A
        drive["PI"] = 0.0
        drive["RR"] = 0.0 if values["IRNAUT"] else values["IRANGE"]
        drive["OL"] = 1.0  # it saturates, and opens nothing
        drive["PB"] = drive["GB"] = values["CLBWTH"]
        drive["DG"] = values["AVGEXP"]
        drive["RG"] = values["EADCRG"] + 1.0
        front = self.settings.analyzer_at == "front"
        drive["BR"] = float(front and bool(values["BRENAB"]))
        drive["FI"] = float(front and bool(values["LPFILE"] or values["LPFILI"]))
        self._outputs.bias_V = -1e-3 * values["BIREJE"]
        self._outputs.bias_A = values["BIREJI"] * self._full_scale_A
        stage.compliance_V = 1e-3 * values["CELIMV"] if values["CELIMT"] else self.settings.compliance_V
        stage.hears_pol = external or bool(values["ADDSCN"])
        closes = (bool(values["CEENAB"]) or external) and self.settings.front_switch
        if closes and not stage.closed:
            stage.close()
        elif stage.closed and not closes:
            stage.open()
        else:
            stage.update()

    def _is_limited(self) -> bool:
        voltage_V, _ = self._stage.sample()
        return self._stage.closed and abs(voltage_V) >= _NEARLY * self._stage.compliance_V

    def _measure(self, header: str) -> None:
        """Convert now, and answer when what was converted has been averaged."""
        window_s = self.settings.conversion_s * 2.0 ** self.values["AVGEXP"]
        reading = self._voltmeter.read(window_s)
        value = 0.0 - reading.voltage_V if header == "VLEVEL" else reading.current_A
        if header == "VLEVEL" and self.faults.active and self.faults.takes_overload(self.name):
            value = ADC_RANGES_V[int(self.values["EADCRG"])]
        text = f"{value:+.{self.settings.decimals}e}"
        self.later(window_s + self.settings.reading_overhead_s, lambda: self.say(text))

    # a stored world

    def snapshot(self) -> SnapshotEc301:
        """Get what a stored world needs to continue."""
        return {"values": dict(self.values)}

    def restore(self, stored: SnapshotEc301) -> None:
        """Take over what `snapshot` gave: polarized if it was."""
        self.values.update(stored["values"])
        self._settle()


def _whole(text: str, low: float, high: float) -> int:
    return number(text, low, high, whole=True)
