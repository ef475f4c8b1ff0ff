"""What the engine relies on in every bench for direct current, held against the truth behind its wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from solbench.acquisition.bench.models import MODELS
from solbench.drivers.errors import DriverError, NotSafe, OutOfOrder, OutOfRange
from tests.conformance.benches import DC_BENCHES, UnderTest

CURRENT_A = 1e-4


@pytest.fixture(params=list(DC_BENCHES))
def found(request: pytest.FixtureRequest) -> Iterator[UnderTest]:
    """A bench that was set up; the cell is off."""
    with DC_BENCHES[request.param]() as one:
        one.dc.initialise()
        yield one


def driven(found: UnderTest, current_A: float = CURRENT_A) -> None:
    found.dc.prepare_current(abs(current_A))
    found.dc.on()
    found.dc.set_current(current_A)


def sleep(found: UnderTest, seconds: float) -> None:
    found.bench.clock.sleep_until(found.bench.clock.now() + seconds)


def test_its_model_says_what_it_can_do_and_which_instruments_it_has(found: UnderTest) -> None:
    equipment = found.bench.equipment
    abilities = {frozenset(model.fields): model.abilities for model in MODELS.values()}
    assert abilities[frozenset(one.name for one in equipment.dc.instruments)] == equipment.abilities


def test_every_instrument_says_who_it_is_and_has_no_error(found: UnderTest) -> None:
    for instrument in found.dc.instruments:
        assert instrument.model
        assert instrument.identity()
        assert instrument.last_error() == 0
        assert set(found.bench.addresses) >= {instrument.name}


def test_setting_it_up_opens_the_cell(found: UnderTest) -> None:
    driven(found)
    assert found.truth.connected
    found.dc.initialise()
    assert not found.truth.connected


def test_settings_are_read_back_as_they_were_set(found: UnderTest) -> None:
    found.dc.prepare_current(CURRENT_A)
    answers = [one.settings_as_read_back() for one in found.dc.instruments]
    assert all(answers)
    assert not [text for one in answers for text in one.values() if text == "not answered"]
    found.dc.verify_settings()


@pytest.mark.parametrize("current_A", [CURRENT_A, -CURRENT_A, 3e-3])
def test_a_current_is_held_with_the_sign_that_charges(found: UnderTest, current_A: float) -> None:
    before_C = found.truth.charge_C
    driven(found, current_A)
    started_s = found.bench.clock.now()
    sleep(found, 2.0)
    reading = found.dc.measure()
    assert reading.current_A == pytest.approx(current_A, rel=2e-3)
    assert found.truth.current_A == pytest.approx(current_A, rel=2e-3)
    passed_s = found.bench.clock.now() - started_s
    assert found.truth.charge_C - before_C == pytest.approx(current_A * passed_s, rel=0.05)
    assert not reading.overload


def test_nothing_flows_between_on_and_the_first_current(found: UnderTest) -> None:
    found.dc.prepare_current(CURRENT_A)
    before_C = found.truth.charge_C
    found.dc.on()
    sleep(found, 1.0)
    assert found.truth.connected
    assert abs(found.truth.charge_C - before_C) < 1e-3 * CURRENT_A


@pytest.mark.parametrize("away_V", [0.02, -0.02])
def test_a_voltage_is_held_and_can_be_moved(found: UnderTest, away_V: float) -> None:
    found.dc.prepare_current(CURRENT_A)
    held_V = found.dc.measure().voltage_V + away_V
    found.dc.prepare_voltage(held_V, 0.05)
    found.dc.on()
    sleep(found, 0.5)
    reading = found.dc.measure()
    assert reading.voltage_V == pytest.approx(held_V, abs=1e-3)
    assert found.truth.voltage_V == pytest.approx(held_V, abs=1e-3)
    assert reading.current_A == pytest.approx(
        found.truth.current_A, rel=0.02, abs=2e-4 * found.dc.full_scale_A
    )
    found.dc.set_voltage(held_V + away_V)
    sleep(found, 0.5)
    assert found.dc.measure().voltage_V == pytest.approx(held_V + away_V, abs=1e-3)


def test_an_open_cell_is_measured_and_shows_no_current(found: UnderTest) -> None:
    found.dc.prepare_current(CURRENT_A)
    reading = found.dc.measure()
    assert reading.voltage_V == pytest.approx(found.truth.voltage_V, abs=1e-3)
    assert abs(reading.current_A) < 1e-3 * found.dc.full_scale_A
    assert not found.truth.connected


@pytest.mark.parametrize("largest_A", [1e-6, 1e-4, 2e-3, 0.5])
def test_the_range_takes_what_was_prepared_and_not_much_more(found: UnderTest, largest_A: float) -> None:
    found.dc.prepare_current(largest_A)
    assert largest_A <= found.dc.full_scale_A <= 25.0 * largest_A
    assert found.dc.range_index >= 1
    with pytest.raises(OutOfRange):
        found.dc.set_current(1.5 * found.dc.full_scale_A)


@pytest.mark.parametrize("largest_A", [1e3, float("nan")])
def test_a_current_beyond_every_range_is_refused(found: UnderTest, largest_A: float) -> None:
    with pytest.raises(OutOfRange):
        found.dc.prepare_current(largest_A)
    assert not found.truth.connected


@pytest.mark.parametrize("fast", [False, True])
def test_a_reading_takes_its_conversion_and_its_time_is_the_middle(found: UnderTest, fast: bool) -> None:
    found.dc.prepare_current(CURRENT_A)
    found.dc.measure(fast=fast)
    before_s = found.bench.clock.now()
    reading = found.dc.measure(fast=fast)
    took_s = found.bench.clock.now() - before_s
    assert before_s < reading.time_s < before_s + took_s
    if not fast:
        assert took_s >= found.dc.conversion_s
        assert reading.time_s - before_s == pytest.approx(0.5 * found.dc.conversion_s, abs=0.01)
    assert took_s <= found.dc.conversion_s + 0.05  # the messages take their time, too


def test_an_overload_is_marked(found: UnderTest) -> None:
    driven(found)
    assert not found.dc.measure().overload
    found.overload()
    assert found.dc.measure().overload


def test_what_was_not_prepared_is_not_switched_on(found: UnderTest) -> None:
    with pytest.raises(OutOfOrder):
        found.dc.on()
    with pytest.raises(OutOfOrder):
        _ = found.dc.range_index
    found.dc.prepare_voltage(0.5, 1e-3)
    with pytest.raises(OutOfOrder):
        found.dc.set_current(CURRENT_A)
    found.dc.prepare_current(CURRENT_A)
    with pytest.raises(OutOfOrder):
        found.dc.set_voltage(0.5)
    assert not found.truth.connected


def test_mode_and_range_do_not_change_under_current(found: UnderTest) -> None:
    driven(found)
    with pytest.raises(OutOfOrder):
        found.dc.prepare_current(0.5)
    with pytest.raises(OutOfOrder):
        found.dc.prepare_voltage(0.5, 1e-3)
    assert found.truth.current_A == pytest.approx(CURRENT_A, rel=2e-3)


def test_off_can_be_repeated_in_any_state(found: UnderTest) -> None:
    found.dc.off()
    driven(found)
    found.dc.off()
    assert not found.truth.connected
    found.dc.off()
    assert found.truth.current_A == 0.0


def test_making_safe_opens_the_cell_and_says_what_it_saw(found: UnderTest) -> None:
    driven(found)
    report = found.dc.make_safe()
    assert not found.truth.connected
    assert abs(report.current_A) < 1e-3 * CURRENT_A
    assert report.problems == {}


def test_forcing_off_says_when(found: UnderTest) -> None:
    driven(found)
    before_s = found.bench.clock.now()
    forced = found.dc.force_off()
    assert forced.problem == ""
    assert forced.at_s is not None
    assert before_s <= forced.at_s <= found.bench.clock.now()
    assert not found.truth.connected


def test_a_new_connection_opens_the_cell_and_finds_the_settings(found: UnderTest) -> None:
    driven(found)
    found.dc.reconnect()
    assert not found.truth.connected
    found.dc.initialise()
    found.dc.verify_settings()
    driven(found)
    assert found.truth.connected


def test_a_dead_bench_is_an_error_and_never_a_number(found: UnderTest) -> None:
    driven(found)
    found.kill()
    calls: list[Callable[[], object]] = [
        found.dc.measure,
        found.dc.off,
        lambda: found.dc.set_current(0.5 * CURRENT_A),
        found.dc.reconnect,
        *(one.identity for one in found.dc.instruments),
    ]
    for call in calls:
        with pytest.raises(DriverError):
            call()
    forced = found.dc.force_off()
    assert forced.at_s is None
    assert forced.problem
    with pytest.raises(NotSafe):
        found.dc.make_safe()
