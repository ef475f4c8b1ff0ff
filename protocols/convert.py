"""Currents and capacities as written, in amperes and coulombs for one build."""

from __future__ import annotations

from .cells import Build
from .errors import FieldError
from .quantities import C_RATE, Quantity


def amperes(current: Quantity, build: Build) -> float:
    """Get a current in A, with its sign, from A, mA/cm2, mA/g of tin or a C-rate of the theoretical capacity.

    Raises `FieldError` if the build has no tin mass to refer to.
    """
    match current.kind:
        case "current density":
            return current.value * build.area_m2
        case "specific current":
            return current.value * _tin_mass_kg(current, build)
        case kind if kind == C_RATE:
            return current.value * _theoretical(current, build)
    return current.value


def coulombs(capacity: Quantity, build: Build) -> float:
    """Get a charge in C from mAh, mAh/cm2, mAh/g of tin or percent of the theoretical capacity.

    Raises `FieldError` if the build has no tin mass to refer to.
    """
    match capacity.kind:
        case "areal capacity":
            return capacity.value * build.area_m2
        case "specific capacity":
            return capacity.value * _tin_mass_kg(capacity, build)
        case "fraction":
            return capacity.value * _theoretical(capacity, build)
    return capacity.value


def _tin_mass_kg(quantity: Quantity, build: Build) -> float:
    if build.tin_mass_kg is None:
        raise FieldError(
            f"'{quantity}' refers to a mass, and the build '{build.name}' of the cell record "
            f"'{build.record}' has no tin_mass",
            f"Add builds.{build.name}.tin_mass to the record, or write it per area",
        )
    return build.tin_mass_kg


def _theoretical(quantity: Quantity, build: Build) -> float:
    _tin_mass_kg(quantity, build)
    assert build.theoretical_capacity_C is not None
    return build.theoretical_capacity_C
