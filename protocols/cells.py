"""Cell records: an electrolyte and the cells that are built with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, ValidationError, field_validator, model_validator

from solbench.protocols import files
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.model import Model, Text, bad_input, meant
from solbench.protocols.quantities.by_name import to_si
from solbench.protocols.quantities.quantity import (
    Area,
    Conductivity,
    Energy,
    Fraction,
    Length,
    Mass,
    NominalCapacity,
    PlainCurrent,
    Quantity,
    Temperature,
    Voltage,
)
from solbench.protocols.tolerances import USUAL, Tolerances

TIN_CAPACITY_C_KG = 847.0 * 3600.0
"""Theoretical capacity of Sn (3.75 Na per Sn), 847 mAh/g (Deysher et al. 2022)."""

CAPACITIES_C_KG: Mapping[str, float] = {
    "Sn": TIN_CAPACITY_C_KG,
    "Sb": 660.0 * 3600.0,  # 3 Na per Sb
    "hard carbon": 300.0 * 3600.0,  # what hard carbons hold; there is no theory of it
}
"""Capacity of the electrodes that are filled, C/kg."""

FULL = 0.945
"""Share of that capacity from which on such an electrode counts as full."""

FULL_AT_V: Mapping[str, tuple[float, float]] = {
    "Sn": (-0.02, 0.15),  # Na15Sn4 beside Na9Sn4 or sodium (Yamamoto et al. 2013)
    "Sb": (0.32, 0.50),  # Na3Sb beside NaSb
    "hard carbon": (-0.02, 0.15),  # pores that fill
}
"""Where they rest when they are full, V against Na/Na+, with hysteresis and what has not relaxed after some minutes."""

Window = Annotated[tuple[Voltage, Voltage], Field()]
CellKind = Literal["half", "full", "symmetric", "pellet", "dc", "metal", "composite", "hebb_wagner"]
SYMMETRIC_KINDS = ("symmetric", "metal")
"""Kinds of builds with two electrodes of the same kind: neither direction of the current is a charge."""
FILLED_KINDS = ("half", "full")
"""What goes into these comes out of them again: their cycles have a Coulombic efficiency."""

WorkingElectrode = Literal["Sn", "Sb", "hard carbon"]
Reversible = Literal["Na9Sn4", "Na", "Na3Sb", "Li-In"]
CellState = Literal["fresh", "sodiated", "used"]
BOLTZMANN_J_K = 1.380649e-23
ELECTRONVOLT_J = 1.602176634e-19
ACTIVATION_ENERGY_J = (
    0.35 * ELECTRONVOLT_J
)  # usual for sodium electrolytes: 4.6 % of the conductivity a kelvin
REFERENCE_TEMPERATURE_K = 298.15


class Electrolyte(Model):
    """The solid electrolyte; `electronic_conductivity_reduced` is that after contact with Na.

    `ionic_conductivity` is that at `reference_temperature` (25 degC); `activation_energy` (0.35 eV) leads to other
    temperatures.
    """

    formula: Text
    ionic_conductivity: Conductivity
    electronic_conductivity: Conductivity
    electronic_conductivity_reduced: Conductivity | None = None
    activation_energy: Energy | None = None
    reference_temperature: Temperature | None = None
    notes: Text | None = None


class Layer(Model):
    """A second layer of electrolyte between the electrodes, such as a catholyte."""

    thickness: Length
    ionic_conductivity: Conductivity


class Reference(Model):
    """The electrode on the negative terminal, against which the voltage counts, where its potential is constant.

    `potential` is its own against Na/Na+, with its standard `uncertainty`.
    """

    electrode: Text
    potential: Voltage | None = None
    uncertainty: Voltage | None = None


class Electrodes(Model):
    """The electrodes of a build where they are others than its kind implies.

    `working` is what is filled: tin unless written. `counter` keeps its potential: Na9Sn4 unless written. With a
    `reference` the voltage is that of the working electrode against it, on the leads RE1 and RE2.
    """

    working: WorkingElectrode = "Sn"
    counter: Reversible | None = None
    reference: Reversible | None = None


class BuildRecord(Model):
    """One way of building the cell, as written in the record.

    Area, thickness, whether it is `live` (has an EMF) and its windows have no defaults; `tin_mass` is the
    mass of Sn alone, without binder or foil; that of each electrode where there are two. `cathode_mass` is the
    mass of the cathode's active material alone; their standard uncertainties are in capacities per gram. `diameter`
    is a second look at the area. `catholyte` is a second layer of electrolyte. `reference` is the electrode against
    which the voltage is a potential. `nominal_capacity` is what C-rates and percentages refer to where that is not the
    theoretical capacity of the tin. `positive_electrode` is the electrode on the positive terminal.
    `voltage_window` holds the safety limits, `start_window` the open-circuit voltages that a healthy cell
    may show before a run, `fresh_window` those of one that was never used, `sodiated_window` those of one whose tin
    is full (of a half cell otherwise from `FULL_AT_V` and the potential of its `reference`); `usual_window` the
    voltages between which such cells are cycled. `tolerances` say how far what is
    measured may be from this record. `electrodes` names others than the kind implies, `electrode_mass` is the mass
    of the active material of a working electrode that is not of tin, and `state_of_charge` how full the working
    electrode was when the cell was built. `relative_density` is that of the pressed electrolyte, its mass over that
    of a dense one of the same size.
    """

    kind: CellKind
    electrodes: Electrodes | None = None
    electrode_mass: Mass | None = None
    diffusion_length: Length | None = None
    state_of_charge: Fraction | None = None
    area: Area
    diameter: Length | None = None
    thickness: Length
    thickness_uncertainty: Length
    diameter_uncertainty: Length
    relative_density: Fraction | None = None
    tin_mass: Mass | None = None
    tin_mass_uncertainty: Mass | None = None
    cathode_mass: Mass | None = None
    cathode_mass_uncertainty: Mass | None = None
    nominal_capacity: NominalCapacity | None = None
    live: StrictBool
    positive_electrode: Text
    reduced: StrictBool = False
    voltage_window: Window
    start_window: Window
    fresh_window: Window | None = None
    sodiated_window: Window | None = None
    usual_window: Window | None = None
    current_max: PlainCurrent
    catholyte: Layer | None = None
    reference: Reference | None = None
    tolerances: Tolerances = USUAL

    @model_validator(mode="after")
    def _electrodes_of_the_kind(self) -> Self:
        working = self.electrodes.working if self.electrodes else "Sn"
        if self.electrodes and self.kind not in ("half", "composite"):
            raise FieldError(
                f"'electrodes' is written, and those of a build of the kind {self.kind} are given with the kind",
                "Leave it out, or write kind: half",
            )
        if working != "Sn" and self.tin_mass is not None:
            raise FieldError(
                f"'tin_mass' is written, and the working electrode is {working}",
                "Write 'electrode_mass' instead",
            )
        if working == "Sn" and self.electrode_mass is not None:
            raise FieldError(
                "'electrode_mass' is written, which is that of a working electrode that is not of tin",
                "Write 'tin_mass', or name the electrode, as in electrodes: {working: hard carbon}",
            )
        if self.state_of_charge is not None and (self.kind != "half" or self.state_of_charge.value > 1.0):
            raise FieldError(
                f"'state_of_charge' is {self.state_of_charge}", "Write 0 to 100 %, in a build of kind: half"
            )
        if self.relative_density is not None and not 0.2 <= self.relative_density.value <= 1.0:
            raise FieldError(
                f"'relative_density' is {self.relative_density}",
                "Write it as a part of a dense pellet's, such as 88 %",
            )
        return self

    @field_validator("voltage_window", "start_window", "fresh_window", "sodiated_window", "usual_window")
    @classmethod
    def _low_before_high(cls, window: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
        if window and not window[0].value < window[1].value:
            raise FieldError(f"{window[0]} is not below {window[1]}", "Write the lower voltage first")
        return window


@dataclass(frozen=True)
class Build:
    """One build of a record, resolved to SI.

    `tin_mass_kg` is None for builds without tin, `theoretical_capacity_C` (tin mass x 847 mAh/g, or that of another
    working electrode with its `electrode_mass_kg`) for those whose electrodes are not filled,
    `cathode_mass_kg` and `nominal_capacity_C` for those whose record has none.
    `voltage_window_V` are the safety limits, `start_window_V` the open-circuit voltages of a healthy cell
    before the run, `fresh_window_V` and `sodiated_window_V` those of a cell in that state, `usual_window_V` the
    voltages between which it is cycled; None where the record has none. `catholyte_ohm` is the resistance of a second
    layer, None where the record has none.
    """

    record: str
    name: str
    kind: CellKind
    live: bool
    reduced: bool
    positive_electrode: str
    area_m2: float
    thickness_m: float
    thickness_uncertainty_m: float
    diameter_uncertainty_m: float
    tin_mass_kg: float | None
    theoretical_capacity_C: float | None
    cathode_mass_kg: float | None
    nominal_capacity_C: float | None
    voltage_window_V: tuple[float, float]
    start_window_V: tuple[float, float]
    current_max_A: float
    ionic_conductivity_S_m: float
    electronic_conductivity_S_m: float
    electronic_conductivity_reduced_S_m: float | None
    simulation: Fields
    fresh_window_V: tuple[float, float] | None = None
    sodiated_window_V: tuple[float, float] | None = None
    usual_window_V: tuple[float, float] | None = None
    catholyte_ohm: float | None = None
    activation_energy_J: float = ACTIVATION_ENERGY_J
    reference_temperature_K: float = REFERENCE_TEMPERATURE_K
    tolerances: Tolerances = USUAL
    tin_mass_uncertainty_kg: float | None = None
    cathode_mass_uncertainty_kg: float | None = None
    electrode_mass_kg: float | None = None
    electrodes: Mapping[str, str] = field(default_factory=dict)
    state_of_charge: float = 0.0

    @property
    def is_blocking(self) -> bool:
        """Say whether an electrode lets no ions pass, so that no direct current can be driven."""
        return self.kind in ("pellet", "dc", "hebb_wagner")

    @property
    def capacity_C(self) -> float | None:
        """Get the capacity (C) that C-rates and percentages refer to: the nominal one, else that of the tin."""
        return self.nominal_capacity_C or self.theoretical_capacity_C

    @property
    def held_C(self) -> float:
        """Get what the electrode that is filled had in it when the cell was put together (C)."""
        return self.state_of_charge * (self.theoretical_capacity_C or 0.0)

    @property
    def resistance_ohm(self) -> float:
        """Get the resistance of the electrolyte to ions (ohm), at the temperature of the record's conductivity."""
        return self.thickness_m / self.ionic_conductivity_S_m / self.area_m2

    @property
    def filling(self) -> int:
        """Get the sign of the current that fills the tin; 0 where both electrodes are of tin, or none is."""
        return {"half": -1, "full": 1}.get(self.kind, 0)

    def start_window_of(self, state: CellState) -> tuple[CellState, tuple[float, float]]:
        """Return the open-circuit voltages (V) of a cell in a state, and which state that is.

        Where the record has no window of its own for a state, that of every healthy
        cell stands in.
        """
        own = {"fresh": self.fresh_window_V, "sodiated": self.sodiated_window_V, "used": self.start_window_V}
        window = own[state]
        return (state, window) if window is not None else ("used", self.start_window_V)

    @property
    def active_mass_kg(self) -> float | None:
        """Get the mass (kg) that mA/g and mAh/g refer to: that of the cathode, else that of what is filled."""
        return self.cathode_mass_kg or self.tin_mass_kg or self.electrode_mass_kg

    def simulated_cell(self, temperature_K: float | None = None, passed_C: Sequence[float] = ()) -> Fields:
        """Describe the cell for a simulator as plain numbers in SI; temperature in kelvin or None.

        `passed_C`: charges (C) that have passed through it before, in order; positive charged it.
        """
        geometry = {
            "area_m2": self.area_m2,
            "thickness_m": self.thickness_m,
            "tin_mass_kg": self.tin_mass_kg,
            "cathode_mass_kg": self.cathode_mass_kg,
            "electrode_mass_kg": self.electrode_mass_kg,
        }
        electrolyte = {
            "ionic_conductivity_S_m": self.ionic_conductivity_S_m,
            "electronic_conductivity_S_m": self.electronic_conductivity_S_m,
            "electronic_conductivity_reduced_S_m": self.electronic_conductivity_reduced_S_m,
        }
        # Only what is written: a stored world knows its cell by this description.
        more = {
            "electrodes": dict(self.electrodes),
            "state_of_charge": self.state_of_charge,
            "passed_C": list(passed_C),
        }
        return {
            "kind": self.kind,
            "reduced": self.reduced,
            **{key: value for key, value in more.items() if value},
            "temperature_K": temperature_K,
            "geometry": {key: value for key, value in geometry.items() if value is not None},
            "electrolyte": {key: value for key, value in electrolyte.items() if value is not None},
            "simulation": to_si(self.simulation),
        }


class CellRecord(Model):
    """An electrolyte with its builds; `simulation` is a free block that only a simulated cell reads."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    electrolyte: Electrolyte
    builds: Annotated[dict[str, BuildRecord], Field(min_length=1)]
    simulation: Annotated[Fields, Field(default_factory=dict)]
    notes: Text | None = None

    @field_validator("simulation")
    @classmethod
    def _readable_quantities(cls, block: Fields) -> Fields:
        to_si(block)
        return block

    def build(self, name: str) -> Build:
        """Resolve one build; raises `BadInput` that lists the builds there are."""
        if name not in self.builds:
            raise BadInput(
                f"the cell record '{self.name}' has no build '{name}'",
                meant(name, self.builds),
                field="build",
            )
        return _resolve(self, name, self.builds[name])


def _value(quantity: Quantity | None) -> float | None:
    return quantity.value if quantity is not None else None


def _resolve(record: CellRecord, name: str, written: BuildRecord) -> Build:
    reduced = record.electrolyte.electronic_conductivity_reduced
    return Build(
        record=record.name,
        name=name,
        kind=written.kind,
        live=written.live,
        reduced=written.reduced,
        positive_electrode=written.positive_electrode,
        area_m2=written.area.value,
        thickness_m=written.thickness.value,
        thickness_uncertainty_m=written.thickness_uncertainty.value,
        diameter_uncertainty_m=written.diameter_uncertainty.value,
        tin_mass_kg=written.tin_mass.value if written.tin_mass else None,
        theoretical_capacity_C=_theoretical_C(written),
        cathode_mass_kg=written.cathode_mass.value if written.cathode_mass else None,
        nominal_capacity_C=_nominal_C(written),
        voltage_window_V=(written.voltage_window[0].value, written.voltage_window[1].value),
        start_window_V=(written.start_window[0].value, written.start_window[1].value),
        current_max_A=written.current_max.value,
        ionic_conductivity_S_m=record.electrolyte.ionic_conductivity.value,
        electronic_conductivity_S_m=record.electrolyte.electronic_conductivity.value,
        electronic_conductivity_reduced_S_m=reduced.value if reduced else None,
        simulation=record.simulation,
        tin_mass_uncertainty_kg=_value(written.tin_mass_uncertainty),
        cathode_mass_uncertainty_kg=_value(written.cathode_mass_uncertainty),
        fresh_window_V=_window_V(written.fresh_window),
        sodiated_window_V=_window_V(written.sodiated_window) or _full_at_V(written),
        usual_window_V=_window_V(written.usual_window),
        catholyte_ohm=_layer_ohm(written.catholyte, written.area.value) if written.catholyte else None,
        activation_energy_J=record.electrolyte.activation_energy.value
        if record.electrolyte.activation_energy
        else ACTIVATION_ENERGY_J,
        reference_temperature_K=record.electrolyte.reference_temperature.value
        if record.electrolyte.reference_temperature
        else REFERENCE_TEMPERATURE_K,
        tolerances=written.tolerances,
        electrode_mass_kg=written.electrode_mass.value if written.electrode_mass else None,
        electrodes=written.electrodes.model_dump(exclude_none=True) if written.electrodes else {},
        state_of_charge=written.state_of_charge.value if written.state_of_charge else 0.0,
    )


def _theoretical_C(written: BuildRecord) -> float | None:
    mass = written.tin_mass or written.electrode_mass
    working = written.electrodes.working if written.electrodes else "Sn"
    return mass.value * CAPACITIES_C_KG[working] if mass else None


def _window_V(window: tuple[Quantity, Quantity] | None) -> tuple[float, float] | None:
    return (window[0].value, window[1].value) if window else None


def _full_at_V(written: BuildRecord) -> tuple[float, float] | None:
    """Return where a half cell rests when its electrode is full; None where nobody says against what."""
    electrodes, reference = written.electrodes or Electrodes(), written.reference
    against = electrodes.reference or electrodes.counter
    if written.kind != "half" or reference is None or reference.potential is None or against == "Li-In":
        return None
    potential_V, unsure_V = reference.potential.value, _value(reference.uncertainty) or 0.0
    low_V, high_V = FULL_AT_V[electrodes.working]
    return round(low_V - potential_V - unsure_V, 6), round(high_V - potential_V + unsure_V, 6)


def _layer_ohm(layer: Layer, area_m2: float) -> float:
    return layer.thickness.value / layer.ionic_conductivity.value / area_m2


def _nominal_C(written: BuildRecord) -> float | None:
    capacity = written.nominal_capacity
    if capacity is None:
        return None
    return capacity.value * (written.area.value if capacity.kind == "areal capacity" else 1.0)


def shipped_cells() -> list[str]:
    """Get the names of the cell records that come with the program."""
    return sorted(path.stem for path in (files.SHIPPED / "cells").glob("*.yaml"))


def load_cell(reference: str | Path) -> CellRecord:
    """Read a cell record by shipped name or, if there is none of that name, by path (YAML or JSON).

    Raises `BadInput`.
    """
    text = str(reference)
    if text in shipped_cells():
        return _shipped_cell(text)
    if not files.names_file(text):
        raise BadInput(f"there is no cell record '{text}'", meant(text, shipped_cells()), file=text)
    return parse_cell(files.read_text(Path(text), text), text)


@cache
def _shipped_cell(name: str) -> CellRecord:
    return parse_cell(files.read_text(files.SHIPPED / "cells" / f"{name}.yaml", name), name)


def parse_cell(text: str, file: str) -> CellRecord:
    """Make a cell record of a file's text; `file` is its name for messages. Raises `BadInput`."""
    data = files.parse_text(text, file)
    files.require_kind(data, "a cell record", file)
    try:
        return CellRecord.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, file) from None


def dump_cell(record: CellRecord, *, as_json: bool = False) -> str:
    """Write a cell record as YAML (or JSON) text with every value as it was written."""
    return files.dump_text(record.model_dump(mode="json", by_alias=True, exclude_unset=True), as_json=as_json)
