"""From a description in SI numbers to a cell."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from solbench.simulators.cell.blocking import (
    IDEAL_PLUNGERS,
    BlockingCell,
    ElectronicParameters,
    PlungerParameters,
)
from solbench.simulators.cell.cathode import Cathode, CathodeParameters
from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import (
    DescriptionError,
    mapping,
    number,
    quantity,
    read,
    refuse_unknown,
    section,
)
from solbench.simulators.cell.dummy import read_dummy
from solbench.simulators.cell.electrodes.counter import Counter, CounterParameters
from solbench.simulators.cell.electrodes.material import POTENTIALS_V, WORKING
from solbench.simulators.cell.electrolyte import ElectrolyteParameters, Separator
from solbench.simulators.cell.experiments.composite import CompositeCell, CompositeParameters
from solbench.simulators.cell.experiments.hebb_wagner import HebbWagnerCell, HebbWagnerParameters
from solbench.simulators.cell.experiments.metal import MetalCell, MetalParameters
from solbench.simulators.cell.full import FullCell
from solbench.simulators.cell.half import HalfCell
from solbench.simulators.cell.interphase import AgeingParameters, Interphase, read_interphase
from solbench.simulators.cell.symmetric import SymmetricCell, SymmetricParameters
from solbench.simulators.cell.tail import Diffusion, Tail, TailElement, read_elements
from solbench.simulators.cell.tin import TinElectrode, TinParameters
from solbench.simulators.unchecked import Block, Value

KEYS = (
    "kind",
    "reduced",
    "temperature_K",
    "geometry",
    "electrolyte",
    "electrodes",
    "state_of_charge",
    "simulation",
)
SECTIONS = (
    "inductance",
    "electrolyte",
    "interphase",
    "tin",
    "materials",
    "counter",
    "cathode",
    "symmetric",
    "metal",
    "composite",
    "hebb_wagner",
    "tail",
    "tail_activation_energy",
    "diffusion",
    "electronic",
    "plungers",
)


@dataclass(frozen=True)
class Geometry:
    """Sizes and masses of the build."""

    area_m2: float = quantity("area_m2", "0.785e-4", above=0)
    thickness_m: float = quantity("thickness_m", "500e-6", above=0)
    tin_mass_kg: float | None = quantity("tin_mass_kg", "1.366e-6", above=0, default=None)
    cathode_mass_kg: float | None = quantity("cathode_mass_kg", "4.71e-6", above=0, default=None)
    electrode_mass_kg: float | None = quantity("electrode_mass_kg", "2e-6", above=0, default=None)


@dataclass(frozen=True)
class Conductivities:
    """Conductivities of the electrolyte at its reference temperature."""

    ionic_S_m: float = quantity("ionic_conductivity_S_m", "0.0185", above=0)
    electronic_S_m: float | None = quantity("electronic_conductivity_S_m", "1e-7", above=0, default=None)
    electronic_reduced_S_m: float | None = quantity(
        "electronic_conductivity_reduced_S_m", "1e-5", above=0, default=None
    )


class _Parts:
    """The parts of a description that the builders of all kinds use."""

    def __init__(self, description: Block, seed: int) -> None:
        self.geometry = read(Geometry, section(description, "geometry", "cell"), "geometry")
        self.conductivities = read(Conductivities, section(description, "electrolyte", "cell"), "electrolyte")
        self.block = mapping(section(description, "simulation", "cell"), "simulation")
        refuse_unknown(self.block, SECTIONS, "simulation")
        self.reduced = bool(description.get("reduced", False))
        self.electrolyte = read(ElectrolyteParameters, self.section("electrolyte"), "simulation.electrolyte")
        self.inductance_H = number(self.section("inductance"), "simulation.inductance", "0.8 uH")
        self.temperature_K = self._temperature(description.get("temperature_K"))
        self.electrodes = mapping(description.get("electrodes") or {}, "electrodes")
        refuse_unknown(self.electrodes, ("working", "counter", "reference"), "electrodes")
        self.filled = number(description.get("state_of_charge") or 0.0, "state_of_charge", "0.5")
        if not 0.0 <= self.filled <= 1.0:
            raise DescriptionError("state_of_charge", f"is {self.filled:g}", "it must be from 0 to 1")
        spread = random.Random(seed).gauss(0.0, self.electrolyte.thickness_spread)
        self.thickness_m = self.geometry.thickness_m * max(0.1, 1 + spread)

    def section(self, key: str) -> Value:
        """Return a section of the simulation block; raises `DescriptionError` if it is missing."""
        return section(self.block, key, "simulation")

    def separator(self) -> Separator:
        """Return the pellet; between reference and working electrode half of it, where there is a reference."""
        thickness_m = self.thickness_m * (REFERENCE_AT if "reference" in self.electrodes else 1.0)
        return Separator(self.electrolyte, self.conductivities.ionic_S_m, self.geometry.area_m2, thickness_m)

    def potential_V(self, role: str) -> float | None:
        """Return the potential of the counter or reference electrode that is named, V; None where none is."""
        name = self.electrodes.get(role)
        if name is None:
            return None
        if name not in POTENTIALS_V:
            cure = f"known are: {', '.join(POTENTIALS_V)}"
            raise DescriptionError(f"electrodes.{role}", f"is {name!r}", cure)
        return POTENTIALS_V[str(name)]

    @property
    def reference_K(self) -> float:
        """Temperature at which the values of the record hold, in K."""
        return self.electrolyte.reference_temperature_K

    def common(self) -> dict[str, float]:
        """Return the keyword arguments that every cell takes."""
        return {
            "area_m2": self.geometry.area_m2,
            "inductance_H": self.inductance_H,
            "temperature_K": self.temperature_K,
            "temperature_drift_K_s": self.electrolyte.temperature_drift_K_s,
        }

    def _temperature(self, temperature_K: Value) -> float:
        if temperature_K is None:
            return self.electrolyte.reference_temperature_K
        value = number(temperature_K, "temperature_K", "298.15")
        if not value > 0:
            raise DescriptionError("temperature_K", f"is {value:g}", "it must be above 0 K")
        return value


def _tin(parts: _Parts, kind: str) -> TinElectrode:
    working = str(parts.electrodes.get("working") or "Sn")
    if working not in WORKING:
        raise DescriptionError("electrodes.working", f"is {working!r}", f"known are: {', '.join(WORKING)}")
    key = "tin_mass_kg" if working == "Sn" else "electrode_mass_kg"
    mass_kg: float | None = getattr(parts.geometry, key)
    if mass_kg is None:
        name = "tin" if working == "Sn" else working
        raise DescriptionError(f"geometry.{key}", "is missing", f"a {kind} cell needs its mass of {name}")
    materials = mapping(parts.block.get("materials") or {}, "simulation.materials")
    refuse_unknown(materials, WORKING, "simulation.materials")
    own = mapping(materials.get(working) or {}, f"simulation.materials.{working}")
    tin = mapping(parts.section("tin"), "simulation.tin")
    path = f"simulation.materials.{working}" if own else "simulation.tin"
    parameters = read(TinParameters, {**tin, **own}, path)
    return TinElectrode(parameters, mass_kg, parts.geometry.area_m2, parts.reference_K, WORKING[working])


def _interphase(parts: _Parts, choked: bool = True) -> Interphase:
    block = dict(mapping(parts.section("interphase"), "simulation.interphase"))
    if not choked:
        block.pop("choke", None)
    return read_interphase(
        block, "simulation.interphase", parts.geometry.area_m2, parts.reference_K, parts.thickness_m
    )


def _tail(parts: _Parts, tin: TinElectrode | None = None, sodiating: float = 0.0) -> Tail:
    """Return the slow relaxations; those of the composition of tin are driven along.

    `sodiating` is the sign of the current that fills the tin.
    """
    elements = read_elements(parts.section("tail"), "simulation.tail")
    if parts.block.get("tail_activation_energy") is not None:
        key = "simulation.tail_activation_energy"
        energy_J = number(parts.block["tail_activation_energy"], key, "0.3 eV")
        if energy_J < 0.0:
            raise DescriptionError(key, f"is {energy_J:g} in SI units", "it must be 0 or more")
        elements = [replace(element, activation_energy_J=energy_J) for element in elements]
    written = parts.block.get("diffusion")
    diffusion = None if written is None else read(Diffusion, written, "simulation.diffusion")
    modes: list[TailElement] = []
    if tin is not None and tin.diffusion_s:
        per_A = sodiating / (tin.charge_C_m2 * parts.geometry.area_m2)
        modes = [replace(mode, resistance_ohm=mode.resistance_ohm * per_A) for mode in tin.modes()]
    return Tail(elements, diffusion, modes, parts.reference_K)


def _counter(parts: _Parts, *, ages: bool = True) -> Counter:
    written = dict(mapping(parts.block.get("counter") or {}, "simulation.counter"))
    ageing = written.pop("ageing", None)
    if (potential_V := parts.potential_V("counter")) is not None:
        written["potential"] = potential_V
    if (potential_V := parts.potential_V("reference")) is not None:
        # what drops at the counter electrode is not between the reference leads
        written, ageing = {"potential": potential_V}, None
    return Counter(
        read(CounterParameters, written, "simulation.counter"),
        parts.geometry.area_m2,
        read(AgeingParameters, ageing, "simulation.counter.ageing") if ages and ageing is not None else None,
        parts.reference_K,
    )


def _half(parts: _Parts) -> Cell:
    tin = _tin(parts, "half")
    return HalfCell(
        tin,
        _interphase(parts),
        parts.separator(),
        _tail(parts, tin, sodiating=-1.0),
        _counter(parts),
        start=tin.filled(parts.filled),
        **parts.common(),
    )


def _full(parts: _Parts) -> Cell:
    mass_kg, area_m2 = parts.geometry.cathode_mass_kg, parts.geometry.area_m2
    if mass_kg is None:
        cure = "a full cell needs the mass of its active material"
        raise DescriptionError("geometry.cathode_mass_kg", "is missing", cure)
    parameters = read(CathodeParameters, parts.section("cathode"), "simulation.cathode")
    conductivity_S_m, thickness_m = parameters.catholyte_conductivity_S_m, parameters.catholyte_thickness_m
    tin = _tin(parts, "full")
    return FullCell(
        tin,
        _interphase(parts),
        Cathode(parameters, mass_kg),
        Separator(parts.electrolyte, conductivity_S_m, area_m2, thickness_m),
        parts.separator(),
        _tail(parts, tin, sodiating=1.0),
        **parts.common(),
    )


def _symmetric(parts: _Parts) -> Cell:
    written = parts.block.get("symmetric") or {}
    return SymmetricCell(
        _tin(parts, "symmetric"),
        _interphase(parts, choked=False),
        read(SymmetricParameters, written, "simulation.symmetric"),
        parts.separator(),
        _tail(parts),
        **parts.common(),
    )


def _metal(parts: _Parts) -> Cell:
    parameters = read(MetalParameters, parts.section("metal"), "simulation.metal")
    separator, share = parts.separator(), parameters.transference_number
    diffusion = None
    if share < 1.0:
        ohm = separator.resistance_ohm(parts.reference_K) * (1 / share - 1)
        diffusion = Diffusion(ohm, parameters.concentration_s, parts.electrolyte.activation_energy_J)
    block = dict(mapping(parts.section("interphase"), "simulation.interphase"))
    for grows_with_charge in ("growth", "choke"):
        block.pop(grows_with_charge, None)
    return MetalCell(
        parameters,
        read_interphase(block, "simulation.interphase", parts.geometry.area_m2, parts.reference_K),
        separator,
        Tail([], diffusion, reference_K=parts.reference_K),
        reference_K=parts.reference_K,
        **parts.common(),
    )


def _composite(parts: _Parts) -> Cell:
    parameters = read(CompositeParameters, parts.section("composite"), "simulation.composite")
    return CompositeCell(parameters, parts.separator(), _counter(parts, ages=False), **parts.common())


def _hebb_wagner(parts: _Parts) -> Cell:
    carriers = read(HebbWagnerParameters, parts.section("hebb_wagner"), "simulation.hebb_wagner")
    per_S_m = parts.geometry.area_m2 / parts.thickness_m
    return HebbWagnerCell(carriers, per_S_m=per_S_m, **_blocking_parts(parts))


def _blocking(parts: _Parts) -> Cell:
    return BlockingCell(**_blocking_parts(parts))


def _blocking_parts(parts: _Parts) -> dict[str, Any]:
    conductivities = parts.conductivities
    name = "electronic_conductivity_reduced_S_m" if parts.reduced else "electronic_conductivity_S_m"
    value_S_m = conductivities.electronic_reduced_S_m if parts.reduced else conductivities.electronic_S_m
    if value_S_m is None:
        cure = "add this conductivity to the cell record, or choose a build of the other electrolyte"
        raise DescriptionError(f"electrolyte.{name}", "is missing", cure)
    written = parts.block.get("plungers")
    electronic = read(ElectronicParameters, parts.section("electronic"), "simulation.electronic")
    return {
        "separator": parts.separator(),
        "electronic": electronic,
        "electronic_resistance_ohm": parts.thickness_m / (value_S_m * parts.geometry.area_m2),
        "plungers": IDEAL_PLUNGERS
        if written is None
        else read(PlungerParameters, written, "simulation.plungers"),
        "reference_K": parts.reference_K,
        **parts.common(),
    }


KINDS: Mapping[str, Callable[[_Parts], Cell]] = {
    "half": _half,
    "pellet": _blocking,
    "dc": _blocking,
    "full": _full,
    "symmetric": _symmetric,
    "metal": _metal,
    "composite": _composite,
    "hebb_wagner": _hebb_wagner,
}
REFERENCE_AT = 0.5  # of the electrolyte lies between a reference electrode and the working electrode
DUMMY = "dummy"


def build_cell(description: Block, seed: int = 0) -> Cell:
    """Build the cell of a description, or the dummy part.

    A part is `kind: dummy` with its name, or its values, under `simulation: {dummy: ...}`; see `dummy.PARTS`. Of a
    cell all numbers are SI floats, areal quantities per m2: `kind` (one of `KINDS`), `reduced`, `temperature_K`
    (None: the electrolyte's reference temperature), `geometry`, `electrolyte` (conductivities), `electrodes` by name,
    `state_of_charge` (how full the working electrode is, 0 to 1), `simulation` (the sections of `SECTIONS` that the
    kind needs). `seed` selects one cell from the spread given in the description; without a spread all cells are equal.
    Raises `DescriptionError`.
    """
    refuse_unknown(mapping(description, "cell"), KEYS, "cell")
    kind = description.get("kind")
    if kind == DUMMY:
        block = mapping(section(description, "simulation", "cell"), "simulation")
        refuse_unknown(block, (DUMMY,), "simulation")
        return read_dummy(section(block, DUMMY, "simulation"), f"simulation.{DUMMY}", seed)
    if not isinstance(kind, str) or kind not in KINDS:
        raise DescriptionError("kind", f"is {kind!r}", f"simulated cells are: {', '.join((*KINDS, DUMMY))}")
    return KINDS[kind](_Parts(description, seed))
