"""Circuits found without being told anything, on drawn spectra whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.fitting.circuit import parse
from solbench.fitting.spectra.automatic import fit_automatic
from solbench.fitting.spectra.judgement import judge
from solbench.fitting.spectra.layout import Layout
from solbench.fitting.spectra.peaks import peaks
from tests.fitting.spectra.drawn_spectra import DrawnSpectrum, drawn
from tests.pace import cpu_s
from tests.tiers import few

WITHIN_NOISE = 1.0  # rms deviation from the truth, in standard deviations of one datum


def silent_misfit(spectrum: DrawnSpectrum) -> bool:
    result = fit_automatic(spectrum.frequency_Hz, spectrum.impedance_ohm)
    off = spectrum.misfit(result.model(spectrum.frequency_Hz))
    return off > WITHIN_NOISE and judge(result).verdict != "wrong"


@few("processes", [1, 3, *(pytest.param(count, marks=pytest.mark.long) for count in (2, 4))], 1)
def test_a_drawn_spectrum_is_described_within_its_noise(processes: int) -> None:
    spectrum = drawn(1000 + processes, processes)
    assert not silent_misfit(spectrum), spectrum.made_of


@pytest.mark.long
def test_of_two_hundred_spectra_none_is_misfitted_in_silence() -> None:
    assert [seed for seed in range(200) if silent_misfit(drawn(seed))] == []


def pellet(level_ohm: float, seed: int = 1, blunt: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Bulk and grain boundary between blocking electrodes, without series resistance or inductance, 0.2 % noise."""
    f = np.geomspace(3e6, 0.3, 57)
    s = 2j * np.pi * f
    z = level_ohm * (1.0 / (1 + s * 3e-7) + 0.6 / (1 + (s * 4e-5) ** 0.9) + 0.3 * (1.0 / s) ** blunt)
    scatter = np.random.default_rng(seed).normal(0, 2e-3, (2, len(f)))
    return f, z * (1 + scatter[0] + 1j * scatter[1])


@pytest.mark.long
@pytest.mark.parametrize("level_ohm", [80.0, 4.1e6])
def test_a_pellet_without_visible_inductance_keeps_both_arcs(level_ohm: float) -> None:
    result = fit_automatic(*pellet(level_ohm))
    assert "L0" not in result.values
    assert result.values["R1"] + result.values["R2"] == pytest.approx(1.6 * level_ohm, rel=0.02)
    assert result.circuit.text == "p(R1,C1)-p(R2,CPE2)-CPE3"
    assert judge(result).verdict == "good"


@few(
    ("text", "noise"),
    [
        pytest.param(text, noise, marks=[pytest.mark.long] * ((kind + turn) % 2))
        for kind, text in enumerate(["R0", "C1", "L0-R0", "R0-C1", "CPE1"])
        for turn, noise in enumerate([2e-3, 0.0])
    ],
    (0, 3),
)
def test_what_has_no_arc_gets_none(text: str, noise: float) -> None:
    """A resistor to try the leads with, a blocking cell, shorted leads."""
    f = np.geomspace(1e5, 1.0, 41)
    values = {"L0": 2e-6, "R0": 47.0, "C1": 3e-6, "CPE1_0": 1e-5, "CPE1_1": 0.8}
    circuit = parse(text)
    z = circuit.impedance(f, {name: values[name] for name in circuit.names})
    scatter = np.random.default_rng(7).normal(0, noise, (2, len(f)))
    result = fit_automatic(f, z * (1 + scatter[0] + 1j * scatter[1]))
    assert result.circuit.text == text
    assert judge(result).verdict == "good"


@pytest.mark.long
def test_a_randles_circuit_is_described() -> None:
    f = np.geomspace(1e5, 0.01, 60)
    s = 2j * np.pi * f
    z = 12 + 1 / (s * 2e-5 + 1 / (40 + 30 / np.sqrt(s)))
    scatter = np.random.default_rng(3).normal(0, 1e-3, (2, len(f)))
    result = fit_automatic(f, z * (1 + scatter[0] + 1j * scatter[1]))
    assert np.max(np.abs(result.model(f) / z - 1)) < 2e-3
    assert judge(result).verdict == "good"


@pytest.mark.long
def test_what_no_circuit_of_the_list_describes_is_said() -> None:
    """Six sharp arcs, a decade apart: two more than there are in any circuit."""
    f = np.geomspace(1e6, 0.1, 71)
    s = 2j * np.pi * f
    z = 5 + sum(100 / (1 + s * 10.0**-k) for k in range(7))
    scatter = np.random.default_rng(4).normal(0, 5e-4, (2, len(f)))
    result = fit_automatic(f, z * (1 + scatter[0] + 1j * scatter[1]))
    assert judge(result).verdict == "wrong"


def test_too_few_points_for_any_circuit_are_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        fit_automatic([10.0, 1.0], [1 + 0j, 1 + 0j])


def test_a_simpler_circuit_starts_where_the_part_that_it_lacks_was_nothing() -> None:
    """Parts that contribute nothing are dropped without a change of the impedance."""
    f = np.geomspace(1e5, 1, 30)
    layout = Layout(arcs=("CPE", "CPE"), tail="CPE")
    values = [1e-12, 1e-6, 100.0, 1e-6, 1.0, 1e-6, 1e-3, 0.9, 1e-2, 1.0]
    whole = parse(layout.text).impedance(f, values)
    same = {
        simpler.text
        for simpler, start in layout.simpler(values)
        if np.allclose(parse(simpler.text).impedance(f, start), whole, rtol=1e-5)
    }
    assert same == {
        "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3",
        "L0-p(R1,CPE1)-p(R2,CPE2)-CPE3",
        "L0-R0-p(R1,CPE1)-CPE2",
        "L0-R0-p(R1,C1)-p(R2,CPE2)-CPE3",
        "L0-R0-p(R1,CPE1)-p(R2,C2)-CPE3",
        "L0-R0-p(R1,CPE1)-p(R2,CPE2)-C3",
    }


def test_peaks_lie_at_the_time_constants() -> None:
    f = np.geomspace(1e6, 0.1, 71)
    taus = (3e-6, 2e-4, 5e-2)
    z = sum(100 / (1 + (2j * np.pi * f * tau) ** 0.85) for tau in taus)
    assert np.log10(peaks(f, z, most=3)) == pytest.approx(np.log10(taus), abs=0.15)


@pytest.mark.long
def test_the_median_spectrum_takes_a_second_of_cpu() -> None:
    spectra = [drawn(500 + k) for k in range(31)]
    taken = [cpu_s(lambda d=d: fit_automatic(d.frequency_Hz, d.impedance_ohm)) for d in spectra]
    assert np.median(taken) < 1.0
