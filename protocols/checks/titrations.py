"""Checks of intermittent titrations: pulses and steps that could tell no diffusion coefficient, however good they are.

Any loop is one that passes the same current for a time, then rests, and does nothing else with a half cell; or that
holds one voltage behind the other.
"""

from __future__ import annotations

from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.constant_voltage import ConstantVoltage
from solbench.protocols.kinds.driven.current import ConstantCurrent
from solbench.protocols.kinds.fields import RecordRule, StepBase
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.record import Placed
from solbench.protocols.kinds.rest import Rest
from solbench.protocols.model import join
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.durations import format_duration

LEAST_PASSES = 3

REST_SHORT = Rule(
    "titration.rest_short",
    "warning",
    "'{rest}' of rest is less than the {pulse} of the pulse before it: the voltage still moves then, and these pulses "
    "tell no diffusion coefficient",
    "Rest several times as long as a pulse takes, unless none is wanted",
)
PULSE_SMALL = Rule(
    "titration.pulse_small",
    "warning",
    "in {pulse} '{current}' moves {percent:.2g} % of the capacity: the voltage at rest hardly changes, and these "
    "pulses tell no diffusion coefficient",
    "Make the pulses longer, unless none is wanted",
)
PULSE_LARGE = Rule(
    "titration.pulse_large",
    "warning",
    "in {pulse} '{current}' moves {percent:.2g} % of the capacity: the voltage at rest changes too much, and these "
    "pulses tell no diffusion coefficient",
    "Make the pulses shorter or the current smaller, unless none is wanted",
)
FEW_READINGS = Rule(
    "titration.few_readings",
    "warning",
    "of '{name}', '{every}' stores fewer than the {least:g} readings by which a diffusion coefficient is told",
    "Write a shorter time, unless none is wanted",
)


def check_titrations(
    steps: Placed, record: RecordRule | None, build: Build, plausible: Plausible
) -> Findings:
    """Find what of titrations tells nothing; `steps` with those of loops, `record` the protocol's own rule."""
    if build.kind != "half":
        return
    for path, step in steps:
        if isinstance(step, Loop) and step.passes >= LEAST_PASSES:
            yield from _check_loop(path, step, record, build, plausible)


def _check_loop(
    path: str, loop: Loop, record: RecordRule | None, build: Build, plausible: Plausible
) -> Findings:
    driven = [number for number, one in enumerate(loop.steps) if one.drives or isinstance(one, Loop)]
    if len(driven) != 1:
        return
    step, after = loop.steps[driven[0]], loop.steps[driven[0] + 1 : driven[0] + 2]
    here = join(path, "steps")
    if isinstance(step, ConstantVoltage):
        there = (body[driven[0]] for body in loop.different_bodies())
        voltages = {one.voltage.text for one in there if isinstance(one, ConstantVoltage)}
        if len(voltages) > 1 and step.until.time is not None:
            yield from _check_readings(here, step, step.until.time.value, record, plausible)
    elif isinstance(step, ConstantCurrent) and after and isinstance(after[0], Rest):
        pulse_s = _pulse_s(step, build)
        if pulse_s is not None:
            yield from _check_pulse(here, step, pulse_s, build, plausible)
            yield from _check_readings(here, step, pulse_s, record, plausible)
            yield from _check_rest(here, after[0], pulse_s, record, plausible)


def _check_rest(
    path: str, rest: Rest, pulse_s: float, record: RecordRule | None, plausible: Plausible
) -> Findings:
    lasts = rest.time or rest.at_most
    if lasts is None:
        return
    if lasts.value < pulse_s:
        field = f"{join(path, rest.name)}.{'time' if rest.time else 'at_most'}"
        yield REST_SHORT.at(field, rest=lasts.text, pulse=format_duration(pulse_s))
    else:
        yield from _check_readings(path, rest, lasts.value, record, plausible)


def _pulse_s(step: ConstantCurrent, build: Build) -> float | None:
    """Return how long a current lasts (s) that a time or a charge ends; None of another, or where nobody knows."""
    ends = step.until
    if ends.voltage is not None or step.spectra_at:
        return None
    try:
        current_A = abs(amperes(step.current, build))
        charge_s = [coulombs(ends.capacity, build) / current_A] if ends.capacity is not None else []
    except FieldError:
        return None  # the missing mass has its own finding
    return min(charge_s + ([ends.time.value] if ends.time is not None else []))


def _check_pulse(
    path: str, step: ConstantCurrent, pulse_s: float, build: Build, plausible: Plausible
) -> Findings:
    if build.theoretical_capacity_C is None:
        return
    share = abs(amperes(step.current, build)) * pulse_s / build.theoretical_capacity_C
    low, high = plausible.usual_pulse
    if not low <= share <= high:
        rule = PULSE_SMALL if share < low else PULSE_LARGE
        shown: dict[str, str] = {"current": step.current.text, "pulse": format_duration(pulse_s)}
        yield rule.at(f"{join(path, step.name)}.until", percent=100.0 * share, **shown)


def _check_readings(
    path: str, step: StepBase, lasts_s: float, record: RecordRule | None, plausible: Plausible
) -> Findings:
    own: RecordRule | None = getattr(step, "record", None)
    rule = own or record
    if rule is None or rule.voltage_change is not None:
        return
    least, passes = plausible.usual_readings, lasts_s / rule.every.value
    is_told = step.drives and passes < 1.0  # by `check`, of any step
    if passes < least and not is_told:
        field = f"{join(path, step.name)}.record.every" if own else "record.every"
        yield FEW_READINGS.at(field, every=rule.every.text, name=step.name, least=least)
