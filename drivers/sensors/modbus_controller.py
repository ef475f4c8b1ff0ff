"""A temperature controller with Modbus: what its sensor shows, its set point, its ramp, its own limit, and off."""

from dataclasses import dataclass

from solbench.drivers.errors import BadReply, DriverError, NoReply, OutOfRange, StillHeats
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.modbus import ModbusGauge, Registers
from solbench.drivers.sensors.register_map import RegisterMap, in_kelvin, in_unit, kelvin_a_step


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """Where a controller keeps what is set.

    `set_point`, and its own `limit`, above which it cuts its heater off whatever else happens. `ramp`: how fast its set
    point moves, in the unit of its values a minute; None where it has none, or is not to use it. `off`: holding
    registers and the numbers that take its output to zero, in order, and `on` what undoes that. A controller without
    `off` is brought to `idle_K` (K) instead.
    """

    set_point: RegisterMap
    ramp: RegisterMap | None = None
    limit: RegisterMap | None = None
    on: tuple[tuple[int, int], ...] = ()
    off: tuple[tuple[int, int], ...] = ()
    idle_K: float = 298.15


class ModbusController:
    """One controller; temperatures in kelvin. `gauge` shows what its own sensor does."""

    def __init__(self, gauge: ModbusGauge, registers: Registers, where: ControllerMap) -> None:
        self.name = gauge.name
        self.unit = gauge.unit
        self.every_s = gauge.every_s
        self._gauge = gauge
        self._registers = registers
        self._where = where

    @property
    def resolution(self) -> float:
        """Get the step of its set point, in K."""
        where = self._where.set_point
        return where.resolution * kelvin_a_step(where.unit)

    @property
    def ramps(self) -> bool:
        """Get whether it moves its set point slowly by itself."""
        return self._where.ramp is not None

    def read(self) -> GaugeReading:
        """Read what its own sensor shows; raises what a gauge raises."""
        return self._gauge.read()

    def why_not(self, value: float, per_s: float | None) -> str:
        """Return why it cannot ramp at `per_s` (K/s), "" where it can: a ramp of zero is none, and it would jump."""
        where = self._where.ramp
        if where is None or per_s is None:
            return ""
        told = f"its register takes no ramp of {60.0 * per_s:.3g} K/min"
        try:
            words = where.words(60.0 * per_s / kelvin_a_step(where.unit))
        except OutOfRange:
            return told
        return "" if where.number(words) > 0.0 else told

    def set_point(self, value: float, per_s: float | None = None) -> None:
        """Hold `value` (K), from now on or at the end of a ramp of `per_s` (K/s), where it has one; raises DriverError.

        Raises OutOfRange for what does not fit into its register.
        """
        where = self._where
        words = where.set_point.words(in_unit(value, where.set_point.unit))
        if where.ramp is not None and per_s is not None:
            self._write(where.ramp.register, where.ramp.words(60.0 * per_s / kelvin_a_step(where.ramp.unit)))
        self._write(where.set_point.register, words)
        for register, number in where.on:  # last: else it would go to its old set point for a moment
            self._write(register, [number])

    def set_point_as_read_back(self) -> float:
        """Return the set point that it answers (K); raises DriverError."""
        return self._read(self._where.set_point)

    def limit_as_read_back(self) -> float | None:
        """Return above which temperature (K) it cuts off by itself, None where that cannot be asked."""
        return None if self._where.limit is None else self._read(self._where.limit)

    def make_safe(self) -> None:
        """Take its output to zero and read that back; raises StillHeats where it does not say so."""
        where = self._where
        try:
            if not where.off:
                self.set_point(where.idle_K)
                is_off = abs(self.set_point_as_read_back() - where.idle_K) <= self.resolution
            else:
                for register, number in where.off:
                    self._write(register, [number])
                is_off = all(self._number(register) == number & 0xFFFF for register, number in where.off)
        except DriverError as error:
            raise StillHeats(f"{self.name} does not answer ({error.what})") from error
        if not is_off:
            raise StillHeats(f"{self.name} does not read back that its output is zero")

    def _number(self, register: int) -> int:
        return self._words(RegisterMap(register, unit_id=self._where.set_point.unit_id))[0]

    def _read(self, where: RegisterMap) -> float:
        words = self._words(where)
        number = where.number(words)
        if not where.has_value(number):
            raise BadReply(self.name, f"register {where.register}", f"{number:g}", "a temperature")
        return in_kelvin(where.value(number), where.unit)

    def _words(self, where: RegisterMap) -> list[int]:
        asked = f"{where.function} register {where.register}"
        try:
            words = list(self._registers.read(where.unit_id, where.function, where.register, where.count))
        except TimeoutError as error:
            raise NoReply(self.name, asked, 1.0) from error
        if len(words) != where.count:
            raise BadReply(self.name, asked, str(words), f"{where.count} registers")
        return words

    def _write(self, register: int, words: list[int]) -> None:
        unit_id = self._where.set_point.unit_id
        try:
            self._registers.write(unit_id, register, [word & 0xFFFF for word in words])
        except TimeoutError as error:
            raise NoReply(self.name, f"setting register {register}", 1.0) from error
