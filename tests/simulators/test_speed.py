"""What a reading costs in host time, cell and engine aside."""

from __future__ import annotations

import pytest

from tests.pace import relative_cost


@pytest.mark.long
def test_a_reading_through_pyvisa_with_a_world_costs_less_than_thirty_rounds_of_the_reference(desk, tmp_path):
    bench = desk(world=tmp_path / "bench.world", noise_scale=1.0, errors="typical")
    bench.ready_to_read()
    bench.hold_current(1e-4)

    def two_thousand_readings():
        for _ in range(2000):
            bench.pstat.write("RU1")
            bench.pstat.read()

    assert relative_cost(two_thousand_readings) < 30.0
