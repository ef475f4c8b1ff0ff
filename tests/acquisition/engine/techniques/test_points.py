"""The points of a spectrum against what the cell truly is: while a transient dies away, and where one was disturbed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.engine.actions import Emit
from solbench.acquisition.engine.techniques.points import sweep_points
from solbench.acquisition.record.bodies.measured import SetAside
from solbench.acquisition.record.reader import open_run
from solbench.drivers.roles import ImpedancePoint
from solbench.protocols.kinds.impedance import MOST_MEASUREMENTS
from solbench.protocols.segments import StepRef, Sweep
from tests.acquisition.runs import Seen, quiet_bench, request, seen_run

HEAD = """
name: points
build: pellet
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
steps:
"""
SLOW = "from: 10 Hz, to: 2 mHz, points_per_decade: 3, amplitude: 10 mV, integration: 1 s"
WIDE = "from: 100 kHz, to: 1 Hz, points_per_decade: 5, amplitude: 10 mV, integration: 0.2 s"


def step(name: str, what: str, instruments: str = "pair") -> str:
    return f"  - {{name: {name}, kind: impedance, instruments: '{instruments}', {what}}}\n"


def spectra(seen: Seen, path: Path) -> list[tuple[Any, Any]]:
    """What the run file has of each spectrum, and the error of each point."""
    run = open_run(path)
    found = []
    for record in run.spectra:
        points = run.points_of(record)
        true = np.array([seen.truth.cell.impedance(float(one)) for one in points["frequency_Hz"]])
        found.append((points, np.abs((points["real_ohm"] + 1j * points["imaginary_ohm"]) / true - 1.0)))
    return found


@pytest.mark.long
@pytest.mark.parametrize("instruments", ["pair", pytest.param("1260", marks=pytest.mark.long)])
def test_a_transient_is_in_the_points_and_gone_with_settling(tmp_path: Path, instruments: str) -> None:
    more = (
        "",
        ", settling: 1 cycle",
        ", settled_within: 0.4 %",
        ", bands: [{below: 1 Hz, settling: 1 cycle}]",
    )
    steps = "".join(step(f"s{n}", SLOW + one, instruments) for n, one in enumerate(more))
    seen = seen_run(
        request(tmp_path / "a.h5", HEAD + steps, "nps", quiet_bench(ac_transient=True, noise_scale=0.2))
    )
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    (plain, off), *settled = spectra(seen, tmp_path / "a.h5")
    assert off.max() > 3e-3
    for points, error in settled:
        assert error.max() < 1.2e-3
        assert len(points) == len(plain)
    assert plain["settling_s"].max() == 0.0
    periods_s = 1.0 / settled[0][0]["frequency_Hz"]
    assert settled[0][0]["settling_s"] == pytest.approx(periods_s, rel=1e-6)
    asides: list[Any] = [event.body for event in seen.of("set_aside")]
    assert {one.spectrum for one in asides} == {3}
    assert {one.why for one in asides} == {"unsettled"}


def test_points_that_were_disturbed_are_measured_again_and_both_are_kept(tmp_path: Path) -> None:
    """For a second a contact is loose, on some points of the sweep; the sweep lasts some 20 s from about 21 s on."""
    path = tmp_path / "a.h5"
    wanted = request(path, HEAD + step("s", WIDE + ", repeat_points_above: 1 %"), "nps", quiet_bench())
    loose = "changes: [{kind: series_resistance, resistance: 20 ohm, from: 27 s, until: 28.2 s}]"
    seen = seen_run(dataclasses.replace(wanted, scenario=parse_scenario(loose, "s.yaml")))
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    ((points, error),) = spectra(seen, path)
    asides: list[Any] = [event.body for event in seen.of("set_aside")]
    assert asides
    assert {one.why for one in asides} == {"kk_residual"}
    assert len(points) == 26
    assert np.all(np.diff(points["frequency_Hz"]) < 0.0)
    assert error.max() < 0.01
    with h5py.File(path) as file:
        replaced = file["entry/spectra/0001_replaced"]
        off = replaced["real_impedance_ohm"][:] + 1j * replaced["imaginary_impedance_ohm"][:]
        true = [seen.truth.cell.impedance(float(one)) for one in replaced["frequency_hertz"][:]]
        assert np.all(np.abs(off / np.array(true) - 1.0) > 0.005)
        assert len(file["entry/spectra/0001/frequency_hertz"]) == 26
    journal = open_run(path.with_suffix(".journal"))
    again = journal.points_of(journal.spectra[0])
    assert again.tobytes() == points.tobytes()


class Analyzer:
    """Measures the same spectrum each time, with what is wrong with the n-th measurement at a frequency."""

    def __init__(self, wrong: Mapping[int, Sequence[float]], frequencies_Hz: Sequence[float]) -> None:
        self.wrong = {frequencies_Hz[place]: list(factors) for place, factors in wrong.items()}
        self.measured: list[float] = []

    def measure_impedance(
        self, frequency_Hz: float, integration_s: float, settling_s: float = 0.0
    ) -> ImpedancePoint:
        count = self.measured.count(frequency_Hz)
        self.measured.append(frequency_Hz)
        factors = self.wrong.get(frequency_Hz, [])
        factor = factors[count] if count < len(factors) else 1.0
        ohm = factor * true_ohm(frequency_Hz)
        return ImpedancePoint(
            0.0, frequency_Hz, ohm, 0.01, 4, integration_s=integration_s, settling_s=settling_s
        )


class Station:
    offset_s = 0.0


def true_ohm(frequency_Hz: float) -> complex:
    return 100.0 + 200.0 / (1.0 + 2j * np.pi * frequency_Hz * 1e-4)


def taken(segment: Sweep, analyzer: Analyzer) -> tuple[list[ImpedancePoint], list[SetAside]]:
    """Take the points; return them and what was set aside."""
    station: Any = Station()
    source: Any = analyzer
    actions = sweep_points(station, segment, source)
    asides: list[SetAside] = []
    while True:
        try:
            action = next(actions)
        except StopIteration as done:
            return done.value[0], asides
        if isinstance(action, Emit) and isinstance(action.body, SetAside):
            asides.append(action.body)


def made(**fields: Any) -> Sweep:
    frequencies_Hz = tuple(np.geomspace(1e6, 1.0, 61).tolist())
    return Sweep(StepRef(0, "s", "impedance", "steps.s"), frequencies_Hz, 0.01, 0.1, 1, **fields)


@pytest.mark.long
@settings(max_examples=12)
@given(
    st.dictionaries(
        st.integers(5, 55),
        st.lists(st.sampled_from([0.9, 1.05, 1.2]), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 3),
)
def test_a_point_is_the_best_that_was_measured_in_so_many_repeats(
    wrong: dict[int, list[float]], repeats: int
) -> None:
    segment = made(repeat_points_above=0.02, repeats=repeats)
    points, asides = taken(segment, Analyzer(wrong, segment.frequencies_Hz))
    assert [point.frequency_Hz for point in points] == list(segment.frequencies_Hz)
    for place, factors in wrong.items():
        if len(factors) <= repeats:  # one of the repeats was sound
            assert points[place].impedance_ohm == true_ohm(points[place].frequency_Hz)
    assert {one.frequency_Hz for one in asides} >= {
        segment.frequencies_Hz[place] for place, factors in wrong.items() if len(factors) <= repeats
    }
    assert len(asides) <= repeats * len(segment.frequencies_Hz) // 4


def test_a_sweep_that_is_off_everywhere_has_no_single_points_repeated() -> None:
    segment = made(repeat_points_above=0.01, repeats=1)
    rng = np.random.default_rng(1)
    analyzer = Analyzer({place: [1.0 + rng.normal(0, 0.1)] for place in range(61)}, segment.frequencies_Hz)
    _, asides = taken(segment, analyzer)
    assert asides == []
    assert len(analyzer.measured) == 61


@given(st.lists(st.sampled_from([1.0, 1.001, 1.05, 0.9]), max_size=8))
def test_a_point_is_measured_until_two_in_turn_agree(factors: list[float]) -> None:
    segment = made(settled_within=0.004)
    points, asides = taken(segment, Analyzer({7: factors}, segment.frequencies_Hz))
    values = [*factors, *[1.0] * MOST_MEASUREMENTS][:MOST_MEASUREMENTS]
    agree = [n for n in range(1, len(values)) if abs(values[n - 1] / values[n] - 1.0) <= 0.004]
    last = agree[0] if agree else MOST_MEASUREMENTS - 1
    assert points[7].impedance_ohm == values[last] * true_ohm(points[7].frequency_Hz)
    assert points[7].settled == bool(agree)
    assert points[7].attempts == last + 1
    assert len(asides) == (last - 1 if agree else MOST_MEASUREMENTS - 1)
