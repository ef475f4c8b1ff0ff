"""The Solartron 1287 as the bus sees it: its commands, its readings and their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from simulators.instrument import Instrument
from simulators.language import OUT_OF_RANGE, Refused, Spec, defaults
from simulators.power_stage import PowerStage
from simulators.rear_outputs import RearOutputs
from simulators.settings import Settings1287
from simulators.voltmeter import Reading, Voltmeter

_ACTION = Spec("", action=True)
_SWITCH = Spec("I", 0, 1)
_PARAMETER = Spec("I", 0, 11)
_DISPLAY = Spec("I", 0, 13)

TABLE: Mapping[str, Spec] = {
    "PO": _SWITCH,
    "PV": Spec("F", -14.5, 14.5),
    "PC": Spec("F", -2.0, 2.0),
    "PI": Spec("I", 0, 1, 1),
    "PW": Spec("I", 0, 1, action=True),
    "BY": _SWITCH,
    "ON": _SWITCH,
    "PB": Spec("I", 0, 9, 2),
    "GB": Spec("I", 0, 2, 2),
    "SY": _SWITCH,
    "RR": Spec("I", 0, 8),
    "IL": Spec("I", 0, 6, 6),
    "OL": Spec("I", 0, 2),
    "CC": Spec("I", 0, 0),
    "CT": _SWITCH,
    "VT": _SWITCH,
    "VR": Spec("F", -14.5, 14.5),
    "IT": _SWITCH,
    "IR": Spec("F", -2.0, 2.0),
    "BR": _SWITCH,
    "FI": _SWITCH,
    "VX": _SWITCH,
    "IX": _SWITCH,
    "SW": Spec("I", 0, 0),
    "DG": Spec("I", 0, 3),
    "RG": Spec("I", 0, 4),
    "TR": Spec("I", 0, 3),
    "DC": _SWITCH,
    "AV": _SWITCH,
    "NU": Spec("I", 0, 2),
    "RU": Spec("I", 0, 1),
    "PX": Spec("I", 0, 11, 3),
    "PY": Spec("I", 0, 11, 5),
    "UL": Spec("I", 0, 13, 3),
    "UR": Spec("I", 0, 13, 5),
    "GP": Spec("I", 0, 2),
    "OT": Spec("I", 0, 3),
    "TM": Spec("P", 0, 59),
    "EB": _SWITCH,
    "BK": Spec("I", 0, 4, action=True),
    "CE": _ACTION,
    "ER": Spec("", query_only=True),
    "ST": Spec("", query_only=True),
    "VN": Spec("", query_only=True),
}

_LONG, _SHORT = 1, 2  # GP
_SINGLE, _CONTINUOUS = 0, 1  # TR
_IN_FULL_STANDBY = (0, 9, 10)  # CE, POL, sum-POL (1287 manual p. 91)
_DRIVE = frozenset(("PO", "PV", "PC", "PI", "ON", "RR", "IL", "OL", "PB", "GB", "SY"))


class Solartron1287(Instrument):
    """The electrochemical interface: polarization, ranges, and a voltmeter that reads PX and PY.

    A reading has two instants: the middle of its conversion, where the signal counts, and its end, at which
    the line goes out.
    """

    name = "1287"
    table = TABLE
    integer_digits = 3

    def __init__(
        self, settings: Settings1287, stage: PowerStage, outputs: RearOutputs, voltmeter: Voltmeter
    ) -> None:
        super().__init__(settings, stage.faults)
        self.settings = settings
        self._stage = stage
        self._outputs = outputs
        self._voltmeter = voltmeter
        self._window_s = self._end_s = 0.0
        self._converts = False
        self._reading = Reading(0.0, 0.0, 0, 0)
        self._before = self._reading
        self._null = (0.0, 0.0)
        self._mean: tuple[int, float, float] = (0, 0.0, 0.0)
        self._clock_offset_s = 0.0
        self.set_values(self.reset_values())
        stage.values = self.values
        stage.update()

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Get what codes do besides keeping a value."""
        return {
            "PW": self._switch,
            "RU": self._run,
            "BK": self._break,
            "CE": self.clear_error,
            "TM": self._set_clock,
            "?ER": self.answer_error,
            "?ST": lambda: self.say("0"),
            "?VN": lambda: self.say(self.settings.version),
            "?TM": self._answer_clock,
        }

    def reset_values(self) -> dict[str, float]:
        """Get every value as BK3 leaves it."""
        settings = self.settings
        values = defaults(TABLE)
        values["OT"] = settings.output_terminator_after_reset
        values["BY"] = settings.standby_after_reset
        values["PI"] = settings.pol_gain_after_reset
        values["SY"] = settings.bandwidth_scheme_after_reset
        return values

    # polarization

    def _switch(self, on: int) -> None:
        if on:
            self._stage.close()
        else:
            self._stage.open()
        self.changes += 1

    def settle(self, code: str) -> None:
        """Let a changed drive act at once, with the cell on as well, and a bias take its value."""
        if code in _DRIVE:
            self._stage.update()
        elif code in ("VT", "VR") and self.values["VT"]:
            self._outputs.bias_V = self.values["VR"]
        elif code in ("IT", "IR") and self.values["IT"]:
            self._outputs.bias_A = self.values["IR"]
        elif code == "AV":
            self._mean = (0, 0.0, 0.0)

    def _break(self, kind: int) -> None:
        if kind == 2:
            raise Refused(OUT_OF_RANGE)
        self.next_event_s = inf
        self.values["RU"] = 0
        if kind == 0:
            return
        self._stage.open()
        if kind == 1:
            self.output = b""
            self.deaf_until_s = self.time_s + self.settings.self_test_s
            return
        self.reset(self.settings.reset_s)
        self._outputs.bias_V = self._outputs.bias_A = 0.0
        self._stage.update()

    # reading

    def _run(self, on: int) -> None:
        values = self.values
        values["RU"] = on
        if on and values["TR"] in (_SINGLE, _CONTINUOUS):
            self._convert(self.time_s)
        else:
            self.next_event_s = inf

    def _convert(self, begin_s: float) -> None:
        """Begin a reading; with drift correction the zero is read first, the signal last."""
        settings, values = self.settings, self.values
        self._window_s = window_s = settings.conversion_s[int(values["DG"])]
        factor = 1.0 if values["DC"] else settings.drift_correction_factor
        self._end_s = begin_s + factor * window_s + settings.reading_overhead_s
        self._converts = True
        self.next_event_s = self._end_s - 0.5 * window_s

    def on_event(self) -> None:
        """Take the signal at mid-conversion; at its end send the line, and go on if continuous."""
        if self._converts:
            self._converts = False
            self._read()
            self.next_event_s = self._end_s
            return
        self.next_event_s = inf
        self._output()
        if self.values["TR"] == _CONTINUOUS:
            self._convert(self._end_s)
        else:
            self.values["RU"] = 0

    def _read(self) -> None:
        self._before = self._reading
        self._reading = reading = self._voltmeter.read(self._window_s)
        values = self.values
        if values["BR"]:
            self._reject(reading)
        if values["NU"] == 2:
            self._null = (reading.voltage_V, reading.current_A)

    def _reject(self, reading: Reading) -> None:
        """Let automatic bias rejection take over what was just read; any later reading does so again."""
        if not self.values["VT"]:
            self._outputs.bias_V = reading.voltage_V
        if not self.values["IT"]:
            self._outputs.bias_A = reading.current_A
        self.changes += 1

    def _output(self) -> None:
        values = self.values
        form = values["GP"]
        if not form:
            return
        first, e1 = self._parameter(int(values["PX"]))
        second, e2 = self._parameter(int(values["PY"]))
        if values["AV"]:
            first, second = self._averaged(first, second)
        if self.faults.active and self.faults.takes_overload(self.name):
            e1 = self.settings.voltage_overload_code
        line = f"{first:+.5E},{second:+.5E},{e1:02d},{e2:02d}"
        self.say(line if form == _SHORT else f"{line},{self._clock()}")

    def _averaged(self, first: float, second: float) -> tuple[float, float]:
        count, sum_1, sum_2 = self._mean
        self._mean = (count + 1, sum_1 + first, sum_2 + second)
        return self._mean[1] / self._mean[0], self._mean[2] / self._mean[0]

    def _parameter(self, code: int) -> tuple[float, int]:
        """Get the value and the error of a PX or PY code."""
        if not (self.values["BY"] or self._stage.closed) and code not in _IN_FULL_STANDBY:
            return 0.0, self.settings.full_standby_code
        reading = self._reading
        null_V, null_A = self._null if self.values["NU"] else (0.0, 0.0)
        if code == 3:
            return reading.voltage_V - null_V, reading.voltage_error
        if code == 5:
            return reading.current_A - null_A, reading.current_error
        if code == 4:
            return reading.voltage_V - null_V - self._rejected(self._outputs.bias_V), reading.voltage_error
        if code == 6:
            return reading.current_A - null_A - self._rejected(self._outputs.bias_A), reading.current_error
        return self._rare_parameter(code)

    def _rejected(self, bias: float) -> float:
        return bias if self.values["BR"] else 0.0

    def _rare_parameter(self, code: int) -> tuple[float, int]:
        """Get CE, RE1, RE2, the slopes, POL, sum-POL and the free input; potentials are against ground.

        The current leaves WE through the standard resistor to ground, so RE2 sits at I x Rs.
        """
        reading, before, stage = self._reading, self._before, self._stage
        change_V = reading.voltage_V - before.voltage_V
        change_A = reading.current_A - before.current_A
        drop_V = reading.current_A * stage.resistor_ohm
        value = {
            0: drop_V + reading.voltage_V,
            1: drop_V + reading.voltage_V,
            2: drop_V,
            7: change_V / change_A if change_A else 0.0,
            8: change_A / change_V if change_V else 0.0,
            9: stage.generator.bias_V,
            10: stage.pol_V + (0.0 if self.values["PO"] else self.values["PV"]),
            11: 0.0,
        }[code]
        return value, reading.voltage_error

    # clock

    def _set_clock(self, hours: int, minutes: int) -> None:
        if hours > 23:
            raise Refused(OUT_OF_RANGE)
        self._clock_offset_s = 3600.0 * hours + 60.0 * minutes - self.time_s
        self.changes += 1

    def _clock(self) -> str:
        hundredths = round((self._end_s + self._clock_offset_s) * 100.0) % 8_640_000
        seconds, cc = divmod(hundredths, 100)
        return f"{seconds // 3600:02d},{seconds // 60 % 60:02d},{seconds % 60:02d},{cc:02d}"

    def _answer_clock(self) -> None:
        minutes = int((self.time_s + self._clock_offset_s) // 60.0) % 1440
        self.say(f"{minutes // 60},{minutes % 60}")

    # a stored world

    def snapshot(self) -> dict[str, Any]:
        """Get what a stored world needs to go on."""
        return {
            "values": self.values,
            "closed": self._stage.closed,
            "rest_V": self._stage.rest_V,
            "bias": [self._outputs.bias_V, self._outputs.bias_A],
            "null": list(self._null),
            "clock_offset_s": self._clock_offset_s,
            "error": self.error,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what `snapshot` gave: polarized if it was, and not in the middle of a reading."""
        self.set_values(stored["values"])
        self.values["RU"] = 0
        self._outputs.bias_V, self._outputs.bias_A = stored["bias"]
        self._null = (stored["null"][0], stored["null"][1])
        self._clock_offset_s = stored["clock_offset_s"]
        self.error = stored["error"]
        self._stage.closed = stored["closed"]
        self._stage.rest_V = stored["rest_V"]
        self._stage.update()
