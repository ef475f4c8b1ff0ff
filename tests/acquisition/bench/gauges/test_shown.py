"""What the gauges of a bench show before a run: in a start check and for the doctor, and a silent one as a remark."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.bench.bench import open_gauges
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.gauges.shown import read_all
from solbench.acquisition.run.start_check import gauge_findings
from solbench.cli.commands.doctor import _sensors
from solbench.drivers.errors import NoReply
from tests.acquisition.bench.gauges.test_comparing import TEXT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "b.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "b.yaml"


def test_sensors_are_read_in_the_check_and_by_the_doctor(path: Path):
    clock, gauges, close = open_gauges(load_bench(str(path))[0])
    try:
        shown = read_all(gauges, clock)
        found = gauge_findings(gauges, clock)
    finally:
        close()
    assert [one.name for one in shown] == ["cell", "fine"]
    assert all(one.value is not None and abs(one.value - 298.15) < 3.0 for one in shown)
    assert [(one.name, one.passed, one.remark) for one in found] == [
        ("sensor cell", True, False),
        ("sensor fine", True, False),
    ]
    assert all("degC +- " in one.text for one in found)
    assert [(item.name, item.good) for item in _sensors(str(path))] == [
        ("sensor cell", True),
        ("sensor fine", True),
    ]
    assert _sensors(None) == _sensors("simulated") == []


def test_a_sensor_that_does_not_answer_is_remarked_on_and_stops_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    clock, gauges, close = open_gauges(load_bench(str(path))[0])

    def silent() -> None:
        raise NoReply("cell", "read", 1.0)

    try:
        monkeypatch.setattr(gauges[0]._gauge, "read", silent)
        found = gauge_findings(gauges, clock)
    finally:
        close()
    assert [(one.passed, one.remark) for one in found] == [(True, True), (True, False)]
    assert "cell" in found[0].text
