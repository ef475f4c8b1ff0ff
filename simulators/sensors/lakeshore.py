"""A simulated Lake Shore 335 or 336: it answers the commands of its manual for the inputs and outputs that it has.

Commands are joined with `;`, of which each may begin with `:`. What it does not understand sets a bit of the standard
event register (*ESR?) and has no answer. A reading without a sensor is +000.000; only RDGST? says what is wrong.
"""

from collections.abc import Callable
from math import inf

from solbench.simulators.sensors.chamber import Chamber
from solbench.simulators.sensors.sensor import Sensor

QUERY_ERROR, EXECUTION_ERROR, COMMAND_ERROR = 4, 16, 32  # of the standard event register
OVER_RANGE, INVALID = 128, 1  # of the reading status
CLOSED_LOOP, KELVIN = 1, 1
HIGHEST_RANGE = 3
LOWEST_RATE, HIGHEST_RATE = 0.1, 100.0  # K/min
INPUTS = {"335": "AB", "336": "ABCD"}


class Refused(Exception):
    """A command that it does not take, with the bit of the standard event register that this sets."""

    def __init__(self, bit: int) -> None:
        super().__init__(bit)
        self.bit = bit


class LakeShore:
    """One instrument with its `sensors` by input; what carries its text calls `answer`.

    `shows_end`: SETP? answers with the end of a ramp in place of where that is. `units` and `mode` are as a hand set
    them: the preferred unit of the control input (1 kelvin, 2 Celsius, 3 sensor), the mode of the output, and the
    input that it follows (1 for A).
    """

    def __init__(self, model: str = "336") -> None:
        self.model = model
        self.sensors: dict[str, Sensor] = {}
        self.shows_end = False
        self.units = KELVIN
        self.mode = CLOSED_LOOP
        self.follows = 0
        self.heater_status = 0
        self._chamber: Chamber | None = None
        self._output = 0
        self._rate_K_min = 0.0
        self._events = 0
        self._commands: dict[str, Callable[[str], str | None]] = {
            "*IDN?": lambda _: f"LSCI,MODEL{self.model},LSA2345/#######,1.9",
            "*ESR?": lambda _: self._event_register(),
            "*OPC?": lambda _: "1",
            "*CLS": lambda _: self._clear_events(),
            "EMUL": lambda _: None,
            "KRDG?": lambda at: f"{self._reading_K(at):+08.3f}",
            "RDGST?": lambda at: f"{self._status(at):03d}",
            "INTYPE?": lambda at: f"1,0,0,0,{self.units}" if self._input(at) else None,
            "TLIMIT?": lambda at: f"{self._limit_K(at):+08.3f}",
            "SETP": self._set_point,
            "SETP?": lambda at: f"{self._set_point_shown(at):+08.3f}",
            "RAMP": self._ramp,
            "RAMP?": lambda at: f"{int(self._heater(at).ramp_K_min < inf)},{self._rate_K_min:+06.1f}",
            "RAMPST?": lambda at: str(int(self._is_ramping(at))),
            "RANGE": self._range,
            "RANGE?": lambda at: str(self._range_shown(at)),
            "OUTMODE?": lambda at: f"{self.mode},{self.follows},0" if self._heater(at) else None,
            "HTR?": lambda at: f"{100.0 * max(self._heater(at).output, 0.0):+06.1f}",
            "HTRST?": lambda at: str(self.heater_status) if self._heater(at) else None,
        }

    def heats(self, chamber: Chamber) -> None:
        """Have it control a chamber, by the input at which that has its sensor."""
        self._chamber = chamber
        self._output = chamber.plan.off[0][0]
        channel = next(at for at, sensor in self.sensors.items() if sensor.name == chamber.plan.sensor)
        self.follows = INPUTS[self.model].index(channel) + 1

    def answer(self, line: str) -> str | None:
        """Return the answer to a line, None where it has none; raises TimeoutError while it says nothing."""
        if self._chamber is not None and self._chamber.fault == "silent":
            raise TimeoutError(f"the Lake Shore {self.model} says nothing")
        answers: list[str] = []
        for part in line.split(";"):
            name, _, arguments = part.strip().lstrip(":").partition(" ")
            try:
                command = self._commands.get(name.upper())
                if command is None:
                    raise Refused(COMMAND_ERROR)
                answered = command(arguments.strip())
            except Refused as refused:
                self._events |= refused.bit
            except ValueError:
                self._events |= EXECUTION_ERROR
            else:
                if answered is not None:
                    answers.append(answered)
        return ";".join(answers) if answers else None

    def query(self, command: str) -> str:
        """Return the answer to a line; raises TimeoutError where there is none."""
        answered = self.answer(command)
        if answered is None:
            raise TimeoutError(f"the Lake Shore {self.model} has no answer to {command}")
        return answered

    def write(self, command: str) -> None:
        """Take a line whose answer nobody fetches; raises TimeoutError while it says nothing."""
        self.answer(command)

    def clear(self) -> None:
        """Do nothing: in this process nothing is on its way."""

    def _event_register(self) -> str:
        events, self._events = self._events, 0
        return f"{events:03d}"

    def _clear_events(self) -> None:
        self._events = 0

    def _input(self, at: str) -> str:
        """Return the name of an input; raises Refused."""
        if at.upper() not in INPUTS[self.model] or not at:
            raise Refused(EXECUTION_ERROR)
        return at.upper()

    def _shown_K(self, at: str) -> float | None:
        sensor = self.sensors.get(self._input(at))
        return None if sensor is None else sensor.shown_K()

    def _reading_K(self, at: str) -> float:
        return self._shown_K(at) or 0.0

    def _status(self, at: str) -> int:
        return OVER_RANGE | INVALID if self._shown_K(at) is None else 0

    def _limit_K(self, at: str) -> float:
        if self._chamber is None or INPUTS[self.model].index(self._input(at)) + 1 != self.follows:
            return 0.0
        limit_K = self._chamber.plan.settings.limit_K
        return 0.0 if limit_K == inf else limit_K

    def _heater(self, at: str) -> Chamber:
        """Return what is at an output; raises Refused."""
        if at.partition(",")[0].strip() != str(self._output) or self._chamber is None:
            raise Refused(EXECUTION_ERROR)
        return self._chamber

    def _set_point(self, arguments: str) -> None:
        chamber, value = self._heater(arguments), float(arguments.split(",")[1])
        chamber.go_to(value + 273.15 * (self.units == 2), chamber.working_K)

    def _set_point_shown(self, at: str) -> float:
        chamber = self._heater(at)
        kelvin = chamber.target_K if self.shows_end else chamber.working_K
        return kelvin - 273.15 * (self.units == 2)

    def _ramp(self, arguments: str) -> None:
        chamber, (_, is_on, rate) = self._heater(arguments), arguments.split(",")
        rate_K_min = float(rate)
        if rate_K_min and not LOWEST_RATE <= rate_K_min <= HIGHEST_RATE:
            raise Refused(EXECUTION_ERROR)
        if chamber.fault == "deaf":
            return
        self._rate_K_min = rate_K_min
        goes_at_once = not int(is_on) or rate_K_min == 0.0
        chamber.ramp_K_min = inf if goes_at_once else rate_K_min
        if goes_at_once:
            chamber.go_to(chamber.target_K, chamber.target_K)

    def _is_ramping(self, at: str) -> bool:
        chamber = self._heater(at)
        return chamber.working_K != chamber.target_K

    def _range(self, arguments: str) -> None:
        chamber, (_, number) = self._heater(arguments), arguments.split(",")
        if not 0 <= int(number) <= HIGHEST_RANGE:
            raise Refused(EXECUTION_ERROR)
        chamber.reset()
        chamber.switch(self._output, int(number))

    def _range_shown(self, at: str) -> int:
        chamber = self._heater(at)
        return 0 if chamber.is_cut else chamber.switched(self._output)
