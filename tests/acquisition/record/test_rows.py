"""Records are sorted into rows of samples and points, and the rest, each into one place."""

from solbench.acquisition.record.columns import DECIDING, OVERLOAD
from solbench.acquisition.record.rows import Rows, batches, ranges_of
from solbench.protocols.segments import ConstantCurrent, Rest, StepRef
from tests.records import record


def test_each_record_lands_in_one_place():
    events = [
        record("sample", 1.0, 0, voltage_V=0.5, current_A=1e-3, charge_C=2.0, step=3, segment=4, range=5),
        record("point", 2.0, 1, frequency_Hz=1e3, real_ohm=10.0, imaginary_ohm=-5.0, spectrum=1, attempt=2),
        record("note", 3.0, 2),
    ]
    block = Rows().sorted(events)
    (sample,), (point,) = block.sample_array(), block.point_array()
    assert sample.tolist() == (0, 1.0, 0.5, 1e-3, 2.0, 3, 4, 0, 5, 0)
    assert (point["seq"], point["frequency_Hz"], point["imaginary_ohm"], point["attempt"]) == (
        1,
        1e3,
        -5.0,
        2,
    )
    assert block.events == [events[2]]


def test_a_sample_has_the_cycle_of_the_segment_before_it_and_its_flags():
    rest = Rest(StepRef(0, "rest", "rest", "steps.rest", cycle=7), 1.0, 1.0)
    block = Rows().sorted([record("segment", segment=rest), record("sample", deciding=True, overload="V")])
    (sample,) = block.sample_array()
    assert (sample["cycle"], sample["flags"]) == (7, DECIDING | OVERLOAD)


def test_what_is_read_in_a_pause_says_nothing_of_the_range_of_its_step():
    start = record(
        "segment", segment=ConstantCurrent(StepRef(0, "sodiation", "constant_current", ""), -1e-3, ())
    )
    read = [(4, False), (5, True), (5, True), (3, False), (3, False)]  # a pause after the first reading
    samples = [
        record("sample", step=0, segment=start.body.ordinal, range=number, paused=paused)
        for number, paused in read
    ]
    rows = Rows()
    block = rows.sorted([start, *samples])
    assert rows.ranges == ranges_of(block.sample_array(), [start.body]) == {0: 3}
    assert ranges_of(block.sample_array()[1:3], [start.body]) == {}


def test_batches_lose_nothing():
    assert [len(batch) for batch in batches(iter([record("note")] * 7), 3)] == [3, 3, 1]
