"""What is measured is held against the record: the truth of the simulated cell is another one here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solbench.acquisition.engine.comparison import electrolyte_ohm
from solbench.acquisition.record.events import Compared
from solbench.drivers.roles import ImpedancePoint
from solbench.protocols import load_cell
from tests.acquisition.runs import Seen, request, run_it, watched_benches

SPECTRUM = """
name: spectrum first
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
interruptions: {wait_for_user: 10 s}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {capacity: 0.0002 mAh/cm2}
    spectra_at: [0 %]
    rest: {time: 2 s}
    spectrum: {from: 1 MHz, to: 100 Hz, points_per_decade: 5, amplitude: 30 mV, integration: 0.1 s}
"""
FILLING = """
name: filling
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
interruptions: {wait_for_user: 10 s}
record: {every: 10 min}
steps:
  - {name: first, kind: constant_current, current: -10 mA/cm2, until: {capacity: 0.9 mAh/cm2}}
  - {name: pause, kind: rest, time: 10 min}
  - {name: second, kind: constant_current, current: -10 mA/cm2, until: {capacity: 0.9 mAh/cm2}}
"""
Change = Callable[[dict[str, Any]], None]


def played(
    folder: Any, protocol: str, cell: str = "nbh", change: Change | None = None, truth: str = ""
) -> Seen:
    """Run on a cell that is, or was changed into, another one than that of the record."""
    wanted = request(folder / "a.h5", protocol, cell)
    seen = Seen()

    def opened(bench: Any) -> None:
        seen.bench = bench
        build = load_cell(truth or cell).build(wanted.protocol.build)
        described = build.simulated_cell(wanted.protocol.conditions.temperature_K)
        if change is not None:
            change(described)
        bench.truth.mount(described)

    with watched_benches(opened):
        seen.result = run_it(wanted, seen.events.append)
    return seen


def compared(seen: Seen) -> list[tuple[str, str]]:
    return [(event.body.code, event.body.grade) for event in seen.of("compared")]


def area(factor: float) -> Change:
    def change(cell: dict[str, Any]) -> None:
        cell["geometry"]["area_m2"] *= factor

    return change


def tin(factor: float) -> Change:
    def change(cell: dict[str, Any]) -> None:
        cell["geometry"]["tin_mass_kg"] *= factor

    return change


@pytest.mark.parametrize(
    ("cell", "truth", "change", "grade"),
    [
        ("nps", "", None, None),
        ("nps", "", area(1 / 1.4), "doubt"),
        ("nps", "", area(1.4), "doubt"),
        ("nps", "", area(1 / 4), "stop"),
        ("nyzc", "nps", None, "doubt"),  # 344 of 1016 ohm
        ("nps", "nbh", None, "stop"),
        ("nbh", "nps", None, "stop"),
    ],
)
def test_the_resistance_of_the_first_spectrum_is_that_of_the_record_or_the_run_says_so(
    tmp_path, cell, truth, change, grade
):
    seen = played(tmp_path, SPECTRUM, cell, change, truth)
    assert compared(seen) == ([("electrolyte_resistance", grade)] if grade else [])
    driven = [event for event in seen.events if event.kind == "edge" and event.body.expected_A]
    if grade == "stop":
        assert seen.result.outcome == "fault"
        (alarm,) = seen.of("alarm")
        assert alarm.body.code == "electrolyte_resistance"
        assert not driven
        assert seen.truth.charge_C == pytest.approx(0.0, abs=1e-4)
    else:
        assert seen.result.completed
        assert driven


def test_charge_in_two_steps_is_one_charge_and_never_more_than_the_tin_takes(tmp_path):
    seen = played(tmp_path, FILLING)
    assert compared(seen)[-1] == ("charge_beyond_electrodes", "stop")
    theory_C = load_cell("nbh").build("half").theoretical_capacity_C
    assert abs(seen.truth.charge_C) == pytest.approx(1.05 * theory_C, rel=0.02)
    assert not seen.truth.polarized
    last = [event.body for event in seen.of("sample") if not event.body.paused][-1]
    assert last.deciding
    assert last.charge_C == pytest.approx(seen.truth.charge_C, rel=1e-3)


def test_tin_that_is_overfilled_is_told_at_the_next_rest(tmp_path):
    seen = played(tmp_path, FILLING, change=tin(0.6))
    assert ("sodium_plated", "stop") in compared(seen)
    assert abs(seen.truth.charge_C) == pytest.approx(0.9 * 3.6 * 0.785, rel=0.01)


def test_more_comes_back_than_went_in_where_a_fresh_cell_was_not_fresh(tmp_path):
    """Half charged at the start, and just so that its voltage passes for a fresh one."""
    protocol = FILLING[: FILLING.index("steps:")] + (
        "steps:\n"
        "  - {name: in, kind: constant_current, current: -2 mA/cm2, until: {capacity: 0.05 mAh/cm2}}\n"
        "  - {name: out, kind: constant_current, current: 2 mA/cm2, until: {voltage: 2.0 V}}\n"
    )
    seen = Seen()
    wanted = request(tmp_path / "a.h5", protocol)

    def opened(bench: Any) -> None:
        seen.bench = bench
        bench.truth.cell.advance_current(3600.0, -0.14e-3 * 0.785)

    with watched_benches(opened):
        seen.result = run_it(wanted, seen.events.append)
    assert compared(seen) == [("charge_returned", "stop")]


def test_a_tolerance_that_is_named_lets_the_run_go_on(tmp_path):
    wider = SPECTRUM.replace("interruptions:", "tolerances: {resistance_stop: [1 %, 300 %]}\ninterruptions:")
    seen = played(tmp_path, wider, "nps", truth="nbh")
    assert seen.result.completed
    assert compared(seen) == [("electrolyte_resistance", "doubt")]


def spectrum(resistance_ohm: complex, frequencies_Hz: list[float], farad: float) -> list[ImpedancePoint]:
    """A resistance in front of a capacitance."""
    return [
        ImpedancePoint(0.0, f, resistance_ohm + 1 / (2j * 3.14159 * f * farad), 0.03, 3)
        for f in frequencies_Hz
    ]


def test_at_the_edge_of_a_spectrum_a_resistance_is_a_bound():
    falling = [10.0**n for n in (3, 2.5, 2, 1.5, 1)]
    found = electrolyte_ohm(spectrum(50.0, falling, 1e-6))  # the tail begins at the top: at most so much
    assert found is not None
    assert found[0] == pytest.approx(50.0)
    assert found[1:] == (True, False)
    assert electrolyte_ohm(spectrum(50.0, falling, 1e-6)[:2]) is None


def test_points_with_an_error_are_not_looked_at():
    points = spectrum(50.0, [1e5, 1e4, 1e3, 1e2], 1e-5)
    wrong = ImpedancePoint(0.0, 1e6, 1e9 + 0j, 0.03, 3, error=1)
    assert electrolyte_ohm([wrong, *points]) == electrolyte_ohm(points)


def test_what_was_compared_has_words():
    from solbench.acquisition.record.events import in_words

    found = Compared(
        code="charge_beyond_electrodes",
        grade="stop",
        seen=4.4,
        low=None,
        high=4.37,
        unit="C",
        causes=("tin_mass", "short_circuit"),
    )
    assert in_words(found) == (
        "the charge that flowed one way is 4.4 C, at most 4.37 C was expected; look for a wrong mass of tin in the "
        "record, a short circuit through the electrolyte"
    )
