"""Spectra in galvanostat, in whole runs: the same cell as with a set voltage, a short bar, and what goes wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.exports.formats import export_run
from solbench.analysis.imports.files import read_spectra
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

HEAD = """
name: alternating
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
interruptions: {{wait_for_user: 1 min}}
record: {{every: 1 s}}
safety: {{current_max: 150 mA}}
steps:
"""
STEP = (
    "  - {{name: {name}, kind: impedance, from: 100 kHz, to: {to}, points_per_decade: {per_decade}, "
    "integration: {time}, {what}}}\n"
)
BAR = {"kind": "dummy", "simulation": {"dummy": {"resistance": 5e-3, "inductance": 2e-6}}}
LOW_OHM = {"parallel_resistance": 0.3, "parallel_capacitance": 5e-4, "inductance": 5e-8}
LOW = {"kind": "dummy", "simulation": {"dummy": {"resistance": 0.2, **LOW_OHM}}}


def step(name: str, what: str, to: str = "10 Hz", per_decade: int = 3, time: str = "0.1 s") -> str:
    return STEP.format(name=name, what=what, to=to, per_decade=per_decade, time=time)


def run_on(
    run: Path,
    steps: str,
    *,
    build: str = "pellet",
    cell: str = "nbh",
    part: dict[str, Any] | None = None,
    act: Callable[[Any], None] | None = None,
    when: Callable[[Any], bool] = lambda event: False,
    **settings: Any,
) -> Seen:
    """Run it with another part between the leads; `act` on the simulated bench at the first event that `when` names."""
    seen, begun = Seen(), list[bool]()

    def opened(bench: Any) -> None:
        seen.bench = bench
        if part is not None:
            bench.truth.mount(part)

    def look(event: Any) -> None:
        seen.events.append(event)
        seen.truths.append((event, ac_V(seen), seen.truth.polarized))
        if act is not None and not begun and when(event):
            begun.append(True)
            act(seen.bench.truth)

    with watched_benches(opened):
        bench = quiet_bench(**settings)
        seen.result = run_it(request(run, HEAD.format(build=build) + steps, cell, bench), look)
    return seen


def ac_V(seen: Seen) -> float:
    return float(seen.truth.ac_amplitude_V)


def points(seen: Seen, spectrum: int = 1) -> tuple[Any, Any]:
    """The frequencies and impedances of a spectrum."""
    found = [event.body for event in seen.of("point") if event.body.spectrum == spectrum]
    z = np.array([complex(point.real_ohm, point.imaginary_ohm) for point in found])
    return np.array([point.frequency_Hz for point in found]), z


def codes(seen: Seen) -> set[str]:
    return {event.body.code for event in seen.of("alarm")}


def at_point(number: int) -> Callable[[Any], bool]:
    count = iter(range(1, number + 1))
    return lambda event: event.kind == "point" and next(count, number) == number


def test_a_cell_has_the_same_impedance_whatever_is_set(tmp_path: Path) -> None:
    both = step("voltage", "amplitude: 10 mV") + step("current", "control: current, amplitude: 10 mV")
    seen = run_on(tmp_path / "a.h5", both, build="half", cell="nps", noise_scale=0.0)
    assert seen.result is not None
    assert seen.result.outcome == "completed"
    assert seen.is_safe
    (f, by_voltage), (_, by_current) = points(seen, 1), points(seen, 2)
    assert np.max(np.abs(by_current / by_voltage - 1.0)) < 3e-3
    assert f[0] == 1e5
    own = [event.body for event in seen.of("point") if event.body.spectrum == 2]
    assert max(point.amplitude_V for point in own) < 0.012
    assert (
        own[-1].amplitude_A < 0.1 * own[0].amplitude_A
    )  # |Z| rises: lowered, so that the cell is moved no further
    for event in seen.of("quality"):
        assert event.body.verdict == "good"


def test_the_file_says_which_current_was_set(tmp_path: Path) -> None:
    both = step("voltage", "amplitude: 10 mV") + step("current", "control: current, amplitude: 20 uA")
    path = tmp_path / "a.h5"
    run_on(path, both, build="half", cell="nps")
    run = open_run(path)
    voltage, current = run.spectra
    assert (voltage.start.amplitude_A, voltage.start.amplitude_V) == (0.0, 0.01)
    assert (current.start.amplitude_A, current.start.amplitude_V) == (20e-6, 0.1)
    of_voltage, of_current = (run.points_of(one) for one in (voltage, current))
    assert set(of_voltage["amplitude_A"]) == {0.0}
    assert set(of_voltage["amplitude_V"]) == {0.01}
    dropped_V = of_current["amplitude_A"] * np.hypot(of_current["real_ohm"], of_current["imaginary_ohm"])
    assert of_current["amplitude_V"] == pytest.approx(dropped_V, rel=1e-3)
    assert current.start.settings["amplitude_A"] == of_current["amplitude_A"][0] == 20e-6
    files = export_run(path, "z", tmp_path / "z")
    of_zplot = [file.read_text("ascii") for file in files]
    assert ["Control Current" in text for text in of_zplot] == [False, True]
    assert "Current-AC: 0.02" in " ".join(of_zplot[1].split())  # mA
    assert "1.000000E+05\t2.0000E-05\t0.0000E+00" in of_zplot[1]
    (found,) = read_spectra(files[1])
    assert found.impedance_ohm[0] == complex(of_current["real_ohm"][0], of_current["imaginary_ohm"][0])


@pytest.mark.parametrize("number", ["typical", 8])
def test_a_short_bar_is_measured_with_fifty_milliamperes(tmp_path: Path, number: int | str) -> None:
    what = "control: current, amplitude: 50 mA, expected_resistance: 5 mohm"
    leads = {"leads": {"inductance_H": 0.0}}  # a commissioned bench takes them off
    seen = run_on(tmp_path / "a.h5", step("bar", what, time="1 s"), part=BAR, unit=number, **leads)
    f, z = points(seen)
    true = 5e-3 + 2j * math.pi * f * 2e-6
    assert np.max(np.abs(z / true - 1.0)) < 0.02
    assert seen.is_safe
    assert {event.body.range for event in seen.of("point")} == {2}


def test_a_cell_of_half_an_ohm(tmp_path: Path) -> None:
    what = "control: current, amplitude: 5 mV, expected_resistance: 0.5 ohm"
    seen = run_on(tmp_path / "a.h5", step("low", what, per_decade=5, time="1 s"), part=LOW)
    f, z = points(seen)
    jw = 2j * math.pi * f
    true = 0.2 + 0.3 / (1.0 + jw * 0.3 * 5e-4) + jw * 5e-8
    assert np.max(np.abs(z / true - 1.0)) < 5e-3
    (quality,) = seen.of("quality")
    assert quality.body.kk_residual < 2e-3


@few(("per_decade", "most_V"), [(1, 4e-3), (3, 2.4e-3)], 1)
def test_a_cell_of_far_more_than_was_expected_is_moved_no_further(
    tmp_path: Path, per_decade: int, most_V: float
) -> None:
    """350 ohm and more in truth: the current for 20 mohm would drop 35 V in it."""
    what = "control: current, amplitude: 2 mV, expected_resistance: 20 mohm"
    seen = run_on(tmp_path / "a.h5", step("far", what, per_decade=per_decade), build="half", cell="nps")
    assert seen.result is not None
    assert seen.result.outcome == "completed"
    assert max(point.body.amplitude_V for point in seen.of("point")) < most_V
    assert {event.body.range for event in seen.of("point")} == {5}
    assert seen.of("quality")[0].body.verdict in ("good", "look")  # too few points for more at one a decade


CURRENT = step("current", "control: current, amplitude: 20 uA")


@pytest.mark.parametrize("gain", [1.0, 1e-3])
def test_a_wrong_gain_of_the_pol_input_is_found_before_the_sweep(tmp_path: Path, gain: float) -> None:
    def stick(bench: Any) -> None:
        bench.faults.stick_pol_gain(gain)

    seen = run_on(
        tmp_path / "a.h5", CURRENT, build="half", act=stick, when=lambda event: event.kind == "segment"
    )
    assert codes(seen) == {"amplitude_not_reached"}
    assert (seen.of("point"), seen.is_safe) == ([], True)
    assert "mA rms instead of 0.0002 mA rms" in seen.of("alarm")[0].body.text


def test_a_bench_with_another_gain_in_galvanostat_is_found_and_set_in_the_bench_file(tmp_path: Path) -> None:
    """A fifth of a volt for a volt, as a current range that is driven to its full scale by 1 V would have it."""
    other = {"interface": {"galvanostat_drop": 0.2}}
    seen = run_on(tmp_path / "a.h5", CURRENT, build="half", **other)
    assert codes(seen) == {"amplitude_not_reached"}
    assert seen.is_safe


@few(
    ("act", "code"),
    [
        (lambda bench: bench.faults.set_leads(loose_generator=True), "amplitude_not_reached"),
        pytest.param(
            lambda bench: bench.faults.set_leads(loose_counter=True),
            "amplitude_not_reached",
            marks=pytest.mark.long,
        ),
        (lambda bench: bench.faults.set_leads(loose_reference=True), "overload"),
        (lambda bench: bench.faults.stick_pol_gain(1.0), "amplitude_not_reached"),
    ],
    (0, 2),
)
def test_what_comes_off_in_the_sweep_ends_it_with_the_cell_off(
    tmp_path: Path, act: Callable[[Any], None], code: str
) -> None:
    seen = run_on(tmp_path / "a.h5", CURRENT, build="half", act=act, when=at_point(4))
    assert seen.result is not None
    assert seen.result.outcome != "completed"
    assert code in codes(seen) or code in seen.result.reason
    assert seen.is_safe


@few("part", [None, BAR], 1)
def test_turned_outputs_are_found_before_the_sweep(tmp_path: Path, part: dict[str, Any] | None) -> None:
    what = "control: current, amplitude: 50 mA, expected_resistance: 5 mohm"
    steps = CURRENT if part is None else step("bar", what)
    turned = {"interface": {"v_out_polarity": -1.0}}
    seen = run_on(tmp_path / "a.h5", steps, build="half" if part is None else "pellet", part=part, **turned)
    assert codes(seen) == {"resistance_negative"}
    assert (seen.of("point"), seen.is_safe) == ([], True)


def test_a_current_that_was_lowered_to_noise_is_not_taken_for_lost(tmp_path: Path) -> None:
    """2 Mohm beside 50 nF: of the current for 100 ohm a ten thousandth is left at 0.5 Hz."""
    part = {"resistance": 100.0, "parallel_resistance": 2e6, "parallel_capacitance": 5e-8}
    what = "control: current, amplitude: 10 mV, expected_resistance: 100 ohm"
    steps = step("large", what, to="0.5 Hz")
    dummy = {"kind": "dummy", "simulation": {"dummy": part}}
    seen = run_on(tmp_path / "a.h5", steps, part=dummy, unit="typical")
    assert codes(seen) == set()
    assert max(seen_V for _, seen_V, _ in seen.truths) < 0.012
    last = seen.of("point")[-1].body
    assert last.amplitude_A < 1e-8
