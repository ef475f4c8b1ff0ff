"""Checks that steps which drive the cell share: magnitudes, and the safety window."""

from collections.abc import Sequence
from typing import Any

from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Finding, Findings, Rule, of_field_error
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.quantities.quantity import Quantity

ABOVE_INSTRUMENT = Rule(
    "current.above_instrument",
    "error",
    "'{current}' is {current_A:.3g} A, more than the {limit_A:g} A of the {source}",
    "Write less",
)
ABOVE_SAFETY = Rule(
    "current.above_safety",
    "error",
    "'{current}' is {current_mA:.4g} mA, above the safety limit of {limit_mA:.4g} mA",
    "Write less, or check the unit",
)
AREAL = Rule(
    "current.areal",
    "error",
    "'{current}' is {areal_mA_cm2:.4g} mA/cm2, far beyond what these cells carry",
    "{cure}",
)
RATE = Rule(
    "current.rate", "error", "'{current}' is {times:.3g} times the {which} capacity in an hour", "{cure}"
)
BLOCKING = Rule(
    "current.blocking",
    "error",
    "the electrodes of the build '{build}' block: nothing takes up charge, and a current only charges the double layer",
    "Use 'dc_polarization' or 'impedance', or another build",
)
OHMIC_DROP = Rule(
    "current.ohmic_drop",
    "warning",
    "'{current}' drops {drop_V:.3g} V in the {resistance_ohm:.3g} ohm of the electrolyte alone, "
    "more than the safety window",
    "Check the unit",
)
OUTSIDE_WINDOW = Rule(
    "voltage.outside_window",
    "error",
    "'{voltage}' is not inside the safety window, {low_V:g} V to {high_V:g} V, which would end the run first",
    "Write a voltage inside it, or change the safety limits",
)
_SHARE = "'{capacity}' is {percent:.4g} % of the {which} capacity"
TOO_MUCH_CHARGE = Rule("capacity.implausible", "error", _SHARE, "Check the unit")
MUCH_CHARGE = Rule(
    "capacity.above_whole",
    "warning",
    _SHARE,
    "The step can end this way only if something else takes up charge",
)


UNUSUAL_CURRENT = Rule(
    "current.unusual",
    "warning",
    "'{current}' is {areal_mA_cm2:.3g} mA/cm2{rate}, more than such cells are usually cycled with",
    "Check the number, the unit and the masses of the record",
)
SMALL_CURRENT = Rule(
    "current.small",
    "warning",
    "'{current}' is {areal_nA_cm2:.3g} nA/cm2{rate}, with which hardly anything changes in such cells",
    "Check the unit: was it to be mA?",
)
UNUSUAL_VOLTAGE = Rule(
    "voltage.unusual",
    "warning",
    "'{voltage}' is outside the {low_V:g} V to {high_V:g} V between which such cells are cycled",
    "Is it that of another chemistry? Keep it if it is meant",
)
UNBOUNDED = Rule(
    "step.unbounded",
    "error",
    "nothing ends this step but {what}, which may never come, and no mass of tin in the record bounds its charge",
    "Add 'time' or 'capacity' to 'until' or 'cut_short'",
)
BEYOND_ELECTRODES = Rule(
    "capacity.beyond_electrodes",
    "error",
    "'{capacity}' is {percent:.4g} % of what the tin takes up in theory; the run pauses at {most:.4g} %",
    "Write less, or check the mass of tin; 'tolerances.charge' allows more",
)


def check_electrodes(path: str, build: Build) -> Findings:
    """Yield that nothing in a build takes up the charge of a step that drives it."""
    if build.is_blocking:
        yield BLOCKING.at(path, build=build.name)


def check_current(path: str, current: Quantity, bounds: Bounds) -> Findings:
    """Yield the first thing that is wrong or doubtful about a current that is driven through a cell."""
    try:
        amount_A = abs(amperes(current, bounds.build))
    except FieldError as problem:
        yield of_field_error(problem, path)
        return
    found = (
        _implausible(path, current, amount_A, bounds)
        or too_large(path, current, bounds)
        or _ohmic_drop(path, current, amount_A, bounds)
    )
    if found:
        yield found
    elif unusual := _unusual(path, current, amount_A, bounds):
        yield unusual


def _unusual(path: str, current: Quantity, amount_A: float, bounds: Bounds) -> Finding | None:
    """Find a current that is possible, but more likely a slip of a factor of ten."""
    build, plausible = bounds.build, bounds.plausible
    areal_A_m2 = amount_A / build.area_m2
    capacity_C = build.capacity_C
    per_h = amount_A * 3600 / capacity_C if capacity_C else 0.0
    rate = f" and {per_h:.3g} C" if per_h else ""
    if areal_A_m2 < plausible.least_areal_current_A_m2 and per_h < plausible.least_c_rate_per_h:
        return SMALL_CURRENT.at(path, current=current.text, areal_nA_cm2=areal_A_m2 * 1e5, rate=rate)
    if areal_A_m2 <= plausible.usual_areal_current_A_m2 and per_h <= plausible.usual_c_rate_per_h:
        return None
    return UNUSUAL_CURRENT.at(path, current=current.text, areal_mA_cm2=areal_A_m2 / 10, rate=rate)


def check_usual_voltage(path: str, voltage: Quantity, bounds: Bounds) -> Findings:
    """Yield that a voltage is not one of such cells, where the record says which are."""
    if bounds.build.usual_window_V is None:
        return
    low_V, high_V = bounds.build.usual_window_V
    beyond_V = bounds.plausible.beyond_usual_window_V
    if not bounds.limits.voltage_min_V < voltage.value < bounds.limits.voltage_max_V:
        return  # which has its own finding
    if not low_V - beyond_V <= voltage.value <= high_V + beyond_V:
        yield UNUSUAL_VOLTAGE.at(path, voltage=voltage.text, low_V=low_V, high_V=high_V)


def check_bounded(path: str, what: str, ends: Sequence[Any], bounds: Bounds) -> Findings:
    """Yield that only `what` ends a step, where nothing bounds its charge; `ends` are `until` and `cut_short`."""
    bounded = any(getattr(each, "time", None) or getattr(each, "capacity", None) for each in ends if each)
    if not bounded and bounds.build.theoretical_capacity_C is None:
        yield UNBOUNDED.at(path, what=what)


def too_large(path: str, current: Quantity, bounds: Bounds) -> Finding | None:
    """Find that a current is more than the instrument or the safety limits allow, or that it lacks a mass."""
    try:
        amount_A = abs(amperes(current, bounds.build))
    except FieldError as problem:
        return of_field_error(problem, path)
    able = bounds.instruments
    if amount_A > able.current_max_A:
        return ABOVE_INSTRUMENT.at(
            path, current=current.text, current_A=amount_A, limit_A=able.current_max_A, source=able.source
        )
    limit_A = bounds.limits.current_max_A
    if amount_A > limit_A:
        return ABOVE_SAFETY.at(path, current=current.text, current_mA=amount_A * 1e3, limit_mA=limit_A * 1e3)
    return None


def _implausible(path: str, current: Quantity, amount_A: float, bounds: Bounds) -> Finding | None:
    build, plausible, cure = bounds.build, bounds.plausible, _cure(current)
    areal_A_m2 = amount_A / build.area_m2
    if areal_A_m2 > plausible.areal_current_max_A_m2:
        return AREAL.at(path, current=current.text, areal_mA_cm2=areal_A_m2 / 10, cure=cure)
    capacity_C = build.capacity_C
    if capacity_C and amount_A * 3600 / capacity_C > plausible.c_rate_max_per_h:
        times, which = amount_A * 3600 / capacity_C, _which_capacity(build)
        return RATE.at(path, current=current.text, times=times, which=which, cure=cure)
    return None


def _which_capacity(build: Build) -> str:
    return "nominal" if build.nominal_capacity_C else "theoretical"


def _cure(current: Quantity) -> str:
    words = current.text.split(maxsplit=1)
    if len(words) == 2 and words[1].startswith("A"):
        return f"Did you mean '{words[0]} m{words[1]}'?"
    return "Check the unit"


def _ohmic_drop(path: str, current: Quantity, amount_A: float, bounds: Bounds) -> Finding | None:
    build, limits = bounds.build, bounds.limits
    resistance_ohm = build.resistance_ohm
    drop_V = amount_A * resistance_ohm
    if drop_V <= limits.voltage_max_V - limits.voltage_min_V:
        return None
    return OHMIC_DROP.at(path, current=current.text, drop_V=drop_V, resistance_ohm=resistance_ohm)


def check_inside_window(path: str, voltage: Quantity, limits: SafetyLimits) -> Findings:
    """Yield that the safety limits would end the run before a voltage is reached."""
    if not limits.voltage_min_V < voltage.value < limits.voltage_max_V:
        low_V, high_V = limits.voltage_min_V, limits.voltage_max_V
        yield OUTSIDE_WINDOW.at(path, voltage=voltage.text, low_V=low_V, high_V=high_V)


def check_capacity(path: str, capacity: Quantity, bounds: Bounds, *, is_reached: bool = True) -> Findings:
    """Yield what is wrong or doubtful about a charge that ends a step, or cuts it short where all is not well."""
    try:
        charge_C = coulombs(capacity, bounds.build)
    except FieldError as problem:
        yield of_field_error(problem, path)
        return
    theoretical_C, most = bounds.build.theoretical_capacity_C, bounds.tolerances.charge.value
    if is_reached and theoretical_C and charge_C > most * theoretical_C * (1.0 + 1e-9):
        percent = 100.0 * charge_C / theoretical_C
        yield BEYOND_ELECTRODES.at(path, capacity=capacity.text, percent=percent, most=100.0 * most)
        return
    if not bounds.build.capacity_C:
        return
    share = charge_C / bounds.build.capacity_C
    much = share > bounds.plausible.capacity_over_theoretical
    if (is_reached and share > 1) or much:
        rule = TOO_MUCH_CHARGE if much else MUCH_CHARGE
        which = _which_capacity(bounds.build)
        yield rule.at(path, capacity=capacity.text, percent=share * 100, which=which)
