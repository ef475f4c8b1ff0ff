"""Between circuits that describe a spectrum alike nobody can choose: what is told holds the truth of all of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from solbench.analysis.fitted import fitted_spectrum
from solbench.fitting.circuit import parse
from solbench.fitting.circuit_fit import FitResult, Rival
from solbench.fitting.spectra.automatic import fit_automatic
from solbench.fitting.spectra.judgement import DEPENDS, judge
from solbench.fitting.spectra.rivals import furthest, total_apart_ohm
from tests.tiers import few

ERRORS = 5.0
NEARLY = 0.03  # of a resistance
WELL_KNOWN = 0.1


def strange(seed: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """One to three arcs with or without leads, electrolyte and diffusion, and the ohms of the arcs."""
    rng = np.random.default_rng(seed)
    highest, lowest = 10 ** rng.uniform(5.0, 7.0), 10 ** rng.uniform(-2.0, 1.0)
    f = np.geomspace(highest, lowest, int(rng.integers(6, 13) * np.log10(highest / lowest)))
    s = 2j * np.pi * f
    z = rng.choice([0.0, 1.0]) * 10 ** rng.uniform(0.0, 3.0) + s * rng.choice([0.0, 1.0]) * 10 ** rng.uniform(
        -8, -6
    )
    ohms, tau_s = [], 10 ** rng.uniform(-6.0, -2.0)
    for _ in range(rng.integers(1, 4)):
        ohms.append(10 ** rng.uniform(0.5, 4.5))
        z = z + ohms[-1] / (1 + (s * tau_s) ** rng.choice([1.0, rng.uniform(0.7, 1.0)], p=[0.2, 0.8]))
        tau_s *= 10 ** rng.uniform(0.5, 3.0)
    x = np.sqrt(s * 10 ** rng.uniform(-1.0, 2.0))
    size = max(ohms) * 10 ** rng.uniform(-1.0, 1.0)
    tails = [0.0 * s, size / x, size * np.tanh(x) / x, size / np.tanh(x) / x, size / (s / abs(s[-1])) ** 0.9]
    z = z + tails[rng.integers(len(tails))]
    noise = 10 ** rng.uniform(-3.7, -2.3) / np.sqrt(2)
    return f, z * (1 + noise * (rng.normal(size=len(f)) + 1j * rng.normal(size=len(f)))), ohms


def lies(seed: int) -> list[str]:
    """Resistances of arcs that are told as well known, and are those of no arc and of no neighbouring arcs together."""
    f, z, ohms = strange(seed)
    result = fit_automatic(f, z)
    if judge(result).verdict == "wrong":
        return []
    true = [sum(ohms[first:end]) for first, end in combinations(range(len(ohms) + 1), 2)]
    found = []
    for name, error in result.stderr.items():
        value = result.values[name]
        if not name.startswith("R") or name == "R0" or not error < WELL_KNOWN * value:
            continue
        off = min(abs(value - one) for one in true)
        if off > max(ERRORS * error, NEARLY * value):
            found.append(f"{seed}: {name} {value:.4g} +- {error:.2g} of {ohms} in {result.circuit.text}")
    return found


@few("seed", [12, 36, 78, 2, 11], (1,))
def test_no_resistance_is_told_that_no_arc_has(seed: int) -> None:
    assert lies(seed) == []


@pytest.mark.long
def test_of_a_hundred_spectra_hardly_any_has_one() -> None:
    """The true circuit may by chance be much worse than the chosen one, or richer than any that is tried."""
    found = [line for seed in range(1000, 1100) for line in lies(seed)]
    assert len(found) <= 4, "\n".join(found)


@pytest.fixture(scope="module")
def overlapping() -> FitResult:
    """Two depressed arcs in one another, and diffusion behind them."""
    f = np.geomspace(2e5, 0.03, 55)
    s = 2j * np.pi * f
    z = 440 + 5970 / (1 + (s * 3.4e-3) ** 0.927) + 570 / (1 + (s * 0.019) ** 0.868) + 900 / np.sqrt(s)
    scatter = np.random.default_rng(3).normal(0, 2e-3, (2, len(f)))
    return fit_automatic(f, z * (1 + scatter[0] + 1j * scatter[1]))


def test_a_resistance_that_depends_on_the_circuit_is_doubted_by_name(overlapping: FitResult) -> None:
    result = overlapping
    told = [doubt for doubt in judge(result).doubts if doubt.code == "other_circuit"]
    assert told
    for doubt in told:
        value, error = result.values[doubt.parameter], result.stderr[doubt.parameter]
        assert doubt.circuit != result.circuit.text
        assert doubt.circuit in judge(result).reason
        assert doubt.seen is not None
        assert error >= abs(doubt.seen - value) > DEPENDS * value
    assert judge(result).verdict == "look"


def test_a_spectrum_that_decides_has_no_wider_error() -> None:
    f = np.geomspace(1e6, 0.1, 71)
    s = 2j * np.pi * f
    z = 20 + 100 / (1 + (s * 1e-5) ** 0.9) + 300 / (1 + (s * 1e-2) ** 0.8)
    scatter = np.random.default_rng(5).normal(0, 1e-3, (2, len(f)))
    result = fit_automatic(f, z * (1 + scatter[0] + 1j * scatter[1]))
    assert judge(result).verdict == "good"
    for name, true in (("R0", 20.0), ("R1", 100.0), ("R2", 300.0)):
        assert result.stderr[name] < 0.01 * true
        assert abs(result.values[name] - true) < 4 * result.stderr[name]


def test_the_sum_is_as_unsure_as_the_circuit_leaves_it(overlapping: FitResult) -> None:
    alone = replace(overlapping, circuit=parse("R0-p(R1,C1)"), values={"R0": 5.0, "R1": 100.0, "C1": 1e-5})
    round_arc, blunt = (
        Rival(parse("p(R1,C1)"), {"R1": 103.0, "C1": 1e-5}),
        Rival(parse("R0-p(R1-W2,CPE1)"), {"R0": 4.0, "R1": 90.0, "W2": 9.0, "CPE1_0": 1e-5, "CPE1_1": 0.97}),
    )
    assert total_apart_ohm(replace(alone, rivals=(round_arc,))) == pytest.approx(2.0)
    assert total_apart_ohm(replace(alone, rivals=(round_arc, blunt))) == pytest.approx(11.0)
    assert total_apart_ohm(replace(alone, rivals=())) == 0.0
    f, z = overlapping.frequency_Hz, overlapping.impedance_ohm
    one = fitted_spectrum(1, overlapping, f, z)
    other = fitted_spectrum(1, replace(overlapping, rivals=()), f, z)
    if one.r_total_stderr_ohm is not None and other.r_total_stderr_ohm is not None:
        apart_ohm = total_apart_ohm(overlapping)
        assert one.r_total_stderr_ohm == pytest.approx(np.hypot(other.r_total_stderr_ohm, apart_ohm))


@pytest.mark.parametrize(
    ("name", "rivals", "ohm"),
    [
        ("R1", ["p(R1,C1)-p(R2,C2)"], 90.0),  # the one at the same time constant
        ("R1", ["p(R1,C1)-p(R2,C2)", "p(R1,CPE1)"], 150.0),
        ("R1", ["R0-C1"], None),  # has no arc
        ("R0", ["p(R1,C1)-p(R2,C2)"], None),  # has nothing in series
        ("R0", ["R0-C1"], 7.0),
        ("C1", ["p(R1,C1)-p(R2,C2)"], None),
    ],
)
def test_a_resistance_is_compared_with_that_of_the_same_arc(
    overlapping: FitResult, name: str, rivals: list[str], ohm: float | None
) -> None:
    values = {
        "p(R1,C1)-p(R2,C2)": {"R1": 8.0, "C1": 1e-9, "R2": 90.0, "C2": 1.2e-5},
        "p(R1,CPE1)": {"R1": 150.0, "CPE1_0": 2e-5, "CPE1_1": 0.9},
        "R0-C1": {"R0": 7.0, "C1": 1e-5},
    }
    own = replace(
        overlapping,
        circuit=parse("R0-p(R1,C1)"),
        values={"R0": 5.0, "R1": 100.0, "C1": 1e-5},
        rivals=tuple(Rival(parse(text), values[text]) for text in rivals),
    )
    found = furthest(own, name)
    assert (None if found is None else found[1]) == ohm
