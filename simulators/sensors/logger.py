"""A simulated thermocouple logger: the temperature at each of its channels in degrees Celsius."""

import math
from collections.abc import Mapping

from solbench.simulators.sensors.sensor import Sensor

_ZERO_DEGC_K = 273.15


class Logger:
    """One logger, with its sensors by channel."""

    def __init__(self, sensors: Mapping[int, Sensor] | None = None) -> None:
        self.sensors = dict(sensors or {})

    def read(self, channel: int) -> float:
        """Return the temperature (degC) at a channel, no number for an open one; raises TimeoutError, unplugged."""
        shown_K = self.sensors[channel].shown_K()
        return math.nan if shown_K is None else shown_K - _ZERO_DEGC_K
