"""A bench whose answers are lost: the run continues by the rule, or it is paused with the cell off."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.host.platform import host_s
from solbench.acquisition.record.events import Event
from solbench.acquisition.run import session
from solbench.acquisition.run.guard_keeper import GuardKeeper
from solbench.drivers.errors import BusError
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.solartron1287 import Solartron1287
from tests.acquisition.away import Away, adapter
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

CURRENT_A = 0.16e-3 * 0.785
HOURS = """
name: sodiation
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 40 min}}
"""
AFTER_S = 2400.0
ALLOWED_S = 0.005 * AFTER_S
PATIENT = {"reconnect_for": "1 h", "max_unwatched": "2 s"}


def patient_bench() -> Any:
    return quiet_bench().model_validate({**quiet_bench().model_dump(exclude_unset=True), **PATIENT})


def run_with(
    path: Path,
    act: Callable[[Event, Seen, RunControl], None],
    protocol: str = HOURS,
    settings: tuple[str, ...] = (),
    answer: Verb | None = Verb.RESUME,
    cell: str = "nbh",
) -> Seen:
    """Carry out a protocol on a patient bench; `act` sees each event; a pause is answered with a verb."""
    seen, control = Seen(), RunControl()

    def look(event: Event) -> None:
        seen.events.append(event)
        act(event, seen, control)
        if event.kind == "paused":
            assert not seen.truth.polarized
            if answer is not None:
                control.ask(answer, "the technician")

    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        wanted = request(path, protocol, cell, patient_bench(), settings)
        seen.result = run_it(wanted, look, run_control=control)
    return seen


def once(test: Callable[[Event], bool], deed: Callable[[Seen], None]) -> Callable[..., None]:
    """Do something at the first event of a kind."""
    done: list[bool] = []

    def act(event: Event, seen: Seen, _control: RunControl) -> None:
        if not done and test(event):
            done.append(True)
            deed(seen)

    return act


def at_sample(number: int) -> Callable[[Event], bool]:
    """Say whether an event is the sample of this number under current."""
    count = 0

    def test(event: Event) -> bool:
        nonlocal count
        count += event.kind == "sample" and abs(event.body.current_A) > 0.5 * CURRENT_A
        return count == number

    return test


def gone(away: Away, for_s: float) -> Callable[[Seen], None]:
    return lambda seen: away.leave(seen.bench.clock.now(), for_s)


def true_charge_is_recorded(seen: Seen, within_C: float) -> None:
    end = seen.of("segment_end")[-1].body
    assert end.step_charge_C == pytest.approx(seen.truth.charge_C, abs=within_C)


@few("for_s", [3.0, pytest.param(6.0, marks=pytest.mark.long), 0.8 * ALLOWED_S], (2,))
def test_a_run_continues_by_itself_after_a_short_absence(tmp_path, for_s):
    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", once(at_sample(100), gone(away, for_s)))

    (gap,) = seen.of("gap")
    assert seen.result.completed
    assert seen.of("paused") == []
    assert gap.body.cause == "connection"
    assert for_s <= gap.body.unwatched_s <= for_s + 10.0
    assert gap.body.charge_C == pytest.approx(-CURRENT_A * gap.body.unwatched_s, rel=0.01)
    assert seen.truth.charge_C == pytest.approx(-CURRENT_A * AFTER_S, abs=10.0 * CURRENT_A)
    true_charge_is_recorded(seen, 2.0 * CURRENT_A)


def test_an_absence_that_was_too_long_pauses_the_run_with_the_cell_off(tmp_path):
    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", once(at_sample(100), gone(away, 1.5 * ALLOWED_S)))

    lost, asked = seen.of("alarm")
    assert (lost.body.code, asked.body.code) == ("connection_lost", "unwatched_charge")
    assert [event.body.by for event in seen.of("paused")] == ["program"]
    assert seen.result.completed
    true_charge_is_recorded(seen, 2.0 * CURRENT_A)


def test_the_protocol_says_how_much_may_flow_unwatched(tmp_path):
    with adapter() as away:
        act = once(at_sample(100), gone(away, 1.5 * ALLOWED_S))
        seen = run_with(tmp_path / "a.h5", act, settings=("interruptions.unwatched_charge=2 %",))

    assert seen.of("paused") == []
    assert seen.result.completed


def test_the_fourth_interruption_of_a_step_pauses_the_run(tmp_path):
    times = []

    def act(event: Event, seen: Seen, control: RunControl) -> None:
        if event.kind == "sample" and event.time_s > 300.0 * (len(times) + 1) and len(times) < 5:
            times.append(event.time_s)
            away.leave(seen.bench.clock.now(), 2.0)

    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", act)

    kinds = [event.kind for event in seen.events if event.kind in ("gap", "paused")]
    assert kinds == ["gap", "gap", "gap", "gap", "paused", "gap"]
    assert [event.body.code for event in seen.of("alarm")][-2:] == ["interrupted_often", "connection_lost"]


@few(
    ("name", "fault", "count"),
    [
        pytest.param("1287", "drop_replies", 1, marks=pytest.mark.long),
        ("1287", "garble_replies", 3),
        ("1287", "drop_replies", 4),
        ("1260", "garble_replies", 1),
        ("1260", "drop_replies", 3),
        pytest.param("1260", "garble_replies", 4, marks=pytest.mark.long),
    ],
    (1, 4),
)
def test_lost_and_torn_lines_end_no_run(tmp_path, name, fault, count):
    def deed(seen: Seen) -> None:
        getattr(seen.bench.truth.faults, fault)(name, count)

    seen = run_with(tmp_path / "a.h5", once(at_sample(100), deed))

    assert seen.result.completed
    assert seen.of("paused") == []
    true_charge_is_recorded(seen, 2.0 * CURRENT_A + sum(gap.body.uncertainty_C for gap in seen.of("gap")))


def test_a_cell_beyond_its_limits_afterwards_pauses_the_run(tmp_path):
    def deed(seen: Seen) -> None:
        away.leave(seen.bench.clock.now(), 10.0)
        seen.bench.truth.faults.set_leads(swapped=True)

    def act(event: Event, seen: Seen, control: RunControl) -> None:
        first(event, seen, control)
        if event.kind == "paused":
            seen.bench.truth.faults.set_leads()

    first = once(at_sample(100), deed)
    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", act, settings=("safety.voltage_min=0.1 V",))

    assert [event.body.code for event in seen.of("alarm")] == ["connection_lost", "outside_window"]
    assert seen.result.completed


def test_an_instrument_that_lost_its_settings_pauses_the_run(tmp_path):
    def power_cycle(seen: Seen) -> None:
        away.leave(seen.bench.clock.now(), 10.0)
        device = seen.bench.truth._interface
        device.receive(b"BK4", True, seen.bench.clock.now())  # as at power-on

    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", once(at_sample(100), power_cycle))

    assert [event.body.code for event in seen.of("alarm")] == ["connection_lost", "settings_lost"]
    assert seen.result.completed


def test_other_instruments_pause_the_run(tmp_path, monkeypatch):
    def exchange(seen: Seen) -> None:
        away.leave(seen.bench.clock.now(), 10.0)
        monkeypatch.setattr(Solartron1287, "identity", lambda self: "1287 99")

    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", once(at_sample(100), exchange))

    asked = seen.of("alarm")[1].body
    assert (asked.code, asked.parameters) == ("other_instruments", {"identity_1287": "1287 99"})


def test_an_adapter_at_another_port_is_noted(tmp_path):
    def move(event: Event, seen: Seen, control: RunControl) -> None:
        leave(event, seen, control)
        if event.kind == "alarm":
            ports.append("COM7")

    leave = once(at_sample(100), lambda seen: away.leave(seen.bench.clock.now(), 10.0))
    ports = ["COM3"]

    def opened(bench: Any) -> None:
        object.__setattr__(bench, "port", lambda: ports[-1])

    with adapter() as away, watched_benches(opened):
        seen = run_with(tmp_path / "a.h5", move)

    (found,) = seen.of("reconnected")
    assert found.body.port == "COM7"
    assert found.body.rungs["reopen"] >= 1
    assert seen.of("paused") == []


def test_a_process_that_stood_still_counts_the_time_and_continues_by_the_rule(tmp_path, monkeypatch):
    """The host's time jumps between two looks of the clock, as it does when the PC was asleep."""
    jumped: list[float] = []

    def sleep_of_the_pc(seen: Seen) -> None:
        jumped.append(20.0)

    monkeypatch.setattr(session, "host_s", lambda: host_s() + sum(jumped))
    monkeypatch.setattr(GuardKeeper, "lease_s", 3.0)
    seen = run_with(tmp_path / "a.h5", once(at_sample(100), sleep_of_the_pc))

    (gap,) = seen.of("gap")
    assert gap.body.cause == "asleep"
    assert seen.result.completed
    assert seen.of("paused") == []


def test_an_adapter_that_stays_away_ends_the_run_as_a_fault(tmp_path):
    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", once(at_sample(100), gone(away, 1e9)))

    (end,) = seen.of("end")
    assert seen.result.outcome == "fault"
    assert not end.body.verified_safe
    assert 3600.0 <= end.time_s - seen.of("alarm")[0].time_s <= 3700.0


def test_a_stop_ends_the_search(tmp_path):
    def act(event: Event, seen: Seen, control: RunControl) -> None:
        leave(event, seen, control)
        if event.kind == "alarm":
            control.ask(Verb.STOP, "the technician")

    leave = once(at_sample(100), lambda seen: away.leave(seen.bench.clock.now(), 1e9))
    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", act)

    assert seen.result.outcome == "fault"
    assert not seen.of("end")[0].body.verified_safe
    assert seen.of("end")[0].time_s - seen.of("alarm")[0].time_s < 5.0


def away_at_random(path: Path, seed: int) -> None:
    """Let the adapter be away at a random moment of a random run, for 1 s to 10 min."""
    draw = random.Random(seed)
    at, for_s = draw.randrange(1, 230), 10.0 ** draw.uniform(0.0, 2.8)
    off_s: list[float] = []

    def act(event: Event, seen: Seen, control: RunControl) -> None:
        leave(event, seen, control)
        if event.kind in ("reconnected", "paused"):
            assert not seen.truth.polarized
            off_s.append(seen.bench.clock.now() - away.until_s)

    leave = once(at_sample(at), lambda seen: away.leave(seen.bench.clock.now(), for_s))
    with adapter() as away:
        seen = run_with(path, act)
    assert seen.result.completed
    if not off_s:  # between two readings
        assert for_s < 2.5
        return
    (gap,) = seen.of("gap")
    assert off_s[0] < 5.0
    assert bool(seen.of("paused")) == (abs(gap.body.charge_C) > ALLOWED_S * CURRENT_A)
    true_charge_is_recorded(seen, 2.0 * CURRENT_A)


@few("seed", range(2), 1)
def test_an_adapter_away_at_a_random_moment(tmp_path, seed):
    away_at_random(tmp_path / "a.h5", seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 60))
def test_an_adapter_away_at_more_random_moments(tmp_path, seed):
    away_at_random(tmp_path / "a.h5", seed)


STEPPED = """
name: stepped
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
interruptions: {{wait_for_user: 1 min}}
steps:
  - name: held
    kind: constant_voltage
    voltage: {voltage_mV:.4g} mV
    current_limit: {limit_mA:.3g} mA
    until: {{time: 20 s}}
"""


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 20))])
def test_an_absence_behind_a_step_of_the_voltage_leaves_in_doubt_what_the_step_lets_flow(tmp_path, seed):
    """What flowed before the step is known, and is far less."""
    draw = random.Random(seed)
    build, cell = draw.choice([("metal", "nps"), ("symmetric", "nps"), ("symmetric", "nbh")])
    words = {
        "voltage_mV": draw.choice([-1, 1]) * draw.uniform(20.0, 90.0),
        "limit_mA": draw.choice([0.2, 0.5, 2.0]),
    }
    number, for_s = draw.randint(1, 3), draw.uniform(10.0, 60.0)
    before_C: list[float] = []
    flowed_C: list[float] = []

    def act(event: Event, seen: Seen, _control: RunControl) -> None:
        if event.kind == "edge" and event.body.action == "voltage" and len(before_C) < number:
            before_C.append(seen.truth.charge_C)
            if len(before_C) == number:
                away.leave(seen.bench.clock.now(), for_s)
        if event.kind == "gap" and not flowed_C:
            flowed_C.append(seen.truth.charge_C - before_C[-1])

    with adapter() as away:
        seen = run_with(tmp_path / "a.h5", act, STEPPED.format(build=build, **words), cell=cell)
    gap = seen.of("gap")[0].body
    assert gap.cause == "connection"
    assert abs(flowed_C[0] - gap.charge_C) <= gap.uncertainty_C


LOW = """
name: low
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: eis, kind: impedance, from: 10 Hz, to: 10 mHz, points_per_decade: 1, amplitude: 10 mV, integration: 0.1 s}
"""


@few(("is_mute", "codes"), [(False, ["measuring"]), (True, ["measuring", "connection_lost"])], (1,))
def test_a_measurement_that_holds_the_bus_is_waited_for_to_its_end(tmp_path, monkeypatch, is_mute, codes):
    real, broken = Pair.measure_impedance, list[float]()

    def breaks(pair, frequency_Hz, *timing_s):
        if frequency_Hz > 0.02 or broken:
            return real(pair, frequency_Hz, *timing_s)
        clock = pair.fra.link.clock
        broken.append(clock.now())
        pair.fra.frequency_Hz = frequency_Hz
        pair.fra.link.request("SI", measures=True)
        pair.fra.measuring_until_s = clock.now() + 260.0
        if is_mute:
            seen.bench.truth.faults.mute("1260")
        raise BusError("1260", "SI", OSError("gone"))

    monkeypatch.setattr(Pair, "measure_impedance", breaks)
    seen, hasty = Seen(), {"reconnect_for": "20 s"}
    bench = quiet_bench().model_validate({**quiet_bench().model_dump(exclude_unset=True), **hasty})
    with watched_benches(lambda one: setattr(seen, "bench", one)):
        seen.result = run_it(request(tmp_path / "a.h5", LOW, "nbh", bench), seen.events.append)

    assert [event.body.code for event in seen.of("alarm")] == codes
    assert seen.of("alarm")[0].body.parameters["instrument"] == "1260"
    assert seen.result.completed is not is_mute
    assert seen.is_safe or is_mute
    assert seen.truth.opened_s is not None
    if is_mute:
        assert broken[0] + 260.0 < seen.events[-1].time_s + 10.0 < broken[0] + 420.0
