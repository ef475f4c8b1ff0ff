import math

import pytest

from solbench.protocols import load_cell
from solbench.protocols.conditions import Conditions
from solbench.protocols.corrections.changes import Described, applied, changed, fields_of, read_settings
from solbench.protocols.errors import BadInput

CONDITIONS = Conditions.model_validate({"temperature": "unknown", "stack_pressure": "75 MPa"})


def described(cell="nbh", build="half"):
    return Described(load_cell(cell), build, CONDITIONS)


def after(*settings, cell="nbh", build="half"):
    now = described(cell, build)
    return changed(now, read_settings(now, settings))


def test_a_mass_is_that_of_the_only_active_material():
    found = after("mass=1.52 mg")
    assert [change[0] for change in found.changes] == ["tin_mass"]
    assert found.described.record.build("half").tin_mass_kg == pytest.approx(1.52e-6)
    with pytest.raises(BadInput, match="tin_mass or cathode_mass"):
        after("mass=2 mg", build="full")


def test_fields_are_found_with_their_places_and_without():
    for path in ("temperature", "conditions.temperature"):
        assert after(f"{path}=30 degC").described.conditions.temperature_K == pytest.approx(303.15)
    for path in ("thickness", "build.thickness", "builds.half.thickness"):
        assert after(f"{path}=520 um").described.written.thickness.value == pytest.approx(520e-6)
    assert after("electrolyte.ionic_conductivity=2 mS/cm").changes[0][0] == "ionic_conductivity"
    assert after("cell=other").described.record.name == "other"
    assert after("cell_id=007").described.conditions.cell_id == "007"
    assert after("reduced=true", build="dc_pristine").described.written.reduced


@pytest.mark.parametrize(("diameter_mm", "build"), [(9.3, "half"), (11.0, "pellet")])
def test_a_diameter_sets_the_area(diameter_mm, build):
    area_m2 = after(f"diameter={diameter_mm} mm", build=build).described.record.build(build).area_m2
    assert area_m2 == pytest.approx(math.pi * (diameter_mm * 1e-3) ** 2 / 4, rel=1e-9)


def test_a_value_with_its_error_sets_both_fields():
    build = after("thickness=520 +- 5 um").described.record.build("half")
    assert (build.thickness_m, build.thickness_uncertainty_m) == pytest.approx((520e-6, 5e-6))


def test_changes_are_made_again_and_taken_back():
    now = described()
    found = after("diameter=10.4 mm", "mass=1.6 mg", "temperature=40 degC")
    assert applied(now, [(name, value) for name, _, value in found.changes]) == found.described
    back = applied(found.described, [(name, value) for name, value, _ in found.changes])
    assert fields_of(back) == fields_of(now)
    assert back.record.build("half") == now.record.build("half")


def test_another_build_of_the_record_is_chosen():
    found = after("build=dc_reduced", cell="nps", build="dc_pristine")
    assert found.changes == (("build", "dc_pristine", "dc_reduced"),)
    assert found.described.written.reduced


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("thicknes=5 um", "thickness"),
        ("thickness=5", "has no unit"),
        ("thickness=5 V", "not a length"),
        ("thickness=50 mm", "implausible"),
        ("voltage_window=[0 V, 1 V]", "limit of the run"),
        ("thickness", "FIELD=VALUE"),
        ("area=null", "missing"),
        ("build=fulll", "has no build"),
    ],
)
def test_what_cannot_be_right_is_refused(setting, message):
    with pytest.raises(BadInput, match=message):
        after(setting)


def test_what_is_unusual_is_said():
    assert "outside the usual" in after("thickness=5 mm", build="pellet").doubts[0]
