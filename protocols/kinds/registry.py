"""Every kind of step and of segment there is. A new kind of step is one file and one line here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, TypeVar, Union

from pydantic import BeforeValidator, Field

from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields, parse_text
from solbench.protocols.kinds import (
    conditions,
    constant_current,
    constant_voltage,
    dc_polarization,
    impedance,
    loop,
    manual,
    prompt,
    rest,
    voltammetry,
)
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.record import AnyStepKind
from solbench.protocols.segments import AnySegmentKind, Segment

KINDS: tuple[AnyStepKind, ...] = (
    rest.KIND,
    constant_current.KIND,
    constant_voltage.KIND,
    voltammetry.KIND,
    impedance.KIND,
    prompt.KIND,
    conditions.KIND,
    dc_polarization.KIND,
    loop.KIND,
    manual.KIND,
)
Named = TypeVar("Named", AnyStepKind, AnySegmentKind)


def by_name(kinds: Iterable[Named]) -> dict[str, Named]:
    """Return kinds by their names; raises TypeError where two have one, for files and journals know no more of them."""
    found: dict[str, Named] = {}
    for kind in kinds:
        if found.setdefault(kind.name, kind) is not kind:
            raise TypeError(
                f"two kinds have the name {kind.name}; a file or a journal could not tell them apart"
            )
    return found


STEP_KINDS: dict[str, AnyStepKind] = by_name(KINDS)
"""By the word in files, in the order of the window's menu."""

SEGMENT_KINDS: dict[str, AnySegmentKind] = by_name(part for kind in KINDS for part in kind.segments)
"""By the name in journals."""

_BY_MODEL: dict[type[StepBase], AnyStepKind] = {kind.model: kind for kind in KINDS}
_BY_SEGMENT: dict[type[Segment], AnySegmentKind] = {part.segment: part for part in SEGMENT_KINDS.values()}
T = TypeVar("T")


def kind_of(step: StepBase) -> AnyStepKind:
    """Return the kind of a step; raises KeyError for one that is not registered."""
    return _BY_MODEL[type(step)]


def kind_of_segment(segment: Segment) -> AnySegmentKind:
    """Return the kind of a segment; raises KeyError for one that no registered kind of step makes."""
    return _BY_SEGMENT[type(segment)]


def holding() -> frozenset[str]:
    """Return the journal's names of the segments that hold a current or a voltage."""
    return frozenset(name for name, kind in SEGMENT_KINDS.items() if kind.holds is not None)


def continued() -> frozenset[str]:
    """Return the journal's names of the segments whose time counts on from one attempt to the next."""
    return frozenset(name for name, kind in SEGMENT_KINDS.items() if kind.resumed == "continued")


def new_step(kind: AnyStepKind) -> Fields:
    """Return the fields of a new step of a kind, without its name."""
    return {"kind": kind.name, **parse_text(kind.example, f"example of {kind.name}")}


def complete(table: Mapping[type[Segment], T], what: str) -> Mapping[type[Segment], T]:
    """Return another room's table by kind of segment; raises TypeError that names what it lacks."""
    missing = [kind.name for kind in SEGMENT_KINDS.values() if kind.segment not in table]
    if missing:
        raise TypeError(f"{what}: there is nothing for {', '.join(missing)}")
    return table


def _has_kind(data: object) -> object:
    if isinstance(data, Mapping) and "kind" not in data:
        raise FieldError("this has no 'kind'", f"Add one of: {', '.join(STEP_KINDS)}")
    return data


if TYPE_CHECKING:
    AnyStep = StepBase
else:
    AnyStep = Annotated[
        Annotated[Union[tuple(kind.model for kind in KINDS)], Field(discriminator="kind")],  # noqa: UP007
        BeforeValidator(_has_kind),
    ]
    # The field of a loop is read by this name when a model is first needed; nothing is built before.
    loop.AnyStep = AnyStep
