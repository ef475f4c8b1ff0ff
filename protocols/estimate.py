"""How long a run takes and how large its file becomes, by arithmetic on the plan's segments."""

from dataclasses import dataclass, replace

from solbench.protocols.cells import Build
from solbench.protocols.costs import Cost, Costs, SoFar
from solbench.protocols.kinds.fields import StepBase, Steps
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.loop_ends import SEEN_STEADY
from solbench.protocols.kinds.registry import kind_of, kind_of_segment
from solbench.protocols.model import join
from solbench.protocols.plan import step_segments
from solbench.protocols.protocol import Protocol
from solbench.protocols.segments import Prompt, ends_of


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """One step over all its passes: duration (s) expected, at least and at most, stored samples, spectra, their points.

    `longest_silence_s` is the longest time without a stored reading. `expected` of the `passes` are expected.
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
    at_least_s: float = 0.0
    expected: int = 1

    @property
    def each_s(self) -> float:
        """Get how long one pass is expected to take (s)."""
        return self.duration_s / max(self.expected, 1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A run: durations (s), stored samples, spectra and their points, size of the file, longest gap of readings (s).

    `duration_s` takes rests by slope at their shortest, and lets a current that ends by voltage bring back
    all the charge that went the other way. A run that completes without an interruption takes `at_least_s`, in which
    a voltage may be reached at once, and `at_most_s`, in which every step takes as long as its ends let it, and as
    the charge that the electrodes may take up.
    """

    duration_s: float
    at_most_s: float
    samples: int
    spectra: int
    points: int
    file_bytes: int
    longest_silence_s: float
    steps: tuple[StepEstimate, ...]
    at_least_s: float = 0.0


def estimate(protocol: Protocol, build: Build, costs: Costs = Costs()) -> Estimate:  # noqa: B008 - frozen
    """Estimate a run; a loop costs its first pass and the second one times the rest, whatever the count.

    A series costs what each of its values does. A loop that may end early takes one pass at least, and all of them in
    the duration that is expected, or four where it waits for the sample to be steady: so many are usual behind a rest.

    Raises `FieldError` where a value needs a mass that the build does not have.
    """
    steps = _Estimator(protocol, build, costs).body(protocol.steps, "steps")
    samples = sum(step.samples for step in steps)
    points = sum(step.points for step in steps)
    size = costs.bytes_per_file + samples * costs.bytes_per_sample + points * costs.bytes_per_point
    return Estimate(
        duration_s=costs.start_s + sum(step.duration_s for step in steps),
        at_most_s=costs.start_most_s + sum(step.at_most_s for step in steps),
        samples=round(samples),
        spectra=sum(step.spectra for step in steps),
        points=points,
        file_bytes=round(size),
        longest_silence_s=max(step.longest_silence_s for step in steps),
        steps=tuple(steps),
        at_least_s=sum(step.at_least_s for step in steps),
    )


class _Estimator:
    """Follows charge and temperature from step to step: for currents that end by voltage, and for ramps."""

    def __init__(self, protocol: Protocol, build: Build, costs: Costs) -> None:
        self._protocol, self._build, self._costs = protocol, build, costs
        self._balance_C = sum(protocol.conditions.passed_C(build)) + build.filling * build.held_C
        self._is_first = True
        self._temperature_K: float | None = None
        tolerances = build.tolerances.widened(protocol.tolerances)
        theoretical_C = build.theoretical_capacity_C
        self._most_C = tolerances.charge.value * theoretical_C if theoretical_C is not None else None

    def body(self, steps: Steps, path: str) -> list[StepEstimate]:
        found: list[StepEstimate] = []
        for step in steps:
            here = join(path, step.name)
            if isinstance(step, Loop):
                found += self._loop(step, join(here, "steps"))
            else:
                found.append(self._step(step, here))
        return found

    def _loop(self, loop: Loop, path: str) -> list[StepEstimate]:
        bodies = list(loop.different_bodies())
        first = total = self.body(bodies[0], path)
        if len(bodies) > 1:
            for body in bodies[1:]:
                total = _sums(total, self.body(body, path))
        elif loop.passes > 1:
            total = _sums(first, self.body(loop.steps, path), loop.passes - 1)
        if loop.until is None:
            return total
        whole = [replace(every, at_least_s=one.at_least_s) for every, one in zip(total, first, strict=True)]
        if loop.until.steady is None or loop.passes <= SEEN_STEADY:
            return whole
        share = SEEN_STEADY / loop.passes
        return [
            replace(one, duration_s=share * one.duration_s, expected=round(share * one.expected))
            for one in whole
        ]

    def _step(self, step: StepBase, path: str) -> StepEstimate:
        total, driven_s, passed_C = StepEstimate(path, kind_of(step).name), 0.0, 0.0
        can_be_over = False
        is_first, self._is_first = self._is_first, self._is_first and not step.drives
        for segment in step_segments(self._protocol, self._build, step, is_first=is_first):
            capacity_C, kelvin = self._build.capacity_C, self._temperature_K
            so_far = SoFar(self._costs, driven_s, self._balance_C, capacity_C, self._most_C, kelvin)
            cost = kind_of_segment(segment).cost(segment, so_far)
            if isinstance(segment, Prompt) and segment.temperature_K is not None:
                self._temperature_K = segment.temperature_K
            total = _add(total, replace(cost, at_least_s=0.0) if can_be_over else cost)
            can_be_over |= any(end.outcome == "step" for end in ends_of(segment))
            driven_s += cost.driven_s
            passed_C = driven_s * cost.current_A if cost.current_A else passed_C
        self._balance_C += passed_C
        return total


def _add(total: StepEstimate, cost: Cost) -> StepEstimate:
    return replace(
        total,
        duration_s=total.duration_s + cost.duration_s,
        at_most_s=total.at_most_s + cost.at_most_s,
        at_least_s=total.at_least_s + cost.at_least_s,
        samples=total.samples + cost.samples,
        spectra=total.spectra + cost.spectra,
        points=total.points + cost.points,
        longest_silence_s=max(total.longest_silence_s, cost.silence_s),
    )


def _sums(first: list[StepEstimate], later: list[StepEstimate], times: int = 1) -> list[StepEstimate]:
    return [_sum(a, b, times) for a, b in zip(first, later, strict=True)]


def _sum(first: StepEstimate, later: StepEstimate, times: int) -> StepEstimate:
    return replace(
        first,
        passes=first.passes + times * later.passes,
        expected=first.expected + times * later.expected,
        duration_s=first.duration_s + times * later.duration_s,
        at_most_s=first.at_most_s + times * later.at_most_s,
        at_least_s=first.at_least_s + times * later.at_least_s,
        samples=first.samples + times * later.samples,
        spectra=first.spectra + times * later.spectra,
        points=first.points + times * later.points,
        longest_silence_s=max(first.longest_silence_s, later.longest_silence_s),
    )
