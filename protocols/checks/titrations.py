"""Checks of intermittent titrations: pulses and steps that could tell no diffusion coefficient, however good they are.

Any loop is one that passes a current for a time, rests beside it, and does nothing else with a half cell; or that holds
voltages one straight behind the other, a small step apart. Where it takes a spectrum, that is what is wanted of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Finding, Rule
from solbench.protocols.kinds.constant_voltage import ConstantVoltage
from solbench.protocols.kinds.driven.current import ConstantCurrent
from solbench.protocols.kinds.fields import RecordRule, StepBase, Steps
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.record import Placed
from solbench.protocols.kinds.registry import kind_of
from solbench.protocols.kinds.rest import Rest
from solbench.protocols.model import join
from solbench.protocols.plausible import (
    LARGEST_PULSE_V,
    LEAST_PULSE_READINGS,
    LEAST_STEP_READINGS,
    TITRATION_STEP_V,
    Plausible,
)
from solbench.protocols.quantities.durations import format_duration

LEAST_PASSES = 3
GUARD = 0.5  # of the capacity: a time in which more would pass keeps watch over a voltage, which is what ends the step

REST_SHORT = Rule(
    "titration.rest_short",
    "warning",
    "after '{rest}' of rest the voltage still moves, and these pulses tell no diffusion coefficient",
    "Rest for an hour or longer, unless none is wanted",
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

Found = Iterator[tuple[StepBase, Finding]]
"""What is found, each with the step of which it is said."""


def check_titrations(steps: Placed, record: RecordRule | None, build: Build, plausible: Plausible) -> Found:
    """Find what of titrations tells nothing; `steps` with those of loops, `record` the protocol's own rule."""
    if build.kind != "half":
        return
    for path, loop in steps:
        if isinstance(loop, Loop) and loop.passes >= LEAST_PASSES and not _takes_spectra(loop):
            bodies = list(loop.different_bodies())
            yield from _check_steps(join(path, "steps"), bodies, record)
            yield from _check_pulses(join(path, "steps"), bodies, record, build, plausible)


def _takes_spectra(loop: Loop) -> bool:
    return any("impedance" in need for step in loop.steps for need in kind_of(step).needs(step))


def _check_steps(path: str, bodies: Sequence[Steps], record: RecordRule | None) -> Found:
    """Look at voltages that are held straight one behind the other."""
    held = [body[0] for body in bodies if len(body) == 1 and isinstance(body[0], ConstantVoltage)]
    if len(held) < len(bodies):
        return
    least_V, most_V = TITRATION_STEP_V
    ways_V = [abs(after.voltage.value - before.voltage.value) for before, after in pairwise(held)]
    if not any(least_V <= round(way_V, 6) <= most_V for way_V in ways_V):
        return
    for step in held:
        if step.until.time is not None:
            lasts_s = step.until.time.value
            yield from _check_readings(path, step, lasts_s, record, LEAST_STEP_READINGS)


def _check_pulses(
    path: str, bodies: Sequence[Steps], record: RecordRule | None, build: Build, plausible: Plausible
) -> Found:
    """Look at currents of one direction that rests part, in the pass or from one pass to the next."""
    pulses = [(place, step) for body in bodies for place, step in enumerate(body) if _drives(step)]
    currents = [step for _, step in pulses if isinstance(step, ConstantCurrent)]
    if not len(pulses) == len(currents) == len(bodies):
        return
    if len({step.current.value > 0.0 for step in currents}) > 1:
        return
    for number, (body, (place, _), step) in enumerate(zip(bodies, pulses, currents, strict=True)):
        following = bodies[(number + 1) % len(bodies)]
        after = body[place + 1] if place + 1 < len(body) else following[0]
        before = body[place - 1]  # of the first step, the last one of the pass before
        pulse_s = _pulse_s(step, build)
        if pulse_s is None or not isinstance(before, Rest) or not isinstance(after, Rest):
            continue
        yield from _check_pulse(path, step, pulse_s, build, plausible)
        yield from _check_readings(path, step, pulse_s, record, LEAST_PULSE_READINGS)
        yield from _check_rest(path, after, plausible)
        for rest in (before, after) if before.name != after.name else (after,):
            lasts = rest.time or rest.at_most
            if lasts is not None:
                yield from _check_readings(path, rest, lasts.value, record, LEAST_PULSE_READINGS)


def _drives(step: StepBase) -> bool:
    return step.drives or isinstance(step, Loop)


def _check_rest(path: str, rest: Rest, plausible: Plausible) -> Found:
    lasts, least_s = rest.time or rest.at_most, plausible.usual_pulse_rest_s
    if lasts is not None and lasts.value < least_s:
        field = f"{join(path, rest.name)}.{'time' if rest.time else 'at_most'}"
        yield rest, REST_SHORT.at(field, rest=lasts.text)


def _pulse_s(step: ConstantCurrent, build: Build) -> float | None:
    """Return how long a current lasts (s) that a time or a charge ends; None of another, or where nobody knows.

    A voltage beside them may end it before.
    """
    ends = step.until
    try:
        current_A = abs(amperes(step.current, build))
        charge_s = [coulombs(ends.capacity, build) / current_A] if ends.capacity is not None else []
    except FieldError:
        return None  # the missing mass has its own finding
    lasts_s = min(charge_s + ([ends.time.value] if ends.time is not None else []), default=None)
    whole_C = build.theoretical_capacity_C
    if lasts_s is not None and ends.voltage is not None and whole_C is not None:
        return None if lasts_s * current_A > GUARD * whole_C else lasts_s
    return lasts_s


def _check_pulse(
    path: str, step: ConstantCurrent, pulse_s: float, build: Build, plausible: Plausible
) -> Found:
    if build.theoretical_capacity_C is None:
        return
    share = abs(amperes(step.current, build)) * pulse_s / build.theoretical_capacity_C
    low, high = plausible.usual_pulse
    if not low <= share <= high:
        rule = PULSE_SMALL if share < low else PULSE_LARGE
        shown: dict[str, str] = {"current": step.current.text, "pulse": format_duration(pulse_s)}
        yield step, rule.at(f"{join(path, step.name)}.until", percent=100.0 * share, **shown)


def _check_readings(
    path: str, step: StepBase, lasts_s: float, record: RecordRule | None, least: int
) -> Found:
    own: RecordRule | None = getattr(step, "record", None)
    rule = own or record
    if rule is None or _follows(rule, step, least):
        return
    passes = lasts_s / rule.every.value
    is_told = step.drives and passes < 1.0 and rule.voltage_change is None  # by `check`, of any step
    if int(passes) + 1 < least and not is_told:
        field = f"{join(path, step.name)}.record.every" if own else "record.every"
        yield step, FEW_READINGS.at(field, every=rule.every.text, name=step.name, least=least)


def _follows(rule: RecordRule, step: StepBase, least: int) -> bool:
    """Say whether a change of the voltage may store enough readings; while the voltage is held it stores none."""
    if rule.voltage_change is None or isinstance(step, ConstantVoltage):
        return False
    return rule.voltage_change.value <= LARGEST_PULSE_V / least
