"""What the window says will come, held against when it did come."""

from datetime import datetime

import pytest

from solbench.acquisition.record.events import SegmentStart
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.run.ahead import Ahead, Coming, in_words
from solbench.protocols import load_cell, parse_protocol, plan
from solbench.protocols.segments import Sweep
from tests.texts import TINY

BUILD = load_cell("nbh").build("half")


def test_the_next_spectrum_and_the_next_step_come_when_they_were_said_to(finished):
    """Asked at every segment of a run that has been: none is off by more than the zeros and the probes."""
    run = open_run(finished)
    begun = [(event.time_s, event.body) for event in run.events if isinstance(event.body, SegmentStart)]
    ahead = Ahead(plan(parse_protocol(TINY, "tiny"), BUILD), BUILD)
    assert len(begun) > 4
    for place, (time_s, start) in enumerate(begun):
        later = begun[place + 1 :]
        came = {
            "spectrum": next((at - time_s for at, each in later if isinstance(each.segment, Sweep)), None),
            "step": next((at - time_s for at, each in later if each.step.index != start.step.index), None),
        }
        balance_C = sum(step.charge_C for step in run.steps[: start.step.index])
        said = ahead.coming(start.ordinal, start.segment, 0.0, 0.0, balance_C)
        told = {"spectrum" if each.words == "spectrum" else "step": each.in_s for each in said}
        assert told.keys() == {key for key, value in came.items() if value is not None}
        for key, in_s in told.items():
            assert in_s == pytest.approx(came[key], abs=15.0), (start, key)


def test_what_has_passed_is_taken_off():
    ahead = Ahead(plan(parse_protocol(TINY, "tiny"), BUILD), BUILD)
    segments = list(plan(parse_protocol(TINY, "tiny"), BUILD))
    whole = ahead.coming(2, segments[2], 0.0, 0.0, 0.0)[0].in_s
    half_C = segments[2].ends[0].value / 2
    assert ahead.coming(2, segments[2], 5.0, -half_C, 0.0)[0].in_s < 0.8 * whole
    assert ahead.coming(3, segments[3], 4.0, -2 * half_C, 0.0)[0].in_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (9, ", 11:00"),
        (23, ", Tue 01 Dec 01:00"),
        (None, ""),
    ],
)
def test_times_are_those_of_the_clock_where_the_run_keeps_time(hour, words):
    clock = None if hour is None else datetime(2026, 11, 30, hour, 0)
    assert in_words(Coming("spectrum", 7200.0), clock) == f"spectrum in about 2.0 h{words}"
