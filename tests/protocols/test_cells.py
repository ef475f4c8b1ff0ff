from pathlib import Path

import pytest

from solbench.protocols import BadInput, CellRecord, dump_cell, load_cell, parse_cell, shipped_cells
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.limits import Safety, limits_for
from solbench.protocols.quantities.quantity import C_RATE, Quantity

OWN = """\
name: ours
electrolyte: {formula: Na3SbS4, ionic_conductivity: "1,1 mS/cm", electronic_conductivity: 2e-9 S/cm}
builds:
  half:
    kind: half
    area: 0.785 cm2
    thickness: 400 um
    thickness_uncertainty: 10 um
    diameter_uncertainty: 0.05 mm
    tin_mass: 1.2 mg
    live: true
    positive_electrode: Sn
    voltage_window: [-5.0 V, 2.5 V]
    start_window: [-0.2 V, 2.5 V]
    current_max: 10 mA
simulation:
  interphase: {layer_charge: 0.152 mAh/cm2, capacitance: 30 nF/cm2, exponent: 0.8}
"""


def test_three_records_are_shipped() -> None:
    assert shipped_cells() == ["nbh", "nps", "nyzc"]


@pytest.mark.parametrize(
    ("name", "ionic_S_m", "resistance_ohm"),
    [("nyzc", 6.27e-3, 1015.3), ("nps", 0.0185, 344.1), ("nbh", 0.18, 35.4)],
)
def test_conductivities_and_pellet_resistances_of_the_paper(
    name: str, ionic_S_m: float, resistance_ohm: float
) -> None:
    build = load_cell(name).build("pellet")
    assert build.ionic_conductivity_S_m == pytest.approx(ionic_S_m, rel=1e-12)
    resistance = build.thickness_m / (build.ionic_conductivity_S_m * build.area_m2)
    assert resistance == pytest.approx(resistance_ohm, rel=2e-3)


@pytest.mark.parametrize(("name", "ratio"), [("nyzc", 1000), ("nps", 100)])
def test_reduction_raises_the_electronic_conductivity(name: str, ratio: float) -> None:
    electrolyte = load_cell(name).build("dc_reduced")
    assert electrolyte.reduced
    assert electrolyte.electronic_conductivity_reduced_S_m == pytest.approx(
        ratio * electrolyte.electronic_conductivity_S_m
    )


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_half_cells_hold_1_4_mAh_cm2_at_95_percent(name: str) -> None:
    build = load_cell(name).build("half")
    assert build.theoretical_capacity_C is not None
    areal_mAh_cm2 = 0.95 * build.theoretical_capacity_C / 3.6 / (build.area_m2 * 1e4)
    assert areal_mAh_cm2 == pytest.approx(1.400, rel=1e-3)
    assert build.theoretical_capacity_C == pytest.approx(1.366e-3 * 0.847 * 3600)
    assert build.live
    assert build.voltage_window_V == (-5.0, 2.5)
    assert build.start_window_V == (-0.2, 2.5)


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_pellets_have_no_tin_and_no_emf(name: str) -> None:
    build = load_cell(name).build("pellet")
    assert build.tin_mass_kg is None
    assert build.theoretical_capacity_C is None
    assert not build.live
    assert build.start_window_V == (-0.05, 0.05)


def test_a_missing_build_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInput) as caught:
        load_cell("nbh").build("dc_reduced")
    assert str(caught.value) == (
        "field build: the cell record 'nbh' has no build 'dc_reduced'. "
        "There are: dc_pristine, full, half, pellet, symmetric."
    )


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_shipped_records_survive_being_written_and_read(name: str) -> None:
    record = load_cell(name)
    assert parse_cell(dump_cell(record), "copy.yaml") == record
    assert parse_cell(dump_cell(record, as_json=True), "copy.json") == record
    assert "thickness: 500 um" in dump_cell(record)


def test_a_record_of_ones_own_is_a_file_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(OWN, encoding="utf-8")
    record = load_cell(path)
    assert record.build("half").ionic_conductivity_S_m == pytest.approx(0.11)
    assert "1,1 mS/cm" in dump_cell(record)
    assert parse_cell(dump_cell(record), "again") == record


def test_a_simulated_cell_is_plain_numbers_in_si() -> None:
    described = parse_cell(OWN, "ours").build("half").simulated_cell(temperature_K=298.15)
    assert described["kind"] == "half"
    assert described["reduced"] is False
    assert described["temperature_K"] == 298.15
    assert described["geometry"] == pytest.approx(
        {"area_m2": 0.785e-4, "thickness_m": 4e-4, "tin_mass_kg": 1.2e-6}
    )
    assert described["electrolyte"] == pytest.approx(
        {"ionic_conductivity_S_m": 0.11, "electronic_conductivity_S_m": 2e-7}
    )
    interphase = {"layer_charge": 5472.0, "capacitance": 3e-4, "exponent": 0.8}
    assert described["simulation"]["interphase"] == pytest.approx(interphase)


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_shipped_blocks_for_simulation_become_numbers(name: str) -> None:
    found = leaves(load_cell(name).build("half").simulated_cell()["simulation"])
    assert len(found) > 10
    assert all(isinstance(leaf, (int, float)) for leaf in found)


def test_pellets_describe_no_tin_and_unknown_temperature() -> None:
    described = load_cell("nps").build("dc_reduced").simulated_cell()
    assert set(described["geometry"]) == {"area_m2", "thickness_m"}
    assert described["temperature_K"] is None
    assert (described["kind"], described["reduced"]) == ("dc", True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    area: 0.785 cm2\n", "", "field builds.half.area: this field is missing and has no default"),
        ("    thickness: 400 um\n", "", "field builds.half.thickness: this field is missing"),
        ("    live: true\n", "", "field builds.half.live: this field is missing"),
        ("    positive_electrode: Sn\n", "", "field builds.half.positive_electrode: this field is missing"),
        ("area: 0.785 cm2", "area: 0.785", "field builds.half.area: '0.785' has no unit"),
        ("area: 0.785 cm2", "area: 1 cm", "field builds.half.area: '1 cm' is a length, not an area"),
        ("live: true", "live: 1", "field builds.half.live: 1 is not true or false"),
        ("tin_mass", "tin_mas", "Did you mean 'tin_mass'?"),
        (
            "kind: half",
            "kind: hal",
            "field builds.half.kind: 'hal' is not a value that this field accepts. Write 'half', 'full'",
        ),
        ("[-5.0 V, 2.5 V]", "[2.5 V, -5.0 V]", "field builds.half.voltage_window: 2.5 V is not below -5.0 V"),
        ("[-5.0 V, 2.5 V]", "[-5.0 V]", "field builds.half.voltage_window"),
        (
            "30 nF/cm2",
            "30 nX/cm2",
            "field simulation.interphase.capacitance: '30 nX/cm2' has the unknown unit",
        ),
        ("exponent: 0.8", "exponent: .nan", "field simulation.interphase.exponent: nan is not a number"),
        ("1,1 mS/cm", "1,100 mS/cm", "field electrolyte.ionic_conductivity: '1,100 mS/cm' can be read"),
    ],
)
def test_bad_records_are_explained(old: str, new: str, says: str) -> None:
    assert old in OWN
    with pytest.raises(BadInput) as caught:
        parse_cell(OWN.replace(old, new), "ours.yaml")
    assert str(caught.value).startswith("ours.yaml, field ")
    assert says in str(caught.value)


def test_a_misspelt_name_of_a_record_is_explained() -> None:
    with pytest.raises(BadInput, match=r"there is no cell record 'nzyc'\. Did you mean 'nyzc'"):
        load_cell("nzyc")


def test_a_record_without_builds_is_refused() -> None:
    with pytest.raises(BadInput, match="field builds: this is empty"):
        parse_cell(OWN.split("builds:")[0] + "builds: {}\n", "ours.yaml")


def test_a_protocols_safety_limits_replace_those_of_the_build() -> None:
    build = load_cell("nps").build("half")
    assert limits_for(None, build).voltage_max_V == 2.5
    written = Safety.model_validate({"voltage_max": "2.2 V", "current_max": "1 mA"})
    limits = limits_for(written, build)
    assert (limits.voltage_min_V, limits.voltage_max_V, limits.current_max_A) == (-5.0, 2.2, 1e-3)


def test_records_describe_themselves_to_other_programs() -> None:
    assert "builds" in CellRecord.model_json_schema()["properties"]


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_the_full_cell_is_that_of_the_paper(name: str) -> None:
    """6.0 mg NaCrO2/cm2 and N/P 1.2 at 0.64 mAh/cm2, 107 mAh/g (Deysher et al. 2022)."""
    full = load_cell(name).build("full")
    area_cm2 = full.area_m2 * 1e4
    assert full.cathode_mass_kg is not None
    assert full.tin_mass_kg is not None
    assert full.nominal_capacity_C is not None
    assert full.theoretical_capacity_C is not None
    assert full.cathode_mass_kg * 1e6 / area_cm2 == pytest.approx(6.0, rel=1e-3)
    assert full.tin_mass_kg * 1e6 / area_cm2 == pytest.approx(0.91, rel=2e-3)
    assert full.theoretical_capacity_C / full.nominal_capacity_C == pytest.approx(1.2, rel=5e-3)
    assert full.nominal_capacity_C / 3.6 / (full.cathode_mass_kg * 1e3) == pytest.approx(107, rel=5e-3)
    assert full.start_window_V == (-0.3, 3.4)
    assert full.live
    assert not load_cell(name).build("symmetric").live


def test_rates_and_percentages_of_a_full_cell_refer_to_its_nominal_capacity() -> None:
    full = load_cell("nbh").build("full")
    area_cm2 = full.area_m2 * 1e4
    assert amperes(Quantity("C/10", 0.1 / 3600, C_RATE), full) == pytest.approx(
        0.064e-3 * area_cm2, rel=1e-12
    )
    percent = Quantity("50 %", 0.5, "fraction")
    assert coulombs(percent, full) == pytest.approx(0.32 * 3.6 * area_cm2, rel=1e-12)
    per_mass = Quantity("107 mAh/g", 107 * 3600.0, "specific capacity")
    assert coulombs(per_mass, full) == pytest.approx(0.642 * 3.6 * area_cm2, rel=2e-3)


def test_a_nominal_capacity_may_be_written_per_area_or_whole() -> None:
    text = dump_cell(load_cell("nbh"))
    whole = parse_cell(text.replace("0.64 mAh/cm2", "0.5024 mAh"), "ours.yaml").build("full")
    assert whole.nominal_capacity_C == pytest.approx(load_cell("nbh").build("full").nominal_capacity_C)
    with pytest.raises(BadInput, match="nominal_capacity: '90 %' is a fraction"):
        parse_cell(text.replace("0.64 mAh/cm2", "90 %"), "ours.yaml")


def test_another_working_electrode_has_its_own_mass_and_capacity() -> None:
    carbon = load_cell("nps").build("half_hard_carbon")
    assert (carbon.tin_mass_kg, carbon.electrode_mass_kg) == (None, pytest.approx(2.5e-6))
    assert carbon.theoretical_capacity_C == pytest.approx(2.5e-3 * 300 * 3.6)
    assert carbon.active_mass_kg == carbon.electrode_mass_kg
    assert carbon.filling == -1
    described = carbon.simulated_cell()
    assert described["electrodes"] == {"working": "hard carbon", "counter": "Na"}
    assert described["geometry"]["electrode_mass_kg"] == pytest.approx(2.5e-6)


def test_what_an_old_record_does_not_say_is_not_in_the_description_of_its_cell() -> None:
    """A stored world knows its cell by this description."""
    assert {"electrodes", "state_of_charge"}.isdisjoint(load_cell("nps").build("half").simulated_cell())
    assert load_cell("nps").build("half_sodiated").simulated_cell()["state_of_charge"] == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (
            "kind: half\n    electrodes: {working: Sb}",
            "'tin_mass' is written, and the working electrode is Sb",
        ),
        ("kind: half\n    electrode_mass: 1 mg", "'electrode_mass' is written"),
        ("kind: half\n    electrodes: {working: Pb}", "electrodes.working: 'Pb' is not a value"),
        ("kind: half\n    electrodes: {counter: K}", "electrodes.counter: 'K' is not a value"),
        ("kind: symmetric\n    electrodes: {counter: Na}", "'electrodes' is written"),
        ("kind: half\n    state_of_charge: 120 %", "'state_of_charge' is 120 %"),
        ("kind: full\n    state_of_charge: 20 %", "'state_of_charge' is 20 %"),
        ("kind: half\n    relative_density: 118 %", "'relative_density' is 118 %"),
        ("kind: half\n    relative_density: 0.9 %", "'relative_density' is 0.9 %"),
    ],
)
def test_electrodes_that_do_not_fit_are_explained(new: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_cell(OWN.replace("kind: half", new), "ours.yaml")
    assert says in str(caught.value)


@pytest.mark.parametrize("kind", ["pellet", "dc", "hebb_wagner"])
def test_electrodes_that_block_ions_are_known_as_such(kind: str) -> None:
    build = load_cell("nps").build({"dc": "dc_pristine"}.get(kind, kind))
    assert build.is_blocking
    assert not load_cell("nps").build("metal").is_blocking


@pytest.mark.parametrize("name", ["nps", "nbh", "nyzc"])
def test_no_shipped_half_cell_may_rest_below_sodium(name):
    """What rests lower has sodium metal on it, or another counter electrode than that of the record."""
    for build in load_cell(name).builds.values():
        if build.kind == "half":
            below_V = build.tolerances.plating.value + build.reference.potential.value
            assert below_V == pytest.approx(-0.02, abs=1e-9)


@pytest.mark.parametrize(
    ("more", "window_V"),
    [
        ("reference: {electrode: Na, potential: 0 V}", (-0.02, 0.15)),
        ("reference: {electrode: Na9Sn4, potential: 0.16 V, uncertainty: 10 mV}", (-0.19, 0.0)),
        ("reference: {electrode: ours, potential: -0.1 V}", (0.08, 0.25)),
        ("reference: {electrode: ours, potential: -0.1 V}\n    sodiated_window: [0 V, 0.3 V]", (0.0, 0.3)),
        ("reference: {electrode: ours}", None),  # nobody knows against what
        ("reference: {electrode: Li-In, potential: 0.62 V}\n    electrodes: {counter: Li-In}", None),
        ("electrodes: {counter: Na}", None),
    ],
)
def test_where_a_full_electrode_rests_follows_from_what_it_is_measured_against(more, window_V) -> None:
    build = parse_cell(OWN.replace("kind: half", f"kind: half\n    {more}"), "ours.yaml").build("half")
    assert build.sodiated_window_V == (pytest.approx(window_V) if window_V else None)


def test_other_full_electrodes_rest_elsewhere() -> None:
    record = load_cell("nps")
    assert record.build("half_antimony").sodiated_window_V == (0.32, 0.50)
    assert record.build("half_hard_carbon").sodiated_window_V == (-0.02, 0.15)
    half_cells = {name for name, one in record.builds.items() if one.kind == "half"}
    assert {name for name in record.builds if record.build(name).sodiated_window_V} == half_cells | {"full"}
