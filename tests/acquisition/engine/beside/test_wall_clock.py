"""The time of day beside the run's time: hourly, and where the clock of the PC is set."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from solbench.acquisition.engine.beside.wall_clock import WallClockWatch


@pytest.mark.parametrize(
    ("by_s", "told"), [(0.0, 0), (0.4, 0), (-0.4, 0), (1.5, 1), (-1.5, 1), (86_400.0, 1)]
)
def test_a_clock_that_is_set_is_told_once_and_a_slow_correction_is_not(monkeypatch, by_s, told):
    written: list[tuple[float, float]] = []
    recorder = SimpleNamespace(
        progress=SimpleNamespace(last_s=100.0),
        emit=lambda time_s, body: written.append((time_s, body.unix_s)),
    )
    real = time.time
    watch = WallClockWatch(recorder, lambda: 130.5)
    watch.look(120.0)
    assert written == []
    monkeypatch.setattr(time, "time", lambda: real() + by_s)
    watch.look(130.0)
    watch.look(140.0)
    assert [time_s for time_s, _ in written] == [130.5] * told
    watch.look(3700.0)
    watch.look(3710.0)
    assert len(written) == told + 1
    assert written[-1][1] == pytest.approx(real() + by_s, abs=60.0)
