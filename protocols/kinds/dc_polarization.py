"""DC polarization: a baseline at 0 V, then a voltage until the current is steady."""

from typing import Literal

from pydantic import StrictBool

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.driven.voltages import check_settable
from solbench.protocols.kinds.fields import RecordRule, StepBase
from solbench.protocols.kinds.record import Bounds, Here, Needs, Segments, StepKind, pair_leads
from solbench.protocols.kinds.words import shown
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.quantity import NonzeroVoltage, PositiveFraction, Time

SHORTS = Rule(
    "dc_polarization.shorts",
    "error",
    "a baseline at 0 V would short the live cell '{build}'",
    "Use a build with two blocking electrodes, such as dc_pristine",
)
OUTSIDE = Rule(
    "dc_polarization.outside_window",
    "error",
    "'{voltage}' is not inside the safety window, {low_V:g} V to {high_V:g} V",
    "Polarize less, or use another build",
)
WRONG_SIGN = Rule(
    "dc_polarization.wrong_sign",
    "error",
    "{what} makes the blocking electrode of '{build}' negative: sodium would be plated on it, and ions would pass",
    "Write a positive voltage, without both_signs; the blocking electrode is on the positive terminal",
)
NEVER_STEADY = Rule(
    "dc_polarization.never_steady",
    "error",
    "'{over}' is not shorter than at_most '{at_most}': steady is never seen",
    "Make at_most several times as long",
)


INRUSH = Rule(
    "dc_polarization.inrush",
    "warning",
    "'{voltage}' drives up to {inrush_mA:.3g} mA at first ({resistance_ohm:.3g} ohm of the electrolyte), more than the "
    "{range_mA:g} mA of the largest range of a polarization",
    "Polarize less; it pauses where the instrument cuts out",
)
SHORT = Rule(
    "dc_polarization.short",
    "warning",
    "within '{at_most}' the current of such cells is hardly steady: its end gives no electronic conductivity",
    "Write for example '2 h'",
)
SMALL = Rule(
    "dc_polarization.small",
    "warning",
    "'{voltage}' is hardly more than what leads and amplifiers add",
    "Write for example '50 mV'",
)
BASELINE = Rule(
    "dc_polarization.baseline",
    "warning",
    "within '{baseline}' the current at 0 V is not steady, and what is subtracted is not the zero",
    "Write for example '10 min'",
)
LOOSE = Rule(
    "dc_polarization.loose",
    "warning",
    "a current that changes by '{within}' in '{over}' still falls",
    "Write for example '1 %' in '10 min'",
)
SOONEST = 0.9  # of the span: as soon a current is known to be steady
LADDER_SAMPLES = 10.0  # as the ranges change
LARGEST_RANGE_A = 0.02  # the range of the first look at a cell, in front of those of a polarization


class DcPolarization(StepBase):
    """A `baseline` at 0 V, then `voltage` until the current is steady or `at_most` is over.

    Steady: the current changes by less than `steady_within` of itself in `steady_over`. `both_signs` adds
    the same with the opposite voltage.
    """

    kind: Literal["dc_polarization"] = "dc_polarization"
    voltage: NonzeroVoltage
    baseline: Time
    at_most: Time
    steady_within: PositiveFraction
    steady_over: Time
    both_signs: StrictBool = False
    record: RecordRule | None = None


def _plan(step: DcPolarization, here: Here) -> Segments:
    yield seg.Polarization(
        here.ref(),
        voltage_V=step.voltage.value,
        baseline_s=step.baseline.value,
        at_most_s=step.at_most.value,
        slope_fraction=step.steady_within.value,
        slope_span_s=step.steady_over.value,
        both_signs=step.both_signs,
        record=here.record(step.record),
        inrush_A=_inrush_A(step, here.build),
    )


def _inrush_A(step: DcPolarization, build: Build) -> float:
    """Return the current at first (A): only the electrolyte limits it, and a change of sign doubles it."""
    largest_V = abs(step.voltage.value) * (2.0 if step.both_signs else 1.0)
    return largest_V / build.resistance_ohm


def _check(path: str, step: DcPolarization, bounds: Bounds) -> Findings:
    limits = bounds.limits
    if bounds.build.live:
        yield SHORTS.at(path, build=bounds.build.name)
    if bounds.build.kind == "hebb_wagner" and (step.both_signs or step.voltage.value < 0.0):
        field, what = (
            ("both_signs", "'both_signs'") if step.both_signs else ("voltage", f"'{step.voltage.text}'")
        )
        yield WRONG_SIGN.at(f"{path}.{field}", what=what, build=bounds.build.name)
        return
    signs = (1, -1) if step.both_signs else (1,)
    if not all(limits.voltage_min_V < sign * step.voltage.value < limits.voltage_max_V for sign in signs):
        window = {"low_V": limits.voltage_min_V, "high_V": limits.voltage_max_V}
        yield OUTSIDE.at(f"{path}.voltage", voltage=step.voltage.text, **window)
    else:
        yield from check_settable(f"{path}.voltage", step.voltage, bounds.instruments)
        if (inrush_A := _inrush_A(step, bounds.build)) > LARGEST_RANGE_A:
            shown = {"inrush_mA": inrush_A * 1e3, "range_mA": LARGEST_RANGE_A * 1e3}
            ohm = bounds.build.resistance_ohm
            yield INRUSH.at(f"{path}.voltage", voltage=step.voltage.text, resistance_ohm=ohm, **shown)
    if step.steady_over.value >= step.at_most.value:
        yield NEVER_STEADY.at(f"{path}.steady_over", over=step.steady_over.text, at_most=step.at_most.text)
    elif step.at_most.value < bounds.plausible.usual_polarization_s:
        yield SHORT.at(f"{path}.at_most", at_most=step.at_most.text)
    yield from _check_usual(path, step, bounds.plausible)


def _check_usual(path: str, step: DcPolarization, plausible: Plausible) -> Findings:
    """Find what would be measured, and tell little."""
    if abs(step.voltage.value) < plausible.usual_polarization_V:
        yield SMALL.at(f"{path}.voltage", voltage=step.voltage.text)
    if step.baseline.value < plausible.usual_baseline_s:
        yield BASELINE.at(f"{path}.baseline", baseline=step.baseline.text)
    is_long = step.steady_over.value >= plausible.usual_steady_over_s
    if step.steady_within.value > plausible.usual_steady_within or not is_long:
        field = "steady_within" if is_long else "steady_over"
        yield LOOSE.at(f"{path}.{field}", within=step.steady_within.text, over=step.steady_over.text)


def _cost(segment: seg.Polarization, so_far: SoFar) -> Cost:
    """The zeros of all ranges and one baseline, then each sign until it is steady, at the soonest after its span."""
    costs, signs = so_far.costs, 2 if segment.both_signs else 1
    soonest_s = segment.baseline_s + signs * min(SOONEST * segment.slope_span_s, segment.at_most_s)
    longest_s = segment.baseline_s + signs * segment.at_most_s
    every_s = segment.record.every_s
    return Cost(
        longest_s + costs.zeros_s,
        longest_s + costs.zeros_most_s + signs * costs.connect_most_s,
        longest_s / every_s + LADDER_SAMPLES,
        min(every_s, longest_s),
        at_least_s=soonest_s,
    )


def _needs(_step: DcPolarization) -> Needs:
    return {"polarization": ""}


def _brief(step: Fields) -> str:
    signs = "both signs, " if step.get("both_signs") is True else ""
    return f"{shown(step, 'voltage')}, {signs}until steady or {shown(step, 'at_most')}"


def _sentence(step: DcPolarization) -> str:
    signs = " and then the opposite voltage" if step.both_signs else ""
    return (
        f"{step.baseline} at 0 V, then {step.voltage}{signs} until the current changes by less than "
        f"{step.steady_within} in {step.steady_over}, at most {step.at_most}"
    )


POLARIZATION = seg.SegmentKind(
    seg.Polarization,
    "polarization",
    holds=None,
    cost=_cost,
    refuses_spectrum="a DC polarization is running: its current needs all its time to become steady",
    resumed="repeated",
)

KIND = StepKind(
    name="dc_polarization",
    title="DC polarization",
    model=DcPolarization,
    segments=(POLARIZATION,),
    plan=_plan,
    check=_check,
    leads=pair_leads,
    needs=_needs,
    brief=_brief,
    sentence=_sentence,
    example="""
voltage: 50 mV
baseline: 10 min
at_most: 2 h
steady_within: 1 %
steady_over: 10 min
""",
)
