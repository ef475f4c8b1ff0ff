"""What only the order of steps shows: ends that are passed before their step begins, charges that do not come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from solbench.protocols.cells import SYMMETRIC_KINDS, Build, CellState
from solbench.protocols.convert import amperes
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.driven.current import ConstantCurrent, ends_of_current
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.record import Placed
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.quantity import Quantity

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


def check_order(steps: Placed, build: Build, state: CellState) -> Findings:
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
        ends = ends_of_current(step, build)
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
