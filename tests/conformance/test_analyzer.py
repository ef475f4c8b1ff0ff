"""What the engine relies on in everything that measures impedance: the pair, and the 1260 on a sample by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.drivers.errors import DriverError, OutOfOrder, OutOfRange
from solbench.drivers.roles import Analyzer, SampleAnalyzer
from solbench.protocols import load_cell

AMPLITUDE_V, AMPLITUDE_A = 0.03, 20e-6
BY_CURRENT = "pair, current set"
ANALYZERS = {
    "pair": ("solartron", "pair"),
    BY_CURRENT: ("solartron", BY_CURRENT),
    "ec301": ("ec301", "pair"),
    "ec301, current set": ("ec301", BY_CURRENT),
    "analyzer_alone": ("solartron", "analyzer_alone"),
}
"""By name the model of bench, and how its analyzer is used."""


@dataclass
class Measuring:
    """An analyzer that was set up, with a bench that nothing drives yet."""

    analyzer: Analyzer
    simulated: Any
    prepare: Callable[[], None]
    amplitude_V: Callable[[float], float]
    sample_analyzer: SampleAnalyzer | None = None

    @property
    def ac_V(self) -> float:
        return float(self.simulated.truth.ac_amplitude_V)


@contextmanager
def on_a_pellet(wiring: str, model: str = "solartron") -> Iterator[Measuring]:
    cell = load_cell("nbh").build("pellet").simulated_cell()
    file = BenchFile(
        name="a bench",
        kind="simulated",
        model=model,
        positive_terminal="we_re2",
        simulation={"unit": "ideal", "errors": "none", "wiring": "pair" if wiring == BY_CURRENT else wiring},
    )
    bench = open_bench(file, cell, lambda: None)
    equipment = bench.equipment
    equipment.dc.initialise()
    assert bench.truth is not None
    true_ohm = bench.truth.cell.impedance
    if wiring in ("pair", BY_CURRENT):
        held = equipment.impedance
        assert held is not None

        def prepare() -> None:
            if wiring == BY_CURRENT:
                index = held.choose_alternating_range(AMPLITUDE_A)
                held.prepare_alternating_current(AMPLITUDE_A, 0.1, 0.0, index)
            else:
                held.prepare_impedance(AMPLITUDE_V, 0.0, held.probe_range_index)
            held.on()

        def amplitude_V(frequency_Hz: float) -> float:
            return AMPLITUDE_A * abs(true_ohm(frequency_Hz)) if wiring == BY_CURRENT else AMPLITUDE_V

        yield Measuring(held, bench.truth, prepare, amplitude_V)
    else:
        alone = equipment.analyzer
        assert alone is not None
        yield Measuring(
            alone,
            bench.truth,
            lambda: alone.prepare_impedance(AMPLITUDE_V, without_emf=True),
            lambda _: AMPLITUDE_V,
            alone,
        )
    bench.close()


@pytest.fixture(params=list(ANALYZERS))
def found(request: pytest.FixtureRequest) -> Iterator[Measuring]:
    model, wiring = ANALYZERS[request.param]
    with on_a_pellet(wiring, model) as one:
        yield one


def test_nothing_is_on_the_sample_until_it_is_applied(found: Measuring) -> None:
    assert found.ac_V == 0.0
    found.prepare()
    assert found.ac_V == 0.0
    found.analyzer.apply_ac()
    found.analyzer.measure_impedance(1e3, 0.1)  # the generator starts with the first measurement
    assert found.ac_V > 0.0
    found.analyzer.remove_ac()
    assert found.ac_V == 0.0


@pytest.mark.parametrize("frequency_Hz", [1e2, 1e4, 3e5])
def test_the_impedance_is_that_of_the_sample(found: Measuring, frequency_Hz: float) -> None:
    found.prepare()
    found.analyzer.apply_ac()
    point = found.analyzer.measure_impedance(frequency_Hz, 0.1)
    true_ohm = found.simulated.cell.impedance(frequency_Hz)
    assert abs(point.impedance_ohm - true_ohm) < 0.02 * abs(true_ohm)
    assert point.frequency_Hz == pytest.approx(frequency_Hz, rel=1e-6)
    assert point.amplitude_V == pytest.approx(found.amplitude_V(frequency_Hz), rel=0.02)
    assert (point.error, point.attempts) == (0, 1)


@pytest.mark.parametrize("frequency_Hz", [1e2, 1e4])
def test_the_amplitude_is_measured_without_measuring_again(found: Measuring, frequency_Hz: float) -> None:
    found.prepare()
    found.analyzer.apply_ac()
    with pytest.raises(OutOfOrder):
        found.analyzer.measured_amplitude_V()
    point = found.analyzer.measure_impedance(frequency_Hz, 0.1)
    before_s = found.simulated.clock.now()
    expected_V = found.amplitude_V(frequency_Hz)
    assert found.analyzer.measured_amplitude_V() == pytest.approx(expected_V, rel=0.01)
    assert found.simulated.clock.now() < before_s + 0.3
    again = found.analyzer.measure_impedance(frequency_Hz, 0.1)
    assert again.impedance_ohm == pytest.approx(point.impedance_ohm, rel=0.01)


def test_the_time_of_a_point_lies_within_its_measurement(found: Measuring) -> None:
    found.prepare()
    found.analyzer.apply_ac()
    before_s = found.simulated.clock.now()
    point = found.analyzer.measure_impedance(1e3, 0.5)
    assert before_s < point.time_s < found.simulated.clock.now()


@pytest.mark.parametrize("cycles", [1, 3])
def test_a_point_waits_for_as_long_as_it_is_to_settle_and_integrates_whole_cycles(
    found: Measuring, cycles: int
) -> None:
    found.prepare()
    found.analyzer.apply_ac()
    frequency_Hz, clock = 10.0**0.5 / 2.0, found.simulated.clock
    found.analyzer.measure_impedance(frequency_Hz, cycles / frequency_Hz)  # its range is found
    took_s: list[float] = []
    for settling_s in (0.0, 2.0, 0.0):
        before_s = clock.now()
        point = found.analyzer.measure_impedance(frequency_Hz, cycles / frequency_Hz, settling_s)
        took_s.append(clock.now() - before_s - settling_s - cycles / frequency_Hz)
        assert point.settling_s == settling_s
        assert point.time_s == pytest.approx(clock.now() - 0.5 * cycles / frequency_Hz, abs=0.2)
    assert max(took_s) < 1.3
    assert took_s == pytest.approx([took_s[0]] * 3, abs=0.1)


def test_what_was_prepared_is_told_in_si(found: Measuring) -> None:
    with pytest.raises(OutOfOrder):
        found.analyzer.impedance_settings()
    found.prepare()
    settings = found.analyzer.impedance_settings()
    assert settings["amplitude_V"] in (AMPLITUDE_V, 0.1)  # of a set current, the most that it may drop
    assert settings.get("amplitude_A", 0.0) in (0.0, AMPLITUDE_A)


@pytest.mark.parametrize("frequency_Hz", [0.0, -1.0, 1e8, float("nan")])
def test_frequencies_beyond_it_are_refused(found: Measuring, frequency_Hz: float) -> None:
    found.prepare()
    with pytest.raises(OutOfRange):
        found.analyzer.measure_impedance(frequency_Hz, 0.1)


def test_nothing_is_applied_before_it_was_prepared(found: Measuring) -> None:
    for call in (found.analyzer.apply_ac, lambda: found.analyzer.measure_impedance(1e3, 0.1)):
        with pytest.raises(OutOfOrder):
            call()


def test_a_dead_analyzer_is_an_error_and_never_a_point(found: Measuring) -> None:
    found.prepare()
    found.simulated.faults.kill("1260")
    for call in (
        found.analyzer.apply_ac,
        found.analyzer.remove_ac,
        lambda: found.analyzer.measure_impedance(1e3, 0.1),
    ):
        with pytest.raises(DriverError):
            call()


def test_a_live_cell_is_refused_by_the_analyzer_that_holds_nothing() -> None:
    with on_a_pellet("analyzer_alone") as found:
        analyzer = found.sample_analyzer
        assert analyzer is not None
        with pytest.raises(OutOfOrder, match="discharge"):
            analyzer.prepare_impedance(AMPLITUDE_V, without_emf=False)
        assert found.ac_V == 0.0
