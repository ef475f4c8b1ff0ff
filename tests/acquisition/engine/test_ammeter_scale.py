"""The current at a held voltage against a resistance that the ammeter did not show."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, pi
from pathlib import Path
from random import Random

import pytest

from solbench.acquisition.engine.ammeter_scale import AmmeterScale
from solbench.acquisition.engine.doubtful import Doubt, Moment
from solbench.drivers.roles import ImpedancePoint, Reading
from tests.acquisition.test_set_means_reached import after_on, half, nth, run_with
from tests.tiers import few

FULL_SCALE_A, OHM = 2e-3, 47.0


def known(capacity_C: float | None = None) -> AmmeterScale:
    scale = AmmeterScale(capacity_C)
    scale.spectrum([ImpedancePoint(0.0, 1.0, complex(OHM, -3.0), 0.01, 4)], 0.0)
    return scale


def approached(
    scale: AmmeterScale,
    times: float,
    moves_V: Iterable[float] = (0.0, 1e-3, 5e-3, 2e-2),
    charge_C: float = 0.0,
    every_s: float = 1.0,
) -> list[Doubt]:
    """Step to a voltage through 47 ohm, with an ammeter that shows so many times the current."""
    for number, moved_V in enumerate(moves_V):
        reading = Reading(number * every_s, 0.4 + moved_V, times * moved_V / OHM)
        scale.look(reading, FULL_SCALE_A, charge_C, held=True)
    return list(scale.end(100.0, charge_C + 1e-3 * times))


@pytest.mark.parametrize("times", [0.03, 0.4, 1.0, 1.5, 2.5, 30.0])
def test_what_kinetics_or_another_state_may_do_is_in_no_doubt(times: float) -> None:
    assert approached(known(), times) == []


@pytest.mark.parametrize("times", [0.01, 0.1, 10.0, 100.0])
def test_a_power_of_ten_is_and_its_charge_is_known_to_what_it_may_be_wrong_by(times: float) -> None:
    (doubt,) = approached(known(), times)
    assert (doubt.cause, doubt.since_s, doubt.until_s) == ("scale", 0.0, 100.0)
    if times > 0.01:  # smaller currents are not told from noise
        assert doubt.uncertainty_C == pytest.approx(abs(times - 1.0) * 1e-3, rel=0.01)


def test_one_reading_makes_no_doubt_and_neither_does_a_step_that_is_not_linear() -> None:
    assert approached(known(), 10.0, (0.0, 5e-3)) == []
    assert approached(known(), 0.1, (0.0, 0.2, 0.3)) == []


@pytest.mark.parametrize("times", [0.1, 10.0])
def test_a_current_that_has_run_out_is_no_smaller_scale(times: float) -> None:
    """A step of a titration came into the state whose resistance is known after five minutes."""
    assert len(approached(known(), times, every_s=1.5)) == 1
    assert approached(known(), times, every_s=100.0) == []


@pytest.mark.parametrize("frequency_Hz", [1e-3, 1e3])
def test_a_spectrum_tells_nothing_of_a_step_at_other_frequencies_than_that_shows(frequency_Hz: float) -> None:
    """It has not come to all arcs yet, or has diffusion in it that a step meets later."""
    scale = AmmeterScale(None)
    scale.spectrum([ImpedancePoint(0.0, frequency_Hz, complex(OHM, -3.0), 0.01, 4)], 0.0)
    assert approached(scale, 10.0) == []


def seen_in_spectrum_and_step(seed: int, lowest_Hz: float, times: float = 1.0) -> list[Doubt]:
    """A resistance and an arc of any time constant, a spectrum down to a frequency, and then a step of a voltage."""
    draw = Random(seed)
    ohm, arc_ohm = 10.0 ** draw.uniform(0.5, 3.0), 10.0 ** draw.uniform(0.5, 3.5)
    arc_s = 10.0 ** draw.uniform(-5.0, 2.0)
    moved_V, every_s = draw.uniform(0.004, 0.045), 10.0 ** draw.uniform(-1.0, 0.3)
    scale, points, number = AmmeterScale(None), list[ImpedancePoint](), 0
    while (frequency_Hz := 1e6 * 10.0 ** (-number / 5)) >= 0.999 * lowest_Hz:
        impedance_ohm = ohm + arc_ohm / (1.0 + 2j * pi * frequency_Hz * arc_s)
        points.append(ImpedancePoint(float(number), frequency_Hz, impedance_ohm, 0.01, 0))
        number += 1
    scale.spectrum(points, 0.0)
    whole_ohm = ohm + arc_ohm
    for reading in range(12):
        time_s = reading * every_s
        left = arc_ohm / ohm * exp(-time_s * whole_ohm / ohm / arc_s)
        flows_A = moved_V / whole_ohm * (1.0 + left) if reading else 0.0
        moved = moved_V if reading else 0.0
        scale.look(Reading(time_s, 0.4 + moved, times * flows_A), FULL_SCALE_A, 0.0, held=True)
    return list(scale.end(100.0, 1e-3))


@pytest.mark.parametrize("lowest_Hz", [0.01, 0.1, 1.0, 3.0, 10.0])
def test_an_arc_that_begins_below_the_spectrum_is_no_wrong_scale(lowest_Hz: float) -> None:
    doubted = [seed for seed in range(400) if seen_in_spectrum_and_step(seed, lowest_Hz)]
    assert doubted == []


@pytest.mark.parametrize("times", [0.1, 10.0])
def test_a_wrong_scale_is_seen_behind_a_spectrum_that_shows_all_arcs(times: float) -> None:
    """Many a cell is not judged, for its arcs take as long as the readings; no few are."""
    doubted = [seed for seed in range(400) if seen_in_spectrum_and_step(seed, 0.1, times)]
    assert len(doubted) > 150


def test_of_a_cell_whose_resistance_is_not_known_nothing_is_told() -> None:
    assert approached(AmmeterScale(None), 10.0) == []
    assert approached(known(capacity_C=1.0), 10.0, charge_C=0.05) == []
    capacitive = AmmeterScale(None)
    capacitive.spectrum([ImpedancePoint(0.0, 1.0, complex(OHM, -OHM), 0.01, 4)], 0.0)
    assert approached(capacitive, 10.0) == []


def test_a_set_current_shows_the_resistance_when_it_begins_and_when_it_ends() -> None:
    begun, ended = AmmeterScale(None), AmmeterScale(None)
    begun.stepped(1e-3 * OHM, 1e-3, 0.0)
    ended.set_current(1e-3, Moment(0.0, 0.0))
    ended.look(Reading(1.0, 0.5, 1e-3), FULL_SCALE_A, 0.0, held=False)
    assert list(ended.end(1.1, 1e-3)) == []
    ended.open(Reading(1.5, 0.5 - 1e-3 * OHM, 0.0), 1e-3)
    for scale in (begun, ended):
        assert approached(scale, 1.0) == []
        assert len(approached(scale, 10.0)) == 1


@pytest.mark.parametrize("times", [0.1, 10.0])
def test_the_charge_of_another_current_than_the_one_set_is_in_doubt(times: float) -> None:
    scale = AmmeterScale(None)
    scale.set_current(1e-3, Moment(5.0, 0.0))
    scale.look(Reading(6.0, 0.5, times * 1e-3), FULL_SCALE_A, 0.0, held=False)
    (doubt,) = scale.end(6.5, 1.5e-3 * times)
    assert doubt.uncertainty_C == pytest.approx(abs(times - 1.0) * 1.5e-3)
    assert list(scale.end(7.0, 1.0)) == []


RESTED = (
    "  - {name: down, kind: constant_current, current: -0.16 mA/cm2, until: {time: 600 s}}\n"
    "  - {name: rest, kind: rest, time: 60 s}\n"
    "  - {name: held, kind: constant_voltage, voltage: 0.385 V, current_limit: 1 mA/cm2, until: {time: 90 s}}\n"
)


@few("decades", [0, pytest.param(-1, marks=pytest.mark.long), -2], (0, 2))
def test_a_held_voltage_with_a_wrong_ammeter_is_told_with_its_uncertainty(
    tmp_path: Path, decades: int
) -> None:
    seen = run_with(
        tmp_path / "a.h5",
        half(RESTED),
        lambda faults: faults.shift_current("1287", decades),
        nth("segment", 3),
    )
    assert seen.result.completed
    off_C = abs(seen.of("edge")[-1].body.charge_C - seen.truth.charge_C)
    stated_C = sum(event.body.uncertainty_C for event in seen.of("gap"))
    assert (stated_C > 0.0) is (decades != 0)
    assert off_C <= 1.01 * stated_C + 1e-6


def test_a_current_that_is_read_ten_times_too_large_pauses_and_its_charge_is_in_doubt(tmp_path: Path) -> None:
    seen = run_with(
        tmp_path / "a.h5", half(RESTED), lambda faults: faults.shift_current("1287", 1), after_on(1, 10)
    )
    assert seen.of("alarm")[0].body.code == "current_not_reached"
    off_C = abs(seen.of("edge")[-1].body.charge_C - seen.truth.charge_C)
    assert 1e-4 < off_C <= sum(event.body.uncertainty_C for event in seen.of("gap")) + 1e-6
