"""What is to be done in a run, as its first record has it: protocol, cell, limits, planned steps."""

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from solbench.acquisition.record.events import Header
from solbench.gui.models.run.step_list import StepList
from solbench.protocols import Build, Protocol, SafetyLimits, limits_for, parse_cell, parse_protocol


@dataclass(frozen=True)
class RunPlan:
    """Made of the header alone; protocol and cell are read when they are first needed."""

    header: Header

    @property
    def title(self) -> str:
        """Get what is run on which cell: by the id of the specimen, else by the name of its record."""
        return f"{self.header.protocol.name} on {self.header.conditions.cell_id or self.header.cell.name}"

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
        """Get the protocol as it is carried out."""
        return parse_protocol(self.header.protocol.text, "protocol of the run")

    @cached_property
    def build(self) -> Build:
        """Get the cell as it is built."""
        return parse_cell(self.header.cell.text, "cell of the run").build(self.protocol.build)

    @cached_property
    def safety(self) -> SafetyLimits:
        """Get the limits at which the run is ended."""
        return limits_for(self.protocol.safety, self.build)

    @cached_property
    def step_list(self) -> StepList:
        """Get the planned steps with their estimates."""
        return StepList(self.protocol, self.build)
