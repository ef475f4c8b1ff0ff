"""A simulated temperature sensor: what it shows of the true temperature, with its own faults and its own chance.

Its noise comes from a generator of its own, so that a bench with sensors draws the same numbers as one without.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from solbench.simulators.electronics.checked import Checked, SettingError

Fault = Literal["", "off", "open", "stuck"]
FAULTS: tuple[Fault, ...] = ("", "off", "open", "stuck")


@dataclass(frozen=True, slots=True)
class SensorSettings(Checked):
    """How a sensor differs from the cell. Temperatures in kelvin, times in seconds; all zero for a perfect one."""

    offset_K: float = 0.0
    """It shows so much more than it has."""
    noise_K: float = 0.0
    """Noise of a reading, rms."""
    resolution_K: float = 0.0
    """The step of what it shows; 0 for as fine as its register."""
    lag_s: float = 0.0
    """It follows with this time constant."""
    gradient_K: float = 0.0
    """The cell is so much warmer than the place where the sensor is."""

    def __post_init__(self) -> None:
        for name in ("noise_K", "resolution_K", "lag_s"):
            if getattr(self, name) < 0.0:
                raise SettingError(f"sensors.{name} is {getattr(self, name)}; it takes no negative number")


class Sensor:
    """One sensor.

    `true_K` gives the cell's temperature, `now_s` the experiment time; `seed` and `name` fix its noise.
    """

    def __init__(
        self,
        name: str,
        settings: SensorSettings,
        true_K: Callable[[], float],
        now_s: Callable[[], float],
        seed: int = 0,
    ) -> None:
        self.name = name
        self.settings = settings
        self.fault: Fault = ""
        self._true_K = true_K
        self._now_s = now_s
        self._chance = random.Random(f"{seed} {name}")
        self._has: tuple[float, float] | None = None  # its own temperature (K), and when (s)
        self._stuck_K: float | None = None

    def shown_K(self) -> float | None:
        """Return what it shows now, in K; None for an open thermocouple. Raises TimeoutError where it is unplugged."""
        if self.fault == "off":
            raise TimeoutError(f"{self.name} is unplugged")
        if self.fault == "open":
            return None
        if self.fault == "stuck" and self._stuck_K is not None:
            return self._stuck_K
        self._stuck_K = self._measured_K()
        return self._stuck_K

    def _measured_K(self) -> float:
        settings = self.settings
        shown_K = self._own_K() + settings.offset_K + self._chance.gauss(0.0, settings.noise_K)
        if settings.resolution_K:
            shown_K = round(shown_K / settings.resolution_K) * settings.resolution_K
        return shown_K

    def _own_K(self) -> float:
        around_K, now_s = self._true_K() - self.settings.gradient_K, self._now_s()
        if self._has is not None and self.settings.lag_s:
            had_K, at_s = self._has
            around_K += (had_K - around_K) * math.exp(-(now_s - at_s) / self.settings.lag_s)
        self._has = around_K, now_s
        return around_K
