"""What a cell cannot do behind a switching, and what it does: cells by hand, and sound ones that were simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.engine.continuity import Continuity, Last
from solbench.drivers.roles import Reading
from solbench.protocols.protocol import shipped_protocols, shipped_text
from tests.acquisition.runs import request, seen_run

RANGE_A = 2e-4


def rested(voltage_V: float, slope_V_s: float = 0.0) -> Last:
    return Last(Reading(100.0, voltage_V, 0.0), driven=False, slope_V_s=slope_V_s, noise_V=1e-4)


def driven(voltage_V: float, current_A: float) -> Last:
    return Last(Reading(100.0, voltage_V, current_A), driven=True, slope_V_s=0.0, noise_V=1e-4)


def shows(voltage_V: float, time_s: float = 101.0) -> Reading:
    return Reading(time_s, voltage_V, 0.0)


@pytest.mark.parametrize(
    ("open_V", "last", "found", "broken"),
    [
        (0.9, None, shows(0.0), True),  # a lead came off behind the start check
        (0.9, None, shows(0.93), False),
        (0.0, None, shows(0.0), False),  # a symmetric cell
        (0.4, rested(0.4, 1e-4), shows(0.55, 1000.0), False),  # it went on relaxing through a pause
        (0.4, rested(0.4, 1e-6), shows(0.55, 1000.0), True),
        (None, driven(0.30, -1e-4), shows(0.45), False),
        (None, driven(0.30, -1e-4), shows(0.10), True),  # onwards, although nothing drives it
        (None, driven(0.60, +1e-4), shows(0.30), False),
        (None, driven(0.60, +1e-4), shows(0.70), True),
        (None, driven(0.60, +1e-4), shows(0.001), True),  # nothing is there
        (None, driven(0.08, 1e-9), shows(0.02), False),  # a polarization decays
        (None, None, shows(0.0), False),  # nothing is known of it
    ],
)
def test_what_a_cell_can_show(open_V: float | None, last: Last | None, found: Reading, broken: bool) -> None:
    cell = Continuity(lambda: open_V)
    cell.leave(rested(0.5))
    cell._last = None
    if last is not None:
        cell.leave(last)
    assert bool(cell.broken_by(found, RANGE_A)) is broken


def test_a_symmetric_cell_comes_back_to_nothing() -> None:
    cell = Continuity()
    cell.leave(rested(0.0))
    cell.leave(driven(0.08, 1e-5))
    assert cell.broken_by(shows(0.0), RANGE_A) == ""


def test_what_a_user_has_seen_is_so() -> None:
    cell = Continuity(lambda: 0.9)
    assert "0.9000 V to 0.2000 V" in cell.broken_by(shows(0.2), RANGE_A)
    assert cell.broken_by(shows(0.21), RANGE_A) == ""
    assert cell.broken_by(shows(0.21), RANGE_A) != "", "but not for ever"


def asks_a_person(name: str) -> bool:
    return any(f"kind: {kind}" in shipped_text(name) for kind in ("prompt", "condition"))


@pytest.mark.long
@pytest.mark.parametrize("protocol", [name for name in shipped_protocols() if not asks_a_person(name)])
def test_a_sound_cell_breaks_nothing(tmp_path: Path, protocol: str) -> None:
    if protocol.startswith("pellet"):
        pytest.skip("its cells have no voltage")
    seen = seen_run(request(tmp_path / "a.h5", protocol, "nps"))  # has every build
    assert seen.of("paused") == []


@pytest.mark.parametrize(
    ("before", "found", "is_far"),
    [
        ((0.905, 0.0), (-0.905, 1e-7), True),  # a sign of two lines
        ((0.4, -1e-4), (0.39, 1.1e-4), True),
        ((0.4, -1e-4), (0.35, -1.4e-4), False),  # a step towards a voltage
        ((0.4, -1e-6), (0.4, 1e-6), False),  # a current that is none
    ],
)
def test_what_was_switched_is_far_from_before_where_a_sign_may_have_been_read_wrongly(before, found, is_far):
    continuity = Continuity()
    continuity.leave(Last(Reading(1.0, *before), True, 0.0, 0.0))
    assert continuity.is_far_from_last(Reading(2.0, *found), 2e-3) is is_far
