"""The commands of the EC301 as attributes, one line each (manual p. 75 to 110).

The attributes speak the instrument's own sign: the voltage of WE against RE, a cathodic current positive.
"""

import math
import re
from dataclasses import dataclass

from solbench.drivers.errors import OutOfRange
from solbench.drivers.links.commands import (
    Choice,
    Float,
    Instrument,
    Integer,
    Switch,
    Text,
    control,
    measurement,
    setting,
)

ONE_IS_ON = Switch(on="1", off="0")
LEVEL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Fixed(Float):
    """A number in `unit` from `low` to `high`, written with a point and without an exponent."""

    def write(self, value: float, quantity: str) -> str:
        """Return the number with `decimals` digits behind the point; raises OutOfRange, also for NaN."""
        to_write = math.nan if isinstance(value, (bool, str)) else float(value)
        if not self.low <= to_write <= self.high:
            raise OutOfRange(quantity, value, self.unit, f"{self.low:g} to {self.high:g} {self.unit}")
        return f"{to_write:.{self.decimals}f}"


@dataclass(frozen=True)
class Level(Float):
    """A number that is only read; how many digits it has, and whether an exponent, is not known for certain (C)."""

    def parse(self, text: str) -> float:
        """Return the number of a reply; raises ValueError, also for one that the instrument cannot have."""
        if not LEVEL.fullmatch(text.strip()):
            raise ValueError(text)
        answered = float(text)
        if not self.low <= answered <= self.high:
            raise ValueError(text)
        return answered


class CommandsEc301(Instrument):
    """Command table of the EC301; the driver is built on it."""

    mode = control(
        "ecmode ",
        Choice({"potentiostat": "0", "galvanostat": "1", "zero resistance": "2"}),
        "Control the mode (potentiostat, galvanostat, zero resistance).",
        "ecmode?",
    )
    cell = control("ceenab ", ONE_IS_ON, "Control the relay of the cell (on or off).", "ceenab?")
    is_connected = measurement(
        "cellon?", ONE_IS_ON, "Get whether the relay is closed and the front switch is in (on or off)."
    )
    potential_mV = control(
        "setvol ",
        Integer(-15000, 15000, "mV"),
        "Control the DC voltage of WE against RE (mV, -15000 to 15000).",
        "setvol?",
    )
    current_of_range = setting(
        "setcur ",
        Fixed(-2.0, 2.0, "of range", 6),
        "Set the cathodic current, in full scales of the range (of range, -2 to 2).",
    )
    range_index = control(
        "irange ",
        Integer(1, 10),
        "Control the current range, 1 is 1 A, each next a tenth (index, 1 to 10).",
        "irange?",
    )
    auto_range = control("irnaut ", ONE_IS_ON, "Control the auto range (on or off).", "irnaut?")
    bandwidth = control(
        "clbwth ",
        Integer(0, 5),
        "Control the control loop, 0 is 1 MHz, each next a tenth (index, 0 to 5).",
        "clbwth?",
    )
    compliance_limit = control(
        "celimt ", ONE_IS_ON, "Control whether the compliance is limited (on or off).", "celimt?"
    )
    compliance_mV = control(
        "celimv ",
        Integer(500, 30000, "mV"),
        "Control the limit of the compliance (mV, 500 to 30000).",
        "celimv?",
    )
    is_limiting = measurement("limitg?", ONE_IS_ON, "Get whether the compliance limit acts (on or off).")
    external_added = control(
        "addscn ", ONE_IS_ON, "Control whether the external input is added (on or off).", "addscn?"
    )
    direct_control = control(
        "dcntrl ",
        ONE_IS_ON,
        "Control whether the external input alone drives the cell (on or off).",
        "dcntrl?",
    )
    voltage_range = control(
        "eadcrg ", Integer(0, 2), "Control the range of the voltage converter (index, 0 to 2).", "eadcrg?"
    )
    voltage_filter = control(
        "eadcfl ", Integer(0, 2), "Control the filter of the voltage converter (index, 0 to 2).", "eadcfl?"
    )
    current_filter = control(
        "iadcfl ", Integer(0, 2), "Control the filter of the current converter (index, 0 to 2).", "iadcfl?"
    )
    averaging = control(
        "avgexp ",
        Integer(0, 8),
        "Control how many conversions are averaged, as 2 to it (index, 0 to 8).",
        "avgexp?",
    )
    bias_rejection = control(
        "brenab ", ONE_IS_ON, "Control the bias rejection of the front outputs (on or off).", "brenab?"
    )
    voltage_bias_mV = control(
        "bireje ",
        Integer(-15000, 15000, "mV"),
        "Control the voltage that is rejected (mV, -15000 to 15000).",
        "bireje?",
    )
    voltage_low_pass = control(
        "lpfile ", ONE_IS_ON, "Control the 10 Hz filter of the front voltage output (on or off).", "lpfile?"
    )
    current_low_pass = control(
        "lpfili ", ONE_IS_ON, "Control the 10 Hz filter of the front current output (on or off).", "lpfili?"
    )
    ir_compensation = control("irenab ", ONE_IS_ON, "Control the IR compensation (on or off).", "irenab?")
    booster = control("bstren ", ONE_IS_ON, "Control the booster (on or off).", "bstren?")
    voltage_V = measurement(
        "vlevel?", Level(-20.0, 20.0, "V"), "Measure the voltage of WE against RE (V, -20 to 20)."
    )
    current_A = measurement("ilevel?", Level(-3.0, 3.0, "A"), "Measure the cathodic current (A, -3 to 3).")
    identification = measurement("*IDN?", Text(), "Get who it is (text).")
    events = measurement("*ESR?", Integer(0, 255), "Get and clear the event register (index, 0 to 255).")
