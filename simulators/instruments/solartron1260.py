"""The Solartron 1260 as the bus sees it: its commands and what they start."""

from cmath import phase
from collections.abc import Callable, Mapping
from math import ceil, degrees, inf
from typing import Any, Protocol, TypedDict

from solbench.simulators.electronics.faults import Faults
from solbench.simulators.electronics.front_end import FrontEnd
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.settings import Settings1260
from solbench.simulators.electronics.signals import NOTHING, V1, V2, I, Signal
from solbench.simulators.instruments.instrument import TERMINATIONS, Instrument, refuse_unless
from solbench.simulators.instruments.language import OUT_OF_RANGE, Spec, defaults
from solbench.simulators.instruments.ports import GPIB, HISTORY, RS423, Printer, dump, dump_all
from solbench.simulators.instruments.results import (
    Measurement,
    coordinates_code,
    error_digit,
    in_coordinates,
    result_line,
    source_value,
)
from solbench.simulators.instruments.status import COMMAND_ERROR, COMPLETE, EXECUTION_ERROR, Status

_ACTION = Spec("", action=True)
HIGH_FREQUENCY_HZ, HIGH_FREQUENCY_V, HIGH_FREQUENCY_A = 10e6, 1.0, 20e-3
"""Above this frequency the generator gives a third: so many V and A rms (1260 manual, A)."""
_BOTH = {1: (0, 1), 2: (0, 1)}

TABLE: Mapping[str, Spec] = {
    "GT": Spec("I", 0, 1),
    "FR": Spec("F", 10e-6, 32e6, 1000.0),
    "VA": Spec("F", 0.0, 3.0),
    "VB": Spec("F", -40.95, 40.95),
    "IA": Spec("F", 0.0, 60e-3),
    "IB": Spec("F", -0.1, 0.1),
    "VC": Spec("F", 0.0, 3.0),
    "IC": Spec("F", 0.0, 60e-3),
    "ME": Spec("I", 0, 0),
    "IS": Spec("F", 0.01, 1e5, 1.0),
    "MS": Spec("F", 0.0, 1e5),
    "AU": Spec("I", 0, 0),
    "RA": Spec("II", channels={1: (0, 3), 2: (0, 3), 3: (0, 5)}),
    "DC": Spec("II", channels={1: (0, 1), 2: (0, 1), 3: (0, 1)}),
    "IP": Spec("II", channels=_BOTH),
    "OU": Spec("II", channels=_BOTH),
    "SW": Spec("I", 0, 0),
    "SO": Spec("P", 0, 3),
    "CV": Spec("I", 0, 2),
    "CZ": Spec("I", 0, 1),
    "CI": Spec("I", 0, 1),
    "CY": Spec("I", 0, 1),
    "UW": Spec("I", 0, 1),
    "VI": Spec("I", 0, 2),
    "FV": Spec("I", 0, 1),
    "OP": Spec("II", channels={1: (0, 5), 2: (0, 5), 3: (0, 5)}),
    "RH": Spec("I", 0, 1),
    "OT": Spec("I", 0, 3),
    "OS": Spec("I", 0, 1),
    "SV": Spec("I", 0, 255),
    "BP": Spec("I", 0, 1),
    "PP": Spec("I", 0, 8),
    "PS": Spec("I", 0, 1),
    "RR": Spec("I", 0, 0),
    "TT": Spec("I", 1, 3, action=True),
    "SI": _ACTION,
    "RE": _ACTION,
    "BK": _ACTION,
    "DO": _ACTION,
    "FC": _ACTION,
    "CE": _ACTION,
    "ER": Spec("", query_only=True),
    "VN": Spec("", query_only=True),
    "*IDN": Spec(""),  # the manual prints it without its question mark (p. 142)
    "*STB": Spec("", query_only=True),
    "*ESR": Spec("", query_only=True),
    "*TST": Spec("", query_only=True),
    "*SRE": Spec("I", 0, 255),
    "*ESE": Spec("I", 0, 255),
    "*RST": _ACTION,
    "*CLS": _ACTION,
    "*OPC": _ACTION,
}
"""Codes of the 1260 (programs: those in use A, the rarer ones B and C; SW, ME, AU above 0 were not found, D).

SV is sent by one program for both instruments (B); what it does beside *SRE is not known, and nothing here.
"""

HIGHEST_1255B_Hz = 1e6
"""Of the 1255B (K)."""
LACKS_1255B = frozenset(("GT", "IA", "IB", "IC", "CZ"))
CODES_1255B: Mapping[str, Spec] = {
    **{code: spec for code, spec in TABLE.items() if code not in LACKS_1255B},
    "FR": Spec("F", 10e-6, HIGHEST_1255B_Hz, 1000.0),
    "RA": Spec("II", channels={1: (0, 3), 2: (0, 3)}),
    "DC": Spec("II", channels={1: (0, 1), 2: (0, 1)}),
    "SO": Spec("P", 0, 2),
}
"""Codes of the 1255B, which has neither the I input nor a current generator (those of one program B, the others K)."""
_BREAKS = ("BK", "TT", "*RST")  # what is obeyed while other commands wait
_LET_OUT = ("all", "pass", "dump", "dump_all")  # every result passes, for no limits can be set


class Listen(Protocol):
    """What lies at the inputs now; with a window, as correlation over it around now finds it."""

    def __call__(self, window_s: float = 0.0) -> Mapping[int, Signal]:
        """Get the signals by input."""
        ...


class Snapshot1260(TypedDict):
    """A 1260 in a stored world."""

    values: dict[str, float]
    generator: list[float]
    source: list[int]
    error: int


class Solartron1260(Instrument):
    """The impedance analyzer. `listen` gives what lies at its inputs.

    A measurement has three instants: the integration begins, its middle (where the cell's state counts) and
    its end, at which the result goes out.
    """

    name = "1260"
    table = TABLE
    integer_digits = 3
    """Most digits of an integer argument, as *SRE needs them; its own codes take two (C)."""

    def __init__(
        self,
        settings: Settings1260,
        generator: Generator,
        front_end: FrontEnd,
        listen: Listen,
        generator_changed: Callable[[], None],
        faults: Faults,
    ) -> None:
        super().__init__(settings, faults)
        if settings.family == "1255B":
            self.speaks(CODES_1255B)
        self.settings = settings
        self.generator = generator
        self.last: Measurement | None = None
        self._front_end = front_end
        self._listen = listen
        self._generator_changed = generator_changed
        self._steps: list[tuple[float, Callable[[], None]]] = []
        self._recycles = False
        self._source = (V1, V2)
        self._start: dict[int, Signal] = {}
        self._middle: dict[int, Signal] = {}
        self._integration_s = self._measured_Hz = 1.0
        self._last_phase_deg = 0.0
        self._completes = False
        self._queue: list[bytes] = []
        self.paper = Printer(settings)
        self._status = Status(settings, self.values)
        self.set_values(self.reset_values())
        self.press_all(settings.after_reset)
        self._apply_generator()

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Get what codes do besides keeping a value."""
        return {
            "SI": lambda: self._measure(recycles=False),
            "RE": lambda: self._measure(recycles=True),
            "BK": self._break,
            "*RST": self._break,
            "DO": lambda: self._output((RS423, GPIB)),
            "TT": self._initialise,
            "SO": self._choose_source,
            "?SO": lambda: self.say(f"{self._source[0]},{self._source[1]}"),
            "FC": lambda: self.paper.history.clear(),
            "CE": self.clear_error,
            "?ER": self.answer_error,
            "?VN": lambda: self.say(self.settings.version),
            "*IDN": lambda: self.say(self.settings.answers_identity),
            "?*IDN": lambda: self.say(self.settings.answers_identity),
            "?*STB": lambda: self.say(f"{self._status.byte(bool(self.output))}"),
            "?*ESR": lambda: self.say(f"{self._status.take_events()}"),
            "?*TST": lambda: self.say("1"),
            "*CLS": self._clear_status,
            "*OPC": self._complete_later,
        }

    def reset_values(self) -> dict[str, float]:
        """Get every value as TT leaves it."""
        settings = self.settings
        values = defaults(TABLE)
        values["OP2"] = settings.results_to_gpib_after_reset
        values["OT"] = settings.output_terminator_after_reset
        values["IS"] = settings.integration_after_reset_s
        values["FR"] = settings.frequency_after_reset_Hz
        return values

    # the bus meanwhile

    @property
    def held_until_s(self) -> float:
        """Get until when it takes no byte, experiment time in s."""
        return self._steps[-1][0] if self._steps and self.settings.while_measuring == "hold" else -inf

    def _execute(self, data: bytes) -> None:
        """Carry out a message, or what `while_measuring` says during a measurement."""
        mode, command = self.settings.while_measuring, data.translate(None, b" \r\n;")
        if self._steps and mode == "queue" and not command.startswith(tuple(map(str.encode, _BREAKS))):
            self._queue.append(data)
        elif not (self._steps and mode == "ignore" and command == b"DO"):
            super()._execute(data)

    def _execute_queue(self) -> None:
        waiting, self._queue = self._queue, []
        for message in waiting:
            self._execute(message)

    # generator

    def check(self, code: str, numbers: tuple[Any, ...]) -> None:
        """Refuse an amplitude that the frequency forbids, and a frequency that the amplitude forbids."""
        values = self.values
        if code == "FR" and numbers[0] > HIGH_FREQUENCY_HZ:
            refuse_unless(values["VA"] <= HIGH_FREQUENCY_V and values["IA"] <= HIGH_FREQUENCY_A)
        if code in ("VA", "VC") and values["FR"] > HIGH_FREQUENCY_HZ:
            refuse_unless(numbers[0] <= HIGH_FREQUENCY_V)
        if code in ("IA", "IC") and values["FR"] > HIGH_FREQUENCY_HZ:
            refuse_unless(numbers[0] <= HIGH_FREQUENCY_A)

    def settle(self, code: str) -> None:
        """Let a generator command act at once, also while it runs."""
        if code in ("FR", "VA", "VB", "IA", "IB", "GT"):
            self._apply_generator()
        elif code in ("*SRE", "*ESE"):
            self._status.look(bool(self.output))

    def _apply_generator(self) -> None:
        generator, values = self.generator, self.values
        if generator.frequency_Hz != values["FR"]:
            generator.set_frequency(values["FR"], self.time_s)
        kind = "I" if values["GT"] else "V"
        generator.set_levels(values[f"{kind}A"], values[f"{kind}B"], gives_current=bool(values["GT"]))
        self._generator_changed()

    # measuring

    def _measure(self, recycles: bool) -> None:
        self._recycles = recycles
        if not self.generator.running:
            self.generator.running = True
            self.changes += 1
            self._generator_changed()
        frequency_Hz = self.generator.frequency_Hz
        period_s = 1.0 / frequency_Hz
        self._integration_s = max(1, ceil(self.values["IS"] * frequency_Hz * (1.0 - 1e-12))) * period_s
        self._measured_Hz = frequency_Hz
        range_steps = self._front_end.choose_ranges(self._signals(), self.values)
        begin_s = (
            self.time_s
            + self.settings.overhead_s
            + self.values["MS"]
            + min(period_s, self.settings.settling_max_s)
            + range_steps * (self.settings.autorange_retry_s + self.settings.autorange_periods * period_s)
        )
        self._steps = [
            (begin_s, self._begin),
            (begin_s + 0.5 * self._integration_s, self._halve),
            (begin_s + self._integration_s, self._end),
        ]
        self.alarm.set(begin_s)

    def on_event(self) -> None:
        """Go through the next instant of the measurement, or wake up from a reset."""
        if not self._steps:
            self.alarm.set(inf)
            return
        self.time_s, step = self._steps.pop(0)
        self.alarm.set(self._steps[0][0] if self._steps else inf)
        step()

    def _signals(self, window_s: float = 0.0) -> dict[int, Signal]:
        return {V1: NOTHING, V2: NOTHING, I: NOTHING, **self._listen(window_s)}

    def _begin(self) -> None:
        self._start = self._signals()

    def _halve(self) -> None:
        self._middle = self._signals(self._integration_s)

    def _end(self) -> None:
        end, start = self._signals(), self._start
        ramps = {n: (end[n].dc - start[n].dc) / self._integration_s for n in (V1, V2, I)}
        inputs = self._front_end.measure(
            self._middle, ramps, self._measured_Hz, self._integration_s, self.values
        )
        forced = self.faults.active and self.faults.takes_overload(self.name)
        kind = "I" if self.values["GT"] else "V"
        levels = self.values[f"{kind}A"], self.values[f"{kind}B"]
        self.last = Measurement(self._measured_Hz, inputs, forced, *levels)
        if not self._recycles:
            self._complete()
        self._output((RS423, GPIB, HISTORY))
        if self._recycles:
            self._measure(recycles=True)
        else:
            self._execute_queue()

    def _break(self) -> None:
        self._steps = []
        self._queue.clear()
        self._recycles = False
        self.alarm.set(inf)
        self.generator.running = False
        self.changes += 1
        self._complete()
        self._generator_changed()

    def device_clear(self, time_s: float) -> None:
        """Empty input and output, and go as far as `device_clear` says."""
        super().device_clear(time_s)
        if self.settings.device_clear == "keeps" or time_s < self.deaf_until_s:
            return
        self.time_s = time_s
        if self.settings.device_clear == "breaks":
            self._break()
        else:
            self._initialise(1)

    def _initialise(self, _kind: int) -> None:
        self._break()
        self.last = None
        self._source = (V1, V2)
        self._status.events = 0
        self.reset(self.settings.reset_s)
        self._apply_generator()

    # results

    def _choose_source(self, numerator: int, denominator: int) -> None:
        refuse_unless(numerator != 0)
        self._source = (numerator, denominator)
        self.changes += 1

    def _output(self, ports: tuple[int, ...]) -> None:
        """Send the last measurement in the present source and coordinates where OP lets it out."""
        modes = {port: self.settings.output_modes[int(self.values[f"OP{port}"])] for port in ports}
        if self.last is None or not any(mode in _LET_OUT for mode in modes.values()):
            return
        value = source_value(self.last, *self._source)
        near_deg = self._last_phase_deg if self.values["UW"] else None
        coordinates = int(self.values[coordinates_code(*self._source)])
        first, second = in_coordinates(value, coordinates, near_deg)
        self._last_phase_deg = second if coordinates else degrees(phase(value))
        error = error_digit(self.last, self._source, self.settings.overload_digits)
        result = (self._variable(), first, second, error)
        for port, mode in modes.items():
            if mode in _LET_OUT:
                self._send(port, mode, result)

    def _send(self, port: int, mode: str, result: tuple[float, float, float, int]) -> None:
        assert self.last is not None
        order = self.settings.dump_byte_order
        if port != GPIB:
            line = result_line(*result, ",")
            if port == RS423:
                self.paper.print(line, bool(self.values["RH"]))
            else:
                self.paper.history.append(line)
        elif mode == "dump":
            self.dump(dump(*result, order))
        elif mode == "dump_all":
            self.dump(dump_all(self.last, self.settings.overload_digits, order))
        else:
            separator = TERMINATIONS[int(self.values["OT"])].decode() if self.values["OS"] else ","
            self.say(result_line(*result, separator))

    def _variable(self) -> float:
        """Get what VI puts first; a fault makes it another frequency."""
        assert self.last is not None
        wrong = self.faults.active and self.faults.takes_wrong_frequency()
        return self.last.variable(self.settings.variables[int(self.values["VI"])]) * (1.1 if wrong else 1.0)

    def say(self, text: str) -> None:
        """Put a message out; asks for service where *SRE lets a waiting message do so."""
        super().say(text)
        if self.output:
            self._status.new_message()

    # status (IEEE 488.2)

    def serial_poll(self) -> int:
        """Get the status byte; a service request ends with it."""
        return self._status.poll(bool(self.output))

    @property
    def requests_service(self) -> bool:
        """Say whether it pulls the service request line."""
        return self._status.requested(bool(self.output))

    def refuse(self, code: int) -> None:
        """Note an error for ?ER and for *ESR?."""
        super().refuse(code)
        self._status.note(EXECUTION_ERROR if code == OUT_OF_RANGE else COMMAND_ERROR, bool(self.output))

    def _clear_status(self) -> None:
        self._completes = False
        self._status.clear(bool(self.output))

    def _complete_later(self) -> None:
        self._completes = True
        if not self._steps:
            self._complete()

    def _complete(self) -> None:
        """Set the operation-complete bit, if *OPC requested it: the instrument is idle."""
        if self._completes:
            self._completes = False
            self._status.note(COMPLETE, bool(self.output))

    # a stored world

    def snapshot(self) -> Snapshot1260:
        """Get what a stored world needs to continue."""
        return {
            "values": self.values,
            "generator": self.generator.snapshot(),
            "source": list(self._source),
            "error": self.error,
        }

    def restore(self, stored: Snapshot1260) -> None:
        """Take over what `snapshot` gave."""
        self.set_values(stored["values"])
        self.generator.restore(stored["generator"])
        self._source = (stored["source"][0], stored["source"][1])
        self.error = stored["error"]
        self._apply_generator()
