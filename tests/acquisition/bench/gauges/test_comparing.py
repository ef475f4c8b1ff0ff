"""A thermometer in ice water and beside another one: what is found is within its uncertainty of the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.bench.bench import open_gauges
from solbench.acquisition.bench.bench_file import load_bench, parse_bench
from solbench.acquisition.bench.gauges.comparing import (
    ICE,
    NotCompared,
    compare,
    comparison_path,
    read_comparisons,
    write_comparison,
)
from solbench.acquisition.bench.gauges.entry import GaugeEntry
from solbench.acquisition.bench.gauges.watched import Silence, nature_of
from solbench.drivers.errors import NoReply
from solbench.drivers.roles import GaugeReading
from solbench.protocols.errors import BadInput

TODAY = date(2026, 11, 29)
TEXT = """
name: bench
kind: simulated
positive_terminal: we_re2
gauges:
  - {name: cell, accuracy: 1 K, modbus: {connection: COM9, register: 1, scale: 0.01}}
  - {name: fine, accuracy: 0.05 K, modbus: {connection: COM9, register: 2, scale: 0.001, unit_id: 2}}
simulation:
  sensors:
    cell: {offset_K: 0.7 K, noise_K: 0.03 K}
    fine: {offset_K: 0.01 K, noise_K: 0.002 K}
"""


class Time:
    slice_s = 0.05
    now_s = 0.0

    def now(self) -> float:
        return self.now_s

    def sleep_until(self, time_s: float) -> None:
        self.now_s = max(time_s, self.now_s)


class Sensor:
    """A thermometer in ice water, or not quite."""

    def __init__(self, clock: Time, course, name: str = "cell", resolution: float = 0.1) -> None:
        self.nature = nature_of(GaugeEntry(name=name, every="5 s"), "K", resolution)
        self.clock, self.course = clock, course

    def collect(self, *, between_readings: bool):
        shown = self.course(self.clock.now_s)
        return [shown if isinstance(shown, Silence) else GaugeReading(self.clock.now_s, shown)]


def compared(course, lasts_s: float = 120.0):
    clock = Time()
    return compare(Sensor(clock, course), ICE, clock, lasts_s, TODAY)


def test_ice_water_gives_the_excess_within_its_uncertainty():
    found = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        excess_K = chance.normal(0.0, 0.8)
        ice_K = 273.15 + chance.normal(0.0, 0.05)
        entry = compared(
            lambda s, c=chance, e=excess_K, i=ice_K: round((i + e + c.normal(0, 0.05)) * 10) / 10
        )
        found += abs(entry.excess_K - excess_K) < 2.0 * entry.uncertainty.value
        assert entry.uncertainty.value < 0.1
    assert found >= 185


@pytest.mark.parametrize(
    ("course", "words"),
    [
        (lambda s: 298.0, "look whether it is this sensor"),
        (lambda s: 273.15 + 4.0 * np.exp(-s / 60.0), "still changes"),
        (lambda s: Silence(s, NoReply("cell", "register 1", 1.0)), "did not react"),
    ],
)
def test_what_is_no_comparison_is_told_in_words(course, words):
    with pytest.raises(NotCompared, match=words):
        compared(course)


def test_too_few_readings_and_itself_are_no_comparison():
    with pytest.raises(NotCompared, match="Take longer"):
        compared(lambda s: 273.2, 20.0)
    clock = Time()
    one = Sensor(clock, lambda s: 273.2)
    with pytest.raises(NotCompared, match="with itself"):
        compare(one, one, clock, 120.0, TODAY)


def test_another_sensor_is_as_good_as_its_own_accuracy():
    clock, gauges, close = open_gauges(parse_bench(TEXT, "b.yaml"))
    cell, fine = gauges
    entry = compare(cell, fine, clock, 300.0, TODAY)
    close()
    assert entry.excess_K == pytest.approx(0.69, abs=0.03)
    assert 0.05 / 3**0.5 < entry.uncertainty.value < 0.05
    assert entry.against == "the sensor 'fine'"


def test_a_bench_takes_it_from_the_file_beside_and_a_run_keeps_it(tmp_path: Path):
    path = tmp_path / "b.yaml"
    path.write_text(TEXT, encoding="utf-8")
    entry = compared(lambda s: 273.85)
    write_comparison(comparison_path(path), "cell", entry)
    write_comparison(comparison_path(path), "fine", compared(lambda s: 273.16))
    assert read_comparisons(comparison_path(path))["cell"] == entry
    bench, text = load_bench(str(path))
    assert bench.gauges[0].comparison == entry
    assert parse_bench(text, "again").gauges == bench.gauges
    write_comparison(comparison_path(path), "oven", entry)
    with pytest.raises(BadInput, match="no gauge 'oven'"):
        load_bench(str(path))
    comparison_path(path).write_text("comparisons: {cell: {date: yesterday}}", encoding="utf-8")
    with pytest.raises(BadInput, match=r"b\.thermometers\.yaml"):
        load_bench(str(path))
