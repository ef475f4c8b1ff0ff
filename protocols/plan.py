"""From a protocol to the segments that are carried out, one after the other, made only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import assert_never

from solbench.protocols import segments as seg
from solbench.protocols import steps as st
from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.model import join
from solbench.protocols.protocol import Protocol

DEFAULT_RECORD = seg.Record()


def plan(protocol: Protocol, build: Build) -> Iterator[seg.AnySegment]:
    """Make the segments of a protocol for a build, lazily and always the same.

    Raises `FieldError` where a value needs a mass that the build does not have; `check` finds that before.
    """
    return _Planner(protocol, build).run()


def step_segments(protocol: Protocol, build: Build, step: st.AnyStep) -> Iterator[seg.AnySegment]:
    """Make the segments of one pass of one step (not a loop), numbered as if it were alone."""
    return _Planner(protocol, build).one(step, seg.StepRef(0, step.name, step.kind, step.name))


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    cycle: int | None = None

    def ref(self, index: int, step: st.StepBase, kind: str) -> seg.StepRef:
        return seg.StepRef(index, step.name, kind, join(self.path, step.name), self.cycle)


class _Planner:
    """Counts steps and spectra while the segments are made."""

    def __init__(self, protocol: Protocol, build: Build) -> None:
        self._protocol = protocol
        self._build = build
        self._indices = count()
        self._spectra = count(1)

    def run(self) -> Iterator[seg.AnySegment]:
        yield from self._steps(self._protocol.steps, _Place("steps"))

    def _steps(self, steps: tuple[st.AnyStep, ...], place: _Place) -> Iterator[seg.AnySegment]:
        for step in steps:
            if isinstance(step, st.Loop):
                inside = join(join(place.path, step.name), "steps")
                for cycle in range(1, step.count + 1):
                    yield from self._steps(step.steps, _Place(inside, cycle))
            else:
                yield from self.one(step, place.ref(next(self._indices), step, step.kind))

    def one(self, step: st.AnyStep, ref: seg.StepRef) -> Iterator[seg.AnySegment]:
        match step:
            case st.Rest():
                yield rest(ref, step, self._record(step.record))
            case st.ConstantCurrent():
                yield from self._constant_current(step, ref)
            case st.ConstantVoltage():
                yield constant_voltage(ref, step, self._build, self._record(step.record))
            case st.Impedance():
                yield from sweeps(ref, step, self._spectra)
            case st.DcPolarization():
                yield polarization(ref, step, self._record(step.record))
            case st.Loop():
                raise TypeError("a loop is unrolled by the steps in it")
            case _:
                assert_never(step)

    def _record(self, rule: st.RecordRule | None) -> seg.Record:
        written = rule or self._protocol.record
        if written is None:
            return DEFAULT_RECORD
        change = written.voltage_change
        return seg.Record(written.every.value, change.value if change else None)

    def _constant_current(self, step: st.ConstantCurrent, ref: seg.StepRef) -> Iterator[seg.AnySegment]:
        ends = current_ends(step, self._build)
        record = self._record(step.record)
        whole = seg.ConstantCurrent(ref, amperes(step.current, self._build), ends, record)
        for mark in step.spectra_at:
            if mark.value > 0:
                yield _up_to(whole, mark.value, mark.text)
            assert step.rest  # the model has checked both
            assert step.spectrum
            yield rest(ref, step.rest, record)
            yield from sweeps(ref, step.spectrum, self._spectra, mark.value)
        if not step.spectra_at or step.spectra_at[-1].value < 1:
            yield whole


def _up_to(whole: seg.ConstantCurrent, fraction: float, text: str) -> seg.ConstantCurrent:
    if fraction == 1:
        return whole
    ends = tuple(
        replace(end, value=end.value * fraction, text=text) if _is_own_charge(end) else end
        for end in whole.ends
    )
    return replace(whole, ends=ends)


def _is_own_charge(end: seg.End) -> bool:
    return end.quantity == "charge" and end.outcome == "segment"


def current_ends(step: st.ConstantCurrent, build: Build) -> tuple[seg.End, ...]:
    """Make the end conditions of a constant-current step; a voltage end is directed by the current's sign."""
    side: seg.Quantity = "voltage_above" if step.current.value > 0 else "voltage_below"
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


def constant_voltage(
    ref: seg.StepRef, step: st.ConstantVoltage, build: Build, record: seg.Record
) -> seg.ConstantVoltage:
    """Make the segment of a constant-voltage step."""
    limit_A = amperes(step.current_limit, build)
    return seg.ConstantVoltage(ref, step.voltage.value, voltage_ends(step, build), limit_A, record)


def voltage_ends(step: st.ConstantVoltage, build: Build) -> tuple[seg.End, ...]:
    """Make the end conditions of a constant-voltage step."""
    found: list[seg.End] = []
    if taper := step.until.current:
        found.append(seg.End("current_below", amperes(taper, build), taper.text, "step"))
    for ends, own, other in ((step.until, "segment", "step"), (step.cut_short, "cut_short", "cut_short")):
        if ends and ends.capacity:
            found.append(seg.End("charge", coulombs(ends.capacity, build), ends.capacity.text, own))  # type: ignore[arg-type]
        if ends and ends.time:
            found.append(seg.End("time", ends.time.value, ends.time.text, other))  # type: ignore[arg-type]
    return tuple(found)


def rest(ref: seg.StepRef, rule: st.RestRule, record: seg.Record) -> seg.Rest:
    """Make the segment of a rest."""
    if rule.time is not None:
        return seg.Rest(ref, rule.time.value, rule.time.value, record=record)
    slope, over, at_least, at_most = (
        part.value for part in (rule.slope, rule.over, rule.at_least, rule.at_most) if part
    )
    return seg.Rest(ref, at_least, at_most, slope, over, record=record)


def sweeps(
    ref: seg.StepRef, spectrum: st.Spectrum, numbers: Iterator[int], fraction: float | None = None
) -> Iterator[seg.Sweep]:
    """Make the segments of a spectrum: itself, the second sweep and the one for linearity where they are wanted."""
    first = sweep(ref, spectrum, next(numbers), fraction)
    yield first
    if spectrum.twice:
        yield replace(first, spectrum=next(numbers), role="again")
    if spectrum.linearity:
        amplitude_V = spectrum.linearity.value
        yield replace(first, spectrum=next(numbers), role="linearity", amplitude_V=amplitude_V)


def sweep(ref: seg.StepRef, spectrum: st.Spectrum, number: int, fraction: float | None = None) -> seg.Sweep:
    """Make the segment of a spectrum, the `number`-th of the run."""
    return seg.Sweep(
        ref,
        frequencies_Hz=sweep_frequencies(spectrum),
        amplitude_V=spectrum.amplitude.value,
        integration_s=spectrum.integration.value,
        spectrum=number,
        fraction=fraction,
        instruments=spectrum.instruments,
        repeat_above=spectrum.repeat_above.value if spectrum.repeat_above else None,
        repeats=(spectrum.repeats or 1) if spectrum.repeat_above else 0,
    )


def sweep_frequencies(spectrum: st.Spectrum) -> tuple[float, ...]:
    """Make the frequencies of a spectrum, highest first: the grid of `from`, down to `to` or just above it.

    Whole decades below the top are exact.
    """
    top, bottom, per_decade = spectrum.start.value, spectrum.stop.value, spectrum.points_per_decade
    found: list[float] = []
    for number in count():
        decades, part = divmod(number, per_decade)
        frequency = top / 10**decades / 10 ** (part / per_decade)
        if frequency < bottom * (1 - 1e-9):
            return tuple(found)
        found.append(frequency)
    raise AssertionError


def polarization(ref: seg.StepRef, step: st.DcPolarization, record: seg.Record) -> seg.Polarization:
    """Make the segment of a DC polarization."""
    return seg.Polarization(
        ref,
        voltage_V=step.voltage.value,
        baseline_s=step.baseline.value,
        at_most_s=step.at_most.value,
        slope_fraction=step.steady_within.value,
        slope_span_s=step.steady_over.value,
        both_signs=step.both_signs,
        record=record,
    )
