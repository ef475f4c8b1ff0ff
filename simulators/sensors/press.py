"""A simulated press around the cell: the stack gives way, so that the pressure falls by itself, and contacts with it.

After it was pressed the stack creeps: the pressure falls by a part of itself with a time constant. Contacts are in
series with the cell, with a resistance that is inverse to the pressure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf

from solbench.simulators.electronics.checked import Checked, SettingError
from solbench.simulators.sensors.sensor import SensorSettings

STEPS = 100.0  # of a time constant: in so many the pressure falls
LEAST_Pa = 1e4  # of a cell that lies loose
CONTACT_AT_Pa = 10e6
_STILL = 12.0  # time constants


@dataclass(frozen=True, slots=True)
class PressSettings(Checked):
    """What press and stack are like."""

    pressure_Pa: float = 75e6
    """To this it is pressed when the bench begins."""
    creep: float = 0.15
    """By this part of itself the pressure falls in the end."""
    creep_s: float = 7200.0
    """Time constant of that."""
    contact_ohm: float = 0.0
    """Resistance of the contacts at 10 MPa."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.creep < 1.0:
            raise SettingError(f"press.creep is {self.creep}; it takes a part, from 0 to below 1")
        for name in ("pressure_Pa", "creep_s"):
            if not getattr(self, name) > 0.0:
                raise SettingError(f"press.{name} is {getattr(self, name)}; it takes a number above 0")
        if self.contact_ohm < 0.0:
            raise SettingError(f"press.contact_ohm is {self.contact_ohm}; it takes no negative number")


@dataclass(frozen=True, slots=True)
class PressureSensorSettings(Checked):
    """How a pressure sensor differs from the cell. In pascal and seconds; all zero for a perfect one."""

    offset_Pa: float = 0.0
    """It shows so much more than there is."""
    noise_Pa: float = 0.0
    """Noise of a reading, rms."""
    resolution_Pa: float = 0.0
    """The step of what it shows; 0 for as fine as its register."""
    lag_s: float = 0.0
    """It follows with this time constant."""

    def in_unit(self, pascal: float) -> SensorSettings:
        """Return what a sensor is like whose values are in a unit of so many pascal; raises SettingError."""
        return SensorSettings(
            self.offset_Pa / pascal, self.noise_Pa / pascal, self.resolution_Pa / pascal, self.lag_s
        )


class Press:
    """One press; the player of scenarios brings it to the bench's time."""

    def __init__(self, settings: PressSettings) -> None:
        self.settings = settings
        self._set_Pa = settings.pressure_Pa
        self._since_s = self._time_s = 0.0

    @property
    def pressure_Pa(self) -> float:
        """Get the stack pressure now, in Pa."""
        settings = self.settings
        gone = 1.0 - exp(-(self._time_s - self._since_s) / settings.creep_s)
        return self._set_Pa * (1.0 - settings.creep * gone)

    @property
    def contact_ohm(self) -> float:
        """Get the resistance of the contacts now, in ohm."""
        return self.settings.contact_ohm * CONTACT_AT_Pa / self.pressure_Pa

    def press(self, pascal: float) -> None:
        """Turn it until the pressure is so high (Pa)."""
        self._set_Pa, self._since_s = max(pascal, LEAST_Pa), self._time_s

    def come_to(self, time_s: float) -> float:
        """Let it creep until a time (s); returns when it has to be looked at again, infinite where it is still."""
        self._time_s = time_s
        settings = self.settings
        if not settings.creep or time_s - self._since_s > _STILL * settings.creep_s:
            return inf
        return time_s + settings.creep_s / STEPS

    def state(self) -> tuple[float, ...]:
        """Return all that changes, as floats."""
        return self._set_Pa, self._since_s, self._time_s

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._set_Pa, self._since_s, self._time_s = state
