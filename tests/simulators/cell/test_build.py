import copy

import pytest

from solbench.simulators.cell import DescriptionError, build_cell


def without(description, path):
    block = description
    *parents, key = path.split(".")
    for parent in parents:
        block = block[parent]
    del block[key]
    return description


def changed(description, path, value):
    block = description
    *parents, key = path.split(".")
    for parent in parents:
        block = block[parent]
    block[key] = value
    return description


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("geometry", "cell.geometry"),
        ("geometry.area_m2", "geometry.area_m2"),
        ("geometry.tin_mass_kg", "geometry.tin_mass_kg"),
        ("electrolyte.ionic_conductivity_S_m", "electrolyte.ionic_conductivity_S_m"),
        ("simulation", "cell.simulation"),
        ("simulation.inductance", "simulation.inductance"),
        ("simulation.tin", "simulation.tin"),
        ("simulation.tail", "simulation.tail"),
        ("simulation.tin.charge_transfer_resistance", "simulation.tin.charge_transfer_resistance"),
        ("simulation.interphase.growth.layer_charge", "simulation.interphase.growth.layer_charge"),
        ("simulation.electrolyte.activation_energy", "simulation.electrolyte.activation_energy"),
    ],
)
def test_missing_key_is_named_with_the_cure(bench, path, key):
    with pytest.raises(DescriptionError, match=r"is missing; (add|a half cell needs)") as caught:
        build_cell(without(bench.description("nps"), path))
    assert caught.value.key == key
    assert str(caught.value).startswith(f"{key} is missing")


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("simulation.tin.trapped_fractoin", "did you mean trapped_fraction?"),
        ("simulation.interfase", "did you mean interphase?"),
        ("simulation.electrolyte.colour", "known here: activation_energy"),
        ("electrolyte.ionic_conductivity", "did you mean ionic_conductivity_S_m?"),
        ("speed", "known here: kind"),
    ],
)
def test_unknown_key_is_refused_with_what_is_known(bench, path, cure):
    with pytest.raises(DescriptionError) as caught:
        build_cell(changed(bench.description("nps"), path, 1.0))
    assert "is not known" in str(caught.value)
    assert cure in str(caught.value)
    assert caught.value.key.endswith(path)


@pytest.mark.parametrize("value", ["25 Ohms", True, float("nan"), float("inf"), [25.0]])
def test_what_is_no_number_is_refused_with_an_example(bench, value):
    with pytest.raises(DescriptionError, match="no number; give a value such as 25 ohm"):
        build_cell(changed(bench.description("nps"), "simulation.tin.charge_transfer_resistance", value))


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("simulation.tin.charge_transfer_resistance", 0.0, "above 0"),
        ("simulation.tin.trapped_fraction", -0.1, "0 or more"),
        ("simulation.interphase.exponent", 1.2, "1 or less"),
        ("geometry.area_m2", -1.0, "above 0"),
        ("temperature_K", -3.0, "above 0 K"),
        ("simulation.interphase.growth.deal_grove_B", 1e5, "choose B below A"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_the_rule(bench, path, value, rule):
    with pytest.raises(DescriptionError, match=rule):
        build_cell(changed(bench.description("nps"), path, value))


@pytest.mark.parametrize(
    ("block", "problem"), [("ten", "is no list"), ([3.0], r"tail\[0\] is 3.0 and no block")]
)
def test_a_tail_that_is_no_list_of_elements_is_refused(bench, block, problem):
    with pytest.raises(DescriptionError, match=problem):
        build_cell(changed(bench.description("nps"), "simulation.tail", block))


@pytest.mark.parametrize("kind", ["whole", None, ["half"]])
def test_an_unknown_kind_lists_the_kinds(bench, kind):
    with pytest.raises(DescriptionError, match="simulated cells are: half, pellet, dc"):
        build_cell(changed(bench.description("nps"), "kind", kind))


def test_a_reduced_cell_needs_its_electronic_conductivity(bench):
    description = changed(bench.description("nbh", "dc_pristine"), "reduced", True)
    with pytest.raises(DescriptionError, match="electronic_conductivity_reduced_S_m is missing"):
        build_cell(description)


def test_a_pellet_needs_neither_tin_nor_interphase(bench):
    description = bench.description("nps", "pellet")
    for key in ("tin", "interphase", "tail"):
        without(description, f"simulation.{key}")
    assert build_cell(description).electrolyte_resistance_ohm == pytest.approx(344, rel=2e-3)


def test_building_leaves_the_description_as_it_was(bench):
    description = bench.description("nyzc")
    before = copy.deepcopy(description)
    build_cell(description)
    assert description == before


@pytest.mark.long
def test_the_seed_chooses_a_pellet_only_where_the_record_gives_a_spread(bench):
    description = bench.description("nps")
    assert len({build_cell(description, seed).electrolyte_resistance_ohm for seed in range(5)}) == 1
    changed(description, "simulation.electrolyte.thickness_spread", 0.02)
    resistances = [build_cell(description, seed).electrolyte_resistance_ohm for seed in range(200)]
    assert resistances[7] == build_cell(description, 7).electrolyte_resistance_ohm
    mean = sum(resistances) / 200
    spread = (sum((r - mean) ** 2 for r in resistances) / 199) ** 0.5
    assert mean == pytest.approx(344.3, rel=0.006)
    assert spread == pytest.approx(0.02 * 344.3, rel=0.2)


def test_an_electrolyte_of_ones_own_needs_only_numbers(bench):
    description = bench.still("nps")
    description["electrolyte"]["ionic_conductivity_S_m"] = 0.05
    growth = description["simulation"]["interphase"]["growth"]
    growth.update(deal_grove_A=36000.0, deal_grove_B=3600.0, layer_resistance=120.0)
    cell = build_cell(description)
    cell.advance_current(31500.0, -0.16e-3 * 0.785)
    reduced_C_m2 = cell.reduced_C / 0.785e-4
    assert reduced_C_m2**2 + 36000 * reduced_C_m2 == pytest.approx(3600 * 1.4 * 36000, rel=1e-9)
    assert cell.interface_resistance_ohm == pytest.approx(120 * reduced_C_m2 / growth["layer_charge"])
    assert cell.electrolyte_resistance_ohm == pytest.approx(127.4, rel=1e-3)
