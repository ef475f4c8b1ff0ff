"""Constant current until a condition fires, with spectra on the way where they are requested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import ClassVar, Literal

from pydantic import field_validator, model_validator

from solbench.protocols import segments as seg
from solbench.protocols.cells import SYMMETRIC_KINDS, Build, CellState
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.costs import Cost, Costs, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.currents import (
    check_bounded,
    check_capacity,
    check_current,
    check_electrodes,
    check_inside_window,
    check_usual_voltage,
)
from solbench.protocols.kinds.ends import never_reached
from solbench.protocols.kinds.fields import (
    REST_CURE,
    CurrentEnds,
    RecordRule,
    RestRule,
    Spectrum,
    StepBase,
    need_a_condition,
)
from solbench.protocols.kinds.impedance import SWEEP, ability_for, check_spectrum, spectrum_in_words, sweeps
from solbench.protocols.kinds.record import Bounds, Here, Needs, Placed, Segments, StepKind, pair_leads
from solbench.protocols.kinds.rest import REST, check_rest, check_rest_before_spectrum, rest, rest_in_words
from solbench.protocols.kinds.words import cuts_of, ends_of, shown, typed_ends
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.quantities.quantity import CellCurrent, Quantity, State

CONNECT_SAMPLES = 4.0  # while a cell is connected, and the last one
SAME_C = 1e-6  # relative: a state that the cell begins at
_SIGN = "Check the sign of the current: positive charges"
PASSED_AT_START = Rule(
    "constant_current.passed_at_start",
    "error",
    "'{end}' is passed before it begins: the step {way} a cell of {low_V:g} V to {high_V:g} V",
    _SIGN,
)
EARLY = Rule(
    "constant_current.early",
    "warning",
    "'{end}' ends it too early: a charged cell rests at {low_V:g} V to {high_V:g} V, and the step {way}",
    "Check the voltage; keep it only if the cell is to be charged or discharged in part",
)
PASSED_BEFORE = Rule(
    "constant_current.passed_before",
    "warning",
    "'{end}' may be passed before it begins: the step before it, '{before}', {way} too",
    _SIGN,
)
PASSED_FOR_SURE = Rule(
    "constant_current.passed",
    "error",
    "'{end}' is passed before it begins: the step before it, '{before}', {way} too, and further",
    _SIGN,
)


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
ONE_WAY = Rule(
    "constant_current.one_way",
    "warning",
    "'{current}' goes the same way as every current before it: one electrode is emptied, and nothing comes back",
    "Check the sign, unless one electrode is to be stripped",
)
UNEQUAL = Rule(
    "constant_current.unequal",
    "warning",
    "a pass takes {forth_mAh:.3g} mAh one way and {back_mAh:.3g} mAh back: with every pass one electrode is emptied "
    "further",
    "Check the currents and the times, unless that is meant",
)


class ConstantCurrent(StepBase):
    """Constant current until one condition of `until` fires; `cut_short` ends the run uncompleted.

    `spectra_at` lists states in percent of the step's charge, as voltages under current, or as times of current since
    the step began; at each the current is interrupted for `rest` and `spectrum`.
    """

    drives: ClassVar[bool] = True
    kind: Literal["constant_current"] = "constant_current"
    current: CellCurrent
    until: CurrentEnds
    cut_short: CurrentEnds | None = None
    spectra_at: tuple[State, ...] = ()
    rest: RestRule | None = None
    spectrum: Spectrum | None = None
    record: RecordRule | None = None

    @field_validator("until", "cut_short")
    @classmethod
    def _not_empty(cls, ends: CurrentEnds | None) -> CurrentEnds | None:
        return ends and need_a_condition(ends)

    @field_validator("spectra_at")
    @classmethod
    def _rising(cls, marks: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        for before, after in pairwise(marks):
            if after.kind != before.kind:
                raise FieldError(
                    f"{after} is a {after.kind}, {before} a {before.kind}",
                    "Write all states in percent, or all as voltages, or all as times",
                )
            if after.value == before.value:
                raise FieldError(f"{after} is listed twice", "Write each state once")
            if after.value < before.value and after.kind != "voltage":
                raise FieldError(f"{after} comes after {before}", "Write the states in rising order")
        if marks and marks[0].kind == "fraction" and marks[-1].value > 1:
            raise FieldError(f"{marks[-1]} is more than the whole step", "Write states from 0 % to 100 %")
        if marks and marks[0].kind != "voltage" and marks[0].value < 0:
            raise FieldError(f"{marks[0]} is below zero", "Write a state that comes")
        return marks

    @model_validator(mode="after")
    def _spectra_complete(self) -> ConstantCurrent:
        if not self.spectra_at:
            return self
        way = 1.0 if self.current.value > 0 else -1.0
        for before, after in pairwise(self.spectra_at):
            if after.kind == "voltage" and way * after.value < way * before.value:
                order = "rising" if way > 0 else "falling"
                raise FieldError(
                    f"{after} comes after {before}",
                    f"This current makes the voltage go the other way: write the states in {order} order",
                    field="spectra_at",
                )
        if self.spectra_at[0].kind == "fraction" and self.until.capacity is None:
            raise FieldError(
                "percentages need a charge to refer to", "Add 'until.capacity'", field="spectra_at"
            )
        if self.spectrum is None:
            raise FieldError("spectra_at has no spectrum", "Add 'spectrum' to the step", field="spectrum")
        if self.rest is None:
            raise FieldError(
                "spectra_at has no rest before each spectrum", f"Add 'rest'. {REST_CURE}", field="rest"
            )
        return self


def _plan(step: ConstantCurrent, here: Here) -> Segments:
    ref, record = here.ref(), here.record(step.record)
    current_A = amperes(step.current, here.build)
    begun_C = here.begun_C if current_A * here.build.filling > 0.0 else 0.0
    all_C = _ends(step, here.build)
    whole = seg.ConstantCurrent(ref, current_A, _going_on(all_C, begun_C), record)
    for mark in step.spectra_at:
        goes_on = mark.kind == "fraction" and begun_C > 0.0
        left_C = mark.value * _own_charge_C(all_C) - begun_C if goes_on else mark.value
        if left_C < -SAME_C * begun_C and goes_on:
            continue  # the cell is beyond it
        if mark.kind == "voltage":
            side = _side(step)
            yield replace(whole, ends=(*whole.ends, seg.End(side, mark.value, mark.text, "segment")))
        elif goes_on and left_C > SAME_C * begun_C:
            yield replace(whole, ends=_going_on(_part(all_C, mark), begun_C))
        elif not goes_on and left_C > 0.0:
            yield _up_to(whole, mark)
        assert step.rest  # the model has checked both
        assert step.spectrum
        yield rest(ref, step.rest, record)
        fraction = mark.value if mark.kind == "fraction" else None
        for one in sweeps(ref, step.spectrum, here.spectra, here.build, fraction):
            yield replace(one, begun_C=here.build.filling * begun_C) if begun_C else one
    last = step.spectra_at[-1] if step.spectra_at else None
    if last is None or last.kind != "fraction" or last.value < 1:
        yield whole


def _up_to(whole: seg.ConstantCurrent, mark: Quantity) -> seg.ConstantCurrent:
    """Return the current up to a part of its charge, or a time."""
    if mark.kind == "time":
        return replace(whole, ends=(*whole.ends, seg.End("time", mark.value, mark.text, "segment")))
    return replace(whole, ends=_part(whole.ends, mark))


def _part(ends: tuple[seg.End, ...], mark: Quantity) -> tuple[seg.End, ...]:
    """Return the ends of a step with a part of its charge."""
    if mark.value == 1:
        return ends
    return tuple(
        replace(end, value=end.value * mark.value, text=mark.text) if _is_own_charge(end) else end
        for end in ends
    )


def _going_on(ends: tuple[seg.End, ...], begun_C: float) -> tuple[seg.End, ...]:
    """Return ends whose charges count what the cell holds already (C); raises FieldError where that is more."""
    if not begun_C:
        return ends
    for end in ends:
        if end.quantity == "charge" and end.value <= begun_C:
            raise FieldError(
                f"'{end.text}' has passed already: the cell begins with more",
                "Write more, or correct 'conditions.state_of_charge'",
                field="until.capacity",
            )
    return tuple(replace(end, value=end.value - begun_C) if end.quantity == "charge" else end for end in ends)


def _own_charge_C(ends: tuple[seg.End, ...]) -> float:
    return next(end.value for end in ends if _is_own_charge(end))


def _is_own_charge(end: seg.End) -> bool:
    return end.quantity == "charge" and end.outcome == "segment"


def _side(step: ConstantCurrent) -> Literal["voltage_above", "voltage_below"]:
    return "voltage_above" if step.current.value > 0 else "voltage_below"


def _ends(step: ConstantCurrent, build: Build) -> tuple[seg.End, ...]:
    """Make the end conditions; a voltage end is directed by the current's sign."""
    side = _side(step)
    found: list[seg.End] = []
    for ends, is_cut in ((step.until, False), (step.cut_short, True)):
        if ends is None:
            continue
        outcome: seg.Outcome = "cut_short" if is_cut else "step"
        if ends.capacity:
            own: seg.Outcome = "cut_short" if is_cut else "segment"
            found.append(seg.End("charge", coulombs(ends.capacity, build), ends.capacity.text, own))
        if ends.voltage:
            found.append(seg.End(side, ends.voltage.value, ends.voltage.text, outcome))
        if ends.time:
            found.append(seg.End("time", ends.time.value, ends.time.text, outcome))
    return tuple(found)


def _check(path: str, step: ConstantCurrent, bounds: Bounds) -> Findings:
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


def _is_early(end: Quantity, charges: bool, build: Build) -> bool | None:
    """Say whether at a voltage a cell is not charged yet, or still is; None where the record does not tell both."""
    windows = [build.start_window_of(state) for state in ("fresh", "sodiated")]
    if {state for state, _ in windows} != {"fresh", "sodiated"}:
        return None
    low_V = max(window for _, window in windows)[0]
    return end.value < low_V if charges else end.value >= low_V


def _early(path: str, step: ConstantCurrent, build: Build, later: Iterable[StepBase]) -> Findings:
    """Find a voltage, the only end, at which a cell is not charged yet, or still is, where the record tells both.

    It is none where a later step goes on from it.
    """
    end, charges = step.until.voltage, step.current.value > 0
    if end is None or step.until.capacity is not None or step.until.time is not None:
        return
    if _is_early(end, charges, build) and not _goes_on(end, charges, later):
        low_V, high_V = max(build.start_window_of(state)[1] for state in ("fresh", "sodiated"))
        way = "charges" if charges else "discharges"
        yield EARLY.at(f"{path}.until.voltage", end=end.text, low_V=low_V, high_V=high_V, way=way)


def _goes_on(end: Quantity, charges: bool, later: Iterable[StepBase]) -> bool:
    """Say whether a later step goes on the same way beyond a voltage, or may, before a current turns."""
    sign = 1 if charges else -1
    for step in later:
        if isinstance(step, ConstantCurrent):
            if (step.current.value > 0) is not charges:
                return False
            further = step.until.voltage
            if further is None or sign * further.value > sign * end.value:
                return True
        elif step.drives:
            held = getattr(step, "voltage", None)
            if held is None or sign * held.value > sign * end.value:
                return True  # or nobody knows where it leaves the cell
            if sign * held.value < sign * end.value:
                return False
    return False


def _check_ends(path: str, step: ConstantCurrent, build: Build) -> Findings:
    """Find ends that are never met, and states that the step never comes to."""
    try:
        ends, current_A = _ends(step, build), amperes(step.current, build)
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
                end for end in ends if end.quantity == _side(step) and way * mark.value >= way * end.value
            ]
        elif mark.kind == "time":
            then = {"time": mark.value, "charge": mark.value * abs(current_A)}
            beyond = [end for end in ends if end.quantity in then and then[end.quantity] >= end.value]
        else:
            return
        if beyond:
            yield MARK_BEYOND.at(f"{path}.spectra_at", mark=mark.text, end=beyond[0].text)
            return


def _check_order(steps: Placed, build: Build, state: CellState) -> Findings:
    """Find voltage ends that are passed before their step begins, most often by a forgotten sign."""
    sure = list(_passed_for_sure(steps, build, state)) if build.live else []
    yield from sure
    yield from _one_way(steps, build)
    yield from _unequal(steps, build)
    told = {finding.field for finding in sure}
    before: ConstantCurrent | None = None
    held: list[
        Quantity | None
    ] = []  # between the two currents; None: nobody knows where that leaves the cell
    for number, (path, step) in enumerate(steps, 1):
        if isinstance(step, ConstantCurrent):
            if before is not None:
                found = [
                    one
                    for one in _passed_by_step_before(path, step, before, held, build)
                    if one.field not in told
                ]
                yield from found
                told |= {one.field for one in found}
            later = (following for _, following in islice(steps, number, None))
            yield from (one for one in _early(path, step, build, later) if one.field not in told)
            before, held = step, []
        elif step.drives:
            held.append(getattr(step, "voltage", None))


def _one_way(steps: Placed, build: Build) -> Findings:
    """Find currents that all go the same way between two electrodes of the same kind, where no voltage says so."""
    currents = [(path, step) for path, step in steps if isinstance(step, ConstantCurrent)]
    is_one_way = len({step.current.value > 0.0 for _, step in currents}) == 1
    if build.kind in SYMMETRIC_KINDS and len({step.name for _, step in currents}) > 1 and is_one_way:
        path, last = currents[-1]
        yield ONE_WAY.at(f"{path}.current", current=last.current.text)


def _unequal(steps: Placed, build: Build) -> Findings:
    """Find loops that take more one way than back between two electrodes of the same kind, where all ends say how much.

    Where a voltage ends a step nobody knows, and of a loop of one direction its own finding tells.
    """
    if build.kind not in SYMMETRIC_KINDS:
        return
    loops: dict[str, list[tuple[str, ConstantCurrent]]] = {}
    for path, step in steps:
        if isinstance(step, ConstantCurrent) and path.count(".steps."):
            loops.setdefault(path.rpartition(".")[0], []).append((path, step))
    for currents in loops.values():
        charges_C = [_charge_C(step, build) for _, step in currents]
        known_C = [charge_C for charge_C in charges_C if charge_C is not None]
        forth_C = sum(charge_C for charge_C in known_C if charge_C > 0.0)
        back_C = -sum(charge_C for charge_C in known_C if charge_C < 0.0)
        is_unequal = abs(forth_C - back_C) > Plausible().usual_imbalance * max(forth_C, back_C)
        if len(known_C) == len(charges_C) and forth_C and back_C and is_unequal:
            passes = sum(path == currents[0][0] for path, _ in currents)
            yield UNEQUAL.at(
                f"{currents[-1][0]}.current",
                forth_mAh=forth_C / passes / 3.6,
                back_mAh=back_C / passes / 3.6,
            )


def _charge_C(step: ConstantCurrent, build: Build) -> float | None:
    """Return the charge that a step takes, with its sign; None where a voltage ends it, or nobody knows."""
    try:
        current_A = amperes(step.current, build)
        ends = _ends(step, build)
    except FieldError:
        return None
    taken_C = [
        end.value if end.quantity == "charge" else end.value * abs(current_A)
        for end in ends
        if end.outcome != "cut_short" and end.quantity in ("charge", "time")
    ]
    if not taken_C or step.until.voltage is not None:
        return None
    return min(taken_C) if current_A > 0.0 else -min(taken_C)


def _passed_for_sure(steps: Placed, build: Build, state: CellState) -> Findings:
    """Follow between which voltages the cell can be; a step that goes away from its end has passed it."""
    low_V, high_V = build.start_window_of(state)[1]
    least_V, most_V = build.voltage_window_V
    for path, step in steps:
        if not isinstance(step, ConstantCurrent):
            if step.drives:  # a rest or a spectrum leaves the cell as it is
                low_V, high_V = least_V, most_V
            continue
        discharges = step.current.value < 0
        way = "discharges" if discharges else "charges"
        for name, ends in (("until", step.until), ("cut_short", step.cut_short)):
            end = ends.voltage if ends else None
            if end and (end.value >= high_V if discharges else end.value <= low_V):
                field = f"{path}.{name}.voltage"
                yield PASSED_AT_START.at(field, end=end.text, way=way, low_V=low_V, high_V=high_V)
        if discharges:
            low_V = least_V
        else:
            high_V = most_V


def _passed_by_step_before(
    path: str,
    step: ConstantCurrent,
    before: ConstantCurrent,
    held: Sequence[Quantity | None],
    build: Build,
) -> Findings:
    """The current before goes the same way and is allowed beyond this one's end; none of the voltages `held` since is
    short of it.

    What cuts the one before short lies beyond the voltages of a sound cell: it counts only for an end that is none of
    this way, as with a wrong sign.
    """
    sign = 1 if step.current.value > 0 else -1
    end = step.until.voltage
    if end is None or sign * before.current.value < 0:
        return
    if any(voltage is None or sign * voltage.value < sign * end.value for voltage in held):
        return
    is_sound = before.until.voltage is None and _is_early(end, sign > 0, build) is False
    allowed = [
        ends.voltage
        for ends in (before.until, None if is_sound else before.cut_short)
        if ends is not None and ends.voltage is not None
    ]
    is_bounded = any(ends and ends.voltage for ends in (before.until, before.cut_short))
    if any(sign * voltage.value > sign * end.value for voltage in allowed) or not is_bounded:
        way = "charges" if sign > 0 else "discharges"
        alone = before.until.voltage if before.until.capacity is None and before.until.time is None else None
        same = before.current.text == step.current.text
        is_sure = same and alone is not None and sign * alone.value > sign * end.value
        rule = PASSED_FOR_SURE if is_sure else PASSED_BEFORE
        yield rule.at(f"{path}.until.voltage", end=end.text, before=before.name, way=way)


def _cost(segment: seg.ConstantCurrent, so_far: SoFar) -> Cost:
    """Ends count from the start of the step: what earlier segments of it have done is taken off.

    A time counts while the cell is connected, a charge only once it flows.
    """
    costs, driven_s, current_A = so_far.costs, so_far.driven_s, abs(segment.current_A)
    ends = [end for end in segment.ends if end.outcome != "cut_short"]
    times = [end.value for end in ends if end.quantity == "time"]
    charges = [end.value / current_A for end in ends if end.quantity == "charge"]
    by_voltage = any(end.quantity.startswith("voltage") for end in ends)
    flows_s = min(times + charges) if times or charges else _return_s(segment.current_A, so_far)
    longest_s = times + [charge_s * (1.0 + costs.slack) for charge_s in charges]
    left_s = max(flows_s - driven_s, 0.0)
    most_s = max(min(longest_s, default=so_far.longest_s(current_A)) - driven_s, left_s)
    is_timed = bool(times) and flows_s == min(times)
    every_s = segment.record.every_s
    return Cost(
        left_s + (0.0 if is_timed else costs.connect_s),
        most_s + costs.connect_most_s,
        left_s / every_s + CONNECT_SAMPLES,
        min(every_s, most_s),
        driven_s=left_s,
        current_A=segment.current_A,
        at_least_s=0.0 if by_voltage else left_s * (1.0 - costs.slack),
    )


def _return_s(current_A: float, so_far: SoFar) -> float:
    charge_C = -so_far.balance_C if current_A > 0 else so_far.balance_C
    if charge_C <= 0:
        charge_C = so_far.capacity_C or 0.0
    return charge_C / abs(current_A) or so_far.costs.unknown_s


def _needs(step: ConstantCurrent) -> Needs:
    return {ability_for(step.spectrum): "spectrum"} if step.spectrum is not None else {}


def _brief(step: Fields) -> str:
    words = f"{shown(step, 'current')} until {typed_ends(step)}"
    marks = step.get("spectra_at")
    if isinstance(marks, (list, tuple)) and marks:
        words += f", spectra at {len(marks)} states"
    return words


def _sentence(step: ConstantCurrent) -> str:
    text = f"constant current {step.current} {ends_of(step.until)}{cuts_of(step.cut_short)}"
    if step.spectra_at and step.rest is not None and step.spectrum is not None:
        states = ", ".join(str(state) for state in step.spectra_at)
        of = " of the charge" if step.spectra_at[0].kind == "fraction" else ""
        text += f"; at {states}{of} the current is interrupted: rest {rest_in_words(step.rest)}, then "
        text += spectrum_in_words(step.spectrum)
    return text


CONSTANT_CURRENT = seg.SegmentKind(
    seg.ConstantCurrent,
    "constant current",
    holds="current",
    cost=_cost,
    refuses_spectrum="",
    resumed="continued",
    current_A=lambda segment: segment.current_A,
)

KIND = StepKind(
    name="constant_current",
    title="Constant current",
    model=ConstantCurrent,
    segments=(CONSTANT_CURRENT, REST, SWEEP),
    plan=_plan,
    check=_check,
    leads=pair_leads,
    needs=_needs,
    brief=_brief,
    sentence=_sentence,
    example="""
current: 0.16 mA/cm2
until: {voltage: 2.0 V}
""",
    check_order=_check_order,
)
