"""What is set is reached, or the run pauses with the cell off: whatever does not happen is never completed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import CURRENT_A, Seen, quiet_bench, request, run_it, seen_run, watched_benches
from tests.tiers import few

HEAD = """
name: reached
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
interruptions: {{wait_for_user: 1 min}}
record: {{every: 1 s}}
steps:
"""
DOWN = "  - {name: down, kind: constant_current, current: -0.16 mA/cm2, until: {time: 40 s}}\n"
HELD = "  - {name: held, kind: constant_voltage, voltage: 0.45 V, current_limit: 1 mA/cm2, until: {time: 90 s}}\n"
SPECTRUM = (
    "  - {name: eis, kind: impedance, from: 100 kHz, to: 1 Hz, points_per_decade: 2, amplitude: 10 mV, "
    "integration: 0.1 s}\n"
)
POLARIZED = (
    "  - {name: dc, kind: dc_polarization, voltage: VOLTAGE, baseline: 20 s, at_most: 60 s, steady_within: 1 %, "
    "steady_over: 30 s}\n"
)


def half(steps: str) -> str:
    return HEAD.format(build="half") + steps


def pellet(voltage: str) -> str:
    return HEAD.format(build="dc_pristine") + POLARIZED.replace("VOLTAGE", voltage)


def run_with(
    run: Path, protocol: str, act: Callable[[Any], None], when: Callable[[Any, Seen], bool], **settings: Any
) -> Seen:
    """Run it on a bench with a fault that begins at the first event for which `when` says so."""
    seen, begun = Seen(), list[bool]()

    def look(event: Any) -> None:
        seen.events.append(event)
        if not begun and when(event, seen):
            begun.append(True)
            act(seen.bench.truth.faults)

    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        seen.result = run_it(request(run, protocol, "nbh", quiet_bench(**settings)), look)
    return seen


def nth(kind: str, number: int) -> Callable[[Any, Seen], bool]:
    return lambda event, seen: event.kind == kind and len(seen.of(kind)) == number


def after_on(number: int, samples: int) -> Callable[[Any, Seen], bool]:
    """At a sample, so many behind the n-th switching on."""

    def when(event: Any, seen: Seen) -> bool:
        on = [edge.seq for edge in seen.of("edge") if edge.body.action == "on"]
        return (
            event.kind == "sample"
            and len(on) >= number
            and sum(sample.seq > on[number - 1] for sample in seen.of("sample")) == samples
        )

    return when


def require_paused(seen: Seen, code: str) -> None:
    """Nobody resumed it: it paused, with the cell off at once and verified, and is not completed."""
    assert seen.result.outcome == "fault"
    alarm, paused = seen.of("alarm")[0], seen.of("paused")[0]
    assert alarm.body.code == code, alarm.body
    assert paused.body.by == "program"
    assert all(edge.time_s <= paused.time_s for edge in seen.of("edge"))
    assert seen.is_safe
    assert seen.of("end")[-1].body.verified_safe
    assert not open_run(seen.result.run).completed


@pytest.mark.parametrize(
    ("protocol", "when", "code"),
    [
        pytest.param(half(DOWN), after_on(1, 12), "current_not_reached", id="constant current"),
        pytest.param(half(DOWN), after_on(1, 1), "current_not_reached", id="at zero current"),
        pytest.param(half(DOWN + HELD), after_on(2, 25), "voltage_not_reached", id="constant voltage"),
        pytest.param(pellet("50 mV"), after_on(2, 30), "voltage_not_reached", id="polarization"),
        pytest.param(half(SPECTRUM), nth("point", 1), "spectrum_not_measured", id="spectrum"),
    ],
)
def test_a_cut_out_that_nothing_tells_is_found(tmp_path, protocol, when, code):
    seen = run_with(tmp_path / "a.h5", protocol, lambda faults: faults.cut_out(), when)
    if code == "spectrum_not_measured":
        assert seen.of("alarm")[0].body.code in (code, "voltage_not_reached")
        code = seen.of("alarm")[0].body.code
    require_paused(seen, code)


@pytest.mark.parametrize("setting", ["v_out_polarity", "i_out_polarity"])
def test_a_turned_cable_is_found_before_the_sweep(tmp_path, setting):
    seen = run_with(
        tmp_path / "a.h5",
        half(SPECTRUM),
        lambda faults: None,
        nth("nothing", 1),
        interface={setting: -1.0},
    )
    require_paused(seen, "resistance_negative")
    assert seen.of("point") == []


def test_ranges_of_another_order_are_told_at_the_first_point(tmp_path):
    """The current of range 4 is that of range 3: |Z| would come out ten times too small, with a good spectrum."""
    ohms = [0.1, 1.0, 100.0, 10.0, 1e3, 1e4, 1e5, 1e6]
    seen = seen_run(
        request(tmp_path / "a.h5", half(SPECTRUM), "nps", quiet_bench(interface={"resistors_ohm": ohms}))
    )
    require_paused(seen, "readings_disagree")
    assert seen.of("point") == []


AMPLITUDES = [
    pytest.param("10 mV", lambda faults: faults.stick_pol_gain(1.0), id="a hundred times"),
    pytest.param("50 mV", lambda faults: faults.stick_pol_gain(0.01), id="a hundredth"),
    pytest.param("10 mV", lambda faults: faults.set_leads(loose_generator=True), id="none"),
]


@few(("amplitude", "act"), AMPLITUDES, 1)
def test_another_amplitude_than_the_one_set_is_found_before_the_sweep(tmp_path, amplitude, act):
    seen = run_with(tmp_path / "a.h5", half(SPECTRUM.replace("10 mV", amplitude)), act, nth("session", 1))
    require_paused(seen, "amplitude_not_reached")
    assert seen.of("point") == []


@few(
    ("points", "amplitude", "act"),
    [
        pytest.param(9, *AMPLITUDES[1].values, id="a hundredth"),
        pytest.param(1, *AMPLITUDES[2].values, id="none"),
    ],
    (1,),
)
def test_an_amplitude_that_is_lost_in_the_sweep_is_found_behind_it(tmp_path, points, amplitude, act):
    protocol = half(SPECTRUM.replace("10 mV", amplitude))
    seen = run_with(tmp_path / "a.h5", protocol, act, nth("point", points))
    require_paused(seen, "amplitude_not_reached")
    assert seen.of("quality") == []


@pytest.mark.parametrize(("when", "points"), [(nth("session", 1), 0), (nth("point", 2), 5)])
def test_an_analyzer_alone_finds_its_generator_s_cable_off(tmp_path, when, points):
    protocol = (
        HEAD.format(build="pellet")
        + "  - {name: eis, kind: impedance, from: 10 MHz, to: 100 kHz, points_per_decade: 2, amplitude: 30 mV, "
        "integration: 0.1 s, instruments: '1260'}\n"
    )

    def act(faults):
        faults.set_leads(loose_generator=True)

    seen = run_with(tmp_path / "a.h5", protocol, act, when, wiring="analyzer_alone")
    require_paused(seen, "amplitude_not_reached")
    assert len(seen.of("point")) == points


def test_a_voltage_that_the_current_limit_does_not_allow_at_once_is_approached_by_it(tmp_path):
    """The cell is far below: as much current as allowed until the voltage is there, and then the voltage."""
    steps = (
        "  - {name: down, kind: constant_current, current: -0.3 mA/cm2, until: {time: 150 s}}\n"
        "  - {name: up, kind: constant_voltage, voltage: 0.8 V, current_limit: 0.2 mA/cm2, until: {time: 200 s}}\n"
    )
    seen = run_with(tmp_path / "a.h5", half(steps), lambda faults: None, nth("nothing", 1))
    assert seen.result.completed
    (limited,) = seen.of("limited")
    limit_A = 0.2e-3 * 0.785
    assert limited.body.current_A == pytest.approx(limit_A)
    samples = [event for event in seen.of("sample") if event.body.step == 1]
    assert max(abs(sample.body.current_A) for sample in samples) <= 1.005 * limit_A + 2e-3 * 2e-3
    at_limit = [sample for sample in samples if abs(sample.body.current_A - limit_A) < 0.01 * limit_A]
    held = [sample for sample in samples if abs(sample.body.voltage_V - 0.8) < 3e-3]
    assert len(at_limit) > 10
    assert len(held) > 10
    assert at_limit[10].time_s < held[-1].time_s
    (end,) = [event.body for event in seen.of("segment_end") if event.body.step == 1]
    assert end.text.endswith("approached with a constant current of 0.000157 A")
    assert end.step_charge_C == pytest.approx(
        seen.truth.charge_C - seen.of("segment_end")[0].body.step_charge_C, rel=1e-3
    )


def test_a_voltage_that_is_not_reached_in_its_time_is_told_in_the_step_s_own_end(tmp_path):
    steps = DOWN + (
        "  - {name: up, kind: constant_voltage, voltage: 2.0 V, current_limit: 0.16 mA/cm2, until: {time: 20 s}}\n"
    )
    seen = run_with(tmp_path / "a.h5", half(steps), lambda faults: None, nth("nothing", 1))
    assert seen.result.completed
    (limited,) = seen.of("limited")
    assert limited.body.current_A == pytest.approx(CURRENT_A)
    assert "2 V was not reached" in open_run(seen.result.run).steps[1].end.text


@few("latency_s", [1e-3, 0.04], (1,))
def test_at_its_current_limit_a_voltage_ends_on_time_however_long_a_message_takes(tmp_path, latency_s):
    step = "  - {name: up, kind: constant_voltage, voltage: 2.0 V, current_limit: 0.16 mA/cm2, until: {time: 20 s}}\n"
    seen = seen_run(request(tmp_path / "a.h5", half(step), bench=quiet_bench(latency_s=latency_s)))
    assert len(seen.of("limited")) == 1
    assert seen.of("edge")[-1].time_s - seen.of("segment")[0].time_s == pytest.approx(20.0, abs=5e-4)


@few("voltage", ["100 mV", "-400 mV"], 1)
def test_an_inrush_beyond_the_usual_range_gets_a_larger_one(tmp_path, voltage):
    seen = run_with(tmp_path / "a.h5", pellet(voltage), lambda faults: None, nth("nothing", 1))
    assert seen.result.completed, seen.result.reason


def test_a_held_voltage_s_charge_is_the_cell_s(tmp_path):
    seen = run_with(tmp_path / "a.h5", half(DOWN + HELD), lambda faults: None, nth("nothing", 1))
    assert seen.result.completed
    assert seen.of("edge")[-1].body.charge_C == pytest.approx(seen.truth.charge_C, rel=3e-4)
