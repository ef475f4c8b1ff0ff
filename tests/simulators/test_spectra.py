"""Spectra without the bus are those that the bench gives through it."""

from __future__ import annotations

import cmath
import statistics

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.cell import build_cell
from solbench.simulators.spectra import draw_spectrum
from solbench.simulators.units.unit import specimen
from tests.simulators.conftest import Desk

FREQUENCIES_HZ = (1e6, 1e5, 1e4, 1e3, 1e2, 10.0)
SILENT = {"noise_scale": 0.0, "ac_transient": False}
HALF = load_cell("nps").build("half").simulated_cell()
PELLET = load_cell("nyzc").build("pellet").simulated_cell()


def sodiated(cell):
    cell.advance_current(3600.0, -1.25e-4)
    cell.advance_current(7200.0, 0.0)
    return cell


def through_the_bus(unit, seed, resistor):
    """The pair's ratios times the standard resistor, as a program works it out."""
    desk = Desk(SimulatedBench(HALF, seed=seed, settings={"unit": unit, **SILENT}))
    sodiated(desk.bench.cell)
    desk.tell_fra("TT2")
    desk.pass_time(2.0)
    desk.tell("OT1", "BK3")
    desk.pass_time(0.5)
    desk.tell("PO0", "PI1", "SY0", "PB2", "ON1", f"RR{resistor}", "OL2", "BY1", "VX1", "IX1", "PW1")
    desk.tell_fra("OT1", "OP2,1", "SO1,2", "CV0", "IS0.2", "VA3")
    found = []
    for hertz in FREQUENCIES_HZ:
        desk.tell_fra(f"FR{hertz:.3E}")
        fields = desk.fra.query("SI").split(",")
        found.append(complex(float(fields[1]), float(fields[2])))
    return [one * desk.bench.settings.interface.resistors_ohm[resistor - 1] for one in found]


@pytest.mark.parametrize("unit", ["ideal", "typical", 7])
def test_a_drawn_spectrum_is_that_of_the_bench(unit):
    drawn = draw_spectrum(
        sodiated(build_cell(HALF)), FREQUENCIES_HZ, specimen({"unit": unit, **SILENT}), seed=3
    )
    measured = through_the_bus(unit, 3, drawn.resistor)
    for mine, theirs in zip(drawn.impedance_ohm, measured, strict=True):
        assert abs(abs(mine / theirs) - 1) < 1e-4  # its polarity is a matter of the program
        assert abs(cmath.phase((mine / theirs) ** 2)) < 2e-4


@pytest.mark.parametrize("unit", ["ideal", 4, 5])
@pytest.mark.parametrize("wiring", ["pair", "analyzer_alone"])
def test_without_lag_and_leads_only_errors_of_gain_are_left(unit, wiring):
    settings = specimen({"unit": unit, "wiring": wiring, **SILENT})
    cell = build_cell(PELLET)
    drawn = draw_spectrum(cell, FREQUENCIES_HZ, settings, seed=1)
    for found, true in zip(drawn.at_the_cell_ohm, drawn.true_ohm, strict=True):
        assert abs(found / true - 1) < 0.01
    assert drawn.true_ohm == tuple(cell.impedance(hertz) for hertz in FREQUENCIES_HZ)


def test_noise_is_that_of_the_instruments_and_its_own_in_each_spectrum():
    cell = sodiated(build_cell(HALF))
    silent = draw_spectrum(cell, [1e3], specimen(SILENT), seed=1).impedance_ohm[0]
    off = [
        abs(draw_spectrum(cell, [1e3], specimen({}), seed=1, number=n).impedance_ohm[0] / silent - 1)
        for n in range(300)
    ]
    of_reading = specimen({}).analyzer.noise_of_reading
    assert statistics.fmean(one**2 for one in off) ** 0.5 == pytest.approx(2**0.5 * of_reading, rel=0.25)
    assert len(set(off)) == len(off)


def test_drawing_leaves_the_cell_as_it_is():
    cell = sodiated(build_cell(HALF))
    before = cell.state()
    draw_spectrum(cell, FREQUENCIES_HZ, specimen({"unit": 2}))
    assert cell.state() == before
