"""What is to be done in a run, as its first record has it: protocol, cell, limits, planned steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from solbench.acquisition.record.events import Header, ProtocolChanged
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.ahead import Ahead
from solbench.gui.models.run.step_list import StepList
from solbench.protocols import (
    Build,
    CellRecord,
    Protocol,
    SafetyLimits,
    limits_for,
    parse_cell,
    parse_protocol,
    plan,
)
from solbench.protocols.corrections.under_way import with_changes
from solbench.protocols.plan import Version
from solbench.protocols.segments import Segment


@dataclass(frozen=True)
class RunPlan:
    """Made of the header alone; protocol and cell are read when they are first needed."""

    header: Header
    changes: tuple[ProtocolChanged, ...] = ()

    @property
    def title(self) -> str:
        """Get what is run on which cell: by the id of the specimen, else by the name of its record."""
        return tr(
            "{protocol} on {cell}",
            protocol=self.header.protocol.name,
            cell=self.header.conditions.cell_id or self.header.cell.name,
        )

    @property
    def begun(self) -> datetime:
        """Get the time of day, here, at which the run began."""
        return datetime.fromisoformat(self.header.started).astimezone()

    @property
    def area_m2(self) -> float:
        """Get the cell's area in m2, not a number where the record has none: then no areal capacity is known."""
        area_m2 = self.header.cell.number("area_m2")
        return math.nan if area_m2 is None else area_m2

    @cached_property
    def protocol(self) -> Protocol:
        """Get the protocol as it is carried out by now."""
        return self._versions[-1].protocol

    @cached_property
    def record(self) -> CellRecord:
        """Get the record of the cell."""
        return parse_cell(self.header.cell.text, tr("cell of the run"))

    @cached_property
    def build(self) -> Build:
        """Get the cell as it is built."""
        return self.record.build(self.protocol.build)

    @cached_property
    def safety(self) -> SafetyLimits:
        """Get the limits at which the run is ended."""
        return limits_for(self.protocol.safety, self.build)

    @cached_property
    def step_list(self) -> StepList:
        """Get the planned steps with their estimates."""
        return StepList(self.protocol, self.build)

    def changed(self, change: ProtocolChanged) -> RunPlan:
        """Return the plan with a change of its steps."""
        return RunPlan(self.header, (*self.changes, change))

    @cached_property
    def ahead(self) -> Ahead:
        """Get what follows the run through its plan."""
        return Ahead(self.segments(), self.build)

    def segments(self) -> Iterator[Segment]:
        """Make the segments of the run."""
        first, *later = self._versions
        return plan(first.protocol, self.build, later)

    def segment_at(self, ordinal: int) -> Segment | None:
        """Return the segment at a place in the plan, None behind its end."""
        return next(islice(self.segments(), ordinal, None), None)

    @cached_property
    def _versions(self) -> tuple[Version, ...]:
        found = [Version(0, parse_protocol(self.header.protocol.text, tr("protocol of the run")))]
        for change in self.changes:
            found.append(Version(change.ordinal, with_changes(found[-1].protocol, change.changes)))
        return tuple(found)
