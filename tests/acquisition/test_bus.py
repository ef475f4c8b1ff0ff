"""The drivers on the bus as it is: a talker of 1 byte/ms, conversions of any length, a 1260 that holds the bus."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from solbench.acquisition.bench.bench import Bench, open_bench
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.standalone import Standalone
from solbench.protocols import load_cell

CONVERSIONS_S = {
    "fast": (0.1, 0.01, 0.01, 0.002),
    "medium": (0.2, 0.08, 0.08, 0.08),
    "slow": (0.6, 0.28, 0.28, 0.28),
}
MODES = ("hold", "queue", "ignore", "obey")


@contextmanager
def opened(**simulation: Any) -> Iterator[Bench]:
    file = BenchFile(name="b", kind="simulated", positive_terminal="we_re2", simulation=simulation)
    bench = open_bench(file, load_cell("nbh").build("half").simulated_cell(), lambda: None)
    try:
        yield bench
    finally:
        bench.close()


def pair_of(bench: Bench) -> Pair:
    pair = bench.equipment.dc
    assert isinstance(pair, Pair)
    return pair


@pytest.mark.parametrize("conversion", CONVERSIONS_S)
@pytest.mark.parametrize("bit", [7, 1, 3])
def test_readings_come_as_fast_as_they_are_converted_and_sent_whatever_that_takes(conversion, bit):
    conversions_s = CONVERSIONS_S[conversion]
    with opened(interface={"conversion_s": conversions_s, "message_available_bit": bit}) as bench:
        pair = pair_of(bench)
        pair.initialise()
        for fast, code in ((False, 0), (True, 1)):
            pair.measure(fast)  # what there is to learn is learnt
            pair.measure(fast)
            begun_s = bench.clock.now()
            for _ in range(20):
                assert pair.measure(fast).overload == ""
            took_s = (bench.clock.now() - begun_s) / 20
            assert took_s < max(conversions_s[code], pair.pstat.settings.conversion_s[code]) + 0.033 + 0.015
        found = [one.code for one in pair.pstat.link.incidents.take()]
        assert set(found) <= (
            {"other bit", "no bit"} if bit == 1 else {"other bit"}
        )  # 1: end of measure, which stays


def test_lines_that_never_show_in_the_status_are_read_all_the_same():
    with opened(interface={"answers_in_status": False, "error_upsets_status": True}) as bench:
        pair = pair_of(bench)
        pair.initialise()
        assert pair.measure().overload == ""
        assert pair.make_safe().problems == {}


def test_a_1287_just_switched_on_is_made_safe_before_anything_else_was_sent_to_it():
    with opened() as bench:
        report = pair_of(bench).make_safe()
        assert report.problems == {}
        assert pair_of(bench).pstat.link.incidents.take() == ()


def measuring_at_10_mHz(bench: Bench) -> Pair:
    """A pair whose 1260 was interrupted at the beginning of a point of 100 s."""
    pair = pair_of(bench)
    pair.initialise()
    fra = pair.fra
    fra.frequency_Hz, fra.integration_s, fra.amplitude_V = 0.01, 1.0, 0.1
    fra.link.request("SI", measures=True)
    fra.measuring_until_s = bench.clock.now() + 1000.0
    return pair


@pytest.mark.parametrize("mode", MODES)
def test_the_generator_is_off_when_forcing_it_off_returns_without_a_problem(mode):
    with opened(analyzer={"while_measuring": mode}) as bench:
        pair = measuring_at_10_mHz(bench)
        assert pair.fra.force_off() == ""
        assert pair.fra.amplitude_V == pair.fra.bias_V == 0.0
        assert bench.clock.now() < 320.0  # the measurement was over then, whatever held the bus
        codes = {one.code for one in pair.fra.link.incidents.take()}
        assert ("measuring" in codes) == (mode in ("hold", "queue"))


@pytest.mark.parametrize("mode", MODES)
def test_the_cell_is_open_long_before_a_held_1260_hears_anything(mode):
    with opened(analyzer={"while_measuring": mode}) as bench:
        pair = measuring_at_10_mHz(bench)
        begun_s = bench.clock.now()
        off = pair.pstat.force_off()
        assert off.at_s is not None
        assert off.at_s - begun_s < 0.1
        assert pair.make_safe().problems == {}


def test_an_analyzer_alone_that_holds_the_bus_for_longer_than_it_may_is_reported():
    with opened() as bench:
        pair = measuring_at_10_mHz(bench)
        pair.fra.measuring_until_s = bench.clock.now() + 5.0  # a driver that knows no better
        assert "1260 did not react" in pair.fra.force_off()
        assert isinstance(bench.equipment.analyzer, Standalone)
