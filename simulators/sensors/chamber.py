"""A simulated chamber around the cell: its heater, its own sensor and controller, its limiter, and what the cell has.

The controller is a PI controller with an output from full cooling to full heating, whose integral runs on while that is
at its end: it overshoots. The cell follows behind a lag, and is nearer to the room by a part of the difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Literal

from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.checked import Checked, SettingError
from solbench.simulators.sensors.registers import NoSuchRegister, Place
from solbench.simulators.sensors.sensor import Sensor

Fault = Literal["", "silent", "deaf", "heater_on", "moved"]
FAULTS: tuple[Fault, ...] = ("", "silent", "deaf", "heater_on", "moved")
MOVED_K = 20.0  # by so much a hand at its front panel moves its set point
STEP_S = 5.0
LONGEST_S = 60.0  # between two looks at a chamber that is steady
STEADY_K = 2e-3
PROPORTIONAL_PER_K = 0.2
INTEGRAL_S = 400.0


@dataclass(frozen=True, slots=True)
class ChamberSettings(Checked):
    """What the chamber is like."""

    heats_K_min: float = 4.0
    """At full output it gets warmer so fast."""
    cools_K_min: float = 2.5
    """At full output it gets colder so fast; 0 for an oven."""
    loss_s: float = 5400.0
    """Time constant with which it goes to the room's temperature."""
    cell_lag_s: float = 600.0
    """The cell follows with this time constant."""
    gradient: float = 0.01
    """The cell is nearer to the room by this part of the difference."""
    limit_K: float = 373.15
    """Above this its own limiter cuts the heater off, until somebody resets it."""

    def __post_init__(self) -> None:
        for name in ("heats_K_min", "loss_s", "cell_lag_s", "limit_K"):
            if not getattr(self, name) > 0.0:
                raise SettingError(f"chamber.{name} is {getattr(self, name)}; it takes a number above 0")


@dataclass(frozen=True, slots=True)
class ChamberPlan:
    """Where its controller keeps what is set: `set_point`, `ramp` (degrees a minute), `limit`, and the off switch.

    A Lake Shore keeps nothing in registers: `on` and `off` are the number of its output and of a heater range.
    """

    sensor: str
    line: str
    set_point: Place | None = None
    ramp: Place | None = None
    limit: Place | None = None
    on: tuple[tuple[int, int], ...] = ()
    off: tuple[tuple[int, int], ...] = ()
    settings: ChamberSettings = ChamberSettings()


class Chamber:
    """One chamber, at `room_K` (K) when it begins; the bus calls it like an instrument.

    What is set acts when the bus calls it next: another thread may set it.

    `warms` takes by how much the cell is warmer than the room; `now_s` gives the bench's time (s). `sensor` is set
    before it is looked at for the first time.
    """

    sensor: Sensor

    def __init__(
        self, plan: ChamberPlan, room_K: float, warms: Callable[[float], None], now_s: Callable[[], float]
    ) -> None:
        self.plan = plan
        self.fault: Fault = ""
        self.alarm = Alarm(self.on_event, 0.0)
        self.alarms = (self.alarm,)
        self.room_K = room_K
        self._warms = warms
        self._now_s = now_s
        self._raw = dict(plan.on)
        self.target_K = self._working_K = room_K
        self.ramp_K_min = inf
        self.output = 0.0
        self.air_K = self.cell_K = room_K
        self._integral = 0.0
        self._is_cut = False
        self._time_s = 0.0

    @property
    def is_off(self) -> bool:
        """Get whether its output is at zero by order."""
        return bool(self.plan.off) and all(self._raw.get(at) == number for at, number in self.plan.off)

    @property
    def warmer_K(self) -> float:
        """Get by how much the cell is warmer than the room, in K."""
        return self.cell_K - self.room_K

    def on_event(self) -> None:
        """Bring it to the bench's time."""
        now_s = self._now_s()
        moved_K = 0.0
        while self._time_s < now_s:
            step_s = min(STEP_S, now_s - self._time_s)
            before_K = self.cell_K
            self._step(step_s)
            self._time_s += step_s
            moved_K += abs(self.cell_K - before_K)
        self._warms(self.warmer_K)
        is_steady = moved_K < STEADY_K and self._working_K == self.target_K
        self.alarm.set(now_s + (LONGEST_S if is_steady else 2.0 * STEP_S))

    def _step(self, dt_s: float) -> None:
        settings = self.plan.settings
        way_K = self.ramp_K_min * dt_s / 60.0
        self._working_K += min(max(self.target_K - self._working_K, -way_K), way_K)
        output = self.output = self._output(dt_s)
        driven_K_s = output * (settings.heats_K_min if output > 0.0 else settings.cools_K_min) / 60.0
        self.air_K += dt_s * (driven_K_s - (self.air_K - self.room_K) / settings.loss_s)
        self._is_cut = self._is_cut or self.air_K > settings.limit_K
        comes_to_K = self.air_K - settings.gradient * (self.air_K - self.room_K)
        self.cell_K += (comes_to_K - self.cell_K) * (1.0 - exp(-dt_s / settings.cell_lag_s))

    def _output(self, dt_s: float) -> float:
        """Return its output, from -1 (cools) to 1 (heats)."""
        if self._is_cut:
            return 0.0
        if self.fault == "heater_on":
            return 1.0
        if self.is_off:
            self._integral = 0.0
            return 0.0
        try:
            shown_K = self.sensor.shown_K()
        except TimeoutError:  # its own sensor is not read through its line
            shown_K = None
        if shown_K is None:  # a broken sensor: every controller stops then
            return 0.0
        error_K = self._working_K - shown_K
        least = -1.0 if self.plan.settings.cools_K_min else 0.0
        self._integral += PROPORTIONAL_PER_K * error_K * dt_s / INTEGRAL_S
        self._integral = min(max(self._integral, least), 1.0)
        return min(max(PROPORTIONAL_PER_K * error_K + self._integral, least), 1.0)

    def happen(self, fault: Fault) -> None:
        """Let a fault begin, or end with ""."""
        if fault == "moved" and self.fault != "moved":
            self.target_K += MOVED_K
        self.fault = fault

    @property
    def working_K(self) -> float:
        """Get where a ramp has come to, in K."""
        return self._working_K

    @property
    def is_cut(self) -> bool:
        """Get whether its limiter has cut it off."""
        return self._is_cut

    def go_to(self, kelvin: float, from_K: float) -> None:
        """Take a set point (K), along a ramp that begins at `from_K` if it ramps."""
        if self.fault != "deaf":
            self.target_K = kelvin
            self._working_K = kelvin if self.ramp_K_min == inf else from_K

    def switch(self, at: int, number: int) -> None:
        """Set one of the numbers that take its output to zero, or undo that."""
        if self.fault != "deaf":
            self._raw[at] = number

    def switched(self, at: int) -> int:
        """Return what was set there."""
        return self._raw.get(at, 0)

    def reset(self) -> None:
        """Undo what the limiter did."""
        self._is_cut = False

    def words(self, unit_id: int, function: str, wanted: range) -> dict[int, int]:
        """Return what it has of the registers that are wanted; raises TimeoutError while it says nothing."""
        plan = self.plan
        if plan.set_point is None or unit_id != plan.set_point.unit_id:
            return {}
        if self.fault == "silent":
            raise TimeoutError(f"the controller of {plan.sensor} says nothing")
        if function != "holding":
            return {}
        found = {at: number & 0xFFFF for at, number in self._raw.items()}
        found |= dict(enumerate(plan.set_point.words(self.target_K), plan.set_point.register))
        if plan.limit is not None:
            found |= dict(enumerate(plan.limit.words(plan.settings.limit_K), plan.limit.register))
        return {at: word for at, word in found.items() if at in wanted}

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> bool:
        """Set registers; returns whether they are its own. Raises TimeoutError while it says nothing."""
        plan = self.plan
        if plan.set_point is None or unit_id != plan.set_point.unit_id:
            return False
        if self.fault == "silent":
            raise TimeoutError(f"the controller of {plan.sensor} says nothing")
        switches = {at for at, _ in (*plan.on, *plan.off)}
        if register == plan.set_point.register and len(words) == plan.set_point.count:
            self.go_to(plan.set_point.kelvin(words), self.air_K)
        elif plan.ramp is not None and register == plan.ramp.register:
            degree_K = 1.0 / 1.8 if plan.ramp.unit == "degF" else 1.0
            self.ramp_K_min = degree_K * plan.ramp.value(words) or inf
        elif register in switches and len(words) == 1:
            self.switch(register, words[0] if words[0] < 0x8000 else words[0] - 0x10000)
        else:
            raise NoSuchRegister(f"the controller of {plan.sensor} has no register {register} that is set")
        return True

    def state(self) -> tuple[float, ...]:
        """Return all that changes, as floats."""
        registers = sorted({at for at, _ in (*self.plan.on, *self.plan.off)})
        return (
            self._time_s,
            self.target_K,
            self._working_K,
            self.ramp_K_min,
            self.air_K,
            self.cell_K,
            self._integral,
            float(self._is_cut),
            *(float(self._raw.get(at, 0)) for at in registers),
        )

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        registers = sorted({at for at, _ in (*self.plan.on, *self.plan.off)})
        (self._time_s, self.target_K, self._working_K, self.ramp_K_min) = state[:4]
        self.air_K, self.cell_K, self._integral = state[4:7]
        self._is_cut = bool(state[7])
        self._raw = {at: int(number) for at, number in zip(registers, state[8:], strict=True)}
