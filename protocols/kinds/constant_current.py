"""Constant current until a condition fires, with spectra on the way where they are requested."""

from __future__ import annotations

from dataclasses import replace

from solbench.protocols import segments as seg
from solbench.protocols.convert import amperes
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.kinds.driven.current import ConstantCurrent, ends_of_current, side_of
from solbench.protocols.kinds.driven.current_checks import check_step
from solbench.protocols.kinds.driven.current_order import check_order
from solbench.protocols.kinds.impedance import SWEEP, ability_for, spectrum_in_words, sweeps
from solbench.protocols.kinds.record import Here, Needs, Segments, StepKind, pair_leads
from solbench.protocols.kinds.rest import REST, rest, rest_in_words
from solbench.protocols.kinds.words import cuts_of, ends_of, shown, typed_ends
from solbench.protocols.quantities.quantity import Quantity

CONNECT_SAMPLES = 4.0  # while a cell is connected, and the last one
SAME_C = 1e-6  # relative: a state that the cell begins at


def _plan(step: ConstantCurrent, here: Here) -> Segments:
    ref, record = here.ref(), here.record(step.record)
    current_A = amperes(step.current, here.build)
    begun_C = here.begun_C if current_A * here.build.filling > 0.0 else 0.0
    all_C = ends_of_current(step, here.build)
    whole = seg.ConstantCurrent(ref, current_A, _going_on(all_C, begun_C), record)
    for mark in step.spectra_at:
        goes_on = mark.kind == "fraction" and begun_C > 0.0
        left_C = mark.value * _own_charge_C(all_C) - begun_C if goes_on else mark.value
        if left_C < -SAME_C * begun_C and goes_on:
            continue  # the cell is beyond it
        if mark.kind == "voltage":
            side = side_of(step)
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
    check=check_step,
    leads=pair_leads,
    needs=_needs,
    brief=_brief,
    sentence=_sentence,
    example="""
current: 0.16 mA/cm2
until: {voltage: 2.0 V}
""",
    check_order=check_order,
)
