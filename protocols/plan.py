"""From a protocol to the segments that are carried out, one after the other, made only on demand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from solbench.protocols.cells import Build
from solbench.protocols.kinds.fields import StepBase, Steps
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.record import Here, Segments
from solbench.protocols.kinds.registry import kind_of
from solbench.protocols.model import join
from solbench.protocols.protocol import Protocol
from solbench.protocols.segments import Pass, StepRef


@dataclass(frozen=True)
class Version:
    """A protocol as it is from a segment on, by its place in the plan (`ordinal`): it was changed during its run.

    It has the steps that it had before, each made of the same kinds of segments.
    """

    ordinal: int
    protocol: Protocol


def plan(protocol: Protocol, build: Build, changes: Sequence[Version] = ()) -> Segments:
    """Make the segments of a protocol for a build, lazily and always the same.

    `changes` in their order: what was planned before the segment from which one counts stays as it was planned.

    Raises `FieldError` where a value needs a mass that the build does not have; `check` finds that before.
    """
    return _Planner(protocol, build, changes).steps(protocol.steps, "steps", None)


def step_segments(protocol: Protocol, build: Build, step: StepBase, *, is_first: bool = False) -> Segments:
    """Make the segments of one pass of one step (not a loop), numbered as if it were alone.

    `is_first`: of those that drive the cell.
    """
    return _Planner(protocol, build, begun=is_first).one(step, step.name, None)


class _Planner:
    """Counts steps and spectra while the segments are made."""

    def __init__(
        self, protocol: Protocol, build: Build, changes: Sequence[Version] = (), *, begun: bool = True
    ) -> None:
        self._begun_C = protocol.conditions.begun_C(build) if begun else 0.0
        self._protocol = protocol
        self._build = build
        self._changes = list(changes)
        self._is_changed = False
        self._made = 0
        self._indices = count()
        self._loops = count()
        self._spectra = 1
        self._passes: tuple[Pass, ...] = ()

    def steps(self, steps: Steps, path: str, cycle: int | None) -> Segments:
        self._change()
        for step in steps:
            yield from self.one(step, join(path, step.name), cycle)

    def one(self, step: StepBase, path: str, cycle: int | None) -> Segments:
        kind, refs = kind_of(step), list[StepRef]()
        is_loop, spectra, made = isinstance(step, Loop), self._spectra, 0

        def ref() -> StepRef:
            if not refs:
                refs.append(StepRef(next(self._indices), step.name, kind.name, path, cycle, self._passes))
            return refs[0]

        def inside(steps: Steps, cycle: int, made: Pass | None) -> Segments:
            around = self._passes
            self._passes = around if made is None else (*around, made)
            yield from self.steps(steps, join(path, "steps"), cycle)
            self._passes = around

        def number() -> Iterator[int]:
            while True:
                self._spectra += 1
                yield self._spectra - 1

        def present() -> StepBase:
            return self._present(path) if self._is_changed else step

        begun_C = 0.0
        if step.drives:  # the first one goes on with what the cell holds; later ones begin where it ends
            begun_C, self._begun_C = self._begun_C, 0.0
        while True:
            here = Here(
                self._build,
                self._protocol.record,
                number(),
                ref,
                inside,
                path,
                lambda: next(self._loops),
                present,
                begun_C,
            )
            planned = kind.plan(present(), here)
            if is_loop:
                yield from planned
                return
            self._spectra = spectra
            for segment in islice(planned, made, None):
                yield segment
                made, self._made = made + 1, self._made + 1
                if self._change():  # what is left of the step is made anew
                    break
            else:
                return

    def _change(self) -> bool:
        """Take the changes that count from the next segment on; return whether there was one."""
        is_new = False
        while self._changes and self._changes[0].ordinal <= self._made:
            self._protocol = self._changes.pop(0).protocol
            self._is_changed = is_new = True
        return is_new

    def _present(self, path: str) -> StepBase:
        """Return the step at a path as it is now, with the values of the series around it."""
        numbers = {each.path: each.number for each in self._passes}
        steps, here, found = self._protocol.steps, "", None
        for name in path.split(".")[1::2]:
            here = join(join(here, "steps"), name)
            found = next(step for step in steps if step.name == name)
            if isinstance(found, Loop):
                steps = found.body(numbers.get(here, 1))
        assert found is not None, "a change takes no step away"
        return found
