"""From a protocol to the segments that are carried out, one after the other, made only on demand."""

from collections.abc import Iterator
from itertools import count

from solbench.protocols.cells import Build
from solbench.protocols.kinds.fields import StepBase, Steps
from solbench.protocols.kinds.record import Here, Segments
from solbench.protocols.kinds.registry import kind_of
from solbench.protocols.model import join
from solbench.protocols.protocol import Protocol
from solbench.protocols.segments import Pass, StepRef


def plan(protocol: Protocol, build: Build) -> Segments:
    """Make the segments of a protocol for a build, lazily and always the same.

    Raises `FieldError` where a value needs a mass that the build does not have; `check` finds that before.
    """
    return _Planner(protocol, build).steps(protocol.steps, "steps", None)


def step_segments(protocol: Protocol, build: Build, step: StepBase) -> Segments:
    """Make the segments of one pass of one step (not a loop), numbered as if it were alone."""
    return _Planner(protocol, build).one(step, step.name, None)


class _Planner:
    """Counts steps and spectra while the segments are made."""

    def __init__(self, protocol: Protocol, build: Build) -> None:
        self._rule = protocol.record
        self._build = build
        self._indices = count()
        self._loops = count()
        self._spectra: Iterator[int] = count(1)
        self._passes: tuple[Pass, ...] = ()

    def steps(self, steps: Steps, path: str, cycle: int | None) -> Segments:
        for step in steps:
            yield from self.one(step, join(path, step.name), cycle)

    def one(self, step: StepBase, path: str, cycle: int | None) -> Segments:
        kind = kind_of(step)

        def ref() -> StepRef:
            return StepRef(next(self._indices), step.name, kind.name, path, cycle, self._passes)

        def inside(steps: Steps, cycle: int, made: Pass | None) -> Segments:
            around = self._passes
            self._passes = around if made is None else (*around, made)
            yield from self.steps(steps, join(path, "steps"), cycle)
            self._passes = around

        here = Here(self._build, self._rule, self._spectra, ref, inside, path, lambda: next(self._loops))
        return kind.plan(step, here)
