"""Checks of the steps that drive the cell: magnitudes, safety window, ends that cannot be reached."""

from __future__ import annotations

from itertools import pairwise

from solbench.protocols import steps as st
from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Finding, Findings, error, of_field_error, warning
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.quantities.quantity import Quantity


def check_constant_current(
    path: str,
    step: st.ConstantCurrent,
    build: Build,
    limits: SafetyLimits,
    plausible: Plausible,
    instruments: Instruments,
) -> Findings:
    """Find what is wrong with a constant-current step."""
    found = _current(f"{path}.current", step.current, build, limits, plausible, instruments)
    if found:
        yield found
    for name, ends in (("until", step.until), ("cut_short", step.cut_short)):
        if ends and ends.voltage:
            yield from _inside_window(f"{path}.{name}.voltage", ends.voltage, limits)
        if ends and ends.capacity:
            yield from _capacity(f"{path}.{name}.capacity", ends.capacity, build, plausible)
    if step.cut_short:
        yield from _never_reached(path, step, step.cut_short, build)


def check_constant_voltage(
    path: str, step: st.ConstantVoltage, build: Build, limits: SafetyLimits, instruments: Instruments
) -> Findings:
    """Find what is wrong with a constant-voltage step."""
    yield from _inside_window(f"{path}.voltage", step.voltage, limits)
    if abs(step.voltage.value) > instruments.voltage_max_V:
        yield error(f"{path}.voltage", f"'{step.voltage}' is more than the 1287's 14.5 V", "Write less")
    values = [("current_limit", step.current_limit), ("until.current", step.until.current)]
    for field, current in values:
        if current and (found := _too_large(f"{path}.{field}", current, build, limits, instruments)):
            yield found
    if step.until.capacity:
        try:
            coulombs(step.until.capacity, build)
        except FieldError as problem:
            yield of_field_error(problem, f"{path}.until.capacity")


def _too_large(
    field: str, current: Quantity, build: Build, limits: SafetyLimits, instruments: Instruments
) -> Finding | None:
    try:
        amount_A = abs(amperes(current, build))
    except FieldError as problem:
        return of_field_error(problem, field)
    if amount_A > instruments.current_max_A:
        return error(field, f"'{current}' is {amount_A:.3g} A, more than the 1287's 2 A", "Write less")
    if amount_A > limits.current_max_A:
        message = f"'{current}' is {_milliamperes(amount_A)}, above the safety limit"
        return error(
            field, f"{message} of {_milliamperes(limits.current_max_A)}", "Write less, or check the unit"
        )
    return None


def _milliamperes(current_A: float) -> str:
    return f"{current_A * 1e3:.4g} mA"


def _current(
    field: str,
    current: Quantity,
    build: Build,
    limits: SafetyLimits,
    plausible: Plausible,
    instruments: Instruments,
) -> Finding | None:
    try:
        amount_A = abs(amperes(current, build))
    except FieldError as problem:
        return of_field_error(problem, field)
    return (
        _implausible(field, current, amount_A, build, plausible)
        or _too_large(field, current, build, limits, instruments)
        or _ohmic_drop(field, current, amount_A, build, limits)
    )


def _implausible(
    field: str, current: Quantity, amount_A: float, build: Build, plausible: Plausible
) -> Finding | None:
    areal_A_m2 = amount_A / build.area_m2
    if areal_A_m2 > plausible.areal_current_max_A_m2:
        message = f"'{current}' is {areal_A_m2 / 10:.4g} mA/cm2, far beyond what these cells carry"
        return error(field, message, _current_cure(current))
    capacity = build.capacity_C
    if capacity and amount_A * 3600 / capacity > plausible.c_rate_max_per_h:
        times = f"{amount_A * 3600 / capacity:.3g} times the {_which_capacity(build)} capacity"
        return error(field, f"'{current}' is {times} in an hour", _current_cure(current))
    return None


def _which_capacity(build: Build) -> str:
    return "nominal" if build.nominal_capacity_C else "theoretical"


def _current_cure(current: Quantity) -> str:
    words = current.text.split(maxsplit=1)
    if len(words) == 2 and words[1].startswith("A"):
        return f"Did you mean '{words[0]} m{words[1]}'?"
    return "Check the unit"


def _ohmic_drop(
    field: str, current: Quantity, amount_A: float, build: Build, limits: SafetyLimits
) -> Finding | None:
    resistance_ohm = build.thickness_m / build.ionic_conductivity_S_m / build.area_m2
    drop_V = amount_A * resistance_ohm
    if drop_V <= limits.voltage_max_V - limits.voltage_min_V:
        return None
    message = f"'{current}' drops {drop_V:.3g} V in the {resistance_ohm:.3g} ohm of the electrolyte alone"
    return warning(field, f"{message}, more than the safety window", "Check the unit")


def _inside_window(field: str, voltage: Quantity, limits: SafetyLimits) -> Findings:
    if not limits.voltage_min_V < voltage.value < limits.voltage_max_V:
        window = f"{limits.voltage_min_V:g} V to {limits.voltage_max_V:g} V"
        message = f"'{voltage}' is not inside the safety window, {window}, which would end the run first"
        yield error(field, message, "Write a voltage inside it, or change the safety limits")


def _capacity(field: str, capacity: Quantity, build: Build, plausible: Plausible) -> Findings:
    try:
        charge_C = coulombs(capacity, build)
    except FieldError as problem:
        yield of_field_error(problem, field)
        return
    if not build.capacity_C:
        return
    share = charge_C / build.capacity_C
    message = f"'{capacity}' is {share * 100:.4g} % of the {_which_capacity(build)} capacity"
    if share > plausible.capacity_over_theoretical:
        yield error(field, message, "Check the unit")
    elif share > 1:
        yield warning(field, message, "The step can end so only if something else takes up charge")


def _never_reached(path: str, step: st.ConstantCurrent, cut: st.CurrentEnds, build: Build) -> Findings:
    until, sign = step.until, 1 if step.current.value > 0 else -1
    if until.voltage and cut.voltage and sign * cut.voltage.value <= sign * until.voltage.value:
        yield _behind(f"{path}.until.voltage", until.voltage, cut.voltage)
    if until.time and cut.time and cut.time.value <= until.time.value:
        yield _behind(f"{path}.until.time", until.time, cut.time)
    try:
        yield from _charge_never_reached(path, step, cut, build)
    except FieldError:
        return  # the missing mass has its own finding


def _charge_never_reached(path: str, step: st.ConstantCurrent, cut: st.CurrentEnds, build: Build) -> Findings:
    capacity = step.until.capacity
    if capacity is None:
        return
    charge_C = coulombs(capacity, build)
    if cut.capacity and coulombs(cut.capacity, build) <= charge_C:
        yield _behind(f"{path}.until.capacity", capacity, cut.capacity)
    time_s = charge_C / abs(amperes(step.current, build))
    if cut.time and cut.time.value <= time_s:
        yield _behind(f"{path}.until.capacity", capacity, cut.time, f" ({time_s / 3600:.3g} h)")


def _behind(field: str, end: Quantity, cut: Quantity, detail: str = "") -> Finding:
    message = f"'{end}'{detail} can never be reached: cut_short '{cut}' ends the run first"
    return error(field, message, "Move one of the two")


def check_order(steps: list[tuple[str, st.AnyStep]], build: Build) -> Findings:
    """Find voltage ends that are passed before their step begins, most often by a forgotten sign."""
    driving = [(path, step) for path, step in steps if isinstance(step, st.ConstantCurrent)]
    if driving and build.live:
        yield from _passed_at_start(*driving[0], build)
    for (_, before), (path, step) in pairwise(driving):
        yield from _passed_by_step_before(path, step, before)


def _passed_at_start(path: str, step: st.ConstantCurrent, build: Build) -> Findings:
    low, high = build.start_window_V
    discharges = step.current.value < 0
    way = "discharges" if discharges else "charges"
    for name, ends in (("until", step.until), ("cut_short", step.cut_short)):
        end = ends.voltage if ends else None
        if end and (end.value >= high if discharges else end.value <= low):
            message = f"'{end}' is passed before it begins: the step {way} a cell of {low:g} V to {high:g} V"
            yield error(f"{path}.{name}.voltage", message, "Check the sign of the current: positive charges")


def _passed_by_step_before(path: str, step: st.ConstantCurrent, before: st.ConstantCurrent) -> Findings:
    """The step before goes the same way and is allowed beyond this one's end."""
    sign = 1 if step.current.value > 0 else -1
    end = step.until.voltage
    if end is None or sign * before.current.value < 0:
        return
    allowed = [
        ends.voltage
        for ends in (before.until, before.cut_short)
        if ends is not None and ends.voltage is not None
    ]
    if any(sign * voltage.value > sign * end.value for voltage in allowed) or not allowed:
        way = "charges" if sign > 0 else "discharges"
        message = f"'{end}' may be passed before it begins: the step before it, '{before.name}', {way} too"
        yield warning(f"{path}.until.voltage", message, "Check the sign of the current: positive charges")
