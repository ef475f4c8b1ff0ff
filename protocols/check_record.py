"""Checks of a build's record by itself: what is a slip of the pen, and what is unusual."""

import math
import re

from solbench.protocols.cells import ELECTRONVOLT_J, Build, BuildRecord, CellRecord
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.plausible import Plausible

FORMULA = r"(?![A-Z]{3,}\b)([A-Z][a-z]?[0-9.]*)+"  # and no abbreviation, such as LFP or NVPF

CELL_VALUE = Rule(
    "cell.implausible", "error", "'{shown}' is implausible for these cells", "Check the unit", "cell"
)
CONDUCTIVITY = Rule(
    "cell.ionic_conductivity",
    "error",
    "{value_S_cm:g} S/cm is implausible for a solid electrolyte",
    "Check the unit",
    "cell",
)
PER_GRAM = Rule(
    "cell.per_gram",
    "warning",
    "the nominal capacity is {per_gram:.4g} mAh for each gram of the cathode_mass; {usual}",
    "{cure}",
    "cell",
)
LITTLE = "Write the mass of the active material alone, without electrolyte, carbon and foil, or correct the capacity"
MUCH = (
    "Check both for a slip of a factor of ten, and the area; of a cathode that converts say so in "
    "'positive_electrode', as in 'S' or 'CuO, conversion'"
)
BALANCE = Rule(
    "cell.balance",
    "warning",
    "the tin takes up {share:.2g} of the nominal capacity: sodium metal would be plated",
    "Use more tin (N/P above 1), or correct the masses",
    "cell",
)
EXCESS = Rule(
    "cell.excess_of_tin",
    "warning",
    "the tin takes up {share:.3g} times the nominal capacity",
    "Correct the mass of tin or the nominal capacity, if one of them is a slip",
    "cell",
)
DIAMETER = Rule(
    "cell.diameter",
    "error",
    "a diameter of '{diameter}' is an area of {area_cm2:.4g} cm2, but '{area}' is written",
    "Correct one of them: was a radius, or a value in mm2, taken for the other?",
    "cell",
)
OTHER_AREA = Rule(
    "cell.other_area",
    "warning",
    "'{area}' is {ratio} the area of the build '{other}'",
    "Correct one of them, if a radius was taken for a diameter",
    "cell",
)
UNUSUAL = Rule(
    "cell.unusual",
    "warning",
    "'{shown}' is outside the usual {low:g} to {high:g} {unit}",
    "Check the number and the unit; a slip changes every result by its factor{again}",
    "cell",
)


def check_record(written: BuildRecord, build: Build, plausible: Plausible) -> Findings:
    """Yield what is wrong or doubtful about the record of a build."""
    impossible = list(_check_record(written, build.name, plausible))
    yield from impossible
    yield from _check_diameter(written, build.name, plausible)
    if not impossible:
        yield from _check_usual(written, build, plausible)
    yield from _check_electrolyte(written, build, plausible)
    yield from _check_balance(build, plausible)
    yield from _check_cathode(build, plausible)


def _check_cathode(build: Build, plausible: Plausible) -> Findings:
    """Find a mass of the cathode that is hardly that of what takes up the sodium: mAh/g would be as wrong."""
    if not build.cathode_mass_kg or not build.nominal_capacity_C:
        return
    found = build.nominal_capacity_C / build.cathode_mass_kg
    low, high = plausible.usual_cathode_C_kg
    if converts(build.positive_electrode):
        high = plausible.conversion_cathode_C_kg
    if low <= found <= high:
        return
    usual, cure = f"at least {low / 3600.0:.0f} are usual", LITTLE
    if found > high:
        what = build.positive_electrode if converts(build.positive_electrode) else "a host of sodium"
        usual, cure = f"{what} holds {high / 3600.0:.0f} at most", MUCH
    yield PER_GRAM.at(f"builds.{build.name}.cathode_mass", per_gram=found / 3600.0, usual=usual, cure=cure)


def converts(electrode: str) -> bool:
    """Say whether a positive electrode, by its name or formula, is one of conversion: sulphur, a sulphide, a fluoride.

    These hold several times what a host of sodium does. A formula with oxygen is that of a host.

    >>> converts("S"), converts("FeS2 composite"), converts("sulfurized PAN"), converts("NaCrO2"), converts("NVPF")
    (True, True, True, False, False)
    """
    if re.search(r"sul(ph|f)ur|sul(ph|f)ide|seleni|fluoride|conversion|\bSPAN\b", electrode, re.IGNORECASE):
        return True
    formulas = [word for word in re.findall(r"[A-Za-z0-9.]+", electrode) if re.fullmatch(FORMULA, word)]
    elements = [re.findall(r"[A-Z][a-z]?", word) for word in formulas]
    return any("O" not in each and {"S", "Se", "F"} & set(each) for each in elements)


def _check_diameter(written: BuildRecord, name: str, plausible: Plausible) -> Findings:
    """Find a diameter that is not that of the area."""
    if written.diameter is None:
        return
    area_m2 = math.pi / 4.0 * written.diameter.value**2
    if abs(area_m2 / written.area.value - 1.0) > plausible.diameter_agrees:
        shown = {"diameter": str(written.diameter), "area": str(written.area)}
        yield DIAMETER.at(f"builds.{name}.diameter", area_cm2=area_m2 * 1e4, **shown)


def check_areas(record: CellRecord, name: str, plausible: Plausible) -> Findings:
    """Find an area in which a radius was taken for a diameter, or the reverse, beside the other builds of a record."""
    area = record.builds[name].area
    for other, build in record.builds.items():
        for ratio, words in ((4.0, "four times"), (0.25, "a quarter of")):
            if abs(area.value / build.area.value / ratio - 1.0) <= plausible.diameter_agrees:
                yield OTHER_AREA.at(f"builds.{name}.area", area=str(area), ratio=words, other=other)
                return


def _check_usual(written: BuildRecord, build: Build, plausible: Plausible) -> Findings:
    """Find what is possible, but more likely a slip of a factor of ten."""
    area_m2 = written.area.value
    thickness = written.thickness
    values = [("thickness", str(thickness), thickness.value, plausible.usual_thickness_m, 1e3, "mm")]
    if written.diameter is None and not _mass_confirms_area(written, build, plausible):
        values.insert(0, ("area", str(written.area), area_m2, plausible.usual_area_m2, 1e4, "cm2"))
    if written.diffusion_length is not None:
        length, usual_m = written.diffusion_length, plausible.usual_diffusion_length_m
        values.append(("diffusion_length", str(length), length.value, usual_m, 1e6, "um"))
    if written.tin_mass is not None:
        low, high = plausible.usual_tin_loading_kg_m2
        high = high if build.filling else plausible.usual_tin_in_excess_kg_m2
        shown = f"{written.tin_mass} on {written.area}"
        values.append(("tin_mass", shown, written.tin_mass.value / area_m2, (low, high), 100.0, "mg/cm2"))
    for field, shown, value, (low, high), scale, unit in values:
        if not low <= value <= high:
            span = {"low": low * scale, "high": high * scale}
            again = ". A 'diameter' that agrees confirms it" if field == "area" else ""
            yield UNUSUAL.at(f"builds.{build.name}.{field}", shown=shown, unit=unit, again=again, **span)


def _mass_confirms_area(written: BuildRecord, build: Build, plausible: Plausible) -> bool:
    """Say whether a capacity by area is the usual one of the cathode's mass: ten times the area would not be."""
    nominal, mass_kg = written.nominal_capacity, build.cathode_mass_kg
    if (
        nominal is None
        or nominal.kind != "areal capacity"
        or not mass_kg
        or converts(build.positive_electrode)
    ):
        return False
    low, high = plausible.usual_cathode_C_kg
    return low <= nominal.value * build.area_m2 / mass_kg <= high


def _check_record(written: BuildRecord, name: str, plausible: Plausible) -> Findings:
    values = [
        ("area", written.area.value, str(written.area), plausible.area_m2),
        ("thickness", written.thickness.value, str(written.thickness), plausible.thickness_m),
    ]
    for field, mass, loadings in (
        ("tin_mass", written.tin_mass, plausible.tin_loading_kg_m2),
        ("cathode_mass", written.cathode_mass, plausible.cathode_loading_kg_m2),
    ):
        if mass:
            shown = f"{mass} on {written.area}"
            values.append((field, mass.value / written.area.value, shown, loadings))
    if written.catholyte:
        thickness = written.catholyte.thickness
        values.append(("catholyte.thickness", thickness.value, str(thickness), plausible.thickness_m))
    for field, value, shown, (low, high) in values:
        if not low <= value <= high:
            yield CELL_VALUE.at(f"builds.{name}.{field}", shown=shown)


def _check_electrolyte(written: BuildRecord, build: Build, plausible: Plausible) -> Findings:
    """Find what would lead to a quite different resistance, here or at another temperature."""
    conductivities = [("electrolyte", build.ionic_conductivity_S_m)]
    if written.catholyte:
        where = f"builds.{build.name}.catholyte"
        conductivities.append((where, written.catholyte.ionic_conductivity.value))
    low, high = plausible.ionic_conductivity_S_m
    for layer, value_S_m in conductivities:
        if not low <= value_S_m <= high:
            yield CONDUCTIVITY.at(f"{layer}.ionic_conductivity", value_S_cm=value_S_m / 100)
    energy_eV, reference_K = build.activation_energy_J / ELECTRONVOLT_J, build.reference_temperature_K
    for field, value, shown, (low, high) in (
        ("activation_energy", energy_eV, f"{energy_eV:.4g} eV", plausible.activation_energy_eV),
        ("reference_temperature", reference_K, f"{reference_K:.4g} K", plausible.temperature_K),
    ):
        if not low <= value <= high:
            yield CELL_VALUE.at(f"electrolyte.{field}", shown=shown)


def _check_balance(build: Build, plausible: Plausible) -> Findings:
    tin_C, nominal_C = build.theoretical_capacity_C, build.nominal_capacity_C
    if build.kind != "full" or not tin_C or not nominal_C:
        return
    share = tin_C / nominal_C
    if share < 1.0:
        yield BALANCE.at(f"builds.{build.name}.nominal_capacity", share=share)
    elif share > plausible.usual_tin_over_nominal:
        yield EXCESS.at(f"builds.{build.name}.tin_mass", share=share)
