"""How long a run takes and how large its file becomes, by arithmetic on the plan's segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from solbench.protocols import segments as seg
from solbench.protocols import steps as st
from solbench.protocols.cells import Build
from solbench.protocols.model import join
from solbench.protocols.plan import step_segments
from solbench.protocols.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Costs:
    """What an estimate assumes.

    `point_overhead_s` beyond integration and one period: about 0.35 s for a 1260 at 1 s (published run-time
    formula of another program, 1.80 s + 1.0025/f with 0.45 s of its own waiting; grade C). `taper_s` for a
    constant voltage without a time limit, `unknown_s` for a current without any charge to refer to:
    assumptions. Bytes are those of a finished file with compression, assumptions until measured.
    """

    point_overhead_s: float = 0.35
    taper_s: float = 3600.0
    unknown_s: float = 86400.0
    bytes_per_sample: float = 40.0
    bytes_per_point: float = 120.0
    bytes_per_file: float = 300_000.0


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """One step over all its passes: duration (s) expected and at most, stored samples, spectra, their points.

    `longest_silence_s` is the longest time without a stored reading.
    """

    path: str
    kind: str
    passes: int = 1
    duration_s: float = 0.0
    at_most_s: float = 0.0
    samples: float = 0.0
    spectra: int = 0
    points: int = 0
    longest_silence_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A run: durations (s), stored samples, spectra and their points, size of the file, longest silence (s).

    `duration_s` takes rests by slope at their shortest, and lets a current that ends by voltage bring back
    all the charge that went the other way; `at_most_s` takes rests at their longest.
    """

    duration_s: float
    at_most_s: float
    samples: int
    spectra: int
    points: int
    file_bytes: int
    longest_silence_s: float
    steps: tuple[StepEstimate, ...]


def estimate(protocol: Protocol, build: Build, costs: Costs = Costs()) -> Estimate:
    """Estimate a run; a loop costs its first pass and the second one times the rest, whatever the count.

    Raises `FieldError` where a value needs a mass that the build does not have.
    """
    steps = _Estimator(protocol, build, costs).body(protocol.steps, "steps")
    samples = sum(step.samples for step in steps)
    points = sum(step.points for step in steps)
    size = costs.bytes_per_file + samples * costs.bytes_per_sample + points * costs.bytes_per_point
    return Estimate(
        duration_s=sum(step.duration_s for step in steps),
        at_most_s=sum(step.at_most_s for step in steps),
        samples=round(samples),
        spectra=sum(step.spectra for step in steps),
        points=points,
        file_bytes=round(size),
        longest_silence_s=max(step.longest_silence_s for step in steps),
        steps=tuple(steps),
    )


class _Estimator:
    """Follows the charge from step to step, for the currents that end by voltage."""

    def __init__(self, protocol: Protocol, build: Build, costs: Costs) -> None:
        self._protocol, self._build, self._costs = protocol, build, costs
        self._balance_C = 0.0

    def body(self, steps: tuple[st.AnyStep, ...], path: str) -> list[StepEstimate]:
        found: list[StepEstimate] = []
        for step in steps:
            here = join(path, step.name)
            if isinstance(step, st.Loop):
                found += self._loop(step, join(here, "steps"))
            else:
                found.append(self._step(step, here))
        return found

    def _loop(self, loop: st.Loop, path: str) -> list[StepEstimate]:
        first = self.body(loop.steps, path)
        if loop.count == 1:
            return first
        later = self.body(loop.steps, path)
        return [_sum(a, b, loop.count - 1) for a, b in zip(first, later, strict=True)]

    def _step(self, step: st.AnyStep, path: str) -> StepEstimate:
        total, passed_C, passed_s = StepEstimate(path, step.kind), 0.0, 0.0
        for segment in step_segments(self._protocol, self._build, step):
            if isinstance(segment, seg.ConstantCurrent):
                end_s = self._current_s(segment) - passed_s
                passed_s += max(end_s, 0.0)
                passed_C = passed_s * segment.current_A
                total = _add(total, max(end_s, 0.0), max(end_s, 0.0), segment.record.every_s)
            elif isinstance(segment, seg.Sweep):
                total = _add_sweep(total, segment, self._costs)
            else:
                short_s, long_s = _duration(segment, self._costs)
                total = _add(total, short_s, long_s, segment.record.every_s)
        self._balance_C += passed_C
        return total

    def _current_s(self, segment: seg.ConstantCurrent) -> float:
        """Get the time from the start of the step at which the segment ends."""
        amount_A = abs(segment.current_A)
        ends = [end for end in segment.ends if end.outcome != "cut_short"]
        times = [end.value / amount_A for end in ends if end.quantity == "charge"]
        times += [end.value for end in ends if end.quantity == "time"]
        return min(times) if times else self._return_s(segment.current_A)

    def _return_s(self, current_A: float) -> float:
        charge_C = -self._balance_C if current_A > 0 else self._balance_C
        if charge_C <= 0:
            charge_C = self._build.capacity_C or 0.0
        return charge_C / abs(current_A) or self._costs.unknown_s


def _duration(
    segment: seg.Rest | seg.ConstantVoltage | seg.Polarization, costs: Costs
) -> tuple[float, float]:
    """Get the expected and the longest duration of a segment in seconds."""
    match segment:
        case seg.Rest():
            return segment.at_least_s, segment.at_most_s
        case seg.ConstantVoltage():
            times = [end.value for end in segment.ends if end.quantity == "time"]
            longest_s = min(times) if times else costs.taper_s
            return longest_s, longest_s
        case seg.Polarization():
            each_s = segment.baseline_s + segment.at_most_s
            whole_s = each_s * (2 if segment.both_signs else 1)
            return whole_s, whole_s
        case _:
            assert_never(segment)


def point_s(frequency_Hz: float, integration_s: float, costs: Costs) -> float:
    """Get the time of one impedance point (s): integration of a period at least, settling, overhead."""
    period_s = 1 / frequency_Hz
    return max(integration_s, period_s) + period_s + costs.point_overhead_s


def _add(total: StepEstimate, duration_s: float, at_most_s: float, every_s: float) -> StepEstimate:
    return replace(
        total,
        duration_s=total.duration_s + duration_s,
        at_most_s=total.at_most_s + at_most_s,
        samples=total.samples + duration_s / every_s,
        longest_silence_s=max(total.longest_silence_s, min(every_s, at_most_s)),
    )


def _add_sweep(total: StepEstimate, segment: seg.Sweep, costs: Costs) -> StepEstimate:
    times_s = [point_s(frequency, segment.integration_s, costs) for frequency in segment.frequencies_Hz]
    return replace(
        total,
        duration_s=total.duration_s + sum(times_s),
        at_most_s=total.at_most_s + sum(times_s),
        samples=total.samples + len(times_s),
        spectra=total.spectra + 1,
        points=total.points + len(times_s),
        longest_silence_s=max(total.longest_silence_s, *times_s),
    )


def _sum(first: StepEstimate, later: StepEstimate, times: int) -> StepEstimate:
    return replace(
        first,
        passes=first.passes + times * later.passes,
        duration_s=first.duration_s + times * later.duration_s,
        at_most_s=first.at_most_s + times * later.at_most_s,
        samples=first.samples + times * later.samples,
        spectra=first.spectra + times * later.spectra,
        points=first.points + times * later.points,
        longest_silence_s=max(first.longest_silence_s, later.longest_silence_s),
    )
