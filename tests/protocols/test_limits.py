"""What a record lets expect, against numbers worked out by hand."""

import math

import pytest

from solbench.protocols import load_cell, parse_cell
from solbench.protocols.cells import dump_cell
from solbench.protocols.limits import electronic_ohm, expected_resistance
from solbench.protocols.tolerances import USUAL

KELVIN = 273.15


@pytest.mark.parametrize(("cell", "ohm"), [("nyzc", 1015.9), ("nps", 344.3), ("nbh", 35.39)])
def test_the_resistance_at_25_degC_is_that_of_the_geometry(cell, ohm):
    expected = expected_resistance(load_cell(cell).build("half"), 25 + KELVIN, USUAL)
    assert expected.ohm == pytest.approx(ohm, rel=1e-3)
    assert expected.doubt_ohm == pytest.approx((0.8 * ohm, 1.25 * ohm), rel=1e-3)
    assert expected.stop_ohm == pytest.approx((0.33 * ohm, 3.0 * ohm), rel=1e-3)


def test_a_kelvin_is_four_and_a_half_percent():
    build = load_cell("nps").build("half")
    one, other = (expected_resistance(build, t + KELVIN, USUAL).ohm for t in (25.0, 26.0))
    assert one / other == pytest.approx(1.046, abs=1e-3)


def test_an_activation_energy_of_the_record_counts():
    text = dump_cell(load_cell("nps")).replace(
        "electrolyte:\n", "electrolyte:\n  activation_energy: 0.20 eV\n", 1
    )
    build = parse_cell(text, "c").build("half")
    assert expected_resistance(build, 333.15, USUAL).ohm == pytest.approx(344.3 * 0.4417, rel=2e-3)


def test_the_less_is_known_the_wider_is_the_span():
    build = load_cell("nbh").build("pellet")
    widths = [
        math.log(found.doubt_ohm[1] / found.doubt_ohm[0])
        for found in (expected_resistance(build, t, USUAL) for t in (298.15, 310.0, 340.0, None))
    ]
    assert widths[0] < widths[1] < widths[2]
    assert widths[3] > widths[0]


def test_a_catholyte_is_in_series_and_a_full_cell_without_one_has_no_upper_bound():
    build = load_cell("nbh").build("full")
    expected = expected_resistance(build, 298.15, USUAL)
    assert expected.ohm == pytest.approx(35.4 + 280.4, rel=2e-3)  # 138 um at 0.0627 mS/cm
    assert expected.is_whole
    text = dump_cell(load_cell("nbh"))
    start = text.index("    catholyte:")
    record = parse_cell(text[:start] + text[text.index("  symmetric:") :], "c")
    assert not expected_resistance(record.build("full"), 298.15, USUAL).is_whole


@pytest.mark.parametrize(("build", "ohm"), [("dc_pristine", 6.369e7), ("dc_reduced", 6.369e5)])
def test_electrons_see_the_conductivity_of_what_the_build_says_it_is(build, ohm):
    low, high = electronic_ohm(load_cell("nps").build(build), 298.15, USUAL) or (0.0, 0.0)
    assert (low, high) == (pytest.approx(0.1 * ohm, rel=1e-3), pytest.approx(10.0 * ohm, rel=1e-3))


def test_electrons_may_follow_the_temperature_or_not():
    build = load_cell("nps").build("dc_pristine")
    (cold, hot) = (electronic_ohm(build, t, USUAL) or (0.0, 0.0) for t in (298.15, 333.15))
    assert hot[1] == cold[1]
    assert hot[0] == pytest.approx(cold[0] * 0.239, rel=1e-2)  # 0.35 eV over 35 K


def test_a_record_without_a_reduced_conductivity_lets_expect_none():
    text = dump_cell(load_cell("nps")).splitlines(keepends=True)
    record = parse_cell("".join(line for line in text if "electronic_conductivity_reduced" not in line), "c")
    assert electronic_ohm(record.build("dc_reduced"), 298.15, USUAL) is None
