"""The Solartron 1287 as the bus sees it: its commands, its readings and their lines."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, TypedDict

from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.power_stage import FULL_SCALE_V, PowerStage
from solbench.simulators.electronics.rear_outputs import RearOutputs
from solbench.simulators.electronics.settings import Settings1287
from solbench.simulators.electronics.voltmeter import Reading, Voltmeter
from solbench.simulators.instruments.dump import bcd, floats
from solbench.simulators.instruments.instrument import TERMINATIONS, Instrument, refuse_unless
from solbench.simulators.instruments.language import OUT_OF_RANGE, Refused, Spec, defaults
from solbench.simulators.instruments.parameters import Parameters
from solbench.simulators.instruments.sweep import RAMP, Phase, Sweep, SweepSnapshot

_ACTION = Spec("", action=True)
_SWITCH = Spec("I", 0, 1)
"""Values of a switch (A)."""
_LEVEL_V = Spec("F", -14.5, 14.5)
"""Voltages that can be set, V (1287 manual, specification, A)."""
_LEVEL_A = Spec("F", -2.0, 2.0)
"""Currents that can be set, A (1287 manual, specification, A)."""
_TIME_S = Spec("F", 0.0, 1e5)
"""Times that can be set, s (the largest one D)."""

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
    "CC": Spec("I", 0, 2),
    "CT": _SWITCH,
    "IC": Spec("F", 0.0, 1e7),
    "IN": Spec("F", 26.6, 1360.0, 26.6),
    "IF": Spec("I", 1, 255, 1),
    "RO": _SWITCH,
    "RP": Spec("F", 0.0, 1e7),
    "VT": _SWITCH,
    "VR": Spec("F", -14.5, 14.5),
    "IT": _SWITCH,
    "IR": Spec("F", -2.0, 2.0),
    "BR": _SWITCH,
    "FI": _SWITCH,
    "VX": _SWITCH,
    "IX": _SWITCH,
    "DL": _TIME_S,
    "OF": _SWITCH,
    "SM": Spec("I", 1, 99999, 1, digits=5),
    **{f"{kind}{letter}": _LEVEL_V for kind in "VS" for letter in "ABCD"},
    **{f"{kind}{letter}": _LEVEL_A for kind in "JK" for letter in "ABCD"},
    **{f"T{letter}": _TIME_S for letter in "ABCD"},
    "VS": Spec("F", 0.0, 14.5),
    "IS": Spec("F", 0.0, 2.0),
    "TE": _TIME_S,
    "SW": Spec("I", 0, 2),
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
    "GP": Spec("I", 0, 4),
    "OT": Spec("I", 0, 3),
    "OS": _SWITCH,
    "RH": _SWITCH,
    "SV": Spec("I", 0, 255),
    "PP": Spec("I", 0, 8),
    "SE": _SWITCH,
    "TM": Spec("P", 0, 59),
    "EB": _SWITCH,
    "BK": Spec("I", 0, 4, action=True),
    "CE": _ACTION,
    "ER": Spec("", query_only=True),
    "ST": Spec("", query_only=True),
    "VN": Spec("", query_only=True),
}
"""Codes of the 1287 (programs and 1287 manual p. 91: those in use A, the rarer ones B and C).

OS is sent by two independent programs (A), SV and RH by one each (B); PP, its sense SE and the status bits that SV asks
for service on are those of 1287 manual p. 81 to 83 (A), their ranges as on the 1260 (C).
"""

_LONG, _SHORT, _LONG_DUMP, _SHORT_DUMP = 1, 2, 3, 4
"""What GP lets out (A; one comment takes 1 for a dump)."""
_SINGLE, _CONTINUOUS, _EXTERNAL, _SWEEP = range(4)
"""Triggers TR (A)."""
_DRIVE = frozenset(("PO", "PV", "PC", "PI", "ON", "RR", "IL", "OL", "PB", "GB", "SY", "CC", "IC"))
_ENDS_FREEZE = frozenset(("PO", "PV", "PC", "ON"))
_EARLY_S = 1e-6  # a reading at the end of a step ends so much before it
_ERROR, _MEASURED, _SWEPT, _REQUEST = 1, 2, 4, 64
"""Bits of the status byte (1287 manual p. 81, A); no file and no plot ever ends here (16, 8)."""


class Snapshot1287(TypedDict):
    """A 1287 in a stored world; `bias` in V and A, as `null`."""

    values: dict[str, float]
    closed: bool
    rest_V: float
    bias: list[float]
    null: list[float]
    sweep: SweepSnapshot
    clock_offset_s: float
    error: int


class Solartron1287(Instrument):
    """The electrochemical interface: polarization, ranges, and a voltmeter that reads PX and PY.

    A reading has two instants: the middle of its conversion, where the signal counts, and its end, at which
    the line goes out.
    """

    name = "1287"
    table = TABLE
    integer_digits = 3
    """Most digits of an integer argument, as EB and SM need them (C)."""

    __slots__ = (
        "_clock_offset_s",
        "_end_s",
        "_gives_data",
        "_measured",
        "_outputs",
        "_parameters",
        "_range_ready_s",
        "_stage",
        "_sweep",
        "_swept",
        "_voltmeter",
        "_window_s",
        "settings",
    )

    def __init__(
        self, settings: Settings1287, stage: PowerStage, outputs: RearOutputs, voltmeter: Voltmeter
    ) -> None:
        table = {**TABLE, "PW": _SWITCH} if settings.switch_query else TABLE
        super().__init__(settings, stage.faults, table)
        self.settings = settings
        self._stage = stage
        self._outputs = outputs
        self._voltmeter = voltmeter
        self._parameters = Parameters(stage, outputs, settings)
        self._sweep = Sweep(settings, stage, self._read_along, Alarm(self._go_on_sweeping))
        self.alarms = self.alarm, self._sweep.alarm
        self._window_s = self._end_s = 0.0
        self._range_ready_s = -inf
        self._clock_offset_s = 0.0
        self._measured = self._swept = self._gives_data = False
        self.set_values(self.reset_values())
        stage.values = self.values
        stage.update()
        self.press_all(settings.after_reset)

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Get what codes do besides keeping a value."""
        return {
            "PW": self._switch,
            "RU": self._run,
            "SW": self._start_sweep,
            "BK": self._break,
            "CE": self.clear_error,
            "TM": self._set_clock,
            "?ER": self.answer_error,
            "?PW": self._answer_switch,
            "?SW": lambda: self.say(f"{self._sweep.kind if self._sweep.busy else 0}"),
            "?ST": lambda: self.say(f"{self.settings.sweep_status[self._sweep.phase]}"),
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
        if not (on and self._stage.closed):
            self._sweep.release()
        if on:
            self._stage.close()
        else:
            self._stage.open()
        self.changes += 1

    def _answer_switch(self) -> None:
        self.say(f"{int(self._stage.closed)}")

    def check(self, code: str, numbers: tuple[Any, ...]) -> None:
        """Refuse a current bias beyond the standard resistor's range."""
        if code == "IR":
            fixed = int(self.values["RR"])
            refuse_unless(not fixed or abs(numbers[0]) <= FULL_SCALE_V / self._stage.resistors_ohm[fixed - 1])

    def settle(self, code: str) -> None:
        """Let a changed drive act at once, with the cell on as well, and a bias take its value."""
        if code == "PO" or (code in _ENDS_FREEZE and self._sweep.phase == Phase.FROZEN):
            self._sweep.release()
        if code in _DRIVE:
            self._stage.update()
            if code == "RR":
                self._range_ready_s = self.time_s + self.settings.range_change_s
        elif code in ("VT", "VR") and self.values["VT"]:
            self._outputs.bias_V = self.values["VR"]
        elif code in ("IT", "IR") and self.values["IT"]:
            self._outputs.bias_A = self.values["IR"]
        elif code == "RG":
            self._range_ready_s = self.time_s + self.settings.range_change_s
        elif code == "AV":
            self._parameters.begin_mean()

    def _break(self, kind: int) -> None:
        if kind == 2:
            raise Refused(OUT_OF_RANGE)
        self.values["RU"] = 0
        self.alarm.set(inf)
        if kind == 0:
            self._sweep.stop()
            return
        self._stage.open()
        self._sweep.release()
        if kind == 1:
            self.output = b""
            self.deaf_until_s = self.time_s + self.settings.self_test_s
            return
        self.reset(self.settings.reset_s)
        self._outputs.bias_V = self._outputs.bias_A = 0.0
        self._stage.update()

    def device_clear(self, time_s: float) -> None:
        """Empty input and output, and go as far as `device_clear` says."""
        super().device_clear(time_s)
        kind = self.settings.device_clear
        if kind != "keeps" and time_s >= self.deaf_until_s:
            self.time_s = time_s
            self._break(0 if kind == "breaks" else 3)
            self._switch(0)

    # sweeps

    def _start_sweep(self, kind: int) -> None:
        if kind:
            self._sweep.start(kind, self.time_s)
            self._swept = False
            if kind == RAMP and self.settings.readings_during_setup:
                self._read_along(self.time_s, inf)
        else:
            self._sweep.stop()
        self.changes += 1

    def _go_on_sweeping(self) -> None:
        self._sweep.on_event()
        self._swept = not self._sweep.busy
        self.changes += 1
        if not self._sweep.busy and self._sweep.kind == RAMP and self.values["TR"] == _SWEEP:
            self.alarm.set(inf)

    def _read_along(self, begin_s: float, end_s: float) -> None:
        """Begin a sweep-synchronised reading: at once on a ramp, so that it ends with the step on a staircase."""
        if not self.values["RU"] or self.values["TR"] != _SWEEP or self.alarm.due_s < inf:
            return
        self._convert(begin_s if end_s == inf else max(begin_s, end_s - self._reading_s() - _EARLY_S))

    # reading

    def _run(self, on: int) -> None:
        values = self.values
        values["RU"] = on
        if on and values["TR"] in (_SINGLE, _CONTINUOUS):
            self._convert(self.time_s)
        else:
            self.alarm.set(inf)

    def trigger(self, time_s: float) -> None:
        """Take one reading, if readings run (RU1) and wait for an external trigger (TR2)."""
        self.time_s = time_s
        if self.values["RU"] and self.values["TR"] == _EXTERNAL and self.alarm.due_s == inf:
            self._convert(time_s)

    def _reading_s(self) -> float:
        """Get how long a reading takes; with drift correction the zero is read first, the signal last."""
        settings, values = self.settings, self.values
        self._window_s = window_s = settings.conversion_s[int(values["DG"])]
        factor = 1.0 if values["DC"] else settings.drift_correction_factor
        return factor * window_s + settings.reading_overhead_s

    def _convert(self, begin_s: float) -> None:
        """Begin a reading: it takes the signal at mid-conversion, and sends its line at the end."""
        self._measured = False
        self._end_s = max(begin_s, self._range_ready_s) + self._reading_s()
        self.alarm.set(self._end_s - 0.5 * self._window_s, self._take_signal)

    def _take_signal(self) -> None:
        reading = self._voltmeter.read(self._window_s)
        self._parameters.take(reading)
        if self.values["BR"]:
            self._reject(reading)
        self.alarm.set(self._end_s, self.on_event)

    def on_event(self) -> None:
        """Send the line of the reading that ends now, and begin another one if readings are continuous."""
        self._measured = True
        self._output()
        trigger = self.values["TR"]
        if trigger == _CONTINUOUS or (trigger == _SWEEP and self._ramps()):
            self._convert(self._end_s)
            return
        self.alarm.set(inf)
        if trigger == _SINGLE:
            self.values["RU"] = 0

    def _ramps(self) -> bool:
        early = self.settings.readings_during_setup and self._sweep.phase in (Phase.DELAY, Phase.SETTING_UP)
        return (self._sweep.phase == Phase.RUNNING or early) and self._sweep.kind == RAMP

    def _reject(self, reading: Reading) -> None:
        """Let automatic bias rejection take over what was just read; any later reading does so again."""
        if not self.values["VT"]:
            self._outputs.bias_V = reading.voltage_V
            self.changes += 1
        if not self.values["IT"]:
            self._outputs.bias_A = reading.current_A
            self.changes += 1

    def _output(self) -> None:
        values, parameters = self.values, self._parameters
        form = values["GP"]
        if not form:
            return
        first, e1 = parameters.value(int(values["PX"]))
        second, e2 = parameters.value(int(values["PY"]))
        if values["AV"]:
            first, second = parameters.averaged(first, second)
        if self.faults.active and self.faults.takes_overload(self.name):
            e1 = self.settings.voltage_overload_code
        if form > _SHORT:
            self._dump(first, second, e1, e2, form == _LONG_DUMP)
            return
        separator = self._separator() if values["OS"] else ","
        text = "%+.5E%s%+.5E%s%02d%s%02d" % (first, separator, second, separator, e1, separator, e2)  # noqa: UP031 - hot
        if form != _SHORT:
            text = separator.join([text, *(f"{part:02d}" for part in self._clock())])
        super().say(text)
        self._gives_data = True

    def _dump(self, first: float, second: float, e1: int, e2: int, with_time: bool) -> None:
        """Put 10 or 14 bytes out at the minor address: two floats, errors and time in BCD (p. 88)."""
        decimals = (e1, e2, *(self._clock() if with_time else ()))
        self.dump(floats((first, second), self.settings.dump_byte_order) + bytes(map(bcd, decimals)))

    def _separator(self) -> str:
        """Get what OS1 puts between the fields of a reading in place of a comma: a line end, as on the 1260 (C)."""
        return TERMINATIONS[int(self.values["OT"])].decode("ascii")

    # status byte (p. 81)

    def say(self, text: str) -> None:
        """Put an answer out; it is no reading, and may not count as data."""
        super().say(text)
        self._gives_data = self.settings.answers_in_status

    def serial_poll(self) -> int:
        """Get the status byte, whose bits follow the state, and that service was asked for."""
        status = self._status()
        return status | (_REQUEST if self.values["SV"] and self._asks_for_service(status) else 0)

    @property
    def requests_service(self) -> bool:
        """Say whether the service request line is pulled."""
        return self._asks_for_service(self._status())

    def _asks_for_service(self, status: int) -> bool:
        """Say whether a bit is set of those that SV names (1287 manual p. 81; that it needs no poll to end is C)."""
        return bool(status & int(self.values["SV"]) & ~_REQUEST)

    def _status(self) -> int:
        if self.error and self.settings.error_upsets_status:
            return _ERROR
        status = _MEASURED if self._measured else 0
        if (self.output and self._gives_data) or self.dump_port.output:
            status |= self._message_available
        if self.error:
            status |= _ERROR
        if self._swept:
            status |= _SWEPT
        return status

    # clock

    def _set_clock(self, hours: int, minutes: int) -> None:
        if hours > 23:
            raise Refused(OUT_OF_RANGE)
        self._clock_offset_s = 3600.0 * hours + 60.0 * minutes - self.time_s
        self.changes += 1

    def _clock(self) -> tuple[int, int, int, int]:
        """Get hours, minutes, seconds and hundredths at the end of the reading."""
        hundredths = round((self._end_s + self._clock_offset_s) * 100.0) % 8_640_000
        seconds, cc = divmod(hundredths, 100)
        return seconds // 3600, seconds // 60 % 60, seconds % 60, cc

    def _answer_clock(self) -> None:
        minutes = int((self.time_s + self._clock_offset_s) // 60.0) % 1440
        self.say(f"{minutes // 60},{minutes % 60}")

    # a stored world

    def snapshot(self) -> Snapshot1287:
        """Get what a stored world needs to continue."""
        return {
            "values": self.values,
            "closed": self._stage.closed,
            "rest_V": self._stage.rest_V,
            "bias": [self._outputs.bias_V, self._outputs.bias_A],
            "null": list(self._parameters.null),
            "sweep": self._sweep.snapshot(),
            "clock_offset_s": self._clock_offset_s,
            "error": self.error,
        }

    def restore(self, stored: Snapshot1287) -> None:
        """Take over what `snapshot` gave: polarized if it was, and not in the middle of a reading."""
        self.set_values(stored["values"])
        self.values["RU"] = 0
        self._outputs.bias_V, self._outputs.bias_A = stored["bias"]
        self._parameters.null = (stored["null"][0], stored["null"][1])
        self._sweep.restore(stored["sweep"])
        self._clock_offset_s = stored["clock_offset_s"]
        self.error = stored["error"]
        self._stage.closed = stored["closed"]
        self._stage.rest_V = stored["rest_V"]
        self._stage.update()
        self.alarm.set(inf)
