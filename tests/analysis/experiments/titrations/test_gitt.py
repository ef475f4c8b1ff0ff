"""Titration: the diffusion of the simulated electrode is told, and withheld where pulses do not show it."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments.titrations import gitt
from solbench.analysis.experiments.titrations.gitt import EXPERIMENT, ahead_C
from solbench.analysis.experiments.titrations.titration import FEW_READINGS, TitrationStep
from solbench.analysis.run_spectra import RunSpectra
from solbench.protocols import check, load_cell, load_protocol, parse_protocol, with_settings
from tests.acquisition.runs import request, run_it
from tests.analysis.experiments.draws import drawn, ran
from tests.tiers import few

PULSE_S, REST_S, CURRENT_A = 600.0, 7200.0, 4e-5


def drawn_pulse(
    draw: random.Random, diffusion_s: float, share: float = 1.0
) -> tuple[TitrationStep, gitt._Readings, PchipInterpolator]:
    """A pulse into an electrode whose curve bends, and the rest after it, with an ohmic drop and noise.

    A `share` of the curve is that of the surface.
    """
    charge_C = np.arange(40) * CURRENT_A * PULSE_S
    slope, wave = draw.uniform(0.4, 1.5), draw.uniform(0.0, 0.5)
    voltage_V = slope * charge_C + wave * slope * 0.05 * np.sin(charge_C / 0.05)
    curve = PchipInterpolator(charge_C, voltage_V, extrapolate=False)
    time_s = np.arange(4.0, PULSE_S, 2.0)
    start_C = float(charge_C[10])
    mean_C, surface_C = CURRENT_A * time_s, ahead_C(CURRENT_A, time_s, diffusion_s)
    noise_V = np.array([draw.gauss(0.0, 1e-5) for _ in time_s])
    followed_V = curve(start_C + mean_C + share * (surface_C - mean_C))
    readings_V = followed_V + CURRENT_A * draw.uniform(100, 800) + noise_V
    pulse = TitrationStep(start_C, float(voltage_V[10]), float(voltage_V[11]))
    rest_s = np.arange(PULSE_S + 10.0, PULSE_S + REST_S, 30.0)
    put_C = CURRENT_A * PULSE_S
    left_C = ahead_C(CURRENT_A, rest_s, diffusion_s) - ahead_C(CURRENT_A, rest_s - PULSE_S, diffusion_s)
    rest_V = curve(start_C + put_C + share * (left_C - put_C))
    rest_V = rest_V + np.array([draw.gauss(0.0, 1e-5) for _ in rest_s])
    return pulse, gitt._Readings(CURRENT_A, time_s, readings_V, PULSE_S, rest_s, rest_V), curve


@few("seed", range(12), (1,))
def test_the_time_of_diffusion_is_found_in_any_curve(seed: int) -> None:
    draw = random.Random(seed)
    true_s = 10.0 ** draw.uniform(2.7, 4.0)
    pulse, readings, curve = drawn_pulse(draw, true_s)
    told = gitt._told(pulse, readings, pulse.after_V - pulse.before_V, curve)
    assert told.time_s is not None, told.why
    assert told.time_s == pytest.approx(true_s, rel=0.1)
    assert told.stderr_s is not None
    assert abs(told.time_s - true_s) < 1.96 * told.stderr_s


@few("seed", range(12), (1,))
def test_the_time_of_diffusion_is_found_where_the_surface_has_but_a_share_of_the_curve(seed: int) -> None:
    draw = random.Random(100 + seed)
    true_s = 10.0 ** draw.uniform(2.7, 3.7)
    pulse, readings, curve = drawn_pulse(draw, true_s, draw.uniform(0.3, 0.9))
    told = gitt._told(pulse, readings, pulse.after_V - pulse.before_V, curve)
    assert told.time_s is not None, told.why
    assert told.stderr_s is not None
    assert abs(told.time_s - true_s) < 1.96 * told.stderr_s
    assert told.time_s == pytest.approx(true_s, rel=0.1)


def test_none_is_told_where_pulses_do_not_show_it() -> None:
    pulse, readings, curve = drawn_pulse(random.Random(1), 1500.0)
    change_V = pulse.after_V - pulse.before_V

    def why(pulse: TitrationStep, readings: gitt._Readings = readings, usual_V: float = change_V) -> str:
        return gitt._told(pulse, readings, usual_V, curve).why

    assert why(pulse) == ""
    assert why(replace(pulse, after_V=pulse.before_V + 1e-3)) == "plateau: no D"
    assert why(pulse, usual_V=10.0 * change_V) == "plateau: no D"
    steady = 0.1 + 0.05 * (readings.time_s / PULSE_S) ** 3
    assert (
        why(pulse, replace(readings, voltage_V=steady))
        == "the voltage in the pulse does not follow diffusion"
    )
    flat = np.full_like(readings.time_s, 0.1)
    assert why(pulse, replace(readings, voltage_V=flat)) != ""
    assert why(replace(pulse, why="the pulse was cut")) == "the pulse was cut"


def test_the_surface_is_ahead_by_the_law_of_the_root_of_time_at_first() -> None:
    early_s = np.array([1.0])
    assert ahead_C(1.0, early_s, 1e4)[0] == pytest.approx(2.0 * math.sqrt(1e4 / math.pi), rel=1e-3)


def test_pulses_of_too_few_readings_are_named_and_not_passed_over(tmp_path: Path) -> None:
    """Typed by hand, they were no titration at all, and nobody was told why."""
    by_hand = parse_protocol(
        """
name: by_hand
build: half_hard_carbon
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 2 s}
steps:
  - {name: first, kind: rest, time: 30 s}
  - name: titration
    kind: loop
    count: 4
    steps:
      - {name: pulse, kind: constant_current, current: -C/20, until: {time: 20 s}, cut_short: {voltage: 10 mV}}
      - {name: rest, kind: rest, time: 2 s}
""",
        "by hand",
    )
    assert run_it(request(tmp_path / "a.h5", by_hand, "nps")).completed
    found = EXPERIMENT.analyse(RunSpectra(open_run(tmp_path / "a.h5")))
    assert found is not None
    assert found.verdict == "no pulse tells a diffusion coefficient"
    assert any(FEW_READINGS in note for note in found.notes)
    assert all(number.value is None for number in found.numbers)


@pytest.mark.long
@pytest.mark.parametrize("coefficient", ["4e-11 cm2/s", "1e-10 cm2/s", "2.5e-10 cm2/s"])
def test_the_whole_protocol_tells_the_diffusion_coefficient_of_the_cell(
    tmp_path: Path, coefficient: str
) -> None:
    materials = dict(load_cell("nps").simulation["materials"])
    carbon = {**materials["hard carbon"], "diffusion_coefficient": coefficient}
    cell = drawn("materials", **{"hard carbon": carbon})
    quick = ("pulses=22", "record.every=5 s")
    found = EXPERIMENT.analyse(RunSpectra(ran(tmp_path / "a.h5", "gitt", cell, *quick)))
    assert found is not None
    number = found.numbers[0]
    assert number.name == "diffusion_coefficient_cm2_s"
    assert number.low is not None
    assert number.high is not None
    assert number.low < float(coefficient.split()[0]) < number.high
    assert number.high < 2.5 * number.low


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_short_pulses_behind_the_filling_tell_it_while_the_hysteresis_turns(
    tmp_path: Path, seed: int
) -> None:
    """Fitted as if all of the curve were that of the surface, they would tell twice the coefficient."""
    draw = random.Random(seed)
    coefficient, width = 10.0 ** draw.uniform(-10.2, -9.7), draw.uniform(0.06, 0.12)
    carbon = {
        **load_cell("nps").simulation["materials"]["hard carbon"],
        "diffusion_coefficient": f"{coefficient:.3g} cm2/s",
        "hysteresis_width": width,
    }
    cell = drawn("materials", **{"hard carbon": carbon})
    quick = ("pulses=14", "steps.titration.steps.pulse.until.time=2 min", "steps.filling.current=-C/2")
    found = EXPERIMENT.analyse(RunSpectra(ran(tmp_path / "a.h5", "gitt", cell, *quick, seed=seed)))
    assert found is not None
    number = found.numbers[0]
    assert number.low is not None
    assert number.high is not None
    assert number.low < coefficient < number.high


@pytest.mark.long
@pytest.mark.parametrize(
    ("pulse", "rest", "every", "is_told"),
    [
        ("10 min", "30 min", "2 s", False),
        ("10 min", "1 h", "2 s", True),
        ("24 min", "2 h", "2 s", True),
        ("36 min", "4 h", "2 s", False),
        ("1 min", "2 h", "2 s", False),
        ("10 min", "2 h", "66 s", True),
        ("10 min", "2 h", "76 s", False),
    ],
)
def test_check_warns_of_the_pulses_that_tell_none_and_of_no_other(
    tmp_path: Path, pulse: str, rest: str, every: str, *, is_told: bool
) -> None:
    inner = "steps.titration.steps"
    settings = f"{inner}.pulse.until.time={pulse}", f"{inner}.relaxation.time={rest}", f"record.every={every}"
    chosen = with_settings(load_protocol("gitt"), [*settings, "pulses=6"])
    warned = [one.code for one in check(chosen, load_cell("nps")) if one.code.startswith("titration.")]
    assert (warned == []) is is_told
    assert run_it(request(tmp_path / "a.h5", chosen, "nps")).completed
    found = EXPERIMENT.analyse(RunSpectra(open_run(tmp_path / "a.h5")))
    assert found is not None
    assert (found.numbers[0].value is not None) is is_told
