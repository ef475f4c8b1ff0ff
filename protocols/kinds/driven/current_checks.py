"""What is wrong or doubtful about one step of constant current, whatever is before it."""

from __future__ import annotations

from collections.abc import Sequence

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes
from solbench.protocols.costs import Costs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.currents import (
    check_bounded,
    check_capacity,
    check_current,
    check_electrodes,
    check_inside_window,
    check_usual_voltage,
)
from solbench.protocols.kinds.driven.current import ConstantCurrent, ends_of_current, side_of
from solbench.protocols.kinds.ends import never_reached
from solbench.protocols.kinds.impedance import check_spectrum
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.kinds.rest import check_rest, check_rest_before_spectrum
from solbench.protocols.quantities.durations import format_duration

SPECTRA_NEVER = Rule(
    "constant_current.spectra_never",
    "error",
    "'{mark}' of the charge takes {takes}, and until.time '{time}' ends the step before: its spectrum is never "
    "measured",
    "Write a longer time, or fewer states",
)
SPECTRA_MISSED = Rule(
    "constant_current.spectra_missed",
    "warning",
    "'{voltage}' ends the step where it comes first; the spectra that are left then, from '{mark}' of the charge on, "
    "are not measured",
    "Write the voltage into 'cut_short' if a run without them is not complete",
)
SIGN_UNSEEN = Rule(
    "constant_current.sign_unseen",
    "warning",
    "'{current}' {way} the cell until a charge or a time has passed; with the wrong sign it {other} it, and no end "
    "says so",
    "Check the sign, and add 'cut_short' with the voltage that the cell must not pass",
)
MARK_BEYOND = Rule(
    "constant_current.mark_beyond",
    "error",
    "'{mark}' does not come before '{end}', which ends the step: no spectrum is measured in that state",
    "Leave the state out, or move the end",
)


def check_step(path: str, step: ConstantCurrent, bounds: Bounds) -> Findings:
    """Yield what is wrong or doubtful about a step at `path`."""
    yield from check_electrodes(path, bounds.build)
    yield from check_current(f"{path}.current", step.current, bounds)
    for name, ends in (("until", step.until), ("cut_short", step.cut_short)):
        if ends and ends.voltage:
            yield from check_inside_window(f"{path}.{name}.voltage", ends.voltage, bounds.limits)
            if name == "until":  # what cuts it short is to lie beyond
                yield from check_usual_voltage(f"{path}.{name}.voltage", ends.voltage, bounds)
        if ends and ends.capacity:
            where = f"{path}.{name}.capacity"
            yield from check_capacity(where, ends.capacity, bounds, is_reached=name == "until")
    yield from check_bounded(f"{path}.until", "a voltage", (step.until, step.cut_short), bounds)
    yield from _check_ends(path, step, bounds.build)
    yield from _check_sign(path, step, bounds.build)
    if step.rest:
        yield from check_rest(f"{path}.rest", step.rest)
        yield from check_rest_before_spectrum(f"{path}.rest", step.rest, bounds.plausible)
    if step.spectrum:
        yield from check_spectrum(f"{path}.spectrum", step.spectrum, bounds)


def _check_sign(path: str, step: ConstantCurrent, build: Build) -> Findings:
    """Find a current whose sign nothing can contradict: no voltage ends it."""
    if build.live and not any(ends and ends.voltage for ends in (step.until, step.cut_short)):
        way, other = ("charges", "discharges") if step.current.value > 0 else ("discharges", "charges")
        yield SIGN_UNSEEN.at(f"{path}.current", current=step.current.text, way=way, other=other)


def _check_ends(path: str, step: ConstantCurrent, build: Build) -> Findings:
    """Find ends that are never met, and states that the step never comes to."""
    try:
        ends, current_A = ends_of_current(step, build), amperes(step.current, build)
    except FieldError:
        return  # the missing mass has its own finding
    yield from never_reached(path, step.kind, ends, current_A)
    whole_C = next((end.value for end in ends if end.outcome == "segment" and end.quantity == "charge"), None)
    yield from _check_marks(path, step, ends, current_A)
    driven = [mark for mark in step.spectra_at if mark.kind == "fraction" and mark.value > 0]
    if whole_C is None or not driven:
        return
    for number, mark in enumerate(driven, 1):
        takes_s = mark.value * whole_C / abs(current_A) + number * Costs().connect_s
        if step.until.time and step.until.time.value <= takes_s:
            duration = format_duration(takes_s)
            yield SPECTRA_NEVER.at(
                f"{path}.spectra_at", mark=mark.text, takes=duration, time=step.until.time.text
            )
            return
    if step.until.voltage:
        yield SPECTRA_MISSED.at(f"{path}.spectra_at", voltage=step.until.voltage.text, mark=driven[0].text)


def _check_marks(path: str, step: ConstantCurrent, ends: Sequence[seg.End], current_A: float) -> Findings:
    """Find states, as voltages or times, that do not come before the end of the step."""
    way = 1.0 if current_A > 0 else -1.0
    for mark in step.spectra_at:
        if mark.kind == "voltage":
            beyond = [
                end for end in ends if end.quantity == side_of(step) and way * mark.value >= way * end.value
            ]
        elif mark.kind == "time":
            then = {"time": mark.value, "charge": mark.value * abs(current_A)}
            beyond = [end for end in ends if end.quantity in then and then[end.quantity] >= end.value]
        else:
            return
        if beyond:
            yield MARK_BEYOND.at(f"{path}.spectra_at", mark=mark.text, end=beyond[0].text)
            return
