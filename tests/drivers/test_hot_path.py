"""A reading must cost the host next to nothing: long runs are simulated at thousands of readings a second."""

from __future__ import annotations

from solbench.drivers.links.link import Link
from solbench.drivers.solartron.solartron1287 import Solartron1287
from tests.drivers.dialogue import FakeClock
from tests.pace import relative_cost

LINE = b"+2.07035E-03,+1.51106E-08,00,00\r\n"


class NoCost:
    timeout = 0.0

    def write_raw(self, message):
        return len(message)

    def read_raw(self):
        return LINE

    def read_stb(self):
        return 0

    def clear(self):
        pass


class Moves(FakeClock):
    def sleep_until(self, time_s):
        if time_s > self.time_s:
            self.time_s = time_s


def test_a_reading_costs_less_than_five_rounds_of_the_reference():
    """It costs 1.4 of them, 2 us where it was written."""
    pstat = Solartron1287(Link(NoCost(), Moves(), "1287"))
    pstat.measure()

    def two_thousand_readings():
        for _ in range(2000):
            pstat.measure()

    assert relative_cost(two_thousand_readings) < 5.0
