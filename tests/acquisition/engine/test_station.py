"""What techniques know of the run: its time, its zero, the moment at which a charge is reached."""

import math
import statistics
from dataclasses import fields as dataclass_fields
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.bench.watch import Watch
from solbench.acquisition.engine.station import Station, ZeroMean, require_idle
from solbench.acquisition.engine.techniques.table import TECHNIQUES
from solbench.acquisition.errors import Fault
from solbench.acquisition.record.progress import Progress, Zero
from solbench.drivers.roles import Equipment, Reading
from solbench.protocols import segments as seg
from solbench.simulators.clock import VirtualClock


class Meter:
    """An ammeter with an offset, on range 5."""

    range_index = 5
    full_scale_A = 2e-4

    def __init__(self, clock: VirtualClock, current_A: float) -> None:
        self._clock = clock
        self._current_A = current_A

    def measure(self, fast: bool = False) -> Reading:
        return Reading(self._clock.now(), 1.0, self._current_A)


def station(current_A: float = 0.0, offset_s: float = 0.0) -> Station:
    clock = VirtualClock()
    return Station(Equipment(Meter(clock, current_A)), clock, Progress(), Watch(), offset_s)


def test_the_time_of_the_run_is_not_the_clocks():
    found = station(offset_s=-1000.0)
    assert found.now_s() == 1000.0
    found.sleep_until(1003.0)
    assert found.clock.now() == pytest.approx(3.0)
    assert found.measure().time_s == pytest.approx(1003.0)


@given(offset_s=st.floats(-1e6, 1e6), wait_s=st.floats(0.0, 60.0))
def test_dozing_ends_whatever_is_rounded_on_the_way(offset_s: float, wait_s: float):
    found = station(offset_s=offset_s)
    slept: list[float] = []
    sleep = found.clock.sleep_until

    class Counted:
        def now(self) -> float:
            return found_clock.now()

        def sleep_until(self, time_s: float) -> None:
            slept.append(time_s)
            assert len(slept) < 40
            sleep(time_s)

    found_clock = found.clock
    found = replace(found, clock=Counted())
    begun_s = found.now_s()
    found.sleep_until_requested(begun_s + wait_s)
    assert found.now_s() - begun_s == pytest.approx(wait_s, abs=1e-6)


def test_a_known_zero_is_subtracted_and_can_be_undone():
    found = station(current_A=126.02e-6)
    found.progress.zeros[5] = Zero(2e-8, 1e-9, 100)
    reading = found.measure()
    assert reading.current_A == pytest.approx(126e-6, rel=1e-9)
    assert found.uncorrected_A(reading) == pytest.approx(126.02e-6, rel=1e-12)


def test_a_zero_within_its_noise_is_left_alone():
    found = station(current_A=126e-6)
    found.progress.zeros[5] = Zero(3e-9, 1e-9, 100)
    assert found.measure().current_A == 126e-6


def test_the_zero_of_another_range_does_not_count():
    found = station(current_A=126e-6)
    found.progress.zeros[4] = Zero(1e-6, 1e-9, 100)
    assert found.measure().current_A == 126e-6


@given(
    st.floats(1e-6, 1e-2),
    st.sampled_from([-1.0, 1.0]),
    st.floats(0.01, 5.0),
    st.floats(0.0, 1e4),
)
def test_the_charge_is_reached_when_integration_says_so(magnitude_A, sign, target_C, since_s):
    found = station()
    ledger = found.progress.ledger
    ledger.add_edge(since_s, True, sign * magnitude_A)
    reached_s = found.charge_reached_s(target_C)
    assert abs(ledger.charge_at(reached_s)) == pytest.approx(target_C, rel=1e-6)
    assert reached_s > since_s


def test_the_charge_of_the_step_counts_and_not_that_of_the_run():
    found = station()
    found.progress.ledger.charge_C = found.progress.step_start_C = -3.9
    found.progress.ledger.add_edge(0.0, True, 1e-3)
    assert found.charge_reached_s(1.0) == pytest.approx(1000.0)


def test_charge_that_went_the_other_way_comes_on_top():
    found = station()
    found.progress.ledger.charge_C = 0.1
    found.progress.ledger.add_edge(0.0, True, -1e-3)
    assert found.charge_reached_s(1.0) == pytest.approx(1100.0)


def test_without_a_current_no_charge_is_ever_reached():
    assert station().charge_reached_s(1.0) == math.inf


@given(st.lists(st.floats(-1e-6, 1e-6), min_size=5, max_size=50))
def test_the_running_mean_is_the_mean(currents):
    mean = ZeroMean()
    for current_A in currents:
        mean.add(current_A)
    zero = mean.zero(None)
    assert zero is not None
    assert zero.mean_A == pytest.approx(statistics.fmean(currents), abs=1e-15)
    expected = statistics.stdev(currents) / math.sqrt(len(currents))
    assert zero.stderr_A == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_four_readings_are_no_zero():
    mean = ZeroMean()
    for _ in range(4):
        mean.add(1e-8)
    assert mean.zero(None) is None
    before = Zero(1.0, 2.0, 3)
    assert mean.zero(before) is before


def test_two_rests_weigh_by_their_readings():
    mean = ZeroMean()
    for current_A in [2e-8, 4e-8] * 15:
        mean.add(current_A)
    zero = mean.zero(Zero(6e-8, 1e-9, 90))
    assert zero is not None
    assert zero.mean_A == pytest.approx((3e-8 * 30 + 6e-8 * 90) / 120)
    assert zero.readings == 120
    assert zero.stderr_A < 1.1e-9


def test_a_cell_that_shows_its_open_circuit_and_no_current_is_idle():
    require_idle(Reading(0.0, 0.921, 3e-6), 0.9, 2e-4)


@pytest.mark.parametrize(
    ("reading", "names"),
    [(Reading(0.0, 0.96, 0.0), "RE1 and RE2"), (Reading(0.0, 0.9, 5e-6), "current of 5e-06 A")],
)
def test_a_cell_that_is_driven_at_zero_current_is_not(reading, names):
    with pytest.raises(Fault, match=names):
        require_idle(reading, 0.9, 2e-4)


REF = seg.StepRef(0, "a", "a", "")
SETTING = [
    lambda volts: seg.ConstantVoltage(REF, volts, (), 1e-4),
    lambda volts: seg.UnbrokenVoltage(REF, volts, (), 1e-4),
    lambda volts: seg.Polarization(REF, volts, 60.0, 600.0),
    lambda volts: seg.LinearScan(REF, (0.3, volts), 1e-3, 1e-4),
    lambda volts: seg.CyclicScan(REF, (volts, 0.4, 0.2), 1e-3, 1e-4),
    lambda volts: seg.Sweep(REF, (1e3,), 0.01, 1.0, 1, direct=seg.Direct(volts, limit_A=1e-4)),
]


@pytest.mark.parametrize("segment_of", SETTING)
def test_a_segment_does_not_begin_whose_voltage_would_be_none(segment_of):
    found = station()
    found.bench.voltage_step_V = 2e-3
    for volts in (0.9e-3, -1e-3, 1e-9):
        with pytest.raises(Fault, match="0 V would stand; nothing was switched on"):
            found.require_settable(segment_of(volts))
    for volts in (0.0, 1.1e-3, -2e-3, 1.7):
        found.require_settable(segment_of(volts))
    found.bench.voltage_step_V = 0.0
    found.require_settable(segment_of(1e-6))


def test_what_sets_a_voltage_is_known_of_every_kind_of_segment():
    """A kind that holds a voltage without saying so would begin with 0 V."""
    fields = {"voltage_V", "levels_V", "direct"}
    for kind in TECHNIQUES:
        sets = any(field.name in fields for field in dataclass_fields(kind))
        assert sets == (kind.set_voltages_V is not seg.Segment.set_voltages_V), kind.__name__
