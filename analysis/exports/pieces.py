"""A protocol in pieces that other programs know: segments of one kind of control, and loops of such."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from solbench.protocols import Build, Protocol, segments
from solbench.protocols.kinds import Loop, StepBase
from solbench.protocols.plan import step_segments

S = TypeVar("S", bound=segments.Segment)


@dataclass(frozen=True)
class Piece(Generic[S]):
    """One segment; `charge_C` is what a constant current has to pass in it alone (None: it does not end by charge)."""

    place: str
    segment: S
    charge_C: float | None = None


@dataclass(frozen=True)
class Repeat:
    """Pieces that are carried out `count` times."""

    name: str
    count: int
    pieces: tuple[AnyPiece | Repeat, ...]


AnyPiece = Piece[Any]


def pieces_of(protocol: Protocol, build: Build) -> tuple[AnyPiece | Repeat, ...]:
    """Take a protocol apart for a build; loops are not unrolled."""
    return tuple(_pieces(protocol, build, protocol.steps, "steps"))


def _pieces(
    protocol: Protocol, build: Build, steps: tuple[StepBase, ...], path: str
) -> Iterator[AnyPiece | Repeat]:
    for step in steps:
        place = f"{path}.{step.name}"
        if isinstance(step, Loop):
            for number, body in enumerate(bodies := list(step.different_bodies()), 1):
                pieces = tuple(_pieces(protocol, build, body, f"{place}.steps"))
                name = step.name if len(bodies) == 1 else f"{step.name}-{number}"
                yield Repeat(name, step.passes if len(bodies) == 1 else 1, pieces)
        else:
            yield from _step(protocol, build, step, place)


def _step(protocol: Protocol, build: Build, step: StepBase, place: str) -> Iterator[AnyPiece]:
    passed_C = 0.0
    for segment in step_segments(protocol, build, step):
        target_C = _own_charge(segment)
        yield Piece(place, segment, None if target_C is None else target_C - passed_C)
        passed_C = passed_C if target_C is None else target_C


def _own_charge(segment: segments.Segment) -> float | None:
    if not isinstance(segment, segments.ConstantCurrent):
        return None
    found = [end.value for end in segment.ends if end.quantity == "charge" and end.outcome != "cut_short"]
    return min(found, default=None)
