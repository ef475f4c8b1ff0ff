"""What to do: quantities, cell records, steps, plans; knows no instrument."""

from .cells import Build, CellRecord, dump_cell, load_cell, parse_cell, shipped_cells
from .errors import BadInput
from .limits import SafetyLimits, limits_for
from .plan import plan
from .protocol import Protocol, dump_protocol, load_protocol, parse_protocol, shipped_protocols

__all__ = [
    "BadInput",
    "Build",
    "CellRecord",
    "Protocol",
    "SafetyLimits",
    "dump_cell",
    "dump_protocol",
    "limits_for",
    "load_cell",
    "load_protocol",
    "parse_cell",
    "parse_protocol",
    "plan",
    "shipped_cells",
    "shipped_protocols",
]
