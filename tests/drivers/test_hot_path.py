"""A reading must cost the host next to nothing: long runs are simulated at thousands of readings a second."""

from __future__ import annotations

from time import perf_counter

from solbench.drivers.links.link import Link
from solbench.drivers.solartron.solartron1287 import Solartron1287
from tests.drivers.dialogue import FakeClock

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


def seconds_a_reading(readings: int = 2000) -> float:
    pstat = Solartron1287(Link(NoCost(), Moves(), "1287"))
    pstat.measure()
    started = perf_counter()
    for _ in range(readings):
        pstat.measure()
    return (perf_counter() - started) / readings


def test_a_reading_costs_less_than_fifteen_microseconds():
    assert min(seconds_a_reading() for _ in range(7)) < 15e-6
