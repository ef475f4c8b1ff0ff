"""The Keithley 2400 source-measure unit, and a 2450 that takes the same commands: SCPI, one source, two meters.

Written from what the manual of the 2400 and programs for it (pymeasure) have. HI is on the cell's positive terminal, so
positive current charges. What it does with its output off is the point at which it differs from a potentiostat: see
`off_state`.
"""

import struct
from collections.abc import Mapping
from typing import ClassVar, NotRequired, TypedDict

from solbench.simulators.electronics.makes.settings_2400 import OFF_STATES, Settings2400
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.rear_outputs import RearOutputs
from solbench.simulators.electronics.voltmeter import Voltmeter
from solbench.simulators.instruments.language import defaults
from solbench.simulators.instruments.solartron1287 import TABLE as CODES_OF_STAGE
from solbench.simulators.makes.line_instrument import (
    EXECUTION_ERROR,
    QUERY_ERROR,
    LineInstrument,
    Unknown,
    real,
)

VOLTAGE_RANGES_V = (0.2, 2.0, 20.0, 200.0)
"""Ranges of source and meter (A)."""
FULL_SCALE_V = 1.0
"""What stands for the full scale of a current range inside (no instrument shows it, C)."""
OVERFLOW, COMPLIANCE, RANGE_COMPLIANCE = 1, 8, 65536
"""Bits of STAT: an overflow, the set limit acts, the range of the ammeter acts as one (A; the last K)."""
MEASURED = {"VOLT": 2048, "CURR": 4096, "RES": 8192}
"""Bits of STAT: what was measured (A; a line recorded of a real one agrees)."""
NO_NUMBER = 9.91e37
"""What stands for what was neither measured nor sourced (A)."""
LEAST_LIMIT = 0.001
"""Of the measurement range: no limit is less (A)."""
QUEUE = 10
"""Messages that its queue of errors holds (A)."""
FULL = (-350, "Queue overflow")
"""What takes the last place of a queue that is full when there is one more, which is lost (A)."""
NUMBERS: Mapping[str, tuple[float, float, float]] = {
    "SOUR:CURR": (-1.05, 1.05, 0.0),
    "SOUR:CURR:RANG": (-1.05, 1.05, 1e-4),
    "SOUR:VOLT": (-210.0, 210.0, 0.0),
    "SOUR:VOLT:RANG": (-210.0, 210.0, 20.0),
    "SENS:CURR:PROT": (-1.05, 1.05, 1.05e-4),
    "SENS:VOLT:PROT": (-210.0, 210.0, 21.0),
    "SENS:CURR:RANG": (-1.05, 1.05, 1.05e-4),
    "SENS:VOLT:RANG": (-210.0, 210.0, 21.0),
    "SENS:CURR:NPLC": (0.01, 10.0, 1.0),
    "SENS:VOLT:NPLC": (0.01, 10.0, 1.0),
    "ARM:COUN": (1.0, 2500.0, 1.0),
    "TRIG:COUN": (1.0, 2500.0, 1.0),
    "TRIG:DEL": (0.0, 999.9999, 0.0),
    "SOUR:DEL": (0.0, 9999.999, 0.0),
}
"""Settings with a number: smallest, largest, after *RST (A)."""
WORDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "SOUR:FUNC": (("VOLT", "CURR"), "VOLT"),
    "OUTP:SMOD": (OFF_STATES, ""),
    "SYST:RSEN": (("0", "1"), "0"),
    "SYST:AZER": (("0", "1"), "1"),
    "SOUR:DEL:AUTO": (("0", "1"), "1"),
    "FORM": (("ASC", "REAL", "SRE"), "ASC"),
    "SENS:FUNC:CONC": (("0", "1"), "1"),
    "SENS:AVER": (("0", "1"), "0"),
    "ARM:SOUR": (("IMM", "BUS", "TIM", "MAN", "TLIN"), "IMM"),
    "TRIG:SOUR": (("IMM", "TLIN"), "IMM"),
    "SOUR:CURR:MODE": (("FIX", "SWE", "LIST"), "FIX"),
    "SOUR:VOLT:MODE": (("FIX", "SWE", "LIST"), "FIX"),
    "SOUR:CLE:AUTO": (("0", "1"), "0"),
    "SENS:CURR:RANG:AUTO": (("0", "1"), "1"),
    "SENS:VOLT:RANG:AUTO": (("0", "1"), "1"),
    "SOUR:CURR:RANG:AUTO": (("0", "1"), "1"),
    "SOUR:VOLT:RANG:AUTO": (("0", "1"), "1"),
}
"""Settings with a word, and the one after *RST (A)."""
ELEMENTS: tuple[str, ...] = ("VOLT", "CURR", "RES", "TIME", "STAT")
SHORT = {
    "SOURCE": "SOUR",
    "FUNCTION": "FUNC",
    "CURRENT": "CURR",
    "VOLTAGE": "VOLT",
    "RANGE": "RANG",
    "SENSE": "SENS",
    "PROTECTION": "PROT",
    "NPLCYCLES": "NPLC",
    "OUTPUT": "OUTP",
    "SMODE": "SMOD",
    "SYSTEM": "SYST",
    "RSENSE": "RSEN",
    "ERROR": "ERR",
    "FORMAT": "FORM",
    "ASCII": "ASC",
    "REAL,32": "REAL",
    "SREAL": "SRE",
    "ELEMENTS": "ELEM",
    "CONCURRENT": "CONC",
    "AZERO": "AZER",
    "DELAY": "DEL",
    "AVERAGE": "AVER",
    "TRIGGER": "TRIG",
    "COUNT": "COUN",
    "IMMEDIATE": "IMM",
    "FIXED": "FIX",
    "CLEAR": "CLE",
    "HIMPEDANCE": "HIMP",
    "NORMAL": "NORM",
    "GUARD": "GUAR",
    "ON": "1",
    "OFF": "0",
}
OPTIONAL = frozenset(
    (
        "",
        "LEV",
        "LEVEL",
        "IMM",
        "IMMEDIATE",
        "AMPL",
        "AMPLITUDE",
        "STAT",
        "STATE",
        "UPP",
        "UPPER",
        "NEXT",
        "DATA",
    )
)
_NEARLY = 0.999
FASTEST_NPLC = (10.0, 1.0, 0.1)
"""From these on a reading has the noise of the first, second and third kind (D)."""


class Snapshot2400(TypedDict):
    """A 2400 in a stored world."""

    numbers: dict[str, float]
    words: dict[str, str]
    output: bool
    measured: NotRequired[list[str]]
    zeroed_s: NotRequired[float]
    off_states: NotRequired[dict[str, str]]


class Keithley2400(LineInstrument):
    """One 2400; `stage` is set in the 1287's codes, which stand in its `values`."""

    name: ClassVar[str] = "2400"

    def __init__(
        self, settings: Settings2400, stage: PowerStage, outputs: RearOutputs, voltmeter: Voltmeter
    ) -> None:
        super().__init__(stage.faults, settings.output_bytes_per_s, settings.message_available_bit)
        self.settings = settings
        self._stage = stage
        self._outputs = outputs
        self._voltmeter = voltmeter
        self._numbers: dict[str, float] = {}
        self._words: dict[str, str] = {}
        self._elements = ELEMENTS
        self._functions: set[str] = set()
        self._off_states: dict[str, str] = {}
        self._is_on = False
        self._zeroed_s = 0.0
        self._drive = defaults(CODES_OF_STAGE)
        self._drive["OL"] = 1.0  # it limits, and opens nothing
        stage.values = self._drive
        stage.hears_pol = False
        self._reset()

    def understands(self, command: str) -> bool:
        """Say whether a text is a command that sets something."""
        return self.split(command)[0] in {*NUMBERS, *WORDS, "OUTP", "SENS:FUNC", "SENS:FUNC:OFF"}

    # its language

    def split(self, command: str) -> tuple[str, str]:
        """Return the header in its short form, without what may be left out, and the argument."""
        header, _, argument = command.partition(" ")
        asks = header.endswith("?")
        words = header.upper().rstrip("?").removesuffix(":ON").split(":")
        nodes = [node if node == "OFF" else SHORT.get(node, node) for node in words if node not in OPTIONAL]
        return ":".join(nodes) + "?" * asks, argument.strip()

    def has_nothing_to_say(self) -> None:
        """Keep the error of a read without a question (2400 manual, appendix B, A)."""
        self.refuse(Unknown(-420, "Query UNTERMINATED", QUERY_ERROR))

    def refuse(self, problem: Unknown) -> None:
        """Keep what was wrong, or that there was no room left for it."""
        super().refuse(problem)
        if len(self.errors) > QUEUE:
            self.errors.pop()
            self.errors[-1] = FULL

    def obey(self, header: str, argument: str) -> None:
        """Carry out a command; raises Unknown."""
        word = SHORT.get(argument.upper(), argument.upper())
        if header == "*RST":
            self._reset()
        elif header == "OUTP":
            if word not in ("0", "1"):
                raise Unknown(-102, "Syntax error")
            self._is_on = word == "1"
        elif header == "FORM:ELEM":
            self._elements = tuple(one for one in ELEMENTS if one in word.replace(" ", "").split(","))
        elif header in ("SENS:FUNC", "SENS:FUNC:OFF"):
            self._set_functions(header, word)
        elif header in WORDS:
            if word not in WORDS[header][0]:
                raise Unknown(-224, "Illegal parameter value", EXECUTION_ERROR)
            self._set_word(header, word)
        elif header in NUMBERS:
            low, high, _ = NUMBERS[header]
            self._set_number(header, real(argument, low, high))
        else:
            raise Unknown(-113, "Undefined header")
        self.changes += 1
        self._settle()

    def answer(self, header: str, argument: str) -> None:
        """Answer a question; raises Unknown."""
        if header == "READ":
            self._measure()
        elif header == "OUTP":
            self.say(f"{int(self._is_on)}")
        elif header == "SYST:ERR":
            code, text = self.errors.popleft() if self.errors else (0, "No error")
            self.say(f'{code:+d},"{text}"')
        elif header == "*IDN":
            self.say(self.settings.identity)
        elif header == "FORM:ELEM":
            self.say(",".join(self._elements))
        elif header in WORDS:
            self.say(self._words[header])
        elif header == "SENS:FUNC":
            self.say(",".join(f'"{one}"' for one in sorted(self._functions)))
        elif header in NUMBERS:
            self.say(f"{self._shown(header):+.6E}")
        else:
            raise Unknown(-113, "Undefined header")

    def _shown(self, header: str) -> float:
        """Return a number as it is answered: a range by 105 % of its full scale (A, the defaults)."""
        number = self._numbers[header]
        if not header.endswith(":RANG"):
            return number
        find = self._current_range if ":CURR" in header else self._voltage_range
        return self.settings.off_limit_ratio * find(abs(number))[1]

    def _set_functions(self, header: str, word: str) -> None:
        """Measure what is listed as well, or no longer; alone where not all are measured together."""
        listed = {one.strip().strip("\"'").removesuffix(":DC") for one in word.split(",")}
        if not listed <= set(MEASURED):
            raise Unknown(-224, "Illegal parameter value", EXECUTION_ERROR)
        if header.endswith(":OFF"):
            self._functions -= listed
        elif self._words["SENS:FUNC:CONC"] == "1":
            self._functions |= listed
        else:
            self._functions = listed

    def _set_word(self, header: str, word: str) -> None:
        if header == "SOUR:FUNC" and self.settings.off_state_of_each_source:
            self._off_states[self._words["SOUR:FUNC"]] = self._words["OUTP:SMOD"]
            self._words["OUTP:SMOD"] = self._off_states.get(word, self.settings.off_state)
        if header == "SYST:AZER":
            self._zeroed_s = self.time_s  # from here on the zero drifts, where none is taken any more
        self._words[header] = word

    def _set_number(self, header: str, value: float) -> None:
        source = header.removeprefix("SOUR:")
        if header in ("SOUR:CURR", "SOUR:VOLT"):
            fits = self.settings.off_limit_ratio * self._source_range(source)
            if abs(value) > fits * (1.0 + 1e-9):
                raise Unknown(-222, "Parameter data out of range", EXECUTION_ERROR)
        if header.endswith(":PROT") and abs(value) < LEAST_LIMIT * self._meter_range(header):
            raise Unknown(822, "Too small for sense range", EXECUTION_ERROR)
        if header.startswith("SENS:") and header.endswith(":RANG"):
            self._check_meter_range(header, value)
        if header.endswith(":RANG"):
            self._words[f"{header}:AUTO"] = "0"
        if header == "SOUR:DEL":
            self._words["SOUR:DEL:AUTO"] = "0"
        self._numbers[header] = value

    def _meter_range(self, limit: str) -> float:
        """Return the measurement range beside a limit, 0 while it is chosen by itself."""
        ranged = limit.replace(":PROT", ":RANG")
        if self._words[f"{ranged}:AUTO"] == "1":
            return 0.0
        return self._shown(ranged) / self.settings.off_limit_ratio

    def _check_meter_range(self, header: str, value: float) -> None:
        """Refuse the range of what is sourced, and one above that of the limit (A)."""
        find = self._current_range if ":CURR" in header else self._voltage_range
        if header.split(":")[1] == self._words["SOUR:FUNC"]:
            raise Unknown(823, "Invalid with source read-back on", EXECUTION_ERROR)
        limit = abs(self._numbers[header.replace(":RANG", ":PROT")])
        if find(abs(value))[1] > find(limit)[1]:
            raise Unknown(824, "Cannot exceed compliance range", EXECUTION_ERROR)

    def _source_range(self, function: str) -> float:
        if self._words[f"SOUR:{function}:RANG:AUTO"] == "1":
            return 1.0 if function == "CURR" else VOLTAGE_RANGES_V[-1]
        asked = abs(self._numbers[f"SOUR:{function}:RANG"])
        return self._current_range(asked)[1] if function == "CURR" else self._voltage_range(asked)[1]

    def _reset(self) -> None:
        self._numbers = {name: after for name, (_, _, after) in NUMBERS.items()}
        self._words = {name: after for name, (_, after) in WORDS.items()}
        self._words["OUTP:SMOD"] = self.settings.off_state
        self._elements = ELEMENTS
        self._functions, self._off_states = {"CURR"}, {}
        self._is_on = False
        self.output = b""
        self.errors.clear()
        self._settle()

    # what it does

    def _current_range(self, asked_A: float) -> tuple[int, float]:
        """Return the smallest range for a current, counted from 1, and its full scale."""
        found = 1
        for index, ohm in enumerate(self.settings.resistors_ohm, start=1):
            if FULL_SCALE_V / ohm * self.settings.off_limit_ratio >= asked_A:
                found = index
        return found, FULL_SCALE_V / self.settings.resistors_ohm[found - 1]

    def _voltage_range(self, asked_V: float) -> tuple[int, float]:
        ratio = self.settings.voltage_overload_ratio
        found = next(
            (n for n, full in enumerate(VOLTAGE_RANGES_V, 1) if full * ratio >= asked_V),
            len(VOLTAGE_RANGES_V),
        )
        return found, VOLTAGE_RANGES_V[found - 1]

    @property
    def _sources_current(self) -> bool:
        return self._words["SOUR:FUNC"] == "CURR" and self._is_on

    def _settle(self) -> None:
        """Let the settings act on the cell at once."""
        numbers, drive, stage = self._numbers, self._drive, self._stage
        off_state = self._words["OUTP:SMOD"]
        asked_A = numbers["SOUR:CURR:RANG"] if self._sources_current else numbers["SENS:CURR:RANG"]
        index, full_scale_A = self._current_range(abs(asked_A))
        drive["RR"] = float(index)
        drive["PO"] = float(self._sources_current)
        drive["PC"] = numbers["SOUR:CURR"]
        drive["PV"] = numbers["SOUR:VOLT"] if self._is_on else 0.0
        drive["DG"] = float(sum(numbers["SENS:CURR:NPLC"] < one for one in FASTEST_NPLC))
        range_V = numbers["SENS:VOLT:RANG"] if self._sources_current else numbers["SOUR:VOLT:RANG"]
        is_auto = self._words[f"{'SENS' if self._sources_current else 'SOUR'}:VOLT:RANG:AUTO"] == "1"
        drive["RG"] = 0.0 if is_auto else float(self._voltage_range(abs(range_V))[0])
        stage.compliance_V = abs(numbers["SENS:VOLT:PROT"]) if self._sources_current else VOLTAGE_RANGES_V[-1]
        stage.most_A = abs(numbers["SENS:CURR:PROT"])
        if not self._is_on and off_state != "ZERO":
            stage.most_A = self.settings.normal_off_of_range * full_scale_A
        if self._sources_current:
            stage.most_A = abs(numbers["SOUR:CURR:RANG"]) * self.settings.off_limit_ratio
        closes = self._is_on or off_state != "HIMP"
        if closes and not stage.closed:
            stage.close()
        elif stage.closed and not closes:
            stage.open()
        else:
            stage.update()

    def _measure(self) -> None:
        """Convert, and answer at the end; what counts is the middle."""
        if not self._is_on:
            raise Unknown(803, "Not permitted with OUTPUT off", EXECUTION_ERROR)
        numbers, settings = self._numbers, self.settings
        if self._words["ARM:SOUR"] != "IMM" or self._words["TRIG:SOUR"] != "IMM":
            return  # it waits
        window_s = (
            settings.conversions
            * max(numbers["SENS:CURR:NPLC"], numbers["SENS:VOLT:NPLC"])
            / settings.mains_Hz
        )
        half_s = 0.5 * window_s
        count = int(numbers["ARM:COUN"] * numbers["TRIG:COUN"])

        def convert() -> None:
            elements = self._reading(window_s) * count
            self.later(half_s + settings.reading_overhead_s, lambda: self._send(elements))

        self.later(self._delay_s() + half_s, convert)

    def _delay_s(self) -> float:
        """Return the time from a trigger to the conversions behind it."""
        trigger_s = self._numbers["TRIG:DEL"]
        if self._words["SOUR:DEL:AUTO"] == "0":
            return trigger_s + self._numbers["SOUR:DEL"]
        return trigger_s + self.settings.auto_delay_s[int(self._drive["RR"]) - 1]

    def _send(self, elements: list[float]) -> None:
        """Answer a reading as text, or in the 4 bytes of an IEEE 754 number each, behind #0."""
        if self._words["FORM"] == "ASC":
            self.say(",".join(f"{one:+.6E}" for one in elements))
        else:
            self.output += b"#0" + struct.pack(f">{len(elements)}f", *elements) + b"\n"

    def _reading(self, window_s: float) -> list[float]:
        reading = self._voltmeter.read(window_s)
        drift_V, drift_A = self._drifts()
        overflows = bool(reading.voltage_error) or (
            self.faults.active and self.faults.takes_overload(self.name)
        )
        beyond = self.settings.overflow_reads
        sourced = self._words["SOUR:FUNC"]
        shown = {
            one: self._numbers[f"SOUR:{one}"] if one == sourced else NO_NUMBER for one in ("VOLT", "CURR")
        }
        if "VOLT" in self._functions:
            shown["VOLT"] = beyond if overflows else reading.voltage_V + drift_V
        if "CURR" in self._functions:
            shown["CURR"] = beyond if reading.current_error else reading.current_A + drift_A
        status = OVERFLOW if overflows or reading.current_error else 0
        status |= self._limit() | sum(MEASURED[one] for one in self._functions)
        shown |= {
            "RES": NO_NUMBER,
            "TIME": self.time_s,
            "STAT": float(status),
        }
        return [shown[one] for one in self._elements]

    def _drifts(self) -> tuple[float, float]:
        """Return how far the zeros have gone (V, A) since one was last taken with each reading."""
        if self._words["SYST:AZER"] == "1":
            return 0.0, 0.0
        since_s, settings = self.time_s - self._zeroed_s, self.settings
        drift_A = settings.zero_drift_of_range_per_s * self._stage.full_scale_A
        return settings.zero_drift_V_per_s * since_s, drift_A * since_s

    def _limit(self) -> int:
        """Return the bit that says which limit acts."""
        voltage_V, current_A = self._stage.sample()
        if self._sources_current:
            return COMPLIANCE if abs(voltage_V) >= _NEARLY * self._stage.compliance_V else 0
        range_A = self.settings.off_limit_ratio * self._stage.full_scale_A
        if abs(current_A) >= _NEARLY * min(self._stage.most_A, range_A):
            return COMPLIANCE if self._stage.most_A <= range_A else RANGE_COMPLIANCE
        return 0

    # a stored world

    def snapshot(self) -> Snapshot2400:
        """Get what a stored world needs to continue."""
        return {
            "numbers": dict(self._numbers),
            "words": dict(self._words),
            "output": self._is_on,
            "measured": sorted(self._functions),
            "off_states": dict(self._off_states),
            "zeroed_s": self._zeroed_s,
        }

    def restore(self, stored: Snapshot2400) -> None:
        """Take over what `snapshot` gave."""
        self._numbers.update(stored["numbers"])
        self._words.update(stored["words"])
        self._functions = set(stored.get("measured", ("VOLT", "CURR")))
        self._off_states = dict(stored.get("off_states", {}))
        self._zeroed_s = stored.get("zeroed_s", 0.0)
        self._is_on = stored["output"]
        self._settle()
