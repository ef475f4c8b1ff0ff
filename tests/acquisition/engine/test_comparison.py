"""What is measured is held against the record: the truth of the simulated cell is another one here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.engine.comparison import Comparison, ELECTROLYTE_F_m2, electrolyte_ohm
from solbench.acquisition.record.events import Compared, in_words
from solbench.acquisition.record.progress import Progress
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols import load_cell, parse_protocol
from solbench.simulators.cell import build_cell
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

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
    folder: Any,
    protocol: str,
    cell: str = "nbh",
    change: Change | None = None,
    truth: str = "",
    bench: BenchFile | None = None,
) -> Seen:
    """Run on a cell that is, or was changed into, another one than that of the record."""
    wanted = request(folder / "a.h5", protocol, cell, bench)
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


@few(
    ("cell", "truth", "change", "grade"),
    [
        ("nps", "", None, None),
        pytest.param("nps", "", area(1 / 1.4), "doubt", marks=pytest.mark.long),
        ("nps", "", area(1.4), "doubt"),
        ("nps", "", area(1 / 4), "stop"),
        ("nyzc", "nps", None, "doubt"),  # 344 of 1016 ohm
        ("nps", "nbh", None, "stop"),
        pytest.param("nbh", "nps", None, "stop", marks=pytest.mark.long),
    ],
    (0, 2, 5),
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


AREA_m2 = 0.785e-4


def spectrum(resistance_ohm: complex, frequencies_Hz: list[float], farad: float) -> list[ImpedancePoint]:
    """A resistance in front of a capacitance."""
    return [
        ImpedancePoint(0.0, f, resistance_ohm + 1 / (2j * 3.14159 * f * farad), 0.03, 3)
        for f in frequencies_Hz
    ]


def test_at_the_edge_of_a_spectrum_a_resistance_is_a_bound():
    falling = [10.0**n for n in (3, 2.5, 2, 1.5, 1)]
    found = electrolyte_ohm(
        spectrum(50.0, falling, 1e-6), AREA_m2
    )  # the tail begins at the top: at most so much
    assert found is not None
    assert found[0] == pytest.approx(50.0)
    assert found[1:] == (True, False)
    assert electrolyte_ohm(spectrum(50.0, falling, 1e-6)[:2], AREA_m2) is None


@pytest.mark.parametrize("lowest", [1.0, 0.02, 1e-3])
@pytest.mark.parametrize("highest", [1e6, 1e4])
def test_a_fresh_electrode_that_is_flat_at_the_lower_end_is_not_taken_for_the_electrolyte(lowest, highest):
    """A double layer of 1 uF beside 100 kiloohm behind 300 ohm of electrolyte."""
    frequencies_Hz = np.geomspace(highest, lowest, 25)
    points = [
        ImpedancePoint(0.0, f, 300.0 + 1e5 / (1.0 + 2j * np.pi * f * 1e5 * 1e-6), 0.01, 4)
        for f in frequencies_Hz
    ]
    found = electrolyte_ohm(points, AREA_m2)
    assert found is not None
    assert found[0] == pytest.approx(300.0, rel=0.05)


@few("seed", range(60), 10)
def test_leads_that_cancel_the_reactance_of_the_electrolyte_make_no_short_circuit_of_it(seed):
    """A bulk and grain boundaries between blocking plungers, up to where the inductance of the leads is seen."""
    draw = np.random.default_rng(seed)
    ohm, share, area_m2 = (
        10.0 ** draw.uniform(1.2, 4.3),
        draw.uniform(0.0, 0.3),
        AREA_m2 * draw.uniform(0.3, 2.0),
    )
    bulk_F = draw.uniform(5.0, 40.0) * 8.85e-12 * area_m2 / 10.0 ** draw.uniform(-3.7, -2.8)
    boundary_F = 10.0 ** draw.uniform(-10.5, -9.0) * area_m2 / AREA_m2
    leads_H, plungers = 10.0 ** draw.uniform(-8.0, -5.7), area_m2 * 10.0 ** draw.uniform(-2.0, -0.5)
    frequencies_Hz = np.geomspace(10.0 ** draw.choice([7.0, 7.5]), 1.0, 76)
    w = 2j * np.pi * frequencies_Hz
    bulk_ohm, boundary_ohm = ohm * (1.0 - share), ohm * share
    exact = w * leads_H + bulk_ohm / (1.0 + w * bulk_ohm * bulk_F) + 1.0 / (plungers * w**0.93)
    exact += boundary_ohm / (1.0 + (w * boundary_ohm * boundary_F) ** 0.92)
    noise = draw.normal(size=76) + 1j * draw.normal(size=76)
    points = [
        ImpedancePoint(0.0, f, complex(z), 0.03, 0)
        for f, z in zip(frequencies_Hz, exact * (1.0 + 1e-3 * noise), strict=True)
    ]
    found = electrolyte_ohm(points, area_m2)
    assert found is not None
    assert found[0] > 0.75 * ohm or not found[1]
    assert found[0] < 1.35 * ohm or not found[2]


def drawn_pellet(draw: np.random.Generator, frequencies_Hz: Any, area_m2: float, ohm: float) -> Any:
    """A pellet whose capacitance may be as large as an electrolyte's is at all, without its leads."""
    w = 2j * np.pi * frequencies_Hz
    farad = ELECTROLYTE_F_m2 * area_m2 * draw.uniform(0.03, 0.99)
    return ohm / (1.0 + w * ohm * farad) + 1.0 / (area_m2 * 10.0 ** draw.uniform(-2.0, -0.5) * w**0.93)


def measured(draw: np.random.Generator, frequencies_Hz: Any, exact: Any) -> list[ImpedancePoint]:
    """The points of an impedance, with noise and the inductance of leads."""
    leads = 2j * np.pi * frequencies_Hz * 10.0 ** draw.uniform(-7.5, -5.9)
    noise = draw.normal(size=len(exact)) + 1j * draw.normal(size=len(exact))
    seen = (exact + leads) * (1.0 + 1e-3 * noise)
    return [ImpedancePoint(0.0, f, complex(z), 0.03, 0) for f, z in zip(frequencies_Hz, seen, strict=True)]


def drawn_spectrum(seed: int) -> tuple[np.random.Generator, Any, float, float]:
    draw = np.random.default_rng(seed)
    highest_Hz, lowest_Hz = draw.choice([32e6, 20e6, 7e6]), draw.choice([2e3, 100.0, 3.0])
    count = int(draw.choice([5, 10])) * round(np.log10(highest_Hz / lowest_Hz)) + 1
    return (
        draw,
        np.geomspace(highest_Hz, lowest_Hz, count),
        AREA_m2 * draw.uniform(0.25, 2.5),
        10.0 ** draw.uniform(1.8, 3.6),
    )


def test_a_sound_pellet_is_no_short_circuit_up_to_the_largest_capacitance_of_an_electrolyte():
    """Near their resonance the leads hide most of its reactance, and 5 of 100 were seen as an ohm or less."""
    for seed in range(300):
        draw, frequencies_Hz, area_m2, ohm = drawn_spectrum(seed)
        exact = drawn_pellet(draw, frequencies_Hz, area_m2, ohm)
        found = electrolyte_ohm(measured(draw, frequencies_Hz, exact), area_m2)
        assert found is not None
        assert 0.75 * ohm < found[0] < 1.35 * ohm, seed
        assert found[1], seed


def test_a_spectrum_that_ends_on_the_arc_of_the_electrolyte_tells_of_no_resistance_that_is_too_low():
    for seed in range(200):
        draw, frequencies_Hz, area_m2, ohm = drawn_spectrum(seed)
        exact = drawn_pellet(draw, frequencies_Hz, area_m2, 10.0 * ohm)
        points = measured(draw, frequencies_Hz, exact)[: max(len(exact) // 4, 4)]
        found = electrolyte_ohm(points, area_m2)
        assert found is None or not found[1] or found[0] > 5.0 * ohm, seed


def test_a_short_circuit_is_seen_whatever_the_leads_and_wherever_the_spectrum_ends():
    for seed in range(300):
        draw, frequencies_Hz, area_m2, ohm = drawn_spectrum(seed)
        sound, short_ohm = (
            drawn_pellet(draw, frequencies_Hz, area_m2, ohm),
            ohm * 10.0 ** draw.uniform(-3.0, -1.0),
        )
        found = electrolyte_ohm(
            measured(draw, frequencies_Hz, sound * short_ohm / (sound + short_ohm)), area_m2
        )
        assert found is not None
        assert (found[0] < 1.2 * short_ohm, found[1]) == (True, True), seed


def test_points_with_an_error_are_not_looked_at():
    points = spectrum(50.0, [1e5, 1e4, 1e3, 1e2], 1e-5)
    wrong = ImpedancePoint(0.0, 1e6, 1e9 + 0j, 0.03, 3, error=1)
    assert electrolyte_ohm([wrong, *points], AREA_m2) == electrolyte_ohm(points, AREA_m2)


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


def comparison(build: str, cell: str = "nps", tolerances: str = "{}", passed_C: float = 0.0) -> Comparison:
    protocol = parse_protocol(
        f"name: p\nbuild: {build}\nconditions: {{temperature: 25 degC, stack_pressure: unknown}}\n"
        f"tolerances: {tolerances}\nsteps: [{{name: rest, kind: rest, time: 1 min}}]\n",
        "p",
    )
    progress = Progress()
    progress.turns.add(passed_C)
    return Comparison(protocol, load_cell(cell).build(build), progress)


def stepped(compares: Comparison, ohm: float, current_A: float, drift_V_s: float = 0.0) -> str:
    """A cell of 0.5 V that drifts, and in which a current drops what it must in a resistance."""

    def at(time_s: float, amperes: float) -> Reading:
        return Reading(time_s, 0.5 + drift_V_s * time_s + ohm * amperes, amperes)

    found = compares.stepped(at(0.0, 0.0), at(1.4, 0.0), at(1.6, current_A))
    return found.grade if found is not None else ""


@pytest.mark.parametrize(
    ("build", "ohm", "grade"),  # 344 ohm; 625 with the catholyte of a full cell
    [
        ("full", 9000.0, ""),
        ("full", 560.0, ""),
        ("full", 420.0, "doubt"),
        ("full", 120.0, "stop"),
        ("half", 300.0, ""),
        ("half", 90.0, "stop"),
        ("symmetric", 540.0, ""),
        ("symmetric", 680.0, "doubt"),
        ("symmetric", 1300.0, "stop"),
        ("symmetric", 80.0, "stop"),
    ],
)
def test_what_a_current_drops_is_at_least_what_the_electrolyte_does(build, ohm, grade):
    for current_A, drift_V_s in ((5e-5, 0.0), (-5e-5, 0.0), (1e-3, 0.02), (-1e-3, 0.02), (1e-3, -0.02)):
        assert stepped(comparison(build), ohm, current_A, drift_V_s) == grade, (current_A, drift_V_s)


def test_a_current_so_small_that_nothing_is_told_is_no_doubt():
    assert stepped(comparison("half", "nbh"), 0.0, 2e-5) == ""  # 0.7 mV
    assert stepped(comparison("half", "nbh"), 0.0, 1e-3) == "stop"


def test_electrodes_on_which_something_may_have_grown_may_resist():
    assert stepped(comparison("symmetric", passed_C=0.2), 5000.0, 1e-4) == ""
    assert stepped(comparison("symmetric", passed_C=0.2), 50.0, 1e-4) == "stop"


def test_a_doubt_of_a_current_is_told_once_and_a_wider_tolerance_takes_it_back():
    compares = comparison("full")
    assert [stepped(compares, 420.0, 1e-4) for _ in range(3)] == ["doubt", "", ""]
    assert stepped(comparison("full", tolerances="{resistance: [50 %, 125 %]}"), 420.0, 1e-4) == ""


@pytest.mark.parametrize(
    ("build", "ohm", "is_doubted"),
    [
        ("dc_pristine", 6.4e7, False),
        ("dc_pristine", 6.4e5, True),
        ("dc_pristine", 400.0, True),
        ("dc_pristine", 1e9, True),
        ("dc_reduced", 6.4e5, False),
        ("dc_reduced", 6.4e7, True),
        ("pellet", 400.0, True),
        ("symmetric", 400.0, False),
        ("symmetric", 6.4e5, False),
        ("hebb_wagner", 6.4e7, False),
        ("hebb_wagner", 2e4, True),
    ],
)
def test_what_is_left_of_a_polarization_is_of_the_order_of_the_record(build, ohm, is_doubted):
    for voltage_V in (0.05, -0.05):
        found = comparison(build).polarized(voltage_V, voltage_V / ohm, is_over=True)
        assert (found is not None) is is_doubted, voltage_V
        assert found is None or found.code == "electronic_resistance"
        noise = comparison(build).polarized(voltage_V, -voltage_V / ohm, is_over=True)
        assert noise is None, voltage_V


@pytest.mark.parametrize(("voltage_V", "told"), [(0.4, True), (1.0, True), (1.2, False), (2.5, False)])
def test_where_holes_may_flow_freely_their_current_is_not_that_of_the_record(voltage_V, told):
    for ohm in (400.0, 2e4):
        found = comparison("hebb_wagner").polarized(voltage_V, voltage_V / ohm, is_over=True)
        assert (found is not None) is told


@pytest.mark.parametrize(("ohm", "grade"), [(50.0, "stop"), (900.0, "stop"), (1200.0, ""), (1e6, "")])
def test_electrodes_that_let_ions_pass_are_told_at_the_beginning(ohm, grade):
    found = comparison("dc_pristine").polarized(-0.05, -0.05 / ohm, is_over=False)
    assert (found.grade if found is not None else "") == grade


def test_the_first_charge_is_that_of_the_record_where_it_was_whole_and_the_cell_fresh():
    whole_C = 0.64 * 3.6 * 0.785

    def told(share: float, ended_V: float = 3.4, build: str = "full", began: float = 0.0) -> bool:
        compares = comparison(build, passed_C=began * whole_C)
        return compares.first_charge(began * whole_C, (began + share) * whole_C, ended_V) is not None

    assert [told(share) for share in (0.0, 0.01, 0.5, 0.7, 1.0, 1.4, 1.6)] == [
        False, True, True, False, False, False, True
    ]  # fmt: skip
    assert not told(0.3, ended_V=3.1)  # it was never meant to be full
    assert not told(0.5, build="half")
    assert not told(-0.5)
    assert told(0.5, began=0.005)


def went(
    compares: Comparison, progress: Progress, current_A: float, to_C: float, ended_V: float | None
) -> str:
    progress.turns.add(to_C)
    found = compares.efficiency(current_A, to_C, ended_V)
    return "" if found is None else f"{found.code} {found.seen:.2f}"


@pytest.mark.parametrize(
    ("cell", "back_C", "current_A", "ended_V", "told"),
    [
        ("nps", 1.2, -5e-5, 1.7, ""),
        ("nps", 0.7, -5e-5, 1.7, "efficiency 0.35"),
        ("nps", 0.02, -5e-5, 1.7, "efficiency 0.01"),
        ("nps", 0.7, -1e-4, 1.7, ""),  # faster: some is left behind
        ("nps", 0.7, -5e-5, None, ""),  # it was not meant to be empty
        ("nyzc", 0.2, -5e-5, 1.7, ""),  # reduced electrolyte gives nothing back, and the record says so
    ],
)
def test_what_comes_back_of_a_charge_is_told_where_it_is_little(cell, back_C, current_A, ended_V, told):
    compares = comparison("full", cell)
    assert went(compares, compares._progress, 5e-5, 2.0, None) == ""
    assert went(compares, compares._progress, current_A, 2.0 - back_C, ended_V) == told


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ((-5e-5, 1.7), (-5e-5, 1.7), "efficiency 1.10"),
        ((-2e-4, 1.7), (-5e-5, 1.7), ""),  # the faster one had left some behind
        ((-5e-5, 2.0), (-5e-5, 1.7), ""),  # it was not as empty before
        ((-5e-5, None), (-5e-5, 1.7), ""),
    ],
)
def test_more_comes_back_than_went_in_only_where_it_was_not_as_empty_before(first, second, told):
    compares = comparison("full")
    progress = compares._progress
    assert went(compares, progress, 5e-5, 2.0, 3.4) == ""
    assert went(compares, progress, first[0], 0.8, first[1]) == ""
    assert went(compares, progress, 5e-5, 1.8, 3.4) == ""
    assert went(compares, progress, second[0], 0.7, second[1]) == told


@pytest.mark.parametrize("stops", [(), (1.6,), (1.9, 1.5, 1.35)])
@pytest.mark.parametrize("slower", [1.0, 0.2])
def test_what_comes_back_is_told_behind_whatever_interrupts_it(stops, slower):
    """A spectrum on the way, or a change of the current: the charge of all parts counts, and it is told once."""
    compares = comparison("full")
    progress = compares._progress
    for charge_C in (0.7, 1.4, 2.0):  # nor is the way in of one piece
        assert went(compares, progress, 5e-5, charge_C, None) == ""
    for charge_C in stops:
        assert went(compares, progress, -1e-4, charge_C, None) == ""
    assert went(compares, progress, -5e-5 * slower, 1.3, 1.7) == "efficiency 0.35"
    assert went(compares, progress, -1e-5 * slower, 1.28, 1.7) == ""
    assert went(compares, progress, 5e-5, 1.9, 3.4) == ""
    assert went(compares, progress, -5e-5, 1.3, 1.7) == ""
    assert went(compares, progress, 5e-5, 1.9, 3.4) == ""
    assert went(compares, progress, -5e-5, 1.7, 1.7) == "efficiency 0.33"


def test_what_a_held_voltage_brings_in_counts():
    """By the charge at constant current alone 1.10 of it would have come back."""
    compares = comparison("full")
    progress = compares._progress
    assert went(compares, progress, 5e-5, 2.0, 3.4) == ""
    progress.turns.add(2.4)
    assert went(compares, progress, -5e-5, 0.2, 1.7) == ""
    assert went(compares, progress, 5e-5, 1.2, 3.4) == ""
    progress.turns.add(1.3)
    assert went(compares, progress, -5e-5, 0.07, 1.7) == "efficiency 1.12"


def test_a_pulse_into_an_empty_cell_begins_no_cycle():
    """What a rest lets come out behind it had not come out before, and nothing of it went in."""
    for pulse_C in (0.004, 0.05):
        compares = comparison("half")
        progress = compares._progress
        assert went(compares, progress, -1e-4, -3.0, 0.01) == ""
        assert went(compares, progress, 2e-4, -1.4, 1.2) == ""
        assert went(compares, progress, -2e-4, -1.4 - pulse_C, None) == ""
        assert went(compares, progress, 2e-4, -1.2, 1.2) == ""


@pytest.mark.parametrize("pulse_C", [0.01, 0.05, 0.15])
def test_pulses_either_way_do_not_hide_how_little_comes_back(pulse_C):
    compares = comparison("full")
    progress = compares._progress
    for into_C in (0.6, 1.3):
        assert went(compares, progress, 5e-5, into_C, None) == ""
        assert went(compares, progress, -2e-4, into_C - pulse_C, None) == ""
    assert went(compares, progress, 5e-5, 1.9, 3.4) == ""
    assert went(compares, progress, -5e-5, 1.6, 3.0) == ""
    assert went(compares, progress, 5e-5, 1.6 + pulse_C, None) == ""
    assert went(compares, progress, -5e-5, 1.33, 1.7) == "efficiency 0.30"


def test_what_comes_back_in_stages_is_judged_where_the_cell_is_empty():
    sound, poor = comparison("full"), comparison("full")
    for compares in (sound, poor):
        assert went(compares, compares._progress, 5e-5, 1.9, 3.4) == ""
        assert went(compares, compares._progress, -5e-5, 1.82, 3.1) == ""
        assert went(compares, compares._progress, -5e-5, 1.5, 2.4) == ""
    assert went(sound, sound._progress, -5e-5, 0.5, 1.7) == ""
    assert went(poor, poor._progress, -5e-5, 1.4, 1.7) == "efficiency 0.26"


def test_a_run_that_goes_on_does_not_know_how_empty_the_cell_was():
    compares = comparison("full")
    progress = compares._progress
    assert went(compares, progress, 5e-5, 2.0, 3.4) == ""
    assert went(compares, progress, -2e-4, 1.0, 1.7) == ""
    assert went(compares, progress, 5e-5, 1.2, None) == ""
    resumed = Comparison(
        parse_protocol(
            "name: p\nbuild: full\nconditions: {temperature: 25 degC, stack_pressure: unknown}\n"
            "steps: [{name: rest, kind: rest, time: 1 min}]\n",
            "p",
        ),
        load_cell("nps").build("full"),
        progress,
    )
    assert went(resumed, progress, 5e-5, 2.0, 3.4) == ""
    assert went(resumed, progress, -2e-5, 0.5, 1.7) == ""  # all of it had gone in, most in the session before
    assert went(resumed, progress, 5e-5, 2.0, 3.4) == ""
    assert went(resumed, progress, -2e-5, 1.6, 1.7) == "efficiency 0.27"


@pytest.mark.parametrize(("filled_C", "ohm", "code"), [
    (1.0, 600.0, ""), (1.0, 2300.0, ""), (1.0, 3500.0, "resistance_grown"), (0.1, 3500.0, "")
])  # fmt: skip
def test_a_filled_cell_whose_resistance_has_grown_is_told_of(filled_C, ohm, code):
    compares = comparison("full", passed_C=filled_C)
    compares._progress.ledger.charge_C = filled_C
    readings = [
        Reading(time_s, 3.1 + ohm * amperes, amperes) for time_s, amperes in ((0, 0), (1.4, 0), (1.6, -5e-5))
    ]
    found = compares.stepped(*readings)
    assert (found.code if found is not None else "") == code


def swept(
    impedance: Callable[[complex], complex], highest_Hz: float = 1e6, decades: int = 6
) -> list[ImpedancePoint]:
    frequencies = [highest_Hz / 10 ** (n / 5) for n in range(5 * decades + 1)]
    return [ImpedancePoint(0.0, f, impedance(2j * math.pi * f), 0.03, 5, 0, 1) for f in frequencies]


@pytest.mark.parametrize(
    ("build", "impedance", "code"),
    [
        ("pellet", lambda jw: 344 + 1 / (jw * 2e-5), ""),
        ("pellet", lambda jw: 344 + 1 / ((jw) ** 0.8 * 3e-5), ""),
        ("pellet", lambda _jw: 344 + 0j, "electrodes_not_blocking"),
        ("pellet", lambda jw: 344 + 60 / (1 + 60 * 2e-6 * jw), "electrodes_not_blocking"),
        (
            "pellet",
            lambda jw: 1e6 / (1 + 1e6 * 1e-12 * jw) + 1 / (jw * 2e-5),
            "",
        ),  # nothing is seen behind it
        ("symmetric", lambda _jw: 344 + 0j, ""),
        ("metal", lambda jw: 344 + 500 / (1 + (500 * 1e-6 * jw) ** 0.8), ""),
        ("metal", lambda jw: 344 + 300 / (jw * 10) ** 0.5, ""),  # diffusion
        ("metal", lambda jw: 344 + 1 / (jw * 2e-5), "electrodes_blocking"),
        ("symmetric", lambda jw: 344 + 1 / ((jw) ** 0.93 * 2e-5), "electrodes_blocking"),
        ("half", lambda jw: 344 + 1 / (jw * 2e-5), ""),  # fresh tin may look so
    ],
)
def test_electrodes_that_block_show_it_at_the_lowest_frequency(build, impedance, code):
    found = comparison(build).electrodes(1, swept(impedance))
    assert (found.code if found is not None else "") == code


@pytest.mark.parametrize(
    ("highest_Hz", "decades", "farad", "leak_ohm", "code"),
    [
        (1e6, 4, 1e-7, 1e5, ""),  # at 100 Hz the arc of an interphase is not through
        (1e5, 4, 2e-5, math.inf, "electrodes_blocking"),
        (1e4, 8, 2e-5, 1e7, "electrodes_blocking"),  # at 0.1 mHz there is the leak alone
        (1e4, 8, 10.0, math.inf, ""),  # an alloy that takes up charge
        (5e-3, 1, 0.5, math.inf, ""),
        (5e-3, 1, 2e-5, math.inf, "electrodes_blocking"),
    ],
)
@pytest.mark.parametrize("build", ["symmetric", "metal"])
def test_electrodes_that_block_are_those_of_a_double_layer(build, highest_Hz, decades, farad, leak_ohm, code):
    points = swept(lambda jw: 344 + 1 / (jw * farad + 1 / leak_ohm), highest_Hz, decades)
    found = comparison(build).electrodes(1, points)
    assert (found.code if found is not None else "") == code


@few("passed", [0.0, 0.35, -0.6], 2)
@pytest.mark.parametrize("lowest_Hz", [9.0, 0.02, 1e-4])
@few("name", ["nps", "nbh", "nyzc"], 1)
def test_a_sound_cell_of_alloys_blocks_nothing_down_to_any_frequency(name, lowest_Hz, passed):
    """Whichever electrode is emptied, and however little tin there is."""
    build = load_cell(name).build("symmetric")
    described = build.simulated_cell(298.15)
    for share in (1.0, 0.01):
        described["geometry"]["tin_mass_kg"] = share * build.tin_mass_kg
        passed_C = passed * share * build.theoretical_capacity_C
        cell = build_cell(described, 1)
        cell.advance_current(abs(passed_C) / 1e-4, math.copysign(1e-4, passed_C))
        compares = comparison("symmetric", name, passed_C=passed * build.theoretical_capacity_C)
        frequencies_Hz = [lowest_Hz * 10 ** (n / 5) for n in range(21)]
        points = [ImpedancePoint(0.0, f, cell.impedance(f), 0.03, 5) for f in frequencies_Hz]
        assert compares.electrodes(1, points) is None, share


LOWEST = """
name: spectrum
build: BUILD
conditions: {temperature: 25 degC, stack_pressure: unknown}
steps:
  - name: slow
    kind: impedance
    control: voltage
    amplitude: 10 mV
    from: 10 kHz
    to: 0.1 mHz
    points_per_decade: 1
    integration: 0.1 s
"""


@pytest.mark.parametrize(
    ("cell", "build", "kind", "told"),
    [
        ("nbh", "symmetric", "symmetric", []),
        ("nps", "metal", "pellet", [("electrodes_blocking", "doubt")]),
    ],
)
def test_plungers_in_place_of_electrodes_are_told_of_after_a_spectrum(tmp_path, cell, build, kind, told):
    protocol = LOWEST.replace("BUILD", build)
    seen = played(tmp_path, protocol, cell, lambda described: described.update(kind=kind))
    assert seen.result.completed
    assert compared(seen) == told


@pytest.mark.parametrize(
    ("ohm", "henry", "tolerances", "code"),
    [
        (35.0, 1e-6, "{}", ""),
        (35.0, 3e-6, "{}", "leads_inductive"),
        (35.0, 3e-6, "{lead_inductance: 5 uH}", ""),
        (1e3, 2e-5, "{}", ""),  # a phase error of the instruments may be as large
    ],
)
def test_long_leads_are_seen_where_the_cell_does_not_hide_them(ohm, henry, tolerances, code):
    points = swept(lambda jw: ohm + henry * jw)
    found = comparison("pellet", tolerances=tolerances).leads(1, points)
    assert (found.code if found is not None else "") == code


def test_a_current_that_is_shown_late_is_not_taken_for_long_leads():
    lagging = swept(lambda jw: 35.0 * (1.0 + 120e-9 * jw))
    assert comparison("pellet").leads(1, lagging) is not None
    known_to_100_kHz = [replace(point, trusted=point.frequency_Hz <= 1e5) for point in lagging]
    assert comparison("pellet").leads(1, known_to_100_kHz) is None


@pytest.mark.parametrize(
    ("moved_V", "explained_V", "grade"),
    [
        (0.004, 0.0, ""), (0.006, 0.0, "doubt"), (0.019, 0.01, ""), (0.03, 0.01, "doubt"),
        (0.38, 0.01, "doubt"), (0.42, 0.01, "stop"),
    ],
)  # fmt: skip
def test_a_step_of_the_voltage_that_nothing_explains_is_a_remark_and_a_large_one_a_stop(
    moved_V, explained_V, grade
):
    found = comparison("half").jump(1.0, Reading(10.0, 1.0 + moved_V, 1e-4), explained_V)
    assert (found.grade if found is not None else "") == grade


SHUNTED = """
name: charge
build: full
conditions: {temperature: 25 degC, stack_pressure: unknown}
interruptions: {wait_for_user: 10 s}
record: {every: 10 min}
steps:
  - {name: charge, kind: constant_current, current: 0.064 mA/cm2, until: {voltage: 3.4 V, capacity: 100 %}}
"""


@few(
    ("ohm", "code"),
    [
        (60, "electrolyte_resistance"),
        pytest.param(1500, "no_voltage", marks=pytest.mark.long),
        (8000, "no_voltage"),
    ],
    1,
)
def test_a_full_cell_with_a_short_circuit_is_left_alone(tmp_path, ohm, code):
    from solbench.acquisition.bench.scenario import parse_scenario

    shunt = parse_scenario(f"changes: [{{kind: shunt, resistance: {ohm} ohm}}]", "s")
    seen = Seen()
    seen.result = run_it(
        replace(request(tmp_path / "a.h5", SHUNTED, "nps"), scenario=shunt), seen.events.append
    )
    assert compared(seen) == [(code, "stop")]
    assert seen.result.outcome == "fault"


FULL = """
name: filled at once
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
interruptions: {wait_for_user: 10 s}
record: {every: 10 min}
steps:
  - {name: filling, kind: constant_current, current: -0.5 mA/cm2, until: {capacity: 95 %}}
  - {name: pause, kind: rest, time: 10 min}
"""


@few(
    ("record", "unit", "build", "electrodes"),
    [
        ("nps", "typical", "half", {"counter": "Na"}),
        ("nps", "2", "half_antimony", {"counter": "Na9Sn4"}),
        *(
            pytest.param(record, unit, "half", {"counter": counter}, marks=pytest.mark.long)
            for record in ("nps", "nbh", "nyzc")
            for unit in ("typical", "1", "2", "3")
            for counter in ("Na9Sn4", "Na")
        ),
        *(
            pytest.param("nps", unit, build, electrodes, marks=pytest.mark.long)
            for unit in ("1", "3")
            for build, electrodes in (
                ("half_antimony", {"counter": "Na"}),
                ("half_hard_carbon", {"counter": "Na"}),
                ("three_electrode", {"reference": "Na"}),
            )
        ),
    ],
    1,
)
def test_a_full_electrode_that_rests_outside_its_window_is_measured_against_another_one(
    tmp_path, record, unit, build, electrodes
):
    wrong = []

    def exchanged(cell: dict[str, Any]) -> None:
        said = {"counter": "Na9Sn4", **cell.get("electrodes", {})}
        wrong.extend(name for name in electrodes if said[name] != electrodes[name])
        cell["electrodes"] = {**said, **electrodes}

    text = FULL.replace("build: half", f"build: {build}")
    seen = played(tmp_path, text, record, exchanged, bench=quiet_bench(unit=unit))
    assert seen.result.completed
    assert compared(seen) == ([("rest_when_full", "doubt")] if wrong else [])
    if wrong:
        assert "another counter or reference electrode" in in_words(seen.of("compared")[0].body)


@few("unit", ["1", "3", "typical"], (2,))
def test_a_counter_electrode_that_a_fresh_cell_shows_is_found_before_anything_is_on(tmp_path, unit):
    """Antimony against Na3Sb rests at 0.92 V, and against sodium not below 1.15 V."""

    def exchanged(cell: dict[str, Any]) -> None:
        cell["electrodes"] = {**cell["electrodes"], "counter": "Na3Sb"}

    text = FULL.replace("build: half", "build: half_antimony")
    seen = played(tmp_path, text, "nps", exchanged, bench=quiet_bench(unit=unit))
    assert seen.result.outcome == "fault"
    assert "0.92" in seen.result.reason
    assert "a fresh half_antimony cell shows 1.15 to 2.7 V. Nothing was switched on" in seen.result.reason
    assert not [event for event in seen.events if event.kind == "switch" and event.body.connected]
