"""What the start check finds is the same for people and for programs, and goes into the journal."""

import pytest

from solbench.acquisition.record.events import StartCheck, decode
from tests.acquisition.runs import TINY, quiet_bench, request, seen_run


def check_of(seen):
    (event,) = seen.of("start_check")
    assert decode(event.json()) == event
    assert isinstance(event.body, StartCheck)
    return {line.name: line for line in event.body.findings}


def test_a_cell_that_is_well_has_codes_and_numbers_for_every_line(tiny):
    lines = check_of(tiny)
    codes = [line.code for line in lines.values()]
    assert codes == ["voltage_in_window", "voltage_steady", "current_none"]
    voltage = lines["open-circuit voltage"].parameters
    assert voltage["low_V"] < voltage["voltage_V"] < voltage["high_V"]
    assert f"{voltage['voltage_V']:.4f} V" in lines["open-circuit voltage"].text


@pytest.mark.parametrize(
    ("simulation", "name", "code"),
    [({"dre_sign": -1.0}, "open-circuit voltage", "voltage_leads_swapped")],
)
def test_a_cell_that_is_not_is_told_of_by_a_code(tmp_path, simulation, name, code):
    seen = seen_run(request(tmp_path / "a.h5", TINY, bench=quiet_bench(**simulation)))
    assert seen.result.outcome == "fault"
    lines = check_of(seen)
    assert (lines[name].code, lines[name].passed) == (code, False)
