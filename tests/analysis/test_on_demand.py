"""What was asked for in reports: named by the time of day, in its place, and with its own figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.record.events import SpectrumAsked
from solbench.acquisition.record.reader import Run
from solbench.analysis.on_demand import on_demand_at
from solbench.analysis.report import tables
from solbench.analysis.report.contents import Content, read_contents
from tests.acquisition.asked import nth_sample, run_asked
from tests.acquisition.runs import TINY


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a spectrum asked for while sodium goes in, and one while it comes out."""
    text = TINY.replace("to: 100 Hz, points_per_decade: 2", "to: 1 Hz, points_per_decade: 5")
    found = tmp_path_factory.mktemp("asked") / "a.h5"
    run_asked(found, nth_sample((0, 20), (2, 30)), SpectrumRequest(rest="5 s"), text)
    return found


def asked_at(run: Run) -> list[str]:
    begun = datetime.fromisoformat(run.header.started)
    moments = [begun + timedelta(seconds=time_s) for time_s, _ in run.bodies(SpectrumAsked)]
    return [f"on demand, {moment:%H:%M}" for moment in moments]


def column(content: Content, name: str) -> list[str]:
    table = tables.spectra([content])
    assert table is not None
    return [row[table.head.index(name)] for row in table.rows]


@pytest.mark.long
def test_the_table_of_spectra_has_them_in_their_places(path: Path) -> None:
    (content,) = read_contents([path])
    first, second = asked_at(content.run)
    assert column(content, "state") == ["0 %", first, "100 %", second]
    capacities = [float(shown) for shown in column(content, "mAh cm\u207b\u00b2")]
    assert capacities[0] == 0.0
    assert 0.0 < capacities[1] < capacities[2] == pytest.approx(0.002, abs=1e-4)
    assert all(verdict in ("good", "doubtful", "wrong") for verdict in column(content, "verdict"))
    assert "on demand" in str(tables.spectra([content]))


def test_a_run_over_midnight_names_the_day() -> None:
    assert on_demand_at("2026-12-31T23:59:00+01:00", 59.0) == "on demand, 23:59"
    assert on_demand_at("2026-12-31T23:59:00+01:00", 61.0) == "on demand, 1 Jan 00:00"
