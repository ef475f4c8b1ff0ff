"""A thermometer that answers `KRDG?` in kelvin, as temperature monitors of several makes do; a gauge."""

from solbench.drivers.errors import BadReply
from solbench.drivers.links.commands import Float, Instrument, measurement
from solbench.drivers.links.link import Link
from solbench.drivers.roles import GaugeReading

HIGHEST_K = 2000.0


class CommandsThermometer(Instrument):
    """Command table of the thermometer."""

    temperature_K = measurement("KRDG?", Float(0.0, HIGHEST_K, "K"), "Get the temperature (K, 0 to 2000).")


class Thermometer(CommandsThermometer):
    """One temperature as a gauge; `link` is open and has the gauge's name, `every_s` is how often it is worth reading.

    It is asked once for each reading and waited for as long as the link's settings say.
    """

    model = "thermometer"
    unit = "K"

    def __init__(self, link: Link, every_s: float = 10.0) -> None:
        super().__init__(link)
        self.every_s = every_s

    def read(self) -> GaugeReading:
        """Read it once, in K; raises NoReply, BadReply, BusError."""
        before_s = self.link.clock.now()
        kelvin = self.temperature_K
        if not 0.0 < kelvin <= HIGHEST_K:
            raise BadReply(self.name, "KRDG?", f"{kelvin:g}", "a temperature above 0 K, up to 2000 K")
        return GaugeReading(0.5 * (before_s + self.link.clock.now()), kelvin)
