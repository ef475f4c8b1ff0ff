"""Steps and spectra put together from records."""

from dataclasses import replace

import pytest

from solbench.acquisition.record.folds import spectra_of, steps_of
from solbench.protocols.segments import ConstantCurrent, ConstantVoltage, End, Rest, StepRef, Sweep
from tests.records import record

STEP = StepRef(0, "sodiation", "constant_current", "steps.sodiation")
HELD = ConstantVoltage(STEP, 0.01, (), 1e-4)
HOLD = ConstantCurrent(STEP, -1e-4, ())
SWEEP = Sweep(STEP, (1e3,), 0.01, 1.0, spectrum=1)


def begin(ordinal, segment, attempt=1):
    return record("segment", 10.0 * ordinal, ordinal=ordinal, attempt=attempt, segment=segment)


def end(ordinal, segment, outcome, attempt=1, **given):
    name = type(segment).__name__
    time_s = 10.0 * ordinal + 5.0
    return record(
        "segment_end", time_s, ordinal=ordinal, attempt=attempt, segment=name, outcome=outcome, **given
    )


def test_current_decides_how_a_step_with_a_spectrum_on_the_way_ended():
    events = [
        begin(0, HOLD),
        end(0, HOLD, "step", text="voltage fell to 0 V", step_charge_C=-2.0, worst_gap_s=3.0),
        begin(1, SWEEP),
        end(1, SWEEP, "done", text="9 points measured", step_charge_C=-2.5, worst_gap_s=9.0),
    ]
    (step,) = steps_of(events)
    assert step.end is not None
    assert (step.end.text, step.charge_C, step.current_A) == ("voltage fell to 0 V", -2.5, -1e-4)
    assert (step.worst_gap_s, step.finished, step.end_s) == (3.0, True, 15.0)


def test_an_on_demand_spectrum_says_nothing_about_its_step_but_where_it_hit_a_limit():
    events = [begin(0, HOLD), end(0, HOLD, "aside", text="suspended"), begin(-2, SWEEP)]
    (step,) = steps_of([*events, end(-2, SWEEP, "done", text="measured")])
    assert step.end is not None
    assert step.end.text == "suspended"
    (step,) = steps_of([*events, end(-2, SWEEP, "limit", text="overload")])
    assert step.end is not None
    assert (step.end.text, step.finished) == ("overload", False)


@pytest.mark.parametrize(
    ("first", "again", "changed"),
    [
        (HOLD, replace(HOLD, current_A=-2e-4), True),
        (HOLD, replace(HOLD, ends=(End("time", 60.0, "1 min"),)), False),
        (HELD, replace(HELD, voltage_V=0.011), True),
        (HELD, HELD, False),
    ],
)
def test_a_step_that_was_left_is_not_in_one_piece_and_another_value_is_a_change(first, again, changed):
    whole = [begin(0, first), end(0, first, "step")]
    (step,) = steps_of(whole)
    assert (step.in_one_piece, step.changed) == (True, False)
    (step,) = steps_of(
        [begin(0, first), end(0, first, "aside"), begin(0, again, 2), end(0, again, "step", 2)]
    )
    assert (step.finished, step.suspended, step.in_one_piece, step.changed) == (True, 1, False, changed)
    (step,) = steps_of([*whole, begin(1, again), end(1, again, "step")])
    assert not step.changed  # another part of the step may hold what it likes


def test_a_change_that_counts_from_the_next_part_of_a_step_is_one():
    """-1 C flowed by -0.1 mA before the spectrum, 3 C by -0.3 mA behind it: 20000 s in all."""
    other = replace(HOLD, current_A=-3e-4)
    events = [
        begin(0, HOLD),
        end(0, HOLD, "segment", step_charge_C=-1.0),
        begin(1, SWEEP),
        record("changed", 17.0, step=0, ordinal=2),
        end(1, SWEEP, "done", step_charge_C=-1.0),
        begin(2, other),
        end(2, other, "step", step_charge_C=-4.0),
    ]
    (step,) = steps_of(events)
    assert (step.changed, step.set_s, step.current_A, step.least_A) == (True, 20.0, -3e-4, 1e-4)
    assert step.mean_current_A == pytest.approx(-4.0 / 20e3)
    (step,) = steps_of([event for event in events if event.kind != "changed"])
    assert not step.changed  # a kind of step may hold in its parts what it likes


@pytest.mark.parametrize(
    ("second_A", "behind_C", "mean_A"),
    [
        (-4e-4, -7.0, -7.0 / 2e4),
        (-1e-4, -7.0, -7.0 / 5e4),
        (2e-4, -2.0, -4.0 / 1.5e4),
        (2e-4, 1.0, 7.0 / 3e4),
    ],
)
@pytest.mark.parametrize("in_progress", [False, True])
def test_the_mean_of_a_changed_current_is_that_of_what_flowed_also_while_it_flows(
    second_A, behind_C, mean_A, in_progress
):
    """-3 C by -0.3 mA, and then up to a net charge of the step by another current."""
    first, second = replace(HOLD, current_A=-3e-4), replace(HOLD, current_A=second_A)
    events = [begin(0, first), end(0, first, "aside", step_charge_C=-3.0), begin(0, second, 2)]
    if in_progress:
        (step,) = steps_of(events)
        step.reach(behind_C)
    else:
        (step,) = steps_of([*events, end(0, second, "step", 2, step_charge_C=behind_C)])
    assert (step.changed, step.charge_C) == (True, behind_C)
    assert step.mean_current_A == pytest.approx(mean_A)


def test_what_flows_at_a_held_voltage_is_not_of_the_mean_of_the_currents_before():
    """-1 C by -0.1 mA, -3 C by -0.3 mA, and -5 C more at a voltage."""
    other = replace(HOLD, current_A=-3e-4)
    events = [
        begin(0, HOLD),
        end(0, HOLD, "aside", step_charge_C=-1.0),
        begin(0, other, 2),
        end(0, other, "segment", 2, step_charge_C=-4.0),
        begin(1, HELD),
        end(1, HELD, "step", step_charge_C=-9.0),
    ]
    (step,) = steps_of(events)
    assert (step.charge_C, step.mean_current_A) == (-9.0, pytest.approx(-4.0 / 20e3))


def test_a_step_counts_how_often_a_voltage_came_to_its_current_limit():
    (step,) = steps_of([begin(0, HELD), record("limited", 1.0), end(0, HELD, "step")])
    assert (step.limited, steps_of([begin(0, HELD)])[0].limited) == (1, 0)


def test_an_attempt_that_was_interrupted_is_not_whole_and_the_next_one_is():
    start = record("spectrum", segment=0, spectrum=1)
    events = [begin(0, SWEEP), start, end(0, SWEEP, "interrupted"), begin(0, SWEEP, 2), start]
    first, second = spectra_of([*events, end(0, SWEEP, "done", 2)])
    assert [(first.attempt, first.whole), (second.attempt, second.whole)] == [(1, False), (2, True)]


def test_an_attempt_that_was_interrupted_before_its_spectrum_began_leaves_none():
    assert spectra_of([begin(0, SWEEP), end(0, SWEEP, "interrupted")]) == []


def test_the_end_of_a_step_that_no_record_began_is_left_out():
    assert steps_of([end(0, Rest(STEP, 1.0, 1.0), "done")]) == []
