"""The answer of a device that is well while its sensor is not: an open thermocouple, a range that is left."""

from solbench.drivers.errors import DriverError


class NoValue(DriverError):
    """The device answers, but says that it has no value; `code` as it said it."""

    def __init__(self, instrument: str, code: str) -> None:
        what = f"{instrument} answers {code}, which is no measured value"
        super().__init__(
            f"{what}: its sensor is open or short, or out of range. Check sensor, plug and polarity.", what
        )
        self.instrument = instrument
        self.code = code
