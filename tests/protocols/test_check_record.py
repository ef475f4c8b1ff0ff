"""A record by itself: slips of the pen in its geometry and masses, each by its code."""

import pytest

from solbench.protocols import check, load_cell, load_protocol, parse_cell, shipped_cells
from solbench.protocols.cells import dump_cell
from solbench.protocols.check_record import check_record
from solbench.protocols.errors import BadInput
from solbench.protocols.plausible import Plausible


def codes(
    old: str = "", new: str = "", build: str = "half", cell: str = "nps", within: str = ""
) -> list[tuple[str, str]]:
    text = dump_cell(load_cell(cell))
    start = text.index(within or f"  {build}:\n")
    assert old in text[start:]
    record = parse_cell(text[:start] + text[start:].replace(old, new, 1), "c")
    found = check_record(record.builds[build], record.build(build), Plausible())
    return [(finding.code, finding.field.rsplit(".", 1)[-1]) for finding in found]


@pytest.mark.parametrize("cell", shipped_cells())
def test_nothing_is_found_in_what_ships(cell):
    for build in load_cell(cell).builds:
        assert codes(build=build, cell=cell) == []


AREA, TIN = ("cell.implausible", "area"), ("cell.unusual", "tin_mass")
DIAMETER, LOADING = ("cell.diameter", "diameter"), ("cell.implausible", "tin_mass")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("area: 0.785 cm2", "area: 0.785 cm2\n    diameter: 10 mm", []),
        ("area: 0.785 cm2", "area: 0.785 cm2\n    diameter: 5 mm", [DIAMETER]),
        ("area: 0.785 cm2", "area: 7.07 cm2\n    diameter: 3 cm", [TIN]),  # which confirms it
        ("area: 0.785 cm2", "area: 7.07 cm2\n    diameter: 30.6 mm", [DIAMETER, TIN]),
        ("area: 0.785 cm2", "area: 25 cm2", [("cell.unusual", "area"), TIN]),  # of a pouch
        ("area: 0.785 cm2", "area: 3.14 cm2\n    diameter: 10 mm", [DIAMETER, TIN]),
        ("area: 0.785 cm2", "area: 1.33 cm2\n    diameter: 13.1 mm", [DIAMETER]),
        ("area: 0.785 cm2", "area: 78.5 cm2", [AREA]),
        ("area: 0.785 cm2", "area: 0.785 mm2", [AREA, LOADING]),
        ("area: 0.785 cm2", "area: 7.85 cm2", [("cell.unusual", "area"), TIN]),
        ("thickness: 500 um", "thickness: 50 um", [("cell.unusual", "thickness")]),
        ("thickness: 500 um", "thickness: 5 mm", [("cell.unusual", "thickness")]),
        ("tin_mass: 1.366 mg", "tin_mass: 13.66 mg", [TIN]),
        ("tin_mass: 1.366 mg", "tin_mass: 0.1366 mg", [TIN]),
        ("tin_mass: 1.366 mg", "tin_mass: 6 mg", []),
    ],
)
def test_a_slip_is_named_where_it_is_written(old, new, found):
    assert codes(old, new) == found


def test_tin_in_excess_is_usual_where_both_electrodes_are_of_it():
    assert codes("tin_mass: 15.7 mg", "tin_mass: 18 mg", "symmetric") == []
    assert codes("tin_mass: 15.7 mg", "tin_mass: 25 mg", "symmetric") == [("cell.unusual", "tin_mass")]


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("activation_energy: 0.28 eV", []),
        ("activation_energy: 40 meV", []),
        ("activation_energy: 35 eV", [("cell.implausible", "activation_energy")]),
        ("activation_energy: 0.35 J", [("cell.implausible", "activation_energy")]),
        ("activation_energy: 0.35 meV", [("cell.implausible", "activation_energy")]),
        ("reference_temperature: 60 degC", []),
        ("reference_temperature: 25 K", [("cell.implausible", "reference_temperature")]),
        ("reference_temperature: 298 degC", [("cell.implausible", "reference_temperature")]),
    ],
)
def test_a_slip_in_what_leads_to_another_temperature_is_named(new, found):
    assert codes("electrolyte:", f"electrolyte:\n  {new}", within="electrolyte:") == found


@pytest.mark.parametrize("below_zero", ["0 K", "-300 degC"])
def test_no_temperature_is_below_absolute_zero(below_zero):
    with pytest.raises(BadInput, match=r"reference_temperature.*above zero"):
        codes("electrolyte:", f"electrolyte:\n  reference_temperature: {below_zero}", within="electrolyte:")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("thickness: 138 um", "thickness: 138 mm", "thickness"),
        ("thickness: 138 um", "thickness: 0.138 um", "thickness"),
        ("ionic_conductivity: 0.0627 mS/cm", "ionic_conductivity: 62.7 S/cm", "ionic_conductivity"),
    ],
)
def test_a_slip_in_the_second_layer_is_named(old, new, field):
    assert [
        found[1] for found in codes(old, new, within="catholyte:")
    ] == []  # of the half cell, which has none
    assert [found[1] for found in codes(old, new, "full", within="catholyte:")] == [field]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("cathode_mass: 4.71 mg", "cathode_mass: 7.9 mg", ["cell.per_gram"]),  # with electrolyte and carbon
        ("cathode_mass: 4.71 mg", "cathode_mass: 0.471 mg", ["cell.per_gram"]),
        ("cathode_mass: 4.71 mg", "cathode_mass: 6.1 mg", []),
        ("cathode_mass: 4.71 mg", "cathode_mass: 1.8 mg", []),
        (
            "nominal_capacity: 0.64 mAh/cm2",
            "nominal_capacity: 0.064 mAh/cm2",
            ["cell.excess_of_tin", "cell.per_gram"],
        ),
    ],
)
def test_a_mass_of_the_cathode_that_its_capacity_contradicts_is_named(old, new, found):
    """Capacities in mAh/g are told by it, and nothing measured contradicts it."""
    assert [code for code, _ in codes(old, new, "full")] == found


@pytest.mark.parametrize(
    ("electrode", "mass", "says"),
    [
        ("S", "0.31 mg", ""),  # 1621 mAh/g; sulphur has 1675
        ("sulphur composite", "0.45 mg", ""),
        ("SPAN", "0.8 mg", ""),
        ("FeS2 on aluminium", "0.58 mg", ""),
        ("Se", "0.8 mg", ""),
        ("FeF3", "0.8 mg", ""),
        ("CuO, conversion", "0.9 mg", ""),
        ("CuO", "0.9 mg", "as in 'S' or 'CuO, conversion'"),
        ("S", "0.2 mg", "; S holds 1700 at most"),
        ("S", "7.9 mg", "at least 80 are usual"),
        ("NaCrO2", "0.58 mg", "; a host of sodium holds 300 at most"),
        ("Na3V2(PO4)2F3", "0.58 mg", "holds 300 at most"),
        ("NVPF", "0.58 mg", "holds 300 at most"),
        ("LFP", "0.3 mg", "holds 300 at most"),
    ],
)
def test_what_a_cathode_holds_for_each_gram_depends_on_its_kind(electrode: str, mass: str, says: str) -> None:
    """Of sulphur with 1256 mAh/g it was said that its mass be too large, which makes such a value smaller."""
    text = dump_cell(load_cell("nps")).replace("cathode_mass: 4.71 mg", f"cathode_mass: {mass}")
    text = text.replace("positive_electrode: NaCrO2", f"positive_electrode: {electrode}")
    found = [
        one for one in check(load_protocol("full-cell"), parse_cell(text, "x.yaml")) if "per_gram" in one.code
    ]
    assert [says in str(one) for one in found] == [True] * bool(says)
    assert ["without electrolyte" in one.cure for one in found] == ["at least" in says] * bool(says)


@pytest.mark.parametrize(
    ("mass", "electrode", "found"),
    [
        ("96 mg", "NaCrO2", []),
        ("60 mg", "NVP", []),
        ("9.6 mg", "NaCrO2", [("cell.unusual", "area"), ("cell.per_gram", "cathode_mass")]),
        ("96 mg", "S", [("cell.unusual", "area")]),  # which may hold a tenth as well
    ],
)
def test_the_area_of_a_large_cell_is_confirmed_by_the_mass_of_its_cathode(mass, electrode, found):
    text = dump_cell(load_cell("nbh")).replace("cathode_mass: 4.71 mg", f"cathode_mass: {mass}")
    text = text.replace("tin_mass: 0.714 mg", "tin_mass: 14.5 mg")
    text = text.replace("positive_electrode: NaCrO2", f"positive_electrode: {electrode}")
    before, full, after = text.partition("\n  full:\n")
    record = parse_cell(before + full + after.replace("area: 0.785 cm2", "area: 16 cm2", 1), "x.yaml")
    told = list(check_record(record.builds["full"], record.build("full"), Plausible()))
    assert [(one.code, one.field.removeprefix("builds.full.")) for one in told] == found


@pytest.mark.parametrize(
    ("length", "is_usual"),
    [("5 mm", False), ("5 nm", False), ("0.5 mm", False), ("50 nm", True), ("20 um", True)],
)
def test_a_slip_in_the_way_of_diffusion_is_named(length, is_usual):
    """The coefficient goes with its square, and nothing measured contradicts it."""
    found = codes("diffusion_length: 5 um", f"diffusion_length: {length}", "half_hard_carbon")
    assert found == ([] if is_usual else [("cell.unusual", "diffusion_length")])
