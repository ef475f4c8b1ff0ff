"""Currents and capacities as written, in amperes and coulombs for one build; voltages as an instrument sets them."""

from solbench.protocols.cells import Build
from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import C_RATE, Quantity


def amperes(current: Quantity, build: Build) -> float:
    """Get a current in A, with its sign, from A, mA/cm2, mA/g or a C-rate.

    mA/g refers to the active mass of the build, a C-rate to its capacity. Raises `FieldError` if it has none.
    """
    match current.kind:
        case "current density":
            return current.value * build.area_m2
        case "specific current":
            return current.value * _mass_kg(current, build)
        case kind if kind == C_RATE:
            return current.value * _capacity_C(current, build)
        case _:
            return current.value


def coulombs(capacity: Quantity, build: Build) -> float:
    """Get a charge in C from mAh, mAh/cm2, mAh/g or percent.

    mAh/g refers to the active mass of the build, percent to its capacity. Raises `FieldError` if it has none.
    """
    match capacity.kind:
        case "areal capacity":
            return capacity.value * build.area_m2
        case "specific capacity":
            return capacity.value * _mass_kg(capacity, build)
        case "fraction":
            return capacity.value * _capacity_C(capacity, build)
        case _:
            return capacity.value


def in_steps(voltage_V: float, step_V: float) -> float:
    """Return what an instrument that sets whole steps sets for a voltage (both V); itself where `step_V` is 0."""
    return round(voltage_V / step_V) * step_V if step_V else voltage_V


def is_lost(voltage_V: float, step_V: float) -> bool:
    """Say whether nothing is left of a voltage (V) in whole steps (V): 0 V is another experiment, not a near value."""
    return voltage_V != 0.0 and in_steps(voltage_V, step_V) == 0.0


def _mass_kg(quantity: Quantity, build: Build) -> float:
    if build.active_mass_kg is None:
        raise _no_mass(quantity, build)
    return build.active_mass_kg


def _capacity_C(quantity: Quantity, build: Build) -> float:
    if build.capacity_C is None:
        raise _no_mass(quantity, build)
    return build.capacity_C


def _no_mass(quantity: Quantity, build: Build) -> FieldError:
    return FieldError(
        f"'{quantity}' refers to a mass, and the build '{build.name}' of the cell record "
        f"'{build.record}' has no tin_mass",
        f"Add builds.{build.name}.tin_mass to the record, or write it per area",
    )
