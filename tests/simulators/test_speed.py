"""What a reading costs in host time, cell and engine aside."""

from __future__ import annotations

import time

import pytest


@pytest.mark.long
def test_a_reading_through_pyvisa_with_a_world_costs_less_than_45_us(desk, tmp_path):
    bench = desk(world=tmp_path / "bench.world", noise_scale=1.0, errors="typical")
    bench.ready_to_read()
    bench.hold_current(1e-4)
    best_s = 1.0
    for _ in range(20):
        begin = time.perf_counter()
        for _ in range(500):
            bench.pstat.write("RU1")
            bench.pstat.read()
        best_s = min(best_s, (time.perf_counter() - begin) / 500)
    assert best_s < 45e-6
